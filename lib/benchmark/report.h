/*
 * What a report is made of, for those who fill it (runner, suite, sweep, advice, loader) and those who write it out.
 *
 * A builder makes one, puts arrays into it that come from the report's own arena (texts too), sets the counts in the summary, and seals it, which computes
 * the figures from the samples; from then on it is immutable and counted. Everything that a report points to is in its arena, but for the profiles.
 */
#ifndef WTFCB_BENCHMARK_REPORT_H
#define WTFCB_BENCHMARK_REPORT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <wtfcb/report.h>

#include "base/arena.h"

/* A row and its samples. `samples[measure - 1]` has `row.runs` entries, or is NULL where the row does not know the measure. */
typedef struct wtfcb_benchmark_row {
    wtfcb_report_row row;
    const double *samples[WTFCB_REPORT_MEASURES];
    wtfcb_report_figure figures[WTFCB_REPORT_MEASURES]; /* by seal */
    wtfcb_profile *profile;                             /* a hold, or NULL */
} wtfcb_benchmark_row;

typedef struct wtfcb_benchmark_scaling {
    wtfcb_report_scaling scaling;
    const wtfcb_report_scaling_point *points; /* by rising thread counts */
} wtfcb_benchmark_scaling;

struct wtfcb_report {
    wtfcb_allocator allocator;
    atomic_uint_fast32_t holds;
    wtfcb_base_arena arena;
    wtfcb_report_summary summary; /* its counts are those of the arrays below */
    wtfcb_system_info system;
    wtfcb_benchmark_row *rows;
    const wtfcb_report_comparison *comparisons;
    const wtfcb_benchmark_scaling *scalings;
    const wtfcb_report_advice *advice;
};

/* A report with everything empty, name and fingerprint "", confidence 0.95, one hold; the system is not filled. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_benchmark_report_new(const wtfcb_allocator *allocator, wtfcb_report **ret_report);

/* `count * size` bytes of the report's arena, cleared; not NULL for 0. NULL when memory has run out. */
void *wtfcb_benchmark_report_rows(wtfcb_report *report, uint64_t count, size_t size);

/* A copy of a text (NULL: "") in the report's arena; NULL when memory has run out. */
const char *wtfcb_benchmark_report_text(wtfcb_report *report, const char *text);

/* Figures of every row and measure, noise, speed-ups by `reference`. O(samples log samples). WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_benchmark_report_seal(wtfcb_report *report);

#endif
