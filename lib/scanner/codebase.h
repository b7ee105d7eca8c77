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

/* Paths, shared by the snapshots whose rows point there. */
typedef struct wtfcb_scanner_paths_block {
    atomic_uint holds;
    wtfcb_allocator allocator;
    wtfcb_base_arena strings;
} wtfcb_scanner_paths_block;

/* A snapshot that would need more has its paths copied together. */
enum { WTFCB_SCANNER_BLOCKS = 8 };

struct wtfcb_codebase {
    atomic_uint holds;
    wtfcb_allocator allocator;
    wtfcb_languages *languages;                              /* one hold; rows carry its names */
    char *root;                                              /* in `strings` */
    wtfcb_base_arena strings;                                /* of this snapshot alone */
    wtfcb_base_hash128 selection;                            /* digest of all options that decide what is in it */
    bool rooted;                                             /* it is that of one directory */
    wtfcb_scanner_paths_block *blocks[WTFCB_SCANNER_BLOCKS]; /* one hold each: where the rows' paths lie */
    uint32_t block_count;
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

/* What WTFCB_SCANNER_KEEP stands for, with all that it implies. */
uint32_t wtfcb_scanner_keeps(uint32_t option);

/* An empty snapshot to fill. WTFCB_OK or WTFCB_ENOMEM. */
wtfcb_status wtfcb_scanner_codebase_new(const wtfcb_allocator *allocator, wtfcb_languages *languages, const char *root,
                                        uint32_t keep, wtfcb_codebase **ret_codebase);

/* Add a finished row to the totals. */
void wtfcb_scanner_codebase_count(wtfcb_codebase *codebase, const wtfcb_scanner_row *row);

/* Add lines of an embedded part, whose file has been counted without its record. */
void wtfcb_scanner_codebase_count_part(wtfcb_codebase *codebase, uint32_t language, uint32_t code, uint32_t comments,
                                       uint32_t blanks, uint32_t docs);

/* Add the totals of another snapshot that is being filled over the same languages. */
void wtfcb_scanner_codebase_add(wtfcb_codebase *codebase, const wtfcb_codebase *other);

/* Take `other`, of the same kind, out again. */
void wtfcb_scanner_codebase_subtract(wtfcb_codebase *codebase, const wtfcb_codebase *other);

/* Add the totals of a snapshot that is finished. */
void wtfcb_scanner_codebase_add_finished(wtfcb_codebase *codebase, const wtfcb_codebase *other);

/* Be ready for rows whose paths are another snapshot's. WTFCB_OK or WTFCB_ENOMEM. */
wtfcb_status wtfcb_scanner_codebase_share(wtfcb_codebase *codebase, const wtfcb_codebase *other);

/* Take over the strings that rows' paths lie in. False when memory has run out: they are the caller's as before. */
bool wtfcb_scanner_codebase_add_paths(wtfcb_codebase *codebase, wtfcb_base_arena *strings);

/* Drop the holds on paths. */
void wtfcb_scanner_codebase_drop_paths(wtfcb_codebase *codebase);

/*
 * Take the rows and their strings, number the tables, sort the languages. The rows are the snapshot's afterwards, whatever is
 * returned; the strings too. WTFCB_OK or WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_scanner_codebase_finish(wtfcb_codebase *codebase, wtfcb_scanner_row *rows, size_t count,
                                           size_t capacity, wtfcb_base_arena *strings);

/* Make `view` show one row, for the length of a callback. */
void wtfcb_scanner_codebase_view(wtfcb_codebase *view, const wtfcb_codebase *whole, wtfcb_scanner_row *row,
                                 wtfcb_scanner_firsts firsts[2]);

#endif
