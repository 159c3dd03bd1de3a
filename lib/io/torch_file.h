/*
 * torch_file.h - the tensors of a file that torch.save() wrote
 *
 * Both forms (torch/serialization.py: _save and _legacy_save): the zip archive
 * of PyTorch 1.6 and later, and the stream of pickles before it. The pickles
 * are read, never run: pickle.h. Knows no model's tensor names.
 */
#ifndef IO_TORCH_FILE_H
#define IO_TORCH_FILE_H

#include "io/tensors.h"

/*
 * Add a file's tensors to a table, in the file's order; it stays mapped with
 * the table, and nothing is copied. The file holds a dict of tensors, or a
 * dict that has one as "state_dict", "model_state_dict" or "model"; what else
 * it holds is left alone. Where every name begins with "module.", as
 * DataParallel stores them, that is taken off.
 * Errors: BERT_IO, BERT_BAD_FILE, BERT_UNSUPPORTED (a form, a storage or
 * strides that are not read), each with file and place; BERT_NO_MEMORY.
 */
bert_status torch_file_open(tensors *into, const char *path, bert_error *err);

#endif
