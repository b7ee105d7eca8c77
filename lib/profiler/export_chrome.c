/*
 * JSON of Chrome's trace viewer and Perfetto: metrics are counters, sections are slices on tracks of their own, zones are slices of their threads. Times
 * are microseconds with three decimals, which are nanoseconds exactly.
 *
 * A viewer holds a counter until its next value, so each row of the timeline is written at the beginning of its time. What the format has no
 * place for stands in `otherData`: the machine, what was not available and why, and the totals of zones if there is no trace.
 */
#include <stdio.h>

#include <wtfcb/version.h>

#include "base/json.h"
#include "profiler/course.h"
#include "profiler/export.h"
#include "profiler/forest.h"

enum {
    LANES = 32,               /* tracks for sections that overlap */
    TRACK_SECTIONS = 5000000, /* numbers that no thread of Linux has */
    TRACK_THREADS = 6000000,  /* likewise, for rows that several threads share */
    PERCENT = 100,
    US_DIGITS = 3,
};

typedef struct chrome {
    const wtfcb_profile *profile;
    wtfcb_base_json json;
    uint64_t process;
    const wtfcb_profile_event *events; /* of one thread */
} chrome;

static void open_event(chrome *c, const char *phase, const char *name, uint64_t track)
{
    wtfcb_base_json_newline(&c->json);
    wtfcb_base_json_open_object(&c->json, NULL);
    wtfcb_base_json_text(&c->json, "ph", phase);
    wtfcb_base_json_number(&c->json, "pid", c->process);
    wtfcb_base_json_number(&c->json, "tid", track);
    wtfcb_base_json_text(&c->json, "name", name);
}

static void write_meta_text(chrome *c, const char *what, uint64_t track, const char *name)
{
    open_event(c, "M", what, track);
    wtfcb_base_json_open_object(&c->json, "args");
    wtfcb_base_json_text(&c->json, "name", name);
    wtfcb_base_json_close_object(&c->json);
    wtfcb_base_json_close_object(&c->json);
}

static void write_meta_order(chrome *c, uint64_t track, uint64_t order)
{
    open_event(c, "M", "thread_sort_index", track);
    wtfcb_base_json_open_object(&c->json, "args");
    wtfcb_base_json_number(&c->json, "sort_index", order);
    wtfcb_base_json_close_object(&c->json);
    wtfcb_base_json_close_object(&c->json);
}

static void write_span(chrome *c, const char *category, uint64_t start_ns, uint64_t duration_ns)
{
    wtfcb_base_json_text(&c->json, "cat", category);
    wtfcb_base_json_decimal(&c->json, "ts", start_ns, US_DIGITS);
    wtfcb_base_json_decimal(&c->json, "dur", duration_ns, US_DIGITS);
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* Threads and zones */

static uint64_t track_of_thread(const chrome *c, uint32_t thread)
{
    uint64_t id = c->profile->threads[thread].id;
    return id > 0 ? id : (uint64_t)TRACK_THREADS + thread;
}

static void write_threads(chrome *c)
{
    for (uint32_t i = 0; i < c->profile->summary.thread_count; i++) {
        const wtfcb_profile_thread *thread = &c->profile->threads[i];
        if (thread->id == 0 && thread->zones == 0) continue; /* a process that allocated: there is no time in that */
        write_meta_text(c, "thread_name", track_of_thread(c, i), *thread->name ? thread->name : "thread");
        write_meta_order(c, track_of_thread(c, i), (uint64_t)LANES + i);
    }
}

static void write_event(void *user, uint32_t item, uint32_t depth)
{
    (void)depth;
    chrome *c = user;
    const wtfcb_profile_event *event = &c->events[item];
    const wtfcb_profile_frame *frame = &c->profile->frames[event->frame];
    open_event(c, "X", *frame->name ? frame->name : frame->function, track_of_thread(c, event->thread));
    write_span(c, "zone", event->start_ns, event->duration_ns);
    wtfcb_base_json_close_object(&c->json);
}

/* Outer ones first: of two slices that begin at once, viewers take the one that comes first for the outer one. */
static wtfcb_status write_events(chrome *c)
{
    wtfcb_profiler_forest forest;
    wtfcb_status status = WTFCB_OK;
    wtfcb_profiler_forest_init(&forest, &c->profile->allocator);
    for (uint64_t from = 0, end; status == WTFCB_OK && from < c->profile->summary.event_count; from = end) {
        status = wtfcb_profiler_forest_events(&forest, c->profile, from, &end);
        if (status != WTFCB_OK) break;
        c->events = c->profile->events + from;
        wtfcb_profiler_forest_walk(&forest, write_event, NULL, c);
    }
    wtfcb_profiler_forest_free(&forest);
    return status;
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* Sections */

/* A section that was never ended lasts to the end of the profile. */
static uint64_t section_duration(const chrome *c, const wtfcb_profile_section *section)
{
    uint64_t end = c->profile->summary.duration_ns;
    if (section->duration_ns != WTFCB_UNKNOWN) return section->duration_ns;
    return end > section->start_ns ? end - section->start_ns : 0;
}

static void write_section(chrome *c, const wtfcb_profile_section *section, uint64_t track)
{
    open_event(c, "X", section->name, track);
    write_span(c, "section", section->start_ns, section_duration(c, section));
    wtfcb_base_json_open_object(&c->json, "args");
    wtfcb_base_json_bool(&c->json, "ended", section->duration_ns != WTFCB_UNKNOWN);
    wtfcb_base_json_known(&c->json, "cpu_ns", section->cpu_ns);
    wtfcb_base_json_known(&c->json, "rss_first", section->rss_first);
    wtfcb_base_json_known(&c->json, "rss_last", section->rss_last);
    wtfcb_base_json_known(&c->json, "rss_peak", section->rss_peak);
    wtfcb_base_json_close_object(&c->json);
    wtfcb_base_json_close_object(&c->json);
}

/* Slices of a track must not cross: a section goes to the first track that is free by then; what finds none goes to the last. */
static void write_sections(chrome *c)
{
    uint64_t free_from[LANES] = {0};
    uint32_t used = 0;
    for (uint32_t i = 0; i < c->profile->summary.section_count; i++) {
        const wtfcb_profile_section *section = &c->profile->sections[i];
        uint64_t end = section->start_ns + section_duration(c, section);
        uint32_t lane = 0;
        while (lane < LANES - 1 && free_from[lane] > section->start_ns)
            lane++;
        if (lane >= used) {
            used = lane + 1;
            write_meta_text(c, "thread_name", (uint64_t)TRACK_SECTIONS + lane, "sections");
            write_meta_order(c, (uint64_t)TRACK_SECTIONS + lane, lane);
        }
        if (end > free_from[lane]) free_from[lane] = end;
        write_section(c, section, (uint64_t)TRACK_SECTIONS + lane);
    }
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* Counters */

/* What the number of a counter event is called. */
static const char *series_of(const wtfcb_profile_metric *metric)
{
    bool rate = metric->kind == WTFCB_METRIC_COUNTER;
    switch (metric->unit) {
    case WTFCB_METRIC_BYTES: return rate ? "bytes per second" : "bytes";
    case WTFCB_METRIC_NS: return rate ? (metric->id == WTFCB_METRIC_CPU ? "percent of a core" : "percent") : "ns";
    default: return rate ? "per second" : "count";
    }
}

static void write_counter(chrome *c, const wtfcb_profile_metric *metric, uint64_t at_ns, uint64_t milli)
{
    open_event(c, "C", metric->name, 0);
    wtfcb_base_json_decimal(&c->json, "ts", at_ns, US_DIGITS);
    wtfcb_base_json_open_object(&c->json, "args");
    wtfcb_base_json_decimal(&c->json, series_of(metric), milli, 3);
    wtfcb_base_json_close_object(&c->json);
    wtfcb_base_json_close_object(&c->json);
}

/* The number to show for a row, in thousandths; WTFCB_UNKNOWN: none. Nanoseconds in a second become percent. */
static uint64_t shown_milli(const wtfcb_profile_metric *metric, const wtfcb_profiler_tier *tier, uint64_t row,
                            const uint64_t *values)
{
    if (metric->kind != WTFCB_METRIC_COUNTER)
        return values[row] < UINT64_MAX / 1000 ? values[row] * 1000 : WTFCB_UNKNOWN;
    uint64_t milli = wtfcb_profiler_row_rate_milli(tier, row, values);
    if (milli == WTFCB_UNKNOWN || metric->unit != WTFCB_METRIC_NS) return milli;
    return milli / (1000 * 1000 * 1000 / PERCENT);
}

static void write_metric(chrome *c, const wtfcb_profile_metric *metric, const wtfcb_profiler_course *course)
{
    uint64_t last = WTFCB_UNKNOWN;
    uint64_t end_ns = 0;
    for (uint32_t i = 0; i < WTFCB_TIER_COUNT; i++) {
        const wtfcb_profiler_stretch *stretch = &course->stretches[i];
        const uint64_t *values = stretch->tier->values[metric->id - 1][WTFCB_STATISTIC_VALUE - 1];
        for (uint64_t row = stretch->from; values && row < stretch->to; row++) {
            uint64_t milli = shown_milli(metric, stretch->tier, row, values);
            if (milli == WTFCB_UNKNOWN) continue;
            write_counter(c, metric, wtfcb_profiler_row_start(stretch->tier, row), milli);
            last = milli;
            end_ns = stretch->tier->times[row];
        }
    }
    if (last != WTFCB_UNKNOWN) write_counter(c, metric, end_ns, last);
}

static void write_counters(chrome *c)
{
    wtfcb_profiler_course course = wtfcb_profiler_course_of(c->profile);
    for (uint32_t i = 0; i < c->profile->summary.metric_count; i++)
        if (c->profile->metrics[i].status == WTFCB_OK) write_metric(c, &c->profile->metrics[i], &course);
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* What is no event */

static void write_totals(chrome *c)
{
    wtfcb_base_json *json = &c->json;
    wtfcb_base_json_open_array(json, "zones");
    for (uint32_t i = 0; i < c->profile->summary.frame_count; i++) {
        const wtfcb_profile_frame *frame = &c->profile->frames[i];
        if (frame->tree != WTFCB_TREE_ZONES) continue;
        wtfcb_base_json_newline(json);
        wtfcb_base_json_open_object(json, NULL);
        wtfcb_base_json_text(json, "name", frame->name);
        wtfcb_base_json_text(json, "file", frame->file);
        wtfcb_base_json_number(json, "line", frame->line);
        wtfcb_base_json_number(json, "count", frame->count);
        wtfcb_base_json_number(json, "total", frame->total);
        wtfcb_base_json_number(json, "self", frame->self);
        wtfcb_base_json_close_object(json);
    }
    wtfcb_base_json_close_array(json);
}

static void write_other(chrome *c)
{
    wtfcb_base_json *json = &c->json;
    const wtfcb_profile_summary *summary = &c->profile->summary;
    char exporter[64];
    (void)snprintf(exporter, sizeof exporter, "libwtfcb %s", wtfcb_version_string());
    wtfcb_base_json_open_object(json, "otherData");
    wtfcb_base_json_text(json, "exporter", exporter);
    wtfcb_base_json_text(json, "name", summary->name);
    wtfcb_base_json_number(json, "started_ns", summary->started_ns);
    wtfcb_base_json_number(json, "duration_ns", summary->duration_ns);
    wtfcb_base_json_text(json, "host", c->profile->system.host);
    wtfcb_base_json_text(json, "kernel", c->profile->system.kernel);
    wtfcb_base_json_text(json, "cpu_model", c->profile->system.cpu_model);
    wtfcb_base_json_known(json, "cores_usable", summary->cores_usable);
    wtfcb_base_json_number(json, "overhead_ns", summary->overhead_ns);
    wtfcb_base_json_number(json, "samples_missed", summary->samples_missed);
    wtfcb_base_json_number(json, "zones_dropped", summary->zones_dropped);
    wtfcb_base_json_number(json, "events_dropped", summary->events_dropped);
    wtfcb_base_json_open_object(json, "unavailable");
    for (uint32_t i = 0; i < summary->metric_count; i++)
        if (c->profile->metrics[i].status != WTFCB_OK)
            wtfcb_base_json_text(json, c->profile->metrics[i].name, c->profile->metrics[i].reason);
    wtfcb_base_json_close_object(json);
    if (summary->event_count == 0) write_totals(c);
    wtfcb_base_json_close_object(json);
}

wtfcb_status wtfcb_profiler_export_chrome(const wtfcb_profile *profile, wtfcb_base_writer *out)
{
    chrome c = {.profile = profile, .process = profile->summary.process ? profile->summary.process : 1};
    wtfcb_base_json *json = &c.json;
    wtfcb_base_json_init(json, out);
    json->plain = true; /* Perfetto shows names of slices with their \u */
    wtfcb_base_json_open_object(json, NULL);
    wtfcb_base_json_text(json, "displayTimeUnit", "ms");
    wtfcb_base_json_open_array(json, "traceEvents");
    write_meta_text(&c, "process_name", 0, profile->summary.name);
    write_threads(&c);
    write_sections(&c);
    write_counters(&c);
    wtfcb_status status = write_events(&c);
    wtfcb_base_json_close_array(json);
    wtfcb_base_json_newline(json);
    write_other(&c);
    wtfcb_base_json_close_object(json);
    wtfcb_base_writer_char(out, '\n');
    return status != WTFCB_OK ? status : out->status;
}
