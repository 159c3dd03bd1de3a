/*
 * workspace.c - everything a run writes, sized before it begins
 *
 * Each member of the team has one arena. It grows to the largest pack seen and
 * is then used again, so that a stream of batches allocates nothing.
 */
#include "model/workspace.h"

#include <stdint.h>

#include "base/memory.h"

bert_status bert_workspace_new(bert_workspace **out, bert_model *model,
                               bert_team *team, bert_error *err)
{
    bert_workspace *ws = memory_new_zeroed(1, sizeof *ws);

    if (ws == NULL) {
        return error_memory(err);
    }
    ws->model = model;
    ws->team = team;
    ws->members = team != NULL ? bert_team_size(team) : 1;
    ws->scratch = memory_new_zeroed(ws->members, sizeof *ws->scratch);
    bert_status s = ws->scratch != NULL ? model_prepare(model, team, err)
                                        : error_memory(err);
    if (s != BERT_OK) {
        bert_workspace_free(ws);
        return s;
    }
    *out = ws;
    return BERT_OK;
}

void bert_workspace_free(bert_workspace *ws)
{
    if (ws == NULL) {
        return;
    }
    for (size_t i = 0; ws->scratch != NULL && i < ws->members; i++) {
        memory_free(ws->scratch[i].arena);
    }
    memory_free(ws->scratch);
    memory_free(ws->packs);
    memory_free(ws->hidden);
    memory_free(ws->starts);
    memory_free(ws);
}

/* Reserve count floats in an arena laid out by adding up; the parts begin at
   cache lines. SIZE_MAX stands for a size that does not fit. */
static size_t part(size_t *total, size_t rows, size_t columns)
{
    size_t begin = *total;

    if (*total == SIZE_MAX || rows > SIZE_MAX / 64 / (columns + 1)) {
        *total = SIZE_MAX;
        return 0;
    }
    size_t floats = (rows * columns + 15) / 16 * 16;
    *total = floats > SIZE_MAX / 8 - begin ? SIZE_MAX : begin + floats;
    return begin;
}

static bert_status fit_member(member_scratch *m, size_t rows, size_t block,
                              size_t H, size_t F, size_t attention,
                              bert_error *err)
{
    size_t total = 0;
    size_t x = part(&total, rows, H);
    size_t q = part(&total, rows, H);
    size_t k = part(&total, rows, H);
    size_t v = part(&total, rows, H);
    size_t context = part(&total, rows, H);
    size_t middle = part(&total, block, F);
    size_t product = part(&total, block, H);
    size_t heads = part(&total, attention, 1);

    if (total == SIZE_MAX) {
        return error_memory(err);
    }
    if (total > m->arena_size) {
        void *arena = memory_new_aligned(total, sizeof(float));
        if (arena == NULL) {
            return error_memory(err);
        }
        memory_free(m->arena);
        m->arena = arena;
        m->arena_size = total;
    }
    float *base = m->arena;
    m->pack = (pack_scratch){.x = base + x,
                             .q = base + q,
                             .k = base + k,
                             .v = base + v,
                             .context = base + context};
    m->middle = base + middle;
    m->product = base + product;
    m->attention = base + heads;
    return BERT_OK;
}

bert_status workspace_fit(bert_workspace *ws, size_t rows, size_t longest,
                          size_t packs, bert_error *err)
{
    const bert_config *c = &ws->model->config.sizes;
    size_t             H = (size_t)c->hidden_size;
    size_t             F = (size_t)c->intermediate_size;
    size_t             d = H / (size_t)c->num_attention_heads;
    size_t      attention = ws->model->kernels->attention_scratch(longest, d);
    size_t      padded = gemm_rows(rows);
    size_t      block = padded < BLOCK_ROWS ? padded : BLOCK_ROWS;
    bert_status s = BERT_OK;

    for (size_t i = 0; i < ws->members && s == BERT_OK; i++) {
        s = fit_member(&ws->scratch[i], i < packs ? padded : 0, block, H, F,
                       attention, err);
    }
    return s;
}

void member_fail(member_scratch *m, bert_status s, const bert_error *error)
{
    if (s != BERT_OK && m->status == BERT_OK) {
        m->status = s;
        m->error = *error;
    }
}

bert_status workspace_fit_hidden(bert_workspace *ws, size_t layers,
                                 const bert_batch *batch, bert_error *err)
{
    size_t H = (size_t)ws->model->config.sizes.hidden_size;
    size_t N = bert_batch_tokens(batch);
    size_t B = bert_batch_sequences(batch);
    void  *starts = ws->starts;

    bool room = memory_reserve(&starts, &ws->starts_capacity, B + 1,
                               sizeof *ws->starts);
    ws->starts = starts;
    if (!room || N > SIZE_MAX / 8 / H / layers) {
        return error_memory(err);
    }
    size_t size = layers * N * H;
    if (size > ws->hidden_size) {
        memory_free(ws->hidden);
        ws->hidden_size = 0;
        ws->hidden = memory_new_aligned(size, sizeof(float));
        if (ws->hidden == NULL) {
            return error_memory(err);
        }
        ws->hidden_size = size;
    }
    return BERT_OK;
}
