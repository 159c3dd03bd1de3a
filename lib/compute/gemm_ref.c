/*
 * gemm_ref.c - products in plain C, summed in f64: to compare others with
 */
#include "compute/gemm_library.h"

#include <stdio.h>

#include "base/memory.h"

typedef struct ref_matrix {
    const float *w; /* [n,k], where it lies */
    size_t       n, k;
} ref_matrix;

static bert_status start(void **state, char *version, bert_error *err)
{
    (void)err;
    *state = NULL;
    (void)snprintf(version, GEMM_VERSION_SIZE, "refgemm");
    return BERT_OK;
}

static void stop(void *state)
{
    (void)state;
}

static bert_status packed_size(void *state, size_t n, size_t k, size_t *size,
                               bert_error *err)
{
    (void)state, (void)n, (void)k, (void)err;
    *size = 0;
    return BERT_OK;
}

static bert_status pack(void *state, const float *w, size_t n, size_t k,
                        float *into, void **packed, bert_error *err)
{
    ref_matrix *m = memory_new(1, sizeof *m);

    (void)state, (void)into;
    if (m == NULL) {
        return error_memory(err);
    }
    *m = (ref_matrix){.w = w, .n = n, .k = k};
    *packed = m;
    return BERT_OK;
}

static bert_status run(void *state, const void *packed, size_t rows,
                       const float *x, size_t ldx, float *y, size_t ldy,
                       bert_error *err)
{
    const ref_matrix *m = packed;

    (void)state, (void)err;
    for (size_t row = 0; row < rows; row++) {
        for (size_t i = 0; i < m->n; i++) {
            double sum = 0;
            for (size_t j = 0; j < m->k; j++) {
                sum += (double)x[row * ldx + j] * (double)m->w[i * m->k + j];
            }
            y[row * ldy + i] = (float)sum;
        }
    }
    return BERT_OK;
}

const gemm_library gemm_library_ref = {
    .name = "refgemm",
    .start = start,
    .stop = stop,
    .packed_size = packed_size,
    .pack = pack,
    .forget = memory_free,
    .run = run,
};
