/*
 * lengths.c - the lengths that a model folder's files name
 */
#include "base/file.h"
#include "base/folder.h"
#include "base/json.h"
#include "base/memory.h"

/* Larger lengths mean "none": transformers writes 1e30. */
static const double no_length = 1e9;

/* The length `key` of a file; 0 where either is absent. */
static bert_status read_length(const char *path, const char *key, size_t *out,
                               bert_error *err)
{
    json_t *json = NULL;
    double  number = 0;
    bool    found;

    bert_status s = json_file_read(&json, path, false, err);
    if (s == BERT_OK && json != NULL) {
        s = json_get_number(json, key, path, &number, &found, err);
    }
    if (s == BERT_OK && number < 0) {
        s = error_set(err, BERT_BAD_FILE, "%s: %s is negative", path, key);
    }
    if (s == BERT_OK) {
        *out = number < no_length ? (size_t)number : 0;
    }
    json_decref(json);
    return s;
}

/* The same of folder/file. */
static bert_status read_length_in(const char *folder, const char *file,
                                  const char *key, size_t *out, bert_error *err)
{
    char *path = file_join(folder, file);

    if (path == NULL) {
        return error_memory(err);
    }
    bert_status s = read_length(path, key, out, err);
    memory_free(path);
    return s;
}

bert_status bert_folder_lengths(const char *folder, bert_lengths *out,
                                bert_error *err)
{
    bert_lengths lengths = {0};
    char        *inner = NULL, *config = NULL;

    bert_status s = folder_transformer(folder, &inner, err);
    if (s == BERT_OK) {
        s = read_length_in(inner, "sentence_bert_config.json", "max_seq_length",
                           &lengths.max_seq_length, err);
    }
    if (s == BERT_OK) {
        s = read_length_in(inner, "tokenizer_config.json", "model_max_length",
                           &lengths.model_max_length, err);
    }
    if (s == BERT_OK) {
        s = folder_config(inner, &config, err);
    }
    if (s == BERT_OK) {
        s = read_length(config, "max_position_embeddings",
                        &lengths.max_position_embeddings, err);
    }
    if (s == BERT_OK) {
        *out = lengths;
    }
    memory_free(config);
    memory_free(inner);
    return s;
}
