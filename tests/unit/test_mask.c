/*
 * test_mask.c - what bert-mask chooses, and what it takes for a word
 *
 * The expected values are those of Python's sorted() and math on the same
 * numbers, written beside each test.
 */
#include <math.h>
#include <stdint.h>

#include "common/mask_choose.h"
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

int main(void)
{
    TEST(test_choose_takes_the_largest_in_order);
    TEST(test_choose_prefers_the_lower_of_equals);
    TEST(test_choose_leaves_out_what_is_less);
    TEST(test_choose_obeys_its_filter);
    TEST(test_choose_equals_a_plain_selection);
    TEST(test_log_probability_is_exact_where_it_is_small);
    TEST_END;
}
