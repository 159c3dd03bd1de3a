/*
 * gemm_blis.c - products by BLIS (github.com/flame/blis, 0.9), the only file
 * that includes blis.h
 *
 *   bli_sgemm_ex(): C = A B, any strides, so W [n,k] is used where it lies.
 *
 * One thread a call, said in the rntm_t: whichever variant (serial, openmp,
 * pthread) the system loads. BLIS takes another path for small products (sup),
 * which gives other bits; it is turned off, and then the row count changes
 * nothing (tests/unit/test_gemm.c), so that calls may be large: BLIS packs W in
 * every call, and at 64 rows a quarter of the time goes there.
 *
 * Start-up: BLIS 0.9 asks CPUID which of its kernels to use and falls to slow
 * ones on a processor younger than itself. The variable BLIS_ARCH_TYPE tells it
 * which; as a number only. We set it, once a process, before bli_init(), where
 * the user has not and our own look at CPUID says that the kernels run here.
 */
#include "compute/gemm_library.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <blis.h>

#include "base/memory.h"
#include "compute/cpu.h"

/* Rows a call at most: what the test has shown to give the same bits. */
enum { MOST_ROWS = 512 };

/*
 * BLIS ends the process where it gets no memory for its own buffers, 9 MB a
 * thread at the first product. So it is started only where this much is there.
 */
static const size_t own_buffers = (size_t)48 << 20;

static pthread_once_t blis_once = PTHREAD_ONCE_INIT;

/* Numbers of BLIS's arch_t (frame/include/bli_type_defs.h); -1: as it likes.
   On Zen 3 and 4 it picks zen3, and skx was no faster there. */
static int best_kernels(void)
{
#if defined(__x86_64__)
    cpu c = cpu_detect();

    if (c.intel && c.avx512) {
        return BLIS_ARCH_SKX;
    }
    if (c.amd && c.family > 0x19 && c.avx2) {
        return BLIS_ARCH_ZEN3;
    }
#endif
    return -1;
}

static void start_once(void)
{
    int kernels = best_kernels();

    if (kernels >= 0) {
        char number[16];
        (void)snprintf(number, sizeof number, "%d", kernels);
        (void)setenv("BLIS_ARCH_TYPE", number, 0); /* the user's own wins */
    }
    bli_init();
}

static bert_status start(void **state, char *version, bert_error *err)
{
    void *room = memory_new(1, own_buffers);

    if (room == NULL) {
        return error_memory(err);
    }
    memory_free(room);
    (void)pthread_once(&blis_once, start_once);
    *state = NULL;
    (void)snprintf(version, GEMM_VERSION_SIZE, "blis %s (%s)",
                   bli_info_get_version_str(),
                   bli_arch_string(bli_arch_query_id()));
    return BERT_OK;
}

static void stop(void *state)
{
    (void)state; /* others of this process may be using it */
}

static bert_status run(void *state, const void *packed, size_t rows,
                       const float *x, size_t ldx, float *y, size_t ldy,
                       bert_error *err)
{
    const gemm_plain *m = packed;
    rntm_t            threads = BLIS_RNTM_INITIALIZER;
    float             one = 1, zero = 0;

    (void)state, (void)err;
    bli_rntm_set_num_threads(1, &threads);
    bli_rntm_disable_l3_sup(&threads);
    while (rows > 0) {
        size_t now = rows < MOST_ROWS ? rows : MOST_ROWS;
        /* BLIS's interface has no const; neither x nor w is written. */
        bli_sgemm_ex(BLIS_NO_TRANSPOSE, BLIS_TRANSPOSE, (dim_t)now, (dim_t)m->n,
                     (dim_t)m->k, &one, (float *)x, (inc_t)ldx, 1,
                     (float *)m->w, (inc_t)m->k, 1, &zero, y, (inc_t)ldy, 1,
                     NULL, &threads);
        x += now * ldx;
        y += now * ldy;
        rows -= now;
    }
    return BERT_OK;
}

const gemm_library gemm_library_blis = {
    .name = "blis",
    .start = start,
    .stop = stop,
    .packed_size = gemm_plain_size,
    .pack = gemm_plain_pack,
    .forget = gemm_plain_forget,
    .run = run,
};
