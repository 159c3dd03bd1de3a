/*
 * units.c - places in a text as bytes, code points or UTF-16 code units
 */
#include "tokenizer/units.h"

#include <string.h>

size_t units_ascii(const char *text, size_t size)
{
    static const uint64_t high = 0x8080808080808080u;
    size_t                i = 0;

    while (size - i >= 32) {
        uint64_t w[4];
        memcpy(w, text + i, sizeof w);
        if (((w[0] | w[1] | w[2] | w[3]) & high) != 0) {
            break;
        }
        i += 32;
    }
    while (i < size && (unsigned char)text[i] < 0x80) {
        i++;
    }
    return i;
}

/* Units of text[begin,end): one for every byte that begins a character, and in
   UTF-16 another one for every character of four bytes. */
static size_t count_units(const char *text, size_t begin, size_t end,
                          bool utf16)
{
    size_t count = 0;

    for (size_t i = begin; i < end; i++) {
        unsigned char c = (unsigned char)text[i];
        count += (c & 0xC0) != 0x80;
        count += utf16 && c >= 0xF0;
    }
    return count;
}

typedef struct cursor {
    const char *text;
    size_t      byte, unit, ascii;
    bool        utf16;
} cursor;

static size_t move_to(cursor *c, size_t byte)
{
    if (byte < c->byte) {
        c->byte = c->unit = c->ascii < byte ? c->ascii : byte;
    }
    c->unit += count_units(c->text, c->byte, byte, c->utf16);
    c->byte = byte;
    return c->unit;
}

void units_convert(const char *text, size_t ascii, bert_unit unit,
                   bert_span *spans, size_t count)
{
    cursor begin = {text, 0, 0, ascii, unit == BERT_UNIT_UTF16};
    cursor end = begin;

    for (size_t i = 0; i < count; i++) {
        spans[i].begin = move_to(&begin, spans[i].begin);
        spans[i].end = move_to(&end, spans[i].end);
    }
}
