/*
 * The handle behind wtfcb_profiler: what it is set to, what it records into, and its thread.
 *
 * `lock` guards everything below it. The thread holds it while it samples and builds, never while it writes a file. Nothing is called back
 * with it held.
 */
#ifndef WTFCB_PROFILER_PROFILER_H
#define WTFCB_PROFILER_PROFILER_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#include <wtfcb/profiler.h>

#include "base/memory.h"
#include "profiler/alloc.h"
#include "profiler/cpu.h"
#include "profiler/timeline.h"

enum {
    WTFCB_PROFILER_NUMBER_SLOTS = 16, /* ids of numbers are below */
    WTFCB_PROFILER_MOST_SECTIONS = 4096,
};

typedef enum wtfcb_profiler_state {
    WTFCB_PROFILER_IDLE,
    WTFCB_PROFILER_STARTING, /* or stopping: nobody else may begin */
    WTFCB_PROFILER_RUNNING,
} wtfcb_profiler_state;

/* A section that was begun, and perhaps ended. */
typedef struct wtfcb_profiler_section {
    char name[64];
    wtfcb_profiler_moment begun;
    wtfcb_profiler_moment ended; /* once it is not open */
    uint64_t rss_peak;           /* likewise */
    bool open;
} wtfcb_profiler_section;

struct wtfcb_profiler {
    wtfcb_allocator allocator;
    pid_t process; /* that made the handle */
    pthread_mutex_t lock;
    pthread_cond_t wake; /* for the thread: to end */
    wtfcb_profiler_state state;
    int64_t values[WTFCB_PROFILER_NUMBER_SLOTS]; /* by id */
    char *output;                                /* owned; NULL: none */
    char *alloc_folder;                          /* likewise */
    /* Of the recording under way: */
    char *name;
    uint64_t run;                      /* number of the recording: sections of an earlier one are not found */
    uint64_t start_ns;                 /* instant that is 0 in the profile */
    uint64_t started_ns;               /* the same, since 1970 */
    wtfcb_profiler_timeline *timeline; /* NULL: none */
    wtfcb_profiler_cpu *cpu;           /* NULL: no samples of processor time */
    wtfcb_profiler_alloc *alloc;       /* NULL: allocations are not asked for */
    bool watching;                     /* there is more to sample */
    bool zones;                        /* the recorder is ours */
    bool threaded;                     /* `thread` runs */
    bool ending;                       /* it is to end */
    wtfcb_status zone_status;
    wtfcb_status flush_status;
    pthread_t thread;
    wtfcb_memory_module modules[WTFCB_BASE_MODULES]; /* at the start */
    wtfcb_profiler_section *sections;
    size_t section_count;
    size_t section_capacity;
};

/* The row of an option, or NULL. */
const wtfcb_option *wtfcb_profiler_option_of(int32_t id);

/* Set every number to its default. */
void wtfcb_profiler_set_defaults(wtfcb_profiler *profiler);

/* What the library's modules have now. */
void wtfcb_profiler_take_modules(wtfcb_memory_module modules[WTFCB_BASE_MODULES]);

/* What is recorded so far as a sealed profile; `lock` is held. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_profiler_build(wtfcb_profiler *profiler, uint64_t now_ns, wtfcb_profile **ret_profile);

/* Sections that were begun, into a profile that is being built; `lock` is held. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_profiler_collect_sections(wtfcb_profiler *profiler, wtfcb_profile *profile);

/* What the thread of a profiler, `user`, does until `ending`. */
void *wtfcb_profiler_attend(void *user);

/* Write what is recorded so far to `output`. Without `lock`. As wtfcb_profile_save(). */
wtfcb_status wtfcb_profiler_flush(wtfcb_profiler *profiler, wtfcb_error *ret_error);

#endif
