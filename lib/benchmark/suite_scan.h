/* One scan as a program does it: a scanner, a cache if there is one, totals. */
#ifndef WTFCB_BENCHMARK_SUITE_SCAN_H
#define WTFCB_BENCHMARK_SUITE_SCAN_H

#include <stdint.h>

#include <wtfcb/cache.h>
#include <wtfcb/codebase.h>
#include <wtfcb/scanner.h>

#include "benchmark/runner.h"

typedef struct wtfcb_benchmark_scan {
    const char *path;
    const char *cache; /* folder; NULL: none */
    uint32_t threads;
    int64_t depth;                 /* WTFCB_DEPTH_* */
    int64_t keep;                  /* WTFCB_KEEP_* */
    wtfcb_codebase **ret_codebase; /* NULL: it is not wanted */
} wtfcb_benchmark_scan;

/* All of it, the cache's last write included. `tally` may be NULL. What the calls answer. */
wtfcb_status wtfcb_benchmark_scan_run(const wtfcb_benchmark_scan *scan, const wtfcb_allocator *allocator,
                                      wtfcb_benchmark_tally *tally, wtfcb_error *ret_error);

#endif
