/*
 * members.c - the values of known members of a JSON line
 *
 * jsonl_scan() has checked the grammar; here are the types. Reading stops with
 * the first value that is not what bert-stream(5) says.
 */
#include "io/jsonl.h"

#include <string.h>

#include "base/memory.h"
#include "io/json_bytes.h"

/* Where a value is being read. */
typedef struct cursor {
    const char *p, *end;
    const char *name; /* of the member, for messages */
} cursor;

static void skip_space(cursor *c)
{
    while (c->p < c->end &&
           (*c->p == ' ' || *c->p == '\t' || *c->p == '\n' || *c->p == '\r')) {
        c->p++;
    }
}

/* Step over '[' and space; *empty says that ']' followed and is passed too.
   false: no array. */
static bool open_array(cursor *c, bool *empty)
{
    if (c->p == c->end || *c->p != '[') {
        return false;
    }
    c->p++;
    skip_space(c);
    *empty = *c->p == ']';
    c->p += *empty;
    return true;
}

/* After an item: true where another follows, its first byte next. */
static bool next_item(cursor *c)
{
    skip_space(c);
    bool more = *c->p == ',';
    c->p++;
    skip_space(c);
    return more;
}

static bert_status wrong_type(const cursor *c, const char *wanted,
                              bert_error *err)
{
    return error_set(err, BERT_BAD_INPUT, "%s is not %s", c->name, wanted);
}

/* The string at c: lent from the line where nothing is escaped. */
static bert_status read_string(bert_record *record, cursor *c, bert_text *out,
                               bert_error *err)
{
    const char *text = ++c->p;
    bool        escaped = false;

    for (;;) { /* sound: no control stops it */
        c->p = json_plain_end(c->p, c->end);
        if (*c->p == '"') {
            break;
        }
        escaped = true;
        c->p += 2;
    }
    *out = (bert_text){.data = text, .size = (size_t)(c->p - text)};
    c->p++;
    if (!escaped) {
        return BERT_OK;
    }
    if (!record_need_scratch(record)) {
        return error_memory(err);
    }
    char *plain = record->scratch.data + record->scratch.size;
    if (!jsonl_unescape(text, out->size, plain, &out->size)) {
        return error_set(err, BERT_BAD_INPUT, "%s: a lone surrogate", c->name);
    }
    out->data = plain;
    record->scratch.size += out->size;
    return BERT_OK;
}

static bert_status read_strings(bert_record *record, bert_member member,
                                cursor *c, bert_error *err)
{
    bool      empty;
    bert_text text;

    if (!open_array(c, &empty)) {
        return wrong_type(c,
                          member == BERT_M_TOKENS
                              ? "an array of strings"
                              : "a string or an array of strings",
                          err);
    }
    record_begin(record, member, BERT_STRINGS);
    if (!empty) {
        do {
            if (*c->p != '"') {
                return wrong_type(c, "an array of strings", err);
            }
            bert_status s = read_string(record, c, &text, err);
            if (s != BERT_OK) {
                return s;
            }
            if (!record_add_text(record, text)) {
                return error_memory(err);
            }
        } while (next_item(c));
    }
    record_end(record, member);
    return BERT_OK;
}

/* An integer of at most 18 digits, without fraction or exponent. */
static bool read_integer(cursor *c, int64_t *out)
{
    bool    minus = *c->p == '-';
    int64_t number = 0;
    int     digits = 0;

    c->p += minus;
    while (*c->p >= '0' && *c->p <= '9') {
        if (++digits > 18) {
            return false;
        }
        number = number * 10 + (*c->p++ - '0');
    }
    *out = minus ? -number : number;
    return digits > 0 && *c->p != '.' && *c->p != 'e' && *c->p != 'E';
}

static bert_status read_ints(bert_record *record, bert_member member, cursor *c,
                             bert_error *err)
{
    bool        words = member == BERT_M_WORDS, empty;
    const char *wanted = words ? "an array of 32-bit integers and null"
                               : "an array of 32-bit integers";

    if (!open_array(c, &empty)) {
        return wrong_type(c, wanted, err);
    }
    record_begin(record, member, words ? BERT_WORDS : BERT_INTS);
    if (!empty) {
        do {
            int64_t number = -1;
            if (words && *c->p == 'n') {
                c->p += 4;
            } else if (!read_integer(c, &number) || number > INT32_MAX ||
                       number < (words ? 0 : INT32_MIN)) {
                return wrong_type(c, wanted, err);
            }
            if (!record_add_int(record, (int32_t)number)) {
                return error_memory(err);
            }
        } while (next_item(c));
    }
    record_end(record, member);
    return BERT_OK;
}

static bert_status read_spans(bert_record *record, cursor *c, bert_error *err)
{
    static const char wanted[] = "an array of [start,end]";
    bool              empty;

    if (!open_array(c, &empty)) {
        return wrong_type(c, wanted, err);
    }
    record_begin(record, BERT_M_OFFSETS, BERT_SPANS);
    if (!empty) {
        do {
            int64_t begin, end;
            bool    nothing;
            if (!open_array(c, &nothing) || nothing ||
                !read_integer(c, &begin) || begin < 0 || !next_item(c) ||
                !read_integer(c, &end) || end < 0 || next_item(c)) {
                return wrong_type(c, wanted, err);
            }
            bert_span span = {.begin = (size_t)begin, .end = (size_t)end};
            if (!record_add_span(record, span)) {
                return error_memory(err);
            }
        } while (next_item(c));
    }
    record_end(record, BERT_M_OFFSETS);
    return BERT_OK;
}

static bert_status read_text(bert_record *record, bert_member member, cursor *c,
                             bert_error *err)
{
    bert_value *value = &record->values[member];
    bool        split = member == BERT_M_TEXT || member == BERT_M_PAIR;

    if (*c->p == '"') {
        bert_status s = read_string(record, c, &value->as.text, err);
        if (s == BERT_OK) {
            value->type = BERT_STRING;
        }
        return s;
    }
    return split ? read_strings(record, member, c, err)
                 : wrong_type(c, "a string", err);
}

static bert_status read_truncated(bert_record *record, cursor *c,
                                  bert_error *err)
{
    if (*c->p != 't' && *c->p != 'f') {
        return wrong_type(c, "true", err);
    }
    if (*c->p == 't') {
        record->values[BERT_M_TRUNCATED].type = BERT_TRUE;
    }
    return BERT_OK;
}

static bert_status read_value(bert_record *record, bert_member member,
                              cursor *c, bert_error *err)
{
    switch (member) {
    case BERT_M_TEXT:
    case BERT_M_PAIR:
    case BERT_M_QUESTION:
    case BERT_M_CONTEXT:
    case BERT_M_VOCAB:
    case BERT_M_OFFSET_UNIT:
        return read_text(record, member, c, err);
    case BERT_M_TOKENS:
        return read_strings(record, member, c, err);
    case BERT_M_IDS:
    case BERT_M_TYPE_IDS:
    case BERT_M_WORDS:
    case BERT_M_SPECIAL:
    case BERT_M_WINDOW:
        return read_ints(record, member, c, err);
    case BERT_M_OFFSETS:
        return read_spans(record, c, err);
    case BERT_M_TRUNCATED:
        return read_truncated(record, c, err);
    default: /* BERT_M_ERROR */
        record->values[member] = (bert_value){
            .type = BERT_JSON,
            .as.text = {.data = c->p, .size = (size_t)(c->end - c->p)}};
        return BERT_OK;
    }
}

bert_status jsonl_read_member(bert_record *record, const record_slot *slot,
                              bert_error *err)
{
    bert_member member = (bert_member)slot->member;
    const char *value = record->line.data + slot->value;
    cursor      c = {.p = value,
                     .end = value + slot->value_size,
                     .name = record_member_name(member)};

    if (*c.p == 'n') { /* null: absent */
        return BERT_OK;
    }
    bert_status s = read_value(record, member, &c, err);
    if (s != BERT_OK) {
        record->values[member] = (bert_value){0};
    }
    return s;
}
