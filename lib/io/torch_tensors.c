/*
 * torch_tensors.c - the tensors that torch's pickle describes
 *
 * torch/_utils.py: _rebuild_tensor_v2(storage, offset, size, stride, ...) is a
 * view of a storage, counted in numbers; _rebuild_parameter(data, ...) is its
 * data. A storage is the persistent id ("storage", type, key, place, count).
 */
#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "io/torch_parts.h"

static const char module[] = "module.";
enum { MODULE_SIZE = sizeof module - 1, MAX_DIMS = 8 };

/* ---- storages -------------------------------------------------------------
 */

/* The parts of a persistent id; false: it is no storage. */
static bool read_id(const torch_file *f, const pickle_value *persistent,
                    torch_storage *out)
{
    const pickle       *p = f->pickle;
    const pickle_value *id = pickle_item(p, persistent, 0);

    if (id->kind != PICKLE_TUPLE || id->count < 5 || id->count > 6) {
        return false;
    }
    const pickle_value *what = pickle_item(p, id, 0);
    const pickle_value *type = pickle_item(p, id, 1);
    const pickle_value *key = pickle_item(p, id, 2);
    const pickle_value *count = pickle_item(p, id, 4);
    if (what->kind != PICKLE_TEXT || what->count != 7 ||
        memcmp(what->as.text, "storage", 7) != 0 ||
        type->kind != PICKLE_GLOBAL || type->as.integer < TORCH_STORAGES ||
        key->kind != PICKLE_TEXT || key->count == 0 || key->count > 100 ||
        count->kind != PICKLE_INT || count->as.integer < 0) {
        return false;
    }
    /* A part of another storage, which PyTorch before 0.4 wrote. */
    if (id->count == 6 && pickle_item(p, id, 5)->kind != PICKLE_NONE) {
        return false;
    }
    *out = (torch_storage){
        .key = key->as.text,
        .key_size = key->count,
        .type = (dtype)(type->as.integer - TORCH_STORAGES),
        .count = (uint64_t)count->as.integer,
    };
    return true;
}

bert_status torch_storage_note(torch_file *f, const pickle_value *persistent,
                               bert_error *err)
{
    void         *storages = f->storages;
    torch_storage s;

    if (!read_id(f, persistent, &s)) {
        return error_set(err, BERT_UNSUPPORTED,
                         "%s: a persistent id that is no whole storage",
                         f->path);
    }
    int32_t i = map_get(f->keys, s.key, s.key_size);
    if (i >= 0) {
        return f->storages[i].type == s.type && f->storages[i].count == s.count
                   ? BERT_OK
                   : error_set(err, BERT_BAD_FILE,
                               "%s: storage %.*s: it has two types or sizes",
                               f->path, (int)s.key_size, s.key);
    }
    if (!memory_reserve(&storages, &f->storage_capacity, f->storage_count + 1,
                        sizeof *f->storages)) {
        return error_memory(err);
    }
    f->storages = storages;
    f->storages[f->storage_count] = s;
    if (!map_put(f->keys, s.key, s.key_size, (int32_t)f->storage_count)) {
        return error_memory(err);
    }
    f->storage_count++;
    return BERT_OK;
}

/* ---- tensors --------------------------------------------------------------
 */

/* A call of one of the two functions that make tensors; else NULL. */
static const pickle_value *tensor_call(const pickle *p, const pickle_value *v)
{
    for (int depth = 0; depth < 4 && v->kind == PICKLE_CALL; depth++) {
        int64_t             callee = pickle_item(p, v, 0)->as.integer;
        const pickle_value *args = pickle_item(p, v, 1);
        if (callee == TORCH_TENSOR_V1 || callee == TORCH_TENSOR_V2) {
            return v;
        }
        if (callee != TORCH_PARAMETER || args->count == 0) {
            return NULL;
        }
        v = pickle_item(p, args, 0);
    }
    return NULL;
}

static bert_status bad_tensor(const torch_file *f, const char *name,
                              bert_status status, const char *problem,
                              bert_error *err)
{
    return error_set(err, status, "%s: tensor %.200s: %s", f->path, name,
                     problem);
}

/* A tuple of non-negative integers; false: it is something else. */
static bool read_sizes(const pickle *p, const pickle_value *v, uint64_t *out,
                       size_t *count)
{
    if (v->kind != PICKLE_TUPLE || v->count > MAX_DIMS) {
        return false;
    }
    for (size_t i = 0; i < v->count; i++) {
        const pickle_value *size = pickle_item(p, v, i);
        if (size->kind != PICKLE_INT || size->as.integer < 0) {
            return false;
        }
        out[i] = (uint64_t)size->as.integer;
    }
    *count = v->count;
    return true;
}

/* What _rebuild_tensor_v2 is given. */
typedef struct strided {
    const torch_storage *storage;
    uint64_t             offset, sizes[MAX_DIMS], strides[MAX_DIMS];
    size_t               rank;
} strided;

static bool read_strided(const torch_file *f, const pickle_value *call,
                         strided *out)
{
    const pickle       *p = f->pickle;
    const pickle_value *args = pickle_item(p, call, 1);
    torch_storage       named;
    size_t              strides;

    if (args->count < 4 || pickle_item(p, args, 0)->kind != PICKLE_PERSISTENT ||
        !read_id(f, pickle_item(p, args, 0), &named)) {
        return false;
    }
    const pickle_value *offset = pickle_item(p, args, 1);
    out->storage = &f->storages[map_get(f->keys, named.key, named.key_size)];
    if (offset->kind != PICKLE_INT || offset->as.integer < 0 ||
        !read_sizes(p, pickle_item(p, args, 2), out->sizes, &out->rank) ||
        !read_sizes(p, pickle_item(p, args, 3), out->strides, &strides)) {
        return false;
    }
    out->offset = (uint64_t)offset->as.integer;
    return strides == out->rank;
}

/* Whether all numbers of it are in the storage. */
static bool fits(const strided *t)
{
    uint64_t last = t->offset, limit = t->storage->count;

    for (size_t i = 0; i < t->rank; i++) {
        if (t->sizes[i] == 0) {
            return t->offset <= limit;
        }
    }
    for (size_t i = 0; i < t->rank; i++) {
        uint64_t steps = t->sizes[i] - 1;
        if (last >= limit ||
            (t->strides[i] != 0 && steps > (limit - last) / t->strides[i])) {
            return false;
        }
        last += steps * t->strides[i];
    }
    return last < limit;
}

/* Row by row: each stride is the product of the sizes after it; where a size
   is 1, or the whole empty, it does not matter. */
static bool lies_in_rows(const strided *t)
{
    uint64_t want = 1;

    for (size_t i = t->rank; i > 0; i--) {
        if (t->sizes[i - 1] == 0) {
            return true;
        }
    }
    for (size_t i = t->rank; i > 0; i--) {
        if (t->sizes[i - 1] != 1 && t->strides[i - 1] != want) {
            return false;
        }
        want *= t->sizes[i - 1]; /* no more than the storage: fits() */
    }
    return true;
}

static bool lies_in_columns(const strided *t)
{
    return t->rank == 2 && t->strides[0] == 1 && t->strides[1] == t->sizes[0];
}

static bert_status add_tensor(const torch_file *f, tensors *into,
                              const char *name, const pickle_value *call,
                              bert_error *err)
{
    strided t;
    tensor  view = {0};

    if (!read_strided(f, call, &t)) {
        return bad_tensor(f, name, BERT_BAD_FILE,
                          "not a view of a storage with sizes and strides",
                          err);
    }
    if (t.rank > TENSOR_MAX_RANK) {
        return bad_tensor(f, name, BERT_UNSUPPORTED, "more than 4 sizes", err);
    }
    if (!fits(&t)) {
        return bad_tensor(f, name, BERT_BAD_FILE,
                          "it goes beyond the end of its storage", err);
    }
    view.transposed = !lies_in_rows(&t);
    if (view.transposed && !lies_in_columns(&t)) {
        return bad_tensor(f, name, BERT_UNSUPPORTED,
                          "its strides are neither those of rows nor those of "
                          "a transposed matrix",
                          err);
    }
    view.type = t.storage->type;
    view.rank = (int)t.rank;
    for (size_t i = 0; i < t.rank; i++) {
        view.shape[i] = (size_t)t.sizes[i];
    }
    view.data =
        t.storage->data + (size_t)t.offset * dtype_size(t.storage->type);
    return tensors_add(into, name, &view, f->path, err);
}

/* ---- the dict of tensors --------------------------------------------------
 */

/* The value of a text key; NULL: not there. */
static const pickle_value *look_up(const pickle *p, const pickle_value *dict,
                                   const char *key)
{
    const pickle_value *found = NULL;

    for (size_t i = 0; i + 1 < dict->count; i += 2) {
        const pickle_value *k = pickle_item(p, dict, i);
        if (k->kind == PICKLE_TEXT && k->count == strlen(key) &&
            memcmp(k->as.text, key, k->count) == 0) {
            found = pickle_item(p, dict, i + 1);
        }
    }
    return found;
}

/* The dict that holds tensors: the file's own, or one in it. */
static const pickle_value *find_dict(const pickle *p)
{
    static const char *const keys[] = {"state_dict", "model_state_dict",
                                       "model"};
    const pickle_value      *root = pickle_root(p);

    if (root->kind != PICKLE_DICT) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const pickle_value *inner = look_up(p, root, keys[i]);
        if (inner != NULL && inner->kind == PICKLE_DICT) {
            return inner;
        }
    }
    return root;
}

static bool begins_with_module(const pickle_value *key)
{
    return key->count > MODULE_SIZE &&
           memcmp(key->as.text, module, MODULE_SIZE) == 0;
}

/* Whether every tensor's name begins with "module.". */
static bool all_in_module(const pickle *p, const pickle_value *dict)
{
    size_t count = 0;

    for (size_t i = 0; i + 1 < dict->count; i += 2) {
        const pickle_value *key = pickle_item(p, dict, i);
        if (key->kind == PICKLE_TEXT &&
            tensor_call(p, pickle_item(p, dict, i + 1)) != NULL) {
            if (!begins_with_module(key)) {
                return false;
            }
            count++;
        }
    }
    return count > 0;
}

bert_status torch_tensors_add(const torch_file *f, tensors *into,
                              bert_error *err)
{
    const pickle       *p = f->pickle;
    const pickle_value *dict = find_dict(p);
    bert_status         s = BERT_OK;

    if (dict == NULL) {
        return error_set(err, BERT_BAD_FILE, "%s: it holds no dict of tensors",
                         f->path);
    }
    size_t skipped = all_in_module(p, dict) ? MODULE_SIZE : 0;
    for (size_t i = 0; s == BERT_OK && i + 1 < dict->count; i += 2) {
        const pickle_value *key = pickle_item(p, dict, i);
        const pickle_value *call = tensor_call(p, pickle_item(p, dict, i + 1));
        if (call == NULL || key->kind != PICKLE_TEXT) {
            continue; /* a counter, a setting */
        }
        if (memchr(key->as.text, '\0', key->count) != NULL) {
            return error_set(err, BERT_BAD_FILE,
                             "%s: a tensor's name holds a NUL", f->path);
        }
        char *name =
            memory_copy_text(key->as.text + skipped, key->count - skipped);
        s = name != NULL ? add_tensor(f, into, name, call, err)
                         : error_memory(err);
        memory_free(name);
    }
    return s;
}
