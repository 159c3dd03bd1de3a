/*
 * test_reader.c - operands, formats, lines and members into records
 */
#include "test.h"

#include <fcntl.h>

#include "io/record.h"
#include "records.h"

/* All records of an input, as one string: each "[text|pair]" or "!message". */
static const char *read_all(const char *bytes, size_t size,
                            const bert_reader_options *options)
{
    static char  out[65536];
    bert_reader *reader = reader_over(bytes, size, options);
    bert_record *record = bert_record_new();
    bert_error   err;
    bool         more = true;
    char        *p = out;

    for (;;) {
        bert_status s = bert_reader_next(reader, record, &more, &err);
        if (s == BERT_OK && !more) {
            break;
        }
        bert_value text = bert_record_value(record, BERT_M_TEXT);
        bert_value pair = bert_record_value(record, BERT_M_PAIR);
        if (s != BERT_OK) {
            p += sprintf(p, "!%zu %s\n", bert_record_line(record), err.message);
            if (s != BERT_BAD_INPUT) {
                break;
            }
            continue;
        }
        p += sprintf(p, "[");
        for (size_t i = 0; text.type == BERT_STRING && i < text.as.text.size;
             i++) {
            char c = text.as.text.data[i];
            p += c == '\0' ? sprintf(p, "<0>") : sprintf(p, "%c", c);
        }
        if (pair.type == BERT_STRING) {
            p += sprintf(p, "|%.*s", (int)pair.as.text.size, pair.as.text.data);
        }
        p += sprintf(p, "]");
    }
    *p = '\0';
    bert_record_free(record);
    bert_reader_free(reader);
    return out;
}

#define READ(bytes, options) read_all(bytes, sizeof(bytes) - 1, options)

static void test_reader_text_lines(void)
{
    CHECK_TEXT(READ("a\nb\n", NULL), "[a][b]");
    CHECK_TEXT(READ("a\r\nb", NULL), "[a][b]");
    CHECK_TEXT(READ("a\r", NULL), "[a\r]"); /* no CRLF without its LF */
    CHECK_TEXT(READ("\n\nx\n\n", NULL), "[][][x][]");
    CHECK_TEXT(READ("", NULL), "");
    CHECK_TEXT(READ("\xEF\xBB\xBF"
                    "a\n\xEF\xBB\xBF"
                    "b\n",
                    NULL),
               "[a][\xEF\xBB\xBF"
               "b]");
    CHECK_TEXT(READ("\xEF\xBB\xBF", NULL), "");
    CHECK_TEXT(READ("a\0b\n\0\n", NULL), "[a<0>b][<0>]");
    CHECK_TEXT(READ("ok\nb\xC3(d\nok\n", NULL),
               "[ok]!2 invalid UTF-8 at byte 2\n[ok]");
}

static void test_reader_null_ended_texts(void)
{
    bert_reader_options o = {.null_ended = true};

    CHECK_TEXT(READ("a\nb\0{}\r\n\0c", &o), "[a\nb][{}\r\n][c]");
    CHECK_TEXT(READ("\0\0", &o), "[][]");
    o.pair = true;
    CHECK_TEXT(READ("a\n\tb\0", &o), "[a\n|b]");
}

static void test_reader_pairs(void)
{
    bert_reader_options o = {.pair = true};

    CHECK_TEXT(READ("a\tb\n\t\n", &o), "[a|b][|]");
    CHECK_TEXT(READ("a\nb\tc\td\nx\ty", &o),
               "!1 no TAB in a line of a pair\n"
               "!2 more than one TAB in a line of a pair\n[x|y]");
}

static void test_reader_repairs(void)
{
    bert_reader_options o = {.replace_invalid = true};

    CHECK_TEXT(READ("a\xF0\x9F\x98z\n", &o), "[a\xEF\xBF\xBDz]");
    CHECK_TEXT(READ("{\"text\":\"\xFF\"}\n", &o), "[\xEF\xBF\xBD]");
}

static void test_reader_jsonl(void)
{
    CHECK_TEXT(READ("{\"text\":\"a\",\"pair\":\"b\"}\n", NULL), "[a|b]");
    CHECK_TEXT(READ("{\"text\":\"a\"}\n\n \t\r\n{\"text\":\"b\"}", NULL),
               "[a][b]");
    CHECK_TEXT(READ("{\"te\\u0078t\":\"\\u0000\\ud83d\\ude00\\n\"}", NULL),
               "[<0>\xF0\x9F\x98\x80\n]");
    CHECK_TEXT(READ("{\"text\":null}\n{}\n", NULL), "[][]");
    CHECK_TEXT(
        READ("{\"text\":\"a\"}\n{\"text\":\"a\",\"text\":\"b\"}\n", NULL),
        "[a]!2 member text twice\n");
    CHECK_TEXT(READ("{}\n{\"text\":\"\\ud800\"}\n{\"x\":\"\\ud800\"}\n", NULL),
               "[]!2 text: a lone surrogate\n[]");
    CHECK_TEXT(READ("{}\n{\"text\":3}\n{\"text\":[1]}\n", NULL),
               "[]!2 text is not a string or an array of strings\n"
               "!3 text is not an array of strings\n");
    CHECK_TEXT(READ("{}\n[]\n\"a\"\n{} {}\n", NULL),
               "[]!2 not JSON: no object at byte 1\n"
               "!3 not JSON: no object at byte 1\n"
               "!4 not JSON: more after the object at byte 4\n");
}

/* The member `name` of the first record, as it stands there. */
static const char *raw_of(const char *bytes, bert_format format,
                          const char *name)
{
    static char         out[256];
    bert_reader_options options = {.format = format, .pair = true};
    bert_reader        *reader = reader_over(bytes, strlen(bytes), &options);
    bert_record        *record = bert_record_new();
    bool                more;
    bert_text           raw = {"", 0};

    (void)bert_reader_next(reader, record, &more, NULL);
    bool found = bert_record_raw(record, name, strlen(name), &raw);
    snprintf(out, sizeof out, "%.*s", (int)raw.size, raw.data);
    bert_record_free(record);
    bert_reader_free(reader);
    return found ? out : "none";
}

static void test_reader_lends_any_member(void)
{
    const char *json = "{\"q\": [1, 2] ,\"text\":\"a\\n\",\"q\":3,"
                       "\"\\u0071x\":null,\"ids\":[4]}\n";

    CHECK_TEXT(raw_of(json, BERT_JSONL, "q"), "[1, 2]");
    CHECK_TEXT(raw_of(json, BERT_JSONL, "text"), "\"a\\n\"");
    CHECK_TEXT(raw_of(json, BERT_JSONL, "qx"), "null");
    CHECK_TEXT(raw_of(json, BERT_JSONL, "ids"), "[4]");
    CHECK_TEXT(raw_of(json, BERT_JSONL, "x"), "none");
    CHECK_TEXT(raw_of("{\"q\":1,}\n", BERT_JSONL, "q"), "none");
    CHECK_TEXT(raw_of("q\ttext\na\\tb\tc\n", BERT_TSV, "q"), "a\\tb");
    CHECK_TEXT(raw_of("q\ttext\na\tc\n", BERT_TSV, "pair"), "none");
    CHECK_TEXT(raw_of("{\"id\":null}\n", BERT_JSONL, "id"), "none");
    CHECK_TEXT(raw_of("{\"pair\":null}\n", BERT_JSONL, "pair"), "none");
    CHECK_TEXT(raw_of("id\tq\nnull\t\n", BERT_TSV, "id"), "null");
    CHECK_TEXT(raw_of("id\tq\nnull\t\n", BERT_TSV, "q"), "none");
    CHECK_TEXT(raw_of("text\tq\n\tx\n", BERT_TSV, "text"), "");
    CHECK_TEXT(raw_of("a\tb\n", BERT_LINES, "text"), "a");
    CHECK_TEXT(raw_of("a\tb\n", BERT_LINES, "pair"), "b");
    CHECK_TEXT(raw_of("a\tb\n", BERT_LINES, "id"), "none");
}

static void test_reader_advises_text(void)
{
    CHECK_TEXT(READ("{hello}\n", NULL),
               "!1 not JSON: no name at byte 2 (say -i text if this is not "
               "JSONL)\n");
    CHECK_TEXT(READ("{\"a\":\"\xFF\"}\n", NULL),
               "!1 invalid UTF-8 at byte 7\n");
    bert_reader_options limit = {.max_record = 3};
    CHECK_TEXT(READ("{hello}\n", &limit), "!1 a record of more than 3 bytes\n");
    char deep[1200];
    sprintf(deep, "{\"a\":%01100d}\n", 0);
    memset(deep + 5, '[', 1100);
    CHECK(strstr(read_all(deep, strlen(deep), NULL), "-i text") == NULL);
    bert_reader_options o = {.format = BERT_JSONL};
    CHECK_TEXT(READ("{hello}\n", &o), "!1 not JSON: no name at byte 2\n");
    o.format = BERT_LINES;
    CHECK_TEXT(READ("{hello}\n", &o), "[{hello}]");
}

static void test_reader_limits_records(void)
{
    bert_reader_options o = {.max_record = 5};

    CHECK_TEXT(READ("12345\r\n123456\n1234\n", &o),
               "[12345]!2 a record of more than 5 bytes\n[1234]");

    /* Far more than the buffer holds: memory must not grow with it. */
    size_t size = (size_t)3 << 20;
    char  *big = malloc(size + 5);
    memset(big, 'x', size);
    memcpy(big + size, "\nab\n", 5);
    CHECK_TEXT(read_all(big, size + 4, &o),
               "!1 a record of more than 5 bytes\n[ab]");
    CHECK_TEXT(read_all(big, size, &o), "!1 a record of more than 5 bytes\n");
    free(big);
}

static void test_reader_long_lines(void)
{
    size_t       size = (size_t)5 << 20;
    char        *big = malloc(2 * size);
    bert_record *record = bert_record_new();
    bool         more;

    memset(big, 'a', 2 * size);
    big[size] = '\n';
    memcpy(big + 2 * size - 3, "\nb\n", 3);
    bert_reader        *reader = reader_over(big, 2 * size, NULL);
    static const size_t want[] = {5 << 20, (5 << 20) - 4, 1};
    for (size_t i = 0; i < 3; i++) {
        CHECK_INT(bert_reader_next(reader, record, &more, NULL), BERT_OK);
        CHECK_INT(bert_record_value(record, BERT_M_TEXT).as.text.size, want[i]);
    }
    CHECK(record->line.capacity <= 1 << 20); /* the huge lines' is gone */
    CHECK_INT(bert_reader_done(reader), 2 * size);
    CHECK_INT(bert_reader_next(reader, record, &more, NULL), BERT_OK);
    CHECK(!more);
    bert_reader_free(reader);
    bert_record_free(record);
    free(big);
}

static void test_reader_token_members(void)
{
    static const char line[] =
        "{\"tokens\":[\"[CLS]\",\"a\\\"\",\"[SEP]\"],\"ids\":[101, 7 ,102],"
        "\"type_ids\":[0,0,0],\"offsets\":[[0,0],[ 0 , 1 ],[0,0]],"
        "\"words\":[null,0,null],\"special\":[1,0,1],\"text\":\"\xC3\xA9\","
        "\"truncated\":true,\"vocab\":\"00ff\",\"window\":[1,2],"
        "\"error\":{\"a\":[]}}\n";
    bert_reader *reader = reader_over(line, sizeof line - 1, NULL);
    bert_record *r = bert_record_new();
    bert_error   err = {0};
    bool         more;

    CHECK_INT(bert_reader_next(reader, r, &more, &err), BERT_OK);
    CHECK_TEXT(err.message, "");
    bert_value v = bert_record_value(r, BERT_M_TOKENS);
    CHECK_INT(v.count, 3);
    CHECK(v.as.texts[1].size == 2 && memcmp(v.as.texts[1].data, "a\"", 2) == 0);
    v = bert_record_value(r, BERT_M_IDS);
    CHECK(v.type == BERT_INTS && v.count == 3 && v.as.ints[1] == 7);
    v = bert_record_value(r, BERT_M_WORDS);
    CHECK(v.type == BERT_WORDS && v.as.ints[0] == -1 && v.as.ints[1] == 0);
    v = bert_record_value(r, BERT_M_OFFSETS);
    CHECK(v.count == 3 && v.as.spans[1].begin == 0 && v.as.spans[1].end == 1);
    CHECK_INT(bert_record_value(r, BERT_M_TRUNCATED).type, BERT_TRUE);
    CHECK_INT(bert_record_value(r, BERT_M_VOCAB).as.text.size, 4);
    CHECK_INT(bert_record_value(r, BERT_M_WINDOW).as.ints[1], 2);
    v = bert_record_value(r, BERT_M_ERROR);
    CHECK(v.type == BERT_JSON && memcmp(v.as.text.data, "{\"a\":[]}", 8) == 0);
    bert_reader_free(reader);
    bert_record_free(r);
}

static void test_reader_bad_token_members(void)
{
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"\"ids\":[1.0]", "ids is not an array of 32-bit integers"},
        {"\"ids\":[1e2]", "ids is not an array of 32-bit integers"},
        {"\"ids\":[2147483648]", "ids is not an array of 32-bit integers"},
        {"\"ids\":[null]", "ids is not an array of 32-bit integers"},
        {"\"ids\":\"1\"", "ids is not an array of 32-bit integers"},
        {"\"ids\":[1],\"words\":[-1]",
         "words is not an array of 32-bit integers and null"},
        {"\"ids\":[1],\"offsets\":[[1]]",
         "offsets is not an array of [start,end]"},
        {"\"ids\":[1],\"offsets\":[[1,2,3]]",
         "offsets is not an array of [start,end]"},
        {"\"ids\":[1],\"offsets\":[[]]",
         "offsets is not an array of [start,end]"},
        {"\"ids\":[1],\"offsets\":[[2,1]]",
         "offsets: [2,1] of token 0 does not fit"},
        {"\"ids\":[1],\"text\":\"\\u00e9\",\"offsets\":[[0,2]]",
         "offsets: [0,2] of token 0 does not fit"},
        {"\"ids\":[1],\"text\":\"\\u00e9\",\"offsets\":[[0,3]],"
         "\"offset_unit\":\"bytes\"",
         "offsets: [0,3] of token 0 does not fit"},
        {"\"ids\":[1],\"text\":\"\\ud83d\\ude00\",\"offsets\":[[0,3]],"
         "\"offset_unit\":\"utf16\"",
         "offsets: [0,3] of token 0 does not fit"},
        {"\"ids\":[1],\"text\":\"\\u4e2d\",\"offsets\":[[0,2]],"
         "\"offset_unit\":\"utf16\"",
         "offsets: [0,2] of token 0 does not fit"},
        {"\"ids\":[1,2],\"type_ids\":[0]", "type_ids has 1 items, ids has 2"},
        {"\"ids\":[1],\"offset_unit\":\"chars\"",
         "offset_unit is neither \"bytes\" nor \"utf16\""},
        {"\"ids\":[1],\"truncated\":1", "truncated is not true"},
        {"\"ids\":[1],\"special\":[2]", "special is not an array of 0 and 1"},
        {"\"ids\":[1],\"vocab\":[\"a\"]", "vocab is not a string"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bert_reader_options o = {.format = BERT_JSONL};
        char                line[256], want[256];
        sprintf(line, "{%s}\n", cases[i].line);
        sprintf(want, "!1 %s\n", cases[i].message);
        CHECK_TEXT(read_all(line, strlen(line), &o), want);
        if (strstr(line, "offset_unit\":\"c") == NULL) {
            o.no_tokens = true; /* not looked at */
            const char *got = read_all(line, strlen(line), &o);
            CHECK(got[0] == '[');
        }
    }
    bert_reader_options o = {.format = BERT_JSONL};
    CHECK_TEXT(READ("{\"ids\":[1],\"text\":\"\\ud83d\\ude00\","
                    "\"offsets\":[[0,2]],\"offset_unit\":\"utf16\"}",
                    &o),
               "[\xF0\x9F\x98\x80]");
    CHECK_TEXT(READ("{\"ids\":[],\"truncated\":false}", &o), "[]");
}

/* Where no ids say that it is a token record, they are nobody's mistake. */
static void test_reader_text_needs_no_token_members(void)
{
    static const struct {
        const char *line;
        bert_member member;
        bert_type   type;
    } cases[] = {
        {"\"tokens\":512", BERT_M_TOKENS, BERT_ABSENT},
        {"\"tokens\":[\"a\",1]", BERT_M_TOKENS, BERT_ABSENT},
        {"\"words\":512", BERT_M_WORDS, BERT_ABSENT},
        {"\"special\":\"offer\"", BERT_M_SPECIAL, BERT_ABSENT},
        {"\"special\":[7]", BERT_M_SPECIAL, BERT_INTS},
        {"\"offsets\":\"x\"", BERT_M_OFFSETS, BERT_ABSENT},
        {"\"offset_unit\":\"m\"", BERT_M_OFFSET_UNIT, BERT_ABSENT},
        {"\"offset_unit\":7", BERT_M_OFFSET_UNIT, BERT_ABSENT},
        {"\"offset_unit\":\"utf16\"", BERT_M_OFFSET_UNIT, BERT_STRING},
        {"\"vocab\":12", BERT_M_VOCAB, BERT_ABSENT},
        {"\"type_ids\":\"x\"", BERT_M_TYPE_IDS, BERT_ABSENT},
        {"\"truncated\":1", BERT_M_TRUNCATED, BERT_ABSENT},
        {"\"window\":\"mine\"", BERT_M_WINDOW, BERT_ABSENT},
        {"\"window\":[1,2]", BERT_M_WINDOW, BERT_ABSENT},
        {"\"ids\":null,\"tokens\":512", BERT_M_TOKENS, BERT_ABSENT},
        {"\"ids\":[1],\"window\":\"mine\"", BERT_M_WINDOW, BERT_ABSENT},
        {"\"ids\":[1],\"window\":[2,1]", BERT_M_WINDOW, BERT_ABSENT},
        {"\"ids\":[1],\"window\":[1,2,3]", BERT_M_WINDOW, BERT_ABSENT},
        {"\"ids\":[1],\"window\":[1,2]", BERT_M_WINDOW, BERT_INTS},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bert_record *r = bert_record_new();
        bert_error   err = {0};
        char         line[256];
        bool         more;

        sprintf(line, "{%s,\"text\":\"a\"}\n", cases[i].line);
        bert_reader *reader = reader_over(line, strlen(line), NULL);
        CHECK_INT(bert_reader_next(reader, r, &more, &err), BERT_OK);
        CHECK_TEXT(err.message, "");
        CHECK_INT(bert_record_value(r, cases[i].member).type, cases[i].type);
        CHECK_INT(bert_record_value(r, BERT_M_TEXT).type, BERT_STRING);
        bert_reader_free(reader);
        bert_record_free(r);
    }
    bert_reader_options o = {.format = BERT_TSV};
    CHECK_TEXT(READ("text\ttype_ids\ttruncated\tids\n"
                    "a\tx\t7\t\nb\tx\t\t1\n",
                    &o),
               "[a]!3 type_ids: 'x' is not a 32-bit integer\n");
}

static void test_reader_never_blocks_when_asked(void)
{
    int          ends[2], input = dup(0);
    bert_record *r = bert_record_new();
    bert_reader *reader;
    bool         more;

    CHECK_INT(pipe(ends), 0);
    dup2(ends[0], 0);
    CHECK_INT(bert_reader_open(&reader, NULL, 0, NULL, NULL), BERT_OK);
    CHECK(!bert_reader_ready(reader));
    CHECK_INT(write(ends[1], "{\"te", 4), 4);
    CHECK(!bert_reader_ready(reader)); /* half a line */
    CHECK_INT(write(ends[1], "xt\":\"a\"}\n\n", 10), 10);
    CHECK(bert_reader_ready(reader));
    CHECK_INT(bert_reader_next(reader, r, &more, NULL), BERT_OK);
    CHECK(more);
    CHECK(!bert_reader_ready(reader)); /* an empty line is no record */
    CHECK_INT(write(ends[1], "{}", 2), 2);
    CHECK(!bert_reader_ready(reader));
    close(ends[1]);
    CHECK(bert_reader_ready(reader)); /* the end closes the record */
    CHECK_INT(bert_reader_next(reader, r, &more, NULL), BERT_OK);
    CHECK(more);
    CHECK(bert_reader_ready(reader));
    CHECK_INT(bert_reader_next(reader, r, &more, NULL), BERT_OK);
    CHECK(!more);
    bert_reader_free(reader);
    bert_record_free(r);
    close(ends[0]);
    dup2(input, 0);
    close(input);
}

static void test_reader_many_operands(void)
{
    char         a[32], b[32];
    const char  *paths[] = {a, b, "/nowhere"};
    bert_record *r = bert_record_new();
    bert_reader *reader;
    bert_error   err;
    bool         more;

    write_file(a, "one", 3);
    write_file(b, "\n{\"text\":\"two\"}", 15);
    CHECK_INT(bert_reader_open(&reader, paths, 3, NULL, &err), BERT_OK);
    CHECK_INT(bert_reader_total(reader), 0); /* one is no file */
    CHECK_INT(bert_reader_next(reader, r, &more, &err), BERT_OK);
    CHECK_TEXT(bert_record_file(r), a);
    CHECK_INT(bert_reader_format(reader), BERT_LINES);
    CHECK_INT(bert_reader_next(reader, r, &more, &err), BERT_OK);
    CHECK_TEXT(bert_record_file(r), b);
    CHECK_INT(bert_reader_next(reader, r, &more, &err), BERT_OK);
    CHECK_INT(bert_record_line(r), 2);
    CHECK_INT(bert_record_number(r), 3);
    CHECK_INT(bert_record_value(r, BERT_M_TEXT).as.text.size, 14);
    CHECK_INT(bert_reader_next(reader, r, &more, &err), BERT_IO);
    CHECK_TEXT(err.message, "/nowhere: No such file or directory");
    CHECK_INT(bert_reader_next(reader, r, &more, &err), BERT_IO);
    bert_reader_free(reader);
    CHECK_INT(bert_reader_open(&reader, paths, 2, NULL, &err), BERT_OK);
    CHECK_INT(bert_reader_total(reader), 18);
    bert_reader_free(reader);
    const char *folder[] = {"/tmp"};
    CHECK_INT(bert_reader_open(&reader, folder, 1, NULL, &err), BERT_OK);
    CHECK_INT(bert_reader_next(reader, r, &more, &err), BERT_IO);
    CHECK_TEXT(err.message, "/tmp: Is a directory");
    bert_reader_free(reader);
    bert_record_free(r);
    unlink(a);
    unlink(b);
}

static void test_reader_reads_ids(void)
{
    static const char   lines[] = "101 7  102\n\n1 x\n{}\n";
    bert_reader_options o = {.ids = true};
    bert_reader        *reader = reader_over(lines, sizeof lines - 1, &o);
    bert_record        *r = bert_record_new();
    bert_error          err;
    bool                more;

    CHECK_INT(bert_reader_next(reader, r, &more, &err), BERT_OK);
    bert_value ids = bert_record_value(r, BERT_M_IDS);
    CHECK(ids.type == BERT_INTS && ids.count == 3 && ids.as.ints[2] == 102);
    CHECK_INT(bert_reader_next(reader, r, &more, &err), BERT_OK);
    CHECK_INT(bert_record_value(r, BERT_M_IDS).count, 0);
    CHECK_INT(bert_reader_next(reader, r, &more, &err), BERT_BAD_INPUT);
    CHECK_TEXT(err.message, "ids: 'x' is not a 32-bit integer");
    bert_reader_free(reader);
    bert_record_free(r);
}

int main(void)
{
    TEST(test_reader_text_lines);
    TEST(test_reader_null_ended_texts);
    TEST(test_reader_pairs);
    TEST(test_reader_repairs);
    TEST(test_reader_jsonl);
    TEST(test_reader_lends_any_member);
    TEST(test_reader_advises_text);
    TEST(test_reader_limits_records);
    TEST(test_reader_long_lines);
    TEST(test_reader_token_members);
    TEST(test_reader_bad_token_members);
    TEST(test_reader_text_needs_no_token_members);
    TEST(test_reader_never_blocks_when_asked);
    TEST(test_reader_many_operands);
    TEST(test_reader_reads_ids);
    TEST_END;
}
