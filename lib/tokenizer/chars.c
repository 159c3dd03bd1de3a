/*
 * chars.c - canonical decomposition
 */
#include "tokenizer/chars.h"

/* Hangul syllables decompose by arithmetic (Unicode, section 3.12). */
enum {
    SYLLABLE = 0xAC00,
    SYLLABLES = 11172,
    LEAD = 0x1100,
    VOWEL = 0x1161,
    TAIL = 0x11A7,
    TAILS = 28,
    VOWELS_TAILS = 588
};

static size_t hangul(uint32_t syllable, uint32_t out[CHARS_MAX_NFD])
{
    uint32_t tail = syllable % TAILS;

    out[0] = LEAD + syllable / VOWELS_TAILS;
    out[1] = VOWEL + syllable % VOWELS_TAILS / TAILS;
    if (tail == 0) {
        return 2;
    }
    out[2] = TAIL + tail;
    return 3;
}

size_t char_decompose(uint32_t c, uint32_t out[CHARS_MAX_NFD])
{
    size_t low = 0, high = chars_nfd_count;

    if (c >= SYLLABLE && c < SYLLABLE + SYLLABLES) {
        return hangul(c - SYLLABLE, out);
    }
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (chars_nfd_keys[middle] < c) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == chars_nfd_count || chars_nfd_keys[low] != c) {
        out[0] = c;
        return 1;
    }
    size_t begin = chars_nfd_begins[low], end = chars_nfd_begins[low + 1];
    for (size_t i = begin; i < end; i++) {
        out[i - begin] = chars_nfd_values[i];
    }
    return end - begin;
}
