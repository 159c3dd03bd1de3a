/*
 * buffer.c - bytes that grow
 */
#include "base/buffer.h"

#include <stdint.h>
#include <string.h>

#include "base/memory.h"

void bert_buffer_free(bert_buffer *buffer)
{
    if (buffer != NULL) {
        memory_free(buffer->data);
        *buffer = (bert_buffer){0};
    }
}

bool buffer_reserve(bert_buffer *buffer, size_t more)
{
    if (more > SIZE_MAX - buffer->size) {
        return false;
    }
    void *data = buffer->data;
    bool  done =
        memory_reserve(&data, &buffer->capacity, buffer->size + more, 1);
    buffer->data = data;
    return done;
}

bool buffer_put(bert_buffer *buffer, const void *bytes, size_t size)
{
    if (!buffer_reserve(buffer, size)) {
        return false;
    }
    if (size > 0) {
        memcpy(buffer->data + buffer->size, bytes, size);
        buffer->size += size;
    }
    return true;
}

bool bert_buffer_reserve(bert_buffer *buffer, size_t more)
{
    return buffer_reserve(buffer, more);
}

bool bert_buffer_put(bert_buffer *buffer, const void *bytes, size_t size)
{
    return buffer_put(buffer, bytes, size);
}

bool buffer_put_text(bert_buffer *buffer, const char *text)
{
    return buffer_put(buffer, text, strlen(text));
}

bool buffer_put_char(bert_buffer *buffer, char c)
{
    return buffer_put(buffer, &c, 1);
}

bool buffer_put_uint(bert_buffer *buffer, uint64_t number)
{
    char  digits[20];
    char *first = digits + sizeof digits;

    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return buffer_put(buffer, first, (size_t)(digits + sizeof digits - first));
}

bool buffer_put_int(bert_buffer *buffer, int64_t number)
{
    if (number >= 0) {
        return buffer_put_uint(buffer, (uint64_t)number);
    }
    if (!buffer_reserve(buffer, 21)) { /* the sign and the digits, or neither */
        return false;
    }
    return buffer_put_char(buffer, '-') &&
           buffer_put_uint(buffer, 0 - (uint64_t)number);
}
