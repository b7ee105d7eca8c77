/**
 * @file
 * `wtfcb_report`: what a benchmark measured, or what was saved of it.
 *
 * A report has
 *
 * - a summary, the machine it was measured on and its fingerprint: what must be equal for two reports to be comparable;
 * - rows: what was measured, one for each case, with every sample of every measure kept in the order in which it was taken;
 * - figures of a row and a measure: median, interval, spread, outliers;
 * - comparisons of two rows, or of a row with the one of the same name in a baseline, with a verdict;
 * - scalings: throughput and memory over thread counts, the models that explain the curve, and the count that is recommended;
 * - advice: recommendations, each with the evidence that it rests on.
 *
 * Times are nanoseconds, sizes bytes, rates per second; a measure that is not known of a row has no samples. Rows are copied out as far as the caller's
 * struct reaches; what they point to lives as long as the report.
 *
 * Threads: immutable and counted.
 */
#ifndef WTFCB_REPORT_H
#define WTFCB_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/export.h>
#include <wtfcb/profile.h>
#include <wtfcb/status.h>
#include <wtfcb/system.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A report. */
typedef struct wtfcb_report wtfcb_report;

/** A measure: wall-clock time of one run, ns. */
#define WTFCB_REPORT_WALL 1
/** Likewise: processor time in user mode, ns; children included. */
#define WTFCB_REPORT_USER 2
/** Likewise: processor time in the kernel, ns. */
#define WTFCB_REPORT_SYSTEM 3
/** Likewise: the most that was resident in that run alone, bytes: what it added to what was resident before, or when its own process was born. */
#define WTFCB_REPORT_MEMORY 4
/** Likewise: page faults without input. */
#define WTFCB_REPORT_MINOR_FAULTS 5
/** Likewise: page faults that waited for input. */
#define WTFCB_REPORT_MAJOR_FAULTS 6
/** Likewise: files a second of wall-clock time. */
#define WTFCB_REPORT_FILES_RATE 7
/** Likewise: lines a second. */
#define WTFCB_REPORT_LINES_RATE 8
/** Likewise: bytes a second. */
#define WTFCB_REPORT_BYTES_RATE 9
/** Likewise: part of the lookups that the cache answered, 0 to 1. */
#define WTFCB_REPORT_HIT_RATE 10
/** Likewise: files that failed. */
#define WTFCB_REPORT_ERRORS 11
/** Number of measures; ids are 1 to this. */
#define WTFCB_REPORT_MEASURES 11

/** `wtfcb_report_measure_row.better`: less is better. */
#define WTFCB_REPORT_LESS (-1)
/** Likewise: more is better. */
#define WTFCB_REPORT_MORE 1
/** Likewise: neither. */
#define WTFCB_REPORT_NEITHER 0

/** No row. */
#define WTFCB_REPORT_NONE UINT32_MAX

/** `wtfcb_report_row.flags`: times still moved when warming up ended. */
#define WTFCB_ROW_NOT_STEADY 1
/** Likewise: every run was a process of its own. */
#define WTFCB_ROW_ISOLATED 2
/** Likewise: files were dropped from the page cache before every run. */
#define WTFCB_ROW_PAGE_CACHE_DROPPED 4
/** Likewise: it should have been, and was not allowed. */
#define WTFCB_ROW_PAGE_CACHE_KEPT 8
/** Likewise: time ran out before the interval was as narrow as was asked for. */
#define WTFCB_ROW_CUT 16
/** Likewise: it was measured a second time, and these are the second figures. */
#define WTFCB_ROW_AGAIN 32

/** `wtfcb_report_comparison.verdict`: an improvement that is beyond doubt and beyond the least effect. */
#define WTFCB_VERDICT_BETTER 1
/** Likewise: whatever the difference is, it is less than the least effect. */
#define WTFCB_VERDICT_SAME 2
/** Likewise: a deterioration that is beyond doubt and beyond the least effect. */
#define WTFCB_VERDICT_WORSE 3
/** Likewise: the samples do not say. */
#define WTFCB_VERDICT_INCONCLUSIVE 4

/** `wtfcb_report_comparison.method`: pairs that were run in turns. */
#define WTFCB_COMPARISON_PAIRS 1
/** Likewise: two runs at different times; the noise that the baseline saw between equal runs is part of the doubt. */
#define WTFCB_COMPARISON_BASELINE 2

/** `wtfcb_report_summary.outcome`: nothing was compared with a baseline. */
#define WTFCB_OUTCOME_NONE 0
/** Likewise: nothing is worse. */
#define WTFCB_OUTCOME_PASS 1
/** Likewise: something is worse. */
#define WTFCB_OUTCOME_REGRESSION 2
/** Likewise: nothing is worse for sure, and something could be. */
#define WTFCB_OUTCOME_INCONCLUSIVE 3

/** Chosen by the ending of the file's name: see wtfcb_report_save(). */
#define WTFCB_REPORT_BY_NAME 0
/** JSON: the keys that hyperfine's reports have, and all else that a report has; wtfcb_report_load() reads it. */
#define WTFCB_REPORT_JSON 1
/** One line a row and measure with its figures, comma-separated (quoted after RFC 4180, plain line feeds); what spreadsheets would run is made a text. */
#define WTFCB_REPORT_CSV 2
/** Tables for a page of text. */
#define WTFCB_REPORT_MARKDOWN 3
/** One page that needs nothing else: bars with intervals, scatter of samples, scaling, timelines, advice. */
#define WTFCB_REPORT_HTML 4
/** Tables for a terminal, at most 100 columns wide, without colours. */
#define WTFCB_REPORT_TABLE 5

/** A report in short. */
typedef struct wtfcb_report_summary {
    const char *name;          /**< of the benchmark, NUL-terminated */
    uint64_t started_ns;       /**< since 1970 */
    uint64_t duration_ns;      /**< of it all */
    uint64_t seed;             /**< that generated projects and the order of runs come from */
    double least_effect;       /**< relative difference below which two rows are the same, such as 0.03 */
    double confidence;         /**< of intervals, such as 0.95 */
    uint32_t row_count;        /**< rows of wtfcb_report_row_at() */
    uint32_t comparison_count; /**< likewise */
    uint32_t scaling_count;    /**< likewise */
    uint32_t advice_count;     /**< likewise */
    uint32_t outcome;          /**< WTFCB_OUTCOME_* */
    uint32_t cancelled;        /**< 1: rows are missing */
    const char
        *fingerprint; /**< "key=value" lines: processor, cores usable, memory, kernel, compiler, version, inputs */
} wtfcb_report_summary;

/** What can be known of a measure. */
typedef struct wtfcb_report_measure_row {
    const char *name;    /**< such as "wall", NUL-terminated */
    const char *summary; /**< a few words */
    const char *unit;    /**< "ns", "bytes", "1/s", "bytes/s"; "": a number or a part */
    uint32_t id;         /**< WTFCB_REPORT_* */
    int32_t better;      /**< WTFCB_REPORT_LESS, WTFCB_REPORT_MORE, WTFCB_REPORT_NEITHER */
} wtfcb_report_measure_row;

/** Something that was measured. */
typedef struct wtfcb_report_row {
    const char *name;    /**< unique in the report, such as "kernel syntax cold -j2", NUL-terminated */
    const char *project; /**< or "" */
    const char *
        kind; /**< name of the case: "sequential", "parallel", "cold", "warm", "clone", "one-file", "one-percent", "function" */
    const char *depth;      /**< "files", "lines", "syntax" or "" */
    const char *parameters; /**< as the caller named them, or "" */
    const char *message;    /**< why it could not be measured, or "" */
    uint32_t threads;       /**< of the scanner; 0: does not apply */
    uint32_t flags;         /**< WTFCB_ROW_* */
    wtfcb_status status;    /**< WTFCB_OK, or why there are no samples */
    uint32_t reference;     /**< index of the row that `speedup` is against; WTFCB_REPORT_NONE */
    uint64_t runs;          /**< samples of each measure */
    uint64_t warmups;       /**< runs before those, not kept */
    uint64_t iterations;    /**< calls that one sample is the mean of */
    uint64_t files;         /**< that one run is about; 0: not known */
    uint64_t lines;         /**< likewise */
    uint64_t bytes;         /**< likewise */
    double speedup;         /**< median of the reference's wall-clock time / this one's; 0: none */
    double
        speedup_low; /**< least that both intervals allow: the low end of the reference's / the high end of this one's */
    double speedup_high; /**< likewise the most */
    double
        noise; /**< relative shift of the median of wall-clock times between halves of the samples that took turns (every second one):
                    its A/A noise floor; 0 of less than four */
} wtfcb_report_row;

/** Figures of one measure of one row. */
typedef struct wtfcb_report_figure {
    uint64_t count; /**< samples */
    double median;  /**< of an even number: the mean of the middle two */
    double
        low; /**< of the interval of the median, by order statistics; the least sample if there are too few for one */
    double high;      /**< likewise */
    double level;     /**< confidence that the interval has, at least what was asked for; 0: too few samples for one */
    double mad;       /**< median absolute deviation from the median, not scaled */
    double mean;      /**< arithmetic */
    double deviation; /**< standard deviation of the sample (n - 1); 0 for one */
    double minimum;   /**< the least */
    double maximum;   /**< the most */
    uint64_t
        low_severe; /**< samples below the lower quartile by more than three times the distance of the quartiles; kept */
    uint64_t low_mild;    /**< by more than 1.5 times */
    uint64_t high_mild;   /**< likewise above the upper quartile */
    uint64_t high_severe; /**< likewise by more than three times */
} wtfcb_report_figure;

/** Two rows held against each other in one measure. */
typedef struct wtfcb_report_comparison {
    const char *before;    /**< name of a row, of the baseline for WTFCB_COMPARISON_BASELINE */
    const char *after;     /**< name of a row of this report */
    uint32_t measure;      /**< WTFCB_REPORT_* */
    uint32_t method;       /**< WTFCB_COMPARISON_* */
    uint32_t verdict;      /**< WTFCB_VERDICT_* */
    uint32_t again;        /**< 1: it was suspect, and these are the figures of a second measurement */
    double change;         /**< after / before - 1: estimate of the shift (Hodges and Lehmann, of logarithms) */
    double low;            /**< of its interval */
    double high;           /**< likewise */
    double p;              /**< of the test that both are equal, corrected for all comparisons of the report (Holm) */
    double p_single;       /**< not corrected */
    double least_effect;   /**< that the verdict used: what was asked for or the noise floor, whichever is more */
    double effect_size;    /**< part of pairs in which after is larger, ties half (A12): 0.5 is no effect */
    uint64_t count_before; /**< samples */
    uint64_t count_after;  /**< likewise */
} wtfcb_report_comparison;

/** Throughput of one project and depth over thread counts. */
typedef struct wtfcb_report_scaling {
    const char *project;   /**< or "" */
    const char *depth;     /**< as in rows */
    const char *message;   /**< what is to say about the fits, such as why there is none; or "" */
    uint32_t point_count;  /**< rows of wtfcb_report_scaling_point_at() */
    uint32_t recommended;  /**< least thread count within 5 % of the best that was measured; 0: nothing to recommend */
    uint32_t best;         /**< thread count with the best median */
    uint32_t fitted;       /**< 1: Amdahl's law; 2: the universal scalability law; 3: both; 0: none */
    double amdahl_serial;  /**< part of the work that does not run in parallel */
    double amdahl_r2;      /**< part of the variance that the fit explains */
    double usl_rate;       /**< throughput of one thread by the fit, files/s */
    double usl_contention; /**< sigma */
    double usl_coherency;  /**< kappa */
    double usl_r2;         /**< as above */
} wtfcb_report_scaling;

/** One thread count of a scaling. */
typedef struct wtfcb_report_scaling_point {
    uint32_t threads; /**< workers */
    uint32_t row;     /**< index of the row that was measured */
    double rate;      /**< median files/s */
    double rate_low;  /**< of its interval */
    double rate_high; /**< likewise */
    double memory;    /**< median of the peak, bytes */
    double speedup;   /**< against the least thread count */
    double amdahl;    /**< files/s by the fit; 0: none */
    double usl;       /**< likewise */
} wtfcb_report_scaling_point;

/** A recommendation. */
typedef struct wtfcb_report_advice {
    const char *rule;     /**< its name in the manual, such as "threads" */
    const char *project;  /**< or "": of all */
    const char *text;     /**< what to do */
    const char *evidence; /**< the figures that say so */
} wtfcb_report_advice;

/** Take another hold on a report. Constant time. @return `report`, which may be NULL @since 0.1 */
WTFCB_API wtfcb_report *wtfcb_report_ref(wtfcb_report *report);
/** Drop a hold; the last frees it, with all that its rows point to. Any thread. NULL is accepted. @since 0.1 */
WTFCB_API void wtfcb_report_free(wtfcb_report *report);

/**
 * Copy out the summary, filled as far as `size` reaches. Constant time.
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_report_get_summary(const wtfcb_report *report, wtfcb_report_summary *ret_summary,
                                                size_t size);
/** Copy out what is known of the machine; as wtfcb_report_get_summary(). @since 0.1 */
WTFCB_API wtfcb_status wtfcb_report_get_system(const wtfcb_report *report, wtfcb_system_info *ret_info, size_t size);

/** Number of measures that this version knows. Constant time. @since 0.1 */
WTFCB_API uint64_t wtfcb_report_measure_count(void);
/**
 * Copy out the description of a measure by its index, 0 to wtfcb_report_measure_count() - 1. Constant time.
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such measure; WTFCB_EINVAL: a NULL argument.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_report_measure_at(uint64_t index, wtfcb_report_measure_row *ret_row, size_t row_size);

/**
 * Copy out a row, filled as far as `row_size` reaches. Constant time.
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such row; WTFCB_EINVAL: a NULL argument.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_report_row_at(const wtfcb_report *report, uint64_t index, wtfcb_report_row *ret_row,
                                           size_t row_size);
/** Index of the row of a name. O(rows). WTFCB_OK; WTFCB_ENOTFOUND; WTFCB_EINVAL: a NULL argument. @since 0.1 */
WTFCB_API wtfcb_status wtfcb_report_find(const wtfcb_report *report, const char *name, uint64_t *ret_index);
/**
 * Samples of a measure of a row, in the order in which they were taken. Constant time.
 *
 * @param ret_values  `*ret_count` of them; lives as long as the report
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such row or measure, or the row does not know it; WTFCB_EINVAL: a NULL argument.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_report_samples(const wtfcb_report *report, uint64_t row, uint32_t measure,
                                            const double **ret_values, uint64_t *ret_count);
/** Copy out the figures of a measure of a row; as wtfcb_report_samples(). Constant time. @since 0.1 */
WTFCB_API wtfcb_status wtfcb_report_figure_at(const wtfcb_report *report, uint64_t row, uint32_t measure,
                                              wtfcb_report_figure *ret_figure, size_t size);
/**
 * The profile of one more run of a row (WTFCB_BENCHMARK_PROFILE), which is no sample.
 *
 * @param ret_profile  a hold of the caller's, wtfcb_profile_free()
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such row, or it was not profiled; WTFCB_EINVAL: a NULL argument.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_report_profile(const wtfcb_report *report, uint64_t row, wtfcb_profile **ret_profile);
/** Copy out a comparison; as wtfcb_report_row_at(). @since 0.1 */
WTFCB_API wtfcb_status wtfcb_report_comparison_at(const wtfcb_report *report, uint64_t index,
                                                  wtfcb_report_comparison *ret_row, size_t row_size);
/** Copy out a scaling; as wtfcb_report_row_at(). @since 0.1 */
WTFCB_API wtfcb_status wtfcb_report_scaling_at(const wtfcb_report *report, uint64_t index,
                                               wtfcb_report_scaling *ret_row, size_t row_size);
/** Copy out a point of a scaling; as wtfcb_report_row_at(). @since 0.1 */
WTFCB_API wtfcb_status wtfcb_report_scaling_point_at(const wtfcb_report *report, uint64_t scaling, uint64_t index,
                                                     wtfcb_report_scaling_point *ret_row, size_t row_size);
/** Copy out a recommendation; as wtfcb_report_row_at(). @since 0.1 */
WTFCB_API wtfcb_status wtfcb_report_advice_at(const wtfcb_report *report, uint64_t index, wtfcb_report_advice *ret_row,
                                              size_t row_size);

/** Name of a verdict: "better", "same", "worse", "inconclusive"; "unknown" for others. Static, constant time. @since 0.1 */
WTFCB_API const char *wtfcb_verdict_name(uint32_t verdict);

/**
 * Write a report through a callback, in pieces of some KiB. O(what is written); blocks as long as `write` does.
 *
 * @param format  WTFCB_REPORT_JSON and so on, not WTFCB_REPORT_BY_NAME
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument, or no such format; WTFCB_ENOMEM; what `write` answers.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_report_write(const wtfcb_report *report, int32_t format, wtfcb_write_fn write, void *user);

/**
 * Write a report to a file, which is replaced whole as by wtfcb_profile_save(). Blocks until it is on the disk.
 *
 * With WTFCB_REPORT_BY_NAME the name's ending decides: `.csv`, `.md`, `.html`, `.txt` (table); anything else is JSON.
 *
 * @param ret_error  optional; written only on failure, except for WTFCB_EINVAL
 * @return as wtfcb_profile_save()
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_report_save(const wtfcb_report *report, const char *path, int32_t format,
                                         wtfcb_error *ret_error);

/**
 * Read what wtfcb_report_save() has written as JSON. Blocks. Nothing in the file is trusted; figures are computed again from the samples. Profiles are
 * not in it. Names of rows need not be unique in a file that somebody else made: wtfcb_report_find() answers the first. Saved again it gives the same bytes, if this
 * version has written it.
 *
 * @param allocator   for the report; NULL for libc's, which serves the parser in any case
 * @param ret_report  owned by the caller, wtfcb_report_free(); untouched on failure
 * @param ret_error   optional; written only on failure, except for WTFCB_EINVAL
 * @return WTFCB_OK; WTFCB_EFORMAT: no JSON, no report, another schema, or a value that cannot be; others as wtfcb_profile_load().
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_report_load(const wtfcb_allocator *allocator, const char *path, wtfcb_report **ret_report,
                                         wtfcb_error *ret_error);

#ifdef __cplusplus
}
#endif
#endif
