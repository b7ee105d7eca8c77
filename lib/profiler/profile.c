/*
 * A profile in memory: made by a builder (the profiler, the loader), sealed by being handed out, then read by any number of threads.
 *
 * Everything that it points to is in its arena, so that dropping the last hold frees a handful of chunks; rows are copied out as far as the caller's struct
 * reaches.
 */
#include "profiler/profile.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "base/row.h"
#include "profiler/histogram.h"

#define METRIC(id_, name_, summary_, kind_, unit_)                                                                     \
    {                                                                                                                  \
        .name = name_, .summary = summary_, .reason = "", .id = WTFCB_METRIC_##id_, .kind = WTFCB_METRIC_##kind_,      \
        .unit = WTFCB_METRIC_##unit_,                                                                                  \
    }

/* In the order of ids. Names stand in files: they are as fixed as the ids. */
static const wtfcb_profile_metric metrics[WTFCB_PROFILER_METRICS] = {
    METRIC(RSS, "rss", "resident memory", GAUGE, BYTES),
    METRIC(PSS, "pss", "proportional share of memory", GAUGE, BYTES),
    METRIC(CPU, "cpu", "processor time", COUNTER, NS),
    METRIC(VOLUNTARY_SWITCHES, "voluntary-switches", "context switches, voluntary", COUNTER, COUNT),
    METRIC(INVOLUNTARY_SWITCHES, "involuntary-switches", "context switches, involuntary", COUNTER, COUNT),
    METRIC(MINOR_FAULTS, "minor-faults", "page faults without input", COUNTER, COUNT),
    METRIC(MAJOR_FAULTS, "major-faults", "page faults that waited for input", COUNTER, COUNT),
    METRIC(STORAGE_READ, "storage-read", "fetched from storage", COUNTER, BYTES),
    METRIC(STORAGE_WRITTEN, "storage-written", "sent to storage", COUNTER, BYTES),
    METRIC(READ, "read", "returned by read calls", COUNTER, BYTES),
    METRIC(WRITTEN, "written", "taken by write calls", COUNTER, BYTES),
    METRIC(THREADS, "threads", "threads", GAUGE, COUNT),
    METRIC(PROCESSES, "processes", "processes", GAUGE, COUNT),
    METRIC(CPU_PRESSURE, "cpu-pressure", "time that tasks waited for a processor", COUNTER, NS),
    METRIC(MEMORY_PRESSURE, "memory-pressure", "time that tasks waited for memory", COUNTER, NS),
    METRIC(IO_PRESSURE, "io-pressure", "time that tasks waited for input and output", COUNTER, NS),
    METRIC(CGROUP_MEMORY, "cgroup-memory", "memory charged to the cgroup", GAUGE, BYTES),
    METRIC(CGROUP_THROTTLED, "cgroup-throttled", "time held back by the cgroup's quota", COUNTER, NS),
    METRIC(LIVE, "live", "allocated and not freed", GAUGE, BYTES),
};

const wtfcb_profile_metric *wtfcb_profiler_metric_table(void)
{
    return metrics;
}

static wtfcb_system_info unknown_system(void)
{
    return (wtfcb_system_info){
        .cores_present = WTFCB_UNKNOWN,
        .cores_usable = WTFCB_UNKNOWN,
        .memory_total = WTFCB_UNKNOWN,
        .memory_available = WTFCB_UNKNOWN,
        .memory_limit = WTFCB_UNKNOWN,
        .cpu_limit_milli = WTFCB_UNKNOWN,
        .load_milli = WTFCB_UNKNOWN,
        .disk_total = WTFCB_UNKNOWN,
        .disk_available = WTFCB_UNKNOWN,
        .page_size = WTFCB_UNKNOWN,
        .boot_time_s = WTFCB_UNKNOWN,
    };
}

wtfcb_status wtfcb_profiler_profile_new(const wtfcb_allocator *allocator, wtfcb_profile **ret_profile)
{
    wtfcb_allocator chosen = wtfcb_base_allocator(allocator);
    wtfcb_profile *profile = wtfcb_base_calloc(&chosen, 1, sizeof *profile);
    if (!profile) return WTFCB_ENOMEM;
    profile->allocator = chosen;
    atomic_init(&profile->holds, 1);
    wtfcb_base_arena_init(&profile->arena, &profile->allocator);
    profile->system = unknown_system();
    profile->summary.name = "";
    profile->summary.cpu_engine = "";
    profile->summary.cpu_status = WTFCB_ENOTFOUND;
    profile->summary.alloc_mode = "";
    profile->summary.alloc_status = WTFCB_ENOTFOUND;
    profile->summary.cores_usable = WTFCB_UNKNOWN;
    profile->summary.cpu_ns = WTFCB_UNKNOWN;
    profile->summary.rss_peak = WTFCB_UNKNOWN;
    *ret_profile = profile;
    return WTFCB_OK;
}

void *wtfcb_profiler_profile_rows(wtfcb_profile *profile, uint64_t count, size_t size)
{
    uint64_t bytes;
    if (__builtin_mul_overflow(count, (uint64_t)size, &bytes) || bytes > PTRDIFF_MAX) return NULL;
    size_t length = bytes ? (size_t)bytes : 1;
    void *rows = wtfcb_base_arena_alloc(&profile->arena, length);
    if (rows) memset(rows, 0, length);
    return rows;
}

const char *wtfcb_profiler_profile_text(wtfcb_profile *profile, const char *text)
{
    if (!text || !*text) return "";
    return wtfcb_base_arena_string(&profile->arena, text, strlen(text));
}

wtfcb_profile *wtfcb_profile_ref(wtfcb_profile *profile)
{
    if (profile) atomic_fetch_add_explicit(&profile->holds, 1, memory_order_relaxed);
    return profile;
}

void wtfcb_profile_free(wtfcb_profile *profile)
{
    if (!profile || atomic_fetch_sub_explicit(&profile->holds, 1, memory_order_acq_rel) != 1) return;
    wtfcb_base_arena_free(&profile->arena);
    wtfcb_allocator allocator = profile->allocator;
    wtfcb_base_free(&allocator, profile, sizeof *profile);
}

wtfcb_status wtfcb_profile_get_summary(const wtfcb_profile *profile, wtfcb_profile_summary *ret_summary, size_t size)
{
    if (!profile || !ret_summary) return WTFCB_EINVAL;
    wtfcb_base_row_copy(ret_summary, size, &profile->summary, sizeof profile->summary);
    return WTFCB_OK;
}

wtfcb_status wtfcb_profile_get_system(const wtfcb_profile *profile, wtfcb_system_info *ret_info, size_t size)
{
    if (!profile || !ret_info) return WTFCB_EINVAL;
    wtfcb_base_row_copy(ret_info, size, &profile->system, sizeof profile->system);
    return WTFCB_OK;
}

/* What all getters of rows do: `rows` has `count` rows of `size` bytes. */
static wtfcb_status copy_row(const void *rows, uint64_t count, size_t size, uint64_t index, void *ret_row,
                             size_t row_size)
{
    if (!ret_row) return WTFCB_EINVAL;
    if (index >= count) return WTFCB_ENOTFOUND;
    wtfcb_base_row_copy(ret_row, row_size, (const char *)rows + index * size, size);
    return WTFCB_OK;
}

wtfcb_status wtfcb_profile_metric_at(const wtfcb_profile *profile, uint64_t index, wtfcb_profile_metric *ret_row,
                                     size_t row_size)
{
    if (!profile) return WTFCB_EINVAL;
    return copy_row(profile->metrics, profile->summary.metric_count, sizeof *profile->metrics, index, ret_row,
                    row_size);
}

wtfcb_status wtfcb_profile_module_at(const wtfcb_profile *profile, uint64_t index, wtfcb_profile_module *ret_row,
                                     size_t row_size)
{
    if (!profile) return WTFCB_EINVAL;
    return copy_row(profile->modules, profile->summary.module_count, sizeof *profile->modules, index, ret_row,
                    row_size);
}

wtfcb_status wtfcb_profile_section_at(const wtfcb_profile *profile, uint64_t index, wtfcb_profile_section *ret_row,
                                      size_t row_size)
{
    if (!profile) return WTFCB_EINVAL;
    return copy_row(profile->sections, profile->summary.section_count, sizeof *profile->sections, index, ret_row,
                    row_size);
}

wtfcb_status wtfcb_profile_thread_at(const wtfcb_profile *profile, uint64_t index, wtfcb_profile_thread *ret_row,
                                     size_t row_size)
{
    if (!profile) return WTFCB_EINVAL;
    return copy_row(profile->threads, profile->summary.thread_count, sizeof *profile->threads, index, ret_row,
                    row_size);
}

wtfcb_status wtfcb_profile_frame_at(const wtfcb_profile *profile, uint64_t index, wtfcb_profile_frame *ret_row,
                                    size_t row_size)
{
    if (!profile) return WTFCB_EINVAL;
    return copy_row(profile->frames, profile->summary.frame_count, sizeof *profile->frames, index, ret_row, row_size);
}

wtfcb_status wtfcb_profile_node_at(const wtfcb_profile *profile, uint64_t index, wtfcb_profile_node *ret_row,
                                   size_t row_size)
{
    if (!profile) return WTFCB_EINVAL;
    return copy_row(profile->nodes, profile->summary.node_count, sizeof *profile->nodes, index, ret_row, row_size);
}

wtfcb_status wtfcb_profile_event_at(const wtfcb_profile *profile, uint64_t index, wtfcb_profile_event *ret_row,
                                    size_t row_size)
{
    if (!profile) return WTFCB_EINVAL;
    return copy_row(profile->events, profile->summary.event_count, sizeof *profile->events, index, ret_row, row_size);
}

wtfcb_status wtfcb_profile_times(const wtfcb_profile *profile, uint32_t tier, const uint64_t **ret_times,
                                 uint64_t *ret_count, uint64_t *ret_start)
{
    if (!profile || !ret_times || !ret_count) return WTFCB_EINVAL;
    if (tier >= WTFCB_TIER_COUNT) return WTFCB_ENOTFOUND;
    *ret_times = profile->tiers[tier].times;
    *ret_count = profile->tiers[tier].count;
    if (ret_start) *ret_start = profile->tiers[tier].start_ns;
    return WTFCB_OK;
}

wtfcb_status wtfcb_profile_values(const wtfcb_profile *profile, uint32_t tier, uint32_t metric, uint32_t statistic,
                                  const uint64_t **ret_values)
{
    if (!profile || !ret_values) return WTFCB_EINVAL;
    if (tier >= WTFCB_TIER_COUNT || metric < 1 || metric > WTFCB_PROFILER_METRICS || statistic < 1 ||
        statistic > WTFCB_PROFILER_STATISTICS)
        return WTFCB_ENOTFOUND;
    const uint64_t *values = profile->tiers[tier].values[metric - 1][statistic - 1];
    if (!values) return WTFCB_ENOTFOUND;
    *ret_values = values;
    return WTFCB_OK;
}

uint64_t wtfcb_profiler_percentile(const wtfcb_profiler_histogram *histogram, uint64_t minimum, uint64_t maximum,
                                   uint32_t permille)
{
    assert(permille <= 1000 && histogram->count > 0);
    uint64_t total = 0;
    for (uint32_t i = 0; i < histogram->count; i++)
        total += histogram->buckets[i].count;
    uint64_t rank = total / 1000 * permille + (total % 1000 * permille + 999) / 1000;
    if (rank <= 1) return minimum;
    if (rank >= total) return maximum;
    uint64_t passed = 0;
    uint32_t i = 0;
    while ((passed += histogram->buckets[i].count) < rank)
        i++;
    uint64_t middle = wtfcb_profiler_bucket_middle(histogram->buckets[i].index);
    return middle < minimum ? minimum : middle > maximum ? maximum : middle;
}

wtfcb_status wtfcb_profile_percentile(const wtfcb_profile *profile, uint64_t frame, uint32_t permille, uint64_t *ret_ns)
{
    if (!profile || !ret_ns || permille > 1000) return WTFCB_EINVAL;
    if (frame >= profile->summary.frame_count || !profile->histograms || profile->histograms[frame].count == 0)
        return WTFCB_ENOTFOUND;
    const wtfcb_profile_frame *row = &profile->frames[frame];
    uint64_t minimum = row->minimum_ns == WTFCB_UNKNOWN ? 0 : row->minimum_ns;
    *ret_ns = wtfcb_profiler_percentile(&profile->histograms[frame], minimum, row->maximum_ns, permille);
    return WTFCB_OK;
}
