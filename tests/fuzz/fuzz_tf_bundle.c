/*
 * fuzz_tf_bundle.c - any bytes as a bundle's index; every tensor of one that
 * opens is read
 *
 * The first byte says what the others are: 'i' an index file whole; 'b' a data
 * block and its index, for which the file is made round them, checksums right,
 * so that a fuzzer gets past these: after 'b' one byte, the size of the index
 * block, which is next, then the data block; 'n' a name; any other the message
 * of one tensor. Data are 64 bytes of zeros.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/crc32c.h"
#include "io/tf_bundle.h"
#include "model/google_names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/fuzz_tf_bundle.XXXXXX";
static char index_path[64], data_path[64];
static int  index_file = -1; /* in memory; a link leads to it */

static void forget(void)
{
    unlink(index_path);
    unlink(data_path);
    rmdir(folder);
}

static void make_files(void)
{
    static const unsigned char zeros[64];
    char                       target[32];

    if (index_file >= 0) {
        return;
    }
    index_file = memfd_create("index", 0);
    snprintf(target, sizeof target, "/proc/self/fd/%d", index_file);
    if (index_file < 0 || mkdtemp(folder) == NULL) {
        abort();
    }
    snprintf(index_path, sizeof index_path, "%s/b.index", folder);
    snprintf(data_path, sizeof data_path, "%s/b.data-00000-of-00001", folder);
    FILE *data = fopen(data_path, "wb");
    if (symlink(target, index_path) != 0 || data == NULL ||
        fwrite(zeros, 1, sizeof zeros, data) != sizeof zeros ||
        fclose(data) != 0) {
        abort();
    }
    atexit(forget);
}

static void write_index(const void *bytes, size_t size)
{
    if (ftruncate(index_file, 0) != 0 ||
        pwrite(index_file, bytes, size, 0) != (ssize_t)size) {
        abort();
    }
}

/* ---- a file round what a fuzzer gives -------------------------------------
 */

typedef struct bytes {
    unsigned char *data;
    size_t         size;
} bytes;

static void put(bytes *b, const void *data, size_t size)
{
    if (size > 0) {
        memcpy(b->data + b->size, data, size);
        b->size += size;
    }
}

static void put_number(bytes *b, uint64_t x, int size)
{
    for (int i = 0; i < size; i++) {
        b->data[b->size++] = (unsigned char)(x >> 8 * i);
    }
}

static void put_varint(bytes *b, uint64_t x)
{
    for (; x >= 128; x >>= 7) {
        put_number(b, x | 128, 1);
    }
    put_number(b, x, 1);
}

/* *place: where it is. */
static void put_block(bytes *b, const void *data, size_t size, bytes *place)
{
    size_t start = b->size;

    put_varint(place, start);
    put_varint(place, size);
    put(b, data, size);
    put_number(b, 0, 1);
    put_number(b, crc32c_mask(crc32c(0, b->data + start, size + 1)), 4);
}

static void put_file(bytes *b, const uint8_t *block, size_t block_size,
                     const uint8_t *index, size_t index_size)
{
    unsigned char room[64] = {0};
    bytes         first = {room, 0}, footer = {room, 0};

    put_block(b, block, block_size, &first);
    memset(room, 0, sizeof room);
    put_block(b, "\0\0\0\0\1\0\0\0", 8, &footer);
    put_block(b, index, index_size, &footer);
    put(b, room, 40);
    put_number(b, 0xDB4775248B80FB57u, 8);
}

/* The block of a header and one tensor; the index has it whole. */
static void put_message(bytes *b, const uint8_t *message, size_t size)
{
    unsigned char *room = malloc(size + 64), index[32];
    bytes          block = {room, 0}, entry = {index, 0};

    if (room == NULL) {
        abort();
    }
    put(&block, "\0\0\2\x08\1\0\6", 7);
    put_varint(&block, size);
    put(&block, "kernel", 6);
    put(&block, message, size);
    put(&block, "\0\0\0\0\1\0\0\0", 8);
    unsigned char place_room[32];
    bytes         place = {place_room, 0};
    put_varint(&place, 0);
    put_varint(&place, block.size);
    put(&entry, "\0\1", 2);
    put_varint(&entry, place.size);
    put(&entry, "l", 1);
    put(&entry, place.data, place.size);
    put(&entry, "\0\0\0\0\1\0\0\0", 8);
    put_file(b, block.data, block.size, entry.data, entry.size);
    free(room);
}

/* ---- reading --------------------------------------------------------------
 */

static unsigned read_tensors(void)
{
    tf_bundle *bundle;
    bert_error err;
    unsigned   sum = 0;

    if (tf_bundle_open(&bundle, index_path, &err) != BERT_OK) {
        return 0;
    }
    for (size_t i = 0; i < tf_bundle_count(bundle); i++) {
        tensor      t;
        const char *file;
        if (tf_bundle_tensor(bundle, i, &t, &file, &err) != BERT_OK) {
            continue;
        }
        for (size_t k = 0; k < tensor_count(&t) * dtype_size(t.type); k++) {
            sum += ((const unsigned char *)t.data)[k];
        }
    }
    tf_bundle_close(bundle);
    tensors *into = tensors_new(index_path);
    if (into != NULL) {
        (void)google_open(into, index_path, &err);
    }
    tensors_free(into);
    return sum;
}

static unsigned read_name(const uint8_t *data, size_t size)
{
    char *name = malloc(size + 1), out[48];
    bool  transposed;

    if (name == NULL) {
        abort();
    }
    memcpy(name, data, size);
    name[size] = '\0';
    bool     known = google_name(name, out, sizeof out, &transposed);
    unsigned sum = known ? (unsigned)strlen(out) : 0;
    free(name);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned sum = 0;

    make_files();
    if (size < 2) {
        return 0;
    }
    bytes b = {malloc(size + 512), 0};
    if (b.data == NULL) {
        abort();
    }
    if (data[0] == 'n') {
        sum = read_name(data + 1, size - 1);
    } else {
        size_t index = data[1];
        if (data[0] == 'i') {
            put(&b, data + 1, size - 1);
        } else if (data[0] == 'b' && index <= size - 2) {
            put_file(&b, data + 2 + index, size - 2 - index, data + 2, index);
        } else {
            put_message(&b, data + 1, size - 1);
        }
        write_index(b.data, b.size);
        sum = read_tensors();
    }
    free(b.data);
    return sum == UINT32_MAX ? -1 : 0;
}
