/*
 * test_tag.c - labels to entities, as transformers' pipeline groups them, and
 * the best sequence of labels; tests/gen/tag_groups.py made the answers
 */
#include "test.h"

#include <bert.h>

#include "common/entities.h"
#include "common/viterbi.h"

enum { LABELS = 8, TOKENS = 8, UNIT = 1024, WAYS = 5 };

/* One case of the golden file. */
typedef struct example {
    char        line[512], map[512];
    const char *names[LABELS];
    size_t      count, n, rows; /* labels, tokens */
    int32_t     words[TOKENS], types[TOKENS];
    float       scores[TOKENS * LABELS];
    uint8_t     special[TOKENS];
} example;

static size_t read_ints(char *text, int32_t *out, size_t limit)
{
    size_t n = 0;

    for (char *p = strtok(text, " \n"); p != NULL && n < limit;
         p = strtok(NULL, " \n")) {
        out[n++] = (int32_t)atol(p);
    }
    return n;
}

static bool after(char *line, const char *word, char **rest)
{
    size_t n = strlen(word);

    *rest = line + n;
    return strncmp(line, word, n) == 0 && (line[n] == ' ' || line[n] == '\n');
}

static void read_row(example *e, char *rest)
{
    int32_t numbers[LABELS] = {0};

    CHECK_INT(read_ints(rest, numbers, LABELS), e->count);
    for (size_t i = 0; i < e->count && e->rows < TOKENS; i++) {
        e->scores[e->rows * e->count + i] = (float)numbers[i] / UNIT;
    }
    e->rows++;
}

static void read_map(example *e, const char *rest)
{
    memccpy(e->map, rest, 0, sizeof e->map - 1);
    e->count = e->rows = 0;
    for (char *p = strtok(e->map, " \n"); p != NULL && e->count < LABELS;
         p = strtok(NULL, " \n")) {
        e->names[e->count++] = p;
    }
}

static bert_tokens tokens_of(const example *e)
{
    size_t second = 0;

    while (second < e->n && e->types[second] == 0) {
        second++;
    }
    return (bert_tokens){.length = e->n,
                         .second = second,
                         .words = e->words,
                         .type_ids = e->types,
                         .special = e->special};
}

/* The entities that one line names, TYPE:FIRST:LAST:SCORE. */
static void check_entities(const example *e, const tag_labels *labels,
                           tag_aggregate how, char *rest)
{
    bert_tokens tokens = tokens_of(e);
    tag_unit    units[TOKENS];
    tag_entity  found[TOKENS];
    float       scores[TOKENS * LABELS];
    size_t      at = 0;

    memcpy(scores, e->scores, sizeof scores);
    size_t n = tag_units_make(&tokens, how, units);
    tag_units_label(units, n, how, scores, e->count);
    size_t count =
        tag_entities_make(units, n, labels, how, tokens.second, found);
    for (char *p = strtok(rest, " \n"); p != NULL; p = strtok(NULL, " \n")) {
        char     type[64];
        unsigned first, last;
        float    score;

        CHECK(sscanf(p, "%63[^:]:%u:%u:%f", type, &first, &last, &score) == 4);
        CHECK(at < count);
        if (at < count) {
            char name[64];

            snprintf(name, sizeof name, "%.*s", (int)found[at].type.size,
                     found[at].type.data);
            CHECK_TEXT(name, type);
            CHECK_INT(units[found[at].first].first, first);
            CHECK_INT(units[found[at].last].last, last);
            CHECK_NEAR(found[at].score, score, 1e-6);
        }
        at++;
    }
    CHECK_INT(count, at);
}

/* The labels that one line names; each text is a sequence by itself. */
static void check_viterbi(const example *e, const tag_labels *labels,
                          char *rest)
{
    const float    *rows[TOKENS];
    size_t          found[TOKENS], split = 0;
    int32_t         want[TOKENS];
    label_rules     rules;
    viterbi_scratch scratch = {0};

    for (size_t i = 0; i < e->n; i++) {
        rows[i] = e->scores + i * e->count;
        split += e->types[i] == 0;
    }
    label_rules_make(&rules, labels);
    CHECK(viterbi_decode(&rules, rows, split, &scratch, found));
    CHECK(viterbi_decode(&rules, rows + split, e->n - split, &scratch,
                         found + split));
    CHECK_INT(read_ints(rest, want, TOKENS), e->n);
    for (size_t i = 0; i < e->n; i++) {
        CHECK_INT(found[i], want[i]);
    }
    label_rules_free(&rules);
    viterbi_scratch_free(&scratch);
}

static void each_case(bool viterbi)
{
    static const char *const ways[WAYS] = {"none", "simple", "first", "average",
                                           "max"};
    FILE                    *file = fopen("tests/golden/tag/groups.txt", "r");
    example                  e = {0};
    tag_labels               labels = {0};
    int                      cases = 0;
    char                    *rest;

    CHECK(file != NULL);
    while (file != NULL && fgets(e.line, sizeof e.line, file) != NULL) {
        if (after(e.line, "map", &rest)) {
            read_map(&e, rest);
            tag_labels_make(&labels, e.names, e.count);
        } else if (after(e.line, "words", &rest)) {
            e.n = read_ints(rest, e.words, TOKENS);
        } else if (after(e.line, "types", &rest)) {
            CHECK_INT(read_ints(rest, e.types, TOKENS), e.n);
        } else if (after(e.line, "row", &rest)) {
            read_row(&e, rest);
        } else if (after(e.line, "viterbi", &rest)) {
            if (viterbi) {
                check_viterbi(&e, &labels, rest);
            }
        } else if (after(e.line, "end", &rest)) {
            tag_labels_free(&labels);
            cases++;
        }
        for (int way = 0; !viterbi && way < WAYS; way++) {
            if (after(e.line, ways[way], &rest)) {
                check_entities(&e, &labels, (tag_aggregate)way, rest);
            }
        }
        if (test_bad) {
            printf("# case %d\n", cases);
            break;
        }
    }
    CHECK(cases > 50);
    if (file != NULL) {
        fclose(file);
    }
}

static void test_entities_are_those_of_transformers(void)
{
    each_case(false);
}

static void test_viterbi_finds_the_best_allowed_sequence(void)
{
    each_case(true);
}

/* No label may come first: each row's largest. */
static void test_viterbi_without_an_allowed_sequence(void)
{
    static const char *const names[] = {"B-A", "E-A"};
    const float              row[] = {0.25F, 0.75F};
    const float *const       rows[] = {row};
    tag_labels               labels;
    label_rules              rules;
    viterbi_scratch          scratch = {0};
    size_t                   found = 9;

    tag_labels_make(&labels, names, 2);
    label_rules_make(&rules, &labels);
    CHECK(viterbi_decode(&rules, rows, 1, &scratch, &found));
    CHECK_INT(found, 1);
    label_rules_free(&rules);
    viterbi_scratch_free(&scratch);
    tag_labels_free(&labels);
}

/* So many that only a way that need not compare them all comes to an end. */
static void test_many_labels(void)
{
    enum { MANY = 300000, SIZE = 16 };
    char        *text = malloc((size_t)MANY * SIZE);
    const char **names = malloc(MANY * sizeof *names);
    size_t       wrong = 0;
    tag_labels   labels;

    CHECK(text != NULL && names != NULL);
    if (text == NULL || names == NULL) {
        free(text);
        free((void *)names);
        return;
    }
    /* B-0 I-0 B-1 I-1 .., and at last the end of one */
    for (size_t i = 0; i < MANY; i++) {
        snprintf(text + i * SIZE, SIZE, "%c-%zu", "BI"[i % 2], i / 2);
        names[i] = text + i * SIZE;
    }
    tag_labels_make(&labels, names, MANY);
    CHECK(!labels.ends);
    for (size_t i = 0; i < MANY; i++) {
        wrong += labels.all[i].tag != i / 2 * 2;
    }
    CHECK_INT(wrong, 0);
    tag_labels_free(&labels);
    names[MANY - 1] = "E-7";
    tag_labels_make(&labels, names, MANY);
    CHECK(labels.ends);
    CHECK_INT(labels.all[MANY - 1].tag, 14);
    CHECK_INT(labels.all[MANY - 1].part, TAG_END);
    tag_labels_free(&labels);
    free(text);
    free((void *)names);
}

/* Tags and whether there are ends, against a plain search of all names. */
static void test_tags_are_numbered_by_their_first_label(void)
{
    static const char *const names[] = {
        "O", "B-A", "A", "I-A", "B-AB", "I-", "", "B-", "S-B", "I-A", "M-A",
    };
    static const size_t plain[] = {0, 1, 1, 1, 4, 5, 5, 5, 8, 1, 10};
    static const size_t ended[] = {0, 1, 1, 1, 4, 5, 5, 5, 8, 1, 1, 8};
    const char         *more[12];
    tag_labels          labels;

    tag_labels_make(&labels, names, 11);
    CHECK(!labels.ends);
    for (size_t i = 0; i < 11; i++) {
        CHECK_INT(labels.all[i].tag, plain[i]);
        more[i] = names[i];
    }
    tag_labels_free(&labels);
    more[11] = "I-B"; /* S-B has a meaning now, and M-A too */
    tag_labels_make(&labels, more, 12);
    CHECK(labels.ends);
    for (size_t i = 0; i < 12; i++) {
        CHECK_INT(labels.all[i].tag, ended[i]);
    }
    tag_labels_free(&labels);
}

int main(void)
{
    TEST(test_entities_are_those_of_transformers);
    TEST(test_viterbi_finds_the_best_allowed_sequence);
    TEST(test_viterbi_without_an_allowed_sequence);
    TEST(test_tags_are_numbered_by_their_first_label);
    TEST(test_many_labels);
    TEST_END;
}
