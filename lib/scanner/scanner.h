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

enum { WTFCB_SCANNER_OPTION_SLOTS = 32 }; /* ids of numbers are below */

struct wtfcb_scanner {
    wtfcb_allocator allocator;
    pid_t process; /* that made the handle */
    bool running;
    int64_t values[WTFCB_SCANNER_OPTION_SLOTS]; /* by id */
    wtfcb_scanner_strings excludes;
    wtfcb_scanner_strings includes;
    wtfcb_languages *languages; /* NULL until needed */
    bool *wanted;               /* by language index, one more for "none"; NULL: no filter */
    size_t wanted_count;
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

/* The row of an option, or NULL. */
const wtfcb_option *wtfcb_scanner_option_of(int32_t id);

/* Set every number to its default. */
void wtfcb_scanner_set_defaults(wtfcb_scanner *scanner);

/* Whether the handle may be changed or used now: WTFCB_OK; WTFCB_EINVAL: NULL; WTFCB_EFORK; WTFCB_EBUSY. */
wtfcb_status wtfcb_scanner_usable(const wtfcb_scanner *scanner);

/* Make sure that there is a language table. WTFCB_OK or WTFCB_ENOMEM. */
wtfcb_status wtfcb_scanner_need_languages(wtfcb_scanner *scanner);

#endif
