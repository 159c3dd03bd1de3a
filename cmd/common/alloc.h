/*
 * alloc.h - memory for the commands
 *
 * What a tool needs before its stream runs it cannot do without: alloc_* never
 * return NULL but end the tool (exit 3). What one record needs is asked for
 * with grow_array(), whose failure is that record's error.
 */
#ifndef COMMON_ALLOC_H
#define COMMON_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

void *alloc_zeroed(size_t count, size_t size);
char *alloc_text(const char *text, size_t size); /* a copy, NUL-terminated */
char *alloc_joined(const char *a, const char *b, const char *c); /* a b c */

/* Make room for count items of size bytes; new ones are zeroed. false: no
   memory, and nothing has changed. */
bool grow_array(void **array, size_t *capacity, size_t count, size_t size);

#endif
