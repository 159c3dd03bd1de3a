/*
 * alloc.c - memory for the commands
 */
#include "common/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/report.h"

void *alloc_zeroed(size_t count, size_t size)
{
    void *block = calloc(count > 0 ? count : 1, size > 0 ? size : 1);

    if (block == NULL) {
        stop_error("out of memory");
    }
    return block;
}

char *alloc_text(const char *text, size_t size)
{
    char *copy = alloc_zeroed(size + 1, 1);

    if (size > 0) {
        memcpy(copy, text, size);
    }
    return copy;
}

char *alloc_joined(const char *a, const char *b, const char *c)
{
    size_t na = strlen(a), nb = strlen(b), nc = strlen(c);
    char  *joined = alloc_zeroed(na + nb + nc + 1, 1);

    memcpy(joined, a, na);
    memcpy(joined + na, b, nb);
    memcpy(joined + na + nb, c, nc);
    return joined;
}

bool grow_array(void **array, size_t *capacity, size_t count, size_t size)
{
    if (count <= *capacity) {
        return true;
    }
    size_t wanted = *capacity > SIZE_MAX / 2 ? count : *capacity * 2;
    wanted = wanted < count ? count : wanted;
    if (wanted > SIZE_MAX / size) {
        return false;
    }
    char *grown = realloc(*array, wanted * size);
    if (grown == NULL) {
        return false;
    }
    memset(grown + *capacity * size, 0, (wanted - *capacity) * size);
    *array = grown;
    *capacity = wanted;
    return true;
}
