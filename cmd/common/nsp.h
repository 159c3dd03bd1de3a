/*
 * nsp.h - the work of bert-nsp on a batch
 *
 * A pair's first row to the two logits of BERT's head for the next sentence,
 * and these to its line. With candidates (candidates.h) each record is the
 * first text of as many pairs: replies.c makes them, runs them and writes the
 * best.
 */
#ifndef COMMON_NSP_H
#define COMMON_NSP_H

#include <bert.h>
#include <bert_io.h>

#include "common/candidates.h"
#include "common/json_out.h"
#include "common/texts.h"

enum { NSP_RESULTS = 2 };

/* What the head says: Google's label 0 is "is next". */
typedef struct nsp_logits {
    float next, not_next;
} nsp_logits;

/* What one member of the team works with. */
typedef struct nsp_member {
    float              *scratch;
    json_out            json;
    struct score_place *order; /* [candidates] */
    window_scratch      windows;
    bert_encoding      *second; /* a candidate */
} nsp_member;

struct reply_pair;

typedef struct nsp {
    /* What to do; set before nsp_start(), t being started */
    texts              t;
    const bert_head   *head;
    bool               raw; /* logits, no probability */
    int                digits;
    bool               replies;    /* records are tried with .. */
    candidates         candidates; /* these; else they are pairs */
    size_t             limit;      /* candidates that are written */
    const bert_layout *layout;     /* known when the stream begins */

    nsp_member    *members; /* [team size] */
    const fitting *fitting; /* of pairs, where there are candidates */
    fitting        alone;   /* of their first texts */

    /* With candidates: the batch at work */
    struct reply_pair *pairs;  /* [REPLY_PAIRS] that run together */
    encode_item       *items;  /* [REPLY_PAIRS] */
    nsp_logits        *logits; /* [records, candidates] */
    size_t             logits_capacity;
} nsp;

void nsp_start(nsp *n);

/* For texts_main(); the context is the nsp. A record weighs all its pairs. */
void   nsp_work(pipeline *p, slot *slots, size_t count);
size_t nsp_weigh(pipeline *p, const slot *s);
void   nsp_free(void *context);

/* Names and types of the results, [NSP_RESULTS]; returns how many. */
size_t nsp_results(const nsp *n, const char **names, bert_type *types);

/* softmax of both, the first: 1 / (1 + exp(not_next - next)) */
float nsp_probability(nsp_logits x);

/* The head over a sequence's first row. */
nsp_logits nsp_run(const nsp *n, size_t member, const encode_piece *piece);

/* Write a record's line; result is the first of its results. */
void nsp_write(const nsp *n, slot *s, const bert_value *result);

/* replies.c: as nsp_start(), nsp_free(), nsp_work() where there are
   candidates. */
void replies_start(nsp *n);
void replies_free(nsp *n);
void replies_work(nsp *n, slot *slots, size_t count);

#endif
