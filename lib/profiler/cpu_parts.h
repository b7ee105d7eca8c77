/*
 * What the parts of the sampler share: the handle, how an engine hands a sample in, and the engines.
 */
#ifndef WTFCB_PROFILER_CPU_PARTS_H
#define WTFCB_PROFILER_CPU_PARTS_H

#include "profiler/cpu.h"
#include "profiler/cpu_stacks.h"
#include "profiler/symbols.h"

enum {
    WTFCB_PROFILER_CPU_DEPTH = 128,  /* places of a stack, at most */
    WTFCB_PROFILER_CPU_NAME = 16,    /* bytes of a thread's name */
    WTFCB_PROFILER_CPU_RESCANS = 16, /* looks at a list of threads that goes on growing */
};

/* A thread that was sampled. */
typedef struct wtfcb_profiler_cpu_thread {
    pid_t process;
    pid_t id;
    char name[WTFCB_PROFILER_CPU_NAME];
} wtfcb_profiler_cpu_thread;

typedef struct wtfcb_profiler_cpu_perf wtfcb_profiler_cpu_perf;
typedef struct wtfcb_profiler_cpu_timer wtfcb_profiler_cpu_timer;

struct wtfcb_profiler_cpu {
    wtfcb_allocator allocator;
    wtfcb_profiler_cpu_options options;
    pid_t maker;   /* the process that made it */
    pid_t watched; /* the process that it is about */
    pid_t own;     /* the profiler's thread; 0: not known yet */
    uint64_t period_ns;
    uint64_t start_ns;
    uint64_t wake_ns; /* from one draining to the next; an engine may set it when it starts */
    uint64_t due_ns;
    uint64_t looked_ns; /* when the maps were read last */
    wtfcb_status status;
    int32_t engine; /* that works; 0: none */
    wtfcb_profiler_cpu_perf *perf;
    wtfcb_profiler_cpu_timer *timer;
    wtfcb_profiler_symbols *symbols;
    wtfcb_profiler_cpu_stacks stacks;
    wtfcb_profiler_cpu_thread *threads;
    size_t thread_count;
    size_t thread_capacity;
    pid_t mapped;         /* the process whose maps were looked at in this wake; 0: none */
    uint64_t samples;     /* counted in stacks */
    uint64_t lost;        /* not */
    uint64_t short_ones;  /* of which one place is known */
    uint64_t overhead_ns; /* of waking and collecting */
};

/*
 * A sample from an engine: addresses from the innermost outwards, of which all but the first are where calls return to, and the ns that it stands for.
 */
void wtfcb_profiler_cpu_add(wtfcb_profiler_cpu *cpu, pid_t process, pid_t thread, const uint64_t *addresses,
                            uint32_t count, uint64_t weight);

/* A thread is called this from now on. */
void wtfcb_profiler_cpu_name(wtfcb_profiler_cpu *cpu, pid_t process, pid_t thread, const char *name);

/* Call `each` for every thread of a process that there is now. 0, or what `each` answered that was not, or an errno. */
typedef int (*wtfcb_profiler_cpu_thread_fn)(void *user, pid_t process, pid_t thread);
int wtfcb_profiler_cpu_each_thread(pid_t process, wtfcb_profiler_cpu_thread_fn each, void *user);

/* Engines. `start`: 0, or an errno. `stop`: nothing comes any more, but what came can be drained. */
int wtfcb_profiler_cpu_perf_start(wtfcb_profiler_cpu *cpu);
void wtfcb_profiler_cpu_perf_drain(wtfcb_profiler_cpu *cpu, bool all);
void wtfcb_profiler_cpu_perf_stop(wtfcb_profiler_cpu *cpu);
void wtfcb_profiler_cpu_perf_free(wtfcb_profiler_cpu *cpu);

int wtfcb_profiler_cpu_timer_start(wtfcb_profiler_cpu *cpu, bool wall);
void wtfcb_profiler_cpu_timer_drain(wtfcb_profiler_cpu *cpu);
void wtfcb_profiler_cpu_timer_scan(wtfcb_profiler_cpu *cpu);
void wtfcb_profiler_cpu_timer_stop(wtfcb_profiler_cpu *cpu);
void wtfcb_profiler_cpu_timer_free(wtfcb_profiler_cpu *cpu);

#endif
