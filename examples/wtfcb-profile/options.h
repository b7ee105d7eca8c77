/* The command line of wtfcb-profile. */
#ifndef WTFCB_PROFILE_OPTIONS_H
#define WTFCB_PROFILE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <wtfcb/profiler.h>

#include "common/profile_file.h"

/* What the command line says about the output; what it says about the recording goes straight into the profiler. */
struct options {
    const struct profile_format *format; /* NULL: the table */
    const char *file;                    /* NULL: no file was given; the table then goes to standard error */
    bool to_stdout;                      /* the profile does, and the command's standard output elsewhere */
    bool quiet;
    bool live;
    int64_t alloc;     /* WTFCB_ALLOC_* */
    const char *input; /* a profile that is there already; NULL: a command is run */
    char **command;    /* into argv, ends with NULL */
};

enum options_result {
    OPTIONS_RUN,
    OPTIONS_DONE,  /* --help or --version was printed */
    OPTIONS_WRONG, /* said on stderr what is wrong */
};

/* Read the command line into `options` and `profiler`. */
enum options_result options_parse(int argc, char **argv, wtfcb_profiler *profiler, struct options *options);

#endif
