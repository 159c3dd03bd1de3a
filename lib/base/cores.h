/*
 * cores.h - how many cores this process may use
 */
#ifndef BASE_CORES_H
#define BASE_CORES_H

#include <stddef.h>

/*
 * The CPU quota in whole cores, rounded up, that control groups set, version 1
 * or 2, the smallest on the way from the process's own group to the root; 0:
 * none. membership is /proc/self/cgroup, root /sys/fs/cgroup (tests give
 * others).
 */
size_t cores_quota(const char *membership, const char *root);

#endif
