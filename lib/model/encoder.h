/*
 * encoder.h - the pieces of a layer, over a block of rows or a head
 *
 * Shapes: P rows of a pack, H hidden size, F intermediate size. Each function
 * writes rows of its own, so that a team can share out blocks and heads.
 */
#ifndef MODEL_ENCODER_H
#define MODEL_ENCODER_H

#include "model/workspace.h"

/* Rows of a pack: m of them from row first. */
typedef struct block {
    size_t first, m;
} block;

/*
 * embeddings.c: x[t] = LayerNorm(word[id] + type[type_id] + position[p]) for
 * the n tokens of one sequence, p from 0 (Devlin et al. 2019, section 3).
 */
void embeddings_run(const bert_model *model, const int32_t *ids,
                    const int32_t *types, size_t n, float *x);

/*
 * attention.c: Q = x Wq^T + bq, K and V alike, of a block (Vaswani et al. 2017,
 * section 3.2.2).
 */
bert_status attention_project(const bert_model *model, const layer *l, block b,
                              pack_scratch *s, bert_error *err);

/*
 * attention.c: head `head` over the sequence of T tokens that begins at row
 * `first` of the pack: context = softmax(Q K^T / sqrt(d)) V (section 3.2.1).
 */
void attention_head(const bert_model *model, const pack_scratch *s,
                    size_t first, size_t T, size_t head, float *scratch);

/*
 * attention.c: x = LayerNorm(context Wo^T + bo + x) of a block; product is
 * scratch [BLOCK_ROWS,H].
 */
bert_status attention_output(const bert_model *model, const layer *l, block b,
                             pack_scratch *s, float *product, bert_error *err);

/*
 * feedforward.c: x = LayerNorm(act(x W1^T + b1) W2^T + b2 + x) of a block
 * (Vaswani et al. 2017, section 3.3); middle [BLOCK_ROWS,F] and product
 * [BLOCK_ROWS,H] are scratch.
 */
bert_status feedforward_run(const bert_model *model, const layer *l, block b,
                            float *x, float *middle, float *product,
                            bert_error *err);

#endif
