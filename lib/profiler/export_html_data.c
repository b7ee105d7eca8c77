/* The data inside the page; see export_html.h. Tables of keys are shared with the profile's own JSON. */
#include "profiler/course.h"
#include "profiler/export_html.h"
#include "profiler/forest.h"
#include "profiler/profile_fields.h"

static void put_fields(wtfcb_base_json *json, const wtfcb_profiler_field *fields, const void *row)
{
    for (; fields->name; fields++)
        wtfcb_profiler_put_field(json, fields, row, true);
}

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

static void put_trees(wtfcb_base_json *json)
{
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_array(json, "trees");
    for (uint32_t i = 0; wtfcb_profiler_tree_kind_at(i); i++) {
        const wtfcb_profiler_tree_kind *tree = wtfcb_profiler_tree_kind_at(i);
        wtfcb_base_json_open_object(json, NULL);
        wtfcb_base_json_number(json, "id", tree->id);
        wtfcb_base_json_text(json, "name", tree->name);
        wtfcb_base_json_text(json, "unit", tree->value_unit);
        wtfcb_base_json_close_object(json);
    }
    wtfcb_base_json_close_array(json);
}

static void put_nodes(wtfcb_base_json *json, const wtfcb_profile *profile)
{
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_object(json, "nodes");
    for (const wtfcb_profiler_field *field = wtfcb_profiler_node_fields; field->name; field++) {
        wtfcb_base_json_newline(json);
        wtfcb_base_json_open_array(json, field->name);
        for (uint32_t i = 0; i < profile->summary.node_count; i++)
            wtfcb_profiler_put_field(json, field, &profile->nodes[i], false);
        wtfcb_base_json_close_array(json);
    }
    wtfcb_base_json_close_object(json);
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* The timeline */

static void put_column(wtfcb_base_json *json, const char *key, const wtfcb_profiler_course *course, uint32_t metric,
                       uint32_t statistic)
{
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_array(json, key);
    for (uint32_t i = 0; i < WTFCB_TIER_COUNT; i++) {
        const wtfcb_profiler_stretch *stretch = &course->stretches[i];
        const uint64_t *values = stretch->tier->values[metric][statistic];
        for (uint64_t row = stretch->from; row < stretch->to; row++)
            wtfcb_profiler_put_number(json, NULL, values ? values[row] : WTFCB_UNKNOWN);
    }
    wtfcb_base_json_close_array(json);
}

/* A row begins where the one before it ends. Where it does not, `jumps` says which row begins when. */
static void put_times(wtfcb_base_json *json, const wtfcb_profiler_course *course)
{
    uint64_t rows = 0;
    uint64_t last = 0;
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_array(json, "ends_ns");
    for (uint32_t i = 0; i < WTFCB_TIER_COUNT; i++)
        for (uint64_t row = course->stretches[i].from; row < course->stretches[i].to; row++)
            wtfcb_profiler_put_number(json, NULL, course->stretches[i].tier->times[row]);
    wtfcb_base_json_close_array(json);
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_array(json, "jumps");
    for (uint32_t i = 0; i < WTFCB_TIER_COUNT; i++) {
        const wtfcb_profiler_stretch *stretch = &course->stretches[i];
        if (stretch->from == stretch->to) continue;
        uint64_t start = wtfcb_profiler_row_start(stretch->tier, stretch->from);
        if (start != last) {
            wtfcb_base_json_open_array(json, NULL);
            wtfcb_base_json_number(json, NULL, rows);
            wtfcb_profiler_put_number(json, NULL, start);
            wtfcb_base_json_close_array(json);
        }
        rows += stretch->to - stretch->from;
        last = stretch->tier->times[stretch->to - 1];
    }
    wtfcb_base_json_close_array(json);
}

/* Counters that never moved have no columns: their rows are all 0. */
static void put_course(wtfcb_base_json *json, const wtfcb_profile *profile)
{
    wtfcb_profiler_course course = wtfcb_profiler_course_of(profile);
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_object(json, "course");
    wtfcb_base_json_open_array(json, "stretches");
    for (uint32_t i = 0; i < WTFCB_TIER_COUNT; i++) {
        const wtfcb_profiler_stretch *stretch = &course.stretches[i];
        if (stretch->from == stretch->to) continue;
        wtfcb_base_json_open_object(json, NULL);
        wtfcb_profiler_put_number(json, "interval_ns", stretch->tier->interval_ns);
        wtfcb_profiler_put_number(json, "rows", stretch->to - stretch->from);
        wtfcb_base_json_close_object(json);
    }
    wtfcb_base_json_close_array(json);
    put_times(json, &course);
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_object(json, "values");
    for (uint32_t i = 0; i < profile->summary.metric_count; i++) {
        const wtfcb_profile_metric *metric = &profile->metrics[i];
        bool still = metric->kind == WTFCB_METRIC_COUNTER && metric->last == 0;
        if (metric->status != WTFCB_OK || still) continue;
        uint32_t statistics = metric->kind == WTFCB_METRIC_GAUGE ? WTFCB_PROFILER_STATISTICS : 1;
        wtfcb_base_json_newline(json);
        wtfcb_base_json_open_object(json, metric->name);
        for (uint32_t s = 0; s < statistics; s++)
            put_column(json, wtfcb_profiler_statistic_names[s], &course, metric->id - 1, s);
        wtfcb_base_json_close_object(json);
    }
    wtfcb_base_json_close_object(json);
    wtfcb_base_json_close_object(json);
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
        wtfcb_base_json_text(json, "kind", metric->kind < 3 ? kinds[metric->kind] : "");
        wtfcb_base_json_text(json, "unit", metric->unit < 4 ? units[metric->unit] : "");
        put_fields(json, wtfcb_profiler_metric_fields, metric);
        wtfcb_base_json_close_object(json);
    }
    wtfcb_base_json_close_array(json);
}

void wtfcb_profiler_html_timeline(wtfcb_base_json *json, const wtfcb_profile *profile)
{
    put_metrics(json, profile);
    put_course(json, profile);
    put_rows(json, "sections", wtfcb_profiler_section_fields, profile->sections, profile->summary.section_count,
             sizeof *profile->sections);
}

void wtfcb_profiler_html_data(const wtfcb_profile *profile, wtfcb_base_writer *out)
{
    const wtfcb_profile_summary *summary = &profile->summary;
    wtfcb_base_json json;
    wtfcb_base_json_init(&json, out);
    wtfcb_base_json_open_object(&json, NULL);
    put_fields(&json, wtfcb_profiler_summary_fields, summary);
    wtfcb_base_json_newline(&json);
    wtfcb_base_json_open_object(&json, "system");
    put_fields(&json, wtfcb_profiler_system_fields, &profile->system);
    wtfcb_base_json_close_object(&json);
    wtfcb_profiler_html_timeline(&json, profile);
    put_rows(&json, "threads", wtfcb_profiler_thread_fields, profile->threads, summary->thread_count,
             sizeof *profile->threads);
    put_trees(&json);
    put_rows(&json, "frames", wtfcb_profiler_frame_fields, profile->frames, summary->frame_count,
             sizeof *profile->frames);
    put_nodes(&json, profile);
    wtfcb_base_json_number(&json, "events", summary->event_count);
    wtfcb_base_json_close_object(&json);
}
