/*
 * test_faults.c - every allocation fails in turn, and nothing is lost
 *
 * Built with FAULTS=1 SAN=1: a run with its n-th allocation failing must end
 * with BERT_NO_MEMORY and no leak, for every n until it passes.
 */
#include "test.h"

#include <stdint.h>

#include "base/memory.h"
#include "io/safetensors.h"
#include "io/shards.h"
#include "io/torch_file.h"
#include "records.h"

/* One thing a user does with the library. */
typedef bert_status job(const char *path, bert_error *err);

/* Run it with 0, 1, 2 .. allocations before the failing one. */
static void fail_at_each(job *run, const char *path)
{
    size_t n = 0;

    for (;; n++) {
        bert_error err = {0};
        memory_fault_after(n);
        bert_status s = run(path, &err);
        memory_fault_after(SIZE_MAX);
        if (s == BERT_OK) {
            break;
        }
        CHECK_INT(s, BERT_NO_MEMORY);
        if (s != BERT_NO_MEMORY || n > 10000) {
            CHECK_TEXT(err.message, "");
            break;
        }
    }
    CHECK(n > 3); /* there was something to fail */
}

static void fail_each(job *run, const char *bytes, size_t size)
{
    char path[32];

    write_file(path, bytes, size);
    fail_at_each(run, path);
    unlink(path);
}

/* Read all and write all, errors emitted. */
static bert_status copy_records(const char                *path,
                                const bert_reader_options *reading,
                                bert_format format, bert_error *err)
{
    static const char *const names[] = {"x", "truncated"};
    static const bert_type   types[] = {BERT_FLOATS, BERT_TRUE};
    static const float       floats[] = {1, 2};
    const bert_value         results[] = {
                {.type = BERT_FLOATS, .count = 2, .as.floats = floats},
                {.type = BERT_TRUE}};
    const char  *paths[] = {path};
    bert_reader *reader = NULL;
    bert_layout *layout = NULL;
    bert_buffer  out = {0};
    bool         more = true;

    bert_record *record = bert_record_new();
    bert_status  s = record != NULL
                         ? bert_reader_open(&reader, paths, 1, reading, err)
                         : BERT_NO_MEMORY;
    while (s == BERT_OK && more) {
        s = bert_reader_next(reader, record, &more, err);
        if ((s != BERT_OK && s != BERT_BAD_INPUT) || !more) {
            break;
        }
        if (layout == NULL) {
            bert_layout_options o = {.format = format,
                                     .results = names,
                                     .types = types,
                                     .result_count = 2,
                                     .columns = 2,
                                     .as = "a",
                                     .drop = "q,w"};
            size_t              count;
            const bert_text    *columns = bert_reader_columns(reader, &count);
            bert_status t = bert_layout_new(&layout, &o, columns, count, err);
            if (t == BERT_OK && format == BERT_TSV) {
                t = bert_layout_header(layout, &out, err);
            }
            if (t != BERT_OK) {
                s = t;
                break;
            }
        }
        if (s == BERT_OK) {
            s = bert_layout_put(layout, record, results, &out, NULL, err);
        } else if (format == BERT_JSONL) {
            char message[sizeof err->message];
            memcpy(message, err->message, sizeof message);
            s = bert_layout_put_error(layout, record, message, &out, err);
        } else {
            s = BERT_OK;
        }
    }
    bert_buffer_free(&out);
    bert_layout_free(layout);
    bert_record_free(record);
    bert_reader_free(reader);
    return s;
}

static bert_status text_job(const char *path, bert_error *err)
{
    bert_reader_options o = {.format = BERT_LINES, .replace_invalid = true};

    return copy_records(path, &o, BERT_JSONL, err);
}

static bert_status jsonl_job(const char *path, bert_error *err)
{
    return copy_records(path, NULL, BERT_JSONL, err);
}

static bert_status jsonl_tsv_job(const char *path, bert_error *err)
{
    return copy_records(path, NULL, BERT_TSV, err);
}

static bert_status tsv_job(const char *path, bert_error *err)
{
    bert_reader_options o = {.format = BERT_TSV};

    return copy_records(path, &o, BERT_JSONL, err);
}

static void test_faults_of_records(void)
{
    static const char text[] = "a\xFF\nb\n";
    static const char jsonl[] =
        "{\"text\":\"a\\u00e9\",\"ids\":[1,2],\"offsets\":[[0,1],[1,2]],"
        "\"tokens\":[\"a\",\"\\n\"],\"u\":\"\\t\"}\n{\"text\":1}\n{bad\n";
    static const char plain[] = "{\"text\":\"\\t\",\"id\":\"\\n\"}\n";
    static const char tsv[] = "id\ttext\tids\ttokens\n1\ta\\tb\t1 2\ta b\nx\n";

    fail_each(text_job, text, sizeof text - 1);
    fail_each(jsonl_job, jsonl, sizeof jsonl - 1);
    fail_each(jsonl_tsv_job, plain, sizeof plain - 1);
    fail_each(tsv_job, tsv, sizeof tsv - 1);
}

static bert_status open_job(shards_reader *reader, const char *path,
                            bert_error *err)
{
    tensors    *t = tensors_new(path);
    bert_status s = t != NULL ? reader(t, path, err) : BERT_NO_MEMORY;

    tensors_free(t);
    return s;
}

static bert_status safetensors_job(const char *path, bert_error *err)
{
    return open_job(safetensors_open, path, err);
}

static bert_status torch_job(const char *path, bert_error *err)
{
    return open_job(torch_file_open, path, err);
}

static bert_status open_shards(tensors *t, const char *path, bert_error *err)
{
    return shards_open(t, path, safetensors_open, err);
}

static bert_status shards_job(const char *path, bert_error *err)
{
    return open_job(open_shards, path, err);
}

static void test_faults_of_safetensors(void)
{
    static const char file[] =
        "\x37\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"U8\",\"shape\":[2],"
        "\"data_offsets\":[0,2]}}  ab";

    fail_each(safetensors_job, file, sizeof file - 1);
}

static void test_faults_of_torch_files(void)
{
    fail_at_each(torch_job, "tests/golden/torch/zip.bin");
    fail_at_each(torch_job, "tests/golden/torch/stream.bin");
}

static void test_faults_of_shards(void)
{
    char        path[512];
    const char *build = getenv("BUILD");

    snprintf(path, sizeof path,
             "%s/tiny/tiny-shards/model.safetensors.index.json",
             build != NULL ? build : "build");
    fail_at_each(shards_job, path);
}

int main(void)
{
    TEST(test_faults_of_records);
    TEST(test_faults_of_safetensors);
    TEST(test_faults_of_torch_files);
    TEST(test_faults_of_shards);
    TEST_END;
}
