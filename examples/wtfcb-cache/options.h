/* The command line of wtfcb-cache. */
#ifndef WTFCB_CACHE_OPTIONS_H
#define WTFCB_CACHE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum command { COMMAND_STATS, COMMAND_VERIFY, COMMAND_CLEAR, COMMAND_PURGE, COMMAND_EXPLAIN, COMMAND_COUNT };

struct options {
    enum command command;
    const char *directory; /* NULL: the user's cache directory */
    bool json;
    char **paths; /* into argv */
    size_t path_count;
};

enum options_result {
    OPTIONS_RUN,
    OPTIONS_DONE,  /* --help or --version was printed */
    OPTIONS_WRONG, /* said on stderr what is wrong */
};

/* Read the command line. May permute argv. */
enum options_result options_parse(int argc, char **argv, struct options *options);

#endif
