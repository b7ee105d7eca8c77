/*
 * One sample: a subject is run once, here or in a process of its own, and what that took is known.
 *
 * Between two samples nothing is left: no process, no descriptor, no changed signal. Any process that has /proc can do this, whatever threads it has.
 */
#ifndef WTFCB_BENCHMARK_MEASURE_H
#define WTFCB_BENCHMARK_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "benchmark/runner.h"

/* What one sample took: of all iterations together, but for memory. */
typedef struct wtfcb_benchmark_sample {
    uint64_t wall_ns;
    uint64_t user_ns;   /* of all threads, and of children that ended in its time */
    uint64_t system_ns; /* likewise */
    uint64_t minor_faults;
    uint64_t major_faults;
    uint64_t
        memory; /* peak: what was added to what was resident before it, or at the birth of its process; WTFCB_UNKNOWN where /proc does not say */
    wtfcb_benchmark_tally tally;
    wtfcb_status status; /* WTFCB_OK, else `tally.message` says why */
} wtfcb_benchmark_sample;

typedef struct wtfcb_benchmark_how {
    const wtfcb_allocator *allocator; /* of profiles */
    uint64_t iterations;              /* at least 1 */
    uint64_t timeout_ns;              /* of an isolated run; 0: none */
    /* Asked ten times a second while an isolated run is waited for: true ends it with WTFCB_ECANCELLED. NULL: nobody asks. */
    bool (*stop)(void *user);
    void *user;
    bool
        profile; /* under a profiler: `*ret_profile` is set if that works, which costs the sample nothing if it does not */
    const char *folder;   /* where the profile of an isolated run is handed over; NULL: it has none */
    uint64_t expected_ns; /* how long it will take, for the profiler's interval */
    wtfcb_profile **ret_profile;
    uint64_t inherited; /* resident bytes of the isolated process at its birth, for measure_apart.c alone */
} wtfcb_benchmark_how;

/*
 * Take a sample. WTFCB_OK, whatever the sample's own status is; WTFCB_EUNSUPPORTED: no process or no pipe could be made (`ret_error`); nothing was run
 * then but `before` and `after`.
 */
wtfcb_status wtfcb_benchmark_measure(const wtfcb_benchmark_subject *subject, const wtfcb_benchmark_how *how,
                                     wtfcb_benchmark_sample *ret_sample, wtfcb_error *ret_error);

/* The part of it that is between set_up and tear_down, in this process. */
void wtfcb_benchmark_measure_here(const wtfcb_benchmark_subject *subject, const wtfcb_benchmark_how *how,
                                  wtfcb_benchmark_sample *ret_sample);

/* The same in a process of its own; as wtfcb_benchmark_measure(). */
wtfcb_status wtfcb_benchmark_measure_apart(const wtfcb_benchmark_subject *subject, const wtfcb_benchmark_how *how,
                                           wtfcb_benchmark_sample *ret_sample, wtfcb_error *ret_error);

/* Resident bytes of this process; WTFCB_UNKNOWN. */
uint64_t wtfcb_benchmark_measure_resident(void);

/* Fill a sample's status and, where it has no message yet, its message. */
__attribute__((format(printf, 3, 4))) void wtfcb_benchmark_measure_failed(wtfcb_benchmark_sample *sample,
                                                                          wtfcb_status status, const char *format, ...);

#endif
