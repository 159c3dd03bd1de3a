/*
 * test_mask.c - what bert-mask chooses, and what it takes for a word
 *
 * The expected values are those of Python's sorted() and math on the same
 * numbers, written beside each test.
 */
#include <math.h>
#include <stdint.h>

#include "common/mask_choose.h"
#include "common/mask_words.h"
#include "test.h"

static void test_choose_takes_the_largest_in_order(void)
{
    const float scores[] = {0.1f, 0.7f, 0.05f, 0.9f, 0.3f, 0.2f};
    candidate   out[6];

    CHECK_INT(choose_top(scores, 6, 3, -INFINITY, NULL, out), 3);
    CHECK_INT(out[0].id, 3);
    CHECK_INT(out[1].id, 1);
    CHECK_INT(out[2].id, 4);
    CHECK_NEAR(out[2].score, 0.3f, 0);
    CHECK_INT(choose_top(scores, 6, 9, -INFINITY, NULL, out), 6);
    CHECK_INT(out[5].id, 2);
    CHECK_INT(choose_top(scores, 6, 0, -INFINITY, NULL, out), 0);
}

static void test_choose_prefers_the_lower_of_equals(void)
{
    const float scores[] = {0.5f, 0.25f, 0.5f, 0.5f, 0.25f, 0.5f};
    candidate   out[6];

    CHECK_INT(choose_top(scores, 6, 5, -INFINITY, NULL, out), 5);
    CHECK_INT(out[0].id, 0);
    CHECK_INT(out[1].id, 2);
    CHECK_INT(out[2].id, 3);
    CHECK_INT(out[3].id, 5);
    CHECK_INT(out[4].id, 1);
}

static void test_choose_leaves_out_what_is_less(void)
{
    const float scores[] = {0.5f, NAN, 0.1f, 0.2f, -INFINITY};
    candidate   out[5];

    CHECK_INT(choose_top(scores, 5, 5, 0.2f, NULL, out), 2);
    CHECK_INT(out[0].id, 0);
    CHECK_INT(out[1].id, 3);
    CHECK_INT(choose_top(scores, 5, 5, -INFINITY, NULL, out), 4);
}

static bool refuse_odd(void *context, int32_t id)
{
    (*(int *)context)++;
    return id % 2 != 0;
}

static void test_choose_obeys_its_filter(void)
{
    const float   scores[] = {0.1f, 0.9f, 0.8f, 0.7f, 0.6f, 0.5f};
    const uint8_t allowed[] = {1, 1, 0, 1, 1, 1};
    int           asked = 0;
    choose_filter filter = {allowed, refuse_odd, &asked};
    candidate     out[2];

    CHECK_INT(choose_top(scores, 6, 2, 0, &filter, out), 2);
    CHECK_INT(out[0].id, 4);
    CHECK_INT(out[1].id, 0);
    CHECK_INT(asked, 5);
}

/* All 24 numbers of each k, against a plain selection. */
static void test_choose_equals_a_plain_selection(void)
{
    float     scores[24];
    bool      taken[24];
    candidate out[24];
    unsigned  seed = 7;

    for (size_t i = 0; i < 24; i++) {
        seed = seed * 1103515245u + 12345u;
        scores[i] = (float)(seed >> 16 & 15) / 16;
    }
    for (size_t k = 1; k <= 24; k++) {
        memset(taken, 0, sizeof taken);
        CHECK_INT(choose_top(scores, 24, k, 0, NULL, out), k);
        for (size_t place = 0; place < k; place++) {
            size_t best = 24;
            for (size_t i = 0; i < 24; i++) {
                if (!taken[i] && (best == 24 || scores[i] > scores[best])) {
                    best = i;
                }
            }
            taken[best] = true;
            CHECK_INT(out[place].id, best);
        }
    }
}

/* x = (0, 200, 199): 1 / (1 + e^-1 + e^-200) = 0.7310585786300049; its
   logarithm -0.3132616875182228 */
static void test_log_probability_is_exact_where_it_is_small(void)
{
    float largest = 0.7310585786300049f;

    CHECK_NEAR(choose_log_probability(200, 200, largest), -0.31326169, 1e-6);
    CHECK_NEAR(choose_log_probability(199, 200, largest), -1.31326169, 1e-6);
    CHECK_NEAR(choose_log_probability(0, 200, largest), -200.3132617, 2e-5);
}

static const char *folded(const char *text)
{
    static bert_buffer out;

    out.size = 0;
    CHECK(word_fold(text, strlen(text), &out) && bert_buffer_put(&out, "", 1));
    return out.data;
}

/* As Python's str.lower() */
static void test_words_are_folded(void)
{
    CHECK_TEXT(folded("Haus XYZ az09"), "haus xyz az09");
    CHECK_TEXT(folded("\u00c4\u00d6\u00dc\u00de \u00d7\u00df"),
               "\u00e4\u00f6\u00fc\u00fe \u00d7\u00df");
    CHECK_TEXT(folded("\u0391\u03a9\u03b1"), "\u03b1\u03c9\u03b1");
    CHECK_TEXT(folded("\u0410\u042f\u0401\u0430"), "\u0430\u044f\u0451\u0430");
    CHECK_TEXT(folded("\u4eca\U0001f600"), "\u4eca\U0001f600");
    CHECK_TEXT(folded(""), "");
}

static bool has_letters(const char *text)
{
    return word_has_letters(text, strlen(text));
}

static void test_words_have_letters(void)
{
    static const char *const words[] = {
        "a", "Z9", "1a", "don't", "well-known", "\u00e9", "\u4eca", "\u0430"};
    static const char *const others[] = {
        "",       "7",      "##s",    "[CLS]",   "-",
        "a-",     "'s",     "a b",    "\u3002",  "\uff0c",
        "\u2014", "\u00d7", "\u00ab", "a\u3001", "\U0001f600"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        CHECK(has_letters(words[i]));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        CHECK(!has_letters(others[i]));
    }
}

static bool is_content(const word_list *list, const char *word)
{
    return word_is_content(list, word, strlen(word));
}

static void test_function_words_are_no_content(void)
{
    word_list list = {0};

    word_list_load(&list, NULL);
    CHECK(list.count > 500);
    for (size_t i = 0; i < mask_stop_word_count; i++) {
        CHECK(!is_content(&list, mask_stop_words[i]));
        CHECK_TEXT(folded(mask_stop_words[i]), mask_stop_words[i]);
    }
    CHECK(is_content(&list, "house"));
    CHECK(is_content(&list, "th"));
    CHECK(is_content(&list, "thee"));
    CHECK(is_content(&list, "war"));
    CHECK(!is_content(&list, "\u7684"));
    CHECK(is_content(&list, "\u9f99"));
    CHECK(!is_content(&list, "12"));
    word_list_free(&list);
}

int main(void)
{
    TEST(test_choose_takes_the_largest_in_order);
    TEST(test_choose_prefers_the_lower_of_equals);
    TEST(test_choose_leaves_out_what_is_less);
    TEST(test_choose_obeys_its_filter);
    TEST(test_choose_equals_a_plain_selection);
    TEST(test_log_probability_is_exact_where_it_is_small);
    TEST(test_words_are_folded);
    TEST(test_words_have_letters);
    TEST(test_function_words_are_no_content);
    TEST_END;
}
