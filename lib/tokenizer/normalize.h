/*
 * normalize.h - clean, space Chinese characters, strip accents, lowercase
 *
 * normalizers/bert.rs (tokenizers 0.23.3) as a stream: each character of the
 * text goes through all steps and on to the words, with the place it came
 * from. What NFD may reorder, a run of combining marks, is all that is held
 * back.
 */
#ifndef TOKENIZER_NORMALIZE_H
#define TOKENIZER_NORMALIZE_H

#include "tokenizer/chars.h"
#include "tokenizer/pretokenize.h"
#include "tokenizer/settings.h"

typedef struct place {
    size_t begin, end;
} place;

/* A character of a decomposition, waiting for its run to end. */
typedef struct mark {
    uint32_t c;
    uint8_t  combining;
    bool     first; /* of its decomposition */
} mark;

typedef struct normalizer {
    const settings *settings;
    words          *words;
    bool            whole;  /* what comes is one word: no spaces, no splits */
    bool            failed; /* no memory */
    place           last;   /* of the character last passed on */
    /* A run: its characters, and the places of those of the text in it. */
    mark  *marks, *sorted;
    size_t mark_count, mark_capacity, sorted_capacity;
    place *places;
    size_t place_count, place_capacity;
    bool   survivors; /* a mark of the run is not to be stripped */
} normalizer;

void normalizer_free(normalizer *n);

/* Pass text[begin,end) on. The end is one of a run, not yet of a word. */
void normalize_text(normalizer *n, const char *text, size_t begin, size_t end);

/* Of google.c: the same for Google's tokenization.py. */
void     google_text(normalizer *n, const char *text, size_t begin, size_t end);
unsigned google_flags(uint32_t c);

/* For google.c: decompose into the run; pass on what a run holds. */
void normalize_put_decomposed(normalizer *n, const uint32_t *chars,
                              const uint8_t *combining, size_t count,
                              size_t begin, size_t end);
void normalize_end_run(normalizer *n);

#endif
