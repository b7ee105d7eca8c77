/* Profiles made by hand; see export_sample.h. */
#include "export_sample.h"

#include "../test.h"

#define COUNT_OF(array) (uint32_t)(sizeof(array) / sizeof *(array))
#define SECONDS(s) ((uint64_t)(s)*1000000000u)
#define MILLISECONDS(ms) ((uint64_t)(ms)*1000000u)

static const wtfcb_profile_frame frames[] = {
    {.name = "load",
     .function = "load_all",
     .file = "src/load.c",
     .line = 10,
     .count = 2,
     .total = 5000700,
     .self = 2000700},
    {.name = "parse <i>;a&b\n\"",
     .function = "",
     .file = "src/p\\arse.c",
     .line = 20,
     .count = 7,
     .total = 2500400,
     .self = 2500400},
    {.name = "caf\xe9", .function = "read_menu", .file = "", .count = 1000, .total = 2100, .self = 2100},
    {.name = "\xe2\x82\xac</script><!--",
     .function = "",
     .file = "src/euro.c",
     .line = 4000000000,
     .count = 1,
     .total = 499000,
     .self = 499000},
};

static const wtfcb_profile_thread threads[] = {
    {.name = "main", .id = 100, .zones = 6},
    {.name = "worker;<b>", .id = 101, .zones = 1004, .dropped = 3},
    {.name = "", .id = 0, .zones = 1},
};

/* Children of the worker's tree stand before the end of an earlier sibling's: the order of rows is no walk. */
static const wtfcb_profile_node nodes[] = {
    {.tree = WTFCB_TREE_ZONES,
     .thread = 0,
     .parent = WTFCB_PROFILE_NONE,
     .frame = 0,
     .count = 1,
     .total = 3000500,
     .self = 1500100},
    {.tree = WTFCB_TREE_ZONES, .thread = 0, .parent = 0, .frame = 1, .count = 3, .total = 1500400, .self = 500400},
    {.tree = WTFCB_TREE_ZONES, .thread = 0, .parent = 1, .frame = 1, .count = 2, .total = 1000000, .self = 1000000},
    {.tree = WTFCB_TREE_ZONES,
     .thread = 1,
     .parent = WTFCB_PROFILE_NONE,
     .frame = 0,
     .count = 1,
     .total = 2000200,
     .self = 500600},
    {.tree = WTFCB_TREE_ZONES,
     .thread = 1,
     .parent = WTFCB_PROFILE_NONE,
     .frame = 2,
     .count = 999,
     .total = 600,
     .self = 600},
    {.tree = WTFCB_TREE_ZONES, .thread = 1, .parent = 3, .frame = 1, .count = 2, .total = 1000000, .self = 1000000},
    {.tree = WTFCB_TREE_ZONES, .thread = 1, .parent = 3, .frame = 3, .count = 1, .total = 499600, .self = 499000},
    {.tree = WTFCB_TREE_ZONES, .thread = 1, .parent = 6, .frame = 2, .count = 1, .total = 600, .self = 600},
    {.tree = WTFCB_TREE_ZONES,
     .thread = 2,
     .parent = WTFCB_PROFILE_NONE,
     .frame = 2,
     .count = 0,
     .total = 900,
     .self = 900},
};

/* Two of no duration at the same instant, then one that begins with what is inside of it. The worker's first one has lost what it was in. */
static const wtfcb_profile_event events[] = {
    {.start_ns = 1000000, .duration_ns = 500000, .thread = 0, .frame = 1, .depth = 2},
    {.start_ns = 1500000, .duration_ns = 500000, .thread = 0, .frame = 1, .depth = 2},
    {.start_ns = 1000000, .duration_ns = 1500400, .thread = 0, .frame = 1, .depth = 1},
    {.start_ns = 3000000, .duration_ns = 0, .thread = 0, .frame = 1, .depth = 1},
    {.start_ns = 3000000, .duration_ns = 0, .thread = 0, .frame = 1, .depth = 1},
    {.start_ns = 999999, .duration_ns = 3000500, .thread = 0, .frame = 0, .depth = 0},
    {.start_ns = 2000001, .duration_ns = 300, .thread = 1, .frame = 2, .depth = 2},
    {.start_ns = 2000400, .duration_ns = 600, .thread = 1, .frame = 2, .depth = 0},
};

static const wtfcb_profile_section sections[] = {
    {.name = "warm up",
     .start_ns = SECONDS(1),
     .duration_ns = SECONDS(9),
     .cpu_ns = SECONDS(4),
     .rss_first = 1 << 20,
     .rss_last = 3 << 20,
     .rss_peak = 4 << 20},
    {.name = "<main>",
     .start_ns = SECONDS(5),
     .duration_ns = SECONDS(20),
     .cpu_ns = WTFCB_UNKNOWN,
     .rss_first = WTFCB_UNKNOWN,
     .rss_last = WTFCB_UNKNOWN,
     .rss_peak = WTFCB_UNKNOWN},
    {.name = "end",
     .start_ns = SECONDS(30),
     .duration_ns = WTFCB_UNKNOWN,
     .cpu_ns = WTFCB_UNKNOWN,
     .rss_first = 2 << 20,
     .rss_last = WTFCB_UNKNOWN,
     .rss_peak = WTFCB_UNKNOWN},
};

/* Of operator<, whose name every format has to escape, all was freed. */
static const wtfcb_profile_frame alloc_frames[] = {
    {.name = "main",
     .file = "src/main.c",
     .line = 5,
     .object = "prog",
     .tree = WTFCB_TREE_ALLOC_LIVE,
     .count = 1,
     .total = 5120,
     .self = 1024},
    {.name = "keep<T>",
     .object = "libkeep.so.1",
     .tree = WTFCB_TREE_ALLOC_LIVE,
     .count = 2,
     .total = 5120,
     .self = 5120},
    {.name = "main",
     .file = "src/main.c",
     .line = 5,
     .object = "prog",
     .tree = WTFCB_TREE_ALLOC_TOTAL,
     .count = 2,
     .total = 70144,
     .self = 2048},
    {.name = "operator<",
     .object = "prog",
     .tree = WTFCB_TREE_ALLOC_TOTAL,
     .count = 1000,
     .total = 64000,
     .self = 64000},
    {.name = "keep<T>",
     .object = "libkeep.so.1",
     .tree = WTFCB_TREE_ALLOC_TOTAL,
     .count = 2,
     .total = 5120,
     .self = 5120},
};

/* Frames are those above, by index. */
static const wtfcb_profile_node alloc_nodes[] = {
    {.tree = WTFCB_TREE_ALLOC_LIVE, .parent = WTFCB_PROFILE_NONE, .frame = 0, .count = 1, .total = 5120, .self = 1024},
    {.tree = WTFCB_TREE_ALLOC_LIVE, .parent = 0, .frame = 1, .count = 1, .total = 4096, .self = 4096},
    {.tree = WTFCB_TREE_ALLOC_LIVE, .parent = WTFCB_PROFILE_NONE, .frame = 1, .count = 1, .total = 1024, .self = 1024},
    {.tree = WTFCB_TREE_ALLOC_TOTAL,
     .parent = WTFCB_PROFILE_NONE,
     .frame = 2,
     .count = 2,
     .total = 70144,
     .self = 2048},
    {.tree = WTFCB_TREE_ALLOC_TOTAL, .parent = 3, .frame = 4, .count = 1, .total = 4096, .self = 4096},
    {.tree = WTFCB_TREE_ALLOC_TOTAL, .parent = 3, .frame = 3, .count = 1000, .total = 64000, .self = 64000},
    {.tree = WTFCB_TREE_ALLOC_TOTAL, .parent = WTFCB_PROFILE_NONE, .frame = 4, .count = 1, .total = 1024, .self = 1024},
};

static void *copy_rows(wtfcb_profile *profile, const void *rows, uint64_t count, size_t size)
{
    void *copy = wtfcb_profiler_profile_rows(profile, count, size);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, rows, count * size);
    return copy;
}

/* `rows` and behind them `more`. */
static void *join_rows(wtfcb_profile *profile, const void *rows, uint64_t count, const void *more, uint64_t more_count,
                       size_t size)
{
    char *joined = wtfcb_profiler_profile_rows(profile, count + more_count, size);
    ck_assert_ptr_nonnull(joined);
    if (count > 0) memcpy(joined, rows, count * size);
    memcpy(joined + count * size, more, more_count * size);
    return joined;
}

static void add_allocations(wtfcb_profile *profile)
{
    static const wtfcb_profile_thread process = {.name = "prog (100)"};
    wtfcb_profile_summary *summary = &profile->summary;
    wtfcb_profile_frame *made =
        join_rows(profile, profile->frames, summary->frame_count, alloc_frames, COUNT_OF(alloc_frames), sizeof *made);
    for (uint32_t i = summary->frame_count; i < summary->frame_count + COUNT_OF(alloc_frames); i++) {
        made[i].function = made[i].name;
        if (!made[i].file) made[i].file = "";
        made[i].minimum_ns = made[i].maximum_ns = WTFCB_UNKNOWN;
        made[i].p50_ns = made[i].p90_ns = made[i].p95_ns = made[i].p99_ns = WTFCB_UNKNOWN;
    }
    wtfcb_profile_node *below =
        join_rows(profile, profile->nodes, summary->node_count, alloc_nodes, COUNT_OF(alloc_nodes), sizeof *below);
    for (uint32_t i = summary->node_count; i < summary->node_count + COUNT_OF(alloc_nodes); i++) {
        below[i].thread = summary->thread_count;
        below[i].frame += summary->frame_count;
        if (below[i].parent != WTFCB_PROFILE_NONE) below[i].parent += summary->node_count;
    }
    profile->threads = join_rows(profile, profile->threads, summary->thread_count, &process, 1, sizeof process);
    profile->frames = made;
    profile->nodes = below;
    summary->frame_count += COUNT_OF(alloc_frames);
    summary->node_count += COUNT_OF(alloc_nodes);
    summary->thread_count++;
    summary->alloc_status = WTFCB_OK;
    summary->alloc_mode = "sampled";
    summary->alloc_rate = 512 << 10;
    summary->alloc_count = 1004;
    summary->alloc_bytes = 71168;
    summary->alloc_live_count = 3;
    summary->alloc_live_bytes = 6144;
    summary->alloc_live_peak = 66048;
    summary->alloc_lost = 1;
    summary->alloc_unwound_short = 1;
}

static void add_metrics(wtfcb_profile *profile)
{
    wtfcb_profile_metric *metrics =
        copy_rows(profile, wtfcb_profiler_metric_table(), WTFCB_PROFILER_METRICS, sizeof *metrics);
    for (uint32_t i = 0; i < WTFCB_PROFILER_METRICS; i++) {
        uint32_t id = metrics[i].id;
        metrics[i].last = id; /* anything but 0: it moved */
        if (id == WTFCB_METRIC_RSS || id == WTFCB_METRIC_CPU || id == WTFCB_METRIC_MINOR_FAULTS) continue;
        if (id == WTFCB_METRIC_LIVE && profile->summary.alloc_status == WTFCB_OK) continue;
        metrics[i].last = 0;
        metrics[i].status = id == WTFCB_METRIC_PSS ? WTFCB_ENOTFOUND : WTFCB_EUNSUPPORTED;
        metrics[i].reason = id == WTFCB_METRIC_PSS ? "not asked for" : "no <file> /sys/fs/\"x\"\xff";
    }
    profile->metrics = metrics;
    profile->summary.metric_count = WTFCB_PROFILER_METRICS;
}

/* Rows of `interval` up to `count` intervals behind `start`: memory grows by 1 KiB a ms, half a core is used, ten faults a second. */
static void add_tier(wtfcb_profile *profile, uint32_t index, uint64_t interval, uint64_t start, uint64_t count)
{
    wtfcb_profiler_tier *tier = &profile->tiers[index];
    uint64_t *columns[6];
    for (uint32_t i = 0; i < COUNT_OF(columns); i++) {
        columns[i] = wtfcb_profiler_profile_rows(profile, count, sizeof *columns[i]);
        ck_assert_ptr_nonnull(columns[i]);
    }
    for (uint64_t i = 0; i < count; i++) {
        uint64_t from = start + i * interval;
        columns[0][i] = from + interval;
        columns[1][i] = 1048576 + (from + interval / 2) / MILLISECONDS(1) * 1024;
        columns[2][i] = 1048576 + from / MILLISECONDS(1) * 1024;
        columns[3][i] = 1048576 + (from + interval) / MILLISECONDS(1) * 1024;
        columns[4][i] = from == 0 ? WTFCB_UNKNOWN : interval / 2;
        columns[5][i] = interval / MILLISECONDS(100);
    }
    *tier = (wtfcb_profiler_tier){.interval_ns = interval, .start_ns = start, .count = count, .times = columns[0]};
    tier->dropped = start / interval;
    for (uint32_t i = 0; i < WTFCB_PROFILER_STATISTICS; i++) {
        tier->values[WTFCB_METRIC_RSS - 1][i] = columns[1 + i];
        if (profile->metrics[WTFCB_METRIC_LIVE - 1].status != WTFCB_OK) continue;
        tier->values[WTFCB_METRIC_LIVE - 1][i] = columns[1 + i];
    }
    tier->values[WTFCB_METRIC_CPU - 1][WTFCB_STATISTIC_VALUE - 1] = columns[4];
    tier->values[WTFCB_METRIC_MINOR_FAULTS - 1][WTFCB_STATISTIC_VALUE - 1] = columns[5];
}

static wtfcb_profile *new_profile(const wtfcb_allocator *allocator)
{
    wtfcb_profile *profile;
    ck_assert_int_eq(wtfcb_profiler_profile_new(allocator, &profile), WTFCB_OK);
    wtfcb_profile_summary *summary = &profile->summary;
    summary->name = "demo </script> \"x\"\xff";
    summary->started_ns = UINT64_C(1700000000123456789);
    summary->duration_ns = MILLISECONDS(32500);
    summary->process = 100;
    summary->cores_usable = 2;
    summary->cpu_ns = SECONDS(16);
    summary->rss_peak = 40 << 20;
    summary->overhead_ns = 12345678;
    summary->zones = 1011;
    summary->zones_dropped = 3;
    profile->system.cores_present = 4;
    profile->system.cores_usable = 2;
    profile->system.memory_total = UINT64_C(8) << 30;
    (void)snprintf(profile->system.kernel, sizeof profile->system.kernel, "Linux 6.1.0");
    (void)snprintf(profile->system.architecture, sizeof profile->system.architecture, "x86_64");
    (void)snprintf(profile->system.cpu_model, sizeof profile->system.cpu_model, "Some <CPU> & more");
    (void)snprintf(profile->system.host, sizeof profile->system.host, "host");
    return profile;
}

wtfcb_profile *export_sample(const wtfcb_allocator *allocator, unsigned what)
{
    wtfcb_profile *profile = new_profile(allocator);
    wtfcb_profile_summary *summary = &profile->summary;
    summary->zone_status = what & EXPORT_ZONES ? WTFCB_OK : WTFCB_ENOTFOUND;
    summary->timeline_status = what & EXPORT_TIMELINE ? WTFCB_OK : WTFCB_ENOTFOUND;
    if (what & EXPORT_ZONES) {
        profile->frames = copy_rows(profile, frames, COUNT_OF(frames), sizeof *frames);
        wtfcb_profile_frame *rows = (wtfcb_profile_frame *)(uintptr_t)profile->frames;
        for (uint32_t i = 0; i < COUNT_OF(frames); i++) {
            rows[i].tree = WTFCB_TREE_ZONES;
            rows[i].object = "";
        }
        profile->threads = copy_rows(profile, threads, COUNT_OF(threads), sizeof *threads);
        profile->nodes = copy_rows(profile, nodes, COUNT_OF(nodes), sizeof *nodes);
        summary->frame_count = COUNT_OF(frames);
        summary->thread_count = COUNT_OF(threads);
        summary->node_count = COUNT_OF(nodes);
    }
    if (what & EXPORT_EVENTS) {
        profile->events = copy_rows(profile, events, COUNT_OF(events), sizeof *events);
        summary->event_count = COUNT_OF(events);
        summary->events_dropped = 1002;
    }
    if (what & EXPORT_SECTIONS) {
        profile->sections = copy_rows(profile, sections, COUNT_OF(sections), sizeof *sections);
        summary->section_count = COUNT_OF(sections);
    }
    if (what & EXPORT_ALLOC) add_allocations(profile);
    if (what & EXPORT_TIMELINE) {
        add_metrics(profile);
        add_tier(profile, WTFCB_TIER_SAMPLES, MILLISECONDS(100), MILLISECONDS(31500), 10);
        add_tier(profile, WTFCB_TIER_SECONDS, SECONDS(1), SECONDS(24), 8);
        add_tier(profile, WTFCB_TIER_TEN_SECONDS, SECONDS(10), 0, 3);
        summary->samples = 325;
        summary->samples_missed = 2;
    }
    return profile;
}

/* A number from 0 to `below` - 1 that looks like chance and is the same everywhere. */
static uint64_t scatter(uint64_t seed, uint64_t below)
{
    seed = (seed ^ (seed >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    seed = (seed ^ (seed >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return (seed ^ (seed >> 33)) % below;
}

/* What a program might do: memory that grows and is given back, bursts of work, pages and files. */
static uint64_t large_value(uint32_t metric, uint64_t row, uint64_t rows, uint32_t statistic)
{
    uint64_t phase = row * 7 / rows;
    switch (metric) {
    case WTFCB_METRIC_RSS:
        return (UINT64_C(60) << 20) + (row * 8 % rows) * 60000 + phase * (20u << 20) + statistic * 300000;
    case WTFCB_METRIC_CPU:
        return row == 0 ? WTFCB_UNKNOWN : MILLISECONDS(phase % 2 ? 95 + scatter(row, 90) : scatter(row, 40));
    case WTFCB_METRIC_MINOR_FAULTS: return phase % 2 ? 50 + scatter(row + 1, 400) : scatter(row, 3);
    case WTFCB_METRIC_VOLUNTARY_SWITCHES: return 20 + scatter(row + 2, 10);
    case WTFCB_METRIC_READ: return phase == 2 ? 4000000 + scatter(row, 900000) : 0;
    case WTFCB_METRIC_THREADS: return 2 + phase % 3;
    case WTFCB_METRIC_CPU_PRESSURE: return MILLISECONDS(scatter(row + 3, phase % 2 ? 20 : 2));
    default: return 0;
    }
}

static void add_large_timeline(wtfcb_profile *profile, uint32_t samples)
{
    static const uint32_t available[] = {
        WTFCB_METRIC_RSS,  WTFCB_METRIC_CPU,     WTFCB_METRIC_MINOR_FAULTS, WTFCB_METRIC_VOLUNTARY_SWITCHES,
        WTFCB_METRIC_READ, WTFCB_METRIC_THREADS, WTFCB_METRIC_CPU_PRESSURE, WTFCB_METRIC_MAJOR_FAULTS};
    add_metrics(profile);
    wtfcb_profile_metric *metrics = (wtfcb_profile_metric *)(uintptr_t)profile->metrics;
    wtfcb_profiler_tier *tier = &profile->tiers[WTFCB_TIER_SAMPLES];
    add_tier(profile, WTFCB_TIER_SAMPLES, MILLISECONDS(100), 0, samples);
    for (uint32_t i = 0; i < COUNT_OF(available); i++) {
        wtfcb_profile_metric *metric = &metrics[available[i] - 1];
        metric->status = WTFCB_OK;
        metric->reason = "";
        metric->last = available[i] != WTFCB_METRIC_MAJOR_FAULTS;
        for (uint32_t s = 0; s < (metric->kind == WTFCB_METRIC_GAUGE ? WTFCB_PROFILER_STATISTICS : 1); s++) {
            uint64_t *values = wtfcb_profiler_profile_rows(profile, samples, sizeof *values);
            ck_assert_ptr_nonnull(values);
            for (uint32_t row = 0; row < samples; row++)
                values[row] = large_value(metric->id, row, samples, s == 1 ? 0 : s == 0 ? 1 : 2);
            tier->values[metric->id - 1][s] = values;
        }
    }
    profile->summary.duration_ns = samples * MILLISECONDS(100);
    profile->summary.samples = samples;
    profile->summary.rss_peak = UINT64_C(800) << 20;
}

enum { LARGE_FRAMES = 200 };

static void add_large_frames(wtfcb_profile *profile)
{
    static const char *const verbs[] = {"read", "parse", "merge", "write", "look up", "hash", "wait", "sort"};
    static const char *const nouns[] = {"record", "tree", "block", "names", "index"};
    wtfcb_profile_frame *rows = wtfcb_profiler_profile_rows(profile, LARGE_FRAMES, sizeof *rows);
    ck_assert_ptr_nonnull(rows);
    for (uint32_t i = 0; i < LARGE_FRAMES; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "%s %s %u", verbs[i % 8], nouns[i % 5], i);
        rows[i] = (wtfcb_profile_frame){.function = "", .object = "", .line = i + 1, .tree = WTFCB_TREE_ZONES};
        rows[i].name = wtfcb_profiler_profile_text(profile, name);
        rows[i].file = wtfcb_profiler_profile_text(profile, "src/large.c");
    }
    profile->frames = rows;
    profile->summary.frame_count = LARGE_FRAMES;
}

static void sum_up_large(wtfcb_profile *profile, wtfcb_profile_node *rows, wtfcb_profile_frame *frame_rows)
{
    for (uint32_t i = profile->summary.node_count; i-- > 0;) {
        wtfcb_profile_frame *frame = &frame_rows[rows[i].frame];
        rows[i].total += rows[i].self;
        if (rows[i].parent != WTFCB_PROFILE_NONE) rows[rows[i].parent].total += rows[i].total;
        frame->count += rows[i].count;
        frame->self += rows[i].self;
        frame->total += rows[i].self;
        frame->minimum_ns = 100 + scatter(i, 100);
        frame->p50_ns = 1000 + scatter(i, 1000);
        frame->p95_ns = 5000 + scatter(i, 90000);
        frame->p99_ns = 2 * frame->p95_ns;
        frame->maximum_ns = 3 * frame->p95_ns;
    }
}

/* Of each thread a chain of 40 nodes, then what hangs on one of those, or on what hangs there. */
wtfcb_profile *export_sample_large(uint32_t node_count, uint32_t thread_count, uint32_t samples)
{
    enum { CHAIN = 40 };
    wtfcb_profile *profile = new_profile(NULL);
    add_large_frames(profile);
    wtfcb_profile_thread *thread_rows = wtfcb_profiler_profile_rows(profile, thread_count, sizeof *thread_rows);
    wtfcb_profile_node *rows = wtfcb_profiler_profile_rows(profile, node_count, sizeof *rows);
    ck_assert(thread_rows && rows);
    uint32_t each = node_count / thread_count;
    for (uint32_t i = 0; i < node_count; i++) {
        uint32_t thread = i / each < thread_count ? i / each : thread_count - 1;
        uint32_t first = thread * each;
        uint32_t at = i - first;
        rows[i] = (wtfcb_profile_node){.tree = WTFCB_TREE_ZONES, .thread = thread};
        rows[i].frame = at < CHAIN ? at : (uint32_t)scatter(at, LARGE_FRAMES);
        rows[i].parent = at == 0 ? WTFCB_PROFILE_NONE : at < CHAIN ? i - 1 : first + (uint32_t)scatter(at, at / 2);
        rows[i].count = 1 + scatter(i, 1000);
        rows[i].self = 1000 + scatter(i, at % 50 ? 300000 : 30000000);
        thread_rows[thread] =
            (wtfcb_profile_thread){.name = thread ? "pool" : "main", .id = 100 + thread, .zones = each};
    }
    profile->threads = thread_rows;
    profile->nodes = rows;
    profile->summary.thread_count = thread_count;
    profile->summary.node_count = node_count;
    sum_up_large(profile, rows, (wtfcb_profile_frame *)(uintptr_t)profile->frames);
    add_large_timeline(profile, samples);
    return profile;
}
