/*
 * torch_parts.h - what torch_file.c and torch_tensors.c share
 */
#ifndef IO_TORCH_PARTS_H
#define IO_TORCH_PARTS_H

#include "io/pickle.h"
#include "io/tensors.h"

/* The names that weights may use: places in torch_globals. */
enum {
    TORCH_ORDERED_DICT,
    TORCH_TENSOR_V1,
    TORCH_TENSOR_V2,
    TORCH_PARAMETER,
    TORCH_STORAGES, /* one for each type of number */
    TORCH_GLOBALS = TORCH_STORAGES + DTYPE_COUNT
};

/* Where a file keeps the numbers of some tensors. */
typedef struct torch_storage {
    const char          *key; /* in the pickle, no NUL */
    size_t               key_size;
    dtype                type;
    uint64_t             count;
    const unsigned char *data; /* NULL: not found yet */
} torch_storage;

typedef struct torch_file {
    const char          *path;
    const unsigned char *data;
    size_t               size;
    pickle              *pickle; /* of the tensors */
    torch_storage       *storages;
    size_t               storage_count, storage_capacity;
    struct map          *keys; /* to the storage's number */
} torch_file;

/* torch_tensors.c: the storage that a persistent id names, added where it is
   new. Errors: BERT_BAD_FILE, BERT_UNSUPPORTED, BERT_NO_MEMORY. */
bert_status torch_storage_note(torch_file *f, const pickle_value *persistent,
                               bert_error *err);

/* torch_tensors.c: the tensors of the pickle, all storages found. */
bert_status torch_tensors_add(const torch_file *f, tensors *into,
                              bert_error *err);

#endif
