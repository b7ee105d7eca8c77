/*
 * The profile's own format: all that it has, in JSON. man/wtfcb_profile.3 describes every key; profile_load.c reads it.
 *
 * Saving what was loaded gives the same bytes.
 */
#include "base/json.h"
#include "profiler/export.h"
#include "profiler/profile_fields.h"

static void put_fields(wtfcb_base_json *json, const wtfcb_profiler_field *fields, const void *row)
{
    for (; fields->name; fields++)
        wtfcb_profiler_put_field(json, fields, row, true);
}

/* An array of objects, one a line. */
static void put_rows(wtfcb_base_json *json, const char *key, const wtfcb_profiler_field *fields, const void *rows,
                     uint64_t count, size_t size)
{
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_array(json, key);
    for (uint64_t i = 0; i < count; i++) {
        wtfcb_base_json_newline(json);
        wtfcb_base_json_open_object(json, NULL);
        put_fields(json, fields, (const char *)rows + i * size);
        wtfcb_base_json_close_object(json);
    }
    wtfcb_base_json_close_array(json);
}

static void put_metrics(wtfcb_base_json *json, const wtfcb_profile *profile)
{
    static const char *const kinds[] = {"", "gauge", "counter"};
    static const char *const units[] = {"", "count", "bytes", "ns"};
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_array(json, "metrics");
    for (uint32_t i = 0; i < profile->summary.metric_count; i++) {
        const wtfcb_profile_metric *metric = &profile->metrics[i];
        wtfcb_base_json_newline(json);
        wtfcb_base_json_open_object(json, NULL);
        wtfcb_base_json_text(json, "name", metric->name);
        wtfcb_base_json_text(json, "summary", metric->summary);
        wtfcb_base_json_number(json, "id", metric->id);
        wtfcb_base_json_text(json, "kind", metric->kind < 3 ? kinds[metric->kind] : "");
        wtfcb_base_json_text(json, "unit", metric->unit < 4 ? units[metric->unit] : "");
        put_fields(json, wtfcb_profiler_metric_fields, metric);
        wtfcb_base_json_close_object(json);
    }
    wtfcb_base_json_close_array(json);
}

static void put_column(wtfcb_base_json *json, const char *key, const uint64_t *values, uint64_t count)
{
    wtfcb_base_json_open_array(json, key);
    for (uint64_t i = 0; i < count; i++)
        wtfcb_profiler_put_number(json, NULL, values[i]);
    wtfcb_base_json_close_array(json);
}

static void put_tier(wtfcb_base_json *json, const wtfcb_profiler_tier *tier)
{
    const wtfcb_profile_metric *metrics = wtfcb_profiler_metric_table();
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_object(json, NULL);
    wtfcb_profiler_put_number(json, "interval_ns", tier->interval_ns);
    wtfcb_profiler_put_number(json, "start_ns", tier->start_ns);
    wtfcb_profiler_put_number(json, "dropped", tier->dropped);
    wtfcb_base_json_newline(json);
    put_column(json, "times_ns", tier->times, tier->count);
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_object(json, "values");
    for (uint32_t m = 0; m < WTFCB_PROFILER_METRICS; m++) {
        bool any = false;
        for (uint32_t s = 0; s < WTFCB_PROFILER_STATISTICS; s++) {
            if (!tier->values[m][s]) continue;
            wtfcb_base_json_newline(json);
            if (!any) wtfcb_base_json_open_object(json, metrics[m].name);
            any = true;
            put_column(json, wtfcb_profiler_statistic_names[s], tier->values[m][s], tier->count);
        }
        if (any) wtfcb_base_json_close_object(json);
    }
    wtfcb_base_json_close_object(json);
    wtfcb_base_json_close_object(json);
}

static void put_histogram(wtfcb_base_json *json, const wtfcb_profiler_histogram *histogram)
{
    wtfcb_base_json_open_array(json, "histogram");
    for (uint32_t i = 0; i < histogram->count; i++) {
        wtfcb_base_json_open_array(json, NULL);
        wtfcb_base_json_number(json, NULL, histogram->buckets[i].index);
        wtfcb_profiler_put_number(json, NULL, histogram->buckets[i].count);
        wtfcb_base_json_close_array(json);
    }
    wtfcb_base_json_close_array(json);
}

static void put_frames(wtfcb_base_json *json, const wtfcb_profile *profile)
{
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_array(json, "frames");
    for (uint32_t i = 0; i < profile->summary.frame_count; i++) {
        wtfcb_base_json_newline(json);
        wtfcb_base_json_open_object(json, NULL);
        put_fields(json, wtfcb_profiler_frame_fields, &profile->frames[i]);
        if (profile->histograms && profile->histograms[i].count > 0) put_histogram(json, &profile->histograms[i]);
        wtfcb_base_json_close_object(json);
    }
    wtfcb_base_json_close_array(json);
}

/* Many and alike: an array each, whose columns are named once. */
static void put_events(wtfcb_base_json *json, const wtfcb_profile *profile)
{
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_array(json, "event_columns");
    for (const wtfcb_profiler_field *field = wtfcb_profiler_event_fields; field->name; field++)
        wtfcb_base_json_text(json, NULL, field->name);
    wtfcb_base_json_close_array(json);
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_array(json, "events");
    for (uint64_t i = 0; i < profile->summary.event_count; i++) {
        wtfcb_base_json_newline(json);
        wtfcb_base_json_open_array(json, NULL);
        for (const wtfcb_profiler_field *field = wtfcb_profiler_event_fields; field->name; field++)
            wtfcb_profiler_put_field(json, field, &profile->events[i], false);
        wtfcb_base_json_close_array(json);
    }
    wtfcb_base_json_close_array(json);
}

wtfcb_status wtfcb_profiler_export_json(const wtfcb_profile *profile, wtfcb_base_writer *out)
{
    const wtfcb_profile_summary *summary = &profile->summary;
    wtfcb_base_json json;
    wtfcb_base_json_init(&json, out);
    wtfcb_base_json_open_object(&json, NULL);
    wtfcb_base_json_number(&json, "schema", WTFCB_PROFILER_SCHEMA);
    wtfcb_base_json_text(&json, "type", WTFCB_PROFILER_TYPE_PROFILE);
    put_fields(&json, wtfcb_profiler_summary_fields, summary);
    wtfcb_base_json_newline(&json);
    wtfcb_base_json_open_object(&json, "system");
    put_fields(&json, wtfcb_profiler_system_fields, &profile->system);
    wtfcb_base_json_close_object(&json);
    put_metrics(&json, profile);
    wtfcb_base_json_newline(&json);
    wtfcb_base_json_open_array(&json, "tiers");
    for (uint32_t i = 0; i < WTFCB_TIER_COUNT; i++)
        put_tier(&json, &profile->tiers[i]);
    wtfcb_base_json_close_array(&json);
    if (summary->module_count > 0)
        put_rows(&json, "modules", wtfcb_profiler_module_fields, profile->modules, summary->module_count,
                 sizeof *profile->modules);
    put_rows(&json, "sections", wtfcb_profiler_section_fields, profile->sections, summary->section_count,
             sizeof *profile->sections);
    put_rows(&json, "threads", wtfcb_profiler_thread_fields, profile->threads, summary->thread_count,
             sizeof *profile->threads);
    put_frames(&json, profile);
    put_rows(&json, "nodes", wtfcb_profiler_node_fields, profile->nodes, summary->node_count, sizeof *profile->nodes);
    put_events(&json, profile);
    wtfcb_base_json_newline(&json);
    wtfcb_base_json_close_object(&json);
    wtfcb_base_writer_char(out, '\n');
    return WTFCB_OK;
}
