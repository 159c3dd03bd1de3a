/*
 * places.h - offsets in a text, in any unit, to its bytes
 */
#ifndef COMMON_PLACES_H
#define COMMON_PLACES_H

#include <bert.h>

/* A text and where its characters lie; zero it to begin, and use it again. */
typedef struct text_places {
    bert_text text;
    bert_unit unit;  /* what offsets count */
    bool      plain; /* ASCII alone: all units are bytes */
    struct place_mark {
        size_t units, chars; /* of the characters that begin before byte
                                number PLACES_STEP * k */
    } * marks;
    size_t count, capacity;
} text_places;

enum { PLACES_STEP = 64 };

/* Of a text, in a unit. */
size_t text_length(bert_text text, bert_unit unit);

/* Look at a text, which must stay. false: no memory. */
bool text_places_set(text_places *places, bert_text text, bert_unit unit);
void text_places_free(text_places *places);

/* The byte and the number of the character that begins at an offset (or of the
   text's end). false: none does. */
bool text_places_find(const text_places *places, size_t offset, size_t *byte,
                      size_t *character);

size_t text_places_chars(const text_places *places); /* of the whole text */

#endif
