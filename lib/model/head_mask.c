/*
 * head_mask.c - masked words: rows of hidden states to logits over the
 * vocabulary
 *
 * logits = E LayerNorm(act(W h + b)) + c (Devlin et al. 2019, section 3.1;
 * transformers, modeling_bert.py, BertLMPredictionHead). Rows go through in
 * chunks, and the vocabulary is cut into panels, so that one masked word keeps
 * the whole team busy and any number of them takes the same memory. Each panel
 * has its logits to itself, end to end: oneDNN 2.6 runs its reference product,
 * a thousand times slower, where rows of y are farther apart than they are
 * long.
 */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "model/head.h"
#include "model/linear.h"

enum {
    CHUNK = 64,   /* rows at once: GEMM_BLOCK */
    PANEL = 2048, /* tokens of the vocabulary a product */
};

struct mask_room {
    gemm_matrix **panels; /* [panel_count] */
    size_t        panel_count;
    size_t        ldy;   /* V, rounded up to whole cache lines */
    float        *x, *y; /* [CHUNK,H] */
    float *parts; /* [CHUNK,ldy]: a panel's [CHUNK,width] after another */
    float *rows;  /* [members,ldy]: a whole row for each() */
    size_t members;
    size_t ran; /* rows of earlier calls */

    /* The call at work */
    bert_head_row  *each;
    void           *context;
    size_t          first, m; /* rows of this chunk */
    pthread_mutex_t lock;     /* of the error */
    bert_status     status;
    bert_error      error;
};

/* ---- loading --------------------------------------------------------------
 */

/* Whether the decoder's weight is the embeddings': not stored, or one storage
   for both, as PyTorch's files have it. */
static bool is_tied(const bert_head *head)
{
    char   name[256];
    tensor w;

    snprintf(name, sizeof name, "%s.weight",
             head->model->config.family->mask_decoder);
    return !tensors_find(head->model->file, name, &w) ||
           w.data == head->model->weights.word_stored;
}

/* The decoder's own weight, or where the file ties it, the embeddings; its bias
   under either name (BertLMPredictionHead ties the two). */
static bert_status load_decoder(bert_head *head, bert_error *err)
{
    const family *f = head->model->config.family;
    size_t        V = (size_t)head->model->config.sizes.vocab_size;
    tensor        bias;
    bert_status   s;

    if (head_rows(head, f->mask_bias, "") == 0) {
        s = head_linear(head, f->mask_decoder, V, &head->out, err);
    } else {
        s = head_tensor(head, f->mask_bias, V, 0, &bias, err);
        if (s == BERT_OK) {
            head->out.bias = bias.data;
        }
    }
    if (s != BERT_OK || head->out.weight.data != NULL) {
        return s;
    }
    if (is_tied(head)) {
        head->out.weight = (tensor){
            .data = head->model->weights.word,
            .type = DTYPE_F32,
            .rank = 2,
            .shape = {V, (size_t)head->model->config.sizes.hidden_size}};
        return BERT_OK;
    }
    return head_weight(head, f->mask_decoder, V, &head->out.weight, err);
}

bert_status mask_load(bert_head *head, bert_error *err)
{
    const family *f = head->model->config.family;
    size_t        H = (size_t)head->model->config.sizes.hidden_size;

    bert_status s = head_linear(head, f->mask_dense, H, &head->transform, err);
    if (s == BERT_OK) {
        s = weights_norm(&head->copies, head->model->file, f->mask_norm, H,
                         &head->norm, err);
    }
    return s == BERT_OK ? load_decoder(head, err) : s;
}

void mask_clear(bert_head *head)
{
    struct mask_room *room = head->room;

    gemm_matrix_free(head->transform.packed);
    if (room == NULL) {
        return;
    }
    for (size_t i = 0; room->panels != NULL && i < room->panel_count; i++) {
        gemm_matrix_free(room->panels[i]);
    }
    memory_free(room->panels);
    memory_free(room->x);
    memory_free(room->y);
    memory_free(room->parts);
    memory_free(room->rows);
    pthread_mutex_destroy(&room->lock);
    memory_free(room);
}

/* ---- the work of a member of the team -------------------------------------
 */

static void fail(struct mask_room *room, bert_status s, const bert_error *error)
{
    if (s != BERT_OK) {
        pthread_mutex_lock(&room->lock);
        room->status = s;
        room->error = *error;
        pthread_mutex_unlock(&room->lock);
    }
}

static size_t panel_width(const bert_head *head, size_t panel)
{
    size_t rest = head->out.weight.shape[0] - panel * PANEL;

    return rest < PANEL ? rest : PANEL;
}

/* The matrix of an item: 0 is the transform, the others are panels. */
static gemm_matrix **matrix_of(bert_head *head, size_t item)
{
    return item == 0 ? &head->transform.packed : &head->room->panels[item - 1];
}

static void lay_item(void *context, size_t item, size_t member)
{
    bert_head        *head = context;
    struct mask_room *room = head->room;
    size_t            H = head->out.weight.shape[1];
    gemm_matrix     **out = matrix_of(head, item);
    tensor            w = head->transform.weight;
    bert_error        error;

    (void)member;
    if (item > 0) {
        w = head->out.weight;
        w.data = (const float *)w.data + (item - 1) * PANEL * H;
        w.shape[0] = panel_width(head, item - 1);
    }
    if (*out == NULL) { /* not by an attempt that failed later */
        fail(room, gemm_lay(head->model->gemm, &w, out, &error), &error);
    }
}

static void pack_item(void *context, size_t item, size_t member)
{
    bert_head *head = context;
    bert_error error;

    (void)member;
    fail(head->room, gemm_matrix_pack(*matrix_of(head, item), &error), &error);
}

/* act and LayerNorm between the two products. */
static void transform_row(void *context, size_t row, size_t member)
{
    bert_head        *head = context;
    struct mask_room *room = head->room;
    const bert_model *model = head->model;
    size_t            H = head->out.weight.shape[1];
    float            *y = room->y + row * H;

    (void)member;
    model->kernels->bias_act(model->config.act, y, head->transform.bias, y, H);
    model->kernels->layer_norm(y, NULL, NULL, head->norm.gamma, head->norm.beta,
                               model->config.sizes.layer_norm_eps, y, H);
}

static void decode_panel(void *context, size_t item, size_t member)
{
    bert_head        *head = context;
    struct mask_room *room = head->room;
    bert_error        error;

    (void)member;
    fail(room,
         gemm_run(room->panels[item], room->m, room->y,
                  head->out.weight.shape[1], room->parts + item * PANEL * CHUNK,
                  panel_width(head, item), &error),
         &error);
}

static void finish_row(void *context, size_t row, size_t member)
{
    bert_head        *head = context;
    struct mask_room *room = head->room;
    float            *logits = room->rows + member * room->ldy;

    for (size_t i = 0; i < room->panel_count; i++) {
        size_t       width = panel_width(head, i);
        const float *part = room->parts + i * PANEL * CHUNK + row * width;
        head->model->kernels->bias(part, head->out.bias + i * PANEL,
                                   logits + i * PANEL, width);
    }
    room->each(room->context, room->first + row, member, logits);
}

/* ---- running --------------------------------------------------------------
 */

static bert_status make_room(bert_head *head, bert_error *err)
{
    size_t            V = head->out.weight.shape[0];
    size_t            H = head->out.weight.shape[1];
    struct mask_room *room = memory_new_zeroed(1, sizeof *room);

    if (room == NULL) {
        return error_memory(err);
    }
    if (pthread_mutex_init(&room->lock, NULL) != 0) {
        memory_free(room);
        return error_memory(err);
    }
    head->room = room;
    room->panel_count = (V + PANEL - 1) / PANEL;
    room->ldy = (V + 15) / 16 * 16;
    room->panels = memory_new_zeroed(room->panel_count, sizeof *room->panels);
    room->x = memory_new_aligned(CHUNK * H, sizeof(float));
    room->y = memory_new_aligned(CHUNK * H, sizeof(float));
    room->parts = memory_new_aligned(CHUNK * room->ldy, sizeof(float));
    if (room->panels == NULL || room->x == NULL || room->y == NULL ||
        room->parts == NULL) {
        mask_clear(head);
        head->room = NULL;
        return error_memory(err);
    }
    return BERT_OK;
}

/* A row for each member of the team of this call. */
static bert_status ready_rows(struct mask_room *room, size_t members,
                              bert_error *err)
{
    if (room->members >= members) {
        return BERT_OK;
    }
    memory_free(room->rows);
    room->members = 0;
    room->rows = memory_new_aligned(members * room->ldy, sizeof(float));
    if (room->rows == NULL) {
        return error_memory(err);
    }
    room->members = members;
    return BERT_OK;
}

/* The weights where they lie, and packed for a stream of rows. */
static void ready_weights(bert_head *head, bert_team *team, size_t n)
{
    struct mask_room *room = head->room;
    size_t            items = 1 + room->panel_count;

    if (room->ran == 0) {
        bert_team_run(team, items, lay_item, head);
    }
    if (room->status == BERT_OK && room->ran < PACK_AFTER &&
        room->ran + n >= PACK_AFTER) {
        bert_team_run(team, items, pack_item, head);
    }
    if (room->status == BERT_OK) {
        room->ran += n;
    }
}

static bert_status run_chunk(bert_head *head, bert_team *team,
                             const float *rows, bert_error *err)
{
    struct mask_room *room = head->room;
    size_t            H = head->out.weight.shape[1];

    memcpy(room->x, rows, room->m * H * sizeof *rows);
    linear_pad(room->x, room->m, H);
    bert_status s =
        linear_run(&head->transform, room->m, room->x, room->y, err);
    if (s != BERT_OK) {
        return s;
    }
    bert_team_run(team, room->m, transform_row, head);
    linear_pad(room->y, room->m, H);
    bert_team_run(team, room->panel_count, decode_panel, head);
    if (room->status == BERT_OK) {
        bert_team_run(team, room->m, finish_row, head);
    }
    return BERT_OK;
}

bert_status bert_mask_run(bert_head *head, bert_workspace *ws,
                          const float *rows, size_t n, bert_head_row *each,
                          void *context, bert_error *err)
{
    bert_status s = head->room != NULL ? BERT_OK : make_room(head, err);

    if (s == BERT_OK) {
        s = ready_rows(head->room, bert_team_size(ws->team), err);
    }
    if (s != BERT_OK) {
        return s;
    }
    struct mask_room *room = head->room;
    size_t            H = head->out.weight.shape[1];
    room->each = each;
    room->context = context;
    room->status = BERT_OK;
    if (n > 0) {
        ready_weights(head, ws->team, n);
    }
    for (size_t i = 0; i < n && s == BERT_OK && room->status == BERT_OK;
         i += CHUNK) {
        room->first = i;
        room->m = n - i < CHUNK ? n - i : CHUNK;
        s = run_chunk(head, ws->team, rows + i * H, err);
    }
    if (s == BERT_OK && room->status != BERT_OK) {
        s = room->status;
        if (err != NULL) {
            *err = room->error;
        }
    }
    return s;
}
