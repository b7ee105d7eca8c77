/*
 * The whole course of a timeline from its three tiers: ten-second rows as far back as nothing finer is kept, then seconds, then the samples, without
 * overlap. Where a coarse row reaches into what a finer tier has, it is taken whole and the finer rows begin behind it.
 */
#ifndef WTFCB_PROFILER_COURSE_H
#define WTFCB_PROFILER_COURSE_H

#include <stdint.h>

#include "profiler/profile.h"

/* Rows [from, to) of a tier. */
typedef struct wtfcb_profiler_stretch {
    const wtfcb_profiler_tier *tier;
    uint64_t from;
    uint64_t to;
} wtfcb_profiler_stretch;

/* In the order of time. Stretches may be empty. */
typedef struct wtfcb_profiler_course {
    wtfcb_profiler_stretch stretches[WTFCB_TIER_COUNT];
} wtfcb_profiler_course;

/* Three binary searches. Lives as long as the profile. */
wtfcb_profiler_course wtfcb_profiler_course_of(const wtfcb_profile *profile);

/* When a row's time begins. */
static inline uint64_t wtfcb_profiler_row_start(const wtfcb_profiler_tier *tier, uint64_t row)
{
    return row > 0 ? tier->times[row - 1] : tier->start_ns;
}

/*
 * What a row of a counter comes to in a second, in thousandths; what is too much for that is cut. A row that is far shorter than its tier's interval, as the
 * last one may be, is taken together with the one before it: a single fault in a microsecond is no million a second. WTFCB_UNKNOWN where there is no
 * value or no time.
 */
uint64_t wtfcb_profiler_row_rate_milli(const wtfcb_profiler_tier *tier, uint64_t row, const uint64_t *values);

#endif
