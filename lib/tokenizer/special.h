/*
 * special.h - added tokens: text that is one token, whatever is around it
 *
 * tokenizer/added_vocabulary.rs of Hugging Face's tokenizers 0.23.3: a set is
 * searched leftmost-longest; one set is sought in the raw text, one (tokens
 * whose `normalized` is set) in the normalised text between.
 */
#ifndef TOKENIZER_SPECIAL_H
#define TOKENIZER_SPECIAL_H

#include "base/error.h"
#include "base/map.h"

typedef struct added_token {
    char   *content; /* NUL-terminated; owned */
    size_t  size;
    int32_t id;
    /* What decoding writes: the normalised content where that is sought; lent
       by the set. NULL: the content. */
    const char *decoded;
    bool        lstrip, rstrip, single_word, normalized, special;
} added_token;

typedef struct added_tokens {
    added_token *list;
    size_t       count, capacity;
    map         *index; /* of content to its number in the list */
} added_tokens;

/* Append a copy of content with the flags of token. An equal content replaces
   the older one. false: no memory. */
bool added_put(added_tokens *all, const char *content, size_t size,
               const added_token *flags);
/* The one of that content, NULL: none. */
added_token *added_find(const added_tokens *all, const char *content,
                        size_t size);
void         added_free(added_tokens *all);

/* Texts to find, each naming a token of the list. */
typedef struct added_set {
    const added_tokens *all;
    char              **patterns; /* [count], owned */
    map                *index;    /* of pattern to its number in all */
    size_t             *lengths;  /* distinct, longest first */
    size_t              count, capacity, length_count;
    bool                begins[256]; /* a pattern begins with this byte */
    int                 only;        /* the one such byte; -1: several */
} added_set;

/* Begin a set over all; put patterns, then finish. false: no memory. */
bool added_set_put(added_set *set, const char *pattern, size_t size,
                   size_t token);
void added_set_free(added_set *set);

typedef struct added_match {
    const added_token *token;
    size_t             begin, end; /* with the white space it takes */
} added_match;

/* Where a search stands: zero it to begin. */
typedef struct added_search {
    size_t from; /* where matching goes on */
    size_t done; /* end of the last match, white space included */
} added_search;

/* The next match in text; false: there is none. literal: tokens whose
   `special` is set are passed over. */
bool added_next(const added_set *set, const char *text, size_t size,
                bool literal, added_search *search, added_match *out);

#endif
