#include "sample_profile.h"

#include "../test.h"
#include "profiler/histogram.h"
#include "profiler/profile.h"

enum { DEPTH = 8, NODES = 64, EVENTS = 4096, MS = 1000000 };

const char *const sample_thread_names[SAMPLE_THREADS] = {"main", "worker \"1\"", "io \xff\xfe\xc3"};

static const struct site {
    const char *name, *function, *file;
    uint32_t line;
} sites[SAMPLE_FRAMES] = {
    {"scan", "scan_tree", "lib/scan.c", 120},
    {"walk", "walk_dir", "lib/walk.c", 33},
    {"read \"file\"", "read_file", "lib/read.c", 7},
    {"parse<C>; all\nof it", "parse", "lib/\xd0\xbf\xd0\xb0\xd1\x80\xd1\x81.c", 99},
    {"hash \xc0\xaf\xed\xa0\x80|", "", "", 0},
    {"hash", "hash_again", "lib/hash.c", 1},
    {"wait", "wait_for_it", "C:\\lib\\wait.c", 4294967295U},
};

enum { SCAN, WALK, READ, PARSE, ODD, HASH, WAIT };

/* One pass through a zone that has not ended. */
typedef struct inside {
    uint32_t site, node;
    uint64_t start, inner;
} inside;

/* The program as it is played. Frames are sites until they are put in order. */
typedef struct play {
    wtfcb_profile_frame frames[SAMPLE_FRAMES];
    uint64_t buckets[SAMPLE_FRAMES][WTFCB_PROFILER_BUCKETS];
    wtfcb_profile_node nodes[NODES];
    uint32_t node_count;
    wtfcb_profile_event events[EVENTS];
    uint32_t event_count;
    wtfcb_profile_thread threads[SAMPLE_THREADS];
    uint32_t thread;
    uint64_t now;
    inside stack[DEPTH];
    uint32_t depth;
} play;

static void enter(play *p, uint32_t site)
{
    ck_assert_uint_lt(p->depth, DEPTH);
    uint32_t parent = p->depth ? p->stack[p->depth - 1].node : WTFCB_PROFILE_NONE;
    uint32_t node = 0;
    while (node < p->node_count &&
           (p->nodes[node].thread != p->thread || p->nodes[node].parent != parent || p->nodes[node].frame != site))
        node++;
    if (node == p->node_count) {
        ck_assert_uint_lt(node, NODES);
        p->nodes[p->node_count++] =
            (wtfcb_profile_node){.tree = WTFCB_TREE_ZONES, .thread = p->thread, .parent = parent, .frame = site};
    }
    p->stack[p->depth++] = (inside){.site = site, .node = node, .start = p->now};
}

static bool inside_itself(const play *p, uint32_t site)
{
    for (uint32_t i = 0; i < p->depth; i++)
        if (p->stack[i].site == site) return true;
    return false;
}

static void leave(play *p)
{
    inside in = p->stack[--p->depth];
    uint64_t took = p->now - in.start;
    wtfcb_profile_frame *frame = &p->frames[in.site];
    frame->minimum_ns = frame->count == 0 || took < frame->minimum_ns ? took : frame->minimum_ns;
    frame->maximum_ns = took > frame->maximum_ns ? took : frame->maximum_ns;
    frame->count++;
    frame->self += took - in.inner;
    if (!inside_itself(p, in.site)) frame->total += took;
    p->buckets[in.site][wtfcb_profiler_bucket_of(took)]++;
    wtfcb_profile_node *node = &p->nodes[in.node];
    node->count++;
    node->total += took;
    node->self += took - in.inner;
    if (p->depth) p->stack[p->depth - 1].inner += took;
    p->threads[p->thread].zones++;
    ck_assert_uint_lt(p->event_count, EVENTS);
    p->events[p->event_count++] = (wtfcb_profile_event){
        .start_ns = in.start, .duration_ns = took, .thread = p->thread, .frame = in.site, .depth = p->depth};
}

static void pass(play *p, uint32_t site, uint64_t ns)
{
    enter(p, site);
    p->now += ns;
    leave(p);
}

static void play_main(play *p)
{
    p->now = 2 * MS;
    enter(p, SCAN);
    for (uint32_t i = 0; i < 40; i++) {
        enter(p, WALK);
        p->now += 100000 + i * 977;
        if (i % 4 == 0) {
            enter(p, WALK);
            pass(p, READ, 5000 + i * 100);
            p->now += 333;
            leave(p);
        }
        leave(p);
        p->now += 4 * MS;
    }
    leave(p);
}

static void play_worker(play *p)
{
    p->now = 5 * MS;
    for (uint32_t i = 0; i < 100; i++) {
        pass(p, READ, 20000 + i * i * 17);
        enter(p, PARSE);
        p->now += (uint64_t)MS * (1 + i % 7);
        pass(p, HASH, 63 + i);
        pass(p, ODD, i % 3);
        leave(p);
        p->now += 1000;
    }
}

static void play_io(play *p)
{
    p->now = 7 * MS;
    enter(p, SCAN);
    for (uint32_t i = 0; i < 3; i++)
        pass(p, READ, (uint64_t)MS << (4 * i));
    leave(p);
    enter(p, WAIT); /* for ever */
    p->depth = 0;
}

static void play_all(play *p)
{
    static void (*const parts[SAMPLE_THREADS])(play *) = {play_main, play_worker, play_io};
    for (uint32_t t = 0; t < SAMPLE_THREADS; t++) {
        p->thread = t;
        p->threads[t].id = t == 2 ? 0 : 4001 + t;
        p->threads[t].dropped = t * 5;
        parts[t](p);
    }
}

static const wtfcb_profiler_bucket *buckets_of(wtfcb_profile *profile, const uint64_t *counts, uint32_t *ret_count)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < WTFCB_PROFILER_BUCKETS; i++)
        count += counts[i] > 0;
    wtfcb_profiler_bucket *buckets = wtfcb_profiler_profile_rows(profile, count, sizeof *buckets);
    ck_assert_ptr_nonnull(buckets);
    *ret_count = 0;
    for (uint32_t i = 0; i < WTFCB_PROFILER_BUCKETS; i++)
        if (counts[i] > 0) buckets[(*ret_count)++] = (wtfcb_profiler_bucket){.index = i, .count = counts[i]};
    return buckets;
}

/* `places[site]` is the frame's index: longest first. */
static void put_frames(wtfcb_profile *profile, const play *p, uint32_t places[SAMPLE_FRAMES])
{
    wtfcb_profile_frame *frames = wtfcb_profiler_profile_rows(profile, SAMPLE_FRAMES, sizeof *frames);
    wtfcb_profiler_histogram *histograms = wtfcb_profiler_profile_rows(profile, SAMPLE_FRAMES, sizeof *histograms);
    ck_assert(frames && histograms);
    for (uint32_t site = 0; site < SAMPLE_FRAMES; site++) {
        uint32_t place = 0;
        for (uint32_t other = 0; other < SAMPLE_FRAMES; other++)
            place += p->frames[other].total > p->frames[site].total;
        places[site] = place;
        wtfcb_profile_frame *frame = &frames[place];
        wtfcb_profiler_histogram *histogram = &histograms[place];
        *frame = p->frames[site];
        frame->name = wtfcb_profiler_profile_text(profile, sites[site].name);
        frame->function = sites[site].function;
        frame->file = sites[site].file;
        frame->line = sites[site].line;
        frame->object = "";
        frame->tree = WTFCB_TREE_ZONES;
        histogram->buckets = buckets_of(profile, p->buckets[site], &histogram->count);
        if (histogram->count == 0) continue;
        frame->p50_ns = wtfcb_profiler_percentile(histogram, frame->minimum_ns, frame->maximum_ns, 500);
        frame->p90_ns = wtfcb_profiler_percentile(histogram, frame->minimum_ns, frame->maximum_ns, 900);
        frame->p95_ns = wtfcb_profiler_percentile(histogram, frame->minimum_ns, frame->maximum_ns, 950);
        frame->p99_ns = wtfcb_profiler_percentile(histogram, frame->minimum_ns, frame->maximum_ns, 990);
    }
    profile->frames = frames;
    profile->histograms = histograms;
    profile->summary.frame_count = SAMPLE_FRAMES;
}

static void put_zones(wtfcb_profile *profile, bool with_events)
{
    play *p = calloc(1, sizeof *p);
    ck_assert_ptr_nonnull(p);
    play_all(p);
    uint32_t places[SAMPLE_FRAMES];
    put_frames(profile, p, places);
    wtfcb_profile_thread *threads = wtfcb_profiler_profile_rows(profile, SAMPLE_THREADS, sizeof *threads);
    wtfcb_profile_node *nodes = wtfcb_profiler_profile_rows(profile, p->node_count, sizeof *nodes);
    wtfcb_profile_event *events = wtfcb_profiler_profile_rows(profile, p->event_count, sizeof *events);
    ck_assert(threads && nodes && events);
    for (uint32_t i = 0; i < SAMPLE_THREADS; i++) {
        threads[i] = p->threads[i];
        threads[i].name = sample_thread_names[i];
        profile->summary.zones += threads[i].zones;
        profile->summary.zones_dropped += threads[i].dropped;
    }
    for (uint32_t i = 0; i < p->node_count; i++) {
        nodes[i] = p->nodes[i];
        nodes[i].frame = places[nodes[i].frame];
    }
    for (uint32_t i = 0; i < p->event_count; i++) {
        events[i] = p->events[i];
        events[i].frame = places[events[i].frame];
    }
    profile->threads = threads;
    profile->nodes = nodes;
    profile->events = events;
    profile->summary.thread_count = SAMPLE_THREADS;
    profile->summary.node_count = p->node_count;
    profile->summary.event_count = with_events ? p->event_count : 0;
    profile->summary.events_dropped = with_events ? 17 : 0;
    profile->summary.zone_status = WTFCB_OK;
    free(p);
}

/* A wave for gauges, a saw for counters. */
static uint64_t value_at(const wtfcb_profile_metric *metric, uint64_t time_ns)
{
    uint64_t step = time_ns / (100 * (uint64_t)MS);
    if (metric->unit == WTFCB_METRIC_NS) return (step * 7919) % (100 * (uint64_t)MS);
    if (metric->unit == WTFCB_METRIC_BYTES) return (64 + (step % 50 < 25 ? step % 50 : 50 - step % 50)) << 20;
    return 1 + step % 9;
}

static void put_tier(wtfcb_profile *profile, uint32_t tier, uint64_t interval, uint64_t start, uint64_t count)
{
    wtfcb_profiler_tier *into = &profile->tiers[tier];
    uint64_t *times = wtfcb_profiler_profile_rows(profile, count, sizeof *times);
    ck_assert_ptr_nonnull(times);
    for (uint64_t i = 0; i < count; i++)
        times[i] = start + (i + 1) * interval + i % 3 * 1000;
    *into = (wtfcb_profiler_tier){
        .interval_ns = interval, .start_ns = start, .count = count, .dropped = start / interval, .times = times};
    for (uint32_t m = 0; m < WTFCB_PROFILER_METRICS; m++) {
        const wtfcb_profile_metric *metric = &profile->metrics[m];
        if (metric->status != WTFCB_OK) continue;
        uint32_t statistics = metric->kind == WTFCB_METRIC_GAUGE ? 3 : 1;
        for (uint32_t s = 0; s < statistics; s++) {
            uint64_t *values = wtfcb_profiler_profile_rows(profile, count, sizeof *values);
            ck_assert_ptr_nonnull(values);
            for (uint64_t i = 0; i < count; i++)
                values[i] = value_at(metric, times[i]) + (s == 2) - (s == 1);
            if (metric->id == WTFCB_METRIC_CPU && start == 0) values[0] = WTFCB_UNKNOWN;
            if (metric->id == WTFCB_METRIC_THREADS && count > 5) values[5] = WTFCB_UNKNOWN;
            into->values[m][s] = values;
        }
    }
}

static void put_timeline(wtfcb_profile *profile)
{
    wtfcb_profile_metric *metrics = wtfcb_profiler_profile_rows(profile, WTFCB_PROFILER_METRICS, sizeof *metrics);
    ck_assert_ptr_nonnull(metrics);
    memcpy(metrics, wtfcb_profiler_metric_table(), WTFCB_PROFILER_METRICS * sizeof *metrics);
    for (uint32_t m = 0; m < WTFCB_PROFILER_METRICS; m++) {
        metrics[m].first = metrics[m].kind == WTFCB_METRIC_GAUGE ? 64 + m : 0;
        metrics[m].last = (m + 1) << 20;
        metrics[m].minimum = m;
        metrics[m].maximum = (m + 1) << 21;
        metrics[m].mean = (m + 1) << 19;
    }
    static const struct {
        uint32_t id;
        wtfcb_status status;
        const char *reason;
    } missing[] = {
        {WTFCB_METRIC_PSS, WTFCB_ENOTFOUND, "not asked for"},
        {WTFCB_METRIC_STORAGE_READ, WTFCB_EACCES, "/proc/self/io: \"Permission denied\""},
        {WTFCB_METRIC_IO_PRESSURE, WTFCB_EUNSUPPORTED, "this kernel has no /proc/pressure"},
        {WTFCB_METRIC_CGROUP_THROTTLED, WTFCB_EUNSUPPORTED, "the cgroup has no quota"},
    };
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        wtfcb_profile_metric *metric = &metrics[missing[i].id - 1];
        metric->status = missing[i].status;
        metric->reason = missing[i].reason;
        metric->first = metric->last = WTFCB_UNKNOWN;
        metric->minimum = metric->maximum = metric->mean = WTFCB_UNKNOWN;
    }
    profile->metrics = metrics;
    profile->summary.metric_count = WTFCB_PROFILER_METRICS;
    uint64_t interval = 100 * (uint64_t)MS;
    put_tier(profile, WTFCB_TIER_SAMPLES, interval, SAMPLE_DROPPED * interval, SAMPLE_SAMPLES);
    put_tier(profile, WTFCB_TIER_SECONDS, 10 * interval, 0, 25);
    put_tier(profile, WTFCB_TIER_TEN_SECONDS, 100 * interval, 0, 2);
    profile->summary.samples = SAMPLE_DROPPED + SAMPLE_SAMPLES;
    profile->summary.samples_dropped = SAMPLE_DROPPED;
    profile->summary.samples_missed = 3;
    profile->summary.cpu_ns = 12345678901;
    profile->summary.rss_peak = 90 << 20;
    profile->summary.timeline_status = WTFCB_OK;
    profile->summary.flush_status = WTFCB_ENOSPACE;
}

static void put_sections(wtfcb_profile *profile)
{
    static const wtfcb_profile_section sections[] = {
        {"warm up", 0, 5000000000, 4000000000, 64 << 20, 80 << 20, 81 << 20},
        {"the \"work\"\n<b>", 5000000000, 19000000000, 8000000000, 80 << 20, 70 << 20, 90 << 20},
        {"part \xf0\x9f\x8e\x89", 6000000000, 1, WTFCB_UNKNOWN, WTFCB_UNKNOWN, WTFCB_UNKNOWN, WTFCB_UNKNOWN},
        {"never ended", 24000000000, WTFCB_UNKNOWN, WTFCB_UNKNOWN, 70 << 20, WTFCB_UNKNOWN, 70 << 20},
    };
    profile->sections = sections;
    profile->summary.section_count = sizeof sections / sizeof *sections;
}

static void put_system(wtfcb_system_info *system)
{
    system->cores_present = 8;
    system->cores_usable = 2;
    system->memory_total = UINT64_C(16) << 30;
    system->memory_available = UINT64_C(9) << 30;
    system->load_milli = 1250;
    system->page_size = 4096;
    system->boot_time_s = 1700000000;
    snprintf(system->kernel, sizeof system->kernel, "%s", "Linux 6.1.0");
    snprintf(system->architecture, sizeof system->architecture, "%s", "x86_64");
    snprintf(system->cpu_model, sizeof system->cpu_model, "%s", "A \"fast\" one <TM>");
    memset(system->host, 0xfe, sizeof system->host - 1); /* no UTF-8, and too long when it is mended */
    snprintf(system->zone_clock, sizeof system->zone_clock, "%s", "tsc");
    snprintf(system->library, sizeof system->library, "%s", "0.1.0");
}

wtfcb_profile *sample_profile(const wtfcb_allocator *allocator, int parts)
{
    wtfcb_profile *profile = NULL;
    ck_assert_int_eq(wtfcb_profiler_profile_new(allocator, &profile), WTFCB_OK);
    if (parts == 0) return profile;
    profile->summary.name = "sample \"<run>\"\t\\ \xe2\x82\xac \x80";
    profile->summary.started_ns = 1700000000123456789;
    profile->summary.duration_ns = 25000000000;
    profile->summary.process = 4000;
    profile->summary.cores_usable = 2;
    profile->summary.overhead_ns = 4321;
    profile->summary.zone_status = WTFCB_ENOTFOUND;
    profile->summary.timeline_status = WTFCB_ENOTFOUND;
    put_system(&profile->system);
    if (parts & SAMPLE_TIMELINE) put_timeline(profile);
    if (parts & SAMPLE_ZONES) put_zones(profile, parts & SAMPLE_EVENTS);
    if (parts & SAMPLE_SECTIONS) put_sections(profile);
    return profile;
}

typedef struct gathered {
    char *bytes;
    size_t length;
} gathered;

static wtfcb_status gather(void *user, const char *bytes, size_t length)
{
    gathered *g = user;
    g->bytes = realloc(g->bytes, g->length + length + 1);
    ck_assert_ptr_nonnull(g->bytes);
    memcpy(g->bytes + g->length, bytes, length);
    g->length += length;
    g->bytes[g->length] = '\0';
    return WTFCB_OK;
}

char *sample_written(const wtfcb_profile *profile, int32_t format, size_t *ret_length)
{
    gathered g = {.bytes = calloc(1, 1)};
    ck_assert_int_eq(wtfcb_profile_write(profile, format, gather, &g), WTFCB_OK);
    if (ret_length) *ret_length = g.length;
    return g.bytes;
}
