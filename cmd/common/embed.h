/*
 * embed.h - the work of bert-embed on a batch
 *
 * The rows of each text (texts.h) are pooled or collected and its record's line
 * written, on any member of the team.
 */
#ifndef COMMON_EMBED_H
#define COMMON_EMBED_H

#include <stdint.h>

#include <bert.h>
#include <bert_io.h>

#include "common/texts.h"
#include "common/token_rows.h"
#include "common/vectors.h"

/* No --rows, which may be 0: an input may be empty. */
#define EMBED_ANY_ROWS SIZE_MAX

typedef enum embed_mode {
    EMBED_TEXT,       /* a vector a text */
    EMBED_TOKEN,      /* a vector a token */
    EMBED_WORD,       /* a vector a word */
    EMBED_SIMILARITY, /* a number a pair */
} embed_mode;

typedef enum embed_format {
    EMBED_JSONL,
    EMBED_TSV,
    EMBED_NPY,
    EMBED_F32
} embed_format; /* as in "jsonl|tsv|npy|f32" */

typedef enum embed_quantize {
    EMBED_INT8,
    EMBED_BINARY,
    EMBED_FLOAT   /* not asked for */
} embed_quantize; /* as in "int8|binary" */

enum { EMBED_RESULTS = 5 };

/* What one member of the team works with. */
typedef struct embed_member {
    bert_pool *pool;
    token_rows rows;
    float     *vector; /* [width] */
    float     *mean;   /* [H]: hidden states averaged */
    uint8_t   *bytes;  /* [width]: quantised */
    size_t     item;   /* whose rows come */
} embed_member;

typedef struct embedding {
    /* What to do; set before embed_start() */
    embed_mode         mode;
    embed_format       format;
    embed_quantize     quantize;
    similarity         similarity;
    bool               concat;       /* hidden states joined, not averaged */
    bool               with_special; /* EMBED_TOKEN: the template's too */
    bool               normalize;    /* EMBED_TOKEN, EMBED_WORD: each vector */
    size_t             dims;         /* of these vectors; 0: all */
    size_t             row_limit;    /* --rows, or EMBED_ANY_ROWS */
    bert_sentence     *sentence;
    const char        *prompt; /* NULL: none */
    int32_t           *layers; /* hidden states; NULL: the last */
    size_t             layer_count;
    texts              t;      /* started */
    const bert_layout *layout; /* jsonl, tsv */

    /* Known after embed_start() */
    size_t width;          /* numbers a vector */
    size_t prompt_length;  /* tokens of [CLS] and the prompt */
    size_t prompt_size[3]; /* in each bert_unit */

    /* The batch at work */
    float        *vectors; /* EMBED_SIMILARITY: [2 * TEXTS_SLOTS, width] */
    bool         *failed;  /* [2 * TEXTS_SLOTS]: no finite vector */
    embed_member *members; /* [team size] */
} embedding;

/* Texts a record that the mode takes. */
size_t embed_texts_each(embed_mode mode);

/* What the options ask for; NOT_GIVEN, NULL and 0 as they are. */
typedef struct embed_asked {
    int         pooling; /* of "cls|mean|max|mean-sqrt|weighted-mean|last|.." */
    int         normalize, quantize, similarity, format;
    const char *layers, *prompt, *prompt_name;
    bool        concat, per_token, per_word, with_special;
    size_t      dims, rows; /* rows: EMBED_ANY_ROWS */
} embed_asked;

/* embed_choose.c: what to do, with this model. What it cannot do ends the
   tool. */
void embed_choose(embedding *e, const loaded *l, const embed_asked *own);

void embed_start(embedding *e);

/* For texts_main(); the context is the embedding. */
void embed_work(pipeline *p, slot *slots, size_t count);
void embed_free(void *context);

/* Names and types of the results, [EMBED_RESULTS]; returns how many. */
size_t embed_results(const embedding *e, const char **names, bert_type *types);
/* TSV columns, or bytes of a binary vector. */
size_t embed_columns(const embedding *e);

#endif
