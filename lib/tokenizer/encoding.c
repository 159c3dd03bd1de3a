/*
 * encoding.c - the tokens of one text or pair: memory, and setting from records
 */
#include "tokenizer/encoding.h"

#include <string.h>

#include "base/memory.h"

bert_encoding *bert_encoding_new(void)
{
    return memory_new_zeroed(1, sizeof(bert_encoding));
}

void bert_encoding_free(bert_encoding *enc)
{
    if (enc != NULL) {
        memory_free(enc->ids);
        memory_free(enc->type_ids);
        memory_free(enc->words);
        memory_free(enc->spans);
        memory_free(enc->special);
        memory_free(enc);
    }
}

/* Where the second text begins; of a text alone, its end. */
static size_t second_of(const bert_encoding *enc)
{
    size_t second = (size_t)enc->cls + enc->text[0] + (size_t)enc->sep[0];

    return !enc->pair ? enc->length : enc->late ? 0 : second;
}

bert_tokens bert_encoding_tokens(const bert_encoding *enc)
{
    return (bert_tokens){
        .length = enc->length,
        .second = second_of(enc),
        .ids = enc->ids,
        .type_ids = enc->type_ids,
        .words = enc->has_words ? enc->words : NULL,
        .spans = enc->has_spans ? enc->spans : NULL,
        .special = enc->special,
    };
}

size_t bert_encoding_dropped(const bert_encoding *enc)
{
    return enc->dropped;
}

void encoding_clear(bert_encoding *enc)
{
    enc->length = 0;
    enc->has_words = enc->has_spans = true;
    enc->pair = enc->cls = enc->sep[0] = enc->sep[1] = enc->late = false;
    enc->own_types = false;
    enc->text[0] = enc->text[1] = enc->dropped = 0;
}

static bool resize(void **array, size_t count, size_t size)
{
    void *block = memory_resize(*array, count, size);

    if (block == NULL) {
        return false;
    }
    *array = block;
    return true;
}

bool encoding_reserve(bert_encoding *enc, size_t more)
{
    size_t count = enc->length + more;

    if (more > SIZE_MAX / 2 - enc->length) {
        return false;
    }
    if (count <= enc->capacity) {
        return true;
    }
    size_t grown = enc->capacity + enc->capacity / 2 + 64;
    count = count < grown ? grown : count;
    void *arrays[] = {enc->ids, enc->type_ids, enc->words, enc->spans,
                      enc->special};
    bool  done = resize(&arrays[0], count, sizeof(int32_t)) &&
                resize(&arrays[1], count, sizeof(int32_t)) &&
                resize(&arrays[2], count, sizeof(int32_t)) &&
                resize(&arrays[3], count, sizeof(bert_span)) &&
                resize(&arrays[4], count, sizeof(uint8_t));
    enc->ids = arrays[0];
    enc->type_ids = arrays[1];
    enc->words = arrays[2];
    enc->spans = arrays[3];
    enc->special = arrays[4];
    if (done) {
        enc->capacity = count;
    }
    return done;
}

static void set_types(int32_t *types, size_t count, int32_t value)
{
    for (size_t i = 0; i < count; i++) {
        types[i] = value;
    }
}

void encoding_mark(bert_encoding *enc)
{
    size_t first = (size_t)enc->cls + enc->text[0] + (size_t)enc->sep[0];

    if (enc->length == 0) {
        return;
    }
    memset(enc->special, 0, enc->length);
    if (!enc->own_types) {
        set_types(enc->type_ids, first, 0);
        set_types(enc->type_ids + first, enc->length - first, 1);
    }
    if (enc->cls) {
        enc->special[0] = 1;
        enc->type_ids[0] = enc->own_types ? enc->type_ids[0] : enc->late;
    }
    if (enc->sep[0]) {
        enc->special[first - 1] = 1;
    }
    if (enc->sep[1]) {
        enc->special[enc->length - 1] = 1;
    }
}

/* Where the second text begins: the length where there is none. Types that are
   not all 0, then all 1, are one text's own, and so are 1s alone where the
   caller knows of no second text. */
static size_t find_second(const bert_tokens *t, bool *own_types)
{
    size_t begin = t->length;

    *own_types = false;
    for (size_t i = 0; t->type_ids != NULL && i < t->length; i++) {
        int32_t type = t->type_ids[i];
        if (type == 1 && begin == t->length) {
            begin = i;
        }
        if (type != (i >= begin)) {
            *own_types = true;
            return t->length;
        }
    }
    if (begin == 0 && t->second == t->length) {
        *own_types = true;
        return t->length;
    }
    return begin;
}

/* Whether token i is the template's, at a place where `id` may stand. */
static bool is_template(const bert_tokens *t, size_t i, int32_t id)
{
    return t->special != NULL ? t->special[i] != 0 : t->ids[i] == id;
}

static bert_status check_special(const bert_encoding *enc, const bert_tokens *t,
                                 bert_error *err)
{
    for (size_t i = 0; t->special != NULL && i < t->length; i++) {
        if ((t->special[i] != 0) != (enc->special[i] != 0)) {
            return error_set(err, BERT_BAD_INPUT,
                             "special at token %zu, which is no place of the "
                             "template's",
                             i);
        }
    }
    return BERT_OK;
}

static void copy_tokens(bert_encoding *enc, const bert_tokens *t)
{
    enc->length = t->length;
    memcpy(enc->ids, t->ids, t->length * sizeof *t->ids);
    enc->has_words = t->words != NULL;
    enc->has_spans = t->spans != NULL;
    if (enc->own_types) {
        memcpy(enc->type_ids, t->type_ids, t->length * sizeof *t->type_ids);
    }
    if (enc->has_words) {
        memcpy(enc->words, t->words, t->length * sizeof *t->words);
    }
    if (enc->has_spans) {
        memcpy(enc->spans, t->spans, t->length * sizeof *t->spans);
    }
}

bert_status bert_encoding_set(bert_encoding *enc, const bert_tokens *tokens,
                              int32_t cls_id, int32_t sep_id, bert_error *err)
{
    if (tokens->length == 0) {
        return error_set(err, BERT_BAD_INPUT, "no tokens");
    }
    encoding_clear(enc);
    if (!encoding_reserve(enc, tokens->length)) {
        return error_memory(err);
    }
    size_t end = tokens->length, begin = 0;
    size_t second = find_second(tokens, &enc->own_types);
    copy_tokens(enc, tokens);
    enc->pair = second < end;
    enc->late = second == 0;
    if (is_template(tokens, 0, cls_id)) {
        enc->cls = true;
        begin = 1;
        second = second > 0 ? second : 1;
    }
    enc->sep[0] = second > begin && is_template(tokens, second - 1, sep_id);
    enc->sep[1] = end > second && is_template(tokens, end - 1, sep_id);
    enc->text[0] = second - begin - (size_t)enc->sep[0];
    enc->text[1] = end - second - (size_t)enc->sep[1];
    encoding_mark(enc);
    bert_status s = check_special(enc, tokens, err);
    if (s != BERT_OK) {
        encoding_clear(enc);
    }
    return s;
}

/* Append tokens [begin, length) of from. */
static void append(bert_encoding *to, const bert_encoding *from, size_t begin)
{
    size_t n = from->length - begin, at = to->length;

    if (n == 0) {
        return;
    }
    memcpy(to->ids + at, from->ids + begin, n * sizeof *to->ids);
    if (to->has_words) {
        memcpy(to->words + at, from->words + begin, n * sizeof *to->words);
    }
    if (to->has_spans) {
        memcpy(to->spans + at, from->spans + begin, n * sizeof *to->spans);
    }
    to->length = at + n;
}

bert_status bert_encoding_pair(const bert_encoding *first,
                               const bert_encoding *second, bert_encoding *out,
                               bert_error *err)
{
    if (first->pair || second->pair) {
        return error_set(err, BERT_BAD_INPUT, "a pair already");
    }
    if (first->own_types || second->own_types) {
        return error_set(err, BERT_BAD_INPUT,
                         "type_ids of its own, which a pair has not");
    }
    encoding_clear(out);
    if (first->length > SIZE_MAX - second->length ||
        !encoding_reserve(out, first->length + second->length)) {
        return error_memory(err);
    }
    out->has_words = first->has_words && second->has_words;
    out->has_spans = first->has_spans && second->has_spans;
    out->pair = true;
    out->cls = first->cls;
    out->sep[0] = first->sep[0];
    out->sep[1] = second->sep[0];
    out->text[0] = first->text[0];
    out->text[1] = second->text[0];
    append(out, first, 0);
    append(out, second, second->cls);
    encoding_mark(out);
    return BERT_OK;
}
