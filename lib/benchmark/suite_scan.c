/* A cache that could not be opened or written to is a failure here: the row would say something else than its name. */
#include "benchmark/suite_scan.h"

#include "base/error.h"

enum { SYNC_MS = 60000 };

static wtfcb_status open_cache(const char *path, const wtfcb_allocator *allocator, wtfcb_cache **ret_cache,
                               wtfcb_error *ret_error)
{
    wtfcb_status status = wtfcb_cache_new(allocator, ret_cache);
    return status == WTFCB_OK ? wtfcb_cache_open(*ret_cache, path, ret_error) : status;
}

static wtfcb_status set_up(wtfcb_scanner *scanner, const wtfcb_benchmark_scan *scan, wtfcb_cache *cache)
{
    wtfcb_status status = wtfcb_scanner_set(scanner, WTFCB_SCANNER_THREADS, scan->threads);
    if (status == WTFCB_OK) status = wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, scan->depth);
    if (status == WTFCB_OK) status = wtfcb_scanner_set(scanner, WTFCB_SCANNER_KEEP, scan->keep);
    if (status == WTFCB_OK && cache) status = wtfcb_scanner_set_cache(scanner, cache);
    return status;
}

/* Files that were remembered by content have been read; those that were not read had not changed. */
static void count(const wtfcb_codebase *codebase, bool cached, wtfcb_benchmark_tally *tally)
{
    wtfcb_totals totals = {0};
    wtfcb_scan_stats stats = {0};
    (void)wtfcb_codebase_totals(codebase, &totals, sizeof totals);
    (void)wtfcb_codebase_stats(codebase, &stats, sizeof stats);
    tally->files = totals.files;
    tally->lines = totals.lines;
    tally->bytes = totals.bytes;
    /* A file that is over a limit is as the caller wants it, not broken. */
    tally->errors = totals.failed > totals.limited ? totals.failed - totals.limited : 0;
    if (!cached) return;
    tally->lookups = totals.files;
    uint64_t hits = stats.hits_unchanged + stats.hits_memory + stats.hits_persistent;
    tally->hits = hits < totals.files ? hits : totals.files;
}

wtfcb_status wtfcb_benchmark_scan_run(const wtfcb_benchmark_scan *scan, const wtfcb_allocator *allocator,
                                      wtfcb_benchmark_tally *tally, wtfcb_error *ret_error)
{
    wtfcb_scanner *scanner = NULL;
    wtfcb_cache *cache = NULL;
    wtfcb_codebase *codebase = NULL;
    wtfcb_status status = scan->cache ? open_cache(scan->cache, allocator, &cache, ret_error) : WTFCB_OK;
    if (status == WTFCB_OK) status = wtfcb_scanner_new(allocator, &scanner);
    if (status == WTFCB_OK) status = set_up(scanner, scan, cache);
    if (status == WTFCB_OK) status = wtfcb_scanner_scan(scanner, scan->path, &codebase, ret_error);
    if (status == WTFCB_OK && cache) status = wtfcb_cache_sync(cache, SYNC_MS, ret_error);
    if (status == WTFCB_OK && tally) count(codebase, cache != NULL, tally);
    if (status == WTFCB_OK && scan->ret_codebase) {
        *scan->ret_codebase = codebase;
        codebase = NULL;
    }
    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
    wtfcb_cache_free(cache);
    return status;
}
