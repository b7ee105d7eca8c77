/* The data inside the page; see report_html.h. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "benchmark/report_html.h"
#include "benchmark/report_json.h"
#include "benchmark/statistics.h"
#include "profiler/export_html.h"
#include "profiler/profile_fields.h"

/* More samples than POINTS are shown by the least and the most of each of STRETCHES stretches: a plot has no room for more. */
enum { POINTS = 1000, STRETCHES = 500 };

/* Six digits are more than a pixel shows. */
static double rounded(double value)
{
    if (!(value >= 1e6 && value < 1e18)) return value;
    double step = 1;
    while (value / step >= 1e6)
        step *= 10;
    return floor(value / step + 0.5) * step;
}

/* Indices of the samples that are shown: all, or two of each stretch, in order. */
static uint64_t choose(const double *values, uint64_t count, uint64_t *ret_chosen)
{
    uint64_t chosen = 0;
    if (count <= POINTS) {
        while (chosen < count) {
            ret_chosen[chosen] = chosen;
            chosen++;
        }
        return chosen;
    }
    for (uint64_t s = 0; s < STRETCHES; s++) {
        uint64_t from = count / STRETCHES * s + count % STRETCHES * s / STRETCHES;
        uint64_t to = count / STRETCHES * (s + 1) + count % STRETCHES * (s + 1) / STRETCHES;
        uint64_t least = from;
        uint64_t most = from;
        for (uint64_t i = from; i < to; i++) {
            if (values[i] < values[least]) least = i;
            if (values[i] > values[most]) most = i;
        }
        ret_chosen[chosen++] = least < most ? least : most;
        if (least != most) ret_chosen[chosen++] = least < most ? most : least;
    }
    return chosen;
}

static void put_samples(wtfcb_base_json *json, const wtfcb_benchmark_row *row, double *sorted)
{
    const double *wall = row->samples[WTFCB_REPORT_WALL - 1];
    uint64_t count = row->row.runs;
    uint64_t chosen[POINTS];
    wtfcb_benchmark_fences fences;
    uint64_t shown = choose(wall, count, chosen);
    memcpy(sorted, wall, (size_t)count * sizeof *sorted);
    wtfcb_benchmark_sort(sorted, (size_t)count);
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_object(json, "shown");
    if (wtfcb_benchmark_fences_of(sorted, (size_t)count, &fences) == WTFCB_OK) {
        wtfcb_base_json_open_array(json, "fences");
        wtfcb_base_json_real(json, NULL, fences.low_severe + 0.0);
        wtfcb_base_json_real(json, NULL, fences.low_mild + 0.0);
        wtfcb_base_json_real(json, NULL, fences.high_mild + 0.0);
        wtfcb_base_json_real(json, NULL, fences.high_severe + 0.0);
        wtfcb_base_json_close_array(json);
    }
    if (shown < count) {
        wtfcb_base_json_open_array(json, "at");
        for (uint64_t i = 0; i < shown; i++)
            wtfcb_base_json_number(json, NULL, chosen[i]);
        wtfcb_base_json_close_array(json);
    }
    wtfcb_base_json_open_array(json, "wall");
    for (uint64_t i = 0; i < shown; i++)
        wtfcb_base_json_real(json, NULL, rounded(wall[chosen[i]]));
    wtfcb_base_json_close_array(json);
    wtfcb_base_json_close_object(json);
}

static void put_row(wtfcb_base_json *json, const wtfcb_benchmark_row *row, double *sorted)
{
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_object(json, NULL);
    wtfcb_benchmark_json_row(json, row);
    if (row->samples[WTFCB_REPORT_WALL - 1]) put_samples(json, row, sorted);
    wtfcb_base_json_close_object(json);
}

static void put_profile(wtfcb_base_json *json, const wtfcb_profile *profile, uint32_t row)
{
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_object(json, NULL);
    wtfcb_base_json_number(json, "row", row);
    for (const wtfcb_profiler_field *field = wtfcb_profiler_summary_fields; field->name; field++)
        wtfcb_profiler_put_field(json, field, &profile->summary, true);
    wtfcb_profiler_html_timeline(json, profile);
    wtfcb_base_json_close_object(json);
}

wtfcb_status wtfcb_benchmark_html_data(const wtfcb_report *report, wtfcb_base_writer *out)
{
    uint64_t most = 1;
    for (uint32_t i = 0; i < report->summary.row_count; i++)
        if (report->rows[i].row.runs > most) most = report->rows[i].row.runs;
    double *sorted = wtfcb_base_calloc(&report->allocator, (size_t)most, sizeof *sorted);
    if (!sorted) return WTFCB_ENOMEM;
    wtfcb_base_json json;
    wtfcb_base_json_init(&json, out);
    wtfcb_base_json_open_object(&json, NULL);
    wtfcb_benchmark_json_summary(&json, report);
    wtfcb_base_json_newline(&json);
    wtfcb_base_json_open_array(&json, "rows");
    for (uint32_t i = 0; i < report->summary.row_count; i++)
        put_row(&json, &report->rows[i], sorted);
    wtfcb_base_json_close_array(&json);
    wtfcb_benchmark_json_judgements(&json, report);
    wtfcb_base_json_newline(&json);
    wtfcb_base_json_open_array(&json, "profiles");
    for (uint32_t i = 0; i < report->summary.row_count; i++)
        if (report->rows[i].profile) put_profile(&json, report->rows[i].profile, i);
    wtfcb_base_json_close_array(&json);
    wtfcb_base_json_close_object(&json);
    wtfcb_base_free(&report->allocator, sorted, (size_t)most * sizeof *sorted);
    return WTFCB_OK;
}
