/*
 * utf8.h - checking, decoding and repairing UTF-8
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "bert.h"

/* Bytes of the longest valid prefix: size where all of it is UTF-8 (no
   surrogates, nothing overlong, nothing above U+10FFFF). */
size_t utf8_valid_prefix(const char *text, size_t size);

/* Append text with each maximal bad part replaced by U+FFFD, as WHATWG's
   decoder does. false: no memory. */
bool utf8_repair(const char *text, size_t size, bert_buffer *out);

/* Decode one character of valid UTF-8 at *p and step over it. */
static inline uint32_t utf8_next(const char **p)
{
    const unsigned char *s = (const unsigned char *)*p;
    uint32_t             c = s[0];

    if (c < 0x80) {
        *p += 1;
        return c;
    }
    if (c < 0xE0) {
        *p += 2;
        return (c & 0x1Fu) << 6 | (s[1] & 0x3Fu);
    }
    if (c < 0xF0) {
        *p += 3;
        return (c & 0x0Fu) << 12 | (s[1] & 0x3Fu) << 6 | (s[2] & 0x3Fu);
    }
    *p += 4;
    return (c & 0x07u) << 18 | (s[1] & 0x3Fu) << 12 | (s[2] & 0x3Fu) << 6 |
           (s[3] & 0x3Fu);
}

/* Encode a scalar value; returns its length, 1 to 4. */
size_t utf8_encode(uint32_t c, char out[4]);

#endif
