/*
 * test_value.c - typed values and floats as text, .npy headers
 */
#include "test.h"

#include <locale.h>

#include "base/buffer.h"
#include "bert_io.h"
#include "io/float_text.h"
#include "io/value.h"

static const char *json(bert_value value)
{
    static bert_buffer out;
    bert_error         err;

    out.size = 0;
    if (bert_value_put(&value, 0, &out, &err) != BERT_OK) {
        buffer_put_text(&out, err.message);
    }
    buffer_put_char(&out, '\0');
    return out.data;
}

static const char *field(bert_value value)
{
    static bert_buffer out;
    bert_error         err;

    out.size = 0;
    if (value_put_field(&value, 0, &out, &err) != BERT_OK) {
        buffer_put_text(&out, err.message);
    }
    buffer_put_char(&out, '\0');
    return out.data;
}

static void test_value_forms(void)
{
    static const int32_t   ints[] = {-1, 0, INT32_MAX, INT32_MIN};
    static const uint8_t   bits[] = {0, 255};
    static const int8_t    bytes[] = {-128, 127};
    static const bert_span spans[] = {{0, 0}, {1, (size_t)1 << 40}};
    static const float     floats[] = {1, -0.5f, 1e10f, 0.25f};
    static const bert_text texts[] = {{"a b", 3}, {"", 0}, {"\"\t", 2}};
    const struct {
        bert_value  value;
        const char *json, *field;
    } cases[] = {
        {{.type = BERT_ABSENT}, "null", ""},
        {{.type = BERT_TRUE}, "true", "true"},
        {{.type = BERT_INT, .as.integer = INT64_MIN},
         "-9223372036854775808",
         "-9223372036854775808"},
        {{.type = BERT_INTS, .count = 4, .as.ints = ints},
         "[-1,0,2147483647,-2147483648]",
         "-1 0 2147483647 -2147483648"},
        {{.type = BERT_WORDS, .count = 2, .as.ints = ints}, "[null,0]", "- 0"},
        {{.type = BERT_INTS}, "[]", ""},
        {{.type = BERT_BITS, .count = 2, .as.bytes = bits}, "[0,255]", "0 255"},
        {{.type = BERT_BYTES, .count = 2, .as.sbytes = bytes},
         "[-128,127]",
         "-128 127"},
        {{.type = BERT_SPANS, .count = 2, .as.spans = spans},
         "[[0,0],[1,1099511627776]]",
         "0-0 1-1099511627776"},
        {{.type = BERT_FLOATS, .count = 4, .as.floats = floats},
         "[1,-0.5,1e10,0.25]",
         "1 -0.5 1e10 0.25"},
        {{.type = BERT_MATRIX, .count = 2, .columns = 2, .as.floats = floats},
         "[[1,-0.5],[1e10,0.25]]",
         "[[1,-0.5],[1e10,0.25]]"},
        {{.type = BERT_STRINGS, .count = 3, .as.texts = texts},
         "[\"a b\",\"\",\"\\\"\\t\"]",
         "a b  \"\\t"},
        {{.type = BERT_JSON, .as.text = {"{ }", 3}}, "{ }", "{ }"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_TEXT(json(cases[i].value), cases[i].json);
        CHECK_TEXT(field(cases[i].value), cases[i].field);
    }
}

static void test_value_escapes_every_control(void)
{
    static const char *const want[] = {
        "\\u0000", "\\u0001", "\\u0002", "\\u0003", "\\u0004", "\\u0005",
        "\\u0006", "\\u0007", "\\b",     "\\t",     "\\n",     "\\u000b",
        "\\f",     "\\r",     "\\u000e", "\\u000f", "\\u0010", "\\u0011"};

    for (int c = 0; c < 18; c++) {
        for (size_t at = 0; at < 12; at++) { /* at every place of eight */
            char text[12], line[64];
            memset(text, 'x', sizeof text);
            text[at] = (char)c;
            sprintf(line, "\"%.*s%s%.*s\"", (int)at, "xxxxxxxxxxxx", want[c],
                    (int)(11 - at), "xxxxxxxxxxxx");
            CHECK_TEXT(
                json((bert_value){.type = BERT_STRING, .as.text = {text, 12}}),
                line);
        }
    }
    CHECK_TEXT(json((bert_value){.type = BERT_STRING,
                                 .as.text = {"\x7F\xC2\x85\xE2\x80\xA8/", 7}}),
               "\"\x7F\xC2\x85\xE2\x80\xA8/\"");
}

static const char *text_of(float value, int digits)
{
    static char text[FLOAT_TEXT_MAX + 1];

    text[float_text(value, digits, text)] = '\0';
    return text;
}

/* Expected digits: numpy 2, format_float_scientific(float32(x), unique=True).
 */
static void test_float_text_is_shortest(void)
{
    static const struct {
        float       value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0f, "-0.0"},
        {1, "1"},
        {0.1f, "0.1"},
        {-0.3f, "-0.3"},
        {1.0f / 3, "0.33333334"},
        {16777216, "16777216"},
        {33554432, "33554432"},
        {123456792, "123456790"},
        {1e9f, "1e9"},
        {1.5e10f, "1.5e10"},
        {1e-5f, "0.00001"},
        {1.25e-5f, "0.0000125"},
        {9.9e-6f, "9.9e-6"},
        {0x1p-149f, "1e-45"},
        {0x1.fffffcp-127f, "1.1754942e-38"},
        {0x1p-126f, "1.1754944e-38"},
        {0x1.fffffep127f, "3.4028235e38"},
        {8.589973e9f, "8.589974e9"},
        {9007199254740992.0f, "9.007199e15"},
        {1.00000005e-24f, "1e-24"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_TEXT(text_of(cases[i].value, 0), cases[i].text);
    }
}

static unsigned wrong, longer;

/* Does the text read back, is none shorter, none of its length closer? */
static void check_float(uint32_t bits)
{
    float    value;
    char     other[32];
    unsigned digits;
    int      exponent, count = 0;

    memcpy(&value, &bits, sizeof value);
    const char *text = text_of(value, 0);
    wrong += strtof(text, NULL) != value;
    float_shortest(value, &digits, &exponent);
    while (digits % 10 == 0) {
        digits /= 10;
    }
    for (; digits > 0; digits /= 10) {
        count++;
    }
    /* Of one digit less, the closest decimal is what printf gives. */
    if (count > 1) {
        sprintf(other, "%.*e", count - 2, (double)value);
        longer += strtof(other, NULL) == value;
    }
    sprintf(other, "%.*e", count - 1, (double)value);
    wrong += strtof(other, NULL) == value &&
             fabs(strtod(other, NULL) - (double)value) <
                 fabs(strtod(text, NULL) - (double)value);
}

/* A sample; tests/full/float_text.cc has them all. */
static void test_float_text_reads_back(void)
{
    wrong = longer = 0;
    for (uint32_t bits = 1; bits < 0x7F800000; bits += 15013) {
        check_float(bits);
    }
    for (uint32_t e = 1; e < 255; e++) { /* where the lower gap is half */
        check_float((e << 23) - 1);
        check_float(e << 23);
        check_float((e << 23) + 1);
    }
    CHECK_INT(wrong, 0);
    CHECK_INT(longer, 0);
}

static void test_float_text_rounds_to_digits(void)
{
    CHECK_TEXT(text_of(1.0f / 3, 4), "0.3333");
    CHECK_TEXT(text_of(0.98765f, 2), "0.99");
    CHECK_TEXT(text_of(0.999f, 2), "1");
    CHECK_TEXT(text_of(0.5f, 4), "0.5");
    CHECK_TEXT(text_of(-123456, 3), "-123000");
    CHECK_TEXT(text_of(1.2345678e-10f, 3), "1.23e-10");
    CHECK_TEXT(text_of(9.99e10f, 1), "1e11");
    CHECK_TEXT(text_of(1.0f / 3, 9), "0.33333334");
    CHECK_TEXT(text_of(2.5f, 1), "2"); /* exact: to even, as printf */
    unsigned other = 0;
    for (uint32_t bits = 1; bits < 0x7F800000; bits += 50021) {
        float value;
        char  text[32];
        memcpy(&value, &bits, sizeof value);
        for (int n = 1; n <= 8; n++) { /* the same number as printf's */
            sprintf(text, "%.*e", n - 1, (double)value);
            const char *ours = text_of(value, n);
            /* fewer digits may be enough to read back */
            other += strtod(text, NULL) != strtod(ours, NULL) &&
                     strtof(ours, NULL) != value;
        }
    }
    CHECK_INT(other, 0);
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8") != NULL) {
        CHECK_TEXT(text_of(1.0f / 3, 4), "0.3333");
        setlocale(LC_NUMERIC, "C");
    }
}

static void test_npy_header_is_128_bytes(void)
{
    bert_buffer out = {0};
    /* numpy.lib.format.write_array_header_1_0 */
    CHECK_INT(bert_npy_header("<f4", 3, 384, &out, NULL), BERT_OK);
    CHECK_INT(out.size, 128);
    CHECK(memcmp(out.data, "\x93NUMPY\x01\x00\x76\x00", 10) == 0);
    CHECK(memcmp(out.data + 10,
                 "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 384), "
                 "}  ",
                 63) == 0);
    CHECK_INT(out.data[127], '\n');
    CHECK_INT(bert_npy_header("|u1", SIZE_MAX, SIZE_MAX, &out, NULL), BERT_OK);
    CHECK_INT(out.size, 256);
    bert_buffer_free(&out);
}

int main(void)
{
    TEST(test_value_forms);
    TEST(test_value_escapes_every_control);
    TEST(test_float_text_is_shortest);
    TEST(test_float_text_reads_back);
    TEST(test_float_text_rounds_to_digits);
    TEST(test_npy_header_is_128_bytes);
    TEST_END;
}
