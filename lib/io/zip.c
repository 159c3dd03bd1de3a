/*
 * zip.c - the members of a zip archive that lies in memory
 */
#include "io/zip.h"

#include <string.h>

#include "base/map.h"
#include "base/memory.h"

enum {
    LOCAL_SIZE = 30,
    CENTRAL_SIZE = 46,
    END_SIZE = 22,
    LOCATOR_SIZE = 20,
    END64_SIZE = 56,
    MAX_COMMENT = 65535,
    EXTRA_ZIP64 = 1,
    FLAG_ENCRYPTED = 1
};

typedef struct directory {
    uint64_t at, size, count;
} directory;

static uint64_t load(const unsigned char *p, int bytes)
{
    uint64_t x = 0;

    for (int i = bytes - 1; i >= 0; i--) {
        x = x << 8 | p[i];
    }
    return x;
}

static bool is_signed(const unsigned char *p, unsigned char a, unsigned char b)
{
    return p[0] == 'P' && p[1] == 'K' && p[2] == a && p[3] == b;
}

static bert_status bad(const zip *z, const char *problem, bert_error *err)
{
    return error_set(err, BERT_BAD_FILE, "%s: %s", z->path, problem);
}

static bert_status bad_member(const zip *z, const zip_member *m,
                              bert_status status, const char *problem,
                              bert_error *err)
{
    return error_set(err, status, "%s: member %.*s: %s", z->path,
                     (int)(m->name_size < 200 ? m->name_size : 200), m->name,
                     problem);
}

/* The end of the directory, after which only a comment may come: the last
   place that fits. NULL: none. */
static const unsigned char *find_end(const zip *z)
{
    for (size_t back = END_SIZE;
         back <= z->size && back <= END_SIZE + MAX_COMMENT; back++) {
        const unsigned char *end = z->data + z->size - back;
        if (is_signed(end, 5, 6) && load(end + 20, 2) == back - END_SIZE) {
            return end;
        }
    }
    return NULL;
}

/* Where the directory is; zip64's end has what the older one has no room for.
 */
static bert_status find_directory(const zip *z, directory *d, bert_error *err)
{
    const unsigned char *end = find_end(z);

    if (end == NULL) {
        return bad(z, "no end of a zip archive's directory: cut short?", err);
    }
    size_t before = (size_t)(end - z->data);
    *d = (directory){.count = load(end + 10, 2),
                     .size = load(end + 12, 4),
                     .at = load(end + 16, 4)};
    bool many =
        d->count == 0xFFFF || d->size == 0xFFFFFFFF || d->at == 0xFFFFFFFF;
    if (load(end + 4, 2) != 0 || load(end + 6, 2) != 0) {
        return error_set(err, BERT_UNSUPPORTED,
                         "%s: a zip archive of several disks", z->path);
    }
    if (many && before >= LOCATOR_SIZE && is_signed(end - LOCATOR_SIZE, 6, 7)) {
        uint64_t at = load(end - LOCATOR_SIZE + 8, 8);
        if (before < LOCATOR_SIZE + END64_SIZE ||
            at > before - LOCATOR_SIZE - END64_SIZE ||
            !is_signed(z->data + at, 6, 6)) {
            return bad(z, "the zip64 directory's end is not where it should be",
                       err);
        }
        const unsigned char *end64 = z->data + at;
        *d = (directory){.count = load(end64 + 32, 8),
                         .size = load(end64 + 40, 8),
                         .at = load(end64 + 48, 8)};
        before = (size_t)at;
    }
    if (d->at > before || d->size > before - d->at ||
        d->count > d->size / CENTRAL_SIZE) {
        return bad(z, "the zip directory does not fit into the file", err);
    }
    return BERT_OK;
}

/* Sizes and place that did not fit into 32 bits: those of the extra field, in
   this order, only as many as are needed. */
static bool read_zip64(const unsigned char *extra, size_t size,
                       uint64_t *unpacked, uint64_t *packed, uint64_t *at)
{
    uint64_t *const fields[] = {unpacked, packed, at};

    while (size >= 4) {
        uint64_t id = load(extra, 2), n = load(extra + 2, 2);
        size -= 4;
        extra += 4;
        if (n > size) {
            return false;
        }
        for (size_t i = 0; id == EXTRA_ZIP64 && i < 3; i++) {
            if (*fields[i] == 0xFFFFFFFF) {
                if (n < 8) {
                    return false;
                }
                *fields[i] = load(extra, 8);
                extra += 8;
                size -= 8;
                n -= 8;
            }
        }
        extra += n;
        size -= (size_t)n;
    }
    return true;
}

/* One entry of the directory at p, of which `left` bytes are left; *used: its
   size. */
static bert_status read_member(const zip *z, const unsigned char *p,
                               size_t left, zip_member *m, size_t *used,
                               bert_error *err)
{
    if (left < CENTRAL_SIZE || !is_signed(p, 1, 2)) {
        return bad(z, "an entry of the zip directory is none", err);
    }
    size_t   extra = (size_t)load(p + 30, 2), comment = (size_t)load(p + 32, 2);
    uint64_t packed = load(p + 20, 4);

    *m = (zip_member){.name = (const char *)p + CENTRAL_SIZE,
                      .name_size = (size_t)load(p + 28, 2),
                      .flags = (unsigned)load(p + 8, 2),
                      .method = (unsigned)load(p + 10, 2),
                      .crc = (uint32_t)load(p + 16, 4),
                      .size = load(p + 24, 4),
                      .at = load(p + 42, 4)};
    *used = CENTRAL_SIZE + m->name_size + extra + comment;
    if (*used > left) {
        return bad(z, "an entry of the zip directory breaks off", err);
    }
    if (!read_zip64(p + CENTRAL_SIZE + m->name_size, extra, &m->size, &packed,
                    &m->at)) {
        return bad_member(z, m, BERT_BAD_FILE, "its extra field breaks off",
                          err);
    }
    return m->method != 0 || packed == m->size
               ? BERT_OK
               : bad_member(z, m, BERT_BAD_FILE, "stored with two sizes", err);
}

static bert_status read_members(zip *z, const directory *d, bert_error *err)
{
    const unsigned char *p = z->data + d->at;
    size_t               left = (size_t)d->size;

    for (; z->count < d->count; z->count++) {
        zip_member *m = &z->members[z->count];
        size_t      used = 0;
        bert_status s = read_member(z, p, left, m, &used, err);
        if (s != BERT_OK) {
            return s;
        }
        if (map_get(z->names, m->name, m->name_size) >= 0) {
            return bad_member(z, m, BERT_BAD_FILE, "it is there twice", err);
        }
        if (!map_put(z->names, m->name, m->name_size, (int32_t)z->count)) {
            return error_memory(err);
        }
        p += used;
        left -= used;
    }
    return left == 0 ? BERT_OK
                     : bad(z, "the zip directory has bytes of no entry", err);
}

bert_status zip_read(zip *z, const char *path, const unsigned char *data,
                     size_t size, bert_error *err)
{
    directory d = {0};

    *z = (zip){.path = path, .data = data, .size = size};
    bert_status s = find_directory(z, &d, err);
    if (s != BERT_OK) {
        return s;
    }
    if (d.count > INT32_MAX) {
        return bad(z, "a zip archive of more members than can be", err);
    }
    z->members = memory_new((size_t)d.count, sizeof *z->members);
    z->names = map_new((size_t)d.count);
    return z->members != NULL && z->names != NULL ? read_members(z, &d, err)
                                                  : error_memory(err);
}

void zip_clear(zip *z)
{
    map_free(z->names);
    memory_free(z->members);
    *z = (zip){0};
}

const zip_member *zip_find(const zip *z, const char *name, size_t name_size)
{
    int32_t i = map_get(z->names, name, name_size);

    return i >= 0 ? &z->members[i] : NULL;
}

/* CRC-32 of ISO 3309, as zip has it: bit by bit, for small members. */
static uint32_t crc_of(const unsigned char *p, size_t size)
{
    uint32_t crc = 0xFFFFFFFF;

    for (size_t i = 0; i < size; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
        }
    }
    return ~crc;
}

bert_status zip_bytes(const zip *z, const zip_member *m, bool check,
                      const unsigned char **out, bert_error *err)
{
    if (m->method != 0 || (m->flags & FLAG_ENCRYPTED) != 0) {
        return bad_member(z, m, BERT_UNSUPPORTED,
                          m->method != 0 ? "it is compressed (stored is read)"
                                         : "it is encrypted",
                          err);
    }
    if (z->size < LOCAL_SIZE || m->at > z->size - LOCAL_SIZE ||
        !is_signed(z->data + m->at, 3, 4)) {
        return bad_member(z, m, BERT_BAD_FILE, "it is not where it should be",
                          err);
    }
    const unsigned char *local = z->data + m->at;
    size_t               left = z->size - (size_t)m->at - LOCAL_SIZE;
    size_t               name = (size_t)load(local + 26, 2);
    size_t               before = name + (size_t)load(local + 28, 2);
    if (before > left || m->size > left - before) {
        return bad_member(z, m, BERT_BAD_FILE, "it goes beyond the file's end",
                          err);
    }
    if (name != m->name_size ||
        memcmp(local + LOCAL_SIZE, m->name, name) != 0) {
        return bad_member(z, m, BERT_BAD_FILE, "it has another name there",
                          err);
    }
    *out = local + LOCAL_SIZE + before;
    if (check && m->crc != 0 && crc_of(*out, (size_t)m->size) != m->crc) {
        return bad_member(z, m, BERT_BAD_FILE, "its bytes have another CRC",
                          err);
    }
    return BERT_OK;
}
