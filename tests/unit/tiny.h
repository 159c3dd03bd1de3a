/*
 * tiny.h - the tiny models (tests/gen/tiny_bert.c) and their reference values
 *
 * Include it after test.h, in one file a program. Tests run from the root of
 * the tree; $BUILD is the build folder.
 */
#ifndef TINY_H
#define TINY_H

#include "bert.h"

enum { TINY_SEQUENCES = 8, TINY_LONGEST = 80, TINY_WIDEST = 256 };

/*
 * f32 against f64: a number near 1 after up to three layers, each a few sums
 * of at most 64 terms near 1, is off by some 1e-6. 1e-5 leaves room for another
 * order of sums and none for a wrong formula: GELU's two forms differ by 1e-3.
 * Where a line has numbers beyond 1, logits, it is a share of the largest: a
 * small one is a sum of terms as large as the others'.
 */
static const double tiny_tolerance = 1e-5;

typedef struct tiny_sequence {
    int32_t ids[TINY_LONGEST], types[TINY_LONGEST];
    size_t  n;
} tiny_sequence;

static tiny_sequence tiny_sequences[TINY_SEQUENCES];

/* A line of the references: its words, and its numbers. */
typedef struct tiny_line {
    char   words[5][32];
    int    word_count;
    double numbers[TINY_WIDEST];
    size_t count;
} tiny_line;

static const char *tiny_path(const char *model)
{
    static char path[512];
    const char *build = getenv("BUILD");

    snprintf(path, sizeof path, "%s/tiny/%s", build ? build : "build", model);
    return path;
}

static bool tiny_parse(char *text, tiny_line *line)
{
    char *colon = strstr(text, " : ");

    if (text[0] == '#' || colon == NULL) {
        return false;
    }
    *colon = '\0';
    *line = (tiny_line){.word_count = 0};
    for (char *word = strtok(text, " "); word != NULL && line->word_count < 5;
         word = strtok(NULL, " ")) {
        snprintf(line->words[line->word_count++], 32, "%s", word);
    }
    char *p = colon + 3, *end;
    for (;; p = end) {
        double x = strtod(p, &end);
        if (end == p && *p == ' ' && p[1] == ':') { /* between ids and types */
            end = p + 2;
            continue;
        }
        if (end == p || line->count == TINY_WIDEST) {
            return true;
        }
        line->numbers[line->count++] = x;
    }
}

/* Call visit for each line whose first word is kind; returns their number. */
static int tiny_each(const char *kind, void (*visit)(const tiny_line *))
{
    static char text[8192];
    tiny_line   line;
    int         count = 0;
    FILE       *file = fopen("tests/golden/tiny_refs.txt", "r");

    while (file != NULL && fgets(text, sizeof text, file) != NULL) {
        if (tiny_parse(text, &line) && strcmp(line.words[0], kind) == 0) {
            visit(&line);
            count++;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return count;
}

static void tiny_read_sequence(const tiny_line *line)
{
    tiny_sequence *s = &tiny_sequences[atoi(line->words[1])];

    s->n = line->count / 2;
    for (size_t i = 0; i < s->n; i++) {
        s->ids[i] = (int32_t)line->numbers[i];
        s->types[i] = (int32_t)line->numbers[s->n + i];
    }
}

static void tiny_read_sequences(void)
{
    CHECK_INT(tiny_each("sequence", tiny_read_sequence), TINY_SEQUENCES);
}

/* A failed call is a failed test that says why. */
#define CHECK_OK(call)                                                         \
    do {                                                                       \
        if ((call) != BERT_OK) {                                               \
            test_bad = true;                                                   \
            printf("# %s:%d: %s: %s\n", __FILE__, __LINE__, #call,             \
                   err.message);                                               \
        }                                                                      \
    } while (0)

static void tiny_add(bert_batch *batch, size_t k)
{
    bert_error err;

    CHECK_OK(bert_batch_add(batch, tiny_sequences[k].ids,
                            tiny_sequences[k].types, tiny_sequences[k].n,
                            &err));
}

static inline void tiny_compare(const char *what, const float *got,
                                const tiny_line *want)
{
    double worst = 0, largest = 1;

    for (size_t i = 0; i < want->count; i++) {
        largest = fmax(largest, fabs(want->numbers[i]));
    }
    for (size_t i = 0; i < want->count; i++) {
        double off = fabs((double)got[i] - want->numbers[i]) / largest;
        worst = off <= worst ? worst : off; /* NaN is the worst */
    }
    if (!(worst <= tiny_tolerance)) {
        test_bad = true;
        printf("# %s %s %s %s %s: off by %.3g\n", what, want->words[1],
               want->words[2], want->words[3], want->words[4], worst);
    }
}

#endif
