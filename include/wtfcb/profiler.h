/**
 * @file
 * `wtfcb_profiler`: records what a program does to the processor and to memory, while it runs.
 *
 *     wtfcb_profiler *profiler;
 *     wtfcb_profile *profile;
 *     wtfcb_profiler_new(NULL, &profiler);
 *     if (wtfcb_profiler_start(profiler, "load", &error) == WTFCB_OK) {
 *         work();
 *         wtfcb_profiler_stop(profiler, &profile, &error);
 *         wtfcb_profile_save(profile, "load.html", WTFCB_PROFILE_BY_NAME, &error);
 *         wtfcb_profile_free(profile);
 *     }
 *     wtfcb_profiler_free(profiler);
 *
 * A profiler has two recorders. The timeline is sampled by a thread of its own: memory, processor time, context switches, page faults,
 * input and output, pressure, each at an interval; it can watch this process, another one, or another one with all that it
 * starts. Zones (zone.h) are counted by the threads that run through them, in this process alone. Both work in memory of a fixed size and share one
 * clock: every time in a profile is nanoseconds since its start. What a machine does not offer is "unavailable" with its
 * reason in the profile, never 0.
 *
 * One recorder of zones a process: a second profiler that wants them is refused (WTFCB_EBUSY) until the first has stopped. Timelines do not
 * exclude each other.
 *
 * A start opens files below /proc and /sys, maps the recorder's memory (which stays mapped for the next start, since other threads may still be
 * in a zone) and starts one thread with all signals blocked, if there is a timeline or something to flush. Nothing is installed, no
 * signal is touched, unless samples of processor time are asked for (WTFCB_PROFILER_CPU) and taken by timers: then SIGPROF has a handler until the
 * stop.
 *
 * Threads: shared: every function may be called from any thread, except that options are set while nothing else uses the handle. After fork(2) a profiler is
 * unusable in the child (WTFCB_EFORK; it can be freed there); the child may make one of its own.
 */
#ifndef WTFCB_PROFILER_H
#define WTFCB_PROFILER_H

#include <wtfcb/allocator.h>
#include <wtfcb/option.h>
#include <wtfcb/profile.h>
#include <wtfcb/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A profiler. */
typedef struct wtfcb_profiler wtfcb_profiler;

/* Options that take a number: wtfcb_profiler_set(). Defaults and bounds: wtfcb_profiler_option(). */

/** Time between two samples of the timeline, in ms: 1 to 60,000. Default 100. */
#define WTFCB_PROFILER_INTERVAL 1
/** 0: no timeline, and no thread unless something is flushed. Default 1. */
#define WTFCB_PROFILER_TIMELINE 2
/** 0: no zones. Default 1; without effect when another process is watched. */
#define WTFCB_PROFILER_ZONES 3
/**
 * Bytes of a ring for each thread in which single zones are kept with their times, for timelines of zones; the oldest make room and are counted.
 * 0 (default): none, zones are counted only.
 */
#define WTFCB_PROFILER_TRACE 4
/** Bytes that all zones' counters and rings may take together; what finds no room is counted as dropped. Default 16 MiB. */
#define WTFCB_PROFILER_ZONE_MEMORY 5
/** 1: sample the proportional set size too, as often as it takes no more than 0.1 % of the time. Default 0. */
#define WTFCB_PROFILER_PSS 6
/** Watch the process with this number instead of this one; 0 (default): this one. */
#define WTFCB_PROFILER_PROCESS 7
/** 1: watch all processes that the watched one has started, too, while they run. Default 0. */
#define WTFCB_PROFILER_TREE 8
/**
 * Time between two writes of what is there so far to WTFCB_PROFILER_OUTPUT, in ms, so that a crash or kill -9 loses no more than that. 0 (default):
 * never.
 */
#define WTFCB_PROFILER_FLUSH 9

/**
 * Samples of each thread's processor time in a second of it: what its stack was then. 0 (default): none; at most 10,000. 99 is a good number. Callers are
 * known of code that was compiled with frame pointers.
 */
#define WTFCB_PROFILER_CPU 10
/** How samples are taken: WTFCB_ENGINE_*. Default WTFCB_ENGINE_ANY: the first of them that the machine allows, named in the profile. */
#define WTFCB_PROFILER_CPU_ENGINE 11

/** WTFCB_PROFILER_CPU_ENGINE: the first of the following that works; none is no failure of the start, and the profile's `cpu_status` says why. */
#define WTFCB_ENGINE_ANY 0
/** WTFCB_PROFILER_CPU_ENGINE: perf_event_open(2) with the kernel's software clock; no signal, other processes too. */
#define WTFCB_ENGINE_PERF 1
/** WTFCB_PROFILER_CPU_ENGINE: a timer on each thread's processor time and SIGPROF; this process alone. */
#define WTFCB_ENGINE_TIMER 2
/** WTFCB_PROFILER_CPU_ENGINE: the same on the wall clock, for systems without such timers. */
#define WTFCB_ENGINE_WALL 3

/**
 * Trace allocations with their stacks: WTFCB_ALLOC_*. Default WTFCB_ALLOC_NONE. The process must have been started with libwtfcb-alloc.so in
 * LD_PRELOAD (libwtfcb-alloc(7)); that it was not is no failure of the start, and the profile's `alloc_status` says so. One recording of a process at a
 * time: a second is refused (WTFCB_EBUSY). Of other processes WTFCB_PROFILER_ALLOC_FOLDER is read, and how they trace is what they were started with.
 */
#define WTFCB_PROFILER_ALLOC 12

/** WTFCB_PROFILER_ALLOC: none. */
#define WTFCB_ALLOC_NONE 0
/** WTFCB_PROFILER_ALLOC: a sample of them by bytes (Poisson, one in 512 KiB on average), which stands for all of them without bias. */
#define WTFCB_ALLOC_SAMPLED 1
/** WTFCB_PROFILER_ALLOC: each of them. */
#define WTFCB_ALLOC_FULL 2

/* Options that take a text: wtfcb_profiler_set_string(). */

/** File that WTFCB_PROFILER_FLUSH writes, in the format that its name's ending says, each time whole and under a name that replaces it. */
#define WTFCB_PROFILER_OUTPUT 64
/** Folder in which other processes trace their allocations: what they were started with in WTFCB_ALLOC. NULL: none. */
#define WTFCB_PROFILER_ALLOC_FOLDER 65

/**
 * Make a profiler with every option at its default. Starts no thread, touches no file.
 *
 * @param allocator     for all that hangs from the profiler and its profiles; NULL for libc's. The recorder's own memory is mapped.
 * @param ret_profiler  owned by the caller, wtfcb_profiler_free(); untouched on failure
 * @return WTFCB_OK; WTFCB_EINVAL: `ret_profiler` is NULL or the allocator incomplete; WTFCB_ENOMEM.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profiler_new(const wtfcb_allocator *allocator, wtfcb_profiler **ret_profiler);

/** Free a profiler, stopping it if it runs; NULL is accepted. Profiles it made stay valid. @since 0.1 */
WTFCB_API void wtfcb_profiler_free(wtfcb_profiler *profiler);

/** Number of options. Constant time. @since 0.1 */
WTFCB_API uint64_t wtfcb_profiler_option_count(void);

/**
 * Copy out the description of an option. Constant time.
 *
 * @param index  0 to wtfcb_profiler_option_count() - 1; not the option's id
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such row; WTFCB_EINVAL: `ret_row` is NULL.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profiler_option(uint64_t index, wtfcb_option *ret_row, size_t row_size);

/**
 * Set a number. Constant time.
 *
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such option, or one that takes a text; WTFCB_EINVAL: out of bounds; WTFCB_EBUSY: it
 *         is running; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profiler_set(wtfcb_profiler *profiler, int32_t option, int64_t value);

/** Read a number. WTFCB_OK; WTFCB_ENOTFOUND: no such option; WTFCB_EINVAL: a NULL argument. @since 0.1 */
WTFCB_API wtfcb_status wtfcb_profiler_get(const wtfcb_profiler *profiler, int32_t option, int64_t *ret_value);

/**
 * Set a text, which is copied; NULL for none.
 *
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such option, or one that takes a number; WTFCB_EINVAL; WTFCB_ENOMEM; WTFCB_EBUSY;
 *         WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profiler_set_string(wtfcb_profiler *profiler, int32_t option, const char *value);

/**
 * Begin to record. Some hundred microseconds, 2 ms the first time in a process with zones (the clock is calibrated).
 *
 * @param name  of the profile; copied
 * @return WTFCB_OK; WTFCB_EINVAL; WTFCB_EBUSY: this one is running, or zones or allocations are wanted and another one records them, or WTFCB_ENGINE_TIMER or WTFCB_ENGINE_WALL and SIGPROF
 *         is another's; WTFCB_ELIMIT: WTFCB_ENGINE_PERF and too many threads for the files that may be open;
 *         WTFCB_ENOTFOUND: no such process, or WTFCB_PROFILER_ALLOC_FOLDER; WTFCB_EACCES: it may not be watched, or read; WTFCB_EUNSUPPORTED: no thread could be started, or no /proc;
 *         with WTFCB_PROFILER_FLUSH also what wtfcb_profile_save() answers when the output cannot be written; WTFCB_ENOMEM; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profiler_start(wtfcb_profiler *profiler, const char *name, wtfcb_error *ret_error);

/**
 * End the recording and return what was recorded. Blocks for one sample and the merge of all threads' counters.
 *
 * A watched process that has ended is no failure: its timeline ends with it.
 *
 * @param ret_profile  owned by the caller, wtfcb_profile_free(); may be NULL: nobody wants it
 * @return WTFCB_OK; WTFCB_EINVAL: it is not running; WTFCB_ENOMEM: it has stopped, and the profile is lost; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profiler_stop(wtfcb_profiler *profiler, wtfcb_profile **ret_profile,
                                           wtfcb_error *ret_error);

/**
 * What was recorded so far, while the recording goes on. Zones that are open are not in it.
 *
 * @param ret_profile  owned by the caller, wtfcb_profile_free()
 * @return WTFCB_OK; WTFCB_EINVAL: it is not running; WTFCB_ENOMEM; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profiler_snapshot(wtfcb_profiler *profiler, wtfcb_profile **ret_profile,
                                               wtfcb_error *ret_error);

/**
 * Begin a section: a named phase of the program, such as "load" or "index", whose time, processor time and memory stand
 * in the profile as a row. Some microseconds. Sections are of the whole process, may overlap, and can be open in several threads.
 *
 * @param name         copied, up to 63 bytes
 * @param ret_section  for wtfcb_profiler_section_end()
 * @return WTFCB_OK; WTFCB_EINVAL: it is not running; WTFCB_ELIMIT: more than 4,096 sections; WTFCB_ENOMEM; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profiler_section_begin(wtfcb_profiler *profiler, const char *name, uint64_t *ret_section);

/** End a section. WTFCB_OK; WTFCB_EINVAL: not running; WTFCB_ENOTFOUND: not open; WTFCB_EFORK. @since 0.1 */
WTFCB_API wtfcb_status wtfcb_profiler_section_end(wtfcb_profiler *profiler, uint64_t section);

/** A function to run under a profiler. */
typedef void (*wtfcb_run_fn)(void *user);

/**
 * Start, call `run` on this thread, stop: a profile of one call.
 *
 * @return as wtfcb_profiler_start(), in which case `run` was not called, and wtfcb_profiler_stop()
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profiler_run(wtfcb_profiler *profiler, const char *name, wtfcb_run_fn run, void *user,
                                          wtfcb_profile **ret_profile, wtfcb_error *ret_error);

#ifdef __cplusplus
}
#endif
#endif
