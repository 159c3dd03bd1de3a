/*
 * tensors.c - named tensors, whatever files they came from
 */
#include "io/tensors.h"

#include <string.h>

#include "base/file.h"
#include "base/map.h"
#include "base/memory.h"

typedef struct entry {
    char  *name;
    size_t path; /* number among the table's */
    tensor view;
} entry;

typedef struct kept {
    void            *owner;
    tensors_release *release;
} kept;

struct tensors {
    char      **paths; /* [0]: the table's own */
    size_t      path_count, path_capacity;
    entry      *entries;
    size_t      count, capacity;
    struct map *names; /* to the entry's number */
    kept       *kept;
    size_t      kept_count, kept_capacity;
};

/* The number of a path: readers add a file's tensors one after the other, so
   it is the last one, or a new one. false: no memory. */
static bool path_number(tensors *t, const char *path, size_t *out)
{
    void *paths = t->paths;

    if (t->path_count > 0 && strcmp(t->paths[t->path_count - 1], path) == 0) {
        *out = t->path_count - 1;
        return true;
    }
    if (!memory_reserve(&paths, &t->path_capacity, t->path_count + 1,
                        sizeof *t->paths)) {
        return false;
    }
    t->paths = paths;
    t->paths[t->path_count] = memory_copy_text(path, strlen(path));
    if (t->paths[t->path_count] == NULL) {
        return false;
    }
    *out = t->path_count++;
    return true;
}

tensors *tensors_new(const char *path)
{
    size_t   number;
    tensors *t = memory_new_zeroed(1, sizeof *t);

    if (t == NULL) {
        return NULL;
    }
    t->names = map_new(0);
    if (t->names == NULL || !path_number(t, path, &number)) {
        tensors_free(t);
        return NULL;
    }
    return t;
}

void tensors_free(tensors *t)
{
    if (t == NULL) {
        return;
    }
    while (t->kept_count > 0) {
        const kept *last = &t->kept[--t->kept_count];
        last->release(last->owner);
    }
    for (size_t i = 0; i < t->count; i++) {
        memory_free(t->entries[i].name);
    }
    for (size_t i = 0; i < t->path_count; i++) {
        memory_free(t->paths[i]);
    }
    map_free(t->names);
    memory_free(t->kept);
    memory_free(t->entries);
    memory_free(t->paths);
    memory_free(t);
}

bert_status tensors_add(tensors *t, const char *name, const tensor *view,
                        const char *path, bert_error *err)
{
    entry  e = {.view = *view, .path = 0};
    void  *entries = t->entries;
    size_t size = strlen(name);

    if (path == NULL) {
        path = t->paths[0];
    }
    if (size == 0 || map_get(t->names, name, size) >= 0) {
        return error_set(err, BERT_BAD_FILE, "%s: tensor %.200s: %s", path,
                         name, size == 0 ? "no name" : "there already");
    }
    if (t->count == INT32_MAX ||
        !memory_reserve(&entries, &t->capacity, t->count + 1,
                        sizeof *t->entries)) {
        return error_memory(err);
    }
    t->entries = entries;
    if (!path_number(t, path, &e.path)) {
        return error_memory(err);
    }
    e.name = memory_copy_text(name, size);
    if (e.name == NULL || !map_put(t->names, e.name, size, (int32_t)t->count)) {
        memory_free(e.name);
        return error_memory(err);
    }
    t->entries[t->count++] = e;
    return BERT_OK;
}

bert_status tensors_keep(tensors *t, void *owner, tensors_release *release,
                         bert_error *err)
{
    void *more = t->kept;

    if (!memory_reserve(&more, &t->kept_capacity, t->kept_count + 1,
                        sizeof *t->kept)) {
        release(owner);
        return error_memory(err);
    }
    t->kept = more;
    t->kept[t->kept_count++] = (kept){.owner = owner, .release = release};
    return BERT_OK;
}

static void release_map(void *owner)
{
    file_map_close(owner);
    memory_free(owner);
}

bert_status tensors_map(tensors *t, const char *path,
                        const unsigned char **data, size_t *size,
                        bert_error *err)
{
    file_map *file = memory_new_zeroed(1, sizeof *file);

    if (file == NULL) {
        return error_memory(err);
    }
    bert_status s = file_map_open(file, path, err);
    if (s != BERT_OK) {
        memory_free(file);
        return s;
    }
    *data = file->data;
    *size = file->size;
    return tensors_keep(t, file, release_map, err);
}

size_t tensors_count(const tensors *t)
{
    return t->count;
}

const char *tensors_name(const tensors *t, size_t i)
{
    return t->entries[i].name;
}

bool tensors_find(const tensors *t, const char *name, tensor *out)
{
    int32_t i = map_get(t->names, name, strlen(name));

    if (i >= 0 && out != NULL) {
        *out = t->entries[i].view;
    }
    return i >= 0;
}

const char *tensors_path(const tensors *t, const char *name)
{
    int32_t i = map_get(t->names, name, strlen(name));

    return t->paths[i < 0 ? 0 : t->entries[i].path];
}
