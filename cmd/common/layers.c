/*
 * layers.c - which hidden states: the LIST of --layers
 */
#include "common/layers.h"

#include <string.h>

#include "common/alloc.h"
#include "common/numbers.h"
#include "common/report.h"

/* The layer that `size` characters of text name, from the front. */
static int32_t parse_one(const char *text, size_t size, int32_t layers)
{
    long number = 0;

    if (!number_int(text, size, -layers, layers, &number)) {
        usage_error("--layers: '%.*s' is not one of -%d..%d (0: the "
                    "embeddings, -1: the last)",
                    (int)size, text, layers, layers);
    }
    return (int32_t)(number < 0 ? number + layers + 1 : number);
}

static void add(int32_t **list, size_t *capacity, size_t *count, int32_t layer)
{
    void *grown = *list;

    if (!grow_array(&grown, capacity, *count + 1, sizeof **list)) {
        stop_error("out of memory");
    }
    *list = grown;
    (*list)[(*count)++] = layer;
}

int32_t *layers_parse(const char *list, int32_t layers, size_t *count)
{
    int32_t *out = NULL;
    size_t   capacity = 0;

    *count = 0;
    for (;;) {
        size_t      n = strcspn(list, ",");
        const char *dots = memmem(list, n, "..", 2);
        int32_t     from, to;

        if (dots == NULL) {
            from = to = parse_one(list, n, layers);
        } else {
            from = parse_one(list, (size_t)(dots - list), layers);
            to = parse_one(dots + 2, n - (size_t)(dots + 2 - list), layers);
        }
        if (from > to) {
            usage_error("--layers: %.*s counts downward", (int)n, list);
        }
        for (int32_t i = from; i <= to; i++) {
            add(&out, &capacity, count, i);
        }
        if (list[n] == '\0') {
            return out;
        }
        list += n + 1;
    }
}
