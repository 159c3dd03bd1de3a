/*
 * stretch.h - a stretch of plain text to tokens, the quick way
 */
#ifndef TOKENIZER_STRETCH_H
#define TOKENIZER_STRETCH_H

#include "tokenizer/worker.h"

/* What a byte of the raw text means. */
enum {
    BYTE_OTHER = 0, /* beyond ASCII, or a control: not for the quick way */
    BYTE_WORD,
    BYTE_SPACE,
    BYTE_PUNCT
};

/* Fill bytes [256]. */
void stretch_bytes(uint8_t bytes[256]);

/*
 * The tokens of text[begin,end), which holds no added token and nothing
 * protected; `size` bytes of text can be read.
 */
void stretch_put(worker *w, const char *text, size_t begin, size_t end,
                 size_t size);

#endif
