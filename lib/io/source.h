/*
 * source.h - operands as one stream of lines, read without ever waiting
 * needlessly
 */
#ifndef IO_SOURCE_H
#define IO_SOURCE_H

#include "base/error.h"

typedef struct source source;

typedef enum source_state {
    SOURCE_LINE,  /* there is a line */
    SOURCE_END,   /* no more operands */
    SOURCE_WAIT,  /* no whole line yet, and reading would block */
    SOURCE_FAILED /* the stream is over: err */
} source_state;

/* Lent until source_take(). */
typedef struct source_line {
    const char *bytes; /* without its mark (LF, CRLF, or NUL) */
    size_t      size;
    bool        first;    /* of its operand; without the byte-order mark */
    bool        marked;   /* a mark follows it */
    bool        too_long; /* over the limit: bytes are its beginning */
    const char *file;     /* lent until the source is closed */
    size_t      number;   /* from 1, in its operand */
} source_line;

/*
 * paths: count of them, "-" (or none): standard input. mark ends a line: '\n'
 * (a '\r' before it is dropped), '\0', or another byte: then lines are pieces
 * of a document, and an empty operand is one empty piece. limit: bytes of a
 * line, 0: none. Errors: BERT_NO_MEMORY.
 */
bert_status source_open(source **out, const char *const *paths, size_t count,
                        char mark, size_t limit, bert_error *err);
void        source_close(source *s);

/*
 * The next line, read if need be; wait says whether to wait for input. Asked
 * again, the same line comes until source_take() passes it.
 */
source_state source_peek(source *s, bool wait, source_line *line,
                         bert_error *err);
void         source_take(source *s);

uint64_t source_done(const source *s);  /* bytes read */
uint64_t source_total(const source *s); /* bytes in all; 0: not known */

#endif
