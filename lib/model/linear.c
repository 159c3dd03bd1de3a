/*
 * linear.c - one linear map over a block of rows
 */
#include "model/linear.h"

#include <string.h>

bert_status linear_run(const linear *w, size_t m, const float *x, float *y,
                       bert_error *err)
{
    return gemm_run(w->packed, m, x, w->weight.shape[1], y, w->weight.shape[0],
                    err);
}

void linear_row(const linear *w, const kernels *k, const float *x, float *y)
{
    size_t       n = w->weight.shape[0], m = w->weight.shape[1];
    const float *weight = w->weight.data;

    for (size_t i = 0; i < n; i++) {
        y[i] = k->dot(weight + i * m, x, m) + w->bias[i];
    }
}

void linear_pad(float *x, size_t m, size_t columns)
{
    memset(x + m * columns, 0, (gemm_rows(m) - m) * columns * sizeof *x);
}
