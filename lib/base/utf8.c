/*
 * utf8.c - checking, decoding and repairing UTF-8
 *
 * Table 3-7 of the Unicode standard, "Well-Formed UTF-8 Byte Sequences"; the
 * maximal bad part is the longest prefix of such a sequence, or one byte
 * (chapter 3, U+FFFD substitution of maximal subparts; WHATWG Encoding,
 * section 8.1.1).
 */
#include "base/utf8.h"

#include <string.h>

#include "base/buffer.h"

/*
 * The character at s: returns how many bytes belong together; *good says
 * whether they are a character or a maximal bad part.
 */
static size_t part(const unsigned char *s, size_t size, bool *good)
{
    unsigned char low = 0x80, high = 0xBF;
    size_t        length;

    *good = false;
    if (s[0] < 0x80) {
        *good = true;
        return 1;
    } else if (s[0] >= 0xC2 && s[0] <= 0xDF) {
        length = 2;
    } else if (s[0] >= 0xE0 && s[0] <= 0xEF) {
        length = 3;
        low = s[0] == 0xE0 ? 0xA0 : 0x80;
        high = s[0] == 0xED ? 0x9F : 0xBF;
    } else if (s[0] >= 0xF0 && s[0] <= 0xF4) {
        length = 4;
        low = s[0] == 0xF0 ? 0x90 : 0x80;
        high = s[0] == 0xF4 ? 0x8F : 0xBF;
    } else {
        return 1;
    }
    for (size_t i = 1; i < length; i++) {
        if (i == size || s[i] < low || s[i] > high) {
            return i;
        }
        low = 0x80;
        high = 0xBF;
    }
    *good = true;
    return length;
}

static inline bool continues(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* Bytes of a character of two or three bytes whose second byte may be any
   continuation, which nearly all are; 0: look closer. */
static inline size_t common(const unsigned char *s, size_t size)
{
    if (s[0] >= 0xE1 && s[0] <= 0xEF && s[0] != 0xED && size >= 3) {
        return continues(s[1]) && continues(s[2]) ? 3 : 0;
    }
    return s[0] >= 0xC2 && s[0] <= 0xDF && size >= 2 && continues(s[1]) ? 2 : 0;
}

size_t utf8_valid_prefix(const char *text, size_t size)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t               i = 0;

    while (i < size) {
        uint64_t eight;
        bool     good = true;
        if (size - i >= 8) { /* eight ASCII bytes at a time */
            memcpy(&eight, s + i, 8);
            if ((eight & 0x8080808080808080u) == 0) {
                i += 8;
                continue;
            }
        }
        while (i < size && s[i] < 0x80) {
            i++;
        }
        while (i < size && s[i] >= 0x80) {
            size_t n = common(s + i, size - i);
            if (n == 0) {
                n = part(s + i, size - i, &good);
                if (!good) {
                    return i;
                }
            }
            i += n;
        }
    }
    return size;
}

bool utf8_repair(const char *text, size_t size, bert_buffer *out)
{
    size_t before = out->size;

    while (size > 0) {
        size_t good_bytes = utf8_valid_prefix(text, size);
        bool   good;
        if (!buffer_put(out, text, good_bytes)) {
            out->size = before;
            return false;
        }
        text += good_bytes;
        size -= good_bytes;
        if (size > 0) {
            size_t n = part((const unsigned char *)text, size, &good);
            if (!buffer_put(out, "\xEF\xBF\xBD", 3)) {
                out->size = before;
                return false;
            }
            text += n;
            size -= n;
        }
    }
    return true;
}

size_t utf8_encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}
