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

#include "base/error.h"
#include "base/tensor.h"

typedef struct safetensors safetensors;

/* Errors: BERT_IO, BERT_BAD_FILE (file and tensor named), BERT_NO_MEMORY. */
bert_status safetensors_open(safetensors **out, const char *path,
                             bert_error *err);
void        safetensors_close(safetensors *file);

size_t      safetensors_count(const safetensors *file);
const char *safetensors_name(const safetensors *file, size_t i);
/* false: no tensor of that name. The view is lent until the file is closed. */
bool safetensors_find(const safetensors *file, const char *name, tensor *out);
const char *safetensors_path(const safetensors *file);

#endif
