/*
 * A sample in this process.
 *
 * Memory is the highest water mark of the resident set (VmHWM), put back to the present by /proc/self/clear_refs before the run. getrusage's ru_maxrss
 * knows the peak of a whole life and cannot be put back. Where clear_refs may not be written, a process of its own still has a mark of its own, since
 * fork(2) starts it anew, and a run among others has no figure.
 *
 * What is resident when a process of its own is born is its parent's and not counted: the same run has the same figure in a small host and in a large one.
 */
#include "benchmark/measure.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <wtfcb/profiler.h>

#include "base/clock.h"

void wtfcb_benchmark_measure_failed(wtfcb_benchmark_sample *sample, wtfcb_status status, const char *format, ...)
{
    sample->status = status;
    sample->tally.message[sizeof sample->tally.message - 1] = '\0';
    if (sample->tally.message[0]) return;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sample->tally.message, sizeof sample->tally.message, format, arguments);
    va_end(arguments);
}

/* Resident bytes now and at the most so far; WTFCB_UNKNOWN where the system does not say. */
typedef struct resident {
    uint64_t now;
    uint64_t peak;
} resident;

/* A line "Name:   123 kB" of /proc/self/status. */
static uint64_t field(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    return at ? (uint64_t)strtoull(at + strlen(name), NULL, 10) * 1024u : WTFCB_UNKNOWN;
}

static resident look(void)
{
    resident result = {WTFCB_UNKNOWN, WTFCB_UNKNOWN};
    char text[4096];
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return result;
    ssize_t length = read(fd, text, sizeof text - 1);
    (void)close(fd);
    if (length <= 0) return result;
    text[length] = '\0';
    result.now = field(text, "\nVmRSS:");
    result.peak = field(text, "\nVmHWM:");
    return result;
}

static bool put_back_peak(void)
{
    int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool done = write(fd, "5", 1) == 1;
    (void)close(fd);
    return done;
}

uint64_t wtfcb_benchmark_measure_resident(void)
{
    return look().now;
}

/* `inherited`: what a process of its own had at its birth, else what was there before the run. */
static uint64_t memory_of(const wtfcb_benchmark_subject *subject, bool put_back, uint64_t inherited)
{
    resident after = look();
    if (after.peak == WTFCB_UNKNOWN || inherited == WTFCB_UNKNOWN) return WTFCB_UNKNOWN;
    if (!put_back && !subject->isolate) return WTFCB_UNKNOWN;
    return after.peak > inherited ? after.peak - inherited : 0;
}

static uint64_t nanoseconds(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

/* Differences between two looks, of this process and of those it waited for. */
static void add_usage(wtfcb_benchmark_sample *sample, const struct rusage *before, const struct rusage *after)
{
    sample->user_ns += nanoseconds(after->ru_utime) - nanoseconds(before->ru_utime);
    sample->system_ns += nanoseconds(after->ru_stime) - nanoseconds(before->ru_stime);
    sample->minor_faults += (uint64_t)(after->ru_minflt - before->ru_minflt);
    sample->major_faults += (uint64_t)(after->ru_majflt - before->ru_majflt);
}

/* The one place where a subject's run is called: all iterations, between two looks at clock and usage. */
static void run(const wtfcb_benchmark_subject *subject, const wtfcb_benchmark_how *how, wtfcb_benchmark_sample *sample)
{
    struct rusage self[2], children[2];
    wtfcb_status status = WTFCB_OK;
    bool put_back = put_back_peak();
    uint64_t inherited = subject->isolate ? how->inherited : look().now;
    (void)getrusage(RUSAGE_CHILDREN, &children[0]);
    (void)getrusage(RUSAGE_SELF, &self[0]);
    (void)sched_yield(); /* whoever waits for the processor has it now, and not in the middle of a short sample */
    uint64_t start = wtfcb_base_now();
    for (uint64_t i = 0; i < how->iterations && status == WTFCB_OK; i++) {
        if (i > 0) memset(&sample->tally, 0, offsetof(wtfcb_benchmark_tally, message));
        status = subject->run(subject->user, &sample->tally);
    }
    sample->wall_ns = wtfcb_base_now() - start;
    (void)getrusage(RUSAGE_SELF, &self[1]);
    (void)getrusage(RUSAGE_CHILDREN, &children[1]);
    add_usage(sample, &self[0], &self[1]);
    add_usage(sample, &children[0], &children[1]);
    sample->memory = memory_of(subject, put_back, inherited);
    if (status != WTFCB_OK) wtfcb_benchmark_measure_failed(sample, status, "%s", wtfcb_status_message(status));
}

/* A profiler that runs, or NULL: a profile is a gift, its absence no failure. */
static wtfcb_profiler *start_profiler(const wtfcb_benchmark_subject *subject, const wtfcb_benchmark_how *how)
{
    wtfcb_profiler *profiler = NULL;
    if (wtfcb_profiler_new(how->allocator, &profiler) != WTFCB_OK) return NULL;
    uint64_t interval = how->expected_ns / 200 / 1000000; /* some hundred points, within what a reader can look at */
    (void)wtfcb_profiler_set(profiler, WTFCB_PROFILER_INTERVAL,
                             interval < 1 ? 1 : (interval > 100 ? 100 : (int64_t)interval));
    wtfcb_status status = wtfcb_profiler_start(profiler, subject->name, NULL);
    if (status == WTFCB_EBUSY) { /* the host records zones itself */
        (void)wtfcb_profiler_set(profiler, WTFCB_PROFILER_ZONES, 0);
        status = wtfcb_profiler_start(profiler, subject->name, NULL);
    }
    if (status == WTFCB_OK) return profiler;
    wtfcb_profiler_free(profiler);
    return NULL;
}

void wtfcb_benchmark_measure_here(const wtfcb_benchmark_subject *subject, const wtfcb_benchmark_how *how,
                                  wtfcb_benchmark_sample *ret_sample)
{
    wtfcb_status status = subject->set_up ? subject->set_up(subject->user, &ret_sample->tally) : WTFCB_OK;
    if (status != WTFCB_OK) {
        wtfcb_benchmark_measure_failed(ret_sample, status, "set-up: %s", wtfcb_status_message(status));
        return;
    }
    wtfcb_profiler *profiler = how->profile ? start_profiler(subject, how) : NULL;
    run(subject, how, ret_sample);
    if (profiler) (void)wtfcb_profiler_stop(profiler, how->ret_profile, NULL);
    wtfcb_profiler_free(profiler);
    status = subject->tear_down ? subject->tear_down(subject->user, &ret_sample->tally) : WTFCB_OK;
    if (status != WTFCB_OK && ret_sample->status == WTFCB_OK)
        wtfcb_benchmark_measure_failed(ret_sample, status, "tear-down: %s", wtfcb_status_message(status));
}

wtfcb_status wtfcb_benchmark_measure(const wtfcb_benchmark_subject *subject, const wtfcb_benchmark_how *how,
                                     wtfcb_benchmark_sample *ret_sample, wtfcb_error *ret_error)
{
    wtfcb_status result = WTFCB_OK;
    memset(ret_sample, 0, sizeof *ret_sample);
    wtfcb_status status = subject->before ? subject->before(subject->user, &ret_sample->tally) : WTFCB_OK;
    if (status != WTFCB_OK) {
        wtfcb_benchmark_measure_failed(ret_sample, status, "preparation: %s", wtfcb_status_message(status));
        return WTFCB_OK;
    }
    if (subject->isolate)
        result = wtfcb_benchmark_measure_apart(subject, how, ret_sample, ret_error);
    else
        wtfcb_benchmark_measure_here(subject, how, ret_sample);
    status = subject->after ? subject->after(subject->user, &ret_sample->tally) : WTFCB_OK;
    if (status != WTFCB_OK && ret_sample->status == WTFCB_OK)
        wtfcb_benchmark_measure_failed(ret_sample, status, "clean-up: %s", wtfcb_status_message(status));
    return result;
}
