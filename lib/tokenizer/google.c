/*
 * google.c - Google's tokenization.py (google-research/bert eedf5716)
 *
 * For --compat google: clean (private use stays), white space, lowercase, NFD,
 * strip marks, split at punctuation; with the Unicode of the linked utf8proc.
 * No final sigma: lowercase is a character at a time.
 */
#include "tokenizer/normalize.h"

#include <utf8proc.h>

#include "base/utf8.h"

enum { MAX_PARTS = 8 };

static bool is_chinese(uint32_t c)
{
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
           (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
           (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B820 && c <= 0x2CEAF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

static bool is_ascii_symbol(uint32_t c)
{
    return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) ||
           (c >= 91 && c <= 96) || (c >= 123 && c <= 126);
}

unsigned google_flags(uint32_t c)
{
    if (c == '\t' || c == '\n' || c == '\r') {
        return CHAR_SPACE;
    }
    if (is_ascii_symbol(c)) {
        return CHAR_PUNCT;
    }
    unsigned flags = is_chinese(c) ? CHAR_CHINESE : 0;
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
        return CHAR_REMOVED;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL: /* not _is_whitespace, but str.split's */
    case UTF8PROC_CATEGORY_ZP:
        return CHAR_SPACE;
    case UTF8PROC_CATEGORY_MN:
        return flags | CHAR_MARK;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
        return flags | CHAR_PUNCT;
    default:
        return c == 0xFFFD ? CHAR_REMOVED : flags;
    }
}

/* Lowercase, then decompose: Python's str.lower() gives two characters for
   U+0130 alone, i and U+0307. */
static size_t lower_parts(uint32_t c, bool lower, bool strip,
                          utf8proc_int32_t parts[MAX_PARTS])
{
    int unused = 0;

    if (lower && c == 0x130) {
        parts[0] = 'i';
        parts[1] = 0x307;
        return 2;
    }
    parts[0] = (utf8proc_int32_t)c;
    if (lower) {
        parts[0] = utf8proc_tolower(parts[0]);
    }
    if (!strip) {
        return 1;
    }
    utf8proc_ssize_t count = utf8proc_decompose_char(
        parts[0], parts, MAX_PARTS, UTF8PROC_DECOMPOSE, &unused);
    return count > 0 && count <= MAX_PARTS ? (size_t)count : 1;
}

static void put_char(normalizer *n, uint32_t c, size_t begin, size_t end)
{
    const settings  *s = n->settings;
    utf8proc_int32_t parts[MAX_PARTS];
    uint32_t         chars[MAX_PARTS];
    uint8_t          combining[MAX_PARTS];

    size_t count = lower_parts(c, s->lower, s->strip, parts);
    for (size_t i = 0; i < count; i++) {
        chars[i] = (uint32_t)parts[i];
        combining[i] =
            (uint8_t)utf8proc_get_property(parts[i])->combining_class;
        if (!s->strip) {
            words_put(n->words, chars[i], google_flags(chars[i]), n->whole,
                      begin, end);
        }
    }
    if (s->strip) {
        normalize_put_decomposed(n, chars, combining, count, begin, end);
    }
}

void google_text(normalizer *n, const char *text, size_t begin, size_t end)
{
    const settings *s = n->settings;
    const char     *p = text + begin, *stop = text + end;

    while (p < stop && !n->failed && !n->words->failed) {
        size_t   at = (size_t)(p - text);
        uint32_t c = utf8_next(&p);
        size_t   next = (size_t)(p - text);
        unsigned flags = google_flags(c);
        if ((flags & CHAR_REMOVED) != 0) {
            continue;
        }
        if ((flags & CHAR_SPACE) != 0) {
            c = ' ';
        }
        bool apart = s->chinese && !n->whole && (flags & CHAR_CHINESE) != 0;
        if (apart) {
            normalize_end_run(n);
            words_put(n->words, ' ', CHAR_SPACE, false, at, next);
        }
        put_char(n, c, at, next);
        if (apart) {
            words_put(n->words, ' ', CHAR_SPACE, false, at, next);
        }
    }
    normalize_end_run(n);
}
