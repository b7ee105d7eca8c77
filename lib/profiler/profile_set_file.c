/*
 * Sets in files: the single figures of each row, and for those who read the file with other tools its statistics, which are counted anew when it is loaded.
 */
#include "profiler/profile_set_file.h"

#include <stdbool.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "profiler/profile_set.h"
#include "profiler/read.h"

static void put_stats(wtfcb_base_json *json, const wtfcb_profile_set_stats *stats)
{
    static const char *const units[] = {"", "count", "bytes", "ns"};
    wtfcb_base_json_text(json, "name", stats->name);
    wtfcb_base_json_text(json, "measure", wtfcb_measure_name(stats->measure));
    wtfcb_base_json_text(json, "frame", stats->frame);
    wtfcb_base_json_text(json, "unit", units[stats->unit]);
    wtfcb_base_json_number(json, "count", stats->count);
    wtfcb_base_json_real(json, "minimum", stats->minimum);
    wtfcb_base_json_real(json, "mean", stats->mean);
    wtfcb_base_json_real(json, "maximum", stats->maximum);
    wtfcb_base_json_real(json, "total", stats->total);
    wtfcb_base_json_real(json, "median", stats->median);
    wtfcb_base_json_real(json, "p95", stats->p95);
    wtfcb_base_json_real(json, "deviation", stats->deviation);
}

static wtfcb_status fill(void *user, wtfcb_base_writer *out)
{
    const wtfcb_profile_set *set = *(const wtfcb_profile_set **)user;
    wtfcb_base_json json;
    wtfcb_base_json_init(&json, out);
    wtfcb_base_json_open_object(&json, NULL);
    wtfcb_base_json_number(&json, "schema", WTFCB_PROFILER_SCHEMA);
    wtfcb_base_json_text(&json, "type", WTFCB_PROFILER_TYPE_SET);
    wtfcb_base_json_newline(&json);
    wtfcb_base_json_open_array(&json, "rows");
    for (size_t i = 0; i < set->count; i++) {
        const wtfcb_profiler_set_row *row = set->rows[i];
        wtfcb_profile_set_stats stats;
        wtfcb_status status = wtfcb_profiler_set_stats(&set->allocator, row, &stats);
        if (status != WTFCB_OK) return status;
        wtfcb_base_json_newline(&json);
        wtfcb_base_json_open_object(&json, NULL);
        put_stats(&json, &stats);
        wtfcb_base_json_open_array(&json, "values");
        for (size_t v = 0; v < row->count; v++)
            wtfcb_base_json_real(&json, NULL, row->values[v]);
        wtfcb_base_json_close_array(&json);
        wtfcb_base_json_close_object(&json);
    }
    wtfcb_base_json_close_array(&json);
    wtfcb_base_json_newline(&json);
    wtfcb_base_json_close_object(&json);
    wtfcb_base_writer_char(out, '\n');
    return WTFCB_OK;
}

wtfcb_status wtfcb_profile_set_save(const wtfcb_profile_set *set, const char *path, wtfcb_error *ret_error)
{
    if (!set || !path) return WTFCB_EINVAL;
    return wtfcb_base_writer_save(path, fill, &set, ret_error);
}

/* The measure of a name, or 0. */
static uint32_t measure_of(const char *name)
{
    for (uint32_t measure = 1; wtfcb_profiler_measure_unit(measure) != 0; measure++)
        if (strcmp(wtfcb_measure_name(measure), name) == 0) return measure;
    return 0;
}

/* Sums of squares stay finite up to here, whatever a file claims to have measured. */
static bool plausible(double value)
{
    return value >= 0 && value <= 1e100;
}

static double *load_values(wtfcb_profiler_reader *r, const wtfcb_allocator *allocator, const json_t *array)
{
    size_t count = json_array_size(array);
    double *values = wtfcb_base_calloc(allocator, count, sizeof *values);
    if (!values) {
        wtfcb_profiler_reader_out_of_memory(r);
        return NULL;
    }
    wtfcb_profiler_reader_enter(r, "values", 0);
    for (size_t i = 0; i < count && r->status == WTFCB_OK; i++) {
        const json_t *value = json_array_get(array, i);
        values[i] = json_is_number(value) ? json_number_value(value) : -1;
        if (!plausible(values[i])) wtfcb_profiler_reader_wrong(r, NULL, i, "is not a number from 0 to 1e100");
    }
    wtfcb_profiler_reader_leave(r);
    return values;
}

static void load_row(wtfcb_profiler_reader *r, wtfcb_profile_set *set, const json_t *object)
{
    wtfcb_profiler_set_item item = {
        .key = {.name = wtfcb_profiler_reader_text(r, object, "name"),
                .frame = wtfcb_profiler_reader_text(r, object, "frame"),
                .measure = measure_of(wtfcb_profiler_reader_text(r, object, "measure"))},
    };
    const json_t *array = wtfcb_profiler_reader_array(r, object, "values");
    item.count = json_array_size(array);
    if (r->status != WTFCB_OK || item.key.measure == 0) return; /* a later version may have other measures */
    if (item.count == 0) wtfcb_profiler_reader_wrong(r, "values", 0, "has none");
    bool of_frames = item.key.measure == WTFCB_MEASURE_ZONE || wtfcb_profiler_measure_tree(item.key.measure) != 0;
    if (*item.key.frame && !of_frames)
        wtfcb_profiler_reader_wrong(r, "frame", 0, "is there where the measure is of whole profiles");
    if (wtfcb_profiler_set_has(set, &item.key)) wtfcb_profiler_reader_wrong(r, NULL, 0, "is there twice");
    if (r->status != WTFCB_OK) return;
    double *values = load_values(r, &set->allocator, array);
    item.values = values;
    if (r->status == WTFCB_OK && wtfcb_profiler_set_apply(set, &item, 1) != WTFCB_OK)
        wtfcb_profiler_reader_out_of_memory(r);
    wtfcb_base_free(&set->allocator, values, item.count * sizeof *values);
}

static void load_rows(wtfcb_profiler_reader *r, wtfcb_profile_set *set)
{
    const json_t *rows = wtfcb_profiler_reader_array(r, r->root, "rows");
    size_t count = json_array_size(rows);
    wtfcb_profiler_reader_enter(r, "rows", 0);
    for (size_t i = 0; i < count && r->status == WTFCB_OK; i++) {
        const json_t *object = wtfcb_profiler_reader_element(r, rows, i);
        wtfcb_profiler_reader_enter(r, NULL, i);
        if (object) load_row(r, set, object);
        wtfcb_profiler_reader_leave(r);
    }
    wtfcb_profiler_reader_leave(r);
}

wtfcb_status wtfcb_profiler_set_parse(const wtfcb_allocator *allocator, const char *path, const char *text,
                                      size_t length, wtfcb_profile_set **ret_set, wtfcb_error *ret_error)
{
    wtfcb_profiler_reader r;
    wtfcb_profile_set *set = NULL;
    wtfcb_status status = wtfcb_profiler_reader_open(&r, path, text, length, WTFCB_PROFILER_TYPE_SET, ret_error);
    if (status != WTFCB_OK) goto done;
    if (wtfcb_profile_set_new(allocator, &set) != WTFCB_OK)
        wtfcb_profiler_reader_out_of_memory(&r);
    else
        load_rows(&r, set);
    status = r.status;
done:
    wtfcb_profiler_reader_close(&r);
    if (status == WTFCB_OK)
        *ret_set = set;
    else
        wtfcb_profile_set_free(set);
    return status;
}

wtfcb_status wtfcb_profile_set_load(const wtfcb_allocator *allocator, const char *path, wtfcb_profile_set **ret_set,
                                    wtfcb_error *ret_error)
{
    if (!path || !ret_set || !wtfcb_base_allocator_valid(allocator)) return WTFCB_EINVAL;
    wtfcb_allocator chosen = wtfcb_base_allocator(allocator);
    wtfcb_base_buffer text;
    wtfcb_base_buffer_init(&text, &chosen);
    wtfcb_status status = wtfcb_profiler_read_file(path, &text, ret_error);
    if (status == WTFCB_OK)
        status = wtfcb_profiler_set_parse(&chosen, path, text.data, text.length, ret_set, ret_error);
    wtfcb_base_buffer_free(&text);
    return status;
}
