/*
 * test_torch_file.c - files of torch.save(): what torch reads, and every lie
 *
 * tests/golden/torch comes from torch itself (tests/gen/torch_refs.py); the
 * other files are made here, byte by byte.
 */
#include "test.h"

#include <stdint.h>

#include "io/torch_file.h"
#include "records.h"

static bert_error err;

/* ---- against torch --------------------------------------------------------
 */

static float number_of(const tensor *t, size_t i)
{
    const unsigned char *p = (const unsigned char *)t->data;
    int64_t              n = 0;
    size_t               size = dtype_size(t->type);

    memcpy(&n, p + i * size, size);
    switch (t->type) {
    case DTYPE_I8:
        return (float)(int8_t)n;
    case DTYPE_I16:
        return (float)(int16_t)n;
    case DTYPE_I32:
        return (float)(int32_t)n;
    default:
        return (float)n; /* I64, U8, BOOL */
    }
}

/* A line of values.txt: name, type, sizes, bits of float32. */
static void check_line(const tensors *t, char *line)
{
    char  *name = strtok(line, " \n"), *type = strtok(NULL, " \n");
    char  *sizes = strtok(NULL, " \n"), *word;
    tensor view;
    char   text[64];
    float  numbers[64];
    size_t i = 0;

    CHECK(tensors_find(t, name, &view));
    CHECK_TEXT(dtype_name(view.type), type);
    CHECK_TEXT(tensor_shape_text(&view, text, sizeof text), sizes);
    if (dtype_is_float(view.type)) {
        tensor_floats(&view, numbers);
    } else {
        for (size_t k = 0; k < tensor_count(&view); k++) {
            numbers[k] = number_of(&view, k);
        }
    }
    for (; (word = strtok(NULL, " \n")) != NULL; i++) {
        uint32_t bits;
        memcpy(&bits, &numbers[i], sizeof bits);
        if (i >= tensor_count(&view) || bits != strtoul(word, NULL, 16)) {
            test_bad = true;
            printf("# %s[%zu] is %08x, not %s\n", name, i, bits, word);
        }
    }
    CHECK_INT(i, tensor_count(&view));
}

static void check_golden(const char *name)
{
    char     path[128], line[1024];
    size_t   count = 0;
    FILE    *values = fopen("tests/golden/torch/values.txt", "r");
    tensors *t;

    snprintf(path, sizeof path, "tests/golden/torch/%s", name);
    t = tensors_new(path);
    CHECK_INT(torch_file_open(t, path, &err), BERT_OK);
    CHECK(values != NULL);
    while (values != NULL && fgets(line, sizeof line, values) != NULL) {
        check_line(t, line);
        count++;
    }
    CHECK_INT(tensors_count(t), count);
    CHECK(count > 15);
    if (values != NULL) {
        fclose(values);
    }
    tensors_free(t);
}

static void test_torch_zip_has_torchs_numbers(void)
{
    check_golden("zip.bin");
    check_golden("zip-protocol4.bin");
}

static void test_torch_stream_has_torchs_numbers(void)
{
    check_golden("stream.bin");
}

/* ---- files made here ------------------------------------------------------
 */

typedef struct bytes {
    unsigned char at[4096];
    size_t        size;
} bytes;

static void put(bytes *b, const void *data, size_t size)
{
    memcpy(b->at + b->size, data, size);
    b->size += size;
}

static void put_int(bytes *b, uint64_t number, int size)
{
    for (int i = 0; i < size; i++) {
        b->at[b->size++] = (unsigned char)(i < 8 ? number >> 8 * i : 0);
    }
}

typedef struct member {
    const char *name, *data;
    size_t      size;
    unsigned    method, flags;
    uint32_t    crc;        /* 0: not given */
    const char *local_name; /* NULL: the same */
    uint64_t    moved;      /* added to where it says it lies */
    uint64_t    more;       /* added to its size */
} member;

static bytes zip_of(const member *members, size_t count)
{
    bytes  b = {.size = 0};
    size_t at[8];

    for (size_t i = 0; i < count; i++) {
        const member *m = &members[i];
        const char   *name = m->local_name != NULL ? m->local_name : m->name;
        at[i] = b.size;
        put(&b, "PK\3\4", 4);
        put_int(&b, 0, 22);
        put_int(&b, strlen(name), 2);
        put_int(&b, 3, 2);
        put(&b, name, strlen(name));
        put(&b, "xxx", 3);
        put(&b, m->data, m->size);
    }
    size_t directory = b.size;
    for (size_t i = 0; i < count; i++) {
        const member *m = &members[i];
        put(&b, "PK\1\2", 4);
        put_int(&b, 0, 4);
        put_int(&b, m->flags, 2);
        put_int(&b, m->method, 2);
        put_int(&b, 0, 4);
        put_int(&b, m->crc, 4);
        put_int(&b, m->size + m->more, 4);
        put_int(&b, m->size + m->more, 4);
        put_int(&b, strlen(m->name), 2);
        put_int(&b, 0, 12);
        put_int(&b, at[i] + m->moved, 4);
        put(&b, m->name, strlen(m->name));
    }
    size_t size = b.size - directory;
    put(&b, "PK\5\6\0\0\0\0", 8);
    put_int(&b, count, 2);
    put_int(&b, count, 2);
    put_int(&b, size, 4);
    put_int(&b, directory, 4);
    put_int(&b, 0, 2);
    return b;
}

static bert_status open_bytes(const bytes *b, tensors **out)
{
    char path[32];

    write_file(path, b->at, b->size);
    *out = tensors_new(path);
    err.message[0] = '\0';
    bert_status s = torch_file_open(*out, path, &err);
    unlink(path);
    return s;
}

static void refuse(const bytes *b, bert_status status, const char *part)
{
    tensors *t;

    CHECK_INT(open_bytes(b, &t), status);
    if (strstr(err.message, part) == NULL ||
        strncmp(err.message, "/tmp/", 5) != 0) {
        CHECK_TEXT(err.message, part);
    }
    tensors_free(t);
}

/* Parts of a pickle. A storage of 6 numbers under the key "0". */
#define DICT(items) "\x80\2}(" items "u."
#define STORAGE                                                                \
    "(U\7storagectorch\nFloatStorage\nU\1"                                     \
    "0U\3cpuK\6tQ"
#define TENSOR(storage, rest)                                                  \
    "ctorch._utils\n_rebuild_tensor_v2\n(" storage rest "\x89}tR"
#define WHOLE TENSOR(STORAGE, "K\0K\2K\3\x86K\3K\1\x86")

static const char six[24];

/* An archive of such a pickle. */
#define ZIP(pickle)                                                            \
    zip_of(                                                                    \
        (const member[]){                                                      \
            {.name = "a/data.pkl",                                             \
             .data = (pickle),                                                 \
             .size = sizeof(pickle) - 1},                                      \
            {.name = "a/data/0", .data = six, .size = sizeof six},             \
        },                                                                     \
        2)

static void test_torch_tensors_are_views_of_storages(void)
{
    bytes    b = ZIP(DICT(
           "U\1a" WHOLE
           "U\1b" TENSOR(STORAGE, "K\1K\2K\2\x86K\2K\1\x86") "U\1t" TENSOR(
               STORAGE, "K\0K\2K\3\x86K\1K\2\x86") "U\1e" TENSOR(STORAGE,
                                                                 "K\6K\0\x85K\1"
                                                                    "\x85") "U\1nK\5K"
                                                                            "\7N"));
    tensors *t;
    tensor   a, v;

    CHECK_INT(open_bytes(&b, &t), BERT_OK);
    CHECK_INT(tensors_count(t), 4);
    CHECK(tensors_find(t, "a", &a) && !a.transposed && a.rank == 2);
    CHECK(tensors_find(t, "b", &v) && v.data == (const char *)a.data + 4 &&
          v.shape[1] == 2);
    CHECK(tensors_find(t, "t", &v) && v.transposed && v.shape[0] == 2);
    CHECK(tensors_find(t, "e", &v) && tensor_count(&v) == 0);
    tensors_free(t);
}

static void test_torch_dicts_in_dicts_and_data_parallel(void)
{
    bytes    b = ZIP(DICT("U\5epochK\3U\5model}(U\10module.a" WHOLE "u"));
    tensors *t;

    CHECK_INT(open_bytes(&b, &t), BERT_OK);
    CHECK_INT(tensors_count(t), 1);
    CHECK_TEXT(tensors_name(t, 0), "a");
    tensors_free(t);
    /* Only where all names have it. */
    b = ZIP(DICT("U\10module.a" WHOLE "U\1b" WHOLE));
    CHECK_INT(open_bytes(&b, &t), BERT_OK);
    CHECK(tensors_find(t, "module.a", NULL) && tensors_find(t, "b", NULL));
    tensors_free(t);
}

static void test_torch_views_that_lie_are_refused(void)
{
#define VIEW(rest) ZIP(DICT("U\1a" TENSOR(STORAGE, rest)))
    static const char *const beyond =
        "tensor a: it goes beyond the end of its storage";
    static const char *const strides = "tensor a: its strides are neither";
    static const char *const none = "tensor a: not a view of a storage";
    const struct {
        bytes       file;
        bert_status status;
        const char *message;
    } cases[] = {
        {VIEW("K\1K\2K\3\x86K\3K\1\x86"), BERT_BAD_FILE, beyond},
        {VIEW("K\0K\7\x85K\1\x85"), BERT_BAD_FILE, beyond},
        {VIEW("K\7)"
              ")"),
         BERT_BAD_FILE, beyond},
        {VIEW("K\7K\0\x85K\1\x85"), BERT_BAD_FILE, beyond},
        {VIEW("K\0\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\x85K\1\x85"),
         BERT_BAD_FILE, beyond},
        {VIEW("K\0K\2\x85\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\x85"),
         BERT_BAD_FILE, beyond},
        {VIEW("K\0K\2K\3\x86K\1K\1\x86"), BERT_UNSUPPORTED, strides},
        {VIEW("K\0K\3\x85K\2\x85"), BERT_UNSUPPORTED, strides},
        /* An enormous matrix of one number, over and over. */
        {VIEW("K\0\x8A\x05\0\0\0\0\1\x8A\x05\0\0\0\0\1\x86K\0K\0\x86"),
         BERT_UNSUPPORTED, strides},
        {VIEW("K\0(K\1K\1K\1K\1K\1t(K\1K\1K\1K\1K\1t"), BERT_UNSUPPORTED,
         "tensor a: more than 4 sizes"},
        {VIEW("K\0K\2K\3\x86K\1\x85"), BERT_BAD_FILE, none},
        {VIEW("K\0]K\1\x85"), BERT_BAD_FILE, none},
        {VIEW("J\xFF\xFF\xFF\xFFK\1\x85K\1\x85"), BERT_BAD_FILE, none},
        {VIEW("K\0J\xFF\xFF\xFF\xFF\x85K\1\x85"), BERT_BAD_FILE, none},
        {VIEW("NK\1\x85K\1\x85"), BERT_BAD_FILE, none},
        {ZIP(DICT("U\1a" TENSOR("K\1", "K\0))"))), BERT_BAD_FILE, none},
        {ZIP(DICT("U\1a"
                  "ctorch._utils\n_rebuild_tensor_v2\n)R")),
         BERT_BAD_FILE, none},
        {ZIP(DICT("U\1a" WHOLE "U\1a" WHOLE)), BERT_BAD_FILE,
         "tensor a: there already"},
        {ZIP(DICT("U\3a\0b" WHOLE)), BERT_BAD_FILE,
         "a tensor's name holds a NUL"},
        {ZIP(DICT("U\0" WHOLE)), BERT_BAD_FILE, "no name"},
        {ZIP("\x80\2]."), BERT_BAD_FILE, "it holds no dict of tensors"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        refuse(&cases[i].file, cases[i].status, cases[i].message);
    }
}

static void test_torch_storages_that_lie_are_refused(void)
{
#define STORED(id) ZIP(DICT("U\1a" TENSOR("(" id "tQ", "K\0K\1\x85K\1\x85")))
    static const char *const none = "a persistent id that is no whole storage";
    const struct {
        bytes       file;
        bert_status status;
        const char *message;
    } cases[] = {
        {STORED("U\6modulectorch\nFloatStorage\nU\1"
                "0U\3cpuK\6"),
         BERT_UNSUPPORTED, none},
        {STORED("U\7storageU\1xU\1"
                "0U\3cpuK\6"),
         BERT_UNSUPPORTED, none},
        {STORED("U\7storagectorch\nFloatStorage\nK\1U\3cpuK\6"),
         BERT_UNSUPPORTED, none},
        {STORED("U\7storagectorch\nFloatStorage\nU\1"
                "0U\3cpuJ\1\0\0\x80"),
         BERT_UNSUPPORTED, none},
        {STORED("U\7storage"), BERT_UNSUPPORTED, none},
        {STORED("U\7storagectorch\nFloatStorage\nU\1"
                "0U\3cpuK\6"
                "(U\1vK\0K\1t"),
         BERT_UNSUPPORTED, none},
        {STORED("U\7storagectorch\nQInt8Storage\nU\1"
                "0U\3cpuK\6"),
         BERT_BAD_FILE,
         "it names torch.QInt8Storage, which is not allowed in weights"},
        {STORED("U\7storagectorch\nFloatStorage\nU\1"
                "0U\3cpuK\7"),
         BERT_BAD_FILE, "storage 0: 24 bytes for 7 numbers of F32"},
        {STORED("U\7storagectorch\nFloatStorage\nU\1"
                "0U\3cpuJ\xFF\xFF\xFF\x7F"),
         BERT_BAD_FILE, "storage 0: 24 bytes for 2147483647 numbers of F32"},
        {STORED("U\7storagectorch\nDoubleStorage\nU\1"
                "0U\3cpuK\6"),
         BERT_BAD_FILE, "storage 0: 24 bytes for 6 numbers of F64"},
        {STORED("U\7storagectorch\nFloatStorage\nU\1"
                "1U\3cpuK\6"),
         BERT_BAD_FILE, "storage 1: no member data/1"},
        {ZIP(DICT("U\1a" WHOLE
                  "U\1b" TENSOR("(U\7storagectorch\nIntStorage\nU\1"
                                "0U\3cpuK\6tQ",
                                "K\0K\1\x85K\1\x85"))),
         BERT_BAD_FILE, "storage 0: it has two types or sizes"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        refuse(&cases[i].file, cases[i].status, cases[i].message);
    }
}

static const char   whole[] = DICT("U\1a" WHOLE);
static const member good[] = {
    {.name = "a/data.pkl", .data = whole, .size = sizeof whole - 1},
    {.name = "a/data/0", .data = six, .size = sizeof six},
    {.name = "a/byteorder", .data = "little", .size = 6},
};
enum { GOOD = sizeof good / sizeof *good };

/* The good archive with member i changed. */
static bytes changed(size_t i, member m)
{
    member members[GOOD];

    memcpy(members, good, sizeof good);
    members[i] = m;
    return zip_of(members, GOOD);
}

static void test_torch_archives_that_lie_are_refused(void)
{
    bytes    b = zip_of(good, GOOD);
    tensors *t;
    member   m;

    CHECK_INT(open_bytes(&b, &t), BERT_OK);
    tensors_free(t);
#define CHANGED(i, field, value)                                               \
    (m = good[i], m.field = (value), b = changed(i, m), &b)
    refuse(CHANGED(0, method, 8), BERT_UNSUPPORTED,
           "member a/data.pkl: it is compressed (stored is read)");
    refuse(CHANGED(1, method, 8), BERT_UNSUPPORTED,
           "member a/data/0: it is compressed");
    refuse(CHANGED(1, flags, 1), BERT_UNSUPPORTED,
           "member a/data/0: it is encrypted");
    refuse(CHANGED(0, crc, 1), BERT_BAD_FILE,
           "member a/data.pkl: its bytes have another CRC");
    refuse(CHANGED(2, data, "BIGBIG"), BERT_UNSUPPORTED,
           "byteorder is not little");
    refuse(CHANGED(0, name, "a/data.pkx"), BERT_BAD_FILE,
           "a zip archive without data.pkl");
    refuse(CHANGED(0, name, "a/b/data.pkl"), BERT_BAD_FILE,
           "a zip archive without data.pkl");
    refuse(CHANGED(1, name, "b/data/0"), BERT_BAD_FILE,
           "storage 0: no member data/0");
    refuse(CHANGED(2, name, "a/data/0"), BERT_BAD_FILE,
           "member a/data/0: it is there twice");
    refuse(CHANGED(1, local_name, "a/data/1"), BERT_BAD_FILE,
           "member a/data/0: it has another name there");
    refuse(CHANGED(1, moved, 1), BERT_BAD_FILE,
           "member a/data/0: it is not where it should be");
    refuse(CHANGED(1, moved, 0x7FFFFFFF), BERT_BAD_FILE,
           "member a/data/0: it is not where it should be");
    refuse(CHANGED(0, more, 0x10000), BERT_BAD_FILE,
           "member a/data.pkl: it goes beyond the file's end");
    refuse(CHANGED(0, size, sizeof whole - 3), BERT_BAD_FILE,
           "data.pkl: byte ");
    refuse(CHANGED(1, size, 23), BERT_BAD_FILE,
           "storage 0: 23 bytes for 6 numbers of F32");
}

/* The end of the directory, field by field. */
static void test_torch_directories_that_lie_are_refused(void)
{
    static const struct {
        size_t      back; /* from the end */
        uint32_t    value;
        int         size;
        bert_status status;
        const char *message;
    } cases[] = {
        {22, 0, 4, BERT_BAD_FILE, "no end of a zip archive's directory"},
        {2, 1, 2, BERT_BAD_FILE, "no end of a zip archive's directory"},
        {18, 1, 2, BERT_UNSUPPORTED, "a zip archive of several disks"},
        {12, 4, 2, BERT_BAD_FILE, "the zip directory does not fit"},
        {12, 2, 2, BERT_BAD_FILE, "the zip directory has bytes of no entry"},
        {12, 0xFFFF, 2, BERT_BAD_FILE, "the zip directory does not fit"},
        {10, 0x7FFFFFFF, 4, BERT_BAD_FILE, "the zip directory does not fit"},
        {6, 0x7FFFFFFF, 4, BERT_BAD_FILE, "the zip directory does not fit"},
        {6, 0, 4, BERT_BAD_FILE, "an entry of the zip directory is none"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes  b = zip_of(good, GOOD);
        size_t end = b.size;
        b.size -= cases[i].back;
        put_int(&b, cases[i].value, cases[i].size);
        b.size = end;
        refuse(&b, cases[i].status, cases[i].message);
    }
}

/* The same archive with a zip64 end, its older end saturated. */
static bytes zip64_of(uint64_t count, uint64_t moved)
{
    bytes    b = zip_of(good, GOOD);
    uint32_t size, at;

    memcpy(&size, b.at + b.size - 10, 4);
    memcpy(&at, b.at + b.size - 6, 4);
    b.size -= 22;
    size_t end = b.size;
    put(&b, "PK\6\6", 4);
    put_int(&b, 44, 8);
    put_int(&b, 0, 12);
    put_int(&b, count, 8);
    put_int(&b, count, 8);
    put_int(&b, size, 8);
    put_int(&b, at, 8);
    put(&b, "PK\6\7\0\0\0\0", 8);
    put_int(&b, end + moved, 8);
    put_int(&b, 1, 4);
    put(&b, "PK\5\6\0\0\0\0", 8);
    put_int(&b, UINT64_MAX, 8);
    put_int(&b, UINT32_MAX, 4);
    put_int(&b, 0, 2);
    b.at[b.size - 6] = b.at[b.size - 5] = 0xFF;
    return b;
}

static void test_torch_archives_of_zip64(void)
{
    bytes    b = zip64_of(GOOD, 0);
    tensors *t;

    CHECK_INT(open_bytes(&b, &t), BERT_OK);
    CHECK(tensors_find(t, "a", NULL));
    tensors_free(t);
    b = zip64_of(GOOD, 1);
    refuse(&b, BERT_BAD_FILE, "the zip64 directory's end is not where");
    b = zip64_of(GOOD, UINT64_MAX / 2);
    refuse(&b, BERT_BAD_FILE, "the zip64 directory's end is not where");
    b = zip64_of(UINT64_MAX, 0);
    refuse(&b, BERT_BAD_FILE, "the zip directory does not fit");
}

/* ---- the stream -----------------------------------------------------------
 */

#define MAGIC "\x80\2\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19."
#define PROTOCOL "\x80\2M\xE9\3."
#define SYSTEM(little) "\x80\2}X\x0D\0\0\0little_endian" little "s."
#define KEYS                                                                   \
    "\x80\2]U\1"                                                               \
    "0a."
#define COUNT "\6\0\0\0\0\0\0\0"
#define NUMBERS "123412341234123412341234"
#define STREAM(text) stream_of((text), sizeof(text) - 1)

static bytes stream_of(const char *text, size_t size)
{
    bytes b = {.size = 0};

    put(&b, text, size);
    return b;
}

static void test_torch_streams_that_lie_are_refused(void)
{
#define HEAD MAGIC PROTOCOL SYSTEM("\x88")
#define PICKLE DICT("U\1a" WHOLE)
    bytes    b = STREAM(HEAD PICKLE KEYS COUNT NUMBERS);
    tensors *t;
    tensor   a;

    CHECK_INT(open_bytes(&b, &t), BERT_OK);
    CHECK(tensors_find(t, "a", &a) && memcmp(a.data, NUMBERS, 24) == 0);
    tensors_free(t);
    const struct {
        bytes       file;
        bert_status status;
        const char *message;
    } cases[] = {
        {STREAM(HEAD PICKLE KEYS COUNT NUMBERS "x"), BERT_BAD_FILE,
         "1 bytes after the last storage"},
        {STREAM(HEAD PICKLE KEYS "\7\0\0\0\0\0\0\0" NUMBERS "1234"),
         BERT_BAD_FILE, "storage 0: 7 numbers of F32, where 6 are asked for"},
        {STREAM(HEAD PICKLE KEYS "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF" NUMBERS),
         BERT_BAD_FILE, "storage 0: 18446744073709551615 numbers"},
        {STREAM(HEAD PICKLE "\x80\2]." COUNT NUMBERS), BERT_BAD_FILE,
         "the list of storages is not that of the tensors"},
        {STREAM(HEAD PICKLE "\x80\2]U\1"
                            "1a." COUNT NUMBERS),
         BERT_BAD_FILE, "a storage that no tensor names"},
        {STREAM(HEAD DICT("U\1a" WHOLE "U\1b" TENSOR(
             "(U\7storagectorch\nIntStorage\nU\1"
             "1U\3cpuK\6tQ",
             "K\0))")) "\x80\2](U\1"
                       "0U\1"
                       "0e." COUNT NUMBERS COUNT NUMBERS),
         BERT_BAD_FILE, "a storage that no tensor names, or that was there"},
        {STREAM(MAGIC "\x80\2K\1." SYSTEM("\x88") PICKLE KEYS COUNT NUMBERS),
         BERT_UNSUPPORTED, "its protocol is not 1001"},
        {STREAM(MAGIC PROTOCOL SYSTEM("\x89") PICKLE KEYS COUNT NUMBERS),
         BERT_UNSUPPORTED, "written on a big-endian machine"},
        {STREAM("\x80\2K\1."), BERT_BAD_FILE, "not a file of torch.save()"},
        {STREAM("{\"a\":1}"), BERT_BAD_FILE, "not a file of torch.save()"},
        {STREAM(""), BERT_BAD_FILE, "not a file of torch.save()"},
        {STREAM(HEAD "\x80\2"
                     "cposix\nsystem\nU\4true\x85R."),
         BERT_BAD_FILE,
         "pickle: byte 2: it names posix.system, which is not allowed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        refuse(&cases[i].file, cases[i].status, cases[i].message);
    }
}

static void test_torch_files_cut_short_are_refused(void)
{
    bytes files[] = {zip_of(good, GOOD), zip64_of(GOOD, 0),
                     STREAM(HEAD PICKLE KEYS COUNT NUMBERS)};

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        while (files[i].size > 0) {
            files[i].size--;
            refuse(&files[i], BERT_BAD_FILE, "");
        }
    }
}

int main(void)
{
    TEST(test_torch_zip_has_torchs_numbers);
    TEST(test_torch_stream_has_torchs_numbers);
    TEST(test_torch_tensors_are_views_of_storages);
    TEST(test_torch_dicts_in_dicts_and_data_parallel);
    TEST(test_torch_views_that_lie_are_refused);
    TEST(test_torch_storages_that_lie_are_refused);
    TEST(test_torch_archives_that_lie_are_refused);
    TEST(test_torch_directories_that_lie_are_refused);
    TEST(test_torch_archives_of_zip64);
    TEST(test_torch_streams_that_lie_are_refused);
    TEST(test_torch_files_cut_short_are_refused);
    TEST_END;
}
