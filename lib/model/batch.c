/*
 * batch.c - sequences packed end to end: ids [N], types [N], starts [B+1]
 */
#include "model/batch.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

bert_batch *bert_batch_new(void)
{
    bert_batch *batch = memory_new_zeroed(1, sizeof *batch);

    if (batch == NULL) {
        return NULL;
    }
    batch->starts = memory_new(1, sizeof *batch->starts);
    if (batch->starts == NULL) {
        memory_free(batch);
        return NULL;
    }
    batch->starts[0] = 0;
    batch->starts_capacity = 1;
    return batch;
}

void bert_batch_free(bert_batch *batch)
{
    if (batch != NULL) {
        memory_free(batch->ids);
        memory_free(batch->types);
        memory_free(batch->starts);
        memory_free(batch);
    }
}

void bert_batch_clear(bert_batch *batch)
{
    batch->sequences = 0;
}

size_t bert_batch_sequences(const bert_batch *batch)
{
    return batch->sequences;
}

size_t bert_batch_tokens(const bert_batch *batch)
{
    return batch->starts[batch->sequences];
}

/* memory_reserve() for an array of another type than void. */
static bool reserve_ids(int32_t **array, size_t *capacity, size_t count)
{
    void *block = *array;
    bool  done = memory_reserve(&block, capacity, count, sizeof **array);

    *array = block;
    return done;
}

bert_status bert_batch_add(bert_batch *batch, const int32_t *ids,
                           const int32_t *type_ids, size_t n, bert_error *err)
{
    size_t begin = bert_batch_tokens(batch);

    if (n == 0) {
        return error_set(err, BERT_BAD_INPUT, "a sequence without tokens");
    }
    if (n > SIZE_MAX / 2 - begin) {
        return error_memory(err);
    }
    void *starts = batch->starts;
    bool  room = memory_reserve(&starts, &batch->starts_capacity,
                                batch->sequences + 2, sizeof *batch->starts);
    batch->starts = starts;
    if (!room || !reserve_ids(&batch->ids, &batch->ids_capacity, begin + n) ||
        !reserve_ids(&batch->types, &batch->types_capacity, begin + n)) {
        return error_memory(err);
    }
    memcpy(batch->ids + begin, ids, n * sizeof *ids);
    if (type_ids != NULL) {
        memcpy(batch->types + begin, type_ids, n * sizeof *type_ids);
    } else {
        memset(batch->types + begin, 0, n * sizeof *type_ids);
    }
    batch->sequences++;
    batch->starts[batch->sequences] = begin + n;
    return BERT_OK;
}
