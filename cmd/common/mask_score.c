/*
 * mask_score.c - how likely a text is, a token at a time
 *
 * The pseudo-log-likelihood (Salazar et al. 2020, Masked Language Model
 * Scoring, section 2.1): each token masked in turn, the logarithm of its
 * probability there, and their sum. The template's tokens are not counted, nor
 * are masks that stand in the text.
 */
#include <math.h>

#include "common/alloc.h"
#include "common/mask.h"

static bool is_scored(const masking *m, const bert_tokens *tokens, size_t i)
{
    return !tokens->special[i] && tokens->ids[i] != m->mask;
}

/* A result a token, whether it is scored or not. */
static size_t count(masking *m, size_t record)
{
    return mask_tokens(m, record).length;
}

static size_t size_of_result(const masking *m)
{
    (void)m;
    return 1;
}

static void add(masking *m, size_t record, size_t first)
{
    bert_tokens tokens = mask_tokens(m, record);
    slot       *s = &m->t.slots[record];
    void       *numbers = m->numbers;
    bool done = grow_array(&numbers, &m->numbers_capacity, m->first[record + 1],
                           sizeof *m->numbers);
    mask_view view;

    m->numbers = numbers;
    if (!done) {
        slot_no_memory(s);
        return;
    }
    for (size_t k = 0; k < mask_view_count(m, record); k++) {
        if (!mask_view_get(m, record, k, &view)) {
            return;
        }
        for (size_t i = 0; i < view.take_count; i++) {
            window_take take = mask_view_take(&view, i);
            size_t      row;

            if (is_scored(m, &tokens, take.token) &&
                !(mask_view_add(m, record, &view, tokens.ids, take.row,
                                take.row + 1, 1, &row) &&
                  mask_rows_want(&m->rows, s, row, first + take.token,
                                 tokens.ids[take.token], 1))) {
                return;
            }
        }
    }
}

static bool each(void *context, const mask_want *want, size_t member,
                 float *logits)
{
    masking *m = context;
    size_t   largest = 0;
    float    x = logits[want->part];

    (void)member;
    for (size_t i = 1; i < m->V; i++) {
        largest = logits[i] > logits[largest] ? i : largest;
    }
    float top = logits[largest];
    bert_head_softmax(m->l->head, logits, m->V, logits);
    float score = choose_log_probability(x, top, logits[largest]);
    m->numbers[want->key] = score;
    return isfinite(score);
}

static bool put_token(const masking *m, mask_member *w,
                      const bert_tokens *tokens, size_t i, float score)
{
    return mask_put(w, "{") && mask_put_index(w, "index", i) &&
           mask_put(w, ",") &&
           mask_put_token(m, w, &tokens->ids[i], 1, score) && mask_put(w, "}");
}

static bool write(masking *m, size_t record, size_t first, mask_member *w)
{
    bert_tokens tokens = mask_tokens(m, record);
    bert_value  results[MASK_RESULTS] = {{0}};
    double      sum = 0;
    bool        done = mask_put(w, "[");

    for (size_t i = 0; done && i < tokens.length; i++) {
        if (is_scored(m, &tokens, i)) {
            float score = m->numbers[first + i];

            sum += (double)score;
            done = (w->json.size == 1 || mask_put(w, ",")) &&
                   put_token(m, w, &tokens, i, score);
        }
    }
    if (!done || !mask_put(w, "]")) {
        return false;
    }
    results[0] = (bert_value){.type = BERT_FLOAT, .as.number = (float)sum};
    results[1] = mask_json(w);
    return mask_put_line(m, record, results, w);
}

const mask_way mask_score = {
    .names = {"score", "scores", "truncated"},
    .types = {BERT_FLOAT, BERT_JSON, BERT_TRUE},
    .count = count,
    .size = size_of_result,
    .add = add,
    .each = each,
    .write = write,
};
