/*
 * gemm.h - the one room for matrix products
 *
 *   Y[m,n] = X[m,k] W[n,k]^T      W as PyTorch stores a linear layer's weight
 *
 * A library (ref, BLIS, oneDNN) is chosen when a gemm is opened. Weights are
 * packed once for it (gemm_pack) and then used by any number of threads.
 *
 * The same bits: a row of Y depends on its row of X, on W and on the distances
 * ldx and ldy, not on m or the row's place. To keep that promise whatever a
 * library's kernels do with other row counts, X has its last rows filled up to
 * a multiple of GEMM_TAIL, and a library is given row counts only for which
 * tests/unit/test_gemm.c shows that they give a row the same bits: oneDNN
 * blocks of 256, 64 and 16 rows, BLIS multiples of GEMM_TAIL. Filling up
 * further, to GEMM_BLOCK, gains nothing.
 *
 * oneDNN's way of summing is known (gemm_onednn.c, order()), so that a product
 * can be computed from weights that are not packed with the same bits. Packing
 * takes longer than one short text does: gemm_lay() leaves weights where they
 * lie until gemm_matrix_pack().
 *
 * A product runs on the calling thread alone.
 */
#ifndef COMPUTE_GEMM_H
#define COMPUTE_GEMM_H

#include "base/error.h"
#include "base/tensor.h"

enum { GEMM_BLOCK = 64, GEMM_TAIL = 16 };

/* m rounded up to what gemm_run() reads of X and writes of Y. */
static inline size_t gemm_rows(size_t m)
{
    return (m + GEMM_TAIL - 1) / GEMM_TAIL * GEMM_TAIL;
}

typedef struct gemm        gemm;        /* an opened library */
typedef struct gemm_matrix gemm_matrix; /* weights, packed for it */

/*
 * name: "refgemm", "blis", "onednn"; NULL: the best that is here.
 * Errors: BERT_UNSUPPORTED (not here; the message says why), BERT_NO_MEMORY.
 * Opening is cheap: libraries are started by gemm_start().
 */
bert_status gemm_open(gemm **out, const char *name, bert_error *err);
void        gemm_close(gemm *g);
/*
 * Start the library; at once where that is done, and gemm_pack() does it too.
 * Only then is it known whether oneDNN is here: where it is not, and no name
 * was given, BLIS runs. Errors: as gemm_open().
 */
bert_status gemm_start(gemm *g, bert_error *err);
/* "onednn 2.6.3" or "blis 0.9.0 (skx)", "" before the start; lent by g. */
const char *gemm_version(const gemm *g);

/*
 * Ready w [n,k] for products in f32: of any float type, in rows or transposed,
 * aligned or not. May be called by several threads at once. The data of w must
 * outlive the matrix (a library may use it where it lies).
 * Errors: BERT_UNSUPPORTED, BERT_NO_MEMORY.
 */
bert_status gemm_pack(gemm *g, const tensor *w, gemm_matrix **out,
                      bert_error *err);
void        gemm_matrix_free(gemm_matrix *matrix);

/*
 * As gemm_pack(), but where the library's way of summing is known w is used
 * where it lies, at no cost now. Errors: as gemm_pack().
 */
bert_status gemm_lay(gemm *g, const tensor *w, gemm_matrix **out,
                     bert_error *err);
/*
 * Pack what gemm_lay() left; at once where that is done. Other threads may be
 * running products with it, and see the same bits before and after: a product
 * of random numbers, one a shape, shows whether they are, and where they are
 * not the matrix stays as it is. Not by two threads at once. Errors: as
 * gemm_pack().
 */
bert_status gemm_matrix_pack(gemm_matrix *matrix, bert_error *err);
bool        gemm_matrix_is_packed(const gemm_matrix *matrix);

/*
 * y [gemm_rows(m),n] = x [gemm_rows(m),k] w^T, on the calling thread. Rows of
 * x from m on must be finite numbers (zeros); those of y are then undefined.
 * x and y are aligned to 64 bytes and do not overlap; rows are ldx and ldy
 * floats apart (>= k, >= n). Errors: BERT_UNSUPPORTED (the library failed),
 * BERT_NO_MEMORY (making a library's kernel).
 */
bert_status gemm_run(const gemm_matrix *w, size_t m, const float *x, size_t ldx,
                     float *y, size_t ldy, bert_error *err);

/*
 * Columns `first` to first + columns - 1 of that y, for any m rows and no more,
 * from w where it lies: so the members of a team share out few rows. Only
 * where gemm_splits(). Errors: BERT_NO_MEMORY.
 */
bert_status gemm_run_columns(const gemm_matrix *w, size_t first, size_t columns,
                             size_t m, const float *x, size_t ldx, float *y,
                             size_t ldy, bert_error *err);
bool        gemm_splits(const gemm_matrix *w);

#endif
