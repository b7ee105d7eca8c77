/*
 * One function a rule, one table of all of them. Rules look at one row, or at one scaling; those of rows find their counterparts in the same project and depth.
 */
#include "benchmark/advice.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "benchmark/sweep.h"

#define MS 1e6
#define MB 1e6

enum { MOST_ADVICE = 64, TEXT = 320 };

/* Bounds of the rules. */
static const double cache_gain = 1.5;      /* a warm scan is that many times faster, at least */
static const double few_hits = 0.9;        /* less is too little of a cache that knows every file */
static const double idle = 0.5;            /* a scan that uses less of its threads' time waits */
static const double long_enough = 50 * MS; /* shorter scans are mostly start and end */
static const double much_memory = 0.5;     /* part of what there is */

typedef struct advisor {
    wtfcb_report *report;
    wtfcb_report_advice list[MOST_ADVICE];
    uint32_t count;
    bool failed; /* no memory */
} advisor;

static double median(const wtfcb_benchmark_row *row, uint32_t measure)
{
    return row->samples[measure - 1] ? row->figures[measure - 1].median : 0;
}

__attribute__((format(printf, 5, 6))) static void advise(advisor *a, const char *rule, const char *project,
                                                         const char *text, const char *format, ...)
{
    char evidence[TEXT];
    va_list arguments;
    if (a->count == MOST_ADVICE) return;
    va_start(arguments, format);
    (void)vsnprintf(evidence, sizeof evidence, format, arguments);
    va_end(arguments);
    wtfcb_report_advice *one = &a->list[a->count];
    one->rule = wtfcb_benchmark_report_text(a->report, rule);
    one->project = wtfcb_benchmark_report_text(a->report, project);
    one->text = wtfcb_benchmark_report_text(a->report, text);
    one->evidence = wtfcb_benchmark_report_text(a->report, evidence);
    if (one->rule && one->project && one->text && one->evidence)
        a->count++;
    else
        a->failed = true;
}

/* The row of another case in the same project and depth; NULL: it was not measured. */
static const wtfcb_benchmark_row *sibling(const advisor *a, const wtfcb_benchmark_row *row, const char *kind)
{
    for (uint32_t i = 0; i < a->report->summary.row_count; i++) {
        const wtfcb_benchmark_row *other = &a->report->rows[i];
        if (other->row.status == WTFCB_OK && strcmp(other->row.kind, kind) == 0 &&
            strcmp(other->row.project, row->row.project) == 0 && strcmp(other->row.depth, row->row.depth) == 0)
            return other;
    }
    return NULL;
}

/* ----------------------------------------------------------------------------------------------------------- scaling */

static void threads(advisor *a, const wtfcb_benchmark_scaling *s)
{
    char text[TEXT];
    const wtfcb_report_scaling *scaling = &s->scaling;
    const wtfcb_report_scaling_point *least = &s->points[0];
    const wtfcb_report_scaling_point *wanted = least;
    for (uint32_t i = 0; i < scaling->point_count; i++)
        if (s->points[i].threads == scaling->recommended) wanted = &s->points[i];
    const wtfcb_report_scaling_point *most = &s->points[scaling->point_count - 1];
    bool sure = wanted == least || wanted->rate_low > least->rate_high;
    for (uint32_t i = 1; i < scaling->point_count && wanted == least; i++)
        sure = sure && s->points[i].rate_high <= least->rate_low / WTFCB_BENCHMARK_NEAR_BEST;
    if (!sure) return;
    (void)snprintf(text, sizeof text, "use %" PRIu32 " thread%s for scans at depth %s", wanted->threads,
                   wanted->threads == 1 ? "" : "s", scaling->depth);
    if (wanted == least)
        advise(a, "threads", scaling->project, text,
               "%.0f files/s with it, %.0f with %" PRIu32 " threads: less than 5 %% more", wanted->rate, most->rate,
               most->threads);
    else
        advise(a, "threads", scaling->project, text,
               "%.0f files/s against %.0f with %" PRIu32 " (%.2f times); the best that was measured is %" PRIu32
               " threads",
               wanted->rate, least->rate, least->threads, wanted->speedup, scaling->best);
}

/* -------------------------------------------------------------------------------------------------------------- rows */

static void cache(advisor *a, const wtfcb_benchmark_row *row)
{
    const wtfcb_benchmark_row *plain = sibling(a, row, "parallel");
    if (strcmp(row->row.kind, "warm") != 0 || !plain) return;
    const wtfcb_report_figure *warm = &row->figures[WTFCB_REPORT_WALL - 1];
    const wtfcb_report_figure *cold = &plain->figures[WTFCB_REPORT_WALL - 1];
    if (!(warm->high > 0)) return;
    const double least = cold->low / warm->high;
    if (least >= cache_gain)
        advise(a, "cache", row->row.project, "keep a cache between scans",
               "depth %s: %.1f ms with a warm cache, %.1f ms without one: %.1f times, at least %.1f", row->row.depth,
               warm->median / MS, cold->median / MS, cold->median / warm->median, least);
    else if (cold->high < warm->low)
        advise(a, "cache", row->row.project, "scan without a cache at this depth",
               "depth %s: %.1f ms with a warm cache, %.1f ms without one", row->row.depth, warm->median / MS,
               cold->median / MS);
}

static void cache_size(advisor *a, const wtfcb_benchmark_row *row)
{
    const wtfcb_report_figure *hits = &row->figures[WTFCB_REPORT_HIT_RATE - 1];
    if (strcmp(row->row.kind, "warm") != 0 || !row->samples[WTFCB_REPORT_HIT_RATE - 1] || hits->high >= few_hits)
        return;
    advise(a, "cache-size", row->row.project,
           "give the cache more room, or look with wtfcb-cache explain at why files miss",
           "depth %s: a cache that had seen every file answered %.1f %% of the lookups", row->row.depth,
           hits->median * 100);
}

static void limits(advisor *a, const wtfcb_benchmark_row *row)
{
    const double failed = median(row, WTFCB_REPORT_ERRORS);
    if (failed <= 0 || strcmp(row->row.kind, "sequential") != 0) return;
    advise(a, "limits", row->row.project, "look at the files that fail: wtfcb-scan --by-file, --max-file-size",
           "depth %s: %.0f of %" PRIu64 " files failed", row->row.depth, failed, row->row.files);
}

static void storage(advisor *a, const wtfcb_benchmark_row *row)
{
    const wtfcb_report_figure *wall = &row->figures[WTFCB_REPORT_WALL - 1];
    if (strcmp(row->row.kind, "parallel") != 0 && strcmp(row->row.kind, "cold") != 0) return;
    if (wall->low < long_enough || row->row.threads == 0 || !row->samples[WTFCB_REPORT_USER - 1]) return;
    const double busy = (row->figures[WTFCB_REPORT_USER - 1].high + row->figures[WTFCB_REPORT_SYSTEM - 1].high) /
                        (wall->low * row->row.threads);
    if (busy >= idle) return;
    advise(
        a, "storage", row->row.project,
        "scans wait for storage or for other processes, not for this one's work: faster storage or a quieter machine "
        "helps, threads do not",
        "%s: %.1f ms, of which its %" PRIu32 " threads worked at most %.0f %%", row->row.name, wall->median / MS,
        row->row.threads, busy * 100);
}

static void memory(advisor *a, const wtfcb_benchmark_row *row)
{
    const wtfcb_system_info *system = &a->report->system;
    const uint64_t limit = system->memory_limit != WTFCB_UNKNOWN ? system->memory_limit : system->memory_total;
    const wtfcb_report_figure *peak = &row->figures[WTFCB_REPORT_MEMORY - 1];
    const wtfcb_report_figure *faults = &row->figures[WTFCB_REPORT_MAJOR_FAULTS - 1];
    if (row->samples[WTFCB_REPORT_MEMORY - 1] && limit != WTFCB_UNKNOWN && peak->low > much_memory * (double)limit)
        advise(a, "memory", row->row.project, "use fewer threads, or keep totals alone: memory is short",
               "%s: a peak of %.0f MB of %.0f MB", row->row.name, peak->median / MB, (double)limit / MB);
    else if (row->samples[WTFCB_REPORT_MAJOR_FAULTS - 1] && faults->low > 100 &&
             !(row->row.flags & WTFCB_ROW_PAGE_CACHE_DROPPED))
        advise(a, "memory", row->row.project, "give the machine more memory: pages are read again and again",
               "%s: %.0f page faults that waited for input", row->row.name, faults->median);
}

/* Of a project the row that is the noisiest. */
static void noise(advisor *a, const wtfcb_benchmark_row *row)
{
    const double effect = a->report->summary.least_effect;
    if (row->row.noise <= effect || row->row.runs < 6) return;
    for (uint32_t i = 0; i < a->report->summary.row_count; i++) {
        const wtfcb_benchmark_row *other = &a->report->rows[i];
        if (other == row || strcmp(other->row.project, row->row.project) != 0 || other->row.runs < 6) continue;
        if (other->row.noise > row->row.noise || (other->row.noise == row->row.noise && other < row)) return;
    }
    advise(a, "noise", row->row.project,
           "measure on a quieter machine, or for longer: smaller changes than the noise are not seen here",
           "equal halves of the samples of %s differ by %.1f %%, and %.1f %% is to be seen", row->row.name,
           row->row.noise * 100, effect * 100);
}

static void (*const scaling_rules[])(advisor *a, const wtfcb_benchmark_scaling *scaling) = {threads};
static void (*const row_rules[])(advisor *a, const wtfcb_benchmark_row *row) = {cache,   cache_size, limits,
                                                                                storage, memory,     noise};

wtfcb_status wtfcb_benchmark_advise(wtfcb_report *report)
{
    advisor a = {.report = report};
    for (uint32_t i = 0; i < report->summary.scaling_count; i++)
        for (size_t rule = 0; rule < sizeof scaling_rules / sizeof *scaling_rules; rule++)
            scaling_rules[rule](&a, &report->scalings[i]);
    for (size_t rule = 0; rule < sizeof row_rules / sizeof *row_rules; rule++)
        for (uint32_t i = 0; i < report->summary.row_count; i++)
            if (report->rows[i].row.status == WTFCB_OK) row_rules[rule](&a, &report->rows[i]);
    wtfcb_report_advice *list = wtfcb_benchmark_report_rows(report, a.count, sizeof *list);
    if (!list || a.failed) return WTFCB_ENOMEM;
    memcpy(list, a.list, a.count * sizeof *list);
    report->advice = list;
    report->summary.advice_count = a.count;
    return WTFCB_OK;
}
