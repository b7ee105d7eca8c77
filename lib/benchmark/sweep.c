/* Rows of one curve are those without a cache: "sequential", "parallel" and "sweep" of one project and depth. */
#include "benchmark/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "benchmark/fit.h"

enum { MOST_POINTS = 64 };

static bool is_on_curve(const wtfcb_benchmark_row *row)
{
    return row->row.status == WTFCB_OK && row->row.threads > 0 && row->samples[WTFCB_REPORT_FILES_RATE - 1] &&
           (strcmp(row->row.kind, "sequential") == 0 || strcmp(row->row.kind, "parallel") == 0 ||
            strcmp(row->row.kind, "sweep") == 0);
}

static bool is_same_curve(const wtfcb_benchmark_row *a, const wtfcb_benchmark_row *b)
{
    return strcmp(a->row.project, b->row.project) == 0 && strcmp(a->row.depth, b->row.depth) == 0;
}

static int by_threads(const void *a, const void *b)
{
    const wtfcb_report_scaling_point *x = a;
    const wtfcb_report_scaling_point *y = b;
    return (x->threads > y->threads) - (x->threads < y->threads);
}

/* Points by rising thread counts; of a count that was measured twice the first row stands for both. */
static uint32_t collect(const wtfcb_report *report, uint32_t first, wtfcb_report_scaling_point *points)
{
    uint32_t count = 0;
    for (uint32_t i = first; i < report->summary.row_count && count < MOST_POINTS; i++) {
        const wtfcb_benchmark_row *row = &report->rows[i];
        bool known = !is_on_curve(row) || !is_same_curve(row, &report->rows[first]);
        for (uint32_t k = 0; k < count && !known; k++)
            known = points[k].threads == row->row.threads;
        if (known) continue;
        const wtfcb_report_figure *rate = &row->figures[WTFCB_REPORT_FILES_RATE - 1];
        points[count++] = (wtfcb_report_scaling_point){.threads = row->row.threads,
                                                       .row = i,
                                                       .rate = rate->median,
                                                       .rate_low = rate->low,
                                                       .rate_high = rate->high,
                                                       .memory = row->figures[WTFCB_REPORT_MEMORY - 1].median};
    }
    qsort(points, count, sizeof *points, by_threads);
    for (uint32_t i = 0; i < count; i++)
        points[i].speedup = points[0].rate > 0 ? points[i].rate / points[0].rate : 0;
    return count;
}

static void recommend(wtfcb_report_scaling *scaling, const wtfcb_report_scaling_point *points)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < scaling->point_count; i++)
        if (points[i].rate > points[best].rate) best = i;
    scaling->best = points[best].threads;
    for (uint32_t i = 0; i < scaling->point_count && scaling->recommended == 0; i++)
        if (points[i].rate >= WTFCB_BENCHMARK_NEAR_BEST * points[best].rate) scaling->recommended = points[i].threads;
}

/* Both laws, from the medians. What they cannot say is said in the message. */
static void fit(wtfcb_report_scaling *scaling, wtfcb_report_scaling_point *points, char *message, size_t size)
{
    wtfcb_benchmark_point measured[MOST_POINTS];
    wtfcb_benchmark_fit amdahl = {0};
    wtfcb_benchmark_fit usl = {0};
    for (uint32_t i = 0; i < scaling->point_count; i++)
        measured[i] = (wtfcb_benchmark_point){.threads = points[i].threads, .throughput = points[i].rate};
    const uint32_t unfit = WTFCB_BENCHMARK_FIT_TOO_FEW | WTFCB_BENCHMARK_FIT_FLAT | WTFCB_BENCHMARK_FIT_SUPERLINEAR;
    if (wtfcb_benchmark_fit_amdahl(measured, scaling->point_count, &amdahl) == WTFCB_OK && !(amdahl.flags & unfit)) {
        scaling->fitted |= 1;
        scaling->amdahl_serial = amdahl.sigma;
        scaling->amdahl_r2 = amdahl.r2;
    }
    if (wtfcb_benchmark_fit_usl(measured, scaling->point_count, &usl) == WTFCB_OK && !(usl.flags & unfit)) {
        scaling->fitted |= 2;
        scaling->usl_rate = usl.lambda;
        scaling->usl_contention = usl.sigma;
        scaling->usl_coherency = usl.kappa;
        scaling->usl_r2 = usl.r2;
    }
    for (uint32_t i = 0; i < scaling->point_count; i++) {
        if (scaling->fitted & 1) points[i].amdahl = wtfcb_benchmark_fit_at(&amdahl, points[i].threads);
        if (scaling->fitted & 2) points[i].usl = wtfcb_benchmark_fit_at(&usl, points[i].threads);
    }
    const uint32_t flags = amdahl.flags | (scaling->point_count > 3 ? usl.flags : 0);
    const char *why = "";
    if (flags & WTFCB_BENCHMARK_FIT_TOO_FEW)
        why = "Too few thread counts for a model: three for Amdahl's law, four for the universal scalability law";
    else if (flags & WTFCB_BENCHMARK_FIT_FLAT)
        why = "Throughput hardly changes with threads: there is nothing to model";
    else if (flags & WTFCB_BENCHMARK_FIT_SUPERLINEAR)
        why = "Throughput grows faster than threads, which neither law knows";
    (void)snprintf(message, size, "%s", why);
}

wtfcb_status wtfcb_benchmark_sweep(wtfcb_report *report)
{
    const uint32_t rows = report->summary.row_count;
    wtfcb_benchmark_scaling *scalings = wtfcb_benchmark_report_rows(report, rows, sizeof *scalings);
    wtfcb_report_scaling_point points[MOST_POINTS];
    if (!scalings) return WTFCB_ENOMEM;
    report->scalings = scalings;
    for (uint32_t i = 0; i < rows; i++) {
        bool is_first = is_on_curve(&report->rows[i]);
        for (uint32_t k = 0; k < i && is_first; k++)
            is_first = !is_on_curve(&report->rows[k]) || !is_same_curve(&report->rows[k], &report->rows[i]);
        if (!is_first) continue;
        memset(points, 0, sizeof points);
        const uint32_t count = collect(report, i, points);
        if (count < 2) continue;
        char message[160];
        wtfcb_report_scaling *scaling = &scalings[report->summary.scaling_count].scaling;
        *scaling = (wtfcb_report_scaling){
            .project = report->rows[i].row.project, .depth = report->rows[i].row.depth, .point_count = count};
        recommend(scaling, points);
        fit(scaling, points, message, sizeof message);
        wtfcb_report_scaling_point *kept = wtfcb_benchmark_report_rows(report, count, sizeof *kept);
        scaling->message = wtfcb_benchmark_report_text(report, message);
        if (!kept || !scaling->message) return WTFCB_ENOMEM;
        memcpy(kept, points, count * sizeof *kept);
        scalings[report->summary.scaling_count++].points = kept;
    }
    return WTFCB_OK;
}
