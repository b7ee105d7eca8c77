/*
 * A profile from what all threads have counted, also while they go on counting.
 *
 * Each counter is read once, and everything else is derived from what was read, so that a profile agrees with itself whatever was changed meanwhile: a node's
 * time in total is its own and that of its children; a frame's counts are the sums of its nodes', its time in total that of its outermost
 * nodes. Nodes are known to be complete up to the number that was published; their order puts parents first.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "profiler/recorder.h"
#include "profiler/zone_parts.h"

typedef wtfcb_profiler_zone_thread thread_state;
typedef wtfcb_profiler_zone_block block;

/* Time over which the rate of the counter is measured better than at the first start. */
#define REFINE_NS UINT64_C(10000000)

/* A thread that may become a row. */
typedef struct source {
    thread_state *state;
    uint64_t born;
    uint32_t nodes;      /* known to be complete */
    uint32_t first_node; /* in `sums.nodes` */
    uint32_t row;        /* or WTFCB_PROFILE_NONE */
    bool shared;
    const block *newest; /* of its ring; NULL: none */
    uint64_t newest_first;
    uint64_t in_newest; /* events */
} source;

/* What is known of a site. */
typedef struct place {
    wtfcb_profile_frame frame;
    uint64_t minimum; /* ticks */
    uint64_t maximum;
    uint32_t index; /* of the site, then its row or WTFCB_PROFILE_NONE */
    bool used;
} place;

typedef struct sums {
    wtfcb_profile *profile;
    wtfcb_profiler_zone_region *region;
    const wtfcb_profiler_zone_recorder *recorder;
    uint64_t rate;
    source *sources;
    size_t source_count;
    size_t source_room;
    wtfcb_profile_node *
        nodes; /* of all sources; `frame` is a site, `parent` counts from the source's first, `tree` is 0 until it is used */
    size_t node_count;
    place *places; /* by site */
    place **order; /* longest first */
    uint32_t frame_count;
} sums;

static uint64_t to_ns(const sums *s, uint64_t ticks)
{
    return wtfcb_profiler_zone_clock_ns(ticks, s->rate);
}

/* The rate that leads from the start to now, which is what the timeline's clock says. */
static uint64_t whole_rate(const wtfcb_profiler_zone_recorder *recorder)
{
    wtfcb_profiler_zone_anchor now = wtfcb_profiler_zone_clock_anchor(recorder->clock.kind);
    uint64_t ticks = now.ticks - recorder->start.ticks;
    uint64_t ns = now.ns - recorder->start.ns;
    if (recorder->clock.kind == WTFCB_PROFILER_ZONE_CLOCK_SYSTEM || ns < REFINE_NS || ticks == 0)
        return recorder->clock.rate;
    while (ns > UINT32_MAX) {
        ns = (ns + 1) >> 1;
        ticks = (ticks + 1) >> 1;
    }
    return (ns << 32) / ticks;
}

static const block *block_of(const sums *s, const void *end)
{
    uint64_t offset = (uint64_t)((const char *)end - 1 - s->region->blocks);
    return (const void *)(s->region->blocks + offset / WTFCB_PROFILER_ZONE_BLOCK * WTFCB_PROFILER_ZONE_BLOCK);
}

/* The newest block and how full it is: its number is the same before and after, so it was not taken again in between. */
static void look_at_ring(const sums *s, source *from)
{
    const wtfcb_profiler_zone_event *end = atomic_load_explicit(&from->state->event, memory_order_acquire);
    for (;;) {
        if (!end || block_of(s, end) == &from->state->block) return;
        from->newest = block_of(s, end);
        from->newest_first = atomic_load_explicit(&from->newest->first, memory_order_acquire);
        end = atomic_load_explicit(&from->state->event, memory_order_acquire);
        if (block_of(s, end) == from->newest &&
            atomic_load_explicit(&from->newest->first, memory_order_acquire) == from->newest_first)
            break;
    }
    from->in_newest = (uint64_t)(end - (const wtfcb_profiler_zone_event *)(const void *)(from->newest + 1));
}

static int by_birth(const void *a, const void *b)
{
    const source *x = a;
    const source *y = b;
    if (x->shared != y->shared) return x->shared ? 1 : -1;
    return (x->born > y->born) - (x->born < y->born);
}

static wtfcb_status list_sources(sums *s)
{
    thread_state *state = atomic_load_explicit(&s->region->threads, memory_order_acquire);
    for (; state; state = atomic_load_explicit(&state->listed, memory_order_relaxed)) {
        uint32_t status = atomic_load_explicit(&state->status, memory_order_acquire);
        if (status == WTFCB_PROFILER_ZONE_FREE ||
            atomic_load_explicit(&state->recording, memory_order_acquire) != s->recorder->number)
            continue;
        if (!wtfcb_base_reserve(&s->profile->allocator, (void **)&s->sources, &s->source_room, s->source_count + 1,
                                sizeof *s->sources))
            return WTFCB_ENOMEM;
        s->sources[s->source_count++] = (source){
            .state = state,
            .born = wtfcb_profiler_zone_get(&state->born),
            .nodes = atomic_load_explicit(&state->node_count, memory_order_acquire),
            .shared = status == WTFCB_PROFILER_ZONE_SHARED,
        };
    }
    if (s->source_count > 1) qsort(s->sources, s->source_count, sizeof *s->sources, by_birth);
    for (size_t i = 0; i < s->source_count; i++) {
        s->sources[i].first_node = (uint32_t)s->node_count;
        s->node_count += s->sources[i].nodes;
        look_at_ring(s, &s->sources[i]);
    }
    return s->node_count >= WTFCB_PROFILE_NONE ? WTFCB_ENOMEM : WTFCB_OK;
}

static void read_nodes(const sums *s, const source *from)
{
    wtfcb_profile_node *rows = s->nodes + from->first_node;
    uint32_t next = atomic_load_explicit(&from->state->first_node, memory_order_acquire);
    for (uint32_t i = 0; i < from->nodes; i++) {
        const wtfcb_profiler_zone_node *node = wtfcb_profiler_zone_node_at(s->region, next);
        const wtfcb_profiler_zone_node *parent = node->parent;
        rows[i] = (wtfcb_profile_node){
            .parent = parent == &from->state->root ? WTFCB_PROFILE_NONE : parent->number,
            .frame = (uint32_t)node->key,
            .count = wtfcb_profiler_zone_get(&node->count),
            .self = to_ns(s, wtfcb_profiler_zone_get(&node->self)),
        };
        next = atomic_load_explicit(&node->next, memory_order_acquire);
    }
}

static bool is_outermost(const wtfcb_profile_node *rows, uint32_t index)
{
    for (uint32_t above = rows[index].parent; above != WTFCB_PROFILE_NONE; above = rows[above].parent)
        if (rows[above].frame == rows[index].frame) return false;
    return true;
}

/* Totals from the leaves to the root, and what of it belongs to which site. */
static void add_up(sums *s, const source *from)
{
    wtfcb_profile_node *rows = s->nodes + from->first_node;
    for (uint32_t i = from->nodes; i-- > 0;) {
        rows[i].total += rows[i].self;
        if (rows[i].count > 0 || rows[i].total > 0) rows[i].tree = WTFCB_TREE_ZONES;
        if (rows[i].tree == 0) continue;
        if (rows[i].parent != WTFCB_PROFILE_NONE) {
            rows[rows[i].parent].total += rows[i].total;
            rows[rows[i].parent].tree = WTFCB_TREE_ZONES;
        }
        place *p = &s->places[rows[i].frame];
        p->used = true;
        p->frame.count += rows[i].count;
        p->frame.self += rows[i].self;
        if (is_outermost(rows, i)) p->frame.total += rows[i].total;
    }
}

static void read_extremes(sums *s, const source *from)
{
    for (uint32_t site = 0; site < WTFCB_PROFILER_ZONE_SITES; site++) {
        place *p = &s->places[site];
        const wtfcb_profiler_zone_stat *stat = p->used ? wtfcb_profiler_zone_thread_stat(from->state, site) : NULL;
        if (!stat) continue;
        uint64_t minimum = wtfcb_profiler_zone_get(&stat->minimum);
        uint64_t maximum = wtfcb_profiler_zone_get(&stat->maximum);
        if (minimum < p->minimum) p->minimum = minimum;
        if (maximum > p->maximum) p->maximum = maximum;
    }
}

/* ---- Frames ---- */

static int by_total(const void *a, const void *b)
{
    const place *x = *(place *const *)a;
    const place *y = *(place *const *)b;
    if (x->frame.total != y->frame.total) return x->frame.total < y->frame.total ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

/*
 * The thread's last zone, which its histogram lacks. After the pages were read: of a thread that goes on one may be missed, none is counted twice.
 */
static void add_late(const sums *s, const thread_state *state, const wtfcb_profiler_zone_stat *stat, uint64_t *counts)
{
    if (atomic_load_explicit(&state->late_stat, memory_order_relaxed) != stat) return;
    uint64_t ticks = wtfcb_profiler_zone_get(&state->late_ticks);
    if (atomic_load_explicit(&state->late_stat, memory_order_relaxed) != stat) return;
    counts[wtfcb_profiler_bucket_of(to_ns(s, ticks))]++;
}

static wtfcb_status make_histogram(const sums *s, uint32_t site, uint64_t *counts, wtfcb_profiler_histogram *ret)
{
    memset(counts, 0, WTFCB_PROFILER_BUCKETS * sizeof *counts);
    for (size_t i = 0; i < s->source_count; i++) {
        const wtfcb_profiler_zone_stat *stat = wtfcb_profiler_zone_thread_stat(s->sources[i].state, site);
        for (uint32_t octave = 0; stat && octave < WTFCB_PROFILER_OCTAVES; octave++) {
            const wtfcb_profiler_zone_counter *page = atomic_load_explicit(&stat->pages[octave], memory_order_acquire);
            for (uint32_t sub = 0; page && sub < WTFCB_PROFILER_SUBS; sub++)
                counts[octave * WTFCB_PROFILER_SUBS + sub] += wtfcb_profiler_zone_get(&page[sub]);
        }
        if (stat) add_late(s, s->sources[i].state, stat, counts);
    }
    uint32_t used = 0;
    for (uint32_t i = 0; i < WTFCB_PROFILER_BUCKETS; i++)
        used += counts[i] != 0;
    wtfcb_profiler_bucket *buckets = wtfcb_profiler_profile_rows(s->profile, used, sizeof *buckets);
    if (!buckets) return WTFCB_ENOMEM;
    *ret = (wtfcb_profiler_histogram){buckets, used};
    for (uint32_t i = 0; i < WTFCB_PROFILER_BUCKETS; i++)
        if (counts[i] != 0) *buckets++ = (wtfcb_profiler_bucket){.index = i, .count = counts[i]};
    return WTFCB_OK;
}

static wtfcb_status make_frame(const sums *s, place *p, uint64_t *counts, wtfcb_profile_frame *ret_frame,
                               wtfcb_profiler_histogram *ret_histogram)
{
    const wtfcb_profiler_zone_site *site = wtfcb_profiler_zone_site_at(p->index);
    wtfcb_profile_frame *frame = &p->frame;
    frame->name = wtfcb_profiler_profile_text(s->profile, site->name);
    frame->function = wtfcb_profiler_profile_text(s->profile, site->function);
    frame->file = wtfcb_profiler_profile_text(s->profile, site->file);
    frame->line = site->line;
    frame->object = "";
    frame->tree = WTFCB_TREE_ZONES;
    if (!frame->name || !frame->function || !frame->file) return WTFCB_ENOMEM;
    wtfcb_status status = make_histogram(s, p->index, counts, ret_histogram);
    if (status != WTFCB_OK) return status;
    bool left = p->minimum != UINT64_MAX;
    frame->minimum_ns = left ? to_ns(s, p->minimum) : WTFCB_UNKNOWN;
    frame->maximum_ns = left ? to_ns(s, p->maximum) : WTFCB_UNKNOWN;
    frame->p50_ns = frame->p90_ns = frame->p95_ns = frame->p99_ns = WTFCB_UNKNOWN;
    if (left && ret_histogram->count > 0) {
        const struct {
            uint64_t *into;
            uint32_t permille;
        } wanted[] = {{&frame->p50_ns, 500}, {&frame->p90_ns, 900}, {&frame->p95_ns, 950}, {&frame->p99_ns, 990}};
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
            *wanted[i].into =
                wtfcb_profiler_percentile(ret_histogram, frame->minimum_ns, frame->maximum_ns, wanted[i].permille);
    }
    *ret_frame = *frame;
    return WTFCB_OK;
}

static wtfcb_status make_frames(sums *s)
{
    for (uint32_t site = 0; site < WTFCB_PROFILER_ZONE_SITES; site++) {
        s->places[site].index = site;
        if (s->places[site].used) s->order[s->frame_count++] = &s->places[site];
    }
    if (s->frame_count > 1) qsort(s->order, s->frame_count, sizeof *s->order, by_total);
    wtfcb_profile_frame *frames = wtfcb_profiler_profile_rows(s->profile, s->frame_count, sizeof *frames);
    wtfcb_profiler_histogram *histograms = wtfcb_profiler_profile_rows(s->profile, s->frame_count, sizeof *histograms);
    uint64_t *counts = wtfcb_base_calloc(&s->profile->allocator, WTFCB_PROFILER_BUCKETS, sizeof *counts);
    wtfcb_status status = frames && histograms && counts ? WTFCB_OK : WTFCB_ENOMEM;
    for (uint32_t i = 0; i < s->frame_count && status == WTFCB_OK; i++) {
        status = make_frame(s, s->order[i], counts, &frames[i], &histograms[i]);
        s->order[i]->index = i;
    }
    wtfcb_base_free(&s->profile->allocator, counts, WTFCB_PROFILER_BUCKETS * sizeof *counts);
    s->profile->frames = frames;
    s->profile->histograms = histograms;
    s->profile->summary.frame_count = s->frame_count;
    return status;
}

/* ---- Threads and nodes ---- */

/* Of a thread that lives its name of today, if the kernel tells. */
static const char *name_of(const sums *s, const source *from)
{
    const thread_state *state = from->state;
    union {
        uint64_t words[2];
        char text[17];
    } name = {{wtfcb_profiler_zone_get(&state->name[0]), wtfcb_profiler_zone_get(&state->name[1])}};
    name.text[16] = '\0';
    if (from->shared) return wtfcb_profiler_profile_text(s->profile, "ended threads");
    if (atomic_load_explicit(&state->status, memory_order_relaxed) == WTFCB_PROFILER_ZONE_LIVE) {
        char path[64];
        (void)snprintf(path, sizeof path, "/proc/self/task/%llu/comm",
                       (unsigned long long)wtfcb_profiler_zone_get(&state->id));
        int file = open(path, O_RDONLY | O_CLOEXEC);
        if (file >= 0) {
            char line[17];
            ssize_t length = read(file, line, sizeof line);
            (void)close(file);
            if (length > 1 && line[length - 1] == '\n') {
                memcpy(name.text, line, (size_t)length - 1);
                name.text[length - 1] = '\0';
            }
        }
    }
    return wtfcb_profiler_profile_text(s->profile, name.text);
}

static uint32_t kept_nodes(const sums *s, const source *from)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < from->nodes; i++)
        kept += s->nodes[from->first_node + i].tree != 0;
    return kept;
}

/* Rows without a zone and without a loss are of threads that have only open ones. */
static wtfcb_status make_threads(sums *s)
{
    wtfcb_profile_summary *summary = &s->profile->summary;
    wtfcb_profile_thread *rows = wtfcb_profiler_profile_rows(s->profile, s->source_count, sizeof *rows);
    if (!rows) return WTFCB_ENOMEM;
    uint32_t count = 0;
    for (size_t i = 0; i < s->source_count; i++) {
        source *from = &s->sources[i];
        uint32_t kept = kept_nodes(s, from);
        uint64_t dropped = wtfcb_profiler_zone_get(&from->state->dropped);
        from->row = WTFCB_PROFILE_NONE;
        summary->events_dropped += wtfcb_profiler_zone_get(&from->state->events_dropped);
        if (kept == 0 && dropped == 0) continue;
        wtfcb_profile_thread *row = &rows[count];
        from->row = count++;
        row->name = name_of(s, from);
        if (!row->name) return WTFCB_ENOMEM;
        row->id = wtfcb_profiler_zone_get(&from->state->id);
        row->dropped = dropped;
        for (uint32_t n = 0; n < from->nodes; n++)
            row->zones += s->nodes[from->first_node + n].count;
        summary->zones += row->zones;
        summary->zones_dropped += dropped;
        summary->node_count += kept;
    }
    summary->thread_count = count;
    s->profile->threads = rows;
    return WTFCB_OK;
}

/* Numbers of nodes without a use are left out; `frame` of a node that was copied becomes its row, for its children. */
static wtfcb_status make_nodes(sums *s)
{
    wtfcb_profile_node *rows = wtfcb_profiler_profile_rows(s->profile, s->profile->summary.node_count, sizeof *rows);
    if (!rows) return WTFCB_ENOMEM;
    uint32_t count = 0;
    for (size_t i = 0; i < s->source_count; i++) {
        const source *from = &s->sources[i];
        wtfcb_profile_node *read = s->nodes + from->first_node;
        for (uint32_t n = 0; n < from->nodes; n++) {
            if (read[n].tree == 0) continue;
            rows[count] = read[n];
            rows[count].thread = from->row;
            rows[count].frame = s->places[read[n].frame].index;
            if (read[n].parent != WTFCB_PROFILE_NONE) rows[count].parent = read[read[n].parent].frame;
            read[n].frame = count++;
        }
    }
    s->profile->nodes = rows;
    return WTFCB_OK;
}

/* ---- Events ---- */

/*
 * The events of one block, unless it was taken for later ones meanwhile: its number is stored before any of them, and looked at again after all
 * have been read.
 */
static uint64_t read_block(const sums *s, const block *b, uint64_t count, uint32_t row, wtfcb_profile_event *rows)
{
    uint64_t first = atomic_load_explicit(&b->first, memory_order_acquire);
    const wtfcb_profiler_zone_event *events = (const void *)(b + 1);
    uint64_t kept = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t start = atomic_load_explicit(&events[i].start, memory_order_acquire);
        uint64_t duration = atomic_load_explicit(&events[i].duration, memory_order_acquire);
        uint64_t what = atomic_load_explicit(&events[i].what, memory_order_acquire);
        uint32_t site = (uint32_t)what;
        if (site >= WTFCB_PROFILER_ZONE_SITES || !s->places[site].used) continue; /* left after its node was read */
        uint64_t since = start - s->recorder->start.ticks;
        if ((int64_t)since < 0) since = 0;
        uint64_t from = to_ns(s, since);
        rows[kept++] = (wtfcb_profile_event){
            .start_ns = from,
            .duration_ns = to_ns(s, since + duration) - from,
            .thread = row,
            .frame = s->places[site].index,
            .depth = (uint32_t)(what >> 32),
        };
    }
    return atomic_load_explicit(&b->first, memory_order_relaxed) == first ? kept : 0;
}

/*
 * Blocks of a ring that were there when its newest was looked up; rows NULL: only count what there may be. Later ones come in behind the newest and have higher
 * numbers.
 */
static uint64_t read_ring(const sums *s, const source *from, wtfcb_profile_event *rows)
{
    uint64_t count = 0;
    const block *b = from->newest;
    if (!b || from->row == WTFCB_PROFILE_NONE) return 0;
    do {
        b = atomic_load_explicit(&b->ring, memory_order_acquire);
        if (atomic_load_explicit(&b->first, memory_order_acquire) > from->newest_first) continue;
        uint64_t in_block = b == from->newest ? from->in_newest : WTFCB_PROFILER_ZONE_EVENTS;
        count += rows ? read_block(s, b, in_block, from->row, rows + count) : in_block;
    } while (b != from->newest);
    return count;
}

static wtfcb_status make_events(const sums *s)
{
    uint64_t most = 0;
    for (size_t i = 0; i < s->source_count; i++)
        most += read_ring(s, &s->sources[i], NULL);
    wtfcb_profile_event *rows = wtfcb_profiler_profile_rows(s->profile, most, sizeof *rows);
    if (!rows) return WTFCB_ENOMEM;
    uint64_t count = 0;
    for (size_t i = 0; i < s->source_count; i++)
        count += read_ring(s, &s->sources[i], rows + count);
    s->profile->events = rows;
    s->profile->summary.event_count = count;
    return WTFCB_OK;
}

/* ---- All of it ---- */

static wtfcb_status collect(sums *s)
{
    const wtfcb_allocator *allocator = &s->profile->allocator;
    wtfcb_status status = list_sources(s);
    if (status != WTFCB_OK) return status;
    s->nodes = wtfcb_base_calloc(allocator, s->node_count + 1, sizeof *s->nodes);
    s->places = wtfcb_base_calloc(allocator, WTFCB_PROFILER_ZONE_SITES, sizeof *s->places);
    s->order = wtfcb_base_calloc(allocator, WTFCB_PROFILER_ZONE_SITES, sizeof *s->order);
    if (!s->nodes || !s->places || !s->order) return WTFCB_ENOMEM;
    for (uint32_t site = 0; site < WTFCB_PROFILER_ZONE_SITES; site++)
        s->places[site].minimum = UINT64_MAX;
    for (size_t i = 0; i < s->source_count; i++)
        read_nodes(s, &s->sources[i]);
    for (size_t i = 0; i < s->source_count; i++)
        add_up(s, &s->sources[i]);
    for (size_t i = 0; i < s->source_count; i++)
        read_extremes(s, &s->sources[i]);
    if ((status = make_frames(s)) != WTFCB_OK || (status = make_threads(s)) != WTFCB_OK ||
        (status = make_nodes(s)) != WTFCB_OK)
        return status;
    wtfcb_profile_summary *summary = &s->profile->summary;
    summary->zones_dropped += wtfcb_profiler_zone_get(&s->region->dropped);
    summary->overhead_ns +=
        summary->zones / 1000 * s->recorder->cost + summary->zones % 1000 * s->recorder->cost / 1000;
    return make_events(s);
}

wtfcb_status wtfcb_profiler_recorder_collect(wtfcb_profile *profile)
{
    wtfcb_profiler_zone_recorder *recorder = wtfcb_profiler_zone_control();
    wtfcb_status status = WTFCB_OK;
    sums s = {
        .profile = profile,
        .region = atomic_load_explicit(&wtfcb_profiler_zone_current, memory_order_acquire),
        .recorder = recorder,
    };
    if (s.region && s.region->process == getpid()) { /* else nothing was ever recorded here */
        s.rate = whole_rate(recorder);
        wtfcb_profiler_zone_merging_hold(s.region);
        wtfcb_profiler_zone_merge_pending(s.region);
        status = collect(&s);
        wtfcb_profiler_zone_merging_release(s.region);
    }
    wtfcb_profiler_zone_release(recorder);
    const wtfcb_allocator *allocator = &profile->allocator;
    wtfcb_base_free(allocator, s.sources, s.source_room * sizeof *s.sources);
    wtfcb_base_free(allocator, s.nodes, (s.node_count + 1) * sizeof *s.nodes);
    wtfcb_base_free(allocator, s.places, WTFCB_PROFILER_ZONE_SITES * sizeof *s.places);
    wtfcb_base_free(allocator, s.order, WTFCB_PROFILER_ZONE_SITES * sizeof *s.order);
    return status;
}
