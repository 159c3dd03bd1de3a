/*
 * test_json.c - model files: limits, what is absent, getters
 */
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"

static bert_error err;

static bert_status read_text(const char *text)
{
    json_t     *json = NULL;
    bert_status s = json_text_read(&json, text, strlen(text), "file", &err);

    json_decref(json);
    return s;
}

static void test_depth_is_limited_outside_strings(void)
{
    char text[512] = "";

    memset(text, '[', 64);
    memset(text + 64, ']', 64);
    CHECK_INT(read_text(text), BERT_OK);
    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    CHECK_INT(read_text(text), BERT_BAD_FILE);
    CHECK_TEXT(err.message, "file: nested deeper than 64");
    memset(text, '[', 200);
    text[0] = text[1] = text[199] = '"';
    text[0] = '[';
    text[2] = '\\';
    text[3] = '"'; /* still inside */
    strcpy(text + 200, "]");
    CHECK_INT(read_text(text), BERT_OK);
}

static void test_values_are_limited(void)
{
    const size_t many = (size_t)4 << 20;
    char        *text = malloc(2 * many + 8);

    CHECK(text != NULL);
    for (size_t i = 0; i <= many; i++) {
        memcpy(text + 2 * i, i == 0 ? "[1" : ",1", 2);
    }
    strcpy(text + 2 * many + 2, "]");
    CHECK_INT(read_text(text), BERT_BAD_FILE);
    CHECK_TEXT(err.message, "file: more than 4194304 values");
    free(text);
}

static void test_only_a_name_that_nothing_bears_is_absent(void)
{
    char    folder[] = "/tmp/test_json_XXXXXX", path[64];
    json_t *json = NULL;

    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/file", folder);
    CHECK_INT(json_file_read(&json, path, false, &err), BERT_OK);
    CHECK(json == NULL);
    CHECK_INT(json_file_read(&json, path, true, &err), BERT_IO);
    CHECK(symlink("nowhere", path) == 0);
    CHECK_INT(json_file_read(&json, path, false, &err), BERT_IO);
    CHECK(strstr(err.message, "/file: ") != NULL);
    CHECK(unlink(path) == 0 && mkdir(path, 0777) == 0);
    CHECK_INT(json_file_read(&json, path, false, &err), BERT_IO);
    CHECK(strstr(err.message, "/file: is a folder") != NULL);
    CHECK(rmdir(path) == 0 && rmdir(folder) == 0);
}

static void test_getters_name_file_and_member(void)
{
    static const char text[] = "{\"n\":null,\"i\":7,\"r\":1.5,\"b\":true,"
                               "\"s\":\"x\"}";
    json_t           *json = NULL;
    int64_t           i = 3;
    double            r = 3;
    bool              b = false, found = true;
    const char       *s = "";

    CHECK_INT(json_text_read(&json, text, sizeof text - 1, "file", &err),
              BERT_OK);
    CHECK_INT(json_get_int(json, "i", "file", 0, 7, &i, NULL, &err), BERT_OK);
    CHECK_INT(i, 7);
    CHECK_INT(json_get_int(json, "i", "file", 0, 6, &i, NULL, &err),
              BERT_BAD_FILE);
    CHECK_TEXT(err.message, "file: i is 7, outside 0 to 6");
    CHECK_INT(json_get_int(json, "r", "file", 0, 6, &i, NULL, &err),
              BERT_BAD_FILE);
    CHECK_TEXT(err.message, "file: r is not an integer");
    CHECK_INT(json_get_int(json, "n", "file", 0, 6, &i, &found, &err), BERT_OK);
    CHECK(!found && i == 7);
    CHECK_INT(json_get_int(json, "x", "file", 0, 6, &i, NULL, &err),
              BERT_BAD_FILE);
    CHECK_TEXT(err.message, "file: x is missing");
    CHECK_INT(json_get_number(json, "i", "file", &r, NULL, &err), BERT_OK);
    CHECK(r == 7);
    CHECK_INT(json_get_number(json, "b", "file", &r, NULL, &err),
              BERT_BAD_FILE);
    CHECK_INT(json_get_bool(json, "b", "file", &b, &found, &err), BERT_OK);
    CHECK(b && found);
    CHECK_INT(json_get_bool(json, "i", "file", &b, NULL, &err), BERT_BAD_FILE);
    CHECK_INT(json_get_string(json, "s", "file", &s, NULL, &err), BERT_OK);
    CHECK_TEXT(s, "x");
    CHECK_INT(json_get_string(json, "i", "file", &s, NULL, &err),
              BERT_BAD_FILE);
    CHECK_TEXT(err.message, "file: i is not a string");
    json_decref(json);
}

static void test_bad_files_are_refused_by_line(void)
{
    CHECK_INT(read_text("{\"a\":1,\n\"a\":2}"), BERT_BAD_FILE);
    CHECK(strncmp(err.message, "file:2: duplicate", 17) == 0);
    CHECK_INT(read_text("{\"a\":\"\xFF\"}"), BERT_BAD_FILE);
    CHECK_INT(read_text(""), BERT_BAD_FILE);
    CHECK_INT(read_text("{} {}"), BERT_BAD_FILE);
    CHECK_INT(read_text("{\"a\":1,\n\"b\":\"x\\u0000\"}"), BERT_BAD_FILE);
    CHECK_TEXT(err.message, "file:2: \\u0000 in a string");
}

/* transformers writes a model_max_length of 1e30 as an integer. */
static void test_integers_beyond_64_bits_are_numbers(void)
{
    json_t    *json = NULL;
    double     r = 0;
    int64_t    i = 0;
    const char text[] = "{\"a\":-1000000000000000019884624838656,"
                        "\"s\":\"1\\\"000000000000000001988462\",\"i\":5,"
                        "\"f\":0.1000000000000000019884624838656}";

    CHECK_INT(json_text_read(&json, text, sizeof text - 1, "file", &err),
              BERT_OK);
    CHECK_INT(json_get_number(json, "a", "file", &r, NULL, &err), BERT_OK);
    CHECK(r == -1e30);
    CHECK_INT(json_get_number(json, "f", "file", &r, NULL, &err), BERT_OK);
    CHECK(r == 0.1);
    CHECK_INT(json_get_int(json, "i", "file", 0, 9, &i, NULL, &err), BERT_OK);
    CHECK_INT(i, 5);
    const char *s = NULL;
    CHECK_INT(json_get_string(json, "s", "file", &s, NULL, &err), BERT_OK);
    CHECK_TEXT(s, "1\"000000000000000001988462");
    json_decref(json);
    CHECK_INT(read_text("{\"a\":1e999}"), BERT_BAD_FILE);
}

int main(void)
{
    TEST(test_depth_is_limited_outside_strings);
    TEST(test_values_are_limited);
    TEST(test_only_a_name_that_nothing_bears_is_absent);
    TEST(test_getters_name_file_and_member);
    TEST(test_integers_beyond_64_bits_are_numbers);
    TEST(test_bad_files_are_refused_by_line);
    TEST_END;
}
