/*
 * gemm_onednn.c - products by oneDNN (github.com/oneapi-src/oneDNN, 2.x and
 * 3.x; onednn_calls.h has its functions)
 *
 *   matmul: dst [M,N] = src [M,K] weights [K,N], weights in the layout that
 *   oneDNN asks for, written once (a reorder) when they are packed.
 *
 * The library is opened with dlopen, its 40 MB and the OpenMP runtime being of
 * no use to programs that compute nothing.
 *
 * Primitives have a fixed row count, the largest of three that fits what is
 * left (run()). One layout of the weights serves all: the one that GEMM_BLOCK
 * likes. They are made when first needed, one a shape and row distance, and
 * shared by all threads: a primitive with user scratchpad never changes. What a
 * call needs besides (stream and memory objects, 2 us to make) is a `call`,
 * kept in its primitive's list for the next one. Calls from several threads
 * must not meet an OpenMP team: each thread is told to use one thread, which is
 * a setting of its own, and set back afterwards.
 */
#include "compute/gemm_library.h"

#ifdef HAVE_ONEDNN

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "compute/onednn_calls.h"

/* The row count besides GEMM_BLOCK and GEMM_TAIL. Weights that come from beyond
   L2 are read once for all rows of a call: 16 rows reach 90 GFLOP/s, 64 105 and
   256 112, and more gain nothing (Zen 4). 32 reach 97, but its kernels for AVX2
   give other bits than the rest (ONEDNN_MAX_CPU_ISA=AVX2). */
enum { LARGE_BLOCK = 256 };

/* Memory objects of one execution at a time. */
typedef struct call {
    struct call  *next;
    dnnl_stream_t stream;
    dnnl_memory_t x, y, scratch;
    void         *scratch_room;
} call;

/* A primitive for one row count and row distances. */
typedef struct product {
    struct product  *next;
    size_t           rows, ldx, ldy;
    dnnl_primitive_t primitive;
    layout           x, y, scratch;
    call            *calls; /* idle ones */
} product;

/* What all matrices [n,k] share. */
typedef struct shape {
    struct shape    *next;
    size_t           n, k;
    layout           plain, packed;
    size_t           packed_bytes;
    dnnl_primitive_t reorder;
    product         *products;
} shape;

typedef struct onednn {
    onednn_calls          calls;
    dnnl_engine_t         engine;
    dnnl_primitive_attr_t attributes;
    pthread_mutex_t       lock; /* over the lists */
    shape                *shapes;
} onednn;

typedef struct packed_matrix {
    onednn       *library;
    shape        *shape;
    dnnl_memory_t weights;
} packed_matrix;

static bert_status failed(bert_error *err, const char *what, dnnl_status_t why)
{
    if (why == dnnl_out_of_memory) {
        return error_memory(err);
    }
    return error_set(err, BERT_UNSUPPORTED, "oneDNN: %s failed (status %d)",
                     what, (int)why);
}

/* A matrix [rows,columns] with rows ld apart. */
static dnnl_status_t layout_rows(const onednn *o, layout *out, size_t rows,
                                 size_t columns, size_t ld)
{
    dnnl_dims_t dims = {(dnnl_dim_t)rows, (dnnl_dim_t)columns};
    dnnl_dims_t strides = {(dnnl_dim_t)ld, 1};

    return onednn_layout_strides(&o->calls, out, dims, strides);
}

static void call_free(const onednn *o, call *c)
{
    if (c->x != NULL) {
        (void)o->calls.dnnl.memory_destroy(c->x);
    }
    if (c->y != NULL) {
        (void)o->calls.dnnl.memory_destroy(c->y);
    }
    if (c->scratch != NULL) {
        (void)o->calls.dnnl.memory_destroy(c->scratch);
    }
    if (c->stream != NULL) {
        (void)o->calls.dnnl.stream_destroy(c->stream);
    }
    memory_free(c->scratch_room);
    memory_free(c);
}

static void product_free(const onednn *o, product *p)
{
    while (p->calls != NULL) {
        call *c = p->calls;
        p->calls = c->next;
        call_free(o, c);
    }
    if (p->primitive != NULL) {
        (void)o->calls.dnnl.primitive_destroy(p->primitive);
    }
    onednn_layout_free(&o->calls, &p->x);
    onednn_layout_free(&o->calls, &p->y);
    onednn_layout_free(&o->calls, &p->scratch);
    memory_free(p);
}

static void shape_free(const onednn *o, shape *s)
{
    while (s->products != NULL) {
        product *p = s->products;
        s->products = p->next;
        product_free(o, p);
    }
    if (s->reorder != NULL) {
        (void)o->calls.dnnl.primitive_destroy(s->reorder);
    }
    onednn_layout_free(&o->calls, &s->plain);
    onednn_layout_free(&o->calls, &s->packed);
    memory_free(s);
}

static void stop(void *state)
{
    onednn *o = state;

    while (o->shapes != NULL) {
        shape *s = o->shapes;
        o->shapes = s->next;
        shape_free(o, s);
    }
    if (o->attributes != NULL) {
        (void)o->calls.dnnl.primitive_attr_destroy(o->attributes);
    }
    if (o->engine != NULL) {
        (void)o->calls.dnnl.engine_destroy(o->engine);
    }
    pthread_mutex_destroy(&o->lock);
    memory_free(o);
}

static bert_status start(void **state, char *version, bert_error *err)
{
    onednn       *o = memory_new_zeroed(1, sizeof *o);
    dnnl_status_t s;

    if (o == NULL) {
        return error_memory(err);
    }
    pthread_mutex_init(&o->lock, NULL);
    bert_status status = onednn_load(&o->calls, err);
    if (status != BERT_OK) {
        goto out;
    }
    const dnnl_version_t *v = o->calls.dnnl.version();
    (void)snprintf(version, GEMM_VERSION_SIZE, "onednn %d.%d.%d", v->major,
                   v->minor, v->patch);
    /* Else it looks for a profiler's library in every folder the loader knows,
       at the first kernel. An oneDNN built without that says no: as well. */
    (void)o->calls.dnnl.set_jit_profiling_flags(DNNL_JIT_PROFILE_NONE);
    s = o->calls.dnnl.engine_create(&o->engine, dnnl_cpu, 0);
    if (s == dnnl_success) {
        s = o->calls.dnnl.primitive_attr_create(&o->attributes);
    }
    if (s == dnnl_success) {
        s = o->calls.dnnl.primitive_attr_set_scratchpad_mode(
            o->attributes, dnnl_scratchpad_mode_user);
    }
    if (s != dnnl_success) {
        status = failed(err, "starting", s);
        goto out;
    }
    *state = o;
    o = NULL;
out:
    if (o != NULL) {
        stop(o);
    }
    return status;
}

/* ---- Shapes and products: made when first asked for, under the lock -------
 */

/*
 * oneDNN's code generator crashes where it gets no memory, instead of saying
 * so. It maps less than 1 MB a kernel; more than 32 MB are asked for so that
 * malloc() must map them as well and not find them in its heap.
 */
static dnnl_status_t have_room(void)
{
    void *room = memory_new(1, (size_t)40 << 20);

    memory_free(room);
    return room != NULL ? dnnl_success : dnnl_out_of_memory;
}

static dnnl_status_t make_reorder(onednn *o, shape *s)
{
    dnnl_primitive_desc_t description = NULL;
    dnnl_status_t         status = o->calls.dnnl.reorder_primitive_desc_create(
                &description, LAYOUT_REF(s->plain), o->engine, LAYOUT_REF(s->packed),
                o->engine, o->attributes);

    if (status == dnnl_success) {
        status = o->calls.dnnl.primitive_create(&s->reorder, description);
        (void)o->calls.dnnl.primitive_desc_destroy(description);
    }
    return status;
}

/* Ask which layout of the weights a product of GEMM_BLOCK rows likes. */
static dnnl_status_t choose_layout(onednn *o, shape *s)
{
    dnnl_dims_t           dims = {(dnnl_dim_t)s->k, (dnnl_dim_t)s->n};
    dnnl_dims_t           strides = {1, (dnnl_dim_t)s->k};
    dnnl_primitive_desc_t description = NULL;
    layout                x, y, any;

    memset(&x, 0, sizeof x);
    memset(&y, 0, sizeof y);
    memset(&any, 0, sizeof any);
    dnnl_status_t status =
        onednn_layout_strides(&o->calls, &s->plain, dims, strides);
    if (status == dnnl_success) {
        status = onednn_layout_any(&o->calls, &any, dims);
    }
    if (status == dnnl_success) {
        status = layout_rows(o, &x, GEMM_BLOCK, s->k, s->k);
    }
    if (status == dnnl_success) {
        status = layout_rows(o, &y, GEMM_BLOCK, s->n, s->n);
    }
    if (status == dnnl_success) {
        status = onednn_describe(&o->calls, o->engine, o->attributes, x, any, y,
                                 &description);
    }
    if (status == dnnl_success) {
        status = onednn_layout_copy(&o->calls, &s->packed,
                                    o->calls.dnnl.primitive_desc_query_md(
                                        description, dnnl_query_weights_md, 0));
        s->packed_bytes = onednn_layout_bytes(&o->calls, &s->packed);
        (void)o->calls.dnnl.primitive_desc_destroy(description);
    }
    onednn_layout_free(&o->calls, &any);
    onednn_layout_free(&o->calls, &y);
    onednn_layout_free(&o->calls, &x);
    return status;
}

static bert_status shape_get(onednn *o, size_t n, size_t k, shape **out,
                             bert_error *err)
{
    bert_status status = BERT_OK;

    pthread_mutex_lock(&o->lock);
    shape *s = o->shapes;
    while (s != NULL && (s->n != n || s->k != k)) {
        s = s->next;
    }
    if (s == NULL) {
        s = memory_new_zeroed(1, sizeof *s);
        if (s == NULL) {
            status = error_memory(err);
            goto out;
        }
        s->n = n;
        s->k = k;
        int           before = onednn_one_thread(&o->calls);
        dnnl_status_t why = have_room();
        if (why == dnnl_success) {
            why = choose_layout(o, s);
        }
        if (why == dnnl_success) {
            why = make_reorder(o, s);
        }
        onednn_restore_threads(&o->calls, before);
        if (why != dnnl_success) {
            shape_free(o, s);
            status = failed(err, "making a product", why);
            goto out;
        }
        s->next = o->shapes;
        o->shapes = s;
    }
    *out = s;
out:
    pthread_mutex_unlock(&o->lock);
    return status;
}

static dnnl_status_t make_product(onednn *o, const shape *s, product *p)
{
    dnnl_primitive_desc_t description = NULL;
    dnnl_status_t         status = have_room();

    if (status == dnnl_success) {
        status = layout_rows(o, &p->x, p->rows, s->k, p->ldx);
    }
    if (status == dnnl_success) {
        status = layout_rows(o, &p->y, p->rows, s->n, p->ldy);
    }
    if (status == dnnl_success) {
        status = onednn_describe(&o->calls, o->engine, o->attributes, p->x,
                                 s->packed, p->y, &description);
    }
    if (status == dnnl_success) {
        status =
            onednn_layout_copy(&o->calls, &p->scratch,
                               o->calls.dnnl.primitive_desc_query_md(
                                   description, dnnl_query_scratchpad_md, 0));
    }
    if (status == dnnl_success) {
        status = o->calls.dnnl.primitive_create(&p->primitive, description);
    }
    if (description != NULL) {
        (void)o->calls.dnnl.primitive_desc_destroy(description);
    }
    return status;
}

static dnnl_status_t make_call(onednn *o, product *p, call *c)
{
    size_t        scratch = onednn_layout_bytes(&o->calls, &p->scratch);
    dnnl_status_t status = o->calls.dnnl.stream_create(
        &c->stream, o->engine, dnnl_stream_default_flags);

    if (status == dnnl_success) {
        status = o->calls.dnnl.memory_create(&c->x, LAYOUT_REF(p->x), o->engine,
                                             DNNL_MEMORY_NONE);
    }
    if (status == dnnl_success) {
        status = o->calls.dnnl.memory_create(&c->y, LAYOUT_REF(p->y), o->engine,
                                             DNNL_MEMORY_NONE);
    }
    if (status == dnnl_success && scratch > 0) {
        c->scratch_room = memory_new_aligned(scratch, 1);
        status = c->scratch_room == NULL
                     ? dnnl_out_of_memory
                     : o->calls.dnnl.memory_create(&c->scratch,
                                                   LAYOUT_REF(p->scratch),
                                                   o->engine, c->scratch_room);
    }
    return status;
}

/* Both with the lock held. */
static bert_status product_get(onednn *o, shape *s, const product *like,
                               product **out, bert_error *err)
{
    product *p = s->products;

    while (p != NULL && (p->rows != like->rows || p->ldx != like->ldx ||
                         p->ldy != like->ldy)) {
        p = p->next;
    }
    if (p == NULL) {
        p = memory_new(1, sizeof *p);
        if (p == NULL) {
            return error_memory(err);
        }
        *p = *like;
        dnnl_status_t why = make_product(o, s, p);
        if (why != dnnl_success) {
            product_free(o, p);
            return failed(err, "making a product", why);
        }
        p->next = s->products;
        s->products = p;
    }
    *out = p;
    return BERT_OK;
}

static bert_status call_take(onednn *o, product *p, call **out, bert_error *err)
{
    call *c = p->calls;

    if (c != NULL) {
        p->calls = c->next;
    } else {
        c = memory_new_zeroed(1, sizeof *c);
        if (c == NULL) {
            return error_memory(err);
        }
        dnnl_status_t why = make_call(o, p, c);
        if (why != dnnl_success) {
            call_free(o, c);
            return failed(err, "making a call", why);
        }
    }
    *out = c;
    return BERT_OK;
}

/* ---- What gemm.c calls ----------------------------------------------------
 */

static bert_status packed_size(void *state, size_t n, size_t k, size_t *size,
                               bert_error *err)
{
    shape      *s;
    bert_status status = shape_get(state, n, k, &s, err);

    if (status == BERT_OK) {
        *size = (s->packed_bytes + sizeof(float) - 1) / sizeof(float);
    }
    return status;
}

/*
 * Seen in versions 2.6.3 and 3.7.2, and in their sources: with AVX-512 (brgemm,
 * compute_blocking_heuristic_avx512) 512 at a time, or 1024 where k is more
 * than that; with AVX2 (jit_avx_gemm_f32.cpp, sgemm_nocopy_driver) 256, and
 * what is left below 512 in two halves. gemm.c compares before it relies on
 * this.
 */
static size_t order(void *state, size_t n, size_t k, size_t *ends)
{
    const onednn *o = state;
    unsigned      isa = (unsigned)o->calls.dnnl.get_effective_cpu_isa();
    bool          large =
        (isa & dnnl_cpu_isa_avx512_core) == (unsigned)dnnl_cpu_isa_avx512_core;
    size_t stretch = large ? (k > 1024 ? 1024 : 512) : 256;
    size_t count = 0;

    if ((isa & dnnl_cpu_isa_avx2) != (unsigned)dnnl_cpu_isa_avx2 ||
        n < GEMM_TAIL || k > GEMM_STRETCHES * 256) {
        return 0; /* narrow ones have kernels of their own */
    }
    for (size_t end = 0; end < k;) {
        size_t left = k - end;
        if (large || left <= stretch || left >= 2 * stretch) {
            end += left < stretch ? left : stretch;
        } else {
            end += (left + 1) / 2;
        }
        ends[count++] = end;
    }
    return count;
}

static dnnl_status_t reorder(onednn *o, shape *s, const float *w,
                             dnnl_memory_t packed)
{
    dnnl_stream_t stream = NULL;
    dnnl_memory_t from = NULL;
    dnnl_status_t status = o->calls.dnnl.stream_create(
        &stream, o->engine, dnnl_stream_default_flags);

    if (status == dnnl_success) {
        /* The interface has no const; a source is only read. */
        status = o->calls.dnnl.memory_create(&from, LAYOUT_REF(s->plain),
                                             o->engine, (void *)w);
    }
    if (status == dnnl_success) {
        dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from},
                                       {DNNL_ARG_TO, packed}};
        status =
            o->calls.dnnl.primitive_execute(s->reorder, stream, 2, arguments);
    }
    if (status == dnnl_success) {
        status = o->calls.dnnl.stream_wait(stream);
    }
    if (from != NULL) {
        (void)o->calls.dnnl.memory_destroy(from);
    }
    if (stream != NULL) {
        (void)o->calls.dnnl.stream_destroy(stream);
    }
    return status;
}

static void forget(void *packed)
{
    packed_matrix *m = packed;

    if (m != NULL) {
        if (m->weights != NULL) {
            (void)m->library->calls.dnnl.memory_destroy(m->weights);
        }
        memory_free(m);
    }
}

static bert_status pack(void *state, const float *w, size_t n, size_t k,
                        float *into, void **packed, bert_error *err)
{
    onednn        *o = state;
    packed_matrix *m = memory_new_zeroed(1, sizeof *m);

    if (m == NULL) {
        return error_memory(err);
    }
    m->library = o;
    bert_status status = shape_get(o, n, k, &m->shape, err);
    if (status != BERT_OK) {
        goto out;
    }
    int           before = onednn_one_thread(&o->calls);
    dnnl_status_t why = o->calls.dnnl.memory_create(
        &m->weights, LAYOUT_REF(m->shape->packed), o->engine, into);
    if (why == dnnl_success) {
        why = reorder(o, m->shape, w, m->weights);
    }
    onednn_restore_threads(&o->calls, before);
    if (why != dnnl_success) {
        status = failed(err, "packing", why);
        goto out;
    }
    *packed = m;
    m = NULL;
out:
    forget(m);
    return status;
}

/* `times` products of like->rows rows each, one below the other. */
static bert_status run_blocks(const packed_matrix *m, const product *like,
                              size_t times, const float *x, float *y,
                              bert_error *err)
{
    onednn       *o = m->library;
    product      *p = NULL;
    call         *c = NULL;
    dnnl_status_t why = dnnl_success;

    pthread_mutex_lock(&o->lock);
    bert_status status = product_get(o, m->shape, like, &p, err);
    if (status == BERT_OK) {
        status = call_take(o, p, &c, err);
    }
    pthread_mutex_unlock(&o->lock);
    if (status != BERT_OK) {
        return status;
    }
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, c->x},
                                   {DNNL_ARG_WEIGHTS, m->weights},
                                   {DNNL_ARG_DST, c->y},
                                   {DNNL_ARG_SCRATCHPAD, c->scratch}};
    int             count = c->scratch != NULL ? 4 : 3;
    for (size_t i = 0; i < times && why == dnnl_success; i++) {
        why = o->calls.dnnl.memory_set_data_handle(
            c->x, (void *)(x + i * p->rows * p->ldx));
        if (why == dnnl_success) {
            why = o->calls.dnnl.memory_set_data_handle(c->y, y + i * p->rows *
                                                                     p->ldy);
        }
        if (why == dnnl_success) {
            why = o->calls.dnnl.primitive_execute(p->primitive, c->stream,
                                                  count, arguments);
        }
    }
    if (why == dnnl_success) {
        why = o->calls.dnnl.stream_wait(c->stream);
    }
    pthread_mutex_lock(&o->lock);
    c->next = p->calls;
    p->calls = c;
    pthread_mutex_unlock(&o->lock);
    return why == dnnl_success ? BERT_OK : failed(err, "a product", why);
}

static bert_status run(void *state, const void *packed, size_t rows,
                       const float *x, size_t ldx, float *y, size_t ldy,
                       bert_error *err)
{
    static const size_t counts[] = {LARGE_BLOCK, GEMM_BLOCK, GEMM_TAIL};
    onednn             *o = state;
    int                 before = onednn_one_thread(&o->calls);
    bert_status         status = BERT_OK;

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        product like = {.rows = counts[i], .ldx = ldx, .ldy = ldy};
        size_t  times = rows / counts[i];
        if (times == 0 || status != BERT_OK) {
            continue;
        }
        status = run_blocks(packed, &like, times, x, y, err);
        x += times * counts[i] * ldx;
        y += times * counts[i] * ldy;
        rows -= times * counts[i];
    }
    onednn_restore_threads(&o->calls, before);
    return status;
}

const gemm_library gemm_library_onednn = {
    .name = "onednn",
    .start = start,
    .stop = stop,
    .packed_size = packed_size,
    .pack = pack,
    .forget = forget,
    .order = order,
    .run = run,
};

#endif
