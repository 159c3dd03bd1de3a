/*
 * mask_choose.c - the best of a vocabulary's scores
 *
 * A heap of the k best so far, the worst of them on top: most of a vocabulary
 * is passed over by one comparison.
 */
#include "common/mask_choose.h"

#include <math.h>

static bool is_better(candidate a, candidate b)
{
    return a.score > b.score || (a.score == b.score && a.id < b.id);
}

/* Let the item at `place` sink until no child is worse. */
static void sink(candidate *heap, size_t count, size_t place)
{
    candidate item = heap[place];

    for (;;) {
        size_t child = 2 * place + 1;

        if (child >= count) {
            break;
        }
        if (child + 1 < count && is_better(heap[child], heap[child + 1])) {
            child++;
        }
        if (!is_better(item, heap[child])) {
            break;
        }
        heap[place] = heap[child];
        place = child;
    }
    heap[place] = item;
}

static void rise(candidate *heap, size_t place)
{
    candidate item = heap[place];

    while (place > 0 && is_better(heap[(place - 1) / 2], item)) {
        heap[place] = heap[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    heap[place] = item;
}

static bool may_enter(const choose_filter *filter, int32_t id)
{
    if (filter == NULL) {
        return true;
    }
    return (filter->allowed == NULL || filter->allowed[id] != 0) &&
           (filter->refuses == NULL || !filter->refuses(filter->context, id));
}

size_t choose_top(const float *scores, size_t n, size_t k, float least,
                  const choose_filter *filter, candidate *out)
{
    size_t count = 0;

    for (size_t i = 0; k > 0 && i < n; i++) {
        candidate item = {(int32_t)i, scores[i]};

        /* Written so that what is not a number fails. */
        if (!(item.score >= least) ||
            (count == k && !is_better(item, out[0])) ||
            !may_enter(filter, item.id)) {
            continue;
        }
        if (count < k) {
            out[count] = item;
            rise(out, count++);
        } else {
            out[0] = item;
            sink(out, count, 0);
        }
    }
    /* The worst goes to the end, again and again. */
    for (size_t left = count; left > 1; left--) {
        candidate worst = out[0];

        out[0] = out[left - 1];
        sink(out, left - 1, 0);
        out[left - 1] = worst;
    }
    return count;
}

float choose_log_probability(float x, float largest, float largest_probability)
{
    return (float)((double)x - (double)largest +
                   log((double)largest_probability));
}
