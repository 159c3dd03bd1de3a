/*
 * fuzz_tokenizer_files.c - vocab.txt and tokenizer.json of any kind
 *
 * The first byte chooses the file. What is read must be found again under its
 * id.
 */
#include <stdint.h>
#include <stdlib.h>

#include "tokenizer/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_vocab(const vocab *v)
{
    for (size_t id = 0; id < v->count; id++) {
        size_t      size;
        const char *token = vocab_token(v, (int32_t)id, &size);
        if (token != NULL && (token[size] != '\0' ||
                              vocab_find(v, token, size) != (int32_t)id)) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vocab         v = {0};
    json_settings js = {0};
    bert_error    err;
    bert_status   s;

    if (size == 0) {
        return 0;
    }
    const char *text = (const char *)data + 1;
    if (data[0] % 3 == 0) {
        s = vocab_read_lines(&v, text, size - 1, "vocab.txt", &err);
    } else {
        s = json_settings_parse(&js, data[0] % 3 == 1 ? &v : NULL, text,
                                size - 1, "tokenizer.json", &err);
    }
    if (s == BERT_OK && v.slots != NULL) {
        check_vocab(&v);
    }
    json_settings_free(&js);
    vocab_free(&v);
    return 0;
}
