/*
 * tag.h - the work of bert-tag on a batch
 *
 * Prepare every record and run the encoder (texts.h); the head gives each token
 * that is not the template's its logits, of a long text in the window where it
 * has most context; then labels and entities are made over the whole text
 * (entities.h) and written (tag_write.h).
 */
#ifndef COMMON_TAG_H
#define COMMON_TAG_H

#include <bert.h>
#include <bert_io.h>

#include "common/entities.h"
#include "common/json_out.h"
#include "common/tag_source.h"
#include "common/texts.h"
#include "common/viterbi.h"

typedef enum tag_format {
    TAG_JSONL,
    TAG_TSV,
    TAG_CONLL,
    TAG_BRAT,
    TAG_SPACY
} tag_format; /* as in "jsonl|tsv|conll|brat|spacy" */

enum { TAG_RESULTS = 2 };

/* An entity of a record in brat's standoff format, written when all records
   before it are known. */
typedef struct tag_mark {
    bert_text type, text; /* the text is the record's */
    size_t    begin;      /* characters before it in the record's texts */
} tag_mark;

typedef struct tag_marks {
    tag_mark *all; /* [count] */
    size_t    count, capacity;
    size_t    chars; /* of the record's line in the document */
} tag_marks;

/* What one member of the team works with. */
typedef struct tag_member {
    float          *scratch; /* bert_head_scratch() */
    float          *scores;  /* [tokens,C]: logits, then probabilities */
    float          *logits;  /* the same, kept for --raw */
    tag_unit       *units;   /* [tokens] */
    tag_entity     *entities;
    size_t         *labels; /* [tokens]: of --viterbi */
    const float   **rows;   /* [tokens] */
    size_t          scores_capacity, logits_capacity, tokens_capacity[4];
    bert_tokens     tokens; /* of the text that is coming */
    viterbi_scratch viterbi;
    tag_source      source;
    json_out        json;
} tag_member;

typedef struct tagging {
    /* What to do; set before tag_start() */
    tag_aggregate      how;
    tag_format         format;
    bool               words; /* a label a word, no entities */
    bool               viterbi;
    bool               raw; /* TAG_NONE: every token, with its logits */
    int                digits;
    const bert_head   *head;
    const bert_layout *layout; /* jsonl, tsv, spacy */
    texts              t;

    /* Known after tag_start() */
    tag_labels  labels;
    label_rules rules;
    tag_member *members; /* [team size] */

    tag_marks *marks;  /* TAG_BRAT: [TEXTS_SLOTS] */
    size_t     before; /* characters of the document before this batch */
    size_t     found;  /* entities before it */
} tagging;

void tag_start(tagging *t);

/* For texts_main(); the context is the tagging. */
void tag_work(pipeline *p, slot *slots, size_t count);
void tag_free(void *context);

#endif
