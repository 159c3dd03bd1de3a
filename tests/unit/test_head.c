/*
 * test_head.c - logits of every head against transformers, their bits against
 * team and number of rows, and what a model without the head is told
 */
#include <sys/stat.h>

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

enum { ROWS = 2100, SINGLES = 13 }; /* many chunks; the weights are packed */
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
    static float rows[ROWS][32], single[SINGLES][V];
    bert_error   err;

    for (size_t threads = 1; threads <= 3; threads++) {
        runner r;
        runner_open(&r, "tiny-pretraining", BERT_HEAD_MASK, NULL, threads);
        bert_hidden h = run_sequence(&r, 3);
        for (size_t i = 0; i < ROWS; i++) {
            memcpy(rows[i], h.values + i * 7 % h.N * h.H, sizeof rows[i]);
        }
        for (size_t i = 0; i < SINGLES; i++) {
            CHECK_OK(bert_mask_run(r.head, r.ws, rows[160 * i], 1, keep_row,
                                   NULL, &err));
            memcpy(single[i], masked, sizeof masked);
        }
        memset(calls, 0, sizeof calls);
        CHECK_OK(bert_mask_run(r.head, r.ws, rows[0], ROWS, collect_row, NULL,
                               &err));
        for (size_t i = 0; i < ROWS; i++) {
            CHECK_INT(calls[i], 1);
        }
        for (size_t i = 0; i < SINGLES; i++) {
            CHECK(memcmp(many[160 * i], single[i], sizeof masked) == 0);
            CHECK_OK(bert_mask_run(r.head, r.ws, rows[160 * i], 1, keep_row,
                                   NULL, &err));
            CHECK(memcmp(masked, single[i], sizeof masked) == 0);
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

/* ---- label maps -----------------------------------------------------------
 */

static char copied[512]; /* a folder like tiny-tag, its config ours */

static void copy_folder(void)
{
    char from[600], to[600];
    char byte;

    snprintf(from, sizeof from, "%s/model.safetensors", tiny_path("tiny-tag"));
    snprintf(copied, sizeof copied, "%s", tiny_path("labelled"));
    snprintf(to, sizeof to, "%s/model.safetensors", copied);
    mkdir(copied, 0777);
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    CHECK(in != NULL && out != NULL);
    while (in != NULL && out != NULL && fread(&byte, 1, 1, in) == 1) {
        fwrite(&byte, 1, 1, out);
    }
    CHECK(out != NULL && fclose(out) == 0);
    CHECK(in != NULL && fclose(in) == 0);
}

static bert_status load_labels(const char *more, bert_model **model,
                               bert_head **head, bert_error *err)
{
    char path[600];

    snprintf(path, sizeof path, "%s/config.json", copied);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL);
    fprintf(file,
            "{\"vocab_size\":162,\"hidden_size\":32,\"num_hidden_layers\":3,"
            "\"num_attention_heads\":4,\"intermediate_size\":64,"
            "\"hidden_act\":\"gelu\",\"max_position_embeddings\":80,"
            "\"type_vocab_size\":2,\"architectures\":["
            "\"BertForTokenClassification\"]%s}",
            more);
    CHECK(fclose(file) == 0);
    *model = NULL;
    *head = NULL;
    CHECK_INT(bert_model_load(model, copied, NULL, err), BERT_OK);
    return bert_head_load(head, *model, BERT_HEAD_TAG, err);
}

static void refuse_labels(const char *more, const char *message)
{
    bert_model *model;
    bert_head  *head;
    bert_error  err = {0};

    CHECK_INT(load_labels(more, &model, &head, &err), BERT_BAD_FILE);
    if (strstr(err.message, message) == NULL) {
        test_bad = true;
        printf("# %s: not '%s'\n", err.message, message);
    }
    bert_model_free(model);
}

static void test_a_label_map_that_is_none_is_refused(void)
{
    copy_folder();
    refuse_labels(",\"id2label\":[\"O\"]",
                  "config.json: id2label is no map of numbers to labels");
    refuse_labels(",\"id2label\":{\"B-PER\":\"0\"}", "'B-PER' is no number");
    refuse_labels(",\"id2label\":{\"-1\":\"O\"}", "'-1' is no number");
    refuse_labels(",\"id2label\":{\"01\":\"O\"}", "'01' is no number");
    refuse_labels(",\"id2label\":{\"0\":7}", "label 0 is not a string");
    refuse_labels(",\"problem_type\":\"guess\"",
                  "problem_type guess is not known");
    refuse_labels(",\"problem_type\":3", "problem_type");
}

static void test_outputs_without_a_name_are_numbered(void)
{
    bert_model *model;
    bert_head  *head;
    bert_error  err;

    copy_folder();
    CHECK_OK(load_labels(",\"id2label\":{\"0\":\"O\",\"2\":\"X\","
                         "\"9\":\"beyond\"},"
                         "\"problem_type\":\"multi_label_classification\","
                         "\"sentence_transformers\":{\"activation_fn\":"
                         "\"torch.nn.modules.linear.Identity\"}",
                         &model, &head, &err));
    CHECK_INT(bert_head_unnamed(head), 7);
    CHECK_TEXT(bert_head_label(head, 0), "O");
    CHECK_TEXT(bert_head_label(head, 1), "LABEL_1");
    CHECK_TEXT(bert_head_label(head, 2), "X");
    CHECK_TEXT(bert_head_label(head, 8), "LABEL_8");
    CHECK_INT(bert_head_problem(head), BERT_PROBLEM_MULTI);
    CHECK_TEXT(bert_head_activation(head), "torch.nn.modules.linear.Identity");
    bert_head_free(head);
    bert_model_free(model);
}

int main(void)
{
    tiny_read_sequences();
    TEST(test_every_heads_logits_equal_transformers);
    TEST(test_a_masked_rows_bits_depend_on_it_alone);
    TEST(test_labels_are_the_models);
    TEST(test_a_label_map_that_is_none_is_refused);
    TEST(test_outputs_without_a_name_are_numbered);
    TEST(test_a_model_without_the_head_says_which_it_has);
    TEST_END;
}
