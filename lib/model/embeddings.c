/*
 * embeddings.c - ids to the first hidden states: the sum of the token, segment
 * and position embeddings, normalised
 *
 * In the order of transformers' BertEmbeddings: (word + type) + position.
 */
#include "model/encoder.h"

void embeddings_run(const bert_model *model, const int32_t *ids,
                    const int32_t *types, size_t n, float *x)
{
    const weights *w = &model->weights;
    const kernels *k = model->kernels;
    size_t         H = (size_t)model->config.sizes.hidden_size;

    for (size_t t = 0; t < n; t++, x += H) {
        k->bias(w->word + (size_t)ids[t] * H, w->type + (size_t)types[t] * H, x,
                H);
        k->layer_norm(x, w->position + t * H, NULL, w->embeddings_norm.gamma,
                      w->embeddings_norm.beta,
                      model->config.sizes.layer_norm_eps, x, H);
    }
}
