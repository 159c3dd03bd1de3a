/*
 * cores.c - how many cores this process may use: CPU affinity and the quota of
 * its control groups (Linux Documentation/admin-guide/cgroup-v2.rst, cpu.max;
 * Documentation/scheduler/sched-bwc.rst, cpu.cfs_quota_us)
 */
#include "base/cores.h"

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum { PATH_SIZE = 4096, NUMBER_LIMIT = 256, MEMBERSHIP_LIMIT = 1 << 16 };

/* The first one or two numbers of a small file; "max" reads as -1. How many
   were there: 0 to 2. */
static int read_numbers(const char *path, long long out[2])
{
    bert_buffer text = {0};
    char        line[NUMBER_LIMIT + 1];
    int         count = 0;

    if (file_read(path, NUMBER_LIMIT, &text, NULL) == BERT_OK) {
        memcpy(line, text.size ? text.data : "", text.size);
        line[text.size] = '\0';
        if (strncmp(line, "max", 3) == 0) {
            out[0] = -1;
            count = 1;
        } else {
            count = sscanf(line, "%lld %lld", &out[0], &out[1]);
        }
    }
    bert_buffer_free(&text);
    return count < 0 ? 0 : count;
}

/* Cores of one group's folder, 0: no quota. */
static size_t folder_quota(const char *folder)
{
    char      path[PATH_SIZE + 32];
    long long v[2] = {0, 0}, period[2] = {0, 0};

    (void)snprintf(path, sizeof path, "%s/cpu.max", folder);
    if (read_numbers(path, v) != 2) {
        (void)snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
        if (read_numbers(path, v) == 0) {
            return 0;
        }
        (void)snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
        if (read_numbers(path, period) == 0) {
            return 0;
        }
        v[1] = period[0];
    }
    if (v[0] <= 0 || v[1] <= 0) {
        return 0;
    }
    return (size_t)(v[0] / v[1]) + (v[0] % v[1] != 0);
}

static size_t smaller(size_t a, size_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

/* The smallest quota from mount + group up to mount itself. In a container
   the group's path may belong to the host; then only the mount is found. */
static size_t walk_up(const char *mount, const char *group)
{
    char   path[PATH_SIZE];
    size_t quota = 0;
    size_t top = strlen(mount);

    if (snprintf(path, sizeof path, "%s%s", mount, group) >= (int)sizeof path) {
        path[top < sizeof path ? top : 0] = '\0';
    }
    for (;;) {
        quota = smaller(quota, folder_quota(path));
        char *slash = strrchr(path, '/');
        if (slash == NULL || (size_t)(slash - path) < top) {
            return quota;
        }
        *slash = '\0';
    }
}

/* Is cpu among the comma-separated controllers? */
static bool has_cpu(const char *names)
{
    for (;;) {
        size_t size = strcspn(names, ",");
        if (size == 3 && memcmp(names, "cpu", 3) == 0) {
            return true;
        }
        if (names[size] == '\0') {
            return false;
        }
        names += size + 1;
    }
}

/* One line of the membership file: "4:cpu,cpuacct:/a/b" or "0::/a/b". */
static size_t line_quota(char *line, const char *root)
{
    char  mount[PATH_SIZE];
    char *names = strchr(line, ':');
    char *group = names != NULL ? strchr(names + 1, ':') : NULL;

    if (group == NULL) {
        return 0;
    }
    *names++ = '\0';
    *group++ = '\0';
    if (*names == '\0') {
        (void)snprintf(mount, sizeof mount, "%s/unified", root);
        return walk_up(access(mount, F_OK) == 0 ? mount : root, group);
    }
    if (!has_cpu(names)) {
        return 0;
    }
    (void)snprintf(mount, sizeof mount, "%s/%s", root, names);
    if (access(mount, F_OK) != 0) {
        (void)snprintf(mount, sizeof mount, "%s/cpu", root);
    }
    return walk_up(mount, group);
}

size_t cores_quota(const char *membership, const char *root)
{
    bert_buffer text = {0};
    size_t      quota = 0;

    if (file_read(membership, MEMBERSHIP_LIMIT, &text, NULL) == BERT_OK) {
        size_t begin = 0;
        for (size_t i = 0; i < text.size; i++) {
            if (text.data[i] == '\n') {
                text.data[i] = '\0';
                quota = smaller(quota, line_quota(text.data + begin, root));
                begin = i + 1;
            }
        }
    }
    bert_buffer_free(&text);
    return quota;
}

static size_t affinity(void)
{
    /* The set must hold the kernel's own, whose size is not known: grow. */
    for (int cpus = 1024; cpus <= 1 << 20; cpus *= 2) {
        cpu_set_t *set = CPU_ALLOC((size_t)cpus);
        size_t     size = CPU_ALLOC_SIZE((size_t)cpus);
        if (set == NULL) {
            break;
        }
        int failed = sched_getaffinity(0, size, set);
        int count = failed ? 0 : CPU_COUNT_S(size, set);
        CPU_FREE(set);
        if (count > 0) {
            return (size_t)count;
        }
    }
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (size_t)online : 1;
}

size_t bert_cores(void)
{
    size_t cores = affinity();
    size_t quota = cores_quota("/proc/self/cgroup", "/sys/fs/cgroup");

    return quota != 0 && quota < cores ? quota : cores;
}
