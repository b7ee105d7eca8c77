/*
 * Statistics of a row, exact to the rounding of doubles, and the figures that a set takes from a profile.
 */
#include <assert.h>
#include <math.h>
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
} measures[] = {
    [WTFCB_MEASURE_DURATION] = {"duration", WTFCB_METRIC_NS},
    [WTFCB_MEASURE_CPU] = {"cpu", WTFCB_METRIC_NS},
    [WTFCB_MEASURE_RSS_PEAK] = {"rss-peak", WTFCB_METRIC_BYTES},
    [WTFCB_MEASURE_RSS_MEAN] = {"rss-mean", WTFCB_METRIC_BYTES},
    [WTFCB_MEASURE_RSS_MINIMUM] = {"rss-minimum", WTFCB_METRIC_BYTES},
    [WTFCB_MEASURE_READ] = {"read", WTFCB_METRIC_BYTES},
    [WTFCB_MEASURE_WRITTEN] = {"written", WTFCB_METRIC_BYTES},
    [WTFCB_MEASURE_MAJOR_FAULTS] = {"major-faults", WTFCB_METRIC_COUNT},
    [WTFCB_MEASURE_ZONE] = {"zone", WTFCB_METRIC_NS},
};

enum { MEASURES = sizeof measures / sizeof *measures };

const char *wtfcb_measure_name(uint32_t measure)
{
    return measure < MEASURES && measures[measure].name ? measures[measure].name : "unknown";
}

uint32_t wtfcb_profiler_measure_unit(uint32_t measure)
{
    return measure < MEASURES ? measures[measure].unit : 0;
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
        .zone = row->key.zone,
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
    double *figures; /* one for each item */
    size_t count;
    const char *name;
} gathering;

static void put_figure(gathering *g, uint32_t measure, const char *zone, uint64_t figure)
{
    if (figure == WTFCB_UNKNOWN) return;
    g->figures[g->count] = (double)figure;
    g->items[g->count] = (wtfcb_profiler_set_item){
        .key = {.name = g->name, .zone = zone, .measure = measure},
        .values = &g->figures[g->count],
        .count = 1,
    };
    g->count++;
}

static void put_measures(gathering *g, const wtfcb_profile *profile)
{
    put_figure(g, WTFCB_MEASURE_DURATION, "", profile->summary.duration_ns);
    put_figure(g, WTFCB_MEASURE_CPU, "", profile->summary.cpu_ns);
    put_figure(g, WTFCB_MEASURE_RSS_PEAK, "", profile->summary.rss_peak);
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

/* Sites of one name are one zone. */
static void join_zones(gathering *g, size_t first)
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

wtfcb_status wtfcb_profiler_set_figures(wtfcb_base_arena *arena, const char *name, const wtfcb_profile *profile,
                                        wtfcb_profiler_set_item **ret_items, size_t *ret_count)
{
    size_t most = (size_t)MEASURES + profile->summary.frame_count;
    gathering g = {.arena = arena, .name = clean_text(arena, name ? name : profile->summary.name)};
    g.items = wtfcb_base_arena_alloc(arena, most * sizeof *g.items);
    g.figures = wtfcb_base_arena_alloc(arena, most * sizeof *g.figures);
    if (!g.name || !g.items || !g.figures) return WTFCB_ENOMEM;
    put_measures(&g, profile);
    size_t zones = g.count;
    for (uint32_t i = 0; i < profile->summary.frame_count; i++) {
        const wtfcb_profile_frame *frame = &profile->frames[i];
        if (frame->tree != WTFCB_TREE_ZONES || frame->count == 0) continue;
        const char *zone = clean_text(arena, frame->name);
        if (!zone) return WTFCB_ENOMEM;
        put_figure(&g, WTFCB_MEASURE_ZONE, zone, frame->total);
    }
    join_zones(&g, zones);
    *ret_items = g.items;
    *ret_count = g.count;
    return WTFCB_OK;
}
