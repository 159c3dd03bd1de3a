/*
 * gemm_plain.c - weights that a library uses where they lie
 */
#include "base/memory.h"
#include "compute/gemm_library.h"

bert_status gemm_plain_size(void *state, size_t n, size_t k, size_t *size,
                            bert_error *err)
{
    (void)state, (void)n, (void)k, (void)err;
    *size = 0;
    return BERT_OK;
}

bert_status gemm_plain_pack(void *state, const float *w, size_t n, size_t k,
                            float *into, void **packed, bert_error *err)
{
    gemm_plain *m = memory_new(1, sizeof *m);

    (void)state, (void)into;
    if (m == NULL) {
        return error_memory(err);
    }
    *m = (gemm_plain){.w = w, .n = n, .k = k};
    *packed = m;
    return BERT_OK;
}

void gemm_plain_forget(void *packed)
{
    memory_free(packed);
}
