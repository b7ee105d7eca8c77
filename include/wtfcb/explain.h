/**
 * @file
 * `wtfcb_explanation`: why a path is part of a scan or not, and what decided about its language.
 *
 *     wtfcb_explanation *explanation = NULL;
 *     wtfcb_decision decision;
 *     if (wtfcb_scanner_explain(scanner, ".", "build/main.c", &explanation, NULL) == WTFCB_OK &&
 *         wtfcb_explanation_get(explanation, &decision, sizeof decision) == WTFCB_OK &&
 *         decision.reason == WTFCB_REASON_IGNORED)
 *         printf("%s:%u: %s\n", decision.rule_source, decision.rule_line, decision.rule_pattern);
 *     wtfcb_explanation_free(explanation);
 *
 * The path is looked at with the scanner's options as a scan of the whole root would look at it: the directories on the way are
 * listed, their rules read, the file itself examined to the depth that is set.
 *
 * Threads: an explanation is immutable and stands by itself; it outlives the scanner.
 */
#ifndef WTFCB_EXPLAIN_H
#define WTFCB_EXPLAIN_H

#include <wtfcb/scanner.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An explanation. */
typedef struct wtfcb_explanation wtfcb_explanation;

/** `wtfcb_decision.reason`: the path is part of the scan; `codebase` has its row unless it is a directory. */
#define WTFCB_REASON_TAKEN 0
/** `wtfcb_decision.reason`: a rule ignores it, or a directory around it: `rule_*`. */
#define WTFCB_REASON_IGNORED 1
/** `wtfcb_decision.reason`: there are WTFCB_SCANNER_INCLUDE patterns, and none matches. */
#define WTFCB_REASON_NOT_INCLUDED 2
/** `wtfcb_decision.reason`: a name that begins with a dot, and WTFCB_SCANNER_HIDDEN is not set. */
#define WTFCB_REASON_HIDDEN 3
/** `wtfcb_decision.reason`: a repository's own directory, `.git` and the like. */
#define WTFCB_REASON_REPOSITORY 4
/** `wtfcb_decision.reason`: a symbolic link, and WTFCB_SCANNER_FOLLOW is not set. */
#define WTFCB_REASON_LINK 5
/** `wtfcb_decision.reason`: not in a language that is asked for. */
#define WTFCB_REASON_LANGUAGE 6
/** `wtfcb_decision.reason`: it has a flag of WTFCB_SCANNER_SKIP. */
#define WTFCB_REASON_SKIPPED 7
/** `wtfcb_decision.reason`: there is no such file or directory; `decided_at` is how far the path leads. */
#define WTFCB_REASON_MISSING 8
/** `wtfcb_decision.reason`: a directory on the way cannot be entered: the row in `codebase` says why. */
#define WTFCB_REASON_UNREADABLE 9

/** What decided. Strings live as long as the explanation; they are "" where there is nothing to say. */
typedef struct wtfcb_decision {
    const char *path;             /**< as it was looked for, below the root */
    const char *decided_at;       /**< the path itself, or the directory around it that `reason` speaks of */
    const char *rule_source;      /**< file of the last ignore rule that matched; "" with a pattern: the caller's own */
    const char *rule_pattern;     /**< the rule as written; one with `!` in front takes the path back in */
    const char *attribute_source; /**< file of the line that names the language; "" with a pattern: the caller's own */
    const char *attribute_pattern;  /**< its pattern */
    const wtfcb_codebase *codebase; /**< the file's row, if there is one: language, WTFCB_BY_*, flags, limits, status */
    uint32_t rule_line;             /**< from 1; for the caller's patterns their number */
    uint32_t attribute_line;        /**< likewise */
    uint32_t reason;                /**< WTFCB_REASON_* */
    uint32_t reserved;              /**< 0 */
} wtfcb_decision;

/**
 * Explain a path below a root.
 *
 * Blocks; reads the directories on the way and the file. Starts threads and ends them, as a scan does. Progress callback
 * and visitor of the scanner are not called.
 *
 * @param scanner  single-owner; its options hold
 * @param root     directory, as for wtfcb_scanner_scan()
 * @param path     relative to the root; cleaned of "./" and doubled slashes; copied
 * @param ret_explanation  owned by the caller, wtfcb_explanation_free(); untouched on failure
 * @param ret_error        optional; written only on failure
 * @return WTFCB_OK, also when there is no such path; WTFCB_EINVAL: the path is empty, absolute, or the root itself, or
 *         the root is no directory; else as
 *         wtfcb_scanner_scan().
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_explain(wtfcb_scanner *scanner, const char *root, const char *path,
                                             wtfcb_explanation **ret_explanation, wtfcb_error *ret_error);

/**
 * Copy out what decided, filled as far as `row_size` reaches. Constant time, any thread.
 *
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_explanation_get(const wtfcb_explanation *explanation, wtfcb_decision *ret_row,
                                             size_t row_size);

/** Free an explanation; NULL is accepted. @since 0.1 */
WTFCB_API void wtfcb_explanation_free(wtfcb_explanation *explanation);

/** Name of a reason ("ignored"); "unknown" for others. Any thread. @since 0.1 */
WTFCB_API const char *wtfcb_reason_name(uint32_t reason);

#ifdef __cplusplus
}
#endif
#endif
