/*
 * tsv.h - TAB-separated values: columns, fields, typed members
 */
#ifndef IO_TSV_H
#define IO_TSV_H

#include "io/record.h"

/* The names of the columns, and the member each is. Zero it to begin. */
typedef struct tsv_columns {
    bert_text *names; /* NULL: not known yet */
    int       *members;
    size_t     count;
    char      *bytes; /* the names lie here */
} tsv_columns;

/*
 * Columns from a header line (separator TAB, names escaped) or from a list
 * (separator ','). Errors: BERT_BAD_INPUT (a column without a name, or twice;
 * no UTF-8), BERT_NO_MEMORY.
 */
bert_status tsv_columns_set(tsv_columns *columns, const char *header,
                            size_t size, char separator, bool question,
                            bert_error *err);
void        tsv_columns_free(tsv_columns *columns);

/*
 * Fill the record's slots and values from its line. no_tokens: token members
 * are not parsed. Errors: BERT_BAD_INPUT (fields and columns differ in number;
 * a value of the wrong type), BERT_NO_MEMORY.
 */
bert_status tsv_read(bert_record *record, const tsv_columns *columns,
                     bool no_tokens, bert_error *err);

/* Integers separated by spaces; in --decode's text lines, by white space. */
bert_status tsv_read_ints(bert_record *record, bert_member member,
                          const char *field, size_t size, bert_error *err);

/* Undo \t \n \r \\; at most size bytes to out. Returns its size. */
size_t tsv_unescape(const char *field, size_t size, char *out);
/* Append with these escapes. false: no memory. */
bool tsv_escape(const char *text, size_t size, bert_buffer *out);

#endif
