/*
 * test_tokenizer.c - the tokenizer against Hugging Face's, on hard texts
 *
 * tests/golden/tokenizer is written by tests/gen/tokenizer_refs.py with
 * tokenizers 0.23.3; a line of cases.jsonl is a text (or words, a pair, ids to
 * decode), how to cut it, and what it gives.
 */
#include "test.h"

#include <jansson.h>
#include <utf8proc.h>

#include "base/buffer.h"
#include "bert.h"

#define GOLDEN "tests/golden/tokenizer/"
enum { MAX_PARTS = 16, SETS = 3 };

static const char *const set_names[SETS] = {"uncased", "cased", "added"};

static bert_tokenizer *sets[SETS];
static json_t         *cases[4096];
static size_t          case_count;

static void load_all(void)
{
    bert_error err = {0};
    char       line[65536];
    FILE      *f = fopen(GOLDEN "cases.jsonl", "r");

    for (int i = 0; i < SETS; i++) {
        char folder[100];
        snprintf(folder, sizeof folder, GOLDEN "%s", set_names[i]);
        if (bert_tokenizer_load(&sets[i], folder, NULL, &err) != BERT_OK) {
            printf("Bail out! %s\n", err.message);
            exit(1);
        }
    }
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        json_t *json = json_loads(line, JSON_ALLOW_NUL, NULL);
        if (json == NULL || case_count == sizeof cases / sizeof cases[0]) {
            printf("Bail out! cases.jsonl:%zu\n", case_count + 1);
            exit(1);
        }
        cases[case_count++] = json;
    }
    if (f != NULL) {
        fclose(f);
    }
    CHECK(case_count > 500);
}

static bert_tokenizer *set_of(const json_t *test)
{
    const char *name = json_string_value(json_object_get(test, "set"));

    for (int i = 0; i < SETS; i++) {
        if (strcmp(set_names[i], name) == 0) {
            return sets[i];
        }
    }
    return NULL;
}

/* A string, or an array of them: words. */
static bool side_of(const json_t *value, bert_text parts[MAX_PARTS],
                    bert_side *out)
{
    *out = (bert_side){.parts = parts, .count = 1};
    if (json_is_array(value)) {
        out->split = true;
        out->count = json_array_size(value);
    }
    for (size_t i = 0; i < out->count && i < MAX_PARTS; i++) {
        const json_t *text = out->split ? json_array_get(value, i) : value;
        parts[i].data = json_string_value(text);
        parts[i].size = json_string_length(text);
    }
    return value != NULL;
}

static json_int_t at(const json_t *array, size_t i)
{
    return json_integer_value(json_array_get(array, i));
}

/* Whether tokens are those of one result: [ids, types, words, offsets]. */
static bool same(bert_tokens t, const json_t *want, bool ids_only)
{
    const json_t *ids = json_array_get(want, 0);
    const json_t *types = json_array_get(want, 1);
    const json_t *words = json_array_get(want, 2);
    const json_t *spans = json_array_get(want, 3);

    if (json_array_size(ids) != t.length || ids_only != (t.words == NULL) ||
        ids_only != (t.spans == NULL)) {
        return false;
    }
    for (size_t i = 0; i < t.length; i++) {
        const json_t *word = json_array_get(words, i);
        const json_t *span = json_array_get(spans, i);
        if (at(ids, i) != t.ids[i] || at(types, i) != t.type_ids[i]) {
            return false;
        }
        if (ids_only) {
            continue;
        }
        if ((json_is_null(word) ? -1 : json_integer_value(word)) !=
                t.words[i] ||
            (size_t)at(span, 0) != t.spans[i].begin ||
            (size_t)at(span, 1) != t.spans[i].end ||
            (!json_is_null(word) && t.special[i])) {
            return false;
        }
    }
    return true;
}

static bert_status encode(const json_t *test, bool ids_only, bert_encoding *enc)
{
    bert_text           parts[2][MAX_PARTS];
    bert_side           text, pair;
    bert_encode_options options = {.ids_only = ids_only};
    bool has_pair = side_of(json_object_get(test, "pair"), parts[1], &pair);

    options.no_special = json_is_true(json_object_get(test, "bare"));
    side_of(json_object_get(test, "text"), parts[0], &text);
    return bert_tokenizer_encode(set_of(test), &text, has_pair ? &pair : NULL,
                                 &options, enc, NULL);
}

static void show(const json_t *test)
{
    char *text = json_dumps(test, JSON_COMPACT);

    printf("# %.300s\n", text);
    free(text);
}

static void check_whole(bool ids_only)
{
    bert_encoding *enc = bert_encoding_new();
    size_t         count = 0;

    for (size_t i = 0; i < case_count; i++) {
        const json_t *want = json_object_get(cases[i], "want");
        if (json_object_get(cases[i], "text") == NULL ||
            json_object_get(cases[i], "max") != NULL) {
            continue;
        }
        bool good =
            encode(cases[i], ids_only, enc) == BERT_OK &&
            same(bert_encoding_tokens(enc), json_array_get(want, 0), ids_only);
        CHECK(good);
        if (!good) {
            show(cases[i]);
        }
        count++;
    }
    CHECK(count > 200);
    bert_encoding_free(enc);
}

static void test_texts_give_the_reference_tokens(void)
{
    check_whole(false);
}

static void test_ids_only_gives_the_same_ids(void)
{
    check_whole(true);
}

/* The cache is warm by now: the tokens must not depend on what came before. */
static void test_a_second_time_gives_the_same(void)
{
    check_whole(false);
}

static bert_fit fit_of(const json_t *test)
{
    bool left = json_is_true(json_object_get(test, "left"));

    return (bert_fit){
        .max_length = (size_t)json_integer_value(json_object_get(test, "max")),
        .strategy = (bert_truncation)json_integer_value(
            json_object_get(test, "strategy")),
        .cut_left = {left, left},
        .overlap = (size_t)json_integer_value(json_object_get(test, "overlap")),
    };
}

/* Give enc again what it holds, as if it came in a record. */
static void pass_through_record(const bert_tokenizer *tok, bert_encoding *enc,
                                bool with_special)
{
    bert_tokens t = bert_encoding_tokens(enc);

    if (!with_special) {
        t.special = NULL;
    }
    bert_encoding *copy = bert_encoding_new();
    CHECK_INT(bert_encoding_set(copy, &t, bert_tokenizer_cls(tok),
                                bert_tokenizer_sep(tok), NULL),
              BERT_OK);
    t = bert_encoding_tokens(copy);
    CHECK_INT(bert_encoding_set(enc, &t, bert_tokenizer_cls(tok),
                                bert_tokenizer_sep(tok), NULL),
              BERT_OK);
    bert_encoding_free(copy);
}

static bool windows_same(const bert_encoding *enc, const json_t *test,
                         bert_encoding *window)
{
    const json_t *want = json_object_get(test, "want");
    bert_fit      fit = fit_of(test);
    size_t        count = 0;
    bert_status   s = bert_encoding_windows(enc, &fit, &count, NULL);

    if (json_is_null(want)) {
        return s == BERT_BAD_INPUT;
    }
    bool good = s == BERT_OK && count == json_array_size(want);
    for (size_t k = 0; good && k < count; k++) {
        good =
            bert_encoding_window(enc, &fit, k, window, NULL) == BERT_OK &&
            same(bert_encoding_tokens(window), json_array_get(want, k), false);
    }
    return good;
}

static bool cut_same(bert_encoding *enc, const json_t *test)
{
    const json_t *want = json_array_get(json_object_get(test, "want"), 0);
    bert_fit      fit = fit_of(test);
    size_t        before = bert_encoding_tokens(enc).length;

    return bert_encoding_truncate(enc, &fit, NULL) == BERT_OK &&
           same(bert_encoding_tokens(enc), want, false) &&
           bert_encoding_dropped(enc) ==
               before - bert_encoding_tokens(enc).length;
}

static void check_cut(int through_record)
{
    bert_encoding *enc = bert_encoding_new(), *window = bert_encoding_new();
    size_t         count = 0;

    for (size_t i = 0; i < case_count; i++) {
        if (json_object_get(cases[i], "max") == NULL) {
            continue;
        }
        CHECK_INT(encode(cases[i], false, enc), BERT_OK);
        if (through_record != 0) {
            pass_through_record(set_of(cases[i]), enc, through_record == 2);
        }
        bool good = json_is_true(json_object_get(cases[i], "windows"))
                        ? windows_same(enc, cases[i], window)
                        : cut_same(enc, cases[i]);
        CHECK(good);
        if (!good) {
            show(cases[i]);
        }
        count++;
    }
    CHECK(count > 300);
    bert_encoding_free(enc);
    bert_encoding_free(window);
}

static void test_truncation_and_windows_are_the_reference_s(void)
{
    check_cut(0);
}

static void test_records_are_cut_as_their_texts_would_be(void)
{
    check_cut(1);
    check_cut(2);
}

static void test_decode_gives_the_reference_text(void)
{
    size_t count = 0;

    for (size_t i = 0; i < case_count; i++) {
        const json_t *list = json_object_get(cases[i], "decode");
        int32_t       ids[1024];
        bert_buffer   out = {0};
        if (list == NULL) {
            continue;
        }
        size_t n = json_array_size(list);
        for (size_t k = 0; k < n && k < 1024; k++) {
            ids[k] = (int32_t)at(list, k);
        }
        CHECK_INT(bert_tokenizer_decode(
                      set_of(cases[i]), ids, n,
                      json_is_true(json_object_get(cases[i], "skip")), &out,
                      NULL),
                  BERT_OK);
        CHECK(buffer_put_char(&out, '\0'));
        CHECK_TEXT(out.data,
                   json_string_value(json_object_get(cases[i], "want")));
        bert_buffer_free(&out);
        count++;
    }
    CHECK(count > 100);
}

static bert_tokens encode_text(const bert_tokenizer *tok, const char *text,
                               bert_unit unit, bert_encoding *enc)
{
    bert_text           part = {text, strlen(text)};
    bert_side           side = {.parts = &part, .count = 1};
    bert_encode_options options = {.unit = unit};

    CHECK_INT(bert_tokenizer_encode(tok, &side, NULL, &options, enc, NULL),
              BERT_OK);
    return bert_encoding_tokens(enc);
}

static void test_units_count_bytes_and_utf16(void)
{
    bert_encoding *enc = bert_encoding_new();
    const char    *text = "\xC3\xA9 \xF0\x9F\x98\x80 the";

    bert_tokens t = encode_text(sets[0], text, BERT_UNIT_BYTES, enc);
    CHECK_INT(t.length, 5);
    CHECK_INT(t.spans[3].begin, 8);
    CHECK_INT(t.spans[3].end, 11);
    t = encode_text(sets[0], text, BERT_UNIT_UTF16, enc);
    CHECK_INT(t.spans[3].begin, 5);
    CHECK_INT(t.spans[2].end, 4);
    t = encode_text(sets[0], text, BERT_UNIT_CHARS, enc);
    CHECK_INT(t.spans[3].begin, 4);
    bert_encoding_free(enc);
}

static void test_protected_text_stays_one_word(void)
{
    const char *const      patterns[] = {"don't", "x*", "[a-z]+-[a-z]+"};
    bert_tokenizer_options options = {.protect = patterns, .protect_count = 3};
    bert_tokenizer        *tok;
    bert_encoding         *enc = bert_encoding_new();

    CHECK_INT(bert_tokenizer_load(&tok, GOLDEN "uncased", &options, NULL),
              BERT_OK);
    /* "don't" is one word, of which no piece covers the apostrophe. */
    bert_tokens t = encode_text(tok, "the don't it", BERT_UNIT_CHARS, enc);
    CHECK_INT(t.length, 5);
    CHECK_INT(t.ids[2], bert_tokenizer_id(tok, "[UNK]", 5));
    CHECK_INT(t.words[2], 1);
    CHECK_INT(t.spans[2].begin, 4);
    CHECK_INT(t.spans[2].end, 9);
    CHECK_INT(t.words[3], 2);
    bert_tokenizer_free(tok);
    const char *const bad[] = {"(a"};
    bert_error        err = {0};
    options.protect = bad;
    options.protect_count = 1;
    CHECK_INT(bert_tokenizer_load(&tok, GOLDEN "uncased", &options, &err),
              BERT_BAD_CALL);
    /* Where the pattern ends, from 1. */
    CHECK_TEXT(err.message,
               "pattern (a: missing closing parenthesis at byte 3");
    bert_encoding_free(enc);
}

static void test_match_limit_is_bad_input(void)
{
    const char *const      patterns[] = {"(*NO_JIT)(a+)+$"};
    bert_tokenizer_options options = {.protect = patterns, .protect_count = 1};
    bert_tokenizer        *tok;
    bert_encoding         *enc = bert_encoding_new();
    bert_text part = {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", 39};
    bert_side side = {.parts = &part, .count = 1};

    CHECK_INT(bert_tokenizer_load(&tok, GOLDEN "uncased", &options, NULL),
              BERT_OK);
    CHECK_INT(bert_tokenizer_encode(tok, &side, NULL, NULL, enc, NULL),
              BERT_BAD_INPUT);
    bert_tokenizer_free(tok);
    bert_encoding_free(enc);
}

/* PCRE2's compiled code has 32 kB of stack: no limit of the user's. */
static void test_protected_text_may_be_long(void)
{
    enum { PAIRS = 2000 };
    static char            text[2 * PAIRS + 4];
    const char *const      patterns[] = {"<(?:a|b)+>"};
    bert_tokenizer_options options = {.protect = patterns, .protect_count = 1};
    bert_tokenizer        *tok;
    bert_encoding         *enc = bert_encoding_new();
    size_t                 n = 0;

    text[n++] = '<';
    for (int i = 0; i < PAIRS; i++) {
        text[n++] = 'a';
        text[n++] = 'b';
    }
    text[n] = '>';
    CHECK_INT(bert_tokenizer_load(&tok, GOLDEN "uncased", &options, NULL),
              BERT_OK);
    bert_tokens t = encode_text(tok, text, BERT_UNIT_CHARS, enc);
    CHECK_INT(t.length, 3);
    CHECK_INT(t.spans[1].begin, 0);
    CHECK_INT(t.spans[1].end, 2 * PAIRS + 2);
    bert_tokenizer_free(tok);
    bert_encoding_free(enc);
}

static void test_literal_takes_special_tokens_as_text(void)
{
    bert_tokenizer_options options = {.literal = true};
    bert_tokenizer        *tok;
    bert_encoding         *enc = bert_encoding_new();

    CHECK_INT(bert_tokenizer_load(&tok, GOLDEN "uncased", &options, NULL),
              BERT_OK);
    bert_tokens t = encode_text(tok, "[MASK]", BERT_UNIT_CHARS, enc);
    CHECK(t.length > 4);
    CHECK_INT(t.ids[1], bert_tokenizer_id(tok, "[", 1));
    bert_tokenizer_free(tok);
    bert_encoding_free(enc);
}

/* Read a JSON line a time; call for each. */
static size_t check_google(bert_tokenizer *const tok[2])
{
    char                line[65536];
    size_t              count = 0;
    bert_encoding      *enc = bert_encoding_new();
    bert_encode_options options = {.no_special = true};
    FILE               *f = fopen(GOLDEN "google.jsonl", "r");

    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        json_t       *test = json_loads(line, JSON_ALLOW_NUL, NULL);
        const json_t *want = json_object_get(test, "want");
        bert_text     part[MAX_PARTS];
        bert_side     side;
        side_of(json_object_get(test, "text"), part, &side);
        bool lower = json_is_true(json_object_get(test, "lower"));
        CHECK_INT(
            bert_tokenizer_encode(tok[lower], &side, NULL, &options, enc, NULL),
            BERT_OK);
        bert_tokens t = bert_encoding_tokens(enc);
        bool        good = t.length == json_array_size(want);
        for (size_t i = 0; good && i < t.length; i++) {
            good = t.ids[i] == at(want, i);
        }
        CHECK(good);
        if (!good) {
            show(test);
        }
        json_decref(test);
        count++;
    }
    if (f != NULL) {
        fclose(f);
    }
    bert_encoding_free(enc);
    return count;
}

static void test_compat_google_gives_google_s_ids(void)
{
    bert_tokenizer_options options = {.google = true};
    bert_tokenizer        *tok[2];

    if (strcmp(utf8proc_unicode_version(), "15.0.0") != 0) {
        SKIP("utf8proc's Unicode is not 15.0.0");
    }
    CHECK_INT(bert_tokenizer_load(&tok[0], GOLDEN "cased", &options, NULL),
              BERT_OK);
    CHECK_INT(bert_tokenizer_load(&tok[1], GOLDEN "uncased", &options, NULL),
              BERT_OK);
    CHECK(check_google(tok) > 100);
    bert_tokenizer_free(tok[0]);
    bert_tokenizer_free(tok[1]);
}

static void test_bad_utf8_is_bad_input(void)
{
    bert_encoding *enc = bert_encoding_new();
    bert_text      part = {"ab\xFF", 3};
    bert_side      side = {.parts = &part, .count = 1};
    bert_error     err = {0};

    CHECK_INT(bert_tokenizer_encode(sets[0], &side, NULL, NULL, enc, &err),
              BERT_BAD_INPUT);
    CHECK_TEXT(err.message, "not UTF-8 at byte 3"); /* from 1, as a line's */
    CHECK_INT(bert_encoding_tokens(enc).length, 0);
    bert_encoding_free(enc);
}

static void test_a_setting_that_is_not_said_is_an_error(void)
{
    bert_tokenizer_options options = {.vocab = GOLDEN "cased/vocab.txt"};
    bert_tokenizer        *tok;
    bert_error             err = {0};

    CHECK_INT(bert_tokenizer_load(&tok, NULL, &options, &err),
              BERT_UNSUPPORTED);
    CHECK(strstr(err.message, "--uncased") != NULL);
    options.lowercase = BERT_NO;
    CHECK_INT(bert_tokenizer_load(&tok, NULL, &options, &err), BERT_OK);
    CHECK_TEXT(bert_tokenizer_fingerprint(tok),
               bert_tokenizer_fingerprint(sets[1]));
    bert_tokenizer_free(tok);
}

/* Encode one side of a case by itself. */
static bert_status encode_side(const json_t *test, const char *name,
                               bert_encoding *enc)
{
    bert_text           parts[MAX_PARTS];
    bert_side           side;
    bert_encode_options options = {0};

    options.no_special = json_is_true(json_object_get(test, "bare"));
    side_of(json_object_get(test, name), parts, &side);
    return bert_tokenizer_encode(set_of(test), &side, NULL, &options, enc,
                                 NULL);
}

static bool is_result(const json_t *test, bert_encoding *enc,
                      bert_encoding *window)
{
    const json_t *want = json_object_get(test, "want");

    if (json_object_get(test, "max") == NULL) {
        return same(bert_encoding_tokens(enc), json_array_get(want, 0), false);
    }
    return json_is_true(json_object_get(test, "windows"))
               ? windows_same(enc, test, window)
               : cut_same(enc, test);
}

static void test_two_encodings_make_the_pair(void)
{
    bert_encoding *a = bert_encoding_new(), *b = bert_encoding_new();
    bert_encoding *both = bert_encoding_new(), *window = bert_encoding_new();
    size_t         count = 0;

    for (size_t i = 0; i < case_count; i++) {
        if (json_object_get(cases[i], "pair") == NULL) {
            continue;
        }
        CHECK_INT(encode_side(cases[i], "text", a), BERT_OK);
        CHECK_INT(encode_side(cases[i], "pair", b), BERT_OK);
        CHECK_INT(bert_encoding_pair(a, b, both, NULL), BERT_OK);
        CHECK_INT(bert_encoding_pair(both, b, window, NULL), BERT_BAD_INPUT);
        CHECK_INT(bert_encoding_pair(a, both, window, NULL), BERT_BAD_INPUT);
        bool good = is_result(cases[i], both, window);
        CHECK(good);
        if (!good) {
            show(cases[i]);
        }
        count++;
    }
    CHECK(count > 100);
    bert_encoding_free(a);
    bert_encoding_free(b);
    bert_encoding_free(both);
    bert_encoding_free(window);
}

/* n tokens and a template, cut in the middle to `length`: the first `head` of
   them and the last `tail` stay. */
static void check_middle(size_t n, size_t length, size_t head, size_t tail)
{
    enum { MOST = 2048 };
    static int32_t ids[MOST];
    bert_encoding *enc = bert_encoding_new();
    bert_tokens    t = {.length = n + 2, .ids = ids};
    bert_fit       fit = {.max_length = length, .cut_middle = true};

    for (size_t i = 0; i < n; i++) {
        ids[i + 1] = 100 + (int32_t)i;
    }
    ids[0] = 2;
    ids[n + 1] = 3;
    CHECK_INT(bert_encoding_set(enc, &t, 2, 3, NULL), BERT_OK);
    CHECK_INT(bert_encoding_truncate(enc, &fit, NULL), BERT_OK);
    t = bert_encoding_tokens(enc);
    CHECK_INT(t.length, head + tail + 2);
    CHECK_INT(bert_encoding_dropped(enc), n - head - tail);
    CHECK(t.ids[0] == 2 && t.special[0]);
    CHECK(t.ids[t.length - 1] == 3 && t.special[t.length - 1]);
    for (size_t i = 1; i + 1 < t.length; i++) {
        size_t from = i <= head ? i - 1 : n - tail + (i - 1 - head);
        CHECK_INT(t.ids[i], 100 + (int32_t)from);
    }
    bert_encoding_free(enc);
}

/* Sun et al. 2019, section 5.3.1: the first 128 and the last 382 tokens. */
static void test_the_middle_is_cut_out(void)
{
    check_middle(2000, 512, 128, 382);
    check_middle(511, 512, 128, 382);
    check_middle(510, 512, 510, 0);
    check_middle(400, 257, 64, 191);
    check_middle(100, 12, 3, 7); /* 2.51 and 7.49 */
    check_middle(100, 3, 0, 1);
    check_middle(2000, 1022, 256, 764);
}

int main(void)
{
    load_all();
    TEST(test_texts_give_the_reference_tokens);
    TEST(test_ids_only_gives_the_same_ids);
    TEST(test_a_second_time_gives_the_same);
    TEST(test_truncation_and_windows_are_the_reference_s);
    TEST(test_records_are_cut_as_their_texts_would_be);
    TEST(test_decode_gives_the_reference_text);
    TEST(test_units_count_bytes_and_utf16);
    TEST(test_protected_text_stays_one_word);
    TEST(test_match_limit_is_bad_input);
    TEST(test_protected_text_may_be_long);
    TEST(test_literal_takes_special_tokens_as_text);
    TEST(test_compat_google_gives_google_s_ids);
    TEST(test_bad_utf8_is_bad_input);
    TEST(test_a_setting_that_is_not_said_is_an_error);
    TEST(test_two_encodings_make_the_pair);
    TEST(test_the_middle_is_cut_out);
    for (size_t i = 0; i < case_count; i++) {
        json_decref(cases[i]);
    }
    for (int i = 0; i < SETS; i++) {
        bert_tokenizer_free(sets[i]);
    }
    TEST_END;
}
