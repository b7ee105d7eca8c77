/*
 * A project on the disk while its group is measured: where it is, its copies, its caches.
 *
 *     FOLDER/project        if it is generated
 *     FOLDER/clone-N        a copy that moves to the next N before each run: a place that its cache has not seen
 *     FOLDER/one-file       copies that are edited
 *     FOLDER/one-percent
 *     FOLDER/cache-DEPTH-CASE
 *
 * Single owner. Edits and moves happen in the calling process, between runs.
 */
#ifndef WTFCB_BENCHMARK_SUITE_SITE_H
#define WTFCB_BENCHMARK_SUITE_SITE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include <wtfcb/codebase.h>

#include "benchmark/benchmark.h"

/* Cases with a place of their own, of WTFCB_CASE_*. */
typedef struct wtfcb_benchmark_site {
    wtfcb_benchmark_schedule *schedule; /* borrowed */
    const wtfcb_benchmark_added_project *added;
    uint64_t cases;
    uint32_t threads; /* of what fills caches */
    char folder[PATH_MAX - 256];
    char path[PATH_MAX];   /* of the project */
    uint64_t moves;        /* of the clone */
    uint64_t median;       /* the file that is edited where one is */
    uint64_t *chosen;      /* those that are edited where one in a hundred is; NULL: not chosen */
    uint64_t chosen_count; /* 0: there is none that can be edited */
    uint64_t chosen_room;
    wtfcb_codebase *codebase; /* files of the project; NULL: not made */
    uint64_t files;           /* of them */
    bool dropped;             /* pages can be dropped; known after the first time */
    char inputs[128];         /* "NAME=DIGEST\n" */
} wtfcb_benchmark_site;

/* Make everything; what was made is removed by _site_remove(), also after a failure. */
wtfcb_status wtfcb_benchmark_site_make(wtfcb_benchmark_site *site, wtfcb_error *ret_error);
void wtfcb_benchmark_site_remove(wtfcb_benchmark_site *site);

/* Where the files of a case are now, which it scans. */
void wtfcb_benchmark_site_path(const wtfcb_benchmark_site *site, uint64_t kind, char *path, size_t size);

/* Path of the cache of a case at a depth, both by bit. */
void wtfcb_benchmark_site_cache(const wtfcb_benchmark_site *site, uint64_t kind, uint32_t depth, char *path,
                                size_t size);

/* Move the clone to where it has not been. */
wtfcb_status wtfcb_benchmark_site_move(wtfcb_benchmark_site *site, wtfcb_error *ret_error);

/* Edit what belongs to a case: one file, or one in a hundred; always the same ones, to what has never been seen. */
wtfcb_status wtfcb_benchmark_site_edit(const wtfcb_benchmark_site *site, uint64_t kind, wtfcb_error *ret_error);

/* Drop the project's files from the page cache; false: some are still there. */
bool wtfcb_benchmark_site_drop(wtfcb_benchmark_site *site);

#endif
