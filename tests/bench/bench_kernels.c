/*
 * bench_kernels.c - what products and row functions cost here; not a test
 *
 *   bench_kernels [ROW-KERNELS [LIBRARY ...]]     default: avx512, all
 *
 * Products: GFLOP/s on one thread, best of many calls, the weights taken from
 * 24 MB in turn so that they come from L2 or L3 as in a model. Row functions:
 * ns a number at the sizes of MiniLM. The last lines add up one layer of it.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "compute/gemm.h"
#include "compute/kernels.h"

enum { MOST_ROWS = 512, WEIGHTS = 24 << 18, MOST_MATRICES = 64 };
static const double slice = 0.08; /* seconds a figure */

static float *x, *y, *weights;

/* This thread's time on the processor: others on the machine count less. */
static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double product_seconds(gemm *g, size_t n, size_t k, size_t m)
{
    gemm_matrix *w[MOST_MATRICES];
    size_t       count = WEIGHTS / (n * k);
    double       best = 1e9, stop;

    count = count > MOST_MATRICES ? MOST_MATRICES : count;
    for (size_t i = 0; i < count; i++) {
        tensor t = {.data = weights + i * n * k,
                    .type = DTYPE_F32,
                    .rank = 2,
                    .shape = {n, k}};
        if (gemm_pack(g, &t, &w[i], NULL) != BERT_OK) {
            return 0;
        }
    }
    (void)gemm_run(w[0], m, x, k, y, n, NULL);
    stop = now() + slice;
    do {
        double start = now();
        for (size_t i = 0; i < count; i++) {
            (void)gemm_run(w[i], m, x, k, y, n, NULL);
        }
        double each = (now() - start) / (double)count;
        best = each < best ? each : best;
    } while (now() < stop);
    for (size_t i = 0; i < count; i++) {
        gemm_matrix_free(w[i]);
    }
    return best;
}

static void bench_library(const char *name)
{
    static const size_t shapes[][2] = {{384, 384}, {1536, 384}, {384, 1536},
                                       {768, 768}, {3072, 768}, {768, 3072}};
    static const size_t rows[] = {16, 32, 64, 128, 512};
    gemm               *g = NULL;

    if (gemm_open(&g, name, NULL) != BERT_OK ||
        gemm_start(g, NULL) != BERT_OK) {
        printf("%s: not here\n", name);
        gemm_close(g);
        return;
    }
    printf("%s, GFLOP/s\n", gemm_version(g));
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        size_t n = shapes[s][0], k = shapes[s][1];
        printf("  %4zu x %4zu", n, k);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            double flop = 2.0 * (double)(rows[i] * n * k);
            printf("   m %3zu %6.1f", rows[i],
                   1e-9 * flop / product_seconds(g, n, k, rows[i]));
        }
        printf("\n");
    }
    gemm_close(g);
}

/* Pack MiniLM's 36 matrices: the cold start's part. */
static void bench_packing(const char *name)
{
    static const size_t shapes[6][2] = {{384, 384}, {384, 384},  {384, 384},
                                        {384, 384}, {1536, 384}, {384, 1536}};
    gemm_matrix        *w[36] = {0};
    gemm               *g = NULL;
    double              start = now(), started;

    if (gemm_open(&g, name, NULL) != BERT_OK) {
        return;
    }
    (void)gemm_start(g, NULL);
    started = now();
    for (size_t i = 0; i < 36; i++) {
        const size_t *s = shapes[i % 6];
        tensor        t = {.data = weights + i / 6 * 900000,
                           .type = DTYPE_F32,
                           .rank = 2,
                           .shape = {s[0], s[1]}};
        (void)gemm_pack(g, &t, &w[i], NULL);
    }
    printf("%s: start %.2f ms, pack 42 MB %.2f ms", name,
           1e3 * (started - start), 1e3 * (now() - started));
    start = now();
    for (size_t i = 0; i < 6; i++) {
        (void)gemm_run(w[i], 16, x, shapes[i][1], y, shapes[i][0], NULL);
    }
    printf(", first products %.2f ms\n", 1e3 * (now() - start));
    for (size_t i = 0; i < 36; i++) {
        gemm_matrix_free(w[i]);
    }
    gemm_close(g);
}

typedef struct row_bench {
    const kernels *k;
    kernel_act     act;
    size_t         n, T, d;
    float         *scratch;
} row_bench;

static void run_act(const row_bench *b)
{
    b->k->bias_act(b->act, x, weights, y, b->n);
}

static void run_bias(const row_bench *b)
{
    b->k->bias(x, weights, y, b->n);
}

static void run_norm(const row_bench *b)
{
    b->k->layer_norm(x, weights, y, weights, weights, 1e-12, y, b->n);
}

static void run_softmax(const row_bench *b)
{
    b->k->softmax(x, y, b->n);
}

static void run_attention(const row_bench *b)
{
    b->k->attention(x, 384, x + b->d, 384, x + 2 * b->d, 384, b->T, b->d, 0,
                    b->T, 0.17f, y, 384, b->scratch);
}

static double row_seconds(void (*f)(const row_bench *), const row_bench *b)
{
    double best = 1e9, stop = now() + slice;

    do {
        double start = now();
        for (int i = 0; i < 20; i++) {
            f(b);
        }
        double each = (now() - start) / 20;
        best = each < best ? each : best;
    } while (now() < stop);
    return best;
}

static void bench_rows(const kernels *k)
{
    static const struct {
        const char *name;
        kernel_act  act;
    } acts[] = {{"gelu", KERNEL_GELU},
                {"gelu_new", KERNEL_GELU_TANH},
                {"silu", KERNEL_SILU},
                {"tanh", KERNEL_TANH}};
    row_bench b = {.k = k};

    printf("%s\n", k->name);
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        b.act = acts[i].act;
        b.n = 1536;
        printf("  bias + %-9s %6.3f ns a number\n", acts[i].name,
               1e9 * row_seconds(run_act, &b) / 1536);
    }
    b.n = 384;
    printf("  bias             %6.3f ns a number\n",
           1e9 * row_seconds(run_bias, &b) / 384);
    printf("  layer_norm       %6.3f ns a number\n",
           1e9 * row_seconds(run_norm, &b) / 384);
    b.n = 128;
    printf("  softmax          %6.3f ns a number\n",
           1e9 * row_seconds(run_softmax, &b) / 128);
}

static void bench_attention(const kernels *k)
{
    static const size_t sizes[][2] = {{11, 32},  {28, 32},  {28, 64}, {128, 32},
                                      {200, 32}, {512, 32}, {512, 64}};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        row_bench b = {.k = k, .T = sizes[i][0], .d = sizes[i][1]};
        b.scratch =
            memory_new_aligned(k->attention_scratch(b.T, b.d), sizeof(float));
        double s = row_seconds(run_attention, &b);
        printf("  attention T %3zu, d %zu: %8.2f us, %5.1f GFLOP/s\n", b.T, b.d,
               1e6 * s, 1e-9 * 4 * (double)(b.T * b.T * b.d) / s);
        memory_free(b.scratch);
    }
}

/* One layer of MiniLM on a sentence of 28 tokens, without the products. */
static void bench_layer(const kernels *k, gemm *g)
{
    row_bench b = {.k = k, .T = 28, .d = 32, .act = KERNEL_GELU, .n = 384};

    b.scratch = memory_new_aligned(k->attention_scratch(28, 32), sizeof(float));
    double rows =
        28 * (3 * row_seconds(run_bias, &b) + 2 * row_seconds(run_norm, &b));
    double heads = 12 * row_seconds(run_attention, &b);
    b.n = 1536;
    double gelu = 28 * row_seconds(run_act, &b);
    double products = (4 * product_seconds(g, 384, 384, 448) +
                       product_seconds(g, 1536, 384, 448) +
                       product_seconds(g, 384, 1536, 448)) /
                      16;
    double rest = rows + heads + gelu;
    printf("  a layer, 28 tokens: products %.1f us; bias and norm %.1f, "
           "attention %.1f, gelu %.1f: %.1f %%\n",
           1e6 * products, 1e6 * rows, 1e6 * heads, 1e6 * gelu,
           100 * rest / (rest + products));
    memory_free(b.scratch);
}

int main(int argc, char **argv)
{
    const kernels *k = kernels_find(argc > 1 ? argv[1] : NULL);
    gemm          *g = NULL;
    const size_t   most = (size_t)MOST_ROWS * 3072;

    x = memory_new_aligned(most, sizeof *x);
    y = memory_new_aligned(most, sizeof *y);
    weights = memory_new_aligned(WEIGHTS, sizeof *weights);
    if (k == NULL || x == NULL || y == NULL || weights == NULL) {
        return 1;
    }
    for (size_t i = 0; i < most; i++) {
        x[i] = (float)(i * 7919 % 1000) / 1000 - 0.5f;
    }
    for (size_t i = 0; i < WEIGHTS; i++) {
        weights[i] = (float)(i * 104729 % 1000) / 1000 - 0.5f;
    }
    memset(y, 0, most * sizeof *y);
    bench_packing("onednn");
    bench_packing("onednn");
    bench_rows(k);
    bench_attention(k);
    if (gemm_open(&g, NULL, NULL) == BERT_OK) {
        bench_layer(k, g);
    }
    gemm_close(g);
    for (int i = 2; i < argc; i++) {
        bench_library(argv[i]);
    }
    if (argc < 3) {
        bench_library("onednn");
        bench_library("blis");
    }
    memory_free(x);
    memory_free(y);
    memory_free(weights);
    return 0;
}
