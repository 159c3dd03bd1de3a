/*
 * fuzz_pickle.c - any bytes as a pickle; every value of one that is read is
 * looked at, with its items and its text
 */
#include <stdint.h>
#include <stdlib.h>

#include "io/pickle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const pickle_global globals[] = {
    {"collections", "OrderedDict", PICKLE_MAKES_DICT},
    {"torch._utils", "_rebuild_tensor_v2", PICKLE_CALLED},
    {"torch", "FloatStorage", PICKLE_NAMED},
};

static unsigned look_at(const pickle *p, const pickle_value *v)
{
    unsigned sum = (unsigned)v->kind;

    switch (v->kind) {
    case PICKLE_TEXT:
    case PICKLE_LONG:
        for (size_t i = 0; i < v->count; i++) {
            sum += (unsigned char)v->as.text[i];
        }
        break;
    case PICKLE_TUPLE:
    case PICKLE_LIST:
    case PICKLE_DICT:
    case PICKLE_CALL:
    case PICKLE_PERSISTENT:
        for (size_t i = 0; i < v->count; i++) {
            sum += (unsigned)pickle_item(p, v, i)->kind;
        }
        break;
    case PICKLE_GLOBAL:
        sum += (unsigned)globals[v->as.integer].use;
        break;
    default:
        break;
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pickle    *p = NULL;
    bert_error err;
    size_t     used = 0;
    unsigned   sum = 0;

    bert_status s =
        pickle_read(&p, data, size, globals, sizeof globals / sizeof *globals,
                    "file", "pickle", &used, &err);
    if (used > size || (s == BERT_OK) != (p != NULL)) {
        abort();
    }
    if (s != BERT_OK) {
        return 0;
    }
    for (size_t i = 0; i < pickle_count(p); i++) {
        sum += look_at(p, pickle_at(p, i));
    }
    sum += look_at(p, pickle_root(p));
    pickle_free(p);
    return sum == UINT32_MAX ? -1 : 0;
}
