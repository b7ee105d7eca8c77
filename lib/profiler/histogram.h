/*
 * Log-linear histogram of durations: 64 buckets for each power of two, so that the middle of a bucket is within 0.8 % of all that is in it. Durations
 * below 64 ns have buckets of their own; above 2^48 ns (three days) all share the last one.
 *
 * A bucket's index is plain arithmetic, the same in the recorder, in files and in merges.
 */
#ifndef WTFCB_PROFILER_HISTOGRAM_H
#define WTFCB_PROFILER_HISTOGRAM_H

#include <stdint.h>

enum {
    WTFCB_PROFILER_SUB_BITS = 6,
    WTFCB_PROFILER_SUBS = 1 << WTFCB_PROFILER_SUB_BITS,
    WTFCB_PROFILER_TOP_BIT = 47, /* of the largest duration that is told apart */
    WTFCB_PROFILER_OCTAVES = WTFCB_PROFILER_TOP_BIT - WTFCB_PROFILER_SUB_BITS + 2, /* the first holds 0 to 63 ns */
    WTFCB_PROFILER_BUCKETS = WTFCB_PROFILER_OCTAVES * WTFCB_PROFILER_SUBS,
};

/* Without a branch: it runs in every zone. */
static inline uint32_t wtfcb_profiler_bucket_of(uint64_t ns)
{
    const uint64_t most = (UINT64_C(2) << WTFCB_PROFILER_TOP_BIT) - 1;
    if (ns > most) ns = most;
    uint32_t top = 63u ^ (uint32_t)__builtin_clzll(ns | (WTFCB_PROFILER_SUBS - 1));
    uint32_t octave = top - (WTFCB_PROFILER_SUB_BITS - 1); /* 0 and 1 have buckets of 1 ns */
    uint32_t shift = octave - (octave != 0);
    return octave * WTFCB_PROFILER_SUBS + ((uint32_t)(ns >> shift) & (WTFCB_PROFILER_SUBS - 1));
}

/* The middle of a bucket's range. */
static inline uint64_t wtfcb_profiler_bucket_middle(uint32_t index)
{
    if (index < WTFCB_PROFILER_SUBS) return index;
    uint32_t shift = index / WTFCB_PROFILER_SUBS - 1;
    uint64_t low = (uint64_t)(WTFCB_PROFILER_SUBS + index % WTFCB_PROFILER_SUBS) << shift;
    return low + ((UINT64_C(1) << shift) >> 1);
}

#endif
