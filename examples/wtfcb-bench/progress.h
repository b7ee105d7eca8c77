/* What is being measured, on standard error: one line that is drawn over, or with --verbose one line for each row. */
#ifndef WTFCB_BENCH_PROGRESS_H
#define WTFCB_BENCH_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include <wtfcb/benchmark.h>

struct progress {
    bool draws;    /* on a terminal */
    bool verbose;  /* lines that stay */
    bool drawn;    /* there is a line to clear */
    char row[256]; /* that was last told of, and ... */
    uint64_t runs; /* ... its samples ... */
    double median; /* ... and their median so far */
};

/* Whether a line can be drawn over and over there. */
bool progress_possible(void);

/* For wtfcb_benchmark_set_progress(); `user` is a struct progress. Never cancels. */
int32_t progress_tell(void *user, const wtfcb_benchmark_progress *now);

/* The last row is done; the line goes away. */
void progress_end(struct progress *progress);

#endif
