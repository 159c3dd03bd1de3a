/*
 * mask_view.c - a text's windows, and sequences made of them
 *
 * A text that fits is its own one window. Of a longer one the library cuts
 * windows, but does not say which token of the text a row is: so a shadow of
 * the text whose ids are the tokens' numbers is cut instead.
 */
#include "common/mask.h"

#include <string.h>

#include "common/alloc.h"

size_t mask_view_count(const masking *m, size_t record)
{
    return m->t.texts[record].plan.count;
}

static bool ready_places(masking *m, size_t length)
{
    void  *places = m->places;
    size_t before = m->places_capacity;
    bool   done =
        grow_array(&places, &m->places_capacity, length, sizeof *m->places);

    m->places = places;
    for (size_t i = before; done && i < m->places_capacity; i++) {
        m->places[i] = (int32_t)i;
    }
    return done;
}

static bool make_shadow(masking *m, slot *s, const bert_tokens *tokens)
{
    bert_tokens bare = {.length = tokens->length,
                        .ids = m->places,
                        .second = tokens->second,
                        .type_ids = tokens->type_ids,
                        .special = tokens->special};
    bert_error  err;

    if (m->shadow == NULL) {
        m->shadow = bert_encoding_new();
        if (m->shadow == NULL) {
            return slot_no_memory(s);
        }
    }
    if (bert_encoding_set(m->shadow, &bare, -1, -1, &err) != BERT_OK) {
        slot_fail(s, &err);
        return false;
    }
    return true;
}

bool mask_view_get(masking *m, size_t record, size_t k, mask_view *out)
{
    const prepared *text = &m->t.texts[record];
    slot           *s = &m->t.slots[record];
    bert_tokens     tokens = mask_tokens(m, record), window;
    bert_error      err;

    if (!ready_places(m, tokens.length)) {
        return slot_no_memory(s);
    }
    if (text->plan.count == 1) {
        *out = (mask_view){tokens.length, tokens.length, m->places, NULL};
        return true;
    }
    if (k == 0 && !make_shadow(m, s, &tokens)) {
        return false;
    }
    if (window_get(&text->plan, m->shadow, m->t.encoder.fit, k, &m->windows,
                   &window, &err) != BERT_OK) {
        slot_fail(s, &err);
        return false;
    }
    size_t from = text->plan.starts[k];
    *out = (mask_view){window.length, text->plan.starts[k + 1] - from,
                       window.ids, text->plan.takes + from};
    return true;
}

/* ---- Sequences ---- */

static bool ready_line(masking *m, size_t length)
{
    void *line = m->line, *types = m->types, *special = m->special;
    bool  done =
        grow_array(&line, &m->line_capacity, length, sizeof *m->line) &&
        grow_array(&types, &m->types_capacity, length, sizeof *m->types) &&
        grow_array(&special, &m->special_capacity, length, 1);

    m->line = line;
    m->types = types;
    m->special = special;
    return done;
}

static void leave_out(masking *m, size_t *length, size_t row)
{
    size_t rest = --*length - row;

    memmove(m->line + row, m->line + row + 1, rest * sizeof *m->line);
    memmove(m->types + row, m->types + row + 1, rest * sizeof *m->types);
    memmove(m->special + row, m->special + row + 1, rest);
}

/*
 * Leave out the token of the text that is farthest from the masks [begin, end),
 * of two the first. false: there is none.
 */
static bool leave_out_farthest(masking *m, size_t *length, size_t *begin,
                               size_t *end)
{
    size_t first = 0, last = *length;

    while (first < *begin && m->special[first]) {
        first++;
    }
    while (last > *end && m->special[last - 1]) {
        last--;
    }
    size_t before = *begin - first, after = last - *end;
    if (before == 0 && after == 0) {
        return false;
    }
    if (before >= after) {
        leave_out(m, length, first);
        --*begin;
        --*end;
    } else {
        leave_out(m, length, last - 1);
    }
    return true;
}

bool mask_view_add(masking *m, size_t record, const mask_view *view,
                   const int32_t *ids, size_t begin, size_t end, size_t n,
                   size_t *row)
{
    slot       *s = &m->t.slots[record];
    bert_tokens tokens = mask_tokens(m, record);
    size_t      length = view->length - (end - begin) + n, to = 0;
    size_t      masks_end = begin + n;

    if (!ready_line(m, length)) {
        return slot_no_memory(s);
    }
    for (size_t r = 0; r <= view->length; r++) {
        for (size_t i = 0; r == begin && i < n; i++) {
            m->line[to] = m->mask;
            m->types[to] = tokens.type_ids[view->at[begin]];
            m->special[to++] = 0;
        }
        if (r < view->length && (r < begin || r >= end)) {
            m->line[to] = ids[view->at[r]];
            m->types[to] = tokens.type_ids[view->at[r]];
            m->special[to++] = tokens.special[view->at[r]];
        }
    }
    while (length > m->t.encoder.fit->max_length &&
           leave_out_farthest(m, &length, &begin, &masks_end)) {
    }
    if (row != NULL) {
        *row = begin;
    }
    return mask_rows_add(&m->rows, s,
                         &(bert_tokens){.length = length,
                                        .ids = m->line,
                                        .type_ids = m->types,
                                        .special = m->special});
}
