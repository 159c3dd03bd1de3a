/*
 * test_faults_tokenizer.c - every allocation of the tokenizer fails in turn
 *
 * Built with FAULTS=1 SAN=1; see test_faults.c.
 */
#include "test.h"

#include <stdint.h>

#include "base/memory.h"
#include "bert.h"

#define GOLDEN "tests/golden/tokenizer/"

/* Load, encode a pair, cut it, take windows, decode. */
static bert_status use(const char *folder, bool protect, bert_error *err)
{
    static const char *const patterns[] = {"a+", "x-y"};
    bert_tokenizer_options   options = {.protect = patterns};
    bert_text       text = {"a <both> yesterday caf\xC3\xA9 x-y \xE6\x9D\xB1"
                                  "e\xCC\x81\xE3\x80\xAE\xCC\xA7 [MASK]",
                            0};
    bert_side       side = {.parts = &text, .count = 1};
    bert_fit        fit = {.max_length = 9, .overlap = 1};
    bert_tokenizer *tok = NULL;
    bert_buffer     out = {0};
    size_t          count = 0;
    bert_encoding  *enc = bert_encoding_new(), *window = bert_encoding_new();

    text.size = strlen(text.data);
    options.protect_count = protect ? 2 : 0;
    bert_status s = enc == NULL || window == NULL ? BERT_NO_MEMORY : BERT_OK;
    if (s == BERT_OK) {
        s = bert_tokenizer_load(&tok, folder, &options, err);
    }
    if (s == BERT_OK) {
        s = bert_tokenizer_encode(tok, &side, &side, NULL, enc, err);
    }
    if (s == BERT_OK) {
        s = bert_encoding_windows(enc, &fit, &count, err);
    }
    for (size_t k = 0; s == BERT_OK && k < count; k++) {
        s = bert_encoding_window(enc, &fit, k, window, err);
    }
    if (s == BERT_OK) {
        bert_tokens t = bert_encoding_tokens(enc);
        s = bert_encoding_set(window, &t, bert_tokenizer_cls(tok),
                              bert_tokenizer_sep(tok), err);
    }
    if (s == BERT_OK) {
        bert_tokens t = bert_encoding_tokens(enc);
        s = bert_tokenizer_decode(tok, t.ids, t.length, false, &out, err);
    }
    bert_buffer_free(&out);
    bert_encoding_free(enc);
    bert_encoding_free(window);
    bert_tokenizer_free(tok);
    return s;
}

static void fail_each(const char *folder, bool protect)
{
    for (size_t n = 0;; n++) {
        bert_error err = {0};
        memory_fault_after(n);
        bert_status s = use(folder, protect, &err);
        memory_fault_after(SIZE_MAX);
        if (s == BERT_OK) {
            CHECK(n > 10); /* there was something to fail */
            break;
        }
        CHECK_INT(s, BERT_NO_MEMORY);
        if (s != BERT_NO_MEMORY || n > 10000) {
            CHECK_TEXT(err.message, "");
            break;
        }
    }
}

static void test_faults_of_a_tokenizer(void)
{
    fail_each(GOLDEN "uncased", false);
    fail_each(GOLDEN "cased", true);
    fail_each(GOLDEN "added", false);
    fail_each(GOLDEN "added", true);
}

int main(void)
{
    TEST(test_faults_of_a_tokenizer);
    TEST_END;
}
