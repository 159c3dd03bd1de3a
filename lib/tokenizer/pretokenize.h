/*
 * pretokenize.h - normalised characters to words, words to tokens
 *
 * The stages after the normaliser as one stream: characters come in one by one
 * with their places in the text, and whenever a word is complete its pieces go
 * to the encoding. Only the word at hand is kept, so memory does not grow with
 * the text. pre_tokenizers/bert.rs (tokenizers 0.23.3).
 */
#ifndef TOKENIZER_PRETOKENIZE_H
#define TOKENIZER_PRETOKENIZE_H

#include "tokenizer/encoding.h"
#include "tokenizer/wordpiece.h"

/* A normalised character and the place of the character that it came from. */
typedef struct cell {
    uint32_t c;
    uint32_t at; /* where it begins in the word's bytes */
    size_t   begin, end;
} cell;

typedef struct words {
    const wordpiece *wp;
    bert_encoding   *enc;
    bool             failed;    /* no memory: all later calls do nothing */
    bool             collect;   /* keep cells; make no words */
    bool             numbered;  /* word numbers are given, not counted */
    int32_t          next_word; /* number of the next word */
    size_t           made;      /* words so far */
    /* The word at hand; of one longer than wp->max_chars only its place. */
    cell  *cells;
    size_t count, capacity;
    char  *bytes; /* UTF-8 of the cells */
    size_t size, byte_capacity;
    piece *pieces;
    size_t piece_capacity;
    bool   overlong;
    size_t begin, end;
} words;

void words_free(words *w);

/* Room for a word of `size` bytes and its pieces; false: no memory. */
bool words_reserve(words *w, size_t size);

/* The number of the word that is now made. */
static inline int32_t words_take_number(words *w)
{
    w->made++;
    return w->numbered ? w->next_word : w->next_word++;
}

/* A character: by its flags (chars.h) white space or punctuation ends a word;
   whole: neither does. */
void words_put(words *w, uint32_t c, unsigned flags, bool whole, size_t begin,
               size_t end);
/* The end of a stretch of text, and so of a word. */
void words_end(words *w);
/* A token that is a word of its own. */
void words_put_token(words *w, int32_t id, size_t begin, size_t end);

#endif
