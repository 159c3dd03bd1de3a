/*
 * json.h - model files (config.json and its kin), over jansson
 *
 * Objects are jansson's; this file adds reading with limits and getters whose
 * errors name the file and the member. Duplicate members and bad UTF-8 are
 * errors.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>

#include "base/error.h"

/*
 * Read a JSON file of at most 64 MiB, 64 levels and 4 Mi values. *out is NULL
 * where the file does not exist and required is false. Free with json_decref().
 * Errors: BERT_IO, BERT_BAD_FILE ("config.json:3: ..."), BERT_NO_MEMORY.
 */
bert_status json_file_read(json_t **out, const char *path, bool required,
                           bert_error *err);
/* The same over bytes; name is what messages call them. */
bert_status json_text_read(json_t **out, const char *text, size_t size,
                           const char *name, bert_error *err);

/*
 * Members of an object, null counting as absent: *found says whether it was
 * there (found NULL: it must be). Where it is not, *out is left alone.
 * Errors: BERT_BAD_FILE: absent, of another type, or outside [low, high].
 */
bert_status json_get_int(const json_t *object, const char *key,
                         const char *name, int64_t low, int64_t high,
                         int64_t *out, bool *found, bert_error *err);
bert_status json_get_number(const json_t *object, const char *key,
                            const char *name, double *out, bool *found,
                            bert_error *err);
bert_status json_get_bool(const json_t *object, const char *key,
                          const char *name, bool *out, bool *found,
                          bert_error *err);
/* Lent by the object. */
bert_status json_get_string(const json_t *object, const char *key,
                            const char *name, const char **out, bool *found,
                            bert_error *err);

#endif
