/*
 * A profile from its JSON, or from a region of allocations (alloc_load.c). Whatever reads it later may count on what a recorded one promises: indices lead to rows, parents stand before their
 * children in the same thread, columns have the length of their times, histograms are in order. So all of that is checked here.
 */
#include "profiler/profile_load.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "profiler/alloc_load.h"
#include "profiler/histogram.h"
#include "profiler/read.h"

typedef wtfcb_profiler_reader reader;

/* Checks one row that was read, as number `index` of its array. */
typedef void (*check_fn)(reader *r, const wtfcb_profile *profile, const void *row, size_t index);

/* An array of objects; NULL with a failure, or 0 rows if the key is missing. */
static void *load_rows(reader *r, wtfcb_profile *profile, const char *key, const wtfcb_profiler_field *fields,
                       size_t size, check_fn check, uint32_t *ret_count)
{
    const json_t *array = wtfcb_profiler_reader_array(r, r->root, key);
    size_t count = json_array_size(array);
    if (count >= UINT32_MAX) wtfcb_profiler_reader_wrong(r, key, 0, "has too many rows");
    if (r->status != WTFCB_OK) return NULL;
    char *rows = wtfcb_profiler_profile_rows(profile, count, size);
    if (!rows) {
        wtfcb_profiler_reader_out_of_memory(r);
        return NULL;
    }
    wtfcb_profiler_reader_enter(r, key, 0);
    for (size_t i = 0; i < count && r->status == WTFCB_OK; i++) {
        const json_t *object = wtfcb_profiler_reader_element(r, array, i);
        wtfcb_profiler_reader_enter(r, NULL, i);
        wtfcb_profiler_reader_fields(r, &profile->arena, fields, object, rows + i * size);
        if (check && r->status == WTFCB_OK) check(r, profile, rows + i * size, i);
        wtfcb_profiler_reader_leave(r);
    }
    wtfcb_profiler_reader_leave(r);
    if (r->status != WTFCB_OK) return NULL;
    *ret_count = (uint32_t)count;
    return rows;
}

/* Index of the metric of a name, or WTFCB_PROFILER_METRICS. */
static uint32_t metric_of(const char *name)
{
    const wtfcb_profile_metric *table = wtfcb_profiler_metric_table();
    uint32_t m = 0;
    while (m < WTFCB_PROFILER_METRICS && strcmp(table[m].name, name) != 0)
        m++;
    return m;
}

/* All metrics of this version, in the order of ids, whatever the file has; metrics of later versions are passed over. */
static wtfcb_profile_metric *default_metrics(wtfcb_profile *profile)
{
    wtfcb_profile_metric *metrics = wtfcb_profiler_profile_rows(profile, WTFCB_PROFILER_METRICS, sizeof *metrics);
    if (!metrics) return NULL;
    memcpy(metrics, wtfcb_profiler_metric_table(), WTFCB_PROFILER_METRICS * sizeof *metrics);
    for (uint32_t m = 0; m < WTFCB_PROFILER_METRICS; m++) {
        metrics[m].status = WTFCB_EUNSUPPORTED;
        metrics[m].reason = "the file does not have it";
        metrics[m].first = metrics[m].last = WTFCB_UNKNOWN;
        metrics[m].minimum = metrics[m].maximum = metrics[m].mean = WTFCB_UNKNOWN;
    }
    return metrics;
}

static void load_metrics(reader *r, wtfcb_profile *profile)
{
    const json_t *array = wtfcb_profiler_reader_array(r, r->root, "metrics");
    size_t count = json_array_size(array);
    if (count == 0 || r->status != WTFCB_OK) return;
    wtfcb_profile_metric *metrics = default_metrics(profile);
    if (!metrics) {
        wtfcb_profiler_reader_out_of_memory(r);
        return;
    }
    bool seen[WTFCB_PROFILER_METRICS] = {false};
    wtfcb_profiler_reader_enter(r, "metrics", 0);
    for (size_t i = 0; i < count && r->status == WTFCB_OK; i++) {
        const json_t *object = wtfcb_profiler_reader_element(r, array, i);
        wtfcb_profiler_reader_enter(r, NULL, i);
        uint32_t m = metric_of(wtfcb_profiler_reader_text(r, object, "name"));
        if (m < WTFCB_PROFILER_METRICS) {
            if (seen[m]) wtfcb_profiler_reader_wrong(r, "name", 0, "is there twice");
            seen[m] = true;
            metrics[m].status = WTFCB_OK; /* one without a status has values */
            wtfcb_profiler_reader_fields(r, &profile->arena, wtfcb_profiler_metric_fields, object, &metrics[m]);
        }
        wtfcb_profiler_reader_leave(r);
    }
    wtfcb_profiler_reader_leave(r);
    profile->metrics = metrics;
    profile->summary.metric_count = WTFCB_PROFILER_METRICS;
}

static uint64_t *load_column(reader *r, wtfcb_profile *profile, const char *key, const json_t *array, bool nullable)
{
    size_t count = json_array_size(array);
    uint64_t *values = wtfcb_profiler_profile_rows(profile, count, sizeof *values);
    if (!values) {
        wtfcb_profiler_reader_out_of_memory(r);
        return NULL;
    }
    wtfcb_profiler_reader_enter(r, key, 0);
    for (size_t i = 0; i < count && r->status == WTFCB_OK; i++)
        values[i] = wtfcb_profiler_reader_number(r, json_array_get(array, i), NULL, i, nullable, 0);
    wtfcb_profiler_reader_leave(r);
    return values;
}

static void load_values(reader *r, wtfcb_profile *profile, wtfcb_profiler_tier *tier, const json_t *all)
{
    const wtfcb_profile_metric *table = wtfcb_profiler_metric_table();
    wtfcb_profiler_reader_enter(r, "values", 0);
    for (uint32_t m = 0; m < WTFCB_PROFILER_METRICS && r->status == WTFCB_OK; m++) {
        const json_t *columns = wtfcb_profiler_reader_object(r, all, table[m].name);
        wtfcb_profiler_reader_enter(r, table[m].name, 0);
        for (uint32_t s = 0; s < WTFCB_PROFILER_STATISTICS && r->status == WTFCB_OK; s++) {
            const char *name = wtfcb_profiler_statistic_names[s];
            const json_t *column = wtfcb_profiler_reader_array(r, columns, name);
            if (!column) continue;
            if (json_array_size(column) != tier->count)
                wtfcb_profiler_reader_wrong(r, name, 0, "has not as many values as there are times");
            else
                tier->values[m][s] = load_column(r, profile, name, column, true);
        }
        wtfcb_profiler_reader_leave(r);
    }
    wtfcb_profiler_reader_leave(r);
}

static void load_tier(reader *r, wtfcb_profile *profile, wtfcb_profiler_tier *tier, const json_t *object)
{
    static const wtfcb_profiler_field fields[] = {
        {"interval_ns", offsetof(wtfcb_profiler_tier, interval_ns), sizeof(uint64_t), WTFCB_PROFILER_FIELD_COUNT},
        {"start_ns", offsetof(wtfcb_profiler_tier, start_ns), sizeof(uint64_t), WTFCB_PROFILER_FIELD_COUNT},
        {"dropped", offsetof(wtfcb_profiler_tier, dropped), sizeof(uint64_t), WTFCB_PROFILER_FIELD_COUNT},
        {NULL, 0, 0, WTFCB_PROFILER_FIELD_COUNT},
    };
    wtfcb_profiler_reader_fields(r, &profile->arena, fields, object, tier);
    const json_t *times = wtfcb_profiler_reader_array(r, object, "times_ns");
    tier->count = json_array_size(times);
    if (r->status != WTFCB_OK) return;
    tier->times = load_column(r, profile, "times_ns", times, false);
    for (uint64_t i = 0; i < tier->count && r->status == WTFCB_OK; i++) {
        if (tier->times[i] >= (i ? tier->times[i - 1] : tier->start_ns)) continue;
        wtfcb_profiler_reader_enter(r, "times_ns", 0);
        wtfcb_profiler_reader_wrong(r, NULL, i, "is before what it follows");
        wtfcb_profiler_reader_leave(r);
    }
    const json_t *values = wtfcb_profiler_reader_object(r, object, "values");
    if (values && r->status == WTFCB_OK) load_values(r, profile, tier, values);
}

static void load_tiers(reader *r, wtfcb_profile *profile)
{
    const json_t *array = wtfcb_profiler_reader_array(r, r->root, "tiers");
    size_t count = json_array_size(array);
    if (count > WTFCB_TIER_COUNT) count = WTFCB_TIER_COUNT;
    wtfcb_profiler_reader_enter(r, "tiers", 0);
    for (size_t i = 0; i < count && r->status == WTFCB_OK; i++) {
        const json_t *object = wtfcb_profiler_reader_element(r, array, i);
        wtfcb_profiler_reader_enter(r, NULL, i);
        if (object) load_tier(r, profile, &profile->tiers[i], object);
        wtfcb_profiler_reader_leave(r);
    }
    wtfcb_profiler_reader_leave(r);
}

static void load_bucket(reader *r, const json_t *pair, size_t i, wtfcb_profiler_bucket *bucket, uint64_t *total)
{
    if (json_array_size(pair) < 2) {
        wtfcb_profiler_reader_wrong(r, NULL, i, "is not a pair of index and count");
        return;
    }
    uint64_t index = wtfcb_profiler_reader_number(r, json_array_get(pair, 0), NULL, i, false, 0);
    bucket->count = wtfcb_profiler_reader_number(r, json_array_get(pair, 1), NULL, i, false, 0);
    if (index >= WTFCB_PROFILER_BUCKETS || (i > 0 && index <= (bucket - 1)->index))
        wtfcb_profiler_reader_wrong(r, NULL, i, "has an index that is out of range or not after the one before");
    if (bucket->count == 0 || *total + bucket->count > INT64_MAX)
        wtfcb_profiler_reader_wrong(r, NULL, i, "has a count of 0, or more than 2^63 - 1 with those before");
    bucket->index = (uint32_t)index;
    *total += bucket->count;
}

static void load_histogram(reader *r, wtfcb_profile *profile, const json_t *array,
                           wtfcb_profiler_histogram *ret_histogram)
{
    size_t count = json_array_size(array);
    if (count > WTFCB_PROFILER_BUCKETS) wtfcb_profiler_reader_wrong(r, "histogram", 0, "has too many buckets");
    if (count == 0 || r->status != WTFCB_OK) return;
    wtfcb_profiler_bucket *buckets = wtfcb_profiler_profile_rows(profile, count, sizeof *buckets);
    if (!buckets) {
        wtfcb_profiler_reader_out_of_memory(r);
        return;
    }
    uint64_t total = 0;
    wtfcb_profiler_reader_enter(r, "histogram", 0);
    for (size_t i = 0; i < count && r->status == WTFCB_OK; i++)
        load_bucket(r, json_array_get(array, i), i, &buckets[i], &total);
    wtfcb_profiler_reader_leave(r);
    *ret_histogram = (wtfcb_profiler_histogram){.buckets = buckets, .count = (uint32_t)count};
}

static void load_histograms(reader *r, wtfcb_profile *profile)
{
    const json_t *array = json_object_get(r->root, "frames");
    uint32_t count = profile->summary.frame_count;
    wtfcb_profiler_histogram *histograms = wtfcb_profiler_profile_rows(profile, count, sizeof *histograms);
    if (!histograms) {
        wtfcb_profiler_reader_out_of_memory(r);
        return;
    }
    wtfcb_profiler_reader_enter(r, "frames", 0);
    for (uint32_t i = 0; i < count && r->status == WTFCB_OK; i++) {
        wtfcb_profiler_reader_enter(r, NULL, i);
        const json_t *pairs = wtfcb_profiler_reader_array(r, json_array_get(array, i), "histogram");
        load_histogram(r, profile, pairs, &histograms[i]);
        wtfcb_profiler_reader_leave(r);
    }
    wtfcb_profiler_reader_leave(r);
    profile->histograms = histograms;
}

static void check_node(reader *r, const wtfcb_profile *profile, const void *row, size_t index)
{
    const wtfcb_profile_node *node = row;
    if (node->thread >= profile->summary.thread_count) wtfcb_profiler_reader_wrong(r, "thread", 0, "has no row");
    if (node->frame >= profile->summary.frame_count) wtfcb_profiler_reader_wrong(r, "frame", 0, "has no row");
    if (node->parent == WTFCB_PROFILE_NONE) return;
    if (node->parent >= index) {
        wtfcb_profiler_reader_wrong(r, "parent", 0, "is not a row before this one");
        return;
    }
    const wtfcb_profile_node *parent = node - (index - node->parent);
    if (parent->thread != node->thread || parent->tree != node->tree)
        wtfcb_profiler_reader_wrong(r, "parent", 0, "is of another thread or tree");
}

static void load_event(reader *r, wtfcb_profile *profile, const json_t *array, size_t index, wtfcb_profile_event *event)
{
    if (!json_is_array(array)) wtfcb_profiler_reader_wrong(r, NULL, index, "is not an array");
    wtfcb_profiler_reader_enter(r, NULL, index);
    for (size_t i = 0; wtfcb_profiler_event_fields[i].name; i++)
        wtfcb_profiler_reader_field(r, &profile->arena, &wtfcb_profiler_event_fields[i], json_array_get(array, i),
                                    event);
    if (event->thread >= profile->summary.thread_count) wtfcb_profiler_reader_wrong(r, "thread", 0, "has no row");
    if (event->frame >= profile->summary.frame_count) wtfcb_profiler_reader_wrong(r, "frame", 0, "has no row");
    wtfcb_profiler_reader_leave(r);
}

static void load_events(reader *r, wtfcb_profile *profile)
{
    const json_t *array = wtfcb_profiler_reader_array(r, r->root, "events");
    size_t count = json_array_size(array);
    if (r->status != WTFCB_OK) return;
    wtfcb_profile_event *events = wtfcb_profiler_profile_rows(profile, count, sizeof *events);
    if (!events) {
        wtfcb_profiler_reader_out_of_memory(r);
        return;
    }
    wtfcb_profiler_reader_enter(r, "events", 0);
    for (size_t i = 0; i < count && r->status == WTFCB_OK; i++)
        load_event(r, profile, json_array_get(array, i), i, &events[i]);
    wtfcb_profiler_reader_leave(r);
    profile->events = events;
    profile->summary.event_count = count;
}

static void load_all(reader *r, wtfcb_profile *profile)
{
    wtfcb_profile_summary *summary = &profile->summary;
    wtfcb_profiler_reader_fields(r, &profile->arena, wtfcb_profiler_summary_fields, r->root, summary);
    const json_t *system = wtfcb_profiler_reader_object(r, r->root, "system");
    wtfcb_profiler_reader_enter(r, "system", 0);
    wtfcb_profiler_reader_fields(r, &profile->arena, wtfcb_profiler_system_fields, system, &profile->system);
    wtfcb_profiler_reader_leave(r);
    load_metrics(r, profile);
    load_tiers(r, profile);
    profile->modules = load_rows(r, profile, "modules", wtfcb_profiler_module_fields, sizeof *profile->modules, NULL,
                                 &summary->module_count);
    profile->sections = load_rows(r, profile, "sections", wtfcb_profiler_section_fields, sizeof *profile->sections,
                                  NULL, &summary->section_count);
    profile->threads = load_rows(r, profile, "threads", wtfcb_profiler_thread_fields, sizeof *profile->threads, NULL,
                                 &summary->thread_count);
    profile->frames = load_rows(r, profile, "frames", wtfcb_profiler_frame_fields, sizeof *profile->frames, NULL,
                                &summary->frame_count);
    load_histograms(r, profile);
    profile->nodes = load_rows(r, profile, "nodes", wtfcb_profiler_node_fields, sizeof *profile->nodes, check_node,
                               &summary->node_count);
    load_events(r, profile);
}

wtfcb_status wtfcb_profiler_profile_parse(const wtfcb_allocator *allocator, const char *path, const char *text,
                                          size_t length, wtfcb_profile **ret_profile, wtfcb_error *ret_error)
{
    reader r;
    wtfcb_profile *profile = NULL;
    wtfcb_status status = wtfcb_profiler_reader_open(&r, path, text, length, WTFCB_PROFILER_TYPE_PROFILE, ret_error);
    if (status != WTFCB_OK) goto done;
    if (wtfcb_profiler_profile_new(allocator, &profile) != WTFCB_OK)
        wtfcb_profiler_reader_out_of_memory(&r);
    else
        load_all(&r, profile);
    status = r.status;
done:
    wtfcb_profiler_reader_close(&r);
    if (status == WTFCB_OK)
        *ret_profile = profile;
    else
        wtfcb_profile_free(profile);
    return status;
}

/* The file at a path if it is a region, opened; else -1. */
static int open_region(const char *path)
{
    char beginning[sizeof(uint64_t) * 2];
    int fd = wtfcb_base_file_open(AT_FDCWD, path, true);
    if (fd < 0) return fd;
    ssize_t length = pread(fd, beginning, sizeof beginning, 0);
    if (length > 0 && wtfcb_profiler_region_is(beginning, (size_t)length)) return fd;
    (void)close(fd);
    return -1;
}

wtfcb_status wtfcb_profile_load(const wtfcb_allocator *allocator, const char *path, wtfcb_profile **ret_profile,
                                wtfcb_error *ret_error)
{
    if (!path || !ret_profile || !wtfcb_base_allocator_valid(allocator)) return WTFCB_EINVAL;
    wtfcb_allocator chosen = wtfcb_base_allocator(allocator);
    wtfcb_profiler_region_source source = {.fd = open_region(path)};
    if (source.fd >= 0) {
        wtfcb_status loaded = wtfcb_profiler_alloc_load(&chosen, path, &source, ret_profile, ret_error);
        (void)close(source.fd);
        return loaded;
    }
    wtfcb_base_buffer text;
    wtfcb_base_buffer_init(&text, &chosen);
    wtfcb_status status = wtfcb_profiler_read_file(path, &text, ret_error);
    if (status == WTFCB_OK)
        status = wtfcb_profiler_profile_parse(&chosen, path, text.data, text.length, ret_profile, ret_error);
    wtfcb_base_buffer_free(&text);
    return status;
}
