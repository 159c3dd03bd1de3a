/*
 * test_tensors.c - the table of tensors, and files that an index names
 */
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "io/safetensors.h"
#include "io/shards.h"

static bert_error err;

static void test_tensors_are_found_by_name(void)
{
    static const float numbers[6];
    tensors           *t = tensors_new("whole");
    char               name[8] = "b";
    tensor             view = {
                    .data = numbers, .type = DTYPE_F32, .rank = 2, .shape = {2, 3}};
    tensor got = {0};

    CHECK_INT(tensors_add(t, name, &view, "first", &err), BERT_OK);
    strcpy(name, "a"); /* names are copied */
    view.transposed = true;
    CHECK_INT(tensors_add(t, name, &view, NULL, &err), BERT_OK);
    CHECK_INT(tensors_count(t), 2);
    CHECK_TEXT(tensors_name(t, 0), "b");
    CHECK_TEXT(tensors_name(t, 1), "a");
    CHECK(tensors_find(t, "b", &got) && !got.transposed &&
          got.data == numbers && got.shape[1] == 3);
    CHECK(tensors_find(t, "a", &got) && got.transposed);
    CHECK(tensors_find(t, "a", NULL) && !tensors_find(t, "c", &got));
    CHECK_TEXT(tensors_path(t, "b"), "first");
    CHECK_TEXT(tensors_path(t, "a"), "whole");
    CHECK_TEXT(tensors_path(t, "c"), "whole");
    CHECK_INT(tensors_add(t, "b", &view, "second", &err), BERT_BAD_FILE);
    CHECK_TEXT(err.message, "second: tensor b: there already");
    CHECK_INT(tensors_add(t, "", &view, NULL, &err), BERT_BAD_FILE);
    CHECK_TEXT(err.message, "whole: tensor : no name");
    tensors_free(t);
    tensors_free(NULL);
}

static void test_tensors_of_many_names(void)
{
    tensors *t = tensors_new("whole");
    tensor   view = {.data = "", .type = DTYPE_U8, .rank = 1, .shape = {0}};
    char     name[16];

    for (size_t i = 0; i < 2000; i++) {
        snprintf(name, sizeof name, "%zu", i);
        view.shape[0] = i;
        CHECK_INT(tensors_add(t, name, &view, i % 2 ? "x" : "y", &err),
                  BERT_OK);
    }
    CHECK(tensors_find(t, "1999", &view) && view.shape[0] == 1999);
    CHECK_TEXT(tensors_path(t, "1998"), "y");
    tensors_free(t);
}

static char order[8];

static void release(void *owner)
{
    strncat(order, owner, 1);
}

static void test_tensors_keep_what_they_stand_on(void)
{
    tensors             *t = tensors_new("whole");
    const unsigned char *data;
    size_t               size;

    CHECK_INT(tensors_keep(t, "a", release, &err), BERT_OK);
    CHECK_INT(tensors_keep(t, "b", release, &err), BERT_OK);
    CHECK_INT(tensors_map(t, "tests/unit/test_tensors.c", &data, &size, &err),
              BERT_OK);
    CHECK(size > 100 && memcmp(data, "/*\n * test_tensors.c", 20) == 0);
    CHECK_INT(tensors_map(t, "/nowhere", &data, &size, &err), BERT_IO);
    CHECK_TEXT(order, "");
    tensors_free(t);
    CHECK_TEXT(order, "ba");
}

/* ---- shards ---------------------------------------------------------------
 */

static char folder[256];

static const char *path_of(const char *name)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_text(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "wb");

    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
        perror(path_of(name));
        exit(1);
    }
}

/* A file of one tensor of one byte. */
static void write_shard(const char *name, const char *content)
{
    char  header[128];
    FILE *file = fopen(path_of(name), "wb");
    int   size = snprintf(header, sizeof header,
                          "{\"%s\":{\"dtype\":\"U8\",\"shape\":[1],"
                            "\"data_offsets\":[0,1]}}",
                          content);

    if (file == NULL) {
        perror(path_of(name));
        exit(1);
    }
    putc(size, file);
    fprintf(file, "%c%c%c%c%c%c%c%s%c", 0, 0, 0, 0, 0, 0, 0, header,
            content[0]);
    fclose(file);
}

static int opened;

static bert_status count_open(tensors *into, const char *path, bert_error *e)
{
    opened++;
    return safetensors_open(into, path, e);
}

static bert_status open_index(const char *text, tensors **out)
{
    write_text("index.json", text);
    *out = tensors_new(path_of("index.json"));
    opened = 0;
    err.message[0] = '\0';
    return shards_open(*out, path_of("index.json"), count_open, &err);
}

static void test_shards_are_opened_once_each(void)
{
    tensors *t;
    tensor   got;

    write_shard("one", "a");
    write_shard("two", "b");
    CHECK_INT(open_index("{\"metadata\":{},\"weight_map\":{\"a\":\"one\","
                         "\"b\":\"two\"}}",
                         &t),
              BERT_OK);
    CHECK_INT(opened, 2);
    CHECK_INT(tensors_count(t), 2);
    CHECK(tensors_find(t, "b", &got) && *(const char *)got.data == 'b');
    CHECK_TEXT(tensors_path(t, "a"), path_of("one"));
    CHECK_TEXT(tensors_path(t, "b"), path_of("two"));
    CHECK_TEXT(tensors_path(t, "c"), path_of("index.json"));
    tensors_free(t);
}

static void test_shards_that_lie_are_refused(void)
{
    static const struct {
        const char *text, *message; /* a part of it */
        bert_status status;
    } cases[] = {
        {"{}", "index.json: weight_map is no object with tensors",
         BERT_BAD_FILE},
        {"[]", "weight_map is no object", BERT_BAD_FILE},
        {"{\"weight_map\":{}}", "weight_map is no object", BERT_BAD_FILE},
        {"{\"weight_map\":[\"one\"]}", "weight_map is no object",
         BERT_BAD_FILE},
        {"{\"weight_map\":{\"a\":1}}", "a: its value is no file of this folder",
         BERT_BAD_FILE},
        {"{\"weight_map\":{\"a\":\"\"}}", "is no file of this folder",
         BERT_BAD_FILE},
        {"{\"weight_map\":{\"a\":\"/etc/passwd\"}}",
         "a: /etc/passwd is no file of this folder", BERT_BAD_FILE},
        {"{\"weight_map\":{\"a\":\"../one\"}}", "../one is no file of this",
         BERT_BAD_FILE},
        {"{\"weight_map\":{\"a\":\"..\"}}", ".. is no file of this",
         BERT_BAD_FILE},
        {"{\"weight_map\":{\"a\":\"x/one\"}}", "x/one is no file of this",
         BERT_BAD_FILE},
        {"{\"weight_map\":{\"a\":\"one\\u0000\"}}", "index.json",
         BERT_BAD_FILE},
        {"{\"weight_map\":{\"a\":\"one\",\"a\":\"two\"}}", "index.json",
         BERT_BAD_FILE},
        {"{\"weight_map\":{\"a\":\"three\"}}", "three: No such file", BERT_IO},
        {"{\"weight_map\":{\"b\":\"one\"}}",
         "index.json: tensor b: it is not in one, where weight_map has it",
         BERT_BAD_FILE},
        {"{\"weight_map\":{\"a\":\"one\",\"b\":\"one\"}}",
         "tensor b: it is not in one", BERT_BAD_FILE},
        {"{\"weight_map\":{\"b\":\"two\",\"a\":\"two\"}}",
         "tensor a: it is not in two", BERT_BAD_FILE},
        {"{\"weight_map\":{\"a\":\"one\",\"b\":\"again\"}}",
         "again: tensor a: there already", BERT_BAD_FILE},
        {"{\"weight_map\":{\"a\":\"index.json\"}}", "index.json: a header",
         BERT_BAD_FILE},
    };

    write_shard("one", "a");
    write_shard("again", "a");
    write_shard("two", "b");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tensors *t;
        CHECK_INT(open_index(cases[i].text, &t), cases[i].status);
        if (strstr(err.message, cases[i].message) == NULL) {
            CHECK_TEXT(err.message, cases[i].message);
        }
        tensors_free(t);
    }
}

int main(void)
{
    static const char *const files[] = {"one", "two", "again", "index.json"};

    strcpy(folder, "/tmp/bert-test-XXXXXX");
    if (mkdtemp(folder) == NULL) {
        perror(folder);
        return 1;
    }
    TEST(test_tensors_are_found_by_name);
    TEST(test_tensors_of_many_names);
    TEST(test_tensors_keep_what_they_stand_on);
    TEST(test_shards_are_opened_once_each);
    TEST(test_shards_that_lie_are_refused);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        unlink(path_of(files[i]));
    }
    rmdir(folder);
    TEST_END;
}
