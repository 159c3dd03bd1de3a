/*
 * gemm_ref.c - products in plain C, summed in f64: to compare others with
 */
#include "compute/gemm_library.h"

#include <stdio.h>

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

static bert_status run(void *state, const void *packed, size_t rows,
                       const float *x, size_t ldx, float *y, size_t ldy,
                       bert_error *err)
{
    const gemm_plain *m = packed;

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
    .packed_size = gemm_plain_size,
    .pack = gemm_plain_pack,
    .forget = gemm_plain_forget,
    .run = run,
};
