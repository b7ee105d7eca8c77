/*
 * A run of the handle: a schedule is made of what was added, the runner makes a report of it, and nothing else is left.
 */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "benchmark/advice.h"
#include "benchmark/benchmark.h"
#include "benchmark/folder.h"
#include "benchmark/suite.h"
#include "benchmark/sweep.h"

#define MS UINT64_C(1000000)

wtfcb_benchmark_group *wtfcb_benchmark_schedule_group(wtfcb_benchmark_schedule *schedule)
{
    if (!wtfcb_base_reserve(&schedule->benchmark->allocator, (void **)&schedule->groups, &schedule->group_capacity,
                            schedule->group_count + (size_t)1, sizeof *schedule->groups))
        return NULL;
    wtfcb_benchmark_group *group = &schedule->groups[schedule->group_count++];
    memset(group, 0, sizeof *group);
    return group;
}

static wtfcb_benchmark_runner_options options_of(const wtfcb_benchmark *benchmark, const char *folder)
{
    const int64_t *values = benchmark->values;
    return (wtfcb_benchmark_runner_options){
        .allocator = benchmark->allocator,
        .runs = (uint64_t)values[WTFCB_BENCHMARK_RUNS],
        .time_ns = (uint64_t)values[WTFCB_BENCHMARK_TIME] * MS,
        .warmup = (uint64_t)values[WTFCB_BENCHMARK_WARMUP],
        .precision = (double)values[WTFCB_BENCHMARK_PRECISION] / 1000,
        .least_effect = (double)values[WTFCB_BENCHMARK_LEAST_EFFECT] / 1000,
        .confidence = 0.95,
        .timeout_ns = (uint64_t)values[WTFCB_BENCHMARK_TIMEOUT] * MS,
        .seed = (uint64_t)values[WTFCB_BENCHMARK_SEED],
        .profile = values[WTFCB_BENCHMARK_PROFILE] != 0,
        .foreign = values[WTFCB_BENCHMARK_FOREIGN] != 0,
        .folder = folder,
        .cancel = benchmark->cancel,
        .progress = benchmark->progress,
        .progress_user = benchmark->progress_user,
    };
}

/* Whether anything will be written to disk. */
static bool needs_folder(const wtfcb_benchmark *benchmark)
{
    return benchmark->project_count > 0 ||
           (benchmark->values[WTFCB_BENCHMARK_PROFILE] != 0 && benchmark->values[WTFCB_BENCHMARK_ISOLATE] != 0);
}

static wtfcb_status measure(wtfcb_benchmark_schedule *schedule, wtfcb_report *report, wtfcb_error *ret_error)
{
    const wtfcb_benchmark *benchmark = schedule->benchmark;
    const wtfcb_benchmark_runner_options options = options_of(benchmark, schedule->folder);
    report->summary.name = wtfcb_benchmark_report_text(report, benchmark->name);
    if (!report->summary.name) return WTFCB_ENOMEM;
    wtfcb_status status = wtfcb_benchmark_schedule_functions(schedule);
    if (status == WTFCB_OK) status = wtfcb_benchmark_schedule_projects(schedule);
    if (status == WTFCB_OK)
        status = wtfcb_benchmark_runner_run(&options, schedule->groups, schedule->group_count, benchmark->baseline,
                                            report, ret_error);
    if (status == WTFCB_OK) status = wtfcb_benchmark_report_seal(report);
    if (status == WTFCB_OK) status = wtfcb_benchmark_sweep(report);
    return status == WTFCB_OK ? wtfcb_benchmark_advise(report) : status;
}

static wtfcb_status run(wtfcb_benchmark *benchmark, wtfcb_report **ret_report, wtfcb_error *ret_error)
{
    char folder[PATH_MAX] = "";
    wtfcb_report *report = NULL;
    wtfcb_benchmark_schedule schedule = {.benchmark = benchmark};
    wtfcb_base_arena_init(&schedule.arena, &benchmark->allocator);
    wtfcb_status status = WTFCB_OK;
    if (needs_folder(benchmark)) {
        status = wtfcb_benchmark_folder_make(benchmark->folder, folder, sizeof folder, ret_error);
        if (status == WTFCB_OK) schedule.folder = folder;
    }
    if (status == WTFCB_OK) status = wtfcb_benchmark_report_new(&benchmark->allocator, &report);
    if (status == WTFCB_OK) status = measure(&schedule, report, ret_error);
    if (schedule.folder) wtfcb_benchmark_folder_remove(schedule.folder);
    wtfcb_base_free(&benchmark->allocator, schedule.groups, schedule.group_capacity * sizeof *schedule.groups);
    wtfcb_base_arena_free(&schedule.arena);
    if (status == WTFCB_ENOMEM) (void)wtfcb_base_error(ret_error, status, 0, NULL, "no memory for what is measured");
    if (status == WTFCB_OK)
        *ret_report = report;
    else
        wtfcb_report_free(report);
    return status;
}

wtfcb_status wtfcb_benchmark_run(wtfcb_benchmark *benchmark, wtfcb_report **ret_report, wtfcb_error *ret_error)
{
    if (!benchmark || !ret_report) return wtfcb_base_error(ret_error, WTFCB_EINVAL, 0, NULL, "an argument is NULL");
    if (benchmark->process != getpid())
        return wtfcb_base_error(ret_error, WTFCB_EFORK, 0, NULL,
                                "the benchmark was made before a fork(2): make one in this process");
    if (benchmark->running)
        return wtfcb_base_error(ret_error, WTFCB_EBUSY, 0, NULL,
                                "the benchmark is running: this is a call from inside");
    if (benchmark->function_count == 0 && benchmark->project_count == 0)
        return wtfcb_base_error(ret_error, WTFCB_EINVAL, 0, NULL, "nothing was added to the benchmark");
    benchmark->running = true;
    wtfcb_status status = run(benchmark, ret_report, ret_error);
    benchmark->running = false;
    return status;
}
