/*
 * What is computed from the samples of a report, and by nobody else: figures, noise, speed-ups. A report that was saved and loaded again has the same, to the bit.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "benchmark/report.h"
#include "benchmark/statistics.h"

/* Fewer samples than this have no halves that a shift could be told from. */
enum { NOISE_LEAST = 4 };

/* Room for the samples of one row, twice. */
typedef struct scratch {
    double *sorted;
    double *more;
} scratch;

static bool above(double number, double than)
{
    return isgreater(number, than);
}

/* Every value is finite, which the builder promises: so nothing here can fail. */
static void compute_figure(const double *samples, size_t count, double confidence, const scratch *s,
                           wtfcb_report_figure *figure)
{
    wtfcb_benchmark_interval interval;
    wtfcb_benchmark_fences fences;
    size_t outliers[WTFCB_BENCHMARK_OUTLIER_CLASSES];
    assert(wtfcb_benchmark_usable(samples, count));
    memcpy(s->sorted, samples, count * sizeof *samples);
    wtfcb_benchmark_sort(s->sorted, count);
    figure->count = count;
    figure->minimum = s->sorted[0];
    figure->maximum = s->sorted[count - 1];
    (void)wtfcb_benchmark_median(s->sorted, count, &figure->median);
    (void)wtfcb_benchmark_mad(s->sorted, count, s->more, &figure->mad);
    (void)wtfcb_benchmark_mean(samples, count, &figure->mean);
    (void)wtfcb_benchmark_deviation(samples, count, &figure->deviation);
    if (wtfcb_benchmark_median_interval(s->sorted, count, confidence, &interval) == WTFCB_OK) {
        figure->low = interval.low;
        figure->high = interval.high;
        figure->level = interval.sufficient ? interval.level : 0;
    }
    if (wtfcb_benchmark_fences_of(s->sorted, count, &fences) == WTFCB_OK &&
        wtfcb_benchmark_outliers(&fences, samples, count, NULL, outliers) == WTFCB_OK) {
        figure->low_severe = outliers[WTFCB_BENCHMARK_LOW_SEVERE];
        figure->low_mild = outliers[WTFCB_BENCHMARK_LOW_MILD];
        figure->high_mild = outliers[WTFCB_BENCHMARK_HIGH_MILD];
        figure->high_severe = outliers[WTFCB_BENCHMARK_HIGH_SEVERE];
    }
}

/* Median of every second sample, from `first` on. */
static double median_of_half(const double *samples, size_t count, size_t first, double *room)
{
    size_t taken = 0;
    double median = 0;
    for (size_t i = first; i < count; i += 2)
        room[taken++] = samples[i];
    wtfcb_benchmark_sort(room, taken);
    (void)wtfcb_benchmark_median(room, taken, &median);
    return median;
}

/* The halves ran in turns, of the same code: whatever differs is noise. */
static double noise_of(const wtfcb_benchmark_row *row, const scratch *s)
{
    const double *wall = row->samples[WTFCB_REPORT_WALL - 1];
    double median = row->figures[WTFCB_REPORT_WALL - 1].median;
    if (!wall || row->row.runs < NOISE_LEAST || !above(median, 0)) return 0;
    size_t count = (size_t)row->row.runs;
    double noise = fabs(median_of_half(wall, count, 0, s->sorted) - median_of_half(wall, count, 1, s->more)) / median;
    return isfinite(noise) ? noise : 0;
}

static const char *text_or_none(const char *text)
{
    return text ? text : "";
}

static void fill_texts(wtfcb_report_row *row)
{
    row->name = text_or_none(row->name);
    row->project = text_or_none(row->project);
    row->kind = text_or_none(row->kind);
    row->depth = text_or_none(row->depth);
    row->parameters = text_or_none(row->parameters);
    row->message = text_or_none(row->message);
}

static void compute_row(wtfcb_report *report, wtfcb_benchmark_row *row, const scratch *s)
{
    fill_texts(&row->row);
    bool any = false;
    for (size_t m = 0; m < WTFCB_REPORT_MEASURES; m++)
        any = any || row->samples[m];
    if (!any) row->row.runs = 0;
    for (size_t m = 0; m < WTFCB_REPORT_MEASURES; m++) {
        memset(&row->figures[m], 0, sizeof row->figures[m]);
        if (row->row.runs == 0) row->samples[m] = NULL;
        if (!row->samples[m]) continue;
        compute_figure(row->samples[m], (size_t)row->row.runs, report->summary.confidence, s, &row->figures[m]);
    }
    row->row.noise = noise_of(row, s);
}

/* A row that took no time has no speed, and bounds that no number can hold are none. */
static void compute_speedup(const wtfcb_report *report, wtfcb_benchmark_row *row)
{
    row->row.speedup = row->row.speedup_low = row->row.speedup_high = 0;
    if (row->row.reference >= report->summary.row_count) {
        row->row.reference = WTFCB_REPORT_NONE;
        return;
    }
    const wtfcb_report_figure *before = &report->rows[row->row.reference].figures[WTFCB_REPORT_WALL - 1];
    const wtfcb_report_figure *after = &row->figures[WTFCB_REPORT_WALL - 1];
    if (before->count == 0 || after->count == 0 || !above(after->low, 0)) return;
    double speedup = before->median / after->median;
    double low = before->low / after->high;
    double high = before->high / after->low;
    if (!isfinite(speedup) || !isfinite(low) || !isfinite(high)) return;
    row->row.speedup = speedup;
    row->row.speedup_low = low;
    row->row.speedup_high = high;
}

wtfcb_status wtfcb_benchmark_report_seal(wtfcb_report *report)
{
    uint64_t most = 1;
    for (uint32_t i = 0; i < report->summary.row_count; i++)
        if (report->rows[i].row.runs > most) most = report->rows[i].row.runs;
    if (most > PTRDIFF_MAX / sizeof(double) / 2) return WTFCB_ENOMEM;
    size_t room = (size_t)most * sizeof(double);
    double *both = wtfcb_base_alloc(&report->allocator, 2 * room);
    if (!both) return WTFCB_ENOMEM;
    scratch s = {.sorted = both, .more = both + most};
    for (uint32_t i = 0; i < report->summary.row_count; i++)
        compute_row(report, &report->rows[i], &s);
    for (uint32_t i = 0; i < report->summary.row_count; i++)
        compute_speedup(report, &report->rows[i]);
    wtfcb_base_free(&report->allocator, both, 2 * room);
    return WTFCB_OK;
}
