/*
 * test_kernels_product.c - product() of every table that this machine can run
 * gives the bits of its definition, for any shape and any stretches
 */
#include "test.h"

#include <stdint.h>

#include "base/memory.h"
#include "compute/kernels.h"

static const char *const names[] = {"ref", "avx2", "avx512", "neon"};
enum { NAMES = 4, GAP = 5 };

static uint32_t seed = 1;

static float random_number(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (float)(seed >> 8) * 0x1p-24f - 0.5f;
}

static float *random_array(size_t count)
{
    float *a = memory_new_aligned(count, sizeof *a);

    for (size_t i = 0; i < count; i++) {
        a[i] = random_number();
    }
    return a;
}

/* As kernels.h has it. */
static float definition(const float *x, const float *w, const size_t *ends,
                        size_t k)
{
    float total = 0;
    bool  first = true;

    for (size_t j = 0; j < k; first = false, ends++) {
        float sum = 0;
        for (; j < *ends; j++) {
            sum = fmaf(w[j], x[j], sum);
        }
        total = first ? sum : total + sum;
    }
    return total;
}

/* y has GAP columns and a row more, which must not be written. */
static void check(const kernels *table, size_t m, size_t n, size_t k,
                  const size_t *ends)
{
    size_t ldx = k + GAP, ldy = n + GAP, bad = 0;
    float *x = random_array(m * ldx), *w = random_array(n * k);
    float *y = random_array((m + 1) * ldy);
    float *scratch = memory_new_aligned(table->product_rows * k, sizeof *y);

    for (size_t i = 0; i < (m + 1) * ldy; i++) {
        y[i] = 12345;
    }
    table->product(x, ldx, m, w, n, k, ends, y, ldy, scratch);
    for (size_t row = 0; row <= m; row++) {
        for (size_t i = 0; i < ldy; i++) {
            float want = row < m && i < n
                             ? definition(x + row * ldx, w + i * k, ends, k)
                             : 12345;
            bad += memcmp(&want, &y[row * ldy + i], sizeof want) != 0;
        }
    }
    if (bad != 0) {
        test_bad = true;
        printf("# %s: %zu rows, %zux%zu: %zu numbers\n", table->name, m, n, k,
               bad);
    }
    memory_free(x);
    memory_free(w);
    memory_free(y);
    memory_free(scratch);
}

static void test_product_is_chains_of_fused_products(void)
{
    static const struct {
        size_t n, k, ends[4];
    } cases[] = {
        {1, 1, {1}},
        {12, 16, {16}},
        {13, 17, {17}},
        {48, 64, {64}},
        {49, 63, {63}},
        {96, 40, {40}},
        {101, 33, {33}},
        {30, 70, {64, 70}},
        {17, 100, {1, 2, 100}},
        {60, 50, {20, 40, 45, 50}},
        {384, 48, {24, 48}},
    };

    for (int t = 0; t < NAMES; t++) {
        const kernels *table = kernels_find(names[t]);
        if (table == NULL) {
            printf("# no table %s here\n", names[t]);
            continue;
        }
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            for (size_t m = 1; m <= table->product_rows; m++) {
                check(table, m, cases[i].n, cases[i].k, cases[i].ends);
            }
        }
    }
}

static void test_product_keeps_nan_and_infinity_to_their_rows(void)
{
    enum { N = 20, K = 30, M = 8 };
    const size_t end = K;

    for (int t = 0; t < NAMES; t++) {
        const kernels *table = kernels_find(names[t]);
        if (table == NULL) {
            continue;
        }
        float *x = random_array(M * K), *w = random_array(N * K);
        float *y = random_array(M * N), *scratch = random_array(32 * K);
        x[2 * K + 3] = NAN;
        x[5 * K + 7] = INFINITY;
        table->product(x, K, M, w, N, K, &end, y, N, scratch);
        for (size_t i = 0; i < M * N; i++) {
            CHECK(i / N == 2 ? isnan(y[i]) != 0
                             : (i / N == 5) == (isinf(y[i]) != 0));
        }
        memory_free(x);
        memory_free(w);
        memory_free(y);
        memory_free(scratch);
    }
}

int main(void)
{
    TEST(test_product_is_chains_of_fused_products);
    TEST(test_product_keeps_nan_and_infinity_to_their_rows);
    TEST_END;
}
