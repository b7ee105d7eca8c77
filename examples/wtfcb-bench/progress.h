/* What is being measured, on standard error: one line that is drawn over, and with --verbose one line for each phase. */
#ifndef WTFCB_BENCH_PROGRESS_H
#define WTFCB_BENCH_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include <wtfcb/benchmark.h>

struct progress {
    bool draws;     /* on a terminal */
    bool verbose;   /* lines that stay */
    bool drawn;     /* there is a line to clear */
    char phase[96]; /* that was last told of */
};

/* Whether a line can be drawn over and over there. */
bool progress_possible(void);

/* For wtfcb_benchmark_set_progress(); `user` is a struct progress. Never cancels. */
int32_t progress_tell(void *user, const wtfcb_benchmark_progress *now);

/* The line that is drawn over goes away. */
void progress_end(struct progress *progress);

#endif
