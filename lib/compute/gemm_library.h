/*
 * gemm_library.h - what gemm.c asks of a matrix library
 *
 * A library's file (gemm_ref.c, gemm_blis.c, gemm_onednn.c) fills one of
 * these. Arguments have been checked by gemm.c.
 */
#ifndef COMPUTE_GEMM_LIBRARY_H
#define COMPUTE_GEMM_LIBRARY_H

#include "compute/gemm.h"

enum { GEMM_VERSION_SIZE = 64, GEMM_STRETCHES = 64 };

typedef struct gemm_library {
    const char *name;

    /*
     * Start it; *state is its own, handed to the others. version is filled
     * with "name 1.2.3". Errors: BERT_UNSUPPORTED (not here, with the reason),
     * BERT_NO_MEMORY.
     */
    bert_status (*start)(void **state, char *version, bert_error *err);
    void (*stop)(void *state);

    /* Floats that w [n,k] takes once packed; 0: it is used where it lies. */
    bert_status (*packed_size)(void *state, size_t n, size_t k, size_t *size,
                               bert_error *err);
    /* *packed: the library's own handle; `into` has packed_size() floats,
       aligned to 64 bytes. Called by several threads at once. */
    bert_status (*pack)(void *state, const float *w, size_t n, size_t k,
                        float *into, void **packed, bert_error *err);
    void (*forget)(void *packed); /* NULL: nothing to free */

    /* The order in which products with w [n,k] sum: the ends of the stretches
       of k, as kernels.h says of product(); returns how many, at most
       GEMM_STRETCHES, 0 where it is not known. NULL: never known. */
    size_t (*order)(void *state, size_t n, size_t k, size_t *ends);

    /* y [rows,n] = x [rows,k] w^T; rows is a multiple of GEMM_TAIL. The
       library splits rows as it must to give every row the same bits. */
    bert_status (*run)(void *state, const void *packed, size_t rows,
                       const float *x, size_t ldx, float *y, size_t ldy,
                       bert_error *err);
} gemm_library;

/* packed_size, pack and forget of a library that packs nothing. */
typedef struct gemm_plain {
    const float *w; /* [n,k], where it lies */
    size_t       n, k;
} gemm_plain;

bert_status gemm_plain_size(void *state, size_t n, size_t k, size_t *size,
                            bert_error *err);
bert_status gemm_plain_pack(void *state, const float *w, size_t n, size_t k,
                            float *into, void **packed, bert_error *err);
void        gemm_plain_forget(void *packed);

extern const gemm_library gemm_library_ref;
extern const gemm_library gemm_library_blis;
#ifdef HAVE_ONEDNN
extern const gemm_library gemm_library_onednn;
#endif

#endif
