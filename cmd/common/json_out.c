/*
 * json_out.c - a result as JSON, put together piece by piece
 */
#include "common/json_out.h"

#include <string.h>

enum { KEEP_BYTES = 1 << 20 };

void json_begin(json_out *j, int digits)
{
    j->text.size = 0;
    j->error.status = BERT_OK;
    j->digits = digits;
}

void json_trim(json_out *j)
{
    if (j->text.capacity > KEEP_BYTES) {
        bert_buffer_free(&j->text);
    }
}

void json_put(json_out *j, const char *text)
{
    if (j->error.status == BERT_OK &&
        !bert_buffer_put(&j->text, text, strlen(text))) {
        j->error = (bert_error){BERT_NO_MEMORY, "out of memory"};
    }
}

static void put_value(json_out *j, const char *name, bert_value value)
{
    json_put(j, name);
    if (j->error.status == BERT_OK) {
        (void)bert_value_put(&value, j->digits, &j->text, &j->error);
    }
}

void json_text(json_out *j, const char *name, bert_text text)
{
    put_value(j, name, (bert_value){.type = BERT_STRING, .as.text = text});
}

void json_size(json_out *j, const char *name, size_t number)
{
    put_value(j, name,
              (bert_value){.type = BERT_INT, .as.integer = (int64_t)number});
}

void json_float(json_out *j, const char *name, float number)
{
    put_value(j, name, (bert_value){.type = BERT_FLOAT, .as.number = number});
}

void json_floats(json_out *j, const char *name, const float *x, size_t count)
{
    put_value(
        j, name,
        (bert_value){.type = BERT_FLOATS, .count = count, .as.floats = x});
}

bert_value json_result(const json_out *j)
{
    return (bert_value){.type = BERT_JSON,
                        .as.text = {j->text.data, j->text.size}};
}
