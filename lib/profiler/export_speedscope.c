/*
 * JSON of speedscope (https://www.speedscope.app/file-format-schema.json).
 *
 * A thread with a trace is an "evented" profile, in nanoseconds since the start; any other a "sampled" one, whose samples are the stacks of its tree and whose
 * weights are what each took, or holds, by itself. Where a trace has lost its oldest events the thread has both: one that is exact about
 * order, one that is complete.
 */
#include <stdbool.h>
#include <stdio.h>

#include <wtfcb/version.h>

#include "base/json.h"
#include "base/memory.h"
#include "profiler/export.h"
#include "profiler/forest.h"

enum { LABEL = 256 };

typedef struct speedscope {
    const wtfcb_profile *profile;
    wtfcb_base_json json;
    wtfcb_profiler_forest forest;
    const wtfcb_profile_node *nodes;   /* that the forest is made of */
    const wtfcb_profile_event *events; /* likewise */
    uint64_t last_ns;                  /* of the event that was written last: they never go back */
    uint64_t *traced;                  /* events that each thread has */
    uint32_t written;                  /* profiles */
} speedscope;

static void write_frames(speedscope *s)
{
    wtfcb_base_json *json = &s->json;
    wtfcb_base_json_open_object(json, "shared");
    wtfcb_base_json_open_array(json, "frames");
    for (uint32_t i = 0; i < s->profile->summary.frame_count; i++) {
        const wtfcb_profile_frame *frame = &s->profile->frames[i];
        wtfcb_base_json_newline(json);
        wtfcb_base_json_open_object(json, NULL);
        wtfcb_base_json_text(json, "name", *frame->name ? frame->name : frame->function);
        if (*frame->file) wtfcb_base_json_text(json, "file", frame->file);
        if (frame->line > 0) wtfcb_base_json_number(json, "line", frame->line);
        wtfcb_base_json_close_object(json);
    }
    wtfcb_base_json_close_array(json);
    wtfcb_base_json_close_object(json);
}

static void open_profile(speedscope *s, const char *type, const char *name, const char *unit, uint64_t start,
                         uint64_t end)
{
    wtfcb_base_json_newline(&s->json);
    wtfcb_base_json_open_object(&s->json, NULL);
    wtfcb_base_json_text(&s->json, "type", type);
    wtfcb_base_json_text(&s->json, "name", name);
    wtfcb_base_json_text(&s->json, "unit", unit);
    wtfcb_base_json_number(&s->json, "startValue", start);
    wtfcb_base_json_number(&s->json, "endValue", end);
    s->written++;
}

/* "worker (1234)", and what it is if a thread has more than one. */
static void label_thread(const speedscope *s, uint32_t thread, const char *what, char label[LABEL])
{
    const wtfcb_profile_thread *row = &s->profile->threads[thread];
    const char *name = *row->name ? row->name : "thread";
    if (row->id > 0)
        (void)snprintf(label, LABEL, "%.200s (%llu)%s", name, (unsigned long long)row->id, what);
    else
        (void)snprintf(label, LABEL, "%.200s (ended threads)%s", name, what);
}

/* Of allocations a row is a process, whose name says it all. */
static void label_tree(const speedscope *s, const wtfcb_profiler_tree_kind *tree, bool traced, char label[LABEL])
{
    const wtfcb_profile_thread *row = &s->profile->threads[s->nodes->thread];
    if (tree->id == WTFCB_TREE_ALLOC_LIVE || tree->id == WTFCB_TREE_ALLOC_TOTAL)
        (void)snprintf(label, LABEL, "%.200s, %s", *row->name ? row->name : "process", tree->name);
    else
        label_thread(s, s->nodes->thread, traced ? ", totals" : "", label);
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* Traces */

static void write_event(speedscope *s, const char *type, uint32_t frame, uint64_t at)
{
    if (at > s->last_ns) s->last_ns = at;
    wtfcb_base_json_newline(&s->json);
    wtfcb_base_json_open_object(&s->json, NULL);
    wtfcb_base_json_text(&s->json, "type", type);
    wtfcb_base_json_number(&s->json, "frame", frame);
    wtfcb_base_json_number(&s->json, "at", s->last_ns);
    wtfcb_base_json_close_object(&s->json);
}

static void open_event(void *user, uint32_t item, uint32_t depth)
{
    (void)depth;
    speedscope *s = user;
    write_event(s, "O", s->events[item].frame, s->events[item].start_ns);
}

static void close_event(void *user, uint32_t item, uint32_t depth)
{
    (void)depth;
    speedscope *s = user;
    write_event(s, "C", s->events[item].frame, s->events[item].start_ns + s->events[item].duration_ns);
}

/*
 * Where a trace begins and ends: a ring may hold the last moments of a day, and speedscope shows the whole range. Threads are shown one
 * at a time, so that they need no common beginning.
 */
static void open_trace(speedscope *s, const char *label)
{
    uint64_t start = s->events->start_ns;
    uint64_t end = 0;
    for (uint32_t i = 0; i < s->forest.count; i++) {
        uint64_t event_end = s->events[i].start_ns + s->events[i].duration_ns;
        if (event_end > end) end = event_end;
        if (s->events[i].start_ns < start) start = s->events[i].start_ns;
    }
    s->last_ns = start;
    open_profile(s, "evented", label, "nanoseconds", start, end);
}

static wtfcb_status write_traces(speedscope *s)
{
    char label[LABEL];
    for (uint64_t from = 0, end; from < s->profile->summary.event_count; from = end) {
        wtfcb_status status = wtfcb_profiler_forest_events(&s->forest, s->profile, from, &end);
        if (status != WTFCB_OK) return status;
        s->events = s->profile->events + from;
        s->traced[s->events->thread] += end - from;
        label_thread(s, s->events->thread, "", label);
        open_trace(s, label);
        wtfcb_base_json_open_array(&s->json, "events");
        wtfcb_profiler_forest_walk(&s->forest, open_event, close_event, s);
        wtfcb_base_json_close_array(&s->json);
        wtfcb_base_json_close_object(&s->json);
    }
    return WTFCB_OK;
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* Trees */

static void write_stack(void *user, uint32_t item, uint32_t depth)
{
    speedscope *s = user;
    if (s->nodes[item].self == 0) return;
    wtfcb_base_json_newline(&s->json);
    wtfcb_base_json_open_array(&s->json, NULL);
    for (uint32_t i = 0; i <= depth; i++)
        wtfcb_base_json_number(&s->json, NULL, s->nodes[s->forest.path[i]].frame);
    wtfcb_base_json_close_array(&s->json);
}

static void write_weight(void *user, uint32_t item, uint32_t depth)
{
    (void)depth;
    speedscope *s = user;
    if (s->nodes[item].self > 0) wtfcb_base_json_number(&s->json, NULL, s->nodes[item].self);
}

static void write_tree(speedscope *s, const wtfcb_profiler_tree_kind *tree, const char *label)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < s->forest.count; i++)
        sum += s->nodes[i].self;
    open_profile(s, "sampled", label, tree->value_unit, 0, sum);
    wtfcb_base_json_open_array(&s->json, "samples");
    wtfcb_profiler_forest_walk(&s->forest, write_stack, NULL, s);
    wtfcb_base_json_close_array(&s->json);
    wtfcb_base_json_newline(&s->json);
    wtfcb_base_json_open_array(&s->json, "weights");
    wtfcb_profiler_forest_walk(&s->forest, write_weight, NULL, s);
    wtfcb_base_json_close_array(&s->json);
    wtfcb_base_json_close_object(&s->json);
}

static wtfcb_status write_trees(speedscope *s)
{
    char label[LABEL];
    for (uint32_t from = 0, end; from < s->profile->summary.node_count; from = end) {
        wtfcb_status status = wtfcb_profiler_forest_nodes(&s->forest, s->profile, from, &end);
        if (status != WTFCB_OK) return status;
        s->nodes = s->profile->nodes + from;
        const wtfcb_profiler_tree_kind *tree = wtfcb_profiler_tree_kind_find(s->nodes->tree);
        if (!tree) continue;
        uint32_t thread = s->nodes->thread;
        uint64_t traced = tree->id == WTFCB_TREE_ZONES ? s->traced[thread] : 0;
        if (traced > 0 && traced >= s->profile->threads[thread].zones) continue;
        label_tree(s, tree, traced > 0, label);
        write_tree(s, tree, label);
    }
    return WTFCB_OK;
}

static wtfcb_status write_profiles(speedscope *s)
{
    wtfcb_status status = write_traces(s);
    if (status == WTFCB_OK) status = write_trees(s);
    if (status != WTFCB_OK || s->written > 0) return status;
    open_profile(s, "sampled", s->profile->summary.name, "nanoseconds", 0, 0); /* speedscope wants at least one */
    wtfcb_base_json_open_array(&s->json, "samples");
    wtfcb_base_json_close_array(&s->json);
    wtfcb_base_json_open_array(&s->json, "weights");
    wtfcb_base_json_close_array(&s->json);
    wtfcb_base_json_close_object(&s->json);
    return WTFCB_OK;
}

wtfcb_status wtfcb_profiler_export_speedscope(const wtfcb_profile *profile, wtfcb_base_writer *out)
{
    size_t threads = (size_t)profile->summary.thread_count + 1; /* never 0 */
    speedscope s = {.profile = profile, .traced = wtfcb_base_calloc(&profile->allocator, threads, sizeof *s.traced)};
    if (!s.traced) return WTFCB_ENOMEM;
    wtfcb_base_json *json = &s.json;
    wtfcb_base_json_init(json, out);
    wtfcb_profiler_forest_init(&s.forest, &profile->allocator);
    char exporter[64];
    (void)snprintf(exporter, sizeof exporter, "libwtfcb %s", wtfcb_version_string());

    wtfcb_base_json_open_object(json, NULL);
    wtfcb_base_json_text(json, "$schema", "https://www.speedscope.app/file-format-schema.json");
    wtfcb_base_json_text(json, "exporter", exporter);
    wtfcb_base_json_text(json, "name", profile->summary.name);
    wtfcb_base_json_number(json, "activeProfileIndex", 0);
    write_frames(&s);
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_array(json, "profiles");
    wtfcb_status status = write_profiles(&s);
    wtfcb_base_json_close_array(json);
    wtfcb_base_json_close_object(json);
    wtfcb_base_writer_char(out, '\n');
    wtfcb_profiler_forest_free(&s.forest);
    wtfcb_base_free(&profile->allocator, s.traced, threads * sizeof *s.traced);
    return status != WTFCB_OK ? status : out->status;
}
