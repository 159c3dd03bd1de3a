/*
 * decode.c - ids back to text
 *
 * decoders/wordpiece.rs, then transformers' clean_up_tokenization() where the
 * model's clean_up_tokenization_spaces asks for it.
 */
#include <string.h>

#include "base/buffer.h"
#include "tokenizer/tokenizer.h"

typedef struct rule {
    const char *from, *to;
} rule;

/* In this order, each over the whole text. " do not" is the decoder's alone. */
static const rule rules[] = {
    {" .", "."},   {" ?", "?"},     {" !", "!"},     {" ,", ","},
    {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},   {" do not", " don't"},
    {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"},
};
enum { DO_NOT = 7 };

/* Replace in text from `begin` on; no rule makes the text longer. */
static void replace(bert_buffer *text, size_t begin, const rule *r)
{
    size_t from = strlen(r->from), to = strlen(r->to), out = begin;

    for (size_t i = begin; i < text->size;) {
        if (text->size - i >= from &&
            memcmp(text->data + i, r->from, from) == 0) {
            memcpy(text->data + out, r->to, to);
            out += to;
            i += from;
        } else {
            text->data[out++] = text->data[i++];
        }
    }
    text->size = out;
}

static void clean_up(bert_buffer *text, size_t begin, bool decoder)
{
    if (begin == text->size ||
        memchr(text->data + begin, ' ', text->size - begin) == NULL) {
        return; /* every rule begins with a space */
    }
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (i != DO_NOT || decoder) {
            replace(text, begin, &rules[i]);
        }
    }
}

/* The added token of an id, or NULL. The vocabulary has its content; a line
   that stands there twice is another id of the same text. */
static const added_token *added_of(const bert_tokenizer *tok, int32_t id,
                                   const char *token, size_t size)
{
    const added_token *added = added_find(&tok->settings.added, token, size);

    return added != NULL && added->id == id ? added : NULL;
}

static bool put_token(const bert_tokenizer *tok, const char *token, size_t size,
                      bool first, bert_buffer *out)
{
    const wordpiece *wp = &tok->wordpiece;
    size_t           begin = out->size;

    if (!first) {
        if (size >= wp->prefix_size &&
            memcmp(token, wp->prefix, wp->prefix_size) == 0) {
            token += wp->prefix_size;
            size -= wp->prefix_size;
        } else if (!buffer_put_char(out, ' ')) {
            return false;
        }
    }
    if (!buffer_put(out, token, size)) {
        return false;
    }
    if (tok->settings.cleanup) {
        clean_up(out, begin, true);
    }
    return true;
}

bert_status bert_tokenizer_decode(const bert_tokenizer *tok, const int32_t *ids,
                                  size_t n, bool skip_special, bert_buffer *out,
                                  bert_error *err)
{
    size_t begin = out->size;
    bool   first = true;

    for (size_t i = 0; i < n; i++) {
        if (ids[i] < 0 || ids[i] >= bert_tokenizer_size(tok)) {
            out->size = begin;
            return error_set(err, BERT_BAD_INPUT, "id %d, outside 0 to %d",
                             (int)ids[i], (int)bert_tokenizer_size(tok) - 1);
        }
        size_t      size = 0;
        const char *token = vocab_token(&tok->vocab, ids[i], &size);
        if (token == NULL) {
            continue;
        }
        const added_token *added = added_of(tok, ids[i], token, size);
        if (skip_special && added != NULL && added->special) {
            continue;
        }
        if (added != NULL && added->decoded != NULL) {
            token = added->decoded;
            size = strlen(token);
        }
        if (!put_token(tok, token, size, first, out)) {
            out->size = begin;
            return error_memory(err);
        }
        first = false;
    }
    if (tok->settings.cleanup_text) {
        clean_up(out, begin, false);
    }
    return BERT_OK;
}
