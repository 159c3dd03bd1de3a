/*
 * test_tsv.c - columns, escapes and typed fields
 */
#include "test.h"

#include "base/buffer.h"
#include "io/tsv.h"
#include "records.h"

static void test_tsv_escapes_are_undone(void)
{
    static const struct {
        const char *field, *plain;
    } cases[] = {
        {"a\\tb", "a\tb"},   {"\\n\\r\\\\", "\n\r\\"},
        {"a\\qb", "a\\qb"},  {"end\\", "end\\"},
        {"\\\\t", "\\t"},    {"\\q\\t", "\\q\t"},
        {"\\\\\\t", "\\\t"}, {"", ""},
        {"plain", "plain"},  {"\\q\\\\", "\\q\\"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char        plain[32];
        const char *field = cases[i].field;
        size_t      n = tsv_unescape(field, strlen(field), plain);
        plain[n] = '\0';
        CHECK_TEXT(plain, cases[i].plain);
        bert_buffer out = {0};
        CHECK(tsv_escape(plain, n, &out));
        char again[64];
        n = tsv_unescape(out.data != NULL ? out.data : "", out.size, again);
        again[n] = '\0';
        CHECK_TEXT(again, cases[i].plain);
        bert_buffer_free(&out);
    }
}

static bert_record *record;
static bert_error   err;

/* The status of the last record of the input. */
static bert_status last(const char *bytes, const bert_reader_options *options)
{
    bert_reader *reader = reader_over(bytes, strlen(bytes), options);
    bert_status  s = BERT_OK, t;
    bool         more;

    err.message[0] = '\0';
    bert_record_free(record);
    record = bert_record_new();
    for (;;) {
        t = bert_reader_next(reader, record, &more, &err);
        if (t == BERT_OK && !more) {
            break;
        }
        s = t;
        if (s != BERT_OK) {
            break;
        }
    }
    bert_reader_free(reader);
    return s;
}

static const bert_reader_options tsv = {.format = BERT_TSV};

static bool text_is(bert_member member, const char *want)
{
    bert_value v = bert_record_value(record, member);

    return v.type == BERT_STRING && v.as.text.size == strlen(want) &&
           memcmp(v.as.text.data, want, v.as.text.size) == 0;
}

static void test_tsv_typed_columns(void)
{
    CHECK_INT(last("text\tids\toffsets\twords\ttokens\tvocab\ttruncated\n"
                   "ab\t1 2\t0-0 0-2\t- 0\t[CLS] a\\\\b\tff\ttrue\r\n",
                   &tsv),
              BERT_OK);
    CHECK_TEXT(err.message, "");
    CHECK(text_is(BERT_M_TEXT, "ab"));
    CHECK(text_is(BERT_M_VOCAB, "ff"));
    CHECK_INT(bert_record_value(record, BERT_M_IDS).as.ints[1], 2);
    CHECK_INT(bert_record_value(record, BERT_M_WORDS).as.ints[0], -1);
    CHECK_INT(bert_record_value(record, BERT_M_OFFSETS).as.spans[1].end, 2);
    CHECK_INT(bert_record_value(record, BERT_M_TRUNCATED).type, BERT_TRUE);
    bert_value tokens = bert_record_value(record, BERT_M_TOKENS);
    CHECK(tokens.count == 2 && tokens.as.texts[1].size == 3);
    CHECK_INT(bert_record_line(record), 2);
    CHECK_INT(bert_record_number(record), 1);
}

static void test_tsv_empty_fields(void)
{
    CHECK_INT(last("text\tpair\tids\tvocab\n\t\t\t\n", &tsv), BERT_OK);
    CHECK(text_is(BERT_M_TEXT, ""));
    CHECK(text_is(BERT_M_PAIR, ""));
    CHECK_INT(bert_record_value(record, BERT_M_IDS).type, BERT_ABSENT);
    CHECK_INT(bert_record_value(record, BERT_M_VOCAB).type, BERT_ABSENT);
    CHECK_INT(last("text\n\n", &tsv), BERT_OK);
    CHECK(text_is(BERT_M_TEXT, ""));
}

static void test_tsv_without_header(void)
{
    bert_reader_options o = {.format = BERT_TSV, .columns = "id,text"};

    CHECK_INT(last("1\ta\n2\tb\n", &o), BERT_OK);
    CHECK(text_is(BERT_M_TEXT, "b"));
    CHECK_INT(bert_record_line(record), 2);
    o.columns = "text,text";
    bert_reader *reader;
    CHECK_INT(bert_reader_open(&reader, NULL, 0, &o, &err), BERT_BAD_CALL);
    CHECK_TEXT(err.message, "column text twice");
}

static void test_tsv_bad_input(void)
{
    static const struct {
        const char *table, *message;
        bert_status status;
    } cases[] = {
        {"a\tb\n1\n", "1 fields, but 2 columns", BERT_BAD_INPUT},
        {"a\tb\n1\t2\t3\t\n", "4 fields, but 2 columns", BERT_BAD_INPUT},
        {"ids\nx\n", "ids: 'x' is not a 32-bit integer", BERT_BAD_INPUT},
        {"ids\n4294967296\n", "ids: '4294967296' is not a 32-bit integer",
         BERT_BAD_INPUT},
        {"ids\toffsets\n1\t1\n", "offsets: '1' is not start-end",
         BERT_BAD_INPUT},
        {"ids\toffsets\n1\t1--2\n", "offsets: '1--2' is not start-end",
         BERT_BAD_INPUT},
        {"ids\twords\n1\t-1\n", "words: '-1' is not a 32-bit integer or -",
         BERT_BAD_INPUT},
        {"ids\ttruncated\n1\tyes\n", "truncated is not true", BERT_BAD_INPUT},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_INT(last(cases[i].table, &tsv), cases[i].status);
        CHECK_TEXT(err.message, cases[i].message);
    }
    CHECK_INT(last("a\ta\n1\t2\n", &tsv), BERT_BAD_FILE);
    CHECK(strstr(err.message, ": column a twice") != NULL);
    CHECK_INT(last("a\t\n1\t2\n", &tsv), BERT_BAD_FILE);
    CHECK(strstr(err.message, ": column 2 has no name") != NULL);
}

static void test_tsv_files_share_their_columns(void)
{
    char         a[32], b[32], c[32];
    const char  *paths[] = {a, b, c};
    bert_reader *reader;
    bool         more;

    write_file(a, "id\ttext\n1\tx\n", 12);
    write_file(b, "id\ttext\n2\ty\n", 12);
    write_file(c, "text\tid\ny\t2\n", 12);
    CHECK_INT(bert_reader_open(&reader, paths, 3, &tsv, &err), BERT_OK);
    CHECK_INT(bert_reader_next(reader, record, &more, &err), BERT_OK);
    CHECK_INT(bert_reader_next(reader, record, &more, &err), BERT_OK);
    CHECK(text_is(BERT_M_TEXT, "y"));
    CHECK_INT(bert_reader_next(reader, record, &more, &err), BERT_BAD_FILE);
    CHECK(strstr(err.message, "the columns are not those of the first file"));
    bert_reader_free(reader);
    unlink(a);
    unlink(b);
    unlink(c);
}

int main(void)
{
    record = bert_record_new();
    TEST(test_tsv_escapes_are_undone);
    TEST(test_tsv_typed_columns);
    TEST(test_tsv_empty_fields);
    TEST(test_tsv_without_header);
    TEST(test_tsv_bad_input);
    TEST(test_tsv_files_share_their_columns);
    bert_record_free(record);
    TEST_END;
}
