/*
 * kernels.c - which table of row functions: by name, or the CPU's best
 */
#include "compute/kernels.h"

#include <string.h>

#include "compute/cpu.h"

/* Best first. */
static const kernels *const tables[] = {
#if defined(__x86_64__)
    &kernels_avx512,
    &kernels_avx2,
#elif defined(__aarch64__)
    &kernels_neon,
#endif
    &kernels_ref,
};

static bool runs_here(const kernels *table)
{
#if defined(__x86_64__)
    cpu c = cpu_detect();

    if (table == &kernels_avx512) {
        return c.avx512;
    }
    if (table == &kernels_avx2) {
        return c.avx2;
    }
#endif
    return table != NULL; /* NEON is part of every aarch64 */
}

const kernels *kernels_find(const char *name)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if ((name == NULL || strcmp(name, tables[i]->name) == 0) &&
            runs_here(tables[i])) {
            return tables[i];
        }
    }
    return NULL;
}

bool kernels_find_act(const char *name, kernel_act *out)
{
    /* transformers activations.py, ACT2FN */
    static const struct {
        const char *name;
        kernel_act  act;
    } acts[] = {
        {"gelu", KERNEL_GELU},
        {"gelu_python", KERNEL_GELU},
        {"gelu_new", KERNEL_GELU_TANH},
        {"gelu_pytorch_tanh", KERNEL_GELU_TANH},
        {"gelu_python_tanh", KERNEL_GELU_TANH},
        {"gelu_accurate", KERNEL_GELU_TANH},
        {"gelu_fast", KERNEL_GELU_FAST},
        {"quick_gelu", KERNEL_QUICK_GELU},
        {"relu", KERNEL_RELU},
        {"silu", KERNEL_SILU},
        {"swish", KERNEL_SILU},
        {"tanh", KERNEL_TANH},
        {"sigmoid", KERNEL_SIGMOID},
        {"linear", KERNEL_IDENTITY},
    };

    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        if (strcmp(name, acts[i].name) == 0) {
            *out = acts[i].act;
            return true;
        }
    }
    return false;
}
