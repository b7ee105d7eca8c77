/**
 * @file
 * The machine as this process sees it: what a profile or a benchmark has to say of the place it was made in.
 */
#ifndef WTFCB_SYSTEM_H
#define WTFCB_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

#include <wtfcb/export.h>
#include <wtfcb/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A number that the machine does not offer. */
#define WTFCB_UNKNOWN UINT64_MAX

/** What is known of the machine. Numbers are ::WTFCB_UNKNOWN, texts "", where it does not say. */
typedef struct wtfcb_system_info {
    uint64_t cores_present;    /**< processors that are online */
    uint64_t cores_usable;     /**< what affinity and the cgroup's quota leave to this process, at least 1 */
    uint64_t memory_total;     /**< bytes of the machine, whatever the cgroup's limit */
    uint64_t memory_available; /**< likewise, as the kernel estimates it */
    uint64_t memory_limit;     /**< the least of the cgroup's and of those above it, bytes; WTFCB_UNKNOWN: none */
    uint64_t cpu_limit_milli;  /**< likewise the quota, in thousandths of a core; WTFCB_UNKNOWN: none */
    uint64_t load_milli;       /**< load average of one minute, in thousandths */
    uint64_t disk_total;       /**< of the file system of the current directory, bytes */
    uint64_t disk_available;   /**< likewise */
    uint64_t page_size;        /**< bytes */
    uint64_t boot_time_s;      /**< seconds since 1970 */
    char kernel[128];          /**< name and release, such as "Linux 6.1.0" */
    char architecture[32];     /**< such as "x86_64" */
    char cpu_model[128];       /**< as /proc/cpuinfo names it */
    char clock_source[32];     /**< of the kernel, such as "tsc" */
    char zone_clock[32];       /**< that zones are measured with: "tsc" or "clock_gettime" */
    char host[128];            /**< name of the machine */
    char library[32];          /**< version of libwtfcb */
    char compiler[128];        /**< that libwtfcb was built with */
} wtfcb_system_info;

/**
 * Look at the machine. Reads a dozen small files below /proc and /sys, some hundred microseconds; any thread.
 *
 * @param ret_info  filled as far as `info_size` reaches
 * @return WTFCB_OK; WTFCB_EINVAL: `ret_info` is NULL.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_system_get_info(wtfcb_system_info *ret_info, size_t info_size);

#ifdef __cplusplus
}
#endif
#endif
