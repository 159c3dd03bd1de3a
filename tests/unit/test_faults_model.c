/*
 * test_faults_model.c - every allocation of tokenizer, model and team fails
 *
 * Built with BERT_FAULTS and a leak checker (make check-faults). A job is run
 * with the first allocation failing, then the second, and so on, until it runs
 * through: each time it must end with BERT_NO_MEMORY, and leave nothing behind.
 */
#include <bert.h>
#include <stdint.h>

#include "base/memory.h"
#include "test.h"

static char models[512]; /* $BUILD/tiny: tests/gen/tiny_bert.c made them */

typedef bert_status job(bert_error *err);

/* Failed allocations it took until the job ran through; -1: it did not. */
static long tries(job *run)
{
    const long limit = 20000;

    for (long n = 0; n < limit; n++) {
        bert_error err = {BERT_OK, ""};
        memory_fault_after((size_t)n);
        bert_status s = run(&err);
        memory_fault_after(SIZE_MAX);
        if (s == BERT_OK) {
            return n;
        }
        if (s != BERT_NO_MEMORY) {
            printf("# allocation %ld: %s, %s\n", n, bert_status_name(s),
                   err.message);
            return -1;
        }
    }
    printf("# not through after %ld allocations\n", limit);
    return -1;
}

static const char *folder(void)
{
    static char path[600];

    snprintf(path, sizeof path, "%s/tiny", models);
    return path;
}

static bert_status encode(const bert_tokenizer *tok, bert_encoding *enc,
                          bert_error *err)
{
    static const char text[] = "The caf\xC3\xA9 [MASK] un\xCC\x88known, 42!";
    bert_text         part = {text, sizeof text - 1};
    bert_side         side = {&part, 1, false};

    return bert_tokenizer_encode(tok, &side, &side, NULL, enc, err);
}

static bert_status tokenizer_job(bert_error *err)
{
    static const char *const protect[] = {"[A-Z]+-[0-9]+"};
    bert_tokenizer_options   options = {.protect = protect, .protect_count = 1};
    bert_tokenizer          *tok = NULL;
    bert_encoding           *enc = bert_encoding_new();
    bert_encoding           *window = bert_encoding_new();
    bert_buffer              text = {0};
    bert_fit                 fit = {.max_length = 12, .overlap = 2};
    size_t                   windows;
    bert_status              s = BERT_NO_MEMORY;

    if (enc == NULL || window == NULL) {
        goto out;
    }
    s = bert_tokenizer_load(&tok, folder(), &options, err);
    if (s != BERT_OK) {
        goto out;
    }
    s = encode(tok, enc, err);
    if (s != BERT_OK) {
        goto out;
    }
    s = bert_encoding_windows(enc, &fit, &windows, err);
    if (s != BERT_OK) {
        goto out;
    }
    s = bert_encoding_window(enc, &fit, 0, window, err);
    if (s != BERT_OK) {
        goto out;
    }
    s = bert_encoding_truncate(enc, &fit, err);
    if (s != BERT_OK) {
        goto out;
    }
    bert_tokens tokens = bert_encoding_tokens(enc);
    s = bert_tokenizer_decode(tok, tokens.ids, tokens.length, true, &text, err);
out:
    bert_buffer_free(&text);
    bert_encoding_free(window);
    bert_encoding_free(enc);
    bert_tokenizer_free(tok);
    return s;
}

static void test_tokenizer_survives_every_failed_allocation(void)
{
    CHECK(tries(tokenizer_job) > 5);
}

static const char *model_kernels;

static bert_status model_job(bert_error *err)
{
    static const int32_t ids[] = {2, 7, 9, 11, 3};
    bert_model_options   options = {.kernels = model_kernels};
    bert_model          *model = NULL;
    bert_sentence       *sentence = NULL;
    bert_workspace      *ws = NULL;
    bert_pool           *pool = NULL;
    bert_batch          *batch = bert_batch_new();
    bert_hidden          hidden;
    float                vector[64];
    bert_status          s = BERT_NO_MEMORY;

    if (batch == NULL) {
        goto out;
    }
    s = bert_model_load(&model, folder(), &options, err);
    if (s != BERT_OK) {
        goto out;
    }
    s = bert_sentence_load(&sentence, folder(), model, NULL, err);
    if (s != BERT_OK) {
        goto out;
    }
    s = bert_workspace_new(&ws, model, NULL, err);
    if (s != BERT_OK) {
        goto out;
    }
    s = bert_pool_new(&pool, sentence, err);
    if (s != BERT_OK) {
        goto out;
    }
    s = bert_batch_add(batch, ids, NULL, 5, err);
    if (s != BERT_OK) {
        goto out;
    }
    s = bert_encoder_run(model, batch, NULL, 0, ws, &hidden, err);
    if (s != BERT_OK) {
        goto out;
    }
    if (bert_sentence_dims(sentence) > 64) {
        s = BERT_BAD_CALL;
        goto out;
    }
    bert_pool_begin(pool);
    bert_pool_add(pool, hidden.values, hidden.N, 0);
    s = bert_pool_end(pool, vector, err);
out:
    bert_pool_free(pool);
    bert_workspace_free(ws);
    bert_sentence_free(sentence);
    bert_batch_free(batch);
    bert_model_free(model);
    return s;
}

static void test_model_survives_every_failed_allocation(void)
{
    model_kernels = "ref,refgemm";
    CHECK(tries(model_job) > 5);
    model_kernels = NULL;
    CHECK(tries(model_job) > 5);
}

static void ignore_row(void *context, size_t row, size_t member, float *logits)
{
    (void)context;
    (void)row;
    (void)member;
    (void)logits;
}

/* Masked words, whose head makes room. */
static bert_status head_job(bert_error *err)
{
    static const float rows[2 * 32] = {1};
    bert_model_options options = {.kernels = "ref,refgemm"};
    bert_model        *model = NULL;
    bert_head         *mask = NULL;
    bert_workspace    *ws = NULL;
    char               path[600];

    snprintf(path, sizeof path, "%s/tiny-pretraining", models);
    bert_status s = bert_model_load(&model, path, &options, err);
    if (s != BERT_OK) {
        goto out;
    }
    s = bert_head_load(&mask, model, BERT_HEAD_MASK, err);
    if (s != BERT_OK) {
        goto out;
    }
    s = bert_workspace_new(&ws, model, NULL, err);
    if (s != BERT_OK) {
        goto out;
    }
    s = bert_mask_run(mask, ws, rows, 2, ignore_row, NULL, err);
out:
    bert_head_free(mask);
    bert_workspace_free(ws);
    bert_model_free(model);
    return s;
}

/* A head that copies its labels, and what a cross-encoder's folder says. */
static bert_status load_labels(const char *name, bert_head_kind kind,
                               bert_error *err)
{
    bert_model_options options = {.kernels = "ref,refgemm"};
    bert_model        *model = NULL;
    bert_head         *head = NULL;
    char               path[600];

    snprintf(path, sizeof path, "%s/%s", models, name);
    bert_status s = bert_model_load(&model, path, &options, err);
    if (s == BERT_OK) {
        s = bert_head_load(&head, model, kind, err);
    }
    bert_head_free(head);
    bert_model_free(model);
    return s;
}

static bert_status tag_job(bert_error *err)
{
    return load_labels("tiny-tag", BERT_HEAD_TAG, err);
}

static bert_status cross_job(bert_error *err)
{
    return load_labels("tiny-cross", BERT_HEAD_CLASSIFY, err);
}

static void test_heads_survive_every_failed_allocation(void)
{
    CHECK(tries(head_job) > 5);
    CHECK(tries(tag_job) > 5);
    CHECK(tries(cross_job) > 5);
}

static bert_status team_job(bert_error *err)
{
    bert_team  *team = NULL;
    bert_status s = bert_team_new(&team, 3, err);

    bert_team_free(team);
    return s;
}

static void test_team_survives_every_failed_allocation(void)
{
    CHECK(tries(team_job) > 0);
}

int main(void)
{
    const char *build = getenv("BUILD");

    snprintf(models, sizeof models, "%s/tiny", build ? build : "build");
    TEST(test_team_survives_every_failed_allocation);
    TEST(test_tokenizer_survives_every_failed_allocation);
    TEST(test_model_survives_every_failed_allocation);
    TEST(test_heads_survive_every_failed_allocation);
    TEST_END;
}
