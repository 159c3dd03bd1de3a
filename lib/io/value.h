/*
 * value.h - typed values as JSON and as TSV fields
 */
#ifndef IO_VALUE_H
#define IO_VALUE_H

#include "base/error.h"
#include "bert_io.h"

/* A JSON string with its quotes: '"', '\' and controls escaped, all else raw
   UTF-8. false: no memory. */
bool value_put_string(const char *text, size_t size, bert_buffer *out);

/*
 * A TSV field; absent is empty. Errors: BERT_BAD_INPUT (a float that is not
 * finite),
 * BERT_NO_MEMORY.
 */
bert_status value_put_field(const bert_value *value, int digits,
                            bert_buffer *out, bert_error *err);

/* One finite float. Errors as above. */
bert_status value_put_float(float value, int digits, bert_buffer *out,
                            bert_error *err);

#endif
