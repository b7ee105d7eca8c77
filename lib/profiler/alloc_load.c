/*
 * The profile of a region. What else a recording knows (memory, processor time, the machine) a region does not have: it is unknown, and the metrics say why.
 */
#include "profiler/alloc_load.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "profiler/alloc_parts.h"

typedef struct loading {
    const wtfcb_alloc_header *header;
    wtfcb_profile *profile;
    uint64_t *times;
    uint64_t *values;
    uint64_t count;
} loading;

static void put_point(loading *l, uint64_t time_ns, uint64_t live)
{
    if (time_ns > INT64_MAX || (l->count > 0 && time_ns <= l->times[l->count - 1])) return; /* being thinned out */
    l->times[l->count] = time_ns;
    l->values[l->count++] = live < INT64_MAX ? live : INT64_MAX;
}

static void fill_live(const loading *l, wtfcb_profile_metric *metric)
{
    double weighted = 0;
    *metric = wtfcb_profiler_metric_table()[WTFCB_METRIC_LIVE - 1];
    metric->first = l->values[0];
    metric->last = l->values[l->count - 1];
    metric->minimum = metric->maximum = metric->first;
    for (uint64_t i = 0; i < l->count; i++) {
        if (l->values[i] < metric->minimum) metric->minimum = l->values[i];
        if (l->values[i] > metric->maximum) metric->maximum = l->values[i];
        weighted += (double)l->values[i] * (double)(l->times[i] - (i > 0 ? l->times[i - 1] : 0));
    }
    double mean = l->times[l->count - 1] > 0 ? weighted / (double)l->times[l->count - 1] : (double)metric->last;
    metric->mean = mean <= (double)metric->minimum   ? metric->minimum
                   : mean >= (double)metric->maximum ? metric->maximum
                                                     : (uint64_t)(mean + 0.5);
}

static wtfcb_status put_metrics(const loading *l)
{
    wtfcb_profile *profile = l->profile;
    wtfcb_profile_metric *metrics = wtfcb_profiler_profile_rows(profile, WTFCB_PROFILER_METRICS, sizeof *metrics);
    if (!metrics) return WTFCB_ENOMEM;
    memcpy(metrics, wtfcb_profiler_metric_table(), WTFCB_PROFILER_METRICS * sizeof *metrics);
    for (uint32_t i = 0; i < WTFCB_PROFILER_METRICS; i++) {
        metrics[i].status = WTFCB_EUNSUPPORTED;
        metrics[i].reason = "nobody watched: there is nothing but what libwtfcb-alloc.so wrote";
        metrics[i].first = metrics[i].last = WTFCB_UNKNOWN;
        metrics[i].minimum = metrics[i].maximum = metrics[i].mean = WTFCB_UNKNOWN;
    }
    if (l->count > 0) fill_live(l, &metrics[WTFCB_METRIC_LIVE - 1]);
    profile->metrics = metrics;
    profile->summary.metric_count = WTFCB_PROFILER_METRICS;
    return WTFCB_OK;
}

/* The points, and the end. */
static wtfcb_status put_timeline(loading *l)
{
    wtfcb_profile *profile = l->profile;
    wtfcb_profile_summary *summary = &profile->summary;
    l->times = wtfcb_profiler_profile_rows(profile, WTFCB_ALLOC_COURSE + 1, sizeof *l->times);
    l->values = wtfcb_profiler_profile_rows(profile, WTFCB_ALLOC_COURSE + 1, sizeof *l->values);
    if (!l->times || !l->values) return WTFCB_ENOMEM;
    for (uint32_t i = 0; i < l->header->course_count; i++)
        put_point(l, l->header->course[i].time_ns, l->header->course[i].live_bytes);
    if (l->header->ended_ns > 0) put_point(l, l->header->ended_ns, summary->alloc_live_bytes);
    summary->timeline_status = WTFCB_OK;
    summary->samples = l->count;
    summary->duration_ns = l->count > 0 ? l->times[l->count - 1] : 0;
    wtfcb_profiler_tier *tier = &profile->tiers[WTFCB_TIER_SAMPLES];
    tier->times = l->times;
    tier->count = l->count;
    tier->interval_ns = l->count > 0 ? summary->duration_ns / l->count : 0;
    if (tier->interval_ns == 0) tier->interval_ns = 1;
    for (uint32_t i = 0; i < WTFCB_PROFILER_STATISTICS && l->count > 0; i++)
        tier->values[WTFCB_METRIC_LIVE - 1][i] = l->values;
    return put_metrics(l);
}

static wtfcb_status put_trees(loading *l, const wtfcb_allocator *allocator, const wtfcb_profiler_region *region)
{
    wtfcb_profiler_symbols *symbols = NULL;
    wtfcb_profiler_alloc_trees *trees = NULL;
    wtfcb_status status = wtfcb_profiler_symbols_new(allocator, &symbols);
    if (status == WTFCB_OK)
        status = wtfcb_profiler_alloc_trees_new(allocator, symbols, WTFCB_PROFILER_ALLOC_NODES, &trees);
    if (status == WTFCB_OK) status = wtfcb_profiler_alloc_trees_add(trees, region);
    if (status == WTFCB_OK) status = wtfcb_profiler_alloc_trees_put(trees, l->profile);
    wtfcb_profiler_alloc_trees_free(trees);
    wtfcb_profiler_symbols_free(symbols);
    return status;
}

static wtfcb_status make_profile(const wtfcb_allocator *allocator, const wtfcb_profiler_region *region,
                                 wtfcb_profile *profile)
{
    loading l = {.header = region->header, .profile = profile};
    wtfcb_profile_summary *summary = &profile->summary;
    summary->name = wtfcb_profiler_profile_text(profile, l.header->program);
    if (!summary->name) return WTFCB_ENOMEM;
    summary->started_ns = l.header->started_real_ns;
    summary->process = l.header->process;
    summary->zone_status = WTFCB_ENOTFOUND;
    wtfcb_status status = put_trees(&l, allocator, region);
    return status == WTFCB_OK ? put_timeline(&l) : status;
}

wtfcb_status wtfcb_profiler_alloc_load(const wtfcb_allocator *allocator, const char *path,
                                       const wtfcb_profiler_region_source *source, wtfcb_profile **ret_profile,
                                       wtfcb_error *ret_error)
{
    wtfcb_profile *profile = NULL;
    wtfcb_profiler_region region;
    const char *wrong = NULL;
    wtfcb_status status = wtfcb_profiler_region_load(allocator, source, &region, &wrong);
    if (status == WTFCB_OK) wrong = "a site has figures that cannot be, or a stack that is not in it";
    if (status == WTFCB_OK) status = wtfcb_profiler_profile_new(allocator, &profile);
    if (status == WTFCB_OK) status = make_profile(allocator, &region, profile);
    wtfcb_profiler_region_free(&region);
    if (status == WTFCB_OK) {
        *ret_profile = profile;
        return status;
    }
    wtfcb_profile_free(profile);
    if (status == WTFCB_ENOMEM) wrong = wtfcb_status_message(status);
    return wtfcb_base_error(ret_error, status, 0, path, "cannot read %.250s: %s", path, wrong);
}
