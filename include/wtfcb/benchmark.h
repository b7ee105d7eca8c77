/**
 * @file
 * `wtfcb_benchmark`: measures scans of projects, and functions of the caller's, on a machine that is noisy.
 *
 *     wtfcb_benchmark *benchmark;
 *     wtfcb_report *report;
 *     wtfcb_benchmark_new(NULL, "sort", &benchmark);
 *     wtfcb_benchmark_add_function(benchmark, &(wtfcb_benchmark_function){.name = "quick", .run = quick, .user = &data}, sizeof ...);
 *     wtfcb_benchmark_add_function(benchmark, &(wtfcb_benchmark_function){.name = "merge", .run = merge, .user = &data}, sizeof ...);
 *     wtfcb_benchmark_compare(benchmark, "quick", "merge");
 *     wtfcb_benchmark_run(benchmark, &report, &error);
 *     wtfcb_report_save(report, "sort.html", WTFCB_REPORT_BY_NAME, &error);
 *     wtfcb_report_free(report);
 *     wtfcb_benchmark_free(benchmark);
 *
 * How one thing is measured: short functions are called as often as it takes for a sample to be long against the clock, which is 0.3 ms, and 1 ms in
 * a process of its own (calibration); runs are thrown away until their times hold steady (warm-up), or the row says that they did not; then samples are taken until the interval of the median is narrow,
 * or the time for the row is over. What is compared runs in turns, a coin deciding for each pair which goes first, and is judged by pairs. The look at the samples happens
 * at fixed numbers of pairs, so that looking does not make differences. Nothing is dropped: outliers are counted and kept.
 *
 * Projects run in the cases that WTFCB_BENCHMARK_CASES names, each run in a process of its own (fork), whose peak of memory is that run's alone.
 *
 * A process of its own is a fork(2) of the caller's that makes one sample: `set_up`, `run` and `tear_down` are called in it, so what they change in memory is gone
 * afterwards. Signal handlers of the caller's are off in it and descriptors are open; it leads a process group and is killed with all that it started once
 * it has reported, when it takes too long (WTFCB_BENCHMARK_TIMEOUT), and when the run is cancelled. One that crashes, or leaves without a report, costs its row
 * (WTFCB_ECALLBACK with a message) and nothing else.
 *
 * A row's own status is what its function answered; WTFCB_ECALLBACK and WTFCB_ETIMEOUT as above.
 *
 * Threads: single-owner; while it runs it answers WTFCB_EBUSY to its own callbacks; callbacks come on the calling thread, or with WTFCB_BENCHMARK_ISOLATE on the only thread of the forked process. After fork(2) a benchmark
 * is unusable in the child (WTFCB_EFORK; it can be freed there).
 */
#ifndef WTFCB_BENCHMARK_H
#define WTFCB_BENCHMARK_H

#include <stddef.h>
#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/cancel.h>
#include <wtfcb/option.h>
#include <wtfcb/project.h>
#include <wtfcb/report.h>
#include <wtfcb/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A benchmark. */
typedef struct wtfcb_benchmark wtfcb_benchmark;

/* Options that take a number: wtfcb_benchmark_set(). Defaults and bounds: wtfcb_benchmark_option(). */

/** Samples of each row: exactly so many; 0 (default): as many as it takes. */
#define WTFCB_BENCHMARK_RUNS 1
/** Time for the samples of one row, or of one compared pair, in ms. Default 5,000; at least six samples are taken whatever it says. */
#define WTFCB_BENCHMARK_TIME 2
/** The most runs of warming up. Default 20; 0: none. */
#define WTFCB_BENCHMARK_WARMUP 3
/** Half the width of the interval of the median, in thousandths of it, that is narrow enough to stop. Default 10. */
#define WTFCB_BENCHMARK_PRECISION 4
/** Difference, in thousandths, below which two things are the same. Default 30. */
#define WTFCB_BENCHMARK_LEAST_EFFECT 5
/** 1: functions run in a process of their own, too. Default 0: only projects do. */
#define WTFCB_BENCHMARK_ISOLATE 6
/** The most threads of a scan: of "parallel" and the sweep. 0 (default): as many as processors are usable. */
#define WTFCB_BENCHMARK_THREADS 7
/** Cases that projects are measured in: a sum of WTFCB_CASE_*. Default: WTFCB_CASE_QUICK. */
#define WTFCB_BENCHMARK_CASES 8
/** Depths that they are measured at: a sum of WTFCB_DEPTH_BIT_*. Default: syntax. */
#define WTFCB_BENCHMARK_DEPTHS 9
/** 1: cold cases drop the project's files from the page cache before each run, where that is allowed. Default 0. */
#define WTFCB_BENCHMARK_DROP_PAGES 10
/** 1: one more run of each row under the profiler: timelines, zones. Default 0. */
#define WTFCB_BENCHMARK_PROFILE 11
/** Seed of the order of runs. Default 1. */
#define WTFCB_BENCHMARK_SEED 12
/** 1: what is given with wtfcb_benchmark_set_baseline() may come from another machine or other inputs. Default 0: then it is refused. */
#define WTFCB_BENCHMARK_FOREIGN 13
/** Longest that one run in a process of its own may take, in ms; then it is killed, and its row has WTFCB_ETIMEOUT. 0: no limit. Default 600,000. */
#define WTFCB_BENCHMARK_TIMEOUT 14

/* Options that take a text: wtfcb_benchmark_set_string(). */

/** Folder for generated projects, copies of projects and caches, in a folder of its own there that is removed. NULL (default): $TMPDIR, else /tmp. */
#define WTFCB_BENCHMARK_FOLDER 64

/** WTFCB_BENCHMARK_CASES: one thread, without a cache. */
#define WTFCB_CASE_SEQUENTIAL 1
/** Likewise: all threads, without a cache. */
#define WTFCB_CASE_PARALLEL 2
/** Likewise: all threads, an empty cache that is filled. */
#define WTFCB_CASE_COLD 4
/** Likewise: all threads, a cache that knows every file. */
#define WTFCB_CASE_WARM 8
/** Likewise: the same files in another folder, a cache that knows their content. */
#define WTFCB_CASE_CLONE 16
/** Likewise: one file was edited since the last scan. */
#define WTFCB_CASE_ONE_FILE 32
/** Likewise: one file in a hundred was edited. */
#define WTFCB_CASE_ONE_PERCENT 64
/** Likewise: all thread counts from 1 to WTFCB_BENCHMARK_THREADS (above 8: powers of two and the last), without a cache. */
#define WTFCB_CASE_SWEEP 128
/** Sequential, parallel, cold, warm. */
#define WTFCB_CASE_QUICK 15
/** All of them. */
#define WTFCB_CASE_ALL 255

/** WTFCB_BENCHMARK_DEPTHS: WTFCB_DEPTH_FILES. */
#define WTFCB_DEPTH_BIT_FILES 1
/** Likewise: WTFCB_DEPTH_LINES. */
#define WTFCB_DEPTH_BIT_LINES 2
/** Likewise: WTFCB_DEPTH_SYNTAX. */
#define WTFCB_DEPTH_BIT_SYNTAX 4
/** All of them. */
#define WTFCB_DEPTH_BIT_ALL 7

/** Called before or after a sample, outside the clock; not WTFCB_OK ends the row with that status. */
typedef wtfcb_status (*wtfcb_benchmark_prepare_fn)(void *user);
/** What is measured: one call. Not WTFCB_OK ends the row with that status. */
typedef wtfcb_status (*wtfcb_benchmark_run_fn)(void *user);

/** A function to measure. Zero what is not used. */
typedef struct wtfcb_benchmark_function {
    const char *name;                     /**< of its row; copied; must be new */
    const char *parameters;               /**< to tell rows apart in reports, such as "n=1000"; copied; NULL: none */
    wtfcb_benchmark_prepare_fn set_up;    /**< before each sample; NULL: none */
    wtfcb_benchmark_run_fn run;           /**< one call of what is measured */
    wtfcb_benchmark_prepare_fn tear_down; /**< after each sample, also when `run` failed; NULL: none */
    void *user;                           /**< for all three */
    uint64_t bytes;                       /**< that one call works through, for rates; 0: unknown */
    uint64_t single;                      /**< 1: `set_up` serves one call only: a sample is one call, however short */
} wtfcb_benchmark_function;

/** How far a benchmark is. */
typedef struct wtfcb_benchmark_progress {
    const char *row;     /**< being measured, or "" */
    const char *phase;   /**< "prepare", "calibrate", "warm up", "measure", "profile" */
    uint64_t rows_done;  /**< rows finished */
    uint64_t rows;       /**< rows there are */
    uint64_t runs_done;  /**< samples of this row so far */
    uint64_t elapsed_ns; /**< since the start */
    uint64_t left_ns;    /**< estimate; WTFCB_UNKNOWN */
    double median;       /**< of the row's wall-clock times so far, ns; 0: none */
} wtfcb_benchmark_progress;

/** On the calling thread, at most ten times a second and once at each new row; not 0 cancels. */
typedef int32_t (*wtfcb_benchmark_progress_fn)(void *user, const wtfcb_benchmark_progress *progress);

/**
 * Make a benchmark with every option at its default. Starts nothing, touches no file.
 *
 * @param allocator      for all that hangs from it and its reports; NULL for libc's
 * @param name           of its reports; copied
 * @param ret_benchmark  owned by the caller, wtfcb_benchmark_free(); untouched on failure
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument, or the allocator incomplete; WTFCB_ENOMEM.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_benchmark_new(const wtfcb_allocator *allocator, const char *name,
                                           wtfcb_benchmark **ret_benchmark);
/** Free a benchmark; NULL is accepted. Reports it made stay valid. @since 0.1 */
WTFCB_API void wtfcb_benchmark_free(wtfcb_benchmark *benchmark);

/** Number of options. Constant time. @since 0.1 */
WTFCB_API uint64_t wtfcb_benchmark_option_count(void);
/**
 * Copy out the description of an option. Constant time.
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such row; WTFCB_EINVAL: `ret_row` is NULL.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_benchmark_option(uint64_t index, wtfcb_option *ret_row, size_t row_size);
/** Set a number. Constant time. WTFCB_OK; WTFCB_ENOTFOUND: no such option, or one that takes a text; WTFCB_EINVAL: out of bounds; WTFCB_EBUSY; WTFCB_EFORK. @since 0.1 */
WTFCB_API wtfcb_status wtfcb_benchmark_set(wtfcb_benchmark *benchmark, int32_t option, int64_t value);
/** Read a number. WTFCB_OK; WTFCB_ENOTFOUND: no such option; WTFCB_EINVAL: a NULL argument. @since 0.1 */
WTFCB_API wtfcb_status wtfcb_benchmark_get(const wtfcb_benchmark *benchmark, int32_t option, int64_t *ret_value);
/** Set a text, which is copied; NULL for none. WTFCB_OK; WTFCB_ENOTFOUND; WTFCB_EINVAL; WTFCB_ENOMEM; WTFCB_EBUSY; WTFCB_EFORK. @since 0.1 */
WTFCB_API wtfcb_status wtfcb_benchmark_set_string(wtfcb_benchmark *benchmark, int32_t option, const char *value);

/**
 * Add a project to scan. It is only read; cases with edits work on a copy.
 *
 * @param name  in the names of its rows; copied; must be new
 * @param path  of a folder; copied, looked at in wtfcb_benchmark_run()
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument, or the name is taken; WTFCB_ENOMEM; WTFCB_EBUSY; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_benchmark_add_project(wtfcb_benchmark *benchmark, const char *name, const char *path);
/**
 * Add a project that is generated in WTFCB_BENCHMARK_FOLDER when it is needed, and removed at the end.
 *
 * @param project  copied as it is set now
 * @return as wtfcb_benchmark_add_project()
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_benchmark_add_generated(wtfcb_benchmark *benchmark, const char *name,
                                                     const wtfcb_project *project);
/**
 * Add a function.
 *
 * @param function       copied, texts too
 * @param function_size  sizeof(wtfcb_benchmark_function) of the caller
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument, no name or `run`, `single` neither 0 nor 1, or the name is taken; WTFCB_ENOMEM; WTFCB_EBUSY; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_benchmark_add_function(wtfcb_benchmark *benchmark,
                                                    const wtfcb_benchmark_function *function, size_t function_size);
/**
 * Compare two functions: they run in turns, and a comparison of their times, and of their memory if they are isolated, is in the report.
 *
 * @param before  name of a function that was added; of one function there can be several comparisons
 * @param after   likewise; may be the same (A/A)
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no function of that name; WTFCB_EINVAL: a NULL argument; WTFCB_ENOMEM; WTFCB_EBUSY; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_benchmark_compare(wtfcb_benchmark *benchmark, const char *before, const char *after);
/**
 * Hold the next run against an earlier report: each row that both have is compared, and one that seems worse is measured once more, in the same turns with the others,
 * which decides.
 *
 * @param baseline  held; NULL: none
 * @return WTFCB_OK; WTFCB_EINVAL: `benchmark` is NULL; WTFCB_EBUSY; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_benchmark_set_baseline(wtfcb_benchmark *benchmark, wtfcb_report *baseline);

/** Be told of progress; NULL for silence. WTFCB_OK; WTFCB_EINVAL: `benchmark` is NULL; WTFCB_EBUSY; WTFCB_EFORK. @since 0.1 */
WTFCB_API wtfcb_status wtfcb_benchmark_set_progress(wtfcb_benchmark *benchmark, wtfcb_benchmark_progress_fn progress,
                                                    void *user);
/** A token that ends the run, held; NULL for none. WTFCB_OK; WTFCB_EINVAL: `benchmark` is NULL; WTFCB_EBUSY; WTFCB_EFORK. @since 0.1 */
WTFCB_API wtfcb_status wtfcb_benchmark_set_cancel(wtfcb_benchmark *benchmark, wtfcb_cancel *cancel);

/**
 * Measure all that was added. Blocks until done or cancelled; forks, writes below WTFCB_BENCHMARK_FOLDER, and removes what it wrote.
 *
 * What goes wrong with one row is that row's status. Cancelled, it returns a report of the rows that are finished, marked so.
 *
 * @param ret_report  owned by the caller, wtfcb_report_free(); untouched on failure
 * @param ret_error   optional; written only on failure
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument, or nothing was added; WTFCB_ECHANGED: the baseline is of another machine or of other inputs (the
 *         message names what differs); WTFCB_EACCES, WTFCB_ENOSPACE, WTFCB_EREADONLY, WTFCB_ENOTFOUND, WTFCB_EIO: the folder to work in; WTFCB_ENOMEM;
 *         WTFCB_EUNSUPPORTED: no process could be forked; WTFCB_EBUSY: called from one of its callbacks; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_benchmark_run(wtfcb_benchmark *benchmark, wtfcb_report **ret_report,
                                           wtfcb_error *ret_error);

#ifdef __cplusplus
}
#endif
#endif
