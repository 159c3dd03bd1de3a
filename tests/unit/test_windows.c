/*
 * test_windows.c - each token of a long text is taken from one window, the one
 * that the rule of windows.h names; tests/gen/window_rule.py made the answers
 */
#include "test.h"

#include <bert.h>

#include "common/windows.h"

enum { CLS = 1, SEP = 2, LIMIT = 64 };

/* One line of the golden file. */
typedef struct example {
    size_t   n, m;
    bert_fit fit;
    size_t   windows[LIMIT], count;
} example;

static bool read_example(FILE *file, example *e)
{
    char   line[1024], side[16], strategy[32];
    int    used = 0;
    size_t length, stride;

    if (fgets(line, sizeof line, file) == NULL ||
        sscanf(line, "%zu %zu %zu %zu %15s %31s%n", &e->n, &e->m, &length,
               &stride, side, strategy, &used) != 6) {
        return false;
    }
    bool left = strcmp(side, "left") == 0;
    e->fit = (bert_fit){
        .max_length = length,
        .overlap = stride,
        .cut_left = {left, left},
        .strategy = strcmp(strategy, "only_first") == 0    ? BERT_ONLY_FIRST
                    : strcmp(strategy, "only_second") == 0 ? BERT_ONLY_SECOND
                                                           : BERT_LONGEST_FIRST,
    };
    size_t tokens = e->n + 2 + (e->m > 0 ? e->m + 1 : 0);
    char  *p = line + used;
    for (size_t i = 0; i < tokens && i < LIMIT; i++) {
        e->windows[i] = strtoul(p, &p, 10);
    }
    e->count = strtoul(p, &p, 10);
    return true;
}

/* [CLS] a [SEP] b [SEP], the ids of the texts all different. */
static size_t fill(const example *e, int32_t *ids, int32_t *types)
{
    size_t n = 0;

    ids[n++] = CLS;
    for (size_t i = 0; i < e->n; i++) {
        ids[n++] = 10 + (int32_t)i;
    }
    ids[n++] = SEP;
    for (size_t i = 0; i < n; i++) {
        types[i] = 0;
    }
    for (size_t i = 0; e->m > 0 && i <= e->m; i++) {
        types[n] = 1;
        ids[n++] = i < e->m ? 50 + (int32_t)i : SEP;
    }
    return n;
}

/* Every token is taken once, from the window it should be, as itself. */
static void check_plan(const example *e, const window_plan *plan,
                       const bert_encoding *all, window_scratch *scratch)
{
    bert_tokens tokens = bert_encoding_tokens(all), window;
    size_t      taken[LIMIT] = {0}, from[LIMIT] = {0};
    bert_error  err;

    CHECK_INT(plan->count, e->count);
    for (size_t k = 0; k < plan->count; k++) {
        size_t before = 0;

        CHECK_INT(window_get(plan, all, &e->fit, k, scratch, &window, &err),
                  BERT_OK);
        for (size_t i = plan->starts[k]; i < plan->starts[k + 1]; i++) {
            window_take t = plan->takes[i];

            CHECK(t.row < window.length && t.token < tokens.length);
            CHECK(i == plan->starts[k] || t.row > before);
            CHECK_INT(window.ids[t.row], tokens.ids[t.token]);
            before = t.row;
            taken[t.token]++;
            from[t.token] = k;
        }
    }
    for (size_t i = 0; i < tokens.length; i++) {
        CHECK_INT(taken[i], 1);
        CHECK_INT(from[i], e->windows[i]);
    }
}

static void test_windows_take_each_token_where_it_has_most_context(void)
{
    FILE          *file = fopen("tests/golden/window_rule.tsv", "r");
    example        e;
    window_plan    plan = {0};
    window_scratch scratch = {0};
    bert_encoding *all = bert_encoding_new();
    int            count = 0;

    CHECK(file != NULL && all != NULL);
    while (file != NULL && read_example(file, &e)) {
        int32_t     ids[LIMIT], types[LIMIT];
        bert_error  err = {0};
        bert_tokens tokens = {.ids = ids, .type_ids = types};

        tokens.length = fill(&e, ids, types);
        CHECK_INT(bert_encoding_set(all, &tokens, CLS, SEP, &err), BERT_OK);
        bert_status s = window_plan_make(&plan, all, &e.fit, &scratch, &err);
        CHECK_INT(s, BERT_OK);
        if (s == BERT_OK) {
            check_plan(&e, &plan, all, &scratch);
        } else {
            printf("# %zu %zu %zu: %s\n", e.n, e.m, e.fit.max_length,
                   err.message);
        }
        count++;
    }
    CHECK(count > 50);
    if (file != NULL) {
        fclose(file);
    }
    bert_encoding_free(all);
    window_plan_free(&plan);
    window_scratch_free(&scratch);
}

static void test_windows_of_a_text_that_fits_is_one(void)
{
    int32_t        ids[] = {CLS, 10, 11, SEP};
    bert_tokens    tokens = {.length = 4, .ids = ids};
    bert_fit       fit = {.max_length = 4};
    window_plan    plan = {0};
    window_scratch scratch = {0};
    bert_encoding *all = bert_encoding_new();
    bert_error     err;

    CHECK(all != NULL);
    CHECK_INT(bert_encoding_set(all, &tokens, CLS, SEP, &err), BERT_OK);
    CHECK_INT(window_plan_make(&plan, all, &fit, &scratch, &err), BERT_OK);
    CHECK_INT(plan.count, 1);
    bert_encoding_free(all);
    window_plan_free(&plan);
    window_scratch_free(&scratch);
}

int main(void)
{
    TEST(test_windows_take_each_token_where_it_has_most_context);
    TEST(test_windows_of_a_text_that_fits_is_one);
    TEST_END;
}
