/*
 * feedforward.c - the position-wise feed-forward network and its residual
 *
 * The whole network runs on one block of rows before the next, so that the
 * [BLOCK_ROWS,F] in its middle never leaves the core's cache.
 */
#include "model/encoder.h"

#include "model/linear.h"

bert_status feedforward_run(const bert_model *model, const layer *l, block b,
                            float *x, float *middle, float *product,
                            bert_error *err)
{
    const kernels *k = model->kernels;
    size_t         H = (size_t)model->config.sizes.hidden_size;
    size_t         F = (size_t)model->config.sizes.intermediate_size;

    x += b.first * H;
    bert_status status = linear_run(&l->intermediate, b.m, x, middle, err);
    if (status != BERT_OK) {
        return status;
    }
    for (size_t t = 0; t < b.m; t++) {
        k->bias_act(model->config.act, middle + t * F, l->intermediate.bias,
                    middle + t * F, F);
    }
    linear_pad(middle, b.m, F);
    status = linear_run(&l->output, b.m, middle, product, err);
    if (status != BERT_OK) {
        return status;
    }
    for (size_t t = 0; t < b.m; t++, x += H, product += H) {
        k->layer_norm(product, l->output.bias, x, l->output_norm.gamma,
                      l->output_norm.beta, model->config.sizes.layer_norm_eps,
                      x, H);
    }
    return BERT_OK;
}
