/*
 * viterbi.h - the most probable labels of a text that may follow one another
 */
#ifndef COMMON_VITERBI_H
#define COMMON_VITERBI_H

#include "common/tag_labels.h"

/* Labels at most: rules take their square in bytes, a token as many steps. */
enum { VITERBI_LABELS = 4096 };

/*
 * Which label may follow which. Where the map has B-X, an I-X or E-X follows
 * B-X or I-X only, so none comes after O or at the start; and where it has E-X,
 * nothing but I-X or E-X follows B-X or I-X, so none comes before O or at the
 * end. A map without B- (IO) thus allows everything.
 */
typedef struct label_rules {
    size_t count;
    bool  *allowed;      /* [count,count]: b may follow a at [a * count + b] */
    bool  *first, *last; /* [count]: may begin, may end a text */
} label_rules;

void label_rules_make(label_rules *out, const tag_labels *labels);
void label_rules_free(label_rules *rules);

/* Scratch memory of one member of the team; zero it to begin. */
typedef struct viterbi_scratch {
    double *best[2]; /* [count] */
    size_t *from;    /* [n,count] */
    size_t  best_capacity[2], from_capacity;
} viterbi_scratch;

void viterbi_scratch_free(viterbi_scratch *scratch);

/*
 * labels [n]: of all allowed sequences the one with the largest product of
 * probabilities rows[i][label] (Viterbi 1967; Forney 1973); of equal ones that
 * of the smaller numbers, from the end. Where no sequence is allowed, each
 * row's largest. false: no memory.
 */
bool viterbi_decode(const label_rules *rules, const float *const *rows,
                    size_t n, viterbi_scratch *scratch, size_t *labels);

#endif
