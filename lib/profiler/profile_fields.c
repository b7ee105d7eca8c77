/* The tables of keys, and how a value of each kind is written. */
#include "profiler/profile_fields.h"

#include <assert.h>

#define FIELD(kind_, type_, key_, member_)                                                                             \
    {                                                                                                                  \
        key_, offsetof(type_, member_), sizeof(((type_ *)0)->member_), WTFCB_PROFILER_FIELD_##kind_                    \
    }
#define END                                                                                                            \
    {                                                                                                                  \
        NULL, 0, 0, WTFCB_PROFILER_FIELD_COUNT                                                                         \
    }

#define SUMMARY(kind_, key_, member_) FIELD(kind_, wtfcb_profile_summary, key_, member_)
const wtfcb_profiler_field wtfcb_profiler_summary_fields[] = {
    SUMMARY(TEXT, "name", name),
    SUMMARY(COUNT, "started_ns", started_ns),
    SUMMARY(COUNT, "duration_ns", duration_ns),
    SUMMARY(COUNT, "process", process),
    SUMMARY(FLAG, "tree_walked", tree_walked),
    SUMMARY(KNOWN, "cores_usable", cores_usable),
    SUMMARY(KNOWN, "cpu_ns", cpu_ns),
    SUMMARY(KNOWN, "rss_peak_bytes", rss_peak),
    SUMMARY(COUNT, "samples", samples),
    SUMMARY(COUNT, "samples_missed", samples_missed),
    SUMMARY(COUNT, "samples_dropped", samples_dropped),
    SUMMARY(COUNT, "zones", zones),
    SUMMARY(COUNT, "zones_dropped", zones_dropped),
    SUMMARY(COUNT, "events_dropped", events_dropped),
    SUMMARY(COUNT, "overhead_ns", overhead_ns),
    SUMMARY(STATUS, "zone_status", zone_status),
    SUMMARY(STATUS, "timeline_status", timeline_status),
    SUMMARY(STATUS, "flush_status", flush_status),
    SUMMARY(STATUS, "cpu_status", cpu_status),
    SUMMARY(TEXT, "cpu_engine", cpu_engine),
    SUMMARY(SMALL, "cpu_hz", cpu_hz),
    SUMMARY(COUNT, "cpu_samples", cpu_samples),
    SUMMARY(COUNT, "cpu_lost", cpu_lost),
    SUMMARY(COUNT, "cpu_unwound_short", cpu_unwound_short),
    SUMMARY(STATUS, "alloc_status", alloc_status),
    SUMMARY(TEXT, "alloc_mode", alloc_mode),
    SUMMARY(COUNT, "alloc_rate", alloc_rate),
    SUMMARY(COUNT, "alloc_count", alloc_count),
    SUMMARY(COUNT, "alloc_bytes", alloc_bytes),
    SUMMARY(COUNT, "alloc_live_count", alloc_live_count),
    SUMMARY(COUNT, "alloc_live_bytes", alloc_live_bytes),
    SUMMARY(COUNT, "alloc_live_peak", alloc_live_peak),
    SUMMARY(COUNT, "alloc_lost", alloc_lost),
    SUMMARY(COUNT, "alloc_unwound_short", alloc_unwound_short),
    END,
};

#define SYSTEM(kind_, key_, member_) FIELD(kind_, wtfcb_system_info, key_, member_)
const wtfcb_profiler_field wtfcb_profiler_system_fields[] = {
    SYSTEM(KNOWN, "cores_present", cores_present),
    SYSTEM(KNOWN, "cores_usable", cores_usable),
    SYSTEM(KNOWN, "memory_total_bytes", memory_total),
    SYSTEM(KNOWN, "memory_available_bytes", memory_available),
    SYSTEM(KNOWN, "memory_limit_bytes", memory_limit),
    SYSTEM(KNOWN, "cpu_limit_milli", cpu_limit_milli),
    SYSTEM(KNOWN, "load_milli", load_milli),
    SYSTEM(KNOWN, "disk_total_bytes", disk_total),
    SYSTEM(KNOWN, "disk_available_bytes", disk_available),
    SYSTEM(KNOWN, "page_size_bytes", page_size),
    SYSTEM(KNOWN, "boot_time_s", boot_time_s),
    SYSTEM(ARRAY, "kernel", kernel),
    SYSTEM(ARRAY, "architecture", architecture),
    SYSTEM(ARRAY, "cpu_model", cpu_model),
    SYSTEM(ARRAY, "clock_source", clock_source),
    SYSTEM(ARRAY, "zone_clock", zone_clock),
    SYSTEM(ARRAY, "host", host),
    SYSTEM(ARRAY, "library", library),
    SYSTEM(ARRAY, "compiler", compiler),
    END,
};

#define METRIC(kind_, key_, member_) FIELD(kind_, wtfcb_profile_metric, key_, member_)
const wtfcb_profiler_field wtfcb_profiler_metric_fields[] = {
    METRIC(STATUS, "status", status),  METRIC(TEXT, "reason", reason),
    METRIC(KNOWN, "first", first),     METRIC(KNOWN, "last", last),
    METRIC(KNOWN, "minimum", minimum), METRIC(KNOWN, "maximum", maximum),
    METRIC(KNOWN, "mean", mean),       END,
};

#define MODULE(kind_, key_, member_) FIELD(kind_, wtfcb_profile_module, key_, member_)
const wtfcb_profiler_field wtfcb_profiler_module_fields[] = {
    MODULE(TEXT, "name", name),
    MODULE(COUNT, "live_bytes_first", live_bytes_first),
    MODULE(COUNT, "live_bytes_last", live_bytes_last),
    MODULE(COUNT, "live_blocks_first", live_blocks_first),
    MODULE(COUNT, "live_blocks_last", live_blocks_last),
    MODULE(COUNT, "allocated_bytes", allocated_bytes),
    MODULE(COUNT, "allocated_blocks", allocated_blocks),
    END,
};

#define SECTION(kind_, key_, member_) FIELD(kind_, wtfcb_profile_section, key_, member_)
const wtfcb_profiler_field wtfcb_profiler_section_fields[] = {
    SECTION(TEXT, "name", name),
    SECTION(COUNT, "start_ns", start_ns),
    SECTION(KNOWN, "duration_ns", duration_ns),
    SECTION(KNOWN, "cpu_ns", cpu_ns),
    SECTION(KNOWN, "rss_first_bytes", rss_first),
    SECTION(KNOWN, "rss_last_bytes", rss_last),
    SECTION(KNOWN, "rss_peak_bytes", rss_peak),
    END,
};

#define THREAD(kind_, key_, member_) FIELD(kind_, wtfcb_profile_thread, key_, member_)
const wtfcb_profiler_field wtfcb_profiler_thread_fields[] = {
    THREAD(TEXT, "name", name),
    THREAD(COUNT, "id", id),
    THREAD(COUNT, "zones", zones),
    THREAD(COUNT, "dropped", dropped),
    END,
};

#define FRAME(kind_, key_, member_) FIELD(kind_, wtfcb_profile_frame, key_, member_)
const wtfcb_profiler_field wtfcb_profiler_frame_fields[] = {
    FRAME(TEXT, "name", name),
    FRAME(TEXT, "function", function),
    FRAME(TEXT, "file", file),
    FRAME(SMALL, "line", line),
    FRAME(SMALL, "tree", tree),
    FRAME(COUNT, "count", count),
    FRAME(COUNT, "total", total),
    FRAME(COUNT, "self", self),
    FRAME(KNOWN, "minimum_ns", minimum_ns),
    FRAME(KNOWN, "maximum_ns", maximum_ns),
    FRAME(KNOWN, "p50_ns", p50_ns),
    FRAME(KNOWN, "p90_ns", p90_ns),
    FRAME(KNOWN, "p95_ns", p95_ns),
    FRAME(KNOWN, "p99_ns", p99_ns),
    FRAME(TEXT, "object", object),
    END,
};

#define NODE(kind_, key_, member_) FIELD(kind_, wtfcb_profile_node, key_, member_)
const wtfcb_profiler_field wtfcb_profiler_node_fields[] = {
    NODE(SMALL, "tree", tree),      NODE(INDEX, "thread", thread),
    NODE(PARENT, "parent", parent), NODE(INDEX, "frame", frame),
    NODE(COUNT, "count", count),    NODE(COUNT, "total", total),
    NODE(COUNT, "self", self),      END,
};

#define EVENT(kind_, key_, member_) FIELD(kind_, wtfcb_profile_event, key_, member_)
const wtfcb_profiler_field wtfcb_profiler_event_fields[] = {
    EVENT(INDEX, "thread", thread),
    EVENT(INDEX, "frame", frame),
    EVENT(SMALL, "depth", depth),
    EVENT(COUNT, "start_ns", start_ns),
    EVENT(COUNT, "duration_ns", duration_ns),
    END,
};

const char *const wtfcb_profiler_statistic_names[WTFCB_PROFILER_STATISTICS] = {"value", "minimum", "maximum"};

void wtfcb_profiler_put_number(wtfcb_base_json *json, const char *key, uint64_t number)
{
    wtfcb_base_json_known(json, key, number != WTFCB_UNKNOWN && number > INT64_MAX ? INT64_MAX : number);
}

/* Cut to its size as a reader would cut it. */
static void put_array(wtfcb_base_json *json, const char *key, const char *text, size_t size)
{
    char clean[sizeof(wtfcb_system_info)];
    assert(size <= sizeof clean);
    wtfcb_base_json_clean(clean, size, text);
    wtfcb_base_json_text(json, key, clean);
}

void wtfcb_profiler_put_field(wtfcb_base_json *json, const wtfcb_profiler_field *field, const void *row, bool keyed)
{
    const char *key = keyed ? field->name : NULL;
    const void *at = (const char *)row + field->offset;
    const uint64_t *number = at;
    const uint32_t *small = at;
    const char *const *text = at;
    switch (field->kind) {
    case WTFCB_PROFILER_FIELD_COUNT:
        wtfcb_base_json_number(json, key, *number > INT64_MAX ? INT64_MAX : *number);
        break;
    case WTFCB_PROFILER_FIELD_KNOWN: wtfcb_profiler_put_number(json, key, *number); break;
    case WTFCB_PROFILER_FIELD_SMALL:
    case WTFCB_PROFILER_FIELD_INDEX: wtfcb_base_json_number(json, key, *small); break;
    case WTFCB_PROFILER_FIELD_PARENT:
        wtfcb_base_json_known(json, key, *small == WTFCB_PROFILE_NONE ? UINT64_MAX : *small);
        break;
    case WTFCB_PROFILER_FIELD_FLAG: wtfcb_base_json_bool(json, key, *small != 0); break;
    case WTFCB_PROFILER_FIELD_TEXT: wtfcb_base_json_text(json, key, *text); break;
    case WTFCB_PROFILER_FIELD_ARRAY: put_array(json, key, at, field->size); break;
    case WTFCB_PROFILER_FIELD_STATUS:
        wtfcb_base_json_text(json, key, wtfcb_status_name(*(const wtfcb_status *)at));
        break;
    case WTFCB_PROFILER_FIELD_REAL: wtfcb_base_json_real(json, key, *(const double *)at + 0.0); break; /* no -0 */
    }
}
