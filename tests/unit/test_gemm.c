/*
 * test_gemm.c - products of every library are right, and a row's bits depend
 * on that row alone
 */
#include "test.h"

#include <stdint.h>

#include "base/memory.h"
#include "compute/gemm.h"

static const char *const libraries[] = {"refgemm", "blis", "onednn"};
enum { LIBRARIES = 3 };

static uint32_t seed = 1;

static float random_number(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (float)((seed >> 9) & 0xFFFF) / 65536.0f - 0.5f;
}

static float *random_array(size_t count)
{
    float *a = memory_new_aligned(count, sizeof *a);

    for (size_t i = 0; i < count; i++) {
        a[i] = random_number();
    }
    return a;
}

/* NULL: the library is not here. */
static gemm *open_library(const char *name)
{
    gemm      *g = NULL;
    bert_error err;
    float      one = 1;
    tensor w = {.data = &one, .type = DTYPE_F32, .rank = 2, .shape = {1, 1}};
    gemm_matrix *m = NULL;

    if (gemm_open(&g, name, &err) != BERT_OK) {
        printf("# %s: %s\n", name, err.message);
        return NULL;
    }
    if (gemm_pack(g, &w, &m, &err) != BERT_OK) {
        printf("# %s: %s\n", name, err.message);
        gemm_close(g);
        return NULL;
    }
    gemm_matrix_free(m);
    return g;
}

typedef struct problem {
    size_t       n, k, m; /* m: rows of x and y at most */
    float       *w, *x, *y;
    gemm_matrix *matrix;
} problem;

static problem problem_new(gemm *g, size_t n, size_t k, size_t m)
{
    problem    p = {.n = n, .k = k, .m = m};
    bert_error err;

    p.w = random_array(n * k);
    p.x = random_array(gemm_rows(m) * k);
    p.y = random_array(gemm_rows(m) * n);
    tensor w = {.data = p.w, .type = DTYPE_F32, .rank = 2, .shape = {n, k}};
    if (gemm_pack(g, &w, &p.matrix, &err) != BERT_OK) {
        test_bad = true;
        printf("# %s %zux%zu: %s\n", gemm_version(g), n, k, err.message);
    }
    return p;
}

static void problem_free(problem *p)
{
    gemm_matrix_free(p->matrix);
    memory_free(p->w);
    memory_free(p->x);
    memory_free(p->y);
}

static void fill(float *y, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        y[i] = 1e30f;
    }
}

/*
 * Y t against X (W^T t) for a random vector t, in f64. Each of Y's numbers is
 * a sum of k products of size <= 1/4, wrong by at most k units in the last
 * place of the sum of sizes (Higham, Accuracy and Stability, section 3.1).
 */
static void check_product(const problem *p, size_t m)
{
    double *wt = memory_new_zeroed(p->k, sizeof *wt);
    double *size = memory_new_zeroed(p->k, sizeof *size);

    fill(p->y, gemm_rows(m) * p->n);
    CHECK(gemm_run(p->matrix, m, p->x, p->k, p->y, p->n, NULL) == BERT_OK);
    float *t = random_array(p->n);
    for (size_t i = 0; i < p->n; i++) {
        for (size_t j = 0; j < p->k; j++) {
            double product = (double)p->w[i * p->k + j] * (double)t[i];
            wt[j] += product;
            size[j] += fabs(product);
        }
    }
    for (size_t row = 0; row < m; row++) {
        double got = 0, want = 0, limit = 0;
        for (size_t i = 0; i < p->n; i++) {
            got += (double)p->y[row * p->n + i] * (double)t[i];
        }
        for (size_t j = 0; j < p->k; j++) {
            double x = (double)p->x[row * p->k + j];
            want += x * wt[j];
            limit += fabs(x) * size[j];
        }
        CHECK_NEAR(got, want, limit * (double)p->k * 0x1p-24 + 1e-30);
    }
    memory_free(t);
    memory_free(wt);
    memory_free(size);
}

static void test_gemm_is_a_product(void)
{
    static const size_t shapes[][2] = {
        {1, 1},      {2, 384},    {3, 768},  {384, 1},  {5, 7},
        {17, 16},    {64, 64},    {63, 65},  {100, 33}, {384, 384},
        {130, 1536}, {1536, 384}, {1, 1000}, {1000, 3}};

    for (int l = 0; l < LIBRARIES; l++) {
        gemm *g = open_library(libraries[l]);
        for (size_t s = 0; g != NULL && s < sizeof shapes / sizeof *shapes;
             s++) {
            problem p = problem_new(g, shapes[s][0], shapes[s][1], 81);
            if (p.matrix != NULL) {
                check_product(&p, 1);
                check_product(&p, 16);
                check_product(&p, 81);
            }
            problem_free(&p);
        }
        gemm_close(g);
    }
}

/* Row counts of every kind: tails of 1 to 15, blocks, blocks and tails. */
static void check_row_bits(gemm *g, size_t n, size_t k, size_t most)
{
    problem p = problem_new(g, n, k, most);
    float  *want = memory_new(most * n, sizeof *want);
    size_t  bad = 0;

    if (p.matrix == NULL) {
        goto out;
    }
    CHECK(gemm_run(p.matrix, most, p.x, k, p.y, n, NULL) == BERT_OK);
    memcpy(want, p.y, most * n * sizeof *want);
    for (size_t m = 1; m <= most; m += m < 34 ? 1 : 15) {
        fill(p.y, gemm_rows(m) * n);
        CHECK(gemm_run(p.matrix, m, p.x, k, p.y, n, NULL) == BERT_OK);
        bad += memcmp(want, p.y, m * n * sizeof *want) != 0;
    }
    if (bad != 0) {
        test_bad = true;
        printf("# %s %zux%zu: %zu row counts give other bits\n",
               gemm_version(g), n, k, bad);
    }
out:
    memory_free(want);
    problem_free(&p);
}

static void test_gemm_row_bits_do_not_depend_on_m(void)
{
    static const size_t shapes[][2] = {{384, 384},  {1152, 384}, {1536, 384},
                                       {384, 1536}, {312, 312},  {128, 128},
                                       {17, 100},   {3, 768},    {33, 31}};

    for (int l = 1; l < LIBRARIES; l++) {
        gemm *g = open_library(libraries[l]);
        for (size_t s = 0; g != NULL && s < sizeof shapes / sizeof *shapes;
             s++) {
            check_row_bits(g, shapes[s][0], shapes[s][1], 275);
        }
        if (g != NULL) {
            check_row_bits(g, 768, 768, 275);
            check_row_bits(g, 3072, 768, 275);
            check_row_bits(g, 768, 3072, 275);
            check_row_bits(g, 384, 384, 1040);
        }
        gemm_close(g);
    }
}

static void test_gemm_row_bits_do_not_depend_on_place(void)
{
    enum { N = 200, K = 384, ROWS = 150 };

    for (int l = 0; l < LIBRARIES; l++) {
        gemm *g = open_library(libraries[l]);
        if (g == NULL) {
            continue;
        }
        problem p = problem_new(g, N, K, ROWS);
        /* Every row the same numbers, but for one among others of its block */
        for (size_t row = 1; row < gemm_rows(ROWS); row++) {
            memcpy(p.x + row * K, p.x, K * sizeof *p.x);
        }
        for (size_t j = 0; j < K; j++) {
            p.x[70 * K + j] = 1e10f;
        }
        CHECK(gemm_run(p.matrix, ROWS, p.x, K, p.y, N, NULL) == BERT_OK);
        size_t bad = 0;
        for (size_t row = 1; row < ROWS; row++) {
            bad += row != 70 && memcmp(p.y, p.y + row * N, N * sizeof *p.y);
        }
        CHECK_INT(bad, 0);
        problem_free(&p);
        gemm_close(g);
    }
}

static void test_gemm_takes_any_row_distance(void)
{
    enum { N = 96, K = 50, ROWS = 70, LDX = 64, LDY = 211 };

    for (int l = 0; l < LIBRARIES; l++) {
        gemm *g = open_library(libraries[l]);
        if (g == NULL) {
            continue;
        }
        problem p = problem_new(g, N, K, ROWS);
        float  *x = random_array(gemm_rows(ROWS) * LDX);
        float  *y = random_array(gemm_rows(ROWS) * LDY);
        float  *w = random_array(gemm_rows(ROWS) * N);
        float  *z = random_array(gemm_rows(3) * LDY);
        size_t  bad = 0;
        fill(y, gemm_rows(ROWS) * LDY);
        for (size_t row = 0; row < gemm_rows(ROWS); row++) {
            memcpy(x + row * LDX, p.x + row * K, K * sizeof *x);
        }
        CHECK(gemm_run(p.matrix, ROWS, p.x, K, p.y, N, NULL) == BERT_OK);
        CHECK(gemm_run(p.matrix, ROWS, x, LDX, y, LDY, NULL) == BERT_OK);
        /* one distance changed, the other not */
        CHECK(gemm_run(p.matrix, ROWS, x, LDX, w, N, NULL) == BERT_OK);
        /* a row in a tail, as that row in a block */
        CHECK(gemm_run(p.matrix, 3, x, LDX, z, LDY, NULL) == BERT_OK);
        for (size_t row = 0; row < ROWS; row++) {
            bad += row < 3 &&
                   memcmp(z + row * LDY, y + row * LDY, N * sizeof *z) != 0;
            for (size_t i = 0; i < N; i++) {
                CHECK_NEAR(y[row * LDY + i], p.y[row * N + i], K * 0x1p-24);
                CHECK_NEAR(w[row * N + i], p.y[row * N + i], K * 0x1p-24);
            }
            for (size_t i = N; i < LDY; i++) {
                bad += !(y[row * LDY + i] == 1e30f); /* not written */
            }
        }
        if (bad != 0) {
            test_bad = true;
            printf("# %s: %zu rows or places\n", gemm_version(g), bad);
        }
        memory_free(z);
        memory_free(w);
        memory_free(x);
        memory_free(y);
        problem_free(&p);
        gemm_close(g);
    }
}

/* ---- Weights where they lie -----------------------------------------------
 */

/* Versions whose way of summing has been seen (gemm_onednn.c). */
static bool order_is_known(const gemm *g)
{
    return strncmp(gemm_version(g), "onednn 2.6.", 11) == 0 ||
           strncmp(gemm_version(g), "onednn 3.7.", 11) == 0;
}

/* y before packing, by columns and after packing; whether it was packed. */
static bool check_laid(gemm *g, size_t n, size_t k, size_t m)
{
    problem      p = problem_new(g, n, k, m);
    gemm_matrix *laid = NULL;
    tensor w = {.data = p.w, .type = DTYPE_F32, .rank = 2, .shape = {n, k}};
    float *want = memory_new(m * n, sizeof *want);
    size_t half = n / 2, bytes = m * n * sizeof *want;

    CHECK(gemm_lay(g, &w, &laid, NULL) == BERT_OK);
    CHECK(gemm_run(laid, m, p.x, k, p.y, n, NULL) == BERT_OK);
    memcpy(want, p.y, bytes);
    if (gemm_splits(laid)) {
        CHECK(!gemm_matrix_is_packed(laid));
        fill(p.y, m * n);
        CHECK(gemm_run_columns(laid, 0, half, m, p.x, k, p.y, n, NULL) ==
              BERT_OK);
        CHECK(gemm_run_columns(laid, half, n - half, m, p.x, k, p.y, n, NULL) ==
              BERT_OK);
        CHECK(memcmp(want, p.y, bytes) == 0);
    }
    CHECK(gemm_matrix_pack(laid, NULL) == BERT_OK);
    bool packed = gemm_matrix_is_packed(laid);
    fill(p.y, gemm_rows(m) * n);
    CHECK(gemm_run(laid, m, p.x, k, p.y, n, NULL) == BERT_OK);
    CHECK(memcmp(want, p.y, bytes) == 0);
    if (packed) { /* as by gemm_pack() */
        CHECK(gemm_run(p.matrix, m, p.x, k, p.y, n, NULL) == BERT_OK);
        CHECK(memcmp(want, p.y, bytes) == 0);
    }
    gemm_matrix_free(laid);
    memory_free(want);
    problem_free(&p);
    return packed;
}

static void test_gemm_gives_the_same_bits_before_and_after_packing(void)
{
    static const size_t shapes[][2] = {
        {384, 384},  {1536, 384},  {384, 1536}, {768, 768}, {3072, 768},
        {768, 3072}, {1024, 1024}, {128, 128},  {512, 128}, {128, 512},
        {512, 2048}, {64, 32},     {32, 64},    {32, 32}};
    static const size_t odd[][2] = {{312, 1248}, {17, 100},  {3, 768},   {1, 1},
                                    {33, 31},    {256, 640}, {100, 1000}};

    for (int l = 0; l < LIBRARIES; l++) {
        gemm *g = open_library(libraries[l]);
        for (size_t s = 0; g != NULL && s < sizeof shapes / sizeof *shapes;
             s++) {
            bool packed = check_laid(g, shapes[s][0], shapes[s][1], 81);
            if (!packed) {
                printf("# %s sums %zux%zu in an order of its own\n",
                       gemm_version(g), shapes[s][0], shapes[s][1]);
            }
            CHECK(packed || !order_is_known(g));
        }
        for (size_t s = 0; g != NULL && s < sizeof odd / sizeof *odd; s++) {
            (void)check_laid(g, odd[s][0], odd[s][1], 37);
        }
        gemm_close(g);
    }
}

typedef struct turn {
    gemm_matrix *matrix;
    const float *x;
    float       *y; /* one an item */
} turn;

enum { TURN_N = 96, TURN_K = 128, TURN_M = 5, TURNS = 200 };

/* The item in the middle packs what the others use. */
static void use_or_pack(void *context, size_t item, size_t member)
{
    const turn *t = context;

    (void)member;
    if (item == TURNS / 2) {
        (void)gemm_matrix_pack(t->matrix, NULL);
    }
    (void)gemm_run(t->matrix, TURN_M, t->x, TURN_K,
                   t->y + item * GEMM_TAIL * TURN_N, TURN_N, NULL);
}

static void test_gemm_packs_while_others_run(void)
{
    bert_team *team = NULL;

    CHECK(bert_team_new(&team, 4, NULL) == BERT_OK);
    for (int l = 0; l < LIBRARIES; l++) {
        gemm  *g = open_library(libraries[l]);
        float *w = random_array(TURN_N * TURN_K);
        float *x = random_array(GEMM_TAIL * TURN_K);
        float *y = random_array(TURNS * GEMM_TAIL * TURN_N);
        tensor v = {
            .data = w, .type = DTYPE_F32, .rank = 2, .shape = {TURN_N, TURN_K}};
        turn t = {.x = x, .y = y};
        if (g != NULL && gemm_lay(g, &v, &t.matrix, NULL) == BERT_OK) {
            bert_team_run(team, TURNS, use_or_pack, &t);
            size_t bad = 0;
            for (size_t i = 1; i < TURNS; i++) {
                bad += memcmp(y, y + i * GEMM_TAIL * TURN_N,
                              TURN_M * TURN_N * sizeof *y) != 0;
            }
            CHECK_INT(bad, 0);
            gemm_matrix_free(t.matrix);
        }
        gemm_close(g);
        memory_free(w);
        memory_free(x);
        memory_free(y);
    }
    bert_team_free(team);
}

typedef struct shared {
    gemm         *g;
    const tensor *w;
    const float  *x;
    float        *y; /* one an item */
    gemm_matrix  *matrices[16];
    bert_status   status[16];
} shared;

enum { SHARED_N = 100, SHARED_K = 200, SHARED_M = 77 };

static void pack_and_run(void *context, size_t item, size_t member)
{
    shared *s = context;

    (void)member;
    s->status[item] = gemm_pack(s->g, s->w, &s->matrices[item], NULL);
    for (int i = 0; i < 3 && s->status[item] == BERT_OK; i++) {
        s->status[item] = gemm_run(s->matrices[item], SHARED_M, s->x, SHARED_K,
                                   s->y + item * gemm_rows(SHARED_M) * SHARED_N,
                                   SHARED_N, NULL);
    }
}

static void test_gemm_serves_many_threads(void)
{
    bert_team *team = NULL;

    CHECK(bert_team_new(&team, 4, NULL) == BERT_OK);
    for (int l = 0; l < LIBRARIES; l++) {
        const size_t each = gemm_rows(SHARED_M) * SHARED_N;
        float       *w = random_array(SHARED_N * SHARED_K);
        float       *x = random_array(gemm_rows(SHARED_M) * SHARED_K);
        float       *y = random_array(16 * each);
        tensor       t = {.data = w,
                          .type = DTYPE_F32,
                          .rank = 2,
                          .shape = {SHARED_N, SHARED_K}};
        shared       s = {.w = &t, .x = x, .y = y};
        if (gemm_open(&s.g, libraries[l], NULL) == BERT_OK) {
            bert_team_run(team, 16, pack_and_run, &s);
            size_t bad = 0;
            for (size_t i = 0; i < 16; i++) {
                bad += s.status[i] != s.status[0];
                bad += s.status[0] == BERT_OK &&
                       memcmp(y, y + i * each,
                              SHARED_M * SHARED_N * sizeof *y) != 0;
                gemm_matrix_free(s.matrices[i]);
            }
            CHECK_INT(bad, 0);
            gemm_close(s.g);
        }
        memory_free(w);
        memory_free(x);
        memory_free(y);
    }
    bert_team_free(team);
}

static void test_gemm_uses_weights_that_are_not_aligned(void)
{
    enum { N = 20, K = 30 };
    float *w = random_array(N * K), *x = random_array(16 * K);
    float *y = random_array(16 * N), *z = random_array(16 * N);
    char  *moved = memory_new(N * K * sizeof *w + 1, 1);

    memcpy(moved + 1, w, N * K * sizeof *w);
    for (int l = 0; l < LIBRARIES; l++) {
        gemm *g = open_library(libraries[l]);
        for (int odd = 0; odd < 2 && g != NULL; odd++) {
            tensor       t = {.data = odd ? (const void *)(moved + 1) : w,
                              .type = DTYPE_F32,
                              .rank = 2,
                              .shape = {N, K}};
            gemm_matrix *m = NULL;
            CHECK(gemm_pack(g, &t, &m, NULL) == BERT_OK);
            CHECK(gemm_run(m, 16, x, K, odd ? z : y, N, NULL) == BERT_OK);
            gemm_matrix_free(m);
        }
        CHECK(g == NULL || memcmp(y, z, 16 * N * sizeof *y) == 0);
        gemm_close(g);
    }
    memory_free(w);
    memory_free(x);
    memory_free(y);
    memory_free(z);
    memory_free(moved);
}

/* y of x through w in this form, and whether it has the bits of `want`. */
static bool same_product(gemm *g, const tensor *w, bool lay, const float *x,
                         const float *want)
{
    enum { ROWS = 3 };
    size_t       n = w->shape[0], k = w->shape[1];
    gemm_matrix *m = NULL;
    float       *y = random_array(gemm_rows(ROWS) * n);

    CHECK((lay ? gemm_lay(g, w, &m, NULL) : gemm_pack(g, w, &m, NULL)) ==
          BERT_OK);
    CHECK(gemm_run(m, ROWS, x, k, y, n, NULL) == BERT_OK);
    bool same = memcmp(y, want, ROWS * n * sizeof *y) == 0;
    gemm_matrix_free(m);
    memory_free(y);
    return same;
}

/* F16 and BF16, in rows and transposed, at odd addresses: as their floats. */
static void test_gemm_takes_weights_of_other_forms(void)
{
    enum { N = 48, K = 80 };
    static unsigned char stored[2 * N * K + 1];
    const dtype          types[] = {DTYPE_F16, DTYPE_BF16};

    for (size_t i = 0; i < N * K; i++) { /* positive and below 2 in both */
        stored[2 * i + 1] = (unsigned char)(i * 37);
        stored[2 * i + 2] = (unsigned char)(0x30 + i % 15);
    }
    for (int l = 0; l < LIBRARIES * 4; l++) {
        gemm  *g = open_library(libraries[l / 4]);
        tensor w = {.data = stored + 1,
                    .type = types[l % 2],
                    .rank = 2,
                    .shape = {N, K},
                    .transposed = l % 4 > 1};
        if (g == NULL) {
            continue;
        }
        float *floats = memory_new_aligned(N * K, sizeof *floats);
        float *x = random_array(gemm_rows(3) * K);
        float *y = random_array(gemm_rows(3) * N);
        tensor_floats(&w, floats);
        tensor plain = {
            .data = floats, .type = DTYPE_F32, .rank = 2, .shape = {N, K}};
        gemm_matrix *m = NULL;
        CHECK(gemm_pack(g, &plain, &m, NULL) == BERT_OK);
        CHECK(gemm_run(m, 3, x, K, y, N, NULL) == BERT_OK);
        CHECK(same_product(g, &w, false, x, y));
        CHECK(same_product(g, &w, true, x, y));
        gemm_matrix_free(m);
        memory_free(floats);
        memory_free(x);
        memory_free(y);
        gemm_close(g);
    }
}

static void test_gemm_refuses_what_it_cannot_do(void)
{
    gemm        *g = NULL;
    gemm_matrix *m = NULL;
    bert_error   err;
    float        one[4] = {0};
    tensor w = {.data = one, .type = DTYPE_I32, .rank = 2, .shape = {2, 2}};

    CHECK(gemm_open(&g, "mkl", &err) == BERT_UNSUPPORTED);
    CHECK_TEXT(err.message, "matrix library mkl: not in this build");
    CHECK(gemm_open(&g, "refgemm", &err) == BERT_OK);
    CHECK(gemm_pack(g, &w, &m, &err) == BERT_UNSUPPORTED);
    w.type = DTYPE_F32;
    w.rank = 1;
    CHECK(gemm_pack(g, &w, &m, &err) == BERT_UNSUPPORTED);
    w.rank = 2;
    w.shape[1] = 0;
    CHECK(gemm_pack(g, &w, &m, &err) == BERT_UNSUPPORTED);
    CHECK(m == NULL);
    gemm_close(g);
    gemm_close(NULL);
    gemm_matrix_free(NULL);
}

static void test_gemm_says_what_runs(void)
{
    gemm *g = NULL;

    CHECK(gemm_open(&g, NULL, NULL) == BERT_OK);
    CHECK_TEXT(gemm_version(g), "");
    CHECK(gemm_start(g, NULL) == BERT_OK);
    printf("# default: %s\n", gemm_version(g));
    CHECK(strchr(gemm_version(g), '.') != NULL);
    gemm_close(g);
    CHECK(gemm_open(&g, "blis", NULL) == BERT_OK);
    CHECK(gemm_start(g, NULL) == BERT_OK);
    CHECK(strncmp(gemm_version(g), "blis ", 5) == 0);
    gemm_close(g);
}

int main(void)
{
    TEST(test_gemm_is_a_product);
    TEST(test_gemm_row_bits_do_not_depend_on_m);
    TEST(test_gemm_row_bits_do_not_depend_on_place);
    TEST(test_gemm_takes_any_row_distance);
    TEST(test_gemm_gives_the_same_bits_before_and_after_packing);
    TEST(test_gemm_packs_while_others_run);
    TEST(test_gemm_serves_many_threads);
    TEST(test_gemm_uses_weights_that_are_not_aligned);
    TEST(test_gemm_takes_weights_of_other_forms);
    TEST(test_gemm_refuses_what_it_cannot_do);
    TEST(test_gemm_says_what_runs);
    TEST_END;
}
