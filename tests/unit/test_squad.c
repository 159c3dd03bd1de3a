/*
 * test_squad.c - SQuAD's documents become records, one a question
 */
#include "test.h"

#include "records.h"

static const char document[] =
    "\xEF\xBB\xBF{\"version\":\"v2.0\",\"data\":[{\"title\":\"T \\\"x\\\"\",\n"
    "\"paragraphs\":[\n"
    "{\"qas\":[{\"id\":\"a\",\"question\":\"q1\",\n\"gold\":[{\"x\": 1}] },"
    "{\"question\":\"q2\"}],\"context\":\"c } 1\"},\n"
    "{\"context\":\"none\",\"qas\":[]},"
    "{\"context\":\"c2\",\"qas\":[{},3,{\"question\":\"q3\"}]}]},"
    "{\"paragraphs\":[{\"context\":\"c3\",\"qas\":[{\"question\":\"q4\"}]}]}]}";

typedef struct fixture {
    bert_reader *reader;
    bert_record *record;
    bert_error   err;
    bool         more;
} fixture;

static void open_over(fixture *f, const char *text, size_t max_record)
{
    bert_reader_options o = {
        .format = BERT_SQUAD, .question = true, .max_record = max_record};

    *f = (fixture){.record = bert_record_new()};
    f->reader = reader_over(text, strlen(text), &o);
}

static bert_status next(fixture *f)
{
    return bert_reader_next(f->reader, f->record, &f->more, &f->err);
}

static void done(fixture *f)
{
    bert_reader_free(f->reader);
    bert_record_free(f->record);
}

static bool has(const fixture *f, bert_member member, const char *text)
{
    bert_value value = bert_record_value(f->record, member);

    return value.type == BERT_STRING && value.as.text.size == strlen(text) &&
           memcmp(value.as.text.data, text, value.as.text.size) == 0;
}

static bool has_raw(const fixture *f, const char *name, const char *json)
{
    bert_text raw;

    return bert_record_raw(f->record, name, strlen(name), &raw) &&
           raw.size == strlen(json) && memcmp(raw.data, json, raw.size) == 0;
}

static void test_squad_gives_a_record_a_question(void)
{
    fixture f;

    open_over(&f, document, 0);
    CHECK(next(&f) == BERT_OK && f.more);
    CHECK(has(&f, BERT_M_QUESTION, "q1") && has(&f, BERT_M_CONTEXT, "c } 1"));
    CHECK(has_raw(&f, "id", "\"a\"") && has_raw(&f, "gold", "[{\"x\": 1}]"));
    CHECK(has_raw(&f, "title", "\"T \\\"x\\\"\""));
    CHECK_INT(bert_record_line(f.record), 3);
    CHECK_INT(bert_record_number(f.record), 1);
    CHECK(next(&f) == BERT_OK && has(&f, BERT_M_QUESTION, "q2"));
    CHECK(has(&f, BERT_M_CONTEXT, "c } 1"));
    CHECK(next(&f) == BERT_OK);
    CHECK_INT(bert_record_value(f.record, BERT_M_QUESTION).type, BERT_ABSENT);
    CHECK(has(&f, BERT_M_CONTEXT, "c2"));
    CHECK(next(&f) == BERT_BAD_INPUT); /* 3 is no object */
    CHECK(next(&f) == BERT_OK && has(&f, BERT_M_QUESTION, "q3"));
    CHECK_INT(bert_record_line(f.record), 5);
    CHECK(next(&f) == BERT_OK && has(&f, BERT_M_QUESTION, "q4"));
    CHECK(!has_raw(&f, "title", "\"T \\\"x\\\"\"")); /* another article */
    CHECK(next(&f) == BERT_OK && !f.more);
    CHECK(next(&f) == BERT_OK && !f.more);
    done(&f);
}

static void test_squad_asked_for_readiness_gives_the_same_record(void)
{
    fixture f;

    open_over(&f, document, 0);
    for (int i = 0; i < 3; i++) {
        CHECK(bert_reader_ready(f.reader));
    }
    CHECK(next(&f) == BERT_OK && has(&f, BERT_M_QUESTION, "q1"));
    done(&f);
}

static void test_squad_a_record_over_the_limit_is_bad(void)
{
    fixture f;

    open_over(&f, document, 60);
    CHECK(next(&f) == BERT_BAD_INPUT);
    CHECK(next(&f) == BERT_OK && has(&f, BERT_M_QUESTION, "q2"));
    done(&f);
}

static void refuse(const char *text, const char *message)
{
    fixture     f;
    bert_status s = BERT_OK;

    open_over(&f, text, 0);
    do {
        s = next(&f);
    } while (s == BERT_OK && f.more);
    CHECK_INT(s, BERT_BAD_FILE);
    if (strstr(f.err.message, message) == NULL) {
        CHECK_TEXT(f.err.message, message);
    }
    CHECK(next(&f) == BERT_BAD_FILE); /* and stays so */
    done(&f);
}

static void test_squad_refuses_what_is_none(void)
{
    static const char *const list[][2] = {
        {"[]", ":1: no SQuAD document: no object"},
        {"", ":1: no SQuAD document: no array \"data\""},
        {"\xEF\xBB\xBF", ":1: no SQuAD document: no array \"data\""},
        {" \n", ":2: no SQuAD document: no array \"data\""},
        {"{}", "no array \"data\""},
        {"\n{\"data\":[", ":2: no SQuAD document: it ends too soon"},
        {"{\"data\":[{\"paragraphs\":[{\"qas\":[}]}]}", "a '}' too many"},
        {"{\"data\":[{\"paragraphs\":[{\"qas\":[tru]}]}]}", "not JSON"},
        {"{\"data\" []}", "a value too many"},
        {"{\"data\":[],}", "a '}' too many"},
        {"{,}", "a ',' too many"},
        {"{\"data\"::[]}", "a ':' too many"},
        {"{\"data\":[] \"x\":1}", "a string too many"},
        {"{\"x\":[1 2]}", "no value"},
        {"{\"x\":[\"\n\"]}", "a control character"},
        {"{\"data\":[]}]", "a ']' too many"},
        {"{\"data\":[]} \"", "a string too many"},
        {"{\"x\":[\"x", "it ends too soon"},
        {"{\"da\\qa\":[]}", "a bad escape"},
        {"{\"\\u00g0\":[]}", "a bad escape"},
        {"{\"\\u00\":[]}", "a bad escape"},
    };
    char deep[3000];

    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        refuse(list[i][0], list[i][1]);
    }
    memset(deep, '[', sizeof deep);
    memcpy(deep, "{\"more\":", 8);
    deep[sizeof deep - 1] = '\0';
    refuse(deep, "nested deeper than 1000");
}

/* What stands where an article or a paragraph should is not passed over. */
static void test_squad_refuses_what_is_in_the_wrong_place(void)
{
    static const char *const list[][2] = {
        {"{\"data\":[5]}", ":1: no SQuAD document: in \"data\" stands"},
        {"{\"data\":[\"x\"]}", "in \"data\" stands what is no object"},
        {"{\"data\":[[]]}", "in \"data\" stands what is no object"},
        {"{\"data\":[{\"paragraphs\":[]},null]}", "in \"data\" stands"},
        {"{\"data\":{}}", "\"data\" is no array"},
        {"{\"data\":null}", "\"data\" is no array"},
        {"{\"da\\u0074a\":\"x\"}", "\"data\" is no array"},
        {"{\"data\":[{\"paragraphs\":{}}]}", "\"paragraphs\" is no array"},
        {"{\"data\":[{\"paragraphs\":\"x\"}]}", "\"paragraphs\" is no array"},
        {"{\"data\":[{\"paragraphs\":1}]}", "\"paragraphs\" is no array"},
        {"{\"data\":[{\"paragraphs\":[{\"qas\":[]},5]}]}",
         "in \"paragraphs\" stands what is no object"},
        {"{\"data\":[{\"paragraphs\":[[]]}]}", "in \"paragraphs\" stands"},
        {"{\"data\":[{\"paragraphs\":[\"x\"]}]}", "in \"paragraphs\" stands"},
        {"{\"data\":[{}]}", "an article without an array \"paragraphs\""},
        {"{\"data\":[{\"paragraphs\":[]},\n{\"title\":\"x\"}]}",
         ":2: no SQuAD document: an article without"},
    };

    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        refuse(list[i][0], list[i][1]);
    }
}

/* But elsewhere anything may stand. */
static void test_squad_passes_over_what_is_nobodys(void)
{
    static const char text[] =
        "{\"v\":[5,\"x\",{\"data\":1}],\"x\":{\"data\":[1]},\"data\":["
        "{\"y\":{\"paragraphs\":2},\"paragraphs\":[{\"z\":[1,{\"qas\":3}],"
        "\"qas\":[{\"question\":\"q\"}],\"context\":\"c\"}],\"w\":null}]}";
    fixture f;

    open_over(&f, text, 0);
    CHECK(next(&f) == BERT_OK && has(&f, BERT_M_QUESTION, "q"));
    CHECK(next(&f) == BERT_OK && !f.more);
    done(&f);
}

/* Its context is there for who passes bad records on. */
static void test_squad_a_paragraph_without_questions_is_a_bad_record(void)
{
    fixture f;

    open_over(&f,
              "{\"data\":[{\"paragraphs\":[{\"context\":\"a\"},\n"
              "{\"qas\":{\"x\":[]},\"context\":\"b\"},{\"context\":\"c\","
              "\"qas\":[{\"question\":\"q\"}]}]}]}",
              0);
    CHECK(bert_reader_ready(f.reader));
    CHECK(next(&f) == BERT_BAD_INPUT && f.more);
    CHECK_TEXT(f.err.message, "a paragraph without an array \"qas\"");
    CHECK(has_raw(&f, "context", "\"a\""));
    CHECK_INT(bert_record_line(f.record), 1);
    CHECK(next(&f) == BERT_BAD_INPUT && f.more);
    CHECK(has_raw(&f, "context", "\"b\""));
    CHECK_INT(bert_record_line(f.record), 2);
    CHECK(next(&f) == BERT_OK && has(&f, BERT_M_QUESTION, "q"));
    CHECK(next(&f) == BERT_OK && !f.more);
    done(&f);
}

int main(void)
{
    TEST(test_squad_gives_a_record_a_question);
    TEST(test_squad_asked_for_readiness_gives_the_same_record);
    TEST(test_squad_a_record_over_the_limit_is_bad);
    TEST(test_squad_refuses_what_is_none);
    TEST(test_squad_refuses_what_is_in_the_wrong_place);
    TEST(test_squad_a_paragraph_without_questions_is_a_bad_record);
    TEST(test_squad_passes_over_what_is_nobodys);
    TEST_END;
}
