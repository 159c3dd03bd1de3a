/*
 * jsonl.h - one line of JSON: checked, its members found, strings unescaped
 */
#ifndef IO_JSONL_H
#define IO_JSONL_H

#include "io/record.h"

/*
 * Check that record->line is one JSON object (RFC 8259; at most 1,000 levels)
 * and fill its slots, in the order of the line. The line is UTF-8 already.
 * Errors: BERT_BAD_INPUT (with the byte, from 1), BERT_NO_MEMORY.
 */
bert_status jsonl_scan(bert_record *record, bool question, bert_error *err);

/*
 * Parse the value of a known member (record->line at slot->value), which
 * jsonl_scan() found sound. null leaves it absent.
 * Errors: BERT_BAD_INPUT (the type; a lone surrogate), BERT_NO_MEMORY.
 */
bert_status jsonl_read_member(bert_record *record, const record_slot *slot,
                              bert_error *err);

/*
 * Unescape the inside of a sound JSON string: at most size bytes to out.
 * false: a surrogate stands alone.
 */
bool jsonl_unescape(const char *text, size_t size, char *out, size_t *out_size);

/* Is this the name, once unescaped? */
bool jsonl_name_is(const char *raw, size_t raw_size, const char *name,
                   size_t size);

#endif
