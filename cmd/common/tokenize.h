/*
 * tokenize.h - the work of wp-tokenize on a batch
 *
 * Each record is tokenised (or its ids decoded) by itself, on any member of
 * the team, straight to its bytes of output.
 */
#ifndef COMMON_TOKENIZE_H
#define COMMON_TOKENIZE_H

#include <bert.h>

#include "common/fit.h"
#include "common/pipeline.h"
#include "common/prepare.h"
#include "common/token_lines.h"

typedef enum token_format {
    AS_JSONL,
    AS_TSV,
    AS_IDS,
    AS_TOKENS,
    AS_CONLL, /* as in "jsonl|tsv|ids|tokens|conll" */
    AS_TEXT,  /* --decode */
    AS_COUNT  /* --count */
} token_format;

/* What one member of the team works with. */
typedef struct tokenize_member {
    prepared        text;
    prepare_scratch scratch;
    token_scratch   line;
    bert_buffer     decoded;
} tokenize_member;

typedef struct tokenize {
    /* Set before tokenize_start() */
    bert_tokenizer     *tokenizer;
    char               *name; /* as -m would name it; NULL: no vocab check */
    bert_team          *team;
    fitting             fitting;
    bert_encode_options encode;
    token_format        format;
    bool                decode, skip_special, null_ended;

    /* Set before the first batch */
    token_fields       fields;
    const bert_layout *layout;

    tokenize_member *members; /* [team size] */
    slot            *slots;   /* the batch at work */
    size_t           count, chunk;
} tokenize;

void tokenize_start(tokenize *t);
void tokenize_free(tokenize *t);

/* Fill the slots of a batch. */
void tokenize_work(tokenize *t, slot *slots, size_t count);

#endif
