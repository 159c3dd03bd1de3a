/*
 * places.c - offsets in a text, in any unit, to its bytes
 */
#include "common/places.h"

#include <stdlib.h>

#include "common/alloc.h"

static bool continues(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Units of the character of which c is the first byte. */
static size_t units_of(bert_unit unit, char c)
{
    unsigned char lead = (unsigned char)c;

    switch (unit) {
    case BERT_UNIT_BYTES:
        return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    case BERT_UNIT_UTF16:
        return lead < 0xF0 ? 1 : 2;
    case BERT_UNIT_CHARS:
        break;
    }
    return 1;
}

size_t text_length(bert_text text, bert_unit unit)
{
    size_t length = 0;

    for (size_t i = 0; i < text.size; i++) {
        length += continues(text.data[i]) ? 0 : units_of(unit, text.data[i]);
    }
    return length;
}

static bool is_plain(bert_text text)
{
    unsigned char all = 0;

    for (size_t i = 0; i < text.size; i++) {
        all |= (unsigned char)text.data[i];
    }
    return all < 0x80;
}

bool text_places_set(text_places *places, bert_text text, bert_unit unit)
{
    void  *marks = places->marks;
    size_t units = 0, chars = 0;

    places->text = text;
    places->unit = unit;
    places->plain = is_plain(text);
    if (places->plain) {
        return true;
    }
    places->count = text.size / PLACES_STEP + 1;
    if (!grow_array(&marks, &places->capacity, places->count,
                    sizeof *places->marks)) {
        return false;
    }
    places->marks = marks;
    for (size_t i = 0; i < text.size; i++) {
        if (i % PLACES_STEP == 0) {
            places->marks[i / PLACES_STEP] = (struct place_mark){units, chars};
        }
        if (!continues(text.data[i])) {
            units += units_of(unit, text.data[i]);
            chars++;
        }
    }
    if (text.size % PLACES_STEP == 0) {
        places->marks[places->count - 1] = (struct place_mark){units, chars};
    }
    return true;
}

void text_places_free(text_places *places)
{
    free(places->marks);
    *places = (text_places){0};
}

/* The last mark that is not beyond an offset. */
static size_t find_mark(const text_places *places, size_t offset)
{
    size_t low = 0, high = places->count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (places->marks[middle].units <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

bool text_places_find(const text_places *places, size_t offset, size_t *byte,
                      size_t *character)
{
    bert_text text = places->text;

    if (places->plain) {
        *byte = *character = offset;
        return offset <= text.size;
    }
    size_t k = find_mark(places, offset), i = k * PLACES_STEP;
    size_t units = places->marks[k].units, chars = places->marks[k].chars;
    for (;; i++) {
        if (i < text.size && continues(text.data[i])) {
            continue;
        }
        if (units >= offset || i >= text.size) {
            break;
        }
        units += units_of(places->unit, text.data[i]);
        chars++;
    }
    *byte = i;
    *character = chars;
    return units == offset;
}

size_t text_places_chars(const text_places *places)
{
    if (places->plain) {
        return places->text.size;
    }
    size_t k = places->count - 1, chars = places->marks[k].chars;
    for (size_t i = k * PLACES_STEP; i < places->text.size; i++) {
        chars += !continues(places->text.data[i]);
    }
    return chars;
}
