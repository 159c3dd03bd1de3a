/*
 * kernels_neon.c - the row functions for NEON, which every aarch64 has
 */
#include "compute/kernels.h"

#if defined(__aarch64__)

#include <arm_neon.h>
#include <stdint.h>

#define VECTOR_TABLE 16
#define QUERIES 8
#define PRODUCT_WIDE_TILE 12
enum { VW = 4 };
typedef float32x4_t vf;

#define VECTOR static inline __attribute__((always_inline))

VECTOR vf vf_set(float a)
{
    return vdupq_n_f32(a);
}

VECTOR vf vf_zero(void)
{
    return vdupq_n_f32(0);
}

VECTOR vf vf_load(const float *p)
{
    return vld1q_f32(p);
}

VECTOR vf vf_load_part(const float *p, size_t n, float rest)
{
    float part[4] = {rest, rest, rest, rest};

    for (size_t i = 0; i < n; i++) {
        part[i] = p[i];
    }
    return vld1q_f32(part);
}

VECTOR void vf_store(float *p, vf v)
{
    vst1q_f32(p, v);
}

VECTOR void vf_store_part(float *p, vf v, size_t n)
{
    float part[4];

    vst1q_f32(part, v);
    for (size_t i = 0; i < n; i++) {
        p[i] = part[i];
    }
}

VECTOR vf vf_add(vf a, vf b)
{
    return vaddq_f32(a, b);
}

VECTOR vf vf_sub(vf a, vf b)
{
    return vsubq_f32(a, b);
}

VECTOR vf vf_mul(vf a, vf b)
{
    return vmulq_f32(a, b);
}

VECTOR vf vf_div(vf a, vf b)
{
    return vdivq_f32(a, b);
}

VECTOR vf vf_fma(vf a, vf b, vf c)
{
    return vfmaq_f32(c, a, b);
}

VECTOR vf vf_fnma(vf a, vf b, vf c)
{
    return vfmsq_f32(c, a, b);
}

VECTOR vf vf_max(vf a, vf b)
{
    return vmaxq_f32(a, b);
}

VECTOR vf vf_min(vf a, vf b)
{
    return vminq_f32(a, b);
}

VECTOR vf vf_abs(vf a)
{
    return vabsq_f32(a);
}

VECTOR vf vf_sign_of(vf a, vf b)
{
    return vbslq_f32(vdupq_n_u32(0x80000000u), b, a);
}

VECTOR vf vf_round(vf a)
{
    return vrndnq_f32(a);
}

VECTOR vf vf_floor_positive(vf a)
{
    return vrndq_f32(a);
}

VECTOR vf vf_less(vf a, vf b, vf x, vf y)
{
    return vbslq_f32(vcltq_f32(a, b), x, y);
}

VECTOR vf vf_if_nan(vf a, vf x, vf y)
{
    return vbslq_f32(vceqq_f32(a, a), y, x);
}

/* In two steps, each a number that a float can be. */
VECTOR vf vf_ldexp(vf p, vf n)
{
    int32x4_t whole = vcvtq_s32_f32(n), bias = vdupq_n_s32(127);
    int32x4_t half = vshrq_n_s32(whole, 1);
    int32x4_t a = vshlq_n_s32(vaddq_s32(half, bias), 23);
    int32x4_t b = vshlq_n_s32(vaddq_s32(vsubq_s32(whole, half), bias), 23);

    p = vmulq_f32(p, vreinterpretq_f32_s32(a));
    return vmulq_f32(p, vreinterpretq_f32_s32(b));
}

/* Bytes 4 i to 4 i + 3 of the table's 64. */
VECTOR vf vf_lookup(const float *table, vf i)
{
    uint32x4_t at = vmulq_n_u32(vcvtq_u32_f32(i), 0x04040404u);
    uint8x16_t bytes =
        vreinterpretq_u8_u32(vaddq_u32(at, vdupq_n_u32(0x03020100u)));
    uint8x16x4_t all = {{vreinterpretq_u8_f32(vf_load(table)),
                         vreinterpretq_u8_f32(vf_load(table + 4)),
                         vreinterpretq_u8_f32(vf_load(table + 8)),
                         vreinterpretq_u8_f32(vf_load(table + 12))}};

    return vreinterpretq_f32_u8(vqtbl4q_u8(all, bytes));
}

VECTOR float vf_sum(vf v)
{
    return vaddvq_f32(v);
}

VECTOR float vf_largest(vf v)
{
    return vmaxvq_f32(v);
}

VECTOR void vf_transpose(const float *p, size_t ld, size_t rows, float *out,
                         size_t ldo)
{
    vf r[4];

#pragma GCC unroll 4
    for (size_t i = 0; i < 4; i++) {
        r[i] = vf_load(p + (i < rows ? i : rows - 1) * ld);
    }
    vf a = vtrn1q_f32(r[0], r[1]), b = vtrn2q_f32(r[0], r[1]);
    vf c = vtrn1q_f32(r[2], r[3]), d = vtrn2q_f32(r[2], r[3]);
    vf_store(out, vcombine_f32(vget_low_f32(a), vget_low_f32(c)));
    vf_store(out + ldo, vcombine_f32(vget_low_f32(b), vget_low_f32(d)));
    vf_store(out + 2 * ldo, vcombine_f32(vget_high_f32(a), vget_high_f32(c)));
    vf_store(out + 3 * ldo, vcombine_f32(vget_high_f32(b), vget_high_f32(d)));
}

#include "compute/kernels_vector.inc"

const kernels kernels_neon = KERNELS_TABLE("neon");

#endif
