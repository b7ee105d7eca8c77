/*
 * Peak memory of one cold scan that keeps everything: all symbols and imports of a tree in one snapshot.
 *
 *     scan_keep TREE [THREADS]
 *
 * Printed: megabytes at the peak (VmHWM), symbols, seconds.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <wtfcb.h>

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double peak_mb(void)
{
    char line[256];
    double kib = 0;
    FILE *file = fopen("/proc/self/status", "re");
    if (!file) return 0;
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %lf", &kib) == 1) break;
    fclose(file);
    return kib / 1024;
}

int main(int argc, char **argv)
{
    wtfcb_scanner *scanner = NULL;
    wtfcb_codebase *codebase = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    if (argc < 2) {
        fputs("usage: scan_keep TREE [THREADS]\n", stderr);
        return 2;
    }
    double began = now();
    wtfcb_status status = wtfcb_scanner_new(NULL, &scanner);
    if (status == WTFCB_OK) status = wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX);
    if (status == WTFCB_OK) status = wtfcb_scanner_set(scanner, WTFCB_SCANNER_KEEP, WTFCB_KEEP_ALL);
    if (status == WTFCB_OK) status = wtfcb_scanner_set(scanner, WTFCB_SCANNER_IGNORE, 0);
    if (status == WTFCB_OK)
        status = wtfcb_scanner_set(scanner, WTFCB_SCANNER_THREADS, argc > 2 ? strtol(argv[2], NULL, 10) : 2);
    if (status == WTFCB_OK) status = wtfcb_scanner_scan(scanner, argv[1], &codebase, &error);
    if (status != WTFCB_OK) {
        fprintf(stderr, "scan_keep: %s\n", error.message);
        return 3;
    }
    printf("%.1f MB, %" PRIu64 " symbols, %.2f s\n", peak_mb(), wtfcb_codebase_symbol_count(codebase), now() - began);
    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
    return 0;
}
