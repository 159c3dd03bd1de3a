/*
 * test_answers.c - logits to spans, places and answers
 *
 * The expected spans come from trying all of them, as transformers' matrix
 * does (pipelines/question_answering.py, decode_spans).
 */
#include "test.h"

#include "common/answers.h"

enum { N = 40 };

/* Logits from an integer hash, in steps so that there are ties. */
static void fill(float *values, size_t n, unsigned seed)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1103515245u + 12345u;
        values[i] = (float)((seed >> 16) % 64) / 8 - 4;
    }
}

static double softmax_at(const float *values, size_t n, float null, double at)
{
    double sum = exp((double)null);

    for (size_t i = 0; i < n; i++) {
        sum += exp((double)values[i]);
    }
    return exp(at) / sum;
}

/* Span number `rank` of all, by trying each. */
static span find_slowly(const span_logits *l, size_t longest, size_t rank)
{
    static bool taken[N][N];
    span        best = {0};

    memset(taken, 0, sizeof taken);
    for (size_t r = 0; r <= rank; r++) {
        bool found = false;

        for (size_t i = 0; i < l->count; i++) {
            for (size_t j = i; j < l->count && j < i + longest; j++) {
                double logit = (double)l->start[i] + (double)l->end[j];

                if (!taken[i][j] && (!found || logit > best.logit)) {
                    best = (span){i, j, logit, 0};
                    found = true;
                }
            }
        }
        taken[best.first][best.last] = true;
    }
    best.score =
        softmax_at(l->start, l->count, l->null_start,
                   (double)l->start[best.first]) *
        softmax_at(l->end, l->count, l->null_end, (double)l->end[best.last]);
    return best;
}

static void test_spans_are_the_best_of_all(void)
{
    float     start[N], end[N];
    span_list list = {0};
    double    null_score = 0;

    for (unsigned seed = 1; seed < 20; seed++) {
        size_t      n = 1 + seed * 7 % N, longest = 1 + seed % 6;
        size_t      limit = 1 + seed % 14;
        span_logits l = {start, end, n, true, 0.5f, -1};

        fill(start, n, seed);
        fill(end, n, seed + 100);
        CHECK(spans_find(&l, longest, limit, &list, &null_score));
        CHECK(list.count <= limit);
        CHECK_NEAR(null_score,
                   softmax_at(start, n, 0.5f, 0.5) * softmax_at(end, n, -1, -1),
                   1e-12);
        for (size_t i = 0; i < list.count; i++) {
            span want = find_slowly(&l, longest, i), got = list.items[i];

            CHECK_INT(got.first, want.first);
            CHECK_INT(got.last, want.last);
            CHECK_NEAR(got.score, want.score, 1e-12);
        }
    }
    span_list_free(&list);
}

static void test_spans_of_few_tokens_are_few(void)
{
    float       start[] = {1, 2}, end[] = {3, 4};
    span_list   list = {0};
    double      null_score = 1;
    span_logits l = {start, end, 2, false, 0, 0};

    CHECK(spans_find(&l, 15, 12, &list, &null_score));
    CHECK_INT(list.count, 3);
    CHECK_NEAR(null_score, 0, 0);
    l.count = 0;
    CHECK(spans_find(&l, 15, 12, &list, &null_score));
    CHECK_INT(list.count, 0);
    l.count = 1; /* all there is: certain */
    CHECK(spans_find(&l, 15, 12, &list, &null_score));
    CHECK_NEAR(list.items[0].score, 1, 0);
    span_list_free(&list);
}

static void test_spans_of_large_logits_do_not_overflow(void)
{
    float       start[] = {3e38f, -3e38f}, end[] = {-3e38f, 3e38f};
    span_list   list = {0};
    double      null_score = 0;
    span_logits l = {start, end, 2, true, 0, 0};

    CHECK(spans_find(&l, 2, 1, &list, &null_score));
    CHECK_INT(list.items[0].first, 0);
    CHECK_INT(list.items[0].last, 1);
    CHECK_NEAR(list.items[0].score, 1, 0);
    CHECK_NEAR(null_score, 0, 0);
    span_list_free(&list);
}

static void test_places_are_whole_words(void)
{
    static const int32_t   words[] = {-1, 0, 0, 1, 2, 2, 2, -1};
    static const bert_span spans[] = {{0, 0}, {0, 2},  {2, 5},   {6, 7},
                                      {8, 9}, {9, 11}, {11, 15}, {0, 0}};
    bert_tokens tokens = {.length = 8, .words = words, .spans = spans};
    bert_span   at = span_place(&tokens, 2, 5, 1, 7, true);

    CHECK(at.begin == 0 && at.end == 15);
    at = span_place(&tokens, 2, 5, 1, 7, false);
    CHECK(at.begin == 2 && at.end == 11);
    at = span_place(&tokens, 5, 5, 5, 6, true); /* all that the window has */
    CHECK(at.begin == 9 && at.end == 11);
    tokens.words = NULL;
    at = span_place(&tokens, 2, 5, 1, 7, true);
    CHECK(at.begin == 2 && at.end == 11);
}

static void add(answer_list *list, size_t begin, size_t end, double score)
{
    CHECK(answers_add(list, &(answer){.at = {begin, end}, .score = score}));
}

static void test_answers_that_say_the_same_are_one(void)
{
    /* a, e with diaeresis, U+1F600 */
    static const char text[] = "\xC3\x84h the \xF0\x9F\x98\x80 \xC3\xA4H The";
    answer_list       list = {0};
    bool              fits = false;

    add(&list, 3, 6, 0.25);
    add(&list, 0, 2, 0.125);
    add(&list, 9, 11, 0.25);
    add(&list, 12, 15, 0.0625);
    add(&list, 7, 8, 0.375);
    CHECK(answers_locate(&list, (bert_text){text, sizeof text - 1},
                         BERT_UNIT_CHARS, &fits));
    CHECK(fits);
    CHECK(answers_merge(&list));
    CHECK_INT(list.count, 3);
    CHECK_INT(list.items[0].at.begin, 0); /* the first of two as good */
    CHECK_NEAR(list.items[0].score, 0.375, 0);
    CHECK_INT(list.items[1].at.begin, 7);
    CHECK_INT(list.items[1].text.size, 4);
    CHECK_INT(list.items[2].at.begin, 3);
    CHECK_NEAR(list.items[2].score, 0.3125, 0);
    answer_list_free(&list);
}

static bool located(size_t begin, size_t end, bert_unit unit, size_t *at,
                    size_t *size)
{
    static const char text[] = "\xC3\xA4 \xF0\x9F\x98\x80x";
    answer_list       list = {0};
    bool              fits = false;

    add(&list, begin, end, 1);
    (void)answers_locate(&list, (bert_text){text, 8}, unit, &fits);
    if (fits) {
        *at = (size_t)(list.items[0].text.data - text);
        *size = list.items[0].text.size;
    }
    answer_list_free(&list);
    return fits;
}

static void test_places_in_every_unit(void)
{
    size_t at = 0, size = 0;

    CHECK(located(2, 3, BERT_UNIT_CHARS, &at, &size) && at == 3 && size == 4);
    CHECK(located(2, 4, BERT_UNIT_UTF16, &at, &size) && at == 3 && size == 4);
    CHECK(located(3, 7, BERT_UNIT_BYTES, &at, &size) && at == 3 && size == 4);
    CHECK(located(4, 4, BERT_UNIT_CHARS, &at, &size) && at == 8 && size == 0);
    CHECK(!located(2, 3, BERT_UNIT_UTF16, &at, &size)); /* half of a pair */
    CHECK(!located(1, 3, BERT_UNIT_BYTES, &at, &size)); /* inside a letter */
    CHECK(!located(0, 5, BERT_UNIT_CHARS, &at, &size)); /* beyond */
    CHECK(!located(0, 9, BERT_UNIT_BYTES, &at, &size));
    CHECK(!located(3, 2, BERT_UNIT_CHARS, &at, &size)); /* backwards */
}

int main(void)
{
    TEST(test_spans_are_the_best_of_all);
    TEST(test_spans_of_few_tokens_are_few);
    TEST(test_spans_of_large_logits_do_not_overflow);
    TEST(test_places_are_whole_words);
    TEST(test_answers_that_say_the_same_are_one);
    TEST(test_places_in_every_unit);
    TEST_END;
}
