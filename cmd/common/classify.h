/*
 * classify.h - the work of bert-classify on a batch
 *
 * Each record's first row, or that of each of its windows, to logits, these to
 * scores (scores.h), and the scores to its line: all on any member of the
 * team. Ranking (ranking.h) orders the lines afterwards.
 */
#ifndef COMMON_CLASSIFY_H
#define COMMON_CLASSIFY_H

#include <bert.h>
#include <bert_io.h>

#include "common/json_out.h"
#include "common/ranking.h"
#include "common/scores.h"
#include "common/texts.h"

enum { CLASSIFY_RESULTS = 3 };

typedef enum classify_mode {
    CLASSIFY_LABEL,  /* "label" and "score" of the best */
    CLASSIFY_LABELS, /* "labels": several with their scores */
    CLASSIFY_SCORE,  /* "score" alone */
} classify_mode;

/* What one member of the team works with. */
typedef struct classify_member {
    float       *scratch, *logits, *scores; /* the last two [C] */
    double      *held;                      /* [C]: of the windows so far */
    size_t       seen;                      /* windows */
    score_place *order;                     /* [C] */
    json_out     json;
} classify_member;

typedef struct classifier {
    /* What to do; set before classify_start(), t being started */
    texts            t;
    const bert_head *head;
    classify_mode    mode;
    score_function   function;
    score_reduce     reduce;
    size_t           limit;     /* CLASSIFY_LABELS: at most; 0: all */
    bool             in_order;  /* CLASSIFY_LABELS: the model's order */
    bool             has_least; /* only scores of `least` and above .. */
    float            least;
    const char      *reject; /* .. are labels; below, the best is this one */
    float           *values; /* CLASSIFY_SCORE: expected value of these [C];
                                NULL: the score of the only output */
    int                digits;
    ranking            rank;   /* no member: lines in the order of the input */
    const bert_layout *layout; /* known when the stream begins */

    classify_member *members; /* [team size] */
    float           *ranks;   /* [TEXTS_SLOTS]: the score of each record */
} classifier;

/* What the options ask for; NOT_GIVEN and NAN (threshold) as they are. */
typedef struct classify_asked {
    bool        all, multi, raw, rank;
    int         function; /* a score_function */
    int         reduce;   /* a score_reduce */
    size_t      best;     /* 0: not given */
    float       threshold;
    const char *reject, *map, *group; /* NULL: not given */
} classify_asked;

/* classify_choose.c: what to do with this model's head. What it cannot do
   ends the tool. */
void classify_choose(classifier *c, const loaded *l, const classify_asked *own);

/* The texts are started. */
void classify_start(classifier *c);

/* For texts_main(); the context is the classifier. */
void classify_work(pipeline *p, slot *slots, size_t count);
void classify_free(void *context);

/* Names and types of the results, [CLASSIFY_RESULTS]; returns how many. */
size_t classify_results(const classifier *c, const char **names,
                        bert_type *types);

#endif
