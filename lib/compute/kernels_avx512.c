/*
 * kernels_avx512.c - the row functions for AVX-512 F, DQ, BW and VL
 */
#include "compute/kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdint.h>

#define VECTOR_TABLE 16
#define QUERIES 8
#define PRODUCT_WIDE_TILE 12
enum { VW = 16 };
typedef __m512 vf;

#define VECTOR static inline __attribute__((always_inline))

VECTOR vf vf_set(float a)
{
    return _mm512_set1_ps(a);
}

VECTOR vf vf_zero(void)
{
    return _mm512_setzero_ps();
}

VECTOR __mmask16 first_lanes(size_t n)
{
    return (__mmask16)((1u << n) - 1);
}

VECTOR vf vf_load(const float *p)
{
    return _mm512_loadu_ps(p);
}

VECTOR vf vf_load_part(const float *p, size_t n, float rest)
{
    return _mm512_mask_loadu_ps(vf_set(rest), first_lanes(n), p);
}

VECTOR void vf_store(float *p, vf v)
{
    _mm512_storeu_ps(p, v);
}

VECTOR void vf_store_part(float *p, vf v, size_t n)
{
    _mm512_mask_storeu_ps(p, first_lanes(n), v);
}

VECTOR vf vf_add(vf a, vf b)
{
    return _mm512_add_ps(a, b);
}

VECTOR vf vf_sub(vf a, vf b)
{
    return _mm512_sub_ps(a, b);
}

VECTOR vf vf_mul(vf a, vf b)
{
    return _mm512_mul_ps(a, b);
}

VECTOR vf vf_div(vf a, vf b)
{
    return _mm512_div_ps(a, b);
}

VECTOR vf vf_fma(vf a, vf b, vf c)
{
    return _mm512_fmadd_ps(a, b, c);
}

VECTOR vf vf_fnma(vf a, vf b, vf c)
{
    return _mm512_fnmadd_ps(a, b, c);
}

VECTOR vf vf_max(vf a, vf b)
{
    return _mm512_max_ps(a, b);
}

VECTOR vf vf_min(vf a, vf b)
{
    return _mm512_min_ps(a, b);
}

VECTOR vf vf_abs(vf a)
{
    return _mm512_abs_ps(a);
}

VECTOR vf vf_sign_of(vf a, vf b)
{
    vf sign = vf_set(-0.0f);

    return _mm512_or_ps(_mm512_andnot_ps(sign, a), _mm512_and_ps(sign, b));
}

VECTOR vf vf_round(vf a)
{
    return _mm512_roundscale_ps(a,
                                _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

VECTOR vf vf_floor_positive(vf a)
{
    return _mm512_roundscale_ps(a, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
}

VECTOR vf vf_less(vf a, vf b, vf x, vf y)
{
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), y, x);
}

VECTOR vf vf_if_nan(vf a, vf x, vf y)
{
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q), y, x);
}

VECTOR vf vf_ldexp(vf p, vf n)
{
    return _mm512_scalef_ps(p, n);
}

VECTOR vf vf_lookup(const float *table, vf i)
{
    return _mm512_permutexvar_ps(_mm512_cvttps_epi32(i), vf_load(table));
}

/* Halves are added until one number is left. */
VECTOR float vf_sum(vf v)
{
    __m256 a =
        _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 b =
        _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));

    b = _mm_add_ps(b, _mm_movehl_ps(b, b));
    return _mm_cvtss_f32(_mm_add_ss(b, _mm_movehdup_ps(b)));
}

VECTOR float vf_largest(vf v)
{
    __m256 a =
        _mm256_max_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 b =
        _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));

    b = _mm_max_ps(b, _mm_movehl_ps(b, b));
    return _mm_cvtss_f32(_mm_max_ss(b, _mm_movehdup_ps(b)));
}

/* Rows i, i + 4, i + 8 and i + 12, a quarter of each, in one vector; then 4x4
   transposes inside the quarters. */
VECTOR void vf_transpose(const float *p, size_t ld, size_t rows, float *out,
                         size_t ldo)
{
    for (size_t quarter = 0; quarter < 4; quarter++) {
        const float *from = p + quarter * 4;
        __m512       r[4];
#pragma GCC unroll 4
        for (size_t i = 0; i < 4; i++) {
            const float *part[4];
#pragma GCC unroll 4
            for (size_t j = 0; j < 4; j++) {
                size_t row = i + 4 * j;
                part[j] = from + (row < rows ? row : rows - 1) * ld;
            }
            r[i] = _mm512_castps128_ps512(_mm_loadu_ps(part[0]));
            r[i] = _mm512_insertf32x4(r[i], _mm_loadu_ps(part[1]), 1);
            r[i] = _mm512_insertf32x4(r[i], _mm_loadu_ps(part[2]), 2);
            r[i] = _mm512_insertf32x4(r[i], _mm_loadu_ps(part[3]), 3);
        }
        __m512 a = _mm512_unpacklo_ps(r[0], r[1]);
        __m512 b = _mm512_unpackhi_ps(r[0], r[1]);
        __m512 c = _mm512_unpacklo_ps(r[2], r[3]);
        __m512 d = _mm512_unpackhi_ps(r[2], r[3]);
        float *to = out + quarter * 4 * ldo;
        vf_store(to, _mm512_shuffle_ps(a, c, 0x44));
        vf_store(to + ldo, _mm512_shuffle_ps(a, c, 0xEE));
        vf_store(to + 2 * ldo, _mm512_shuffle_ps(b, d, 0x44));
        vf_store(to + 3 * ldo, _mm512_shuffle_ps(b, d, 0xEE));
    }
}

#include "compute/kernels_vector.inc"

const kernels kernels_avx512 = KERNELS_TABLE("avx512");

#endif
