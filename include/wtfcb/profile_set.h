/**
 * @file
 * `wtfcb_profile_set`: many profiles by name, with statistics, to keep and to compare.
 *
 *     wtfcb_profile_set *set;
 *     wtfcb_profile_set_new(NULL, &set);
 *     wtfcb_profile_set_add(set, NULL, profile);        // under its own name; again and again
 *     for (uint64_t i = 0; wtfcb_profile_set_row(set, i, &row, sizeof row) == WTFCB_OK; i++)
 *         printf("%s %s: %.0f\n", row.name, wtfcb_measure_name(row.measure), row.median);
 *     wtfcb_profile_set_save(set, "runs.json", NULL);
 *
 * A set keeps of each profile the figures that are compared, not its timeline: duration, processor time, memory, input and
 * output, of each zone its time in total, and of functions their processor time and the bytes that they hold or asked for. Figures are kept as they are, one a profile, so that a set can be merged with others and
 * its statistics are exact.
 *
 * Threads: a set is single-owner; a comparison is immutable and may be read by any thread.
 */
#ifndef WTFCB_PROFILE_SET_H
#define WTFCB_PROFILE_SET_H

#include <stddef.h>
#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/profile.h>
#include <wtfcb/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A set of profiles. */
typedef struct wtfcb_profile_set wtfcb_profile_set;

/** A comparison of two sets. */
typedef struct wtfcb_profile_comparison wtfcb_profile_comparison;

/** `measure`: wall-clock time, ns. */
#define WTFCB_MEASURE_DURATION 1
/** Likewise: processor time, ns. */
#define WTFCB_MEASURE_CPU 2
/** Likewise: the most that was resident, bytes. */
#define WTFCB_MEASURE_RSS_PEAK 3
/** Likewise: resident on average, bytes. */
#define WTFCB_MEASURE_RSS_MEAN 4
/** Likewise: the least that was resident, bytes. */
#define WTFCB_MEASURE_RSS_MINIMUM 5
/** Likewise: bytes that read calls returned. */
#define WTFCB_MEASURE_READ 6
/** Likewise: bytes that write calls took. */
#define WTFCB_MEASURE_WRITTEN 7
/** Likewise: page faults that waited for input. */
#define WTFCB_MEASURE_MAJOR_FAULTS 8
/** Likewise: time inside the zone `frame` in one profile, ns. */
#define WTFCB_MEASURE_ZONE 9
/** Likewise: bytes that were allocated and not freed at the end (WTFCB_PROFILER_ALLOC). */
#define WTFCB_MEASURE_LIVE 10
/** Likewise: the most that were live at a time, bytes. */
#define WTFCB_MEASURE_LIVE_PEAK 11
/** Likewise: bytes that were allocated, freed or not. */
#define WTFCB_MEASURE_ALLOCATED 12
/** Likewise: blocks that were. */
#define WTFCB_MEASURE_ALLOCATIONS 13
/**
 * Likewise: processor time of the function `frame` itself, ns. Of this and each of the following the #WTFCB_PROFILE_SET_FRAMES largest of a profile are kept; of those of functions
 * themselves, which add up, the rest is one row, "(other)".
 */
#define WTFCB_MEASURE_FUNCTION_CPU_SELF 14
/** Likewise: the same with all that it calls. */
#define WTFCB_MEASURE_FUNCTION_CPU 15
/** Likewise: live bytes that the function `frame` itself allocated. */
#define WTFCB_MEASURE_FUNCTION_LIVE_SELF 16
/** Likewise: the same with all that it calls. */
#define WTFCB_MEASURE_FUNCTION_LIVE 17
/** Likewise: bytes that the function `frame` itself allocated, freed or not. */
#define WTFCB_MEASURE_FUNCTION_ALLOCATED_SELF 18
/** Likewise: the same with all that it calls. */
#define WTFCB_MEASURE_FUNCTION_ALLOCATED 19

/** Functions that are kept of one profile for each WTFCB_MEASURE_FUNCTION_*, so that a set does not grow with the size of programs. */
#define WTFCB_PROFILE_SET_FRAMES 1000

/** One measure of all profiles of one name. */
typedef struct wtfcb_profile_set_stats {
    const char *name;  /**< of the profiles */
    const char *frame; /**< of WTFCB_MEASURE_ZONE the zone, of WTFCB_MEASURE_FUNCTION_* the function, else "" */
    uint32_t measure;  /**< WTFCB_MEASURE_* */
    uint32_t unit;     /**< WTFCB_METRIC_NS, WTFCB_METRIC_BYTES or WTFCB_METRIC_COUNT */
    uint64_t count;    /**< profiles that have it */
    double minimum;    /**< the least of them */
    double mean;       /**< arithmetic */
    double maximum;    /**< the most */
    double total;      /**< their sum */
    double median;     /**< of an even number: the mean of the middle two */
    double p95;        /**< interpolated linearly between the closest ranks (R-7) */
    double deviation;  /**< standard deviation of the sample (n - 1); 0 for one profile */
} wtfcb_profile_set_stats;

/** What is different of one measure. */
typedef struct wtfcb_profile_change {
    const char *name;      /**< of the profiles */
    const char *frame;     /**< as above */
    uint32_t measure;      /**< WTFCB_MEASURE_* */
    uint32_t unit;         /**< as above */
    uint64_t count_before; /**< profiles; 0: it is new, or a function that none of them has among its largest */
    uint64_t count_after;  /**< profiles; 0: it is gone, likewise */
    double before;         /**< median; 0 without profiles */
    double after;          /**< likewise */
    double difference;     /**< `after` - `before` */
    double ratio;          /**< `after` / `before`; 0 if one of them is 0 */
} wtfcb_profile_change;

/**
 * Make an empty set.
 *
 * @param allocator  for all that is in it, and what is compared from it; NULL for libc's
 * @param ret_set    owned by the caller, wtfcb_profile_set_free()
 * @return WTFCB_OK; WTFCB_EINVAL: `ret_set` is NULL, or the allocator lacks a function; WTFCB_ENOMEM.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profile_set_new(const wtfcb_allocator *allocator, wtfcb_profile_set **ret_set);
/** Free a set; NULL is accepted. @since 0.1 */
WTFCB_API void wtfcb_profile_set_free(wtfcb_profile_set *set);

/**
 * Add a profile's figures; what it does not know has none. The figures of zones, or functions, of one name are added up, in whatever file they stand.
 * O(frames log rows). The profile is not held.
 *
 * @param name  to file it under; NULL: the profile's own. Bytes that are no UTF-8 become U+FFFD, in the names of frames too
 * @return WTFCB_OK; WTFCB_EINVAL: `set` or `profile` is NULL; WTFCB_ENOMEM: the set is as it was.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profile_set_add(wtfcb_profile_set *set, const char *name, const wtfcb_profile *profile);

/**
 * Add all figures of `other`, which may be `set` itself and is not changed otherwise. O(figures).
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument; WTFCB_ENOMEM: the set is as it was.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profile_set_merge(wtfcb_profile_set *set, const wtfcb_profile_set *other);

/** Number of rows of statistics; 0 of NULL. Constant time. @since 0.1 */
WTFCB_API uint64_t wtfcb_profile_set_count(const wtfcb_profile_set *set);

/**
 * Copy out a row, filled as far as `row_size` reaches. Rows stand by name, then measure, then frame; texts live until the set is freed. O(n log n) in
 * the figures of the row the first time after an addition, then constant.
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such row; WTFCB_EINVAL: a NULL argument; WTFCB_ENOMEM.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profile_set_row(wtfcb_profile_set *set, uint64_t index, wtfcb_profile_set_stats *ret_row,
                                             size_t row_size);

/**
 * The single figures behind a row, in the order in which they were added. Constant time.
 *
 * @param ret_values  `*ret_count` of them, at least one; valid until the set is changed
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such row; WTFCB_EINVAL: a NULL argument.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profile_set_values(wtfcb_profile_set *set, uint64_t index, const double **ret_values,
                                                uint64_t *ret_count);

/**
 * Write a set to a file as JSON, as wtfcb_profile_save() does it. Blocks until it is on the disk.
 *
 * @param ret_error  optional; written only on failure, except for WTFCB_EINVAL
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument; WTFCB_ENOMEM; WTFCB_ENOTFOUND, WTFCB_EACCES, WTFCB_ELOOP, WTFCB_ESPECIAL, WTFCB_ELIMIT,
 *         WTFCB_ENOSPACE, WTFCB_EREADONLY, WTFCB_EIO: as there.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profile_set_save(const wtfcb_profile_set *set, const char *path, wtfcb_error *ret_error);

/**
 * Read a set that was saved, as wtfcb_profile_load() does it. Blocks.
 *
 * @param allocator  for the set; NULL for libc's, which serves the parser in any case
 * @param ret_set    owned by the caller, wtfcb_profile_set_free(); untouched on failure
 * @param ret_error  optional; written only on failure, except for WTFCB_EINVAL
 * @return WTFCB_OK; WTFCB_EFORMAT: no JSON, no set, or a value that cannot be; WTFCB_EINVAL; WTFCB_ENOMEM; WTFCB_ELIMIT, WTFCB_ENOTFOUND,
 *         WTFCB_EACCES, WTFCB_ELOOP, WTFCB_ESPECIAL, WTFCB_ECHANGED, WTFCB_EIO: as there.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profile_set_load(const wtfcb_allocator *allocator, const char *path,
                                              wtfcb_profile_set **ret_set, wtfcb_error *ret_error);

/**
 * Compare the medians of two sets. First stand whole profiles and zones, by how far they moved, up or down, relative to what was before: the biggest first (from 0 to
 * anything is the biggest of all). Then come functions, by measure and, within a measure, by the difference itself, the biggest first: a function that one side
 * does not have counts as 0 there, if its profiles of that name have functions of that measure at all. What is otherwise new or gone is last. It says what differs, not whether that is more than noise. O(n log n) in the figures of both.
 *
 * @param ret_comparison  owned by the caller, wtfcb_profile_comparison_free(); independent of both sets; of the allocator of `before`
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument; WTFCB_ENOMEM.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profile_set_compare(const wtfcb_profile_set *before, const wtfcb_profile_set *after,
                                                 wtfcb_profile_comparison **ret_comparison);
/** Free a comparison; NULL is accepted. @since 0.1 */
WTFCB_API void wtfcb_profile_comparison_free(wtfcb_profile_comparison *comparison);
/** Number of rows; 0 of NULL. Constant time. @since 0.1 */
WTFCB_API uint64_t wtfcb_profile_comparison_count(const wtfcb_profile_comparison *comparison);
/**
 * Copy out a row, filled as far as `row_size` reaches; its texts live as long as the comparison. Constant time.
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such row; WTFCB_EINVAL: a NULL argument.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profile_comparison_row(const wtfcb_profile_comparison *comparison, uint64_t index,
                                                    wtfcb_profile_change *ret_row, size_t row_size);

/** Name of a measure, such as "rss-peak"; "unknown" for others. Static, constant time. @since 0.1 */
WTFCB_API const char *wtfcb_measure_name(uint32_t measure);

#ifdef __cplusplus
}
#endif
#endif
