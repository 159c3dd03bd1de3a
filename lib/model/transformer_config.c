/*
 * transformer_config.c - sentence_bert_config.json: what sentence-transformers
 * does around the transformer
 *
 * As sentence_transformers 6.2 reads it: base/modules/transformer.py,
 * load_config and __init__. Whatever asks for something else than the last
 * hidden states of the text as the tokenizer has it is refused; the length
 * (max_seq_length) is bert_folder_lengths()'s.
 */
#include <string.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/memory.h"
#include "model/sentence.h"

/* Whether the tokenizer that lies in folder lowercases by itself. */
static bert_status tokenizer_lowers(const char *folder, bool *out,
                                    bert_error *err)
{
    json_t     *object = NULL;
    bert_status s = BERT_OK;
    bool        found = false;
    char       *name = file_join(folder, "tokenizer_config.json");
    char       *other = file_join(folder, "tokenizer.json");

    if (name == NULL || other == NULL) {
        s = error_memory(err);
        goto out;
    }
    s = json_file_read(&object, name, false, err);
    if (s == BERT_OK) {
        s = json_get_bool(object, "do_lower_case", name, out, &found, err);
    }
    if (s == BERT_OK && !found) {
        json_decref(object);
        s = json_file_read(&object, other, false, err);
        *out = json_is_true(json_object_get(
            json_object_get(object, "normalizer"), "lowercase"));
    }
out:
    json_decref(object);
    memory_free(name);
    memory_free(other);
    return s;
}

/* Lowercasing before the tokenizer, where that does not do it anyway. */
static bert_status check_lowering(const json_t *object, const char *name,
                                  const char *home, bert_error *err)
{
    bool lower = false, lowers = false, found;

    bert_status s =
        json_get_bool(object, "do_lower_case", name, &lower, &found, err);
    if (s == BERT_OK && lower) {
        s = tokenizer_lowers(home, &lowers, err);
    }
    if (s == BERT_OK && lower && !lowers) {
        s = error_set(err, BERT_UNSUPPORTED,
                      "%s: do_lower_case with a tokenizer that keeps case is "
                      "not supported",
                      name);
    }
    return s;
}

/* A name that must be `only` where it is given. */
static bert_status check_name(const json_t *object, const char *key,
                              const char *only, const char *name,
                              bert_error *err)
{
    const char *got = only;
    bool        found;

    bert_status s = json_get_string(object, key, name, &got, &found, err);
    if (s == BERT_OK && strcmp(got, only) != 0) {
        s = error_set(err, BERT_UNSUPPORTED,
                      "%s: %s %s is not supported (%s is)", name, key, got,
                      only);
    }
    return s;
}

/* Members that change what the transformer is given or gives. */
static bert_status check_members(const json_t *object, const char *name,
                                 bert_error *err)
{
    static const char *const others[] = {"processing_kwargs",
                                         "tokenizer_name_or_path"};
    const json_t            *text =
        json_object_get(json_object_get(object, "modality_config"), "text");

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const json_t *value = json_object_get(object, others[i]);
        if (value != NULL && !json_is_null(value) &&
            !(json_is_object(value) && json_object_size(value) == 0)) {
            return error_set(err, BERT_UNSUPPORTED, "%s: %s is not supported",
                             name, others[i]);
        }
    }
    bert_status s =
        check_name(object, "transformer_task", "feature-extraction", name, err);
    if (s == BERT_OK) {
        s = check_name(object, "module_output_name", "token_embeddings", name,
                       err);
    }
    if (s == BERT_OK) {
        s = check_name(text, "method", "forward", name, err);
    }
    if (s == BERT_OK) {
        s = check_name(text, "method_output_name", "last_hidden_state", name,
                       err);
    }
    return s;
}

bert_status transformer_config_check(const char *folder, bert_error *err)
{
    json_t *object = NULL;
    char   *home = NULL, *name = NULL;

    bert_status s = folder_transformer(folder, &home, err);
    if (s != BERT_OK) {
        return s;
    }
    name = file_join(home, "sentence_bert_config.json");
    s = name != NULL ? json_file_read(&object, name, false, err)
                     : error_memory(err);
    if (s == BERT_OK) {
        s = check_lowering(object, name, home, err);
    }
    if (s == BERT_OK) {
        s = check_members(object, name, err);
    }
    json_decref(object);
    memory_free(name);
    memory_free(home);
    return s;
}
