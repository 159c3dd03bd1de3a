/*
 * tsv.c - TAB-separated values: columns, fields, typed members
 *
 * TAB, LF, CR and '\' in a value are written \t \n \r \\; an unknown \x stays
 * as it is. Arrays are separated by single spaces, offsets are start-end, no
 * word is "-". An empty field is an absent member, but for text and pair.
 */
#include "io/tsv.h"

#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/utf8.h"

size_t tsv_unescape(const char *field, size_t size, char *out)
{
    static const char from[] = "tnr\\", to[] = "\t\n\r\\";
    const char       *p = field, *end = field + size;
    char             *o = out;

    while (p < end) {
        const char *slash = memchr(p, '\\', (size_t)(end - p));
        size_t      plain = (size_t)((slash != NULL ? slash : end) - p);
        memmove(o, p, plain);
        o += plain;
        p += plain;
        while (p < end && *p == '\\') {
            const char *which =
                end - p > 1 && p[1] != '\0' ? strchr(from, p[1]) : NULL;
            if (which != NULL) {
                *o++ = to[which - from];
                p += 2;
            } else {
                *o++ = *p++;
                if (p < end) { /* never the escape's second half again */
                    *o++ = *p++;
                }
            }
        }
    }
    return (size_t)(o - out);
}

bool tsv_escape(const char *text, size_t size, bert_buffer *out)
{
    size_t done = 0;

    for (size_t i = 0; i < size; i++) {
        char c = text[i], escaped;
        switch (c) {
        case '\t':
            escaped = 't';
            break;
        case '\n':
            escaped = 'n';
            break;
        case '\r':
            escaped = 'r';
            break;
        case '\\':
            escaped = '\\';
            break;
        default:
            continue;
        }
        if (!buffer_put(out, text + done, i - done) ||
            !buffer_put(out, (char[]){'\\', escaped}, 2)) {
            return false;
        }
        done = i + 1;
    }
    return done == size || buffer_put(out, text + done, size - done);
}

void tsv_columns_free(tsv_columns *columns)
{
    memory_free(columns->names);
    memory_free(columns->members);
    memory_free(columns->bytes);
    *columns = (tsv_columns){0};
}

static bert_status check_names(const tsv_columns *columns, bert_error *err)
{
    for (size_t i = 0; i < columns->count; i++) {
        const bert_text *name = &columns->names[i];
        if (name->size == 0) {
            return error_set(err, BERT_BAD_INPUT, "column %zu has no name",
                             i + 1);
        }
        for (size_t j = 0; j < i; j++) {
            if (columns->names[j].size == name->size &&
                memcmp(columns->names[j].data, name->data, name->size) == 0) {
                return error_set(err, BERT_BAD_INPUT, "column %.*s twice",
                                 (int)(name->size < 64 ? name->size : 64),
                                 name->data);
            }
        }
    }
    return BERT_OK;
}

enum { MAX_COLUMNS = 4096 }; /* check_names() is quadratic */

bert_status tsv_columns_set(tsv_columns *columns, const char *header,
                            size_t size, char separator, bool question,
                            bert_error *err)
{
    tsv_columns new = {.count = 1};
    bert_status s = BERT_OK;

    for (size_t i = 0; i < size; i++) {
        new.count += header[i] == separator;
    }
    if (new.count > MAX_COLUMNS || utf8_valid_prefix(header, size) != size) {
        return error_set(err, BERT_BAD_INPUT, "a header %s",
                         new.count > MAX_COLUMNS ? "of more than 4096 columns"
                                                 : "that is not UTF-8");
    }
    new.names = memory_new(new.count, sizeof *new.names);
    new.members = memory_new(new.count, sizeof *new.members);
    new.bytes = memory_new(size, 1);
    if (new.names == NULL || new.members == NULL || new.bytes == NULL) {
        s = error_memory(err);
        goto out;
    }
    const char *p = header, *end = header + size;
    char       *to = new.bytes;
    for (size_t i = 0; i < new.count; i++) {
        const char *stop = memchr(p, separator, (size_t)(end - p));
        size_t      n = (size_t)((stop != NULL ? stop : end) - p);
        new.names[i] = (bert_text){.data = to, .size = tsv_unescape(p, n, to)};
        new.members[i] = record_find(to, new.names[i].size, question);
        to += new.names[i].size;
        p += n + (stop != NULL);
    }
    s = check_names(&new, err);
    if (s == BERT_OK) {
        tsv_columns_free(columns);
        *columns = new;
        new = (tsv_columns){0};
    }
out:
    tsv_columns_free(&new);
    return s;
}

/* The first byte of a text line that is white space. */
static const char *find_white(const char *p, const char *end)
{
    while (p < end && memchr(" \t\n\v\f\r", *p, 6) == NULL) {
        p++;
    }
    return p < end ? p : NULL;
}

/* The text between *p and the next space or the end; *p moves behind it. Of a
   text line, any white space. */
static bert_text next_word(const bert_record *record, const char **p,
                           const char *end)
{
    const char *space = record->format == BERT_LINES
                            ? find_white(*p, end)
                            : memchr(*p, ' ', (size_t)(end - *p));
    const char *stop = space != NULL ? space : end;
    bert_text   word = {.data = *p, .size = (size_t)(stop - *p)};

    *p = space != NULL ? space + 1 : end;
    return word;
}

/* A decimal integer, the whole of the text, at most 18 digits. */
static bool parse_int(bert_text text, int64_t *out)
{
    bool    minus = text.size > 0 && text.data[0] == '-';
    int64_t number = 0;

    if (text.size == (size_t)minus || text.size > 18) {
        return false;
    }
    for (size_t i = minus; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        number = number * 10 + (text.data[i] - '0');
    }
    *out = minus ? -number : number;
    return true;
}

static bert_status bad_item(bert_member member, bert_text item, bert_error *err)
{
    return error_set(err, BERT_BAD_INPUT, "%s: '%.*s' is not %s",
                     record_member_name(member),
                     (int)(item.size < 40 ? item.size : 40), item.data,
                     member == BERT_M_OFFSETS ? "start-end"
                     : member == BERT_M_WORDS ? "a 32-bit integer or -"
                                              : "a 32-bit integer");
}

bert_status tsv_read_ints(bert_record *record, bert_member member,
                          const char *field, size_t size, bert_error *err)
{
    bool        words = member == BERT_M_WORDS;
    const char *p = field, *end = field + size;

    record_begin(record, member, words ? BERT_WORDS : BERT_INTS);
    while (p < end) {
        bert_text item = next_word(record, &p, end);
        int64_t   number = -1;
        if (item.size == 0) { /* more than one space */
            continue;
        }
        if (!(words && item.size == 1 && *item.data == '-') &&
            (!parse_int(item, &number) || number > INT32_MAX ||
             number < (words ? 0 : INT32_MIN))) {
            return bad_item(member, item, err);
        }
        if (!record_add_int(record, (int32_t)number)) {
            return error_memory(err);
        }
    }
    record_end(record, member);
    return BERT_OK;
}

static bert_status read_spans(bert_record *record, const char *field,
                              size_t size, bert_error *err)
{
    const char *p = field, *end = field + size;

    record_begin(record, BERT_M_OFFSETS, BERT_SPANS);
    while (p < end) {
        bert_text   item = next_word(record, &p, end);
        int64_t     begin, stop;
        const char *dash = memchr(item.data, '-', item.size);
        if (item.size == 0) {
            continue;
        }
        if (dash == NULL) {
            return bad_item(BERT_M_OFFSETS, item, err);
        }
        bert_text first = {.data = item.data,
                           .size = (size_t)(dash - item.data)};
        bert_text second = {.data = dash + 1,
                            .size = item.size - first.size - 1};
        if (!parse_int(first, &begin) || !parse_int(second, &stop) ||
            begin < 0 || stop < 0) {
            return bad_item(BERT_M_OFFSETS, item, err);
        }
        bert_span span = {.begin = (size_t)begin, .end = (size_t)stop};
        if (!record_add_span(record, span)) {
            return error_memory(err);
        }
    }
    record_end(record, BERT_M_OFFSETS);
    return BERT_OK;
}

/* The field unescaped: lent from the line where it has no '\'. */
static bool plain_text(bert_record *record, const char *field, size_t size,
                       bert_text *out)
{
    *out = (bert_text){.data = field, .size = size};
    if (memchr(field, '\\', size) == NULL) {
        return true;
    }
    if (!record_need_scratch(record)) {
        return false;
    }
    char *to = record->scratch.data + record->scratch.size;
    *out = (bert_text){.data = to, .size = tsv_unescape(field, size, to)};
    record->scratch.size += out->size;
    return true;
}

static bert_status read_tokens(bert_record *record, const char *field,
                               size_t size, bert_error *err)
{
    bert_text   text;
    const char *p, *end;

    if (!plain_text(record, field, size, &text)) {
        return error_memory(err);
    }
    record_begin(record, BERT_M_TOKENS, BERT_STRINGS);
    for (p = text.data, end = p + text.size; p < end;) {
        bert_text item = next_word(record, &p, end);
        if (item.size > 0 && !record_add_text(record, item)) {
            return error_memory(err);
        }
    }
    record_end(record, BERT_M_TOKENS);
    return BERT_OK;
}

/* false is as good as an empty field. */
static bert_status read_truncated(bert_value *value, const char *field,
                                  size_t size, bert_error *err)
{
    if (size == 5 && memcmp(field, "false", 5) == 0) {
        return BERT_OK;
    }
    if (size != 4 || memcmp(field, "true", 4) != 0) {
        return error_set(err, BERT_BAD_INPUT, "truncated is not true");
    }
    value->type = BERT_TRUE;
    return BERT_OK;
}

static bert_status read_field(bert_record *record, bert_member member,
                              const char *field, size_t size, bert_error *err)
{
    bert_value *value = &record->values[member];

    if (size == 0 && member != BERT_M_TEXT && member != BERT_M_PAIR) {
        return BERT_OK;
    }
    switch (member) {
    case BERT_M_TOKENS:
        return read_tokens(record, field, size, err);
    case BERT_M_IDS:
    case BERT_M_TYPE_IDS:
    case BERT_M_WORDS:
    case BERT_M_SPECIAL:
    case BERT_M_WINDOW:
        return tsv_read_ints(record, member, field, size, err);
    case BERT_M_OFFSETS:
        return read_spans(record, field, size, err);
    case BERT_M_TRUNCATED:
        return read_truncated(value, field, size, err);
    default:
        value->type = BERT_STRING;
        return plain_text(record, field, size, &value->as.text)
                   ? BERT_OK
                   : error_memory(err);
    }
}

/* One slot a field. */
static bert_status split(bert_record *record, const tsv_columns *columns,
                         bert_error *err)
{
    const char *line = record->line.data, *end = line + record->line.size;
    const char *p = line;

    for (size_t i = 0;; i++) {
        const char *tab = memchr(p, '\t', (size_t)(end - p));
        const char *stop = tab != NULL ? tab : end;
        record_slot slot = {.value = (size_t)(p - line),
                            .value_size = (size_t)(stop - p)};
        if (i == columns->count || (tab == NULL && i + 1 < columns->count)) {
            size_t fields = i;
            for (; p <= end; p = stop + 1, fields++) {
                stop = memchr(p, '\t', (size_t)(end - p));
                stop = stop != NULL ? stop : end;
            }
            return error_set(err, BERT_BAD_INPUT, "%zu fields, but %zu columns",
                             fields, columns->count);
        }
        slot.member = columns->members[i];
        if (!record_add_slot(record, &slot)) {
            return error_memory(err);
        }
        if (tab == NULL) {
            return BERT_OK;
        }
        p = tab + 1;
    }
}

bert_status tsv_read(bert_record *record, const tsv_columns *columns,
                     bool no_tokens, bert_error *err)
{
    record->columns = columns->names;
    bert_status s = split(record, columns, err);
    if (s != BERT_OK) {
        record->broken = true;
        return s;
    }
    bool has_ids = record_has_ids(record);
    for (size_t i = 0; i < record->slot_count; i++) {
        const record_slot *slot = &record->slots[i];
        reading how = record_reading(slot->member, has_ids, no_tokens);

        if (how == READ_NOT) {
            continue;
        }
        bert_member member = (bert_member)slot->member;
        bool        needed = how == READ_NEEDED;
        s = read_field(record, member, record->line.data + slot->value,
                       slot->value_size, needed ? err : NULL);
        if (s == BERT_NO_MEMORY) {
            return error_memory(err);
        }
        if (s != BERT_OK) {
            record->values[member] = (bert_value){0};
        }
        if (s != BERT_OK && needed) {
            return s;
        }
    }
    record_settle_window(record);
    return BERT_OK;
}
