/*
 * mask_rows.c - rows of many sequences, through the encoder and the vocabulary
 */
#include "common/mask_rows.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

/* ---- Rows of the encoder, on a member of the team ---- */

static size_t wants_end(const mask_rows *r, size_t sequence)
{
    return sequence + 1 < r->count ? r->first[sequence + 1] : r->want_count;
}

static void copy_wanted(void *context, size_t item, size_t member,
                        const encode_piece *piece)
{
    mask_rows *r = context;

    (void)member;
    for (size_t i = r->first[item]; i < wants_end(r, item); i++) {
        memcpy(r->values + i * r->H, piece->values + r->wants[i].row * r->H,
               r->H * sizeof(float));
    }
}

/* bert_head_row */
static void hand_over(void *context, size_t row, size_t member, float *logits)
{
    mask_rows       *r = context;
    const mask_want *want = &r->wants[row];

    if (r->items[want->sequence].slot->state == SLOT_GOOD &&
        !r->each(r->context, want, member, logits)) {
        r->bad[want->sequence] = true;
    }
}

/* ---- Gathering ---- */

static bool grow(mask_rows *r, size_t count)
{
    void *texts = r->texts, *items = r->items, *first = r->first;
    void *bad = r->bad;
    bool  done =
        grow_array(&texts, &r->texts_capacity, count, sizeof *r->texts) &&
        grow_array(&items, &r->items_capacity, count, sizeof *r->items) &&
        grow_array(&first, &r->first_capacity, count, sizeof *r->first) &&
        grow_array(&bad, &r->bad_capacity, count, sizeof *r->bad);

    r->texts = texts;
    r->items = items;
    r->first = first;
    r->bad = bad;
    return done;
}

bool mask_rows_add(mask_rows *r, slot *s, const bert_tokens *tokens)
{
    bert_error err;

    if (r->count > 0 && r->tokens + tokens->length > r->encoder->batch_tokens) {
        mask_rows_run(r);
        if (s->state != SLOT_GOOD) {
            return false;
        }
    }
    if (!grow(r, r->count + 1)) {
        return slot_no_memory(s);
    }
    prepared *text = &r->texts[r->count];
    if (text->encoding == NULL) {
        text->encoding = bert_encoding_new();
        if (text->encoding == NULL) {
            return slot_no_memory(s);
        }
    }
    bert_tokens bare = {.length = tokens->length,
                        .ids = tokens->ids,
                        .second = tokens->second,
                        .type_ids = tokens->type_ids,
                        .special = tokens->special};
    if (bert_encoding_set(text->encoding, &bare, -1, -1, &err) != BERT_OK) {
        slot_fail(s, &err);
        return false;
    }
    text->plan.count = 1;
    r->items[r->count] = (encode_item){.slot = s};
    r->first[r->count] = r->want_count;
    r->bad[r->count] = false;
    r->count++;
    r->tokens += tokens->length;
    return true;
}

bool mask_rows_want(mask_rows *r, slot *s, size_t row, size_t key, int32_t part,
                    int32_t of)
{
    void *wants = r->wants;
    bool  done = grow_array(&wants, &r->wants_capacity, r->want_count + 1,
                            sizeof *r->wants);

    r->wants = wants;
    if (!done) {
        return slot_no_memory(s);
    }
    r->wants[r->want_count++] = (mask_want){r->count - 1, row, key, part, of};
    return true;
}

/* ---- Running ---- */

static void fail_all(mask_rows *r, const bert_error *err)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->items[i].slot->state == SLOT_GOOD) {
            slot_fail(r->items[i].slot, err);
        }
    }
}

static bool ready_values(mask_rows *r)
{
    void *values = r->values;
    bool  done = r->want_count <= SIZE_MAX / r->H &&
                grow_array(&values, &r->values_capacity, r->want_count * r->H,
                           sizeof *r->values);

    r->values = values;
    return done;
}

/* Rows of a sequence that has failed are numbers of an earlier run; what comes
   of them is not looked at. */
static void run(mask_rows *r)
{
    bert_error err = {BERT_NO_MEMORY, "out of memory"};

    for (size_t i = 0; i < r->count; i++) {
        r->items[i].text = &r->texts[i];
    }
    r->encoder->context = r;
    r->encoder->piece = copy_wanted;
    if (!ready_values(r)) {
        fail_all(r, &err);
        return;
    }
    encoder_run_items(r->encoder, r->items, r->count);
    if (bert_mask_run(r->head, r->encoder->workspace, r->values, r->want_count,
                      hand_over, r, &err) != BERT_OK) {
        fail_all(r, &err);
    }
    for (size_t i = 0; i < r->count; i++) {
        if (r->bad[i]) {
            slot_bad(r->items[i].slot, "a score that is not finite");
        }
    }
}

void mask_rows_run(mask_rows *r)
{
    if (r->count > 0) {
        run(r);
    }
    r->count = r->tokens = r->want_count = 0;
}

void mask_rows_free(mask_rows *r)
{
    for (size_t i = 0; i < r->texts_capacity; i++) {
        prepared_free(&r->texts[i]);
    }
    free(r->texts);
    free(r->items);
    free(r->first);
    free(r->wants);
    free(r->values);
    free(r->bad);
}
