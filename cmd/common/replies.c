/*
 * replies.c - the work of bert-nsp on a batch: each record against all
 * candidates
 *
 * A record's tokens and a candidate's are joined into the pair that encoding
 * both texts would have given, so nothing is tokenised twice. Pairs go through
 * the encoder REPLY_PAIRS at a time, whatever record they belong to; only
 * their logits are kept.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/nsp.h"
#include "common/report.h"
#include "common/scores.h"

enum { REPLY_PAIRS = 1024 };

/* One pair on its way. Its slot has no record: it takes what goes wrong. */
struct reply_pair {
    slot     s;
    prepared text;
    size_t   record, candidate;
};

/* ---- Pairs ---- */

/* bert_work: the tokens of pair i. */
static void join_pair(void *context, size_t i, size_t member)
{
    nsp                  *n = context;
    struct reply_pair    *p = &n->pairs[i];
    nsp_member           *m = &n->members[member];
    const bert_tokenizer *tokenizer = n->t.prepare.tokenizer;
    bert_tokens tokens = candidates_tokens(&n->candidates, p->candidate);
    bert_error  err;

    bert_status status =
        bert_encoding_set(m->second, &tokens, bert_tokenizer_cls(tokenizer),
                          bert_tokenizer_sep(tokenizer), &err);
    if (status == BERT_OK) {
        status = bert_encoding_pair(n->t.texts[p->record].encoding, m->second,
                                    p->text.encoding, &err);
    }
    if (status != BERT_OK) {
        slot_fail(&p->s, &err);
        return;
    }
    p->text.truncated = false;
    (void)prepare_fit(n->fitting, &p->s, &p->text, &m->windows);
}

static void keep_logits(void *context, size_t item, size_t member,
                        const encode_piece *piece)
{
    nsp                     *n = context;
    const struct reply_pair *p = &n->pairs[item];

    n->logits[p->record * n->candidates.count + p->candidate] =
        nsp_run(n, member, piece);
}

/* What came of the pairs to their records: the first that failed speaks. */
static void settle_pairs(nsp *n, slot *slots, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct reply_pair *p = &n->pairs[i];
        slot                    *s = &slots[p->record];

        if (s->state == SLOT_GOOD && p->s.state != SLOT_GOOD) {
            s->state = p->s.state;
            s->error.status = p->s.error.status;
            snprintf(s->error.message, sizeof s->error.message,
                     "candidate %zu: %.480s", p->candidate, p->s.error.message);
        }
        s->cut |= p->text.truncated;
        if (p->s.state == SLOT_GOOD) {
            s->tokens += prepared_tokens(&p->text);
        }
    }
}

static void run_pairs(nsp *n, slot *slots, size_t count)
{
    bert_team_run(n->t.encoder.team, count, join_pair, n);
    for (size_t i = 0; i < count; i++) {
        n->items[i] =
            (encode_item){.slot = &n->pairs[i].s, .text = &n->pairs[i].text};
    }
    encoder_run_items(&n->t.encoder, n->items, count);
    settle_pairs(n, slots, count);
}

/* ---- The best ---- */

static void put_candidate(const nsp *n, json_out *j, size_t i, nsp_logits x)
{
    float both[2] = {x.next, x.not_next};

    json_text(j, "{\"text\":", candidates_text(&n->candidates, i));
    json_size(j, ",\"index\":", i);
    if (n->raw) {
        json_floats(j, ",\"logits\":", both, 2);
    } else {
        json_float(j, ",\"is_next\":", nsp_probability(x));
    }
    json_put(j, "}");
}

/* The best by the difference of the logits: many probabilities are 1. false:
   one is not finite. */
static bool order_replies(const nsp *n, nsp_member *m, const nsp_logits *x)
{
    size_t count = n->candidates.count;

    for (size_t i = 0; i < count; i++) {
        double difference = (double)x[i].next - (double)x[i].not_next;

        if (!isfinite(difference)) {
            return false;
        }
        m->order[i] = (score_place){(float)difference, i};
    }
    scores_sort(m->order, count);
    return true;
}

/* bert_work: the line of record i. */
static void write_replies(void *context, size_t i, size_t member)
{
    nsp              *n = context;
    nsp_member       *m = &n->members[member];
    slot             *s = &n->t.slots[i];
    size_t            count = n->candidates.count;
    const nsp_logits *x = n->logits + i * count;

    if (s->state != SLOT_GOOD) {
        return;
    }
    if (!order_replies(n, m, x)) {
        slot_bad(s, "a logit that is not finite");
        return;
    }
    json_begin(&m->json, n->digits);
    for (size_t k = 0; k < count && k < n->limit; k++) {
        size_t place = m->order[k].place;

        json_put(&m->json, k == 0 ? "[" : ",");
        put_candidate(n, &m->json, place, x[place]);
    }
    json_put(&m->json, "]");
    bert_value list = json_result(&m->json);
    if (m->json.error.status != BERT_OK) {
        slot_fail(s, &m->json.error);
    } else {
        nsp_write(n, s, &list);
    }
}

/* ---- The batch ---- */

/* A second text is what the candidates are for, and a first one's type_ids are
   0 in a pair. */
static void check_record(slot *s, const bert_encoding *first)
{
    bert_tokens tokens = bert_encoding_tokens(first);
    size_t      i = 0;

    if (tokens.second < tokens.length) {
        slot_bad(s, "a pair, but the candidates are the second texts");
        return;
    }
    while (i < tokens.length && tokens.type_ids[i] == 0) {
        i++;
    }
    if (i < tokens.length) {
        slot_bad(s, "type_ids are not all 0, as a first text's are");
    }
}

static void check_records(nsp *n, slot *slots, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (slots[i].state == SLOT_GOOD) {
            check_record(&slots[i], n->t.texts[i].encoding);
            slots[i].tokens = 0;
        }
    }
}

static bool make_room(nsp *n, size_t count)
{
    void *logits = n->logits;
    bool  done = count <= SIZE_MAX / n->candidates.count &&
                grow_array(&logits, &n->logits_capacity,
                           count * n->candidates.count, sizeof *n->logits);

    n->logits = logits;
    return done;
}

void replies_work(nsp *n, slot *slots, size_t count)
{
    size_t held = 0;

    check_records(n, slots, count);
    if (!make_room(n, count)) {
        for (size_t i = 0; i < count; i++) {
            slot_no_memory(&slots[i]);
        }
        return;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0;
             k < n->candidates.count && slots[i].state == SLOT_GOOD; k++) {
            struct reply_pair *p = &n->pairs[held++];

            p->s.state = SLOT_GOOD;
            p->record = i;
            p->candidate = k;
            if (held == REPLY_PAIRS) {
                run_pairs(n, slots, held);
                held = 0;
            }
        }
    }
    run_pairs(n, slots, held);
    bert_team_run(n->t.encoder.team, count, write_replies, n);
    for (size_t i = 0; i < bert_team_size(n->t.encoder.team); i++) {
        json_trim(&n->members[i].json);
    }
}

/*
 * A first text is cut by itself before it meets a candidate: what would be cut
 * anyway need not be copied each time. It stays longer than the longest of them
 * where it was, since the longer text keeps the odd token. Where only the
 * candidates may be cut, or nothing, it stays whole.
 */
static void choose_fitting(nsp *n)
{
    const fitting *f = n->t.prepare.fitting;
    size_t         most = f->fit.max_length;

    for (size_t i = 0; i < n->candidates.count; i++) {
        size_t length = candidates_tokens(&n->candidates, i).length;

        most = length + 1 > most ? length + 1 : most;
    }
    n->fitting = f;
    n->alone = *f;
    n->alone.limited =
        f->mode == LONG_TRUNCATE && f->fit.strategy != BERT_ONLY_SECOND;
    n->alone.fit.max_length = most;
    n->alone.fit.strategy = BERT_LONGEST_FIRST;
    n->t.prepare.fitting = &n->alone;
}

void replies_start(nsp *n)
{
    size_t count = n->candidates.count;

    choose_fitting(n);
    n->pairs = alloc_zeroed(REPLY_PAIRS, sizeof *n->pairs);
    n->items = alloc_zeroed(REPLY_PAIRS, sizeof *n->items);
    for (size_t i = 0; i < REPLY_PAIRS; i++) {
        n->pairs[i].text.plan.count = 1;
        n->pairs[i].text.encoding = bert_encoding_new();
        if (n->pairs[i].text.encoding == NULL) {
            stop_error("out of memory");
        }
    }
    for (size_t i = 0; i < bert_team_size(n->t.encoder.team); i++) {
        n->members[i].order = alloc_zeroed(count, sizeof *n->members[i].order);
        n->members[i].second = bert_encoding_new();
        if (n->members[i].second == NULL) {
            stop_error("out of memory");
        }
    }
    n->t.encoder.piece = keep_logits;
}

void replies_free(nsp *n)
{
    for (size_t i = 0; i < REPLY_PAIRS; i++) {
        prepared_free(&n->pairs[i].text);
    }
    free(n->pairs);
    free(n->items);
    free(n->logits);
    for (size_t i = 0; i < bert_team_size(n->t.encoder.team); i++) {
        free(n->members[i].order);
        bert_encoding_free(n->members[i].second);
        window_scratch_free(&n->members[i].windows);
        bert_buffer_free(&n->members[i].json.text);
    }
}
