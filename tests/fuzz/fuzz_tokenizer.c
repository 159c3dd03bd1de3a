/*
 * fuzz_tokenizer.c - any text through the tokenizer, and cut
 *
 * The first byte chooses the tokenizer, the second how to cut; the rest is the
 * text. The same text again must give the same tokens (a cache is filled by
 * then), places must lie in the text and in order, and decoding must not fail.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "bert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define GOLDEN "tests/golden/tokenizer/"
enum { KINDS = 6 };

static bert_tokenizer *load(unsigned kind)
{
    static const char *const folders[KINDS] = {
        GOLDEN "uncased", GOLDEN "cased", GOLDEN "added",
        GOLDEN "uncased", GOLDEN "cased", GOLDEN "added"};
    static const char *const patterns[] = {"a+", "\\w+-\\w+"};
    bert_tokenizer_options   options = {0};
    bert_tokenizer          *tok = NULL;
    bert_error               err;

    options.google = kind == 3;
    options.strip_accents = kind == 4 ? BERT_YES : BERT_AS_FILES;
    if (kind == 5) {
        options.protect = patterns;
        options.protect_count = 2;
    }
    if (bert_tokenizer_load(&tok, folders[kind], &options, &err) != BERT_OK) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    return tok;
}

static void check(int condition)
{
    if (!condition) {
        abort();
    }
}

/* The encoding of a text a second time, and without its places. */
static void check_again(const bert_tokenizer *tok, const bert_side *side,
                        bert_tokens first)
{
    bert_encoding      *enc = bert_encoding_new();
    bert_encode_options options = {.unit = BERT_UNIT_BYTES};

    for (int k = 0; k < 2; k++) {
        options.ids_only = k == 1;
        check(bert_tokenizer_encode(tok, side, NULL, &options, enc, NULL) ==
              BERT_OK);
        bert_tokens t = bert_encoding_tokens(enc);
        check(t.length == first.length);
        check(memcmp(t.ids, first.ids, t.length * sizeof *t.ids) == 0);
        check(k == 1 ||
              memcmp(t.spans, first.spans, t.length * sizeof *t.spans) == 0);
        check(k == 1 ||
              memcmp(t.words, first.words, t.length * sizeof *t.words) == 0);
    }
    bert_encoding_free(enc);
}

static void check_windows(bert_encoding *enc, uint8_t how)
{
    bert_fit       fit = {.max_length = 2u + (how & 15u),
                          .overlap = (how >> 4) & 3u,
                          .cut_left = {how >> 7, how >> 7}};
    bert_encoding *window = bert_encoding_new();
    size_t         count;

    if (bert_encoding_windows(enc, &fit, &count, NULL) == BERT_OK) {
        for (size_t k = 0; k < count && k < 50; k++) {
            check(bert_encoding_window(enc, &fit, k, window, NULL) == BERT_OK);
            check(bert_encoding_tokens(window).length <= fit.max_length);
        }
    }
    check(bert_encoding_truncate(enc, &fit, NULL) == BERT_OK);
    check(bert_encoding_tokens(enc).length <= fit.max_length);
    bert_encoding_free(window);
}

static void run(const bert_tokenizer *tok, uint8_t how, const char *text,
                size_t size)
{
    bert_encoding      *enc = bert_encoding_new();
    bert_encode_options options = {.unit = BERT_UNIT_BYTES};
    bert_text           part = {text, size};
    bert_side           side = {.parts = &part, .count = 1};
    bert_buffer         out = {0};

    bert_status s =
        bert_tokenizer_encode(tok, &side, NULL, &options, enc, NULL);
    if (utf8_valid_prefix(text, size) < size) {
        check(s == BERT_BAD_INPUT);
        bert_encoding_free(enc);
        return;
    }
    check(s == BERT_OK);
    bert_tokens t = bert_encoding_tokens(enc);
    for (size_t i = 1; i + 1 < t.length; i++) {
        check(t.spans[i].begin < t.spans[i].end && t.spans[i].end <= size);
        check(t.ids[i] >= 0 && t.ids[i] < bert_tokenizer_size(tok));
        check(t.words[i] == t.words[i - 1] || t.words[i] == t.words[i - 1] + 1);
        check(i == 1 || t.spans[i].begin >= t.spans[i - 1].begin);
    }
    check_again(tok, &side, t);
    check(bert_tokenizer_decode(tok, t.ids, t.length, how & 1, &out, NULL) ==
          BERT_OK);
    bert_buffer_free(&out);
    check_windows(enc, how);
    bert_encoding_free(enc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bert_tokenizer *loaded[KINDS];

    if (size < 2) {
        return 0;
    }
    unsigned kind = data[0] % KINDS;
    if (loaded[kind] == NULL) {
        loaded[kind] = load(kind);
    }
    run(loaded[kind], data[1], (const char *)data + 2, size - 2);
    return 0;
}
