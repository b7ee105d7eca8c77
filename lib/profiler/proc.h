/*
 * Texts of /proc and of the cgroup file systems, taken apart. They are input like any other: a name in them may hold what it likes, numbers may be too large, lines may be
 * missing or new, and a text may be cut off, in which case its last number is not believed.
 */
#ifndef WTFCB_PROFILER_PROC_H
#define WTFCB_PROFILER_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Large enough for every file that is read here, short of a process with some hundred groups in its status. */
enum { WTFCB_PROFILER_PROC_TEXT = 4096 };

/* Of /proc/PID/stat, what is used. Times are in ticks, memory in pages. */
typedef struct wtfcb_profiler_stat {
    char state; /* 'Z': ended and not waited for */
    uint64_t parent;
    uint64_t minor_faults;
    uint64_t reaped_minor_faults; /* of children that were waited for */
    uint64_t major_faults;
    uint64_t reaped_major_faults;
    uint64_t ticks;        /* user and system */
    uint64_t reaped_ticks; /* of children that were waited for, and theirs */
    uint64_t threads;
    uint64_t start; /* ticks since boot */
    uint64_t resident;
} wtfcb_profiler_stat;

/*
 * A decimal number at `*text`, blanks before it skipped, `*text` moved behind it; what does not fit is UINT64_MAX - 1. False: there is none, or the text ends with it.
 */
bool wtfcb_profiler_proc_number(const char **text, uint64_t *ret_number);

/* The text of a stat file. False: it is none. */
bool wtfcb_profiler_proc_stat(const char *text, wtfcb_profiler_stat *ret_stat);

/* The second number of a statm file: resident pages. */
bool wtfcb_profiler_proc_resident(const char *text, uint64_t *ret_pages);

/* The number in the line that begins with `key`, behind blanks and a colon if there is one. */
bool wtfcb_profiler_proc_field(const char *text, const char *key, uint64_t *ret_number);

/* Microseconds that some task was stalled, of a pressure file. */
bool wtfcb_profiler_proc_pressure(const char *text, uint64_t *ret_us);

/* Read an open file from its beginning, as a string. 0, or an errno; ENODATA for an empty one. */
int wtfcb_profiler_proc_read(int fd, char *text, size_t size);

/* Open, read, close. 0, or an errno. */
int wtfcb_profiler_proc_load(const char *path, char *text, size_t size);

#endif
