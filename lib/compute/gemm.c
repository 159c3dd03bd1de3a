/*
 * gemm.c - chooses a matrix library, checks arguments, owns packed weights
 *
 * Packed weights lie in a few large blocks on huge pages rather than in one
 * block each: packing is then not held up by page faults (42 MB of MiniLM), and
 * products miss the TLB less.
 */
#include "compute/gemm.h"

#include <assert.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "compute/cpu.h"
#include "compute/gemm_library.h"

/* Floats of a block. What is not used of it is never touched. */
static const size_t block_floats = (size_t)8 << 20;
enum { LINE_FLOATS = 16 };

typedef struct block {
    struct block *next;
    float        *data;
    size_t        used, size;
} block;

struct gemm {
    const gemm_library *library;
    bool                may_change; /* no name was given */
    pthread_mutex_t     lock;       /* over all below */
    bool                started;
    void               *state;
    block              *blocks;
    char                version[GEMM_VERSION_SIZE];
};

struct gemm_matrix {
    const gemm_library *library;
    void               *state, *packed;
    size_t              n, k;
};

static const gemm_library *const libraries[] = {
    &gemm_library_blis, /* the default where oneDNN is not better */
    &gemm_library_ref,
#ifdef HAVE_ONEDNN
    &gemm_library_onednn,
#endif
};

/* At 16 to 64 rows oneDNN is 1.3 to 2 times as quick as BLIS on AVX-512, 1.3
   times on AVX2 (tests/bench/bench_kernels.c). Elsewhere, aarch64 above all, it
   is not known to be. */
static const gemm_library *best_library(void)
{
#ifdef HAVE_ONEDNN
    if (cpu_detect().avx2) {
        return &gemm_library_onednn;
    }
#endif
    return &gemm_library_blis;
}

static bert_status find_library(const char *name, const gemm_library **out,
                                bert_error *err)
{
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        if (strcmp(libraries[i]->name, name) == 0) {
            *out = libraries[i];
            return BERT_OK;
        }
    }
    return error_set(err, BERT_UNSUPPORTED,
                     "matrix library %s: not in this build", name);
}

bert_status gemm_open(gemm **out, const char *name, bert_error *err)
{
    const gemm_library *library = best_library();

    if (name != NULL) {
        bert_status status = find_library(name, &library, err);
        if (status != BERT_OK) {
            return status;
        }
    }
    gemm *g = memory_new_zeroed(1, sizeof *g);
    if (g == NULL) {
        return error_memory(err);
    }
    g->library = library;
    g->may_change = name == NULL;
    pthread_mutex_init(&g->lock, NULL);
    *out = g;
    return BERT_OK;
}

void gemm_close(gemm *g)
{
    if (g == NULL) {
        return;
    }
    if (g->started) {
        g->library->stop(g->state);
    }
    while (g->blocks != NULL) {
        block *b = g->blocks;
        g->blocks = b->next;
        memory_free(b->data);
        memory_free(b);
    }
    pthread_mutex_destroy(&g->lock);
    memory_free(g);
}

bert_status gemm_start(gemm *g, bert_error *err)
{
    bert_status status = BERT_OK;

    pthread_mutex_lock(&g->lock);
    if (!g->started) {
        status = g->library->start(&g->state, g->version, err);
        if (status == BERT_UNSUPPORTED && g->may_change &&
            g->library != &gemm_library_blis) {
            g->library = &gemm_library_blis;
            status = g->library->start(&g->state, g->version, err);
        }
        g->started = status == BERT_OK;
    }
    pthread_mutex_unlock(&g->lock);
    return status;
}

const char *gemm_version(const gemm *g)
{
    return g->version;
}

/* Room for `size` floats, aligned to 64 bytes; NULL: no memory. */
static float *take_room(gemm *g, size_t size)
{
    float *room = NULL;

    if (size > SIZE_MAX - LINE_FLOATS) {
        return NULL;
    }
    size = (size + LINE_FLOATS - 1) / LINE_FLOATS * LINE_FLOATS;
    pthread_mutex_lock(&g->lock);
    block *b = g->blocks;
    if (b == NULL || b->size - b->used < size) {
        b = memory_new_zeroed(1, sizeof *b);
        if (b != NULL) {
            b->size = size > block_floats ? size : block_floats;
            b->data = memory_new_aligned(b->size, sizeof(float));
        }
        if (b == NULL || b->data == NULL) {
            memory_free(b);
            b = NULL;
        } else {
            b->next = g->blocks;
            g->blocks = b;
        }
    }
    if (b != NULL) {
        room = b->data + b->used;
        b->used += size;
    }
    pthread_mutex_unlock(&g->lock);
    return room;
}

static bert_status check_weights(const tensor *w, bert_error *err)
{
    if (!dtype_is_float(w->type)) {
        return error_set(err, BERT_UNSUPPORTED,
                         "weights of type %s: only floats are supported",
                         dtype_name(w->type));
    }
    if (w->rank != 2 || w->shape[0] == 0 || w->shape[1] == 0 ||
        w->shape[0] > INT32_MAX || w->shape[1] > INT32_MAX) {
        char text[128];
        return error_set(err, BERT_UNSUPPORTED, "weights of shape %s",
                         tensor_shape_text(w, text, sizeof text));
    }
    return BERT_OK;
}

/*
 * The weights as an array of floats in rows: where they lie if they are one,
 * else a copy. A library that packs needs it until then (*passing, to be
 * freed), one that does not for as long as the matrix lives.
 */
static const float *float_weights(gemm *g, const tensor *w, bool packs,
                                  float **passing)
{
    size_t count = w->shape[0] * w->shape[1];

    if (tensor_is_floats(w)) {
        return w->data;
    }
    float *copy =
        packs ? memory_new_aligned(count, sizeof *copy) : take_room(g, count);
    *passing = packs ? copy : NULL;
    if (copy != NULL) {
        tensor_floats(w, copy);
    }
    return copy;
}

bert_status gemm_pack(gemm *g, const tensor *w, gemm_matrix **out,
                      bert_error *err)
{
    size_t       size = 0, n = w->shape[0], k = w->shape[1];
    gemm_matrix *m = NULL;
    float       *passing = NULL;
    bert_status  status = check_weights(w, err);

    if (status == BERT_OK) {
        status = gemm_start(g, err);
    }
    if (status == BERT_OK) {
        status = g->library->packed_size(g->state, n, k, &size, err);
    }
    if (status != BERT_OK) {
        return status;
    }
    const float *weights = float_weights(g, w, size > 0, &passing);
    float       *into = size > 0 ? take_room(g, size) : NULL;
    m = memory_new_zeroed(1, sizeof *m);
    if (weights == NULL || m == NULL || (size > 0 && into == NULL)) {
        status = error_memory(err);
        goto out;
    }
    *m =
        (gemm_matrix){.library = g->library, .state = g->state, .n = n, .k = k};
    status = g->library->pack(g->state, weights, n, k, into, &m->packed, err);
    if (status != BERT_OK) {
        goto out;
    }
    *out = m;
    m = NULL;
out:
    memory_free(passing);
    memory_free(m);
    return status;
}

void gemm_matrix_free(gemm_matrix *matrix)
{
    if (matrix != NULL) {
        matrix->library->forget(matrix->packed);
        memory_free(matrix);
    }
}

bert_status gemm_run(const gemm_matrix *w, size_t m, const float *x, size_t ldx,
                     float *y, size_t ldy, bert_error *err)
{
    assert(ldx >= w->k && ldy >= w->n);
    if (m == 0) {
        return BERT_OK;
    }
    return w->library->run(w->state, w->packed, gemm_rows(m), x, ldx, y, ldy,
                           err);
}
