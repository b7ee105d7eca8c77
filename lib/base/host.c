/*
 * Cores and memory that this process may use, and the files of its cgroup. A container's limits are read from the cgroup file system at its usual places: every
 * level from the process's group up to the root may set one, and the smallest holds.
 */
#include "base/host.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/* A group's directory below the mount of its hierarchy: "" for the root. */
typedef struct cgroup {
    const char *mounts[2]; /* usual places, the first that has a file is it; NULL: no other */
    char path[2048];
} cgroup;

/* The first bytes of an open file as a string, and the file closed; false when it cannot be read. */
static bool read_text(int fd, char *text, size_t size)
{
    if (fd < 0) return false;
    ssize_t got = read(fd, text, size - 1);
    (void)close(fd);
    if (got < 0) return false;
    text[got] = '\0';
    return true;
}

/* Whether a list such as "cpu,cpuacct" has a word; the empty list has the empty word. */
static bool lists(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (;;) {
        size_t here = strcspn(list, ",");
        if (here == length && memcmp(list, word, length) == 0) return true;
        if (list[here] == '\0') return false;
        list += here + 1;
    }
}

/* Lines of /proc/PID/cgroup are "id:controllers:path"; version 2 has id 0 and no controllers. */
static bool find_path(char *text, const char *controller, char *path, size_t size)
{
    char *rest = text;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        char *controllers = strchr(line, ':');
        char *found = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!found) continue;
        *found++ = '\0';
        if (!lists(controllers + 1, controller)) continue;
        if (strcmp(found, "/") == 0) found++;
        size_t length = strlen(found);
        if (length >= size) return false;
        memcpy(path, found, length + 1);
        return true;
    }
    return false;
}

static bool find_group(pid_t process, const char *controller, cgroup *ret_group)
{
    char name[64] = "/proc/self/cgroup";
    if (process != 0) (void)snprintf(name, sizeof name, "/proc/%ld/cgroup", (long)process);
    char text[8192];
    if (!read_text(open(name, O_RDONLY | O_CLOEXEC), text, sizeof text)) return false;
    ret_group->mounts[0] = "/sys/fs/cgroup";
    ret_group->mounts[1] = *controller ? NULL : "/sys/fs/cgroup/unified";
    return find_path(text, controller, ret_group->path, sizeof ret_group->path);
}

/* Go one group up. False: it was the root. */
static bool ascend(cgroup *group)
{
    char *slash = strrchr(group->path, '/');
    if (slash) *slash = '\0';
    return slash != NULL;
}

static int open_in(const cgroup *group, const char *controller, const char *file, char *path, size_t size)
{
    for (int i = 0; i < 2 && group->mounts[i]; i++) {
        int length = snprintf(path, size, "%s%s%s%s/%s", group->mounts[i], *controller ? "/" : "", controller,
                              group->path, file);
        if (length < 0 || (size_t)length >= size) continue;
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0 || (errno != ENOENT && errno != ENOTDIR)) return fd;
    }
    errno = ENOENT;
    return -1;
}

int wtfcb_base_host_cgroup_open(pid_t process, const char *controller, const char *file, char *path, size_t size)
{
    cgroup group;
    if (!find_group(process, controller, &group)) {
        errno = ENOENT;
        return -1;
    }
    for (;;) {
        int fd = open_in(&group, controller, file, path, size);
        if (fd >= 0 || errno != ENOENT || !ascend(&group)) return fd;
    }
}

static bool group_text(const cgroup *group, const char *controller, const char *file, char *text, size_t size)
{
    char path[4096];
    return read_text(open_in(group, controller, file, path, sizeof path), text, size);
}

/* A limit of one group: UINT64_MAX for none. */
typedef uint64_t (*limit_fn)(const cgroup *group);

static uint64_t milli_of_quota(long long quota, long long period)
{
    if (quota <= 0 || period <= 0 || quota > INT64_MAX / 2000 || period > INT64_MAX / 2) return UINT64_MAX;
    return ((uint64_t)quota * 1000 + (uint64_t)period - 1) / (uint64_t)period;
}

/* Version 2: "max 100000" or "50000 100000" in cpu.max. */
static uint64_t quota_v2(const cgroup *group)
{
    char text[64];
    char *end;
    if (!group_text(group, "", "cpu.max", text, sizeof text)) return UINT64_MAX;
    long long quota = strtoll(text, &end, 10);
    if (end == text) return UINT64_MAX; /* "max" */
    return milli_of_quota(quota, strtoll(end, NULL, 10));
}

/* Version 1: two files, -1 for no quota. */
static uint64_t quota_v1(const cgroup *group)
{
    char quota[64];
    char period[64];
    if (!group_text(group, "cpu", "cpu.cfs_quota_us", quota, sizeof quota)) return UINT64_MAX;
    if (!group_text(group, "cpu", "cpu.cfs_period_us", period, sizeof period)) return UINT64_MAX;
    return milli_of_quota(strtoll(quota, NULL, 10), strtoll(period, NULL, 10));
}

/* "max", or what version 1 has for none: the largest multiple of a page. */
static uint64_t bytes_of(const char *text)
{
    char *end;
    unsigned long long bytes = strtoull(text, &end, 10);
    return end == text || bytes >= UINT64_C(1) << 62 ? UINT64_MAX : (uint64_t)bytes;
}

static uint64_t memory_v2(const cgroup *group)
{
    char text[64];
    return group_text(group, "", "memory.max", text, sizeof text) ? bytes_of(text) : UINT64_MAX;
}

static uint64_t memory_v1(const cgroup *group)
{
    char text[64];
    return group_text(group, "memory", "memory.limit_in_bytes", text, sizeof text) ? bytes_of(text) : UINT64_MAX;
}

/* The smallest limit from this process's group upwards. */
static uint64_t smallest(const char *controller, limit_fn limit)
{
    cgroup group;
    uint64_t least = UINT64_MAX;
    if (!find_group(0, controller, &group)) return least;
    do {
        uint64_t here = limit(&group);
        if (here < least) least = here;
    } while (ascend(&group));
    return least;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t wtfcb_base_host_cpu_limit(void)
{
    return smaller(smallest("", quota_v2), smallest("cpu", quota_v1));
}

uint64_t wtfcb_base_host_memory_limit(void)
{
    return smaller(smallest("", memory_v2), smallest("memory", memory_v1));
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
    uint64_t limit = wtfcb_base_host_cpu_limit();
    if (limit < UINT64_MAX - 999 && (limit + 999) / 1000 < usable) usable = (uint32_t)((limit + 999) / 1000);
    return usable > 0 ? usable : 1;
}

bool wtfcb_base_host_privileged(void)
{
    return getauxval(AT_SECURE) != 0;
}
