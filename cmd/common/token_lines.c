/*
 * token_lines.c - how wp-tokenize writes the tokens of a text
 *
 * ids, tokens and conll are printed straight into the slot; jsonl and tsv go
 * through the layout, as every tool's records do.
 */
#include "common/token_lines.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/report.h"

enum { NUMBER_LENGTH = 21 }; /* digits of 64 bits, and what follows */

static const struct {
    const char *name;
    bert_type   type;
} fields[FIELD_COUNT] = {
    [FIELD_TOKENS] = {"tokens", BERT_STRINGS},
    [FIELD_IDS] = {"ids", BERT_INTS},
    [FIELD_TYPE_IDS] = {"type_ids", BERT_INTS},
    [FIELD_OFFSETS] = {"offsets", BERT_SPANS},
    [FIELD_WORDS] = {"words", BERT_WORDS},
    [FIELD_SPECIAL] = {"special", BERT_INTS},
    [FIELD_VOCAB] = {"vocab", BERT_STRING},
};

bool token_fields_has(const token_fields *f, token_field field)
{
    for (size_t i = 0; i < f->count; i++) {
        if (f->field[i] == field) {
            return true;
        }
    }
    return false;
}

static void add_field(token_fields *f, token_field field)
{
    if (token_fields_has(f, field)) {
        usage_error("--fields: %s twice", fields[field].name);
    }
    f->field[f->count++] = field;
}

static void add_named(token_fields *f, const char *name, size_t size)
{
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (strlen(fields[i].name) == size &&
            memcmp(fields[i].name, name, size) == 0) {
            add_field(f, (token_field)i);
            return;
        }
    }
    usage_error("--fields: '%.*s' is not one of tokens, ids, type_ids, "
                "offsets, words, special, vocab",
                (int)size, name);
}

void token_fields_choose(token_fields *f, const char *list, bool pairs,
                         bert_unit unit, bool windows, bool cut)
{
    *f = (token_fields){.unit = unit, .chosen = list != NULL};
    if (list == NULL) {
        list = pairs ? "tokens,ids,type_ids,offsets,words,vocab"
                     : "tokens,ids,offsets,words,vocab";
    }
    for (;;) {
        size_t n = strcspn(list, ",");

        add_named(f, list, n);
        if (list[n] == '\0') {
            break;
        }
        list += n + 1;
    }
    for (size_t i = 0; i < f->count; i++) {
        f->names[i] = fields[f->field[i]].name;
        f->types[i] = fields[f->field[i]].type;
    }
    static const char *const more[] = {"offset_unit", "window", "truncated"};
    static const bert_type   types[] = {BERT_STRING, BERT_INTS, BERT_TRUE};
    f->extra[EXTRA_OFFSET_UNIT] =
        unit != BERT_UNIT_CHARS && token_fields_has(f, FIELD_OFFSETS);
    f->extra[EXTRA_WINDOW] = windows;
    f->extra[EXTRA_TRUNCATED] = cut;
    f->results = f->count;
    for (size_t i = 0; i < TOKEN_EXTRAS; i++) {
        if (f->extra[i]) {
            f->names[f->results] = more[i];
            f->types[f->results++] = types[i];
        }
    }
}

void token_scratch_free(token_scratch *scratch)
{
    free(scratch->texts);
    free(scratch->ints);
    *scratch = (token_scratch){0};
}

static bert_text token_text(const token_line *line, size_t i)
{
    bert_text text;

    text.data =
        bert_tokenizer_token(line->tokenizer, line->tokens.ids[i], &text.size);
    if (text.data == NULL) {
        text = (bert_text){"", 0};
    }
    return text;
}

/* ---- jsonl and tsv ---- */

static bool tokens_value(const token_line *line, token_scratch *scratch,
                         bert_value *value)
{
    void *texts = scratch->texts;

    if (!grow_array(&texts, &scratch->texts_capacity, line->tokens.length,
                    sizeof *scratch->texts)) {
        return false;
    }
    scratch->texts = texts;
    for (size_t i = 0; i < line->tokens.length; i++) {
        scratch->texts[i] = token_text(line, i);
    }
    value->as.texts = scratch->texts;
    return true;
}

static bool special_value(const token_line *line, token_scratch *scratch,
                          bert_value *value)
{
    void *ints = scratch->ints;

    if (!grow_array(&ints, &scratch->ints_capacity, line->tokens.length,
                    sizeof *scratch->ints)) {
        return false;
    }
    scratch->ints = ints;
    for (size_t i = 0; i < line->tokens.length; i++) {
        scratch->ints[i] = line->tokens.special[i];
    }
    value->as.ints = scratch->ints;
    return true;
}

static bert_value text_value(const char *text)
{
    bert_value value = {.type = BERT_STRING, .count = 1};

    value.as.text = (bert_text){text, strlen(text)};
    return value;
}

static bool field_value(const token_line *line, const token_fields *f,
                        token_field field, token_scratch *scratch,
                        bert_value *value)
{
    const bert_tokens *t = &line->tokens;

    *value = (bert_value){.type = fields[field].type, .count = t->length};
    switch (field) {
    case FIELD_TOKENS:
        return tokens_value(line, scratch, value);
    case FIELD_IDS:
        value->as.ints = t->ids;
        return true;
    case FIELD_TYPE_IDS:
        value->as.ints = t->type_ids;
        /* By default pairs alone have them. */
        if (!f->chosen && !line->pair) {
            value->type = BERT_ABSENT;
        }
        return true;
    case FIELD_OFFSETS:
        value->as.spans = t->spans;
        return true;
    case FIELD_WORDS:
        value->as.ints = t->words;
        return true;
    case FIELD_SPECIAL:
        return special_value(line, scratch, value);
    case FIELD_VOCAB:
        *value = text_value(bert_tokenizer_fingerprint(line->tokenizer));
        return true;
    case FIELD_COUNT:
        break;
    }
    return false;
}

bool token_line_record(const token_line *line, const token_fields *f,
                       const bert_layout *layout, token_scratch *scratch,
                       slot *s)
{
    bert_value results[TOKEN_RESULTS] = {{0}};
    bert_error err;

    for (size_t i = 0; i < f->count; i++) {
        if (!field_value(line, f, f->field[i], scratch, &results[i])) {
            return slot_no_memory(s);
        }
    }
    bert_value *more = results + f->count;
    if (f->extra[EXTRA_OFFSET_UNIT]) {
        *more++ = text_value(f->unit == BERT_UNIT_BYTES ? "bytes" : "utf16");
    }
    if (f->extra[EXTRA_WINDOW]) {
        *more = (bert_value){.count = 2};
        more->type = line->window[1] > 0 ? BERT_INTS : BERT_ABSENT;
        more->as.ints = line->window;
        more++;
    }
    if (f->extra[EXTRA_TRUNCATED]) {
        more->type = line->truncated ? BERT_TRUE : BERT_ABSENT;
    }
    if (bert_layout_put(layout, s->record, results, &s->out, &s->clashed,
                        &err) != BERT_OK) {
        slot_fail(s, &err);
        return false;
    }
    return true;
}

/* ---- plain lines ---- */

static char *print_number(char *p, size_t number)
{
    char  digits[NUMBER_LENGTH];
    char *first = digits + sizeof digits;

    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    size_t n = (size_t)(digits + sizeof digits - first);
    memcpy(p, first, n);
    return p + n;
}

bool put_number(slot *s, size_t number, char end)
{
    if (!bert_buffer_reserve(&s->out, NUMBER_LENGTH)) {
        return slot_no_memory(s);
    }
    char *start = s->out.data + s->out.size;
    char *p = print_number(start, number);
    *p++ = end;
    s->out.size += (size_t)(p - start);
    return true;
}

bool token_line_ids(const token_line *line, slot *s)
{
    size_t n = line->tokens.length;

    if (n > SIZE_MAX / NUMBER_LENGTH - 1 ||
        !bert_buffer_reserve(&s->out, (n + 1) * (size_t)12)) {
        return slot_no_memory(s);
    }
    char *start = s->out.data + s->out.size, *p = start;
    for (size_t i = 0; i < n; i++) {
        p = print_number(p, (size_t)line->tokens.ids[i]);
        *p++ = ' ';
    }
    p -= n > 0;
    *p++ = '\n';
    s->out.size += (size_t)(p - start);
    return true;
}

/* A token with what follows it. White space inside (an added token's) would
   break the line, so it is written as in TSV. */
static bool put_token(slot *s, bert_text text, char end)
{
    if (!bert_buffer_reserve(&s->out, 2 * text.size + 1)) {
        return slot_no_memory(s);
    }
    char *p = s->out.data + s->out.size;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];

        if (c == '\t' || c == '\n' || c == '\r') {
            *p++ = '\\';
            c = c == '\t' ? 't' : c == '\n' ? 'n' : 'r';
        }
        *p++ = c;
    }
    *p++ = end;
    s->out.size = (size_t)(p - s->out.data);
    return true;
}

bool token_line_tokens(const token_line *line, slot *s)
{
    size_t n = line->tokens.length;

    for (size_t i = 0; i < n; i++) {
        if (!put_token(s, token_text(line, i), i + 1 < n ? ' ' : '\n')) {
            return false;
        }
    }
    return n > 0 || put_token(s, (bert_text){"", 0}, '\n');
}

bool token_line_conll(const token_line *line, slot *s)
{
    const bert_tokens *t = &line->tokens;

    for (size_t i = 0; i < t->length; i++) {
        bool word = t->words != NULL && t->words[i] >= 0;

        if (!put_token(s, token_text(line, i), '\t') ||
            !put_number(s, (size_t)t->ids[i], '\t') ||
            !put_number(s, t->spans[i].begin, '\t') ||
            !put_number(s, t->spans[i].end, '\t') ||
            !(word ? put_number(s, (size_t)t->words[i], '\n')
                   : put_token(s, (bert_text){"-", 1}, '\n'))) {
            return false;
        }
    }
    return put_token(s, (bert_text){"", 0}, '\n');
}
