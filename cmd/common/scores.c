/*
 * scores.c - logits of one text to scores, and what is made of them
 */
#include "common/scores.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/numbers.h"

/* ---- Which function ---- */

/* The name of a class in torch.nn: the last part of its path. */
static const char *torch_class(const char *path)
{
    static const char torch[] = "torch.";

    return strncmp(path, torch, sizeof torch - 1) == 0 ? strrchr(path, '.') + 1
                                                       : NULL;
}

score_known score_function_of(bert_problem problem, size_t C,
                              const char *activation, score_function *out)
{
    if (activation == NULL) {
        *out = problem == BERT_PROBLEM_REGRESSION        ? SCORE_NONE
               : problem == BERT_PROBLEM_MULTI || C == 1 ? SCORE_SIGMOID
                                                         : SCORE_SOFTMAX;
        return SCORE_IS_KNOWN;
    }
    const char *name = torch_class(activation);
    if (name == NULL) {
        *out = C == 1 ? SCORE_SIGMOID : SCORE_NONE;
        return SCORE_NOT_TRUSTED;
    }
    if (strcmp(name, "Sigmoid") == 0) {
        *out = SCORE_SIGMOID;
    } else if (strcmp(name, "Identity") == 0) {
        *out = SCORE_NONE;
    } else if (strcmp(name, "Softmax") == 0) {
        *out = SCORE_SOFTMAX;
    } else {
        return SCORE_NOT_KNOWN;
    }
    return SCORE_IS_KNOWN;
}

/* ---- Scores ---- */

static void softmax(const float *logits, size_t C, float *scores)
{
    double most = logits[scores_best(logits, C)], sum = 0;

    for (size_t i = 0; i < C; i++) {
        sum += exp((double)logits[i] - most);
    }
    for (size_t i = 0; i < C; i++) {
        scores[i] = (float)(exp((double)logits[i] - most) / sum);
    }
}

void scores_apply(score_function function, const float *logits, size_t C,
                  float *scores)
{
    switch (function) {
    case SCORE_SOFTMAX:
        softmax(logits, C, scores);
        break;
    case SCORE_SIGMOID:
        for (size_t i = 0; i < C; i++) {
            scores[i] = (float)(1 / (1 + exp(-(double)logits[i])));
        }
        break;
    case SCORE_NONE:
        memmove(scores, logits, C * sizeof *scores);
        break;
    }
}

static int better_first(const void *a, const void *b)
{
    const score_place *x = a, *y = b;

    if (x->score != y->score) {
        return x->score > y->score ? -1 : 1;
    }
    return x->place < y->place ? -1 : x->place > y->place;
}

void scores_order(const float *scores, size_t C, score_place *out)
{
    for (size_t i = 0; i < C; i++) {
        out[i] = (score_place){scores[i], i};
    }
    scores_sort(out, C);
}

void scores_sort(score_place *places, size_t n)
{
    qsort(places, n, sizeof *places, better_first);
}

size_t scores_best(const float *scores, size_t C)
{
    size_t best = 0;

    for (size_t i = 1; i < C; i++) {
        if (scores[i] > scores[best]) {
            best = i;
        }
    }
    return best;
}

/* ---- Expected values ---- */

static bert_status __attribute__((format(printf, 2, 3)))
map_error(bert_error *err, const char *format, ...)
{
    va_list arguments;

    err->status = BERT_BAD_CALL;
    va_start(arguments, format);
    vsnprintf(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    return BERT_BAD_CALL;
}

/* The longest label that text begins with, '=' after it; SIZE_MAX: none. */
static size_t find_label(const char *text, const char *const *labels, size_t C)
{
    size_t found = SIZE_MAX, size = 0;

    for (size_t i = 0; i < C; i++) {
        size_t n = strlen(labels[i]);

        if (strncmp(text, labels[i], n) == 0 && text[n] == '=' &&
            (found == SIZE_MAX || n > size)) {
            found = i;
            size = n;
        }
    }
    return found;
}

/* Give the value to every label of that name; false: it has one already. */
static bool set_value(const char *const *labels, size_t C, size_t label,
                      float value, float *values)
{
    bool set = false;

    for (size_t i = 0; i < C; i++) {
        if (strcmp(labels[i], labels[label]) == 0) {
            set |= !isnan(values[i]);
            values[i] = value;
        }
    }
    return !set;
}

bert_status score_map_parse(const char *text, const char *const *labels,
                            size_t C, float *values, bert_error *err)
{
    for (size_t i = 0; i < C; i++) {
        values[i] = NAN;
    }
    for (const char *p = text;; p++) {
        size_t label = find_label(p, labels, C);
        size_t left = strcspn(p, ",");
        float  value = 0;

        if (label == SIZE_MAX) {
            return map_error(err,
                             "'%.*s' is not LABEL=NUMBER of a label of "
                             "the model",
                             (int)left, p);
        }
        p += strlen(labels[label]) + 1;
        left = strcspn(p, ",");
        if (!number_real(p, left, &value)) {
            return map_error(err, "label %s: '%.*s' is not a number",
                             labels[label], (int)left, p);
        }
        if (!set_value(labels, C, label, value, values)) {
            return map_error(err, "label %s twice", labels[label]);
        }
        p += left;
        if (*p == '\0') {
            break;
        }
    }
    for (size_t i = 0; i < C; i++) {
        if (isnan(values[i])) {
            return map_error(err, "no value for label %s", labels[i]);
        }
    }
    return BERT_OK;
}

float scores_expected(const float *scores, const float *values, size_t C)
{
    double sum = 0;

    for (size_t i = 0; i < C; i++) {
        sum += (double)scores[i] * (double)values[i];
    }
    return (float)sum;
}

/* ---- Windows ---- */

void reduce_add(score_reduce how, const float *logits, size_t C, size_t seen,
                double *held)
{
    for (size_t i = 0; i < C; i++) {
        double x = (double)logits[i];

        if (seen == 0 || how == REDUCE_LAST) {
            held[i] = x;
        } else if (how == REDUCE_MEAN) {
            held[i] += x;
        } else if (x > held[i] || isnan(x)) { /* what is no number stays */
            held[i] = x;
        }
    }
}

void reduce_end(score_reduce how, const double *held, size_t C, size_t seen,
                float *logits)
{
    double count = how == REDUCE_MEAN ? (double)seen : 1;

    for (size_t i = 0; i < C; i++) {
        logits[i] = (float)(held[i] / count);
    }
}
