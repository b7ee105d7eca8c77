/*
 * What is sampled beside the processes: pressure of the cgroup or else of the machine, and what the cgroup is charged with and held back by. Files are found once and kept open, and
 * read once a second, by turns: at short intervals they would cost more than all the rest.
 */
#ifndef WTFCB_PROFILER_TIMELINE_MACHINE_H
#define WTFCB_PROFILER_TIMELINE_MACHINE_H

#include <stdbool.h>
#include <sys/types.h>

#include "profiler/timeline_series.h"

enum { WTFCB_PROFILER_MACHINE_FILES = 5 };

typedef struct wtfcb_profiler_machine_file {
    uint64_t due_ns; /* since the start */
    uint32_t metric;
    int fd;         /* -1: not available */
    int failed;     /* errno; 0: the file is there and has no such line */
    char path[160]; /* of the file, as far as it fits */
} wtfcb_profiler_machine_file;

typedef struct wtfcb_profiler_machine {
    wtfcb_profiler_machine_file files[WTFCB_PROFILER_MACHINE_FILES];
} wtfcb_profiler_machine;

/* Find the files for the cgroup of a process (0: this one). */
void wtfcb_profiler_machine_open(wtfcb_profiler_machine *machine, pid_t process);
void wtfcb_profiler_machine_close(wtfcb_profiler_machine *machine);

/* Set the values of the five metrics where they are due, or all of them; to WTFCB_UNKNOWN else. */
void wtfcb_profiler_machine_read(wtfcb_profiler_machine *machine, uint64_t time_ns, bool all,
                                 wtfcb_profiler_reading *reading);

#endif
