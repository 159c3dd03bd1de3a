/*
 * settings.c - what a model folder's files say of its tokenizer
 */
#include "tokenizer/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/memory.h"

enum { HF_MAX_CHARS = 100, GOOGLE_MAX_CHARS = 200 };

/* Where the settings are gathered. */
typedef struct sources {
    char         *folder, *vocab_path, *config_path, *json_path; /* owned */
    json_t       *config;                                        /* or NULL */
    json_settings json;
    bool          has_json; /* json has been read */
} sources;

void settings_free(settings *s)
{
    memory_free(s->prefix);
    memory_free(s->unk);
    memory_free(s->cls);
    memory_free(s->sep);
    memory_free(s->mask);
    memory_free(s->pad);
    added_free(&s->added);
    *s = (settings){0};
}

static void sources_free(sources *src)
{
    memory_free(src->folder);
    memory_free(src->vocab_path);
    memory_free(src->config_path);
    memory_free(src->json_path);
    json_decref(src->config);
    json_settings_free(&src->json);
}

static bert_status get_said(const sources *src, const char *key, said *out,
                            bool *there, bert_error *err)
{
    bool value, found = false;

    if (src->config == NULL) {
        return BERT_OK;
    }
    bert_status s =
        json_get_bool(src->config, key, src->config_path, &value, &found, err);
    if (s == BERT_OK && found) {
        *out = value ? SAID_YES : SAID_NO;
    }
    *there = json_object_get(src->config, key) != NULL;
    return s;
}

static said chosen(bert_choice choice)
{
    return choice == BERT_AS_FILES ? UNSAID
           : choice == BERT_YES    ? SAID_YES
                                   : SAID_NO;
}

static bool is_said(said first, said second, bool otherwise)
{
    said s = first != UNSAID ? first : second;

    return s == UNSAID ? otherwise : s == SAID_YES;
}

/* Tokenizers whose text is BERT's, or that leave it to tokenizer.json. */
static bert_status check_class(const sources *src, bert_error *err)
{
    static const char *const known[] = {
        "BertTokenizer",       "DistilBertTokenizer",  "ElectraTokenizer",
        "MobileBertTokenizer", "SqueezeBertTokenizer", "ConvBertTokenizer",
        "TokenizersBackend",   "PreTrainedTokenizer",  "LayoutLMTokenizer"};
    const char *class = NULL;
    bool        found;
    bert_status s = json_get_string(src->config, "tokenizer_class",
                                    src->config_path, &class, &found, err);

    if (s != BERT_OK || !found) {
        return s;
    }
    size_t size = strlen(class);
    if (size > 4 && strcmp(class + size - 4, "Fast") == 0) {
        size -= 4;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strlen(known[i]) == size && memcmp(known[i], class, size) == 0) {
            return BERT_OK;
        }
    }
    return error_set(err, BERT_UNSUPPORTED,
                     "%s: tokenizer_class is %s, which is not BERT's",
                     src->config_path, class);
}

/* BertNormalizer's four settings. */
static bert_status read_normalizer(settings *out, const sources *src,
                                   const bert_tokenizer_options *options,
                                   const char *folder, bool bare,
                                   bert_error *err)
{
    const json_settings *js = &src->json;
    said                 lower = UNSAID, strip = UNSAID, chinese = UNSAID;
    bool                 there = false, strip_there = false;

    bert_status s = get_said(src, "do_lower_case", &lower, &there, err);
    if (s == BERT_OK) {
        s = get_said(src, "strip_accents", &strip, &strip_there, err);
    }
    if (s == BERT_OK) {
        s = get_said(src, "tokenize_chinese_chars", &chinese, &there, err);
    }
    if (s != BERT_OK) {
        return s;
    }
    if (options->lowercase != BERT_AS_FILES) {
        lower = chosen(options->lowercase);
    } else if (lower == UNSAID) {
        lower = js->lower;
    }
    if (lower == UNSAID) {
        return error_set(err, BERT_UNSUPPORTED,
                         bare ? "%s: a bare vocabulary does not say whether to "
                                "lowercase: give --cased or --uncased"
                              : "%s: neither tokenizer_config.json nor "
                                "tokenizer.json says whether to lowercase: "
                                "give --cased or --uncased, or write "
                                "{\"do_lower_case\": true} or false to the "
                                "first",
                         folder);
    }
    out->lower = lower == SAID_YES;
    if (!strip_there) { /* null is an answer: as lowercase */
        strip = js->strip;
    }
    out->strip = is_said(chosen(options->strip_accents), strip, out->lower);
    out->chinese = is_said(chosen(options->split_cjk),
                           chinese != UNSAID ? chinese : js->chinese, true);
    out->clean = is_said(js->clean, UNSAID, true);
    return BERT_OK;
}

/* A token that the config names: a string, or an object with its content. */
static const char *token_name(const json_t *config, const char *key)
{
    const json_t *value = json_object_get(config, key);

    return json_string_value(
        json_is_object(value) ? json_object_get(value, "content") : value);
}

static bool set_name(char **out, const char *first, const char *second,
                     const char *otherwise)
{
    const char *name = first != NULL ? first : second;

    if (name == NULL) {
        name = otherwise;
    }
    *out = memory_copy_text(name, strlen(name));
    return *out != NULL;
}

static bool read_names(settings *out, const sources *src)
{
    const json_settings *js = &src->json;
    const json_t        *config = src->config;

    return set_name(&out->unk, js->unk, token_name(config, "unk_token"),
                    "[UNK]") &&
           set_name(&out->cls, token_name(config, "cls_token"), js->cls,
                    "[CLS]") &&
           set_name(&out->sep, token_name(config, "sep_token"), js->sep,
                    "[SEP]") &&
           set_name(&out->mask, token_name(config, "mask_token"), NULL,
                    "[MASK]") &&
           set_name(&out->pad, token_name(config, "pad_token"), NULL,
                    "[PAD]") &&
           set_name(&out->prefix, js->prefix, js->decoder_prefix, "##");
}

/* added_tokens_decoder: {"101":{"content":"[CLS]",...},...} */
static bert_status read_decoder_list(added_tokens *out, const sources *src,
                                     const json_t *list, bert_error *err)
{
    const char *key;
    json_t     *object;

    json_object_foreach((json_t *)(uintptr_t)list, key, object)
    {
        added_token token;
        const char *content = NULL;
        char       *end;
        bert_status s = added_flags(object, src->config_path, &token, err);
        if (s == BERT_OK) {
            s = json_get_string(object, "content", src->config_path, &content,
                                NULL, err);
        }
        if (s != BERT_OK) {
            return s;
        }
        unsigned long id = strtoul(key, &end, 10);
        if (key[0] < '0' || key[0] > '9' || *end != '\0' || id > VOCAB_MAX_ID) {
            return error_set(err, BERT_BAD_FILE,
                             "%s: added_tokens_decoder: %s is no id",
                             src->config_path, key);
        }
        token.id = (int32_t)id;
        if (!added_put(out, content, strlen(content), &token)) {
            return error_memory(err);
        }
    }
    return BERT_OK;
}

/* The flags of a token that the config names by itself: a name or an object. */
static bert_status named_flags(const json_t *value, const char *path,
                               added_token *out, bert_error *err)
{
    bert_status s = BERT_OK;

    *out = (added_token){0};
    if (json_is_object(value)) {
        s = added_flags(value, path, out, err);
        out->normalized = json_is_true(json_object_get(value, "normalized"));
    }
    out->special = true;
    return s;
}

/* The five of the class, under the names that the config gives them. As in
   BertTokenizerFast they are added tokens, and special, whatever a list leaves
   out; one that is listed keeps its other flags. */
static bert_status put_named(settings *out, const sources *src, const vocab *v,
                             bert_error *err)
{
    static const char *const names[][2] = {{"pad_token", "[PAD]"},
                                           {"unk_token", "[UNK]"},
                                           {"cls_token", "[CLS]"},
                                           {"sep_token", "[SEP]"},
                                           {"mask_token", "[MASK]"}};

    for (size_t i = 0; i < 5; i++) {
        const char *name = token_name(src->config, names[i][0]);
        if (name == NULL) {
            name = names[i][1];
        }
        size_t       size = strlen(name);
        added_token *listed = added_find(&out->added, name, size), token;
        if (listed != NULL) {
            listed->special = true;
            continue;
        }
        bert_status s = named_flags(json_object_get(src->config, names[i][0]),
                                    src->config_path, &token, err);
        if (s != BERT_OK) {
            return s;
        }
        token.id = vocab_find(v, name, size);
        if (token.id >= 0 && !added_put(&out->added, name, size, &token)) {
            return error_memory(err);
        }
    }
    return BERT_OK;
}

/* A token that the vocabulary knows has its id there; others bring theirs. */
static bert_status settle_ids(settings *out, vocab *v, const char *name,
                              bert_error *err)
{
    for (size_t i = 0; i < out->added.count; i++) {
        added_token *token = &out->added.list[i];
        int32_t      id = vocab_find(v, token->content, token->size);
        if (id >= 0) {
            token->id = id;
            continue;
        }
        size_t      size;
        const char *other = vocab_token(v, token->id, &size);
        if (other != NULL) {
            return error_set(err, BERT_BAD_FILE,
                             "%s: added token %s has id %d, which is %s", name,
                             token->content, (int)token->id, other);
        }
        /* Not indexed: it is no word piece. */
        bert_status s =
            vocab_put(v, token->id, token->content, token->size, name, err);
        if (s != BERT_OK) {
            return s;
        }
    }
    return BERT_OK;
}

static bert_status read_added(settings *out, sources *src, vocab *v,
                              const char *folder, bert_error *err)
{
    const json_t *list = json_object_get(src->config, "added_tokens_decoder");
    bert_status   s = BERT_OK;

    if (json_is_object(list) && json_object_size(list) > 0) {
        s = read_decoder_list(&out->added, src, list, err);
    } else if (src->json.has_added) {
        out->added = src->json.added;
        src->json.added = (added_tokens){0};
    }
    if (s == BERT_OK) {
        s = put_named(out, src, v, err);
    }
    return s == BERT_OK ? settle_ids(out, v, folder, err) : s;
}

static bert_status read_vocab_file(vocab *v, const char *path, bert_error *err)
{
    file_map    file = {0};
    bert_status s = file_map_open(&file, path, err);

    if (s == BERT_OK) {
        s = vocab_read_lines(v, (const char *)file.data, file.size, path, err);
    }
    file_map_close(&file);
    return s;
}

/* Whether the config leaves a question to tokenizer.json. */
static bool leaves_out(const json_t *config)
{
    static const char *const keys[] = {
        "do_lower_case", "tokenize_chinese_chars",
        "strip_accents", "added_tokens_decoder",
        "cls_token",     "sep_token"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (json_object_get(config, keys[i]) == NULL) {
            return true;
        }
    }
    return false;
}

/* Where the vocabulary is: beside the model, or where a SavedModel has it. */
static char *find_vocab(const char *folder)
{
    static const char *const names[] = {"vocab.txt", "assets/vocab.txt"};
    char                    *path = file_join(folder, names[0]);

    if (path != NULL && !file_exists(path)) {
        char *other = file_join(folder, names[1]);
        if (other == NULL || file_exists(other)) {
            memory_free(path);
            return other;
        }
        memory_free(other);
    }
    return path;
}

static bert_status read_folder(sources *src, vocab *v, const char *folder,
                               bert_error *err)
{
    bert_status s = folder_transformer(folder, &src->folder, err);
    if (s != BERT_OK) {
        return s;
    }
    src->vocab_path = find_vocab(src->folder);
    src->config_path = file_join(src->folder, "tokenizer_config.json");
    src->json_path = file_join(src->folder, "tokenizer.json");
    if (src->vocab_path == NULL || src->config_path == NULL ||
        src->json_path == NULL) {
        return error_memory(err);
    }
    bool has_vocab = file_exists(src->vocab_path);
    bool has_json = file_exists(src->json_path);
    if (!has_vocab && !has_json) {
        return error_set(err, BERT_IO,
                         "%s: has neither vocab.txt nor tokenizer.json",
                         folder);
    }
    s = json_file_read(&src->config, src->config_path, false, err);
    if (s == BERT_OK && src->config != NULL) {
        s = check_class(src, err);
    }
    if (s == BERT_OK && has_vocab) {
        s = read_vocab_file(v, src->vocab_path, err);
    }
    if (s == BERT_OK && has_json && (!has_vocab || leaves_out(src->config))) {
        src->has_json = true;
        s = json_settings_read(&src->json, has_vocab ? NULL : v, src->json_path,
                               err);
        if (has_vocab) {
            src->json.clean = UNSAID; /* as the tokenizer of the config */
        }
    }
    return s;
}

bert_status settings_load(settings *out, vocab *v, const char *folder,
                          const bert_tokenizer_options *options,
                          bert_error                   *err)
{
    sources     src = {0};
    bool        bare = options->vocab != NULL, there;
    said        cleanup_text = UNSAID;
    const char *name = bare ? options->vocab : folder;
    bert_status s = bare ? read_vocab_file(v, options->vocab, err)
                         : read_folder(&src, v, folder, err);

    if (s == BERT_OK) {
        s = read_normalizer(out, &src, options, name, bare, err);
    }
    if (s == BERT_OK) {
        s = get_said(&src, "clean_up_tokenization_spaces", &cleanup_text,
                     &there, err);
    }
    if (s == BERT_OK && !read_names(out, &src)) {
        s = error_memory(err);
    }
    if (s == BERT_OK) {
        s = read_added(out, &src, v, name, err);
    }
    out->google = options->google;
    out->cleanup = src.json.cleanup != SAID_NO;
    out->cleanup_text = cleanup_text == SAID_YES;
    out->max_chars = options->google           ? GOOGLE_MAX_CHARS
                     : src.json.max_chars != 0 ? src.json.max_chars
                                               : HF_MAX_CHARS;
    sources_free(&src);
    return s;
}
