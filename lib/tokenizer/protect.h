/*
 * protect.h - text that stays one word: what PCRE2 patterns match
 */
#ifndef TOKENIZER_PROTECT_H
#define TOKENIZER_PROTECT_H

#include "base/error.h"

typedef struct protect protect; /* compiled patterns; shared by threads */

/* *out is NULL where count is 0. Errors: BERT_BAD_CALL (a pattern does not
   compile; the message names it), BERT_NO_MEMORY. */
bert_status protect_new(protect **out, const char *const *patterns,
                        size_t count, bert_error *err);
void        protect_free(protect *p);

/* What one thread needs to match. */
typedef struct protect_state protect_state;
protect_state               *protect_state_new(const protect *p);
void                         protect_state_free(protect_state *state);

/*
 * The leftmost match that is not empty in text[from,size), of several that
 * begin there the first given; *begin == size: none. from == begin of the
 * stretch starts a new search. Errors: BERT_BAD_INPUT (PCRE2's match limit),
 * BERT_NO_MEMORY.
 */
bert_status protect_next(const protect *p, protect_state *state,
                         const char *text, size_t from, size_t size, bool again,
                         size_t *begin, size_t *end, bert_error *err);

#endif
