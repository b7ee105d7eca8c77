/* What this process may use of the machine. */
#ifndef WTFCB_BASE_HOST_H
#define WTFCB_BASE_HOST_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Cores that this process may keep busy: the affinity mask, lowered to the quota of its cgroup (v2, then v1), rounded
 * up; at least 1.
 */
uint32_t wtfcb_base_host_cores(void);

/* Whether the program runs with more rights than its user (setuid, setgid, file capabilities): no environment variable is trusted then. */
bool wtfcb_base_host_privileged(void);

#endif
