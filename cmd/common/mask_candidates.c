/*
 * mask_candidates.c - what may stand in the place of each mask
 *
 * transformers, pipelines/fill_mask.py: the softmax over the whole vocabulary
 * at each mask, its k largest. A target of n pieces is scored in a text of its
 * own, in which n masks stand in the place of the one: the product of its
 * pieces' probabilities, each at its mask.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/mask.h"
#include "common/report.h"

/* ---- Targets ---- */

/* The pieces of a target: the token of that name, else what the tokenizer makes
   of it. */
static size_t put_target(masking *m, const char *name, size_t size,
                         bert_encoding *encoding)
{
    const bert_tokenizer *tok = m->l->tokenizer;
    bert_text             text = {name, size};
    bert_side             side = {&text, 1, false};
    bert_encode_options   options = {.no_special = true, .ids_only = true};
    bert_error            err;
    int32_t               unknown = bert_tokenizer_unknown(tok);
    int32_t               id = bert_tokenizer_id(tok, name, size);
    bert_tokens           pieces = {.length = 1, .ids = &id};
    void                 *ids = m->target_ids;

    if (id < 0) {
        if (bert_tokenizer_encode(tok, &side, NULL, &options, encoding, &err) !=
            BERT_OK) {
            stop_library(&err);
        }
        pieces = bert_encoding_tokens(encoding);
    }
    if (!grow_array(&ids, &m->target_ids_capacity,
                    m->piece_count + pieces.length, sizeof *m->target_ids)) {
        stop_error("out of memory");
    }
    m->target_ids = ids;
    for (size_t i = 0; i < pieces.length; i++) {
        if ((pieces.ids[i] == unknown && id < 0) ||
            (size_t)pieces.ids[i] >= m->V) {
            usage_error("--targets: the model has no token for '%.*s'",
                        (int)size, name);
        }
        m->target_ids[m->piece_count + i] = pieces.ids[i];
    }
    return pieces.length;
}

static bool is_known(const masking *m, const mask_target *t)
{
    for (size_t i = 0; i < m->target_count; i++) {
        const mask_target *o = &m->target_list[i];

        if (o->count == t->count &&
            memcmp(m->target_ids + o->first, m->target_ids + t->first,
                   t->count * sizeof *m->target_ids) == 0) {
            return true;
        }
    }
    return false;
}

/* The list's next name, its \, and \\ resolved, to name; *rest moves behind
   the comma, NULL where none follows. */
static size_t next_target(const char **rest, char *name)
{
    const char *p = *rest;
    size_t      size = 0;

    while (*p != '\0' && *p != ',') {
        p += *p == '\\' && (p[1] == ',' || p[1] == '\\');
        name[size++] = *p++;
    }
    *rest = *p == ',' ? p + 1 : NULL;
    return size;
}

static void start(masking *m)
{
    bert_encoding *encoding = bert_encoding_new();
    const char    *rest = m->targets;
    char *name = alloc_zeroed((rest != NULL ? strlen(rest) : 0) + 1, 1);

    if (encoding == NULL) {
        stop_error("out of memory");
    }
    while (rest != NULL) {
        size_t      size = next_target(&rest, name);
        void       *list = m->target_list;
        mask_target target = {.first = m->piece_count,
                              .count = put_target(m, name, size, encoding)};

        if (target.count == 0) {
            usage_error("--targets: '%.*s' is no word", (int)size, name);
        }
        size_t most = m->t.encoder.fit->max_length;
        if (target.count + 3 > most) {
            usage_error("--targets: '%.*s' has %zu pieces: too many for "
                        "sequences of %zu tokens (--max-length)",
                        (int)size, name, target.count, most);
        }
        if (!grow_array(&list, &m->target_capacity, m->target_count + 1,
                        sizeof *m->target_list)) {
            stop_error("out of memory");
        }
        m->target_list = list;
        if (!is_known(m, &target)) {
            m->target_list[m->target_count++] = target;
            m->piece_count += target.count;
            if (target.count > m->longest_target) {
                m->longest_target = target.count;
            }
        }
    }
    free(name);
    bert_encoding_free(encoding);
    mask_ready_members(m, m->target_count, m->target_count);
}

/* ---- Sequences ---- */

static size_t size_of_result(const masking *m)
{
    return m->targets != NULL ? m->piece_count : 2 * m->k + 1;
}

static bool ready(masking *m, size_t results)
{
    void *numbers = m->numbers, *best = m->best, *counts = m->counts;
    bool  done;

    if (m->targets != NULL) {
        done = grow_array(&numbers, &m->numbers_capacity,
                          results * m->piece_count, sizeof *m->numbers);
        m->numbers = numbers;
        return done;
    }
    done =
        (m->k == 0 || results <= SIZE_MAX / m->k) &&
        grow_array(&best, &m->best_capacity, results * m->k, sizeof *m->best);
    m->best = best;
    done = done &&
           grow_array(&counts, &m->counts_capacity, results, sizeof *m->counts);
    m->counts = counts;
    return done;
}

static bool has_pieces(const masking *m, size_t n)
{
    for (size_t i = 0; i < m->target_count; i++) {
        if (m->target_list[i].count == n) {
            return true;
        }
    }
    return m->targets == NULL && n == 1;
}

/* Every mask of the view in one sequence. */
static bool add_view(masking *m, size_t record, const mask_view *view)
{
    bert_tokens tokens = mask_tokens(m, record);
    slot       *s = &m->t.slots[record];
    bool        added = false;

    for (size_t i = 0; i < view->take_count; i++) {
        window_take take = mask_view_take(view, i);

        if (tokens.ids[take.token] != m->mask) {
            continue;
        }
        if ((!added &&
             !mask_view_add(m, record, view, tokens.ids, 0, 0, 0, NULL)) ||
            !mask_rows_want(&m->rows, s, take.row, m->order[take.token], 0,
                            1)) {
            return false;
        }
        added = true;
    }
    return true;
}

/* For each mask of the view a sequence with n in its place. */
static bool add_longer(masking *m, size_t record, const mask_view *view,
                       size_t n)
{
    bert_tokens tokens = mask_tokens(m, record);
    slot       *s = &m->t.slots[record];
    size_t      row;

    for (size_t i = 0; i < view->take_count; i++) {
        window_take take = mask_view_take(view, i);

        if (tokens.ids[take.token] != m->mask) {
            continue;
        }
        if (!mask_view_add(m, record, view, tokens.ids, take.row, take.row + 1,
                           n, &row)) {
            return false;
        }
        for (size_t k = 0; k < n; k++) {
            if (!mask_rows_want(&m->rows, s, row + k, m->order[take.token],
                                (int32_t)k, (int32_t)n)) {
                return false;
            }
        }
    }
    return true;
}

/* The number of each mask's result, at its token. */
static bool number_masks(masking *m, const bert_tokens *tokens, size_t first)
{
    void *order = m->order;
    bool  done = grow_array(&order, &m->order_capacity, tokens->length,
                            sizeof *m->order);

    m->order = order;
    for (size_t i = 0; done && i < tokens->length; i++) {
        m->order[i] = first;
        first += tokens->ids[i] == m->mask;
    }
    return done;
}

static void add(masking *m, size_t record, size_t first)
{
    bert_tokens tokens = mask_tokens(m, record);
    mask_view   view;

    if (!ready(m, m->first[record + 1]) || !number_masks(m, &tokens, first)) {
        slot_no_memory(&m->t.slots[record]);
        return;
    }
    for (size_t k = 0; k < mask_view_count(m, record); k++) {
        if (!mask_view_get(m, record, k, &view) ||
            (has_pieces(m, 1) && !add_view(m, record, &view))) {
            return;
        }
        for (size_t n = 2; n <= m->longest_target; n++) {
            if (has_pieces(m, n) && !add_longer(m, record, &view, n)) {
                return;
            }
        }
    }
}

/* ---- Rows ---- */

/* Of each target the probability of the piece that this mask is for. */
static void keep_pieces(masking *m, const mask_want *want, const float *scores)
{
    float *to = m->numbers + want->key * m->piece_count;

    for (size_t i = 0; i < m->target_count; i++) {
        const mask_target *t = &m->target_list[i];

        if (t->count == (size_t)want->of) {
            size_t piece = t->first + (size_t)want->part;

            to[piece] = scores[m->target_ids[piece]];
        }
    }
}

static bool each(void *context, const mask_want *want, size_t member,
                 float *logits)
{
    masking *m = context;

    (void)member;
    bert_head_softmax(m->l->head, logits, m->V, logits);
    if (m->targets != NULL) {
        keep_pieces(m, want, logits);
    } else {
        m->counts[want->key] = choose_top(logits, m->V, m->k, m->least, NULL,
                                          m->best + want->key * m->k);
    }
    return isfinite(logits[0]);
}

/* ---- Writing ---- */

static bool put_candidate(const masking *m, mask_member *w,
                          const bert_tokens *tokens, size_t place,
                          const int32_t *pieces, size_t n, float score,
                          bool single)
{
    if (!mask_put(w, "{") || !mask_put_token(m, w, pieces, n, score)) {
        return false;
    }
    if (m->sequence && !(mask_decode(m, w, tokens, place, pieces, n, single) &&
                         mask_put(w, ",\"sequence\":") &&
                         mask_put_string(w, w->text.data, w->text.size))) {
        return false;
    }
    return mask_put(w, "}");
}

/* The targets' scores, best first; a candidate's id is the target's number. */
static size_t choose_targets(const masking *m, mask_member *w, size_t key)
{
    const float *pieces = m->numbers + key * m->piece_count;

    for (size_t i = 0; i < m->target_count; i++) {
        const mask_target *t = &m->target_list[i];
        double             product = 1;

        for (size_t k = 0; k < t->count; k++) {
            product *= (double)pieces[t->first + k];
        }
        w->scores[i] = (float)product;
    }
    return choose_top(w->scores, m->target_count, m->k, m->least, NULL,
                      w->best);
}

static bool put_mask(const masking *m, mask_member *w,
                     const bert_tokens *tokens, size_t place, size_t key,
                     bool single)
{
    bool   of_targets = m->targets != NULL;
    size_t count = of_targets ? choose_targets(m, w, key) : m->counts[key];
    const candidate *best = of_targets ? w->best : m->best + key * m->k;
    bool done = mask_put(w, "{") && mask_put_index(w, "index", place) &&
                mask_put(w, ",\"candidates\":[");

    for (size_t i = 0; done && i < count; i++) {
        const int32_t *pieces = &best[i].id;
        size_t         n = 1;

        if (of_targets) {
            pieces = m->target_ids + m->target_list[best[i].id].first;
            n = m->target_list[best[i].id].count;
        }
        done = (i == 0 || mask_put(w, ",")) &&
               put_candidate(m, w, tokens, place, pieces, n, best[i].score,
                             single);
    }
    return done && mask_put(w, "]}");
}

static bool write_masks(masking *m, size_t record, size_t first, mask_member *w)
{
    bert_tokens tokens = mask_tokens(m, record);
    size_t      end = m->first[record + 1], key = first;
    bool        done = mask_put(w, "[");

    for (size_t i = 0; done && i < tokens.length; i++) {
        if (tokens.ids[i] == m->mask) {
            done = (key == first || mask_put(w, ",")) &&
                   put_mask(m, w, &tokens, i, key, end - first == 1);
            key++;
        }
    }
    return done && mask_put(w, "]");
}

static bool write(masking *m, size_t record, size_t first, mask_member *w)
{
    bert_value results[MASK_RESULTS] = {{0}};

    if (!write_masks(m, record, first, w)) {
        return false;
    }
    results[0] = mask_json(w);
    return mask_put_line(m, record, results, w);
}

const mask_way mask_candidates = {
    .names = {"mask", "truncated"},
    .types = {BERT_JSON, BERT_TRUE},
    .needs_masks = true,
    .start = start,
    .count = mask_count,
    .size = size_of_result,
    .add = add,
    .each = each,
    .write = write,
};
