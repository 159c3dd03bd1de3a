/*
 * viterbi.c - the most probable labels of a text that may follow one another
 */
#include "common/viterbi.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/alloc.h"

/* ---- Which label may follow which ---- */

/* Set has [count] for each tag of which the map has a label of this part. */
static void find_tags(const tag_labels *labels, tag_part part, bool *has)
{
    for (size_t i = 0; i < labels->count; i++) {
        const tag_label *label = &labels->all[i];

        if (label->marked && label->part == part) {
            has[label->tag] = true;
        }
    }
}

static bool goes_on(const tag_label *label)
{
    return label->marked &&
           (label->part == TAG_INSIDE || label->part == TAG_END);
}

static bool leaves_open(const tag_label *label)
{
    return label->marked &&
           (label->part == TAG_INSIDE || label->part == TAG_BEGIN);
}

void label_rules_make(label_rules *out, const tag_labels *labels)
{
    size_t n = labels->count;

    *out = (label_rules){.count = n};
    out->allowed = alloc_zeroed(n, n * sizeof *out->allowed);
    out->first = alloc_zeroed(n, sizeof *out->first);
    out->last = alloc_zeroed(n, sizeof *out->last);
    bool *begins = alloc_zeroed(n, sizeof *begins);
    bool *ends = alloc_zeroed(n, sizeof *ends);
    find_tags(labels, TAG_BEGIN, begins);
    find_tags(labels, TAG_END, ends);
    for (size_t i = 0; i < n; i++) {
        const tag_label *l = &labels->all[i];

        out->first[i] = !goes_on(l) || !begins[l->tag];
        out->last[i] = !leaves_open(l) || !ends[l->tag];
    }
    free(begins);
    free(ends);
    for (size_t a = 0; a < n; a++) {
        const tag_label *from = &labels->all[a];

        for (size_t b = 0; b < n; b++) {
            const tag_label *to = &labels->all[b];
            bool             joined =
                leaves_open(from) && goes_on(to) && from->tag == to->tag;

            out->allowed[a * n + b] = joined || (out->last[a] && out->first[b]);
        }
    }
}

void label_rules_free(label_rules *rules)
{
    free(rules->allowed);
    free(rules->first);
    free(rules->last);
    *rules = (label_rules){0};
}

/* ---- The best sequence ---- */

void viterbi_scratch_free(viterbi_scratch *scratch)
{
    free(scratch->best[0]);
    free(scratch->best[1]);
    free(scratch->from);
    *scratch = (viterbi_scratch){0};
}

static bool make_room(viterbi_scratch *scratch, size_t n, size_t count)
{
    void *from = scratch->from;
    bool  done = n <= SIZE_MAX / count;

    for (int i = 0; i < 2; i++) {
        void *best = scratch->best[i];

        done = done && grow_array(&best, &scratch->best_capacity[i], count,
                                  sizeof *scratch->best[i]);
        scratch->best[i] = best;
    }
    done = done && grow_array(&from, &scratch->from_capacity, n * count,
                              sizeof *scratch->from);
    scratch->from = from;
    return done;
}

/* A probability of 0 is the smallest there is, so that sums stay finite. */
static double log_of(float probability)
{
    return log((double)(probability > FLT_MIN ? probability : FLT_MIN));
}

static size_t largest(const double *values, size_t count)
{
    size_t best = 0;

    for (size_t i = 1; i < count; i++) {
        best = values[i] > values[best] ? i : best;
    }
    return best;
}

/* The best of each label at a place: best of what it may follow, and itself. */
static void step(const label_rules *rules, const float *row,
                 const double *before, double *best, size_t *from)
{
    size_t n = rules->count;

    for (size_t b = 0; b < n; b++) {
        best[b] = -INFINITY;
        from[b] = 0;
        for (size_t a = 0; a < n; a++) {
            if (rules->allowed[a * n + b] && before[a] > best[b]) {
                best[b] = before[a];
                from[b] = a;
            }
        }
        best[b] += log_of(row[b]);
    }
}

static void take_largest(const float *const *rows, size_t n, size_t count,
                         size_t *labels)
{
    for (size_t i = 0; i < n; i++) {
        labels[i] = 0;
        for (size_t k = 1; k < count; k++) {
            labels[i] = rows[i][k] > rows[i][labels[i]] ? k : labels[i];
        }
    }
}

bool viterbi_decode(const label_rules *rules, const float *const *rows,
                    size_t n, viterbi_scratch *scratch, size_t *labels)
{
    size_t count = rules->count;

    if (n == 0) {
        return true;
    }
    if (!make_room(scratch, n, count)) {
        return false;
    }
    double *best = scratch->best[0], *before = scratch->best[1];
    for (size_t k = 0; k < count; k++) {
        best[k] = rules->first[k] ? log_of(rows[0][k]) : -INFINITY;
    }
    for (size_t i = 1; i < n; i++) {
        double *swap = before;

        before = best;
        best = swap;
        step(rules, rows[i], before, best, scratch->from + i * count);
    }
    for (size_t k = 0; k < count; k++) {
        best[k] = rules->last[k] ? best[k] : -INFINITY;
    }
    size_t label = largest(best, count);
    if (best[label] == -INFINITY) {
        take_largest(rows, n, count, labels);
        return true;
    }
    for (size_t i = n; i-- > 0;) {
        labels[i] = label;
        label = i > 0 ? scratch->from[i * count + label] : 0;
    }
    return true;
}
