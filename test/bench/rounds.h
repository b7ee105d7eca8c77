/* The figures of single rounds, for who computes intervals of them: one line for each kind, in the order in which they were taken. */
#ifndef WTFCB_BENCH_ROUNDS_H
#define WTFCB_BENCH_ROUNDS_H

#include <stdio.h>

static inline void print_rounds(const char *name, const double *values, size_t count)
{
    printf("rounds of %s:", name);
    for (size_t i = 0; i < count; i++)
        printf(" %.1f", values[i]);
    putchar('\n');
}

#endif
