/* What this process may use of the machine. */
#ifndef WTFCB_BASE_HOST_H
#define WTFCB_BASE_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Cores that this process may keep busy: the affinity mask, lowered to the quota of its cgroup (v2, then v1), rounded
 * up; at least 1.
 */
uint32_t wtfcb_base_host_cores(void);

/* What the quotas of this process's cgroup and of those above it leave, in thousandths of a core; UINT64_MAX: all. */
uint64_t wtfcb_base_host_cpu_limit(void);

/* The least of the memory limits of this process's cgroup and of those above it, in bytes; UINT64_MAX: none. */
uint64_t wtfcb_base_host_memory_limit(void);

/*
 * Open a file of the cgroup of a process (0: this one) in the hierarchy of a controller of version 1, or of version 2 when `controller` is "". The nearest group
 * upwards that has the file is taken: it is the one that governs. The file's name goes to `path`.
 *
 * A descriptor, or -1 with errno: ENOENT when no group has it.
 */
int wtfcb_base_host_cgroup_open(pid_t process, const char *controller, const char *file, char *path, size_t size);

/* Whether the program runs with more rights than its user (setuid, setgid, file capabilities): no environment variable is trusted then. */
bool wtfcb_base_host_privileged(void);

#endif
