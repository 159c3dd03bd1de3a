/*
 * layout_tsv.c - a record and its results as one line of TSV
 */
#include "io/layout.h"

#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "io/jsonl.h"
#include "io/tsv.h"
#include "io/value.h"

/* Does a result fill a field a number? */
static bool is_spread(const bert_layout *layout, size_t result)
{
    bert_type type = layout->types[result];

    return layout->options.columns > 0 &&
           (type == BERT_FLOATS || type == BERT_BITS || type == BERT_BYTES);
}

static size_t width(const bert_layout *layout, size_t result)
{
    return is_spread(layout, result) ? layout->options.columns : 1;
}

static bool put_tab(bool *first, bert_buffer *out)
{
    bool put = *first || buffer_put_char(out, '\t');

    *first = false;
    return put;
}

/* The name of a field of a result: `as`, as.name, name; d0, d1 .. */
static bool put_result_name(const bert_layout *layout, size_t result,
                            size_t field, bert_buffer *out)
{
    const bert_text *name = &layout->results.names[result];
    bool             spread = is_spread(layout, result);

    if (layout->as != NULL && !layout_is_truncated(layout, result)) {
        bool done = tsv_escape(layout->as, strlen(layout->as), out);
        if (!done || (!layout->as_object && !spread)) {
            return done;
        }
        if (!buffer_put_char(out, '.')) {
            return false;
        }
    }
    return spread ? buffer_put_char(out, 'd') && buffer_put_uint(out, field)
                  : tsv_escape(name->data, name->size, out);
}

bert_status bert_layout_header(const bert_layout *layout, bert_buffer *out,
                               bert_error *err)
{
    size_t before = out->size;
    bool   first = true, done = true;

    for (size_t i = 0; i < layout->columns.count && done; i++) {
        const bert_text *name = &layout->columns.names[i];
        done = put_tab(&first, out) && tsv_escape(name->data, name->size, out);
    }
    if (layout->options.number) {
        done = done && put_tab(&first, out) && buffer_put_char(out, 'n');
    }
    for (size_t i = 0; i < layout->results.count && done; i++) {
        for (size_t j = 0; j < width(layout, i) && done; j++) {
            done = put_tab(&first, out) && put_result_name(layout, i, j, out);
        }
    }
    if (!done || !buffer_put_char(out, '\n')) {
        out->size = before;
        return error_memory(err);
    }
    return BERT_OK;
}

/* A member of a JSONL input that is not parsed: strings plain, null empty,
   all else (and a string that is no text) as JSON. */
static bool put_raw_json(const char *json, size_t size, bert_buffer *out)
{
    if (json[0] == 'n') {
        return true;
    }
    if (json[0] != '"') {
        return tsv_escape(json, size, out);
    }
    if (memchr(json, '\\', size) == NULL) {
        return tsv_escape(json + 1, size - 2, out);
    }
    size_t plain_size;
    char  *plain = memory_new(size, 1);
    if (plain == NULL) {
        return false;
    }
    bool sound = jsonl_unescape(json + 1, size - 2, plain, &plain_size);
    bool done = sound ? tsv_escape(plain, plain_size, out)
                      : tsv_escape(json, size, out);
    memory_free(plain);
    return done;
}

static bert_status put_known(const bert_value *value, int member,
                             bert_buffer *out, bert_error *err)
{
    if (value->type == BERT_STRINGS &&
        (member == BERT_M_TEXT || member == BERT_M_PAIR)) {
        return error_set(err, BERT_BAD_INPUT,
                         "%s of split words does not fit into TSV",
                         record_member_name((bert_member)member));
    }
    return value_put_field(value, 0, out, err);
}

/* A slot as a field. */
static bert_status put_slot(const bert_record *record, size_t i,
                            bert_buffer *out, bert_error *err)
{
    const record_slot *slot = &record->slots[i];
    const char        *raw = record->line.data + slot->value;
    bool               done = true;

    if (layout_is_none(record, slot->member)) {
        return BERT_OK;
    }
    if (record->format == BERT_TSV) {
        done = buffer_put(out, raw, slot->value_size);
    } else if (slot->member != RECORD_USER && slot->member != BERT_M_ERROR &&
               record->values[slot->member].type != BERT_ABSENT) {
        return put_known(&record->values[slot->member], slot->member, out, err);
    } else {
        done = put_raw_json(raw, slot->value_size, out);
    }
    return done ? BERT_OK : error_memory(err);
}

static member_name slot_name(const bert_record *record, size_t i)
{
    const record_slot *slot = &record->slots[i];

    if (record->format == BERT_TSV) {
        return (member_name){.text = record->columns[i]};
    }
    return (member_name){
        .text = {record->line.data + slot->name, slot->name_size},
        .json = true};
}

/*
 * The member for a column of text or pair that nobody asked for by name:
 * question or context, where these were read in their place. Ids were made of
 * text and pair.
 */
static int text_of(const bert_record *record, int member)
{
    const bert_value *values = record->values;
    int  alias = member == BERT_M_TEXT ? BERT_M_QUESTION : BERT_M_CONTEXT;
    bool asked = values[BERT_M_IDS].type == BERT_ABSENT &&
                 (values[BERT_M_QUESTION].type != BERT_ABSENT ||
                  values[BERT_M_CONTEXT].type != BERT_ABSENT);
    int first = asked ? alias : member, second = asked ? member : alias;

    return values[first].type != BERT_ABSENT ? first : second;
}

/* Does slot i bear that name? */
static bool is_slot(const bert_record *record, size_t i,
                    const bert_text *column)
{
    member_name name = slot_name(record, i);

    return layout_name_is(&name, column->data, column->size);
}

/* The slot of column i; slot_count: there is none. A TSV input has it where its
   header had it: were every field sought, a record would cost the square of
   its columns. */
static size_t find_slot(const bert_layout *layout, size_t i,
                        const bert_record *record)
{
    const bert_text *column = &layout->columns.names[i];
    size_t           place = layout->places[i], k = 0;

    if (record->format == BERT_TSV && place < record->slot_count &&
        is_slot(record, place, column)) {
        return place;
    }
    while (k < record->slot_count && !is_slot(record, k, column)) {
        k++;
    }
    return k;
}

/* The member that column i names; absent: an empty field. */
static bert_status put_column(const bert_layout *layout, size_t i,
                              const bert_record *record, bert_buffer *out,
                              bert_error *err)
{
    const bert_text *column = &layout->columns.names[i];

    if (record->format == BERT_JSONL && layout->keep.names == NULL) {
        int member = record_find(column->data, column->size, false);
        if (member == BERT_M_TEXT || member == BERT_M_PAIR) {
            member = text_of(record, member);
            return put_known(&record->values[member], member, out, err);
        }
    }
    if (record->format == BERT_LINES) {
        int member = record_find(column->data, column->size, false);
        return member == RECORD_USER
                   ? BERT_OK
                   : value_put_field(&record->values[member], 0, out, err);
    }
    size_t slot = find_slot(layout, i, record);
    return slot < record->slot_count ? put_slot(record, slot, out, err)
                                     : BERT_OK;
}

/* One number of a result that fills several fields. */
static bert_status put_number(const bert_value *value, size_t i, int digits,
                              bert_buffer *out, bert_error *err)
{
    bool done;

    switch (value->type) {
    case BERT_FLOATS:
        return value_put_float(value->as.floats[i], digits, out, err);
    case BERT_BITS:
        done = buffer_put_uint(out, value->as.bytes[i]);
        break;
    case BERT_BYTES:
        done = buffer_put_int(out, value->as.sbytes[i]);
        break;
    default: /* absent */
        return BERT_OK;
    }
    return done ? BERT_OK : error_memory(err);
}

static bert_status put_result(const bert_layout *layout, size_t i,
                              const bert_record *record,
                              const bert_value *value, bool *first,
                              bert_buffer *out, bert_error *err)
{
    size_t fields = width(layout, i);
    int    digits = layout->options.digits;

    if (!is_spread(layout, i)) {
        if (layout_is_truncated(layout, i) && value->type == BERT_ABSENT &&
            !layout->options.new_tokens) {
            value = &record->values[BERT_M_TRUNCATED];
        }
        return put_tab(first, out) ? value_put_field(value, digits, out, err)
                                   : error_memory(err);
    }
    if (value->type != BERT_ABSENT && value->count != fields) {
        return error_set(err, BERT_BAD_CALL, "%zu numbers for %zu columns",
                         value->count, fields);
    }
    for (size_t j = 0; j < fields; j++) {
        if (!put_tab(first, out)) {
            return error_memory(err);
        }
        bert_status s = put_number(value, j, digits, out, err);
        if (s != BERT_OK) {
            return s;
        }
    }
    return BERT_OK;
}

/* The name of a member that was left out for bearing a result's; or none. */
static bert_text find_clash(const bert_layout *layout,
                            const bert_record *record,
                            const bert_value  *results)
{
    for (size_t i = 0; i < record->slot_count; i++) {
        member_name name = slot_name(record, i);
        if (layout_decide(layout, record->slots[i].member, &name, results) ==
            LAYOUT_CLASH) {
            return name.text;
        }
    }
    return (bert_text){0};
}

/* An empty field of "pair" is an empty text: with the column every line is a
   pair, without it none is. */
static bert_status check_pair(const bert_layout *layout,
                              const bert_record *record, bert_error *err)
{
    int  second = text_of(record, BERT_M_PAIR);
    bool text = record->values[BERT_M_TEXT].type != BERT_ABSENT;
    bool pair = record->values[second].type != BERT_ABSENT;

    if (layout->uniform && pair && !layout->options.pair) {
        return error_set(err, BERT_BAD_INPUT,
                         "a \"pair\", but TSV of the texts before it has no "
                         "column for one (--keep id,text,pair)");
    }
    if (layout->uniform && text && !pair && layout->options.pair) {
        return error_set(err, BERT_BAD_INPUT,
                         "no \"pair\", which TSV of pairs cannot tell from an "
                         "empty one");
    }
    return BERT_OK;
}

bert_status layout_put_tsv(const bert_layout *layout, const bert_record *record,
                           const bert_value *results, bert_buffer *out,
                           bert_text *clashed, bert_error *err)
{
    bool        first = true;
    bert_status checked = check_pair(layout, record, err);

    if (checked != BERT_OK) {
        return checked;
    }
    for (size_t i = 0; i < layout->columns.count; i++) {
        if (!put_tab(&first, out)) {
            return error_memory(err);
        }
        bert_status s = put_column(layout, i, record, out, err);
        if (s != BERT_OK) {
            return s;
        }
    }
    if (layout->options.number &&
        (!put_tab(&first, out) || !buffer_put_uint(out, record->number))) {
        return error_memory(err);
    }
    for (size_t i = 0; i < layout->results.count; i++) {
        bert_status s =
            put_result(layout, i, record, &results[i], &first, out, err);
        if (s != BERT_OK) {
            return s;
        }
    }
    *clashed = find_clash(layout, record, results);
    return buffer_put_char(out, '\n') ? BERT_OK : error_memory(err);
}
