/*
 * chars.h - what Hugging Face's tokenizers 0.23.3 knows of each code point
 *
 * Its crates froze Unicode: Cc, Cf, Co, Mn and P* are of version 8, the
 * decompositions and combining classes of 9, lower case of 17, word characters
 * (regex's \w) as its wheel has them. unicode_tables.c holds the tables.
 */
#ifndef TOKENIZER_CHARS_H
#define TOKENIZER_CHARS_H

#include <stddef.h>
#include <stdint.h>

/* Bits of char_record.flags, in the order of tests/gen/unicode_tables.py. */
enum {
    CHAR_REMOVED = 1, /* clean_text deletes it */
    CHAR_SPACE = 2,   /* White_Space */
    CHAR_MARK = 4,    /* Mn */
    CHAR_PUNCT = 8,   /* P*, and the ASCII symbols */
    CHAR_CHINESE = 16,
    CHAR_NFD = 32,   /* decomposes */
    CHAR_LOWER = 64, /* has a lower-case letter */
    CHAR_WORD = 128
};

typedef struct char_record {
    uint8_t flags;
    uint8_t combining; /* canonical combining class */
    int32_t lower;     /* what to add for the lower-case letter */
} char_record;

enum { CHARS_SHIFT = 7, CHARS_MAX_NFD = 4 };

extern const uint8_t     chars_stage1[];
extern const uint8_t     chars_stage2[];
extern const char_record chars_records[];
extern const uint16_t    chars_nfd_count;
extern const uint32_t    chars_nfd_keys[];
extern const uint16_t    chars_nfd_begins[];
extern const uint32_t    chars_nfd_values[];

/* c must be at most U+10FFFF. */
static inline char_record char_look(uint32_t c)
{
    size_t block = chars_stage1[c >> CHARS_SHIFT];
    size_t low = c & ((1u << CHARS_SHIFT) - 1);

    return chars_records[chars_stage2[block << CHARS_SHIFT | low]];
}

/* The full canonical decomposition; returns its length, 1 where c stays. */
size_t char_decompose(uint32_t c, uint32_t out[CHARS_MAX_NFD]);

#endif
