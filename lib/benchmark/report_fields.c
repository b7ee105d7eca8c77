/* The tables of keys; see report_fields.h. */
#include "benchmark/report_fields.h"

#include "benchmark/report.h"

#define FIELD(kind_, type_, key_, member_)                                                                             \
    {                                                                                                                  \
        key_, offsetof(type_, member_), sizeof(((type_ *)0)->member_), WTFCB_PROFILER_FIELD_##kind_                    \
    }
#define END                                                                                                            \
    {                                                                                                                  \
        NULL, 0, 0, WTFCB_PROFILER_FIELD_COUNT                                                                         \
    }

#define SUMMARY(kind_, key_, member_) FIELD(kind_, wtfcb_report_summary, key_, member_)
const wtfcb_profiler_field wtfcb_benchmark_summary_fields[] = {
    SUMMARY(TEXT, "name", name),
    SUMMARY(COUNT, "started_ns", started_ns),
    SUMMARY(COUNT, "duration_ns", duration_ns),
    SUMMARY(COUNT, "seed", seed),
    SUMMARY(REAL, "least_effect", least_effect),
    SUMMARY(REAL, "confidence", confidence),
    SUMMARY(FLAG, "cancelled", cancelled),
    SUMMARY(TEXT, "fingerprint", fingerprint),
    END,
};

#define ROW(kind_, key_, member_) FIELD(kind_, wtfcb_report_row, key_, member_)
const wtfcb_profiler_field wtfcb_benchmark_row_fields[] = {
    ROW(TEXT, "name", name),
    ROW(TEXT, "project", project),
    ROW(TEXT, "kind", kind),
    ROW(TEXT, "depth", depth),
    ROW(TEXT, "parameters", parameters),
    ROW(SMALL, "threads", threads),
    ROW(STATUS, "status", status),
    ROW(TEXT, "message", message),
    ROW(PARENT, "reference", reference),
    ROW(COUNT, "runs", runs),
    ROW(COUNT, "warmups", warmups),
    ROW(COUNT, "iterations", iterations),
    ROW(COUNT, "files", files),
    ROW(COUNT, "lines", lines),
    ROW(COUNT, "bytes", bytes),
    END,
};
const wtfcb_profiler_field wtfcb_benchmark_computed_fields[] = {
    ROW(REAL, "speedup", speedup),
    ROW(REAL, "speedup_low", speedup_low),
    ROW(REAL, "speedup_high", speedup_high),
    ROW(REAL, "noise", noise),
    END,
};

#define FIGURE(kind_, key_, member_) FIELD(kind_, wtfcb_report_figure, key_, member_)
const wtfcb_profiler_field wtfcb_benchmark_figure_fields[] = {
    FIGURE(COUNT, "count", count),
    FIGURE(REAL, "median", median),
    FIGURE(REAL, "low", low),
    FIGURE(REAL, "high", high),
    FIGURE(REAL, "level", level),
    FIGURE(REAL, "mad", mad),
    FIGURE(REAL, "mean", mean),
    FIGURE(REAL, "deviation", deviation),
    FIGURE(REAL, "minimum", minimum),
    FIGURE(REAL, "maximum", maximum),
    FIGURE(COUNT, "low_severe", low_severe),
    FIGURE(COUNT, "low_mild", low_mild),
    FIGURE(COUNT, "high_mild", high_mild),
    FIGURE(COUNT, "high_severe", high_severe),
    END,
};

#define COMPARISON(kind_, key_, member_) FIELD(kind_, wtfcb_report_comparison, key_, member_)
const wtfcb_profiler_field wtfcb_benchmark_comparison_fields[] = {
    COMPARISON(TEXT, "before", before),
    COMPARISON(TEXT, "after", after),
    COMPARISON(FLAG, "again", again),
    COMPARISON(REAL, "change", change),
    COMPARISON(REAL, "low", low),
    COMPARISON(REAL, "high", high),
    COMPARISON(REAL, "p", p),
    COMPARISON(REAL, "p_single", p_single),
    COMPARISON(REAL, "least_effect", least_effect),
    COMPARISON(REAL, "effect_size", effect_size),
    COMPARISON(COUNT, "count_before", count_before),
    COMPARISON(COUNT, "count_after", count_after),
    END,
};

#define SCALING(kind_, key_, member_) FIELD(kind_, wtfcb_report_scaling, key_, member_)
const wtfcb_profiler_field wtfcb_benchmark_scaling_fields[] = {
    SCALING(TEXT, "project", project),
    SCALING(TEXT, "depth", depth),
    SCALING(TEXT, "message", message),
    SCALING(SMALL, "recommended", recommended),
    SCALING(SMALL, "best", best),
    SCALING(REAL, "amdahl_serial", amdahl_serial),
    SCALING(REAL, "amdahl_r2", amdahl_r2),
    SCALING(REAL, "usl_rate", usl_rate),
    SCALING(REAL, "usl_contention", usl_contention),
    SCALING(REAL, "usl_coherency", usl_coherency),
    SCALING(REAL, "usl_r2", usl_r2),
    END,
};

#define POINT(kind_, key_, member_) FIELD(kind_, wtfcb_report_scaling_point, key_, member_)
const wtfcb_profiler_field wtfcb_benchmark_point_fields[] = {
    POINT(SMALL, "threads", threads),
    POINT(INDEX, "row", row),
    POINT(REAL, "rate", rate),
    POINT(REAL, "rate_low", rate_low),
    POINT(REAL, "rate_high", rate_high),
    POINT(REAL, "memory", memory),
    POINT(REAL, "speedup", speedup),
    POINT(REAL, "amdahl", amdahl),
    POINT(REAL, "usl", usl),
    END,
};

#define ADVICE(key_, member_) FIELD(TEXT, wtfcb_report_advice, key_, member_)
const wtfcb_profiler_field wtfcb_benchmark_advice_fields[] = {
    ADVICE("rule", rule), ADVICE("project", project), ADVICE("text", text), ADVICE("evidence", evidence), END,
};

/* -------------------------------------------------------------------------------------------------------------------- */
/* By name. All of these stand in files. */

static const char *const outcomes[] = {"none", "pass", "regression", "inconclusive"};
static const char *const verdicts[] = {"unknown", "better", "same", "worse", "inconclusive"};
static const char *const methods[] = {"unknown", "pairs", "baseline"};
static const char *const fits[] = {"none", "amdahl", "usl", "both"};
static const char *const measures[WTFCB_REPORT_MEASURES + 1] = {
    "unknown",      "wall",       "user",       "system",     "memory",   "minor-faults",
    "major-faults", "files-rate", "lines-rate", "bytes-rate", "hit-rate", "errors",
};

const char *const wtfcb_benchmark_flag_names[WTFCB_BENCHMARK_FLAGS] = {
    "not-steady", "isolated", "page-cache-dropped", "page-cache-kept", "cut", "again",
};

#define CHOICE(type_, key_, member_, names_)                                                                           \
    {                                                                                                                  \
        key_, offsetof(type_, member_), names_, sizeof(names_) / sizeof *(names_)                                      \
    }

const wtfcb_benchmark_choice wtfcb_benchmark_summary_choices[] = {
    CHOICE(wtfcb_report_summary, "outcome", outcome, outcomes),
    {NULL, 0, NULL, 0},
};
const wtfcb_benchmark_choice wtfcb_benchmark_comparison_choices[] = {
    CHOICE(wtfcb_report_comparison, "measure", measure, measures),
    CHOICE(wtfcb_report_comparison, "method", method, methods),
    CHOICE(wtfcb_report_comparison, "verdict", verdict, verdicts),
    {NULL, 0, NULL, 0},
};
const wtfcb_benchmark_choice wtfcb_benchmark_scaling_choices[] = {
    CHOICE(wtfcb_report_scaling, "fitted", fitted, fits),
    {NULL, 0, NULL, 0},
};

const char *wtfcb_benchmark_choice_name(const wtfcb_benchmark_choice *choice, const void *row)
{
    uint32_t number = *(const uint32_t *)(const void *)((const char *)row + choice->offset);
    return choice->names[number < choice->count ? number : 0];
}

const char *wtfcb_benchmark_measure_name(uint32_t measure)
{
    return measures[measure <= WTFCB_REPORT_MEASURES ? measure : 0];
}
