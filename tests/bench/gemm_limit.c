/*
 * gemm_limit - how fast oneDNN multiplies matrices of a model's shapes here
 *
 *   gemm_limit M SECONDS NxK ...
 *
 * Y [m,n] = X [m,k] * W [n,k]^T + b, float32, W packed beforehand in the layout
 * that oneDNN prefers: the limit that the speed bench measures shares of. One
 * line a shape: n k best median, in GFLOP/s over samples of at least 4 ms.
 * OMP_NUM_THREADS says how many threads. The weights rotate through more than
 * 16 MiB, so that they come from L3, as in a whole model.
 */
#include <dnnl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t       memory_desc;
typedef const_dnnl_memory_desc_t weights_desc;
#define DESC(d) (d)
#define DESC_INIT dnnl_memory_desc_create_with_tag
#else
typedef dnnl_memory_desc_t        memory_desc;
typedef const dnnl_memory_desc_t *weights_desc;
#define DESC(d) (&(d))
#define DESC_INIT dnnl_memory_desc_init_by_tag
#endif

enum { MAX_SAMPLES = 4096, MAX_WEIGHTS = 512 };

typedef struct product {
    dnnl_primitive_t primitive;
    dnnl_memory_t    x, y, bias, w[MAX_WEIGHTS];
    int              weights;
} product;

static dnnl_engine_t engine;
static dnnl_stream_t stream;

static void check(dnnl_status_t status, int line)
{
    if (status != dnnl_success) {
        fprintf(stderr, "gemm_limit.c:%d: oneDNN status %d\n", line,
                (int)status);
        exit(3);
    }
}
#define CHECK(call) check((call), __LINE__)

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fill(dnnl_memory_t memory, size_t count)
{
    static uint32_t seed = 1;
    void           *data;
    CHECK(dnnl_memory_get_data_handle(memory, &data));
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        ((float *)data)[i] = (float)(seed >> 8) / 16777216.0f - 0.5f;
    }
}

/* One weight of [n,k], reordered from where it lies to the packed layout. */
static dnnl_memory_t packed(memory_desc plain, weights_desc wanted,
                            size_t count)
{
    dnnl_memory_t         from, to;
    dnnl_primitive_desc_t desc;
    dnnl_primitive_t      reorder;
    CHECK(dnnl_memory_create(&from, DESC(plain), engine, DNNL_MEMORY_ALLOCATE));
    CHECK(dnnl_memory_create(&to, wanted, engine, DNNL_MEMORY_ALLOCATE));
    fill(from, count);
    CHECK(dnnl_reorder_primitive_desc_create(&desc, DESC(plain), engine, wanted,
                                             engine, NULL));
    CHECK(dnnl_primitive_create(&reorder, desc));
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    CHECK(dnnl_primitive_execute(reorder, stream, 2, args));
    CHECK(dnnl_stream_wait(stream));
    CHECK(dnnl_primitive_destroy(reorder));
    CHECK(dnnl_primitive_desc_destroy(desc));
    CHECK(dnnl_memory_destroy(from));
    return to;
}

static dnnl_primitive_desc_t describe(memory_desc x, memory_desc w,
                                      memory_desc b, memory_desc y)
{
    dnnl_primitive_desc_t desc;
#if DNNL_VERSION_MAJOR >= 3
    CHECK(dnnl_matmul_primitive_desc_create(&desc, engine, x, w, b, y, NULL));
#else
    dnnl_matmul_desc_t matmul;
    CHECK(dnnl_matmul_desc_init(&matmul, &x, &w, &b, &y));
    CHECK(dnnl_primitive_desc_create(&desc, &matmul, NULL, engine, NULL));
#endif
    return desc;
}

static void prepare(product *p, dnnl_dim_t m, dnnl_dim_t n, dnnl_dim_t k)
{
    const dnnl_dims_t      dx = {m, k}, dw = {k, n}, dy = {m, n}, db = {1, n};
    const size_t           size = (size_t)n * (size_t)k;
    memory_desc            x, w, plain, y, b;
    const dnnl_data_type_t f32 = dnnl_f32;
    CHECK(DESC_INIT(&x, 2, dx, f32, dnnl_ab));
    CHECK(DESC_INIT(&w, 2, dw, f32, dnnl_format_tag_any));
    CHECK(DESC_INIT(&plain, 2, dw, f32, dnnl_ba));
    CHECK(DESC_INIT(&y, 2, dy, f32, dnnl_ab));
    CHECK(DESC_INIT(&b, 2, db, f32, dnnl_ab));
    dnnl_primitive_desc_t desc = describe(x, w, b, y);
    weights_desc          wanted =
        dnnl_primitive_desc_query_md(desc, dnnl_query_weights_md, 0);
    CHECK(dnnl_primitive_create(&p->primitive, desc));
    CHECK(dnnl_memory_create(&p->x, DESC(x), engine, DNNL_MEMORY_ALLOCATE));
    CHECK(dnnl_memory_create(&p->y, DESC(y), engine, DNNL_MEMORY_ALLOCATE));
    CHECK(dnnl_memory_create(&p->bias, DESC(b), engine, DNNL_MEMORY_ALLOCATE));
    fill(p->x, (size_t)m * (size_t)k);
    fill(p->bias, (size_t)n);
    p->weights = 1 + (int)(((size_t)16 << 20) / (size * sizeof(float)));
    p->weights = p->weights < MAX_WEIGHTS ? p->weights : MAX_WEIGHTS;
    for (int i = 0; i < p->weights; i++) {
        p->w[i] = packed(plain, wanted, size);
    }
    CHECK(dnnl_primitive_desc_destroy(desc));
}

static void release(product *p)
{
    for (int i = 0; i < p->weights; i++) {
        CHECK(dnnl_memory_destroy(p->w[i]));
    }
    CHECK(dnnl_memory_destroy(p->x));
    CHECK(dnnl_memory_destroy(p->y));
    CHECK(dnnl_memory_destroy(p->bias));
    CHECK(dnnl_primitive_destroy(p->primitive));
}

static void run(const product *p, int weight)
{
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, p->x},
                                    {DNNL_ARG_WEIGHTS, p->w[weight]},
                                    {DNNL_ARG_BIAS, p->bias},
                                    {DNNL_ARG_DST, p->y}};
    CHECK(dnnl_primitive_execute(p->primitive, stream, 4, args));
    CHECK(dnnl_stream_wait(stream));
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Seconds a call, best and median of the samples. */
static void measure(const product *p, double seconds, double *best,
                    double *median)
{
    static double sample[MAX_SAMPLES];
    int           calls = 0, samples = 0, weight = 0;
    run(p, 0);
    for (double t = now(); now() - t < 0.004; calls++) {
        run(p, weight = (weight + 1) % p->weights);
    }
    const double start = now();
    do {
        const double t = now();
        for (int i = 0; i < calls; i++) {
            run(p, weight = (weight + 1) % p->weights);
        }
        sample[samples++] = (now() - t) / calls;
    } while (now() - start < seconds && samples < MAX_SAMPLES);
    qsort(sample, (size_t)samples, sizeof *sample, by_value);
    *best = sample[0];
    *median = sample[samples / 2];
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: gemm_limit M SECONDS NxK ...\n");
        return 2;
    }
    const dnnl_dim_t m = atoi(argv[1]);
    CHECK(dnnl_engine_create(&engine, dnnl_cpu, 0));
    CHECK(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags));
    for (int i = 3; i < argc; i++) {
        static product p;
        int            n, k;
        double         best, median;
        if (sscanf(argv[i], "%dx%d", &n, &k) != 2 || n < 1 || k < 1) {
            fprintf(stderr, "gemm_limit: bad shape: %s\n", argv[i]);
            return 2;
        }
        prepare(&p, m, n, k);
        measure(&p, atof(argv[2]), &best, &median);
        const double flop = 2.0 * (double)m * n * k;
        printf("%d %d %.1f %.1f\n", n, k, flop / best / 1e9,
               flop / median / 1e9);
        release(&p);
    }
    return 0;
}
