/*
 * tokenizer.c - loading a tokenizer, and the encoding of texts and pairs
 */
#include "tokenizer/tokenizer.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "tokenizer/stretch.h"
#include "tokenizer/units.h"

void bert_tokenizer_free(bert_tokenizer *tok)
{
    if (tok != NULL) {
        worker_pool_free(tok->pool);
        protect_free(tok->protect);
        added_set_free(&tok->raw);
        added_set_free(&tok->normalized);
        settings_free(&tok->settings);
        vocab_free(&tok->vocab);
        memory_free(tok);
    }
}

/* FNV-1a, 64 bits. */
static uint64_t fnv(uint64_t hash, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (unsigned char)text[i]) * 0x100000001B3u;
    }
    return hash;
}

static void set_fingerprint(bert_tokenizer *tok)
{
    const settings *s = &tok->settings;
    char            line[40];

    snprintf(line, sizeof line, "lower=%d accents=%d cjk=%d\n", s->lower,
             s->strip, s->chinese);
    uint64_t hash = fnv(0xCBF29CE484222325u, line, strlen(line));
    for (size_t id = 0; id < tok->vocab.count; id++) {
        size_t      size = 0;
        const char *token = vocab_token(&tok->vocab, (int32_t)id, &size);
        hash = fnv(hash, token, token != NULL ? size : 0);
        hash = fnv(hash, "\n", 1);
    }
    for (int i = 15; i >= 0; i--, hash >>= 4) {
        tok->fingerprint[i] = "0123456789abcdef"[hash & 15];
    }
}

int32_t bert_tokenizer_id(const bert_tokenizer *tok, const char *token,
                          size_t size)
{
    int32_t            id = vocab_find(&tok->vocab, token, size);
    const added_token *added =
        id < 0 ? added_find(&tok->settings.added, token, size) : NULL;

    return added != NULL ? added->id : id;
}

static bert_status find_token(const bert_tokenizer *tok, const char *token,
                              const char *name, int32_t *id, bert_error *err)
{
    *id = bert_tokenizer_id(tok, token, strlen(token));
    if (*id < 0) {
        return error_set(err, BERT_BAD_FILE,
                         "%s: the vocabulary has no token %s", name, token);
    }
    return BERT_OK;
}

static bert_status set_wordpiece(bert_tokenizer *tok, const char *name,
                                 bert_error *err)
{
    wordpiece *wp = &tok->wordpiece;

    wp->vocab = &tok->vocab;
    wp->prefix = tok->settings.prefix;
    wp->prefix_size = strlen(wp->prefix);
    wp->prefix_hash = VOCAB_HASH;
    for (size_t i = 0; i < wp->prefix_size; i++) {
        wp->prefix_hash =
            vocab_hash(wp->prefix_hash, (unsigned char)wp->prefix[i]);
    }
    wp->max_chars = tok->settings.max_chars;
    bert_status s = find_token(tok, tok->settings.unk, name, &wp->unknown, err);
    if (s == BERT_OK) {
        s = find_token(tok, tok->settings.cls, name, &tok->cls, err);
    }
    if (s == BERT_OK) {
        s = find_token(tok, tok->settings.sep, name, &tok->sep, err);
    }
    tok->mask =
        bert_tokenizer_id(tok, tok->settings.mask, strlen(tok->settings.mask));
    tok->pad =
        bert_tokenizer_id(tok, tok->settings.pad, strlen(tok->settings.pad));
    return s;
}

/* Tokens whose `normalized` is set are sought in their normalised form. */
static bert_status set_added(bert_tokenizer *tok, bert_error *err)
{
    const added_tokens *all = &tok->settings.added;
    bool                done = true;

    tok->raw.all = tok->normalized.all = all;
    for (size_t i = 0; done && i < all->count; i++) {
        added_token *token = &all->list[i];
        if (!token->normalized) {
            done = added_set_put(&tok->raw, token->content, token->size, i);
            continue;
        }
        bert_buffer pattern = {0};
        worker     *w = worker_take(tok);
        done = w != NULL &&
               worker_normalize(w, token->content, token->size, &pattern) &&
               added_set_put(&tok->normalized, pattern.data, pattern.size, i);
        if (done && pattern.size > 0) {
            token->decoded =
                tok->normalized.patterns[tok->normalized.count - 1];
        }
        if (w != NULL) {
            worker_give(w);
        }
        bert_buffer_free(&pattern);
    }
    return done ? BERT_OK : error_memory(err);
}

bert_status bert_tokenizer_load(bert_tokenizer **out, const char *folder,
                                const bert_tokenizer_options *options,
                                bert_error                   *err)
{
    static const bert_tokenizer_options defaults = {0};
    bert_tokenizer                     *tok = memory_new_zeroed(1, sizeof *tok);
    bert_status                         s = BERT_OK;

    if (options == NULL) {
        options = &defaults;
    }
    if (tok == NULL || (tok->pool = worker_pool_new()) == NULL) {
        s = error_memory(err);
    }
    if (s == BERT_OK) {
        s = settings_load(&tok->settings, &tok->vocab, folder, options, err);
    }
    if (s == BERT_OK) {
        const char *name = options->vocab != NULL ? options->vocab : folder;
        s = set_wordpiece(tok, name, err);
    }
    if (s == BERT_OK) {
        s = protect_new(&tok->protect, options->protect, options->protect_count,
                        err);
    }
    if (s == BERT_OK) {
        tok->literal = options->literal || options->google;
        stretch_bytes(tok->bytes);
        s = set_added(tok, err);
    }
    if (s != BERT_OK) {
        bert_tokenizer_free(tok);
        return s;
    }
    set_fingerprint(tok);
    *out = tok;
    return BERT_OK;
}

int32_t bert_tokenizer_size(const bert_tokenizer *tok)
{
    return (int32_t)tok->vocab.count;
}

const char *bert_tokenizer_token(const bert_tokenizer *tok, int32_t id,
                                 size_t *size)
{
    return vocab_token(&tok->vocab, id, size);
}

int32_t bert_tokenizer_cls(const bert_tokenizer *tok)
{
    return tok->cls;
}

int32_t bert_tokenizer_sep(const bert_tokenizer *tok)
{
    return tok->sep;
}

int32_t bert_tokenizer_unknown(const bert_tokenizer *tok)
{
    return tok->wordpiece.unknown;
}

int32_t bert_tokenizer_mask(const bert_tokenizer *tok)
{
    return tok->mask;
}

int32_t bert_tokenizer_pad(const bert_tokenizer *tok)
{
    return tok->pad;
}

const char *bert_tokenizer_fingerprint(const bert_tokenizer *tok)
{
    return tok->fingerprint;
}

/* One part of a side: check it, encode it, count its places in `unit`. */
static bert_status encode_part(worker *w, const bert_text *part, bert_unit unit,
                               bert_encoding *enc, bert_error *err)
{
    size_t before = enc->length;
    size_t plain = units_ascii(part->data, part->size);

    if (plain < part->size) {
        size_t good =
            plain + utf8_valid_prefix(part->data + plain, part->size - plain);
        if (good < part->size) {
            return error_set(err, BERT_BAD_INPUT, "not UTF-8 at byte %zu",
                             good + 1);
        }
    }
    bert_status s = worker_run(w, part->data, part->size, err);
    if (s == BERT_OK && !w->ids_only && plain < part->size &&
        unit != BERT_UNIT_BYTES) {
        units_convert(part->data, plain, unit, enc->spans + before,
                      enc->length - before);
    }
    return s;
}

static bert_status encode_side(worker *w, const bert_side *side,
                               const bert_encode_options *options,
                               bert_encoding *enc, bert_error *err)
{
    bert_status s = BERT_OK;

    w->words.enc = enc;
    w->ids_only = options->ids_only;
    w->words.next_word = 0;
    w->words.numbered = side->split;
    for (size_t i = 0; i < side->count && s == BERT_OK; i++) {
        if (side->split) {
            w->words.next_word = (int32_t)i;
        }
        s = encode_part(w, &side->parts[i], options->unit, enc, err);
    }
    return s;
}

/* One of the template's tokens, where they are wanted. */
static bool put_template(bert_encoding *enc, bool wanted, int32_t id,
                         bool *there)
{
    *there = wanted;
    return !wanted || encoding_push(enc, id, -1, 0, 0);
}

bert_status bert_tokenizer_encode(const bert_tokenizer *tok,
                                  const bert_side *text, const bert_side *pair,
                                  const bert_encode_options *options,
                                  bert_encoding *enc, bert_error *err)
{
    static const bert_encode_options defaults = {0};
    const bert_side                 *sides[2] = {text, pair};
    bert_status                      s = BERT_OK;

    if (options == NULL) {
        options = &defaults;
    }
    encoding_clear(enc);
    enc->pair = pair != NULL;
    enc->has_words = enc->has_spans = !options->ids_only;
    worker *w = worker_take(tok);
    if (w == NULL || !encoding_reserve(enc, 3) ||
        !put_template(enc, !options->no_special, tok->cls, &enc->cls)) {
        s = error_memory(err);
    }
    for (int k = 0; k <= (pair != NULL) && s == BERT_OK; k++) {
        size_t before = enc->length;
        s = encode_side(w, sides[k], options, enc, err);
        enc->text[k] = enc->length - before;
        if (s == BERT_OK &&
            !put_template(enc, !options->no_special, tok->sep, &enc->sep[k])) {
            s = error_memory(err);
        }
    }
    if (w != NULL) {
        worker_give(w);
    }
    if (s == BERT_OK) {
        encoding_mark(enc);
    } else {
        encoding_clear(enc);
    }
    return s;
}
