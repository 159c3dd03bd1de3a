/*
 * batch.h - sequences packed end to end
 */
#ifndef MODEL_BATCH_H
#define MODEL_BATCH_H

#include "bert.h"

struct bert_batch {
    int32_t *ids, *types; /* [N] */
    size_t  *starts;      /* [B+1]; starts[0] is 0 and always there */
    size_t   sequences;   /* B */
    size_t   ids_capacity, types_capacity, starts_capacity;
};

#endif
