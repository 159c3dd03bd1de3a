/*
 * kernels_avx2.c - the row functions for AVX2 and FMA
 */
#include "compute/kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdint.h>

#define VECTOR_TABLE 8
#define QUERIES 4
#define PRODUCT_WIDE_TILE 6
enum { VW = 8 };
typedef __m256 vf;

#define VECTOR static inline __attribute__((always_inline))

VECTOR vf vf_set(float a)
{
    return _mm256_set1_ps(a);
}

VECTOR vf vf_zero(void)
{
    return _mm256_setzero_ps();
}

/* All bits in the first n lanes. */
VECTOR __m256i first_lanes(size_t n)
{
    __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);

    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), lanes);
}

VECTOR vf vf_load(const float *p)
{
    return _mm256_loadu_ps(p);
}

VECTOR vf vf_load_part(const float *p, size_t n, float rest)
{
    __m256i mask = first_lanes(n);

    return _mm256_blendv_ps(vf_set(rest), _mm256_maskload_ps(p, mask),
                            _mm256_castsi256_ps(mask));
}

VECTOR void vf_store(float *p, vf v)
{
    _mm256_storeu_ps(p, v);
}

VECTOR void vf_store_part(float *p, vf v, size_t n)
{
    _mm256_maskstore_ps(p, first_lanes(n), v);
}

VECTOR vf vf_add(vf a, vf b)
{
    return _mm256_add_ps(a, b);
}

VECTOR vf vf_sub(vf a, vf b)
{
    return _mm256_sub_ps(a, b);
}

VECTOR vf vf_mul(vf a, vf b)
{
    return _mm256_mul_ps(a, b);
}

VECTOR vf vf_div(vf a, vf b)
{
    return _mm256_div_ps(a, b);
}

VECTOR vf vf_fma(vf a, vf b, vf c)
{
    return _mm256_fmadd_ps(a, b, c);
}

VECTOR vf vf_fnma(vf a, vf b, vf c)
{
    return _mm256_fnmadd_ps(a, b, c);
}

VECTOR vf vf_max(vf a, vf b)
{
    return _mm256_max_ps(a, b);
}

VECTOR vf vf_min(vf a, vf b)
{
    return _mm256_min_ps(a, b);
}

VECTOR vf vf_abs(vf a)
{
    return _mm256_andnot_ps(vf_set(-0.0f), a);
}

VECTOR vf vf_sign_of(vf a, vf b)
{
    vf sign = vf_set(-0.0f);

    return _mm256_or_ps(_mm256_andnot_ps(sign, a), _mm256_and_ps(sign, b));
}

VECTOR vf vf_round(vf a)
{
    return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

VECTOR vf vf_floor_positive(vf a)
{
    return _mm256_round_ps(a, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
}

VECTOR vf vf_less(vf a, vf b, vf x, vf y)
{
    return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}

VECTOR vf vf_if_nan(vf a, vf x, vf y)
{
    return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, a, _CMP_UNORD_Q));
}

/* In two steps, each a number that a float can be. */
VECTOR vf vf_ldexp(vf p, vf n)
{
    __m256i whole = _mm256_cvtps_epi32(n), bias = _mm256_set1_epi32(127);
    __m256i half = _mm256_srai_epi32(whole, 1);
    __m256i a = _mm256_slli_epi32(_mm256_add_epi32(half, bias), 23);
    __m256i b = _mm256_slli_epi32(
        _mm256_add_epi32(_mm256_sub_epi32(whole, half), bias), 23);

    p = _mm256_mul_ps(p, _mm256_castsi256_ps(a));
    return _mm256_mul_ps(p, _mm256_castsi256_ps(b));
}

VECTOR vf vf_lookup(const float *table, vf i)
{
    return _mm256_permutevar8x32_ps(vf_load(table), _mm256_cvttps_epi32(i));
}

/* Halves are added until one number is left. */
VECTOR float vf_sum(vf v)
{
    __m128 b =
        _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));

    b = _mm_add_ps(b, _mm_movehl_ps(b, b));
    return _mm_cvtss_f32(_mm_add_ss(b, _mm_movehdup_ps(b)));
}

VECTOR float vf_largest(vf v)
{
    __m128 b =
        _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));

    b = _mm_max_ps(b, _mm_movehl_ps(b, b));
    return _mm_cvtss_f32(_mm_max_ss(b, _mm_movehdup_ps(b)));
}

/* Rows i and i + 4, a half of each, in one vector; then 4x4 transposes inside
   the halves. */
VECTOR void vf_transpose(const float *p, size_t ld, size_t rows, float *out,
                         size_t ldo)
{
    for (size_t half = 0; half < 2; half++) {
        const float *from = p + half * 4;
        __m256       r[4];
#pragma GCC unroll 4
        for (size_t i = 0; i < 4; i++) {
            size_t low = i < rows ? i : rows - 1;
            size_t high = i + 4 < rows ? i + 4 : rows - 1;
            r[i] = _mm256_castps128_ps256(_mm_loadu_ps(from + low * ld));
            r[i] =
                _mm256_insertf128_ps(r[i], _mm_loadu_ps(from + high * ld), 1);
        }
        __m256 a = _mm256_unpacklo_ps(r[0], r[1]);
        __m256 b = _mm256_unpackhi_ps(r[0], r[1]);
        __m256 c = _mm256_unpacklo_ps(r[2], r[3]);
        __m256 d = _mm256_unpackhi_ps(r[2], r[3]);
        float *to = out + half * 4 * ldo;
        vf_store(to, _mm256_shuffle_ps(a, c, 0x44));
        vf_store(to + ldo, _mm256_shuffle_ps(a, c, 0xEE));
        vf_store(to + 2 * ldo, _mm256_shuffle_ps(b, d, 0x44));
        vf_store(to + 3 * ldo, _mm256_shuffle_ps(b, d, 0xEE));
    }
}

#include "compute/kernels_vector.inc"

const kernels kernels_avx2 = KERNELS_TABLE("avx2");

#endif
