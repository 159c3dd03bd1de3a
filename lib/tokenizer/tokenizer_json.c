/*
 * tokenizer_json.c - Hugging Face's tokenizer.json
 *
 * The file may be large for its vocabulary, so its outermost members are found
 * by skipping, and only those that are wanted are parsed; what stands behind
 * the last of them is not even read. Where a vocab.txt gives the vocabulary,
 * that saves parsing tens of thousands of tokens.
 */
#include "tokenizer/settings.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"

typedef struct slice {
    const char *data;
    size_t      size;
} slice;

enum {
    MEMBER_ADDED,
    MEMBER_NORMALIZER,
    MEMBER_PRE,
    MEMBER_POST,
    MEMBER_DECODER,
    MEMBER_MODEL,
    MEMBERS
};

static const char *const member_names[MEMBERS] = {
    "added_tokens",   "normalizer", "pre_tokenizer",
    "post_processor", "decoder",    "model"};

void json_settings_free(json_settings *js)
{
    memory_free(js->prefix);
    memory_free(js->decoder_prefix);
    memory_free(js->unk);
    memory_free(js->cls);
    memory_free(js->sep);
    added_free(&js->added);
    *js = (json_settings){0};
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_space(slice s, size_t i)
{
    while (i < s.size && is_space(s.data[i])) {
        i++;
    }
    return i;
}

/* Past the string that begins at i with its quote; 0: it does not end. */
static size_t skip_string(slice s, size_t i)
{
    for (i++; i < s.size; i++) {
        if (s.data[i] == '\\') {
            i++;
        } else if (s.data[i] == '"') {
            return i + 1;
        }
    }
    return 0;
}

/* Past the value that begins at i; 0: it does not end. What is in it is
   checked where it is parsed. */
static size_t skip_value(slice s, size_t i)
{
    size_t depth = 0;

    while (i < s.size) {
        char c = s.data[i];
        if (c == '"') {
            i = skip_string(s, i);
            if (i == 0 || depth == 0) {
                return i;
            }
            continue;
        }
        if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (depth <= 1) {
                return depth == 1 ? i + 1 : i;
            }
            depth--;
        } else if (depth == 0 && (c == ',' || is_space(c))) {
            return i;
        }
        i++;
    }
    return 0;
}

/* Find the outermost members that are wanted; false: not an object. */
static bool find_members(slice text, const bool wanted[MEMBERS],
                         slice found[MEMBERS])
{
    size_t left = 0, i = skip_space(text, 0);

    for (int m = 0; m < MEMBERS; m++) {
        left += wanted[m];
    }
    if (i == text.size || text.data[i] != '{') {
        return false;
    }
    i = skip_space(text, i + 1);
    while (left > 0 && i < text.size && text.data[i] == '"') {
        size_t end = skip_string(text, i);
        if (end == 0) {
            return false;
        }
        slice name = {text.data + i + 1, end - i - 2};
        i = skip_space(text, end);
        if (i == text.size || text.data[i] != ':') {
            return false;
        }
        i = skip_space(text, i + 1);
        end = skip_value(text, i);
        if (end == 0) {
            return false;
        }
        for (int m = 0; m < MEMBERS; m++) {
            if (wanted[m] && found[m].data == NULL &&
                strlen(member_names[m]) == name.size &&
                memcmp(member_names[m], name.data, name.size) == 0) {
                found[m] = (slice){text.data + i, end - i};
                left--;
            }
        }
        i = skip_space(text, end);
        if (i < text.size && text.data[i] == ',') {
            i = skip_space(text, i + 1);
        }
    }
    return left == 0 || (i < text.size && text.data[i] == '}');
}

static bool copy_string(char **out, const char *text)
{
    memory_free(*out);
    *out = memory_copy_text(text, strlen(text));
    return *out != NULL;
}

/* The member `type`, which must be one of two. */
static bert_status check_type(const json_t *object, const char *member,
                              const char *one, const char *other,
                              const char **type, const char *name,
                              bert_error *err)
{
    bert_status s = json_get_string(object, "type", name, type, NULL, err);

    if (s == BERT_OK && strcmp(*type, one) != 0 && strcmp(*type, other) != 0) {
        return error_set(err, BERT_UNSUPPORTED,
                         "%s: %s is %s; only %s is known", name, member, *type,
                         one);
    }
    return s;
}

static bert_status get_said(const json_t *object, const char *key,
                            const char *name, said *out, bert_error *err)
{
    bool        value, found;
    bert_status s = json_get_bool(object, key, name, &value, &found, err);

    if (s == BERT_OK && found) {
        *out = value ? SAID_YES : SAID_NO;
    }
    return s;
}

static bert_status read_normalizer(json_settings *js, const json_t *object,
                                   const char *name, bert_error *err)
{
    const char *type;
    bert_status s = check_type(object, "normalizer", "BertNormalizer",
                               "BertNormalizer", &type, name, err);

    if (s == BERT_OK) {
        s = get_said(object, "lowercase", name, &js->lower, err);
    }
    if (s == BERT_OK) {
        s = get_said(object, "strip_accents", name, &js->strip, err);
    }
    if (s == BERT_OK) {
        s = get_said(object, "handle_chinese_chars", name, &js->chinese, err);
    }
    if (s == BERT_OK) {
        s = get_said(object, "clean_text", name, &js->clean, err);
    }
    return s;
}

/* Whether item i of a template is {"kind":{"id":id,"type_id":type}}; id NULL:
   any, and *id is then what it is. */
static bool is_piece(const json_t *items, size_t i, const char *kind,
                     const char **id, json_int_t type)
{
    const json_t *piece = json_object_get(json_array_get(items, i), kind);
    const char   *value = json_string_value(json_object_get(piece, "id"));
    const json_t *number = json_object_get(piece, "type_id");

    if (value == NULL || !json_is_integer(number) ||
        json_integer_value(number) != type ||
        (*id != NULL && strcmp(*id, value) != 0)) {
        return false;
    }
    *id = value;
    return true;
}

/* [CLS] A [SEP], and [CLS] A [SEP] B [SEP] with types 0 0 0 1 1. */
static bool is_template(const json_t *object, const char **cls,
                        const char **sep)
{
    const json_t *one = json_object_get(object, "single");
    const json_t *two = json_object_get(object, "pair");
    const char   *a = "A", *b = "B";

    return json_array_size(one) == 3 && json_array_size(two) == 5 &&
           is_piece(one, 0, "SpecialToken", cls, 0) &&
           is_piece(one, 1, "Sequence", &a, 0) &&
           is_piece(one, 2, "SpecialToken", sep, 0) &&
           is_piece(two, 0, "SpecialToken", cls, 0) &&
           is_piece(two, 1, "Sequence", &a, 0) &&
           is_piece(two, 2, "SpecialToken", sep, 0) &&
           is_piece(two, 3, "Sequence", &b, 1) &&
           is_piece(two, 4, "SpecialToken", sep, 1);
}

static bert_status read_post(json_settings *js, const json_t *object,
                             const char *name, bert_error *err)
{
    const char *type, *cls = NULL, *sep = NULL;
    bert_status s = check_type(object, "post_processor", "TemplateProcessing",
                               "BertProcessing", &type, name, err);

    if (s != BERT_OK) {
        return s;
    }
    if (strcmp(type, "BertProcessing") == 0) {
        cls = json_string_value(
            json_array_get(json_object_get(object, "cls"), 0));
        sep = json_string_value(
            json_array_get(json_object_get(object, "sep"), 0));
        if (cls == NULL || sep == NULL) {
            return error_set(err, BERT_BAD_FILE,
                             "%s: post_processor without cls or sep", name);
        }
    } else if (!is_template(object, &cls, &sep)) {
        return error_set(err, BERT_UNSUPPORTED,
                         "%s: post_processor's template is not [CLS] A [SEP] B "
                         "[SEP] with type ids 0 and 1",
                         name);
    }
    return copy_string(&js->cls, cls) && copy_string(&js->sep, sep)
               ? BERT_OK
               : error_memory(err);
}

static bert_status read_decoder(json_settings *js, const json_t *object,
                                const char *name, bert_error *err)
{
    const char *type, *prefix = NULL;
    bert_status s = check_type(object, "decoder", "WordPiece", "WordPiece",
                               &type, name, err);
    bool        found;

    if (s == BERT_OK) {
        s = json_get_string(object, "prefix", name, &prefix, &found, err);
    }
    if (s == BERT_OK) {
        s = get_said(object, "cleanup", name, &js->cleanup, err);
    }
    if (s == BERT_OK && prefix != NULL &&
        !copy_string(&js->decoder_prefix, prefix)) {
        s = error_memory(err);
    }
    return s;
}

bert_status added_flags(const json_t *object, const char *name,
                        added_token *out, bert_error *err)
{
    struct {
        const char *key;
        bool       *flag;
    } flags[] = {{"lstrip", &out->lstrip},
                 {"rstrip", &out->rstrip},
                 {"single_word", &out->single_word},
                 {"normalized", &out->normalized},
                 {"special", &out->special}};
    bert_status s = BERT_OK;
    bool        found, normalized = false;

    *out = (added_token){0};
    for (size_t i = 0; i < 5 && s == BERT_OK; i++) {
        s = json_get_bool(object, flags[i].key, name, flags[i].flag, &found,
                          err);
        normalized |= found && flags[i].flag == &out->normalized;
    }
    if (!normalized) {
        out->normalized = !out->special; /* AddedToken's default */
    }
    return s;
}

static bert_status read_added(json_settings *js, const json_t *list,
                              const char *name, bert_error *err)
{
    size_t  i;
    json_t *object;

    if (!json_is_array(list)) {
        return error_set(err, BERT_BAD_FILE, "%s: added_tokens is no array",
                         name);
    }
    json_array_foreach(list, i, object)
    {
        added_token token;
        int64_t     id = 0;
        const char *content = NULL;
        bert_status s = added_flags(object, name, &token, err);
        if (s == BERT_OK) {
            s = json_get_int(object, "id", name, 0, VOCAB_MAX_ID, &id, NULL,
                             err);
        }
        if (s == BERT_OK) {
            s = json_get_string(object, "content", name, &content, NULL, err);
        }
        if (s != BERT_OK) {
            return s;
        }
        token.id = (int32_t)id;
        if (!added_put(&js->added, content, strlen(content), &token)) {
            return error_memory(err);
        }
    }
    js->has_added = true;
    return BERT_OK;
}

static bert_status read_vocab(vocab *v, const json_t *model, const char *name,
                              bert_error *err)
{
    json_t     *tokens = json_object_get(model, "vocab"), *id;
    const char *token;

    if (!json_is_object(tokens)) {
        return error_set(err, BERT_BAD_FILE, "%s: model.vocab is no object",
                         name);
    }
    json_object_foreach(tokens, token, id)
    {
        if (!json_is_integer(id)) {
            return error_set(err, BERT_BAD_FILE,
                             "%s: the id of token %s is no integer", name,
                             token);
        }
        bert_status s = vocab_put(v, json_integer_value(id), token,
                                  strlen(token), name, err);
        if (s != BERT_OK) {
            return s;
        }
    }
    return vocab_index(v, name, err);
}

static bert_status read_model(json_settings *js, vocab *v, const json_t *object,
                              const char *name, bert_error *err)
{
    const char *type, *unk = NULL, *prefix = NULL;
    int64_t     max_chars = 0;
    bool        found;
    bert_status s =
        check_type(object, "model", "WordPiece", "WordPiece", &type, name, err);

    if (s == BERT_OK) {
        s = json_get_string(object, "unk_token", name, &unk, &found, err);
    }
    if (s == BERT_OK) {
        s = json_get_string(object, "continuing_subword_prefix", name, &prefix,
                            &found, err);
    }
    if (s == BERT_OK) {
        s = json_get_int(object, "max_input_chars_per_word", name, 1, INT32_MAX,
                         &max_chars, &found, err);
    }
    if (s != BERT_OK) {
        return s;
    }
    js->max_chars = (size_t)max_chars;
    if ((unk != NULL && !copy_string(&js->unk, unk)) ||
        (prefix != NULL && !copy_string(&js->prefix, prefix))) {
        return error_memory(err);
    }
    return read_vocab(v, object, name, err);
}

static bert_status read_member(json_settings *js, vocab *v, int member,
                               const json_t *json, const char *name,
                               bert_error *err)
{
    const char *type;

    switch (member) {
    case MEMBER_ADDED:
        return read_added(js, json, name, err);
    case MEMBER_NORMALIZER:
        return read_normalizer(js, json, name, err);
    case MEMBER_PRE:
        return check_type(json, "pre_tokenizer", "BertPreTokenizer",
                          "BertPreTokenizer", &type, name, err);
    case MEMBER_POST:
        return read_post(js, json, name, err);
    case MEMBER_DECODER:
        return read_decoder(js, json, name, err);
    default:
        return read_model(js, v, json, name, err);
    }
}

bert_status json_settings_parse(json_settings *js, vocab *v, const char *text,
                                size_t size, const char *name, bert_error *err)
{
    bool        wanted[MEMBERS] = {true, true, true, true, true, v != NULL};
    slice       found[MEMBERS] = {{0}};
    bert_status s = BERT_OK;

    if (!find_members((slice){text, size}, wanted, found)) {
        return error_set(err, BERT_BAD_FILE, "%s: not a JSON object", name);
    }
    if (v != NULL && found[MEMBER_MODEL].data == NULL) {
        return error_set(err, BERT_BAD_FILE, "%s: model is missing", name);
    }
    for (int m = 0; m < MEMBERS && s == BERT_OK; m++) {
        json_t *json = NULL;
        slice   part = found[m];
        if (part.data == NULL ||
            (part.size == 4 && memcmp(part.data, "null", 4) == 0)) {
            if (m == MEMBER_PRE && v != NULL) {
                s = error_set(err, BERT_UNSUPPORTED,
                              "%s: pre_tokenizer is null; only "
                              "BertPreTokenizer is known",
                              name);
            }
            continue;
        }
        s = json_text_read(&json, part.data, part.size, name, err);
        if (s == BERT_OK) {
            s = read_member(js, v, m, json, name, err);
        }
        json_decref(json);
    }
    return s;
}

bert_status json_settings_read(json_settings *js, vocab *v, const char *path,
                               bert_error *err)
{
    file_map    file = {0};
    bert_status s = file_map_open(&file, path, err);

    if (s == BERT_OK) {
        s = json_settings_parse(js, v, (const char *)file.data, file.size, path,
                                err);
    }
    file_map_close(&file);
    return s;
}
