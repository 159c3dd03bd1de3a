/*
 * onednn_calls.h - oneDNN's functions, found with dlopen, and what differs
 * between its versions 2 and 3 made one
 *
 * Included by gemm_onednn.c and onednn_calls.c only.
 */
#ifndef COMPUTE_ONEDNN_CALLS_H
#define COMPUTE_ONEDNN_CALLS_H

#include <dnnl.h>

#include "base/error.h"

/* oneDNN 3 made memory descriptors opaque, and operation descriptors went. */
#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t       layout;
typedef const_dnnl_memory_desc_t layout_ref;
#define LAYOUT_REF(l) (l)
#define VERSION_CALLS(X)                                                       \
    X(memory_desc_create_with_strides)                                         \
    X(memory_desc_create_with_tag)                                             \
    X(memory_desc_clone)                                                       \
    X(memory_desc_destroy)                                                     \
    X(matmul_primitive_desc_create)
#else
typedef dnnl_memory_desc_t        layout;
typedef const dnnl_memory_desc_t *layout_ref;
#define LAYOUT_REF(l) (&(l))
#define VERSION_CALLS(X)                                                       \
    X(memory_desc_init_by_strides)                                             \
    X(memory_desc_init_by_tag)                                                 \
    X(matmul_desc_init)                                                        \
    X(primitive_desc_create)
#endif

#define ALL_CALLS(X)                                                           \
    VERSION_CALLS(X)                                                           \
    X(version)                                                                 \
    X(get_effective_cpu_isa)                                                   \
    X(set_jit_profiling_flags)                                                 \
    X(engine_create)                                                           \
    X(engine_destroy)                                                          \
    X(stream_create)                                                           \
    X(stream_wait)                                                             \
    X(stream_destroy)                                                          \
    X(memory_create)                                                           \
    X(memory_set_data_handle)                                                  \
    X(memory_destroy)                                                          \
    X(memory_desc_get_size)                                                    \
    X(primitive_attr_create)                                                   \
    X(primitive_attr_set_scratchpad_mode)                                      \
    X(primitive_attr_destroy)                                                  \
    X(primitive_desc_query_md)                                                 \
    X(primitive_desc_destroy)                                                  \
    X(reorder_primitive_desc_create)                                           \
    X(primitive_create)                                                        \
    X(primitive_execute)                                                       \
    X(primitive_destroy)

/* The functions of dnnl.h that are used, found by dlsym. */
typedef struct dnnl_calls {
#define CALL_FIELD(name) __typeof__(&dnnl_##name) name;
    ALL_CALLS(CALL_FIELD)
#undef CALL_FIELD
} dnnl_calls;

typedef struct onednn_calls {
    dnnl_calls dnnl;
    void (*set_threads)(int); /* NULL: no OpenMP in it */
    int (*get_threads)(void);
} onednn_calls;

/*
 * Open the library whose version the headers had. Errors: BERT_UNSUPPORTED
 * (not here, another version; with the reason). It stays open: oneDNN and
 * OpenMP keep threads' data that must not lose its code.
 */
bert_status onednn_load(onednn_calls *calls, bert_error *err);

/* One OpenMP thread for what this thread does next; returns what to hand to
   onednn_restore_threads() after that. */
int  onednn_one_thread(const onednn_calls *calls);
void onednn_restore_threads(const onednn_calls *calls, int before);

/* Layouts of f32 matrices. A layout that is all zero bytes may be freed. */
dnnl_status_t onednn_layout_strides(const onednn_calls *calls, layout *out,
                                    const dnnl_dims_t dims,
                                    const dnnl_dims_t strides);
dnnl_status_t onednn_layout_any(const onednn_calls *calls, layout *out,
                                const dnnl_dims_t dims);
dnnl_status_t onednn_layout_copy(const onednn_calls *calls, layout *out,
                                 layout_ref from);
void          onednn_layout_free(const onednn_calls *calls, layout *l);
size_t        onednn_layout_bytes(const onednn_calls *calls, const layout *l);

/* Describe the product y = x w. */
dnnl_status_t onednn_describe(const onednn_calls *calls, dnnl_engine_t engine,
                              dnnl_primitive_attr_t attributes, layout x,
                              layout w, layout y, dnnl_primitive_desc_t *out);

#endif
