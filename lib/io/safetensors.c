/*
 * safetensors.c - named tensors in a mapped file, all checked when opened
 *
 * Tensors are kept in the order of their data, which is the order in which
 * holes and overlaps show: each must begin where the one before it ends, the
 * first at 0 and the last ending with the file (safetensors/src/tensor.rs,
 * Metadata::validate). Which types and shapes a model can use is not decided
 * here: a file may hold others, for what else it is used for.
 */
#include "io/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"

enum { PREFIX = 8, MAX_SIZES = 16 };
static const uint64_t header_limit = 100000000; /* as the Rust reader has it */

typedef struct entry {
    const char *name; /* of the header's JSON */
    tensor      view;
    size_t      begin, end; /* in the data */
} entry;

/* A file that is being read. */
typedef struct reading {
    const char *path;
    json_t     *header;
    entry      *entries;
    size_t      count;
} reading;

/* A member that must be an array of non-negative integers. */
static bool read_sizes(const json_t *array, size_t limit, size_t *out,
                       size_t *count)
{
    size_t n = json_array_size(array); /* 0 for what is no array */

    if (!json_is_array(array) || n > limit) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(array, i);
        if (!json_is_integer(item) || json_integer_value(item) < 0) {
            return false;
        }
        out[i] = (size_t)json_integer_value(item);
    }
    *count = n;
    return true;
}

static bert_status bad_tensor(const reading *f, const char *name,
                              const char *problem, bert_error *err)
{
    return error_set(err, BERT_BAD_FILE, "%s: tensor %.200s: %s", f->path, name,
                     problem);
}

/* Bytes that shape and type ask for; false: more than can be. */
static bool bytes_needed(const tensor *t, size_t *out)
{
    size_t bytes = dtype_size(t->type);

    for (int i = 0; i < t->rank; i++) {
        if (t->shape[i] != 0 && bytes > SIZE_MAX / t->shape[i]) {
            return false;
        }
        bytes *= t->shape[i];
    }
    *out = bytes;
    return true;
}

/* The shape; of more sizes than a tensor has here, the last ones as their
   product. */
static bool read_shape(const json_t *array, tensor *out)
{
    size_t sizes[MAX_SIZES], count = 0;

    if (!read_sizes(array, MAX_SIZES, sizes, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (i < TENSOR_MAX_RANK) {
            out->shape[i] = sizes[i];
            continue;
        }
        size_t *last = &out->shape[TENSOR_MAX_RANK - 1];
        if (sizes[i] != 0 && *last > SIZE_MAX / sizes[i]) {
            return false;
        }
        *last *= sizes[i];
    }
    out->rank = count < TENSOR_MAX_RANK ? (int)count : TENSOR_MAX_RANK;
    return true;
}

static bert_status read_entry(const reading *f, const char *name,
                              const json_t *info, size_t data_size, entry *e,
                              bert_error *err)
{
    const char *type = json_string_value(json_object_get(info, "dtype"));
    size_t      range[2], two, needed;

    *e = (entry){.name = name};
    if (type == NULL) {
        return bad_tensor(f, name, "no dtype", err);
    }
    if (!dtype_find(type, &e->view.type)) {
        e->view.type = DTYPE_OTHER;
    }
    if (!read_shape(json_object_get(info, "shape"), &e->view)) {
        return bad_tensor(f, name, "no shape of at most 16 sizes", err);
    }
    if (!read_sizes(json_object_get(info, "data_offsets"), 2, range, &two) ||
        two != 2) {
        return bad_tensor(f, name, "no data_offsets", err);
    }
    if (range[0] > range[1] || range[1] > data_size) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: tensor %.200s: data at [%zu,%zu] of %zu bytes",
                         f->path, name, range[0], range[1], data_size);
    }
    if (!bytes_needed(&e->view, &needed) ||
        (e->view.type != DTYPE_OTHER && needed != range[1] - range[0])) {
        char shape[96];
        return error_set(err, BERT_BAD_FILE,
                         "%s: tensor %.200s: %zu bytes of data for %s %s",
                         f->path, name, range[1] - range[0],
                         dtype_name(e->view.type),
                         tensor_shape_text(&e->view, shape, sizeof shape));
    }
    e->begin = range[0];
    e->end = range[1];
    return BERT_OK;
}

static bert_status check_metadata(const reading *f, json_t *metadata,
                                  bert_error *err)
{
    const char *key;
    json_t     *value;

    if (!json_is_object(metadata)) {
        return error_set(err, BERT_BAD_FILE, "%s: __metadata__ is no object",
                         f->path);
    }
    json_object_foreach(metadata, key, value)
    {
        if (!json_is_string(value)) {
            return error_set(err, BERT_BAD_FILE,
                             "%s: __metadata__ has a member %.100s that is no "
                             "string",
                             f->path, key);
        }
    }
    return BERT_OK;
}

static int by_begin(const void *a, const void *b)
{
    const entry *x = a, *y = b;

    if (x->begin != y->begin) {
        return x->begin < y->begin ? -1 : 1;
    }
    /* Empty tensors share their place with the next one: they come first. */
    if (x->end != y->end) {
        return x->end < y->end ? -1 : 1;
    }
    return strcmp(x->name, y->name);
}

/* The data must be covered without hole or overlap. */
static bert_status check_cover(const reading *f, size_t data_size,
                               bert_error *err)
{
    size_t at = 0;

    for (size_t i = 0; i < f->count; i++) {
        const entry *e = &f->entries[i];
        if (e->begin != at) {
            return bad_tensor(f, e->name,
                              e->begin < at
                                  ? "its data overlap another's"
                                  : "data before it belong to no tensor",
                              err);
        }
        at = e->end;
    }
    if (at != data_size) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: %zu bytes of data, but tensors use %zu", f->path,
                         data_size, at);
    }
    return BERT_OK;
}

static bert_status read_entries(reading *f, size_t data_size, bert_error *err)
{
    const char *name;
    json_t     *info;

    f->entries = memory_new(json_object_size(f->header), sizeof *f->entries);
    if (f->entries == NULL) {
        return error_memory(err);
    }
    json_object_foreach(f->header, name, info)
    {
        bert_status s;
        if (strcmp(name, "__metadata__") == 0) {
            s = check_metadata(f, info, err);
        } else {
            s = read_entry(f, name, info, data_size, &f->entries[f->count],
                           err);
            f->count += s == BERT_OK;
        }
        if (s != BERT_OK) {
            return s;
        }
    }
    if (f->count > 0) {
        qsort(f->entries, f->count, sizeof *f->entries, by_begin);
    }
    return check_cover(f, data_size, err);
}

/* The length of the header, which begins after the PREFIX. */
static bert_status find_header(const reading *f, const unsigned char *file,
                               size_t file_size, size_t *header_size,
                               bert_error *err)
{
    uint64_t size = 0;

    if (file_size < PREFIX) {
        return error_set(err, BERT_BAD_FILE, "%s: %zu bytes, no safetensors",
                         f->path, file_size);
    }
    for (int i = PREFIX - 1; i >= 0; i--) {
        size = size << 8 | file[i];
    }
    if (size > header_limit || size > file_size - PREFIX) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: a header of %llu bytes in a file of %zu", f->path,
                         (unsigned long long)size, file_size);
    }
    if (size == 0 || file[PREFIX] != '{') {
        return error_set(err, BERT_BAD_FILE, "%s: the header is no object",
                         f->path);
    }
    *header_size = (size_t)size;
    return BERT_OK;
}

static bert_status add_entries(const reading *f, tensors *into,
                               const unsigned char *data, bert_error *err)
{
    bert_status s = BERT_OK;

    for (size_t i = 0; i < f->count && s == BERT_OK; i++) {
        entry *e = &f->entries[i];
        e->view.data = data + e->begin;
        s = tensors_add(into, e->name, &e->view, f->path, err);
    }
    return s;
}

bert_status safetensors_open(tensors *into, const char *path, bert_error *err)
{
    reading              f = {.path = path};
    const unsigned char *file;
    size_t               file_size, header_size = 0;

    bert_status s = tensors_map(into, path, &file, &file_size, err);
    if (s == BERT_OK) {
        s = find_header(&f, file, file_size, &header_size, err);
    }
    if (s != BERT_OK) {
        return s;
    }
    const unsigned char *data = file + PREFIX + header_size;
    s = json_text_read(&f.header, (const char *)file + PREFIX, header_size,
                       path, err);
    if (s == BERT_OK) {
        s = read_entries(&f, file_size - PREFIX - header_size, err);
    }
    if (s == BERT_OK) {
        s = add_entries(&f, into, data, err);
    }
    memory_free(f.entries);
    json_decref(f.header);
    return s;
}
