/*
 * test_floats.c - every F16 and BF16 as f32, and matrices that lie transposed
 */
#include "test.h"

#include <stdint.h>

#include "base/tensor.h"

/* What IEEE 754 says of a binary16 (section 3.4). */
static double half_value(unsigned bits)
{
    int    exponent = (int)(bits >> 10 & 31);
    double fraction = (double)(bits & 1023) / 1024;
    double sign = (bits & 0x8000) != 0 ? -1 : 1;

    if (exponent == 31) {
        return fraction > 0 ? (double)NAN : sign * (double)INFINITY;
    }
    return sign * (exponent == 0 ? ldexp(fraction, -14)
                                 : ldexp(1 + fraction, exponent - 15));
}

/* Number of values that are no NaN and FNV-1a over their bits, as
   tests/gen/torch_refs.py takes them. */
static void check_sum(const char *name, const float *values)
{
    char     line[64], want[64], got[64];
    uint64_t h = 14695981039346656037u;
    int      count = 0;
    FILE    *file = fopen("tests/golden/torch/floats.txt", "r");

    for (int i = 0; i < 65536; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        if (!isnan(values[i])) {
            count++;
            for (int k = 0; k < 32; k += 8) {
                h = (h ^ (bits >> k & 0xFF)) * 1099511628211u;
            }
        }
    }
    snprintf(got, sizeof got, "%s %d %016llx\n", name, count,
             (unsigned long long)h);
    want[0] = '\0';
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0) {
            snprintf(want, sizeof want, "%s", line);
        }
    }
    CHECK_TEXT(got, want);
    if (file != NULL) {
        fclose(file);
    }
}

static unsigned char every[2 * 65536 + 1];
static float         out[65536];

/* All 65,536 in their order, at an odd address. */
static tensor every_16(dtype type)
{
    for (unsigned i = 0; i < 65536; i++) {
        every[2 * i + 1] = (unsigned char)i;
        every[2 * i + 2] = (unsigned char)(i >> 8);
    }
    return (tensor){
        .data = every + 1, .type = type, .rank = 1, .shape = {65536}};
}

static void test_floats_of_every_f16(void)
{
    tensor t = every_16(DTYPE_F16);
    int    wrong = 0;

    tensor_floats(&t, out);
    for (unsigned i = 0; i < 65536; i++) {
        double want = half_value(i), got = (double)out[i];
        wrong += isnan(want) ? !isnan(got)
                             : got != want || signbit(got) != signbit(want);
    }
    CHECK_INT(wrong, 0);
    check_sum("F16", out);
}

static void test_floats_of_every_bf16(void)
{
    tensor t = every_16(DTYPE_BF16);
    int    wrong = 0;

    tensor_floats(&t, out);
    for (unsigned i = 0; i < 65536; i++) {
        uint32_t bits;
        memcpy(&bits, &out[i], sizeof bits);
        wrong += bits != i << 16;
    }
    CHECK_INT(wrong, 0);
    check_sum("BF16", out);
}

static void test_floats_of_other_types(void)
{
    static const double doubles[] = {1.0 / 3, -1e300, 1e-300, 0.5};
    static const float  floats[] = {1, -2, 3.5f};
    unsigned char       moved[sizeof floats + 1];
    tensor t = {.data = doubles, .type = DTYPE_F64, .rank = 1, .shape = {4}};

    tensor_floats(&t, out);
    CHECK(out[0] == 1.0f / 3 && isinf(out[1]) && out[1] < 0 && out[2] == 0 &&
          out[3] == 0.5f);
    memcpy(moved + 1, floats, sizeof floats);
    t = (tensor){.data = moved + 1, .type = DTYPE_F32, .rank = 1, .shape = {3}};
    CHECK(!tensor_is_floats(&t) || (uintptr_t)(moved + 1) % 4 == 0);
    tensor_floats(&t, out);
    CHECK(memcmp(out, floats, sizeof floats) == 0);
    t.data = floats;
    CHECK(tensor_is_floats(&t));
    t.type = DTYPE_I32;
    CHECK(!tensor_is_floats(&t) && !dtype_is_float(t.type));
}

/* Sizes on both sides of the blocks that are turned at once. */
static void test_floats_of_transposed_matrices(void)
{
    static const size_t sizes[][2] = {
        {1, 1}, {3, 5}, {32, 33}, {33, 32}, {70, 2}};
    static float columns[2400];

    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t rows = sizes[s][0], n = sizes[s][1];
        int    wrong = 0;
        tensor t = {.data = columns,
                    .type = DTYPE_F32,
                    .rank = 2,
                    .shape = {rows, n},
                    .transposed = true};
        for (size_t i = 0; i < rows * n; i++) {
            columns[i] = (float)i;
        }
        CHECK(!tensor_is_floats(&t));
        tensor_floats(&t, out);
        for (size_t r = 0; r < rows; r++) {
            for (size_t c = 0; c < n; c++) {
                wrong += out[r * n + c] != (float)(c * rows + r);
            }
        }
        CHECK_INT(wrong, 0);
    }
}

int main(void)
{
    TEST(test_floats_of_every_f16);
    TEST(test_floats_of_every_bf16);
    TEST(test_floats_of_other_types);
    TEST(test_floats_of_transposed_matrices);
    TEST_END;
}
