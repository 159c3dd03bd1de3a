/*
 * tag_source.h - the texts of a record, from which tokens are sliced
 */
#ifndef COMMON_TAG_SOURCE_H
#define COMMON_TAG_SOURCE_H

#include <bert.h>
#include <bert_io.h>

#include "common/places.h"
#include "common/prepare.h"

/* One text of the record. */
typedef struct tag_side {
    bool        there;
    bert_value  value; /* what side.parts lies in */
    bert_side   side;
    text_places places; /* of part number placed - 1; 0: of none yet */
    size_t      placed;
} tag_side;

/* The record at work, on one member of the team; zero it to begin, use it
   again, and free it. */
typedef struct tag_source {
    slot       *slot;
    bert_tokens tokens;
    bert_unit   unit;
    bool        pair; /* it has tokens of a second text */
    tag_side    sides[2];
} tag_source;

/* Where tokens [first, last], which are of one text, lie. */
typedef struct tag_place {
    int    side;
    bool   known;      /* start and end, in the record's unit */
    size_t start, end; /* of split words: in the first, in the last */
    bool   in_words;   /* the words' numbers are known and say something: the
                          text is split into words, or not there */
    size_t word, word_end;
    size_t count; /* slices of the text; 0: it is not there */
} tag_place;

/* Look at a record. false: its slot has failed (words that do not fit the text
   that is split into them). */
bool tag_source_open(tag_source *source, slot *s, const bert_tokens *tokens);
void tag_source_free(tag_source *source);

tag_place tag_source_place(const tag_source *source, size_t first, size_t last);

/* Slice number i of a place, and the characters before it in its text (of a
   split text: in the word). false: the slot has failed. */
bool tag_source_slice(tag_source *source, const tag_place *place, size_t i,
                      bert_text *out, bert_span *chars);

/* Number of characters of a text that is not split. false: as above. */
bool tag_source_chars(tag_source *source, int side, size_t *chars);

#endif
