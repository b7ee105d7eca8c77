/*
 * Cores that this process may use. A container's quota is read from the cgroup file system at its usual place: every level from
 * the process's group up to the root may set one, and the smallest holds.
 */
#include "base/host.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/* The first bytes of a small file as a string; false when it cannot be read. */
static bool read_text(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t got = read(fd, text, size - 1);
    (void)close(fd);
    if (got < 0) return false;
    text[got] = '\0';
    return true;
}

static uint32_t cores_of_quota(long long quota, long long period)
{
    if (quota <= 0 || period <= 0) return UINT32_MAX;
    long long cores = (quota + period - 1) / period;
    return cores < 1 ? 1 : cores > UINT32_MAX ? UINT32_MAX : (uint32_t)cores;
}

/* Version 2: "max 100000" or "50000 100000" in cpu.max. */
static uint32_t quota_v2(const char *directory)
{
    char path[4096];
    char text[64];
    (void)snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", directory);
    if (!read_text(path, text, sizeof text)) return UINT32_MAX;
    char *end;
    long long quota = strtoll(text, &end, 10);
    if (end == text) return UINT32_MAX; /* "max" */
    return cores_of_quota(quota, strtoll(end, NULL, 10));
}

/* Version 1: two files, -1 for no quota. */
static uint32_t quota_v1(const char *directory)
{
    char path[4096];
    char quota[64];
    char period[64];
    (void)snprintf(path, sizeof path, "/sys/fs/cgroup/cpu%s/cpu.cfs_quota_us", directory);
    if (!read_text(path, quota, sizeof quota)) return UINT32_MAX;
    (void)snprintf(path, sizeof path, "/sys/fs/cgroup/cpu%s/cpu.cfs_period_us", directory);
    if (!read_text(path, period, sizeof period)) return UINT32_MAX;
    return cores_of_quota(strtoll(quota, NULL, 10), strtoll(period, NULL, 10));
}

/* The smallest quota from `directory` upwards; the string is consumed. */
static uint32_t smallest_quota(char *directory, uint32_t (*quota)(const char *))
{
    uint32_t least = UINT32_MAX;
    for (;;) {
        uint32_t here = quota(directory);
        if (here < least) least = here;
        char *slash = strrchr(directory, '/');
        if (!slash) return least;
        *slash = '\0';
    }
}

/* Lines of /proc/self/cgroup are "id:controllers:path"; version 2 has id 0 and no controllers. */
static uint32_t cgroup_cores(void)
{
    char text[8192];
    if (!read_text("/proc/self/cgroup", text, sizeof text)) return UINT32_MAX;
    uint32_t least = UINT32_MAX;
    char *rest = text;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path) continue;
        *path++ = '\0';
        controllers++;
        uint32_t here = UINT32_MAX;
        if (*controllers == '\0')
            here = smallest_quota(path, quota_v2);
        else if (strstr(controllers, "cpu"))
            here = smallest_quota(path, quota_v1);
        if (here < least) least = here;
    }
    return least;
}

static uint32_t affinity_cores(void)
{
    cpu_set_t small;
    if (sched_getaffinity(0, sizeof small, &small) == 0) return (uint32_t)CPU_COUNT(&small);
    long online = sysconf(_SC_NPROCESSORS_ONLN); /* more cores than the fixed set has room for */
    return online > 0 ? (uint32_t)online : 1;
}

uint32_t wtfcb_base_host_cores(void)
{
    uint32_t usable = affinity_cores();
    uint32_t quota = cgroup_cores();
    if (quota < usable) usable = quota;
    return usable > 0 ? usable : 1;
}

bool wtfcb_base_host_privileged(void)
{
    return getauxval(AT_SECURE) != 0;
}
