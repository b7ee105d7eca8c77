/*
 * Samples of processor time: an engine that takes them, the stacks that they are counted in, a profile's functions made of those.
 *
 * The profiler's thread drains the engine when it is due. Names are looked up when a profile is made. Single owner, guarded by the profiler's
 * lock; one engine of timers a process.
 */
#ifndef WTFCB_PROFILER_CPU_H
#define WTFCB_PROFILER_CPU_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <wtfcb/status.h>

#include "profiler/profile.h"

typedef struct wtfcb_profiler_cpu wtfcb_profiler_cpu;

typedef struct wtfcb_profiler_cpu_options {
    uint32_t hz;     /* at least 1 */
    int32_t engine;  /* WTFCB_ENGINE_* */
    pid_t process;   /* 0: this one */
    bool tree;       /* with all that it starts */
    size_t memory;   /* for stacks; 0: 8 MiB */
    int perf_errno;  /* for tests: what perf_event_open() answers; 0: the kernel decides */
    int timer_errno; /* likewise, for timers on processor time */
} wtfcb_profiler_cpu_options;

/*
 * Begin to sample. Opens files, or installs a handler of SIGPROF and timers (cpu_timer.c). WTFCB_OK, also when no engine works and WTFCB_ENGINE_ANY was asked for: the
 * profile then says why. What the engine that was asked for answers: WTFCB_EACCES; WTFCB_EUNSUPPORTED; WTFCB_ELIMIT: too many threads to open them all;
 * WTFCB_EBUSY: SIGPROF is somebody else's; WTFCB_ENOTFOUND: no such process; WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_profiler_cpu_start(const wtfcb_allocator *allocator, const wtfcb_profiler_cpu_options *options,
                                      wtfcb_profiler_cpu **ret_cpu, wtfcb_error *ret_error);

/* Take what was sampled since the last time; the thread that first calls this is not sampled. */
void wtfcb_profiler_cpu_wake(wtfcb_profiler_cpu *cpu, bool is_own_thread);

/* When it is to be called next; UINT64_MAX: never. */
uint64_t wtfcb_profiler_cpu_due(const wtfcb_profiler_cpu *cpu);

/* No sample is taken any more; what was taken is there. In a child of fork() nothing but files is touched. */
void wtfcb_profiler_cpu_stop(wtfcb_profiler_cpu *cpu);

/*
 * Functions, nodes and threads behind those that a profile being built has, and of its summary cpu_status and the other fields of samples, the counts of
 * these rows and a part of overhead_ns (added). WTFCB_OK; WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_profiler_cpu_collect(wtfcb_profiler_cpu *cpu, wtfcb_profile *profile);

/* After stop. NULL is accepted. */
void wtfcb_profiler_cpu_free(wtfcb_profiler_cpu *cpu);

/* Names of engines as a profile says them; "" for none. */
const char *wtfcb_profiler_cpu_engine_name(int32_t engine);

#endif
