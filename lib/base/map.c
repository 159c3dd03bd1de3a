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
    entry   *entries;
    size_t   mask, count; /* entries are mask + 1, a power of two */
    uint64_t key[2];
};

static uint64_t turned(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = turned(v[1], 13) ^ v[0];
    v[3] = turned(v[3], 16) ^ v[2];
    v[0] = turned(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = turned(v[1], 17) ^ v[2];
    v[3] = turned(v[3], 21) ^ v[0];
    v[2] = turned(v[2], 32);
}

/*
 * SipHash-1-3 (Aumasson and Bernstein 2012) with the map's own key: names come
 * from files, and whoever writes one must not be able to make them collide,
 * which would take quadratic time.
 */
static uint32_t hash_of(const map *m, const char *key, size_t size)
{
    uint64_t v[4] = {
        m->key[0] ^ 0x736f6d6570736575u, m->key[1] ^ 0x646f72616e646f6du,
        m->key[0] ^ 0x6c7967656e657261u, m->key[1] ^ 0x7465646279746573u};

    for (size_t i = 0; i <= size; i += 8) {
        uint64_t word = 0;
        if (size - i >= 8) {
            memcpy(&word, key + i, 8);
        } else {
            for (size_t k = 0; k < size - i; k++) {
                word |= (uint64_t)(unsigned char)key[i + k] << (8 * k);
            }
            word |= (uint64_t)size << 56;
        }
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    v[2] ^= 0xFF;
    for (int i = 0; i < 3; i++) {
        sip_round(v);
    }
    uint64_t hash = v[0] ^ v[1] ^ v[2] ^ v[3];
    return (uint32_t)(hash ^ hash >> 32);
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
    /* Where memory lies is random, and in no file. */
    m->key[0] = (uint64_t)(uintptr_t)m->entries;
    m->key[1] = (uint64_t)(uintptr_t)&slots ^ (uint64_t)(uintptr_t)&map_new;
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
    map larger = *m;

    larger.mask = m->mask * 2 + 1;
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
    uint32_t hash = hash_of(m, key, size);
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
    const entry *e = find(m, key, size, hash_of(m, key, size));

    return e->key != NULL ? e->value : -1;
}
