/*
 * sentence.c - modules.json to the steps after the encoder, and the prompts
 *
 * As sentence_transformers 6.2 reads them: base/model.py, _load_config_modules
 * and _parse_model_config; sentence_transformer/model.py.
 */
#include "model/sentence.h"

#include <string.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/memory.h"

/* ---- modules --------------------------------------------------------------
 */

/* "sentence_transformers.models.Pooling", or wherever later versions keep the
   class: its last name. NULL: not one of sentence-transformers' own. */
static const char *class_name(const char *type)
{
    const char *dot = strrchr(type, '.');

    return strncmp(type, "sentence_transformers.", 22) == 0 && dot != NULL
               ? dot + 1
               : NULL;
}

static bert_status add_step(bert_sentence *out, step_kind kind,
                            const char *folder, size_t *width, bert_error *err)
{
    if (out->step_count == MAX_STEPS) {
        return error_set(err, BERT_UNSUPPORTED,
                         "%s: more than %d modules after the pooling", folder,
                         MAX_STEPS);
    }
    step       *next = &out->steps[out->step_count];
    bert_status s = step_read(next, kind, folder, *width, &out->copies, err);
    if (s != BERT_OK) {
        return s;
    }
    out->step_count++;
    *width = next->out;
    if (*width > out->widest) {
        out->widest = *width;
    }
    return BERT_OK;
}

/* Where the vector stands while modules are read. */
typedef struct reading {
    const char *name;   /* modules.json's path */
    const char *folder; /* of the model */
    bool        pooled;
    size_t      width; /* of the vector so far */
} reading;

static void set_pooled(bert_sentence *out, reading *r)
{
    r->pooled = true;
    r->width = out->pooling_count * out->row_width;
    out->widest = r->width;
}

static bert_status read_module(bert_sentence *out, reading *r, size_t i,
                               const char *type, const char *folder,
                               bert_error *err)
{
    static const struct {
        const char *name;
        step_kind   kind;
    } steps[] = {{"Dense", STEP_DENSE},
                 {"LayerNorm", STEP_LAYER_NORM},
                 {"Normalize", STEP_NORMALIZE}};
    const char *class = class_name(type);

    if (class != NULL && strcmp(class, "Dropout") == 0) {
        return BERT_OK; /* does nothing but in training */
    }
    if (class != NULL && (i == 0) == (strcmp(class, "Transformer") == 0)) {
        if (i == 0) {
            return BERT_OK; /* bert_model_load() has read it */
        }
        if (!r->pooled && strcmp(class, "Pooling") == 0) {
            bert_status s = pooling_config_read(out, folder, err);
            set_pooled(out, r);
            return s;
        }
        for (size_t k = 0; r->pooled && k < sizeof steps / sizeof steps[0];
             k++) {
            if (strcmp(class, steps[k].name) == 0) {
                return add_step(out, steps[k].kind, folder, &r->width, err);
            }
        }
    }
    return error_set(err, BERT_UNSUPPORTED,
                     "%s: module %zu, %s, is not supported%s", r->name, i, type,
                     class != NULL ? " there" : "");
}

static bert_status read_modules(bert_sentence *out, reading *r,
                                const json_t *modules, bert_error *err)
{
    if (!json_is_array(modules) || json_array_size(modules) == 0) {
        return error_set(err, BERT_BAD_FILE, "%s: not a list of modules",
                         r->name);
    }
    for (size_t i = 0; i < json_array_size(modules); i++) {
        const json_t *module = json_array_get(modules, i);
        const char   *type, *path = "";
        char         *folder = NULL;
        bool          found;

        bert_status s =
            json_get_string(module, "type", r->name, &type, NULL, err);
        if (s == BERT_OK) {
            s = json_get_string(module, "path", r->name, &path, &found, err);
        }
        if (s == BERT_OK) {
            s = folder_inside(r->folder, path, r->name, &folder, err);
        }
        if (s == BERT_OK) {
            s = read_module(out, r, i, type, folder, err);
        }
        memory_free(folder);
        if (s != BERT_OK) {
            return s;
        }
    }
    if (!r->pooled) {
        return error_set(err, BERT_UNSUPPORTED, "%s: no Pooling module",
                         r->name);
    }
    return BERT_OK;
}

/* The last steps, where they normalise, become a flag. */
static void take_normalize(bert_sentence *out)
{
    while (out->step_count > 0 &&
           out->steps[out->step_count - 1].kind == STEP_NORMALIZE) {
        step_clear(&out->steps[--out->step_count]);
        out->normalized = true;
    }
}

/* ---- settings -------------------------------------------------------------
 */

static bert_status check_similarity(bert_sentence *out, const char *name,
                                    bert_error *err)
{
    static const char *const known[] = {"cosine", "dot", "euclidean",
                                        "manhattan"};
    bool                     found;

    out->similarity = known[0];
    bert_status s = json_get_string(out->settings, "similarity_fn_name", name,
                                    &out->similarity, &found, err);
    if (s != BERT_OK) {
        return s;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(out->similarity, known[i]) == 0) {
            return BERT_OK;
        }
    }
    return error_set(err, BERT_UNSUPPORTED,
                     "%s: similarity_fn_name %s is not supported", name,
                     out->similarity);
}

static bert_status check_prompts(bert_sentence *out, const char *name,
                                 bert_error *err)
{
    json_t *prompts = json_object_get(out->settings, "prompts");
    bool    found;

    if (prompts != NULL && !json_is_null(prompts)) {
        if (!json_is_object(prompts)) {
            return error_set(err, BERT_BAD_FILE, "%s: prompts is no object",
                             name);
        }
        for (void *at = json_object_iter(prompts); at != NULL;
             at = json_object_iter_next(prompts, at)) {
            const json_t *text = json_object_iter_value(at);
            if (!json_is_string(text) && !json_is_null(text)) {
                return error_set(err, BERT_BAD_FILE,
                                 "%s: prompt %s is not a string", name,
                                 json_object_iter_key(at));
            }
        }
    }
    bert_status s = json_get_string(out->settings, "default_prompt_name", name,
                                    &out->default_prompt, &found, err);
    if (s == BERT_OK && found &&
        bert_sentence_prompt(out, out->default_prompt) == NULL) {
        s = error_set(err, BERT_BAD_FILE,
                      "%s: default_prompt_name %s is not among the prompts",
                      name, out->default_prompt);
    }
    return s;
}

static bert_status check_truncation(bert_sentence *out, const char *name,
                                    bert_error *err)
{
    int64_t dims = 0;
    bool    found;

    bert_status s = json_get_int(out->settings, "truncate_dim", name, 1,
                                 INT32_MAX, &dims, &found, err);
    out->truncate_dim = (size_t)dims;
    return s;
}

static bert_status read_settings(bert_sentence *out, const char *folder,
                                 bert_error *err)
{
    static const char *const mine = "SentenceTransformer";
    const char              *type = mine;
    bool                     found;
    char *name = file_join(folder, "config_sentence_transformers.json");

    if (name == NULL) {
        return error_memory(err);
    }
    out->similarity = "cosine";
    bert_status s = json_file_read(&out->settings, name, false, err);
    if (s == BERT_OK && out->settings != NULL) {
        s = json_get_string(out->settings, "model_type", name, &type, &found,
                            err);
        if (s == BERT_OK && strcmp(type, mine) != 0) {
            s = error_set(err, BERT_UNSUPPORTED,
                          "%s: model_type %s is not supported (%s is)", name,
                          type, mine);
        }
        if (s == BERT_OK) {
            s = check_similarity(out, name, err);
        }
        if (s == BERT_OK) {
            s = check_prompts(out, name, err);
        }
        if (s == BERT_OK) {
            s = check_truncation(out, name, err);
        }
    }
    memory_free(name);
    return s;
}

const char *bert_sentence_prompt(const bert_sentence *sentence,
                                 const char          *name)
{
    if (name == NULL) {
        name = sentence->default_prompt;
    }
    if (name == NULL) {
        return NULL;
    }
    const json_t *prompts = json_object_get(sentence->settings, "prompts");
    const json_t *prompt = json_object_get(prompts, name);
    /* sentence-transformers has these two in every model, and those that are
       null, empty. */
    if (json_is_null(prompt) ||
        (prompt == NULL &&
         (strcmp(name, "query") == 0 || strcmp(name, "document") == 0))) {
        return "";
    }
    return json_string_value(prompt);
}

/* ---- the whole ------------------------------------------------------------
 */

/* What the folder says: out's pooling, steps, normalisation, prompts. */
static bert_status read_folder(bert_sentence *out, const char *folder,
                               reading *r, bert_error *err)
{
    json_t *modules = NULL;
    char   *name = file_join(folder, "modules.json");

    if (name == NULL) {
        return error_memory(err);
    }
    bert_status s = json_file_read(&modules, name, false, err);
    if (s == BERT_OK && modules == NULL) {
        out->pooling[0] = BERT_POOL_MEAN;
        out->pooling_count = 1;
        set_pooled(out, r);
    } else if (s == BERT_OK) {
        r->name = name;
        r->folder = folder;
        s = read_modules(out, r, modules, err);
        if (s == BERT_OK) {
            s = transformer_config_check(folder, err);
        }
        take_normalize(out);
    }
    if (s == BERT_OK) {
        s = read_settings(out, folder, err);
    }
    json_decref(modules);
    memory_free(name);
    return s;
}

static bert_status choose_pooling(bert_sentence               *out,
                                  const bert_sentence_options *options,
                                  reading *r, bert_error *err)
{
    if (options->pooling_count == 0 || options->pooling_count > MAX_POOLINGS) {
        return error_set(err, BERT_BAD_CALL, "1 to %d poolings can be joined",
                         MAX_POOLINGS);
    }
    while (out->step_count > 0) {
        step_clear(&out->steps[--out->step_count]);
    }
    memcpy(out->pooling, options->pooling,
           options->pooling_count * sizeof *out->pooling);
    out->pooling_count = options->pooling_count;
    set_pooled(out, r);
    return BERT_OK;
}

static bert_status check_pooler(const bert_sentence *out, bert_error *err)
{
    for (size_t i = 0; i < out->pooling_count; i++) {
        if (out->pooling[i] != BERT_POOL_POOLER) {
            continue;
        }
        if (!out->model->weights.has_pooler) {
            return error_set(err, BERT_UNSUPPORTED, "the model has no pooler");
        }
        if (out->concat > 1) {
            return error_set(err, BERT_BAD_CALL,
                             "the pooler takes one layer, not %zu joined",
                             out->concat);
        }
    }
    return BERT_OK;
}

/* sentence-transformers cuts to the settings' truncate_dim after the modules,
   so what its Normalize has done is not done again; what a caller asks for is
   (SentenceTransformer.encode: normalize_embeddings comes after the cut). */
static bert_status choose_dims(bert_sentence               *out,
                               const bert_sentence_options *options,
                               size_t width, bert_error *err)
{
    if (options->dims > width) {
        return error_set(err, BERT_BAD_CALL,
                         "%zu dimensions, where the vector has %zu",
                         options->dims, width);
    }
    out->dims = width;
    if (options->dims != 0) {
        out->dims = options->dims;
    } else if (options->pooling == NULL && out->truncate_dim != 0 &&
               out->truncate_dim < width) {
        out->dims = out->truncate_dim;
    }
    bool again = options->dims != 0 || options->normalize == BERT_YES;
    out->length_one = again ? out->dims : width;
    return BERT_OK;
}

static bert_status apply_options(bert_sentence               *out,
                                 const bert_sentence_options *options,
                                 reading *r, bert_error *err)
{
    bert_status s = BERT_OK;

    if (options->pooling != NULL) {
        s = choose_pooling(out, options, r, err);
    }
    if (s == BERT_OK) {
        s = check_pooler(out, err);
    }
    if (s != BERT_OK) {
        return s;
    }
    if (options->normalize != BERT_AS_FILES) {
        out->normalized = options->normalize == BERT_YES;
    }
    return choose_dims(out, options, r->width, err);
}

bert_status bert_sentence_load(bert_sentence **out, const char *folder,
                               const bert_model            *model,
                               const bert_sentence_options *options,
                               bert_error                  *err)
{
    static const bert_sentence_options none = {0};
    bert_sentence *sentence = memory_new_zeroed(1, sizeof *sentence);
    reading        r = {0};

    if (sentence == NULL) {
        return error_memory(err);
    }
    if (options == NULL) {
        options = &none;
    }
    sentence->model = model;
    sentence->concat = options->concat > 1 ? options->concat : 1;
    sentence->row_width =
        (size_t)model->config.sizes.hidden_size * sentence->concat;
    bert_status s = BERT_OK;
    if (sentence->concat > (size_t)model->config.sizes.num_hidden_layers + 1) {
        s = error_set(err, BERT_BAD_CALL,
                      "%zu hidden states joined, where the model has %d",
                      sentence->concat,
                      (int)model->config.sizes.num_hidden_layers + 1);
    }
    if (s == BERT_OK) {
        s = read_folder(sentence, folder, &r, err);
    }
    if (s == BERT_OK) {
        s = apply_options(sentence, options, &r, err);
    }
    if (s != BERT_OK) {
        bert_sentence_free(sentence);
        return s;
    }
    *out = sentence;
    return BERT_OK;
}

void bert_sentence_free(bert_sentence *sentence)
{
    if (sentence == NULL) {
        return;
    }
    while (sentence->step_count > 0) {
        step_clear(&sentence->steps[--sentence->step_count]);
    }
    copies_clear(&sentence->copies);
    json_decref(sentence->settings);
    memory_free(sentence);
}

size_t bert_sentence_dims(const bert_sentence *sentence)
{
    return sentence->dims;
}

bool bert_sentence_normalized(const bert_sentence *sentence)
{
    return sentence->normalized && sentence->length_one == sentence->dims;
}

bool bert_sentence_skips_prompt(const bert_sentence *sentence)
{
    return sentence->skips_prompt;
}

const char *bert_sentence_similarity(const bert_sentence *sentence)
{
    return sentence->similarity;
}
