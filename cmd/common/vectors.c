/*
 * vectors.c - what becomes of a vector before it is written
 */
#include "common/vectors.h"

#include <math.h>
#include <string.h>

static double dot(const float *a, const float *b, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        sum += (double)a[i] * (double)b[i];
    }
    return sum;
}

float vector_similarity(similarity kind, const float *a, const float *b,
                        size_t n)
{
    if (kind == SIMILARITY_EUCLIDEAN) {
        double sum = 0;

        for (size_t i = 0; i < n; i++) {
            double d = (double)a[i] - (double)b[i];
            sum += d * d;
        }
        return (float)-sqrt(sum);
    }
    double product = dot(a, b, n);
    if (kind == SIMILARITY_COSINE) {
        double lengths = sqrt(dot(a, a, n)) * sqrt(dot(b, b, n));

        product = lengths > 0 ? product / lengths : 0;
    }
    return (float)product;
}

void vector_normalize(float *x, size_t n)
{
    double length = sqrt(dot(x, x, n));

    for (size_t i = 0; i < n && length > 0; i++) {
        x[i] = (float)((double)x[i] / length);
    }
}

float vector_to_int8(const float *x, size_t n, int8_t *out)
{
    float most = 0;

    for (size_t i = 0; i < n; i++) {
        most = fabsf(x[i]) > most ? fabsf(x[i]) : most;
    }
    float scale = most / 127;
    for (size_t i = 0; i < n; i++) {
        float q = scale > 0 ? rintf(x[i] / scale) : 0;

        out[i] = (int8_t)(q > 127 ? 127 : q < -127 ? -127 : q);
    }
    return scale;
}

void vector_to_bits(const float *x, size_t n, uint8_t *out)
{
    memset(out, 0, (n + 7) / 8);
    for (size_t i = 0; i < n; i++) {
        if (x[i] > 0) {
            out[i / 8] |= (uint8_t)(0x80u >> (i % 8));
        }
    }
}

bool vector_is_finite(const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i])) {
            return false;
        }
    }
    return true;
}
