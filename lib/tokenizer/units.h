/*
 * units.h - places in a text as bytes, code points or UTF-16 code units
 */
#ifndef TOKENIZER_UNITS_H
#define TOKENIZER_UNITS_H

#include "base/error.h"

/* Bytes of the beginning of text that is ASCII. */
size_t units_ascii(const char *text, size_t size);

/* Turn spans in bytes of text into another unit; the first `ascii` bytes are
   ASCII. Spans come in the order of the text; others only cost time. */
void units_convert(const char *text, size_t ascii, bert_unit unit,
                   bert_span *spans, size_t count);

#endif
