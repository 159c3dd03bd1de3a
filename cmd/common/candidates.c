/*
 * candidates.c - the second texts that every context is tried with
 */
#include "common/candidates.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/report.h"
#include "common/shared.h"

enum { LINES = 1024 }; /* tokenised at once */

/* Lines on their way. */
typedef struct reading {
    candidates     *c;
    const preparer *prepare;
    const char     *path;
    bert_record   **records;   /* [LINES] */
    bert_encoding **encodings; /* [LINES] */
    bert_status    *status;    /* [LINES] */
    bert_error     *errors;    /* [LINES] */
    size_t          count;
} reading;

/* bert_work: line i to tokens. */
static void encode_line(void *context, size_t i, size_t member)
{
    reading            *r = context;
    bert_value          text;
    bert_side           side;
    bert_encode_options options = {.ids_only = true};

    (void)member;
    record_side(r->records[i], BERT_M_TEXT, &text, &side);
    r->status[i] =
        bert_tokenizer_encode(r->prepare->tokenizer, &side, NULL, &options,
                              r->encodings[i], &r->errors[i]);
}

static void *grow(void *array, size_t *capacity, size_t count, size_t size)
{
    if (!grow_array(&array, capacity, count, size)) {
        stop_error("out of memory");
    }
    return array;
}

static void append(reading *r, size_t i)
{
    candidates *c = r->c;
    bert_tokens tokens = bert_encoding_tokens(r->encodings[i]);
    bert_value  text = bert_record_value(r->records[i], BERT_M_TEXT);

    if (r->status[i] != BERT_OK) {
        stop_error("%s:%zu: %s", r->path, bert_record_line(r->records[i]),
                   r->errors[i].message);
    }
    c->text_at = grow(c->text_at, &c->text_at_capacity, c->count + 2,
                      sizeof *c->text_at);
    c->ids_at =
        grow(c->ids_at, &c->ids_at_capacity, c->count + 2, sizeof *c->ids_at);
    size_t at = c->ids_at[c->count];
    c->ids = grow(c->ids, &c->ids_capacity, at + tokens.length, sizeof *c->ids);
    memcpy(c->ids + at, tokens.ids, tokens.length * sizeof *c->ids);
    if (!bert_buffer_put(&c->texts, text.as.text.data, text.as.text.size)) {
        stop_error("out of memory");
    }
    c->count++;
    c->text_at[c->count] = c->texts.size;
    c->ids_at[c->count] = at + tokens.length;
}

static void encode_lines(reading *r, bert_team *team)
{
    bert_team_run(team, r->count, encode_line, r);
    for (size_t i = 0; i < r->count; i++) {
        append(r, i);
    }
    r->count = 0;
}

static void read_lines(reading *r, bert_reader *reader, bert_team *team)
{
    bool more = true;

    while (more) {
        bert_error   err;
        bert_record *record = r->records[r->count];
        bert_status  status = bert_reader_next(reader, record, &more, &err);

        if (status == BERT_BAD_INPUT) {
            stop_error("%s:%zu: %s", r->path, bert_record_line(record),
                       err.message);
        }
        if (status != BERT_OK) {
            stop_library(&err);
        }
        r->count += more;
        if (r->count == LINES || !more) {
            encode_lines(r, team);
        }
    }
}

static void reading_start(reading *r)
{
    r->records = alloc_zeroed(LINES, sizeof(bert_record *));
    r->encodings = alloc_zeroed(LINES, sizeof(bert_encoding *));
    r->status = alloc_zeroed(LINES, sizeof *r->status);
    r->errors = alloc_zeroed(LINES, sizeof *r->errors);
    for (size_t i = 0; i < LINES; i++) {
        r->records[i] = bert_record_new();
        r->encodings[i] = bert_encoding_new();
        if (r->records[i] == NULL || r->encodings[i] == NULL) {
            stop_error("out of memory");
        }
    }
}

static void reading_end(reading *r)
{
    for (size_t i = 0; i < LINES; i++) {
        bert_record_free(r->records[i]);
        bert_encoding_free(r->encodings[i]);
    }
    free(r->records);
    free(r->encodings);
    free(r->status);
    free(r->errors);
}

void candidates_load(candidates *c, const char *path, const preparer *prepare,
                     bert_team *team)
{
    bert_reader_options options = {
        .format = BERT_LINES,
        .replace_invalid = shared.invalid == 1,
        .max_record = shared.max_record,
    };
    reading      r = {.c = c, .prepare = prepare, .path = path};
    bert_reader *reader = NULL;
    bert_error   err;

    c->text_at = grow(NULL, &c->text_at_capacity, 1, sizeof *c->text_at);
    c->ids_at = grow(NULL, &c->ids_at_capacity, 1, sizeof *c->ids_at);
    if (bert_reader_open(&reader, &path, 1, &options, &err) != BERT_OK) {
        stop_library(&err);
    }
    reading_start(&r);
    read_lines(&r, reader, team);
    reading_end(&r);
    bert_reader_free(reader);
    if (c->count == 0) {
        stop_error("%s: no candidates", path);
    }
}

void candidates_free(candidates *c)
{
    bert_buffer_free(&c->texts);
    free(c->ids);
    free(c->text_at);
    free(c->ids_at);
    *c = (candidates){0};
}

bert_text candidates_text(const candidates *c, size_t i)
{
    size_t size = c->text_at[i + 1] - c->text_at[i];

    return size == 0 ? (bert_text){"", 0}
                     : (bert_text){c->texts.data + c->text_at[i], size};
}

bert_tokens candidates_tokens(const candidates *c, size_t i)
{
    return (bert_tokens){.length = c->ids_at[i + 1] - c->ids_at[i],
                         .ids = c->ids + c->ids_at[i]};
}
