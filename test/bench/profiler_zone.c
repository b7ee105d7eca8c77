/*
 * What a zone costs: recorded, recorded with a trace, and not recorded.
 *
 *     profiler_zone [ROUNDS]
 *
 * A round takes the modes in turn, so that a change of the machine's speed meets all of them. The floors are an empty loop, one read of the clock that the
 * recorder uses (the budget of a recorded zone is two of them and 6 ns), and clock_gettime(2). A turn of the loop is one zone, entered and left. Printed: nanoseconds a
 * turn, minimum and median over the rounds, and of the budgets the median of the rounds' own differences.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <wtfcb/zone.h>

#include "profiler/recorder.h"
#include "profiler/zone_clock.h"

enum { TURNS = 20000, MOST_ROUNDS = 999 };

typedef enum mode { EMPTY, OFF, CLOCK, SYSTEM, ON, NESTED, TRACE, MODES } mode;

static const char *const names[MODES] = {
    "empty loop",     "zone, not recorded",         "clock of the recorder",     "clock_gettime",
    "zone, recorded", "zone, recorded, inside two", "zone, recorded and traced",
};

static uint32_t clock_kind;
static double took[MODES][MOST_ROUNDS];

static double now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static __attribute__((noinline)) void run_empty(void)
{
    for (uint32_t i = 0; i < TURNS; i++)
        __asm__ volatile("" ::: "memory");
}

static __attribute__((noinline)) void run_zones(void)
{
    for (uint32_t i = 0; i < TURNS; i++) {
        WTFCB_ZONE("turn");
        __asm__ volatile("" ::: "memory");
    }
}

static __attribute__((noinline)) void run_clock(void)
{
    for (uint32_t i = 0; i < TURNS; i++) {
        uint64_t ticks = wtfcb_profiler_zone_clock_read(clock_kind);
        __asm__ volatile("" ::"r"(ticks) : "memory");
    }
}

static __attribute__((noinline)) void run_system(void)
{
    for (uint32_t i = 0; i < TURNS; i++) {
        struct timespec now;
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        __asm__ volatile("" ::"r"(&now) : "memory");
    }
}

static void run_recorded(uint64_t trace, bool nested)
{
    uint64_t start;
    if (wtfcb_profiler_recorder_start(16 << 20, trace, &start) != WTFCB_OK) abort();
    run_zones(); /* the first time takes memory */
    double from = now_ns();
    if (nested) {
        WTFCB_ZONE("outer");
        {
            WTFCB_ZONE("inner");
            from = now_ns();
            run_zones();
            from = now_ns() - from;
        }
    } else {
        run_zones();
        from = now_ns() - from;
    }
    wtfcb_profiler_recorder_stop();
    took[nested ? NESTED : trace ? TRACE : ON][0] = from; /* moved by run() */
}

static double run(mode which)
{
    double from = now_ns();
    switch (which) {
    case EMPTY: run_empty(); break;
    case OFF: run_zones(); break;
    case CLOCK: run_clock(); break;
    case SYSTEM: run_system(); break;
    default: {
        double kept = took[which][0];
        run_recorded(which == TRACE ? 1 << 20 : 0, which == NESTED);
        double result = took[which][0];
        took[which][0] = kept;
        return result / TURNS;
    }
    }
    return (now_ns() - from) / TURNS;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *values, uint32_t count)
{
    static double sorted[MOST_ROUNDS];
    for (uint32_t i = 0; i < count; i++)
        sorted[i] = values[i];
    qsort(sorted, count, sizeof *sorted, by_value);
    return sorted[count / 2];
}

int main(int argc, char **argv)
{
    uint32_t rounds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 501;
    if (rounds < 1 || rounds > MOST_ROUNDS) return EXIT_FAILURE;
    clock_kind = wtfcb_profiler_zone_clock_choose().kind;
    static double over_on[MOST_ROUNDS];
    static double over_off[MOST_ROUNDS];
    for (uint32_t round = 0; round < rounds; round++) {
        for (mode m = 0; m < MODES; m++)
            took[m][round] = run(m);
        over_on[round] = took[ON][round] - took[EMPTY][round] - 2 * (took[CLOCK][round] - took[EMPTY][round]);
        over_off[round] = took[OFF][round] - took[EMPTY][round];
    }
    printf("%" PRIu32 " rounds of %d turns, clock %s\n", rounds, TURNS, wtfcb_profiler_recorder_clock());
    for (mode m = 0; m < MODES; m++) {
        double least = took[m][0];
        for (uint32_t round = 1; round < rounds; round++)
            if (took[m][round] < least) least = took[m][round];
        printf("  %-28s minimum %6.2f  median %6.2f ns\n", names[m], least, median(took[m], rounds));
    }
    printf("  recorded, beyond two clocks: %5.2f ns (budget 6)\n", median(over_on, rounds));
    printf("  not recorded:                %5.2f ns (budget 1.5)\n", median(over_off, rounds));
    return EXIT_SUCCESS;
}
