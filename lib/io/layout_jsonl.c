/*
 * layout_jsonl.c - a record and its results as one line of JSON
 *
 * Members of a JSONL input are copied byte for byte; those of text and TSV are
 * made into JSON.
 */
#include "io/layout.h"

#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "io/tsv.h"
#include "io/value.h"

/* A line under construction. */
typedef struct line {
    const bert_layout *layout;
    const bert_record *record;
    const bert_value  *results; /* NULL: an error is put */
    const char        *message; /* the error, or NULL */
    bert_buffer       *out;
    bool               empty;
    bert_text          clashed; /* a member's name; size 0: none did */
    bert_error        *err;
} line;

static bool put_comma(line *l)
{
    bool first = l->empty;

    l->empty = false;
    return first || buffer_put_char(l->out, ',');
}

/* ,"name": */
static bool put_name(line *l, const char *name, size_t size)
{
    return put_comma(l) && value_put_string(name, size, l->out) &&
           buffer_put_char(l->out, ':');
}

/* Is an input member written? */
static bool is_kept(line *l, int member, const member_name *name)
{
    if (l->results != NULL) {
        layout_fate fate = layout_decide(l->layout, member, name, l->results);
        if (fate == LAYOUT_CLASH && l->clashed.size == 0) {
            l->clashed = name->text;
        }
        return fate == LAYOUT_KEEP && !layout_is_none(l->record, member);
    }
    if (member == BERT_M_ERROR) {
        return l->message == NULL;
    }
    /* A failed record keeps all, tokens too, to be run again. */
    bool number = l->layout->options.number && layout_name_is(name, "n", 1);
    return !number && layout_is_listed(l->layout, name);
}

static bool put_slot_jsonl(line *l, const record_slot *slot)
{
    const char *bytes = l->record->line.data;
    member_name name = {.text = {bytes + slot->name, slot->name_size},
                        .json = true};

    if (!is_kept(l, slot->member, &name)) {
        return true;
    }
    /* The name with its quotes, a colon, the value. */
    bert_buffer *out = l->out;
    size_t       quoted = (size_t)slot->name_size + 2;
    if (!buffer_reserve(out, quoted + slot->value_size + 2)) {
        return false;
    }
    return put_comma(l) && buffer_put(out, name.text.data - 1, quoted) &&
           buffer_put_char(out, ':') &&
           buffer_put(out, bytes + slot->value, slot->value_size);
}

/* A field of TSV that is not parsed: a string. */
static bert_status put_field_string(line *l, const bert_text *name,
                                    const char *field, size_t size)
{
    char *plain = memory_new(size, 1);
    bool  done =
        plain != NULL && put_name(l, name->data, name->size) &&
        value_put_string(plain, tsv_unescape(field, size, plain), l->out);

    memory_free(plain);
    return done ? BERT_OK : error_memory(l->err);
}

static bert_status put_slot_tsv(line *l, size_t i)
{
    const record_slot *slot = &l->record->slots[i];
    member_name        name = {.text = l->record->columns[i]};
    const bert_text   *text = &name.text;
    const bert_value  *value = NULL;

    if (slot->member != RECORD_USER) {
        value = &l->record->values[slot->member];
    }
    bool parsed = value != NULL && value->type != BERT_ABSENT;
    if ((!parsed && slot->value_size == 0) ||
        !is_kept(l, slot->member, &name)) {
        return BERT_OK;
    }
    if (!parsed) {
        return put_field_string(l, text, l->record->line.data + slot->value,
                                slot->value_size);
    }
    return put_name(l, text->data, text->size)
               ? bert_value_put(value, 0, l->out, l->err)
               : error_memory(l->err);
}

/* What a text line has become. */
static bert_status put_text_members(line *l)
{
    static const bert_member members[] = {BERT_M_TEXT, BERT_M_PAIR, BERT_M_IDS};

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const bert_value *value = &l->record->values[members[i]];
        const char       *text = record_member_name(members[i]);
        member_name       name = {.text = {text, strlen(text)}};
        if (value->type == BERT_ABSENT || !is_kept(l, (int)members[i], &name)) {
            continue;
        }
        if (!put_name(l, text, name.text.size)) {
            return error_memory(l->err);
        }
        bert_status s = bert_value_put(value, 0, l->out, l->err);
        if (s != BERT_OK) {
            return s;
        }
    }
    return BERT_OK;
}

static bert_status put_members(line *l)
{
    const bert_record *record = l->record;
    bert_status        s = BERT_OK;

    if (record->format == BERT_LINES) {
        return put_text_members(l);
    }
    for (size_t i = 0; i < record->slot_count && s == BERT_OK; i++) {
        if (record->format == BERT_TSV) {
            s = put_slot_tsv(l, i);
        } else if (!put_slot_jsonl(l, &record->slots[i])) {
            s = error_memory(l->err);
        }
    }
    return s;
}

static bert_status put_result(line *l, size_t i)
{
    const bert_text *name = &l->layout->results.names[i];

    if (l->results[i].type == BERT_ABSENT) {
        return BERT_OK;
    }
    if (!put_name(l, name->data, name->size)) {
        return error_memory(l->err);
    }
    return bert_value_put(&l->results[i], l->layout->options.digits, l->out,
                          l->err);
}

/* The results under `as`: an object, or the value of the only one. */
static bert_status put_under(line *l)
{
    const bert_layout *layout = l->layout;
    const char        *as = layout->as;
    bool               any = false;
    bert_status        s = BERT_OK;

    for (size_t i = 0; i < layout->results.count && s == BERT_OK; i++) {
        if (layout_is_truncated(layout, i) ||
            l->results[i].type == BERT_ABSENT) {
            continue;
        }
        if (!any && (!put_name(l, as, strlen(as)) ||
                     (layout->as_object && !buffer_put_char(l->out, '{')))) {
            return error_memory(l->err);
        }
        l->empty |= !any && layout->as_object;
        any = true;
        s = layout->as_object
                ? put_result(l, i)
                : bert_value_put(&l->results[i], layout->options.digits, l->out,
                                 l->err);
    }
    if (s == BERT_OK && any && layout->as_object &&
        !buffer_put_char(l->out, '}')) {
        return error_memory(l->err);
    }
    return s;
}

static bert_status put_results(line *l)
{
    const bert_layout *layout = l->layout;
    bert_status        s = layout->as != NULL ? put_under(l) : BERT_OK;

    for (size_t i = 0; i < layout->results.count && s == BERT_OK; i++) {
        if (layout->as == NULL || layout_is_truncated(layout, i)) {
            s = put_result(l, i);
        }
    }
    return s;
}

static bool put_number(line *l, const char *name, size_t number)
{
    return put_name(l, name, strlen(name)) && buffer_put_uint(l->out, number);
}

/* "error":message, and the line of a record that has no members. */
static bool put_message(line *l)
{
    return l->message == NULL ||
           (put_name(l, "error", 5) &&
            value_put_string(l->message, strlen(l->message), l->out) &&
            (!l->record->broken ||
             put_number(l, "line", l->record->line_number)));
}

static bert_status put_line(line *l)
{
    bert_status s = BERT_OK;

    if (!buffer_put_char(l->out, '{')) {
        return error_memory(l->err);
    }
    if (!l->record->broken) {
        s = put_members(l);
    }
    if (s == BERT_OK && l->layout->options.number &&
        !put_number(l, "n", l->record->number)) {
        s = error_memory(l->err);
    }
    if (s == BERT_OK && l->results != NULL) {
        s = put_results(l);
    }
    if (s == BERT_OK && (!put_message(l) || !buffer_put(l->out, "}\n", 2))) {
        s = error_memory(l->err);
    }
    return s;
}

bert_status bert_layout_put(const bert_layout *layout,
                            const bert_record *record,
                            const bert_value *results, bert_buffer *out,
                            bert_text *clashed, bert_error *err)
{
    static const bert_value none;
    size_t                  before = out->size;
    bert_text               clash = {0};
    bert_status             s;

    if (layout->options.format == BERT_TSV) {
        s = layout_put_tsv(layout, record, results, out, &clash, err);
    } else {
        line l = {.layout = layout,
                  .record = record,
                  .results = results != NULL ? results : &none,
                  .out = out,
                  .empty = true,
                  .err = err};
        s = put_line(&l);
        clash = l.clashed;
    }
    if (s != BERT_OK) {
        out->size = before;
    } else if (clash.size > 0 && clashed != NULL) {
        *clashed = clash;
    }
    return s;
}

bert_status bert_layout_put_error(const bert_layout *layout,
                                  const bert_record *record,
                                  const char *message, bert_buffer *out,
                                  bert_error *err)
{
    size_t before = out->size;
    line   l = {.layout = layout,
                .record = record,
                .message = message,
                .out = out,
                .empty = true,
                .err = err};

    if (layout->options.format != BERT_JSONL) {
        return error_set(err, BERT_BAD_CALL, "errors are emitted as JSONL");
    }
    bert_status s = put_line(&l);
    if (s != BERT_OK) {
        out->size = before;
    }
    return s;
}
