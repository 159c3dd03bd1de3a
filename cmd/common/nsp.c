/*
 * nsp.c - the work of bert-nsp on a batch: records that are pairs
 */
#include "common/nsp.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/alloc.h"

size_t nsp_results(const nsp *n, const char **names, bert_type *types)
{
    if (n->replies) {
        names[0] = "candidates", types[0] = BERT_JSON;
    } else if (n->raw) {
        names[0] = "logits", types[0] = BERT_FLOATS;
    } else {
        names[0] = "is_next", types[0] = BERT_FLOAT;
    }
    names[1] = "truncated", types[1] = BERT_TRUE;
    return 2;
}

float nsp_probability(nsp_logits x)
{
    return (float)(1 / (1 + exp((double)x.not_next - (double)x.next)));
}

nsp_logits nsp_run(const nsp *n, size_t member, const encode_piece *piece)
{
    float logits[2];

    bert_head_run(n->head, piece->values, 1, piece->H,
                  n->members[member].scratch, logits);
    return (nsp_logits){logits[0], logits[1]};
}

void nsp_write(const nsp *n, slot *s, const bert_value *result)
{
    bert_value results[NSP_RESULTS] = {*result};
    bert_error err;

    results[1].type = s->cut ? BERT_TRUE : BERT_ABSENT;
    if (bert_layout_put(n->layout, s->record, results, &s->out, &s->clashed,
                        &err) != BERT_OK) {
        slot_fail(s, &err);
    }
}

/* ---- Rows of the encoder, on a member of the team ---- */

/* A pair is one sequence, so this is called once a record. */
static void write_pair(void *context, size_t item, size_t member,
                       const encode_piece *piece)
{
    nsp       *n = context;
    slot      *s = n->t.items[item].slot;
    nsp_logits x = nsp_run(n, member, piece);
    float      both[2] = {x.next, x.not_next};
    bert_value value = {.type = BERT_FLOATS, .count = 2, .as.floats = both};

    if (!isfinite(x.next) || !isfinite(x.not_next)) {
        slot_bad(s, "a logit that is not finite");
        return;
    }
    if (!n->raw) {
        value =
            (bert_value){.type = BERT_FLOAT, .as.number = nsp_probability(x)};
    }
    nsp_write(n, s, &value);
}

/* ---- The batch ---- */

void nsp_work(pipeline *p, slot *slots, size_t count)
{
    nsp *n = p->context;

    texts_prepare(&n->t, slots, count);
    texts_need_cls(&n->t, slots);
    if (n->replies) {
        replies_work(n, slots, count);
    } else {
        texts_run(&n->t);
    }
    texts_trim(&n->t);
}

size_t nsp_weigh(pipeline *p, const slot *s)
{
    const nsp *n = p->context;
    size_t     tokens = texts_weigh(p, s);

    if (!n->replies) {
        return tokens;
    }
    size_t count = n->candidates.count;
    size_t all = n->candidates.ids_at[count];
    size_t most = SIZE_MAX / 2 / count;

    return (tokens < most ? tokens : most) * count + all;
}

void nsp_start(nsp *n)
{
    size_t team = bert_team_size(n->t.encoder.team);

    n->members = alloc_zeroed(team, sizeof *n->members);
    for (size_t i = 0; i < team; i++) {
        n->members[i].scratch = alloc_zeroed(bert_head_scratch(n->head) + 1,
                                             sizeof *n->members[i].scratch);
    }
    n->t.encoder.context = n;
    n->t.encoder.piece = write_pair;
    if (n->replies) {
        replies_start(n);
    }
}

void nsp_free(void *context)
{
    nsp *n = context;

    if (n->replies) {
        replies_free(n);
    }
    for (size_t i = 0; i < bert_team_size(n->t.encoder.team); i++) {
        free(n->members[i].scratch);
    }
    free(n->members);
    candidates_free(&n->candidates);
}
