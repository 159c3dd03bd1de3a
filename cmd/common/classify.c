/*
 * classify.c - the work of bert-classify on a batch
 */
#include "common/classify.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/report.h"
#include "common/vectors.h"

size_t classify_results(const classifier *c, const char **names,
                        bert_type *types)
{
    size_t n = 0;

    switch (c->mode) {
    case CLASSIFY_LABEL:
        names[n] = "label", types[n++] = BERT_STRING;
        names[n] = "score", types[n++] = BERT_FLOAT;
        break;
    case CLASSIFY_LABELS:
        names[n] = "labels", types[n++] = BERT_JSON;
        break;
    case CLASSIFY_SCORE:
        names[n] = "score", types[n++] = BERT_FLOAT;
        break;
    }
    names[n] = "truncated", types[n++] = BERT_TRUE;
    return n;
}

/* ---- One record's line ---- */

static bert_value text_value(const char *text)
{
    return (bert_value){.type = BERT_STRING, .as.text = {text, strlen(text)}};
}

static bert_value float_value(float number)
{
    return (bert_value){.type = BERT_FLOAT, .as.number = number};
}

/* The list of labels, to m->json. */
static void list_labels(const classifier *c, classify_member *m)
{
    json_out *j = &m->json;
    size_t    C = bert_head_outputs(c->head), written = 0;
    size_t    limit = c->limit > 0 ? c->limit : C;

    scores_order(m->scores, C, m->order);
    json_begin(j, c->digits);
    json_put(j, "[");
    for (size_t i = 0; i < C && written < limit; i++) {
        size_t      label = c->in_order ? i : m->order[i].place;
        const char *name = bert_head_label(c->head, label);

        if (c->has_least && m->scores[label] < c->least) {
            continue;
        }
        json_text(j, written++ == 0 ? "{\"label\":" : ",{\"label\":",
                  (bert_text){name, strlen(name)});
        json_float(j, ",\"score\":", m->scores[label]);
        json_put(j, "}");
    }
    json_put(j, "]");
}

/* Fill results; returns how many. */
static size_t make_results(const classifier *c, classify_member *m,
                           bert_value *results, float *rank)
{
    size_t C = bert_head_outputs(c->head), best = scores_best(m->scores, C);
    float  score = c->values != NULL && c->mode == CLASSIFY_SCORE
                       ? scores_expected(m->scores, c->values, C)
                       : m->scores[best];

    *rank = score;
    switch (c->mode) {
    case CLASSIFY_LABEL:
        results[0] = text_value(c->reject != NULL && score < c->least
                                    ? c->reject
                                    : bert_head_label(c->head, best));
        results[1] = float_value(score);
        return 2;
    case CLASSIFY_LABELS:
        list_labels(c, m);
        results[0] = json_result(&m->json);
        return 1;
    case CLASSIFY_SCORE:
        results[0] = float_value(score);
        return 1;
    }
    return 0;
}

static void write_record(const classifier *c, classify_member *m, slot *s,
                         float *rank)
{
    bert_value results[CLASSIFY_RESULTS] = {{0}};
    size_t     C = bert_head_outputs(c->head);
    bert_error err;

    if (!vector_is_finite(m->logits, C)) {
        slot_bad(s, "a logit that is not finite");
        return;
    }
    scores_apply(c->function, m->logits, C, m->scores);
    size_t n = make_results(c, m, results, rank);
    results[n].type = s->cut ? BERT_TRUE : BERT_ABSENT;
    err = m->json.error;
    if (err.status != BERT_OK ||
        bert_layout_put(c->layout, s->record, results, &s->out, &s->clashed,
                        &err) != BERT_OK) {
        slot_fail(s, &err);
    }
}

/* ---- Rows of the encoder, on a member of the team ---- */

static void begin_text(void *context, size_t item, size_t member)
{
    classifier *c = context;

    (void)item;
    c->members[member].seen = 0;
}

static void take_first_row(void *context, size_t item, size_t member,
                           const encode_piece *piece)
{
    classifier      *c = context;
    classify_member *m = &c->members[member];

    (void)item;
    bert_head_run(c->head, piece->values, 1, piece->H, m->scratch, m->logits);
    reduce_add(c->reduce, m->logits, bert_head_outputs(c->head), m->seen++,
               m->held);
}

static void end_text(void *context, size_t item, size_t member)
{
    classifier      *c = context;
    classify_member *m = &c->members[member];

    if (m->seen > 1) {
        reduce_end(c->reduce, m->held, bert_head_outputs(c->head), m->seen,
                   m->logits);
    }
    write_record(c, m, c->t.items[item].slot, &c->ranks[item]);
}

/* ---- The batch ---- */

/* Lines in the order of the groups. A record that stops the run is the last
   that is looked at: none after it may be written. */
static void rank_slots(classifier *c, slot *slots, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        slot *s = &slots[i];

        if (s->state == SLOT_GOOD) {
            ranking_take(&c->rank, s, c->ranks[i]);
        }
        if (slot_stops(s)) {
            return;
        }
    }
}

void classify_work(pipeline *p, slot *slots, size_t count)
{
    classifier *c = p->context;

    texts_prepare(&c->t, slots, count);
    texts_need_cls(&c->t, slots);
    texts_run(&c->t);
    if (c->rank.member != NULL) {
        rank_slots(c, slots, count);
    }
    texts_trim(&c->t);
    for (size_t i = 0; i < bert_team_size(c->t.encoder.team); i++) {
        json_trim(&c->members[i].json);
    }
}

void classify_start(classifier *c)
{
    size_t team = bert_team_size(c->t.encoder.team);
    size_t C = bert_head_outputs(c->head);

    c->members = alloc_zeroed(team, sizeof *c->members);
    c->ranks = alloc_zeroed(TEXTS_SLOTS, sizeof *c->ranks);
    for (size_t i = 0; i < team; i++) {
        classify_member *m = &c->members[i];

        m->scratch =
            alloc_zeroed(bert_head_scratch(c->head) + 1, sizeof *m->scratch);
        m->logits = alloc_zeroed(C, sizeof *m->logits);
        m->scores = alloc_zeroed(C, sizeof *m->scores);
        m->held = alloc_zeroed(C, sizeof *m->held);
        m->order = alloc_zeroed(C, sizeof *m->order);
    }
    c->t.encoder.context = c;
    c->t.encoder.begin = begin_text;
    c->t.encoder.piece = take_first_row;
    c->t.encoder.end = end_text;
}

void classify_free(void *context)
{
    classifier *c = context;

    for (size_t i = 0; i < bert_team_size(c->t.encoder.team); i++) {
        classify_member *m = &c->members[i];

        free(m->scratch);
        free(m->logits);
        free(m->scores);
        free(m->held);
        free(m->order);
        bert_buffer_free(&m->json.text);
    }
    free(c->members);
    free(c->ranks);
    free(c->values);
    ranking_free(&c->rank);
}
