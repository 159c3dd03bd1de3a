/*
 * linear.h - one linear map over a block of rows
 */
#ifndef MODEL_LINEAR_H
#define MODEL_LINEAR_H

#include "model/weights.h"

/*
 * y [m,out] = x [m,in] W^T, without the bias: what follows adds it in its own
 * pass. m is at most BLOCK_ROWS, and both x and y have room for BLOCK_ROWS
 * rows or, where m is at most GEMM_TAIL, for GEMM_TAIL; those of x from m on
 * hold finite numbers, those of y are undefined afterwards. Rows lie end to
 * end, x and y aligned to 64 bytes. Errors: as gemm_run().
 */
bert_status linear_run(const linear *w, size_t m, const float *x, float *y,
                       bert_error *err);

/* Zero the rows of x [.,columns] from m to the end of the block that
   linear_run() reads. */
void linear_pad(float *x, size_t m, size_t columns);

#endif
