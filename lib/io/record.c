/*
 * record.c - a record's memory, its known members and whether they fit
 */
#include "io/record.h"

#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "io/jsonl.h"

/* What a reused record may keep; more is given back once it is not needed. */
enum { KEEP_BYTES = 1 << 20, AFTER_LINE = 8 };

static const char *const names[BERT_M_COUNT] = {
    [BERT_M_TEXT] = "text",
    [BERT_M_PAIR] = "pair",
    [BERT_M_QUESTION] = "question",
    [BERT_M_CONTEXT] = "context",
    [BERT_M_TOKENS] = "tokens",
    [BERT_M_IDS] = "ids",
    [BERT_M_TYPE_IDS] = "type_ids",
    [BERT_M_OFFSETS] = "offsets",
    [BERT_M_WORDS] = "words",
    [BERT_M_SPECIAL] = "special",
    [BERT_M_TRUNCATED] = "truncated",
    [BERT_M_VOCAB] = "vocab",
    [BERT_M_OFFSET_UNIT] = "offset_unit",
    [BERT_M_WINDOW] = "window",
    [BERT_M_ERROR] = "error",
};

int record_find(const char *name, size_t size, bool question)
{
    if (size < 3 || size > 11) { /* ids .. offset_unit */
        return RECORD_USER;
    }
    for (int i = 0; i < BERT_M_COUNT; i++) {
        if (names[i][0] == name[0] && strlen(names[i]) == size &&
            memcmp(names[i], name, size) == 0) {
            bool asked = i == BERT_M_QUESTION || i == BERT_M_CONTEXT;
            return asked && !question ? RECORD_USER : i;
        }
    }
    return RECORD_USER;
}

const char *record_member_name(bert_member member)
{
    return names[member];
}

bool record_is_token(int member)
{
    return (member >= BERT_M_TOKENS && member <= BERT_M_SPECIAL) ||
           member == BERT_M_VOCAB;
}

bool record_is_of_tokens(int member)
{
    return member >= BERT_M_TOKENS && member <= BERT_M_WINDOW;
}

bool record_has_ids(const bert_record *record)
{
    for (size_t i = 0; i < record->slot_count; i++) {
        const record_slot *slot = &record->slots[i];

        if (slot->member == BERT_M_IDS) {
            return slot->value_size > 0 &&
                   (record->format == BERT_TSV ||
                    record->line.data[slot->value] != 'n'); /* null */
        }
    }
    return false;
}

reading record_reading(int member, bool has_ids, bool no_tokens)
{
    if (member == RECORD_USER) {
        return READ_NOT;
    }
    if (member == BERT_M_WINDOW) {
        return has_ids ? READ_IF_SOUND : READ_NOT;
    }
    if (!record_is_of_tokens(member)) {
        return READ_NEEDED;
    }
    return no_tokens ? READ_NOT : has_ids ? READ_NEEDED : READ_IF_SOUND;
}

void record_settle_window(bert_record *record)
{
    bert_value *window = &record->values[BERT_M_WINDOW];
    size_t      k = record->first[BERT_M_WINDOW], of = k + 1;

    if (window->type == BERT_INTS && window->count == 2 &&
        record->ints[k] >= 1 && record->ints[of] >= record->ints[k]) {
        return;
    }
    *window = (bert_value){0};
    for (size_t i = 0; i < record->slot_count; i++) {
        if (record->slots[i].member == BERT_M_WINDOW) {
            record->slots[i].member = RECORD_USER;
        }
    }
}

bert_record *bert_record_new(void)
{
    return memory_new_zeroed(1, sizeof(bert_record));
}

void bert_record_free(bert_record *record)
{
    if (record != NULL) {
        bert_buffer_free(&record->line);
        bert_buffer_free(&record->scratch);
        memory_free(record->slots);
        memory_free(record->ints);
        memory_free(record->spans);
        memory_free(record->texts);
        memory_free(record);
    }
}

bert_value bert_record_value(const bert_record *record, bert_member member)
{
    return record->values[member];
}

static bool slot_is(const bert_record *record, size_t i, const char *name,
                    size_t size)
{
    const record_slot *slot = &record->slots[i];

    if (record->format == BERT_TSV) {
        const bert_text *column = &record->columns[i];
        return column->size == size && memcmp(column->data, name, size) == 0;
    }
    return jsonl_name_is(record->line.data + slot->name, slot->name_size, name,
                         size);
}

/* Whether a member is as good as not there: a known one that is null, or an
   empty field, but of a text. */
static bool is_absent(const bert_record *record, const char *name, size_t size,
                      bert_text raw)
{
    int member = record_find(name, size, false);

    if (record->format == BERT_TSV) {
        return raw.size == 0 && member != BERT_M_TEXT && member != BERT_M_PAIR;
    }
    return raw.size == 4 && memcmp(raw.data, "null", 4) == 0 &&
           (member != RECORD_USER || (size == 2 && memcmp(name, "id", 2) == 0));
}

bool bert_record_raw(const bert_record *record, const char *name, size_t size,
                     bert_text *raw)
{
    if (record->format == BERT_LINES) {
        int               member = record_find(name, size, false);
        const bert_value *value =
            member == RECORD_USER ? NULL : &record->values[member];

        if (value == NULL || value->type != BERT_STRING) {
            return false;
        }
        *raw = value->as.text;
        return true;
    }
    for (size_t i = 0; i < record->slot_count && !record->broken; i++) {
        const record_slot *slot = &record->slots[i];

        if (slot_is(record, i, name, size)) {
            *raw =
                (bert_text){record->line.data + slot->value, slot->value_size};
            return !is_absent(record, name, size, *raw);
        }
    }
    return false;
}

const char *bert_record_file(const bert_record *record)
{
    return record->file != NULL ? record->file : "-";
}

size_t bert_record_line(const bert_record *record)
{
    return record->line_number;
}

size_t bert_record_size(const bert_record *record)
{
    return record->line.size;
}

size_t bert_record_number(const bert_record *record)
{
    return record->number;
}

/* Give an arena back where it grew far beyond what a common record needs. */
static void *trim(void *arena, size_t *capacity, size_t size)
{
    if (*capacity > KEEP_BYTES / size) {
        memory_free(arena);
        *capacity = 0;
        return NULL;
    }
    return arena;
}

void record_clear(bert_record *record)
{
    bert_record *r = record;

    if (r->line.capacity > KEEP_BYTES) {
        bert_buffer_free(&r->line);
    }
    if (r->scratch.capacity > KEEP_BYTES) {
        bert_buffer_free(&r->scratch);
    }
    r->slots = trim(r->slots, &r->slot_capacity, sizeof *r->slots);
    r->ints = trim(r->ints, &r->int_capacity, sizeof *r->ints);
    r->spans = trim(r->spans, &r->span_capacity, sizeof *r->spans);
    r->texts = trim(r->texts, &r->text_capacity, sizeof *r->texts);
    r->line.size = r->scratch.size = 0;
    r->slot_count = r->int_count = r->span_count = r->text_count = 0;
    r->columns = NULL;
    r->broken = r->no_json = false;
    memset(r->values, 0, sizeof r->values);
    memset(r->first, 0, sizeof r->first);
}

bool record_set_line(bert_record *record, const char *bytes, size_t size)
{
    bert_buffer *line = &record->line;

    line->size = 0;
    if (size > SIZE_MAX - AFTER_LINE ||
        !buffer_reserve(line, size + AFTER_LINE)) {
        return false;
    }
    if (size > 0) {
        memcpy(line->data, bytes, size);
    }
    memset(line->data + size, 0, AFTER_LINE);
    line->size = size;
    return true;
}

bool record_add_slot(bert_record *record, const record_slot *slot)
{
    void *slots = record->slots;
    bool  done = memory_reserve(&slots, &record->slot_capacity,
                                record->slot_count + 1, sizeof *slot);

    record->slots = slots;
    if (done) {
        record->slots[record->slot_count++] = *slot;
    }
    return done;
}

bool record_add_int(bert_record *record, int32_t value)
{
    if (record->int_count == record->int_capacity) {
        void *ints = record->ints;
        bool  done = memory_reserve(&ints, &record->int_capacity,
                                    record->int_count + 1, sizeof value);
        record->ints = ints;
        if (!done) {
            return false;
        }
    }
    record->ints[record->int_count++] = value;
    return true;
}

bool record_add_span(bert_record *record, bert_span span)
{
    if (record->span_count == record->span_capacity) {
        void *spans = record->spans;
        bool  done = memory_reserve(&spans, &record->span_capacity,
                                    record->span_count + 1, sizeof span);
        record->spans = spans;
        if (!done) {
            return false;
        }
    }
    record->spans[record->span_count++] = span;
    return true;
}

bool record_add_text(bert_record *record, bert_text text)
{
    if (record->text_count == record->text_capacity) {
        void *texts = record->texts;
        bool  done = memory_reserve(&texts, &record->text_capacity,
                                    record->text_count + 1, sizeof text);
        record->texts = texts;
        if (!done) {
            return false;
        }
    }
    record->texts[record->text_count++] = text;
    return true;
}

/* Items in the arena that arrays of this type lie in. */
static size_t arena_count(const bert_record *record, bert_type type)
{
    switch (type) {
    case BERT_INTS:
    case BERT_WORDS:
        return record->int_count;
    case BERT_SPANS:
        return record->span_count;
    case BERT_STRINGS:
        return record->text_count;
    default:
        return 0;
    }
}

void record_begin(bert_record *record, bert_member member, bert_type type)
{
    record->values[member].type = type;
    record->first[member] = arena_count(record, type);
}

void record_end(bert_record *record, bert_member member)
{
    bert_value *value = &record->values[member];

    value->count = arena_count(record, value->type) - record->first[member];
}

bool record_need_scratch(bert_record *record)
{
    /* No unescaped form is longer than its source, and each is made once. */
    return record->scratch.capacity >= record->line.size ||
           (record->scratch.size == 0 &&
            buffer_reserve(&record->scratch, record->line.size));
}

void record_link(bert_record *record)
{
    for (int i = 0; i < BERT_M_COUNT; i++) {
        bert_value *value = &record->values[i];
        size_t      first = record->first[i];
        if (value->count == 0) { /* no array, or one without items */
            continue;
        }
        if (value->type == BERT_INTS || value->type == BERT_WORDS) {
            value->as.ints = record->ints + first;
        } else if (value->type == BERT_SPANS) {
            value->as.spans = record->spans + first;
        } else if (value->type == BERT_STRINGS) {
            value->as.texts = record->texts + first;
        }
    }
}

/* Length of a text in the unit of the record's offsets. */
static size_t length_in(bert_text text, const bert_value *unit)
{
    bool   given = unit->type == BERT_STRING; /* record_check() saw which */
    bool   utf16 = given && unit->as.text.data[0] == 'u';
    size_t length = 0;

    if (given && !utf16) {
        return text.size;
    }
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        length += (c & 0xC0) != 0x80;
        length += utf16 && c >= 0xF0;
    }
    return length;
}

/* Are the types those of a pair: all 0, then all 1? Any others are of one
   text. */
static bool in_order(const bert_value *types)
{
    for (size_t i = 0; i < types->count; i++) {
        int32_t before = i > 0 ? types->as.ints[i - 1] : 0;
        if (types->as.ints[i] < before || types->as.ints[i] > 1) {
            return false;
        }
    }
    return true;
}

/* Every span must end inside its text; a text that is not there or is split
   into words says nothing. */
static bert_status check_spans(const bert_record *record, bert_error *err)
{
    const bert_value *spans = &record->values[BERT_M_OFFSETS];
    const bert_value *types = &record->values[BERT_M_TYPE_IDS];
    const bert_value *unit = &record->values[BERT_M_OFFSET_UNIT];
    size_t            limit[2] = {SIZE_MAX, SIZE_MAX};
    bool              pair = in_order(types);

    for (int side = 0; side < 2; side++) {
        const bert_value *text = &record->values[BERT_M_TEXT + side];
        if (text->type == BERT_STRING) {
            limit[side] = length_in(text->as.text, unit);
        }
    }
    for (size_t i = 0; i < spans->count; i++) {
        bert_span span = spans->as.spans[i];
        bool      second = pair && i < types->count && types->as.ints[i] == 1;
        if (span.begin > span.end || span.end > limit[second]) {
            return error_set(err, BERT_BAD_INPUT,
                             "offsets: [%zu,%zu] of token %zu does not fit",
                             span.begin, span.end, i);
        }
    }
    return BERT_OK;
}

/* "bytes" or "utf16"; or absent. */
static bool unit_is_known(const bert_value *unit)
{
    return unit->type == BERT_ABSENT ||
           (unit->as.text.size == 5 &&
            (memcmp(unit->as.text.data, "bytes", 5) == 0 ||
             memcmp(unit->as.text.data, "utf16", 5) == 0));
}

/* Members whose type alone does not say enough. */
static bert_status check_values(const bert_record *record, bert_error *err)
{
    const bert_value *special = &record->values[BERT_M_SPECIAL];

    if (!unit_is_known(&record->values[BERT_M_OFFSET_UNIT])) {
        return error_set(err, BERT_BAD_INPUT,
                         "offset_unit is neither \"bytes\" nor \"utf16\"");
    }
    for (size_t i = 0; i < special->count; i++) {
        if ((special->as.ints[i] & ~1) != 0) {
            return error_set(err, BERT_BAD_INPUT,
                             "special is not an array of 0 and 1");
        }
    }
    return BERT_OK;
}

bert_status record_check(bert_record *record, bert_error *err)
{
    static const bert_member parallel[] = {BERT_M_TOKENS, BERT_M_TYPE_IDS,
                                           BERT_M_OFFSETS, BERT_M_WORDS,
                                           BERT_M_SPECIAL};
    const bert_value        *ids = &record->values[BERT_M_IDS];
    bert_value              *unit = &record->values[BERT_M_OFFSET_UNIT];

    if (ids->type == BERT_ABSENT) {
        if (!unit_is_known(unit)) {
            *unit = (bert_value){0};
        }
        return BERT_OK;
    }
    bert_status s = check_values(record, err);
    if (s != BERT_OK) {
        return s;
    }
    for (size_t i = 0; i < sizeof parallel / sizeof parallel[0]; i++) {
        const bert_value *value = &record->values[parallel[i]];
        if (value->type != BERT_ABSENT && value->count != ids->count) {
            return error_set(err, BERT_BAD_INPUT,
                             "%s has %zu items, ids has %zu",
                             names[parallel[i]], value->count, ids->count);
        }
    }
    return check_spans(record, err);
}
