/*
 * reader.c - lines to records: the format of each operand, UTF-8, the members
 */
#include "bert_io.h"

#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "io/jsonl.h"
#include "io/record.h"
#include "io/source.h"
#include "io/squad.h"
#include "io/tsv.h"

struct bert_reader {
    bert_reader_options options; /* columns: not used after opening */
    source             *source;
    squad              *squad;      /* BERT_SQUAD only, and these: */
    const char         *squad_file; /* the operand that is scanned, or NULL */
    source_line         squad_line; /* bytes NULL: to be asked for */
    bert_error          squad_bad;  /* what is wrong with it, or BERT_OK */
    bert_format         format;     /* of this operand */
    bool                guessed;    /* its first line, by its first byte */
    size_t              number;
    tsv_columns         columns; /* TSV; or of text lines: text, pair */
    bool                has_header;
    bert_status         failed; /* the stream is over, and why */
    bert_error          why;
};

static bert_status check_options(const bert_reader_options *o, bert_error *err)
{
    if (o->null_ended && o->format != BERT_AUTO && o->format != BERT_LINES) {
        return error_set(err, BERT_BAD_CALL, "only text can end in NUL");
    }
    if (o->columns != NULL && o->format != BERT_TSV) {
        return error_set(err, BERT_BAD_CALL, "columns are named for TSV only");
    }
    if ((unsigned)o->format > BERT_SQUAD) {
        return error_set(err, BERT_BAD_CALL, "no such input format");
    }
    return BERT_OK;
}

static const char squad_columns[] = "id,title,question,context";

/* SQuAD comes in pieces that end in '}', for a paragraph ends so. */
static bert_status open_source(bert_reader *r, const char *const *paths,
                               size_t count, bert_error *err)
{
    const bert_reader_options *o = &r->options;

    if (o->format != BERT_SQUAD) {
        return source_open(&r->source, paths, count,
                           o->null_ended ? '\0' : '\n', o->max_record, err);
    }
    r->format = BERT_SQUAD;
    r->squad = squad_new();
    if (r->squad == NULL) {
        return error_memory(err);
    }
    bert_status s = tsv_columns_set(&r->columns, squad_columns,
                                    sizeof squad_columns - 1, ',', true, err);
    return s == BERT_OK ? source_open(&r->source, paths, count, '}', 0, err)
                        : s;
}

bert_status bert_reader_open(bert_reader **out, const char *const *paths,
                             size_t count, const bert_reader_options *options,
                             bert_error *err)
{
    static const bert_reader_options defaults;
    const bert_reader_options       *o = options != NULL ? options : &defaults;
    bert_reader                     *r = NULL;

    bert_status s = check_options(o, err);
    if (s != BERT_OK) {
        return s;
    }
    r = memory_new_zeroed(1, sizeof *r);
    if (r == NULL) {
        return error_memory(err);
    }
    r->options = *o;
    r->options.columns = NULL;
    r->has_header = o->columns == NULL;
    if (o->columns != NULL) {
        s = tsv_columns_set(&r->columns, o->columns, strlen(o->columns), ',',
                            o->question, err);
        if (s == BERT_BAD_INPUT) {
            s = BERT_BAD_CALL;
            if (err != NULL) {
                err->status = s;
            }
        }
    }
    if (s == BERT_OK) {
        s = open_source(r, paths, count, err);
    }
    if (s != BERT_OK) {
        bert_reader_free(r);
        return s;
    }
    *out = r;
    return BERT_OK;
}

void bert_reader_free(bert_reader *reader)
{
    if (reader != NULL) {
        source_close(reader->source);
        squad_free(reader->squad);
        tsv_columns_free(&reader->columns);
        memory_free(reader);
    }
}

/* A new operand: its format, and for text the columns it would have. */
static bert_status begin_operand(bert_reader *r, const source_line *line)
{
    const bert_reader_options *o = &r->options;

    r->format = o->null_ended ? BERT_LINES : o->format;
    r->guessed = r->format == BERT_AUTO;
    if (r->guessed) {
        r->format =
            line->size > 0 && line->bytes[0] == '{' ? BERT_JSONL : BERT_LINES;
    }
    if (r->format == BERT_LINES && r->columns.names == NULL) {
        const char *names = o->ids ? "ids" : o->pair ? "text,pair" : "text";
        return tsv_columns_set(&r->columns, names, strlen(names), ',', false,
                               &r->why);
    }
    return BERT_OK;
}

/* A header line: the first one names the columns, others must equal it. */
static bert_status read_header(bert_reader *r, const source_line *line)
{
    tsv_columns columns = {0};
    bert_error  why = {0};

    bert_status s = line->too_long
                        ? error_set(&why, BERT_BAD_INPUT, "a header too long")
                        : tsv_columns_set(&columns, line->bytes, line->size,
                                          '\t', r->options.question, &why);
    if (s == BERT_NO_MEMORY) {
        return error_memory(&r->why);
    }
    if (s == BERT_OK && r->columns.names == NULL) {
        r->columns = columns;
        return BERT_OK;
    }
    bool same = s == BERT_OK && columns.count == r->columns.count;
    for (size_t i = 0; same && i < columns.count; i++) {
        const bert_text *a = &columns.names[i], *b = &r->columns.names[i];
        same = a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
    }
    tsv_columns_free(&columns);
    if (same) {
        return BERT_OK;
    }
    return error_set(
        &r->why, BERT_BAD_FILE, "%s:%zu: %s", line->file, line->number,
        s != BERT_OK ? why.message
                     : "the columns are not those of the first file");
}

static bool is_blank(const source_line *line)
{
    for (size_t i = 0; i < line->size; i++) {
        char c = line->bytes[i];
        if (c != ' ' && c != '\t' && c != '\r') {
            return false;
        }
    }
    return !line->too_long;
}

static bert_status squad_failed(bert_reader *r, const char *file,
                                bert_status status, const bert_error *why)
{
    return status == BERT_BAD_FILE
               ? error_set(&r->why, status, "%s:%s", file, why->message)
               : error_memory(&r->why);
}

/* Feed SQuAD's scanner one piece; a document ends with its operand. */
static source_state feed_squad(bert_reader *r, bool wait)
{
    source_line  piece;
    bert_error   why = {0};
    bert_status  status = BERT_OK;
    source_state state = source_peek(r->source, wait, &piece, &r->why);

    if (state == SOURCE_FAILED) {
        r->failed = r->why.status;
    }
    if ((state == SOURCE_LINE && piece.first) || state == SOURCE_END) {
        if (r->squad_file != NULL) {
            status = squad_end(r->squad, &why);
        }
        if (status != BERT_OK) {
            r->failed = squad_failed(r, r->squad_file, status, &why);
        }
        r->squad_file = NULL;
    }
    if (state != SOURCE_LINE || r->failed != BERT_OK) {
        return r->failed != BERT_OK ? SOURCE_FAILED : state;
    }
    r->squad_file = piece.file;
    /* Its '}' stands behind it. */
    status = squad_feed(r->squad, piece.bytes, piece.size + piece.marked, &why);
    source_take(r->source);
    if (status != BERT_OK) {
        r->failed = squad_failed(r, r->squad_file, status, &why);
        return SOURCE_FAILED;
    }
    return SOURCE_LINE;
}

/* Ask SQuAD's scanner for a question; false: it has none at hand, or failed. */
static bool next_question(bert_reader *r)
{
    size_t    limit = r->options.max_record, number = 0;
    bert_text text;
    bool      more = false;

    r->squad_bad.status =
        squad_next(r->squad, &text, &number, &more, &r->squad_bad);
    if (more) {
        r->squad_line = (source_line){
            .bytes = text.data,
            .size = text.size,
            .too_long = limit > 0 && text.size > limit,
            .file = r->squad_file,
            .number = number,
        };
    } else if (r->squad_bad.status != BERT_OK) {
        r->failed = error_memory(&r->why);
    }
    return more;
}

/* The next question as a line; asked again, the same comes until it is
   taken. */
static source_state locate_squad(bert_reader *r, bool wait, source_line *line)
{
    while (r->failed == BERT_OK) {
        if (r->squad_line.bytes != NULL || next_question(r)) {
            *line = r->squad_line;
            return SOURCE_LINE;
        }
        source_state state =
            r->failed == BERT_OK ? feed_squad(r, wait) : SOURCE_FAILED;
        if (state != SOURCE_LINE) {
            return state;
        }
    }
    return SOURCE_FAILED;
}

static void take_located(bert_reader *r)
{
    if (r->squad != NULL) {
        r->squad_line.bytes = NULL;
    } else {
        source_take(r->source);
    }
}

/* The line of the next record: headers and empty JSON lines are passed. */
static source_state locate(bert_reader *r, bool wait, source_line *line)
{
    if (r->squad != NULL) {
        return locate_squad(r, wait, line);
    }
    while (r->failed == BERT_OK) {
        source_state state = source_peek(r->source, wait, line, &r->why);
        if (state == SOURCE_FAILED) {
            r->failed = r->why.status;
            break;
        }
        if (state != SOURCE_LINE) {
            return state;
        }
        if (line->first) {
            r->failed = begin_operand(r, line);
        }
        if (r->failed != BERT_OK) {
            break;
        }
        if (line->first && r->format == BERT_TSV && r->has_header) {
            r->failed = read_header(r, line);
        } else if (r->format != BERT_JSONL || !is_blank(line)) {
            return SOURCE_LINE;
        }
        source_take(r->source);
    }
    return SOURCE_FAILED;
}

bool bert_reader_ready(bert_reader *reader)
{
    source_line line;

    return locate(reader, false, &line) != SOURCE_WAIT;
}

/* The record's line, UTF-8 checked or repaired. */
static bert_status take_line(const bert_reader *r, const source_line *line,
                             bert_record *record, bert_error *err)
{
    record->broken = true;
    if (line->too_long) {
        return error_set(err, BERT_BAD_INPUT, "a record of more than %zu bytes",
                         r->options.max_record);
    }
    size_t good = utf8_valid_prefix(line->bytes, line->size);
    if (good == line->size) {
        record->broken = false;
        return record_set_line(record, line->bytes, line->size)
                   ? BERT_OK
                   : error_memory(err);
    }
    if (!r->options.replace_invalid) {
        return error_set(err, BERT_BAD_INPUT, "invalid UTF-8 at byte %zu",
                         good + 1);
    }
    bert_buffer repaired = {0};
    bool        done = utf8_repair(line->bytes, line->size, &repaired) &&
                record_set_line(record, repaired.data, repaired.size);
    bert_buffer_free(&repaired);
    record->broken = false;
    return done ? BERT_OK : error_memory(err);
}

static bert_status read_text_line(const bert_reader *r, bert_record *record,
                                  bert_error *err)
{
    const char *line = record->line.data;
    size_t      size = record->line.size;
    bert_value *text = &record->values[BERT_M_TEXT];
    bert_value *pair = &record->values[BERT_M_PAIR];

    if (r->options.ids) {
        return tsv_read_ints(record, BERT_M_IDS, line, size, err);
    }
    *text = (bert_value){.type = BERT_STRING,
                         .as.text = {.data = line, .size = size}};
    if (!r->options.pair) {
        return BERT_OK;
    }
    const char *tab = memchr(line, '\t', size);
    if (tab == NULL ||
        memchr(tab + 1, '\t', (size_t)(line + size - tab - 1)) != NULL) {
        return error_set(err, BERT_BAD_INPUT, "%s TAB in a line of a pair",
                         tab == NULL ? "no" : "more than one");
    }
    text->as.text.size = (size_t)(tab - line);
    *pair = (bert_value){
        .type = BERT_STRING,
        .as.text = {.data = tab + 1, .size = (size_t)(line + size - tab - 1)}};
    return BERT_OK;
}

/* Whether a member is the user's "id", which has no value of its own. */
static bool is_id(const bert_record *record, const record_slot *slot)
{
    return slot->member == RECORD_USER &&
           jsonl_name_is(record->line.data + slot->name, slot->name_size, "id",
                         2);
}

/* No known member stands twice. */
static bert_status check_twice(const bert_record *record, bert_error *err)
{
    bool seen[BERT_M_COUNT] = {false}, seen_id = false;

    for (size_t i = 0; i < record->slot_count; i++) {
        const record_slot *slot = &record->slots[i];
        bool               id = is_id(record, slot);

        if (slot->member == RECORD_USER && !id) {
            continue;
        }
        bool *before = id ? &seen_id : &seen[slot->member];
        if (*before) {
            return error_set(
                err, BERT_BAD_INPUT, "member %s twice",
                id ? "id" : record_member_name((bert_member)slot->member));
        }
        *before = true;
    }
    return BERT_OK;
}

/* Read before all else: who passes on records that have an error must know of
   it where the rest is bad. */
static bert_status read_error(bert_record *record, bert_error *err)
{
    bert_status s = BERT_OK;

    for (size_t i = 0; i < record->slot_count && s == BERT_OK; i++) {
        if (record->slots[i].member == BERT_M_ERROR) {
            s = jsonl_read_member(record, &record->slots[i], err);
        }
    }
    return s;
}

static bert_status read_known(const bert_reader *r, bert_record *record,
                              bert_error *err)
{
    bool has_ids = record_has_ids(record);

    for (size_t i = 0; i < record->slot_count; i++) {
        const record_slot *slot = &record->slots[i];
        reading            how =
            record_reading(slot->member, has_ids, r->options.no_tokens);

        if (how == READ_NOT || slot->member == BERT_M_ERROR) {
            continue;
        }
        bool        needed = how == READ_NEEDED;
        bert_status s = jsonl_read_member(record, slot, needed ? err : NULL);
        if (s == BERT_NO_MEMORY) {
            return error_memory(err);
        }
        if (s != BERT_OK && needed) {
            return s;
        }
    }
    record_settle_window(record);
    return BERT_OK;
}

static bert_status read_jsonl(const bert_reader *r, bert_record *record,
                              bert_error *err)
{
    bert_status s = jsonl_scan(record, r->options.question, err);
    if (s != BERT_OK) {
        record->broken = true;
        return s;
    }
    s = read_error(record, err);
    if (s == BERT_OK) {
        s = check_twice(record, err);
    }
    return s == BERT_OK ? read_known(r, record, err) : s;
}

static bert_status read_members(const bert_reader *r, bert_record *record,
                                bert_error *err)
{
    bert_status s;

    switch (record->format) {
    case BERT_JSONL:
        s = read_jsonl(r, record, err);
        break;
    case BERT_TSV:
        s = tsv_read(record, &r->columns, r->options.no_tokens, err);
        break;
    default:
        s = read_text_line(r, record, err);
    }
    record_link(record);
    return s == BERT_OK ? record_check(record, err) : s;
}

bert_status bert_reader_next(bert_reader *reader, bert_record *record,
                             bool *more, bert_error *err)
{
    bert_reader *r = reader;
    source_line  line;

    source_state state = locate(r, true, &line);
    *more = state == SOURCE_LINE;
    if (state == SOURCE_FAILED) {
        return error_set(err, r->failed, "%s", r->why.message);
    }
    if (state != SOURCE_LINE) {
        return BERT_OK;
    }
    record_clear(record);
    record->format = r->squad != NULL ? BERT_JSONL : r->format;
    record->file = line.file;
    record->line_number = line.number;
    record->number = ++r->number;
    bert_status s = take_line(r, &line, record, err);
    take_located(r);
    if (s == BERT_OK) {
        s = read_members(r, record, err);
    }
    if (s == BERT_OK && r->squad_bad.status != BERT_OK) {
        s = error_set(err, r->squad_bad.status, "%s", r->squad_bad.message);
    }
    if (s == BERT_BAD_INPUT && record->no_json && r->guessed && line.first &&
        err != NULL) {
        bert_error first = *err;
        error_set(err, s, "%.400s (say -i text if this is not JSONL%s)",
                  first.message,
                  r->options.question ? ", -i squad if it is a SQuAD file"
                                      : "");
    }
    return s;
}

uint64_t bert_reader_done(const bert_reader *reader)
{
    return source_done(reader->source);
}

uint64_t bert_reader_total(const bert_reader *reader)
{
    return source_total(reader->source);
}

const bert_text *bert_reader_columns(const bert_reader *reader, size_t *count)
{
    *count = reader->columns.count;
    return reader->columns.names;
}

bert_format bert_reader_format(const bert_reader *reader)
{
    return reader->format;
}
