/*
 * test_threads.c - teams do each piece of work once; cores obey the quota
 */
#include "test.h"

#include <stdatomic.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cores.h"
#include "bert.h"

enum { ITEMS = 1000 };

typedef struct tally {
    atomic_int seen[ITEMS];
    atomic_int wrong_member;
    size_t     size;
} tally;

static void count_item(void *context, size_t item, size_t member)
{
    tally *t = context;

    atomic_fetch_add(&t->seen[item], 1);
    if (member >= t->size) {
        atomic_fetch_add(&t->wrong_member, 1);
    }
}

static void check_team(size_t threads)
{
    bert_team *team = NULL;
    tally      t = {.size = threads};

    CHECK(bert_team_new(&team, threads, NULL) == BERT_OK);
    CHECK_INT(bert_team_size(team), threads);
    size_t counts[] = {0, 1, 2, 3, 17, ITEMS};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        memset(t.seen, 0, sizeof t.seen);
        bert_team_run(team, counts[c], count_item, &t);
        bool right = true;
        for (size_t i = 0; i < ITEMS; i++) {
            right = right && t.seen[i] == (i < counts[c]);
        }
        CHECK(right);
    }
    CHECK_INT(t.wrong_member, 0);
    bert_team_free(team);
}

static void test_team_does_each_item_once(void)
{
    for (size_t threads = 1; threads <= 8; threads++) {
        check_team(threads);
    }
}

static void test_team_default_is_cores(void)
{
    bert_team *team = NULL;

    CHECK(bert_team_new(&team, 0, NULL) == BERT_OK);
    CHECK_INT(bert_team_size(team), bert_cores());
    bert_team_free(team);
    bert_team_free(NULL);
}

static void test_team_null_runs_on_the_caller(void)
{
    tally t = {.size = 1};

    bert_team_run(NULL, 5, count_item, &t);
    CHECK_INT(t.seen[4], 1);
    CHECK_INT(t.seen[5], 0);
    CHECK_INT(t.wrong_member, 0);
    CHECK_INT(bert_team_size(NULL), 1);
}

static void add(void *context, size_t item, size_t member)
{
    (void)member;
    atomic_fetch_add((atomic_size_t *)context, item);
}

static void test_team_many_short_runs(void)
{
    bert_team    *team = NULL;
    atomic_size_t sum = 0;

    CHECK(bert_team_new(&team, 3, NULL) == BERT_OK);
    for (int i = 0; i < 2000; i++) {
        bert_team_run(team, 4, add, &sum);
    }
    CHECK_INT(sum, 2000 * 6);
    bert_team_free(team);
}

static void test_cores_obey_affinity(void)
{
    cpu_set_t before, one;

    CHECK(sched_getaffinity(0, sizeof before, &before) == 0);
    CPU_ZERO(&one);
    for (size_t i = 0; i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, &before)) {
            CPU_SET(i, &one);
            break;
        }
    }
    CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
    CHECK_INT(bert_cores(), 1);
    CHECK(sched_setaffinity(0, sizeof before, &before) == 0);
    CHECK(bert_cores() >= 1);
}

/* A made-up /sys/fs/cgroup, taken away again. */
static char sandbox[] = "/tmp/test_threads.XXXXXX";

static const char *under(const char *name)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/%s", sandbox, name);
    return path;
}

static void put(const char *name, const char *text)
{
    FILE *f = fopen(under(name), "w");

    CHECK(f != NULL);
    if (f != NULL) {
        fputs(text, f);
        fclose(f);
    }
}

static size_t quota(const char *membership)
{
    char path[512];

    put("membership", membership);
    snprintf(path, sizeof path, "%s", under("membership"));
    return cores_quota(path, sandbox);
}

static void test_cores_obey_cgroup_quota(void)
{
    static const char *const files[] = {"membership",
                                        "a/cpu.max",
                                        "a/b/cpu.max",
                                        "cpu/v1/cpu.cfs_quota_us",
                                        "cpu/v1/cpu.cfs_period_us",
                                        "cpu/v1",
                                        "cpu",
                                        "a/b",
                                        "a"};

    CHECK(mkdtemp(sandbox) != NULL);
    mkdir(under("a"), 0700);
    mkdir(under("a/b"), 0700);
    mkdir(under("cpu"), 0700);
    mkdir(under("cpu/v1"), 0700);
    put("a/cpu.max", "250000 100000\n");
    put("a/b/cpu.max", "max 100000\n");
    put("cpu/v1/cpu.cfs_quota_us", "150000\n");
    put("cpu/v1/cpu.cfs_period_us", "50000\n");
    CHECK_INT(quota("0::/a\n"), 3);
    CHECK_INT(quota("0::/a/b\n"), 3); /* the parent's */
    CHECK_INT(quota("0::/\n"), 0);
    CHECK_INT(quota("0::/gone/from/here\n"), 0);
    CHECK_INT(quota("4:cpu,cpuacct:/v1\n3:memory:/a\n"), 3);
    CHECK_INT(quota("3:cpuacct:/v1\n"), 0);
    CHECK_INT(quota("4:cpu:/v1\n0::/a/b\n"), 3);
    put("cpu/v1/cpu.cfs_quota_us", "-1\n");
    CHECK_INT(quota("4:cpu:/v1\n"), 0);
    put("a/b/cpu.max", "50000 100000\n");
    CHECK_INT(quota("0::/a/b\n"), 1);
    put("a/b/cpu.max", "nonsense\n");
    CHECK_INT(quota("0::/a/b\n"), 3);
    CHECK_INT(quota("not a line\n:\n"), 0);
    CHECK_INT(cores_quota("/nonexistent/file", sandbox), 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        remove(under(files[i]));
    }
    rmdir(sandbox);
}

int main(void)
{
    TEST(test_team_does_each_item_once);
    TEST(test_team_default_is_cores);
    TEST(test_team_null_runs_on_the_caller);
    TEST(test_team_many_short_runs);
    TEST(test_cores_obey_affinity);
    TEST(test_cores_obey_cgroup_quota);
    TEST_END;
}
