/*
 * squad.h - SQuAD's documents, 1.1 and 2.0, as JSON lines
 *
 *     {"data":[{"title":..,"paragraphs":[{"context":..,"qas":[{..},..]},..]}]}
 *
 * The document is scanned as it comes and only one paragraph is held; each of
 * its questions becomes a line: the question's own members, then "context" and
 * "title". The paragraph's members may stand in any order.
 */
#ifndef IO_SQUAD_H
#define IO_SQUAD_H

#include "base/error.h"
#include "bert_io.h"

typedef struct squad squad;

squad *squad_new(void); /* NULL: no memory */
void   squad_free(squad *s);

/*
 * The next bytes of the document, up to and with a '}' or its end; only where
 * squad_next() has nothing left. Errors: BERT_BAD_FILE (the message begins with
 * the line and a colon), BERT_NO_MEMORY.
 */
bert_status squad_feed(squad *s, const char *bytes, size_t size,
                       bert_error *err);

/*
 * A question as a line, lent until the next call; *more is false where there
 * is none at hand. *number: the line that its paragraph begins in, from 1.
 * Errors: BERT_BAD_INPUT (no array "qas": *more is true, and the line is the
 * paragraph), BERT_NO_MEMORY.
 */
bert_status squad_next(squad *s, bert_text *line, size_t *number, bool *more,
                       bert_error *err);

/* The document ends here; the next may begin. Errors: BERT_BAD_FILE. */
bert_status squad_end(squad *s, bert_error *err);

#endif
