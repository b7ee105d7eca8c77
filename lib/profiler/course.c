/* Joining the tiers; see course.h. */
#include "profiler/course.h"

enum { SHORT_ROW = 5 }; /* part of the interval below which a row is a short one */

/* The first row that begins at or after `ns`. */
static uint64_t first_from(const wtfcb_profiler_tier *tier, uint64_t ns)
{
    uint64_t low = 0;
    uint64_t high = tier->count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (wtfcb_profiler_row_start(tier, middle) < ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

wtfcb_profiler_course wtfcb_profiler_course_of(const wtfcb_profile *profile)
{
    wtfcb_profiler_course course;
    uint64_t covered = 0; /* up to where coarser rows reach */
    for (uint32_t i = 0; i < WTFCB_TIER_COUNT; i++) {
        const wtfcb_profiler_tier *tier = &profile->tiers[WTFCB_TIER_COUNT - 1 - i];
        uint64_t finer_start = WTFCB_UNKNOWN; /* from where a finer tier has it */
        for (uint32_t finer = 0; finer < WTFCB_TIER_COUNT - 1 - i; finer++)
            if (profile->tiers[finer].count > 0 && profile->tiers[finer].start_ns < finer_start)
                finer_start = profile->tiers[finer].start_ns;
        wtfcb_profiler_stretch stretch = {tier, first_from(tier, covered), first_from(tier, finer_start)};
        if (stretch.to < stretch.from) stretch.to = stretch.from;
        if (stretch.to > stretch.from) covered = tier->times[stretch.to - 1];
        course.stretches[i] = stretch;
    }
    return course;
}

uint64_t wtfcb_profiler_row_rate_milli(const wtfcb_profiler_tier *tier, uint64_t row, const uint64_t *values)
{
    uint64_t start = wtfcb_profiler_row_start(tier, row);
    uint64_t end = tier->times[row];
    uint64_t value = values[row];
    if (value == WTFCB_UNKNOWN) return value;
    if (row > 0 && end < start + tier->interval_ns / SHORT_ROW && values[row - 1] != WTFCB_UNKNOWN) {
        start = wtfcb_profiler_row_start(tier, row - 1);
        value += values[row - 1];
    }
    if (end <= start) return WTFCB_UNKNOWN;
    double rate = (double)value * 1e12 / (double)(end - start) + 0.5;
    return rate < 1e19 ? (uint64_t)rate : UINT64_C(10000000000000000000);
}
