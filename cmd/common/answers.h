/*
 * answers.h - logits of a context's tokens to answers
 *
 * A span of tokens [first, last] scores P(start = first) * P(end = last), each
 * a softmax over the tokens of the context and [CLS], as transformers 4.57's
 * question-answering pipeline has it (pipelines/question_answering.py,
 * select_starts_ends). The best spans are widened to words and those that say
 * the same are one answer, whose score is their sum (get_indices, get_answer).
 * Nothing here knows a model, a window or a record.
 */
#ifndef COMMON_ANSWERS_H
#define COMMON_ANSWERS_H

#include <bert.h>

#include "common/places.h"

/* Logits of the `count` tokens of a context, and of [CLS]. */
typedef struct span_logits {
    const float *start, *end; /* [count] */
    size_t       count;
    bool         has_null; /* there is a [CLS] */
    float        null_start, null_end;
} span_logits;

typedef struct span {
    size_t first, last; /* tokens, both in it */
    double logit;       /* start[first] + end[last] */
    double score;
} span;

typedef struct span_list {
    span  *items;
    size_t count, capacity;
} span_list;

/*
 * The `limit` best spans of at most `longest` tokens, the best first; of equal
 * ones the first in the text. *null_score: P([CLS]) of both, 0 where there is
 * none. false: no memory.
 */
bool spans_find(const span_logits *logits, size_t longest, size_t limit,
                span_list *out, double *null_score);

/*
 * Where tokens first..last stand in the text: words: from the begin of the
 * first one's word to the end of the last one's, of what [low, high) holds of
 * them; where a token has no word, both count as tokens.
 */
bert_span span_place(const bert_tokens *tokens, size_t first, size_t last,
                     size_t low, size_t high, bool words);

typedef struct answer {
    bert_span at;   /* in the record's unit */
    bert_text text; /* a slice of the context */
    double    score;
    float     logits[2]; /* of its best span: start, end */
    size_t    order;     /* in which it was added */
    bert_text lower;     /* what is compared */
} answer;

/* Zero it to begin, and use it again. */
typedef struct answer_list {
    answer     *items;
    size_t      count, capacity;
    bert_buffer lower;
    text_places places;
} answer_list;

/* false: no memory. */
bool answers_add(answer_list *list, const answer *one);

/* Set the texts. false: no memory, or *fits is false: a place is none of
   context's, or ends before it begins. */
bool answers_locate(answer_list *list, bert_text context, bert_unit unit,
                    bool *fits);

/*
 * Answers whose texts differ at most in case become the first of them, with
 * the sum of the scores; then the best score is first. false: no memory.
 */
bool answers_merge(answer_list *list);

void span_list_free(span_list *list);
void answer_list_free(answer_list *list);

#endif
