/*
 * tiny_forms.c - one of the tiny models in the forms that weights come in:
 * tiny_forms FOLDER
 *
 * Beside FOLDER/tiny (tiny_bert) it writes, config and vocabulary included,
 *
 *   tiny-zip, tiny-stream   pytorch_model.bin as torch.save() writes it since
 *                           1.6, and as before; matrices of the latter lie
 *                           transposed, and one storage serves all tensors
 *   tiny-half, tiny-bfloat  the zip form in F16 and BF16
 *   tiny-half-f32, tiny-bfloat-f32   model.safetensors in F32 of these numbers
 *   tiny-shards             model.safetensors.index.json and two files
 *
 * Byte for byte the same everywhere. tests/full/weight_forms.py shows that
 * torch reads the same numbers from them.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bert.h"
#include "io/safetensors.h"

typedef struct bytes {
    unsigned char *at;
    size_t         size, capacity;
} bytes;

typedef enum number_form { F32, HALF, BFLOAT } number_form;

static const struct {
    const char *storage, *dtype;
    size_t      size;
} forms[] = {
    [F32] = {"FloatStorage", "F32", 4},
    [HALF] = {"HalfStorage", "F16", 2},
    [BFLOAT] = {"BFloat16Storage", "BF16", 2},
};

static void die(const char *what)
{
    fprintf(stderr, "tiny_forms: %s: %s\n", what, strerror(errno));
    exit(3);
}

static void put(bytes *b, const void *data, size_t size)
{
    if (b->size + size > b->capacity) {
        b->capacity = 2 * (b->size + size);
        b->at = realloc(b->at, b->capacity);
        if (b->at == NULL) {
            die("no memory");
        }
    }
    memcpy(b->at + b->size, data, size);
    b->size += size;
}

static void put_text(bytes *b, const char *text)
{
    put(b, text, strlen(text));
}

/* Text that may hold a NUL. */
#define PUT(b, text) put((b), (text), sizeof(text) - 1)

static void put_int(bytes *b, uint64_t number, int size)
{
    for (int i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)(i < 8 ? number >> 8 * i : 0);
        put(b, &byte, 1);
    }
}

static void save(const char *folder, const char *name, bytes *b)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(b->at, 1, b->size, file) != b->size ||
        fclose(file) != 0) {
        die(path);
    }
    free(b->at);
    *b = (bytes){0};
}

/* ---- numbers --------------------------------------------------------------
 */

static uint32_t bits_at(const tensor *t, size_t i)
{
    const unsigned char *p = (const unsigned char *)t->data + 4 * i;

    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

/* The bits of f32 that the form keeps: the rest is cut off, and what would be
   subnormal in F16 is 0. */
static uint32_t cut(uint32_t bits, number_form form)
{
    uint32_t exponent = bits >> 23 & 0xFF;

    if (form == HALF && exponent < 113) {
        return bits & 0x80000000u;
    }
    return form == HALF     ? bits & ~0x1FFFu
           : form == BFLOAT ? bits & ~0xFFFFu
                            : bits;
}

/* Number i in that form; f32: the number it stands for, in binary32. */
static void put_number(bytes *b, const tensor *t, size_t i, number_form form,
                       bool f32)
{
    uint32_t bits = cut(bits_at(t, i), form);

    if (form == F32 || f32) {
        put_int(b, bits, 4);
    } else if (form == BFLOAT) {
        put_int(b, bits >> 16, 2);
    } else {
        uint32_t sign = bits >> 16 & 0x8000, rest = bits & 0x7FFFFFFF;
        put_int(b, sign | (rest == 0 ? 0 : (rest >> 13) - (112u << 10)), 2);
    }
}

/* ---- safetensors ----------------------------------------------------------
 */

static bytes safetensors_of(const tensors *t, size_t begin, size_t end,
                            number_form form)
{
    bytes  header = {0}, file = {0}, data = {0};
    char   text[256], shape[64];
    tensor view;

    for (size_t i = begin; i < end; i++) {
        const char *name = tensors_name(t, i);
        size_t      at = data.size;
        tensors_find(t, name, &view);
        for (size_t k = 0; k < tensor_count(&view); k++) {
            put_number(&data, &view, k, form, true);
        }
        snprintf(text, sizeof text,
                 "%s\"%s\":{\"dtype\":\"F32\",\"shape\":%s,"
                 "\"data_offsets\":[%zu,%zu]}",
                 i == begin ? "{" : ",", name,
                 tensor_shape_text(&view, shape, sizeof shape), at, data.size);
        put_text(&header, text);
    }
    put_text(&header, "}");
    while (header.size % 8 != 0) {
        put_text(&header, " ");
    }
    put_int(&file, header.size, 8);
    put(&file, header.at, header.size);
    put(&file, data.at, data.size);
    free(header.at);
    free(data.at);
    return file;
}

static void write_shards(const tensors *t, const char *folder)
{
    static const char *const names[] = {"model-00001-of-00002.safetensors",
                                        "model-00002-of-00002.safetensors"};
    size_t                   n = tensors_count(t);
    bytes                    index = {0};

    put_text(&index, "{\"metadata\":{\"total_size\":1},\"weight_map\":{");
    for (size_t i = 0; i < n; i++) {
        put_text(&index, i == 0 ? "\"" : ",\"");
        put_text(&index, tensors_name(t, i));
        put_text(&index, "\":\"");
        put_text(&index, names[i >= n / 2]);
        put_text(&index, "\"");
    }
    put_text(&index, "}}\n");
    save(folder, "model.safetensors.index.json", &index);
    for (size_t i = 0; i < 2; i++) {
        bytes file = safetensors_of(t, i * (n / 2), i == 0 ? n / 2 : n, F32);
        save(folder, names[i], &file);
    }
}

/* ---- the pickle of a state dict -------------------------------------------
 */

static void pickle_text(bytes *b, const char *text)
{
    put_text(b, "X");
    put_int(b, strlen(text), 4);
    put_text(b, text);
}

static void pickle_int(bytes *b, uint64_t number)
{
    put_text(b, "J");
    put_int(b, number, 4);
}

static void pickle_sizes(bytes *b, const uint64_t *sizes, int count)
{
    put_text(b, "(");
    for (int i = 0; i < count; i++) {
        pickle_int(b, sizes[i]);
    }
    put_text(b, "t");
}

/* _rebuild_tensor_v2(storage, offset, sizes, strides, False, OrderedDict()) */
static void pickle_tensor(bytes *b, const tensor *t, number_form form,
                          const char *key, uint64_t count, uint64_t offset,
                          bool transposed, bool legacy)
{
    uint64_t sizes[2] = {t->shape[0], t->rank == 2 ? t->shape[1] : 0};
    uint64_t strides[2] = {t->rank == 2 && !transposed ? sizes[1] : 1,
                           transposed ? sizes[0] : 1};

    put_text(b, "ctorch._utils\n_rebuild_tensor_v2\n((");
    pickle_text(b, "storage");
    put_text(b, "ctorch\n");
    put_text(b, forms[form].storage);
    put_text(b, "\n");
    pickle_text(b, key);
    pickle_text(b, "cpu");
    pickle_int(b, count);
    put_text(b, legacy ? "NtQ" : "tQ");
    pickle_int(b, offset);
    pickle_sizes(b, sizes, t->rank);
    pickle_sizes(b, strides, t->rank);
    PUT(b, "\x89h\0)RtR");
}

static void pickle_begin(bytes *b)
{
    /* The class is in memo 0, for the hooks of each tensor. */
    PUT(b, "\x80\2ccollections\nOrderedDict\nq\0)R(");
}

/* ---- the stream of pickles ------------------------------------------------
 */

static void write_stream(const tensors *t, const char *folder)
{
    bytes    file = {0}, numbers = {0};
    uint64_t total = 0;
    tensor   view;

    for (size_t i = 0; i < tensors_count(t); i++) {
        tensors_find(t, tensors_name(t, i), &view);
        total += tensor_count(&view);
    }
    PUT(&file, "\x80\2\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19.");
    PUT(&file, "\x80\2M\xE9\3.");
    PUT(&file, "\x80\2}X\x0D\0\0\0little_endian\x88s.");
    pickle_begin(&file);
    for (size_t i = 0; i < tensors_count(t); i++) {
        const char *name = tensors_name(t, i);
        tensors_find(t, name, &view);
        bool turned = view.rank == 2;
        pickle_text(&file, name);
        pickle_tensor(&file, &view, F32, "4711", total, numbers.size / 4,
                      turned, true);
        for (size_t k = 0; k < tensor_count(&view); k++) {
            size_t row = turned ? k % view.shape[0] : k;
            size_t column = turned ? k / view.shape[0] : 0;
            put_number(&numbers, &view,
                       turned ? row * view.shape[1] + column : row, F32, true);
        }
    }
    put_text(&file, "u.");
    PUT(&file, "\x80\2]X\4\0\0\0004711a.");
    put_int(&file, total, 8);
    put(&file, numbers.at, numbers.size);
    free(numbers.at);
    save(folder, "pytorch_model.bin", &file);
}

/* ---- the zip archive ------------------------------------------------------
 */

static uint32_t crc_of(const bytes *b)
{
    uint32_t crc = 0xFFFFFFFF;

    for (size_t i = 0; i < b->size; i++) {
        crc ^= b->at[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
        }
    }
    return ~crc;
}

/* Headers of a member, local and central, from its flags to its extra field. */
static void put_member_fields(bytes *b, const bytes *data, const char *name,
                              size_t extra)
{
    put_int(b, 0x0800, 2); /* flags: UTF-8 */
    put_int(b, 0, 6);      /* stored, no time */
    put_int(b, crc_of(data), 4);
    put_int(b, data->size, 4);
    put_int(b, data->size, 4);
    put_int(b, strlen(name), 2);
    put_int(b, extra, 2);
}

/* Its bytes begin at a multiple of 64, after an extra field that fills up. */
static void put_member(bytes *file, bytes *directory, const char *name,
                       bytes *data)
{
    size_t at = file->size;
    size_t fill = 64 - (at + 30 + strlen(name) + 4) % 64;

    put_text(file, "PK\3\4");
    put_int(file, 0, 2);
    put_member_fields(file, data, name, 4 + fill);
    put_text(file, name);
    put_text(file, "FB");
    put_int(file, fill, 2);
    for (size_t i = 0; i < fill; i++) {
        put_text(file, "Z");
    }
    put(file, data->at, data->size);
    put_text(directory, "PK\1\2");
    put_int(directory, 0, 4);
    put_member_fields(directory, data, name, 0);
    put_int(directory, 0, 6); /* comment, disk, */
    put_int(directory, 0, 4); /* attributes */
    put_int(directory, at, 4);
    put_text(directory, name);
    free(data->at);
    *data = (bytes){0};
}

static void write_zip(const tensors *t, const char *folder, number_form form)
{
    size_t count = tensors_count(t);
    bytes  file = {0}, directory = {0}, part = {0};
    char   key[32];
    tensor view;

    pickle_begin(&part);
    for (size_t i = 0; i < count; i++) {
        tensors_find(t, tensors_name(t, i), &view);
        snprintf(key, sizeof key, "%zu", i);
        pickle_text(&part, tensors_name(t, i));
        pickle_tensor(&part, &view, form, key, tensor_count(&view), 0, false,
                      false);
    }
    put_text(&part, "u.");
    put_member(&file, &directory, "tiny/data.pkl", &part);
    put_text(&part, "little");
    put_member(&file, &directory, "tiny/byteorder", &part);
    for (size_t i = 0; i < count; i++) {
        tensors_find(t, tensors_name(t, i), &view);
        for (size_t k = 0; k < tensor_count(&view); k++) {
            put_number(&part, &view, k, form, false);
        }
        snprintf(key, sizeof key, "tiny/data/%zu", i);
        put_member(&file, &directory, key, &part);
    }
    put_text(&part, "3\n");
    put_member(&file, &directory, "tiny/version", &part);
    size_t at = file.size;
    put(&file, directory.at, directory.size);
    put_text(&file, "PK\5\6");
    put_int(&file, 0, 4);
    put_int(&file, count + 3, 2);
    put_int(&file, count + 3, 2);
    put_int(&file, directory.size, 4);
    put_int(&file, at, 4);
    put_int(&file, 0, 2);
    free(directory.at);
    save(folder, "pytorch_model.bin", &file);
}

/* ---- folders --------------------------------------------------------------
 */

static void copy_file(const char *from, const char *to, const char *name)
{
    char  path[1024], text[65536];
    bytes b = {0};

    snprintf(path, sizeof path, "%s/%s", from, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        die(path);
    }
    put(&b, text, fread(text, 1, sizeof text, file));
    fclose(file);
    save(to, name, &b);
}

/* ROOT/NAME with all that ROOT/tiny has but the weights; returns its path. */
static const char *make_folder(const char *root, const char *name)
{
    static const char *const files[] = {
        "config.json",
        "vocab.txt",
        "tokenizer_config.json",
        "modules.json",
        "sentence_bert_config.json",
        "config_sentence_transformers.json",
        "1_Pooling/config.json",
    };
    static char path[600];
    char        from[512], pooling[640];

    snprintf(from, sizeof from, "%s/tiny", root);
    snprintf(path, sizeof path, "%s/%s", root, name);
    snprintf(pooling, sizeof pooling, "%s/1_Pooling", path);
    if ((mkdir(path, 0777) != 0 && errno != EEXIST) ||
        (mkdir(pooling, 0777) != 0 && errno != EEXIST)) {
        die(path);
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        copy_file(from, path, files[i]);
    }
    return path;
}

int main(int argc, char **argv)
{
    char       path[1024];
    bert_error err;

    if (argc != 2) {
        fputs("usage: tiny_forms FOLDER\n", stderr);
        return 2;
    }
    snprintf(path, sizeof path, "%s/tiny/model.safetensors", argv[1]);
    tensors *t = tensors_new(path);
    if (t == NULL || safetensors_open(t, path, &err) != BERT_OK) {
        die(path);
    }
    size_t count = tensors_count(t);
    write_zip(t, make_folder(argv[1], "tiny-zip"), F32);
    write_zip(t, make_folder(argv[1], "tiny-half"), HALF);
    write_zip(t, make_folder(argv[1], "tiny-bfloat"), BFLOAT);
    write_stream(t, make_folder(argv[1], "tiny-stream"));
    write_shards(t, make_folder(argv[1], "tiny-shards"));
    bytes half = safetensors_of(t, 0, count, HALF);
    save(make_folder(argv[1], "tiny-half-f32"), "model.safetensors", &half);
    bytes bfloat = safetensors_of(t, 0, count, BFLOAT);
    save(make_folder(argv[1], "tiny-bfloat-f32"), "model.safetensors", &bfloat);
    tensors_free(t);
    return 0;
}
