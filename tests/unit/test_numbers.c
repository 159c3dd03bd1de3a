/*
 * test_numbers.c - numbers on the command line
 */
#include "test.h"

#include "common/numbers.h"

static void test_real_takes_decimal_numbers(void)
{
    static const struct {
        const char *text;
        float       value;
    } good[] = {{"0.5", 0.5f},   {"-1", -1.0f},   {"+2.25", 2.25f},
                {".125", .125f}, {"1e-3", 1e-3f}, {"0.1", 0.1f},
                {"-0", 0.0f},    {"3.", 3.0f}};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        float got = -9;

        CHECK(number_real(good[i].text, strlen(good[i].text), &got));
        CHECK(got == good[i].value);
    }
}

static void test_real_refuses_all_else(void)
{
    static const char *const bad[] = {
        "",
        " 1",
        "1 ",
        "0x1p3",
        "inf",
        "nan",
        "1e99",
        "1,5",
        "--1",
        "1e",
        "half",
        "-",
        ".",
        "e5",
        "1.2.3",
        "0000000000000000000000000000000000000000000000000000000000000000000"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        float got = -9;

        CHECK(!number_real(bad[i], strlen(bad[i]), &got));
        CHECK(got == -9);
    }
}

/* The number may be part of a longer text. */
static void test_real_reads_no_further_than_its_size(void)
{
    float got = 0;

    CHECK(number_real("0.25,b=3", 4, &got));
    CHECK(got == 0.25f);
}

int main(void)
{
    TEST(test_real_takes_decimal_numbers);
    TEST(test_real_refuses_all_else);
    TEST(test_real_reads_no_further_than_its_size);
    TEST_END;
}
