/*
 * test_base.c - memory, buffers, the map and UTF-8
 */
#include "test.h"

#include "base/buffer.h"
#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/utf8.h"

static void test_utf8_stops_at_each_ill_formed_sequence(void)
{
    static const struct {
        const char *text;
        size_t      size, good;
    } cases[] = {
        {"abc", 3, 3},
        {"\xC3\xA9t\xC3\xA9", 5, 5},
        {"a\xC0\xAF", 3, 1},        /* overlong */
        {"\xE0\x80\xAF", 3, 0},     /* overlong */
        {"\xED\xA0\x80", 3, 0},     /* surrogate */
        {"\xF4\x90\x80\x80", 4, 0}, /* above U+10FFFF */
        {"12345678\xFF", 9, 8},
        {"\xF0\x9F\x98", 3, 0}, /* cut */
        {"\0", 1, 1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_INT(utf8_valid_prefix(cases[i].text, cases[i].size),
                  cases[i].good);
    }
}

static void test_utf8_repair_replaces_maximal_parts(void)
{
    /* Table 3-8 of the Unicode standard. */
    static const char text[] = "a\xF1\x80\x80\xE1\x80\xC2"
                               "b\x80"
                               "c\x80\xBF"
                               "d";
    bert_buffer       out = {0};

    CHECK(utf8_repair(text, sizeof text - 1, &out));
    CHECK(buffer_put_char(&out, '\0'));
    CHECK_TEXT(out.data, "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
                         "b\xEF\xBF\xBD"
                         "c\xEF\xBF\xBD\xEF\xBF\xBD"
                         "d");
    bert_buffer_free(&out);
}

static void test_utf8_encode_and_next_are_inverse(void)
{
    for (uint32_t c = 0; c < 0x110000; c++) {
        char        text[4];
        const char *p = text;
        if (c >= 0xD800 && c < 0xE000) {
            continue;
        }
        size_t n = utf8_encode(c, text);
        if (utf8_valid_prefix(text, n) != n || utf8_next(&p) != c ||
            p != text + n) {
            CHECK(false); /* round trip */
            return;
        }
    }
}

static void test_map_finds_what_was_put_through_growth(void)
{
    enum { COUNT = 5000 };
    static char keys[COUNT][12];
    map        *m = map_new(0);

    for (int i = 0; i < COUNT; i++) {
        snprintf(keys[i], sizeof keys[i], "key%d", i);
        CHECK(map_put(m, keys[i], strlen(keys[i]), i));
    }
    CHECK(map_put(m, keys[7], strlen(keys[7]), 70000));
    CHECK_INT(map_get(m, "key4999", 7), 4999);
    CHECK_INT(map_get(m, "key7", 4), 70000);
    CHECK_INT(map_get(m, "key7", 3), -1);
    map_free(m);
}

static void test_sizes_that_overflow_are_refused(void)
{
    void  *array = NULL;
    size_t capacity = 0;

    CHECK(memory_new(SIZE_MAX / 2, 3) == NULL);
    CHECK(!memory_reserve(&array, &capacity, SIZE_MAX / 4, 8));
    CHECK_INT(capacity, 0);
}

static void test_error_messages_are_one_valid_line(void)
{
    bert_error err;
    char       longer[1000];

    error_set(&err, BERT_IO, "a\nb\xFF%s", "\x1B[0m");
    CHECK_TEXT(err.message, "a?b??[0m");
    memset(longer, 'x', sizeof longer);
    memcpy(longer + 506, "\xC3\xA9", 3);
    error_set(&err, BERT_IO, "%s", longer);
    CHECK_INT(strlen(err.message), 506);
}

int main(void)
{
    TEST(test_utf8_stops_at_each_ill_formed_sequence);
    TEST(test_utf8_repair_replaces_maximal_parts);
    TEST(test_utf8_encode_and_next_are_inverse);
    TEST(test_map_finds_what_was_put_through_growth);
    TEST(test_sizes_that_overflow_are_refused);
    TEST(test_error_messages_are_one_valid_line);
    TEST_END;
}
