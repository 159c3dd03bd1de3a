/*
 * encode.c - prepared texts through the encoder, and their rows to a head
 */
#include "common/encode.h"

#include "common/progress.h"

/* What one run of the encoder delivers. */
typedef struct delivery {
    encoder     *e;
    encode_item *items; /* [count], item 0 being number `base` of all */
    size_t       count, base;
    bert_hidden  hidden;
} delivery;

/* Tokens that go through the encoder; of windows at most. */
static size_t item_tokens(const encoder *e, const encode_item *item)
{
    const prepared *text = item->text;

    return text->plan.count == 1 ? bert_encoding_tokens(text->encoding).length
                                 : text->plan.count * e->fit->max_length;
}

static bert_status run(encoder *e, bert_hidden *hidden, bert_error *err)
{
    double      start = clock_seconds();
    bert_status status =
        bert_encoder_run(e->model, e->batch, e->layers, e->layer_count,
                         e->workspace, hidden, err);

    e->seconds += clock_seconds() - start;
    return status;
}

/* Append window k of a text to the batch. */
static bert_status add_window(encoder *e, const prepared *text, size_t k,
                              bert_error *err)
{
    bert_tokens tokens;

    if (text->plan.count == 1) {
        tokens = bert_encoding_tokens(text->encoding);
    } else {
        bert_status status = window_get(&text->plan, text->encoding, e->fit, k,
                                        &e->scratch, &tokens, err);
        if (status != BERT_OK) {
            return status;
        }
    }
    return bert_batch_add(e->batch, tokens.ids, tokens.type_ids, tokens.length,
                          err);
}

static void deliver_piece(encoder *e, size_t item, size_t member,
                          const prepared *text, size_t window,
                          const bert_hidden *hidden, size_t sequence)
{
    size_t       begin = hidden->starts[sequence];
    encode_piece piece = {
        .values = hidden->values + begin * hidden->H,
        .stride = hidden->N * hidden->H,
        .H = hidden->H,
        .layers = hidden->layers,
        .rows = hidden->starts[sequence + 1] - begin,
    };

    piece.count = piece.rows;
    if (text->plan.count > 1) {
        size_t from = text->plan.starts[window];

        piece.takes = text->plan.takes + from;
        piece.count = text->plan.starts[window + 1] - from;
    }
    e->piece(e->context, item, member, &piece);
}

static void deliver_begin(encoder *e, size_t item, size_t member)
{
    if (e->begin != NULL) {
        e->begin(e->context, item, member);
    }
}

static void deliver_end(encoder *e, size_t item, size_t member)
{
    if (e->end != NULL) {
        e->end(e->context, item, member);
    }
}

/* bert_work: all of one item that has gone through whole. */
static void deliver_item(void *context, size_t i, size_t member)
{
    delivery    *d = context;
    encode_item *item = &d->items[i];

    if (item->slot->state != SLOT_GOOD) {
        return;
    }
    deliver_begin(d->e, d->base + i, member);
    for (size_t k = 0; k < item->text->plan.count; k++) {
        deliver_piece(d->e, d->base + i, member, item->text, k, &d->hidden,
                      item->first + k);
    }
    deliver_end(d->e, d->base + i, member);
}

static bert_status gather(encoder *e, encode_item *items, size_t count,
                          bert_error *err)
{
    bert_batch_clear(e->batch);
    for (size_t i = 0; i < count; i++) {
        items[i].first = bert_batch_sequences(e->batch);
        for (size_t k = 0;
             items[i].slot->state == SLOT_GOOD && k < items[i].text->plan.count;
             k++) {
            bert_status status = add_window(e, items[i].text, k, err);

            if (status != BERT_OK) {
                return status;
            }
        }
    }
    return BERT_OK;
}

/*
 * Run items [base, base + count) together. Bad input (a result that is not
 * finite) is one record's fault: the others are run by themselves, which
 * changes none of their bytes.
 */
static void run_group(encoder *e, encode_item *items, size_t base, size_t count)
{
    delivery d = {.e = e, .items = items + base, .count = count, .base = base};
    bert_error  err;
    bert_status status = gather(e, d.items, count, &err);

    if (status == BERT_OK && bert_batch_sequences(e->batch) == 0) {
        return;
    }
    if (status == BERT_OK) {
        status = run(e, &d.hidden, &err);
    }
    if (status == BERT_OK) {
        bert_team_run(e->team, count, deliver_item, &d);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (d.items[i].slot->state != SLOT_GOOD) {
            continue;
        }
        if (count > 1 && status == BERT_BAD_INPUT) {
            run_group(e, items, base + i, 1);
        } else {
            slot_fail(d.items[i].slot, &err);
        }
    }
}

/* One text of more windows than a batch holds. */
static void run_long(encoder *e, encode_item *items, size_t number)
{
    encode_item    *item = &items[number];
    const prepared *text = item->text;
    bert_hidden     hidden;
    bert_error      err;

    deliver_begin(e, number, 0);
    for (size_t k = 0; k < text->plan.count;) {
        size_t      first = k;
        bert_status status = BERT_OK;

        bert_batch_clear(e->batch);
        while (status == BERT_OK && k < text->plan.count &&
               (k == first || bert_batch_tokens(e->batch) < e->batch_tokens)) {
            status = add_window(e, text, k++, &err);
        }
        if (status == BERT_OK) {
            status = run(e, &hidden, &err);
        }
        if (status != BERT_OK) {
            slot_fail(item->slot, &err);
            return;
        }
        for (size_t w = first; w < k; w++) {
            deliver_piece(e, number, 0, text, w, &hidden, w - first);
        }
    }
    deliver_end(e, number, 0);
}

void encoder_run_items(encoder *e, encode_item *items, size_t count)
{
    size_t total = 0;

    for (size_t i = 0; i < count; i++) {
        if (items[i].slot->state == SLOT_GOOD) {
            size_t n = item_tokens(e, &items[i]);
            total += n > e->batch_tokens ? 0 : n;
        }
    }
    /* Runs of equal size, so that none is a small rest. */
    size_t runs = (total + e->batch_tokens - 1) / e->batch_tokens;
    size_t share = runs == 0 ? e->batch_tokens : (total + runs - 1) / runs;
    size_t from = 0, held = 0;
    for (size_t i = 0; i < count; i++) {
        if (items[i].slot->state != SLOT_GOOD) {
            continue;
        }
        size_t n = item_tokens(e, &items[i]);
        if (n > e->batch_tokens && items[i].text->plan.count > 1) {
            run_group(e, items, from, i - from);
            run_long(e, items, i);
            from = i + 1;
            held = 0;
            continue;
        }
        held += n;
        if (held >= share) {
            run_group(e, items, from, i + 1 - from);
            from = i + 1;
            held = 0;
        }
    }
    run_group(e, items, from, count - from);
}

void encoder_free(encoder *e)
{
    bert_batch_free(e->batch);
    window_scratch_free(&e->scratch);
}
