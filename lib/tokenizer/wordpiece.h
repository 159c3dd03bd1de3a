/*
 * wordpiece.h - greedy longest match first
 */
#ifndef TOKENIZER_WORDPIECE_H
#define TOKENIZER_WORDPIECE_H

#include "tokenizer/vocab.h"

typedef struct wordpiece {
    const vocab *vocab;
    char        *prefix; /* of every piece but a word's first: "##" */
    size_t       prefix_size;
    uint64_t     prefix_hash;
    int32_t      unknown;   /* id of [UNK] */
    size_t       max_chars; /* a longer word is [UNK] */
} wordpiece;

typedef struct piece {
    int32_t  id;
    uint32_t end; /* in the word's bytes; begins where the last one ended */
} piece;

/*
 * Split a normalised word (UTF-8, at least one byte, at most UINT32_MAX) into
 * pieces; out has room for `size`. Returns their number; 0: the word has a
 * part that no piece covers, so that all of it is unknown. The caller looks
 * after max_chars. models/wordpiece/mod.rs, tokenize (tokenizers 0.23.3).
 */
size_t wordpiece_split(const wordpiece *wp, const char *word, size_t size,
                       piece *out);

#endif
