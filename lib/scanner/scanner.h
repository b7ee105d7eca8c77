/*
 * The handle behind wtfcb_scanner and the table of its options.
 */
#ifndef WTFCB_SCANNER_SCANNER_H
#define WTFCB_SCANNER_SCANNER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <wtfcb/scanner.h>

#include "base/log.h"

/* A growing list of texts. */
typedef struct wtfcb_scanner_strings {
    char **items; /* owned, each with a NUL */
    size_t count;
    size_t capacity;
} wtfcb_scanner_strings;

/* The flags of files that WTFCB_SCANNER_SKIP may leave out. */
#define WTFCB_SCANNER_TRAITS                                                                                           \
    (WTFCB_FILE_GENERATED | WTFCB_FILE_MINIFIED | WTFCB_FILE_VENDORED | WTFCB_FILE_DOCUMENTATION |                     \
     WTFCB_FILE_UNDETECTABLE)

enum { WTFCB_SCANNER_OPTION_SLOTS = 32 }; /* ids of numbers are below */

struct wtfcb_scanner {
    wtfcb_allocator allocator;
    pid_t process; /* that made the handle */
    bool running;
    int64_t values[WTFCB_SCANNER_OPTION_SLOTS]; /* by id */
    wtfcb_scanner_strings excludes;
    wtfcb_scanner_strings includes;
    wtfcb_scanner_strings attributes;
    wtfcb_languages *languages; /* NULL until needed */
    bool *wanted;               /* by language index, one more for "none"; NULL: no filter */
    size_t wanted_count;
    wtfcb_cache *cache; /* one hold; NULL: nothing is remembered */
    wtfcb_cancel *cancel;
    wtfcb_progress_fn progress;
    void *progress_user;
    wtfcb_base_log log;
    wtfcb_visitor_fn visitor;
    void *visitor_user;
    wtfcb_read_fn read;
    wtfcb_release_fn release;
    void *read_user;
};

struct wtfcb_scanner_only;

/*
 * Scan one path below a root as a scan of the whole root would, and no other; explain.c. `only->path` is clean and not
 * empty; what decided is written into `only`, and lives as long as the snapshot. Statuses as wtfcb_scanner_scan().
 */
wtfcb_status wtfcb_scanner_scan_path(wtfcb_scanner *scanner, const char *root, struct wtfcb_scanner_only *only,
                                     wtfcb_codebase **ret_codebase, wtfcb_error *ret_error);

/* The row of an option, or NULL. */
const wtfcb_option *wtfcb_scanner_option_of(int32_t id);

/* Set every number to its default. */
void wtfcb_scanner_set_defaults(wtfcb_scanner *scanner);

/* Whether the handle may be changed or used now: WTFCB_OK; WTFCB_EINVAL: NULL; WTFCB_EFORK; WTFCB_EBUSY. */
wtfcb_status wtfcb_scanner_usable(const wtfcb_scanner *scanner);

/* Make sure that there is a language table. WTFCB_OK or WTFCB_ENOMEM. */
wtfcb_status wtfcb_scanner_need_languages(wtfcb_scanner *scanner);

#endif
