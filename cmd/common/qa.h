/*
 * qa.h - the work of bert-qa on a batch
 *
 * The rows of each question and context (texts.h) become two logits a token of
 * the context; answers.h chooses among them. A context of several windows is
 * one: each of its tokens is taken from the window in which it has most
 * context. With `transformers` each window is by itself, as in the pipeline.
 */
#ifndef COMMON_QA_H
#define COMMON_QA_H

#include <bert.h>
#include <bert_io.h>

#include "common/answers.h"
#include "common/id_set.h"
#include "common/json_out.h"
#include "common/output.h"
#include "common/texts.h"

typedef enum qa_format {
    QA_JSONL,
    QA_TSV,
    QA_SQUAD
} qa_format; /* as in "jsonl|tsv|squad" */

enum { QA_RESULTS = 6 };

/* What one member of the team works with. */
typedef struct qa_member {
    float      *start, *end; /* logits of the context's tokens */
    size_t      start_capacity, end_capacity;
    float      *scratch; /* of the head */
    span_list   spans;
    answer_list answers;
    json_out    json;

    /* The text at work */
    size_t low, high; /* its context's tokens, in the encoding */
    size_t windows;   /* pieces seen */
    bool   has_null;
    float  null[2];    /* [CLS] of the window where their sum is least */
    double null_score; /* probability of no answer */
    double best;       /* start + end of the best span; -inf: none */
} qa_member;

typedef struct qa {
    /* What to do; set before qa_start() */
    qa_format          format;
    size_t             best;         /* answers a record */
    size_t             longest;      /* tokens an answer */
    bool               words;        /* answers are widened to words */
    bool               transformers; /* every window by itself */
    bool               raw;          /* logits beside the scores */
    int                digits;       /* of a number; 0: as it needs */
    bool               no_answer;    /* the empty answer takes part */
    bool               has_threshold;
    float              threshold; /* of the null odds */
    const bert_head   *head;
    output            *odds;   /* of --null-odds; NULL: none */
    texts              t;      /* started */
    const bert_layout *layout; /* jsonl, tsv */

    qa_member *members;   /* [team size] */
    float     *null_odds; /* [TEXTS_SLOTS] */
    bool       begun;     /* squad: an entry was written */
    id_set     seen;      /* squad: ids of the entries */
    size_t     repeated;  /* of these came before */
} qa;

void qa_start(qa *q);

/* For texts_main(); the context is the qa. */
void qa_work(pipeline *p, slot *slots, size_t count);
void qa_free(void *context);

/* The odds where there is no span at all (run_squad.py's score_null and
   transformers' min_null_score begin there). */
#define QA_NOTHING_ELSE 1000000.0f

/* The text that answers are slices of; false: the record has none. */
bool qa_context(const bert_record *record, bert_text *context);

/* qa_write.c: names and types of the results, [QA_RESULTS]; how many. */
size_t qa_results(const qa *q, const char **names, bert_type *types);
/* The answers of m, in order, to the slot's line; null_odds: infinite where
   there is nothing to choose from. */
void qa_write(const qa *q, qa_member *m, slot *s, float null_odds);
/* Squad: the entries of a finished batch, in order: commas, and the odds. */
void qa_write_entries(qa *q, slot *slots, size_t count);

#endif
