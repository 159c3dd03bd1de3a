/*
 * test_kernels.c - every table that this machine can run, against formulas in
 * f64 (libm), for all lengths from 0 to 67, unaligned, with -0, inf and NaN
 */
#include "test.h"

#include <float.h>
#include <stdint.h>

#include "base/memory.h"
#include "compute/kernels.h"

enum { LONGEST = 67, GUARD = 8, ROOM = LONGEST + 2 * GUARD };

static const char *const names[] = {"ref", "avx2", "avx512", "neon"};
enum { NAMES = 4 };

/* The table under test, NULL where the machine has none of that name. */
static const kernels *table;

static uint32_t seed = 1;

static float random_number(float size)
{
    seed = seed * 1664525u + 1013904223u;
    return ((float)((seed >> 9) & 0xFFFF) / 32768.0f - 1.0f) * size;
}

static void random_row(float *row, size_t n, float size)
{
    for (size_t i = 0; i < n; i++) {
        row[i] = random_number(size);
    }
}

/* A row that begins one float off any alignment, between guards. */
typedef struct guarded {
    float room[ROOM];
} guarded;

static float *row_of(guarded *g)
{
    for (size_t i = 0; i < ROOM; i++) {
        g->room[i] = 12345.0f;
    }
    return g->room + GUARD + 1;
}

static bool untouched(const guarded *g, size_t n)
{
    for (size_t i = 0; i < ROOM; i++) {
        if ((i <= GUARD || i >= GUARD + 1 + n) && !(g->room[i] == 12345.0f)) {
            return false;
        }
    }
    return true;
}

/* Distance in units in the last place of want, as a float. */
static double ulps(double got, double want)
{
    float  size = fabsf((float)want);
    double unit = (double)(nextafterf(size, INFINITY) - size);

    return fabs(got - want) / unit;
}

/* ---- Activations ----------------------------------------------------------
 */

static double formula(kernel_act act, double x)
{
    const double c = sqrt(2 / acos(-1.0));

    switch (act) {
    case KERNEL_GELU:
        return x / 2 * erfc(-x / sqrt(2.0));
    case KERNEL_GELU_TANH:
    case KERNEL_GELU_FAST:
        return x / 2 * (1 + tanh(c * (x + 0.044715 * x * x * x)));
    case KERNEL_QUICK_GELU:
        return x / (1 + exp(-1.702 * x));
    case KERNEL_RELU:
        return x > 0 ? x : 0;
    case KERNEL_SILU:
        return x / (1 + exp(-x));
    case KERNEL_TANH:
        return tanh(x);
    case KERNEL_SIGMOID:
        return 1 / (1 + exp(-x));
    case KERNEL_IDENTITY:
        break;
    }
    return x;
}

/* Largest number of ulp allowed where the error is above `absolute`. */
static const struct {
    kernel_act  act;
    const char *name;
    double      ulp, absolute;
} acts[] = {
    {KERNEL_GELU, "gelu", 4, 2e-7},
    {KERNEL_GELU_TANH, "gelu_tanh", 4, 2e-7},
    {KERNEL_GELU_FAST, "gelu_fast", 4, 2e-7},
    {KERNEL_QUICK_GELU, "quick_gelu", 4, 2e-7},
    {KERNEL_RELU, "relu", 0, 0},
    {KERNEL_SILU, "silu", 4, 2e-7},
    {KERNEL_TANH, "tanh", 4, 2e-7},
    {KERNEL_SIGMOID, "sigmoid", 4, 2e-7},
    {KERNEL_IDENTITY, "identity", 0, 0},
};
enum { ACTS = sizeof acts / sizeof *acts };

static void check_act(size_t a, const float *x, const float *y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double want = formula(acts[a].act, (double)x[i]);
        double got = (double)y[i];
        if (!(fabs(got - want) <= acts[a].absolute ||
              ulps(got, want) <= acts[a].ulp)) {
            test_bad = true;
            printf("# %s %s(%.9g) is %.9g, not %.9g\n", table->name,
                   acts[a].name, (double)x[i], got, want);
            return;
        }
    }
}

static void test_activation_is_its_formula(void)
{
    enum { POINTS = 40000 };
    float *x = memory_new(POINTS, sizeof *x);
    float *y = memory_new(POINTS, sizeof *y);

    for (size_t a = 0; a < ACTS; a++) {
        for (int i = 0; i < POINTS; i++) { /* evenly over [-20, 20] */
            x[i] = (float)(i - POINTS / 2) / (POINTS / 2) * 20;
        }
        table->bias_act(acts[a].act, x, NULL, y, POINTS);
        check_act(a, x, y, POINTS);
        for (int i = 0; i < POINTS; i++) { /* every size, both signs */
            x[i] = ldexpf(1.0f + (float)(i % 100) / 100, i % 200 - 120) *
                   (i % 2 ? 1.0f : -1.0f);
            x[i] = fabsf(x[i]) > 1e4f ? 1e4f : x[i];
        }
        table->bias_act(acts[a].act, x, NULL, y, POINTS);
        check_act(a, x, y, POINTS);
    }
    memory_free(x);
    memory_free(y);
}

/* An error of one sign adds up in the product that follows. */
static void test_gelu_errs_to_both_sides(void)
{
    enum { N = 30000 };
    float *x = memory_new(N, sizeof *x), *y = memory_new(N, sizeof *y);
    double sum = 0;

    for (size_t i = 0; i < N; i++) {
        x[i] = -3 + 3 * ((float)i + 0.5f) / N;
    }
    table->bias_act(KERNEL_GELU, x, NULL, y, N);
    for (size_t i = 0; i < N; i++) {
        double exact = (double)x[i] / 2 * erfc(-(double)x[i] * sqrt(0.5));
        sum += (double)y[i] - exact;
    }
    CHECK(fabs(sum / N) < 3e-9);
    memory_free(x);
    memory_free(y);
}

static void test_activation_of_any_length(void)
{
    for (size_t a = 0; a < ACTS; a++) {
        for (size_t n = 0; n <= LONGEST; n++) {
            guarded gx, gb, gy;
            float  *x = row_of(&gx), *bias = row_of(&gb), *y = row_of(&gy);
            float   sum[LONGEST + 1];
            random_row(x, n, 4);
            random_row(bias, n, 1);
            for (size_t i = 0; i < n; i++) {
                sum[i] = x[i] + bias[i];
            }
            table->bias_act(acts[a].act, x, bias, y, n);
            check_act(a, sum, y, n);
            CHECK(untouched(&gy, n));
            table->bias_act(acts[a].act, x, NULL, y, n);
            check_act(a, x, y, n);
            memcpy(sum, x, n * sizeof *x);
            table->bias_act(acts[a].act, x, NULL, x, n); /* in place */
            CHECK(memcmp(x, y, n * sizeof *x) == 0);
        }
    }
}

static void test_activation_of_special_numbers(void)
{
    for (size_t a = 0; a < ACTS; a++) {
        for (size_t n = 1; n <= LONGEST; n += 11) {
            float x[LONGEST] = {0}, y[LONGEST];
            x[n - 1] = NAN;
            table->bias_act(acts[a].act, x, NULL, y, n);
            CHECK(isnan(y[n - 1]));
            x[n - 1] = INFINITY;
            table->bias_act(acts[a].act, x, NULL, y, n);
            CHECK(acts[a].act == KERNEL_TANH || acts[a].act == KERNEL_SIGMOID
                      ? y[n - 1] == 1
                      : isinf(y[n - 1]) && y[n - 1] > 0);
            x[n - 1] = -INFINITY;
            table->bias_act(acts[a].act, x, NULL, y, n);
            CHECK(isnan(y[n - 1]) || y[n - 1] <= 0);
            x[n - 1] = -0.0f;
            table->bias_act(acts[a].act, x, NULL, y, n);
            CHECK(y[n - 1] == (acts[a].act == KERNEL_SIGMOID ? 0.5f : 0.0f));
        }
    }
}

/* ---- Rows -----------------------------------------------------------------
 */

static void test_bias_and_maximum(void)
{
    for (size_t n = 0; n <= LONGEST; n++) {
        guarded gx, gy, gz;
        float  *x = row_of(&gx), *y = row_of(&gy), *z = row_of(&gz);
        float   before[LONGEST + 1];
        random_row(x, n, 2);
        random_row(y, n, 2);
        memcpy(before, y, n * sizeof *y);
        table->bias(x, y, z, n);
        bool right = true;
        for (size_t i = 0; i < n; i++) {
            right = right && z[i] == x[i] + y[i];
        }
        table->maximum(x, y, n);
        for (size_t i = 0; i < n; i++) {
            right = right && y[i] == fmaxf(x[i], before[i]);
        }
        CHECK(right);
        CHECK(untouched(&gx, n) && untouched(&gy, n) && untouched(&gz, n));
    }
}

static void test_maximum_keeps_nan(void)
{
    for (size_t at = 0; at < LONGEST; at++) {
        float x[LONGEST] = {0}, y[LONGEST] = {0};
        x[at] = NAN;
        table->maximum(x, y, LONGEST);
        CHECK(isnan(y[at]));
        x[at] = 3;
        table->maximum(x, y, LONGEST);
        CHECK(isnan(y[at]));
    }
}

static void test_dot_is_a_sum_of_products(void)
{
    float x[601], y[601];

    for (size_t n = 0; n <= 600; n += n < 150 ? 1 : 75) {
        double want = 0, size = 0;
        random_row(x, n + 1, 1);
        random_row(y, n + 1, 1);
        for (size_t i = 0; i < n; i++) {
            want += (double)x[i + 1] * (double)y[i + 1];
            size += fabs((double)x[i + 1] * (double)y[i + 1]);
        }
        /* n roundings at most */
        CHECK_NEAR(table->dot(x + 1, y + 1, n), want,
                   size * (double)(n + 1) * 0x1p-24);
    }
    x[3] = NAN;
    CHECK(isnan(table->dot(x, y, 5)));
    CHECK(table->dot(x, y, 3) < 4);
}

static void check_layer_norm(size_t n, bool with_bias, bool with_residual)
{
    guarded gx, gb, gr, gg, gt, gy;
    float  *x = row_of(&gx), *bias = row_of(&gb), *residual = row_of(&gr);
    float  *gamma = row_of(&gg), *beta = row_of(&gt), *y = row_of(&gy);
    double  sum = 0, squares = 0, eps = 1e-12, s[LONGEST];

    random_row(x, n, 3);
    random_row(bias, n, 1);
    random_row(residual, n, 2);
    random_row(gamma, n, 1);
    random_row(beta, n, 1);
    for (size_t i = 0; i < n; i++) {
        s[i] = (double)x[i] + (with_bias ? (double)bias[i] : 0) +
               (with_residual ? (double)residual[i] : 0);
        sum += s[i];
    }
    for (size_t i = 0; i < n; i++) {
        squares += (s[i] - sum / (double)n) * (s[i] - sum / (double)n);
    }
    double factor = 1 / sqrt(squares / (double)n + eps);
    table->layer_norm(x, with_bias ? bias : NULL,
                      with_residual ? residual : NULL, gamma, beta, eps, y, n);
    for (size_t i = 0; i < n && n > 2; i++) {
        double want = (s[i] - sum / (double)n) * factor * (double)gamma[i] +
                      (double)beta[i];
        /* sums and mean are right to some units of the largest, here 6 */
        CHECK_NEAR(y[i], want, 6 * factor * 4 * 0x1p-24 + 4 * 0x1p-24);
    }
    CHECK(untouched(&gy, n));
    /* in place, over x and over the residual */
    table->layer_norm(x, with_bias ? bias : NULL,
                      with_residual ? residual : NULL, gamma, beta, eps,
                      with_residual ? residual : x, n);
    CHECK(memcmp(with_residual ? residual : x, y, n * sizeof *y) == 0);
}

static void test_layer_norm_is_its_formula(void)
{
    for (size_t n = 1; n <= LONGEST; n++) {
        check_layer_norm(n, false, false);
        check_layer_norm(n, true, false);
        check_layer_norm(n, false, true);
        check_layer_norm(n, true, true);
    }
}

static void test_layer_norm_of_equal_and_bad_numbers(void)
{
    float x[40], one[40], zero[40] = {0}, y[40];

    for (size_t i = 0; i < 40; i++) {
        x[i] = 5;
        one[i] = 1;
    }
    table->layer_norm(x, NULL, NULL, one, zero, 1e-12, y, 40);
    for (size_t i = 0; i < 40; i++) {
        CHECK(y[i] == 0);
    }
    x[39] = NAN;
    table->layer_norm(x, NULL, NULL, one, zero, 1e-12, y, 40);
    for (size_t i = 0; i < 40; i++) {
        CHECK(isnan(y[i]));
    }
}

static void check_softmax(const float *x, size_t n)
{
    guarded gy;
    float  *y = row_of(&gy);
    double  sum = 0, largest = -INFINITY;

    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, (double)x[i]);
    }
    for (size_t i = 0; i < n; i++) {
        sum += exp((double)x[i] - largest);
    }
    table->softmax(x, y, n);
    for (size_t i = 0; i < n; i++) {
        /* x - largest is rounded, to 2^-24 of at most 180; exp; the sum */
        double want = exp((double)x[i] - largest) / sum;
        CHECK_NEAR(y[i], want, want * (180 + 8) * 0x1p-24 + 1e-37);
    }
    CHECK(untouched(&gy, n));
}

static void test_softmax_is_its_formula(void)
{
    guarded gx;

    for (size_t n = 1; n <= LONGEST; n++) {
        float *x = row_of(&gx);
        random_row(x, n, 3);
        check_softmax(x, n);
        random_row(x, n, 90);
        check_softmax(x, n);
        for (size_t i = 0; i < n; i++) {
            x[i] = -300 - (float)(i % 7); /* exp of each is 0 */
        }
        check_softmax(x, n);
        x[n / 2] = -INFINITY; /* a masked one */
        if (n > 1) {
            check_softmax(x, n);
        }
        float copy[LONGEST];
        table->softmax(x, copy, n);
        table->softmax(x, x, n);
        CHECK(n == 1 || memcmp(x, copy, n * sizeof *x) == 0);
    }
}

static void test_softmax_keeps_nan(void)
{
    float x[20] = {0}, y[20];

    x[18] = NAN;
    table->softmax(x, y, 20);
    for (size_t i = 0; i < 20; i++) {
        CHECK(isnan(y[i]));
    }
}

/* ---- Attention ------------------------------------------------------------
 */

typedef struct head {
    size_t T, d, ld;
    float  scale;
    float *q, *k, *v, *out, *scratch;
} head;

static head head_new(size_t T, size_t d, size_t ld)
{
    head h = {.T = T, .d = d, .ld = ld};

    h.scale = (float)(1 / sqrt((double)d));
    h.q = memory_new(T * ld, sizeof(float));
    h.k = memory_new(T * ld, sizeof(float));
    h.v = memory_new(T * ld, sizeof(float));
    h.out = memory_new(T * ld, sizeof(float));
    h.scratch =
        memory_new_aligned(table->attention_scratch(T, d), sizeof(float));
    random_row(h.q, T * ld, 3);
    random_row(h.k, T * ld, 3);
    random_row(h.v, T * ld, 2);
    for (size_t i = 0; i < T * ld; i++) {
        h.out[i] = 12345.0f;
    }
    return h;
}

static void head_free(head *h)
{
    memory_free(h->q);
    memory_free(h->k);
    memory_free(h->v);
    memory_free(h->out);
    memory_free(h->scratch);
}

static void head_run(const head *h, size_t first, size_t last, float *out)
{
    table->attention(h->q, h->ld, h->k, h->ld, h->v, h->ld, h->T, h->d, first,
                     last, h->scale, out, h->ld, h->scratch);
}

/* Row t by the formula in f64, to want [d]. */
static void head_row(const head *h, size_t t, double *p, double *want)
{
    double largest = -INFINITY, sum = 0;

    for (size_t s = 0; s < h->T; s++) {
        p[s] = 0;
        for (size_t i = 0; i < h->d; i++) {
            p[s] += (double)h->q[t * h->ld + i] * (double)h->k[s * h->ld + i];
        }
        p[s] *= (double)h->scale;
        largest = fmax(largest, p[s]);
    }
    for (size_t s = 0; s < h->T; s++) {
        p[s] = exp(p[s] - largest);
        sum += p[s];
    }
    for (size_t i = 0; i < h->d; i++) {
        want[i] = 0;
        for (size_t s = 0; s < h->T; s++) {
            want[i] += p[s] / sum * (double)h->v[s * h->ld + i];
        }
    }
}

static void check_attention(size_t T, size_t d, size_t ld)
{
    head    h = head_new(T, d, ld);
    double *p = memory_new(T, sizeof *p), *want = memory_new(d, sizeof *want);
    bool    right = true, kept = true;

    head_run(&h, 0, T, h.out);
    for (size_t t = 0; t < T; t++) {
        head_row(&h, t, p, want);
        for (size_t i = 0; i < d; i++) {
            /* scores of size 9 sqrt d, wrong by some units in 2^-24 of that;
               values of size 2 */
            double error = fabs((double)h.out[t * ld + i] - want[i]);
            right = right && error < 2 * 9 * sqrt((double)d) * 16 * 0x1p-24;
        }
        for (size_t i = d; i < ld; i++) {
            kept = kept && h.out[t * ld + i] == 12345.0f;
        }
    }
    if (!right || !kept) {
        test_bad = true;
        printf("# %s: T %zu, d %zu, ld %zu%s%s\n", table->name, T, d, ld,
               right ? "" : ": wrong", kept ? "" : ": writes beyond");
    }
    memory_free(p);
    memory_free(want);
    head_free(&h);
}

static void test_attention_is_its_formula(void)
{
    static const size_t sizes[] = {1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 64, 65};

    for (size_t T = 1; T <= 40; T++) {
        check_attention(T, 32, 96);
    }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        check_attention(19, sizes[i], sizes[i]);
        check_attention(67, sizes[i], sizes[i] + 3);
    }
    check_attention(300, 64, 192);
}

/* With equal weights the mean of the values; a single sum of 512 numbers in
   order is wrong by 4.5 units in 2^-24 here. */
static void test_attention_over_many_keys_stays_exact(void)
{
    enum { T = 512, D = 32 };
    head   h = head_new(T, D, D);
    double squares = 0;

    memset(h.q, 0, T * D * sizeof *h.q);
    for (size_t i = 0; i < T * D; i++) {
        h.v[i] = 1 + sinf((float)i) / 4;
    }
    head_run(&h, 0, 1, h.out);
    for (size_t i = 0; i < D; i++) {
        double mean = 0;
        for (size_t s = 0; s < T; s++) {
            mean += (double)h.v[s * D + i] / T;
        }
        squares += pow((double)h.out[i] - mean, 2);
    }
    double error = sqrt(squares / D) * 0x1p24;
    printf("# %s: %.2f units in 2^-24\n", table->name, error);
    CHECK(error < 3);
    head_free(&h);
}

static void test_attention_rows_do_not_depend_on_their_range(void)
{
    enum { T = 45, D = 33 };
    head  h = head_new(T, D, D);
    float part[T * D];

    head_run(&h, 0, T, h.out);
    for (size_t first = 0; first < T; first += 5) {
        for (size_t last = first; last <= T; last += 3) {
            head_run(&h, first, last, part);
            CHECK(memcmp(part + first * D, h.out + first * D,
                         (last - first) * D * sizeof *part) == 0);
        }
    }
    head_free(&h);
}

static void test_attention_keeps_nan(void)
{
    head h = head_new(20, 16, 16);

    h.k[3 * 16 + 2] = NAN; /* each row sees this key */
    head_run(&h, 0, 20, h.out);
    bool all = true;
    for (size_t i = 0; i < 20 * 16; i++) {
        all = all && isnan(h.out[i]);
    }
    CHECK(all);
    head_free(&h);
}

/* ---- The choice -----------------------------------------------------------
 */

static void test_find_gives_tables_by_name(void)
{
    CHECK(kernels_find("ref") == &kernels_ref);
    CHECK(kernels_find("no such table") == NULL);
    CHECK(kernels_find(NULL) != NULL);
    printf("# best here: %s\n", kernels_find(NULL)->name);
}

static void test_find_act_knows_the_names_of_transformers(void)
{
    kernel_act act = KERNEL_IDENTITY;

    CHECK(kernels_find_act("gelu", &act) && act == KERNEL_GELU);
    CHECK(kernels_find_act("gelu_new", &act) && act == KERNEL_GELU_TANH);
    CHECK(kernels_find_act("gelu_fast", &act) && act == KERNEL_GELU_FAST);
    CHECK(kernels_find_act("quick_gelu", &act) && act == KERNEL_QUICK_GELU);
    CHECK(kernels_find_act("relu", &act) && act == KERNEL_RELU);
    CHECK(kernels_find_act("swish", &act) && act == KERNEL_SILU);
    CHECK(!kernels_find_act("mish", &act) && act == KERNEL_SILU);
}

#define TEST_TABLE(function)                                                   \
    static void function##_of_each_table(void)                                 \
    {                                                                          \
        for (int i = 0; i < NAMES; i++) {                                      \
            table = kernels_find(names[i]);                                    \
            if (table != NULL) {                                               \
                function();                                                    \
            } else {                                                           \
                printf("# no table %s here\n", names[i]);                      \
            }                                                                  \
        }                                                                      \
    }

TEST_TABLE(test_activation_is_its_formula)
TEST_TABLE(test_gelu_errs_to_both_sides)
TEST_TABLE(test_activation_of_any_length)
TEST_TABLE(test_activation_of_special_numbers)
TEST_TABLE(test_bias_and_maximum)
TEST_TABLE(test_maximum_keeps_nan)
TEST_TABLE(test_dot_is_a_sum_of_products)
TEST_TABLE(test_layer_norm_is_its_formula)
TEST_TABLE(test_layer_norm_of_equal_and_bad_numbers)
TEST_TABLE(test_softmax_is_its_formula)
TEST_TABLE(test_softmax_keeps_nan)
TEST_TABLE(test_attention_is_its_formula)
TEST_TABLE(test_attention_over_many_keys_stays_exact)
TEST_TABLE(test_attention_rows_do_not_depend_on_their_range)
TEST_TABLE(test_attention_keeps_nan)

int main(void)
{
    TEST(test_find_gives_tables_by_name);
    TEST(test_find_act_knows_the_names_of_transformers);
    TEST(test_activation_is_its_formula_of_each_table);
    TEST(test_gelu_errs_to_both_sides_of_each_table);
    TEST(test_activation_of_any_length_of_each_table);
    TEST(test_activation_of_special_numbers_of_each_table);
    TEST(test_bias_and_maximum_of_each_table);
    TEST(test_maximum_keeps_nan_of_each_table);
    TEST(test_dot_is_a_sum_of_products_of_each_table);
    TEST(test_layer_norm_is_its_formula_of_each_table);
    TEST(test_layer_norm_of_equal_and_bad_numbers_of_each_table);
    TEST(test_softmax_is_its_formula_of_each_table);
    TEST(test_softmax_keeps_nan_of_each_table);
    TEST(test_attention_is_its_formula_of_each_table);
    TEST(test_attention_over_many_keys_stays_exact_of_each_table);
    TEST(test_attention_rows_do_not_depend_on_their_range_of_each_table);
    TEST(test_attention_keeps_nan_of_each_table);
    TEST_END;
}
