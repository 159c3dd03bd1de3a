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
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "compute/cpu.h"
#include "compute/gemm_direct.h"
#include "compute/gemm_library.h"

/* Floats of a block. What is not used of it is never touched. */
static const size_t block_floats = (size_t)8 << 20;
enum { LINE_FLOATS = 16 };

typedef struct block {
    struct block *next;
    float        *data;
    size_t        used, size;
} block;

/* What a comparison of the library's bits with our own has shown. */
typedef struct verdict {
    struct verdict *next;
    size_t          n, k;
    bool            same;
} verdict;

struct gemm {
    const gemm_library *library;
    bool                may_change; /* no name was given */
    pthread_mutex_t     lock;       /* over all below */
    bool                started;
    void               *state;
    block              *blocks;
    direct             *direct; /* from the start on */
    verdict            *verdicts;
    char                version[GEMM_VERSION_SIZE];
};

struct gemm_matrix {
    gemm           *gemm;
    tensor          w;
    const float    *weights; /* w where it lies; NULL: not as it must lie */
    size_t          n, k;
    size_t          count, ends[GEMM_STRETCHES]; /* count 0: not known */
    _Atomic(void *) packed;                      /* NULL: not yet */
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
    while (g->verdicts != NULL) {
        verdict *v = g->verdicts;
        g->verdicts = v->next;
        memory_free(v);
    }
    direct_free(g->direct);
    pthread_mutex_destroy(&g->lock);
    memory_free(g);
}

bert_status gemm_start(gemm *g, bert_error *err)
{
    bert_status status = BERT_OK;

    pthread_mutex_lock(&g->lock);
    if (!g->started && g->direct == NULL) {
        status = direct_new(&g->direct, err);
    }
    if (!g->started && status == BERT_OK) {
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

static bert_status new_matrix(gemm *g, const tensor *w, gemm_matrix **out,
                              bert_error *err)
{
    bert_status status = check_weights(w, err);

    if (status == BERT_OK) {
        status = gemm_start(g, err);
    }
    if (status != BERT_OK) {
        return status;
    }
    gemm_matrix *m = memory_new_zeroed(1, sizeof *m);
    if (m == NULL) {
        return error_memory(err);
    }
    m->gemm = g;
    m->w = *w;
    m->weights = tensor_is_floats(w) ? w->data : NULL;
    m->n = w->shape[0];
    m->k = w->shape[1];
    *out = m;
    return BERT_OK;
}

bert_status gemm_lay(gemm *g, const tensor *w, gemm_matrix **out,
                     bert_error *err)
{
    gemm_matrix *m = NULL;
    bert_status  status = new_matrix(g, w, &m, err);

    if (status == BERT_OK && m->weights != NULL && g->library->order != NULL) {
        m->count = g->library->order(g->state, m->n, m->k, m->ends);
    }
    if (status == BERT_OK && m->count == 0) {
        status = gemm_matrix_pack(m, err);
    }
    if (status != BERT_OK) {
        memory_free(m);
        return status;
    }
    *out = m;
    return BERT_OK;
}

/* No order is asked for: such a matrix has never run otherwise. */
bert_status gemm_pack(gemm *g, const tensor *w, gemm_matrix **out,
                      bert_error *err)
{
    gemm_matrix *m = NULL;
    bert_status  status = new_matrix(g, w, &m, err);

    if (status == BERT_OK) {
        status = gemm_matrix_pack(m, err);
    }
    if (status != BERT_OK) {
        memory_free(m);
        return status;
    }
    *out = m;
    return BERT_OK;
}

void gemm_matrix_free(gemm_matrix *matrix)
{
    if (matrix != NULL) {
        matrix->gemm->library->forget(atomic_load(&matrix->packed));
        memory_free(matrix);
    }
}

bool gemm_matrix_is_packed(const gemm_matrix *matrix)
{
    return atomic_load(&matrix->packed) != NULL;
}

bool gemm_splits(const gemm_matrix *w)
{
    return w->count > 0;
}

/* ---- Packing what lies ---- */

/* Numbers between -1/2 and 1/2: a product of them is inexact at every step. */
static void fill_random(float *x, size_t count)
{
    uint32_t number = 1;

    for (size_t i = 0; i < count; i++) {
        number = number * 1664525u + 1013904223u;
        x[i] = (float)(number >> 8) * 0x1p-24f - 0.5f;
    }
}

/* One block of rows with the weights themselves, computed both ways. */
static bert_status compare(const gemm_matrix *m, const void *packed, bool *same,
                           bert_error *err)
{
    gemm       *g = m->gemm;
    size_t      size = GEMM_TAIL * m->n;
    float      *x = memory_new_aligned(GEMM_TAIL * m->k, sizeof *x);
    float      *y = memory_new_aligned(2 * size, sizeof *y);
    bert_status status = BERT_OK;

    if (x == NULL || y == NULL) {
        status = error_memory(err);
        goto out;
    }
    fill_random(x, GEMM_TAIL * m->k);
    status =
        g->library->run(g->state, packed, GEMM_TAIL, x, m->k, y, m->n, err);
    if (status == BERT_OK) {
        status = direct_run(g->direct, m->weights, m->n, m->k, m->ends,
                            GEMM_TAIL, x, m->k, y + size, m->n, err);
    }
    *same = status == BERT_OK && memcmp(y, y + size, size * sizeof *y) == 0;
out:
    memory_free(x);
    memory_free(y);
    return status;
}

static const verdict *find_verdict(gemm *g, size_t n, size_t k)
{
    pthread_mutex_lock(&g->lock);
    const verdict *v = g->verdicts;
    while (v != NULL && (v->n != n || v->k != k)) {
        v = v->next;
    }
    pthread_mutex_unlock(&g->lock);
    return v;
}

/* *same: whether the packed form gives the bits of the weights where they lie.
   Two threads may both find it out for a shape, and find the same. */
static bert_status judge(const gemm_matrix *m, const void *packed, bool *same,
                         bert_error *err)
{
    gemm          *g = m->gemm;
    const verdict *known = find_verdict(g, m->n, m->k);

    if (known != NULL) {
        *same = known->same;
        return BERT_OK;
    }
    bert_status status = compare(m, packed, same, err);
    if (status != BERT_OK) {
        return status;
    }
    verdict *v = memory_new_zeroed(1, sizeof *v);
    if (v == NULL) {
        return error_memory(err);
    }
    *v = (verdict){.n = m->n, .k = m->k, .same = *same};
    pthread_mutex_lock(&g->lock);
    v->next = g->verdicts;
    g->verdicts = v;
    pthread_mutex_unlock(&g->lock);
    return BERT_OK;
}

bert_status gemm_matrix_pack(gemm_matrix *m, bert_error *err)
{
    gemm          *g = m->gemm;
    size_t         size = 0;
    float         *passing = NULL;
    void          *packed = NULL;
    const verdict *known = m->count > 0 ? find_verdict(g, m->n, m->k) : NULL;
    bool           same = known == NULL || known->same;

    if (gemm_matrix_is_packed(m) || !same) {
        return BERT_OK;
    }
    bert_status status =
        g->library->packed_size(g->state, m->n, m->k, &size, err);
    if (status != BERT_OK) {
        return status;
    }
    const float *weights = float_weights(g, &m->w, size > 0, &passing);
    float       *into = size > 0 ? take_room(g, size) : NULL;
    if (weights == NULL || (size > 0 && into == NULL)) {
        status = error_memory(err);
        goto out;
    }
    status =
        g->library->pack(g->state, weights, m->n, m->k, into, &packed, err);
    if (status == BERT_OK && m->count > 0) {
        status = judge(m, packed, &same, err);
    }
    if (status == BERT_OK && same) {
        atomic_store(&m->packed, packed);
        packed = NULL;
    }
out:
    g->library->forget(packed);
    memory_free(passing);
    return status;
}

/* ---- Products ---- */

bert_status gemm_run(const gemm_matrix *w, size_t m, const float *x, size_t ldx,
                     float *y, size_t ldy, bert_error *err)
{
    const gemm *g = w->gemm;
    const void *packed = atomic_load(&w->packed);

    assert(ldx >= w->k && ldy >= w->n);
    if (m == 0) {
        return BERT_OK;
    }
    if (packed == NULL) {
        return direct_run(g->direct, w->weights, w->n, w->k, w->ends, m, x, ldx,
                          y, ldy, err);
    }
    return g->library->run(g->state, packed, gemm_rows(m), x, ldx, y, ldy, err);
}

bert_status gemm_run_columns(const gemm_matrix *w, size_t first, size_t columns,
                             size_t m, const float *x, size_t ldx, float *y,
                             size_t ldy, bert_error *err)
{
    assert(gemm_splits(w) && first + columns <= w->n);
    return direct_run(w->gemm->direct, w->weights + first * w->k, columns, w->k,
                      w->ends, m, x, ldx, y + first, ldy, err);
}
