/*
 * Allocations of a recording: libwtfcb-alloc.so of this process is started and stopped, or the folder is read that it writes to in others; a profile's trees are
 * made of what it wrote.
 *
 * One tracing of this process at a time, from its start until what it wrote is no longer needed. What the profiler itself allocates meanwhile is hidden from it:
 * wtfcb_profiler_alloc_hide() around all that allocates. Single owner, guarded by the profiler's lock, but for hiding.
 */
#ifndef WTFCB_PROFILER_ALLOC_H
#define WTFCB_PROFILER_ALLOC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <wtfcb/status.h>

#include "alloc/region.h"
#include "profiler/alloc_region.h"
#include "profiler/profile.h"

enum {
    WTFCB_PROFILER_ALLOC_FILES = 16384,  /* of a folder; later ones are not read */
    WTFCB_PROFILER_ALLOC_NODES = 524288, /* of all processes together in either tree; sites beyond are "[more]" */
    WTFCB_PROFILER_ALLOC_RATE = 524288,  /* mean bytes between two samples */
};

typedef struct wtfcb_profiler_alloc wtfcb_profiler_alloc;

typedef struct wtfcb_profiler_alloc_options {
    int32_t mode;       /* WTFCB_ALLOC_SAMPLED or WTFCB_ALLOC_FULL; of other processes as they were started */
    pid_t process;      /* 0: this one */
    bool tree;          /* with all that it starts */
    const char *folder; /* borrowed during the start; NULL: none */
    const wtfcb_alloc_control_table *control; /* for tests: instead of what libwtfcb-alloc.so exports */
    uint32_t most;                            /* likewise: nodes; 0: WTFCB_PROFILER_ALLOC_NODES */
} wtfcb_profiler_alloc_options;

/*
 * Begin to trace. WTFCB_OK, also when there is nothing to trace with: the profile then says why. WTFCB_EBUSY: allocations of this process are being traced already;
 * WTFCB_ENOMEM; what opening the folder answers.
 */
wtfcb_status wtfcb_profiler_alloc_start(const wtfcb_allocator *allocator, const wtfcb_profiler_alloc_options *options,
                                        wtfcb_profiler_alloc **ret_alloc, wtfcb_error *ret_error);

/* +1: blocks that this thread allocates are left out, until -1. NULL is accepted. Any thread. */
void wtfcb_profiler_alloc_hide(const wtfcb_profiler_alloc *alloc, int delta);

/*
 * Bytes that are live now in all processes that run; WTFCB_UNKNOWN: not known (yet). With `search`, or if none is known, the folder is looked through for new
 * processes. Some ns for this process; some us for each other one.
 */
uint64_t wtfcb_profiler_alloc_live(wtfcb_profiler_alloc *alloc, bool search);

/* WTFCB_OK, or why there is nothing, in words too; what was there so far decides. */
wtfcb_status wtfcb_profiler_alloc_status(const wtfcb_profiler_alloc *alloc, const char **ret_reason);

/* Nothing is added any more. In a child of fork() nothing is touched. */
void wtfcb_profiler_alloc_stop(wtfcb_profiler_alloc *alloc);

/*
 * Frames, nodes and a thread for each process behind those that a profile being built has, and of its summary the alloc_* fields, the counts of these rows and a part
 * of overhead_ns (added). A file that is damaged is left out. WTFCB_OK; WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_profiler_alloc_collect(wtfcb_profiler_alloc *alloc, wtfcb_profile *profile);

/* After stop. NULL is accepted. */
void wtfcb_profiler_alloc_free(wtfcb_profiler_alloc *alloc);

#endif
