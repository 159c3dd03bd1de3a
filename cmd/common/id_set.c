/*
 * id_set.c - whether an id came before
 */
#include "common/id_set.h"

#include <stdlib.h>

/* At most half of the table is full, so a search is short; ids that were made
   to meet in one place are not looked for beyond MOST_STEPS. */
enum { FIRST_CAPACITY = 1 << 10, MOST_STEPS = 64 };

/* FNV-1a of 64 bits, then the finalizer of MurmurHash3: all bits count. */
static uint64_t hash_of(const char *id, size_t size)
{
    uint64_t h = 0xCBF29CE484222325;

    for (size_t i = 0; i < size; i++) {
        h = (h ^ (unsigned char)id[i]) * 0x100000001B3;
    }
    h = (h ^ h >> 33) * 0xFF51AFD7ED558CCD;
    h = (h ^ h >> 33) * 0xC4CEB9FE1A85EC53;
    h ^= h >> 33;
    return h != 0 ? h : 1;
}

/* Where the hash is, or where it may be put; NULL: nowhere. */
static uint64_t *find(uint64_t *hashes, size_t capacity, uint64_t hash)
{
    for (size_t step = 0; step < MOST_STEPS; step++) {
        uint64_t *one = &hashes[((size_t)hash + step) & (capacity - 1)];

        if (*one == hash || *one == 0) {
            return one;
        }
    }
    return NULL;
}

static void grow(id_set *seen)
{
    size_t capacity =
        seen->capacity == 0 ? (size_t)FIRST_CAPACITY : 2 * seen->capacity;
    uint64_t *hashes = calloc(capacity, sizeof *hashes);

    if (hashes == NULL) {
        return;
    }
    for (size_t i = 0; i < seen->capacity; i++) {
        uint64_t *place = seen->hashes[i] != 0
                              ? find(hashes, capacity, seen->hashes[i])
                              : NULL;

        if (place != NULL) {
            *place = seen->hashes[i];
        }
    }
    free(seen->hashes);
    seen->hashes = hashes;
    seen->capacity = capacity;
}

bool id_set_add(id_set *seen, const char *id, size_t size)
{
    uint64_t hash = hash_of(id, size);

    if (2 * seen->count >= seen->capacity && seen->count < ID_SET_LIMIT) {
        grow(seen);
    }
    uint64_t *place =
        seen->capacity > 0 ? find(seen->hashes, seen->capacity, hash) : NULL;
    if (place == NULL) {
        return false;
    }
    bool there = *place == hash;
    if (!there && 2 * seen->count < seen->capacity) {
        *place = hash;
        seen->count++;
    }
    return there;
}

void id_set_free(id_set *seen)
{
    free(seen->hashes);
    *seen = (id_set){0};
}
