/*
 * test_id_set.c - ids that came before, up to the limit and beyond it
 */
#include "test.h"

#include <stdio.h>

#include "common/id_set.h"

static bool add(id_set *seen, size_t number)
{
    char text[32];
    int  size = snprintf(text, sizeof text, "id%zu", number);

    return id_set_add(seen, text, (size_t)size);
}

static void test_an_id_is_there_after_it_was_added(void)
{
    id_set seen = {0};
    size_t wrong = 0;

    CHECK(!id_set_add(&seen, "", 0));
    CHECK(id_set_add(&seen, "", 0));
    CHECK(!id_set_add(&seen, "a\0b", 3));
    CHECK(!id_set_add(&seen, "a\0c", 3));
    CHECK(id_set_add(&seen, "a\0b", 3));
    for (size_t i = 0; i < 100000; i++) {
        wrong += add(&seen, i);
    }
    for (size_t i = 0; i < 100000; i++) {
        wrong += !add(&seen, i);
    }
    CHECK_INT(wrong, 0);
    id_set_free(&seen);
    CHECK(!id_set_add(&seen, "", 0));
    id_set_free(&seen);
}

static void test_the_first_ones_are_remembered_and_no_more(void)
{
    const size_t limit = ID_SET_LIMIT;
    id_set       seen = {0};
    size_t       wrong = 0;

    for (size_t i = 0; i < limit + 1000; i++) {
        wrong += add(&seen, i);
    }
    CHECK_INT(wrong, 0);
    CHECK_INT(seen.count, limit);
    CHECK_INT(seen.capacity, 2 * limit);
    for (size_t i = 0; i < limit; i++) {
        wrong += !add(&seen, i);
    }
    CHECK_INT(wrong, 0);
    for (size_t i = limit; i < limit + 1000; i++) {
        wrong += add(&seen, i);
    }
    CHECK_INT(wrong, 0);
    id_set_free(&seen);
}

int main(void)
{
    TEST(test_an_id_is_there_after_it_was_added);
    TEST(test_the_first_ones_are_remembered_and_no_more);
    TEST_END;
}
