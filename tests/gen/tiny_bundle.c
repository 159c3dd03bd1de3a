/*
 * tiny_bundle.c - writes a model's weights as Google's checkpoints have them
 *
 *     tiny_bundle google|saved MODEL.SAFETENSORS PREFIX
 *
 * PREFIX.index and PREFIX.data-*: TensorFlow's bundle, with Google's names and
 * its matrices of [in,out]. `google` is a checkpoint from training: in two data
 * files, with an optimizer's state and a step; `saved` has "module/" before
 * names, as modules of TensorFlow Hub do. Blocks of the index are small, so
 * that there are several. Written by hand, its own checksum included, from the
 * sources that lib/io/table_file.h and tf_bundle.h name; TensorFlow 2.18.0
 * reads the files (tests/gen/tf_bundle_refs.py check).
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/safetensors.h"

enum { MAX_VARIABLES = 1024, BLOCK = 256, RESTART = 16, NAME = 192 };

typedef struct bytes {
    unsigned char *data;
    size_t         size, capacity;
} bytes;

typedef struct variable {
    char   name[NAME];
    size_t dims[2];
    int    rank, type; /* 1 float, 9 int64 */
    bytes  data;
} variable;

static void die(const char *what)
{
    fprintf(stderr, "tiny_bundle: %s: %s\n", what, strerror(errno));
    exit(3);
}

/* ---- bytes ----------------------------------------------------------------
 */

static void put(bytes *b, const void *data, size_t size)
{
    if (b->size + size > b->capacity) {
        b->capacity = (b->size + size) * 2;
        b->data = realloc(b->data, b->capacity);
        if (b->data == NULL) {
            die("no memory");
        }
    }
    if (size > 0) {
        memcpy(b->data + b->size, data, size);
    }
    b->size += size;
}

static void put_fixed(bytes *b, uint64_t x, int size)
{
    for (int i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)(x >> 8 * i);
        put(b, &byte, 1);
    }
}

static void put_varint(bytes *b, uint64_t x)
{
    while (x >= 128) {
        put_fixed(b, (x & 127) | 128, 1);
        x >>= 7;
    }
    put_fixed(b, x, 1);
}

/* A number of a protocol buffer; 0 is not written. */
static void put_number(bytes *b, unsigned field, uint64_t x)
{
    if (x != 0) {
        put_varint(b, field << 3);
        put_varint(b, x);
    }
}

static void put_message(bytes *b, unsigned field, bytes *inner)
{
    put_varint(b, field << 3 | 2);
    put_varint(b, inner->size);
    put(b, inner->data, inner->size);
    free(inner->data);
    *inner = (bytes){0};
}

/* crc32c, a bit at a time, masked. */
static uint32_t checksum(const unsigned char *data, size_t size)
{
    uint32_t crc = 0xFFFFFFFFu;

    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int k = 0; k < 8; k++) {
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78u : crc >> 1;
        }
    }
    crc = ~crc;
    return (crc >> 15 | crc << 17) + 0xA282EAD8u;
}

static void write_file(const char *path, const bytes *b)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL || fwrite(b->data, 1, b->size, file) != b->size ||
        fclose(file) != 0) {
        die(path);
    }
}

/* ---- the table ------------------------------------------------------------
 */

typedef struct block {
    bytes    entries, restarts;
    unsigned count;
    int      interval;
    char     last[NAME];
} block;

static void block_add(block *b, const char *key, const bytes *value)
{
    size_t shared = 0, size = strlen(key);

    if (b->count % (unsigned)b->interval == 0) {
        put_fixed(&b->restarts, b->entries.size, 4);
    } else {
        while (shared < size && b->last[shared] == key[shared]) {
            shared++;
        }
    }
    put_varint(&b->entries, shared);
    put_varint(&b->entries, size - shared);
    put_varint(&b->entries, value->size);
    put(&b->entries, key + shared, size - shared);
    put(&b->entries, value->data, value->size);
    snprintf(b->last, sizeof b->last, "%s", key);
    b->count++;
}

/* Put the block at the end of the file; *place is where it went. */
static void block_end(block *b, bytes *file, bytes *place)
{
    size_t start = file->size;

    if (b->count == 0) {
        put_fixed(&b->restarts, 0, 4);
    }
    put(file, b->entries.data, b->entries.size);
    put(file, b->restarts.data, b->restarts.size);
    put_fixed(file, b->restarts.size / 4, 4);
    put_varint(place, start);
    put_varint(place, file->size - start);
    put_fixed(file, 0, 1); /* not compressed */
    put_fixed(file, checksum(file->data + start, file->size - start), 4);
    free(b->entries.data);
    free(b->restarts.data);
    b->entries = b->restarts = (bytes){0};
    b->count = 0;
}

typedef struct table {
    bytes file;
    block data, index;
} table;

static void table_flush(table *t)
{
    bytes place = {0};
    char  last[NAME];

    memcpy(last, t->data.last, sizeof last);
    block_end(&t->data, &t->file, &place);
    block_add(&t->index, last, &place);
    free(place.data);
}

static void table_add(table *t, const char *key, bytes *value)
{
    block_add(&t->data, key, value);
    free(value->data);
    *value = (bytes){0};
    if (t->data.entries.size >= BLOCK) {
        table_flush(t);
    }
}

static void table_end(table *t)
{
    block meta = {.interval = RESTART};
    bytes footer = {0};

    if (t->data.count > 0) {
        table_flush(t);
    }
    block_end(&meta, &t->file, &footer);
    block_end(&t->index, &t->file, &footer);
    while (footer.size < 40) {
        put_fixed(&footer, 0, 1);
    }
    put_fixed(&footer, 0xDB4775248B80FB57u, 8);
    put(&t->file, footer.data, footer.size);
    free(footer.data);
}

/* ---- the bundle -----------------------------------------------------------
 */

static void put_entry(table *t, const variable *v, unsigned shard,
                      uint64_t offset)
{
    bytes entry = {0}, shape = {0}, dim = {0};

    put_number(&entry, 1, (uint64_t)v->type);
    for (int i = 0; i < v->rank; i++) {
        put_number(&dim, 1, v->dims[i]);
        put_message(&shape, 2, &dim);
    }
    put_message(&entry, 2, &shape);
    put_number(&entry, 3, shard);
    put_number(&entry, 4, offset);
    put_number(&entry, 5, v->data.size);
    put_varint(&entry, 6 << 3 | 5);
    put_fixed(&entry, checksum(v->data.data, v->data.size), 4);
    table_add(t, v->name, &entry);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const variable *)a)->name, ((const variable *)b)->name);
}

static void write_bundle(variable *v, size_t count, unsigned shards,
                         const char *prefix)
{
    table t = {.data.interval = RESTART, .index.interval = 1};
    bytes data[2] = {{0}, {0}}, header = {0}, version = {0};
    char  path[1024];

    qsort(v, count, sizeof *v, by_name);
    put_number(&header, 1, shards);
    put_number(&version, 1, 1);
    put_message(&header, 3, &version);
    table_add(&t, "", &header);
    for (size_t i = 0; i < count; i++) {
        unsigned shard = (unsigned)i % shards;
        put_entry(&t, &v[i], shard, data[shard].size);
        put(&data[shard], v[i].data.data, v[i].data.size);
    }
    table_end(&t);
    for (unsigned i = 0; i < shards; i++) {
        snprintf(path, sizeof path, "%s.data-%05u-of-%05u", prefix, i, shards);
        write_file(path, &data[i]);
        free(data[i].data);
    }
    snprintf(path, sizeof path, "%s.index", prefix);
    write_file(path, &t.file);
    free(t.file.data);
}

/* ---- names ----------------------------------------------------------------
 */

static bool take(const char **at, const char *text)
{
    size_t size = strlen(text);

    if (strncmp(*at, text, size) != 0) {
        return false;
    }
    *at += size;
    return true;
}

/* Google's name of a tensor; *matrix: a linear layer's, which it turns. */
static void google_name(const char *ours, const char *prefix, char *out,
                        bool *matrix)
{
    static const char *const leaves[][2] = {
        {".predictions.bias", ".predictions.output_bias"},
        {".seq_relationship.weight", ".seq_relationship.output_weights"},
        {".seq_relationship.bias", ".seq_relationship.output_bias"},
        {"_embeddings.weight", "_embeddings"},
        {".LayerNorm.weight", ".LayerNorm.gamma"},
        {".LayerNorm.bias", ".LayerNorm.beta"}};
    char        name[NAME - 8];
    const char *at = ours;

    *matrix = false;
    if (take(&at, "classifier.")) {
        snprintf(name, sizeof name, "output_%s", at);
    } else if (take(&at, "qa_outputs.")) {
        snprintf(name, sizeof name, "cls.squad.output_%s", at);
    } else {
        bool   bare = !take(&at, "bert.") && strncmp(at, "cls.", 4) != 0;
        bool   body = bare || at != ours;
        size_t size, turned = strlen(".weight");
        snprintf(name, sizeof name, "%s%s", body ? "bert." : "", at);
        size = strlen(name);
        for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++) {
            size_t n = strlen(leaves[i][0]);
            if (size >= n && strcmp(name + size - n, leaves[i][0]) == 0) {
                strcpy(name + size - n, leaves[i][1]);
                turned = SIZE_MAX;
                break;
            }
        }
        if (turned < size && strcmp(name + size - turned, ".weight") == 0) {
            strcpy(name + size - turned, ".kernel");
            *matrix = true;
        }
    }
    if (strcmp(name, "output_weight") == 0 ||
        strcmp(name, "cls.squad.output_weight") == 0) {
        strcat(name, "s");
    }
    snprintf(out, NAME, "%s%s", prefix, name);
    for (char *c = out; *c != '\0'; c++) {
        if (*c == '.') { /* of a layer's number: "layer_0" */
            *c = strncmp(c, ".layer.", 7) == 0 || c[1] < '0' || c[1] > '9'
                     ? '/'
                     : '_';
        }
    }
}

static void fill(variable *v, const tensor *t, bool matrix)
{
    const unsigned char *p = t->data;
    size_t               rows = t->shape[0], columns = t->shape[1];

    v->type = 1;
    v->rank = t->rank;
    v->dims[0] = matrix ? columns : rows;
    v->dims[1] = matrix ? rows : columns;
    if (!matrix) {
        put(&v->data, p, tensor_count(t) * 4);
        return;
    }
    for (size_t j = 0; j < columns; j++) {
        for (size_t i = 0; i < rows; i++) {
            put(&v->data, p + 4 * (i * columns + j), 4);
        }
    }
}

static void add_slot(variable *v, size_t *count, const char *slot)
{
    variable *s = &v[*count];

    *s = v[*count - 1];
    while (strstr(s->name, "/adam_") != NULL) {
        *strrchr(s->name, '/') = '\0';
    }
    strcat(s->name, slot);
    s->data = (bytes){0};
    for (size_t i = 0; i < v[*count - 1].data.size; i++) {
        put_fixed(&s->data, 0x3F, 1);
    }
    ++*count;
}

int main(int argc, char **argv)
{
    static variable variables[MAX_VARIABLES];
    size_t          count = 0;
    bert_error      err;

    if (argc != 4) {
        fputs("usage: tiny_bundle google|saved SAFETENSORS PREFIX\n", stderr);
        return 2;
    }
    bool     google = strcmp(argv[1], "google") == 0;
    tensors *file = tensors_new(argv[2]);
    if (file == NULL || safetensors_open(file, argv[2], &err) != BERT_OK ||
        tensors_count(file) * 3 + 1 > MAX_VARIABLES) {
        fprintf(stderr, "tiny_bundle: cannot read %s\n", argv[2]);
        return 3;
    }
    for (size_t i = 0; i < tensors_count(file); i++) {
        variable *v = &variables[count++];
        tensor    t;
        bool      matrix;
        (void)tensors_find(file, tensors_name(file, i), &t);
        google_name(tensors_name(file, i), google ? "" : "module.", v->name,
                    &matrix);
        fill(v, &t, matrix);
        if (google) {
            add_slot(variables, &count, "/adam_m");
            add_slot(variables, &count, "/adam_v");
        }
    }
    if (google) {
        variable *step = &variables[count++];
        strcpy(step->name, "global_step");
        step->type = 9;
        put_fixed(&step->data, 1000, 8);
    }
    tensors_free(file);
    write_bundle(variables, count, google ? 2 : 1, argv[3]);
    for (size_t i = 0; i < count; i++) {
        free(variables[i].data.data);
    }
    return 0;
}
