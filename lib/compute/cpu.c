/*
 * cpu.c - processor features (Intel SDM vol. 2, CPUID; vol. 1, 13.3, XCR0)
 */
#include "compute/cpu.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

enum {
    ECX1_FMA = 1 << 12,
    ECX1_OSXSAVE = 1 << 27,
    EBX7_AVX2 = 1 << 5,
    EBX7_AVX512F = 1 << 16,
    EBX7_AVX512DQ = 1 << 17,
    EBX7_AVX512BW = 1 << 30,
    XCR0_AVX = 0x06,    /* XMM and YMM */
    XCR0_AVX512 = 0xE6, /* and the masks, upper halves, ZMM16-31 */
};
static const unsigned ebx7_avx512vl = 1u << 31;

/* Which register states the system saves when it switches threads. */
static unsigned saved_states(void)
{
    unsigned low, high;

    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static bool has(unsigned bits, unsigned wanted)
{
    return (bits & wanted) == wanted;
}

cpu cpu_detect(void)
{
    cpu      c = {0};
    unsigned eax, ebx, ecx, edx, name[3];

    if (!__get_cpuid(0, &eax, &name[0], &name[2], &name[1])) {
        return c;
    }
    c.intel = memcmp(name, "GenuineIntel", sizeof name) == 0;
    c.amd = memcmp(name, "AuthenticAMD", sizeof name) == 0;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) {
        return c;
    }
    c.family = eax >> 8 & 0xF;
    if (c.family == 0xF) {
        c.family += eax >> 20 & 0xFF;
    }
    if (!has(ecx, ECX1_FMA | ECX1_OSXSAVE) ||
        !__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) {
        return c;
    }
    unsigned saved = saved_states();
    c.avx2 = has(ebx, EBX7_AVX2) && has(saved, XCR0_AVX);
    c.avx512 =
        c.avx2 && has(saved, XCR0_AVX512) &&
        has(ebx, EBX7_AVX512F | EBX7_AVX512DQ | EBX7_AVX512BW | ebx7_avx512vl);
    return c;
}
#else
cpu cpu_detect(void)
{
    cpu c;

    memset(&c, 0, sizeof c);
    return c;
}
#endif
