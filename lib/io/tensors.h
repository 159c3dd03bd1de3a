/*
 * tensors.h - named tensors, whatever files they came from
 *
 * What a reader of weights fills and lib/model asks: a table of views, each
 * with the file that holds it, and whatever must live as long as they do
 * (mapped files, blocks that a reader made). Readers check a tensor's place and
 * size before they add it; whoever finds it may read all of its bytes.
 */
#ifndef IO_TENSORS_H
#define IO_TENSORS_H

#include "base/error.h"
#include "base/tensor.h"

typedef struct tensors tensors;

/* path: what messages call the whole (the file, or the index of several);
   copied. NULL: no memory. Free with tensors_free(), NULL allowed. */
tensors *tensors_new(const char *path);
void     tensors_free(tensors *t);

/*
 * Add a view of that name, which `path` holds (NULL: the table's own). Name,
 * path and view are copied, the data are not: they must live as long as the
 * table (tensors_keep()). A matrix of [in,out] that the model knows as
 * [out,in] is added with the latter shape and view->transposed.
 * Errors: BERT_BAD_FILE (a name that is there already, or empty),
 * BERT_NO_MEMORY.
 */
bert_status tensors_add(tensors *t, const char *name, const tensor *view,
                        const char *path, bert_error *err);

/*
 * release(owner) is called when the table is freed, or at once where this
 * fails: the owner is the table's in either case. Errors: BERT_NO_MEMORY.
 */
typedef void tensors_release(void *owner);
bert_status  tensors_keep(tensors *t, void *owner, tensors_release *release,
                          bert_error *err);

/* Map a file and keep it: *data is lent until the table is freed.
   Errors: BERT_IO, BERT_NO_MEMORY. */
bert_status tensors_map(tensors *t, const char *path,
                        const unsigned char **data, size_t *size,
                        bert_error *err);

/* In the order in which they were added. */
size_t      tensors_count(const tensors *t);
const char *tensors_name(const tensors *t, size_t i);
/* false: no tensor of that name. out may be NULL. */
bool tensors_find(const tensors *t, const char *name, tensor *out);
/* The file that holds it; of no such name, what tensors_new() was told. */
const char *tensors_path(const tensors *t, const char *name);

#endif
