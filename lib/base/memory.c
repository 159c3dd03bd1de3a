/*
 * memory.c - the only place that allocates
 */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { CACHE_LINE = 64 };
static const size_t huge_page = (size_t)2 << 20;

#ifdef BERT_FAULTS
#include <stdatomic.h>
static _Atomic size_t faults_after = SIZE_MAX;

void memory_fault_after(size_t after)
{
    atomic_store(&faults_after, after);
}

static bool refused(void)
{
    size_t left = atomic_load(&faults_after);

    if (left == SIZE_MAX) {
        return false;
    }
    if (left > 0) {
        atomic_fetch_sub(&faults_after, 1);
    }
    return left == 0;
}
#else
static bool refused(void)
{
    return false;
}
#endif

/* false: count * size does not fit, or is more than any object may be. */
static bool product(size_t count, size_t size, size_t *out)
{
    if (size != 0 && count > (SIZE_MAX / 2) / size) {
        return false;
    }
    *out = count * size;
    if (*out == 0) {
        *out = 1;
    }
    return true;
}

void *memory_new(size_t count, size_t size)
{
    size_t bytes;

    return product(count, size, &bytes) && !refused() ? malloc(bytes) : NULL;
}

void *memory_new_zeroed(size_t count, size_t size)
{
    size_t bytes;

    return product(count, size, &bytes) && !refused() ? calloc(1, bytes) : NULL;
}

void *memory_resize(void *block, size_t count, size_t size)
{
    size_t bytes;

    return product(count, size, &bytes) && !refused() ? realloc(block, bytes)
                                                      : NULL;
}

void *memory_new_aligned(size_t count, size_t size)
{
    size_t bytes;
    void  *block;

    if (!product(count, size, &bytes) || refused()) {
        return NULL;
    }
    size_t align = bytes >= huge_page ? huge_page : CACHE_LINE;
    if (posix_memalign(&block, align, bytes) != 0) {
        return NULL;
    }
#ifdef MADV_HUGEPAGE
    if (align == huge_page) {
        /* Advice only: a kernel without huge pages serves small ones. */
        (void)madvise(block, bytes / huge_page * huge_page, MADV_HUGEPAGE);
    }
#endif
    return block;
}

void memory_free(void *block)
{
    free(block);
}

char *memory_copy_text(const char *text, size_t size)
{
    char *copy = size < SIZE_MAX ? memory_new(size + 1, 1) : NULL;

    if (copy != NULL) {
        if (size > 0) {
            memcpy(copy, text, size);
        }
        copy[size] = '\0';
    }
    return copy;
}

bool memory_reserve(void **array, size_t *capacity, size_t count, size_t size)
{
    if (count <= *capacity) {
        return true;
    }
    size_t grown =
        *capacity < SIZE_MAX / 4 ? *capacity + *capacity / 2 + 16 : 0;
    if (grown < count) {
        grown = count;
    }
    void *block = memory_resize(*array, grown, size);
    if (block == NULL) {
        return false;
    }
    *array = block;
    *capacity = grown;
    return true;
}
