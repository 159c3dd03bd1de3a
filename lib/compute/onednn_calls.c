/*
 * onednn_calls.c - oneDNN's functions, found with dlopen, and what differs
 * between its versions 2 and 3 made one
 */
#include "base/error.h"

#ifdef HAVE_ONEDNN

#include "compute/onednn_calls.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>

/* Whether the program names a dynamic linker. In one that is linked with
   -static dlopen finds oneDNN, which then crashes: its thread-local storage and
   C library are not the program's. */
static bool is_dynamic(void)
{
    const ElfW(Phdr) *part = (const ElfW(Phdr) *)getauxval(AT_PHDR);
    unsigned long count = getauxval(AT_PHNUM);

    for (unsigned long i = 0; part != NULL && i < count; i++) {
        if (part[i].p_type == PT_INTERP) {
            return true;
        }
    }
    return false;
}

bert_status onednn_load(onednn_calls *c, bert_error *err)
{
    if (!is_dynamic()) {
        return error_set(err, BERT_UNSUPPORTED,
                         "oneDNN: not in a statically linked program");
    }
    void *handle = dlopen(ONEDNN_SONAME, RTLD_LAZY | RTLD_LOCAL);
    if (handle == NULL) {
        return error_set(err, BERT_UNSUPPORTED, "oneDNN: %s", dlerror());
    }
/* A cast of void * to a function is not C, so the bytes are copied (POSIX
   dlsym, APPLICATION USAGE). */
#define LOAD_CALL(name)                                                        \
    {                                                                          \
        void *address = dlsym(handle, "dnnl_" #name);                          \
        if (address == NULL) {                                                 \
            return error_set(err, BERT_UNSUPPORTED,                            \
                             "oneDNN: no dnnl_" #name " in " ONEDNN_SONAME);   \
        }                                                                      \
        memcpy(&c->dnnl.name, &address, sizeof address);                       \
    }
    ALL_CALLS(LOAD_CALL)
#undef LOAD_CALL
    void *set = dlsym(handle, "omp_set_num_threads");
    void *get = dlsym(handle, "omp_get_max_threads");
    if (set != NULL && get != NULL) {
        memcpy(&c->set_threads, &set, sizeof set);
        memcpy(&c->get_threads, &get, sizeof get);
    }
    const dnnl_version_t *v = c->dnnl.version();
    if (v->major != DNNL_VERSION_MAJOR) {
        return error_set(err, BERT_UNSUPPORTED,
                         "oneDNN: version %d, built for %d", v->major,
                         DNNL_VERSION_MAJOR);
    }
    return BERT_OK;
}

int onednn_one_thread(const onednn_calls *c)
{
    int before = 0;

    if (c->set_threads != NULL) {
        before = c->get_threads();
        if (before != 1) {
            c->set_threads(1);
        }
    }
    return before;
}

void onednn_restore_threads(const onednn_calls *c, int before)
{
    if (before > 1) {
        c->set_threads(before);
    }
}

#if DNNL_VERSION_MAJOR >= 3
dnnl_status_t onednn_layout_strides(const onednn_calls *c, layout *out,
                                    const dnnl_dims_t dims,
                                    const dnnl_dims_t strides)
{
    return c->dnnl.memory_desc_create_with_strides(out, 2, dims, dnnl_f32,
                                                   strides);
}

dnnl_status_t onednn_layout_any(const onednn_calls *c, layout *out,
                                const dnnl_dims_t dims)
{
    return c->dnnl.memory_desc_create_with_tag(out, 2, dims, dnnl_f32,
                                               dnnl_format_tag_any);
}

dnnl_status_t onednn_layout_copy(const onednn_calls *c, layout *out,
                                 layout_ref from)
{
    return c->dnnl.memory_desc_clone(out, from);
}

void onednn_layout_free(const onednn_calls *c, layout *l)
{
    if (*l != NULL) {
        (void)c->dnnl.memory_desc_destroy(*l);
        *l = NULL;
    }
}

dnnl_status_t onednn_describe(const onednn_calls *c, dnnl_engine_t engine,
                              dnnl_primitive_attr_t attributes, layout x,
                              layout w, layout y, dnnl_primitive_desc_t *out)
{
    return c->dnnl.matmul_primitive_desc_create(out, engine, x, w, NULL, y,
                                                attributes);
}
#else
dnnl_status_t onednn_layout_strides(const onednn_calls *c, layout *out,
                                    const dnnl_dims_t dims,
                                    const dnnl_dims_t strides)
{
    return c->dnnl.memory_desc_init_by_strides(out, 2, dims, dnnl_f32, strides);
}

dnnl_status_t onednn_layout_any(const onednn_calls *c, layout *out,
                                const dnnl_dims_t dims)
{
    return c->dnnl.memory_desc_init_by_tag(out, 2, dims, dnnl_f32,
                                           dnnl_format_tag_any);
}

dnnl_status_t onednn_layout_copy(const onednn_calls *c, layout *out,
                                 layout_ref from)
{
    (void)c;
    *out = *from;
    return dnnl_success;
}

void onednn_layout_free(const onednn_calls *c, layout *l)
{
    (void)c, (void)l;
}

dnnl_status_t onednn_describe(const onednn_calls *c, dnnl_engine_t engine,
                              dnnl_primitive_attr_t attributes, layout x,
                              layout w, layout y, dnnl_primitive_desc_t *out)
{
    dnnl_matmul_desc_t what;
    dnnl_status_t      s = c->dnnl.matmul_desc_init(&what, &x, &w, NULL, &y);

    if (s != dnnl_success) {
        return s;
    }
    return c->dnnl.primitive_desc_create(out, &what, attributes, engine, NULL);
}
#endif

size_t onednn_layout_bytes(const onednn_calls *c, const layout *l)
{
    return c->dnnl.memory_desc_get_size(LAYOUT_REF(*l));
}

#endif
