/*
 * shards.h - weights that are spread over several files
 *
 * The index of transformers (modeling_utils.py, *.index.json): {"weight_map":
 * {"tensor's name": "file in the same folder"}}.
 */
#ifndef IO_SHARDS_H
#define IO_SHARDS_H

#include "io/tensors.h"

/* What opens one of the files: safetensors_open(), torch_file_open(). */
typedef bert_status shards_reader(tensors *into, const char *path,
                                  bert_error *err);

/*
 * Add the tensors of every file that an index names, each opened once. Every
 * tensor of the index must lie in the file that it says; a file's further
 * tensors are added too. Errors: BERT_IO (a file that is missing), those of
 * the reader, BERT_BAD_FILE (the index; a name that is no file of the same
 * folder: empty, hidden, with a slash), BERT_NO_MEMORY.
 */
bert_status shards_open(tensors *into, const char *index_path,
                        shards_reader *reader, bert_error *err);

#endif
