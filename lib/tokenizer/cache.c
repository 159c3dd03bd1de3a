/*
 * cache.c - the tokens of short words met before
 */
#include "tokenizer/cache.h"

_Static_assert(sizeof(cache_entry) == 64, "a cache line an entry");

void cache_store(cache_entry two[2], cache_key key, const bert_encoding *enc,
                 size_t from, size_t begin)
{
    size_t count = enc->length - from;

    if (count == 0 || count > CACHE_TOKENS) {
        return;
    }
    cache_entry *entry = &two[0];
    two[1] = two[0];
    entry->key = key;
    entry->count = (uint8_t)count;
    for (size_t i = 0; i < count; i++) {
        entry->ids[i] = enc->ids[from + i];
        entry->begins[i] = (uint8_t)(enc->spans[from + i].begin - begin);
        entry->ends[i] = (uint8_t)(enc->spans[from + i].end - begin);
    }
}
