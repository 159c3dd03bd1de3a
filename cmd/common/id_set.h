/*
 * id_set.h - whether an id came before
 *
 * Remembered as hashes of 64 bits, the first ID_SET_LIMIT of them: memory has a
 * bound however long the stream. A table that cannot grow keeps what it has.
 */
#ifndef COMMON_ID_SET_H
#define COMMON_ID_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ID_SET_LIMIT = 1 << 20 }; /* 16 MiB */

/* Zeroed, it is empty. */
typedef struct id_set {
    uint64_t *hashes; /* [capacity], a power of two; 0: free */
    size_t    capacity;
    size_t    count;
} id_set;

/* Whether the id was there; it is now, while there is room. */
bool id_set_add(id_set *seen, const char *id, size_t size);
void id_set_free(id_set *seen);

#endif
