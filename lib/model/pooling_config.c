/*
 * pooling_config.c - the config.json of a sentence-transformers Pooling module
 *
 * As sentence_transformers/sentence_transformer/modules/pooling.py (6.2) reads
 * it: a flag a mode in older files, joined in the order below, or pooling_mode,
 * a name or several, which beats the flags.
 */
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "model/sentence.h"

static const struct mode {
    const char  *flag, *name;
    bert_pooling pooling;
} modes[] = {
    {"pooling_mode_cls_token", "cls", BERT_POOL_CLS},
    {"pooling_mode_max_tokens", "max", BERT_POOL_MAX},
    {"pooling_mode_mean_tokens", "mean", BERT_POOL_MEAN},
    {"pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens",
     BERT_POOL_MEAN_SQRT},
    {"pooling_mode_weightedmean_tokens", "weightedmean",
     BERT_POOL_WEIGHTED_MEAN},
    {"pooling_mode_lasttoken", "lasttoken", BERT_POOL_LAST},
};
enum { MODES = sizeof modes / sizeof modes[0] };

static bert_status add_mode(bert_sentence *out, const json_t *value,
                            const char *name, bert_error *err)
{
    const char *text = json_string_value(value);

    if (text == NULL) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: pooling_mode is not a name or several", name);
    }
    for (size_t i = 0; i < MODES; i++) {
        if (strcmp(text, modes[i].name) == 0) {
            if (out->pooling_count == MAX_POOLINGS) {
                return error_set(err, BERT_UNSUPPORTED,
                                 "%s: more than %d pooling modes", name,
                                 MAX_POOLINGS);
            }
            out->pooling[out->pooling_count++] = modes[i].pooling;
            return BERT_OK;
        }
    }
    return error_set(err, BERT_UNSUPPORTED,
                     "%s: pooling_mode %s is not supported", name, text);
}

static bert_status read_names(bert_sentence *out, const json_t *value,
                              const char *name, bert_error *err)
{
    if (!json_is_array(value)) {
        return add_mode(out, value, name, err);
    }
    bert_status s = BERT_OK;
    for (size_t i = 0; i < json_array_size(value) && s == BERT_OK; i++) {
        s = add_mode(out, json_array_get(value, i), name, err);
    }
    if (s == BERT_OK && out->pooling_count == 0) {
        s = error_set(err, BERT_BAD_FILE, "%s: pooling_mode is empty", name);
    }
    return s;
}

static bert_status read_flags(bert_sentence *out, const json_t *object,
                              const char *name, bert_error *err)
{
    for (size_t i = 0; i < MODES; i++) {
        bool        set = false, found;
        bert_status s =
            json_get_bool(object, modes[i].flag, name, &set, &found, err);
        if (s != BERT_OK) {
            return s;
        }
        if (set) {
            out->pooling[out->pooling_count++] = modes[i].pooling;
        }
    }
    if (out->pooling_count == 0) {
        out->pooling[out->pooling_count++] = BERT_POOL_MEAN;
    }
    return BERT_OK;
}

/* A flag of a mode that is not known must not be set. */
static bert_status refuse_others(const json_t *object, const char *name,
                                 bert_error *err)
{
    void *at = json_object_iter((json_t *)(uintptr_t)object);

    for (; at != NULL;
         at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
        const char *key = json_object_iter_key(at);
        bool        known = strncmp(key, "pooling_mode_", 13) != 0 ||
                     !json_is_true(json_object_iter_value(at));
        for (size_t i = 0; i < MODES; i++) {
            known = known || strcmp(key, modes[i].flag) == 0;
        }
        if (!known) {
            return error_set(err, BERT_UNSUPPORTED, "%s: %s is not supported",
                             name, key);
        }
    }
    return BERT_OK;
}

/* The width that the module was made for, under its newer or older name. */
static bert_status check_width(const bert_sentence *out, const json_t *object,
                               const char *name, bert_error *err)
{
    int64_t H = out->model->config.sizes.hidden_size, width;
    bool    found;

    bert_status s = json_get_int(object, "embedding_dimension", name, 1,
                                 INT32_MAX, &width, &found, err);
    if (s == BERT_OK && !found) {
        s = json_get_int(object, "word_embedding_dimension", name, 1, INT32_MAX,
                         &width, NULL, err);
    }
    if (s == BERT_OK && width != H) {
        s = error_set(err, BERT_BAD_FILE,
                      "%s: word_embedding_dimension %lld, where the model has "
                      "%lld",
                      name, (long long)width, (long long)H);
    }
    return s;
}

bert_status pooling_config_read(bert_sentence *out, const char *folder,
                                bert_error *err)
{
    json_t *object = NULL;
    bool    include_prompt = true, found;
    char   *name = file_join(folder, "config.json");

    if (name == NULL) {
        return error_memory(err);
    }
    out->pooling_count = 0;
    bert_status s = json_file_read(&object, name, true, err);
    if (s == BERT_OK) {
        s = check_width(out, object, name, err);
    }
    if (s == BERT_OK) {
        s = refuse_others(object, name, err);
    }
    if (s == BERT_OK) {
        const json_t *value = json_object_get(object, "pooling_mode");
        s = value != NULL ? read_names(out, value, name, err)
                          : read_flags(out, object, name, err);
    }
    if (s == BERT_OK) {
        s = json_get_bool(object, "include_prompt", name, &include_prompt,
                          &found, err);
        out->skips_prompt = !include_prompt;
    }
    json_decref(object);
    memory_free(name);
    return s;
}
