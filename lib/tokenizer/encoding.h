/*
 * encoding.h - the tokens of one text or pair in memory
 *
 * Template and texts lie in one row: [CLS] first.. [SEP] second.. [SEP]; which
 * of the template's tokens are there is kept beside them, since a record may
 * come without.
 */
#ifndef TOKENIZER_ENCODING_H
#define TOKENIZER_ENCODING_H

#include "base/error.h"

struct bert_encoding {
    size_t     length, capacity;
    int32_t   *ids, *type_ids, *words;
    bert_span *spans;
    uint8_t   *special;
    bool       has_words, has_spans;
    bool       pair;      /* there is a second text, be it empty */
    bool       own_types; /* of one text: type_ids that are not its place's */
    bool       cls;       /* the template's tokens that are there */
    bool       sep[2];
    bool       late;    /* a record of the second segment alone: [CLS] too */
    size_t     text[2]; /* tokens of the first and second text */
    size_t     dropped;
};

/* No tokens; memory is kept. */
void encoding_clear(bert_encoding *enc);

/* Room for `more` tokens. false: no memory. */
bool encoding_reserve(bert_encoding *enc, size_t more);

/* Append a token, its type and special unset. */
static inline bool encoding_push(bert_encoding *enc, int32_t id, int32_t word,
                                 size_t begin, size_t end)
{
    size_t i = enc->length;

    if (i == enc->capacity && !encoding_reserve(enc, 1)) {
        return false;
    }
    enc->ids[i] = id;
    enc->words[i] = word;
    enc->spans[i] = (bert_span){begin, end};
    enc->length = i + 1;
    return true;
}

/* Set special of all tokens from text, cls and sep, and unless they are its
   own the types. */
void encoding_mark(bert_encoding *enc);

#endif
