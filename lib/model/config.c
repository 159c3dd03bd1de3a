/*
 * config.c - config.json: what the model is
 */
#include "model/config.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"

/* Far above any encoder there is, and small enough that no product of two of
   them overflows. */
enum {
    MAX_VOCAB = 1 << 26,
    MAX_WIDTH = 1 << 18,
    MAX_LAYERS = 1 << 12,
    MAX_POSITIONS = 1 << 24
};

static bert_status read_sizes(bert_config *c, const json_t *object,
                              const char *name, bert_error *err)
{
    const struct {
        const char *key;
        int64_t     low, high;
        int32_t    *out;
    } sizes[] = {
        {"vocab_size", 1, MAX_VOCAB, &c->vocab_size},
        {"hidden_size", 1, MAX_WIDTH, &c->hidden_size},
        {"num_hidden_layers", 0, MAX_LAYERS, &c->num_hidden_layers},
        {"num_attention_heads", 1, MAX_WIDTH, &c->num_attention_heads},
        {"intermediate_size", 1, MAX_WIDTH, &c->intermediate_size},
        {"max_position_embeddings", 1, MAX_POSITIONS,
         &c->max_position_embeddings},
        {"type_vocab_size", 1, MAX_WIDTH, &c->type_vocab_size},
    };

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        int64_t     number;
        bert_status s = json_get_int(object, sizes[i].key, name, sizes[i].low,
                                     sizes[i].high, &number, NULL, err);
        if (s != BERT_OK) {
            return s;
        }
        *sizes[i].out = (int32_t)number;
    }
    if (c->hidden_size % c->num_attention_heads != 0) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: hidden_size %d is not a multiple of "
                         "num_attention_heads %d",
                         name, (int)c->hidden_size,
                         (int)c->num_attention_heads);
    }
    return BERT_OK;
}

static bert_status read_eps(bert_config *c, const json_t *object,
                            const char *name, bert_error *err)
{
    bool found;

    c->layer_norm_eps = 1e-12;
    bert_status s = json_get_number(object, "layer_norm_eps", name,
                                    &c->layer_norm_eps, &found, err);
    if (s != BERT_OK) {
        return s;
    }
    if (!isfinite(c->layer_norm_eps) || c->layer_norm_eps < 0) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: layer_norm_eps is not a small positive number",
                         name);
    }
    return BERT_OK;
}

/* A flag that must not be set. */
static bert_status refuse_flag(const json_t *object, const char *key,
                               const char *name, bert_error *err)
{
    bool        set = false, found;
    bert_status s = json_get_bool(object, key, name, &set, &found, err);

    if (s == BERT_OK && set) {
        s = error_set(err, BERT_UNSUPPORTED, "%s: %s is not supported", name,
                      key);
    }
    return s;
}

static bert_status check_kind(config *out, const json_t *object,
                              const char *name, bert_error *err)
{
    const char *type = "bert"; /* older files of BERT do not name it */
    const char *position = "absolute";
    bool        found;

    bert_status s =
        json_get_string(object, "model_type", name, &type, &found, err);
    if (s != BERT_OK) {
        return s;
    }
    out->family = family_find(type);
    if (out->family == NULL) {
        return error_set(err, BERT_UNSUPPORTED,
                         "%s: model_type %s is not supported (bert is)", name,
                         type);
    }
    s = json_get_string(object, "position_embedding_type", name, &position,
                        &found, err);
    if (s != BERT_OK) {
        return s;
    }
    if (strcmp(position, "absolute") != 0) {
        return error_set(err, BERT_UNSUPPORTED,
                         "%s: position_embedding_type %s is not supported "
                         "(absolute is)",
                         name, position);
    }
    s = refuse_flag(object, "is_decoder", name, err);
    return s != BERT_OK ? s
                        : refuse_flag(object, "add_cross_attention", name, err);
}

static bert_status read_act(config *out, const json_t *object, const char *name,
                            bert_error *err)
{
    const char *act;
    bert_status s =
        json_get_string(object, "hidden_act", name, &act, NULL, err);

    if (s != BERT_OK) {
        return s;
    }
    if (!kernels_find_act(act, &out->act)) {
        return error_set(err, BERT_UNSUPPORTED,
                         "%s: hidden_act %s is not supported", name, act);
    }
    out->act_name = memory_copy_text(act, strlen(act));
    if (out->act_name == NULL) {
        return error_memory(err);
    }
    out->sizes.hidden_act = out->act_name;
    return BERT_OK;
}

bert_status config_read(config *out, const char *path, bert_error *err)
{
    *out = (config){.path = memory_copy_text(path, strlen(path))};
    if (out->path == NULL) {
        return error_memory(err);
    }
    bert_status s = json_file_read(&out->object, path, true, err);
    if (s != BERT_OK) {
        return s;
    }
    if (!json_is_object(out->object)) {
        return error_set(err, BERT_BAD_FILE, "%s: not a JSON object", path);
    }
    s = check_kind(out, out->object, path, err);
    if (s == BERT_OK) {
        s = read_sizes(&out->sizes, out->object, path, err);
    }
    if (s == BERT_OK) {
        s = read_eps(&out->sizes, out->object, path, err);
    }
    if (s == BERT_OK) {
        s = read_act(out, out->object, path, err);
    }
    return s;
}

void config_clear(config *c)
{
    json_decref(c->object);
    memory_free(c->path);
    memory_free(c->act_name);
    *c = (config){0};
}
