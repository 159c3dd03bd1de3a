/*
 * config.h - config.json: what the model is
 */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include <jansson.h>

#include "base/error.h"
#include "compute/kernels.h"
#include "model/family.h"

typedef struct config {
    bert_config   sizes;
    char         *act_name; /* owned; sizes.hidden_act points at it */
    kernel_act    act;
    const family *family;
    json_t       *object; /* the whole file, for what a head reads of it */
    char         *path;
} config;

/*
 * Read and check config.json. The sizes that transformers would fill in with
 * those of BERT-base must be there; layer_norm_eps, which Google's own files
 * lack, is 1e-12 where absent, as in google-research/bert modeling.py.
 * Errors: BERT_IO, BERT_BAD_FILE, BERT_UNSUPPORTED (a model_type that is no
 * family here, relative positions, a decoder, an activation not known),
 * BERT_NO_MEMORY.
 */
bert_status config_read(config *out, const char *path, bert_error *err);
void        config_clear(config *c);

#endif
