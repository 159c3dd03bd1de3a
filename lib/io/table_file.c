/*
 * table_file.c - sorted tables of keys and values, as LevelDB stores them
 *
 * Blocks are taken in the order in which a writer leaves them, each behind the
 * one before, so no place can be read twice and the work is bounded by the
 * file's size.
 */
#include "io/table_file.h"

#include <string.h>

#include "base/buffer.h"
#include "io/crc32c.h"
#include "io/varint.h"

enum {
    FOOTER = 48,       /* two places, padded to 40 bytes, and the magic */
    TRAILER = 5,       /* after a block: compression, crc32c */
    MAX_KEY = 1 << 16, /* far above any name */
};
static const uint64_t magic = 0xDB4775248B80FB57u;

typedef struct place {
    uint64_t offset, size;
} place;

typedef struct table {
    const char          *path;
    const unsigned char *data;
    uint64_t             size;  /* before the footer */
    uint64_t             taken; /* bytes that earlier blocks lie in */
} table;

/* Entries of a block, one after the other. */
typedef struct cursor {
    const table         *file;
    uint64_t             block; /* its offset, for messages */
    const unsigned char *begin, *at, *end;
    size_t               restarts, restart; /* how many, the next one */
    bool                 has_key;           /* key is an older one */
    bert_buffer          key;
    const unsigned char *value;
    size_t               value_size;
} cursor;

static bert_status bad_block(const table *t, uint64_t offset,
                             const char *problem, bert_error *err)
{
    return error_set(err, BERT_BAD_FILE, "%s: block at %llu: %s", t->path,
                     (unsigned long long)offset, problem);
}

static bool take_place(const unsigned char **at, const unsigned char *end,
                       place *out)
{
    return varint_take(at, end, &out->offset) &&
           varint_take(at, end, &out->size);
}

/* Where a block lies, and that it is whole. */
static bert_status check_block(table *t, place p, bert_error *err)
{
    if (p.offset > t->size || t->size - p.offset < TRAILER ||
        p.size > t->size - p.offset - TRAILER) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: a block of %llu bytes at %llu, beyond the end",
                         t->path, (unsigned long long)p.size,
                         (unsigned long long)p.offset);
    }
    if (p.offset < t->taken) {
        return bad_block(t, p.offset, "overlaps another, or out of order", err);
    }
    t->taken = p.offset + p.size + TRAILER;
    const unsigned char *block = t->data + p.offset;
    size_t               size = (size_t)p.size;
    if (crc32c_mask(crc32c(0, block, size + 1)) !=
        fixed32_at(block + size + 1)) {
        return bad_block(t, p.offset, "its checksum is wrong", err);
    }
    if (block[size] != 0) {
        return error_set(err, BERT_UNSUPPORTED,
                         "%s: block at %llu: compressed (%s), which is not "
                         "supported",
                         t->path, (unsigned long long)p.offset,
                         block[size] == 1 ? "Snappy" : "in an unknown way");
    }
    return BERT_OK;
}

/* The entries of a block that check_block() passed; the key stays. */
static bert_status open_block(cursor *c, place p, bert_error *err)
{
    const unsigned char *block = c->file->data + p.offset;
    size_t               size = (size_t)p.size;

    if (size < 4) {
        return bad_block(c->file, p.offset, "too short", err);
    }
    size_t restarts = fixed32_at(block + size - 4);
    if (restarts == 0 || restarts > size / 4 - 1) {
        return bad_block(c->file, p.offset, "lies about its restarts", err);
    }
    c->block = p.offset;
    c->begin = c->at = block;
    c->end = block + size - 4 * (restarts + 1);
    c->restarts = restarts;
    c->restart = 0;
    return BERT_OK;
}

/* Whether an entry begins where a restart says so. */
static bert_status check_restart(cursor *c, uint64_t shared, size_t at,
                                 bert_error *err)
{
    size_t here = c->restart < c->restarts ? fixed32_at(c->end + 4 * c->restart)
                                           : SIZE_MAX;

    if (here < at || (at == 0 && here != 0)) {
        return bad_block(c->file, c->block, "a restart is no entry", err);
    }
    if (here == at) {
        c->restart++;
        if (shared != 0) {
            return bad_block(c->file, c->block, "a restart without its key",
                             err);
        }
    }
    return BERT_OK;
}

/* The key: `shared` bytes of the one before, then `size` bytes at p. */
static bert_status take_key(cursor *c, uint64_t shared, const void *p,
                            uint64_t size, bert_error *err)
{
    if (shared > c->key.size || size > MAX_KEY || shared + size > MAX_KEY) {
        return bad_block(c->file, c->block, "a key of impossible length", err);
    }
    size_t common = (size_t)shared, more = (size_t)size;
    size_t rest = c->key.size - common;
    size_t both = rest < more ? rest : more;
    if (c->has_key) {
        int order = both > 0 ? memcmp(p, c->key.data + common, both) : 0;
        if (order < 0 || (order == 0 && more <= rest)) {
            return bad_block(c->file, c->block, "keys out of order", err);
        }
    }
    c->key.size = common;
    c->has_key = true;
    return buffer_put(&c->key, p, more) ? BERT_OK : error_memory(err);
}

/* *more: false at the end of the block. */
static bert_status next_entry(cursor *c, bool *more, bert_error *err)
{
    const unsigned char *start = c->at;
    uint64_t             shared, key_size, value_size;

    *more = c->at < c->end;
    if (!*more) {
        /* The one restart of an empty block is 0. */
        return c->restart == c->restarts ||
                       (c->begin == c->end && c->restarts == 1)
                   ? BERT_OK
                   : bad_block(c->file, c->block, "a restart is no entry", err);
    }
    if (!varint_take(&c->at, c->end, &shared) ||
        !varint_take(&c->at, c->end, &key_size) ||
        !varint_take(&c->at, c->end, &value_size) ||
        key_size > (uint64_t)(c->end - c->at) ||
        value_size > (uint64_t)(c->end - c->at) - key_size) {
        return bad_block(c->file, c->block, "an entry beyond its end", err);
    }
    bert_status s = check_restart(c, shared, (size_t)(start - c->begin), err);
    if (s == BERT_OK) {
        s = take_key(c, shared, c->at, key_size, err);
    }
    c->value = c->at + key_size;
    c->value_size = (size_t)value_size;
    c->at = c->value + value_size;
    return s;
}

/* Every entry of one data block, whose last key is at most `last`. */
static bert_status read_block(cursor *c, place p, const bert_buffer *last,
                              table_each *each, void *context, bert_error *err)
{
    bool        more;
    bert_status s = open_block(c, p, err);

    while (s == BERT_OK) {
        s = next_entry(c, &more, err);
        if (s != BERT_OK || !more) {
            break;
        }
        s = each(context, c->key.size > 0 ? c->key.data : "", c->key.size,
                 c->value, c->value_size, err);
    }
    if (s != BERT_OK || !c->has_key) {
        return s;
    }
    size_t both = c->key.size < last->size ? c->key.size : last->size;
    int    order = both > 0 ? memcmp(c->key.data, last->data, both) : 0;
    if (order > 0 || (order == 0 && c->key.size > last->size)) {
        return bad_block(c->file, p.offset, "keys that the index has not", err);
    }
    /* The next block's keys come after the index's. */
    c->key.size = 0;
    return buffer_put(&c->key, last->data, last->size) ? BERT_OK
                                                       : error_memory(err);
}

/* Every data block that the index names. */
static bert_status read_blocks(table *t, place index, table_each *each,
                               void *context, bert_error *err)
{
    cursor      names = {.file = t}, entries = {.file = t};
    bool        more;
    bert_status s = open_block(&names, index, err);

    while (s == BERT_OK) {
        place                p;
        const unsigned char *at;

        s = next_entry(&names, &more, err);
        if (s != BERT_OK || !more) {
            break;
        }
        at = names.value;
        if (!take_place(&at, names.value + names.value_size, &p)) {
            s = bad_block(t, index.offset, "no place of a block", err);
            break;
        }
        s = check_block(t, p, err);
        if (s == BERT_OK) {
            s = read_block(&entries, p, &names.key, each, context, err);
        }
    }
    bert_buffer_free(&names.key);
    bert_buffer_free(&entries.key);
    return s;
}

bert_status table_read(const char *path, const unsigned char *data, size_t size,
                       table_each *each, void *context, bert_error *err)
{
    table t = {.path = path, .data = data};
    place meta, index;

    if (size < FOOTER || fixed64_at(data + size - 8) != magic) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: no table of TensorFlow's (its last bytes are "
                         "others)",
                         path);
    }
    t.size = size - FOOTER;
    const unsigned char *at = data + t.size;
    const unsigned char *end = data + size - 8;
    if (!take_place(&at, end, &meta) || !take_place(&at, end, &index)) {
        return error_set(err, BERT_BAD_FILE, "%s: a broken footer", path);
    }
    bert_status s = check_block(&t, meta, err);
    if (s == BERT_OK) {
        s = check_block(&t, index, err);
    }
    if (s != BERT_OK) {
        return s;
    }
    /* What remains is for the data blocks. */
    t.size = meta.offset;
    t.taken = 0;
    return read_blocks(&t, index, each, context, err);
}
