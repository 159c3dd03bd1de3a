/*
 * embed_write.c - vectors to the bytes of a record's output
 *
 * f32 and npy are the floats as they lie in memory: the machines this builds
 * for are little-endian, as both formats are.
 */
#include "common/embed_write.h"

#include <string.h>

#include "common/report.h"

size_t embed_columns(const embedding *e)
{
    return e->quantize == EMBED_BINARY ? (e->width + 7) / 8 : e->width;
}

size_t embed_results(const embedding *e, const char **names, bert_type *types)
{
    size_t n = 0;

    switch (e->mode) {
    case EMBED_SIMILARITY:
        names[n] = "similarity", types[n++] = BERT_FLOAT;
        break;
    case EMBED_TEXT:
        names[n] = "embedding";
        types[n++] = e->quantize == EMBED_INT8     ? BERT_BYTES
                     : e->quantize == EMBED_BINARY ? BERT_BITS
                                                   : BERT_FLOATS;
        if (e->quantize == EMBED_INT8) {
            names[n] = "scale", types[n++] = BERT_FLOAT;
        }
        break;
    default: /* in the order of embed_write_rows() */
        names[n] = e->mode == EMBED_TOKEN ? "tokens" : "words";
        types[n++] = e->mode == EMBED_TOKEN ? BERT_STRINGS : BERT_INTS;
        names[n] = "offsets", types[n++] = BERT_SPANS;
        names[n] = "type_ids", types[n++] = BERT_INTS;
        names[n] = "embedding", types[n++] = BERT_MATRIX;
    }
    names[n] = "truncated", types[n++] = BERT_TRUE;
    return n;
}

static void put_raw(slot *s, const void *bytes, size_t size)
{
    if (!bert_buffer_put(&s->out, bytes, size)) {
        slot_no_memory(s);
    }
}

/* One line: the results, and truncated where it was, after them. */
static void put_record(embedding *e, slot *s, bert_value *results, size_t count)
{
    bert_error err;

    results[count].type = s->cut ? BERT_TRUE : BERT_ABSENT;
    if (bert_layout_put(e->layout, s->record, results, &s->out, &s->clashed,
                        &err) != BERT_OK) {
        slot_fail(s, &err);
    }
}

void embed_write_vector(embedding *e, embed_member *m, slot *s)
{
    bert_value results[EMBED_RESULTS] = {{0}};
    size_t     columns = embed_columns(e), count = 1;
    bool       raw = e->format == EMBED_NPY || e->format == EMBED_F32;

    results[0] = (bert_value){.type = BERT_FLOATS, .count = columns};
    results[0].as.floats = m->vector;
    if (e->quantize == EMBED_BINARY) {
        vector_to_bits(m->vector, e->width, m->bytes);
        results[0].type = BERT_BITS;
        results[0].as.bytes = m->bytes;
    } else if (e->quantize == EMBED_INT8) {
        int8_t *numbers = (int8_t *)m->bytes;

        results[1].type = BERT_FLOAT;
        results[1].as.number = vector_to_int8(m->vector, e->width, numbers);
        results[0].type = BERT_BYTES;
        results[0].as.sbytes = numbers;
        count = 2;
    }
    if (!raw) {
        put_record(e, s, results, count);
    } else if (e->quantize == EMBED_BINARY) {
        put_raw(s, m->bytes, columns);
    } else {
        put_raw(s, m->vector, columns * sizeof *m->vector);
    }
}

void embed_write_similarity(embedding *e, slot *s, float value)
{
    bert_value results[EMBED_RESULTS] = {{0}};

    results[0].type = BERT_FLOAT;
    results[0].as.number = value;
    put_record(e, s, results, 1);
}

/* Vectors cut to their first numbers, of length 1 where asked for. */
static bool finish_rows(const embedding *e, token_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        float *to = rows->values + i * e->width;

        memmove(to, rows->values + i * rows->width, e->width * sizeof *to);
        if (e->normalize) {
            vector_normalize(to, e->width);
        }
        if (!vector_is_finite(to, e->width)) {
            return false;
        }
    }
    rows->width = e->width;
    return true;
}

/* Where a row stands in the text: its first token's start to its last one's
   end, without the prompt before it. */
static bert_span row_span(size_t prompt, const bert_tokens *tokens,
                          const token_rows *rows, size_t i)
{
    bert_span span = {tokens->spans[rows->tokens[i]].begin,
                      tokens->spans[rows->lasts[i]].end};

    if (rows->tokens[i] < tokens->second && !tokens->special[rows->tokens[i]]) {
        span.begin = span.begin < prompt ? 0 : span.begin - prompt;
        span.end = span.end < prompt ? 0 : span.end - prompt;
    }
    return span;
}

/* The number of a row's word in its text, the prompt's words before it not
   counted. */
static int32_t row_word(const embedding *e, const bert_tokens *tokens,
                        size_t token)
{
    int32_t before = 0;

    if (e->prompt_length > 0 && token < tokens->second &&
        e->prompt_length < tokens->length) {
        before = tokens->words[e->prompt_length];
    }
    return tokens->words[token] - (before < 0 ? 0 : before);
}

/* What row i is of, where it stands and in which text. */
static void fill_row(const embedding *e, size_t prompt,
                     const bert_tokens *tokens, token_rows *rows, size_t i)
{
    size_t token = rows->tokens[i];

    if (e->mode == EMBED_TOKEN) {
        bert_text *text = &rows->texts[i];

        text->data = bert_tokenizer_token(e->t.prepare.tokenizer,
                                          tokens->ids[token], &text->size);
        if (text->data == NULL) {
            *text = (bert_text){"", 0};
        }
    } else {
        rows->ints[0][i] = row_word(e, tokens, token);
    }
    if (tokens->spans != NULL) {
        rows->spans[i] = row_span(prompt, tokens, rows, i);
    }
    rows->ints[1][i] = tokens->type_ids[token];
}

static void fill_results(const embedding *e, const bert_record *record,
                         const bert_tokens *tokens, token_rows *rows,
                         bert_value *results)
{
    bool   pair = false;
    size_t n = rows->count;
    size_t prompt = e->prompt_size[record_unit(record)];

    for (size_t i = 0; i < n; i++) {
        fill_row(e, prompt, tokens, rows, i);
    }
    for (size_t i = 0; i < tokens->length; i++) {
        pair |= tokens->type_ids[i] != 0;
    }
    for (size_t i = 0; i < 4; i++) {
        results[i].count = n;
    }
    if (e->mode == EMBED_TOKEN) {
        results[0].type = BERT_STRINGS;
        results[0].as.texts = rows->texts;
    } else {
        results[0].type = BERT_INTS;
        results[0].as.ints = rows->ints[0];
    }
    results[1].type = tokens->spans != NULL ? BERT_SPANS : BERT_ABSENT;
    results[1].as.spans = rows->spans;
    results[2].type = pair ? BERT_INTS : BERT_ABSENT;
    results[2].as.ints = rows->ints[1];
    results[3].type = BERT_MATRIX;
    results[3].columns = e->width;
    results[3].as.floats = rows->values;
}

void embed_write_rows(embedding *e, embed_member *m, slot *s,
                      const prepared *text)
{
    bert_value  results[EMBED_RESULTS] = {{0}};
    bert_tokens tokens = bert_encoding_tokens(text->encoding);
    token_rows *rows = &m->rows;

    if (e->mode == EMBED_WORD && tokens.words == NULL) {
        slot_bad(s, "no \"words\": which tokens are a word is not known");
        return;
    }
    if (e->mode == EMBED_WORD) {
        token_rows_to_words(rows, &tokens);
    }
    if (!finish_rows(e, rows)) {
        slot_bad(s, "a vector that is not finite");
        return;
    }
    if (e->format == EMBED_F32) {
        put_raw(s, rows->values, rows->count * e->width * sizeof(float));
        return;
    }
    if (!token_rows_room(rows)) {
        slot_no_memory(s);
        return;
    }
    fill_results(e, s->record, &tokens, rows, results);
    put_record(e, s, results, 4);
}
