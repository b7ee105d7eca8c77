/* The command line of wtfcb-scan. */
#ifndef WTFCB_SCAN_OPTIONS_H
#define WTFCB_SCAN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/scanner.h>

enum stats_form { STATS_DEFAULT, STATS_NONE, STATS_TEXT, STATS_JSON };

struct format;

/* What the command line says about the output; what it says about the scan goes straight into the scanner. */
struct options {
    const struct format *format;
    int64_t depth;
    bool by_file;
    bool symbols;
    bool imports;
    bool findings;
    bool quiet;
    enum stats_form stats;
    bool no_cache;
    const char *cache;   /* directory, or NULL: the user's */
    const char *profile; /* file to write a profile of the scan to, or NULL */
    const char *explain; /* path to explain instead of a scan, or NULL */
    char **paths;        /* into argv */
    size_t path_count;
};

enum options_result {
    OPTIONS_RUN,   /* scan */
    OPTIONS_DONE,  /* --help or --version was printed */
    OPTIONS_WRONG, /* said on stderr what is wrong */
};

/* Read the command line into `options` and `scanner`. May permute argv. */
enum options_result options_parse(int argc, char **argv, wtfcb_scanner *scanner, struct options *options);

#endif
