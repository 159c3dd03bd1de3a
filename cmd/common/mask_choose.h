/*
 * mask_choose.h - the best of a vocabulary's scores
 */
#ifndef COMMON_MASK_CHOOSE_H
#define COMMON_MASK_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct candidate {
    int32_t id;
    float   score;
} candidate;

/* Which ids may be chosen; zero it for all. */
typedef struct choose_filter {
    const uint8_t *allowed; /* [n], 0: never; NULL: all */
    /* Asked only of ids that would be chosen; NULL: nothing is refused. */
    bool (*refuses)(void *context, int32_t id);
    void *context;
} choose_filter;

/*
 * The k largest of scores [n] that are at least `least`, largest first, of
 * equal ones the lower id first, to out [k]. What is not a number is never
 * chosen. Returns how many there are. filter may be NULL.
 */
size_t choose_top(const float *scores, size_t n, size_t k, float least,
                  const choose_filter *filter, candidate *out);

/*
 * log(softmax(x)[i]), x [n], from probabilities = softmax(x) and what x had at
 * i and at its largest: exact where the probability itself is 0 in binary32.
 * The largest probability is 1 / sum(exp(x - largest)).
 */
float choose_log_probability(float x, float largest, float largest_probability);

#endif
