/*
 * test_safetensors.c - what a file may say, and every lie it may tell
 */
#include "test.h"

#include "io/safetensors.h"
#include "records.h"

static bert_error err;

/* Open a file of this header and so many bytes of data after it. */
static bert_status open_with(tensors **file, const char *header,
                             size_t header_size, uint64_t claimed,
                             size_t data_size)
{
    char  path[32];
    char *bytes = calloc(1, 8 + header_size + data_size + 1);

    for (int i = 0; i < 8; i++) {
        bytes[i] = (char)(claimed >> 8 * i);
    }
    memcpy(bytes + 8, header, header_size);
    for (size_t i = 0; i < data_size; i++) {
        bytes[8 + header_size + i] = (char)i;
    }
    write_file(path, bytes, 8 + header_size + data_size);
    *file = tensors_new(path);
    bert_status s = safetensors_open(*file, path, &err);
    if (s != BERT_OK) {
        tensors_free(*file);
    }
    unlink(path);
    free(bytes);
    return s;
}

static bert_status open_header(tensors **file, const char *header,
                               size_t data_size)
{
    size_t size = strlen(header);

    return open_with(file, header, size, size, data_size);
}

static void test_tensors_finds_tensors(void)
{
    tensors *f = NULL;
    tensor   t;

    CHECK_INT(open_header(&f,
                          "{\"b\":{\"dtype\":\"F32\",\"shape\":[1,2],"
                          "\"data_offsets\":[2,10]},"
                          "\"__metadata__\":{\"format\":\"pt\"},"
                          "\"e\":{\"dtype\":\"F16\",\"shape\":[0,4],"
                          "\"data_offsets\":[2,2]},"
                          "\"a\":{\"dtype\":\"BF16\",\"shape\":[],"
                          "\"data_offsets\":[0,2]}}   ",
                          10),
              BERT_OK);
    CHECK_INT(tensors_count(f), 3);
    CHECK_TEXT(tensors_name(f, 0), "a");
    CHECK_TEXT(tensors_name(f, 1), "e");
    CHECK(tensors_find(f, "b", &t));
    CHECK(t.type == DTYPE_F32 && t.rank == 2 && t.shape[0] == 1 &&
          t.shape[1] == 2);
    CHECK_INT(((const unsigned char *)t.data)[0], 2);
    CHECK(tensors_find(f, "a", &t));
    CHECK(t.type == DTYPE_BF16 && t.rank == 0 && tensor_count(&t) == 1);
    CHECK(!tensors_find(f, "__metadata__", &t));
    CHECK(!tensors_find(f, "c", &t));
    tensors_free(f);
    CHECK_INT(open_header(&f, "{}", 0), BERT_OK);
    CHECK_INT(tensors_count(f), 0);
    tensors_free(f);
}

/* Whoever uses one of them refuses it. */
static void test_safetensors_passes_what_no_model_uses(void)
{
    tensors *f = NULL;
    tensor   t;

    CHECK_INT(open_header(&f,
                          "{\"a\":{\"dtype\":\"U16\",\"shape\":[1],"
                          "\"data_offsets\":[0,2]},"
                          "\"b\":{\"dtype\":\"F8_E4M3\",\"shape\":[2,1],"
                          "\"data_offsets\":[2,4]},"
                          "\"c\":{\"dtype\":\"F4\",\"shape\":[4],"
                          "\"data_offsets\":[4,6]},"
                          "\"d\":{\"dtype\":\"U8\",\"shape\":[1,1,1,2,2,1],"
                          "\"data_offsets\":[6,10]}}",
                          10),
              BERT_OK);
    CHECK_INT(tensors_count(f), 4);
    for (size_t i = 0; i < 3; i++) {
        CHECK(tensors_find(f, tensors_name(f, i), &t));
        CHECK(t.type == DTYPE_OTHER && !tensor_is_floats(&t));
        CHECK(!dtype_is_float(t.type));
    }
    CHECK(tensors_find(f, "d", &t));
    CHECK(t.rank == 4 && t.shape[3] == 4);
    tensors_free(f);
}

static void test_safetensors_refuses_lies(void)
{
    static const struct {
        const char *header;
        size_t      data;
        const char *message; /* a part of it */
    } cases[] = {
        {"", 0, "the header is no object"},
        {"[]", 0, "the header is no object"},
        {" {}", 0, "the header is no object"},
        {"{\"a\":1}", 0, "tensor a: no dtype"},
        {"{\"a\":{}}", 0, "tensor a: no dtype"},
        {"{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[1],"
         "\"data_offsets\":[0,2]}}",
         1, "data at [0,2] of 1 bytes"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}}", 1,
         "no shape"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]}}", 1,
         "no shape"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
         "1,1],\"data_offsets\":[0,1]}}",
         1, "no shape"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,4294967296,4294967296,0],"
         "\"data_offsets\":[0,0]}}",
         1, "no shape"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,2,2],"
         "\"data_offsets\":[0,2]}}",
         2, "2 bytes of data for U8 [1,1,1,4]"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", 1,
         "no data_offsets"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,0]}}", 1,
         "data at [1,0] of 1 bytes"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 1,
         "data at [0,2] of 1 bytes"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],"
         "\"data_offsets\":[0,20]}}",
         20, "20 bytes of data for F32 [2,3]"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],"
         "\"data_offsets\":[0,0]}}",
         0, "0 bytes of data for F32"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
         "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}",
         3, "tensor b: its data overlap another's"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
         "\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[2,3]}}",
         3, "tensor b: data before it belong to no tensor"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 2,
         "2 bytes of data, but tensors use 1"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
         "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
         1, "duplicate"},
        {"{\"a\\u0000b\":{\"dtype\":\"U8\",\"shape\":[1],"
         "\"data_offsets\":[0,1]}}",
         1, "NUL"},
        {"{\"__metadata__\":{\"a\":1}}", 0, "a that is no string"},
        {"{\"__metadata__\":[]}", 0, "__metadata__ is no object"},
        {"{\"a\":", 0, "tmp"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tensors    *f = NULL;
        bert_status s = open_header(&f, cases[i].header, cases[i].data);
        CHECK_INT(s, BERT_BAD_FILE);
        if (s == BERT_OK) {
            printf("# case %zu opened\n", i);
            tensors_free(f);
        } else if (strstr(err.message, cases[i].message) == NULL) {
            CHECK_TEXT(err.message, cases[i].message);
        }
    }
}

static void test_safetensors_refuses_sizes(void)
{
    static const uint64_t claims[] = {3, 100000001, UINT64_MAX, 1u << 31};
    tensors              *f;
    char                  path[32];

    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        CHECK_INT(open_with(&f, "{}", 2, claims[i], 0), BERT_BAD_FILE);
        CHECK(strstr(err.message, "a header of ") != NULL);
    }
    f = tensors_new("none");
    for (size_t size = 0; size < 8; size++) {
        write_file(path, "\0\0\0\0\0\0\0\0", size);
        CHECK_INT(safetensors_open(f, path, &err), BERT_BAD_FILE);
        unlink(path);
    }
    CHECK_INT(safetensors_open(f, "/nowhere", &err), BERT_IO);
    CHECK_INT(safetensors_open(f, "/tmp", &err), BERT_IO);
    tensors_free(f);
}

int main(void)
{
    TEST(test_tensors_finds_tensors);
    TEST(test_safetensors_passes_what_no_model_uses);
    TEST(test_safetensors_refuses_lies);
    TEST(test_safetensors_refuses_sizes);
    TEST_END;
}
