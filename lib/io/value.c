/*
 * value.c - typed values as JSON and as TSV fields
 *
 * JSON has no spaces between tokens; strings are raw UTF-8 with '"', '\' and
 * controls escaped. In TSV arrays are separated by spaces, offsets are b-e and
 * no word is "-".
 */
#include "io/value.h"

#include <string.h>

#include "base/buffer.h"
#include "io/float_text.h"
#include "io/json_bytes.h"
#include "io/tsv.h"

static bool put_escape(unsigned char c, bert_buffer *out)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    static const char hex[] = "0123456789abcdef";
    const char       *which = c != 0 ? strchr(from, c) : NULL;

    if (which != NULL) {
        return buffer_put(out, (char[]){'\\', to[which - from]}, 2);
    }
    char escape[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    return buffer_put(out, escape, 6);
}

bool value_put_string(const char *text, size_t size, bert_buffer *out)
{
    const char *p = size > 0 ? text : "", *end = p + size;

    if (!buffer_reserve(out, size + 2) || !buffer_put_char(out, '"')) {
        return false;
    }
    while (p < end) {
        const char *stop = json_plain_end(p, end);
        if (!buffer_put(out, p, (size_t)(stop - p))) {
            return false;
        }
        p = stop;
        if (p < end && !put_escape((unsigned char)*p++, out)) {
            return false;
        }
    }
    return buffer_put_char(out, '"');
}

/* Decimal digits of a number below 2^31 to p; returns their end. */
static char *put_digits(char *p, uint32_t number)
{
    char  digits[10];
    char *first = digits + sizeof digits;

    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    size_t n = (size_t)(digits + sizeof digits - first);
    memcpy(p, first, n);
    return p + n;
}

/* One item of an array of integers, as 64 bits. */
static int64_t integer_at(const bert_value *value, size_t i)
{
    switch (value->type) {
    case BERT_BITS:
        return value->as.bytes[i];
    case BERT_BYTES:
        return value->as.sbytes[i];
    default:
        return value->as.ints[i];
    }
}

/* Integers with a separator between; no word is `none`. */
static bool put_integers(const bert_value *value, char separator,
                         const char *none, bert_buffer *out)
{
    size_t widest = 12; /* -2147483648 and the separator, or null */

    if (value->count > SIZE_MAX / widest ||
        !buffer_reserve(out, value->count * widest)) {
        return false;
    }
    char *p = out->data + out->size;
    for (size_t i = 0; i < value->count; i++) {
        int64_t number = integer_at(value, i);
        if (i > 0) {
            *p++ = separator;
        }
        if (number < 0 && value->type == BERT_WORDS) {
            size_t n = strlen(none);
            memcpy(p, none, n);
            p += n;
            continue;
        }
        if (number < 0) {
            *p++ = '-';
            number = -number;
        }
        p = put_digits(p, (uint32_t)number);
    }
    out->size = (size_t)(p - out->data);
    return true;
}

static bert_status not_finite(bert_error *err)
{
    return error_set(err, BERT_BAD_INPUT, "a result that is not finite");
}

static bool is_finite(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    return (bits & 0x7F800000u) != 0x7F800000u;
}

bert_status value_put_float(float value, int digits, bert_buffer *out,
                            bert_error *err)
{
    if (!is_finite(value)) {
        return not_finite(err);
    }
    if (!buffer_reserve(out, FLOAT_TEXT_MAX)) {
        return error_memory(err);
    }
    out->size += float_text(value, digits, out->data + out->size);
    return BERT_OK;
}

static bert_status put_floats(const float *floats, size_t count, char separator,
                              int digits, bert_buffer *out, bert_error *err)
{
    size_t widest = FLOAT_TEXT_MAX + 1;

    if (count > SIZE_MAX / widest || !buffer_reserve(out, count * widest)) {
        return error_memory(err);
    }
    char *p = out->data + out->size;
    for (size_t i = 0; i < count; i++) {
        if (!is_finite(floats[i])) {
            return not_finite(err);
        }
        if (i > 0) {
            *p++ = separator;
        }
        p += float_text(floats[i], digits, p);
    }
    out->size = (size_t)(p - out->data);
    return BERT_OK;
}

static bool put_spans_json(const bert_value *value, bert_buffer *out)
{
    for (size_t i = 0; i < value->count; i++) {
        bert_span span = value->as.spans[i];
        if (!buffer_reserve(out, 48)) {
            return false;
        }
        char *p = out->data + out->size;
        if (i > 0) {
            *p++ = ',';
        }
        *p++ = '[';
        if (span.begin <= UINT32_MAX && span.end <= UINT32_MAX) {
            p = put_digits(p, (uint32_t)span.begin);
            *p++ = ',';
            p = put_digits(p, (uint32_t)span.end);
            *p++ = ']';
            out->size = (size_t)(p - out->data);
            continue;
        }
        out->size = (size_t)(p - out->data);
        if (!buffer_put_uint(out, span.begin) || !buffer_put_char(out, ',') ||
            !buffer_put_uint(out, span.end) || !buffer_put_char(out, ']')) {
            return false;
        }
    }
    return true;
}

static bool put_strings_json(const bert_value *value, bert_buffer *out)
{
    for (size_t i = 0; i < value->count; i++) {
        const bert_text *text = &value->as.texts[i];
        if ((i > 0 && !buffer_put_char(out, ',')) ||
            !value_put_string(text->data, text->size, out)) {
            return false;
        }
    }
    return true;
}

static bert_status put_matrix(const bert_value *value, int digits,
                              bert_buffer *out, bert_error *err)
{
    for (size_t i = 0; i < value->count; i++) {
        if (!buffer_put_text(out, i > 0 ? ",[" : "[")) {
            return error_memory(err);
        }
        bert_status s = put_floats(value->as.floats + i * value->columns,
                                   value->columns, ',', digits, out, err);
        if (s != BERT_OK) {
            return s;
        }
        if (!buffer_put_char(out, ']')) {
            return error_memory(err);
        }
    }
    return BERT_OK;
}

/* What stands between the brackets of an array. */
static bert_status put_items(const bert_value *value, int digits,
                             bert_buffer *out, bert_error *err)
{
    bool done;

    switch (value->type) {
    case BERT_FLOATS:
        return put_floats(value->as.floats, value->count, ',', digits, out,
                          err);
    case BERT_MATRIX:
        return put_matrix(value, digits, out, err);
    case BERT_STRINGS:
        done = put_strings_json(value, out);
        break;
    case BERT_SPANS:
        done = put_spans_json(value, out);
        break;
    default:
        done = put_integers(value, ',', "null", out);
    }
    return done ? BERT_OK : error_memory(err);
}

static bert_status put_json(const bert_value *value, int digits,
                            bert_buffer *out, bert_error *err)
{
    const bert_text *text = &value->as.text;
    bool             done = false;

    switch (value->type) {
    case BERT_ABSENT:
        done = buffer_put_text(out, "null");
        break;
    case BERT_TRUE:
        done = buffer_put_text(out, "true");
        break;
    case BERT_INT:
        done = buffer_put_int(out, value->as.integer);
        break;
    case BERT_FLOAT:
        return value_put_float(value->as.number, digits, out, err);
    case BERT_STRING:
        done = value_put_string(text->data, text->size, out);
        break;
    case BERT_JSON:
        done = buffer_put(out, text->data, text->size);
        break;
    default:
        if (buffer_put_char(out, '[')) {
            bert_status s = put_items(value, digits, out, err);
            if (s != BERT_OK) {
                return s;
            }
            done = buffer_put_char(out, ']');
        }
    }
    return done ? BERT_OK : error_memory(err);
}

bert_status bert_value_put(const bert_value *value, int digits,
                           bert_buffer *out, bert_error *err)
{
    size_t      before = out->size;
    bert_status s = put_json(value, digits, out, err);

    if (s != BERT_OK) {
        out->size = before;
    }
    return s;
}

static bool put_spans_field(const bert_value *value, bert_buffer *out)
{
    for (size_t i = 0; i < value->count; i++) {
        bert_span span = value->as.spans[i];
        if ((i > 0 && !buffer_put_char(out, ' ')) ||
            !buffer_put_uint(out, span.begin) || !buffer_put_char(out, '-') ||
            !buffer_put_uint(out, span.end)) {
            return false;
        }
    }
    return true;
}

static bool put_strings_field(const bert_value *value, bert_buffer *out)
{
    for (size_t i = 0; i < value->count; i++) {
        const bert_text *text = &value->as.texts[i];
        if ((i > 0 && !buffer_put_char(out, ' ')) ||
            !tsv_escape(text->data, text->size, out)) {
            return false;
        }
    }
    return true;
}

bert_status value_put_field(const bert_value *value, int digits,
                            bert_buffer *out, bert_error *err)
{
    const bert_text *text = &value->as.text;
    bool             done;

    switch (value->type) {
    case BERT_ABSENT:
        return BERT_OK;
    case BERT_STRING:
    case BERT_JSON:
        done = tsv_escape(text->data, text->size, out);
        break;
    case BERT_STRINGS:
        done = put_strings_field(value, out);
        break;
    case BERT_SPANS:
        done = put_spans_field(value, out);
        break;
    case BERT_INTS:
    case BERT_WORDS:
    case BERT_BITS:
    case BERT_BYTES:
        done = put_integers(value, ' ', "-", out);
        break;
    case BERT_FLOATS:
        return put_floats(value->as.floats, value->count, ' ', digits, out,
                          err);
    default:
        return put_json(value, digits, out, err);
    }
    return done ? BERT_OK : error_memory(err);
}
