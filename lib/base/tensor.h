/*
 * tensor.h - a view of numbers that lie elsewhere, row-major
 */
#ifndef BASE_TENSOR_H
#define BASE_TENSOR_H

#include "base/dtype.h"

#define TENSOR_MAX_RANK 4

typedef struct tensor {
    const void *data; /* may be unaligned for its type */
    dtype       type;
    int         rank;
    size_t      shape[TENSOR_MAX_RANK];
} tensor;

size_t tensor_count(const tensor *t); /* numbers in it */

/* "[384,1536]", cut to fit; returns text. */
char *tensor_shape_text(const tensor *t, char *text, size_t size);

#endif
