/*
 * test_encoding.c - tokens that come in records: texts, pairs and their types
 */
#include "test.h"

#include <string.h>

#include <bert.h>

static void test_set_refuses_records_that_do_not_fit(void)
{
    bert_encoding *enc = bert_encoding_new();
    const int32_t  ids[] = {2, 7, 3, 8, 3};
    const uint8_t  special[] = {1, 1, 1, 0, 1};
    bert_tokens    t = {.length = 5, .ids = ids};

    CHECK_INT(bert_encoding_set(enc, &t, 2, 3, NULL), BERT_OK);
    CHECK(bert_encoding_tokens(enc).words == NULL);
    t.special = special;
    CHECK_INT(bert_encoding_set(enc, &t, 2, 3, NULL), BERT_BAD_INPUT);
    t.length = 0;
    CHECK_INT(bert_encoding_set(enc, &t, 2, 3, NULL), BERT_BAD_INPUT);
    bert_encoding_free(enc);
}

/* Types that are no pair's stay with their tokens, which are one text. */
static void test_set_keeps_the_types_of_one_text(void)
{
    bert_encoding *enc = bert_encoding_new(), *out = bert_encoding_new();
    const int32_t  ids[] = {2, 7, 3, 8, 9, 3}, mixed[] = {0, 1, 0, 1, 1, 0};
    const int32_t  first[] = {0, 1, 0, 1, 0}, last[] = {0, 0, 1, 1, 0};
    const uint8_t  special[] = {1, 0, 0, 0, 0, 1};
    bert_tokens    t = {.length = 6, .ids = ids, .type_ids = mixed}, got;
    bert_fit       fit = {.max_length = 5, .overlap = 2};
    size_t         count = 0;

    CHECK_INT(bert_encoding_set(enc, &t, 2, 3, NULL), BERT_OK);
    got = bert_encoding_tokens(enc);
    CHECK_INT(got.second, 6);
    CHECK(memcmp(got.special, special, 6) == 0);
    CHECK(memcmp(got.type_ids, mixed, sizeof mixed) == 0);
    CHECK_INT(bert_encoding_windows(enc, &fit, &count, NULL), BERT_OK);
    CHECK_INT(count, 2);
    CHECK_INT(bert_encoding_window(enc, &fit, 1, out, NULL), BERT_OK);
    got = bert_encoding_tokens(out);
    CHECK_INT(got.length, 5);
    CHECK(memcmp(got.type_ids, last, sizeof last) == 0);
    CHECK_INT(bert_encoding_pair(enc, enc, out, NULL), BERT_BAD_INPUT);
    fit.strategy = BERT_ONLY_SECOND;
    CHECK_INT(bert_encoding_truncate(enc, &fit, NULL), BERT_BAD_INPUT);
    fit.strategy = BERT_LONGEST_FIRST;
    CHECK_INT(bert_encoding_truncate(enc, &fit, NULL), BERT_OK);
    got = bert_encoding_tokens(enc);
    CHECK_INT(got.length, 5);
    CHECK_INT(got.second, 5);
    CHECK(memcmp(got.type_ids, first, sizeof first) == 0);
    /* and a pair that comes after it has its own again */
    t.type_ids = NULL;
    CHECK_INT(bert_encoding_set(enc, &t, 2, 3, NULL), BERT_OK);
    CHECK_INT(bert_encoding_tokens(enc).type_ids[1], 0);
    bert_encoding_free(out);
    bert_encoding_free(enc);
}

/* All of segment 1: [CLS] is the first token, whatever its segment. */
static void test_set_knows_a_second_segment_alone(void)
{
    bert_encoding *enc = bert_encoding_new(), *window = bert_encoding_new();
    const int32_t  ids[] = {2, 7, 8, 9, 3}, ones[] = {1, 1, 1, 1, 1};
    const uint8_t  special[] = {1, 0, 0, 0, 1};
    bert_tokens    t = {.length = 5, .ids = ids, .type_ids = ones};
    bert_fit       fit = {.max_length = 4};

    for (int given = 0; given < 2; given++) {
        t.special = given ? special : NULL;
        CHECK_INT(bert_encoding_set(enc, &t, 2, 3, NULL), BERT_OK);
        CHECK(memcmp(bert_encoding_tokens(enc).special, special, 5) == 0);
        CHECK(memcmp(bert_encoding_tokens(enc).type_ids, ones, sizeof ones) ==
              0);
    }
    CHECK_INT(bert_encoding_window(enc, &fit, 1, window, NULL), BERT_OK);
    t = bert_encoding_tokens(window);
    CHECK_INT(t.length, 3);
    CHECK(t.ids[0] == 2 && t.ids[1] == 9 && t.ids[2] == 3);
    CHECK(memcmp(t.type_ids, ones, 3 * sizeof *ones) == 0);
    CHECK_INT(bert_encoding_truncate(enc, &fit, NULL), BERT_OK);
    t = bert_encoding_tokens(enc);
    CHECK(t.ids[0] == 2 && t.ids[2] == 8 && t.ids[3] == 3);
    CHECK(memcmp(t.type_ids, ones, 4 * sizeof *ones) == 0);
    CHECK_INT(t.second, 0);
    /* they are one text's own where the caller knows of no second text */
    t = (bert_tokens){.length = 5, .second = 5, .ids = ids, .type_ids = ones};
    CHECK_INT(bert_encoding_set(enc, &t, 2, 3, NULL), BERT_OK);
    t = bert_encoding_tokens(enc);
    CHECK_INT(t.second, 5);
    CHECK(memcmp(t.special, special, 5) == 0);
    CHECK(memcmp(t.type_ids, ones, sizeof ones) == 0);
    /* one token alone, which is [CLS] even where [SEP] has its id */
    t = (bert_tokens){.length = 1, .ids = ids, .type_ids = ones};
    CHECK_INT(bert_encoding_set(enc, &t, 2, 2, NULL), BERT_OK);
    CHECK_INT(bert_encoding_tokens(enc).type_ids[0], 1);
    CHECK_INT(bert_encoding_truncate(enc, &fit, NULL), BERT_OK);
    CHECK_INT(bert_encoding_tokens(enc).length, 1);
    bert_encoding_free(window);
    bert_encoding_free(enc);
}

int main(void)
{
    TEST(test_set_refuses_records_that_do_not_fit);
    TEST(test_set_keeps_the_types_of_one_text);
    TEST(test_set_knows_a_second_segment_alone);
    TEST_END;
}
