/*
 * tensor.c - number formats and views of numbers
 */
#include "base/tensor.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    size_t      size;
} formats[DTYPE_COUNT + 1] = {
    [DTYPE_F32] = {"F32", 4},       [DTYPE_F16] = {"F16", 2},
    [DTYPE_BF16] = {"BF16", 2},     [DTYPE_F64] = {"F64", 8},
    [DTYPE_I8] = {"I8", 1},         [DTYPE_U8] = {"U8", 1},
    [DTYPE_I16] = {"I16", 2},       [DTYPE_I32] = {"I32", 4},
    [DTYPE_I64] = {"I64", 8},       [DTYPE_BOOL] = {"BOOL", 1},
    [DTYPE_OTHER] = {"unknown", 0},
};

size_t dtype_size(dtype type)
{
    return formats[type].size;
}

const char *dtype_name(dtype type)
{
    return formats[type].name;
}

bool dtype_is_float(dtype type)
{
    return type == DTYPE_F32 || type == DTYPE_F16 || type == DTYPE_BF16 ||
           type == DTYPE_F64;
}

bool dtype_find(const char *name, dtype *out)
{
    for (int i = 0; i < DTYPE_COUNT; i++) {
        if (strcmp(name, formats[i].name) == 0) {
            *out = (dtype)i;
            return true;
        }
    }
    return false;
}

size_t tensor_count(const tensor *t)
{
    size_t count = 1;

    for (int i = 0; i < t->rank; i++) {
        count *= t->shape[i];
    }
    return count;
}

bool tensor_is_floats(const tensor *t)
{
    return t->type == DTYPE_F32 && !t->transposed &&
           (uintptr_t)t->data % _Alignof(float) == 0;
}

char *tensor_shape_text(const tensor *t, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "[");

    for (int i = 0; i < t->rank && used < size; i++) {
        used += (size_t)snprintf(text + used, size - used, "%s%zu",
                                 i > 0 ? "," : "", t->shape[i]);
    }
    if (used < size) {
        (void)snprintf(text + used, size - used, "]");
    }
    return text;
}
