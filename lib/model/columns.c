/*
 * columns.c - the products of a layer over few rows, shared out by columns
 *
 * One short text is one block of rows, of which one thread can compute all
 * products while the others watch. A column of a product depends on no other,
 * so each member of the team takes some columns of every product, and no bit
 * changes. LayerNorm needs whole rows; over few rows the caller does it.
 */
#include "model/columns.h"

/* One product, or three of the same rows and shapes. */
typedef struct share {
    const columns *call;
    const linear  *w[3];
    float         *y[3];
    const float   *x;
    bool           bias, activate;
    size_t         each; /* columns an item */
    size_t         parts;
} share;

/* Whole tiles of product() and whole vectors. */
enum { PART_UNIT = 48 };

static void run_part(void *context, size_t item, size_t member)
{
    const share   *s = context;
    const columns *c = s->call;
    const linear  *w = s->w[item / s->parts];
    size_t         n = w->weight.shape[0], first = item % s->parts * s->each;
    size_t         count = n - first < s->each ? n - first : s->each;
    float         *y = s->y[item / s->parts];
    const float   *bias = w->bias + first;
    bert_error     error;
    bert_status status = gemm_run_columns(w->packed, first, count, c->m, s->x,
                                          w->weight.shape[1], y, n, &error);

    member_fail(&c->ws->scratch[member], status, &error);
    y += first;
    for (size_t t = 0; s->bias && status == BERT_OK && t < c->m; t++, y += n) {
        if (s->activate) {
            c->model->kernels->bias_act(c->model->config.act, y, bias, y,
                                        count);
        } else {
            c->model->kernels->bias(y, bias, y, count);
        }
    }
}

/* As many columns an item as give each member one of each product. */
static void run_share(share *s, size_t products)
{
    size_t n = s->w[0]->weight.shape[0], members = s->call->ws->members;

    s->each =
        ((n + members - 1) / members + PART_UNIT - 1) / PART_UNIT * PART_UNIT;
    s->parts = (n + s->each - 1) / s->each;
    bert_team_run(s->call->ws->team, s->parts * products, run_part, s);
}

bool columns_fit(const bert_workspace *ws, size_t rows)
{
    layer *layers = ws->model->weights.layers;

    if (ws->members < 2 || rows > COLUMNS_ROWS ||
        ws->model->weights.layer_count == 0) {
        return false;
    }
    for (size_t i = 0; i < LAYER_PRODUCTS; i++) {
        if (!gemm_splits(layer_product(&layers[0], i)->packed)) {
            return false;
        }
    }
    return true;
}

void columns_project(const columns *c, const layer *l)
{
    pack_scratch *p = &c->ws->scratch[0].pack;
    share         s = {.call = c,
                       .w = {&l->query, &l->key, &l->value},
                       .y = {p->q, p->k, p->v},
                       .x = p->x,
                       .bias = true};

    run_share(&s, 3);
}

/* x = LayerNorm(product + bias + x) */
static void add_norm(const columns *c, const float *bias, const norm *after)
{
    const member_scratch *m = &c->ws->scratch[0];
    size_t                H = (size_t)c->model->config.sizes.hidden_size;

    for (size_t t = 0; t < c->m; t++) {
        float *x = m->pack.x + t * H;
        c->model->kernels->layer_norm(
            m->product + t * H, bias, x, after->gamma, after->beta,
            c->model->config.sizes.layer_norm_eps, x, H);
    }
}

void columns_transform(const columns *c, const layer *l)
{
    const member_scratch *m = &c->ws->scratch[0];
    share                 attention = {.call = c,
                                       .w = {&l->attention_output},
                                       .y = {m->product},
                                       .x = m->pack.context};
    share                 up = {.call = c,
                                .w = {&l->intermediate},
                                .y = {m->middle},
                                .x = m->pack.x,
                                .bias = true,
                                .activate = true};
    share                 down = {
                        .call = c, .w = {&l->output}, .y = {m->product}, .x = m->middle};

    run_share(&attention, 1);
    add_norm(c, l->attention_output.bias, &l->attention_norm);
    run_share(&up, 1);
    run_share(&down, 1);
    add_norm(c, l->output.bias, &l->output_norm);
}
