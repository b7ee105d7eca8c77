/*
 * The runner: measures what it is given on a machine that is noisy, and puts rows and comparisons into a report under construction.
 *
 * What is measured is a subject: a run with what comes before and after it. Subjects stand in groups. Those of a group are measured in
 * turns, one run of each a round, so that whatever slows the machine slows all of them alike: each round goes through the group in an order
 * that is drawn anew, by the seed. Groups are measured one after the other, so that what a group needs (a
 * project on the disk) is made before it and removed behind it.
 *
 *     wtfcb_benchmark_subject cases[2] = {
 *         {.name = "p syntax sequential", .project = "p", .kind = "sequential", .depth = "syntax", .threads = 1, .isolate = true, .single = true,
 *          .measures = WTFCB_BENCHMARK_MEASURE(WTFCB_REPORT_FILES_RATE) | ..., .reference = WTFCB_REPORT_NONE, .run = scan, .user = &one},
 *         {.name = "p syntax warm", ..., .reference = 0, .before = edit, .run = scan, .user = &warm}};
 *     wtfcb_benchmark_group group = {.subjects = cases, .subject_count = 2, .inputs = "p=0f3a...\n"};
 *     status = wtfcb_benchmark_runner_run(&options, &group, 1, baseline, report, &error);
 *
 * One sample of a subject, in this order:
 *
 *     before        in the calling process
 *     (fork)        if isolated
 *     set_up        in the process that runs
 *     run ...       the clock, processor time, faults and memory are those of this alone; `iterations` calls, one if `single`
 *     tear_down     in the process that runs, also when `run` failed (not when `set_up` did)
 *     (exit)        if isolated
 *     after         in the calling process, also when anything above failed (not when `before` did)
 *
 * What an isolated set_up or run changes in memory is gone afterwards; what must last between runs (the number of an edit) is for `before`.
 * Calibration and warm-up are runs like all others, so `before` counts them, too.
 *
 * What goes wrong with a subject is its row's status and ends its measurement; the others of the group go on. The runner owns nothing of what it is
 * given and keeps none of it; texts are copied into the report. It runs on the calling thread and does not care whether runs start threads of their own.
 */
#ifndef WTFCB_BENCHMARK_RUNNER_H
#define WTFCB_BENCHMARK_RUNNER_H

#include <stdbool.h>
#include <stdint.h>

#include <wtfcb/benchmark.h>

#include "benchmark/report.h"

/* What a run says of itself: what it worked through, and why it failed. Cleared before each run; of several iterations the last one's counts. */
typedef struct wtfcb_benchmark_tally {
    uint64_t files;
    uint64_t lines;
    uint64_t bytes;
    uint64_t lookups;  /* of the cache */
    uint64_t hits;     /* of them */
    uint64_t errors;   /* files that failed */
    char message[256]; /* when a status is not WTFCB_OK: why; "" leaves it to the status's own words */
} wtfcb_benchmark_tally;

/* Any part of a sample; `tally` is written to by `run` and, for the message, by the others. Not WTFCB_OK ends the row with that status. */
typedef wtfcb_status (*wtfcb_benchmark_part_fn)(void *user, wtfcb_benchmark_tally *tally);

/* Bit of a measure in `wtfcb_benchmark_subject.measures`. */
#define WTFCB_BENCHMARK_MEASURE(measure) (UINT32_C(1) << (measure))

typedef struct wtfcb_benchmark_subject {
    const char *name; /* of its row; unique among all subjects of a run */
    const char *project;
    const char *kind;
    const char *depth;
    const char *parameters; /* all of these: NULL is "" */
    uint32_t threads;
    uint32_t flags;     /* WTFCB_ROW_PAGE_CACHE_*: what the row is to say beside what the runner finds out */
    uint32_t reference; /* index in this group of what `speedup` is against; WTFCB_REPORT_NONE */
    uint32_t
        measures; /* sum of WTFCB_BENCHMARK_MEASURE() of FILES_RATE, LINES_RATE, BYTES_RATE, HIT_RATE, ERRORS: those that the tally has */
    bool isolate;                   /* each run in a process of its own */
    bool single;                    /* one call a sample, however short */
    wtfcb_benchmark_part_fn before; /* NULL: none; so the others but `run` */
    wtfcb_benchmark_part_fn set_up;
    wtfcb_benchmark_part_fn run;
    wtfcb_benchmark_part_fn tear_down;
    wtfcb_benchmark_part_fn after;
    void *user; /* for all of them */
} wtfcb_benchmark_subject;

/* Two subjects of a group, by index, that are compared by pairs: one sample of each a round. Time always, memory too if both are isolated. */
typedef struct wtfcb_benchmark_pair {
    uint32_t before;
    uint32_t after;
} wtfcb_benchmark_pair;

typedef struct wtfcb_benchmark_group {
    wtfcb_benchmark_subject *subjects;
    uint32_t subject_count;
    const wtfcb_benchmark_pair *pairs;
    uint32_t pair_count;
    /*
     * "key=value\n" lines for the fingerprint: a digest of what the runs work on; copied. Read when `begin` has been called, so that it can fill it in.
     * A key that two reports both have must have one value in them, else they are not comparable.
     */
    const char *inputs;
    /* Before the first run: make what the subjects need, correct them. Not WTFCB_OK: that is the status of all rows, `end` is not called. NULL: none. */
    wtfcb_status (*begin)(struct wtfcb_benchmark_group *group, wtfcb_error *ret_error);
    /* Behind the last run; a group whose rows are suspect is begun and ended a second time. NULL: none. */
    void (*end)(struct wtfcb_benchmark_group *group);
    void *user; /* for both */
} wtfcb_benchmark_group;

typedef struct wtfcb_benchmark_runner_options {
    wtfcb_allocator allocator;
    uint64_t runs;       /* samples of each row; 0: as many as it takes */
    uint64_t time_ns;    /* for the samples of one row, or one pair */
    uint64_t warmup;     /* most runs of warming up */
    double precision;    /* half the interval of the median / the median that is narrow enough */
    double least_effect; /* relative difference below which two things are the same */
    double confidence;   /* of intervals and verdicts */
    uint64_t timeout_ns; /* for one isolated run; 0: none */
    uint64_t seed;
    bool profile;         /* one more run of each row under a profiler */
    bool foreign;         /* a baseline of another fingerprint is accepted */
    const char *folder;   /* to write to; NULL: isolated runs cannot be profiled */
    wtfcb_cancel *cancel; /* borrowed; NULL: none */
    wtfcb_benchmark_progress_fn progress;
    void *progress_user;
} wtfcb_benchmark_runner_options;

/*
 * Measure all groups, in order. Fills the report's rows, comparisons, fingerprint, system and summary (counts, started, duration,
 * outcome, cancelled, least effect) and leaves scalings, advice and the seal to the caller. Rows stand in the order of groups and subjects; rows that a cancellation kept from
 * their first look are left out.
 *
 * Whether the baseline is of the same machine is looked at before anything is measured, whether it is of the same inputs as soon as a group has begun.
 *
 * WTFCB_OK, also when it was cancelled; WTFCB_ECHANGED: the baseline is not comparable; WTFCB_ENOMEM; WTFCB_EUNSUPPORTED: no process could be forked;
 * the report is then to be thrown away.
 */
wtfcb_status wtfcb_benchmark_runner_run(const wtfcb_benchmark_runner_options *options, wtfcb_benchmark_group *groups,
                                        uint32_t group_count, const wtfcb_report *baseline, wtfcb_report *report,
                                        wtfcb_error *ret_error);

#endif
