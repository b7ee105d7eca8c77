/*
 * A subject under measurement: how many calls make a sample, samples as numbers, the run under a profiler.
 *
 * A sample is to be long against the clock's resolution and the cost of reading it (some 50 ns), and short against what a scheduler hands out at once (1.4 to 3 ms
 * on two processors): then most samples are hit by nobody, and ranks and medians do not care for the rest. On two processors with a load of 6, samples of
 * 2.5 ms took 1.4 s for a verdict and missed some; samples of 0.3 ms take 0.1 s and miss none (test/bench/benchmark_verdicts.c). A process of its own has
 * what is cold in it to pay for first, so it runs longer.
 */
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "benchmark/runner_parts.h"

#define TARGET UINT64_C(300000)
#define TARGET_APART UINT64_C(1000000)
#define MOST_ITERATIONS 1e12
#define MOST_TRIES 50

static void fail(wtfcb_benchmark_series *series, const wtfcb_benchmark_sample *sample)
{
    series->status = sample->status;
    series->tally = sample->tally;
    series->count = 0;
}

static bool ask(void *user)
{
    return wtfcb_benchmark_stopped(user, false);
}

/* Run it once. A sample that was cut short by a cancellation leaves the series as it was: its group is thrown away. */
static wtfcb_status measure(wtfcb_benchmark_runner *runner, wtfcb_benchmark_series *series,
                            wtfcb_benchmark_sample *sample, bool profile)
{
    uint64_t start = wtfcb_base_now();
    wtfcb_benchmark_how how = {.allocator = &runner->options->allocator,
                               .iterations = series->iterations,
                               .timeout_ns = runner->options->timeout_ns,
                               .stop = ask,
                               .user = runner,
                               .profile = profile,
                               .folder = runner->options->folder,
                               .expected_ns = series->last_ns,
                               .ret_profile = &series->profile};
    runner->current = series;
    if (wtfcb_benchmark_stopped(runner, false)) return WTFCB_OK;
    wtfcb_status status = wtfcb_benchmark_measure(series->subject, &how, sample, runner->error);
    if (status != WTFCB_OK) return status;
    if (runner->cancelled) return WTFCB_OK;
    series->last_ns = wtfcb_base_now() - start;
    if (sample->status == WTFCB_ECANCELLED && wtfcb_cancel_fired(runner->options->cancel)) runner->cancelled = true;
    if (sample->status != WTFCB_OK && !runner->cancelled && !profile) fail(series, sample);
    return WTFCB_OK;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Samples */

static void put(wtfcb_benchmark_series *series, double *values, uint32_t measure, double value)
{
    values[measure - 1] = isfinite(value) ? value : 0;
    series->known |= WTFCB_BENCHMARK_MEASURE(measure);
}

static void put_rates(wtfcb_benchmark_series *series, double *values, const wtfcb_benchmark_tally *tally)
{
    const uint32_t has = series->subject->measures;
    const double seconds = values[WTFCB_REPORT_WALL - 1] / 1e9;
    const struct {
        uint32_t measure;
        double value;
    } rates[] = {{WTFCB_REPORT_FILES_RATE, (double)tally->files / seconds},
                 {WTFCB_REPORT_LINES_RATE, (double)tally->lines / seconds},
                 {WTFCB_REPORT_BYTES_RATE, (double)tally->bytes / seconds},
                 {WTFCB_REPORT_HIT_RATE, tally->lookups ? (double)tally->hits / (double)tally->lookups : 0},
                 {WTFCB_REPORT_ERRORS, (double)tally->errors}};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        if (has & WTFCB_BENCHMARK_MEASURE(rates[i].measure)) put(series, values, rates[i].measure, rates[i].value);
}

/* What one sample says of one call. A time of 0 would be the clock's, not the call's. */
static void put_sample(wtfcb_benchmark_series *series, const wtfcb_benchmark_sample *sample, double *values)
{
    const double calls = (double)series->iterations;
    put(series, values, WTFCB_REPORT_WALL, (double)(sample->wall_ns ? sample->wall_ns : 1) / calls);
    put(series, values, WTFCB_REPORT_USER, (double)sample->user_ns / calls);
    put(series, values, WTFCB_REPORT_SYSTEM, (double)sample->system_ns / calls);
    put(series, values, WTFCB_REPORT_MINOR_FAULTS, (double)sample->minor_faults / calls);
    put(series, values, WTFCB_REPORT_MAJOR_FAULTS, (double)sample->major_faults / calls);
    put(series, values, WTFCB_REPORT_MEMORY, sample->memory == WTFCB_UNKNOWN ? 0 : (double)sample->memory);
    if (sample->memory == WTFCB_UNKNOWN) series->flags |= WTFCB_BENCHMARK_NO_MEMORY;
    put_rates(series, values, &sample->tally);
}

wtfcb_status wtfcb_benchmark_series_sample(wtfcb_benchmark_runner *runner, wtfcb_benchmark_series *series)
{
    wtfcb_benchmark_sample sample;
    const size_t width = WTFCB_REPORT_MEASURES * sizeof *series->samples;
    /* The room first: a run whose figures cannot be kept is for nothing. */
    if (!wtfcb_base_reserve(&runner->options->allocator, (void **)&series->samples, &series->capacity,
                            series->count + 1, width))
        return WTFCB_ENOMEM;
    wtfcb_status status = measure(runner, series, &sample, false);
    if (status != WTFCB_OK || runner->cancelled || series->status != WTFCB_OK) return status;
    double *values = series->samples + series->count * WTFCB_REPORT_MEASURES;
    memset(values, 0, width);
    put_sample(series, &sample, values);
    series->tally = sample.tally;
    series->count++;
    return WTFCB_OK;
}

void wtfcb_benchmark_series_values(const wtfcb_benchmark_series *series, uint32_t measure, double *values)
{
    for (size_t i = 0; i < series->count; i++)
        values[i] = series->samples[i * WTFCB_REPORT_MEASURES + measure - 1];
}

bool wtfcb_benchmark_series_knows(const wtfcb_benchmark_series *series, uint32_t measure)
{
    if (series->status != WTFCB_OK || series->count == 0) return false;
    if (measure == WTFCB_REPORT_MEMORY && series->flags & WTFCB_BENCHMARK_NO_MEMORY) return false;
    return (series->known & WTFCB_BENCHMARK_MEASURE(measure)) != 0;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Calibration */

static uint64_t target_of(const wtfcb_benchmark_subject *subject)
{
    struct timespec tick;
    uint64_t target = subject->isolate ? TARGET_APART : TARGET;
    if (clock_getres(CLOCK_MONOTONIC, &tick) != 0) return target;
    uint64_t least = 1000 * ((uint64_t)tick.tv_sec * 1000000000u + (uint64_t)tick.tv_nsec);
    return target < least ? least : target;
}

/*
 * The least time of a call that was seen decides: the first one pays for what is cold, and any may be interrupted. It is enough when a sample with as many calls as
 * that asks for has not found a shorter one.
 */
wtfcb_status wtfcb_benchmark_series_calibrate(wtfcb_benchmark_runner *runner, wtfcb_benchmark_series *series)
{
    const double target = (double)target_of(series->subject);
    double least = INFINITY;
    series->iterations = 1;
    for (unsigned tries = 0; !series->subject->single && tries < MOST_TRIES; tries++) {
        wtfcb_benchmark_sample sample = {.status = WTFCB_OK};
        wtfcb_status status = measure(runner, series, &sample, false);
        if (status != WTFCB_OK || runner->cancelled || series->status != WTFCB_OK) return status;
        const double calls = (double)series->iterations;
        least = fmin(least, (double)(sample.wall_ns ? sample.wall_ns : 1) / calls);
        const double wanted = ceil(target / least);
        if (least >= 10 * target || (tries > 0 && calls >= 0.9 * wanted)) break;
        series->iterations = (uint64_t)fmax(1, fmin(wanted, fmin(calls * 1000, MOST_ITERATIONS)));
    }
    return WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_series_profile(wtfcb_benchmark_runner *runner, wtfcb_benchmark_series *series)
{
    wtfcb_benchmark_sample sample;
    if (series->status != WTFCB_OK || (series->subject->isolate && !runner->options->folder)) return WTFCB_OK;
    wtfcb_profile_free(series->profile);
    series->profile = NULL;
    return measure(runner, series, &sample, true);
}
