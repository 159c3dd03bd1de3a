/*
 * kernels_ref.c - the row functions in plain C, to be read and compared with
 *
 * Sums are in f64 here, so that what the others are compared with is as good
 * as exact.
 */
#include "compute/kernels.h"

#include <math.h>

static double tanh_form(double x)
{
    /* sqrt(2/pi), as activations.py writes it */
    return x / 2 * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* inf and NaN: as the formula gives them. */
static float activate(kernel_act act, float number)
{
    double x = (double)number;

    switch (act) {
    case KERNEL_GELU:
        /* erfc: no cancellation below 0 */
        return (float)(x / 2 * erfc(-x * 0.70710678118654752));
    case KERNEL_GELU_TANH:
        return (float)tanh_form(x);
    case KERNEL_GELU_FAST:
        return (float)(x / 2 *
                       (1 + tanh(x * 0.7978845608 * (1 + 0.044715 * x * x))));
    case KERNEL_QUICK_GELU:
        return (float)(x * sigmoid(1.702 * x));
    case KERNEL_RELU:
        return number < 0 ? 0 : number;
    case KERNEL_SILU:
        return (float)(x * sigmoid(x));
    case KERNEL_TANH:
        return (float)tanh(x);
    case KERNEL_SIGMOID:
        return (float)sigmoid(x);
    case KERNEL_IDENTITY:
        break;
    }
    return number;
}

static void bias_act(kernel_act act, const float *x, const float *bias,
                     float *y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        y[i] = activate(act, bias != NULL ? x[i] + bias[i] : x[i]);
    }
}

static void bias_add(const float *x, const float *bias, float *y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        y[i] = x[i] + bias[i];
    }
}

static void layer_norm(const float *x, const float *bias, const float *residual,
                       const float *gamma, const float *beta, double eps,
                       float *y, size_t n)
{
    double sum = 0, squares = 0;

    for (size_t i = 0; i < n; i++) {
        float s = bias != NULL ? x[i] + bias[i] : x[i];
        y[i] = residual != NULL ? s + residual[i] : s;
        sum += (double)y[i];
    }
    double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) {
        double centred = (double)y[i] - mean;
        squares += centred * centred;
    }
    double factor = 1 / sqrt(squares / (double)n + eps);
    for (size_t i = 0; i < n; i++) {
        y[i] = (float)(((double)y[i] - mean) * factor * (double)gamma[i] +
                       (double)beta[i]);
    }
}

static void softmax(const float *x, float *y, size_t n)
{
    float  largest = x[0];
    double sum = 0;

    for (size_t i = 1; i < n; i++) {
        largest = x[i] > largest ? x[i] : largest;
    }
    for (size_t i = 0; i < n; i++) {
        y[i] = (float)exp((double)(x[i] - largest));
        sum += (double)y[i];
    }
    for (size_t i = 0; i < n; i++) {
        y[i] = (float)((double)y[i] / sum);
    }
}

static float dot(const float *x, const float *y, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        sum += (double)x[i] * (double)y[i];
    }
    return (float)sum;
}

static void maximum(const float *restrict x, float *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        y[i] = y[i] > x[i] || isnan(y[i]) ? y[i] : x[i];
    }
}

static size_t attention_scratch(size_t T, size_t d)
{
    (void)d;
    return T;
}

static void attention(const float *q, size_t ldq, const float *k, size_t ldk,
                      const float *v, size_t ldv, size_t T, size_t d,
                      size_t first, size_t last, float scale, float *out,
                      size_t ldo, float *scratch)
{
    for (size_t t = first; t < last; t++) {
        for (size_t s = 0; s < T; s++) {
            scratch[s] = scale * dot(q + t * ldq, k + s * ldk, d);
        }
        softmax(scratch, scratch, T);
        for (size_t i = 0; i < d; i++) {
            double sum = 0;
            for (size_t s = 0; s < T; s++) {
                sum += (double)scratch[s] * (double)v[s * ldv + i];
            }
            out[t * ldo + i] = (float)sum;
        }
    }
}

static float chain(const float *x, const float *w, const size_t *ends, size_t k)
{
    float total = 0;

    for (size_t begin = 0; begin < k; begin = *ends++) {
        float sum = 0;
        for (size_t j = begin; j < *ends; j++) {
            sum = fmaf(x[j], w[j], sum);
        }
        total = begin == 0 ? sum : total + sum;
    }
    return total;
}

static void product(const float *x, size_t ldx, size_t m, const float *w,
                    size_t n, size_t k, const size_t *ends, float *y,
                    size_t ldy, float *scratch)
{
    (void)scratch;
    for (size_t row = 0; row < m; row++) {
        for (size_t i = 0; i < n; i++) {
            y[row * ldy + i] = chain(x + row * ldx, w + i * k, ends, k);
        }
    }
}

const kernels kernels_ref = {
    .name = "ref",
    .bias_act = bias_act,
    .bias = bias_add,
    .layer_norm = layer_norm,
    .softmax = softmax,
    .dot = dot,
    .maximum = maximum,
    .attention = attention,
    .attention_scratch = attention_scratch,
    .product = product,
    .product_rows = 16,
};
