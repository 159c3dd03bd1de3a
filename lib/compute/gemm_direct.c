/*
 * gemm_direct.c - products with weights where they lie, in a library's order of
 * sums
 *
 * The work is done by product() of the best row functions; this file cuts x
 * into as many rows as that takes and keeps its scratch.
 */
#include "compute/gemm_direct.h"

#include <pthread.h>

#include "base/memory.h"
#include "compute/kernels.h"

typedef struct scratch {
    struct scratch *next;
    float          *room;
    size_t          size; /* floats */
} scratch;

struct direct {
    const kernels  *kernels;
    pthread_mutex_t lock;
    scratch        *idle;
};

bert_status direct_new(direct **out, bert_error *err)
{
    direct *d = memory_new_zeroed(1, sizeof *d);

    if (d == NULL) {
        return error_memory(err);
    }
    if (pthread_mutex_init(&d->lock, NULL) != 0) {
        memory_free(d);
        return error_memory(err);
    }
    d->kernels = kernels_find(NULL);
    *out = d;
    return BERT_OK;
}

static void scratch_free(scratch *s)
{
    if (s != NULL) {
        memory_free(s->room);
        memory_free(s);
    }
}

void direct_free(direct *d)
{
    if (d == NULL) {
        return;
    }
    while (d->idle != NULL) {
        scratch *s = d->idle;
        d->idle = s->next;
        scratch_free(s);
    }
    pthread_mutex_destroy(&d->lock);
    memory_free(d);
}

/* NULL: no memory. */
static scratch *take_scratch(direct *d, size_t size)
{
    pthread_mutex_lock(&d->lock);
    scratch *s = d->idle;
    if (s != NULL) {
        d->idle = s->next;
    }
    pthread_mutex_unlock(&d->lock);
    if (s == NULL) {
        s = memory_new_zeroed(1, sizeof *s);
    }
    if (s != NULL && s->size < size) {
        memory_free(s->room);
        s->room = memory_new_aligned(size, sizeof *s->room);
        s->size = size;
        if (s->room == NULL) {
            scratch_free(s);
            s = NULL;
        }
    }
    return s;
}

static void return_scratch(direct *d, scratch *s)
{
    pthread_mutex_lock(&d->lock);
    s->next = d->idle;
    d->idle = s;
    pthread_mutex_unlock(&d->lock);
}

bert_status direct_run(direct *d, const float *w, size_t n, size_t k,
                       const size_t *ends, size_t m, const float *x, size_t ldx,
                       float *y, size_t ldy, bert_error *err)
{
    size_t   most = d->kernels->product_rows;
    scratch *s = take_scratch(d, most * k);

    if (s == NULL) {
        return error_memory(err);
    }
    for (; m > 0; x += most * ldx, y += most * ldy) {
        size_t rows = m < most ? m : most;
        d->kernels->product(x, ldx, rows, w, n, k, ends, y, ldy, s->room);
        m -= rows;
    }
    return_scratch(d, s);
    return BERT_OK;
}
