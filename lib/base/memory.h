/*
 * memory.h - the only place that allocates
 *
 * Sizes are products checked for overflow. Built with -DBERT_FAULTS the n-th
 * allocation fails on demand, which the tests use.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* count * size bytes, at least one; NULL: no memory. Free: memory_free(). */
void *memory_new(size_t count, size_t size);
void *memory_new_zeroed(size_t count, size_t size);
/* As realloc(); on NULL the old block stands. */
void *memory_resize(void *block, size_t count, size_t size);
/* Begins at a multiple of 64 bytes (a cache line, an AVX-512 register); blocks
   of 2 MiB and more begin at a multiple of that and ask for huge pages. */
void *memory_new_aligned(size_t count, size_t size);
void  memory_free(void *block); /* for all of these; NULL allowed */
/* A copy of size bytes with a NUL after them. */
char *memory_copy_text(const char *text, size_t size);

/*
 * Make room for `count` items in an array that grows: *array of *capacity
 * items of `size` bytes. false: no memory, and nothing has changed.
 */
bool memory_reserve(void **array, size_t *capacity, size_t count, size_t size);

#ifdef BERT_FAULTS
/* The allocation after `after` more fails, and all later ones; SIZE_MAX: none
   does. */
void memory_fault_after(size_t after);
#endif

#endif
