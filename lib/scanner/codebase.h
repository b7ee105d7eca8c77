/*
 * The snapshot from inside: rows in path order, their records, the totals. Filled by the merge, immutable once it is
 * handed out. The visitor's snapshot of one file is the same struct with one row that belongs to somebody else.
 */
#ifndef WTFCB_SCANNER_CODEBASE_H
#define WTFCB_SCANNER_CODEBASE_H

#include <stdatomic.h>
#include <stdbool.h>

#include <wtfcb/scanner.h>

#include "base/arena.h"
#include "lang/languages.h"
#include "scanner/row.h"

/* For each file the index of its first row in each table; one more at the end. */
typedef struct wtfcb_scanner_firsts {
    uint64_t first[WTFCB_SCANNER_TABLES];
} wtfcb_scanner_firsts;

struct wtfcb_codebase {
    atomic_uint holds;
    wtfcb_allocator allocator;
    wtfcb_languages *languages; /* one hold; rows carry its names */
    char *root;                 /* in `strings` */
    wtfcb_base_arena strings;   /* paths */
    wtfcb_scanner_row *rows;
    size_t row_count;
    size_t row_capacity;
    bool recorded;                                /* a row has, or had, a record */
    wtfcb_scanner_firsts *firsts;                 /* row_count + 1; NULL: no row has a record */
    uint32_t keep;                                /* WTFCB_KEEP_* */
    _Atomic uint64_t hints[WTFCB_SCANNER_TABLES]; /* file of the last row asked for */
    wtfcb_language_totals *by_language;           /* while merging by index, one more for "none"; then sorted */
    size_t language_count;
    size_t language_capacity;
    wtfcb_totals totals;
    wtfcb_scan_stats stats;
};

/* An empty snapshot to fill. WTFCB_OK or WTFCB_ENOMEM. */
wtfcb_status wtfcb_scanner_codebase_new(const wtfcb_allocator *allocator, wtfcb_languages *languages, const char *root,
                                        uint32_t keep, wtfcb_codebase **ret_codebase);

/* Add a finished row to the totals. */
void wtfcb_scanner_codebase_count(wtfcb_codebase *codebase, const wtfcb_scanner_row *row);

/* Take the rows and their strings (both are the snapshot's afterwards), number the tables, sort the languages. */
wtfcb_status wtfcb_scanner_codebase_finish(wtfcb_codebase *codebase, wtfcb_scanner_row *rows, size_t count,
                                           size_t capacity, wtfcb_base_arena *strings);

/* Make `view` show one row, for the length of a callback. */
void wtfcb_scanner_codebase_view(wtfcb_codebase *view, const wtfcb_codebase *whole, wtfcb_scanner_row *row,
                                 wtfcb_scanner_firsts firsts[2]);

#endif
