/*
 * attention.c - multi-head scaled dot-product attention and its residual
 *
 * MultiHead(x) = Concat(head_1 .. head_A) Wo + bo, head_i = softmax(Q_i K_i^T /
 * sqrt(d)) V_i, d = H / A (Vaswani et al. 2017, section 3.2). Q, K and V are
 * [P,H] with head i in columns i d .. (i+1) d; no mask: a sequence sees itself.
 */
#include "model/encoder.h"

#include <math.h>

#include "model/linear.h"

bert_status attention_project(const bert_model *model, const layer *l, block b,
                              pack_scratch *s, bert_error *err)
{
    size_t H = (size_t)model->config.sizes.hidden_size;
    size_t at = b.first * H;
    const struct {
        const linear *w;
        float        *out;
    } maps[] = {{&l->query, s->q}, {&l->key, s->k}, {&l->value, s->v}};

    for (size_t i = 0; i < 3; i++) {
        float      *y = maps[i].out + at;
        bert_status status = linear_run(maps[i].w, b.m, s->x + at, y, err);
        if (status != BERT_OK) {
            return status;
        }
        for (size_t t = 0; t < b.m; t++, y += H) {
            model->kernels->bias(y, maps[i].w->bias, y, H);
        }
    }
    return BERT_OK;
}

void attention_head(const bert_model *model, const pack_scratch *s,
                    size_t first, size_t T, size_t head, float *scratch)
{
    size_t H = (size_t)model->config.sizes.hidden_size;
    size_t d = H / (size_t)model->config.sizes.num_attention_heads;
    size_t at = first * H + head * d;
    float  scale = (float)(1 / sqrt((double)d));

    model->kernels->attention(s->q + at, H, s->k + at, H, s->v + at, H, T, d, 0,
                              T, scale, s->context + at, H, scratch);
}

bert_status attention_output(const bert_model *model, const layer *l, block b,
                             pack_scratch *s, float *product, bert_error *err)
{
    size_t      H = (size_t)model->config.sizes.hidden_size;
    float      *x = s->x + b.first * H;
    bert_status status = linear_run(&l->attention_output, b.m,
                                    s->context + b.first * H, product, err);

    if (status != BERT_OK) {
        return status;
    }
    for (size_t t = 0; t < b.m; t++, x += H, product += H) {
        model->kernels->layer_norm(
            product, l->attention_output.bias, x, l->attention_norm.gamma,
            l->attention_norm.beta, model->config.sizes.layer_norm_eps, x, H);
    }
    return BERT_OK;
}
