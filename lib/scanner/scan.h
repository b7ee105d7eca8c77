/*
 * One scan from start to snapshot, from inside: begin, add roots or rows, run, end. On the thread that called; the struct lives
 * on its stack.
 */
#ifndef WTFCB_SCANNER_SCAN_H
#define WTFCB_SCANNER_SCAN_H

#include "scanner/codebase.h"
#include "scanner/process.h"
#include "scanner/recall.h"
#include "scanner/scanner.h"
#include "scanner/walk.h"

struct wtfcb_scanner_among;

typedef struct wtfcb_scanner_run {
    wtfcb_scanner *scanner;
    wtfcb_error *error; /* the caller's, or NULL */
    wtfcb_scanner_walk walk;
    wtfcb_scanner_settings settings;
    wtfcb_scanner_examiner *examiners;
    uint32_t threads;
    wtfcb_pool *pool;
    wtfcb_codebase *codebase;
    size_t merged;    /* rows that have been merged; their records have gone where they belong */
    size_t kept;      /* rows [0, kept) are the snapshot's */
    uint64_t visited; /* files handed to the visitor */
    uint64_t began;
    uint64_t walked; /* instant at which the walk ended */
    uint64_t last_progress;
    bool root_is_file;           /* of a single root */
    wtfcb_scanner_recall recall; /* used if the scanner has a cache */
    bool recalls;
    wtfcb_scanner_only *only;                /* the one path to look at, or NULL */
    const struct wtfcb_scanner_among *among; /* the paths to look at, or NULL: all */
    bool *reported;                          /* by language: its grammar is missing and this has been said */
    wtfcb_progress progress;
} wtfcb_scanner_run;

/*
 * Begin: `s` may be ended from here on, whatever is returned. WTFCB_OK; WTFCB_ENOMEM, said in words.
 */
wtfcb_status wtfcb_scanner_run_begin(wtfcb_scanner_run *s, wtfcb_scanner *scanner, const char *root,
                                     wtfcb_error *error);

/* Add a root that stands alone: its failure is the call's. */
wtfcb_status wtfcb_scanner_run_add_root(wtfcb_scanner_run *s, const char *root);

/* The roots, or rows of files, are there: walk, examine, merge. Everything but the snapshot. */
wtfcb_status wtfcb_scanner_run_work(wtfcb_scanner_run *s);

/* Set up the run's memory alone, for one worker. WTFCB_OK; WTFCB_ENOMEM; WTFCB_EFORK. */
wtfcb_status wtfcb_scanner_run_recall(wtfcb_scanner_run *s);

/* Merge rows that are complete as they are. */
wtfcb_status wtfcb_scanner_run_merge(wtfcb_scanner_run *s);

/* The same for one text at hand, on this thread alone. */
wtfcb_status wtfcb_scanner_run_bytes(wtfcb_scanner_run *s, const char *bytes, size_t length);

/* Hand the snapshot over: rows and strings become its own. */
wtfcb_status wtfcb_scanner_run_finish(wtfcb_scanner_run *s, wtfcb_codebase **ret_codebase);

/* Write the scan's counts and times into its snapshot's statistics. */
void wtfcb_scanner_run_count(wtfcb_scanner_run *s);

void wtfcb_scanner_run_end(wtfcb_scanner_run *s);

/* How the run walks. */
wtfcb_scanner_walk_options wtfcb_scanner_run_walk_options(wtfcb_scanner_run *s);

/* The result of a call that can only have failed for memory, said in words. */
wtfcb_status wtfcb_scanner_run_explain_memory(const wtfcb_scanner_run *s, wtfcb_status status);

#endif
