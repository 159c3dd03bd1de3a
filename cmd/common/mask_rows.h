/*
 * mask_rows.h - rows of many sequences, through the encoder and the vocabulary
 *
 * bert-mask makes sequences of its own from a text: with a word masked, with a
 * mask filled, a window at a time. They are gathered here with the rows that
 * are wanted of each; when enough are held they run together, and only the
 * wanted rows go through the vocabulary's projection.
 */
#ifndef COMMON_MASK_ROWS_H
#define COMMON_MASK_ROWS_H

#include <stdatomic.h>

#include <bert.h>

#include "common/encode.h"

/* A row that is wanted, and what its logits are for: the caller's to choose. */
typedef struct mask_want {
    size_t  sequence, row;
    size_t  key;
    int32_t part, of;
} mask_want;

/* What comes of a wanted row: logits [V], which may be overwritten. Runs on any
   member of the team, for several rows of a record at once. false: they are not
   finite. */
typedef bool mask_each(void *context, const mask_want *want, size_t member,
                       float *logits);

typedef struct mask_rows {
    /* Set before use */
    encoder   *encoder; /* its hooks are set here */
    bert_head *head;
    size_t     H;
    mask_each *each;
    void      *context;

    /* What is held */
    prepared    *texts; /* the sequences */
    encode_item *items;
    size_t      *first; /* [sequences]: its first want */
    mask_want   *wants;
    float       *values; /* [wants,H] */
    atomic_bool *bad;    /* [sequences]: a row that is not finite */
    size_t       count, tokens, want_count;
    size_t       texts_capacity, items_capacity, first_capacity;
    size_t       wants_capacity, values_capacity, bad_capacity;
} mask_rows;

/*
 * Add a sequence of slot s: ids, type_ids and special [length]. Runs what is
 * held where that is enough. false: s has failed.
 */
bool mask_rows_add(mask_rows *r, slot *s, const bert_tokens *tokens);
/* A row is wanted of the sequence added last. false: s has failed. */
bool mask_rows_want(mask_rows *r, slot *s, size_t row, size_t key, int32_t part,
                    int32_t of);
/* Run all that is held. What fails is told to the slots. */
void mask_rows_run(mask_rows *r);

void mask_rows_free(mask_rows *r);

#endif
