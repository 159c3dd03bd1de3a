/*
 * test_tf_bundle.c - TensorFlow's bundles: what it writes, and lies
 */
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "io/crc32c.h"
#include "io/tf_bundle.h"

static bert_error err;

/* ---- TensorFlow's own -----------------------------------------------------
 */

static const char small[] = "tests/golden/tf_bundle/small.index";

static bert_status find(tf_bundle *b, const char *name, tensor *out)
{
    const char *file;

    for (size_t i = 0; i < tf_bundle_count(b); i++) {
        if (strcmp(tf_bundle_name(b, i), name) == 0) {
            return tf_bundle_tensor(b, i, out, &file, &err);
        }
    }
    return BERT_BAD_CALL;
}

/* tests/gen/tf_bundle_refs.py, write(). */
static void test_tf_bundle_reads_what_tensorflow_writes(void)
{
    static const float  floats[] = {-1, -0.5f, 0, 0.5f, 1, 1.5f};
    static const double doubles[] = {-1, -0.5, 0};
    static const struct {
        const char *name;
        dtype       type;
        int         rank;
        size_t      shape[2], bytes;
        const void *data;
    } wanted[] = {
        {"bf16", DTYPE_BF16, 1, {4}, 8, "\x80\xBF\0\xBF\0\0\0\x3F"},
        {"bool", DTYPE_BOOL, 1, {2}, 2, "\1\0"},
        {"empty", DTYPE_F32, 2, {0, 3}, 0, ""},
        {"f16", DTYPE_F16, 1, {4}, 8, "\0\xBC\0\xB8\0\0\0\x38"},
        {"f32", DTYPE_F32, 2, {2, 3}, 24, floats},
        {"f64", DTYPE_F64, 1, {3}, 24, doubles},
        {"global_step", DTYPE_I64, 0, {0}, 8, "\x09\0\0\0\0\0\0\0"},
        {"i16", DTYPE_I16, 1, {1}, 2, "\xD4\xFE"},
        {"i32", DTYPE_I32, 1, {1}, 4, "\x70\x11\1\0"},
        {"i64", DTYPE_I64, 1, {1}, 8, "\0\0\0\0\0\1\0\0"},
        {"i8", DTYPE_I8, 1, {2}, 2, "\xFF\2"},
        {"u8", DTYPE_U8, 1, {1}, 1, "\xFF"},
    };
    tf_bundle *b = NULL;
    tensor     t;

    CHECK_INT(tf_bundle_open(&b, small, &err), BERT_OK);
    if (b == NULL) {
        printf("# %s\n", err.message);
        return;
    }
    CHECK_INT(tf_bundle_count(b), 14);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        CHECK_INT(find(b, wanted[i].name, &t), BERT_OK);
        CHECK_INT(t.type, wanted[i].type);
        CHECK_INT(t.rank, wanted[i].rank);
        for (int k = 0; k < t.rank; k++) {
            CHECK_INT(t.shape[k], wanted[i].shape[k]);
        }
        CHECK(memcmp(t.data, wanted[i].data, wanted[i].bytes) == 0);
    }
    CHECK_INT(find(b, "text", &t), BERT_UNSUPPORTED);
    CHECK(strstr(err.message, "tensor text: TensorFlow's type 7") != NULL);
    CHECK_INT(find(b, "parts", &t), BERT_UNSUPPORTED);
    CHECK(strstr(err.message, "tensor parts: stored in parts") != NULL);
    tf_bundle_close(b);
}

/* ---- files of the test's own ----------------------------------------------
 */

typedef struct bytes {
    unsigned char data[4096];
    size_t        size;
} bytes;

static void put(bytes *b, const void *data, size_t size)
{
    memcpy(b->data + b->size, data, size);
    b->size += size;
}

static void put_fixed32(bytes *b, uint32_t x)
{
    unsigned char four[4];

    for (int i = 0; i < 4; i++) {
        four[i] = (unsigned char)(x >> 8 * i);
    }
    put(b, four, 4);
}

static void put_varint(bytes *b, uint64_t x)
{
    unsigned char byte;

    for (; x >= 128; x >>= 7) {
        byte = (unsigned char)(x | 128);
        put(b, &byte, 1);
    }
    byte = (unsigned char)x;
    put(b, &byte, 1);
}

static void put_place(bytes *b, uint64_t offset, uint64_t size)
{
    put_varint(b, offset);
    put_varint(b, size);
}

/* A block's bytes, how it is compressed, and its checksum. */
static void put_block(bytes *b, const void *data, size_t size, char how)
{
    size_t start = b->size;

    put(b, data, size);
    put(b, &how, 1);
    put_fixed32(b, crc32c_mask(crc32c(0, b->data + start, size + 1)));
}

static void put_footer(bytes *b, uint64_t meta, uint64_t index, uint64_t size)
{
    size_t start = b->size;

    put_place(b, meta, 8);
    put_place(b, index, size);
    while (b->size < start + 40) {
        put(b, "", 1);
    }
    put(b, "\x57\xFB\x80\x8B\x24\x75\x47\xDB", 8);
}

static char folder[] = "/tmp/test_tf_bundle.XXXXXX";
static char index_path[64], data_path[64];

static void write_bytes(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL || fwrite(data, 1, size, file) != size ||
        fclose(file) != 0) {
        perror(path);
        exit(3);
    }
}

static bert_status open_index(const void *data, size_t size)
{
    tf_bundle  *b = NULL;
    bert_status s;

    write_bytes(index_path, data, size);
    s = tf_bundle_open(&b, index_path, &err);
    tf_bundle_close(b);
    return s;
}

#define RAW(text) (const unsigned char *)text, sizeof text - 1

/* "" -> num_shards 1, whole entries of a data block. */
#define HEADER "\0\0\2\x08\1"
#define RESTARTS "\0\0\0\0\1\0\0\0"

/* A file of one data block, whose place the index has under `key`. */
static void make_file(bytes *b, const unsigned char *block, size_t size,
                      char how, const char *key)
{
    bytes index = {{0}, 0};

    b->size = 0;
    put_block(b, block, size, how);
    uint64_t meta = b->size;
    put_block(b, RAW("\0\0\0\0\1\0\0\0"), 0);
    uint64_t at = b->size;
    put(&index, "\0", 1);
    put_varint(&index, strlen(key));
    bytes place = {{0}, 0};
    put_place(&place, 0, size);
    put_varint(&index, place.size);
    put(&index, key, strlen(key));
    put(&index, place.data, place.size);
    put(&index, RAW(RESTARTS));
    put_block(b, index.data, index.size, 0);
    put_footer(b, meta, at, index.size);
}

static void test_tf_bundle_refuses_blocks_that_lie(void)
{
    static const struct {
        const unsigned char *block;
        size_t               size;
        char                 how;
        bert_status          status;
        const char          *message;
    } cases[] = {
        {RAW(HEADER RESTARTS), 0, BERT_OK, NULL},
        {RAW(HEADER "\0\1\0a\1\1\0b" RESTARTS), 0, BERT_OK, NULL},
        {RAW(HEADER RESTARTS), 1, BERT_UNSUPPORTED, "compressed (Snappy)"},
        {RAW(HEADER RESTARTS), 2, BERT_UNSUPPORTED, "compressed (in an un"},
        {RAW(""), 0, BERT_BAD_FILE, "block at 0: too short"},
        {RAW("\0\0\0\0"), 0, BERT_BAD_FILE, "lies about its restarts"},
        {RAW(HEADER "\0\0\0\0\xFF\xFF\xFF\xFF"), 0, BERT_BAD_FILE,
         "lies about its restarts"},
        {RAW(HEADER "\0\0\0\0\3\0\0\0"), 0, BERT_BAD_FILE,
         "lies about its restarts"},
        {RAW(HEADER "\1\0\0\0\1\0\0\0"), 0, BERT_BAD_FILE,
         "a restart is no entry"},
        {RAW(HEADER "\0\1\0a\5\0\0\0\1\0\0\0"), 0, BERT_BAD_FILE,
         "a restart is no entry"}, /* the first entry is none */
        {RAW(HEADER "\0\0\0\0\6\0\0\0\2\0\0\0"), 0, BERT_BAD_FILE,
         "a restart is no entry"},
        {RAW(HEADER "\0\1\0a\0\0\0\0\0\0\0\0\2\0\0\0"), 0, BERT_BAD_FILE,
         "a restart is no entry"},
        {RAW(HEADER "\0\1\0a\1\1\0b\0\0\0\0\x09\0\0\0\2\0\0\0"), 0,
         BERT_BAD_FILE, "a restart without its key"},
        {RAW(HEADER "\0\1\0b\0\1\0a" RESTARTS), 0, BERT_BAD_FILE,
         "keys out of order"},
        {RAW(HEADER "\0\1\0a\0\1\0a" RESTARTS), 0, BERT_BAD_FILE,
         "keys out of order"},
        {RAW(HEADER "\0\2\0ab\1\0\0" RESTARTS), 0, BERT_BAD_FILE,
         "keys out of order"},
        {RAW(HEADER "\0\1\0a\2\1\0b" RESTARTS), 0, BERT_BAD_FILE,
         "a key of impossible length"},
        {RAW(HEADER "\0\x7F\0a" RESTARTS), 0, BERT_BAD_FILE,
         "an entry beyond its end"},
        {RAW(HEADER "\0\1\x7F"
                    "a" RESTARTS),
         0, BERT_BAD_FILE, "an entry beyond its end"},
        {RAW(HEADER "\0\1\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\1\x61" RESTARTS),
         0, BERT_BAD_FILE, "an entry beyond its end"},
        {RAW(HEADER "\0\1\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\2\x61" RESTARTS),
         0, BERT_BAD_FILE, "an entry beyond its end"},
        {RAW(HEADER "\0\2" RESTARTS), 0, BERT_BAD_FILE, NULL},
        {RAW(HEADER "\0\1\0z" RESTARTS), 0, BERT_BAD_FILE,
         "keys that the index has not"},
        {RAW("\0\1\0a" RESTARTS), 0, BERT_BAD_FILE, "no header"},
        {RAW(RESTARTS), 0, BERT_BAD_FILE, "no header"},
    };
    bytes b;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make_file(&b, cases[i].block, cases[i].size, cases[i].how, "y");
        err.message[0] = '\0';
        bert_status s = open_index(b.data, b.size);
        CHECK_INT(s, cases[i].status);
        if (cases[i].message != NULL &&
            strstr(err.message, cases[i].message) == NULL) {
            CHECK_TEXT(err.message, cases[i].message);
        }
        if (s != cases[i].status) {
            printf("# case %zu: %s\n", i, err.message);
        }
    }
}

/* Every byte of a good index, in turn, another one: a block's checksum, or the
   footer, tells. Padding and what the footer's numbers leave open may not. */
static void test_tf_bundle_sees_every_changed_byte(void)
{
    bytes b;

    make_file(&b, RAW(HEADER "\0\1\0a" RESTARTS), 0, "y");
    CHECK_INT(open_index(b.data, b.size), BERT_OK);
    for (size_t i = 0; i < b.size; i++) {
        bool padding = i >= b.size - 44 && i < b.size - 8;
        b.data[i] ^= 0x40;
        bert_status s = open_index(b.data, b.size);
        b.data[i] ^= 0x40;
        if (s == BERT_OK && !padding) {
            printf("# byte %zu\n", i);
        }
        CHECK(s == BERT_BAD_FILE || padding);
    }
    for (size_t size = 0; size < b.size; size++) {
        CHECK_INT(open_index(b.data, size), BERT_BAD_FILE);
    }
}

/* Places of blocks: beyond the file, twice the same, the index itself. */
static void test_tf_bundle_refuses_places_that_lie(void)
{
    static const struct {
        uint64_t    offset, size;
        const char *message;
    } places[] = {
        {1, 12, "checksum"},
        {0, 12, "checksum"},
        {0, 14, "beyond the end"},
        {4096, 1, "beyond the end"},
        {UINT64_MAX, 13, "beyond the end"},
        {0, UINT64_MAX, "beyond the end"},
        {UINT64_MAX - 3, UINT64_MAX, "beyond the end"},
        {18, 8, "beyond the end"},  /* the metaindex */
        {31, 13, "beyond the end"}, /* the index, of itself */
    };
    const unsigned char data[] = HEADER RESTARTS;

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        bytes b = {{0}, 0}, index = {{0}, 0}, place = {{0}, 0};
        put_block(&b, data, sizeof data - 1, 0);
        put_block(&b, RAW(RESTARTS), 0);
        put_place(&place, places[i].offset, places[i].size);
        put(&index, "\0\1", 2);
        put_varint(&index, place.size);
        put(&index, "y", 1);
        put(&index, place.data, place.size);
        put(&index, RAW(RESTARTS));
        uint64_t at = b.size;
        put_block(&b, index.data, index.size, 0);
        put_footer(&b, 18, at, index.size);
        CHECK_INT(open_index(b.data, b.size), BERT_BAD_FILE);
        CHECK(strstr(err.message, places[i].message) != NULL);
    }
    /* The same block under two keys. */
    bytes b = {{0}, 0};
    put_block(&b, data, sizeof data - 1, 0);
    put_block(&b, RAW(RESTARTS), 0);
    put_block(&b, RAW("\0\1\2y\0\x0D\0\1\2z\0\x0D" RESTARTS), 0);
    put_footer(&b, 18, 31, 20);
    CHECK_INT(open_index(b.data, b.size), BERT_BAD_FILE);
    CHECK(strstr(err.message, "overlaps another") != NULL);
}

/* ---- entries --------------------------------------------------------------
 */

/* A file with this header and one tensor "t". */
static bert_status open_entry(tf_bundle **out, const unsigned char *header,
                              size_t header_size, const unsigned char *entry,
                              size_t size)
{
    bytes b, block = {{0}, 0};

    put(&block, "\0\0", 2);
    put_varint(&block, header_size);
    put(&block, header, header_size);
    put(&block, "\0\1", 2);
    put_varint(&block, size);
    put(&block, "t", 1);
    put(&block, entry, size);
    put(&block, RAW(RESTARTS));
    make_file(&b, block.data, block.size, 0, "y");
    write_bytes(index_path, b.data, b.size);
    return tf_bundle_open(out, index_path, &err);
}

static void test_tf_bundle_refuses_headers(void)
{
    static const struct {
        const unsigned char *header;
        size_t               size;
        bert_status          status;
        const char          *message;
    } cases[] = {
        {RAW("\x08\1\x1A\2\x08\1"), BERT_OK, NULL},
        {RAW("\x08\1\x10\1"), BERT_UNSUPPORTED, "big-endian"},
        {RAW("\x08\1\x1A\2\x10\2"), BERT_UNSUPPORTED, "a version"},
        {RAW("\x08\1\x1A\2\x18\1"), BERT_UNSUPPORTED, "a version"},
        {RAW("\x08\1\x1A\3\x1A\1\1"), BERT_UNSUPPORTED, "a version"},
        {RAW("\x08\1\x1A\2\x10"), BERT_BAD_FILE, "a broken header"},
        {RAW("\x08\0"), BERT_BAD_FILE, "a broken header"},
        {RAW(""), BERT_BAD_FILE, "a broken header"},
        {RAW("\x08\xFF\xFF\xFF\xFF\x07"), BERT_BAD_FILE, "a broken header"},
        {RAW("\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\1"), BERT_BAD_FILE,
         "a broken header"},
        {RAW("\x08\1\x0B"), BERT_BAD_FILE, "a broken header"}, /* a group */
        {RAW("\x08\1\0\1"), BERT_BAD_FILE, "a broken header"}, /* field 0 */
        {RAW("\x08\1\x7D\1\2\3"), BERT_BAD_FILE, "a broken header"},
        {RAW("\x08\1\x79\1\2\3\4\5\6\7"), BERT_BAD_FILE, "a broken header"},
        {RAW("\x08\1\x79\1\2\3\4\5\6\7\1\x7D\1\2\3\4"), BERT_OK, NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tf_bundle  *b = NULL;
        bert_status s =
            open_entry(&b, cases[i].header, cases[i].size, RAW("\x08\1\x28\4"));
        CHECK_INT(s, cases[i].status);
        if (s != BERT_OK && cases[i].message != NULL) {
            CHECK(strstr(err.message, cases[i].message) != NULL);
        }
        tf_bundle_close(b);
    }
}

/* type f32; a shape of one size; the longest number there is */
#define F32 "\x08\1"
#define SHAPE(n) "\x12\4\x12\2\x08" n
#define MOST "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\1"
#define MOST63 "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"

static void test_tf_bundle_refuses_entries_that_lie(void)
{
    static const struct {
        const unsigned char *entry;
        size_t               size;
        bert_status          opened, read;
        const char          *message;
    } cases[] = {
        {RAW(F32 SHAPE("\2") "\x28\x08\x35\x45\x3F\x16\x88"), BERT_OK, BERT_OK,
         NULL},
        {RAW(F32 SHAPE("\2") "\x28\x08\x35\x45\x3F\x16\x89"), BERT_OK,
         BERT_BAD_FILE, "tensor t: its checksum is wrong"},
        {RAW(F32 SHAPE("\2") "\x20\1\x28\x08"), BERT_OK, BERT_BAD_FILE,
         "tensor t: 8 bytes at 1 of 8"},
        {RAW(F32 SHAPE("\2") "\x20" MOST63 "\x28\x08"), BERT_OK, BERT_BAD_FILE,
         "8 bytes at 9223372036854775807 of 8"},
        {RAW(F32 SHAPE("\2") "\x20" MOST "\x28\x08"), BERT_BAD_FILE, BERT_OK,
         "an impossible place"},
        {RAW(F32 SHAPE("\3") "\x28\x08"), BERT_BAD_FILE, BERT_OK,
         "8 bytes of data for F32 [3]"},
        {RAW(F32 "\x28\x08"), BERT_BAD_FILE, BERT_OK,
         "8 bytes of data for F32 []"},
        {RAW(F32 "\x12\x0C\x12\x0A\x08" MOST63 "\x28\4"), BERT_BAD_FILE,
         BERT_OK, "[9223372036854775807]"},
        /* four times 2^62 is 0 in 64 bits */
        {RAW(F32 "\x12\x0C\x12\x0A\x08\x80\x80\x80\x80\x80\x80\x80\x80\x40"
                 "\x28\0"),
         BERT_BAD_FILE, BERT_OK, "[4611686018427387904]"},
        {RAW(F32 "\x12\x0D\x12\x0B\x08" MOST "\x28\4"), BERT_BAD_FILE, BERT_OK,
         "a broken entry"},
        {RAW(F32 "\x12\2\x18\1"), BERT_BAD_FILE, BERT_OK, "a broken entry"},
        {RAW(F32 "\x12\x10\x12\2\x08\1"), BERT_BAD_FILE, BERT_OK,
         "a broken entry"},
        {RAW(F32 "\x12\4\x12\3\x08\1"), BERT_BAD_FILE, BERT_OK,
         "a broken entry"},
        {RAW("\x08"), BERT_BAD_FILE, BERT_OK, "a broken entry"},
        {RAW(F32 "\x18\1\x28\4"), BERT_BAD_FILE, BERT_OK,
         "in a file that is not there"},
        {RAW(F32 "\x18" MOST "\x28\4"), BERT_BAD_FILE, BERT_OK,
         "in a file that is not there"},
        {RAW("\x08\0\x28\4"), BERT_OK, BERT_UNSUPPORTED,
         "TensorFlow's type 0 is not supported"},
        {RAW("\x08\7\x28\4"), BERT_OK, BERT_UNSUPPORTED,
         "TensorFlow's type 7 is not supported"},
        {RAW("\x08" MOST "\x28\4"), BERT_OK, BERT_UNSUPPORTED,
         "TensorFlow's type -1 is not supported"},
        {RAW(F32 "\x12\x14\x12\2\x08\1\x12\2\x08\1\x12\2\x08\1\x12\2\x08\1"
                 "\x12\2\x08\1\x28\4"),
         BERT_OK, BERT_UNSUPPORTED, "more than 4 sizes"},
        {RAW(F32 "\x18\x09\x3A\0"), BERT_OK, BERT_UNSUPPORTED,
         "stored in parts"},
    };

    write_bytes(data_path, "\0\0\x80\x3F\0\0\0\xC0", 8);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tf_bundle  *b = NULL;
        tensor      t = {.rank = 0};
        const char *file;
        bert_status s =
            open_entry(&b, RAW("\x08\1"), cases[i].entry, cases[i].size);
        CHECK_INT(s, cases[i].opened);
        if (s == BERT_OK) {
            s = tf_bundle_tensor(b, 0, &t, &file, &err);
            CHECK_INT(s, cases[i].read);
        }
        if (s == BERT_OK) {
            CHECK_TEXT(file, data_path);
            CHECK(((const float *)t.data)[1] == -2);
        } else if (cases[i].message != NULL &&
                   strstr(err.message, cases[i].message) == NULL) {
            CHECK_TEXT(err.message, cases[i].message);
        }
        tf_bundle_close(b);
    }
}

/* The data file is cut, or not there. */
static void test_tf_bundle_names_the_data_file(void)
{
    tf_bundle  *b = NULL;
    tensor      t;
    const char *file;

    CHECK_INT(open_entry(&b, RAW("\x08\1"), RAW(F32 SHAPE("\2") "\x28\x08")),
              BERT_OK);
    unlink(data_path);
    CHECK_INT(tf_bundle_tensor(b, 0, &t, &file, &err), BERT_IO);
    CHECK(strstr(err.message, "b.data-00000-of-00001: No such") != NULL);
    write_bytes(data_path, "\0\0\0\0\0\0\0", 7);
    CHECK_INT(tf_bundle_tensor(b, 0, &t, &file, &err), BERT_BAD_FILE);
    CHECK(strstr(err.message, "tensor t: 8 bytes at 0 of 7") != NULL);
    tf_bundle_close(b);
    CHECK_INT(tf_bundle_open(&b, "/nowhere/x.index", &err), BERT_IO);
    CHECK_INT(tf_bundle_open(&b, "/tmp", &err), BERT_BAD_CALL);
}

int main(void)
{
    if (mkdtemp(folder) == NULL) {
        perror(folder);
        return 3;
    }
    snprintf(index_path, sizeof index_path, "%s/b.index", folder);
    snprintf(data_path, sizeof data_path, "%s/b.data-00000-of-00001", folder);
    TEST(test_tf_bundle_reads_what_tensorflow_writes);
    TEST(test_tf_bundle_refuses_blocks_that_lie);
    TEST(test_tf_bundle_sees_every_changed_byte);
    TEST(test_tf_bundle_refuses_places_that_lie);
    TEST(test_tf_bundle_refuses_headers);
    TEST(test_tf_bundle_refuses_entries_that_lie);
    TEST(test_tf_bundle_names_the_data_file);
    unlink(index_path);
    unlink(data_path);
    rmdir(folder);
    TEST_END;
}
