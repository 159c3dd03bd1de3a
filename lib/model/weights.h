/*
 * weights.h - the numbers of a model, where they lie in the mapped file
 */
#ifndef MODEL_WEIGHTS_H
#define MODEL_WEIGHTS_H

#include "base/tensor.h"
#include "compute/gemm.h"
#include "compute/kernels.h"
#include "io/tensors.h"
#include "model/config.h"

/* y = x W^T + b */
typedef struct linear {
    tensor       weight; /* [out,in]; of a layer as the file has it */
    const float *bias;   /* [out] */
    gemm_matrix *packed; /* NULL until the model is prepared */
} linear;

typedef struct norm {
    const float *gamma, *beta; /* [H] */
} norm;

/* One encoder layer; F is intermediate_size. */
typedef struct layer {
    linear query, key, value, attention_output; /* [H,H] */
    norm   attention_norm;
    linear intermediate; /* [F,H] */
    linear output;       /* [H,F] */
    norm   output_norm;
} layer;

enum { LAYER_PRODUCTS = 6 }; /* layer_product() */

/* Tensors that a file has in another form than f32 in rows, and so were
   copied. */
typedef struct copies {
    float **blocks;
    size_t  count, capacity;
} copies;

void copies_clear(copies *c);

typedef struct weights {
    const float *word;        /* [V,H] */
    const void  *word_stored; /* where the file has them */
    const float *position;    /* [max_position_embeddings,H] */
    const float *type;        /* [type_vocab_size,H] */
    norm         embeddings_norm;
    layer       *layers; /* [L] */
    size_t       layer_count;
    bool         has_pooler;
    linear       pooler; /* [H,H] */
    copies       copies;
} weights;

/*
 * Find every tensor of the model and check its type and shape. Those that the
 * model does not know (heads, buffers) are left alone. file must outlive out.
 * Errors: BERT_BAD_FILE (a tensor missing, or of another shape than
 * config.json asks for), BERT_UNSUPPORTED (integers), BERT_NO_MEMORY.
 */
bert_status weights_load(weights *out, const tensors *file, const config *c,
                         bert_error *err);
void        weights_clear(weights *w);

/* The i-th linear map of a layer, i below LAYER_PRODUCTS. */
linear *layer_product(layer *l, size_t i);

/*
 * One tensor of the given shape (columns 0: rank 1), of a float type, as the
 * file has it: gemm_pack() takes it so. Errors: as weights_load().
 */
bert_status weights_stored(const tensors *file, const char *name, size_t rows,
                           size_t columns, tensor *out, bert_error *err);

/*
 * One tensor of the given shape (columns 0: rank 1) as f32 in rows, aligned
 * for float: where it lies, or a copy among `keep` where the file has it
 * otherwise (unaligned, F16, BF16, F64, transposed). Errors: as weights_load().
 */
bert_status weights_tensor(copies *keep, const tensors *file, const char *name,
                           size_t rows, size_t columns, tensor *out,
                           bert_error *err);
/* The same, where the numbers are enough. */
bert_status weights_floats(copies *keep, const tensors *file, const char *name,
                           size_t rows, size_t columns, const float **out,
                           bert_error *err);

/*
 * The gain and shift of a norm over n numbers, "<stem>.weight" and
 * "<stem>.bias", or as TensorFlow named them ".gamma" and ".beta". Errors: as
 * weights_load().
 */
bert_status weights_norm(copies *keep, const tensors *file, const char *stem,
                         size_t n, norm *out, bert_error *err);

#endif
