/*
 * mask_sparse.c - a text as weights of the vocabulary's tokens
 *
 * SPLADE (Formal et al. 2021, SPLADE v2, section 3): the weight of token j is
 * the largest log(1 + relu(logit of j)) of all the text's tokens, the
 * template's among them (sentence-transformers, SpladePooling, max and relu).
 * log(1 + x) grows with x, so the largest logit is enough.
 */
#include <float.h>
#include <math.h>

#include "common/alloc.h"
#include "common/mask.h"

static void start(masking *m)
{
    m->least = m->least > FLT_TRUE_MIN ? m->least : FLT_TRUE_MIN;
    mask_ready_members(m, m->k, 0);
}

static size_t count(masking *m, size_t record)
{
    (void)m;
    (void)record;
    return 1;
}

static size_t size_of_result(const masking *m)
{
    return m->V;
}

static void add(masking *m, size_t record, size_t first)
{
    slot *s = &m->t.slots[record];
    void *numbers = m->numbers;
    bool  done = grow_array(&numbers, &m->numbers_capacity, (first + 1) * m->V,
                            sizeof *m->numbers);
    mask_view view;

    m->numbers = numbers;
    if (!done) {
        slot_no_memory(s);
        return;
    }
    for (size_t i = 0; i < m->V; i++) {
        m->numbers[first * m->V + i] = 0;
    }
    for (size_t k = 0; k < mask_view_count(m, record); k++) {
        if (!mask_view_get(m, record, k, &view) ||
            !mask_view_add(m, record, &view, mask_tokens(m, record).ids, 0, 0,
                           0, NULL)) {
            return;
        }
        for (size_t i = 0; i < view.take_count; i++) {
            if (!mask_rows_want(&m->rows, s, mask_view_take(&view, i).row,
                                first, 0, 1)) {
                return;
            }
        }
    }
}

/* Rows of one text come from several members; the largest is the same in any
   order. */
static bool each(void *context, const mask_want *want, size_t member,
                 float *logits)
{
    masking         *m = context;
    float           *to = m->numbers + want->key * m->V;
    pthread_mutex_t *lock = &m->locks[want->key % MASK_LOCKS];
    bool             finite = true;

    (void)member;
    pthread_mutex_lock(lock);
    for (size_t i = 0; i < m->V; i++) {
        to[i] = logits[i] > to[i] ? logits[i] : to[i];
        finite &= logits[i] <= FLT_MAX;
    }
    pthread_mutex_unlock(lock);
    return finite;
}

static bool write(masking *m, size_t record, size_t first, mask_member *w)
{
    bert_value results[MASK_RESULTS] = {{0}};
    float     *weights = m->numbers + first * m->V;
    bool       done = mask_put(w, "{");

    for (size_t i = 0; i < m->V; i++) {
        weights[i] = weights[i] > 0 ? log1pf(weights[i]) : 0;
    }
    size_t count = choose_top(weights, m->V, m->k, m->least, NULL, w->best);
    for (size_t i = 0; done && i < count; i++) {
        const char *token =
            bert_tokenizer_token(m->l->tokenizer, w->best[i].id, NULL);

        if (token != NULL) { /* a head may know more than the vocabulary */
            done = (w->json.size == 1 || mask_put(w, ",")) &&
                   mask_put_number(w, token, w->best[i].score, m->digits);
        }
    }
    if (!done || !mask_put(w, "}")) {
        return false;
    }
    results[0] = mask_json(w);
    return mask_put_line(m, record, results, w);
}

const mask_way mask_sparse = {
    .names = {"sparse", "truncated"},
    .types = {BERT_JSON, BERT_TRUE},
    .start = start,
    .count = count,
    .size = size_of_result,
    .add = add,
    .each = each,
    .write = write,
};
