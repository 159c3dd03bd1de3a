/*
 * vocab.h - tokens and their ids
 *
 * All tokens lie in one block of memory, and an open-addressing table over it
 * finds them, so that a file of 30,000 lines is loaded in about a millisecond.
 * The hash grows with the text, a byte at a time: all beginnings of a word
 * are hashed in one pass (wordpiece.c).
 */
#ifndef TOKENIZER_VOCAB_H
#define TOKENIZER_VOCAB_H

#include "base/error.h"

typedef struct vocab_entry {
    uint32_t begin; /* in text, where a NUL follows the token */
    uint32_t size;  /* VOCAB_HOLE: no token has this id */
} vocab_entry;

typedef struct vocab_slot {
    uint32_t tag; /* upper half of the hash */
    uint32_t id1; /* id + 1; 0: empty */
} vocab_slot;

typedef struct vocab {
    bert_buffer  text;
    vocab_entry *entries; /* [count], by id */
    size_t       count, capacity;
    vocab_slot  *slots; /* [mask + 1] */
    size_t       mask;
    /* A bit for each hash, in a sixteenth of the table's memory: most of what
       is looked for is not there, and that is seen without touching it. */
    uint64_t *filter;
    size_t    longest; /* bytes of the longest token */
} vocab;

#define VOCAB_HOLE UINT32_MAX
enum { VOCAB_MAX_ID = 9999999 };

void vocab_free(vocab *v);

/*
 * The lines of a vocab.txt as Hugging Face's WordPiece reads them
 * (models/wordpiece/mod.rs, read_file): split at LF alone, White_Space cut at
 * the end, id = number of the line from 0; a repeated token keeps its last id.
 * name is what messages call the file. Errors: BERT_BAD_FILE, BERT_NO_MEMORY.
 */
bert_status vocab_read_lines(vocab *v, const char *text, size_t size,
                             const char *name, bert_error *err);

/* One token; a later one of the same id replaces it. Call vocab_index() once
   all are there. Errors: BERT_BAD_FILE (the id is too large, too much text;
   of vocab_index(): a file made to have its tokens collide), BERT_NO_MEMORY. */
bert_status vocab_put(vocab *v, int64_t id, const char *token, size_t size,
                      const char *name, bert_error *err);
bert_status vocab_index(vocab *v, const char *name, bert_error *err);

int32_t vocab_find(const vocab *v, const char *token, size_t size);

/* The token or NULL; NUL-terminated. */
const char *vocab_token(const vocab *v, int32_t id, size_t *size);

/* The hash of text + c from the hash of text; of nothing: VOCAB_HASH. */
#define VOCAB_HASH 0x9E3779B97F4A7C15u
static inline uint64_t vocab_hash(uint64_t hash, unsigned char c)
{
    return (hash ^ c) * 0x9FB21C651E98DF25u;
}

/* The slot to begin at, and the tag to compare, of a hash. */
static inline size_t vocab_begin(const vocab *v, uint64_t hash)
{
    return (size_t)(hash >> 20) & v->mask;
}
static inline uint32_t vocab_tag(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

/* false: no token has this hash. */
static inline bool vocab_may_have(const vocab *v, uint64_t hash)
{
    size_t bit = (size_t)(hash >> 40) & (v->mask * 4 + 3);

    return (v->filter[bit / 64] >> (bit % 64) & 1) != 0;
}

/*
 * The id of the token prefix + piece whose hash is known, or -1. prefix is a
 * beginning that all the caller's tokens share.
 */
int32_t vocab_find_hashed(const vocab *v, uint64_t hash, const char *prefix,
                          size_t prefix_size, const char *piece, size_t size);

#endif
