/*
 * test_encoder.c - hidden states of the tiny models against transformers, and
 * their bits against team, batch and neighbours
 */
#include "test.h"

#include "tiny.h"

/* One model with what a run needs. */
typedef struct runner {
    bert_model     *model;
    bert_workspace *ws;
    bert_team      *team;
    bert_batch     *batch;
} runner;

static void runner_open(runner *r, const char *name, const char *kernels,
                        size_t threads)
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
    if (r->ws == NULL) {
        exit(1);
    }
}

static void runner_close(runner *r)
{
    bert_batch_free(r->batch);
    bert_workspace_free(r->ws);
    bert_team_free(r->team);
    bert_model_free(r->model);
}

/* ---- against transformers -------------------------------------------------
 */

static const char *wanted_model;
static bert_hidden states[TINY_SEQUENCES]; /* values are ours to free */

static void compare_state(const tiny_line *line)
{
    size_t k = (size_t)atoi(line->words[2]),
           layer = (size_t)atoi(line->words[3]);
    size_t row = (size_t)atoi(line->words[4]);

    if (strcmp(line->words[1], wanted_model) == 0) {
        const bert_hidden *h = &states[k];
        CHECK_INT(line->count, h->H);
        tiny_compare("state", h->values + (layer * h->N + row) * h->H, line);
    }
}

/* Run sequence k alone and keep all its layers. */
static void run_states(const runner *r, size_t k)
{
    static const int32_t layers[] = {0, 1, 2, 3};
    bert_error           err;
    bert_hidden          h = {0};
    size_t L = (size_t)bert_model_config(r->model)->num_hidden_layers;

    bert_batch_clear(r->batch);
    tiny_add(r->batch, k);
    CHECK_OK(
        bert_encoder_run(r->model, r->batch, layers, L + 1, r->ws, &h, &err));
    size_t size = h.layers * h.N * h.H * sizeof(float);
    float *copy = malloc(size + 1);
    if (size > 0) {
        memcpy(copy, h.values, size);
    }
    h.values = copy;
    states[k] = h;
}

static void compare_model(const char *name, const char *kernels)
{
    runner r;
    size_t n = 0;

    runner_open(&r, name, kernels, 1);
    size_t longest =
        (size_t)bert_model_config(r.model)->max_position_embeddings;
    for (size_t k = 0; k < TINY_SEQUENCES; k++) {
        states[k] = (bert_hidden){0};
        if (tiny_sequences[k].n <= longest) {
            run_states(&r, k);
            n++;
        }
    }
    CHECK(n >= 3);
    wanted_model = name;
    CHECK(tiny_each("state", compare_state) > 0);
    for (size_t k = 0; k < TINY_SEQUENCES; k++) {
        free((void *)(uintptr_t)states[k].values);
    }
    runner_close(&r);
}

static void test_every_hidden_state_equals_transformers(void)
{
    compare_model("tiny", NULL);
}

static void test_plain_kernels_give_the_same_states(void)
{
    compare_model("tiny", "ref,refgemm");
    compare_model("tiny", "ref,blis");
}

static void test_older_names_and_odd_sizes_are_read(void)
{
    compare_model("tiny-bare", NULL);
    compare_model("tiny-bare", "refgemm,ref");
}

static void test_every_activation_equals_transformers(void)
{
    static const char *const acts[] = {
        "gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh",
        "relu", "silu",     "swish",     "quick_gelu",
        "tanh", "sigmoid"};
    char name[64];

    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        snprintf(name, sizeof name, "tiny-%s", acts[i]);
        compare_model(name, NULL);
        compare_model(name, "ref");
    }
}

/* ---- the same bits --------------------------------------------------------
 */

enum { MANY = 60 };

/* The sequences of a long batch, from an order that i shuffles. */
static size_t pick(size_t i, size_t shuffle)
{
    return (i * (shuffle % MANY + 1) + shuffle) % MANY % TINY_SEQUENCES;
}

/* The last state of each sequence alone, one thread. */
static float *alone[TINY_SEQUENCES];

static void run_alone(void)
{
    runner     r;
    bert_error err;

    runner_open(&r, "tiny", NULL, 1);
    for (size_t k = 0; k < TINY_SEQUENCES; k++) {
        bert_hidden h = {0};
        bert_batch_clear(r.batch);
        tiny_add(r.batch, k);
        CHECK_OK(bert_encoder_run(r.model, r.batch, NULL, 0, r.ws, &h, &err));
        alone[k] = malloc(h.N * h.H * sizeof(float) + 1);
        memcpy(alone[k], h.values, h.N * h.H * sizeof(float));
    }
    runner_close(&r);
}

/* Batches of `each` sequences out of MANY, shuffled. */
static void check_batches(runner *r, size_t each, size_t shuffle)
{
    bert_error err;

    for (size_t first = 0; first < MANY; first += each) {
        bert_hidden h = {0};
        bert_batch_clear(r->batch);
        for (size_t i = first; i < first + each && i < MANY; i++) {
            tiny_add(r->batch, pick(i, shuffle));
        }
        CHECK_OK(
            bert_encoder_run(r->model, r->batch, NULL, 0, r->ws, &h, &err));
        for (size_t b = 0; b < h.B; b++) {
            size_t rows = h.starts[b + 1] - h.starts[b];
            if (memcmp(h.values + h.starts[b] * h.H,
                       alone[pick(first + b, shuffle)],
                       rows * h.H * sizeof(float)) != 0) {
                CHECK(false); /* the same bits */
                return;
            }
        }
    }
}

static void test_bits_depend_on_the_sequence_alone(void)
{
    run_alone();
    for (size_t threads = 1; threads <= 4; threads++) {
        runner r;
        runner_open(&r, "tiny", NULL, threads);
        check_batches(&r, 1, 0);
        check_batches(&r, 2, 5);
        check_batches(&r, 7, 0);
        check_batches(&r, 7, 11);
        check_batches(&r, MANY, 1);
        runner_close(&r);
    }
    for (size_t k = 0; k < TINY_SEQUENCES; k++) {
        free(alone[k]);
    }
}

/* ---- what is asked for ----------------------------------------------------
 */

static void test_layers_come_in_the_order_asked_for(void)
{
    static const int32_t both[] = {2, 0, 2}, two[] = {2}, zero[] = {0};
    runner               r;
    bert_error           err;
    bert_hidden          h = {0};
    float                first[17 * 32], second[17 * 32];

    runner_open(&r, "tiny", NULL, 1);
    tiny_add(r.batch, 2);
    CHECK_OK(bert_encoder_run(r.model, r.batch, two, 1, r.ws, &h, &err));
    memcpy(first, h.values, sizeof first);
    CHECK_OK(bert_encoder_run(r.model, r.batch, zero, 1, r.ws, &h, &err));
    memcpy(second, h.values, sizeof second);
    CHECK_OK(bert_encoder_run(r.model, r.batch, both, 3, r.ws, &h, &err));
    CHECK_INT(h.layers, 3);
    CHECK(memcmp(h.values, first, sizeof first) == 0);
    CHECK(memcmp(h.values + 17 * 32, second, sizeof second) == 0);
    CHECK(memcmp(h.values + 2 * 17 * 32, first, sizeof first) == 0);
    runner_close(&r);
}

static void check_refused(runner *r, const int32_t *ids, const int32_t *types,
                          size_t n, const char *message)
{
    bert_error  err;
    bert_hidden h;

    bert_batch_clear(r->batch);
    tiny_add(r->batch, 1);
    CHECK_OK(bert_batch_add(r->batch, ids, types, n, &err));
    CHECK_INT(bert_encoder_run(r->model, r->batch, NULL, 0, r->ws, &h, &err),
              BERT_BAD_INPUT);
    CHECK_TEXT(err.message, message);
}

static void test_bad_sequences_are_refused_by_number(void)
{
    runner        r;
    bert_error    err;
    bert_hidden   h;
    const int32_t high[] = {1, 162}, low[] = {-1}, types[] = {0, 2};
    const int32_t layer = 4, ones[81] = {0};

    runner_open(&r, "tiny", NULL, 1);
    CHECK_INT(bert_encoder_run(r.model, r.batch, NULL, 0, r.ws, &h, &err),
              BERT_BAD_INPUT);
    check_refused(&r, high, NULL, 2,
                  "sequence 1: id 162 is outside the model's vocabulary of "
                  "162");
    check_refused(&r, low, NULL, 1,
                  "sequence 1: id -1 is outside the model's vocabulary of 162");
    check_refused(&r, ones, types, 2,
                  "sequence 1: type id 2, where the model has 2");
    check_refused(&r, ones, NULL, 81,
                  "sequence 1 has 81 tokens, the model takes 80");
    CHECK_INT(bert_batch_add(r.batch, ones, NULL, 0, &err), BERT_BAD_INPUT);
    bert_batch_clear(r.batch);
    tiny_add(r.batch, 1);
    CHECK_INT(bert_encoder_run(r.model, r.batch, &layer, 1, r.ws, &h, &err),
              BERT_BAD_CALL);
    runner_close(&r);
}

int main(void)
{
    tiny_read_sequences();
    TEST(test_every_hidden_state_equals_transformers);
    TEST(test_plain_kernels_give_the_same_states);
    TEST(test_older_names_and_odd_sizes_are_read);
    TEST(test_every_activation_equals_transformers);
    TEST(test_bits_depend_on_the_sequence_alone);
    TEST(test_layers_come_in_the_order_asked_for);
    TEST(test_bad_sequences_are_refused_by_number);
    TEST_END;
}
