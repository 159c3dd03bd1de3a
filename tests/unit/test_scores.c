/*
 * test_scores.c - logits to scores: which function, in what order, expected
 * values, windows; and the records of a group in order
 */
#include "test.h"

#include <bert_io.h>

#include "common/ranking.h"
#include "common/scores.h"
#include "records.h"

/* ---- Which function ---- */

static void check_function(bert_problem problem, size_t C,
                           const char *activation, score_known known,
                           score_function want)
{
    score_function got = (score_function)99;

    CHECK_INT(score_function_of(problem, C, activation, &got), known);
    CHECK_INT(got, known == SCORE_NOT_KNOWN ? 99 : want);
}

/* transformers, TextClassificationPipeline.postprocess */
static void test_function_follows_the_pipeline(void)
{
    check_function(BERT_PROBLEM_NONE, 1, NULL, SCORE_IS_KNOWN, SCORE_SIGMOID);
    check_function(BERT_PROBLEM_NONE, 2, NULL, SCORE_IS_KNOWN, SCORE_SOFTMAX);
    check_function(BERT_PROBLEM_SINGLE, 1, NULL, SCORE_IS_KNOWN, SCORE_SIGMOID);
    check_function(BERT_PROBLEM_SINGLE, 3, NULL, SCORE_IS_KNOWN, SCORE_SOFTMAX);
    check_function(BERT_PROBLEM_MULTI, 3, NULL, SCORE_IS_KNOWN, SCORE_SIGMOID);
    check_function(BERT_PROBLEM_REGRESSION, 1, NULL, SCORE_IS_KNOWN,
                   SCORE_NONE);
    check_function(BERT_PROBLEM_REGRESSION, 3, NULL, SCORE_IS_KNOWN,
                   SCORE_NONE);
}

/* sentence-transformers, CrossEncoder._resolve_activation_fn */
static void test_function_of_a_cross_encoder_wins(void)
{
    check_function(BERT_PROBLEM_REGRESSION, 1,
                   "torch.nn.modules.activation.Sigmoid", SCORE_IS_KNOWN,
                   SCORE_SIGMOID);
    check_function(BERT_PROBLEM_SINGLE, 3, "torch.nn.modules.linear.Identity",
                   SCORE_IS_KNOWN, SCORE_NONE);
    check_function(BERT_PROBLEM_NONE, 1, "torch.nn.Identity", SCORE_IS_KNOWN,
                   SCORE_NONE);
    check_function(BERT_PROBLEM_MULTI, 3, "torch.nn.Softmax", SCORE_IS_KNOWN,
                   SCORE_SOFTMAX);
    check_function(BERT_PROBLEM_NONE, 1, "torch.nn.Tanh", SCORE_NOT_KNOWN, 0);
    check_function(BERT_PROBLEM_NONE, 1, "torch.", SCORE_NOT_KNOWN, 0);
    check_function(BERT_PROBLEM_NONE, 1, "mine.Sigmoid", SCORE_NOT_TRUSTED,
                   SCORE_SIGMOID);
    check_function(BERT_PROBLEM_NONE, 2, "mine.Sigmoid", SCORE_NOT_TRUSTED,
                   SCORE_NONE);
    check_function(BERT_PROBLEM_NONE, 2, "", SCORE_NOT_TRUSTED, SCORE_NONE);
}

/* ---- Scores ---- */

/* Large logits do not overflow; what is printed as 1 may be 1. */
static void test_scores_of_large_logits(void)
{
    const float big[3] = {1000, 999, -1000}, small[2] = {-200, 200};
    float       got[3];

    scores_apply(SCORE_SOFTMAX, big, 3, got);
    CHECK_NEAR(got[0], 0.731058578630005, 1e-7);
    CHECK_NEAR(got[1], 0.268941421369995, 1e-7);
    CHECK(got[2] == 0);
    scores_apply(SCORE_SIGMOID, small, 2, got);
    CHECK(got[0] >= 0 && got[0] < 1e-30f);
    CHECK(got[1] == 1);
    scores_apply(SCORE_NONE, big, 3, got);
    CHECK(memcmp(got, big, sizeof big) == 0);
}

static void test_order_is_by_score_then_by_number(void)
{
    const float scores[5] = {0.5f, 2, -0.0f, 2, 0.0f};
    score_place order[5];

    scores_order(scores, 5, order);
    CHECK_INT(order[0].place, 1);
    CHECK_INT(order[1].place, 3);
    CHECK_INT(order[2].place, 0);
    CHECK_INT(order[3].place, 2);
    CHECK_INT(order[4].place, 4);
    CHECK_INT(scores_best(scores, 5), 1);
    CHECK_INT(scores_best(scores, 1), 0);
}

/* ---- Maps ---- */

static const char *const labels[] = {"a", "a,b", "x=1", "a", "\xC3\xBC"};
enum { LABELS = 5 };

static void test_map_knows_labels_by_their_names(void)
{
    float      values[LABELS];
    bert_error err = {0};

    CHECK_INT(score_map_parse("a,b=2,a=-1e1,\xC3\xBC=0,x=1=.5", labels, LABELS,
                              values, &err),
              BERT_OK);
    CHECK(values[0] == -10 && values[1] == 2 && values[2] == 0.5f);
    CHECK(values[3] == -10 && values[4] == 0);
    const float scores[LABELS] = {0.5f, 0.25f, 0.125f, 0.125f, 0};
    CHECK_NEAR(scores_expected(scores, values, LABELS), -5.6875, 0);
}

static void refuse_map(const char *text, const char *message)
{
    float      values[LABELS];
    bert_error err = {0};

    CHECK_INT(score_map_parse(text, labels, LABELS, values, &err),
              BERT_BAD_CALL);
    CHECK_TEXT(err.message, message);
}

static void test_map_refuses_what_is_not_the_models(void)
{
    refuse_map("", "'' is not LABEL=NUMBER of a label of the model");
    refuse_map("a=1", "no value for label a,b");
    refuse_map("a=1,", "'' is not LABEL=NUMBER of a label of the model");
    refuse_map("a=1,b=2", "'b=2' is not LABEL=NUMBER of a label of the model");
    refuse_map("a=", "label a: '' is not a number");
    refuse_map("a=1x", "label a: '1x' is not a number");
    refuse_map("a=1,a=1", "label a twice");
    refuse_map("a", "'a' is not LABEL=NUMBER of a label of the model");
}

/* ---- Windows ---- */

static void check_reduce(score_reduce how, float first, float second)
{
    const float windows[3][2] = {{1, -2}, {4, -3}, {-2, -1}};
    double      held[2];
    float       got[2];

    for (size_t i = 0; i < 3; i++) {
        reduce_add(how, windows[i], 2, i, held);
    }
    reduce_end(how, held, 2, 3, got);
    CHECK(got[0] == first && got[1] == second);
}

static void test_windows_are_reduced(void)
{
    check_reduce(REDUCE_MEAN, 1, -2);
    check_reduce(REDUCE_MAX, 4, -1);
    check_reduce(REDUCE_LAST, -2, -1);
}

/* A window that is not finite must not hide behind others. */
static void test_no_window_hides_what_is_no_number(void)
{
    const float windows[3] = {1, NAN, 4};
    double      held[1];
    float       got = 0;

    for (size_t i = 0; i < 3; i++) {
        reduce_add(REDUCE_MAX, &windows[i], 1, i, held);
    }
    reduce_end(REDUCE_MAX, held, 1, 3, &got);
    CHECK(isnan(got));
}

/* ---- Groups ---- */

/* Rank the records of text, whose scores are given; all lines as they come. */
static const char *rank_all(const char *text, const float *scores, size_t limit)
{
    static char         out[256];
    ranking             r = {.member = "q", .limit = limit};
    bert_reader_options options = {.format = BERT_JSONL};
    bert_reader        *reader = reader_over(text, strlen(text), &options);
    slot                s = {.record = bert_record_new()};
    bert_buffer         all = {0};
    bool                more = true;

    for (size_t i = 0;; i++) {
        if (bert_reader_next(reader, s.record, &more, NULL) != BERT_OK ||
            !more) {
            break;
        }
        char line[32];
        snprintf(line, sizeof line, "%zu ", i);
        s.state = SLOT_GOOD;
        s.out.size = 0;
        bert_buffer_put(&s.out, line, strlen(line));
        ranking_take(&r, &s, scores[i]);
        if (s.state == SLOT_GOOD) {
            bert_buffer_put(&all, s.out.data, s.out.size);
        } else {
            bert_buffer_put(&all, "! ", 2);
        }
    }
    bert_buffer_put(&all, "| ", 2);
    CHECK(ranking_end(&r, &all));
    snprintf(out, sizeof out, "%.*s", (int)all.size, all.data);
    bert_buffer_free(&all);
    bert_buffer_free(&s.out);
    bert_record_free(s.record);
    bert_reader_free(reader);
    ranking_free(&r);
    return out;
}

static void test_ranking_writes_groups_best_first(void)
{
    const char *text = "{\"q\":1}\n{\"q\":1}\n{\"q\":1}\n{\"q\":\"1\"}\n"
                       "{\"q\":\"\"}\n{\"q\":\"\"}\n{\"q\":1}\n";
    const float scores[] = {1, 3, 1, 5, 2, 4, 9};

    CHECK_TEXT(rank_all(text, scores, 0), "1 0 2 3 5 4 | 6 ");
    CHECK_TEXT(rank_all(text, scores, 1), "1 3 5 | 6 ");
    CHECK_TEXT(rank_all(text, scores, 2), "1 0 3 5 4 | 6 ");
    CHECK_TEXT(rank_all("", scores, 0), "| ");
}

static void test_ranking_needs_the_member(void)
{
    const float scores[] = {1, 2, 3};

    CHECK_TEXT(rank_all("{\"q\":1}\n{\"p\":1}\n{\"q\":1}\n", scores, 0),
               "! | 2 0 ");
}

int main(void)
{
    TEST(test_function_follows_the_pipeline);
    TEST(test_function_of_a_cross_encoder_wins);
    TEST(test_scores_of_large_logits);
    TEST(test_order_is_by_score_then_by_number);
    TEST(test_map_knows_labels_by_their_names);
    TEST(test_map_refuses_what_is_not_the_models);
    TEST(test_windows_are_reduced);
    TEST(test_no_window_hides_what_is_no_number);
    TEST(test_ranking_writes_groups_best_first);
    TEST(test_ranking_needs_the_member);
    TEST_END;
}
