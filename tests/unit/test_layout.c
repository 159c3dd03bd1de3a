/*
 * test_layout.c - a record and its results as a line of JSONL or TSV
 */
#include "test.h"

#include "base/buffer.h"
#include "records.h"

static char clashed[64]; /* the name that bert_layout_put() gave, or "" */

/* The last record of the input under the layout, as put; its error else. */
static const char *put(const bert_layout_options *options,
                       const bert_value *results, const char *bytes,
                       const bert_reader_options *reading)
{
    static bert_buffer out;
    bert_reader       *reader = reader_over(bytes, strlen(bytes), reading);
    bert_record       *record = bert_record_new();
    bert_layout       *layout = NULL;
    bert_error         err = {.message = "no layout"};
    bool               more;
    size_t             count;
    bert_text          name = {"", 0};

    out.size = 0;
    clashed[0] = '\0';
    bert_status s = bert_reader_next(reader, record, &more, &err);
    if (s == BERT_OK) {
        const bert_text *columns = bert_reader_columns(reader, &count);
        s = bert_layout_new(&layout, options, columns, count, &err);
    }
    if (s == BERT_OK && options->format == BERT_TSV) {
        s = bert_layout_header(layout, &out, &err);
    }
    if (s == BERT_OK) {
        s = bert_layout_put(layout, record, results, &out, &name, &err);
        snprintf(clashed, sizeof clashed, "%.*s", (int)name.size, name.data);
    }
    if (s != BERT_OK) {
        buffer_put_text(&out, err.message);
    }
    buffer_put_char(&out, '\0');
    bert_layout_free(layout);
    bert_record_free(record);
    bert_reader_free(reader);
    return out.data;
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), n = strlen(end);

    return size >= n && strcmp(text + size - n, end) == 0;
}

static const char *const names[] = {"label", "score", "truncated"};
static const bert_type   types[] = {BERT_STRING, BERT_FLOAT, BERT_TRUE};
static const bert_value  values[] = {
     {.type = BERT_STRING, .as.text = {"p\"", 2}},
     {.type = BERT_FLOAT, .as.number = 0.98f},
     {.type = BERT_ABSENT}};
static const bert_value cut[] = {{.type = BERT_ABSENT},
                                 {.type = BERT_FLOAT, .as.number = 1},
                                 {.type = BERT_TRUE}};

static bert_layout_options jsonl(void)
{
    return (bert_layout_options){.format = BERT_JSONL,
                                 .results = names,
                                 .types = types,
                                 .result_count = 3};
}

static void test_layout_copies_members_byte_for_byte(void)
{
    bert_layout_options o = jsonl();

    CHECK_TEXT(put(&o, values,
                   " { \"id\" : 1e2 ,\"t\\u0065xt\":\"\\u00e9\\/\", "
                   "\"x\":{ \"a\" :[ 1 , 2 ] }, \"x\": null}\n",
                   &(bert_reader_options){.format = BERT_JSONL}),
               "{\"id\":1e2,\"t\\u0065xt\":\"\\u00e9\\/\","
               "\"x\":{ \"a\" :[ 1 , 2 ] },\"x\":null,"
               "\"label\":\"p\\\"\",\"score\":0.98}\n");
    CHECK_TEXT(clashed, "");
    CHECK_TEXT(put(&o, values, "{}", NULL),
               "{\"label\":\"p\\\"\",\"score\":0.98}\n");
    CHECK_TEXT(put(&o, values, "a\"b\\\x01\x7F\tz", NULL),
               "{\"text\":\"a\\\"b\\\\\\u0001\x7F\\tz\","
               "\"label\":\"p\\\"\",\"score\":0.98}\n");
    CHECK_TEXT(put(&o, cut, "a\tb", &(bert_reader_options){.pair = true}),
               "{\"text\":\"a\",\"pair\":\"b\",\"score\":1,"
               "\"truncated\":true}\n");
}

static void test_layout_drops_what_bears_a_results_name(void)
{
    bert_layout_options o = jsonl();

    CHECK_TEXT(put(&o, cut, "{\"a\":1,\"labe\\u006c\":\"gold\"}", NULL),
               "{\"a\":1,\"score\":1,\"truncated\":true}\n");
    CHECK_TEXT(clashed, "labe\\u006c");
    o.as = "mine";
    CHECK_TEXT(put(&o, cut, "{\"label\":\"gold\"}", NULL),
               "{\"label\":\"gold\",\"mine\":{\"score\":1},"
               "\"truncated\":true}\n");
    CHECK_TEXT(clashed, "");
    CHECK_TEXT(put(&o, values, "{\"mine\":1}", NULL),
               "{\"mine\":{\"label\":\"p\\\"\",\"score\":0.98}}\n");
    CHECK_TEXT(clashed, "mine");
    o.results = names + 1;
    o.result_count = 2;
    CHECK_TEXT(put(&o, cut + 1, "{}", NULL),
               "{\"mine\":1,\"truncated\":true}\n");
}

static void test_layout_truncated_stays(void)
{
    bert_layout_options o = jsonl();
    static const char   line[] = "{\"ids\":[1],\"truncated\":true,\"b\":2}";

    CHECK_TEXT(put(&o, values, line, NULL),
               "{\"truncated\":true,\"b\":2,\"label\":\"p\\\"\","
               "\"score\":0.98}\n");
    CHECK_TEXT(put(&o, cut, line, NULL),
               "{\"b\":2,\"score\":1,\"truncated\":true}\n");
    CHECK_TEXT(clashed, "");
    CHECK_TEXT(put(&o, values, "{\"truncated\":false,\"b\":2}", NULL),
               "{\"b\":2,\"label\":\"p\\\"\",\"score\":0.98}\n");
    o.new_tokens = true;
    CHECK_TEXT(put(&o, values, line, NULL),
               "{\"b\":2,\"label\":\"p\\\"\",\"score\":0.98}\n");
}

#define TOKENS                                                                 \
    "{\"text\":\"\",\"tokens\":[\"a\"],\"ids\":[1],\"type_ids\":[0],"          \
    "\"offsets\":[[0,0]],\"words\":[0],\"special\":[0],\"vocab\":\"v\","       \
    "\"offset_unit\":\"bytes\",\"window\":[1,2],\"u\":1}"

static void test_layout_consumes_tokens(void)
{
    bert_layout_options o = {.format = BERT_JSONL};

    CHECK_TEXT(put(&o, NULL, TOKENS, NULL),
               "{\"text\":\"\",\"offset_unit\":\"bytes\",\"window\":[1,2],"
               "\"u\":1}\n");
    o.new_tokens = true;
    CHECK_TEXT(put(&o, NULL, TOKENS, NULL), "{\"text\":\"\",\"u\":1}\n");
    o.new_tokens = false;
    o.keep_tokens = true;
    CHECK_TEXT(put(&o, NULL, TOKENS, NULL), TOKENS "\n");
    o.keep_tokens = false;
    o.keep = "u,ids";
    CHECK_TEXT(put(&o, NULL, TOKENS, NULL), "{\"ids\":[1],\"u\":1}\n");
    o.keep = "";
    CHECK_TEXT(put(&o, NULL, TOKENS, NULL), "{}\n");
    o.keep = NULL;
    o.drop = "text,window";
    CHECK_TEXT(put(&o, NULL, TOKENS, NULL),
               "{\"offset_unit\":\"bytes\",\"u\":1}\n");
    o.keep = "a";
    CHECK_TEXT(put(&o, NULL, TOKENS, NULL), "keep and drop exclude another");
}

static void test_layout_numbers(void)
{
    bert_layout_options o = jsonl();

    o.number = true;
    CHECK_TEXT(put(&o, cut, "{\"n\":9,\"x\":1}", NULL),
               "{\"x\":1,\"n\":1,\"score\":1,\"truncated\":true}\n");
    CHECK_TEXT(clashed, "n");
}

static const char *put_error(const char *bytes, const char *message,
                             bert_layout_options o)
{
    static bert_buffer  out;
    bert_reader_options reading = {.format = BERT_JSONL};
    bert_reader        *reader = reader_over(bytes, strlen(bytes), &reading);
    bert_record        *record = bert_record_new();
    bert_layout        *layout = NULL;
    bert_error          err;
    bool                more;

    out.size = 0;
    bert_status s = bert_reader_next(reader, record, &more, &err);
    CHECK_INT(bert_layout_new(&layout, &o, NULL, 0, NULL), BERT_OK);
    CHECK_INT(bert_layout_put_error(layout, record,
                                    s == BERT_OK ? message : err.message, &out,
                                    NULL),
              BERT_OK);
    buffer_put_char(&out, '\0');
    bert_layout_free(layout);
    bert_record_free(record);
    bert_reader_free(reader);
    return out.data;
}

static void test_layout_emits_errors(void)
{
    bert_layout_options o = jsonl();

    CHECK_TEXT(put_error("{\"truncated\":true,\"ids\":\"x\"}", "no", o),
               "{\"truncated\":true,\"ids\":\"x\",\"error\":\"ids is not "
               "an array of 32-bit integers\"}\n");
    CHECK_TEXT(
        put_error("{\"label\":1,\"ids\":[1],\"truncated\":true}", "no", o),
        "{\"label\":1,\"ids\":[1],\"truncated\":true,"
        "\"error\":\"no\"}\n");
    CHECK_TEXT(put_error("{\"error\":1,\"a\":2}", NULL, o),
               "{\"error\":1,\"a\":2}\n");
    CHECK_TEXT(put_error("{\"error\":1,\"a\":2}", "new", o),
               "{\"a\":2,\"error\":\"new\"}\n");
    CHECK_TEXT(put_error("\n{\"a\":}", "", o),
               "{\"error\":\"not JSON: no value at byte 6\",\"line\":2}\n");
    CHECK_TEXT(put_error("{\"a\":\"\xFF\"}", "", o),
               "{\"error\":\"invalid UTF-8 at byte 7\",\"line\":1}\n");
    CHECK_TEXT(put_error("{\"a\":1,\"ids\":[\"x\"]}", "", o),
               "{\"a\":1,\"ids\":[\"x\"],\"error\":\"ids is not an array of "
               "32-bit integers\"}\n");
    o.keep = "a";
    o.number = true;
    CHECK_TEXT(put_error("{\"a\":1,\"b\":2}", "no", o),
               "{\"a\":1,\"n\":1,\"error\":\"no\"}\n");
}

static void test_layout_tsv_of_jsonl(void)
{
    bert_layout_options o = jsonl();

    o.format = BERT_TSV;
    CHECK_TEXT(put(&o, values,
                   "{\"x\":1,\"text\":\"a\\tb\\\\\\n\",\"id\":{\"k\": 1}}",
                   NULL),
               "id\ttext\tlabel\tscore\ttruncated\n"
               "{\"k\": 1}\ta\\tb\\\\\\n\tp\"\t0.98\t\n");
    o.keep = "x,ids,id";
    o.number = true;
    CHECK_TEXT(put(&o, cut,
                   "{\"ids\":[1,2],\"x\":\"\\u00e9\",\"truncated\":true}",
                   NULL),
               "x\tids\tid\tn\tlabel\tscore\ttruncated\n"
               "\xC3\xA9\t1 2\t\t1\t\t1\ttrue\n");
    o.keep = "x";
    CHECK_TEXT(put(&o, values, "{\"truncated\":true}", NULL),
               "x\tn\tlabel\tscore\ttruncated\n"
               "\t1\tp\"\t0.98\ttrue\n");
    CHECK_TEXT(put(&o, values, "{\"truncated\":false}", NULL),
               "x\tn\tlabel\tscore\ttruncated\n"
               "\t1\tp\"\t0.98\t\n");
    o.new_tokens = true;
    CHECK_TEXT(put(&o, values, "{\"truncated\":true}", NULL),
               "x\tn\tlabel\tscore\ttruncated\n"
               "\t1\tp\"\t0.98\t\n");
    o.keep = NULL;
    CHECK_TEXT(put(&o, values, "{\"text\":[\"a\"]}", NULL),
               "id\ttext\tn\tlabel\tscore\ttruncated\n"
               "text of split words does not fit into TSV");
}

static void test_layout_tsv_keeps_texts_and_pairs_apart(void)
{
    static const char texts_only[] =
        "a \"pair\", but TSV of the texts before it has no column for one "
        "(--keep id,text,pair)";
    static const char pairs_only[] =
        "no \"pair\", which TSV of pairs cannot tell from an empty one";
    bert_layout_options o = jsonl();

    o.format = BERT_TSV;
    o.result_count = 1;
    CHECK(ends_with(put(&o, values, "{\"text\":\"a\",\"pair\":\"\"}", NULL),
                    texts_only));
    CHECK_TEXT(put(&o, values, "{\"text\":\"a\",\"pair\":null}", NULL),
               "id\ttext\tlabel\n\ta\tp\"\n");
    o.pair = true;
    CHECK_TEXT(put(&o, values, "{\"text\":\"a\",\"pair\":\"\"}", NULL),
               "id\ttext\tpair\tlabel\n\ta\t\tp\"\n");
    CHECK(ends_with(put(&o, values, "{\"text\":\"a\"}", NULL), pairs_only));
    CHECK_TEXT(put(&o, values, "{\"id\":1}", NULL),
               "id\ttext\tpair\tlabel\n1\t\t\tp\"\n");
    o.pair = false;
    o.keep = "text,pair"; /* both, as was asked for */
    CHECK_TEXT(put(&o, values, "{\"text\":\"a\"}", NULL),
               "text\tpair\tlabel\na\t\tp\"\n");
    o.keep = "text";
    CHECK_TEXT(put(&o, values, "{\"text\":\"a\",\"pair\":\"b\"}", NULL),
               "text\tlabel\na\tp\"\n");
    o.keep = NULL;
    o.drop = "pair";
    CHECK_TEXT(put(&o, values, "{\"text\":\"a\",\"pair\":\"b\"}", NULL),
               "id\ttext\tlabel\n\ta\tp\"\n");
}

static void test_layout_tsv_of_text(void)
{
    bert_layout_options o = jsonl();

    o.format = BERT_TSV;
    o.result_count = 2;
    CHECK_TEXT(put(&o, values, "a\\tb", NULL),
               "text\tlabel\tscore\na\\\\tb\tp\"\t0.98\n");
    o.as = "r";
    CHECK_TEXT(put(&o, values, "a\tb", &(bert_reader_options){.pair = true}),
               "text\tpair\tr.label\tr.score\na\tb\tp\"\t0.98\n");
}

static void test_layout_tsv_vectors(void)
{
    static const char *const name[] = {"embedding"};
    static const bert_type   type[] = {BERT_FLOATS};
    static const float       numbers[] = {0.5f, -1e-7f};
    bert_layout_options      o = {.format = BERT_TSV,
                                  .results = name,
                                  .types = type,
                                  .result_count = 1,
                                  .columns = 2};
    bert_value v = {.type = BERT_FLOATS, .count = 2, .as.floats = numbers};

    CHECK_TEXT(put(&o, &v, "a", NULL), "text\td0\td1\na\t0.5\t-1e-7\n");
    v.type = BERT_ABSENT;
    CHECK_TEXT(put(&o, &v, "a", NULL), "text\td0\td1\na\t\t\n");
    o.types = (const bert_type[]){BERT_MATRIX};
    CHECK_TEXT(put(&o, &v, "a", NULL), "embedding does not fit into TSV");
}

static void test_layout_tsv_of_tsv(void)
{
    bert_layout_options o = jsonl();
    bert_reader_options tsv = {.format = BERT_TSV};
    static const char   table[] = "id\ttext\tids\tlabel\n"
                                  "7\ta\\qb\\t\t1 2\tgold\n";

    o.format = BERT_TSV;
    o.result_count = 2;
    CHECK_TEXT(put(&o, values, table, &tsv),
               "id\ttext\tlabel\tscore\n7\ta\\qb\\t\tp\"\t0.98\n");
    CHECK_TEXT(clashed, "label");
    o.drop = "id"; /* the others then stand elsewhere than in the input */
    CHECK_TEXT(put(&o, values, table, &tsv),
               "text\tlabel\tscore\na\\qb\\t\tp\"\t0.98\n");
    o.drop = NULL;
    o.format = BERT_JSONL;
    o.keep_tokens = true;
    CHECK_TEXT(put(&o, values, table, &tsv),
               "{\"id\":\"7\",\"text\":\"a\\\\qb\\t\",\"ids\":[1,2],"
               "\"label\":\"p\\\"\",\"score\":0.98}\n");
}

static void test_layout_refuses_what_is_not_finite(void)
{
    bert_layout_options o = jsonl();
    static const float  bad[] = {1, NAN};
    bert_value v[] = {{.type = BERT_FLOATS, .count = 2, .as.floats = bad},
                      {.type = BERT_ABSENT},
                      {.type = BERT_ABSENT}};

    CHECK_TEXT(put(&o, v, "a", NULL), "a result that is not finite");
    v[0] = (bert_value){.type = BERT_FLOAT, .as.number = -INFINITY};
    CHECK_TEXT(put(&o, v, "a", NULL), "a result that is not finite");
}

int main(void)
{
    TEST(test_layout_copies_members_byte_for_byte);
    TEST(test_layout_drops_what_bears_a_results_name);
    TEST(test_layout_truncated_stays);
    TEST(test_layout_consumes_tokens);
    TEST(test_layout_numbers);
    TEST(test_layout_emits_errors);
    TEST(test_layout_tsv_of_jsonl);
    TEST(test_layout_tsv_keeps_texts_and_pairs_apart);
    TEST(test_layout_tsv_of_text);
    TEST(test_layout_tsv_vectors);
    TEST(test_layout_tsv_of_tsv);
    TEST(test_layout_refuses_what_is_not_finite);
    TEST_END;
}
