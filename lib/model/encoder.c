/*
 * encoder.c - embeddings and layers over a batch
 *
 * Sequences are packed end to end and never padded. The batch is cut into
 * packs of whole sequences. With at least as many packs as members of the
 * team, each pack runs through all layers on one thread; with fewer, the
 * members share out the blocks and heads inside a pack. No bit depends on
 * which: each row is computed by the same functions in the same order.
 */
#include "model/encoder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/columns.h"
#include "model/linear.h"

/*
 * PACK_TOKENS: what a pack aims at. PACK_LEAST: packs this small are not cut
 * further to give every member one.
 */
enum { PACK_TOKENS = 512, PACK_LEAST = 2 * GEMM_BLOCK };

/* One call of bert_encoder_run(). */
typedef struct run {
    const bert_model *model;
    const bert_batch *batch;
    bert_workspace   *ws;
    const int32_t    *layers; /* wanted */
    size_t            layer_count;
    size_t            top; /* layers to compute */
    float            *hidden;
} run;

/* One pack on its way through the layers. */
typedef struct passage {
    const run    *run;
    const pack   *pack;
    pack_scratch *scratch;
    const layer  *layer;
    size_t        block_rows;
    size_t        member; /* whose scratch, where one thread does it all */
    bool          shared; /* the team works inside this pack */
    bool          few;    /* and shares out columns */
} passage;

/* ---- checks ---------------------------------------------------------------
 */

static bert_status check_sequence(const run *r, size_t b, bert_error *err)
{
    const bert_config *c = &r->model->config.sizes;
    size_t             begin = r->batch->starts[b];
    size_t             n = r->batch->starts[b + 1] - begin;

    if (n > (size_t)c->max_position_embeddings) {
        return error_set(err, BERT_BAD_INPUT,
                         "sequence %zu has %zu tokens, the model takes %d", b,
                         n, (int)c->max_position_embeddings);
    }
    for (size_t t = begin; t < begin + n; t++) {
        int32_t id = r->batch->ids[t], type = r->batch->types[t];
        if (id < 0 || id >= c->vocab_size) {
            return error_set(err, BERT_BAD_INPUT,
                             "sequence %zu: id %d is outside the model's "
                             "vocabulary of %d",
                             b, (int)id, (int)c->vocab_size);
        }
        if (type < 0 || type >= c->type_vocab_size) {
            return error_set(err, BERT_BAD_INPUT,
                             "sequence %zu: type id %d, where the model has %d",
                             b, (int)type, (int)c->type_vocab_size);
        }
    }
    return BERT_OK;
}

static bert_status check_call(run *r, bert_error *err)
{
    int32_t L = r->model->config.sizes.num_hidden_layers;

    if (r->ws->model != r->model) {
        return error_set(err, BERT_BAD_CALL,
                         "the workspace was made for another model");
    }
    if (bert_batch_sequences(r->batch) == 0) {
        return error_set(err, BERT_BAD_INPUT, "the batch is empty");
    }
    if (r->layer_count == 0) {
        return error_set(err, BERT_BAD_CALL, "no layer is asked for");
    }
    for (size_t i = 0; i < r->layer_count; i++) {
        if (r->layers[i] < 0 || r->layers[i] > L) {
            return error_set(err, BERT_BAD_CALL,
                             "layer %d: the model has 0 to %d",
                             (int)r->layers[i], (int)L);
        }
        if ((size_t)r->layers[i] > r->top) {
            r->top = (size_t)r->layers[i];
        }
    }
    for (size_t b = 0; b < bert_batch_sequences(r->batch); b++) {
        bert_status s = check_sequence(r, b, err);
        if (s != BERT_OK) {
            return s;
        }
    }
    return BERT_OK;
}

/* ---- the work -------------------------------------------------------------
 */

static block block_at(const passage *p, size_t item)
{
    size_t first = item * p->block_rows;
    size_t left = p->pack->tokens - first;

    return (block){first, left < p->block_rows ? left : p->block_rows};
}

/* The piece of work's member: in a pack that is not shared, the pack's own. */
static member_scratch *scratch_of(const passage *p, size_t member)
{
    return &p->run->ws->scratch[p->shared ? member : p->member];
}

static void embed_sequence(void *context, size_t item, size_t member)
{
    const passage    *p = context;
    const bert_batch *batch = p->run->batch;
    size_t            begin = batch->starts[p->pack->first + item];
    size_t            n = batch->starts[p->pack->first + item + 1] - begin;
    size_t            H = (size_t)p->run->model->config.sizes.hidden_size;

    (void)member;
    embeddings_run(p->run->model, batch->ids + begin, batch->types + begin, n,
                   p->scratch->x + (begin - p->pack->begin) * H);
}

static void project_block(void *context, size_t item, size_t member)
{
    const passage  *p = context;
    member_scratch *m = scratch_of(p, member);
    bert_error      error;

    member_fail(m,
                attention_project(p->run->model, p->layer, block_at(p, item),
                                  p->scratch, &error),
                &error);
}

static void attend_head(void *context, size_t item, size_t member)
{
    const passage *p = context;
    size_t         A = (size_t)p->run->model->config.sizes.num_attention_heads;
    const size_t  *starts = p->run->batch->starts + p->pack->first + item / A;

    attention_head(p->run->model, p->scratch, starts[0] - p->pack->begin,
                   starts[1] - starts[0], item % A,
                   scratch_of(p, member)->attention);
}

static void transform_block(void *context, size_t item, size_t member)
{
    const passage  *p = context;
    member_scratch *m = scratch_of(p, member);
    block           b = block_at(p, item);
    bert_error      error;
    bert_status     s = attention_output(p->run->model, p->layer, b, p->scratch,
                                         m->product, &error);

    if (s == BERT_OK) {
        s = feedforward_run(p->run->model, p->layer, b, p->scratch->x,
                            m->middle, m->product, &error);
    }
    member_fail(m, s, &error);
}

static void do_all(passage *p, size_t count, bert_work *work)
{
    if (p->shared) {
        bert_team_run(p->run->ws->team, count, work, p);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        work(p, i, p->member);
    }
}

/* Copy the hidden states of layer l to where they are wanted. */
static void keep_layer(const passage *p, size_t l)
{
    const run *r = p->run;
    size_t     H = (size_t)r->model->config.sizes.hidden_size;
    size_t     N = bert_batch_tokens(r->batch);

    for (size_t i = 0; i < r->layer_count; i++) {
        if ((size_t)r->layers[i] == l) {
            memcpy(r->hidden + (i * N + p->pack->begin) * H, p->scratch->x,
                   p->pack->tokens * H * sizeof(float));
        }
    }
}

/* One number that is not finite makes the whole rows of its sequence so in the
   end: the last layer computed tells. The message names no sequence: which is
   seen first depends on the team. */
static void check_finite(const passage *p)
{
    size_t H = (size_t)p->run->model->config.sizes.hidden_size;
    bool   finite = true;

    for (size_t i = 0; i < p->pack->tokens * H; i++) {
        finite = finite && isfinite(p->scratch->x[i]);
    }
    if (!finite) {
        bert_error error;
        member_fail(
            scratch_of(p, p->member),
            error_set(&error, BERT_BAD_INPUT, "a hidden state is not finite"),
            &error);
    }
}

static void run_layer(passage *p)
{
    const run *r = p->run;
    size_t     A = (size_t)r->model->config.sizes.num_attention_heads;
    size_t     P = p->pack->tokens;
    size_t     blocks = (P + p->block_rows - 1) / p->block_rows;
    columns    c = {.model = r->model, .ws = r->ws, .m = P};

    if (p->few) {
        columns_project(&c, p->layer);
    } else {
        do_all(p, blocks, project_block);
    }
    do_all(p, p->pack->count * A, attend_head);
    if (p->few) {
        columns_transform(&c, p->layer);
    } else {
        do_all(p, blocks, transform_block);
    }
}

static void run_pack(passage *p)
{
    const run *r = p->run;
    size_t     H = (size_t)r->model->config.sizes.hidden_size;
    size_t     P = p->pack->tokens;

    /* Rows that products read and nothing writes. */
    linear_pad(p->scratch->x, P, H);
    linear_pad(p->scratch->context, P, H);
    do_all(p, p->pack->count, embed_sequence);
    keep_layer(p, 0);
    for (size_t l = 0; l < r->top; l++) {
        p->layer = &r->model->weights.layers[l];
        run_layer(p);
        keep_layer(p, l + 1);
    }
    check_finite(p);
}

static void run_pack_alone(void *context, size_t item, size_t member)
{
    const run *r = context;
    passage    p = {.run = r,
                    .pack = &r->ws->packs[item],
                    .scratch = &r->ws->scratch[member].pack,
                    .block_rows = BLOCK_ROWS,
                    .member = member};

    run_pack(&p);
}

static void run_pack_shared(const run *r, size_t item)
{
    passage p = {.run = r,
                 .pack = &r->ws->packs[item],
                 .scratch = &r->ws->scratch[0].pack,
                 .block_rows = BLOCK_ROWS,
                 .member = 0,
                 .shared = true,
                 .few = columns_fit(r->ws, r->ws->packs[item].tokens)};

    /* Smaller blocks where larger ones would leave members idle. */
    while (p.block_rows > GEMM_TAIL &&
           p.pack->tokens <= p.block_rows * (r->ws->members - 1)) {
        p.block_rows /= 2;
    }
    run_pack(&p);
}

/* ---- packs ----------------------------------------------------------------
 */

/* Tokens a pack aims at: as many packs as fill all members equally often. */
static size_t aim(size_t tokens, size_t members)
{
    size_t packs = (tokens + PACK_TOKENS - 1) / PACK_TOKENS;

    packs = (packs + members - 1) / members * members;
    size_t each = (tokens + packs - 1) / packs;
    return each > PACK_LEAST ? each : PACK_LEAST;
}

/*
 * The end of the pack that begins at sequence `first`: within an eighth of the
 * target, where the least part of its products' rows is wasted; at least one
 * sequence.
 */
static size_t pack_end(const bert_batch *batch, size_t first, size_t target)
{
    size_t B = bert_batch_sequences(batch);
    size_t end = first + 1;
    double best = INFINITY;

    for (size_t b = first + 1; b <= B; b++) {
        size_t tokens = batch->starts[b] - batch->starts[first];
        if (tokens > target + target / 8) {
            break;
        }
        double waste = (double)gemm_rows(tokens) / (double)tokens;
        if (tokens < target - target / 8 || b == B) {
            waste = b == B ? 0 : INFINITY; /* too small, or all that is left */
        }
        if (waste <= best) {
            best = waste;
            end = b;
        }
    }
    return end;
}

/* Whole sequences in order; the largest pack is handed out first. */
static int by_tokens(const void *a, const void *b)
{
    const pack *p = a, *q = b;

    if (p->tokens != q->tokens) {
        return p->tokens > q->tokens ? -1 : 1;
    }
    return p->first < q->first ? -1 : 1;
}

static bert_status make_packs(const run *r, size_t *largest, bert_error *err)
{
    bert_workspace   *ws = r->ws;
    const bert_batch *batch = r->batch;
    size_t            B = bert_batch_sequences(batch);
    size_t            target = aim(bert_batch_tokens(batch), ws->members);

    ws->pack_count = 0;
    for (size_t b = 0; b < B;) {
        size_t end = pack_end(batch, b, target);
        void  *packs = ws->packs;
        bool   room = memory_reserve(&packs, &ws->pack_capacity,
                                     ws->pack_count + 1, sizeof *ws->packs);
        ws->packs = packs;
        if (!room) {
            return error_memory(err);
        }
        ws->packs[ws->pack_count++] =
            (pack){.first = b,
                   .count = end - b,
                   .begin = batch->starts[b],
                   .tokens = batch->starts[end] - batch->starts[b]};
        b = end;
    }
    qsort(ws->packs, ws->pack_count, sizeof *ws->packs, by_tokens);
    *largest = ws->packs[0].tokens;
    return BERT_OK;
}

static size_t longest_sequence(const bert_batch *batch)
{
    size_t longest = 0;

    for (size_t b = 0; b < bert_batch_sequences(batch); b++) {
        size_t n = batch->starts[b + 1] - batch->starts[b];
        longest = n > longest ? n : longest;
    }
    return longest;
}

static bert_status run_packs(run *r, bert_error *err)
{
    bert_workspace *ws = r->ws;
    bool            alone = ws->pack_count >= ws->members;

    for (size_t i = 0; i < ws->members; i++) {
        ws->scratch[i].status = BERT_OK;
    }
    if (alone) {
        bert_team_run(ws->team, ws->pack_count, run_pack_alone, r);
    }
    for (size_t i = 0; !alone && i < ws->pack_count; i++) {
        run_pack_shared(r, i);
    }
    for (size_t i = 0; i < ws->members; i++) {
        if (ws->scratch[i].status != BERT_OK) {
            if (err != NULL) {
                *err = ws->scratch[i].error;
            }
            return ws->scratch[i].status;
        }
    }
    return BERT_OK;
}

bert_status bert_encoder_run(const bert_model *model, const bert_batch *batch,
                             const int32_t *layers, size_t layer_count,
                             bert_workspace *ws, bert_hidden *out,
                             bert_error *err)
{
    const int32_t last = model->config.sizes.num_hidden_layers;
    run           r = {.model = model,
                       .batch = batch,
                       .ws = ws,
                       .layers = layers != NULL ? layers : &last,
                       .layer_count = layers != NULL ? layer_count : 1};
    size_t        largest = 0;

    bert_status s = check_call(&r, err);
    if (s == BERT_OK) {
        s = make_packs(&r, &largest, err);
    }
    if (s == BERT_OK) {
        s = workspace_fit(ws, largest, longest_sequence(batch),
                          ws->pack_count >= ws->members ? ws->members : 1, err);
    }
    if (s == BERT_OK) {
        s = workspace_fit_hidden(ws, r.layer_count, batch, err);
    }
    if (s == BERT_OK) {
        s = model_expect(ws->model, ws->team, bert_batch_tokens(batch), err);
    }
    if (s != BERT_OK) {
        return s;
    }
    r.hidden = ws->hidden;
    s = run_packs(&r, err);
    if (s != BERT_OK) {
        return s;
    }
    size_t B = bert_batch_sequences(batch);
    memcpy(ws->starts, batch->starts, (B + 1) * sizeof *ws->starts);
    *out = (bert_hidden){.values = ws->hidden,
                         .starts = ws->starts,
                         .layers = r.layer_count,
                         .B = B,
                         .N = bert_batch_tokens(batch),
                         .H = (size_t)model->config.sizes.hidden_size};
    return BERT_OK;
}
