/*
 * linear.h - one linear map over a block of rows
 */
#ifndef MODEL_LINEAR_H
#define MODEL_LINEAR_H

#include "model/weights.h"

/*
 * y [m,out] = x [m,in] W^T, without the bias: what follows adds it in its own
 * pass. x and y have room for gemm_rows(m) rows; those of x from m on hold
 * finite numbers, those of y are undefined afterwards. Rows lie end to end, x
 * and y aligned to 64 bytes. Errors: as gemm_run().
 */
bert_status linear_run(const linear *w, size_t m, const float *x, float *y,
                       bert_error *err);

/*
 * y [out] = W x + b of one row, a dot product an output: for maps of few rows,
 * where a matrix product has nothing to gain. y is not x.
 */
void linear_row(const linear *w, const kernels *k, const float *x, float *y);

/* Zero the rows of x [gemm_rows(m),columns] from m on. */
void linear_pad(float *x, size_t m, size_t columns);

#endif
