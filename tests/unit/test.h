/*
 * test.h - a unit test in C: TAP on standard output
 *
 *     static void test_wordpiece_prefers_longest_match(void) { CHECK(...); }
 *     int main(void) { TEST(test_wordpiece_prefers_longest_match); TEST_END; }
 *
 * Include it in one file a program. A failed CHECK prints where and goes on.
 */
#ifndef TEST_H
#define TEST_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int         test_number, test_failed;
static bool        test_bad;
static const char *test_skipped;

#define CHECK(condition)                                                       \
    ((condition) ? (void)0                                                     \
                 : (test_bad = true, (void)printf("# %s:%d: %s\n", __FILE__,   \
                                                  __LINE__, #condition)))

#define CHECK_INT(got, want)                                                   \
    do {                                                                       \
        long long got_ = (long long)(got), want_ = (long long)(want);          \
        if (got_ != want_) {                                                   \
            test_bad = true;                                                   \
            printf("# %s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__,      \
                   #got, got_, want_);                                         \
        }                                                                      \
    } while (0)

#define CHECK_TEXT(got, want)                                                  \
    do {                                                                       \
        const char *got_ = (got), *want_ = (want);                             \
        if (got_ == NULL || strcmp(got_, want_) != 0) {                        \
            test_bad = true;                                                   \
            printf("# %s:%d: %s is \"%s\", not \"%s\"\n", __FILE__, __LINE__,  \
                   #got, got_ ? got_ : "(null)", want_);                       \
        }                                                                      \
    } while (0)

#define CHECK_NEAR(got, want, tolerance)                                       \
    do {                                                                       \
        double got_ = (double)(got), want_ = (double)(want);                   \
        if (!(fabs(got_ - want_) <= (double)(tolerance))) {                    \
            test_bad = true;                                                   \
            printf("# %s:%d: %s is %.9g, not %.9g\n", __FILE__, __LINE__,      \
                   #got, got_, want_);                                         \
        }                                                                      \
    } while (0)

/* Leave the test, counted as skipped, saying why. */
#define SKIP(why)                                                              \
    do {                                                                       \
        test_skipped = (why);                                                  \
        return;                                                                \
    } while (0)

#define TEST(function)                                                         \
    do {                                                                       \
        test_bad = false;                                                      \
        test_skipped = NULL;                                                   \
        function();                                                            \
        test_number++;                                                         \
        if (test_bad) {                                                        \
            test_failed++;                                                     \
        }                                                                      \
        printf("%sok %d - %s%s%s\n", test_bad ? "not " : "", test_number,      \
               #function, test_skipped ? " # skip " : "",                      \
               test_skipped ? test_skipped : "");                              \
        fflush(stdout);                                                        \
    } while (0)

#define TEST_END                                                               \
    do {                                                                       \
        printf("1..%d\n", test_number);                                        \
        return test_failed != 0;                                               \
    } while (0)

#endif
