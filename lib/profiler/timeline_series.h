/*
 * Where samples are kept: three rings of rows, of the samples themselves, of seconds and of ten seconds, in one block that never grows.
 *
 * A row holds numbers in the units of the metric (bytes, ns, counts) as floating point with an exponent of 6 bits: in samples and seconds in 32 bits, exact up to
 * 2^27 and then within 8e-9; in ten seconds in 16 bits, exact up to 2^11 and then within 0.05 %. So nothing saturates or wraps, and a day in ten-second
 * rows of all metrics takes 0.5 MiB. Sums over the whole time are kept beside the rings and are exact.
 *
 * A row of a tier ends with the first sample at or after the next multiple of its width: its time is the samples' true time, and with an interval that is longer than the
 * width each row is one sample, so that the tier holds the samples further back.
 */
#ifndef WTFCB_PROFILER_TIMELINE_SERIES_H
#define WTFCB_PROFILER_TIMELINE_SERIES_H

#include "profiler/profile.h"

/* Rows that are kept: of seconds 30 minutes, of ten seconds a day. */
enum {
    WTFCB_PROFILER_SAMPLES_KEPT = 1024,
    WTFCB_PROFILER_SECONDS_KEPT = 30 * 60,
    WTFCB_PROFILER_TENS_KEPT = 24 * 60 * 6,
};

/* By id - 1: gauges as they are, counters since whenever; WTFCB_UNKNOWN where there is none. */
typedef struct wtfcb_profiler_reading {
    uint64_t values[WTFCB_PROFILER_METRICS];
} wtfcb_profiler_reading;

typedef struct wtfcb_profiler_series wtfcb_profiler_series;

/* A number in `mantissa` + 7 bits or less, WTFCB_UNKNOWN as all ones; and back. */
uint32_t wtfcb_profiler_series_pack(uint64_t number, unsigned mantissa);
uint64_t wtfcb_profiler_series_unpack(uint32_t packed, unsigned mantissa);

/* Rings for the metrics with their bit (id - 1) in `available`. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_profiler_series_new(const wtfcb_allocator *allocator, uint32_t available,
                                       wtfcb_profiler_series **ret_series);
void wtfcb_profiler_series_free(wtfcb_profiler_series *series);
size_t wtfcb_profiler_series_size(const wtfcb_profiler_series *series);

/*
 * A sample whose time ends at `time_ns`, later than that of the one before. Of counters the difference to the last known value is kept, nothing if there is none or if
 * it went down. A difference over several samples, because the counter was not read in between, is spread over their time. O(samples spread over).
 */
void wtfcb_profiler_series_add(wtfcb_profiler_series *series, uint64_t time_ns, const wtfcb_profiler_reading *reading);

/* The most of a gauge in samples and rows that lie at or after `since_ns`; WTFCB_UNKNOWN if none does. O(rows that do). */
uint64_t wtfcb_profiler_series_peak(const wtfcb_profiler_series *series, uint32_t metric, uint64_t since_ns);

/* First, last, least, most and mean of a metric into its row. */
void wtfcb_profiler_series_figures(const wtfcb_profiler_series *series, wtfcb_profile_metric *row);

/* A tier into a profile's arena, the row that is not finished too. False when memory has run out. */
bool wtfcb_profiler_series_tier(const wtfcb_profiler_series *series, uint32_t tier, uint64_t interval_ns,
                                wtfcb_profile *profile);

/* Samples that were added, and those of them that are no longer kept. */
uint64_t wtfcb_profiler_series_count(const wtfcb_profiler_series *series);
uint64_t wtfcb_profiler_series_dropped(const wtfcb_profiler_series *series);

#endif
