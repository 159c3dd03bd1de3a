/*
 * json_out.h - a result as JSON, put together piece by piece
 *
 * What fails once stays failed: later pieces are not put, and the caller looks
 * at the error when all is done. A name is what stands before a value, as it
 * is: ",\"start\":".
 */
#ifndef COMMON_JSON_OUT_H
#define COMMON_JSON_OUT_H

#include <bert.h>
#include <bert_io.h>

typedef struct json_out {
    bert_buffer text;
    bert_error  error; /* BERT_OK: none so far */
    int         digits;
} json_out;

void json_begin(json_out *j, int digits);
/* Give the memory back where it is more than a result mostly takes. */
void json_trim(json_out *j);

void json_put(json_out *j, const char *text); /* as it is */
void json_text(json_out *j, const char *name, bert_text text);
void json_size(json_out *j, const char *name, size_t number);
void json_float(json_out *j, const char *name, float number);
void json_floats(json_out *j, const char *name, const float *x, size_t count);

/* What was put, as a result of a record. */
bert_value json_result(const json_out *j);

#endif
