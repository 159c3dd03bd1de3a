/*
 * test_jsonl.c - the scanner: RFC 8259 by hand, and against jansson
 */
#include "test.h"

#include <jansson.h>

#include "base/error.h"
#include "base/utf8.h"
#include "io/jsonl.h"

static bert_record *record;
static bert_error   err;

static bert_status scan(const char *line, size_t size)
{
    record_clear(record);
    if (utf8_valid_prefix(line, size) != size) {
        return BERT_BAD_INPUT;
    }
    if (!record_set_line(record, line, size)) {
        return BERT_NO_MEMORY;
    }
    return jsonl_scan(record, false, &err);
}

/* {"a":value}; of size bytes, as a value may hold NUL. */
static bool takes_bytes(const char *value, size_t size)
{
    char line[512];

    memcpy(line, "{\"a\":", 5);
    memcpy(line + 5, value, size);
    line[5 + size] = '}';
    return scan(line, size + 6) == BERT_OK;
}

static bool takes(const char *value)
{
    return takes_bytes(value, strlen(value));
}

static void test_jsonl_values_that_are_json(void)
{
    static const char *const good[] = {"0",
                                       "-0",
                                       "-1",
                                       "123",
                                       "0.5",
                                       "-0.0e-0",
                                       "1E5",
                                       "1e+5",
                                       "1.5e-10",
                                       "123456789012345678901234567890",
                                       "1e999",
                                       "true",
                                       "false",
                                       "null",
                                       "\"\"",
                                       "\" \"",
                                       "\"\x7F\"",
                                       "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                                       "\"\\u0000\"",
                                       "\"\\uD800\"",
                                       "\"\\uDC00\\uD800\"",
                                       "\"\\uD83D\\uDE00\"",
                                       "\"\\uaBcD\"",
                                       "\"\xF4\x8F\xBF\xBF\"",
                                       "\"\xEF\xBF\xBF\"",
                                       "\"\xE2\x80\xA8\"",
                                       "[]",
                                       "[ ]",
                                       "[[]]",
                                       "{}",
                                       "{ }",
                                       "[1,2]",
                                       "[ 1 , \"a\" , null ]",
                                       "{\"\":0}",
                                       "{\"a\":{\"b\":[{}]},\"a\":1}",
                                       " \t\r\n1\t",
                                       "\"a // b /* c */\""};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!takes(good[i])) {
            printf("# refused: %s: %s\n", good[i], err.message);
            test_bad = true;
        }
    }
}

static void test_jsonl_values_that_are_not(void)
{
    static const char *const bad[] = {"",
                                      ",",
                                      "-",
                                      "+1",
                                      "01",
                                      "-01",
                                      "1.",
                                      ".5",
                                      "1.e1",
                                      "1e",
                                      "1e+",
                                      "0x1",
                                      "1_0",
                                      "- 1",
                                      "1 2",
                                      "NaN",
                                      "Infinity",
                                      "-Infinity",
                                      "True",
                                      "tru",
                                      "truee",
                                      "nul",
                                      "'a'",
                                      "\"",
                                      "\"a",
                                      "\"\\\"",
                                      "\"\\",
                                      "\"\\x41\"",
                                      "\"\\u12\"",
                                      "\"\\u12G4\"",
                                      "\"\\U0041\"",
                                      "\"\\a\"",
                                      "\"\t\"",
                                      "\"\n\"",
                                      "\"\x01\"",
                                      "\"\x1F\"",
                                      "[",
                                      "]",
                                      "[1",
                                      "[1,",
                                      "[1,]",
                                      "[,1]",
                                      "[,]",
                                      "[1 2]",
                                      "[1}",
                                      "{",
                                      "}",
                                      "{]",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{,}",
                                      "{a:1}",
                                      "{1:1}",
                                      "{\"a\" 1}",
                                      "{\"a\":1 \"b\":2}",
                                      "{'a':1}",
                                      "[\"a\":1]",
                                      "{\"a\",\"b\"}",
                                      "1//x",
                                      "/**/1",
                                      "\v1",
                                      "\f1",
                                      "\xC2\xA0"
                                      "1",
                                      "\xEF\xBB\xBF"
                                      "1",
                                      "{\"a\":1}}",
                                      "[]]",
                                      "\"\xFF\"",
                                      "\"\xED\xA0\x80\"",
                                      "\"\xC0\xAF\"",
                                      "\"\xF4\x90\x80\x80\"",
                                      "\"\xC3\"",
                                      "undefined",
                                      "[1]x",
                                      "#1",
                                      "1;"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (takes(bad[i])) {
            printf("# taken: %s\n", bad[i]);
            test_bad = true;
        }
    }
    CHECK(!takes_bytes("\"\0\"", 3));
    CHECK(!takes_bytes("1\0", 2));
    CHECK(!takes_bytes("\0", 1));
    CHECK(!takes_bytes("[1,\0]", 5));
}

static void test_jsonl_lines_that_are_not(void)
{
    static const char *const bad[] = {"",         " ",          "[]",
                                      "1",        "null",       "\"a\"",
                                      "{",        "{\"a",       "{\"a\"",
                                      "{\"a\":",  "{}{}",       "{} {}",
                                      "{},",      "{}x",        "{\"a\":1,",
                                      "{\"a\":1", "{\"a\":1,}", "{,\"a\":1}",
                                      "}",        "{{}}"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK_INT(scan(bad[i], strlen(bad[i])), BERT_BAD_INPUT);
    }
    CHECK_INT(scan("{}\0", 3), BERT_BAD_INPUT);
    CHECK_INT(scan(" \r\n\t{ } \t", 9), BERT_OK);
}

/* An object with `depth` levels in all, arrays and objects in turn. */
static bert_status scan_depth(size_t depth, bool objects)
{
    char  *line = malloc(depth * 6 + 10), *p = line;
    size_t opened = 1;

    p += sprintf(p, "{\"a\":");
    for (; opened < depth; opened++) {
        p += sprintf(p, objects ? "{\"\":" : "[");
    }
    p += sprintf(p, "1");
    for (; opened > 1; opened--) {
        *p++ = objects ? '}' : ']';
    }
    *p++ = '}';
    bert_status s = scan(line, (size_t)(p - line));
    free(line);
    return s;
}

static void test_jsonl_nesting(void)
{
    for (int objects = 0; objects < 2; objects++) {
        CHECK_INT(scan_depth(64, objects), BERT_OK);
        CHECK_INT(scan_depth(65, objects), BERT_OK);
        CHECK_INT(scan_depth(1000, objects), BERT_OK);
        CHECK_INT(scan_depth(1001, objects), BERT_BAD_INPUT);
        CHECK(strstr(err.message, "nested deeper than 1000") != NULL);
        CHECK_INT(scan_depth(200000, objects), BERT_BAD_INPUT);
    }
}

static void test_jsonl_names_are_compared_unescaped(void)
{
    static const struct {
        const char *raw, *name;
        bool        same;
    } cases[] = {
        {"text", "text", true},
        {"te\\u0078t", "text", true},
        {"\\u0074\\u0065\\u0078\\u0074", "text", true},
        {"text\\u0000", "text", false},
        {"tex", "text", false},
        {"texts", "text", false},
        {"te\\u0058t", "text", false},
        {"\\ud83d\\ude00", "\xF0\x9F\x98\x80", true},
        {"\\ud83d", "\xF0\x9F\x98\x80", false},
        {"\\\"\\/", "\"/", true},
        {"", "", true},
        {"\\n", "n", false},
        {"tex\\u0074t", "text", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_INT(jsonl_name_is(cases[i].raw, strlen(cases[i].raw),
                                cases[i].name, strlen(cases[i].name)),
                  cases[i].same);
    }
    static const char line[] = "{\"\\u0069\\u0064\\u0073\":[1],\"Ids\":2}";
    CHECK_INT(scan(line, sizeof line - 1), BERT_OK);
    CHECK_INT(record->slots[0].member, BERT_M_IDS);
    CHECK_INT(record->slots[1].member, RECORD_USER);
}

/* ---- Against jansson ---------------------------------------------------- */

static uint64_t random_state = 88172645463325252u;

static unsigned pick(unsigned n) /* xorshift64 */
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 33) % n;
}

typedef struct text {
    char   bytes[4096];
    size_t size;
} text;

static void add(text *t, const char *s)
{
    size_t n = strlen(s);

    if (t->size + n < sizeof t->bytes) {
        memcpy(t->bytes + t->size, s, n);
        t->size += n;
    }
}

static void add_string(text *t)
{
    static const char *const pieces[] = {"a",
                                         "text",
                                         "\\u0041",
                                         "\\n",
                                         "\\\"",
                                         "\\\\",
                                         "\xC3\xA9",
                                         "\xF0\x9F\x98\x80",
                                         "\\ud83d\\ude00",
                                         "\\u00e9",
                                         " ",
                                         "{",
                                         "]",
                                         ":",
                                         "\\/",
                                         "longer than eight bytes",
                                         "\x7F",
                                         "\\ud800",
                                         "\\u0000"};

    add(t, "\"");
    for (unsigned n = pick(4); n > 0; n--) {
        /* The last two, which jansson refuses in part, are rare. */
        unsigned i = pick(sizeof pieces / sizeof pieces[0] * 8);
        add(t,
            pieces[i % (sizeof pieces / sizeof pieces[0] - (i < 140 ? 2 : 0))]);
    }
    add(t, "\"");
}

static void add_space(text *t)
{
    static const char *const spaces[] = {"", "", "", " ", "\t", "\r", "  "};

    add(t, spaces[pick(7)]);
}

static void add_scalar(text *t)
{
    static const char *const scalars[] = {"0",
                                          "-1",
                                          "12",
                                          "1.5",
                                          "-0",
                                          "1e5",
                                          "2E-3",
                                          "0.0",
                                          "true",
                                          "false",
                                          "null",
                                          "1e400",
                                          "99999999999999999999"};
    unsigned                 i = pick(26);

    if (i >= 13) {
        add_string(t);
    } else {
        add(t, scalars[i]);
    }
}

/* A value with few levels: recursion is bounded by `depth`. */
static void add_value(text *t, int depth)
{
    unsigned kind = depth > 0 ? pick(4) : 0;
    bool     object = kind == 3;

    if (kind < 2) {
        add_scalar(t);
        return;
    }
    add(t, object ? "{" : "[");
    add_space(t);
    for (unsigned n = pick(4); n > 0; n--) {
        if (object) {
            add_string(t);
            add_space(t);
            add(t, ":");
            add_space(t);
        }
        add_value(t, depth - 1);
        add_space(t);
        add(t, n > 1 ? "," : "");
        add_space(t);
    }
    add(t, object ? "}" : "]");
}

static void make_line(text *t)
{
    static const char *const names[] = {"\"text\"", "\"id\"", "\"x\"",
                                        "\"te\\u0078t\"", "\"\""};

    t->size = 0;
    add_space(t);
    add(t, "{");
    for (unsigned n = pick(4); n > 0; n--) {
        add_space(t);
        add(t, names[pick(5)]);
        add_space(t);
        add(t, ":");
        add_space(t);
        add_value(t, 3);
        add_space(t);
        add(t, n > 1 ? "," : "");
    }
    add(t, "}");
    add_space(t);
}

static void mutate(text *t)
{
    static const char bytes[] = "{}[]:,\"\\u0e+-.1ntf \t\n\x01\xC3\xA9\xFF/x";
    size_t            at = pick((unsigned)t->size);

    switch (pick(4)) {
    case 0:                                       /* another byte */
        t->bytes[at] = bytes[pick(sizeof bytes)]; /* its NUL too */
        break;
    case 1: /* one byte less */
        memmove(t->bytes + at, t->bytes + at + 1, t->size - at - 1);
        t->size--;
        break;
    case 2: /* one byte more */
        memmove(t->bytes + at + 1, t->bytes + at, t->size - at);
        t->bytes[at] = bytes[pick(sizeof bytes - 1)];
        t->size++;
        break;
    default: /* cut */
        t->size = at;
    }
}

/* What jansson refuses, and RFC 8259 and we do not: a NUL in a name, a lone
   surrogate, a number beyond a double. */
static bool is_known_exception(const json_error_t *why)
{
    return json_error_code(why) == json_error_null_byte_in_key ||
           json_error_code(why) == json_error_numeric_overflow ||
           json_error_code(why) == json_error_null_character ||
           strstr(why->text, "invalid Unicode '\\u") != NULL;
}

/* Each slot holds what jansson has read. */
static bool same_members(const json_t *object)
{
    const char *line = record->line.data;

    for (size_t i = 0; i < record->slot_count; i++) {
        const record_slot *slot = &record->slots[i];
        char               name[512];
        size_t             size;
        if (slot->name_size >= sizeof name ||
            !jsonl_unescape(line + slot->name, slot->name_size, name, &size)) {
            return false;
        }
        json_t *value = json_loadb(
            line + slot->value, slot->value_size,
            JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
        bool again = false; /* the name comes again: jansson has the last */
        for (size_t j = i + 1; j < record->slot_count; j++) {
            const record_slot *other = &record->slots[j];
            again |=
                jsonl_name_is(line + other->name, other->name_size, name, size);
        }
        name[size] = '\0';
        bool same =
            again || json_equal(value, json_object_get(object, name)) == 1;
        json_decref(value);
        if (!same) {
            return false;
        }
    }
    return true;
}

static void test_jsonl_agrees_with_jansson(void)
{
    unsigned both = 0, neither = 0, exceptions = 0;
    text     t;

    for (int i = 0; i < 60000; i++) {
        json_error_t why;
        make_line(&t);
        for (unsigned n = i % 3 == 0 ? 0 : 1 + pick(2); n > 0 && t.size > 1;
             n--) {
            mutate(&t);
        }
        bool    ours = scan(t.bytes, t.size) == BERT_OK;
        json_t *theirs = json_loadb(
            t.bytes, t.size, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &why);
        bool object = json_is_object(theirs);
        if ((ours && !object && is_known_exception(&why)) ||
            /* jansson passes over a NUL after a number */
            (!ours && object && memchr(t.bytes, 0, t.size) != NULL)) {
            exceptions++;
        } else if (ours != object || (ours && !same_members(theirs))) {
            printf("# ours %d, jansson %d (%s): %.*s\n", ours, object,
                   object ? "" : why.text, (int)t.size, t.bytes);
            test_bad = true;
        }
        both += ours && object;
        neither += !ours && !object;
        json_decref(theirs);
    }
    CHECK(both > 20000 && neither > 15000); /* the corpus is worth it */
    CHECK(exceptions > 50 && exceptions < 20000);
    printf("# %u both, %u neither, %u exceptions\n", both, neither, exceptions);
}

int main(void)
{
    record = bert_record_new();
    TEST(test_jsonl_values_that_are_json);
    TEST(test_jsonl_values_that_are_not);
    TEST(test_jsonl_lines_that_are_not);
    TEST(test_jsonl_nesting);
    TEST(test_jsonl_names_are_compared_unescaped);
    TEST(test_jsonl_agrees_with_jansson);
    bert_record_free(record);
    TEST_END;
}
