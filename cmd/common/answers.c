/*
 * answers.c - logits of a context's tokens to answers
 */
#include "common/answers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

/* ---- The best spans ---- */

/* softmax over values[count] and, where there is one, null. */
typedef struct softmax {
    double highest, sum;
} softmax;

static softmax softmax_of(const float *values, size_t count, bool has_null,
                          float null)
{
    softmax s = {has_null ? (double)null : -INFINITY, 0};

    for (size_t i = 0; i < count; i++) {
        s.highest =
            (double)values[i] > s.highest ? (double)values[i] : s.highest;
    }
    s.sum = has_null ? exp((double)null - s.highest) : 0;
    for (size_t i = 0; i < count; i++) {
        s.sum += exp((double)values[i] - s.highest);
    }
    return s;
}

static double softmax_at(const softmax *s, float value)
{
    return exp((double)value - s->highest) / s->sum;
}

static bool is_better(const span *a, const span *b)
{
    if (a->logit != b->logit) {
        return a->logit > b->logit;
    }
    return a->first != b->first ? a->first < b->first : a->last < b->last;
}

static int compare_spans(const void *a, const void *b)
{
    return is_better(a, b) ? -1 : is_better(b, a);
}

/* items[0..count) is a heap with the worst on top; place one in the hole at i,
   moving what is worse up. */
static void sift_up(span *items, size_t i, const span *one)
{
    while (i > 0 && is_better(&items[(i - 1) / 2], one)) {
        items[i] = items[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    items[i] = *one;
}

/* The worst gives way. */
static void replace_top(span *items, size_t count, const span *one)
{
    size_t i = 0;

    for (size_t below = 1; below < count; below = 2 * i + 1) {
        if (below + 1 < count && is_better(&items[below], &items[below + 1])) {
            below++;
        }
        if (!is_better(one, &items[below])) {
            break;
        }
        items[i] = items[below];
        i = below;
    }
    items[i] = *one;
}

static bool offer(span_list *list, size_t limit, const span *one)
{
    void *items = list->items;

    if (list->count == limit) {
        if (limit > 0 && is_better(one, &list->items[0])) {
            replace_top(list->items, limit, one);
        }
        return true;
    }
    if (!grow_array(&items, &list->capacity, list->count + 1, sizeof *one)) {
        return false;
    }
    list->items = items;
    sift_up(list->items, list->count++, one);
    return true;
}

bool spans_find(const span_logits *logits, size_t longest, size_t limit,
                span_list *out, double *null_score)
{
    const span_logits *l = logits;
    softmax starts = softmax_of(l->start, l->count, l->has_null, l->null_start);
    softmax ends = softmax_of(l->end, l->count, l->has_null, l->null_end);

    out->count = 0;
    *null_score = l->has_null ? softmax_at(&starts, l->null_start) *
                                    softmax_at(&ends, l->null_end)
                              : 0;
    for (size_t i = 0; i < l->count; i++) {
        double start = (double)l->start[i];

        if (out->count == limit && start + ends.highest < out->items[0].logit) {
            continue; /* no end makes it good enough */
        }
        for (size_t n = 0; n < longest && i + n < l->count; n++) {
            span one = {i, i + n, start + (double)l->end[i + n], 0};

            if (!offer(out, limit, &one)) {
                return false;
            }
        }
    }
    if (out->count > 0) {
        qsort(out->items, out->count, sizeof *out->items, compare_spans);
    }
    for (size_t i = 0; i < out->count; i++) {
        span *s = &out->items[i];

        s->score = softmax_at(&starts, l->start[s->first]) *
                   softmax_at(&ends, l->end[s->last]);
    }
    return true;
}

/* ---- Places ---- */

bert_span span_place(const bert_tokens *tokens, size_t first, size_t last,
                     size_t low, size_t high, bool words)
{
    const int32_t *w = tokens->words;

    if (words && w != NULL && w[first] >= 0 && w[last] >= 0) {
        int32_t first_word = w[first], last_word = w[last];

        while (first > low && w[first - 1] == first_word) {
            first--;
        }
        while (last + 1 < high && w[last + 1] == last_word) {
            last++;
        }
    }
    return (bert_span){tokens->spans[first].begin, tokens->spans[last].end};
}

bool answers_locate(answer_list *list, bert_text context, bert_unit unit,
                    bool *fits)
{
    const text_places *places = &list->places;
    size_t             begin, end, character;

    *fits = true;
    if (list->count > 0 && !text_places_set(&list->places, context, unit)) {
        return false;
    }
    for (size_t i = 0; i < list->count && *fits; i++) {
        answer *a = &list->items[i];

        *fits = a->at.begin <= a->at.end &&
                text_places_find(places, a->at.begin, &begin, &character) &&
                text_places_find(places, a->at.end, &end, &character);
        if (*fits) {
            a->text = (bert_text){context.data + begin, end - begin};
        }
    }
    return *fits;
}

/* ---- Answers ---- */

bool answers_add(answer_list *list, const answer *one)
{
    void *items = list->items;

    if (!grow_array(&items, &list->capacity, list->count + 1,
                    sizeof *list->items)) {
        return false;
    }
    list->items = items;
    list->items[list->count] = *one;
    list->items[list->count].order = list->count;
    list->count++;
    return true;
}

static int compare_texts(const answer *a, const answer *b)
{
    if (a->lower.size != b->lower.size) {
        return a->lower.size < b->lower.size ? -1 : 1;
    }
    return a->lower.size == 0
               ? 0
               : memcmp(a->lower.data, b->lower.data, a->lower.size);
}

static int compare_sayings(const void *a, const void *b)
{
    const answer *x = a, *y = b;
    int           texts = compare_texts(x, y);

    if (texts != 0) {
        return texts;
    }
    return x->order < y->order ? -1 : x->order > y->order;
}

static int compare_answers(const void *a, const void *b)
{
    const answer *x = a, *y = b;

    if (x->score != y->score) {
        return x->score > y->score ? -1 : 1;
    }
    return x->order < y->order ? -1 : x->order > y->order;
}

/* lower.size is a text's own only after all of them are there: the buffer may
   move while it grows. */
static bool set_lower(answer_list *list)
{
    list->lower.size = 0;
    for (size_t i = 0; i < list->count; i++) {
        size_t before = list->lower.size;

        if (list->items[i].text.size > 0 &&
            !bert_text_lower(list->items[i].text, &list->lower)) {
            return false;
        }
        list->items[i].lower.size = list->lower.size - before;
    }
    size_t at = 0;
    for (size_t i = 0; i < list->count; i++) {
        bert_text *lower = &list->items[i].lower;

        lower->data = lower->size > 0 ? list->lower.data + at : NULL;
        at += lower->size;
    }
    return true;
}

bool answers_merge(answer_list *list)
{
    size_t kept = 0;

    if (list->count == 0) {
        return true;
    }
    if (!set_lower(list)) {
        return false;
    }
    qsort(list->items, list->count, sizeof *list->items, compare_sayings);
    for (size_t i = 1; i < list->count; i++) {
        if (compare_texts(&list->items[kept], &list->items[i]) == 0) {
            list->items[kept].score += list->items[i].score;
        } else {
            list->items[++kept] = list->items[i];
        }
    }
    list->count = kept + 1;
    qsort(list->items, list->count, sizeof *list->items, compare_answers);
    return true;
}

void span_list_free(span_list *list)
{
    free(list->items);
    *list = (span_list){0};
}

void answer_list_free(answer_list *list)
{
    free(list->items);
    text_places_free(&list->places);
    bert_buffer_free(&list->lower);
    *list = (answer_list){0};
}
