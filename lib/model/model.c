/*
 * model.c - a model folder to a model that can run
 *
 * Loading maps the weights and checks them, reading none, and leaves the matrix
 * library alone: a program that only looks at a model pays for none. The first
 * tokens run
 * with weights where they lie in the mapped file, if the matrix library allows
 * that; a stream of them has the weights packed for the library.
 */
#include "model/model.h"

#include <stdio.h>
#include <string.h>

#include "base/folder.h"
#include "base/memory.h"
#include "model/weights_file.h"

static bool is_among(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* The table of row functions of that name. A name that no machine has is the
   caller's mistake; one that is not here is not. */
static bert_status choose_rows(bert_model *model, const char *name,
                               bert_error *err)
{
    static const char *const rows[] = {"ref", "avx2", "avx512", "neon"};

    model->kernels = kernels_find(name);
    if (model->kernels != NULL) {
        return BERT_OK;
    }
    if (!is_among(rows, sizeof rows / sizeof rows[0], name)) {
        return error_set(err, BERT_BAD_CALL,
                         "kernels %s: neither row kernels (ref, avx2, avx512, "
                         "neon) nor a matrix library (refgemm, blis, onednn)",
                         name);
    }
    return error_set(err, BERT_UNSUPPORTED,
                     "kernels %s: not in this build, or not for this machine",
                     name);
}

/* "avx512,blis": row kernels and matrix library, each at most once. */
static bert_status choose_kernels(bert_model *model, const char *wish,
                                  bert_error *err)
{
    static const char *const libraries[] = {"refgemm", "blis", "onednn"};
    char                     word[32];
    char                     library[32] = "";

    for (const char *p = wish; p != NULL && *p != '\0';) {
        size_t size = strcspn(p, ",");
        snprintf(word, sizeof word, "%.*s", (int)(size < 31 ? size : 31), p);
        if (is_among(libraries, sizeof libraries / sizeof libraries[0], word)) {
            memcpy(library, word, sizeof library);
        } else if (size > 0) {
            bert_status s = choose_rows(model, word, err);
            if (s != BERT_OK) {
                return s;
            }
        }
        p += size + (p[size] == ',');
    }
    if (model->kernels == NULL) {
        model->kernels = kernels_find(NULL);
    }
    atomic_store(&model->kernels_now, model->kernels->name);
    return gemm_open(&model->gemm, library[0] != '\0' ? library : NULL, err);
}

bert_status bert_model_load(bert_model **out, const char *folder,
                            const bert_model_options *options, bert_error *err)
{
    char       *home = NULL, *path = NULL;
    bert_model *model = memory_new_zeroed(1, sizeof *model);

    if (model == NULL) {
        return error_memory(err);
    }
    model->has_lock = pthread_mutex_init(&model->lock, NULL) == 0;
    bert_status s = model->has_lock ? folder_transformer(folder, &home, err)
                                    : error_memory(err);
    if (s != BERT_OK) {
        goto out;
    }
    s = folder_config(home, &path, err);
    if (s == BERT_OK) {
        s = config_read(&model->config, path, err);
    }
    if (s == BERT_OK) {
        s = choose_kernels(model, options != NULL ? options->kernels : NULL,
                           err);
    }
    if (s == BERT_OK) {
        s = weights_open(&model->file, home,
                         options != NULL ? options->weights : NULL, err);
    }
    if (s == BERT_OK) {
        s = weights_load(&model->weights, model->file, &model->config, err);
    }
    if (s == BERT_OK) {
        *out = model;
        model = NULL;
    }
out:
    memory_free(path);
    memory_free(home);
    bert_model_free(model);
    return s;
}

void bert_model_free(bert_model *model)
{
    if (model == NULL) {
        return;
    }
    weights_clear(&model->weights);
    if (model->gemm != NULL) {
        gemm_close(model->gemm);
    }
    tensors_free(model->file);
    config_clear(&model->config);
    if (model->has_lock) {
        pthread_mutex_destroy(&model->lock);
    }
    memory_free(model);
}

const bert_config *bert_model_config(const bert_model *model)
{
    return &model->config.sizes;
}

const char *bert_model_weights(const bert_model *model)
{
    return tensors_path(model->file, "");
}

bool bert_model_has_pooler(const bert_model *model)
{
    return model->weights.has_pooler;
}

const char *bert_model_kernels(const bert_model *model)
{
    return atomic_load(&model->kernels_now);
}

/* With model->lock held. */
static bert_status start_library(bert_model *model, bert_error *err)
{
    if (model->started) {
        return BERT_OK;
    }
    bert_status s = gemm_start(model->gemm, err);
    if (s == BERT_OK) {
        snprintf(model->kernels_text, sizeof model->kernels_text,
                 "%s, %s (1 thread a product)", model->kernels->name,
                 gemm_version(model->gemm));
        snprintf(model->unpacked_text, sizeof model->unpacked_text,
                 "%s, weights not packed: its bits are others",
                 model->kernels_text);
        atomic_store(&model->kernels_now, model->kernels_text);
        model->started = true;
    }
    return s;
}

bert_status bert_model_start(bert_model *model, bert_error *err)
{
    pthread_mutex_lock(&model->lock);
    bert_status s = start_library(model, err);
    pthread_mutex_unlock(&model->lock);
    return s;
}

/* ---- weights made ready ---------------------------------------------------
 */

typedef struct packing {
    bert_model     *model;
    pthread_mutex_t lock; /* of the error */
    bert_status     status;
    bert_error      error;
} packing;

static void note_failure(packing *work, bert_status s, const bert_error *error)
{
    if (s != BERT_OK) {
        pthread_mutex_lock(&work->lock);
        work->status = s;
        work->error = *error;
        pthread_mutex_unlock(&work->lock);
    }
}

static linear *product_of(const packing *work, size_t item)
{
    return layer_product(&work->model->weights.layers[item / LAYER_PRODUCTS],
                         item % LAYER_PRODUCTS);
}

static void lay_item(void *context, size_t item, size_t member)
{
    packing   *work = context;
    linear    *product = product_of(work, item);
    bert_error error;

    (void)member;
    if (product->packed == NULL) { /* else by an attempt that failed later */
        note_failure(work,
                     gemm_lay(work->model->gemm, &product->weight,
                              &product->packed, &error),
                     &error);
    }
}

static void pack_item(void *context, size_t item, size_t member)
{
    packing   *work = context;
    bert_error error;

    gemm_matrix *matrix = product_of(work, item)->packed;
    bert_status  s = gemm_matrix_pack(matrix, &error);

    (void)member;
    note_failure(work, s, &error);
    if (s == BERT_OK && !gemm_matrix_is_packed(matrix)) {
        atomic_store(&work->model->kernels_now, work->model->unpacked_text);
    }
}

static bert_status for_all(bert_model *model, bert_team *team, bert_work *what,
                           bert_error *err)
{
    packing work = {.model = model, .status = BERT_OK};

    if (pthread_mutex_init(&work.lock, NULL) != 0) {
        return error_memory(err);
    }
    bert_team_run(team, model->weights.layer_count * LAYER_PRODUCTS, what,
                  &work);
    pthread_mutex_destroy(&work.lock);
    if (work.status != BERT_OK && err != NULL) {
        *err = work.error;
    }
    return work.status;
}

bert_status model_prepare(bert_model *model, bert_team *team, bert_error *err)
{
    bert_status s = BERT_OK;

    pthread_mutex_lock(&model->lock);
    if (!model->prepared) {
        s = start_library(model, err);
        if (s == BERT_OK) {
            s = for_all(model, team, lay_item, err);
        }
        model->prepared = s == BERT_OK;
    }
    pthread_mutex_unlock(&model->lock);
    return s;
}

bert_status model_expect(bert_model *model, bert_team *team, size_t tokens,
                         bert_error *err)
{
    bert_status s = BERT_OK;

    if (atomic_load(&model->packed)) {
        return BERT_OK;
    }
    size_t before = atomic_fetch_add(&model->tokens, tokens);
    if (tokens < PACK_AFTER && before < PACK_AFTER) {
        return BERT_OK;
    }
    if (pthread_mutex_trylock(&model->lock) != 0) {
        return BERT_OK; /* another thread is at it: go on without */
    }
    if (!atomic_load(&model->packed)) {
        s = for_all(model, team, pack_item, err);
        atomic_store(&model->packed, s == BERT_OK);
    }
    pthread_mutex_unlock(&model->lock);
    return s;
}
