/*
 * The table of options of a benchmark: names, bounds, defaults. An option is added here and in wtfcb/benchmark.h and nowhere else.
 */
#include "benchmark/benchmark.h"

#include "base/row.h"

#define DAY_MS 86400000

#define ROW(id_, name_, summary_, minimum_, maximum_, default_, type_, results_, unit_)                                \
    {                                                                                                                  \
        .name = name_, .summary = summary_, .minimum = minimum_, .maximum = maximum_, .default_value = default_,       \
        .id = WTFCB_BENCHMARK_##id_, .type = WTFCB_OPTION_##type_, .affects_results = results_,                        \
        .unit = WTFCB_UNIT_##unit_                                                                                     \
    }

static const wtfcb_option options[] = {
    ROW(RUNS, "runs", "samples of each row; 0: as many as it takes", 0, 1000000, 0, INTEGER, 0, NONE),
    ROW(TIME, "time", "time for the samples of one row or pair", 1, DAY_MS, 5000, INTEGER, 0, MS),
    ROW(WARMUP, "warmup", "most runs of warming up; 0: none", 0, 10000, 20, INTEGER, 0, NONE),
    ROW(PRECISION, "precision", "half the median's interval that is narrow enough, in thousandths", 1, 1000, 10,
        INTEGER, 0, NONE),
    ROW(LEAST_EFFECT, "least-effect", "difference below which two things are the same, in thousandths", 1, 10000, 30,
        INTEGER, 0, NONE),
    ROW(ISOLATE, "isolate", "functions run in a process of their own", 0, 1, 0, FLAG, 1, NONE),
    ROW(THREADS, "threads", "most threads of a scan; 0: as many as processors are usable", 0, 1024, 0, INTEGER, 1,
        NONE),
    ROW(CASES, "cases", "what projects are measured in, a sum", 1, WTFCB_CASE_ALL, WTFCB_CASE_QUICK, INTEGER, 1, NONE),
    ROW(DEPTHS, "depths", "depths of scans, a sum: 1 files, 2 lines, 4 syntax", 1, WTFCB_DEPTH_BIT_ALL,
        WTFCB_DEPTH_BIT_SYNTAX, INTEGER, 1, NONE),
    ROW(DROP_PAGES, "drop-pages", "drop files from the page cache before cold runs", 0, 1, 0, FLAG, 1, NONE),
    ROW(PROFILE, "profile", "one more run of each row under the profiler", 0, 1, 0, FLAG, 0, NONE),
    ROW(SEED, "seed", "of the order of runs", 0, INT64_MAX, 1, INTEGER, 1, NONE),
    ROW(FOREIGN, "foreign", "accept a baseline of another machine or other inputs", 0, 1, 0, FLAG, 0, NONE),
    ROW(TIMEOUT, "timeout", "longest run in a process of its own; 0: no limit", 0, DAY_MS, 600000, INTEGER, 0, MS),
    ROW(FOLDER, "folder", "for what is generated, copied and cached", 0, 0, 0, STRING, 0, NONE),
};

enum { OPTION_COUNT = sizeof options / sizeof *options };

uint64_t wtfcb_benchmark_option_count(void)
{
    return OPTION_COUNT;
}

wtfcb_status wtfcb_benchmark_option(uint64_t index, wtfcb_option *ret_row, size_t row_size)
{
    if (!ret_row || row_size == 0) return WTFCB_EINVAL;
    if (index >= OPTION_COUNT) return WTFCB_ENOTFOUND;
    wtfcb_base_row_copy(ret_row, row_size, &options[index], sizeof options[index]);
    return WTFCB_OK;
}

const wtfcb_option *wtfcb_benchmark_option_of(int32_t id)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (options[i].id == id) return &options[i];
    return NULL;
}

void wtfcb_benchmark_set_defaults(wtfcb_benchmark *benchmark)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (options[i].type != WTFCB_OPTION_STRING) benchmark->values[options[i].id] = options[i].default_value;
}
