/*
 * What the files of the runner share: the run under way, a subject that is being measured, a comparison that is being made.
 *
 * runner.c goes through groups and fills the report; runner_series.c measures one subject; runner_rounds.c measures those of a group in turns and
 * says when it is enough; runner_contest.c compares; baseline.c knows what another report has to do with this one.
 */
#ifndef WTFCB_BENCHMARK_RUNNER_PARTS_H
#define WTFCB_BENCHMARK_RUNNER_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "benchmark/compare.h"
#include "benchmark/measure.h"
#include "benchmark/runner.h"
#include "benchmark/statistics.h"

/* Samples of a row that a median's interval takes at least. */
#define WTFCB_BENCHMARK_LEAST_RUNS 6
/* Pairs of a comparison at most: it looks at all averages of two of them, which are half a million. */
#define WTFCB_BENCHMARK_MOST_PAIRS 2000
/* Samples of a row at most, where nobody says how many. */
#define WTFCB_BENCHMARK_MOST_RUNS 10000

/* A difference of memory in bytes that is nobody's concern: kernels count resident pages in batches. */
#define WTFCB_BENCHMARK_LEAST_MEMORY (128.0 * 1024)

/* Beside WTFCB_ROW_* in the flags of a series: some sample has no memory. */
#define WTFCB_BENCHMARK_NO_MEMORY (UINT32_C(1) << 31)

/* A subject that is being measured. A sample is WTFCB_REPORT_MEASURES values, by measure. */
typedef struct wtfcb_benchmark_series {
    const wtfcb_benchmark_subject *subject;
    double *samples;
    size_t count;
    size_t capacity;
    uint64_t iterations;
    uint64_t warmups;
    uint64_t last_ns;            /* that the last sample took, with all around it */
    uint32_t known;              /* WTFCB_BENCHMARK_MEASURE() of those that every sample has */
    uint32_t flags;              /* WTFCB_ROW_* */
    bool steady;                 /* when warming up ended */
    bool along;                  /* measured only so that others are measured as the first time */
    wtfcb_status status;         /* not WTFCB_OK: it is out, and `tally.message` says why */
    wtfcb_benchmark_tally tally; /* of the last sample */
    wtfcb_profile *profile;
} wtfcb_benchmark_series;

/* Two rows, or a row and that of the baseline, in one measure. */
typedef struct wtfcb_benchmark_contest {
    uint32_t method;  /* WTFCB_COMPARISON_* */
    uint32_t measure; /* WTFCB_REPORT_* */
    uint32_t group;
    uint32_t before; /* index of a subject in the group; of a row in the baseline */
    uint32_t after;  /* index of a subject in the group */
    bool held;       /* both have samples: there is something to report */
    bool again;      /* these are the figures of a second measurement */
    bool suspect;    /* the first one said "worse" */
    wtfcb_benchmark_rule rule;
    wtfcb_benchmark_sequence sequence;
    wtfcb_benchmark_comparison figures;
    wtfcb_benchmark_verdict_code verdict;
    uint64_t count_before;
    uint64_t count_after;
    double corrected; /* p of the sequence, for all contests */
} wtfcb_benchmark_contest;

/* A run under way. */
typedef struct wtfcb_benchmark_runner {
    const wtfcb_benchmark_runner_options *options;
    wtfcb_benchmark_group *groups;
    uint32_t group_count;
    uint32_t row_total;
    uint32_t *first_rows; /* of each group */
    const wtfcb_report *baseline;
    wtfcb_report *report;
    wtfcb_error *error;
    wtfcb_benchmark_contest *contests;
    size_t contest_count;
    size_t contest_capacity;
    double *scratch;
    size_t scratch_capacity;
    wtfcb_base_buffer fingerprint; /* so far; not terminated */
    uint64_t random;               /* state of the generator */
    uint64_t start_ns;
    uint64_t told_ns; /* of the last progress */
    uint64_t left_ns; /* at most, of the groups behind this one */
    uint64_t ends_ns; /* when this group is over at the latest; 0: not known */
    const char *phase;
    const wtfcb_benchmark_series *current;
    uint32_t rows_done;
    bool cancelled;
} wtfcb_benchmark_runner;

/* Room for `count` numbers, kept by the runner for the next caller; NULL when memory has run out. */
double *wtfcb_benchmark_scratch(wtfcb_benchmark_runner *runner, size_t count);

/* A number below `bound`, which is not 0 (SplitMix64). */
uint32_t wtfcb_benchmark_pick(wtfcb_benchmark_runner *runner, uint32_t bound);

/* Tell how far we are, if it is time or `now`; true, for ever, if the run was cancelled. */
bool wtfcb_benchmark_stopped(wtfcb_benchmark_runner *runner, bool now);

/* Values of one measure in the order of measurement, into `values`. */
void wtfcb_benchmark_series_values(const wtfcb_benchmark_series *series, uint32_t measure, double *values);

/* Whether all of its samples have a measure; false of a series that failed or has none. */
bool wtfcb_benchmark_series_knows(const wtfcb_benchmark_series *series, uint32_t measure);

/*
 * All of these: WTFCB_OK, whatever becomes of the subject, and also when the run was cancelled; WTFCB_ENOMEM; WTFCB_EUNSUPPORTED: no process could be forked.
 */

/* One sample. */
wtfcb_status wtfcb_benchmark_series_sample(wtfcb_benchmark_runner *runner, wtfcb_benchmark_series *series);
/* How many calls make a sample. */
wtfcb_status wtfcb_benchmark_series_calibrate(wtfcb_benchmark_runner *runner, wtfcb_benchmark_series *series);
/* One more run, under a profiler. */
wtfcb_status wtfcb_benchmark_series_profile(wtfcb_benchmark_runner *runner, wtfcb_benchmark_series *series);

/* The whole of a group: calibration, warm-up, samples, profiles. */
wtfcb_status wtfcb_benchmark_rounds(wtfcb_benchmark_runner *runner, uint32_t group, wtfcb_benchmark_series *series);
/* The most time that the samples of a group take. */
uint64_t wtfcb_benchmark_rounds_time(const wtfcb_benchmark_runner *runner, const wtfcb_benchmark_group *group);

/* A row for each comparison that will be made, as far as that can be known. WTFCB_ENOMEM. */
wtfcb_status wtfcb_benchmark_contests_make(wtfcb_benchmark_runner *runner);
/* The pairs of a group are about to be measured, `maximum` of them at most. */
void wtfcb_benchmark_contests_start(wtfcb_benchmark_runner *runner, uint32_t group, size_t maximum);
/* Look at the pairs of a group. `*ret_decided`: all of them are decided. WTFCB_ENOMEM. */
wtfcb_status wtfcb_benchmark_contests_look(wtfcb_benchmark_runner *runner, uint32_t group,
                                           const wtfcb_benchmark_series *series, bool last, bool *ret_decided);
/* Whether the next look at the pairs of a group is after `count` of them. */
bool wtfcb_benchmark_contests_due(const wtfcb_benchmark_runner *runner, uint32_t group, size_t count);
/* The pairs of a group have no samples: it was cancelled. */
void wtfcb_benchmark_contests_drop(wtfcb_benchmark_runner *runner, uint32_t group);
/* Compare rows with those of the baseline; `again`: those that were suspect. WTFCB_ENOMEM. */
wtfcb_status wtfcb_benchmark_contests_baseline(wtfcb_benchmark_runner *runner, bool again);
/* Whether anything seems worse than in the baseline; from then on _suspect() knows what is to be measured again. */
bool wtfcb_benchmark_contests_suspects(wtfcb_benchmark_runner *runner);
/* Whether a subject is to be measured again: it is suspect, or one is that is compared with others of its group. */
bool wtfcb_benchmark_contests_suspect(const wtfcb_benchmark_runner *runner, uint32_t group, uint32_t subject);
/* Verdicts over all contests, by Holm's correction. WTFCB_ENOMEM. */
wtfcb_status wtfcb_benchmark_contests_judge(wtfcb_benchmark_runner *runner);
/* Write them to the report. WTFCB_ENOMEM. */
wtfcb_status wtfcb_benchmark_contests_report(wtfcb_benchmark_runner *runner);

/* The least effect of a comparison of memory: relative, and at least WTFCB_BENCHMARK_LEAST_MEMORY of the mean of what it was before. */
double wtfcb_benchmark_least_memory(double least_effect, const double *before, size_t count);

/* What is known of the machine into the report, its part of the fingerprint, and whether the baseline has the same. WTFCB_ENOMEM; WTFCB_ECHANGED. */
wtfcb_status wtfcb_benchmark_baseline_machine(wtfcb_benchmark_runner *runner);
/* Likewise the inputs of a group. */
wtfcb_status wtfcb_benchmark_baseline_inputs(wtfcb_benchmark_runner *runner, const char *inputs);
/* Compare the row of a contest with that of the baseline; both reports are sealed. WTFCB_ENOMEM. */
wtfcb_status wtfcb_benchmark_baseline_compare(wtfcb_benchmark_runner *runner, wtfcb_benchmark_contest *contest);

#endif
