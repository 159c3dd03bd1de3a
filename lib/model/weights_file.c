/*
 * weights_file.c - in which file of a folder the weights are
 */
#include "model/weights_file.h"

#include <dirent.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "io/safetensors.h"
#include "io/shards.h"
#include "io/torch_file.h"
#include "model/google_names.h"

static bert_status safetensors_shards(tensors *into, const char *path,
                                      bert_error *err)
{
    return shards_open(into, path, safetensors_open, err);
}

static bert_status torch_shards(tensors *into, const char *path,
                                bert_error *err)
{
    return shards_open(into, path, torch_file_open, err);
}

/* The name of a form's file, and the ending of one that is asked for. First
   come those that are preferred, of endings the longer ones. */
typedef struct form {
    const char *name, *ending;
    bert_status (*open)(tensors *into, const char *path, bert_error *err);
} form;

static const form forms[] = {
    {"model.safetensors", ".safetensors", safetensors_open},
    {"model.safetensors.index.json", ".safetensors.index.json",
     safetensors_shards},
    {"pytorch_model.bin", ".bin", torch_file_open},
    {"pytorch_model.bin.index.json", ".bin.index.json", torch_shards},
    {"bert_model.ckpt.index", ".index", google_open},
    {"variables/variables.index", ".index", google_open},
};

/* Known, and not read: named rather than passed over. */
static const char *const others[] = {"tf_model.h5", "flax_model.msgpack",
                                     "model.onnx"};

static bool ends_with(const char *text, const char *ending)
{
    size_t size = strlen(text), n = strlen(ending);

    return size > n && strcmp(text + size - n, ending) == 0;
}

/* The form of a file that is asked for. NULL: none. */
static const form *find_form(const char *name)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (ends_with(name, forms[i].ending)) {
            return &forms[i];
        }
    }
    return NULL;
}

static bert_status open_form(tensors **out, const form *as, const char *path,
                             bert_error *err)
{
    tensors *t = tensors_new(path);

    if (t == NULL) {
        return error_memory(err);
    }
    bert_status s = as->open(t, path, err);
    if (s != BERT_OK) {
        tensors_free(t);
        return s;
    }
    *out = t;
    return BERT_OK;
}

/* "folder/name" to *path where there is such a file, else NULL there.
   false: no memory. */
static bool look_for(const char *folder, const char *name, char **path)
{
    *path = file_join(folder, name);
    if (*path == NULL) {
        return false;
    }
    if (!file_exists(*path)) {
        memory_free(*path);
        *path = NULL;
    }
    return true;
}

/*
 * What Google's scripts leave after training, "model.ckpt-343.index": *path is
 * the one of a folder, NULL where there is none. More than one: which it should
 * be is not for us to guess.
 */
static bert_status find_checkpoint(const char *folder, char **path,
                                   bert_error *err)
{
    const struct dirent *item;
    bert_status          s = BERT_OK;
    DIR                 *list = opendir(folder);

    *path = NULL;
    while (list != NULL && s == BERT_OK && (item = readdir(list)) != NULL) {
        const char *name = item->d_name;
        if (strstr(name, ".ckpt") == NULL || !ends_with(name, ".index")) {
            continue;
        }
        if (*path != NULL) {
            s = error_set(err, BERT_UNSUPPORTED,
                          "%s: several checkpoints (%s/%s is another): name "
                          "one of the files",
                          *path, folder, name);
        } else if (!look_for(folder, name, path)) {
            s = error_memory(err);
        }
    }
    if (list != NULL) {
        closedir(list);
    }
    return s;
}

/* None of the forms is there: why. */
static bert_status none_found(const char *folder, bert_error *err)
{
    char *path = NULL;

    for (size_t i = 0; path == NULL && i < sizeof others / sizeof *others;
         i++) {
        if (!look_for(folder, others[i], &path)) {
            return error_memory(err);
        }
    }
    bert_status s =
        path != NULL
            ? error_set(err, BERT_UNSUPPORTED,
                        "%s: weights in this form are not supported "
                        "(model.safetensors, pytorch_model.bin and "
                        "bert_model.ckpt.index are)",
                        path)
            : error_set(err, BERT_IO,
                        "%s: no weights: neither model.safetensors nor "
                        "pytorch_model.bin nor a checkpoint of TensorFlow's",
                        folder);
    memory_free(path);
    return s;
}

bert_status weights_open(tensors **out, const char *folder, const char *name,
                         bert_error *err)
{
    const form *as = name != NULL ? find_form(name) : NULL;
    char       *path = NULL;
    bert_status s = BERT_OK;

    if (name != NULL && as == NULL) {
        return error_set(err, BERT_UNSUPPORTED,
                         "%s/%s: weights in this form are not supported",
                         folder, name);
    }
    if (name != NULL) {
        path = file_join(folder, name);
        if (path == NULL) {
            return error_memory(err);
        }
    }
    for (size_t i = 0; path == NULL && i < sizeof forms / sizeof *forms; i++) {
        as = &forms[i];
        if (!look_for(folder, forms[i].name, &path)) {
            return error_memory(err);
        }
    }
    if (path == NULL) {
        s = find_checkpoint(folder, &path, err);
        as = path != NULL ? find_form(path) : NULL;
    }
    if (s == BERT_OK) {
        s = as != NULL ? open_form(out, as, path, err)
                       : none_found(folder, err);
    }
    memory_free(path);
    return s;
}
