/*
 * dtype.h - number formats: names and sizes
 */
#ifndef BASE_DTYPE_H
#define BASE_DTYPE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum dtype {
    DTYPE_F32,
    DTYPE_F16,
    DTYPE_BF16,
    DTYPE_F64,
    DTYPE_I8,
    DTYPE_U8,
    DTYPE_I16,
    DTYPE_I32,
    DTYPE_I64,
    DTYPE_BOOL,
    DTYPE_COUNT,
    DTYPE_OTHER = DTYPE_COUNT /* of numbers that nothing here reads */
} dtype;

size_t      dtype_size(dtype type);     /* bytes a number; OTHER: 0 */
const char *dtype_name(dtype type);     /* as safetensors spells it: "F32" */
bool        dtype_is_float(dtype type); /* tensor_floats() takes it */
/* false: not a name of these. */
bool dtype_find(const char *name, dtype *out);

#endif
