/*
 * wordpiece.c - greedy longest match first
 */
#include "tokenizer/wordpiece.h"

/* Beginnings whose hashes are kept from one pass over the rest of the word;
   only a vocabulary with longer pieces pays for hashing again. */
enum { KEPT = 128 };

static uint64_t hash_more(uint64_t hash, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        hash = vocab_hash(hash, (unsigned char)text[i]);
    }
    return hash;
}

/* The longest piece that rest [size] begins with; *length its bytes. */
static int32_t longest(const wordpiece *wp, bool first, const char *rest,
                       size_t size, size_t *length)
{
    uint64_t    kept[KEPT];
    const char *prefix = first ? "" : wp->prefix;
    size_t      prefix_size = first ? 0 : wp->prefix_size;
    uint64_t    hash = first ? VOCAB_HASH : wp->prefix_hash;
    uint64_t    begin = hash;

    if (wp->vocab->longest <= prefix_size) {
        return -1;
    }
    if (size > wp->vocab->longest - prefix_size) {
        size = wp->vocab->longest - prefix_size;
    }
    for (size_t i = 0; i < size && i < KEPT; i++) {
        hash = vocab_hash(hash, (unsigned char)rest[i]);
        kept[i] = hash;
    }
    for (size_t n = size; n > 0; n--) {
        hash = n <= KEPT ? kept[n - 1] : hash_more(begin, rest, n);
        if (!vocab_may_have(wp->vocab, hash)) {
            continue;
        }
        int32_t id =
            vocab_find_hashed(wp->vocab, hash, prefix, prefix_size, rest, n);
        if (id >= 0) {
            *length = n;
            return id;
        }
    }
    return -1;
}

size_t wordpiece_split(const wordpiece *wp, const char *word, size_t size,
                       piece *out)
{
    size_t count = 0;

    for (size_t at = 0; at < size;) {
        size_t  length = 0;
        int32_t id = longest(wp, at == 0, word + at, size - at, &length);
        if (id < 0) {
            return 0;
        }
        at += length;
        out[count++] = (piece){.id = id, .end = (uint32_t)at};
    }
    return count;
}
