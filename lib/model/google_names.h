/*
 * google_names.h - Google's checkpoints, under the names that transformers has
 *
 * google-research/bert (modeling.py, run_pretraining.py, run_classifier.py,
 * run_squad.py) names variables by scopes, and multiplies with matrices of
 * [in,out]; modules of TensorFlow Hub have "module/" before the names:
 *
 *   bert/embeddings/word_embeddings    bert.embeddings.word_embeddings.weight
 *   bert/encoder/layer_0/attention/self/query/kernel    (turned)
 *                            bert.encoder.layer.0.attention.self.query.weight
 *   .../LayerNorm/gamma, beta          ....LayerNorm.weight, bias
 *   cls/predictions/output_bias        cls.predictions.bias
 *   cls/seq_relationship/output_weights, output_bias
 *                                      cls.seq_relationship.weight, bias
 *   output_weights, output_bias        classifier.weight, bias
 *   cls/squad/output_weights, output_bias    qa_outputs.weight, bias
 *
 * The rules are those of transformers 4.57.1, models/bert/modeling_bert.py,
 * load_tf_weights_in_bert(), the last that had them, but for the last two
 * lines: it left finding the head to its caller's model.
 */
#ifndef MODEL_GOOGLE_NAMES_H
#define MODEL_GOOGLE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "io/tensors.h"

/*
 * The name of a variable, to out of `size` bytes; *transposed: it is a matrix
 * of [in,out]. false: no weight of a model (an optimizer's state, a step), or
 * the name is too long.
 */
bool google_name(const char *name, char *out, size_t size, bool *transposed);

/*
 * Add the weights of a checkpoint (the path of its index) to a table. Data are
 * verified as they are added; what is no weight is not read. Errors: as
 * tf_bundle_open() and tf_bundle_tensor(); BERT_UNSUPPORTED names a checkpoint
 * of Keras's objects.
 */
bert_status google_open(tensors *into, const char *path, bert_error *err);

#endif
