/*
 * tokenize.c - the work of wp-tokenize on a batch
 */
#include "common/tokenize.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/report.h"
#include "common/shared.h"

enum { CHUNK = 16 }; /* records a piece of work */

static bool put_line(tokenize *t, slot *s, const token_line *line,
                     tokenize_member *m)
{
    switch (t->format) {
    case AS_COUNT:
        return put_number(s, line->tokens.length, '\n');
    case AS_IDS:
        return token_line_ids(line, s);
    case AS_TOKENS:
        return token_line_tokens(line, s);
    case AS_CONLL:
        return token_line_conll(line, s);
    default:
        return token_line_record(line, &t->fields, t->layout, &m->line, s);
    }
}

/* One line a window, in the library's order (Hugging Face's overflow). */
static void put_windows(tokenize *t, slot *s, token_line *line,
                        tokenize_member *m)
{
    bert_error      err;
    size_t          count = 0;
    window_scratch *w = &m->scratch.windows;
    bert_status     status =
        bert_encoding_windows(m->text.encoding, &t->fitting.fit, &count, &err);

    if (status == BERT_OK && w->window == NULL) {
        w->window = bert_encoding_new();
        if (w->window == NULL) {
            err = (bert_error){BERT_NO_MEMORY, "out of memory"};
            status = err.status;
        }
    }
    for (size_t k = 0; k < count && status == BERT_OK; k++) {
        status = bert_encoding_window(m->text.encoding, &t->fitting.fit, k,
                                      w->window, &err);
        if (status == BERT_OK) {
            line->tokens = bert_encoding_tokens(w->window);
            line->window[0] = (int32_t)k + 1;
            line->window[1] = (int32_t)count;
            if (!put_line(t, s, line, m)) {
                return;
            }
            s->tokens += line->tokens.length;
        }
    }
    if (status != BERT_OK) {
        slot_fail(s, &err);
    }
}

static void tokenize_record(tokenize *t, slot *s, tokenize_member *m)
{
    bert_value text, pair;
    bert_side  first, second;
    bert_error err;

    if (!record_side(s->record, BERT_M_TEXT, &text, &first)) {
        slot_bad(s, "no \"text\"");
        return;
    }
    bool has_pair = record_side(s->record, BERT_M_PAIR, &pair, &second);
    if (shared.pair && !has_pair) {
        slot_bad(s, "no \"pair\"");
        return;
    }
    if (bert_tokenizer_encode(t->tokenizer, &first, has_pair ? &second : NULL,
                              &t->encode, m->text.encoding, &err) != BERT_OK) {
        slot_fail(s, &err);
        return;
    }
    token_line line = {.tokenizer = t->tokenizer, .pair = has_pair};
    if (t->fitting.limited && t->fitting.mode == LONG_WINDOW) {
        put_windows(t, s, &line, m);
        return;
    }
    m->text.truncated = false;
    if (!prepare_fit(&t->fitting, s, &m->text, &m->scratch.windows)) {
        return;
    }
    line.tokens = bert_encoding_tokens(m->text.encoding);
    line.truncated = s->cut = m->text.truncated;
    s->tokens = line.tokens.length;
    put_line(t, s, &line, m);
}

static void decode_record(tokenize *t, slot *s, tokenize_member *m)
{
    bert_value   ids = bert_record_value(s->record, BERT_M_IDS);
    bert_value   result = {.type = BERT_STRING, .count = 1};
    bert_error   err;
    bool         plain = t->format == AS_TEXT;
    char         end = t->null_ended ? '\0' : '\n';
    bert_buffer *out = plain ? &s->out : &m->decoded;

    if (ids.type != BERT_INTS) {
        slot_bad(s, "no \"ids\"");
        return;
    }
    if (t->name != NULL && !prepare_check_vocab(t->tokenizer, t->name, s)) {
        return;
    }
    out->size = 0;
    bert_status status = bert_tokenizer_decode(
        t->tokenizer, ids.as.ints, ids.count, t->skip_special, out, &err);
    if (status == BERT_OK && plain &&
        memchr(out->data != NULL ? out->data : "", end, out->size) != NULL) {
        slot_bad(s, "the text holds the character that ends a line "
                    "(--format jsonl can hold it)");
        return;
    }
    if (status == BERT_OK && plain && !bert_buffer_put(out, &end, 1)) {
        err = (bert_error){BERT_NO_MEMORY, "out of memory"};
        status = err.status;
    }
    if (status == BERT_OK && !plain) {
        result.as.text = (bert_text){out->data, out->size};
        status = bert_layout_put(t->layout, s->record, &result, &s->out,
                                 &s->clashed, &err);
    }
    if (status != BERT_OK) {
        slot_fail(s, &err);
    }
    s->tokens = ids.count;
}

/* bert_work: records [i * chunk, (i + 1) * chunk) of the batch. */
static void work_chunk(void *context, size_t i, size_t who)
{
    tokenize *t = context;
    size_t    end = (i + 1) * t->chunk;

    for (size_t k = i * t->chunk; k < end && k < t->count; k++) {
        slot *s = &t->slots[k];

        if (s->state != SLOT_GOOD) {
            continue;
        }
        if (t->decode) {
            decode_record(t, s, &t->members[who]);
        } else {
            tokenize_record(t, s, &t->members[who]);
        }
    }
}

void tokenize_work(tokenize *t, slot *slots, size_t count)
{
    size_t share = count / (4 * bert_team_size(t->team)) + 1;

    t->slots = slots;
    t->count = count;
    t->chunk = share < CHUNK ? share : CHUNK;
    bert_team_run(t->team, (count + t->chunk - 1) / t->chunk, work_chunk, t);
}

void tokenize_start(tokenize *t)
{
    size_t size = bert_team_size(t->team);

    t->members = alloc_zeroed(size, sizeof *t->members);
    for (size_t i = 0; i < size; i++) {
        t->members[i].text.encoding = bert_encoding_new();
        if (t->members[i].text.encoding == NULL) {
            stop_error("out of memory");
        }
    }
}

void tokenize_free(tokenize *t)
{
    for (size_t i = 0; i < bert_team_size(t->team); i++) {
        prepared_free(&t->members[i].text);
        prepare_scratch_free(&t->members[i].scratch);
        token_scratch_free(&t->members[i].line);
        bert_buffer_free(&t->members[i].decoded);
    }
    free(t->members);
}
