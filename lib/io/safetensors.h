/*
 * safetensors.h - named tensors in a mapped file
 *
 * The format (huggingface/safetensors README, "Format"): 8 bytes little-endian
 * length of a JSON header, the header, then data; a tensor has dtype, shape and
 * data_offsets. Everything is checked when the file is opened: the header's
 * length and syntax, that each range lies in the file and is exactly the size
 * that shape and type ask for, that ranges do not overlap and leave no hole.
 * Knows no model's tensor names.
 */
#ifndef IO_SAFETENSORS_H
#define IO_SAFETENSORS_H

#include "io/tensors.h"

/* Add a file's tensors to a table, in the order of their data; the file stays
   mapped with it. Errors: BERT_IO, BERT_BAD_FILE (file and tensor named),
   BERT_NO_MEMORY. */
bert_status safetensors_open(tensors *into, const char *path, bert_error *err);

#endif
