/*
 * The clock of zones: the processor's counter where that can be trusted, else clock_gettime(2).
 *
 * Zones keep ticks; what a tick is in nanoseconds is measured once a process (2 ms), and again over the whole recording when a profile is made,
 * so that a long one does not drift from the clock of the timeline.
 */
#ifndef WTFCB_PROFILER_ZONE_CLOCK_H
#define WTFCB_PROFILER_ZONE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

typedef enum wtfcb_profiler_zone_clock_kind {
    WTFCB_PROFILER_ZONE_CLOCK_SYSTEM = 0,
    WTFCB_PROFILER_ZONE_CLOCK_COUNTER = 1,
} wtfcb_profiler_zone_clock_kind;

/* A clock, and nanoseconds of a tick in units of 2^-32. */
typedef struct wtfcb_profiler_zone_clock {
    uint32_t kind;
    uint64_t rate;
} wtfcb_profiler_zone_clock;

/* The same instant on both clocks. */
typedef struct wtfcb_profiler_zone_anchor {
    uint64_t ns; /* wtfcb_base_now() */
    uint64_t ticks;
} wtfcb_profiler_zone_anchor;

/* The clock of this machine. The first call takes 2 ms where there is a counter; callers hold the recorder's lock. */
wtfcb_profiler_zone_clock wtfcb_profiler_zone_clock_choose(void);

/* Whether the processor has a counter that runs at one speed and that the kernel trusts. */
bool wtfcb_profiler_zone_clock_has_counter(void);

wtfcb_profiler_zone_anchor wtfcb_profiler_zone_clock_anchor(uint32_t kind);

/* Nanoseconds of CLOCK_MONOTONIC, or of a test's clock. */
uint64_t wtfcb_profiler_zone_clock_system(void);

/* For tests: a clock in nanoseconds for the recordings that start from now on; NULL for the machine's. */
void wtfcb_profiler_zone_clock_fake(uint64_t (*now)(void));

static inline uint64_t wtfcb_profiler_zone_clock_read(uint32_t kind)
{
#if defined(__x86_64__) || defined(__i386__)
    if (__builtin_expect(kind == WTFCB_PROFILER_ZONE_CLOCK_COUNTER, 1)) return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    if (__builtin_expect(kind == WTFCB_PROFILER_ZONE_CLOCK_COUNTER, 1)) {
        uint64_t ticks;
        __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
        return ticks;
    }
#else
    (void)kind;
#endif
    return wtfcb_profiler_zone_clock_system();
}

/*
 * The same for the quick path: ns = ((ticks << shift) + half) * rate / 2^64. One multiplication whose upper half is the result; good for 2^57 ticks.
 */
typedef struct wtfcb_profiler_zone_clock_quick {
    uint64_t rate;
    uint64_t half; /* of a nanosecond */
    uint64_t shift;
} wtfcb_profiler_zone_clock_quick;

wtfcb_profiler_zone_clock_quick wtfcb_profiler_zone_clock_quicken(uint64_t rate);

static inline uint64_t wtfcb_profiler_zone_clock_quick_ns(uint64_t ticks, const wtfcb_profiler_zone_clock_quick *quick)
{
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((wide)((ticks << (quick->shift & 63)) + quick->half) * quick->rate >> 64);
#else
    return ((ticks << (quick->shift & 63)) + quick->half >> 32) * (quick->rate >> 32);
#endif
}

/* Ticks in nanoseconds, rounded. */
static inline uint64_t wtfcb_profiler_zone_clock_ns(uint64_t ticks, uint64_t rate)
{
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)(((wide)ticks * rate + (UINT64_C(1) << 31)) >> 32);
#else
    /* No such machine has a counter slower than 1 GHz here: the rate is 2^32 at most. */
    return (ticks >> 32) * rate + (((ticks & UINT32_MAX) * rate + (UINT64_C(1) << 31)) >> 32);
#endif
}

#endif
