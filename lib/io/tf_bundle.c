/*
 * tf_bundle.c - TensorFlow's checkpoints of version 2 ("tensor bundles")
 */
#include "io/tf_bundle.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "io/crc32c.h"
#include "io/protobuf.h"
#include "io/table_file.h"

enum {
    FORMAT_VERSION = 1,  /* kTensorBundleVersion */
    MAX_SHARDS = 100000, /* five digits in a file's name */
    ENDING = 6,          /* of ".index" */
};

typedef struct entry {
    char    *name;
    tensor   view; /* without data */
    int      type; /* TensorFlow's number of it */
    int32_t  shard;
    uint64_t offset, size;
    uint32_t checksum;
    bool     has_type, in_parts, too_deep;
} entry;

typedef struct shard {
    char    *path; /* NULL: not mapped yet */
    file_map map;
} shard;

struct tf_bundle {
    char   *path; /* of the index */
    entry  *entries;
    size_t  count, capacity;
    shard  *shards;
    int32_t shard_count; /* 0 until the header has been read */
};

/* DataType of tensorflow/core/framework/types.proto. */
static bool find_type(uint64_t number, dtype *out)
{
    static const struct {
        uint64_t number;
        dtype    type;
    } types[] = {{1, DTYPE_F32}, {2, DTYPE_F64},   {3, DTYPE_I32},
                 {4, DTYPE_U8},  {5, DTYPE_I16},   {6, DTYPE_I8},
                 {9, DTYPE_I64}, {10, DTYPE_BOOL}, {14, DTYPE_BF16},
                 {19, DTYPE_F16}};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].number == number) {
            *out = types[i].type;
            return true;
        }
    }
    return false;
}

static bert_status bad_entry(const tf_bundle *b, const char *name,
                             const char *problem, bert_error *err)
{
    return error_set(err, BERT_BAD_FILE, "%s: tensor %.200s: %s", b->path, name,
                     problem);
}

/* ---- the header -----------------------------------------------------------
 */

/* VersionDef: 1 producer, 2 min_consumer, 3 bad_consumers. */
static bool version_allows(const protobuf_field *version)
{
    protobuf       message = protobuf_begin(version->bytes, version->size);
    protobuf_field f;

    while (protobuf_next(&message, &f)) {
        if ((f.number == 2 && f.value > FORMAT_VERSION) ||
            (f.number == 3 && f.wire == PROTOBUF_VARINT &&
             f.value == FORMAT_VERSION) ||
            (f.number == 3 && f.wire == PROTOBUF_BYTES &&
             memchr(f.bytes, FORMAT_VERSION, f.size) != NULL)) {
            return false;
        }
    }
    return !message.broken;
}

/* BundleHeaderProto: 1 num_shards, 2 endianness, 3 version. */
static bert_status read_header(tf_bundle *b, const unsigned char *value,
                               size_t size, bert_error *err)
{
    protobuf       message = protobuf_begin(value, size);
    protobuf_field f;
    uint64_t       shards = 0;

    while (protobuf_next(&message, &f)) {
        if (f.number == 1) {
            shards = f.value;
        } else if (f.number == 2 && f.value != 0) {
            return error_set(err, BERT_UNSUPPORTED,
                             "%s: big-endian numbers are not supported",
                             b->path);
        } else if (f.number == 3 && f.wire == PROTOBUF_BYTES &&
                   !version_allows(&f)) {
            return error_set(err, BERT_UNSUPPORTED,
                             "%s: a version of the format that is not "
                             "supported (%d is)",
                             b->path, FORMAT_VERSION);
        }
    }
    if (message.broken || shards == 0 || shards > MAX_SHARDS) {
        return error_set(err, BERT_BAD_FILE, "%s: a broken header", b->path);
    }
    b->shards = memory_new_zeroed((size_t)shards, sizeof *b->shards);
    if (b->shards == NULL) {
        return error_memory(err);
    }
    b->shard_count = (int32_t)shards;
    return BERT_OK;
}

/* ---- entries --------------------------------------------------------------
 */

/* TensorShapeProto: 2 dim (1 size, 2 name), 3 unknown_rank. */
static bool read_shape(const protobuf_field *shape, entry *e)
{
    protobuf       message = protobuf_begin(shape->bytes, shape->size);
    protobuf_field dim, f;

    while (protobuf_next(&message, &dim)) {
        uint64_t size = 0;
        if (dim.number == 3 && dim.value != 0) {
            return false;
        }
        if (dim.number != 2 || dim.wire != PROTOBUF_BYTES) {
            continue;
        }
        protobuf inner = protobuf_begin(dim.bytes, dim.size);
        while (protobuf_next(&inner, &f)) {
            size = f.number == 1 ? f.value : size;
        }
        if (inner.broken || size > INT64_MAX) {
            return false;
        }
        if (e->view.rank == TENSOR_MAX_RANK) {
            e->too_deep = true;
        } else {
            e->view.shape[e->view.rank++] = (size_t)size;
        }
    }
    return !message.broken;
}

/* Whether the entry's size is that of its shape and type. */
static bool size_fits(const entry *e)
{
    size_t bytes = dtype_size(e->view.type);

    for (int i = 0; i < e->view.rank; i++) {
        size_t n = e->view.shape[i];
        if (n != 0 && bytes > SIZE_MAX / n) {
            return false;
        }
        bytes *= n;
    }
    return bytes == e->size;
}

/* BundleEntryProto: 1 dtype, 2 shape, 3 shard_id, 4 offset, 5 size, 6 crc32c,
   7 slices. */
static bool parse_entry(const unsigned char *value, size_t size, entry *e)
{
    protobuf       message = protobuf_begin(value, size);
    protobuf_field f;
    uint64_t       type = 0, in_shard = 0;

    while (protobuf_next(&message, &f)) {
        switch (f.number) {
        case 1:
            type = f.value;
            break;
        case 2:
            if (f.wire != PROTOBUF_BYTES || !read_shape(&f, e)) {
                return false;
            }
            break;
        case 3:
            in_shard = f.value;
            break;
        case 4:
            e->offset = f.value;
            break;
        case 5:
            e->size = f.value;
            break;
        case 6:
            e->checksum = (uint32_t)f.value;
            break;
        case 7:
            e->in_parts = true;
            break;
        default:
            break;
        }
    }
    e->has_type = find_type(type, &e->view.type);
    e->type = type <= INT_MAX ? (int)type : -1;
    e->shard = in_shard <= INT32_MAX ? (int32_t)in_shard : -1;
    return !message.broken;
}

static bert_status check_entry(const tf_bundle *b, const entry *e,
                               bert_error *err)
{
    if (e->in_parts) { /* its place means nothing */
        return BERT_OK;
    }
    if (e->shard < 0 || e->shard >= b->shard_count) {
        return bad_entry(b, e->name, "in a file that is not there", err);
    }
    if (e->offset > INT64_MAX || e->size > INT64_MAX) {
        return bad_entry(b, e->name, "an impossible place", err);
    }
    if (e->has_type && !e->too_deep && !size_fits(e)) {
        char shape[96];
        return error_set(err, BERT_BAD_FILE,
                         "%s: tensor %.200s: %llu bytes of data for %s %s",
                         b->path, e->name, (unsigned long long)e->size,
                         dtype_name(e->view.type),
                         tensor_shape_text(&e->view, shape, sizeof shape));
    }
    return BERT_OK;
}

static bert_status add_entry(tf_bundle *b, entry *e, bert_error *err)
{
    void *entries = b->entries;
    bool  room = memory_reserve(&entries, &b->capacity, b->count + 1,
                                sizeof *b->entries);

    b->entries = entries;
    if (!room) {
        return error_memory(err);
    }
    b->entries[b->count++] = *e;
    return BERT_OK;
}

/* table_each: the header, which has the empty name and so is the first, and
   then tensors. */
static bert_status take_entry(void *context, const char *key, size_t key_size,
                              const unsigned char *value, size_t value_size,
                              bert_error *err)
{
    tf_bundle *b = context;
    entry      e = {0};

    if (key_size == 0) {
        return read_header(b, value, value_size, err);
    }
    if (b->shard_count == 0) {
        return error_set(err, BERT_BAD_FILE, "%s: no header", b->path);
    }
    if (key[0] == '\0') { /* one part of a variable in parts */
        return BERT_OK;
    }
    e.name = memory_copy_text(key, key_size);
    if (e.name == NULL) {
        return error_memory(err);
    }
    bert_status s;
    if (strlen(e.name) != key_size || !parse_entry(value, value_size, &e)) {
        s = bad_entry(b, e.name, "a broken entry", err);
    } else {
        s = check_entry(b, &e, err);
    }
    s = s == BERT_OK ? add_entry(b, &e, err) : s;
    if (s != BERT_OK) {
        memory_free(e.name);
    }
    return s;
}

/* ---- opening --------------------------------------------------------------
 */

static bert_status read_index(tf_bundle *b, bert_error *err)
{
    file_map    map = {0};
    bert_status s = file_map_open(&map, b->path, err);

    if (s == BERT_OK) {
        s = table_read(b->path, map.data, map.size, take_entry, b, err);
    }
    file_map_close(&map);
    if (s == BERT_OK && b->shard_count == 0) {
        s = error_set(err, BERT_BAD_FILE, "%s: no header", b->path);
    }
    return s;
}

bert_status tf_bundle_open(tf_bundle **out, const char *path, bert_error *err)
{
    size_t     size = strlen(path);
    tf_bundle *b = memory_new_zeroed(1, sizeof *b);

    if (b == NULL) {
        return error_memory(err);
    }
    b->path = memory_copy_text(path, size);
    bert_status s;
    if (b->path == NULL) {
        s = error_memory(err);
    } else if (size <= ENDING || strcmp(path + size - ENDING, ".index") != 0) {
        s = error_set(err, BERT_BAD_CALL, "%s: does not end in .index", path);
    } else {
        s = read_index(b, err);
    }
    if (s != BERT_OK) {
        tf_bundle_close(b);
        return s;
    }
    *out = b;
    return BERT_OK;
}

void tf_bundle_close(tf_bundle *bundle)
{
    if (bundle == NULL) {
        return;
    }
    for (size_t i = 0; i < bundle->count; i++) {
        memory_free(bundle->entries[i].name);
    }
    for (int32_t i = 0; i < bundle->shard_count; i++) {
        file_map_close(&bundle->shards[i].map);
        memory_free(bundle->shards[i].path);
    }
    memory_free(bundle->shards);
    memory_free(bundle->entries);
    memory_free(bundle->path);
    memory_free(bundle);
}

size_t tf_bundle_count(const tf_bundle *bundle)
{
    return bundle->count;
}

const char *tf_bundle_name(const tf_bundle *bundle, size_t i)
{
    return bundle->entries[i].name;
}

/* ---- data -----------------------------------------------------------------
 */

/* "PREFIX.data-00000-of-00001", mapped once. */
static bert_status map_shard(tf_bundle *b, int32_t i, bert_error *err)
{
    shard *s = &b->shards[i];
    size_t prefix = strlen(b->path) - ENDING, room = prefix + 40;

    if (s->path != NULL) {
        return BERT_OK;
    }
    char *path = memory_new(room, 1);
    if (path == NULL) {
        return error_memory(err);
    }
    memcpy(path, b->path, prefix);
    snprintf(path + prefix, room - prefix, ".data-%05d-of-%05d", (int)i,
             (int)b->shard_count);
    bert_status status = file_map_open(&s->map, path, err);
    if (status == BERT_OK) {
        s->path = path;
    } else {
        memory_free(path);
    }
    return status;
}

static bert_status refuse(const tf_bundle *b, const entry *e, bert_error *err)
{
    if (e->in_parts) {
        return error_set(err, BERT_UNSUPPORTED,
                         "%s: tensor %.200s: stored in parts, which is not "
                         "supported",
                         b->path, e->name);
    }
    if (e->too_deep) {
        return error_set(err, BERT_UNSUPPORTED,
                         "%s: tensor %.200s: more than %d sizes", b->path,
                         e->name, TENSOR_MAX_RANK);
    }
    return error_set(err, BERT_UNSUPPORTED,
                     "%s: tensor %.200s: TensorFlow's type %d is not supported",
                     b->path, e->name, e->type);
}

bert_status tf_bundle_tensor(tf_bundle *bundle, size_t i, tensor *out,
                             const char **file, bert_error *err)
{
    const entry *e = &bundle->entries[i];

    if (e->in_parts || e->too_deep || !e->has_type) {
        return refuse(bundle, e, err);
    }
    bert_status s = map_shard(bundle, e->shard, err);
    if (s != BERT_OK) {
        return s;
    }
    const shard *home = &bundle->shards[e->shard];
    if (e->offset > home->map.size || e->size > home->map.size - e->offset) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: tensor %.200s: %llu bytes at %llu of %zu",
                         home->path, e->name, (unsigned long long)e->size,
                         (unsigned long long)e->offset, home->map.size);
    }
    const unsigned char *data = home->map.data + e->offset;
    if (crc32c_mask(crc32c(0, data, (size_t)e->size)) != e->checksum) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: tensor %.200s: its checksum is wrong", home->path,
                         e->name);
    }
    *out = e->view;
    out->data = data;
    *file = home->path;
    return BERT_OK;
}
