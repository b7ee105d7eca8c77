/*
 * The sampler's handle: which engine works, and samples into stacks. See cpu.h; engines are in cpu_perf.c and cpu_timer.c, the profile is made in cpu_collect.c.
 */
#include "profiler/cpu.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <wtfcb/profiler.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "profiler/cpu_parts.h"
#include "profiler/proc.h"

enum {
    STACK_MEMORY = 8 << 20,
};

#define SECOND UINT64_C(1000000000)
#define TIMER_WAKE_NS UINT64_C(100000000) /* what threads begin meanwhile is not sampled */

const char *wtfcb_profiler_cpu_engine_name(int32_t engine)
{
    switch (engine) {
    case WTFCB_ENGINE_PERF: return "perf";
    case WTFCB_ENGINE_TIMER: return "timer";
    case WTFCB_ENGINE_WALL: return "wall";
    default: return "";
    }
}

int wtfcb_profiler_cpu_each_thread(pid_t process, wtfcb_profiler_cpu_thread_fn each, void *user)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%ld/task", (long)process);
    DIR *directory = opendir(path);
    if (!directory) return errno == ENOENT ? ESRCH : errno;
    int result = 0;
    const struct dirent *entry;
    while (result == 0 && (entry = readdir(directory)) != NULL) {
        long id = strtol(entry->d_name, NULL, 10);
        if (id > 0) result = each(user, process, (pid_t)id);
    }
    (void)closedir(directory);
    return result;
}

/* ---- Samples ---- */

static void copy_name(char into[WTFCB_PROFILER_CPU_NAME], const char *name)
{
    size_t length = strcspn(name, "\n");
    if (length >= WTFCB_PROFILER_CPU_NAME) length = WTFCB_PROFILER_CPU_NAME - 1;
    memcpy(into, name, length);
    into[length] = '\0';
}

/* What the kernel calls it; of one that has ended, "". */
static void ask_name(wtfcb_profiler_cpu_thread *thread)
{
    char path[96];
    char text[64];
    (void)snprintf(path, sizeof path, "/proc/%ld/task/%ld/comm", (long)thread->process, (long)thread->id);
    if (wtfcb_profiler_proc_load(path, text, sizeof text) == 0) copy_name(thread->name, text);
}

/* The root of a thread's stacks; WTFCB_PROFILER_CPU_NONE: no room. */
static uint32_t root_of(wtfcb_profiler_cpu *cpu, pid_t process, pid_t id)
{
    bool is_new;
    if (!wtfcb_base_reserve(&cpu->allocator, (void **)&cpu->threads, &cpu->thread_capacity, cpu->thread_count + 1,
                            sizeof *cpu->threads))
        return WTFCB_PROFILER_CPU_NONE;
    uint32_t root = wtfcb_profiler_cpu_stacks_child(&cpu->stacks, WTFCB_PROFILER_CPU_NONE, (uint32_t)process,
                                                    (uint64_t)id, &is_new);
    if (root == WTFCB_PROFILER_CPU_NONE || !is_new) return root;
    wtfcb_profiler_cpu_thread *thread = &cpu->threads[cpu->thread_count];
    *thread = (wtfcb_profiler_cpu_thread){.process = process, .id = id};
    ask_name(thread);
    cpu->stacks.nodes[root].count = cpu->thread_count++;
    return root;
}

/* Maps are looked at when an address is in none that is known, once a process and wake. */
static wtfcb_profiler_place place_of(wtfcb_profiler_cpu *cpu, pid_t process, uint64_t address)
{
    wtfcb_profiler_place place = wtfcb_profiler_symbols_place(cpu->symbols, process, address);
    if (place.object != 0 || cpu->mapped == process) return place;
    cpu->mapped = process;
    if (wtfcb_profiler_symbols_map(cpu->symbols, process) != WTFCB_OK) return place;
    return wtfcb_profiler_symbols_place(cpu->symbols, process, address);
}

static uint32_t child_of(wtfcb_profiler_cpu *cpu, uint32_t parent, pid_t process, uint64_t address, uint32_t flag)
{
    wtfcb_profiler_place place = place_of(cpu, process, address);
    return wtfcb_profiler_cpu_stacks_child(&cpu->stacks, parent, place.object | flag,
                                           place.object != 0 ? place.offset : 0, NULL);
}

/* The node of all but the innermost address; WTFCB_PROFILER_CPU_NONE: no room. */
static uint32_t callers_of(wtfcb_profiler_cpu *cpu, pid_t process, pid_t thread, const uint64_t *addresses,
                           uint32_t count)
{
    uint32_t node = root_of(cpu, process, thread);
    for (uint32_t i = count; i-- > 1 && node != WTFCB_PROFILER_CPU_NONE;)
        node = child_of(cpu, node, process, addresses[i], WTFCB_PROFILER_CPU_RETURN);
    return node;
}

/*
 * Code without frame pointers leaves a frame pointer that points anywhere, and an outermost address that is none: those in no object are
 * cut off there. A caller is looked up by the byte before the one that it returns to.
 */
void wtfcb_profiler_cpu_add(wtfcb_profiler_cpu *cpu, pid_t process, pid_t thread, const uint64_t *addresses,
                            uint32_t count, uint64_t weight)
{
    if (thread == cpu->own && process == cpu->maker) return;
    if (count > WTFCB_PROFILER_CPU_DEPTH) count = WTFCB_PROFILER_CPU_DEPTH;
    while (count > 1 && place_of(cpu, process, addresses[count - 1]).object == 0)
        count--;
    uint32_t node = count > 0 ? callers_of(cpu, process, thread, addresses, count) : WTFCB_PROFILER_CPU_NONE;
    if (node != WTFCB_PROFILER_CPU_NONE) node = child_of(cpu, node, process, addresses[0], 0);
    if (node == WTFCB_PROFILER_CPU_NONE) {
        cpu->lost++;
        return;
    }
    cpu->stacks.nodes[node].count++;
    cpu->stacks.nodes[node].weight += weight;
    cpu->samples++;
    cpu->short_ones += count == 1;
}

void wtfcb_profiler_cpu_name(wtfcb_profiler_cpu *cpu, pid_t process, pid_t thread, const char *name)
{
    uint32_t root = root_of(cpu, process, thread);
    if (root != WTFCB_PROFILER_CPU_NONE) copy_name(cpu->threads[cpu->stacks.nodes[root].count].name, name);
}

/* ---- Start ---- */

static wtfcb_status status_of(int error)
{
    switch (error) {
    case 0: return WTFCB_OK;
    case EACCES:
    case EPERM: return WTFCB_EACCES;
    case EMFILE:
    case ENFILE: return WTFCB_ELIMIT;
    case EBUSY: return WTFCB_EBUSY;
    case ENOMEM: return WTFCB_ENOMEM;
    case ESRCH: return WTFCB_ENOTFOUND;
    default: return WTFCB_EUNSUPPORTED;
    }
}

/* 0, or an errno. */
static int start_engine(wtfcb_profiler_cpu *cpu, int32_t engine)
{
    if (engine == WTFCB_ENGINE_PERF) return wtfcb_profiler_cpu_perf_start(cpu);
    if (cpu->watched != cpu->maker) return EOPNOTSUPP;
    return wtfcb_profiler_cpu_timer_start(cpu, engine == WTFCB_ENGINE_WALL);
}

/* SIGPROF that is somebody else's is not tried again, and a wall clock is not what was asked for of another process. */
static void choose_engine(wtfcb_profiler_cpu *cpu, wtfcb_error *ret_error)
{
    static const char *const needs[] = {
        [WTFCB_ENGINE_PERF] = "perf_event_open(2), which kernel.perf_event_paranoid and containers may forbid",
        [WTFCB_ENGINE_TIMER] =
            "timers on the processor time of this process's threads, and a SIGPROF without a handler",
        [WTFCB_ENGINE_WALL] = "timers in this process, and a SIGPROF without a handler",
    };
    int32_t asked = cpu->options.engine;
    int32_t engine = asked == WTFCB_ENGINE_ANY ? WTFCB_ENGINE_PERF : asked;
    int32_t last = asked != WTFCB_ENGINE_ANY ? asked : WTFCB_ENGINE_WALL;
    int first = 0;
    for (; engine <= last; engine++) {
        int result = start_engine(cpu, engine);
        if (result == 0) {
            cpu->engine = engine;
            cpu->status = WTFCB_OK;
            return;
        }
        if (first == 0) {
            first = result;
            cpu->status = wtfcb_base_error(ret_error, status_of(result), result, NULL, "no samples by %s: %s: %s",
                                           wtfcb_profiler_cpu_engine_name(engine), strerror(result), needs[engine]);
        }
        if (result == ENOMEM || result == ESRCH || cpu->watched != cpu->maker) return;
    }
}

wtfcb_status wtfcb_profiler_cpu_start(const wtfcb_allocator *allocator, const wtfcb_profiler_cpu_options *options,
                                      wtfcb_profiler_cpu **ret_cpu, wtfcb_error *ret_error)
{
    wtfcb_profiler_cpu *cpu = wtfcb_base_calloc(allocator, 1, sizeof *cpu);
    if (!cpu) return wtfcb_base_error(ret_error, WTFCB_ENOMEM, 0, NULL, "no memory to take samples");
    cpu->allocator = *allocator;
    cpu->options = *options;
    cpu->maker = getpid();
    cpu->watched = options->process != 0 ? options->process : cpu->maker;
    cpu->period_ns = SECOND / options->hz;
    cpu->start_ns = wtfcb_base_now();
    cpu->looked_ns = cpu->start_ns;
    cpu->wake_ns = TIMER_WAKE_NS;
    wtfcb_status status =
        wtfcb_profiler_cpu_stacks_init(&cpu->stacks, options->memory ? options->memory : STACK_MEMORY);
    if (status == WTFCB_OK) status = wtfcb_profiler_symbols_new(&cpu->allocator, &cpu->symbols);
    if (status == WTFCB_OK) {
        (void)wtfcb_profiler_symbols_map(cpu->symbols, cpu->watched); /* what a process that ends at once was */
        choose_engine(cpu, ret_error);
        cpu->due_ns = cpu->start_ns + cpu->wake_ns;
        if (cpu->options.engine != WTFCB_ENGINE_ANY || cpu->status == WTFCB_ENOMEM) status = cpu->status;
    } else {
        (void)wtfcb_base_error(ret_error, status, 0, NULL, "no memory to take samples");
    }
    if (status == WTFCB_OK)
        *ret_cpu = cpu;
    else
        wtfcb_profiler_cpu_free(cpu);
    return status;
}

/* ---- Meanwhile ---- */

static void drain(wtfcb_profiler_cpu *cpu, bool all)
{
    cpu->mapped = 0;
    if (cpu->perf) wtfcb_profiler_cpu_perf_drain(cpu, all);
    if (cpu->timer) wtfcb_profiler_cpu_timer_drain(cpu);
}

void wtfcb_profiler_cpu_wake(wtfcb_profiler_cpu *cpu, bool is_own_thread)
{
    uint64_t used = wtfcb_base_thread_time();
    if (is_own_thread && cpu->own == 0) cpu->own = (pid_t)syscall(SYS_gettid);
    uint64_t now = wtfcb_base_now();
    if (!cpu->options.tree && now - cpu->looked_ns >= SECOND) { /* another object may be where one was */
        (void)wtfcb_profiler_symbols_map(cpu->symbols, cpu->watched);
        cpu->looked_ns = now;
    }
    drain(cpu, false);
    if (cpu->timer) wtfcb_profiler_cpu_timer_scan(cpu);
    cpu->due_ns = wtfcb_base_now() + cpu->wake_ns;
    cpu->overhead_ns += wtfcb_base_thread_time() - used;
}

uint64_t wtfcb_profiler_cpu_due(const wtfcb_profiler_cpu *cpu)
{
    return cpu->perf || cpu->timer ? cpu->due_ns : UINT64_MAX;
}

void wtfcb_profiler_cpu_stop(wtfcb_profiler_cpu *cpu)
{
    if (cpu->perf) wtfcb_profiler_cpu_perf_stop(cpu);
    if (cpu->timer) wtfcb_profiler_cpu_timer_stop(cpu);
    drain(cpu, true);
}

void wtfcb_profiler_cpu_free(wtfcb_profiler_cpu *cpu)
{
    if (!cpu) return;
    if (cpu->perf) wtfcb_profiler_cpu_perf_free(cpu);
    if (cpu->timer) wtfcb_profiler_cpu_timer_free(cpu);
    wtfcb_profiler_symbols_free(cpu->symbols);
    wtfcb_profiler_cpu_stacks_free(&cpu->stacks);
    wtfcb_allocator allocator = cpu->allocator;
    wtfcb_base_free(&allocator, cpu->threads, cpu->thread_capacity * sizeof *cpu->threads);
    wtfcb_base_free(&allocator, cpu, sizeof *cpu);
}
