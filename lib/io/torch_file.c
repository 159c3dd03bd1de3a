/*
 * torch_file.c - the two forms of torch.save(): where pickle and storages lie
 *
 * Checked are the archive's directory, each member's place, size and name, and
 * the CRC of the pickle (not those of the numbers: it would mean to read all
 * of them, and torch can be told to write none).
 */
#include "io/torch_file.h"

#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "io/torch_parts.h"
#include "io/zip.h"

static const pickle_global globals[TORCH_GLOBALS] = {
    [TORCH_ORDERED_DICT] = {"collections", "OrderedDict", PICKLE_MAKES_DICT},
    [TORCH_TENSOR_V1] = {"torch._utils", "_rebuild_tensor", PICKLE_CALLED},
    [TORCH_TENSOR_V2] = {"torch._utils", "_rebuild_tensor_v2", PICKLE_CALLED},
    [TORCH_PARAMETER] = {"torch._utils", "_rebuild_parameter", PICKLE_CALLED},
    [TORCH_STORAGES + DTYPE_F32] = {"torch", "FloatStorage", PICKLE_NAMED},
    [TORCH_STORAGES + DTYPE_F16] = {"torch", "HalfStorage", PICKLE_NAMED},
    [TORCH_STORAGES + DTYPE_BF16] = {"torch", "BFloat16Storage", PICKLE_NAMED},
    [TORCH_STORAGES + DTYPE_F64] = {"torch", "DoubleStorage", PICKLE_NAMED},
    [TORCH_STORAGES + DTYPE_I8] = {"torch", "CharStorage", PICKLE_NAMED},
    [TORCH_STORAGES + DTYPE_U8] = {"torch", "ByteStorage", PICKLE_NAMED},
    [TORCH_STORAGES + DTYPE_I16] = {"torch", "ShortStorage", PICKLE_NAMED},
    [TORCH_STORAGES + DTYPE_I32] = {"torch", "IntStorage", PICKLE_NAMED},
    [TORCH_STORAGES + DTYPE_I64] = {"torch", "LongStorage", PICKLE_NAMED},
    [TORCH_STORAGES + DTYPE_BOOL] = {"torch", "BoolStorage", PICKLE_NAMED},
};

/* 0x1950a86a20f9469cfc6c, lowest byte first, after the opcode LONG1 10; a
   protocol's opcodes come before it. */
static const char magic[] = "\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19";
enum { MAGIC_SIZE = sizeof magic - 1, PROTOCOL = 1001 };

static bert_status read_pickle(const torch_file *f, const char *part,
                               const unsigned char *data, size_t size,
                               pickle **out, size_t *used, bert_error *err)
{
    return pickle_read(out, data, size, globals, TORCH_GLOBALS, f->path, part,
                       used, err);
}

/* The storages of all persistent ids of the pickle. */
static bert_status note_storages(torch_file *f, bert_error *err)
{
    bert_status s = BERT_OK;

    f->keys = map_new(0);
    if (f->keys == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < pickle_count(f->pickle) && s == BERT_OK; i++) {
        const pickle_value *v = pickle_at(f->pickle, i);
        if (v->kind == PICKLE_PERSISTENT) {
            s = torch_storage_note(f, v, err);
        }
    }
    return s;
}

/* ---- the zip archive ------------------------------------------------------
 */

/* The one folder that all members are in, with its slash: that of the member
   data.pkl in it. */
static const zip_member *find_pickle(const zip *z, size_t *prefix_size)
{
    static const char name[] = "/data.pkl";
    const size_t      size = sizeof name - 1;

    for (size_t i = 0; i < z->count; i++) {
        const zip_member *m = &z->members[i];
        if (m->name_size > size &&
            memcmp(m->name + m->name_size - size, name, size) == 0 &&
            memchr(m->name, '/', m->name_size) ==
                m->name + m->name_size - size) {
            *prefix_size = m->name_size - size + 1;
            return m;
        }
    }
    return NULL;
}

/* The member "prefix/name<key>"; NULL: there is none, or no memory (*room
   false). */
static const zip_member *find_member(const zip *z, const char *prefix,
                                     size_t prefix_size, const char *name,
                                     const char *key, size_t key_size,
                                     bool *room)
{
    size_t size = strlen(name);
    char  *full = memory_new(prefix_size + size + key_size + 1, 1);

    *room = full != NULL;
    if (full == NULL) {
        return NULL;
    }
    memcpy(full, prefix, prefix_size);
    memcpy(full + prefix_size, name, size);
    memcpy(full + prefix_size + size, key, key_size);
    const zip_member *m = zip_find(z, full, prefix_size + size + key_size);
    memory_free(full);
    return m;
}

/* Absent in files before PyTorch 2.1, which are little-endian. */
static bert_status check_order(const torch_file *f, const zip *z,
                               const char *prefix, size_t prefix_size,
                               bert_error *err)
{
    const unsigned char *bytes;
    bool                 room;
    const zip_member    *m =
        find_member(z, prefix, prefix_size, "byteorder", "", 0, &room);

    if (!room) {
        return error_memory(err);
    }
    bert_status s = m != NULL ? zip_bytes(z, m, true, &bytes, err) : BERT_OK;
    if (s == BERT_OK && m != NULL &&
        (m->size != 6 || memcmp(bytes, "little", 6) != 0)) {
        s = error_set(err, BERT_UNSUPPORTED,
                      "%s: byteorder is not little: it was written on a "
                      "big-endian machine",
                      f->path);
    }
    return s;
}

static bert_status find_storage(const torch_file *f, const zip *z,
                                const char *prefix, size_t prefix_size,
                                torch_storage *storage, bert_error *err)
{
    bool              room;
    const zip_member *m = find_member(z, prefix, prefix_size, "data/",
                                      storage->key, storage->key_size, &room);

    if (m == NULL) {
        return room ? error_set(err, BERT_BAD_FILE,
                                "%s: storage %.*s: no member data/%.*s",
                                f->path, (int)storage->key_size, storage->key,
                                (int)storage->key_size, storage->key)
                    : error_memory(err);
    }
    if (m->size / dtype_size(storage->type) != storage->count ||
        m->size % dtype_size(storage->type) != 0) {
        return error_set(
            err, BERT_BAD_FILE,
            "%s: storage %.*s: %llu bytes for %llu numbers of %s", f->path,
            (int)storage->key_size, storage->key, (unsigned long long)m->size,
            (unsigned long long)storage->count, dtype_name(storage->type));
    }
    return zip_bytes(z, m, false, &storage->data, err);
}

static bert_status read_zip(torch_file *f, zip *z, bert_error *err)
{
    size_t               prefix_size = 0, used;
    const unsigned char *bytes = NULL;

    bert_status s = zip_read(z, f->path, f->data, f->size, err);
    if (s != BERT_OK) {
        return s;
    }
    const zip_member *m = find_pickle(z, &prefix_size);
    if (m == NULL) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: a zip archive without data.pkl, so not torch's",
                         f->path);
    }
    const char *prefix = m->name;
    s = zip_bytes(z, m, true, &bytes, err);
    if (s == BERT_OK) {
        s = check_order(f, z, prefix, prefix_size, err);
    }
    if (s == BERT_OK) {
        s = read_pickle(f, "data.pkl", bytes, (size_t)m->size, &f->pickle,
                        &used, err);
    }
    if (s == BERT_OK) {
        s = note_storages(f, err);
    }
    for (size_t i = 0; s == BERT_OK && i < f->storage_count; i++) {
        s = find_storage(f, z, prefix, prefix_size, &f->storages[i], err);
    }
    return s;
}

/* ---- the stream of pickles ------------------------------------------------
 */

/* The next of the pickles that come one after the other. */
static bert_status next_pickle(const torch_file *f, const char *part,
                               size_t *at, pickle **out, bert_error *err)
{
    size_t      used = 0;
    bert_status s =
        read_pickle(f, part, f->data + *at, f->size - *at, out, &used, err);

    *at += used;
    return s;
}

static bert_status check_protocol(const torch_file *f, size_t *at,
                                  bert_error *err)
{
    pickle     *p = NULL;
    bert_status s = next_pickle(f, "protocol", at, &p, err);

    if (s == BERT_OK && (pickle_root(p)->kind != PICKLE_INT ||
                         pickle_root(p)->as.integer != PROTOCOL)) {
        s = error_set(err, BERT_UNSUPPORTED, "%s: its protocol is not %d",
                      f->path, PROTOCOL);
    }
    pickle_free(p);
    return s;
}

static bool is_text(const pickle_value *v, const char *text)
{
    return v->kind == PICKLE_TEXT && v->count == strlen(text) &&
           memcmp(v->as.text, text, v->count) == 0;
}

static bert_status check_system(const torch_file *f, size_t *at,
                                bert_error *err)
{
    pickle     *p = NULL;
    bool        little = false;
    bert_status s = next_pickle(f, "system", at, &p, err);

    if (s != BERT_OK) {
        return s;
    }
    const pickle_value *root = pickle_root(p);
    for (size_t i = 0; root->kind == PICKLE_DICT && i + 1 < root->count;
         i += 2) {
        const pickle_value *value = pickle_item(p, root, i + 1);
        if (is_text(pickle_item(p, root, i), "little_endian")) {
            little = value->kind == PICKLE_BOOL && value->as.integer == 1;
        }
    }
    pickle_free(p);
    return little ? BERT_OK
                  : error_set(err, BERT_UNSUPPORTED,
                              "%s: it was written on a big-endian machine",
                              f->path);
}

/* A storage: how many numbers, 8 bytes, then these. */
static bert_status take_storage(const torch_file *f, const pickle_value *key,
                                size_t *at, bert_error *err)
{
    uint64_t count = 0;
    int32_t  i = key->kind == PICKLE_TEXT
                     ? map_get(f->keys, key->as.text, key->count)
                     : -1;

    if (i < 0 || f->storages[i].data != NULL) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: byte %zu: a storage that no tensor names, or "
                         "that was there before",
                         f->path, *at);
    }
    torch_storage *storage = &f->storages[i];
    if (f->size - *at < 8) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: byte %zu: the file ends before storage %.*s",
                         f->path, *at, (int)storage->key_size, storage->key);
    }
    for (int k = 7; k >= 0; k--) {
        count = count << 8 | f->data[*at + (size_t)k];
    }
    *at += 8;
    size_t left = f->size - *at;
    if (count != storage->count || count > left / dtype_size(storage->type)) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: storage %.*s: %llu numbers of %s, where %llu "
                         "are asked for and %zu bytes are left",
                         f->path, (int)storage->key_size, storage->key,
                         (unsigned long long)count, dtype_name(storage->type),
                         (unsigned long long)storage->count, left);
    }
    storage->data = f->data + *at;
    *at += (size_t)count * dtype_size(storage->type);
    return BERT_OK;
}

static bert_status take_storages(const torch_file *f, size_t *at,
                                 bert_error *err)
{
    pickle     *p = NULL;
    bert_status s = next_pickle(f, "storage keys", at, &p, err);

    if (s != BERT_OK) {
        return s;
    }
    const pickle_value *keys = pickle_root(p);
    if (keys->kind != PICKLE_LIST || keys->count != f->storage_count) {
        s = error_set(err, BERT_BAD_FILE,
                      "%s: the list of storages is not that of the tensors",
                      f->path);
    }
    for (size_t i = 0; s == BERT_OK && i < keys->count; i++) {
        s = take_storage(f, pickle_item(p, keys, i), at, err);
    }
    if (s == BERT_OK && *at != f->size) {
        s = error_set(err, BERT_BAD_FILE,
                      "%s: %zu bytes after the last storage", f->path,
                      f->size - *at);
    }
    pickle_free(p);
    return s;
}

static bert_status read_stream(torch_file *f, bert_error *err)
{
    size_t      at = 0;
    pickle     *p = NULL;
    bert_status s = next_pickle(f, "magic number", &at, &p, err);

    pickle_free(p);
    if (s == BERT_OK) {
        s = check_protocol(f, &at, err);
    }
    if (s == BERT_OK) {
        s = check_system(f, &at, err);
    }
    if (s == BERT_OK) {
        s = next_pickle(f, "pickle", &at, &f->pickle, err);
    }
    if (s == BERT_OK) {
        s = note_storages(f, err);
    }
    return s == BERT_OK ? take_storages(f, &at, err) : s;
}

/* ---- either ---------------------------------------------------------------
 */

static bert_status read_form(torch_file *f, zip *z, bert_error *err)
{
    size_t head = f->size < 32 ? f->size : 32;

    if (f->size >= 4 && memcmp(f->data, "PK\3\4", 4) == 0) {
        return read_zip(f, z, err);
    }
    if (memmem(f->data, head, magic, MAGIC_SIZE) != NULL) {
        return read_stream(f, err);
    }
    return error_set(err, BERT_BAD_FILE,
                     "%s: not a file of torch.save(): neither a zip archive "
                     "nor its magic number",
                     f->path);
}

bert_status torch_file_open(tensors *into, const char *path, bert_error *err)
{
    torch_file f = {.path = path};
    zip        z = {0};

    bert_status s = tensors_map(into, path, &f.data, &f.size, err);
    if (s == BERT_OK) {
        s = read_form(&f, &z, err);
    }
    if (s == BERT_OK) {
        s = torch_tensors_add(&f, into, err);
    }
    zip_clear(&z);
    map_free(f.keys);
    memory_free(f.storages);
    pickle_free(f.pickle);
    return s;
}
