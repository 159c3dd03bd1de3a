/*
 * sentence.h - the steps from hidden states to one vector
 */
#ifndef MODEL_SENTENCE_H
#define MODEL_SENTENCE_H

#include <jansson.h>

#include "model/model.h"

/* What follows the pooling: sentence-transformers' Dense, LayerNorm and
   Normalize. */
typedef enum step_kind {
    STEP_DENSE,
    STEP_LAYER_NORM,
    STEP_NORMALIZE
} step_kind;

typedef struct step {
    step_kind    kind;
    size_t       in, out;  /* widths */
    kernel_act   act;      /* Dense */
    const float *weight;   /* Dense: [out,in]; LayerNorm: gamma [in] */
    const float *bias;     /* Dense: [out] or NULL; LayerNorm: beta [in] */
    bool         add_in;   /* Dense with use_residual: add the input, */
    const float *residual; /* mapped by this [out,in], or NULL: as it is */
    tensors     *file;     /* owned */
} step;

enum {
    MAX_STEPS = 32,   /* modules after the pooling */
    MAX_POOLINGS = 16 /* joined */
};

struct bert_sentence {
    const bert_model *model;
    size_t            row_width; /* H * concat: a pooled row */
    size_t            concat;
    bert_pooling      pooling[MAX_POOLINGS];
    size_t            pooling_count;
    step              steps[MAX_STEPS];
    size_t            step_count;
    size_t            widest;     /* of the pooled vector and all steps */
    size_t            dims;       /* D */
    bool              normalized; /* the last step: length 1 over */
    size_t            length_one; /* so many, of which D are then left */
    bool              skips_prompt;
    size_t            truncate_dim; /* of the settings; 0: none */
    json_t           *settings; /* config_sentence_transformers.json or NULL */
    const char       *similarity, *default_prompt;
    copies            copies;
};

/*
 * transformer_config.c: refuse what a folder's sentence_bert_config.json asks
 * for beyond the transformer and its tokenizer. Errors: as step_read().
 */
bert_status transformer_config_check(const char *folder, bert_error *err);

/* pooling_config.c: a Pooling module's config.json. */
bert_status pooling_config_read(bert_sentence *out, const char *folder,
                                bert_error *err);

/*
 * step.c: read the module of that kind in folder, for vectors of `width`.
 * Errors: BERT_IO, BERT_BAD_FILE, BERT_UNSUPPORTED, BERT_NO_MEMORY.
 */
bert_status step_read(step *out, step_kind kind, const char *folder,
                      size_t width, copies *keep, bert_error *err);
void        step_clear(step *s);
/* y [out] from x [in]; x is overwritten. */
void step_run(const step *s, const kernels *k, float *x, float *y);
/* Length 1, as torch.nn.functional.normalize: x / max(|x|, 1e-12). */
void step_normalize(float *x, size_t n);

#endif
