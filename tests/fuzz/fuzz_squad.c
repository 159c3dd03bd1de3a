/*
 * fuzz_squad.c - SQuAD's documents to lines
 *
 * Scanned in pieces that end in '}', as the reader hands them over, and in
 * such of a few bytes inside of them: the lines must be the same, each one
 * line, and those of objects JSON.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/jsonl.h"
#include "io/record.h"
#include "io/squad.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(bert_text line)
{
    bert_record *record = bert_record_new();
    bert_error   err;

    if (record == NULL || !record_set_line(record, line.data, line.size) ||
        memchr(line.data, '\n', line.size) != NULL) {
        abort();
    }
    if (line.data[0] == '{' && jsonl_scan(record, true, &err) != BERT_OK) {
        abort();
    }
    bert_record_free(record);
}

/* Everything that comes of it, end to end; pieces of `most` bytes. */
static void run(const char *bytes, size_t size, size_t most, bert_buffer *all)
{
    squad      *s = squad_new();
    bert_error  err;
    bert_status status = BERT_OK;

    for (size_t at = 0; at < size && status == BERT_OK;) {
        const char *mark = memchr(bytes + at, '}', size - at);
        size_t n = mark != NULL ? (size_t)(mark + 1 - bytes) - at : size - at;
        n = n < most ? n : most;
        status = squad_feed(s, bytes + at, n, &err);
        at += n;
        for (bool more = true; status == BERT_OK && more;) {
            bert_text line;
            size_t    number;

            status = squad_next(s, &line, &number, &more, &err);
            if (status == BERT_BAD_INPUT && more) {
                status = BERT_OK; /* of this line */
            }
            if (status == BERT_OK && more) {
                check_line(line);
                if (!bert_buffer_put(all, line.data, line.size)) {
                    abort();
                }
            }
        }
    }
    if (status == BERT_OK) {
        (void)squad_end(s, &err);
    }
    squad_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bert_buffer whole = {0}, parts = {0};

    run((const char *)data, size, SIZE_MAX, &whole);
    run((const char *)data, size, 3, &parts);
    if (whole.size != parts.size ||
        (whole.size > 0 && memcmp(whole.data, parts.data, whole.size) != 0)) {
        abort();
    }
    bert_buffer_free(&whole);
    bert_buffer_free(&parts);
    return 0;
}
