/*
 * A report from its JSON. Whatever reads it later may count on what a measured one promises: there are as many samples as runs, all of them finite and not below 0,
 * references and points lead to rows, points stand by rising thread counts. So all of that is checked here; what is computed from samples is
 * computed again.
 */
#include "benchmark/report_load.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "benchmark/report.h"
#include "benchmark/report_fields.h"
#include "profiler/read.h"

typedef wtfcb_profiler_reader reader;

#define SAMPLE_MOST 1e100 /* squares and sums of these are numbers, too */

/* Reads one object as number `index` of its array into `row`, which is cleared. */
typedef void (*load_fn)(reader *r, wtfcb_report *report, const json_t *object, void *row, size_t index);

/* An array of objects; NULL with a failure, or 0 rows if the key is missing. */
static void *load_rows(reader *r, wtfcb_report *report, const json_t *parent, const char *key, size_t size,
                       load_fn load, uint32_t *ret_count)
{
    const json_t *array = wtfcb_profiler_reader_array(r, parent, key);
    size_t count = json_array_size(array);
    if (count >= WTFCB_REPORT_NONE) wtfcb_profiler_reader_wrong(r, key, 0, "has too many rows");
    if (r->status != WTFCB_OK) return NULL;
    char *rows = wtfcb_benchmark_report_rows(report, count, size);
    if (!rows) {
        wtfcb_profiler_reader_out_of_memory(r);
        return NULL;
    }
    wtfcb_profiler_reader_enter(r, key, 0);
    for (size_t i = 0; i < count && r->status == WTFCB_OK; i++) {
        const json_t *object = wtfcb_profiler_reader_element(r, array, i);
        wtfcb_profiler_reader_enter(r, NULL, i);
        if (object) load(r, report, object, rows + i * size, i);
        wtfcb_profiler_reader_leave(r);
    }
    wtfcb_profiler_reader_leave(r);
    if (r->status != WTFCB_OK) return NULL;
    *ret_count = (uint32_t)count;
    return rows;
}

/* What this version does not know by name is 0. */
static void load_choices(reader *r, const wtfcb_benchmark_choice *choices, const json_t *object, void *row)
{
    for (; choices->key; choices++) {
        const char *name = wtfcb_profiler_reader_text(r, object, choices->key);
        uint32_t number = choices->count - 1;
        while (number > 0 && strcmp(choices->names[number], name) != 0)
            number--;
        memcpy((char *)row + choices->offset, &number, sizeof number);
    }
}

static uint32_t load_flags(reader *r, const json_t *object)
{
    const json_t *array = wtfcb_profiler_reader_array(r, object, "flags");
    uint32_t flags = 0;
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *name = json_string_value(json_array_get(array, i));
        if (!name) {
            wtfcb_profiler_reader_enter(r, "flags", 0);
            wtfcb_profiler_reader_wrong(r, NULL, i, "is not a text");
            wtfcb_profiler_reader_leave(r);
            return 0;
        }
        for (uint32_t bit = 0; bit < WTFCB_BENCHMARK_FLAGS; bit++)
            if (strcmp(name, wtfcb_benchmark_flag_names[bit]) == 0) flags |= 1u << bit;
    }
    return flags;
}

static const double *load_values(reader *r, wtfcb_report *report, const char *key, const json_t *array, uint64_t count)
{
    if (json_array_size(array) != count) {
        wtfcb_profiler_reader_wrong(r, key, 0, "has not as many samples as there are runs");
        return NULL;
    }
    double *values = wtfcb_benchmark_report_rows(report, count, sizeof *values);
    if (!values) {
        wtfcb_profiler_reader_out_of_memory(r);
        return NULL;
    }
    wtfcb_profiler_reader_enter(r, key, 0);
    for (size_t i = 0; i < count && r->status == WTFCB_OK; i++) {
        const json_t *value = json_array_get(array, i);
        values[i] = json_is_number(value) ? json_number_value(value) : -1;
        if (!(values[i] >= 0 && values[i] <= SAMPLE_MOST))
            wtfcb_profiler_reader_wrong(r, NULL, i, "is not a number from 0 to 1e100");
    }
    wtfcb_profiler_reader_leave(r);
    return values;
}

static void load_row(reader *r, wtfcb_report *report, const json_t *object, void *into, size_t index)
{
    wtfcb_benchmark_row *row = into;
    (void)index;
    wtfcb_profiler_reader_fields(r, &report->arena, wtfcb_benchmark_row_fields, object, &row->row);
    row->row.flags = load_flags(r, object);
    const json_t *samples = wtfcb_profiler_reader_object(r, object, "samples");
    bool any = false;
    wtfcb_profiler_reader_enter(r, "samples", 0);
    for (uint32_t m = 1; m <= WTFCB_REPORT_MEASURES && r->status == WTFCB_OK; m++) {
        const char *name = wtfcb_benchmark_measure_name(m);
        const json_t *array = wtfcb_profiler_reader_array(r, samples, name);
        if (!array) continue;
        row->samples[m - 1] = load_values(r, report, name, array, row->row.runs);
        any = true;
    }
    wtfcb_profiler_reader_leave(r);
    if (!any && row->row.runs > 0) wtfcb_profiler_reader_wrong(r, "runs", 0, "is not 0, and there are no samples");
}

static void load_comparison(reader *r, wtfcb_report *report, const json_t *object, void *into, size_t index)
{
    (void)index;
    wtfcb_profiler_reader_fields(r, &report->arena, wtfcb_benchmark_comparison_fields, object, into);
    load_choices(r, wtfcb_benchmark_comparison_choices, object, into);
}

static void load_point(reader *r, wtfcb_report *report, const json_t *object, void *into, size_t index)
{
    wtfcb_report_scaling_point *point = into;
    wtfcb_profiler_reader_fields(r, &report->arena, wtfcb_benchmark_point_fields, object, point);
    if (point->row >= report->summary.row_count) wtfcb_profiler_reader_wrong(r, "row", 0, "has no row");
    if (index > 0 && point->threads <= (point - 1)->threads)
        wtfcb_profiler_reader_wrong(r, "threads", 0, "is not more than that of the point before");
}

static void load_scaling(reader *r, wtfcb_report *report, const json_t *object, void *into, size_t index)
{
    wtfcb_benchmark_scaling *scaling = into;
    (void)index;
    wtfcb_profiler_reader_fields(r, &report->arena, wtfcb_benchmark_scaling_fields, object, &scaling->scaling);
    load_choices(r, wtfcb_benchmark_scaling_choices, object, &scaling->scaling);
    scaling->points =
        load_rows(r, report, object, "points", sizeof *scaling->points, load_point, &scaling->scaling.point_count);
}

static void load_advice(reader *r, wtfcb_report *report, const json_t *object, void *into, size_t index)
{
    (void)index;
    wtfcb_profiler_reader_fields(r, &report->arena, wtfcb_benchmark_advice_fields, object, into);
}

static void check_references(reader *r, const wtfcb_report *report)
{
    wtfcb_profiler_reader_enter(r, "rows", 0);
    for (uint32_t i = 0; i < report->summary.row_count && r->status == WTFCB_OK; i++) {
        uint32_t reference = report->rows[i].row.reference;
        if (reference == WTFCB_REPORT_NONE || reference < report->summary.row_count) continue;
        wtfcb_profiler_reader_enter(r, NULL, i);
        wtfcb_profiler_reader_wrong(r, "reference", 0, "has no row");
        wtfcb_profiler_reader_leave(r);
    }
    wtfcb_profiler_reader_leave(r);
}

static void load_all(reader *r, wtfcb_report *report)
{
    wtfcb_report_summary *summary = &report->summary;
    const json_t *all = wtfcb_profiler_reader_object(r, r->root, "wtfcb");
    if (!all) {
        wtfcb_profiler_reader_wrong(r, "wtfcb", 0, "is missing");
        return;
    }
    wtfcb_profiler_reader_enter(r, "wtfcb", 0);
    wtfcb_profiler_reader_fields(r, &report->arena, wtfcb_benchmark_summary_fields, all, summary);
    load_choices(r, wtfcb_benchmark_summary_choices, all, summary);
    if (!json_object_get(all, "confidence")) summary->confidence = 0.95;
    if (!(summary->confidence > 0 && summary->confidence < 1))
        wtfcb_profiler_reader_wrong(r, "confidence", 0, "is not between 0 and 1");
    const json_t *system = wtfcb_profiler_reader_object(r, all, "system");
    wtfcb_profiler_reader_enter(r, "system", 0);
    wtfcb_profiler_reader_fields(r, &report->arena, wtfcb_profiler_system_fields, system, &report->system);
    wtfcb_profiler_reader_leave(r);
    report->rows = load_rows(r, report, all, "rows", sizeof *report->rows, load_row, &summary->row_count);
    if (report->rows) check_references(r, report);
    report->comparisons = load_rows(r, report, all, "comparisons", sizeof *report->comparisons, load_comparison,
                                    &summary->comparison_count);
    report->scalings =
        load_rows(r, report, all, "scalings", sizeof *report->scalings, load_scaling, &summary->scaling_count);
    report->advice = load_rows(r, report, all, "advice", sizeof *report->advice, load_advice, &summary->advice_count);
    wtfcb_profiler_reader_leave(r);
    if (r->status == WTFCB_OK && wtfcb_benchmark_report_seal(report) != WTFCB_OK)
        wtfcb_profiler_reader_out_of_memory(r);
}

wtfcb_status wtfcb_benchmark_report_parse(const wtfcb_allocator *allocator, const char *path, const char *text,
                                          size_t length, wtfcb_report **ret_report, wtfcb_error *ret_error)
{
    reader r;
    wtfcb_report *report = NULL;
    wtfcb_status status = wtfcb_profiler_reader_open(&r, path, text, length, WTFCB_BENCHMARK_TYPE_REPORT, ret_error);
    if (status != WTFCB_OK) goto done;
    if (wtfcb_benchmark_report_new(allocator, &report) != WTFCB_OK)
        wtfcb_profiler_reader_out_of_memory(&r);
    else
        load_all(&r, report);
    status = r.status;
done:
    wtfcb_profiler_reader_close(&r);
    if (status == WTFCB_OK)
        *ret_report = report;
    else
        wtfcb_report_free(report);
    return status;
}

wtfcb_status wtfcb_report_load(const wtfcb_allocator *allocator, const char *path, wtfcb_report **ret_report,
                               wtfcb_error *ret_error)
{
    if (!path || !ret_report || !wtfcb_base_allocator_valid(allocator)) return WTFCB_EINVAL;
    wtfcb_allocator chosen = wtfcb_base_allocator(allocator);
    wtfcb_base_buffer text;
    wtfcb_base_buffer_init(&text, &chosen);
    wtfcb_status status = wtfcb_profiler_read_file(path, &text, ret_error);
    if (status == WTFCB_OK)
        status = wtfcb_benchmark_report_parse(&chosen, path, text.data, text.length, ret_report, ret_error);
    wtfcb_base_buffer_free(&text);
    return status;
}
