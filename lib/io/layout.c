/*
 * layout.c - what a line of output holds: which members, which results
 */
#include "io/layout.h"

#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "io/jsonl.h"

static void list_free(name_list *list)
{
    memory_free(list->names);
    memory_free(list->bytes);
    *list = (name_list){0};
}

/* Split a comma-separated list; empty text is a list of no names. */
static bool list_split(name_list *list, const char *text)
{
    size_t size = strlen(text), count = size > 0;

    for (size_t i = 0; i < size; i++) {
        count += text[i] == ',';
    }
    list->names = memory_new(count, sizeof *list->names);
    list->bytes = memory_copy_text(text, size);
    if (list->names == NULL || list->bytes == NULL) {
        return false;
    }
    const char *p = list->bytes;
    for (list->count = 0; list->count < count; list->count++) {
        const char *comma = strchr(p, ',');
        size_t      n = comma != NULL ? (size_t)(comma - p) : strlen(p);
        list->names[list->count] = (bert_text){.data = p, .size = n};
        p += n + 1;
    }
    return true;
}

/* Copy count names, of any bytes. */
static bool list_copy(name_list *list, const bert_text *names, size_t count)
{
    size_t size = 0;

    for (size_t i = 0; i < count; i++) {
        size += names[i].size;
    }
    list->names = memory_new(count, sizeof *list->names);
    list->bytes = memory_new(size, 1);
    if (list->names == NULL || list->bytes == NULL) {
        return false;
    }
    char *p = list->bytes;
    for (list->count = 0; list->count < count; list->count++) {
        const bert_text *name = &names[list->count];
        if (name->size > 0) {
            memcpy(p, name->data, name->size);
        }
        list->names[list->count] = (bert_text){.data = p, .size = name->size};
        p += name->size;
    }
    return true;
}

static bool list_has(const name_list *list, const member_name *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (layout_name_is(name, list->names[i].data, list->names[i].size)) {
            return true;
        }
    }
    return false;
}

bool layout_name_is(const member_name *name, const char *other, size_t size)
{
    const bert_text *text = &name->text;

    return name->json
               ? jsonl_name_is(text->data, text->size, other, size)
               : text->size == size && memcmp(text->data, other, size) == 0;
}

bool layout_is_truncated(const bert_layout *layout, size_t result)
{
    const bert_text *name = &layout->results.names[result];

    return name->size == 9 && memcmp(name->data, "truncated", 9) == 0;
}

bool layout_is_none(const bert_record *record, int member)
{
    bert_text raw;

    return member == BERT_M_TRUNCATED &&
           record->values[BERT_M_TRUNCATED].type == BERT_ABSENT &&
           (!bert_record_raw(record, "truncated", 9, &raw) ||
            (raw.size == 5 && memcmp(raw.data, "false", 5) == 0));
}

/* Is a result of that name written beside the input's members? Where tokens
   are made, not one that is absent: the window of a run without windows. */
static bool is_result(const bert_layout *layout, const member_name *name,
                      const bert_value *results)
{
    if (layout->options.number && layout_name_is(name, "n", 1)) {
        return true;
    }
    if (layout->as != NULL) {
        return layout_name_is(name, layout->as, strlen(layout->as));
    }
    for (size_t i = 0; i < layout->results.count; i++) {
        const bert_text *result = &layout->results.names[i];
        bool             none = layout->options.new_tokens && results != NULL &&
                    results[i].type == BERT_ABSENT;
        if (!none && !layout_is_truncated(layout, i) &&
            layout_name_is(name, result->data, result->size)) {
            return true;
        }
    }
    return false;
}

bool layout_is_listed(const bert_layout *layout, const member_name *name)
{
    if (layout->keep.names != NULL) {
        return list_has(&layout->keep, name);
    }
    return !list_has(&layout->drop, name);
}

layout_fate layout_decide(const bert_layout *layout, int member,
                          const member_name *name, const bert_value *results)
{
    const bert_layout_options *o = &layout->options;
    bool consumed = record_is_token(member) && !o->keep_tokens;

    if (o->new_tokens && record_is_of_tokens(member)) {
        return LAYOUT_DROP;
    }
    for (size_t i = 0; member == BERT_M_TRUNCATED && i < layout->results.count;
         i++) {
        if (layout_is_truncated(layout, i) &&
            (results == NULL || results[i].type != BERT_ABSENT)) {
            return LAYOUT_DROP;
        }
    }
    if (is_result(layout, name, results)) {
        return consumed ? LAYOUT_DROP : LAYOUT_CLASH;
    }
    if (!layout_is_listed(layout, name) ||
        (consumed && layout->keep.names == NULL)) {
        return LAYOUT_DROP;
    }
    return LAYOUT_KEEP;
}

/* The member that column n is: a window without ids is the user's. */
static int column_member(const bert_text *columns, size_t count, size_t n)
{
    int member = record_find(columns[n].data, columns[n].size, false);

    for (size_t i = 0; member == BERT_M_WINDOW; i++) {
        if (i == count) {
            return RECORD_USER;
        }
        if (record_find(columns[i].data, columns[i].size, false) ==
            BERT_M_IDS) {
            break;
        }
    }
    return member;
}

/* The input's columns of a TSV layout. */
static bool set_columns(bert_layout *layout, const bert_text *input,
                        size_t count)
{
    static const bert_text usual[] = {{"id", 2}, {"text", 4}, {"pair", 4}};
    const member_name      pair = {.text = usual[2]};
    bert_text             *kept;

    if (input == NULL || count == 0) {
        input = usual;
        count = layout->options.pair ? 3 : 2;
        if (layout->keep.names != NULL) {
            input = layout->keep.names;
            count = layout->keep.count;
        } else {
            layout->uniform =
                layout_decide(layout, BERT_M_PAIR, &pair, NULL) == LAYOUT_KEEP;
        }
    }
    kept = memory_new(count, sizeof *kept);
    layout->places = memory_new(count, sizeof *layout->places);
    if (kept == NULL || layout->places == NULL) {
        memory_free(kept);
        return false;
    }
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        member_name name = {.text = input[i]};
        int         member = column_member(input, count, i);
        if (layout_decide(layout, member, &name, NULL) == LAYOUT_KEEP) {
            layout->places[n] = i;
            kept[n++] = input[i];
        }
    }
    bool done = list_copy(&layout->columns, kept, n);
    memory_free(kept);
    return done;
}

static bool copy_options(bert_layout *layout)
{
    const bert_layout_options *o = &layout->options;

    bert_text *names = memory_new(o->result_count, sizeof *names);
    if (names == NULL) {
        return false;
    }
    for (size_t i = 0; i < o->result_count; i++) {
        names[i] = (bert_text){o->results[i], strlen(o->results[i])};
    }
    bool done = list_copy(&layout->results, names, o->result_count);
    memory_free(names);
    layout->types = memory_new_zeroed(o->result_count, sizeof *layout->types);
    if (!done || layout->types == NULL) {
        return false;
    }
    if (o->types != NULL && o->result_count > 0) {
        memcpy(layout->types, o->types, o->result_count * sizeof *o->types);
    }
    if (o->as != NULL) {
        size_t under = 0;
        for (size_t i = 0; i < o->result_count; i++) {
            under += !layout_is_truncated(layout, i);
        }
        layout->as_object = under > 1;
        layout->as = memory_copy_text(o->as, strlen(o->as));
        done = layout->as != NULL;
    }
    return done && (o->keep == NULL || list_split(&layout->keep, o->keep)) &&
           (o->drop == NULL || list_split(&layout->drop, o->drop));
}

static bert_status check_options(const bert_layout_options *o, bert_error *err)
{
    if (o->keep != NULL && o->drop != NULL) {
        return error_set(err, BERT_BAD_CALL, "keep and drop exclude another");
    }
    if (o->as != NULL &&
        utf8_valid_prefix(o->as, strlen(o->as)) != strlen(o->as)) {
        return error_set(err, BERT_BAD_CALL, "the result's name is not UTF-8");
    }
    if (o->format != BERT_JSONL && o->format != BERT_TSV) {
        return error_set(err, BERT_BAD_CALL, "a layout is of JSONL or of TSV");
    }
    for (size_t i = 0; o->format == BERT_TSV && i < o->result_count; i++) {
        if (o->types == NULL || o->types[i] == BERT_MATRIX) {
            return error_set(err, BERT_BAD_CALL, "%s does not fit into TSV",
                             o->results[i]);
        }
    }
    return BERT_OK;
}

bert_status bert_layout_new(bert_layout              **out,
                            const bert_layout_options *options,
                            const bert_text *input_columns, size_t column_count,
                            bert_error *err)
{
    bert_status s = check_options(options, err);
    if (s != BERT_OK) {
        return s;
    }
    bert_layout *layout = memory_new_zeroed(1, sizeof *layout);
    if (layout == NULL) {
        return error_memory(err);
    }
    layout->options = *options;
    if (!copy_options(layout) ||
        (options->format == BERT_TSV &&
         !set_columns(layout, input_columns, column_count))) {
        bert_layout_free(layout);
        return error_memory(err);
    }
    *out = layout;
    return BERT_OK;
}

void bert_layout_free(bert_layout *layout)
{
    if (layout != NULL) {
        list_free(&layout->results);
        list_free(&layout->keep);
        list_free(&layout->drop);
        list_free(&layout->columns);
        memory_free(layout->places);
        memory_free(layout->types);
        memory_free(layout->as);
        memory_free(layout);
    }
}
