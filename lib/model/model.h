/*
 * model.h - a loaded model
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <pthread.h>

#include "compute/gemm.h"
#include "compute/kernels.h"
#include "io/tensors.h"
#include "model/config.h"
#include "model/weights.h"

struct bert_model {
    config         config;
    tensors       *file;
    weights        weights;
    const kernels *kernels;
    gemm          *gemm;
    char           kernels_text[160];
    /* Packing, once a model, by the first workspace. */
    pthread_mutex_t lock;
    bool            has_lock, prepared;
};

/*
 * Pack the weights of every product with the team; at once where that is done
 * already. Any number of threads may call it, each with a team of its own.
 * Errors: BERT_UNSUPPORTED, BERT_NO_MEMORY.
 */
bert_status model_prepare(bert_model *model, bert_team *team, bert_error *err);

#endif
