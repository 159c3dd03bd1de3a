/*
 * kernels.h - the row functions between the products, as a table
 *
 * One table an instruction set; every function has a plain form in
 * kernels_ref.c, and the others agree with it within the bounds stated here
 * (tests/unit/test_kernels.c). Sums are in f32 in an order fixed by the
 * function and n alone, so a row's bits depend on that row only. Nothing is
 * assumed of alignment; in and out may be the same array unless restrict says
 * otherwise. NaN survives.
 *
 * Files of an instruction set include this header, stdint.h and intrinsics
 * only, so that no shared inline code is built for a CPU that may lack it.
 */
#ifndef COMPUTE_KERNELS_H
#define COMPUTE_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum kernel_act {
    KERNEL_GELU,       /* x/2 (1 + erf(x/sqrt 2)): Hendrycks and Gimpel 2016 */
    KERNEL_GELU_TANH,  /* its tanh form: gelu_new, gelu_pytorch_tanh */
    KERNEL_GELU_FAST,  /* gelu_fast, transformers activations.py */
    KERNEL_QUICK_GELU, /* x sigmoid(1.702 x) */
    KERNEL_RELU,
    KERNEL_SILU, /* silu, swish: x sigmoid(x) */
    KERNEL_TANH,
    KERNEL_SIGMOID,
    KERNEL_IDENTITY
} kernel_act;

typedef struct kernels {
    const char *name; /* "ref", "avx2", "avx512", "neon" */

    /* y[i] = act(x[i] + bias[i]), n numbers; bias NULL: none.
       gelu within 4 ulp or 2e-7 absolute of the exact value. */
    void (*bias_act)(kernel_act act, const float *x, const float *bias,
                     float *y, size_t n);

    /* y[i] = x[i] + bias[i]. */
    void (*bias)(const float *x, const float *bias, float *y, size_t n);

    /* LayerNorm of x + bias + residual (bias, residual NULL: none):
       y = (s - mean) / sqrt(var + eps) * gamma + beta, var over n (Ba et al.
       2016, section 3). Two passes. */
    void (*layer_norm)(const float *x, const float *bias, const float *residual,
                       const float *gamma, const float *beta, double eps,
                       float *y, size_t n);

    /* y = exp(x - max x) / sum; n >= 1. */
    void (*softmax)(const float *x, float *y, size_t n);

    /* sum of x[i] y[i]. */
    float (*dot)(const float *x, const float *y, size_t n);

    /* y[i] = max(y[i], x[i]). */
    void (*maximum)(const float *restrict x, float *restrict y, size_t n);

    /*
     * Scaled dot-product attention of one head over one sequence (Vaswani et
     * al. 2017, section 3.2.1): out[t] = softmax(scale q[t] K^T) V for t in
     * [first, last). q, k, v, out are [T,d] with rows ldq, ldk, ldv, ldo
     * floats apart; out overlaps nothing. scratch: attention_scratch(T, d)
     * floats, aligned to 64 bytes.
     */
    void (*attention)(const float *q, size_t ldq, const float *k, size_t ldk,
                      const float *v, size_t ldv, size_t T, size_t d,
                      size_t first, size_t last, float scale, float *out,
                      size_t ldo, float *scratch);
    size_t (*attention_scratch)(size_t T, size_t d);

    /*
     * y [m,n] = x [m,k] w^T, w [n,k], for 1 to product_rows rows, ldx and ldy
     * floats apart. Every table gives the same bits: k is cut into stretches
     * that end before ends[0], ends[1] ... k; the sum over a stretch is a chain
     * of fused multiply-adds from 0 on, and the sums are added in order.
     * scratch: product_rows k floats, aligned to 64 bytes.
     */
    void (*product)(const float *x, size_t ldx, size_t m, const float *w,
                    size_t n, size_t k, const size_t *ends, float *y,
                    size_t ldy, float *scratch);
    size_t product_rows;
} kernels;

extern const kernels kernels_ref;
#if defined(__x86_64__)
extern const kernels kernels_avx2;
extern const kernels kernels_avx512;
#elif defined(__aarch64__)
extern const kernels kernels_neon;
#endif

/*
 * The table of that name, or the best for this CPU where name is NULL; NULL:
 * no such table in this build, or this CPU cannot run it. (kernels.c)
 */
const kernels *kernels_find(const char *name);

/* false: no such activation; names as config.json's hidden_act has them. */
bool kernels_find_act(const char *name, kernel_act *out);

#endif
