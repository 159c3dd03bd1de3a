/*
 * map.c - byte strings to int32, open addressing with linear probing
 */
#include "base/map.h"

#include <string.h>

#include "base/memory.h"

typedef struct entry {
    const char *key; /* NULL: free */
    size_t      size;
    uint32_t    hash;
    int32_t     value;
} entry;

struct map {
    entry *entries;
    size_t mask, count; /* entries are mask + 1, a power of two */
};

/* FNV-1a with a final mix: keys are short, and their last byte must reach the
   low bits. */
static uint32_t hash_of(const char *key, size_t size)
{
    uint64_t h = 14695981039346656037u;

    for (size_t i = 0; i < size; i++) {
        h = (h ^ (unsigned char)key[i]) * 1099511628211u;
    }
    return (uint32_t)(h ^ h >> 32);
}

map *map_new(size_t expected)
{
    size_t slots = 16;

    while (slots < expected * 2) {
        slots *= 2;
    }
    map *m = memory_new(1, sizeof *m);
    if (m == NULL) {
        return NULL;
    }
    *m = (map){.entries = memory_new_zeroed(slots, sizeof(entry)),
               .mask = slots - 1};
    if (m->entries == NULL) {
        memory_free(m);
        return NULL;
    }
    return m;
}

void map_free(map *m)
{
    if (m != NULL) {
        memory_free(m->entries);
        memory_free(m);
    }
}

static entry *find(const map *m, const char *key, size_t size, uint32_t hash)
{
    size_t i = hash & m->mask;

    for (;;) {
        entry *e = &m->entries[i];
        if (e->key == NULL || (e->hash == hash && e->size == size &&
                               memcmp(e->key, key, size) == 0)) {
            return e;
        }
        i = (i + 1) & m->mask;
    }
}

static bool grow(map *m)
{
    map larger = {.mask = m->mask * 2 + 1, .count = m->count};

    larger.entries = memory_new_zeroed(larger.mask + 1, sizeof(entry));
    if (larger.entries == NULL) {
        return false;
    }
    for (size_t i = 0; i <= m->mask; i++) {
        const entry *e = &m->entries[i];
        if (e->key != NULL) {
            *find(&larger, e->key, e->size, e->hash) = *e;
        }
    }
    memory_free(m->entries);
    *m = larger;
    return true;
}

bool map_put(map *m, const char *key, size_t size, int32_t value)
{
    if ((m->count + 1) * 4 > (m->mask + 1) * 3 && !grow(m)) {
        return false;
    }
    uint32_t hash = hash_of(key, size);
    entry   *e = find(m, key, size, hash);
    if (e->key == NULL) {
        *e = (entry){.key = key, .size = size, .hash = hash};
        m->count++;
    }
    e->value = value;
    return true;
}

int32_t map_get(const map *m, const char *key, size_t size)
{
    const entry *e = find(m, key, size, hash_of(key, size));

    return e->key != NULL ? e->value : -1;
}
