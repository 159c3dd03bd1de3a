/*
 * labels.c - what config.json says of a head's outputs
 *
 * As transformers' configuration_utils.py, PreTrainedConfig, but that a map
 * which is shorter than the head keeps the names that it has.
 */
#include "model/labels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"

/* A decimal number without sign or leading zeros; false: it is none. */
static bool read_number(const char *text, size_t *out)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 9 || text[digits] != '\0' ||
        (digits > 1 && text[0] == '0')) {
        return false;
    }
    *out = (size_t)strtoul(text, NULL, 10);
    return true;
}

static bert_status read_names(labels *out, const config *c, bert_error *err)
{
    json_t *map = json_object_get(c->object, "id2label");

    if (map == NULL || json_is_null(map)) {
        return BERT_OK;
    }
    if (!json_is_object(map)) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: id2label is no map of numbers to labels",
                         c->path);
    }
    for (void *at = json_object_iter(map); at != NULL;
         at = json_object_iter_next(map, at)) {
        const char *key = json_object_iter_key(at);
        json_t     *name = json_object_iter_value(at);
        size_t      i;
        if (!read_number(key, &i)) {
            return error_set(err, BERT_BAD_FILE,
                             "%s: id2label: '%.64s' is no number", c->path,
                             key);
        }
        if (!json_is_string(name)) {
            return error_set(err, BERT_BAD_FILE,
                             "%s: id2label: label %zu is not a string", c->path,
                             i);
        }
        if (i < out->count) { /* the weights say how many there are */
            out->names[i] = memory_copy_text(json_string_value(name),
                                             json_string_length(name));
            if (out->names[i] == NULL) {
                return error_memory(err);
            }
        }
    }
    return BERT_OK;
}

static bert_status fill_names(labels *out, bert_error *err)
{
    for (size_t i = 0; i < out->count; i++) {
        char name[32];
        if (out->names[i] != NULL) {
            continue;
        }
        snprintf(name, sizeof name, "LABEL_%zu", i);
        out->names[i] = memory_copy_text(name, strlen(name));
        if (out->names[i] == NULL) {
            return error_memory(err);
        }
        out->unnamed++;
    }
    return BERT_OK;
}

static bert_status read_problem(labels *out, const config *c, bert_error *err)
{
    static const char *const types[] = {NULL, "regression",
                                        "single_label_classification",
                                        "multi_label_classification"};
    const char              *type;
    bool                     found;

    bert_status s =
        json_get_string(c->object, "problem_type", c->path, &type, &found, err);
    if (s != BERT_OK || !found) {
        return s;
    }
    for (size_t i = 1; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(type, types[i]) == 0) {
            out->problem = (bert_problem)i;
            return BERT_OK;
        }
    }
    return error_set(err, BERT_BAD_FILE, "%s: problem_type %.64s is not known",
                     c->path, type);
}

/* ---- A cross-encoder's activation -----------------------------------------
 */

static bert_status keep_activation(labels *out, const char *name,
                                   bert_error *err)
{
    out->activation = memory_copy_text(name, strlen(name));
    return out->activation != NULL ? BERT_OK : error_memory(err);
}

/* What a CrossEncoder's own file says (sentence-transformers 5.4 and later;
   cross_encoder/model.py, _parse_model_config): an activation, else the
   default. */
static bert_status read_cross_encoder(labels *out, const json_t *object,
                                      const char *path, bert_error *err)
{
    const char *type = "", *prompt, *name;
    bool        found;

    bert_status s =
        json_get_string(object, "model_type", path, &type, &found, err);
    if (s != BERT_OK || strcmp(type, "CrossEncoder") != 0) {
        return s;
    }
    s = json_get_string(object, "default_prompt_name", path, &prompt, &found,
                        err);
    if (s == BERT_OK && found) {
        return error_set(err, BERT_UNSUPPORTED,
                         "%s: a cross-encoder with a prompt (%.64s) is not "
                         "supported",
                         path, prompt);
    }
    if (s == BERT_OK) {
        s = json_get_string(object, "activation_fn", path, &name, &found, err);
    }
    if (s != BERT_OK) {
        return s;
    }
    return keep_activation(out,
                           found             ? name
                           : out->count == 1 ? "torch.nn.Sigmoid"
                                             : "torch.nn.Identity",
                           err);
}

/* The file beside config.json, if there is one. */
static bert_status find_cross_encoder(labels *out, const config *c,
                                      bert_error *err)
{
    const char *slash = strrchr(c->path, '/');
    char       *folder = memory_copy_text(
              c->path, slash != NULL ? (size_t)(slash - c->path) : 0);
    char   *path = folder == NULL
                       ? NULL
                       : file_join(slash != NULL ? folder : ".",
                                 "config_sentence_transformers.json");
    json_t *object = NULL;

    bert_status s = path != NULL ? json_file_read(&object, path, false, err)
                                 : error_memory(err);
    if (s == BERT_OK && object != NULL) {
        s = read_cross_encoder(out, object, path, err);
    }
    json_decref(object);
    memory_free(path);
    memory_free(folder);
    return s;
}

/* In config.json: under its own key since 4.0, before that on top
   (cross_encoder/model.py, get_default_activation_fn). */
static bert_status read_activation(labels *out, const config *c,
                                   bert_error *err)
{
    const json_t *own = json_object_get(c->object, "sentence_transformers");
    const char   *name;
    bool          found = false;

    bert_status s = find_cross_encoder(out, c, err);
    if (s != BERT_OK || out->activation != NULL) {
        return s;
    }
    if (json_is_object(own)) {
        s = json_get_string(own, "activation_fn", c->path, &name, &found, err);
    }
    if (s == BERT_OK && !found) {
        s = json_get_string(c->object, "sbert_ce_default_activation_function",
                            c->path, &name, &found, err);
    }
    return s == BERT_OK && found ? keep_activation(out, name, err) : s;
}

bert_status labels_read(labels *out, const config *c, size_t count,
                        bert_error *err)
{
    *out = (labels){.count = count};
    out->names = memory_new_zeroed(count, sizeof *out->names);
    if (out->names == NULL) {
        out->count = 0;
        return error_memory(err);
    }
    bert_status s = read_names(out, c, err);
    if (s == BERT_OK) {
        s = fill_names(out, err);
    }
    if (s == BERT_OK) {
        s = read_problem(out, c, err);
    }
    return s == BERT_OK ? read_activation(out, c, err) : s;
}

void labels_clear(labels *l)
{
    for (size_t i = 0; i < l->count; i++) {
        memory_free(l->names[i]);
    }
    memory_free(l->names);
    memory_free(l->activation);
    *l = (labels){0};
}
