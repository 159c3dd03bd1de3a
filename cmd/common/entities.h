/*
 * entities.h - labels of tokens to labels of words, and to entities
 *
 * The five ways of transformers 5.23, pipelines/token_classification.py
 * (gather_pre_entities, aggregate_words, aggregate_word, group_entities). A
 * word is what the tokenizer's word numbers say, never what a piece looks like.
 * Entities end where a text does, and where the labels have ends (BIOES) after
 * E- and around S-.
 */
#ifndef COMMON_ENTITIES_H
#define COMMON_ENTITIES_H

#include "common/tag_labels.h"

typedef enum tag_aggregate {
    TAG_NONE,    /* each token by itself */
    TAG_SIMPLE,  /* tokens that go on are joined */
    TAG_FIRST,   /* words; each has the label of its first token */
    TAG_AVERAGE, /* of the mean of its tokens' probabilities */
    TAG_MAX      /* of the token with the highest probability */
} tag_aggregate; /* as in "none|simple|first|average|max" */

/* Tokens [first, last] that get one label: one token, or those of a word. */
typedef struct tag_unit {
    size_t first, last;
    size_t row; /* the token whose probabilities speak for it */
    size_t label;
    float  score; /* the probability of its label */
} tag_unit;

/* Units [first, last] under one name. */
typedef struct tag_entity {
    size_t    first, last;
    bert_text type;
    float     score; /* the mean of the units' scores */
} tag_entity;

bool tag_by_words(tag_aggregate how);

/*
 * The units of a text's tokens, the template's left out: units [length] is
 * filled, their number returned. A token without a word is one by itself.
 * words may be NULL unless tag_by_words(how).
 */
size_t tag_units_make(const bert_tokens *tokens, tag_aggregate how,
                      tag_unit *units);

/*
 * Choose each unit's row and, as the largest of it, label and score. scores
 * [tokens,C]: probabilities; TAG_AVERAGE writes a word's mean over its first
 * token's row.
 */
void tag_units_label(tag_unit *units, size_t count, tag_aggregate how,
                     float *scores, size_t C);

/*
 * Join units to entities [count]; returns how many. Groups of type "O" are left
 * out; with TAG_NONE each unit is an entity, those labelled "O" left out, and
 * the type is the whole label. second: the token at which the second text
 * begins; no entity has units of two texts.
 */
size_t tag_entities_make(const tag_unit *units, size_t count,
                         const tag_labels *labels, tag_aggregate how,
                         size_t second, tag_entity *entities);

#endif
