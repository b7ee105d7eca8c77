/* The command line of wtfcb-bench. */
#ifndef WTFCB_BENCH_OPTIONS_H
#define WTFCB_BENCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <wtfcb/benchmark.h>

#include "common/report_file.h"

enum { MOST_PROJECTS = 256 };

/* What the command line says about what to measure and where to write; how to measure goes straight into the benchmark. */
struct options {
    const char *projects[MOST_PROJECTS]; /* into argv */
    size_t project_count;
    const char *synthetic; /* size of a generated project; NULL: none */
    const char *input;     /* a report to show instead of measuring; NULL: none */
    const char *baseline;  /* NULL: none */
    const char *save;      /* NULL: nowhere */
    const char *file;      /* of -o; NULL: standard output */
    const struct report_format *format;
    bool gate;    /* the exit status tells the outcome */
    bool verbose; /* a line for each phase */
    bool quiet;   /* no progress */
};

enum options_result {
    OPTIONS_RUN,
    OPTIONS_DONE,  /* --help or --version was printed */
    OPTIONS_WRONG, /* said on stderr what is wrong */
};

/* Read the command line into `options` and `benchmark`. */
enum options_result options_parse(int argc, char **argv, wtfcb_benchmark *benchmark, struct options *options);

#endif
