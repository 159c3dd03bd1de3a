/*
 * mask_fill.c - every mask filled, one after the other
 *
 * The encoder predicts all masks that are left; the one whose best token is
 * most probable (of equal ones the first) is filled with it, and the encoder
 * runs again on the text as it then stands. Only the windows that hold the
 * token just filled run again: in the others nothing has changed.
 *
 * A result a token: ids[] is the text as it stands, best[] what would fill a
 * mask, counts[] whether it has been filled, order[] the tokens filled so far.
 */
#include <math.h>

#include "common/alloc.h"
#include "common/mask.h"

static void start(masking *m)
{
    m->filled = alloc_zeroed(TEXTS_SLOTS, sizeof *m->filled);
}

/* Called once, before the first round. */
static size_t count(masking *m, size_t record)
{
    m->filled[record] = 0;
    return mask_tokens(m, record).length;
}

static size_t size_of_result(const masking *m)
{
    (void)m;
    return 8;
}

static bool ready(masking *m, size_t results)
{
    void *ids = m->ids, *best = m->best, *counts = m->counts, *order = m->order;
    bool  done =
        grow_array(&ids, &m->ids_capacity, results, sizeof *m->ids) &&
        grow_array(&best, &m->best_capacity, results, sizeof *m->best) &&
        grow_array(&counts, &m->counts_capacity, results, sizeof *m->counts) &&
        grow_array(&order, &m->order_capacity, results, sizeof *m->order);

    m->ids = ids;
    m->best = best;
    m->counts = counts;
    m->order = order;
    return done;
}

/* The text as it came. */
static bool begin(masking *m, size_t record, size_t first)
{
    bert_tokens tokens = mask_tokens(m, record);

    if (!ready(m, m->first[record + 1])) {
        return slot_no_memory(&m->t.slots[record]);
    }
    for (size_t i = 0; i < tokens.length; i++) {
        m->ids[first + i] = tokens.ids[i];
        m->counts[first + i] = 0;
    }
    return true;
}

static bool is_open(const masking *m, const bert_tokens *tokens, size_t first,
                    size_t token)
{
    return tokens->ids[token] == m->mask && m->counts[first + token] == 0;
}

/* Whether the view has to run: it holds the token filled last, or none is. */
static bool has_changed(const masking *m, size_t record, size_t first,
                        const mask_view *view)
{
    size_t filled = m->filled[record];

    for (size_t r = 0; filled > 0 && r < view->length; r++) {
        if ((size_t)view->at[r] == m->order[first + filled - 1]) {
            return true;
        }
    }
    return filled == 0;
}

static bool add_view(masking *m, size_t record, size_t first,
                     const mask_view *view)
{
    bert_tokens tokens = mask_tokens(m, record);
    bool        added = false;

    for (size_t i = 0; i < view->take_count; i++) {
        window_take take = mask_view_take(view, i);

        if (!is_open(m, &tokens, first, take.token)) {
            continue;
        }
        if ((!added &&
             !mask_view_add(m, record, view, m->ids + first, 0, 0, 0, NULL)) ||
            !mask_rows_want(&m->rows, &m->t.slots[record], take.row,
                            first + take.token, 0, 1)) {
            return false;
        }
        added = true;
    }
    return true;
}

static void add(masking *m, size_t record, size_t first)
{
    mask_view view;

    if ((m->filled[record] == 0 && !begin(m, record, first)) ||
        m->filled[record] == m->t.texts[record].counted) {
        return;
    }
    for (size_t k = 0; k < mask_view_count(m, record); k++) {
        if (!mask_view_get(m, record, k, &view) ||
            (has_changed(m, record, first, &view) &&
             !add_view(m, record, first, &view))) {
            return;
        }
    }
}

static bool each(void *context, const mask_want *want, size_t member,
                 float *logits)
{
    masking *m = context;

    (void)member;
    bert_head_softmax(m->l->head, logits, m->V, logits);
    choose_top(logits, m->V, 1, 0, NULL, &m->best[want->key]);
    return isfinite(logits[0]);
}

/* Fill the mask that is surest. */
static void fill_one(masking *m, size_t record)
{
    bert_tokens tokens = mask_tokens(m, record);
    size_t      first = m->first[record], best = tokens.length;

    for (size_t i = 0; i < tokens.length; i++) {
        if (is_open(m, &tokens, first, i) &&
            (best == tokens.length ||
             m->best[first + i].score > m->best[first + best].score)) {
            best = i;
        }
    }
    m->ids[first + best] = m->best[first + best].id;
    m->counts[first + best] = 1;
    m->order[first + m->filled[record]++] = best;
}

static bool again(masking *m, size_t begins, size_t ends)
{
    bool any = false;

    for (size_t i = begins; i < ends; i++) {
        if (m->t.slots[i].state == SLOT_GOOD &&
            m->filled[i] < m->t.texts[i].counted) {
            fill_one(m, i);
            any |= m->filled[i] < m->t.texts[i].counted;
        }
    }
    return any;
}

static bool write_filled(masking *m, size_t record, size_t first,
                         mask_member *w)
{
    bool done = mask_put(w, "[");

    for (size_t i = 0; done && i < m->filled[record]; i++) {
        size_t    token = m->order[first + i];
        candidate c = m->best[first + token];

        done = mask_put(w, i == 0 ? "{" : ",{") &&
               mask_put_index(w, "index", token) && mask_put(w, ",") &&
               mask_put_token(m, w, &c.id, 1, c.score) && mask_put(w, "}");
    }
    return done && mask_put(w, "]");
}

static bool write(masking *m, size_t record, size_t first, mask_member *w)
{
    bert_value  results[MASK_RESULTS] = {{0}};
    bert_tokens tokens = mask_tokens(m, record);

    tokens.ids = m->ids + first;
    if (!write_filled(m, record, first, w) ||
        !mask_decode(m, w, &tokens, tokens.length, NULL, 0, true)) {
        return false;
    }
    results[0] = (bert_value){.type = BERT_STRING,
                              .as.text = {w->text.data, w->text.size}};
    results[1] = mask_json(w);
    return mask_put_line(m, record, results, w);
}

const mask_way mask_fill = {
    .names = {"sequence", "filled", "truncated"},
    .types = {BERT_STRING, BERT_JSON, BERT_TRUE},
    .needs_masks = true,
    .start = start,
    .count = count,
    .size = size_of_result,
    .add = add,
    .each = each,
    .again = again,
    .write = write,
};
