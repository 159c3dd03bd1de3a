/*
 * vectors.h - what becomes of a vector before it is written
 */
#ifndef COMMON_VECTORS_H
#define COMMON_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum similarity {
    SIMILARITY_COSINE,
    SIMILARITY_DOT,
    SIMILARITY_EUCLIDEAN
} similarity; /* as in "cosine|dot|euclidean" */

/*
 * a and b [n], summed in f64. As sentence-transformers' util: cosine of the
 * angle (0 where a length is 0), dot product, minus the distance.
 */
float vector_similarity(similarity kind, const float *a, const float *b,
                        size_t n);

/* x / |x|; a vector of length 0 stays. As torch's F.normalize. */
void vector_normalize(float *x, size_t n);

/* out[i] = x[i] / scale to the nearest integer, ties to even; returns
   scale = max|x| / 127 (0 where x is 0, and then out is). */
float vector_to_int8(const float *x, size_t n, int8_t *out);

/* out[(n + 7) / 8]: bit 7 of byte 0 is x[0] > 0, as numpy.packbits. */
void vector_to_bits(const float *x, size_t n, uint8_t *out);

bool vector_is_finite(const float *x, size_t n);

#endif
