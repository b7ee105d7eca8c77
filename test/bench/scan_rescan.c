/*
 * Scans of one tree through a cache, in one process: what a rescan costs by what is kept of it.
 *
 *     scan_rescan CACHE TREE [ROUNDS]
 *
 * The first scan fills the cache or finds it filled; then each kind of scan is timed ROUNDS times, in turns, with a new
 * scanner each. `streamed` keeps totals alone and has a visitor look at every symbol.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <wtfcb.h>

#include "rounds.h"

enum { KINDS = 4, MOST_ROUNDS = 100 };

static const struct {
    const char *name;
    int64_t keep;
    bool visits;
} kinds[KINDS] = {
    {"totals", WTFCB_KEEP_TOTALS, false},
    {"files", WTFCB_KEEP_FILES, false},
    {"all", WTFCB_KEEP_ALL, false},
    {"streamed", WTFCB_KEEP_TOTALS, true},
};

static uint64_t symbols;

static int32_t visit(void *user, uint64_t index, const wtfcb_codebase *file)
{
    wtfcb_symbol symbol;
    (void)user, (void)index;
    for (uint64_t i = 0; wtfcb_codebase_symbol(file, i, &symbol, sizeof symbol) == WTFCB_OK; i++)
        symbols += symbol.name_length > 0;
    return 0;
}

static void fail(const char *what, wtfcb_status status)
{
    (void)fprintf(stderr, "scan_rescan: %s: %s\n", what, wtfcb_status_message(status));
    exit(1);
}

/* Milliseconds of one scan, making and freeing included. */
static double scan(wtfcb_cache *cache, const char *tree, int kind, wtfcb_scan_stats *ret_stats)
{
    struct timespec from, to;
    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    wtfcb_scanner *scanner = NULL;
    wtfcb_codebase *codebase = NULL;
    wtfcb_status status = wtfcb_scanner_new(NULL, &scanner);
    if (status == WTFCB_OK) status = wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX);
    if (status == WTFCB_OK) status = wtfcb_scanner_set(scanner, WTFCB_SCANNER_IGNORE, 0);
    if (status == WTFCB_OK) status = wtfcb_scanner_set(scanner, WTFCB_SCANNER_KEEP, kinds[kind].keep);
    if (status == WTFCB_OK && kinds[kind].visits) status = wtfcb_scanner_set_visitor(scanner, visit, NULL);
    if (status == WTFCB_OK) status = wtfcb_scanner_set_cache(scanner, cache);
    if (status == WTFCB_OK) status = wtfcb_scanner_scan(scanner, tree, &codebase, NULL);
    if (status != WTFCB_OK) fail(tree, status);
    (void)wtfcb_codebase_stats(codebase, ret_stats, sizeof *ret_stats);
    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    return (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        (void)fprintf(stderr, "usage: scan_rescan CACHE TREE [ROUNDS]\n");
        return 2;
    }
    long rounds = argc > 3 ? strtol(argv[3], NULL, 10) : 7;
    if (rounds < 1 || rounds > MOST_ROUNDS) rounds = 7;
    wtfcb_cache *cache = NULL;
    wtfcb_status status = wtfcb_cache_new(NULL, &cache);
    if (status == WTFCB_OK) status = wtfcb_cache_open(cache, argv[1], NULL);
    if (status != WTFCB_OK) fail(argv[1], status);
    static double times[KINDS][MOST_ROUNDS];
    wtfcb_scan_stats stats;
    printf("first scan %.1f ms\n", scan(cache, argv[2], 0, &stats));
    for (long i = 0; i < rounds; i++)
        for (int kind = 0; kind < KINDS; kind++)
            times[kind][i] = scan(cache, argv[2], kind, &stats);
    for (int kind = 0; kind < KINDS; kind++)
        print_rounds(kinds[kind].name, times[kind], (size_t)rounds);
    for (int kind = 0; kind < KINDS; kind++) {
        qsort(times[kind], (size_t)rounds, sizeof times[kind][0], by_value);
        printf("%-9s least %7.1f ms, median %7.1f ms\n", kinds[kind].name, times[kind][0], times[kind][rounds / 2]);
    }
    printf("%" PRIu64 " files, %" PRIu64 " read, %" PRIu64 " symbols a pass\n", stats.files_walked, stats.files_read,
           symbols / (uint64_t)rounds);
    wtfcb_cache_free(cache);
    return 0;
}
