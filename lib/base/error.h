/*
 * error.h - errors as values: a status and a one-line message
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "bert.h"

#if defined(__GNUC__)
#define ERROR_FORMAT(a, b) __attribute__((format(printf, a, b)))
#else
#define ERROR_FORMAT(a, b)
#endif

/*
 * Fill *err (NULL allowed) and return status, so that a caller can write
 * `return error_set(err, BERT_IO, "%s: %s", path, why);`. Control characters
 * in the message become '?', and a message too long is cut between characters.
 */
bert_status error_set(bert_error *err, bert_status status, const char *format,
                      ...) ERROR_FORMAT(3, 4);

/* error_set(BERT_NO_MEMORY), with the one message it has. */
bert_status error_memory(bert_error *err);

/* error_set(BERT_IO, "path: strerror(error_number)"). */
bert_status error_system(bert_error *err, const char *path, int error_number);

#endif
