/*
 * settings.h - what a model folder's files say of its tokenizer
 *
 * tokenizer_config.json comes before tokenizer.json. Nothing is guessed: where
 * neither says whether to lowercase, and the caller does not either, loading
 * fails.
 */
#ifndef TOKENIZER_SETTINGS_H
#define TOKENIZER_SETTINGS_H

#include "base/json.h"
#include "tokenizer/special.h"
#include "tokenizer/vocab.h"

typedef struct settings {
    bool         clean, chinese, strip, lower; /* BertNormalizer's */
    bool         google;
    bool         cleanup;      /* of the WordPiece decoder */
    bool         cleanup_text; /* clean_up_tokenization_spaces */
    size_t       max_chars;
    char        *prefix, *unk, *cls, *sep, *mask, *pad; /* owned */
    added_tokens added;
} settings;

void settings_free(settings *s);

/*
 * Read vocabulary and settings of a folder, or of options->vocab alone; added
 * tokens have their final ids. Errors: as bert_tokenizer_load().
 */
bert_status settings_load(settings *s, vocab *v, const char *folder,
                          const bert_tokenizer_options *options,
                          bert_error                   *err);

/* A choice that a file may leave out. */
typedef enum said { UNSAID = 0, SAID_YES, SAID_NO } said;

/* What tokenizer.json says; strings are owned. */
typedef struct json_settings {
    said         lower, strip, chinese, clean, cleanup;
    size_t       max_chars; /* 0: not said */
    char        *prefix, *decoder_prefix, *unk, *cls, *sep;
    added_tokens added;
    bool         has_added;
} json_settings;

void json_settings_free(json_settings *js);

/*
 * Read tokenizer.json; v NULL: without its vocabulary. Errors: BERT_IO,
 * BERT_BAD_FILE, BERT_UNSUPPORTED (it names what is not BERT's),
 * BERT_NO_MEMORY.
 */
bert_status json_settings_read(json_settings *js, vocab *v, const char *path,
                               bert_error *err);
bert_status json_settings_parse(json_settings *js, vocab *v, const char *text,
                                size_t size, const char *name, bert_error *err);

/* The flags of an added token's object. Errors: BERT_BAD_FILE. */
bert_status added_flags(const json_t *object, const char *name,
                        added_token *out, bert_error *err);

#endif
