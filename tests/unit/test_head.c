/*
 * test_head.c - logits of every head against transformers, their bits against
 * team and number of rows, and what a model without the head is told
 */
#include "test.h"

#include "tiny.h"

enum { V = 162, LABELS = 9 };

/* One model and its head with what a run needs. */
typedef struct runner {
    bert_model     *model;
    bert_head      *head;
    bert_workspace *ws;
    bert_team      *team;
    bert_batch     *batch;
} runner;

static void runner_open(runner *r, const char *name, bert_head_kind kind,
                        const char *kernels, size_t threads)
{
    bert_error         err;
    bert_model_options options = {.kernels = kernels};

    *r = (runner){.batch = bert_batch_new()};
    CHECK_OK(bert_model_load(&r->model, tiny_path(name), &options, &err));
    CHECK_OK(bert_team_new(&r->team, threads, &err));
    if (r->model == NULL || r->team == NULL) {
        exit(1);
    }
    CHECK_OK(bert_workspace_new(&r->ws, r->model, r->team, &err));
    CHECK_OK(bert_head_load(&r->head, r->model, kind, &err));
    if (r->ws == NULL || r->head == NULL) {
        exit(1);
    }
}

static void runner_close(runner *r)
{
    bert_head_free(r->head);
    bert_batch_free(r->batch);
    bert_workspace_free(r->ws);
    bert_team_free(r->team);
    bert_model_free(r->model);
}

/* The last hidden states of sequence k alone. */
static bert_hidden run_sequence(runner *r, size_t k)
{
    bert_error  err;
    bert_hidden h = {0};

    bert_batch_clear(r->batch);
    tiny_add(r->batch, k);
    CHECK_OK(bert_encoder_run(r->model, r->batch, NULL, 0, r->ws, &h, &err));
    return h;
}

/* ---- against transformers -------------------------------------------------
 */

static runner      at_work;
static const char *wanted_head;
static float       masked[V];

static void keep_row(void *context, size_t row, size_t member, float *logits)
{
    (void)context;
    (void)member;
    CHECK_INT(row, 0);
    memcpy(masked, logits, sizeof masked);
}

static void compare_line(const tiny_line *line)
{
    static float logits[LABELS], scratch[64];
    size_t       k = (size_t)atoi(line->words[2]);
    size_t       row = (size_t)atoi(line->words[3]);
    bert_error   err;

    if (strcmp(line->words[1], wanted_head) != 0) {
        return;
    }
    bert_hidden  h = run_sequence(&at_work, k);
    const float *values = h.values + row * h.H;
    CHECK_INT(line->count, bert_head_outputs(at_work.head));
    if (strcmp(wanted_head, "mask") == 0) {
        CHECK_OK(bert_mask_run(at_work.head, at_work.ws, values, 1, keep_row,
                               NULL, &err));
        tiny_compare("head", masked, line);
        return;
    }
    CHECK(bert_head_scratch(at_work.head) <= 64);
    bert_head_run(at_work.head, values, 1, h.H, scratch, logits);
    tiny_compare("head", logits, line);
}

static void compare_head(const char *head, const char *model,
                         bert_head_kind kind, const char *kernels)
{
    runner_open(&at_work, model, kind, kernels, 1);
    wanted_head = head;
    CHECK(tiny_each("head", compare_line) > 4);
    runner_close(&at_work);
}

static void test_every_heads_logits_equal_transformers(void)
{
    static const char *const kernels[] = {NULL, "ref,refgemm", "ref,blis"};

    for (size_t i = 0; i < 3; i++) {
        compare_head("mask", "tiny-pretraining", BERT_HEAD_MASK, kernels[i]);
        compare_head("nsp", "tiny-pretraining", BERT_HEAD_NSP, kernels[i]);
        compare_head("tag", "tiny-tag", BERT_HEAD_TAG, kernels[i]);
        compare_head("classify", "tiny-classify", BERT_HEAD_CLASSIFY,
                     kernels[i]);
        compare_head("qa", "tiny-qa", BERT_HEAD_QA, kernels[i]);
    }
}

/* ---- the same bits --------------------------------------------------------
 */

enum { ROWS = 150 }; /* three chunks */
static float many[ROWS][V];
static int   calls[ROWS];

static void collect_row(void *context, size_t row, size_t member, float *logits)
{
    (void)context;
    (void)member;
    calls[row]++;
    memcpy(many[row], logits, sizeof many[row]);
}

static void test_a_masked_rows_bits_depend_on_it_alone(void)
{
    static float rows[ROWS][32];
    bert_error   err;

    for (size_t threads = 1; threads <= 3; threads++) {
        runner r;
        runner_open(&r, "tiny-pretraining", BERT_HEAD_MASK, NULL, threads);
        bert_hidden h = run_sequence(&r, 3);
        for (size_t i = 0; i < ROWS; i++) {
            memcpy(rows[i], h.values + i * 7 % h.N * h.H, sizeof rows[i]);
        }
        memset(calls, 0, sizeof calls);
        CHECK_OK(bert_mask_run(r.head, r.ws, rows[0], ROWS, collect_row, NULL,
                               &err));
        for (size_t i = 0; i < ROWS; i += 13) {
            CHECK_INT(calls[i], 1);
            CHECK_OK(
                bert_mask_run(r.head, r.ws, rows[i], 1, keep_row, NULL, &err));
            CHECK(memcmp(many[i], masked, sizeof masked) == 0);
        }
        CHECK_OK(
            bert_mask_run(r.head, r.ws, rows[0], 0, collect_row, NULL, &err));
        runner_close(&r);
    }
}

/* ---- labels, and no head --------------------------------------------------
 */

static void test_labels_are_the_models(void)
{
    runner r;

    runner_open(&r, "tiny-tag", BERT_HEAD_TAG, NULL, 1);
    CHECK_INT(bert_head_outputs(r.head), LABELS);
    CHECK_TEXT(bert_head_label(r.head, 1), "B-PER");
    CHECK(bert_head_label(r.head, LABELS) == NULL);
    CHECK_INT(bert_head_unnamed(r.head), 0);
    CHECK_INT(bert_head_problem(r.head), BERT_PROBLEM_NONE);
    CHECK(bert_head_activation(r.head) == NULL);
    runner_close(&r);
    runner_open(&r, "tiny-qa", BERT_HEAD_QA, NULL, 1);
    CHECK(bert_head_label(r.head, 0) == NULL);
    runner_close(&r);
}

static void refuse(const char *name, bert_head_kind kind, const char *message)
{
    bert_error  err = {0};
    bert_model *model = NULL;
    bert_head  *head = NULL;

    CHECK_OK(bert_model_load(&model, tiny_path(name), NULL, &err));
    CHECK_INT(bert_head_load(&head, model, kind, &err), BERT_UNSUPPORTED);
    if (strstr(err.message, message) == NULL) {
        test_bad = true;
        printf("# %s: not '%s'\n", err.message, message);
    }
    CHECK(head == NULL);
    bert_model_free(model);
}

static void test_a_model_without_the_head_says_which_it_has(void)
{
    refuse("tiny-pretraining", BERT_HEAD_TAG,
           "no head for labels of tokens in the model; it has one for masked "
           "words (bert-mask), one for the next sentence (bert-nsp)");
    refuse("tiny-tag", BERT_HEAD_CLASSIFY, "labels of tokens (bert-tag)");
    refuse("tiny-classify", BERT_HEAD_TAG, "labels of texts (bert-classify)");
    refuse("tiny-qa", BERT_HEAD_MASK, "answers (bert-qa)");
    refuse("tiny", BERT_HEAD_NSP, "it has no head that is known");
}

int main(void)
{
    tiny_read_sequences();
    TEST(test_every_heads_logits_equal_transformers);
    TEST(test_a_masked_rows_bits_depend_on_it_alone);
    TEST(test_labels_are_the_models);
    TEST(test_a_model_without_the_head_says_which_it_has);
    TEST_END;
}
