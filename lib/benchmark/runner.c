/*
 * From groups to a report: one group after the other, rows as they are finished, comparisons at the end, suspects a second time.
 *
 * Rows are in an array of the report that has room for all subjects; `summary.row_count` counts the groups that are finished, so that at any time what
 * the report holds can be freed with it.
 */
#include "benchmark/runner.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/memory.h"
#include "benchmark/runner_parts.h"

#define BETWEEN_PROGRESS UINT64_C(100000000)

double *wtfcb_benchmark_scratch(wtfcb_benchmark_runner *runner, size_t count)
{
    if (count <= runner->scratch_capacity && runner->scratch) return runner->scratch;
    const wtfcb_allocator *allocator = &runner->options->allocator;
    wtfcb_base_free(allocator, runner->scratch, runner->scratch_capacity * sizeof *runner->scratch);
    runner->scratch = wtfcb_base_calloc(allocator, count ? count : 1, sizeof *runner->scratch);
    runner->scratch_capacity = runner->scratch ? (count ? count : 1) : 0;
    return runner->scratch;
}

uint32_t wtfcb_benchmark_pick(wtfcb_benchmark_runner *runner, uint32_t bound)
{
    uint64_t z = runner->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return (uint32_t)(((z >> 32) * bound) >> 32);
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Progress */

/* Median of the times so far, for those who watch; 0 while there are none, or no memory. */
static double median_so_far(wtfcb_benchmark_runner *runner)
{
    const wtfcb_benchmark_series *series = runner->current;
    double median = 0;
    if (!series || series->count == 0 || strcmp(runner->phase, "measure") != 0) return 0;
    double *values = wtfcb_benchmark_scratch(runner, series->count);
    if (!values) return 0;
    wtfcb_benchmark_series_values(series, WTFCB_REPORT_WALL, values);
    wtfcb_benchmark_sort(values, series->count);
    (void)wtfcb_benchmark_median(values, series->count, &median);
    return median;
}

static uint64_t left(const wtfcb_benchmark_runner *runner, uint64_t now)
{
    if (runner->ends_ns == 0 || runner->options->runs) return WTFCB_UNKNOWN;
    return runner->left_ns + (runner->ends_ns > now ? runner->ends_ns - now : 0);
}

bool wtfcb_benchmark_stopped(wtfcb_benchmark_runner *runner, bool now)
{
    const wtfcb_benchmark_runner_options *options = runner->options;
    if (wtfcb_cancel_fired(options->cancel)) runner->cancelled = true;
    if (runner->cancelled || !options->progress) return runner->cancelled;
    const uint64_t time = wtfcb_base_now();
    if (!now && time - runner->told_ns < BETWEEN_PROGRESS) return false;
    runner->told_ns = time;
    const bool measuring = runner->current && strcmp(runner->phase, "measure") == 0;
    wtfcb_benchmark_progress progress = {.row = runner->current ? runner->current->subject->name : "",
                                         .phase = runner->phase,
                                         .rows_done = runner->rows_done,
                                         .rows = runner->row_total,
                                         .runs_done = measuring ? runner->current->count : 0,
                                         .elapsed_ns = time - runner->start_ns,
                                         .left_ns = left(runner, time),
                                         .median = median_so_far(runner)};
    if (options->progress(options->progress_user, &progress) != 0) runner->cancelled = true;
    return runner->cancelled;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Rows */

static void free_series(wtfcb_benchmark_runner *runner, wtfcb_benchmark_series *series, uint32_t count)
{
    const wtfcb_allocator *allocator = &runner->options->allocator;
    for (uint32_t i = 0; series && i < count; i++) {
        wtfcb_profile_free(series[i].profile);
        wtfcb_base_free(allocator, series[i].samples,
                        series[i].capacity * WTFCB_REPORT_MEASURES * sizeof *series[i].samples);
    }
    wtfcb_base_free(allocator, series, count * sizeof *series);
}

static bool put_samples(wtfcb_report *report, const wtfcb_benchmark_series *series, wtfcb_benchmark_row *row)
{
    for (uint32_t measure = 1; measure <= WTFCB_REPORT_MEASURES; measure++) {
        row->samples[measure - 1] = NULL;
        if (!wtfcb_benchmark_series_knows(series, measure)) continue;
        double *values = wtfcb_benchmark_report_rows(report, series->count, sizeof *values);
        if (!values) return false;
        wtfcb_benchmark_series_values(series, measure, values);
        row->samples[measure - 1] = values;
    }
    return true;
}

static bool put_texts(wtfcb_report *report, const wtfcb_benchmark_series *series, wtfcb_report_row *row)
{
    const wtfcb_benchmark_subject *subject = series->subject;
    row->name = wtfcb_benchmark_report_text(report, subject->name);
    row->project = wtfcb_benchmark_report_text(report, subject->project);
    row->kind = wtfcb_benchmark_report_text(report, subject->kind);
    row->depth = wtfcb_benchmark_report_text(report, subject->depth);
    row->parameters = wtfcb_benchmark_report_text(report, subject->parameters);
    row->message = wtfcb_benchmark_report_text(report, series->status != WTFCB_OK ? series->tally.message : NULL);
    return row->name && row->project && row->kind && row->depth && row->parameters && row->message;
}

/* A series as a row of the report, in place of what was there; its profile goes over to the row. */
static wtfcb_status put_row(wtfcb_benchmark_runner *runner, uint32_t first, wtfcb_benchmark_series *series, bool again,
                            wtfcb_benchmark_row *row)
{
    const wtfcb_benchmark_subject *subject = series->subject;
    const bool fine = series->status == WTFCB_OK;
    wtfcb_report_row *r = &row->row;
    if (!put_texts(runner->report, series, r) || !put_samples(runner->report, series, row)) return WTFCB_ENOMEM;
    r->threads = subject->threads;
    r->flags = subject->flags | (series->flags & ~WTFCB_BENCHMARK_NO_MEMORY) |
               (subject->isolate ? WTFCB_ROW_ISOLATED : 0) | (again ? WTFCB_ROW_AGAIN : 0);
    r->status = series->status;
    r->reference = subject->reference == WTFCB_REPORT_NONE ? WTFCB_REPORT_NONE : first + subject->reference;
    r->runs = fine ? series->count : 0;
    r->warmups = fine ? series->warmups : 0;
    r->iterations = series->iterations;
    r->files = series->tally.files;
    r->lines = series->tally.lines;
    r->bytes = series->tally.bytes;
    wtfcb_profile_free(row->profile);
    row->profile = series->profile;
    series->profile = NULL;
    return WTFCB_OK;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Groups */

/* Make what the group needs. False: it is not there, which is the status of all of its subjects, or the run was cancelled. */
static bool begin(wtfcb_benchmark_runner *runner, wtfcb_benchmark_group *group, wtfcb_benchmark_series *series)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    runner->phase = "prepare";
    runner->current = &series[0];
    runner->ends_ns = 0;
    if (wtfcb_benchmark_stopped(runner, true)) return false;
    wtfcb_status status = group->begin ? group->begin(group, &error) : WTFCB_OK;
    for (uint32_t i = 0; status != WTFCB_OK && i < group->subject_count; i++) {
        wtfcb_benchmark_sample none = {.status = WTFCB_OK};
        wtfcb_benchmark_measure_failed(&none, status, "%s",
                                       error.message[0] ? error.message : wtfcb_status_message(status));
        series[i].status = none.status;
        series[i].tally = none.tally;
    }
    if (status == WTFCB_ECANCELLED) (void)wtfcb_benchmark_stopped(runner, false);
    return status == WTFCB_OK;
}

/* The most time that the groups behind this one take. */
static uint64_t time_behind(const wtfcb_benchmark_runner *runner, uint32_t number)
{
    uint64_t time = 0;
    for (uint32_t i = number + 1; i < runner->group_count; i++)
        time += wtfcb_benchmark_rounds_time(runner, &runner->groups[i]);
    return time;
}

/* Rows of the group into the report. */
static wtfcb_status put_rows(wtfcb_benchmark_runner *runner, uint32_t number, wtfcb_benchmark_series *series,
                             bool again)
{
    const uint32_t first = runner->first_rows[number];
    const uint32_t count = runner->groups[number].subject_count;
    wtfcb_status status = WTFCB_OK;
    for (uint32_t i = 0; i < count && status == WTFCB_OK; i++)
        if (!series[i].along) status = put_row(runner, first, &series[i], again, &runner->report->rows[first + i]);
    if (status != WTFCB_OK || again) return status;
    runner->rows_done += count;
    runner->report->summary.row_count = runner->rows_done;
    return WTFCB_OK;
}

/*
 * Measure a group, or `again` those of its subjects that are suspect. The others run along then, and what they say is not kept: caches, turns and the number of
 * rounds are to be those of the first time. Rows come into the report unless it was cancelled.
 */
static wtfcb_status measure_group(wtfcb_benchmark_runner *runner, uint32_t number, bool again)
{
    wtfcb_benchmark_group *group = &runner->groups[number];
    const uint32_t count = group->subject_count;
    wtfcb_status status = WTFCB_OK;
    wtfcb_benchmark_series *series = wtfcb_base_calloc(&runner->options->allocator, count, sizeof *series);
    if (!series) return WTFCB_ENOMEM;
    for (uint32_t i = 0; i < count; i++) {
        series[i].subject = &group->subjects[i];
        series[i].along = again && !wtfcb_benchmark_contests_suspect(runner, number, i);
    }
    runner->left_ns = time_behind(runner, number);
    if (begin(runner, group, series)) {
        if (!again) status = wtfcb_benchmark_baseline_inputs(runner, group->inputs);
        if (status == WTFCB_OK) status = wtfcb_benchmark_rounds(runner, number, series);
        if (group->end) group->end(group);
    }
    if (runner->cancelled)
        wtfcb_benchmark_contests_drop(runner, number);
    else if (status == WTFCB_OK)
        status = put_rows(runner, number, series, again);
    runner->current = NULL;
    free_series(runner, series, count);
    return status;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* The whole */

/* Compare with the baseline, and measure what seems worse once more: that decides. */
static wtfcb_status hold_against_baseline(wtfcb_benchmark_runner *runner)
{
    bool suspects = false;
    if (!runner->baseline || runner->cancelled) return wtfcb_benchmark_contests_judge(runner);
    wtfcb_status status = wtfcb_benchmark_report_seal(runner->report);
    if (status == WTFCB_OK) status = wtfcb_benchmark_contests_baseline(runner, false);
    if (status == WTFCB_OK) status = wtfcb_benchmark_contests_judge(runner);
    if (status == WTFCB_OK) suspects = wtfcb_benchmark_contests_suspects(runner);
    for (uint32_t i = 0; i < runner->group_count && suspects && status == WTFCB_OK && !runner->cancelled; i++) {
        bool any = false;
        for (uint32_t k = 0; k < runner->groups[i].subject_count && !any; k++)
            any = wtfcb_benchmark_contests_suspect(runner, i, k);
        if (any) status = measure_group(runner, i, true);
    }
    if (!suspects || status != WTFCB_OK || runner->cancelled) return status;
    status = wtfcb_benchmark_report_seal(runner->report);
    if (status == WTFCB_OK) status = wtfcb_benchmark_contests_baseline(runner, true);
    return status == WTFCB_OK ? wtfcb_benchmark_contests_judge(runner) : status;
}

static wtfcb_status make_room(wtfcb_benchmark_runner *runner)
{
    runner->first_rows = wtfcb_base_calloc(&runner->options->allocator, runner->group_count + 1u, sizeof(uint32_t));
    if (!runner->first_rows) return WTFCB_ENOMEM;
    for (uint32_t i = 0; i < runner->group_count; i++) {
        runner->first_rows[i] = runner->row_total;
        runner->row_total += runner->groups[i].subject_count;
    }
    runner->report->rows = wtfcb_benchmark_report_rows(runner->report, runner->row_total, sizeof *runner->report->rows);
    return runner->report->rows ? WTFCB_OK : WTFCB_ENOMEM;
}

static uint64_t real_time(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static wtfcb_status run(wtfcb_benchmark_runner *runner)
{
    wtfcb_report_summary *summary = &runner->report->summary;
    summary->started_ns = real_time();
    summary->seed = runner->options->seed;
    summary->least_effect = runner->options->least_effect;
    summary->confidence = runner->options->confidence;
    wtfcb_status status = make_room(runner);
    if (status == WTFCB_OK) status = wtfcb_benchmark_baseline_machine(runner);
    if (status == WTFCB_OK) status = wtfcb_benchmark_contests_make(runner);
    for (uint32_t i = 0; i < runner->group_count && status == WTFCB_OK && !runner->cancelled; i++)
        status = measure_group(runner, i, false);
    if (status == WTFCB_OK) status = hold_against_baseline(runner);
    if (status == WTFCB_OK) status = wtfcb_benchmark_contests_report(runner);
    if (status != WTFCB_OK) return status;
    summary->fingerprint =
        wtfcb_base_arena_string(&runner->report->arena, runner->fingerprint.data, runner->fingerprint.length);
    summary->cancelled = runner->cancelled;
    summary->duration_ns = wtfcb_base_now() - runner->start_ns;
    runner->phase = "";
    if (!runner->cancelled) (void)wtfcb_benchmark_stopped(runner, true); /* nobody is left at nine of ten */
    return summary->fingerprint ? WTFCB_OK : WTFCB_ENOMEM;
}

wtfcb_status wtfcb_benchmark_runner_run(const wtfcb_benchmark_runner_options *options, wtfcb_benchmark_group *groups,
                                        uint32_t group_count, const wtfcb_report *baseline, wtfcb_report *report,
                                        wtfcb_error *ret_error)
{
    wtfcb_benchmark_runner runner = {.options = options,
                                     .groups = groups,
                                     .group_count = group_count,
                                     .baseline = baseline,
                                     .report = report,
                                     .error = ret_error,
                                     .random = options->seed,
                                     .start_ns = wtfcb_base_now(),
                                     .phase = "prepare"};
    wtfcb_base_buffer_init(&runner.fingerprint, &options->allocator);
    wtfcb_status status = run(&runner);
    if (status == WTFCB_ENOMEM) (void)wtfcb_base_error(ret_error, status, 0, NULL, "no memory for what was measured");
    wtfcb_base_buffer_free(&runner.fingerprint);
    wtfcb_base_free(&options->allocator, runner.scratch, runner.scratch_capacity * sizeof *runner.scratch);
    wtfcb_base_free(&options->allocator, runner.contests, runner.contest_capacity * sizeof *runner.contests);
    if (runner.first_rows)
        wtfcb_base_free(&options->allocator, runner.first_rows, (group_count + 1u) * sizeof *runner.first_rows);
    return status;
}
