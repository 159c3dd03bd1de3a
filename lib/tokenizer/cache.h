/*
 * cache.h - the tokens of short words met before
 *
 * A table from up to 16 bytes of raw text to up to 6 tokens, an entry a cache
 * line, two places for each key: the one used last comes first. Most words of a
 * text are in it, and one comparison then stands for the whole way from the
 * normaliser to the word pieces. Keys hold no NUL, so that padding with NUL
 * tells lengths apart.
 */
#ifndef TOKENIZER_CACHE_H
#define TOKENIZER_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tokenizer/encoding.h"

enum { CACHE_KEY = 16, CACHE_TOKENS = 6, CACHE_BITS = 14 };

typedef struct cache_key {
    uint64_t half[2];
} cache_key;

typedef struct cache_entry {
    cache_key key;
    int32_t   ids[CACHE_TOKENS];
    uint8_t   begins[CACHE_TOKENS]; /* places in the key's bytes */
    uint8_t   ends[CACHE_TOKENS];
    uint8_t   count;
    uint8_t   unused[11]; /* to 64 bytes */
} cache_entry;

/* The key of text [size], size at most 16 and `readable` bytes there. */
static inline cache_key cache_key_of(const char *text, size_t size,
                                     size_t readable)
{
    cache_key key = {{0, 0}};

    if (readable >= CACHE_KEY) { /* whole loads, then cut: no copying loop */
        memcpy(&key, text, sizeof key);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        if (size < 8) {
            key.half[0] &= ((uint64_t)1 << 8 * size) - 1;
            key.half[1] = 0;
        } else if (size < CACHE_KEY) {
            key.half[1] &= ((uint64_t)1 << 8 * (size - 8)) - 1;
        }
#else
        memset((char *)&key + size, 0, sizeof key - size);
#endif
        return key;
    }
    memcpy(&key, text, size);
    return key;
}

/* The first of a key's two entries; CACHE_BITS of them in all. */
static inline size_t cache_place(cache_key key)
{
    uint64_t hash =
        (key.half[0] ^ key.half[1] * 0x9FB21C651E98DF25u) * 0x9E3779B97F4A7C15u;

    return (size_t)(hash >> (65 - CACHE_BITS)) * 2;
}

static inline bool cache_is(const cache_entry *entry, cache_key key)
{
    return entry->key.half[0] == key.half[0] &&
           entry->key.half[1] == key.half[1];
}

/* The entry of key, now the first of the two, or NULL. */
static inline const cache_entry *cache_find(cache_entry two[2], cache_key key)
{
    if (!cache_is(&two[0], key)) {
        if (!cache_is(&two[1], key)) {
            return NULL;
        }
        cache_entry other = two[0];
        two[0] = two[1];
        two[1] = other;
    }
    return &two[0];
}

/* Remember enc's tokens from `from` on, one word that begins at `begin` of the
   text; does nothing where they do not fit. */
void cache_store(cache_entry two[2], cache_key key, const bert_encoding *enc,
                 size_t from, size_t begin);

#endif
