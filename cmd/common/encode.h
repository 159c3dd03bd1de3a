/*
 * encode.h - prepared texts through the encoder, and their rows to a head
 *
 * Texts are gathered into batches of about batch_tokens tokens; when one has
 * run, the head is given each text's rows on any member of the team. A text
 * that alone is more than a batch (many windows) goes through in several runs,
 * its rows handed over as they come, so that memory does not grow with it.
 */
#ifndef COMMON_ENCODE_H
#define COMMON_ENCODE_H

#include <bert.h>

#include "common/prepare.h"

/* One text on its way. */
typedef struct encode_item {
    slot           *slot; /* not good: left out */
    const prepared *text;
    size_t          first; /* its first sequence in the batch */
} encode_item;

/* Rows of one sequence: row r of hidden state l is
   values[l * stride + r * H .. + H]. */
typedef struct encode_piece {
    const float       *values;
    size_t             stride, H, layers;
    size_t             rows;  /* of the sequence: all of them, taken or not */
    const window_take *takes; /* which rows, as which tokens; NULL: row r is
                                 token r */
    size_t count;
} encode_piece;

typedef struct encoder encoder;

struct encoder {
    const bert_model *model;
    bert_workspace   *workspace;
    bert_team        *team;
    bert_batch       *batch;
    const bert_fit   *fit;
    const int32_t    *layers; /* as bert_encoder_run(); NULL: the last */
    size_t            layer_count;
    size_t            batch_tokens;
    window_scratch    scratch;
    double            seconds; /* in bert_encoder_run() */

    /* The head: for each item begin, its pieces in the order of the text, end;
       all of one item on one member of the team. begin and end may be NULL. */
    void *context;
    void (*begin)(void *context, size_t item, size_t member);
    void (*piece)(void *context, size_t item, size_t member,
                  const encode_piece *piece);
    void (*end)(void *context, size_t item, size_t member);
};

/* Run all items whose slots are good. What fails is told to the slots. */
void encoder_run_items(encoder *e, encode_item *items, size_t count);

void encoder_free(encoder *e); /* the batch and the scratch memory */

#endif
