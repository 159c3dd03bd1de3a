/*
 * fuzz_model.c - any model folder: load, encode, pool
 *
 * The input is the folder's files, one after the other with "\n--\n" between:
 * config.json, modules.json, p/config.json (pooling), d/config.json (a dense
 * or normalising module), config_sentence_transformers.json and
 * sentence_bert_config.json (a file that is empty is not there), then the
 * header and the data of model.safetensors, which serves d too.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
    "config.json",
    "modules.json",
    "p/config.json",
    "d/config.json",
    "config_sentence_transformers.json",
    "sentence_bert_config.json",
    "model.safetensors",
};
enum { FILES = sizeof names / sizeof *names, MOST_TOKENS = 8 };

static char folder[] = "/tmp/fuzz_model_XXXXXX";

static void leave(void)
{
    static const char *const more[] = {"d/model.safetensors", "p", "d", "."};
    char                     path[64];

    for (size_t i = 0; i < FILES; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, more[i]);
        (void)(i == 0 ? unlink(path) : i == 3 ? rmdir(folder) : rmdir(path));
    }
}

static void enter(void)
{
    char path[64];

    if (mkdtemp(folder) == NULL) {
        abort();
    }
    snprintf(path, sizeof path, "%s/p", folder);
    (void)mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/d", folder);
    (void)mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/d/model.safetensors", folder);
    if (symlink("../model.safetensors", path) != 0 || atexit(leave) != 0) {
        abort();
    }
}

static void write_file(const char *name, const uint8_t *data, size_t size,
                       bool weights)
{
    char  path[64];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    (void)unlink(path);
    if (size == 0 || (f = fopen(path, "wb")) == NULL) {
        return;
    }
    if (weights) { /* data after the header's closing newline */
        const uint8_t *end = memchr(data, '\n', size);
        uint64_t       header = end != NULL ? (uint64_t)(end - data) : size;
        uint8_t        prefix[8];
        for (int i = 0; i < 8; i++) {
            prefix[i] = (uint8_t)(header >> 8 * i);
        }
        fwrite(prefix, 1, sizeof prefix, f);
        fwrite(data, 1, (size_t)header, f);
        data += header + (end != NULL);
        size -= (size_t)header + (end != NULL);
    }
    fwrite(data, 1, size, f);
    fclose(f);
}

static void write_files(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < FILES; i++) {
        bool           last = i + 1 == FILES;
        const uint8_t *end = last ? NULL : memmem(data, size, "\n--\n", 4);
        size_t         part = end != NULL ? (size_t)(end - data) : size;

        write_file(names[i], data, part, last);
        data += end != NULL ? part + 4 : part;
        size -= end != NULL ? part + 4 : part;
    }
}

static void ignore_row(void *context, size_t row, size_t member, float *logits)
{
    (void)context;
    (void)row;
    (void)member;
    (void)logits;
}

/* Every head that the model has, over rows [n,H]. */
static void run_heads(bert_model *model, bert_workspace *ws,
                      const bert_hidden *hidden)
{
    for (int kind = BERT_HEAD_MASK; kind <= BERT_HEAD_QA; kind++) {
        bert_head *head = NULL;
        bert_error err;
        if (bert_head_load(&head, model, (bert_head_kind)kind, &err) !=
            BERT_OK) {
            continue;
        }
        if (kind == BERT_HEAD_MASK) {
            (void)bert_mask_run(head, ws, hidden->values, hidden->N, ignore_row,
                                NULL, &err);
        } else {
            size_t C = bert_head_outputs(head);
            float *logits = malloc(hidden->N * C * sizeof *logits + 1);
            float *scratch =
                malloc(bert_head_scratch(head) * sizeof *scratch + 1);
            bert_head_run(head, hidden->values, hidden->N, hidden->H, scratch,
                          logits);
            bert_head_softmax(head, logits, C, logits);
            free(scratch);
            free(logits);
        }
        bert_head_free(head);
    }
}

/* Two sequences through all layers, then pooled; then the heads. */
static void run(bert_model *model, const bert_sentence *sentence)
{
    const bert_config *c = bert_model_config(model);
    const int32_t      layers[] = {0, c->num_hidden_layers};
    bert_workspace    *ws = NULL;
    bert_batch        *batch = bert_batch_new();
    bert_pool         *pool = NULL;
    bert_hidden        hidden;
    bert_error         err;
    int32_t            ids[MOST_TOKENS];
    size_t             n = (size_t)c->max_position_embeddings;

    n = n < MOST_TOKENS ? n : MOST_TOKENS;
    for (size_t i = 0; i < n; i++) {
        ids[i] = (int32_t)i % c->vocab_size;
    }
    if (batch == NULL || bert_batch_add(batch, ids, NULL, n, &err) != BERT_OK ||
        bert_batch_add(batch, ids, NULL, 1, &err) != BERT_OK) {
        abort();
    }
    if (bert_workspace_new(&ws, model, NULL, &err) == BERT_OK &&
        bert_encoder_run(model, batch, layers, 2, ws, &hidden, &err) ==
            BERT_OK &&
        bert_pool_new(&pool, sentence, &err) == BERT_OK) {
        float *out = malloc(bert_sentence_dims(sentence) * sizeof *out);
        bert_pool_begin(pool);
        bert_pool_add(pool, hidden.values + hidden.N * hidden.H, n, 0);
        (void)bert_pool_end(pool, out, &err);
        free(out);
        run_heads(model, ws, &hidden);
    }
    bert_pool_free(pool);
    bert_workspace_free(ws);
    bert_batch_free(batch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Our own code, which the sanitizers see through. */
    static const bert_model_options options = {.kernels = "refgemm"};
    bert_model                     *model = NULL;
    bert_sentence                  *sentence = NULL;
    bert_lengths                    lengths;
    bert_error                      err;
    static bool                     entered;

    if (!entered) {
        enter();
        entered = true;
    }
    write_files(data, size);
    (void)bert_folder_lengths(folder, &lengths, &err);
    if (bert_model_load(&model, folder, &options, &err) == BERT_OK &&
        bert_sentence_load(&sentence, folder, model, NULL, &err) == BERT_OK) {
        (void)bert_sentence_prompt(sentence, NULL);
        (void)bert_sentence_prompt(sentence, "query");
        run(model, sentence);
    }
    bert_sentence_free(sentence);
    bert_model_free(model);
    return 0;
}
