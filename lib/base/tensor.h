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
    bool        transposed; /* rank 2: lies column by column */
} tensor;

size_t tensor_count(const tensor *t); /* numbers in it */

/* Whether it can be read where it lies as an array of f32. */
bool tensor_is_floats(const tensor *t);

/*
 * floats.c: its numbers as f32, row by row, to out [tensor_count(t)]: exact
 * from F16 and BF16, rounded to nearest from F64. The type is a float's
 * (dtype_is_float()).
 */
void tensor_floats(const tensor *t, float *out);

/* "[384,1536]", cut to fit; returns text. */
char *tensor_shape_text(const tensor *t, char *text, size_t size);

#endif
