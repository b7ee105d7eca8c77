/*
 * What a profile is made of, for those who fill it (recorder, timeline, loader) and those who write it out.
 *
 * A builder makes one with wtfcb_profiler_profile_new(), puts arrays into it that come from the profile's own arena (strings too), and seals it;
 * from then on it is immutable and counted. Everything that a profile points to is in the arena: nothing is freed singly.
 */
#ifndef WTFCB_PROFILER_PROFILE_H
#define WTFCB_PROFILER_PROFILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <wtfcb/profile.h>

#include "base/arena.h"

enum {
    WTFCB_PROFILER_METRICS = 19, /* ids are 1 to this */
    WTFCB_PROFILER_STATISTICS = 3,
};

/* A tier's columns. `values[metric - 1][statistic - 1]` has `count` entries, or is NULL where there is none. */
typedef struct wtfcb_profiler_tier {
    uint64_t interval_ns; /* nominal */
    uint64_t start_ns;    /* where the time of the first sample that is kept begins */
    uint64_t count;
    uint64_t dropped; /* samples that made room */
    const uint64_t *times;
    const uint64_t *values[WTFCB_PROFILER_METRICS][WTFCB_PROFILER_STATISTICS];
} wtfcb_profiler_tier;

/* One bucket of a histogram: how often a duration of its range was seen; see histogram.h. */
typedef struct wtfcb_profiler_bucket {
    uint32_t index;
    uint32_t reserved;
    uint64_t count;
} wtfcb_profiler_bucket;

/* The buckets of one frame that are not empty, by index. */
typedef struct wtfcb_profiler_histogram {
    const wtfcb_profiler_bucket *buckets;
    uint32_t count;
} wtfcb_profiler_histogram;

struct wtfcb_profile {
    wtfcb_allocator allocator;
    atomic_uint_fast32_t holds;
    wtfcb_base_arena arena;
    wtfcb_profile_summary summary; /* its counts of rows are those of the arrays below */
    wtfcb_system_info system;
    const wtfcb_profile_metric
        *metrics; /* `summary.metric_count` rows: 0, or WTFCB_PROFILER_METRICS in the order of ids */
    wtfcb_profiler_tier tiers[WTFCB_TIER_COUNT];
    const wtfcb_profile_module *modules;
    const wtfcb_profile_section *sections;
    const wtfcb_profile_thread *threads;
    const wtfcb_profile_frame *frames;
    const wtfcb_profiler_histogram *histograms; /* one for each frame, or NULL */
    const wtfcb_profile_node *nodes;            /* of one tree and thread together, parents before children */
    const wtfcb_profile_event *events;
};

/* A profile with everything empty, name "", times 0, values unknown, one hold. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_profiler_profile_new(const wtfcb_allocator *allocator, wtfcb_profile **ret_profile);

/* `count * size` bytes of the profile's arena, cleared; not NULL for 0. NULL when memory has run out. */
void *wtfcb_profiler_profile_rows(wtfcb_profile *profile, uint64_t count, size_t size);

/* A copy of a text (NULL: "") in the profile's arena; NULL when memory has run out. */
const char *wtfcb_profiler_profile_text(wtfcb_profile *profile, const char *text);

/*
 * The duration that `permille` (0 to 1,000) of the passes in a histogram, which has at least one, did not exceed: the least and the most exactly, what is
 * between within 1 %. The sum of its counts is below 2^64. O(buckets).
 */
uint64_t wtfcb_profiler_percentile(const wtfcb_profiler_histogram *histogram, uint64_t minimum, uint64_t maximum,
                                   uint32_t permille);

/* Names, summaries, kinds and units of all metrics, in the order of ids; status, reason and figures are not set. */
const wtfcb_profile_metric *wtfcb_profiler_metric_table(void);

#endif
