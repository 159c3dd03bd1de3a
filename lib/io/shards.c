/*
 * shards.c - weights that are spread over several files
 */
#include "io/shards.h"

#include <string.h>

#include "base/json.h"
#include "base/map.h"
#include "base/memory.h"

typedef struct index_file {
    const char    *path;
    size_t         folder_size; /* of path, its last slash included */
    shards_reader *reader;
    tensors       *into;
    struct map    *opened; /* names of files */
} index_file;

/* A file in the index's folder, and no other: "model-00001-of-00002.bin". */
static bool is_plain_name(const char *name)
{
    return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL;
}

/* "folder of the index/name"; NULL: no memory. */
static char *beside(const index_file *f, const char *name)
{
    size_t size = strlen(name);
    char  *path = memory_new(f->folder_size + size + 1, 1);

    if (path != NULL) {
        memcpy(path, f->path, f->folder_size);
        memcpy(path + f->folder_size, name, size + 1);
    }
    return path;
}

/* Open a file where that has not been done, then find the tensor in it. */
static bert_status read_shard(const index_file *f, const char *name,
                              const char *file, bert_error *err)
{
    char       *path = beside(f, file);
    bert_status s = BERT_OK;

    if (path == NULL) {
        return error_memory(err);
    }
    if (map_get(f->opened, file, strlen(file)) < 0) {
        s = map_put(f->opened, file, strlen(file), 1)
                ? f->reader(f->into, path, err)
                : error_memory(err);
    }
    if (s == BERT_OK && (!tensors_find(f->into, name, NULL) ||
                         strcmp(tensors_path(f->into, name), path) != 0)) {
        s = error_set(err, BERT_BAD_FILE,
                      "%s: tensor %.200s: it is not in %.100s, where "
                      "weight_map has it",
                      f->path, name, file);
    }
    memory_free(path);
    return s;
}

static bert_status read_map(const index_file *f, json_t *weight_map,
                            bert_error *err)
{
    const char *name;
    json_t     *value;

    if (!json_is_object(weight_map) || json_object_size(weight_map) == 0) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: weight_map is no object with tensors", f->path);
    }
    json_object_foreach(weight_map, name, value)
    {
        const char *file = json_string_value(value);
        if (file == NULL || !is_plain_name(file)) {
            return error_set(err, BERT_BAD_FILE,
                             "%s: tensor %.200s: %.100s is no file of this "
                             "folder",
                             f->path, name, file != NULL ? file : "its value");
        }
        bert_status s = read_shard(f, name, file, err);
        if (s != BERT_OK) {
            return s;
        }
    }
    return BERT_OK;
}

bert_status shards_open(tensors *into, const char *index_path,
                        shards_reader *reader, bert_error *err)
{
    json_t     *json = NULL;
    const char *slash = strrchr(index_path, '/');
    index_file  f = {.path = index_path, .reader = reader, .into = into};

    bert_status s = json_file_read(&json, index_path, true, err);
    if (s != BERT_OK) {
        return s;
    }
    f.folder_size = slash != NULL ? (size_t)(slash - index_path) + 1 : 0;
    f.opened = map_new(0);
    s = f.opened != NULL
            ? read_map(&f, json_object_get(json, "weight_map"), err)
            : error_memory(err);
    map_free(f.opened);
    json_decref(json);
    return s;
}
