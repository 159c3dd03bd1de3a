/*
 * fuzz_records.c - text, JSONL and TSV in, JSONL and TSV out
 *
 * The first byte chooses options; the rest is the input. What
 * is written must be read again without an error, with the same text.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bert_io.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Options a bit each. */
enum {
    FORMAT = 3,
    NULL_OR_COLUMNS = 4,
    PAIR = 8,
    IDS = 16,
    REPAIR = 32,
    NO_TOKENS = 64,
    LIMIT = 128
};

static bert_reader *open_over(const void *bytes, size_t size,
                              const bert_reader_options *options)
{
    static char        path[32];
    static const char *paths[] = {path};
    bert_reader       *reader = NULL;

    int fd = memfd_create("input", 0);
    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size) {
        abort();
    }
    sprintf(path, "/proc/self/fd/%d", fd);
    bert_status s = bert_reader_open(&reader, paths, 1, options, NULL);
    if (s == BERT_OK) {
        bert_reader_ready(reader); /* opens it */
    }
    close(fd);
    return reader;
}

/* The line just written: JSON of one record whose text is the same. */
static void check_line(const bert_buffer *line, const bert_record *record)
{
    static bert_record *again;
    bert_reader_options options = {.format = BERT_JSONL, .no_tokens = true};
    bert_reader        *reader = open_over(line->data, line->size, &options);
    bert_error          err;
    bool                more;

    if (again == NULL) {
        again = bert_record_new();
    }
    bert_status s = bert_reader_next(reader, again, &more, &err);
    if (s != BERT_OK || !more) {
        fprintf(stderr, "%.*s: %s\n", (int)line->size, line->data, err.message);
        abort();
    }
    bert_value was = bert_record_value(record, BERT_M_TEXT);
    bert_value is = bert_record_value(again, BERT_M_TEXT);
    if (was.type != is.type || was.count != is.count ||
        (was.type == BERT_STRING &&
         (was.as.text.size != is.as.text.size ||
          memcmp(was.as.text.data, is.as.text.data, is.as.text.size) != 0))) {
        abort();
    }
    bert_reader_free(reader);
}

static void put(const bert_layout *jsonl, const bert_layout *tsv,
                const bert_record *record, bert_status s, const bert_error *err)
{
    static const float floats[] = {0.1f, -2e-20f};
    bert_value         results[] = {
                {.type = BERT_FLOATS, .count = 2, .as.floats = floats}};
    bert_buffer out = {0};

    if (s == BERT_OK) {
        if (bert_layout_put(jsonl, record, results, &out, NULL, NULL) !=
            BERT_OK) {
            abort();
        }
        check_line(&out, record);
        out.size = 0;
        (void)bert_layout_put(tsv, record, results, &out, NULL, NULL);
        if (out.size > 0 &&
            memchr(out.data, '\n', out.size) != out.data + out.size - 1) {
            abort(); /* one line, no more */
        }
        out.size = 0;
    }
    if (bert_layout_put_error(jsonl, record, s == BERT_OK ? NULL : err->message,
                              &out, NULL) != BERT_OK ||
        out.data[out.size - 1] != '\n') {
        abort();
    }
    bert_buffer_free(&out);
}

static void run(bert_reader *reader, bool number)
{
    static const char *const names[] = {"x"};
    static const bert_type   types[] = {BERT_FLOATS};
    bert_layout_options      o = {.format = BERT_JSONL,
                                  .results = names,
                                  .result_count = 1,
                                  .types = types,
                                  .columns = 2,
                                  .number = number};
    bert_layout             *jsonl = NULL, *tsv = NULL;
    bert_record             *record = bert_record_new();
    bert_error               err;
    bool                     more;

    for (;;) {
        bert_reader_ready(reader);
        bert_status s = bert_reader_next(reader, record, &more, &err);
        if (!more) {
            break;
        }
        if (s != BERT_OK && s != BERT_BAD_INPUT) {
            abort();
        }
        if (jsonl == NULL) {
            size_t           n;
            const bert_text *columns = bert_reader_columns(reader, &n);
            bert_layout_new(&jsonl, &o, columns, n, NULL);
            o.format = BERT_TSV;
            bert_layout_new(&tsv, &o, columns, n, NULL);
        }
        put(jsonl, tsv, record, s, &err);
    }
    bert_layout_free(jsonl);
    bert_layout_free(tsv);
    bert_record_free(record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    uint8_t             flags = data[0];
    bert_reader_options o = {.format = (bert_format)(flags & FORMAT),
                             .pair = (flags & PAIR) != 0,
                             .ids = (flags & IDS) != 0,
                             .replace_invalid = (flags & REPAIR) != 0,
                             .no_tokens = (flags & NO_TOKENS) != 0,
                             .max_record = (flags & LIMIT) != 0 ? 20 : 0};
    if (o.format == BERT_TSV) {
        o.columns = (flags & NULL_OR_COLUMNS) != 0 ? "text,ids" : NULL;
    } else if (o.format != BERT_JSONL) {
        o.null_ended = (flags & NULL_OR_COLUMNS) != 0;
    }
    bert_reader *reader = open_over(data + 1, size - 1, &o);
    if (reader == NULL) {
        abort();
    }
    run(reader, (flags & IDS) != 0);
    bert_reader_free(reader);
    return 0;
}
