/**
 * @file
 * `wtfcb_diff`: what is different between two snapshots, by file and by symbol.
 *
 * Made from two snapshots in memory; no file is looked at:
 *
 *     wtfcb_diff *diff;
 *     wtfcb_codebase_diff(before, after, &diff);
 *     wtfcb_file_change change;
 *     for (uint64_t i = 0; wtfcb_diff_file(diff, i, &change, sizeof change) == WTFCB_OK; i++)
 *         printf("%s %s\n", wtfcb_change_name(change.change), change.path);
 *     wtfcb_diff_free(diff);
 *
 * Files are matched by path. A file has changed if its content or anything that its row says has (`origin`, times and indices
 * aside); a binary file, which has no hash, is compared by its size. Symbols of a changed file are matched by kind and by their names from the outermost to their own; of several equal ones the
 * first with the first. A symbol has changed if anything but its position has: its size, signature, parameters, visibility, complexity.
 * A change inside a body that leaves all of these as they are does not show.
 *
 * Rows stand in path order; the symbols of one file stand together, in the order of the file, those that were removed last.
 *
 * Threads: immutable. A diff holds both snapshots.
 */
#ifndef WTFCB_DIFF_H
#define WTFCB_DIFF_H

#include <wtfcb/codebase.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A comparison of two snapshots. */
typedef struct wtfcb_diff wtfcb_diff;

/** `change`: only in the later snapshot. */
#define WTFCB_CHANGE_ADDED 1
/** `change`: in both, and different. */
#define WTFCB_CHANGE_CHANGED 2
/** `change`: only in the earlier snapshot. */
#define WTFCB_CHANGE_REMOVED 3

/** One file that is not the same. */
typedef struct wtfcb_file_change {
    const char *path;      /**< as in the snapshots, NUL-terminated */
    uint64_t path_length;  /**< bytes of `path` */
    uint64_t before;       /**< index in the earlier snapshot, or ::WTFCB_NO_INDEX */
    uint64_t after;        /**< index in the later one, or ::WTFCB_NO_INDEX */
    uint64_t first_symbol; /**< index of its first row in the table of symbols' changes */
    uint64_t symbol_count; /**< number of rows there */
    uint32_t change;       /**< WTFCB_CHANGE_* */
    uint32_t reserved;     /**< 0 */
} wtfcb_file_change;

/** One symbol that is not the same. */
typedef struct wtfcb_symbol_change {
    const char *name;     /**< as in the snapshots, NUL-terminated */
    uint64_t name_length; /**< bytes of `name` */
    uint64_t file;        /**< index of its file's row in this comparison */
    uint64_t before;      /**< index in the earlier snapshot, or ::WTFCB_NO_INDEX */
    uint64_t after;       /**< index in the later one, or ::WTFCB_NO_INDEX */
    uint32_t change;      /**< WTFCB_CHANGE_* */
    uint32_t kind;        /**< WTFCB_SYMBOL_* */
} wtfcb_symbol_change;

/**
 * Compare two snapshots. O(files) + O(n log n) in the symbols of changed files.
 *
 * @param before, after  kept alive by the comparison; both with file rows (WTFCB_KEEP_FILES), symbols are compared if both have them
 * @param ret_diff       owned by the caller, wtfcb_diff_free(); untouched on failure
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument, a snapshot without file rows; WTFCB_ENOMEM.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_codebase_diff(wtfcb_codebase *before, wtfcb_codebase *after, wtfcb_diff **ret_diff);

/** Free a comparison; NULL is accepted. @since 0.1 */
WTFCB_API void wtfcb_diff_free(wtfcb_diff *diff);

/** Number of files that are not the same. Constant time. @since 0.1 */
WTFCB_API uint64_t wtfcb_diff_file_count(const wtfcb_diff *diff);
/** Number of symbols that are not the same. Constant time. @since 0.1 */
WTFCB_API uint64_t wtfcb_diff_symbol_count(const wtfcb_diff *diff);

/**
 * Copy out a file's change, filled as far as `row_size` reaches. Constant time.
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such row; WTFCB_EINVAL: a NULL argument.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_diff_file(const wtfcb_diff *diff, uint64_t index, wtfcb_file_change *ret_row,
                                       size_t row_size);

/** Copy out a symbol's change; as wtfcb_diff_file(). @since 0.1 */
WTFCB_API wtfcb_status wtfcb_diff_symbol(const wtfcb_diff *diff, uint64_t index, wtfcb_symbol_change *ret_row,
                                         size_t row_size);

/** Name of a change, such as "added"; "unknown" for others. Static, constant time. @since 0.1 */
WTFCB_API const char *wtfcb_change_name(uint32_t change);

#ifdef __cplusplus
}
#endif
#endif
