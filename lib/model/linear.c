/*
 * linear.c - one linear map over a block of rows
 */
#include "model/linear.h"

#include <string.h>

bert_status linear_run(const linear *w, size_t m, const float *x, float *y,
                       bert_error *err)
{
    return gemm_run(w->packed, gemm_rows(m), x, w->weight.shape[1], y,
                    w->weight.shape[0], err);
}

void linear_pad(float *x, size_t m, size_t columns)
{
    memset(x + m * columns, 0, (gemm_rows(m) - m) * columns * sizeof *x);
}
