/*
 * pipeline.c - read, work, write: the loop of every tool
 */
#include "common/pipeline.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/progress.h"
#include "common/report.h"
#include "common/shared.h"

/*
 * A slot keeps its memory from batch to batch, but not that of an unusual
 * record: large records make small batches, so only the first slots of a batch
 * may keep much.
 */
enum { FIRST_SLOTS = 16, KEEP_FIRST = 4 << 20, KEEP_OTHER = 32 << 10 };

/* The run's own state, beside the tool's part in struct pipeline. */
typedef struct run {
    pipeline *p;
    slot     *slots;
    progress  shown;
    size_t    to_skip; /* records that a resumed file holds already */
    /* their lines, where --on-error emit may have left failures; else NULL */
    bert_reader *stored;
    bert_record *stored_line;
    bool         begun, over;
    bool         stopped; /* by a bad record or a failure of the input */
    bool         clashed;
    double       seconds_read, seconds_write;
} run;

void slot_fail(slot *s, const bert_error *err)
{
    s->state = err->status == BERT_BAD_INPUT ? SLOT_BAD : SLOT_FATAL;
    s->error = *err;
}

bool slot_no_memory(slot *s)
{
    slot_fail(s, &(bert_error){BERT_NO_MEMORY, "out of memory"});
    return false;
}

void slot_bad(slot *s, const char *format, ...)
{
    va_list arguments;

    s->state = SLOT_BAD;
    s->error.status = BERT_BAD_INPUT;
    va_start(arguments, format);
    vsnprintf(s->error.message, sizeof s->error.message, format, arguments);
    va_end(arguments);
}

bool slot_stops(const slot *s)
{
    return s->state == SLOT_FATAL ||
           (s->state == SLOT_BAD && shared.on_error == ON_ERROR_STOP);
}

static size_t value_bytes(bert_value value)
{
    size_t bytes = 0;

    switch (value.type) {
    case BERT_STRING:
        return value.as.text.size;
    case BERT_STRINGS:
        for (size_t i = 0; i < value.count; i++) {
            bytes += value.as.texts[i].size + 1;
        }
        return bytes;
    default:
        return value.count * 4;
    }
}

size_t record_bytes(const bert_record *record)
{
    return value_bytes(bert_record_value(record, BERT_M_TEXT)) +
           value_bytes(bert_record_value(record, BERT_M_PAIR)) +
           value_bytes(bert_record_value(record, BERT_M_QUESTION)) +
           value_bytes(bert_record_value(record, BERT_M_CONTEXT)) +
           value_bytes(bert_record_value(record, BERT_M_IDS));
}

void pipeline_lay_out(pipeline *p, bert_layout_options *options,
                      output_frame *frame)
{
    size_t           count = 0;
    const bert_text *columns = bert_reader_columns(p->reader, &count);
    bert_error       err;

    options->as = shared.as;
    options->keep = shared.keep;
    options->drop = shared.drop;
    options->pair = shared.pair || p->pair;
    options->number = shared.number;
    options->digits = (int)shared.digits;
    if (bert_layout_new(&p->layout, options, columns, count, &err) != BERT_OK) {
        stop_library(&err);
    }
    if (options->format == BERT_TSV && !shared.no_header) {
        if (bert_layout_header(p->layout, &p->header, &err) != BERT_OK) {
            stop_library(&err);
        }
        frame->header = p->header.data;
        frame->header_size = p->header.size;
    }
}

/* Read the lines of a resumed file along with the records they came from. */
static void read_stored(run *r)
{
    bert_reader_options lines = {.format = BERT_JSONL};
    const char         *path = output_part_path(r->p->out);
    bert_error          err;

    if (r->to_skip == 0 || shared.on_error != ON_ERROR_EMIT) {
        return;
    }
    r->stored_line = bert_record_new();
    if (r->stored_line == NULL) {
        stop_error("out of memory");
    }
    if (bert_reader_open(&r->stored, &path, 1, &lines, &err) != BERT_OK) {
        stop_library(&err);
    }
}

static bool has_error(const bert_record *record)
{
    return bert_record_value(record, BERT_M_ERROR).type != BERT_ABSENT;
}

/* Did the record fail that the file holds as its next line? One that came
   with an error did not. What made it fail may make its line bad as well. */
static bool failed_before(run *r, const slot *s)
{
    bert_error err;
    bert_text  raw;
    bool       more = true;

    if (r->stored == NULL) {
        return false;
    }
    bert_status status =
        bert_reader_next(r->stored, r->stored_line, &more, &err);
    return (status == BERT_OK || status == BERT_BAD_INPUT) && more &&
           bert_record_raw(r->stored_line, "error", 5, &raw) &&
           (s->state != SLOT_GOOD || !has_error(s->record));
}

static bool has(const slot *s, bert_member member)
{
    return bert_record_value(s->record, member).type != BERT_ABSENT;
}

/* Has the record something to work on? The first such one shows what the input
   holds, and the reader stands in its operand still. */
static bool shows_input(const slot *s)
{
    return s->state == SLOT_GOOD &&
           (has(s, BERT_M_IDS) || has(s, BERT_M_TEXT) ||
            has(s, BERT_M_QUESTION) || has(s, BERT_M_CONTEXT));
}

/* s: the first record; NULL: none shows what the input holds. */
static void begin(run *r, const slot *s)
{
    pipeline    *p = r->p;
    output_frame frame = {.end = '\n'};

    p->pair = s != NULL && shows_input(s) && has(s, BERT_M_PAIR);
    p->begin(p, &frame);
    size_t stored = output_begin(p->out, &frame);
    r->to_skip = stored > 0 ? stored - 1 : 0;
    p->written = r->to_skip;
    if (stored > 0) {
        report_verbose("%zu record%s there already", r->to_skip,
                       r->to_skip == 1 ? " is" : "s are");
    }
    read_stored(r);
    r->begun = true;
}

/* A slot's memory is made at its first use and given up after a large one. */
static void ready_slot(slot *s, size_t place)
{
    size_t keep = place < FIRST_SLOTS ? KEEP_FIRST : KEEP_OTHER;

    if (s->bytes > keep || s->out.capacity > 4 * keep) {
        bert_record_free(s->record);
        s->record = NULL;
        bert_buffer_free(&s->out);
    }
    if (s->record == NULL) {
        s->record = bert_record_new();
        if (s->record == NULL) {
            stop_error("out of memory");
        }
    }
    s->out.size = 0;
    s->state = SLOT_GOOD;
    s->bytes = s->weight = s->tokens = 0;
    s->cut = false;
    s->clashed = (bert_text){0};
}

/* Read one record into s. false: none came, the stream is over. */
static bool read_slot(run *r, slot *s)
{
    bert_error  err = {0};
    bool        more = true;
    bert_status status = bert_reader_next(r->p->reader, s->record, &more, &err);

    if (status != BERT_OK) {
        slot_fail(s, &err);
        r->over = s->state == SLOT_FATAL;
        return true;
    }
    r->over = !more;
    return more;
}

/* Fill slots until the batch is full or the next read would wait. */
static size_t read_batch(run *r)
{
    pipeline *p = r->p;
    size_t    count = 0, weight = 0;

    while (count < p->slot_limit && weight < p->weight_limit && !r->over &&
           (count == 0 || bert_reader_ready(p->reader))) {
        slot *s = &r->slots[count];

        ready_slot(s, count);
        if (!read_slot(r, s)) {
            break;
        }
        if (!r->begun &&
            (shows_input(s) || (shared.resume && s->state != SLOT_FATAL))) {
            begin(r, s); /* says how many of a resumed file are there */
        }
        p->records++;
        if (slot_stops(s)) {
            return count + 1;
        }
        if (r->to_skip > 0) {
            p->failed += failed_before(r, s);
            r->to_skip--;
            continue;
        }
        if (shared.on_error == ON_ERROR_EMIT && has_error(s->record)) {
            s->state = SLOT_PASSED;
        }
        /* Bad ones and the user's members take memory, too. */
        s->bytes = bert_record_size(s->record);
        s->weight = record_bytes(s->record);
        weight += p->weigh != NULL ? p->weigh(p, s) : s->bytes;
        count++;
    }
    return count;
}

static void report_slot(const slot *s)
{
    enum { SHORT = 100 };
    size_t    line = bert_record_line(s->record);
    bert_text id;

    if (s->error.status == BERT_BAD_INPUT && shared.input == BERT_SQUAD &&
        bert_record_raw(s->record, "id", 2, &id) && id.size <= SHORT) {
        /* A document may be one line. */
        report_error("%s:%zu: id %.*s: %s", bert_record_file(s->record), line,
                     (int)id.size, id.data, s->error.message);
    } else if (s->error.status == BERT_BAD_INPUT && line > 0) {
        report_error("%s:%zu: %s", bert_record_file(s->record), line,
                     s->error.message);
    } else {
        report_error("%s", s->error.message);
    }
}

/* The record of a slot that is not good. */
static void write_failed(run *r, slot *s)
{
    pipeline  *p = r->p;
    bert_error err;

    if (slot_stops(s)) {
        r->stopped = r->over = true;
        progress_end(&r->shown);
        output_flush(p->out);
        report_slot(s);
        return;
    }
    bool passed = s->state == SLOT_PASSED;
    p->failed += !passed;
    if (shared.on_error == ON_ERROR_SKIP) {
        progress_end(&r->shown);
        report_slot(s);
        return;
    }
    if (p->layout == NULL) { /* its message has no place but here */
        if (!passed) {
            progress_end(&r->shown);
            report_slot(s);
        }
        output_put(p->out, s->out.data, s->out.size);
        p->written++;
        return;
    }
    s->out.size = 0;
    if (bert_layout_put_error(p->layout, s->record,
                              passed ? NULL : s->error.message, &s->out,
                              &err) != BERT_OK) {
        slot_fail(s, &err);
        s->state = SLOT_FATAL;
        write_failed(r, s);
        return;
    }
    output_put(p->out, s->out.data, s->out.size);
    p->written++;
}

static void write_batch(run *r, size_t count)
{
    pipeline *p = r->p;

    for (size_t i = 0; i < count && !r->stopped; i++) {
        slot *s = &r->slots[i];

        if (s->state != SLOT_GOOD) {
            write_failed(r, s);
            continue;
        }
        output_put(p->out, s->out.data, s->out.size);
        p->written++;
        p->tokens += s->tokens;
        p->cut += s->cut;
        if (s->clashed.size > 0 && !r->clashed) {
            report_warning("the member \"%.*s\" of the input bears the name "
                           "of a result and was left out (--as NAME gives a "
                           "result another name%s)",
                           (int)s->clashed.size, s->clashed.data,
                           shared.number ? "; --number writes n" : "");
            r->clashed = true;
        }
    }
    progress_tick(&r->shown, p->reader, p->records);
    if (!r->over && !bert_reader_ready(p->reader)) {
        output_flush(p->out);
    }
}

static void loop(run *r)
{
    pipeline *p = r->p;

    while (!r->over) {
        double start = clock_seconds();
        size_t count = read_batch(r);
        double read = clock_seconds();

        /* An input that cannot be read at all gives no header either; what is
           left out says nothing of what follows. */
        if (!r->begun &&
            (count == 0 || ((r->over || shared.on_error != ON_ERROR_SKIP) &&
                            r->slots[0].state != SLOT_FATAL))) {
            begin(r, count > 0 ? r->slots : NULL);
        }
        if (count > 0) {
            p->work(p, r->slots, count);
        }
        double worked = clock_seconds();
        write_batch(r, count);
        r->seconds_read += read - start;
        p->seconds_work += worked - read;
        r->seconds_write += clock_seconds() - worked;
    }
}

static void summarise(const run *r, double started)
{
    const pipeline *p = r->p;
    struct rusage   use;
    double          spent = clock_seconds() - started;

    if (p->cut > 0) {
        report_warning(
            "%zu text%s cut to fit the length (--max-length, --long)", p->cut,
            p->cut == 1 ? " was" : "s were");
    }
    if (p->failed > 0 && shared.on_error == ON_ERROR_EMIT) {
        report_warning("%zu of %zu record%s failed", p->failed, p->records,
                       p->records == 1 ? "" : "s");
    } else if (p->failed > 0) {
        report_warning("%zu of %zu record%s left out", p->failed, p->records,
                       p->records == 1 ? " was" : "s were");
    }
    getrusage(RUSAGE_SELF, &use);
    report_verbose("time: reading %.3f s, work %.3f s, writing %.3f s",
                   r->seconds_read, p->seconds_work, r->seconds_write);
    report_verbose("%zu record%s, %.0f a second; %zu token%s, %.0f a second; "
                   "peak memory %.1f MB",
                   p->records, p->records == 1 ? "" : "s",
                   (double)p->records / spent, p->tokens,
                   p->tokens == 1 ? "" : "s", (double)p->tokens / spent,
                   (double)use.ru_maxrss / 1024);
}

/* One line where a person at a terminal might think that the tool hangs. */
static void say_awaited(const pipeline *p)
{
    if (p->path_count == 0 && isatty(STDIN_FILENO) == 1) {
        report_note("reading %s, from the terminal; Ctrl-D ends", p->awaits);
    }
}

int pipeline_run(pipeline *p)
{
    run        r = {.p = p};
    bert_error err;
    double     started = clock_seconds();

    if (bert_reader_open(&p->reader, p->paths, p->path_count, &p->reading,
                         &err) != BERT_OK) {
        stop_library(&err);
    }
    r.slots = alloc_zeroed(p->slot_limit, sizeof *r.slots);
    say_awaited(p);
    progress_start(&r.shown, output_is_terminal(p->out));
    loop(&r);
    progress_end(&r.shown);
    p->stopped = r.stopped;
    if (r.begun && p->end != NULL) {
        p->end(p);
    }
    summarise(&r, started);
    if (r.stopped) {
        output_abandon(p->out);
    } else {
        output_finish(p->out);
        if (r.begun && p->completed != NULL) {
            p->completed(p);
        }
    }
    int status = r.stopped       ? ENDS_STOPPED
                 : p->failed > 0 ? ENDS_SOME_FAILED
                                 : ENDS_WELL;
    end_at_once(status);
    for (size_t i = 0; i < p->slot_limit; i++) {
        bert_record_free(r.slots[i].record);
        bert_buffer_free(&r.slots[i].out);
    }
    free(r.slots);
    bert_record_free(r.stored_line);
    bert_reader_free(r.stored);
    bert_reader_free(p->reader);
    bert_layout_free(p->layout);
    bert_buffer_free(&p->header);
    return status;
}
