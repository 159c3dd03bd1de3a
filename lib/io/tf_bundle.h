/*
 * tf_bundle.h - TensorFlow's checkpoints of version 2 ("tensor bundles")
 *
 * PREFIX.index is a table (table_file.h) of names to entries, protocol buffers
 * (tensorflow/core/protobuf/tensor_bundle.proto) with type, shape and place;
 * PREFIX.data-00000-of-00001 and so on hold the numbers, little-endian, each
 * tensor with a masked crc32c. A SavedModel's variables/variables.index is one
 * too. The index is read and checked when the bundle is opened; the data of a
 * tensor when it is asked for, so what nobody uses (an optimizer's state, two
 * thirds of a checkpoint from training) costs nothing.
 * Reference: tensorflow/core/util/tensor_bundle/tensor_bundle.cc, 2.18.
 */
#ifndef IO_TF_BUNDLE_H
#define IO_TF_BUNDLE_H

#include "base/error.h"
#include "base/tensor.h"

typedef struct tf_bundle tf_bundle;

/*
 * path: of the index, ending in ".index". Errors: BERT_IO, BERT_BAD_FILE,
 * BERT_UNSUPPORTED (big-endian numbers, a later version of the format,
 * compressed blocks), BERT_NO_MEMORY.
 */
bert_status tf_bundle_open(tf_bundle **out, const char *path, bert_error *err);
void        tf_bundle_close(tf_bundle *bundle); /* NULL allowed */

/* In order of their names' bytes. */
size_t      tf_bundle_count(const tf_bundle *bundle);
const char *tf_bundle_name(const tf_bundle *bundle, size_t i);

/*
 * The i-th tensor, its bytes verified, and the file that holds it; both are
 * lent until the bundle is closed. Errors: BERT_IO, BERT_BAD_FILE (beyond the
 * file, a wrong checksum), BERT_UNSUPPORTED (texts and other types without a
 * dtype, more than TENSOR_MAX_RANK sizes, a variable in parts),
 * BERT_NO_MEMORY.
 */
bert_status tf_bundle_tensor(tf_bundle *bundle, size_t i, tensor *out,
                             const char **file, bert_error *err);

#endif
