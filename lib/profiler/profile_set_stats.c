/*
 * Statistics of a row, exact to the rounding of doubles, and the figures that a set takes from a profile.
 */
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "profiler/profile.h"
#include "profiler/profile_set.h"

/* By number. */
static const struct measure {
    const char *name;
    uint32_t unit;
    uint32_t tree; /* of functions: WTFCB_TREE_*; 0: of something else */
    bool self;     /* of those: without what they call */
} measures[] = {
    [WTFCB_MEASURE_DURATION] = {"duration", WTFCB_METRIC_NS, 0, false},
    [WTFCB_MEASURE_CPU] = {"cpu", WTFCB_METRIC_NS, 0, false},
    [WTFCB_MEASURE_RSS_PEAK] = {"rss-peak", WTFCB_METRIC_BYTES, 0, false},
    [WTFCB_MEASURE_RSS_MEAN] = {"rss-mean", WTFCB_METRIC_BYTES, 0, false},
    [WTFCB_MEASURE_RSS_MINIMUM] = {"rss-minimum", WTFCB_METRIC_BYTES, 0, false},
    [WTFCB_MEASURE_READ] = {"read", WTFCB_METRIC_BYTES, 0, false},
    [WTFCB_MEASURE_WRITTEN] = {"written", WTFCB_METRIC_BYTES, 0, false},
    [WTFCB_MEASURE_MAJOR_FAULTS] = {"major-faults", WTFCB_METRIC_COUNT, 0, false},
    [WTFCB_MEASURE_ZONE] = {"zone", WTFCB_METRIC_NS, 0, false},
    [WTFCB_MEASURE_LIVE] = {"live", WTFCB_METRIC_BYTES, 0, false},
    [WTFCB_MEASURE_LIVE_PEAK] = {"live-peak", WTFCB_METRIC_BYTES, 0, false},
    [WTFCB_MEASURE_ALLOCATED] = {"allocated", WTFCB_METRIC_BYTES, 0, false},
    [WTFCB_MEASURE_ALLOCATIONS] = {"allocations", WTFCB_METRIC_COUNT, 0, false},
    [WTFCB_MEASURE_FUNCTION_CPU_SELF] = {"function-cpu-self", WTFCB_METRIC_NS, WTFCB_TREE_CPU, true},
    [WTFCB_MEASURE_FUNCTION_CPU] = {"function-cpu", WTFCB_METRIC_NS, WTFCB_TREE_CPU, false},
    [WTFCB_MEASURE_FUNCTION_LIVE_SELF] = {"function-live-self", WTFCB_METRIC_BYTES, WTFCB_TREE_ALLOC_LIVE, true},
    [WTFCB_MEASURE_FUNCTION_LIVE] = {"function-live", WTFCB_METRIC_BYTES, WTFCB_TREE_ALLOC_LIVE, false},
    [WTFCB_MEASURE_FUNCTION_ALLOCATED_SELF] = {"function-allocated-self", WTFCB_METRIC_BYTES, WTFCB_TREE_ALLOC_TOTAL,
                                               true},
    [WTFCB_MEASURE_FUNCTION_ALLOCATED] = {"function-allocated", WTFCB_METRIC_BYTES, WTFCB_TREE_ALLOC_TOTAL, false},
};

enum {
    MEASURES = sizeof measures / sizeof *measures,
    OF_A_FRAME = 2, /* figures that a frame gives at most */
};

static const char others[] = "(other)";

const char *wtfcb_measure_name(uint32_t measure)
{
    return measure < MEASURES && measures[measure].name ? measures[measure].name : "unknown";
}

uint32_t wtfcb_profiler_measure_unit(uint32_t measure)
{
    return measure < MEASURES ? measures[measure].unit : 0;
}

uint32_t wtfcb_profiler_measure_tree(uint32_t measure)
{
    return measure < MEASURES ? measures[measure].tree : 0;
}

static int compare_values(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* linear between the closest ranks, which spans no more than the range however large it is. */
static double quantile(const double *sorted, size_t count, double part)
{
    double at = part * (double)(count - 1);
    size_t below = (size_t)at;
    if (below + 1 >= count) return sorted[count - 1];
    double weight = at - (double)below;
    return sorted[below] + weight * (sorted[below + 1] - sorted[below]);
}

/* Of values that are in order: sums in more than a double's precision, the deviation around the mean. */
static void count_up(const double *sorted, size_t count, wtfcb_profile_set_stats *stats)
{
    long double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += sorted[i];
    long double mean = sum / (long double)count;
    long double squares = 0;
    for (size_t i = 0; i < count; i++) {
        long double away = sorted[i] - mean;
        squares += away * away;
    }
    stats->count = count;
    stats->minimum = sorted[0];
    stats->maximum = sorted[count - 1];
    stats->total = (double)sum;
    stats->mean = (double)mean;
    stats->median = quantile(sorted, count, 0.5);
    stats->p95 = quantile(sorted, count, 0.95);
    stats->deviation = count > 1 ? sqrt((double)(squares / (long double)(count - 1))) : 0;
}

wtfcb_status wtfcb_profiler_set_stats(const wtfcb_allocator *allocator, const wtfcb_profiler_set_row *row,
                                      wtfcb_profile_set_stats *ret_stats)
{
    assert(row->count > 0);
    size_t size = row->count * sizeof *row->values;
    double *sorted = wtfcb_base_alloc(allocator, size);
    if (!sorted) return WTFCB_ENOMEM;
    memcpy(sorted, row->values, size);
    qsort(sorted, row->count, sizeof *sorted, compare_values);
    *ret_stats = (wtfcb_profile_set_stats){
        .name = row->key.name,
        .frame = row->key.frame,
        .measure = row->key.measure,
        .unit = wtfcb_profiler_measure_unit(row->key.measure),
    };
    count_up(sorted, row->count, ret_stats);
    wtfcb_base_free(allocator, sorted, size);
    return WTFCB_OK;
}

/* The text as it will be in a file, so that it is the same row when it comes back. */
static const char *clean_text(wtfcb_base_arena *arena, const char *text)
{
    size_t size = 3 * strlen(text) + 1;
    char *clean = wtfcb_base_arena_bytes(arena, size);
    if (clean) wtfcb_base_json_clean(clean, size, text);
    return clean;
}

/* Figures while they are gathered. */
typedef struct gathering {
    wtfcb_base_arena *arena;
    wtfcb_profiler_set_item *items;
    double *figures; /* one for each item, of those that were joined and cut too: nothing moves */
    size_t count;
    size_t figure_count;
    const char *name;
} gathering;

static void put_figure(gathering *g, uint32_t measure, const char *frame, uint64_t figure)
{
    if (figure == WTFCB_UNKNOWN) return;
    double *value = &g->figures[g->figure_count++];
    *value = (double)figure;
    g->items[g->count] = (wtfcb_profiler_set_item){
        .key = {.name = g->name, .frame = frame, .measure = measure},
        .values = value,
        .count = 1,
    };
    g->count++;
}

static void put_measures(gathering *g, const wtfcb_profile *profile)
{
    put_figure(g, WTFCB_MEASURE_DURATION, "", profile->summary.duration_ns);
    put_figure(g, WTFCB_MEASURE_CPU, "", profile->summary.cpu_ns);
    put_figure(g, WTFCB_MEASURE_RSS_PEAK, "", profile->summary.rss_peak);
    if (profile->summary.alloc_status == WTFCB_OK && *profile->summary.alloc_mode) {
        put_figure(g, WTFCB_MEASURE_LIVE, "", profile->summary.alloc_live_bytes);
        put_figure(g, WTFCB_MEASURE_LIVE_PEAK, "", profile->summary.alloc_live_peak);
        put_figure(g, WTFCB_MEASURE_ALLOCATED, "", profile->summary.alloc_bytes);
        put_figure(g, WTFCB_MEASURE_ALLOCATIONS, "", profile->summary.alloc_count);
    }
    for (uint32_t i = 0; i < profile->summary.metric_count; i++) {
        const wtfcb_profile_metric *metric = &profile->metrics[i];
        if (metric->status != WTFCB_OK) continue;
        switch (metric->id) {
        case WTFCB_METRIC_RSS:
            put_figure(g, WTFCB_MEASURE_RSS_MEAN, "", metric->mean);
            put_figure(g, WTFCB_MEASURE_RSS_MINIMUM, "", metric->minimum);
            break;
        case WTFCB_METRIC_READ: put_figure(g, WTFCB_MEASURE_READ, "", metric->last); break;
        case WTFCB_METRIC_WRITTEN: put_figure(g, WTFCB_MEASURE_WRITTEN, "", metric->last); break;
        case WTFCB_METRIC_MAJOR_FAULTS: put_figure(g, WTFCB_MEASURE_MAJOR_FAULTS, "", metric->last); break;
        default: break;
        }
    }
}

static int compare_items(const void *a, const void *b)
{
    return wtfcb_profiler_set_key_compare(&((const wtfcb_profiler_set_item *)a)->key,
                                          &((const wtfcb_profiler_set_item *)b)->key);
}

/* Frames of one name are one. */
static void join_frames(gathering *g, size_t first)
{
    if (g->count == first) return;
    qsort(g->items + first, g->count - first, sizeof *g->items, compare_items);
    size_t last = first;
    for (size_t i = first + 1; i < g->count; i++) {
        if (compare_items(&g->items[last], &g->items[i]) != 0) {
            g->items[++last] = g->items[i];
            continue;
        }
        double *into = &g->figures[g->items[last].values - g->figures];
        *into += *g->items[i].values;
    }
    g->count = last + 1;
}

static int compare_figures(const void *a, const void *b)
{
    const wtfcb_profiler_set_item *x = a;
    const wtfcb_profiler_set_item *y = b;
    if (*x->values > *y->values || *x->values < *y->values) return *x->values > *y->values ? -1 : 1;
    return compare_items(a, b);
}

/* Leave the largest; what adds up is summed, in the place of the first that goes. */
static void cut_frames(gathering *g, size_t first, bool adds_up)
{
    size_t end = first + WTFCB_PROFILE_SET_FRAMES;
    if (g->count <= end) return;
    qsort(g->items + first, g->count - first, sizeof *g->items, compare_figures);
    double *sum = &g->figures[g->items[end].values - g->figures];
    for (size_t i = end + 1; i < g->count; i++)
        *sum += *g->items[i].values;
    g->items[end].key.frame = others;
    g->count = adds_up ? end + 1 : end;
    join_frames(g, first); /* a function may be called that */
}

static uint64_t figure_of(const wtfcb_profile_frame *frame, uint32_t measure)
{
    return measures[measure].self ? frame->self : frame->total;
}

/* One measure of all frames of its tree. Zones have names of their own, and all are kept; functions that have nothing of it are left out. */
static void put_frames(gathering *g, const wtfcb_profile *profile, const char *const *names, uint32_t measure)
{
    bool zones = measure == WTFCB_MEASURE_ZONE;
    uint32_t tree = zones ? (uint32_t)WTFCB_TREE_ZONES : measures[measure].tree;
    size_t first = g->count;
    for (uint32_t i = 0; i < profile->summary.frame_count; i++) {
        const wtfcb_profile_frame *frame = &profile->frames[i];
        if (frame->tree != tree || (zones ? frame->count : figure_of(frame, measure)) == 0) continue;
        put_figure(g, measure, names[i], figure_of(frame, measure));
    }
    join_frames(g, first);
    if (!zones) cut_frames(g, first, measures[measure].self);
}

wtfcb_status wtfcb_profiler_set_figures(wtfcb_base_arena *arena, const char *name, const wtfcb_profile *profile,
                                        wtfcb_profiler_set_item **ret_items, size_t *ret_count)
{
    uint32_t frames = profile->summary.frame_count;
    size_t most = (size_t)MEASURES + OF_A_FRAME * (size_t)frames;
    gathering g = {.arena = arena, .name = clean_text(arena, name ? name : profile->summary.name)};
    g.items = wtfcb_base_arena_alloc(arena, most * sizeof *g.items);
    g.figures = wtfcb_base_arena_alloc(arena, most * sizeof *g.figures);
    const char **names = wtfcb_base_arena_alloc(arena, ((size_t)frames + 1) * sizeof *names);
    if (!g.name || !g.items || !g.figures || !names) return WTFCB_ENOMEM;
    for (uint32_t i = 0; i < frames; i++) {
        names[i] = clean_text(arena, profile->frames[i].name);
        if (!names[i]) return WTFCB_ENOMEM;
    }
    put_measures(&g, profile);
    for (uint32_t measure = 1; measure < MEASURES; measure++)
        if (measure == WTFCB_MEASURE_ZONE || measures[measure].tree != 0) put_frames(&g, profile, names, measure);
    *ret_items = g.items;
    *ret_count = g.count;
    return WTFCB_OK;
}
