/*
 * gemm_direct.h - products with weights where they lie, in a library's order of
 * sums
 *
 * Included by gemm.c and gemm_direct.c only.
 */
#ifndef COMPUTE_GEMM_DIRECT_H
#define COMPUTE_GEMM_DIRECT_H

#include "base/error.h"

typedef struct direct direct; /* scratch, used again by call after call */

bert_status direct_new(direct **out, bert_error *err);
void        direct_free(direct *d);

/*
 * y [m,n] = x [m,k] w^T on the calling thread; ends as kernels.h says of
 * product(). Any number of threads may call it. Errors: BERT_NO_MEMORY.
 */
bert_status direct_run(direct *d, const float *w, size_t n, size_t k,
                       const size_t *ends, size_t m, const float *x, size_t ldx,
                       float *y, size_t ldy, bert_error *err);

#endif
