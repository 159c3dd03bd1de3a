/*
 * cpu.h - what this processor, and the system under it, can run
 */
#ifndef COMPUTE_CPU_H
#define COMPUTE_CPU_H

#include <stdbool.h>

typedef struct cpu {
    bool     avx2;   /* AVX2 and FMA, registers saved by the system */
    bool     avx512; /* AVX-512 F, DQ, BW and VL, the same */
    bool     intel, amd;
    unsigned family; /* x86: extended family added, 0x19 is Zen 3 and 4 */
} cpu;

cpu cpu_detect(void);

#endif
