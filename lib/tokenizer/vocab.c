/*
 * vocab.c - tokens and their ids: the text, the table over it, its files
 */
#include "tokenizer/vocab.h"

#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "tokenizer/chars.h"

static const size_t max_text = (size_t)1 << 30;

/* Slots passed over to find a place: below 100 where ten million tokens are
   what they like, more where a file was made to have them collide. */
enum { MOST_STEPS = 1000 };

void vocab_free(vocab *v)
{
    bert_buffer_free(&v->text);
    memory_free(v->entries);
    memory_free(v->slots);
    memory_free(v->filter);
    *v = (vocab){0};
}

/* Make room for ids below count; new ones are holes. */
static bool reserve(vocab *v, size_t count)
{
    void *entries = v->entries;

    if (!memory_reserve(&entries, &v->capacity, count, sizeof(vocab_entry))) {
        return false;
    }
    v->entries = entries;
    while (v->count < count) {
        v->entries[v->count++] = (vocab_entry){.size = VOCAB_HOLE};
    }
    return true;
}

bert_status vocab_put(vocab *v, int64_t id, const char *token, size_t size,
                      const char *name, bert_error *err)
{
    if (id < 0 || id > VOCAB_MAX_ID) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: a token's id is %lld, outside 0 to %d", name,
                         (long long)id, VOCAB_MAX_ID);
    }
    if (size > max_text - 1 || v->text.size > max_text - 1 - size) {
        return error_set(err, BERT_BAD_FILE, "%s: more than %zu bytes of text",
                         name, max_text);
    }
    size_t begin = v->text.size;
    if ((size_t)id >= v->count && !reserve(v, (size_t)id + 1)) {
        return error_memory(err);
    }
    if (!buffer_reserve(&v->text, size + 1)) {
        return error_memory(err);
    }
    if (size > 0) {
        memcpy(v->text.data + begin, token, size);
    }
    v->text.data[begin + size] = '\0';
    v->text.size += size + 1;
    v->entries[id] =
        (vocab_entry){.begin = (uint32_t)begin, .size = (uint32_t)size};
    return BERT_OK;
}

/* Bytes of a line without the white space at its end. */
static size_t trimmed(const char *line, size_t size)
{
    while (size > 0) {
        size_t begin = size - 1;
        while (begin > 0 && ((unsigned char)line[begin] & 0xC0) == 0x80) {
            begin--;
        }
        unsigned char first = (unsigned char)line[begin];
        if (first > ' ' && first < 0x80) {
            return size; /* what nearly every line ends in */
        }
        const char *p = line + begin;
        if ((char_look(utf8_next(&p)).flags & CHAR_SPACE) == 0) {
            return size;
        }
        size = begin;
    }
    return 0;
}

bert_status vocab_read_lines(vocab *v, const char *text, size_t size,
                             const char *name, bert_error *err)
{
    if (size >= max_text) {
        return error_set(err, BERT_BAD_FILE, "%s: more than %zu bytes", name,
                         max_text);
    }
    size_t good = utf8_valid_prefix(text, size);
    if (good < size) {
        return error_set(err, BERT_BAD_FILE, "%s: not UTF-8 at byte %zu", name,
                         good + 1);
    }
    if (!buffer_put(&v->text, text, size) || !buffer_put_char(&v->text, 0)) {
        return error_memory(err);
    }
    if (!reserve(v, size / 8)) { /* the lines of a usual file; may grow */
        return error_memory(err);
    }
    v->count = 0;
    char *data = v->text.data;
    for (size_t begin = 0; begin < size;) {
        const char *lf = memchr(data + begin, '\n', size - begin);
        size_t      end = lf != NULL ? (size_t)(lf - data) : size;
        if (v->count > VOCAB_MAX_ID) {
            return error_set(err, BERT_BAD_FILE, "%s: more than %d lines", name,
                             VOCAB_MAX_ID);
        }
        if (!reserve(v, v->count + 1)) {
            return error_memory(err);
        }
        size_t kept = trimmed(data + begin, end - begin);
        data[begin + kept] = '\0';
        v->entries[v->count - 1] =
            (vocab_entry){.begin = (uint32_t)begin, .size = (uint32_t)kept};
        begin = end + 1;
    }
    return vocab_index(v, name, err);
}

/* memcmp() for a few bytes, where calling costs more than comparing. */
static inline bool is_same(const char *a, const char *b, size_t size)
{
    size_t i = 0;

    while (i < size && a[i] == b[i]) {
        i++;
    }
    return i == size;
}

static uint64_t hash_of(const char *token, size_t size)
{
    uint64_t hash = VOCAB_HASH;

    for (size_t i = 0; i < size; i++) {
        hash = vocab_hash(hash, (unsigned char)token[i]);
    }
    return hash;
}

static bool is_token(const vocab *v, vocab_entry entry, const char *token,
                     size_t size)
{
    return entry.size == size &&
           is_same(v->text.data + entry.begin, token, size);
}

/* Enter a token into the table; an older one of the same text becomes a hole.
   false: more than MOST_STEPS. */
static bool enter(vocab *v, size_t id)
{
    vocab_entry entry = v->entries[id];
    const char *token = v->text.data + entry.begin;
    uint64_t    hash = hash_of(token, entry.size);
    uint32_t    tag = vocab_tag(hash);
    size_t      begin = vocab_begin(v, hash), i = begin;

    for (; v->slots[i].id1 != 0; i = (i + 1) & v->mask) {
        vocab_entry *older = &v->entries[v->slots[i].id1 - 1];
        if (v->slots[i].tag == tag && is_token(v, *older, token, entry.size)) {
            older->size = VOCAB_HOLE;
            break;
        }
    }
    v->slots[i] = (vocab_slot){.tag = tag, .id1 = (uint32_t)id + 1};
    size_t bit = (size_t)(hash >> 40) & (v->mask * 4 + 3);
    v->filter[bit / 64] |= (uint64_t)1 << (bit % 64);
    if (entry.size > v->longest) {
        v->longest = entry.size;
    }
    return ((i - begin) & v->mask) <= MOST_STEPS;
}

bert_status vocab_index(vocab *v, const char *name, bert_error *err)
{
    size_t slots = 64;

    while (slots < v->count * 2) {
        slots *= 2;
    }
    v->slots = memory_new_zeroed(slots, sizeof(vocab_slot));
    v->filter = memory_new_zeroed(slots / 16, sizeof(uint64_t));
    if (v->slots == NULL || v->filter == NULL) {
        return error_memory(err);
    }
    v->mask = slots - 1;
    for (size_t id = 0; id < v->count; id++) {
        if (v->entries[id].size != VOCAB_HOLE && !enter(v, id)) {
            return error_set(err, BERT_BAD_FILE,
                             "%s: a vocabulary whose tokens collide, made to "
                             "take for ever",
                             name);
        }
    }
    return BERT_OK;
}

int32_t vocab_find_hashed(const vocab *v, uint64_t hash, const char *prefix,
                          size_t prefix_size, const char *piece, size_t size)
{
    uint32_t tag = vocab_tag(hash);

    for (size_t i = vocab_begin(v, hash);; i = (i + 1) & v->mask) {
        vocab_slot slot = v->slots[i];
        if (slot.id1 == 0) {
            return -1;
        }
        if (slot.tag != tag) {
            continue;
        }
        vocab_entry entry = v->entries[slot.id1 - 1];
        const char *token = v->text.data + entry.begin;
        if (entry.size == prefix_size + size &&
            is_same(token, prefix, prefix_size) &&
            is_same(token + prefix_size, piece, size)) {
            return (int32_t)(slot.id1 - 1);
        }
    }
}

int32_t vocab_find(const vocab *v, const char *token, size_t size)
{
    return vocab_find_hashed(v, hash_of(token, size), "", 0, token, size);
}

const char *vocab_token(const vocab *v, int32_t id, size_t *size)
{
    if (id < 0 || (size_t)id >= v->count || v->entries[id].size == VOCAB_HOLE) {
        return NULL;
    }
    if (size != NULL) {
        *size = v->entries[id].size;
    }
    return v->text.data + v->entries[id].begin;
}
