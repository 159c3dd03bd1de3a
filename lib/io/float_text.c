/*
 * float_text.c - float32 as decimal text, shortest or rounded
 *
 * Schubfach: R. Giulietti, "The Schubfach way to render doubles" (2021),
 * section 9, for binary32. A float v = c 2^q has a rounding interval; k is
 * the largest power with 10^k no wider than it, so that one or two multiples
 * of 10^k and at most one of 10^(k+1) lie inside. The bounds and v are taken
 * to 10^-k in 64 x 32 bit products that keep whether anything was cut off
 * (rounding to odd), which the paper proves to be enough.
 */
#include "io/float_text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    MANTISSA_BITS = 23,
    EXPONENT_BIAS = 150, /* v = c 2^(exponent - 150) */
    POWER_MIN = -31,
    POWER_MAX = 45
};

/* ceil(10^k 2^e), e such that it has 64 bits; k from POWER_MIN. */
static const uint64_t powers[POWER_MAX - POWER_MIN + 1] = {
    0x81CEB32C4B43FCF5, 0xA2425FF75E14FC32, 0xCAD2F7F5359A3B3F,
    0xFD87B5F28300CA0E, 0x9E74D1B791E07E49, 0xC612062576589DDB,
    0xF79687AED3EEC552, 0x9ABE14CD44753B53, 0xC16D9A0095928A28,
    0xF1C90080BAF72CB2, 0x971DA05074DA7BEF, 0xBCE5086492111AEB,
    0xEC1E4A7DB69561A6, 0x9392EE8E921D5D08, 0xB877AA3236A4B44A,
    0xE69594BEC44DE15C, 0x901D7CF73AB0ACDA, 0xB424DC35095CD810,
    0xE12E13424BB40E14, 0x8CBCCC096F5088CC, 0xAFEBFF0BCB24AAFF,
    0xDBE6FECEBDEDD5BF, 0x89705F4136B4A598, 0xABCC77118461CEFD,
    0xD6BF94D5E57A42BD, 0x8637BD05AF6C69B6, 0xA7C5AC471B478424,
    0xD1B71758E219652C, 0x83126E978D4FDF3C, 0xA3D70A3D70A3D70B,
    0xCCCCCCCCCCCCCCCD, 0x8000000000000000, 0xA000000000000000,
    0xC800000000000000, 0xFA00000000000000, 0x9C40000000000000,
    0xC350000000000000, 0xF424000000000000, 0x9896800000000000,
    0xBEBC200000000000, 0xEE6B280000000000, 0x9502F90000000000,
    0xBA43B74000000000, 0xE8D4A51000000000, 0x9184E72A00000000,
    0xB5E620F480000000, 0xE35FA931A0000000, 0x8E1BC9BF04000000,
    0xB1A2BC2EC5000000, 0xDE0B6B3A76400000, 0x8AC7230489E80000,
    0xAD78EBC5AC620000, 0xD8D726B7177A8000, 0x878678326EAC9000,
    0xA968163F0A57B400, 0xD3C21BCECCEDA100, 0x84595161401484A0,
    0xA56FA5B99019A5C8, 0xCECB8F27F4200F3A, 0x813F3978F8940985,
    0xA18F07D736B90BE6, 0xC9F2C9CD04674EDF, 0xFC6F7C4045812297,
    0x9DC5ADA82B70B59E, 0xC5371912364CE306, 0xF684DF56C3E01BC7,
    0x9A130B963A6C115D, 0xC097CE7BC90715B4, 0xF0BDC21ABB48DB21,
    0x96769950B50D88F5, 0xBC143FA4E250EB32, 0xEB194F8E1AE525FE,
    0x92EFD1B8D0CF37BF, 0xB7ABC627050305AE, 0xE596B7B0C643C71A,
    0x8F7E32CE7BEA5C70, 0xB35DBF821AE4F38C,
};

/* floor(log10(2^q)), floor(log10(3/4 2^q)) and floor(log2(10^e)), exact for
   every exponent of a float. >> of a negative number rounds down in gcc and
   clang. */
static inline int log10_pow2(int q)
{
    return (q * 1262611) >> 22;
}

static inline int log10_three_quarters_pow2(int q)
{
    return (q * 1262611 - 524031) >> 22;
}

static inline int log2_pow10(int e)
{
    return (e * 1741647) >> 19;
}

/* The upper bits of g * c, the lowest one set where lower bits were not 0. */
static inline uint32_t round_to_odd(uint64_t g, uint32_t c)
{
    uint64_t low = (g & UINT32_MAX) * c;
    uint64_t high = (g >> 32) * c + (low >> 32);

    return (uint32_t)(high >> 32) | ((uint32_t)high > 1);
}

void float_shortest(float value, unsigned *digits, int *exponent)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    uint32_t fraction = bits & ((1u << MANTISSA_BITS) - 1);
    int      e = (int)(bits >> MANTISSA_BITS & 0xFF);
    uint32_t c = e > 0 ? fraction | 1u << MANTISSA_BITS : fraction;
    int      q = (e > 0 ? e : 1) - EXPONENT_BIAS;

    if (q <= 0 && q > -MANTISSA_BITS - 1 && (c & ((1u << -q) - 1)) == 0) {
        *digits = c >> -q; /* a small integer, as it is */
        *exponent = 0;
        return;
    }
    uint32_t odd = c & 1; /* bounds round to even: theirs if c is even */
    uint32_t closer = fraction == 0 && e > 1; /* the lower neighbour */
    int      k = closer ? log10_three_quarters_pow2(q) : log10_pow2(q);
    int      h = q + log2_pow10(-k) + 1;
    uint64_t g = powers[-k - POWER_MIN];
    uint32_t lower = round_to_odd(g, (4 * c - 2 + closer) << h) + odd;
    uint32_t v = round_to_odd(g, 4 * c << h);
    uint32_t upper = round_to_odd(g, (4 * c + 2) << h) - odd;
    uint32_t s = v / 4; /* v, lower, upper are in quarters of 10^k */

    if (s >= 10) {
        uint32_t tens = s / 10;
        int      below = lower <= 40 * tens, above = 40 * tens + 40 <= upper;
        if (below != above) {
            *digits = tens + (uint32_t)above;
            *exponent = k + 1;
            return;
        }
    }
    int below = lower <= 4 * s, above = 4 * s + 4 <= upper;
    if (below == above) { /* both are inside: the closer, then the even */
        uint32_t middle = 4 * s + 2;
        above = v > middle || (v == middle && (s & 1) != 0);
    }
    *digits = s + (uint32_t)above;
    *exponent = k;
}

/* n correctly rounded digits, by printf, which rounds exactly; only its digits
   are taken, since its point is the locale's. */
static void round_exactly(float value, int n, unsigned *digits, int *exponent)
{
    char text[64];

    (void)snprintf(text, sizeof text, "%.*e", n - 1, (double)value);
    unsigned number = 0;
    char    *p = text;
    for (; *p != 'e'; p++) {
        if (*p >= '0' && *p <= '9') {
            number = number * 10 + (unsigned)(*p - '0');
        }
    }
    int power = 0;
    for (char *d = p + 2; *d != '\0'; d++) {
        power = power * 10 + (*d - '0');
    }
    *digits = number;
    *exponent = (p[1] == '-' ? -power : power) - (n - 1);
}

/*
 * Of the shortest digits, n. They round as the value itself does: were there a
 * tie between the two, it would be shorter or closer than the shortest. Only
 * where they are themselves a tie is the value needed.
 */
static void round_to(float value, int n, unsigned *digits, int *exponent)
{
    static const unsigned limits[] = {
        1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    unsigned unit = 1;
    int      dropped = 0;

    while (*digits / unit >= limits[n]) {
        unit *= 10;
        dropped++;
    }
    unsigned rest = *digits % unit;
    if (dropped > 0 && rest == unit / 2) {
        round_exactly(value, n, digits, exponent);
        return;
    }
    *digits = *digits / unit + (rest > unit / 2);
    *exponent += dropped;
}

static char *put_exponent(char *out, int exponent)
{
    *out++ = 'e';
    if (exponent < 0) {
        *out++ = '-';
        exponent = -exponent;
    }
    if (exponent >= 10) {
        *out++ = (char)('0' + exponent / 10);
    }
    *out++ = (char)('0' + exponent % 10);
    return out;
}

/* count digits and where the point stands: after `point` of them. */
static char *put_digits(char *out, const char *digits, int count, int point)
{
    if (point > 9 || point < -4) { /* 1.25e-7 */
        *out++ = digits[0];
        if (count > 1) {
            *out++ = '.';
            memcpy(out, digits + 1, (size_t)count - 1);
            out += count - 1;
        }
        return put_exponent(out, point - 1);
    }
    if (point <= 0) { /* 0.00125 */
        memcpy(out, "0.00000", 7);
        out += 2 - point;
        memcpy(out, digits, (size_t)count);
        return out + count;
    }
    if (point >= count) { /* 125000 */
        memcpy(out, digits, (size_t)count);
        memset(out + count, '0', (size_t)(point - count));
        return out + point;
    }
    memcpy(out, digits, (size_t)point); /* 12.5 */
    out[point] = '.';
    memcpy(out + point + 1, digits + point, (size_t)(count - point));
    return out + count + 1;
}

size_t float_text(float value, int digits, char out[FLOAT_TEXT_MAX])
{
    char     text[10], *first = text + sizeof text, *p = out;
    unsigned number;
    int      exponent;
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    if (bits << 1 == 0) {
        const char *zero = bits == 0 ? "0" : "-0.0";
        memcpy(out, zero, strlen(zero));
        return strlen(zero);
    }
    if (bits >> 31 != 0) {
        *p++ = '-';
        value = -value;
    }
    float_shortest(value, &number, &exponent);
    if (digits >= 1 && digits <= 8) {
        round_to(value, digits, &number, &exponent);
    }
    while (number % 10 == 0) {
        number /= 10;
        exponent++;
    }
    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    int count = (int)(text + sizeof text - first);
    return (size_t)(put_digits(p, first, count, count + exponent) - out);
}
