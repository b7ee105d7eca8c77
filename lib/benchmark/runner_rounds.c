/*
 * The subjects of a group in turns: calibration, warm-up, rounds until it is enough, one run under the profiler.
 *
 * The order of each round is drawn anew. So a coin decides which of two that are compared goes first, and the test of their pairs is exact whatever the machine
 * does meanwhile (compare.h). Nothing that is seen in the samples decides when they are looked at: looks are at fixed counts, or when time is over.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "benchmark/runner_parts.h"

/* A group under way. */
typedef struct rounds {
    wtfcb_benchmark_runner *runner;
    uint32_t group;
    uint32_t count; /* of subjects */
    bool pairs;     /* some are compared */
    wtfcb_benchmark_series *series;
    uint32_t *order;   /* of the round */
    uint64_t round_ns; /* that a round takes, by those of warming up */
} rounds;

/* Whether it says when it is enough. */
static bool counts(const wtfcb_benchmark_series *series)
{
    return series->status == WTFCB_OK && !series->along;
}

static bool any_left(const rounds *r)
{
    for (uint32_t i = 0; i < r->count; i++)
        if (counts(&r->series[i])) return true;
    return false;
}

uint64_t wtfcb_benchmark_rounds_time(const wtfcb_benchmark_runner *runner, const wtfcb_benchmark_group *group)
{
    return runner->options->time_ns * (group->pair_count ? group->pair_count : group->subject_count);
}

static void shuffle(const rounds *r)
{
    for (uint32_t i = r->count; i > 1; i--) {
        uint32_t other = wtfcb_benchmark_pick(r->runner, i);
        uint32_t swapped = r->order[i - 1];
        r->order[i - 1] = r->order[other];
        r->order[other] = swapped;
    }
}

static wtfcb_status run_round(const rounds *r)
{
    shuffle(r);
    for (uint32_t i = 0; i < r->count; i++) {
        wtfcb_benchmark_series *series = &r->series[r->order[i]];
        if (series->status != WTFCB_OK) continue;
        wtfcb_status status = wtfcb_benchmark_series_sample(r->runner, series);
        if (status != WTFCB_OK || r->runner->cancelled) return status;
    }
    return WTFCB_OK;
}

/* Wall-clock times in the order of measurement, with room for as many behind them; NULL when memory has run out. */
static double *wall_times(wtfcb_benchmark_runner *runner, const wtfcb_benchmark_series *series)
{
    double *values = wtfcb_benchmark_scratch(runner, 2 * series->count);
    if (values) wtfcb_benchmark_series_values(series, WTFCB_REPORT_WALL, values);
    return values;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Warming up */

/* Whether the times hold steady. Too few to say anything else about are steady unless all later ones are on one side of all earlier ones. */
static wtfcb_status look_whether_steady(wtfcb_benchmark_runner *runner, const wtfcb_benchmark_series *series,
                                        bool *ret_steady)
{
    const size_t count = series->count;
    *ret_steady = true;
    if (count < WTFCB_BENCHMARK_LEAST_RUNS) return WTFCB_OK;
    double *values = wall_times(runner, series);
    if (!values) return WTFCB_ENOMEM;
    if (count >= WTFCB_BENCHMARK_STEADY_MINIMUM) {
        wtfcb_benchmark_steadiness found = {.steady = false};
        (void)wtfcb_benchmark_steady(values, count, WTFCB_BENCHMARK_STEADY_TOLERANCE, values + count, &found);
        *ret_steady = found.steady;
        return WTFCB_OK;
    }
    const size_t half = count / 2;
    wtfcb_benchmark_sort(values, half);
    wtfcb_benchmark_sort(values + half, count - half);
    *ret_steady = values[0] <= values[count - 1] && values[half] <= values[half - 1];
    return WTFCB_OK;
}

static wtfcb_status all_steady(const rounds *r, bool *ret_steady)
{
    *ret_steady = true;
    for (uint32_t i = 0; i < r->count; i++) {
        wtfcb_benchmark_series *series = &r->series[i];
        if (!counts(series)) continue;
        series->steady = false;
        if (series->count >= WTFCB_BENCHMARK_STEADY_MINIMUM) {
            wtfcb_status status = look_whether_steady(r->runner, series, &series->steady);
            if (status != WTFCB_OK) return status;
        }
        *ret_steady = *ret_steady && series->steady;
    }
    return WTFCB_OK;
}

/* A quarter of the time for samples is the most; one run is the least, whatever it takes. */
static wtfcb_status warm_up(rounds *r)
{
    const uint64_t start = wtfcb_base_now();
    const uint64_t most_ns = r->runner->options->time_ns / 4 * r->count;
    wtfcb_status status = WTFCB_OK;
    bool steady = false;
    uint64_t n = 0;
    r->runner->phase = "warm up";
    while (n < r->runner->options->warmup && !steady && any_left(r)) {
        status = run_round(r);
        n++;
        if (status == WTFCB_OK && !r->runner->cancelled) status = all_steady(r, &steady);
        if (status != WTFCB_OK || r->runner->cancelled) return status;
        if (wtfcb_base_now() - start >= most_ns) break;
    }
    r->round_ns = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        r->series[i].warmups = r->series[i].count;
        r->series[i].count = 0;
        if (r->series[i].status == WTFCB_OK) r->round_ns += r->series[i].last_ns;
    }
    if (n > 0) r->round_ns = (wtfcb_base_now() - start) / n;
    return WTFCB_OK;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Samples */

/* Whether rows that are not compared are looked at after so many: 6, 8, 12, 16, 24, 32, ... */
static bool is_look(uint64_t count)
{
    if (count < WTFCB_BENCHMARK_LEAST_RUNS) return false;
    while (count % 2 == 0 && count > 8)
        count /= 2;
    return count == 6 || count == 8;
}

static wtfcb_status look_whether_precise(wtfcb_benchmark_runner *runner, const wtfcb_benchmark_series *series,
                                         bool *ret_precise)
{
    wtfcb_benchmark_interval interval;
    double median;
    *ret_precise = false;
    if (series->count == 0) return WTFCB_OK;
    double *values = wall_times(runner, series);
    if (!values) return WTFCB_ENOMEM;
    wtfcb_benchmark_sort(values, series->count);
    if (wtfcb_benchmark_median(values, series->count, &median) == WTFCB_OK &&
        wtfcb_benchmark_median_interval(values, series->count, runner->options->confidence, &interval) == WTFCB_OK)
        *ret_precise = interval.sufficient && interval.high - interval.low <= 2 * runner->options->precision * median;
    return WTFCB_OK;
}

/* Whether the group has what it is measured for; with `last`, rows that have not are marked. */
static wtfcb_status look(const rounds *r, uint64_t count, bool last, bool *ret_enough)
{
    wtfcb_status status = WTFCB_OK;
    *ret_enough = false;
    if (r->pairs) {
        if (!last && !wtfcb_benchmark_contests_due(r->runner, r->group, (size_t)count)) return WTFCB_OK;
        status = wtfcb_benchmark_contests_look(r->runner, r->group, r->series, last, ret_enough);
        for (uint32_t i = 0; last && !*ret_enough && i < r->count; i++)
            r->series[i].flags |= WTFCB_ROW_CUT;
        return status;
    }
    if (!last && !is_look(count)) return WTFCB_OK;
    *ret_enough = true;
    for (uint32_t i = 0; i < r->count && status == WTFCB_OK; i++) {
        bool precise = true;
        if (!counts(&r->series[i])) continue;
        status = look_whether_precise(r->runner, &r->series[i], &precise);
        if (last && !precise && !r->runner->options->runs) r->series[i].flags |= WTFCB_ROW_CUT;
        *ret_enough = *ret_enough && precise;
    }
    return status;
}

/* How many rounds there can be. */
static uint64_t most_rounds(const rounds *r, uint64_t time_ns)
{
    if (r->runner->options->runs) return r->runner->options->runs;
    if (!r->pairs) return WTFCB_BENCHMARK_MOST_RUNS;
    uint64_t most = r->round_ns ? time_ns / r->round_ns : WTFCB_BENCHMARK_MOST_PAIRS;
    if (most < WTFCB_BENCHMARK_LEAST_RUNS) most = WTFCB_BENCHMARK_LEAST_RUNS;
    return most < WTFCB_BENCHMARK_MOST_PAIRS ? most : WTFCB_BENCHMARK_MOST_PAIRS;
}

static wtfcb_status take_samples(rounds *r)
{
    const wtfcb_benchmark_group *group = &r->runner->groups[r->group];
    const uint64_t time_ns = wtfcb_benchmark_rounds_time(r->runner, group);
    const uint64_t start = wtfcb_base_now();
    const bool fixed = r->runner->options->runs != 0;
    const uint64_t most = most_rounds(r, time_ns);
    r->runner->phase = "measure";
    r->runner->ends_ns = start + time_ns;
    wtfcb_benchmark_contests_start(r->runner, r->group, (size_t)most);
    for (uint64_t n = 1;; n++) {
        wtfcb_status status = run_round(r);
        if (status != WTFCB_OK || r->runner->cancelled || !any_left(r)) return status;
        bool over = n >= most;
        if (!fixed && n >= WTFCB_BENCHMARK_LEAST_RUNS) over = over || wtfcb_base_now() - start >= time_ns;
        bool enough = false;
        if (over || !fixed) status = look(r, n, over, &enough);
        if (status != WTFCB_OK || over || enough) return status;
    }
}

/* A row is called unsteady if warming up did not find it steady and its samples are not. */
static wtfcb_status mark_unsteady(const rounds *r)
{
    for (uint32_t i = 0; i < r->count; i++) {
        wtfcb_benchmark_series *series = &r->series[i];
        bool steady = true;
        if (series->steady || !counts(series)) continue;
        wtfcb_status status = look_whether_steady(r->runner, series, &steady);
        if (status != WTFCB_OK) return status;
        if (!steady) series->flags |= WTFCB_ROW_NOT_STEADY;
    }
    return WTFCB_OK;
}

/*
 * What takes about as long is called as often: what a sample costs beside its calls (cold caches above all) then weighs the same for all of them.
 */
static void level_iterations(const rounds *r)
{
    uint64_t least = UINT64_MAX;
    uint64_t most = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->series[i].status != WTFCB_OK || r->series[i].subject->single) continue;
        if (r->series[i].iterations < least) least = r->series[i].iterations;
        if (r->series[i].iterations > most) most = r->series[i].iterations;
    }
    if (most / 2 > least) return;
    for (uint32_t i = 0; i < r->count; i++)
        if (!r->series[i].subject->single) r->series[i].iterations = most;
}

static wtfcb_status run_phases(rounds *r)
{
    wtfcb_status status = WTFCB_OK;
    r->runner->phase = "calibrate";
    for (uint32_t i = 0; i < r->count && status == WTFCB_OK && !r->runner->cancelled; i++) {
        r->order[i] = i;
        r->runner->current = &r->series[i];
        if (!wtfcb_benchmark_stopped(r->runner, true))
            status = wtfcb_benchmark_series_calibrate(r->runner, &r->series[i]);
    }
    level_iterations(r);
    if (status == WTFCB_OK && !r->runner->cancelled) status = warm_up(r);
    if (status == WTFCB_OK && !r->runner->cancelled && any_left(r)) status = take_samples(r);
    if (status == WTFCB_OK && !r->runner->cancelled) status = mark_unsteady(r);
    if (!r->runner->options->profile) return status;
    r->runner->phase = "profile";
    for (uint32_t i = 0; i < r->count && status == WTFCB_OK && !r->runner->cancelled; i++)
        if (counts(&r->series[i])) status = wtfcb_benchmark_series_profile(r->runner, &r->series[i]);
    return status;
}

wtfcb_status wtfcb_benchmark_rounds(wtfcb_benchmark_runner *runner, uint32_t group, wtfcb_benchmark_series *series)
{
    const wtfcb_allocator *allocator = &runner->options->allocator;
    rounds r = {.runner = runner,
                .group = group,
                .count = runner->groups[group].subject_count,
                .pairs = runner->groups[group].pair_count > 0,
                .series = series};
    assert(r.count > 0);
    r.order = wtfcb_base_calloc(allocator, r.count, sizeof *r.order);
    if (!r.order) return WTFCB_ENOMEM;
    wtfcb_status status = run_phases(&r);
    wtfcb_base_free(allocator, r.order, r.count * sizeof *r.order);
    return status;
}
