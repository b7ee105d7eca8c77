/* What the timeline's tests share: watching, sampling at the real clock, reading columns, and processes of known load. */
#ifndef WTFCB_TEST_PROFILER_TIMELINE_HELP_H
#define WTFCB_TEST_PROFILER_TIMELINE_HELP_H

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "profiler/timeline.h"

#include "../test.h"

#define MS UINT64_C(1000000)
#define SECOND UINT64_C(1000000000)

WTFCB_TEST_UNUSED static void sleep_until(uint64_t instant)
{
    struct timespec until = {(time_t)(instant / SECOND), (long)(instant % SECOND)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0) {}
}

WTFCB_TEST_UNUSED static uint64_t own_cpu(clockid_t clock)
{
    struct timespec used;
    ck_assert_int_eq(clock_gettime(clock, &used), 0);
    return (uint64_t)used.tv_sec * SECOND + (uint64_t)used.tv_nsec;
}

/* Use the processor for a time by the thread's own clock. */
WTFCB_TEST_UNUSED static void spin(uint64_t ns)
{
    uint64_t until = wtfcb_base_thread_time() + ns;
    while (wtfcb_base_thread_time() < until) {}
}

WTFCB_TEST_UNUSED static wtfcb_profiler_timeline *watch(pid_t process, bool tree, uint64_t interval)
{
    wtfcb_profiler_timeline *timeline;
    wtfcb_error error = WTFCB_ERROR_INIT;
    const wtfcb_profiler_timeline_options options = {
        .interval_ns = interval, .start_ns = wtfcb_base_now(), .process = process, .tree = tree};
    ck_assert_int_eq(wtfcb_profiler_timeline_new(NULL, &options, &timeline, &error), WTFCB_OK);
    return timeline;
}

/* Sample as it is due, until the end. False when the process has ended before. */
WTFCB_TEST_UNUSED static bool sample_until(wtfcb_profiler_timeline *timeline, uint64_t end)
{
    while (wtfcb_profiler_timeline_due(timeline) < end) {
        sleep_until(wtfcb_profiler_timeline_due(timeline));
        if (!wtfcb_profiler_timeline_sample(timeline, wtfcb_base_now())) return false;
    }
    return true;
}

WTFCB_TEST_UNUSED static wtfcb_profile *profile_of(wtfcb_profiler_timeline *timeline)
{
    wtfcb_profile *profile;
    ck_assert_int_eq(wtfcb_profiler_profile_new(NULL, &profile), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_timeline_collect(timeline, profile), WTFCB_OK);
    return profile;
}

/* What is known of a metric so far, with a sample at this moment. */
WTFCB_TEST_UNUSED static wtfcb_profile_metric metric_now(wtfcb_profiler_timeline *timeline, uint32_t metric)
{
    (void)wtfcb_profiler_timeline_sample(timeline, wtfcb_base_now());
    wtfcb_profile *profile = profile_of(timeline);
    wtfcb_profile_metric row = profile->metrics[metric - 1];
    row.reason = row.status == WTFCB_OK ? "" : "(gone)";
    wtfcb_profile_free(profile);
    return row;
}

WTFCB_TEST_UNUSED static const uint64_t *samples_of(const wtfcb_profile *profile, uint32_t metric)
{
    return profile->tiers[WTFCB_TIER_SAMPLES].values[metric - 1][0];
}

enum { TRUTHS = 13 };

/* What a process had used by its own clock before and after a sample of it. */
typedef struct truth {
    uint64_t before;
    uint64_t after;
} truth;

/* A window's processor time is between what its ends allow, or half a point of its time beside that; of the first sample nothing is known. */
WTFCB_TEST_UNUSED static void assert_within_half_a_point(wtfcb_profiler_timeline *timeline, const truth *truths)
{
    wtfcb_profile *profile = profile_of(timeline);
    const wtfcb_profiler_tier *tier = &profile->tiers[WTFCB_TIER_SAMPLES];
    const uint64_t *cpu = samples_of(profile, WTFCB_METRIC_CPU);
    double worst = 0;
    double sum = 0;
    ck_assert_uint_eq(tier->count, TRUTHS);
    ck_assert_uint_eq(cpu[0], WTFCB_UNKNOWN);
    for (size_t i = 1; i < TRUTHS; i++) {
        double least = (double)truths[i].before - (double)truths[i - 1].after;
        double most = (double)truths[i].after - (double)truths[i - 1].before;
        double got = (double)cpu[i];
        double off = got < least ? least - got : got > most ? got - most : 0;
        double middle = got > (least + most) / 2 ? got - (least + most) / 2 : (least + most) / 2 - got;
        double time = (double)(tier->times[i] - tier->times[i - 1]);
        if (off * 100 / time > worst) worst = off * 100 / time;
        sum += middle * 100 / time;
    }
    if (wtfcb_test_long()) printf("points off: at worst %.3f, mean to the middle %.4f\n", worst, sum / (TRUTHS - 1));
    ck_assert_double_le(worst, 0.5);
    wtfcb_profile_free(profile);
}

/* A child that does something and is killed if it does not end. */
WTFCB_TEST_UNUSED static pid_t start(void (*run)(void))
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        (void)signal(SIGTERM, SIG_DFL);
        run();
        _exit(0);
    }
    return child;
}

WTFCB_TEST_UNUSED static struct rusage finish(pid_t child, int signal_number)
{
    struct rusage used;
    int status;
    if (signal_number) (void)kill(child, signal_number);
    ck_assert_int_eq(wait4(child, &status, 0, &used), child);
    return used;
}

WTFCB_TEST_UNUSED static uint64_t cpu_of(const struct rusage *used)
{
    return ((uint64_t)used->ru_utime.tv_sec + (uint64_t)used->ru_stime.tv_sec) * SECOND +
           ((uint64_t)used->ru_utime.tv_usec + (uint64_t)used->ru_stime.tv_usec) * 1000u;
}

#endif
