/*
 * buffer.h - bytes that grow (bert_buffer)
 *
 * Every function returns false where there is no memory, and then leaves the
 * buffer as it was.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "bert.h"

bool buffer_reserve(bert_buffer *buffer, size_t more);
bool buffer_put(bert_buffer *buffer, const void *bytes, size_t size);
bool buffer_put_text(bert_buffer *buffer, const char *text); /* to its NUL */
bool buffer_put_char(bert_buffer *buffer, char c);
bool buffer_put_uint(bert_buffer *buffer, uint64_t number); /* decimal */
bool buffer_put_int(bert_buffer *buffer, int64_t number);

#endif
