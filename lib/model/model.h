/*
 * model.h - a loaded model
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <pthread.h>
#include <stdatomic.h>

#include "compute/gemm.h"
#include "compute/kernels.h"
#include "io/tensors.h"
#include "model/config.h"
#include "model/weights.h"

/*
 * Rows of a matrix product after which its weights are packed. On Zen 4 with
 * two threads packing MiniLM takes 12 ms and then saves 8 us a token, which
 * pays after 1,500; larger weights have more of both.
 */
enum { PACK_AFTER = 2048 };

struct bert_model {
    config         config;
    tensors       *file;
    weights        weights;
    const kernels *kernels;
    gemm          *gemm;
    char           kernels_text[160], unpacked_text[224];
    /* bert_model_kernels(): the row kernels' name, then one of these. */
    _Atomic(const char *) kernels_now;
    pthread_mutex_t       lock; /* of the weights' form */
    bool                  has_lock, started, prepared;
    atomic_bool           packed;
    atomic_size_t         tokens; /* run so far, until packed */
};

/*
 * Ready the weights of every product with the team, where they lie if the
 * matrix library allows that, else packed; at once where that is done already.
 * Any number of threads may call it, each with a team of its own. Errors:
 * BERT_UNSUPPORTED, BERT_NO_MEMORY.
 */
bert_status model_prepare(bert_model *model, bert_team *team, bert_error *err);

/*
 * So many tokens are about to run: pack the weights with the team once that
 * pays. No bit of a result depends on it. Any number of threads may call it
 * while others run. Errors: as model_prepare().
 */
bert_status model_expect(bert_model *model, bert_team *team, size_t tokens,
                         bert_error *err);

#endif
