/*
 * The timeline's handle: reads processes and machine, adds what it read to the rings, knows when it is time again; see timeline.h.
 *
 * The first reading is at the start and is the first sample: gauges have a value from then on, counters from the second on, since a difference takes two. Instants are on a
 * grid from the first sample on; one that is missed is counted, and the next sample's time is as long as it was.
 */
#include "profiler/timeline.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "profiler/timeline_machine.h"
#include "profiler/timeline_series.h"
#include "profiler/timeline_tree.h"

/* How often a reading goes deeper; see wtfcb_profiler_depth. */
#define USUAL_NS UINT64_C(200000000)
#define THOROUGH_NS UINT64_C(1000000000)

enum {
    LOOKS = 64,         /* latest looks, for the peaks of sections */
    SHARE_EVERY = 1000, /* a reading of PSS may take one part in so many of the time */
    MEASURE_EVERY = 8,  /* samples of which one has its own cost measured */
    REASON = 224,
};

typedef struct seen {
    uint64_t time_ns;
    uint64_t resident;
} seen;

struct wtfcb_profiler_timeline {
    wtfcb_allocator allocator;
    wtfcb_profiler_timeline_options options;
    wtfcb_profiler_series *series;
    wtfcb_profiler_tree *tree;
    wtfcb_profiler_machine machine;
    wtfcb_profiler_reading reading; /* the latest */
    uint64_t first_ns;              /* of the first sample, as all times since the start */
    uint64_t last_ns;
    uint64_t next; /* number of the next instant on the grid */
    uint64_t missed;
    uint64_t share_due_ns;
    uint64_t usual_due_ns;
    uint64_t thorough_due_ns;
    uint64_t overhead_ns; /* of all but samples */
    uint64_t sampled;     /* calls that read something */
    uint64_t measured;    /* of them, and how long those took */
    uint64_t measured_ns;
    uint64_t cpu_first;  /* WTFCB_UNKNOWN */
    uint64_t peak_first; /* VmHWM at the start */
    uint64_t most_seen;  /* resident, in samples and looks; WTFCB_UNKNOWN */
    bool ended;
    uint32_t looked;
    seen looks[LOOKS];
    wtfcb_status statuses[WTFCB_PROFILER_METRICS];
    char reasons[WTFCB_PROFILER_METRICS][REASON];
};

static void set_reason(wtfcb_profiler_timeline *timeline, uint32_t metric, int failed, const char *path)
{
    wtfcb_status status = failed == ESRCH                    ? WTFCB_ENOTFOUND
                          : failed == EOPNOTSUPP             ? WTFCB_EUNSUPPORTED
                          : failed == 0 || failed == ENODATA ? WTFCB_EUNSUPPORTED
                                                             : wtfcb_base_status_of_errno(failed);
    timeline->statuses[metric - 1] = status;
    (void)snprintf(timeline->reasons[metric - 1], REASON, "no %.180s: %s", path,
                   failed == 0 || failed == ENODATA ? "it has no such number" : wtfcb_status_message(status));
}

/* What the first reading did not have is not available: say why. */
static void explain_file(wtfcb_profiler_timeline *timeline, uint32_t metric, int file)
{
    static const char *const names[WTFCB_PROFILER_FILES] = {"stat", "statm", "io", "status"};
    char path[64];
    if (timeline->reading.values[metric - 1] != WTFCB_UNKNOWN && timeline->tree->failed[file] == 0) return;
    if (timeline->tree->self)
        (void)snprintf(path, sizeof path, "/proc/self/%s", names[file]);
    else
        (void)snprintf(path, sizeof path, "/proc/%ld/%s", (long)timeline->options.process, names[file]);
    set_reason(timeline, metric, timeline->tree->failed[file], path);
}

static void explain_switches(wtfcb_profiler_timeline *timeline)
{
    for (uint32_t metric = WTFCB_METRIC_VOLUNTARY_SWITCHES; metric <= WTFCB_METRIC_INVOLUNTARY_SWITCHES; metric++) {
        if (timeline->tree->self) continue;
        /* Too many threads now may be fewer later: then there will be values. */
        if (timeline->tree->failed[WTFCB_PROFILER_FILE_STATUS] != 0)
            explain_file(timeline, metric, WTFCB_PROFILER_FILE_STATUS);
    }
}

static void explain_share(wtfcb_profiler_timeline *timeline, int failed)
{
    const uint32_t index = WTFCB_METRIC_PSS - 1;
    if (!timeline->options.pss) {
        timeline->statuses[index] = WTFCB_ENOTFOUND;
        (void)snprintf(timeline->reasons[index], REASON, "not asked for");
    } else if (timeline->reading.values[index] == WTFCB_UNKNOWN) {
        char path[64] = "/proc/self/smaps_rollup";
        if (!timeline->tree->self)
            (void)snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", (long)timeline->options.process);
        set_reason(timeline, WTFCB_METRIC_PSS, failed, path);
    }
}

/* Of other processes there may be some later on. */
static void explain_live(wtfcb_profiler_timeline *timeline)
{
    const uint32_t index = WTFCB_METRIC_LIVE - 1;
    const char *reason = "not asked for";
    wtfcb_status status = WTFCB_ENOTFOUND;
    if (timeline->options.alloc) status = wtfcb_profiler_alloc_status(timeline->options.alloc, &reason);
    timeline->statuses[index] = status;
    (void)snprintf(timeline->reasons[index], REASON, "%s", reason);
}

/* Bits of the metrics that there are. */
static uint32_t find_available(wtfcb_profiler_timeline *timeline, int share_failed)
{
    explain_file(timeline, WTFCB_METRIC_RSS, WTFCB_PROFILER_FILE_MEMORY);
    for (uint32_t metric = WTFCB_METRIC_STORAGE_READ; metric <= WTFCB_METRIC_WRITTEN; metric++)
        explain_file(timeline, metric, WTFCB_PROFILER_FILE_IO);
    explain_switches(timeline);
    explain_share(timeline, share_failed);
    explain_live(timeline);
    for (int i = 0; i < WTFCB_PROFILER_MACHINE_FILES; i++) {
        const wtfcb_profiler_machine_file *file = &timeline->machine.files[i];
        if (file->fd < 0) set_reason(timeline, file->metric, file->failed, file->path);
    }
    uint32_t available = 0;
    for (uint32_t i = 0; i < WTFCB_PROFILER_METRICS; i++)
        if (timeline->statuses[i] == WTFCB_OK) available |= UINT32_C(1) << i;
    if (timeline->options.alloc) available |= UINT32_C(1) << (WTFCB_METRIC_LIVE - 1);
    return available;
}

/* The costly reading, when it is due: it may take its part of the time, measured by the last one. */
static int read_share(wtfcb_profiler_timeline *timeline, uint64_t time_ns)
{
    int failed = 0;
    uint64_t *value = &timeline->reading.values[WTFCB_METRIC_PSS - 1];
    *value = WTFCB_UNKNOWN;
    if (!timeline->options.pss || timeline->statuses[WTFCB_METRIC_PSS - 1] != WTFCB_OK) return 0;
    if (time_ns < timeline->share_due_ns) return 0;
    uint64_t before = wtfcb_base_now();
    *value = wtfcb_profiler_tree_share(timeline->tree, &failed);
    timeline->share_due_ns = time_ns + (wtfcb_base_now() - before) * SHARE_EVERY;
    return failed;
}

static void read_live(wtfcb_profiler_timeline *timeline, bool search)
{
    if (!timeline->options.alloc) return;
    timeline->reading.values[WTFCB_METRIC_LIVE - 1] = wtfcb_profiler_alloc_live(timeline->options.alloc, search);
}

static void note_resident(wtfcb_profiler_timeline *timeline, uint64_t resident)
{
    if (resident == WTFCB_UNKNOWN) return;
    if (timeline->most_seen == WTFCB_UNKNOWN || resident > timeline->most_seen) timeline->most_seen = resident;
}

static void add_sample(wtfcb_profiler_timeline *timeline, uint64_t time_ns)
{
    wtfcb_profiler_series_add(timeline->series, time_ns, &timeline->reading);
    note_resident(timeline, timeline->reading.values[WTFCB_METRIC_RSS - 1]);
    timeline->last_ns = time_ns;
}

static wtfcb_status failure(const wtfcb_profiler_timeline_options *options, int failed, wtfcb_error *ret_error)
{
    char text[64];
    (void)snprintf(text, sizeof text, "process %ld", (long)options->process);
    wtfcb_status status = failed == ENOENT && options->process == 0 ? WTFCB_EUNSUPPORTED
                          : failed == EACCES || failed == EPERM     ? WTFCB_EACCES
                          : options->process == 0                   ? WTFCB_EUNSUPPORTED
                                                                    : WTFCB_ENOTFOUND;
    return wtfcb_base_error(ret_error, status, failed, NULL, "%s: %s", options->process ? text : "/proc",
                            wtfcb_status_message(status));
}

static wtfcb_status open_sources(wtfcb_profiler_timeline *timeline, wtfcb_error *ret_error)
{
    const wtfcb_profiler_timeline_options *options = &timeline->options;
    timeline->tree = wtfcb_base_calloc(&timeline->allocator, 1, wtfcb_profiler_tree_size(options->tree));
    if (!timeline->tree) return wtfcb_base_error(ret_error, WTFCB_ENOMEM, 0, NULL, "out of memory");
    int failed = wtfcb_profiler_tree_open(timeline->tree, options->process, options->tree, &timeline->reading);
    if (failed) return failure(options, failed, ret_error);
    wtfcb_profiler_machine_open(&timeline->machine, timeline->tree->self ? 0 : options->process);
    uint64_t now = wtfcb_base_now();
    timeline->first_ns = now > options->start_ns ? now - options->start_ns : 0;
    wtfcb_profiler_machine_read(&timeline->machine, timeline->first_ns, true, &timeline->reading);
    int share_failed = read_share(timeline, timeline->first_ns);
    read_live(timeline, true);
    uint32_t available = find_available(timeline, share_failed);
    wtfcb_status status = wtfcb_profiler_series_new(&timeline->allocator, available, &timeline->series);
    if (status != WTFCB_OK) return wtfcb_base_error(ret_error, status, 0, NULL, "out of memory");
    return WTFCB_OK;
}

wtfcb_status wtfcb_profiler_timeline_new(const wtfcb_allocator *allocator,
                                         const wtfcb_profiler_timeline_options *options,
                                         wtfcb_profiler_timeline **ret_timeline, wtfcb_error *ret_error)
{
    uint64_t used = wtfcb_base_thread_time();
    wtfcb_allocator chosen = wtfcb_base_allocator(allocator);
    wtfcb_profiler_timeline *timeline = wtfcb_base_calloc(&chosen, 1, sizeof *timeline);
    if (!timeline) return wtfcb_base_error(ret_error, WTFCB_ENOMEM, 0, NULL, "out of memory");
    timeline->allocator = chosen;
    timeline->options = *options;
    if (timeline->options.interval_ns == 0) timeline->options.interval_ns = 1;
    for (uint32_t i = 0; i < WTFCB_PROFILER_METRICS; i++)
        timeline->reading.values[i] = WTFCB_UNKNOWN;
    for (int i = 0; i < WTFCB_PROFILER_MACHINE_FILES; i++)
        timeline->machine.files[i].fd = -1;
    timeline->most_seen = WTFCB_UNKNOWN;
    wtfcb_status status = open_sources(timeline, ret_error);
    if (status != WTFCB_OK) {
        wtfcb_profiler_timeline_free(timeline);
        return status;
    }
    timeline->cpu_first = timeline->reading.values[WTFCB_METRIC_CPU - 1];
    timeline->peak_first = timeline->tree->peak;
    timeline->next = 1;
    add_sample(timeline, timeline->first_ns);
    timeline->overhead_ns = wtfcb_base_thread_time() - used;
    *ret_timeline = timeline;
    return WTFCB_OK;
}

void wtfcb_profiler_timeline_free(wtfcb_profiler_timeline *timeline)
{
    if (!timeline) return;
    wtfcb_allocator allocator = timeline->allocator;
    if (timeline->tree) {
        size_t size = wtfcb_profiler_tree_size(timeline->options.tree);
        wtfcb_profiler_tree_close(timeline->tree);
        wtfcb_base_free(&allocator, timeline->tree, size);
    }
    wtfcb_profiler_machine_close(&timeline->machine);
    wtfcb_profiler_series_free(timeline->series);
    wtfcb_base_free(&allocator, timeline, sizeof *timeline);
}

/* An instant that was due more than an interval ago was missed. False: a sample that nobody waited for, such as the last one; it moves nothing. */
static bool move_on(wtfcb_profiler_timeline *timeline, uint64_t time_ns)
{
    uint64_t reached = (time_ns - timeline->first_ns) / timeline->options.interval_ns;
    if (reached < timeline->next) return false;
    timeline->missed += reached - timeline->next;
    timeline->next = reached + 1;
    return true;
}

/* What is not read in each sample is also read in a sample out of turn, so that a recording has all up to its end. */
static void take_sample(wtfcb_profiler_timeline *timeline, uint64_t time_ns)
{
    bool all = !move_on(timeline, time_ns) || timeline->options.interval_ns >= THOROUGH_NS;
    wtfcb_profiler_depth depth = WTFCB_PROFILER_QUICK;
    if (all || time_ns >= timeline->usual_due_ns) {
        depth = WTFCB_PROFILER_USUAL;
        timeline->usual_due_ns = (time_ns / USUAL_NS + 1) * USUAL_NS;
    }
    if (all || time_ns >= timeline->thorough_due_ns) {
        depth = WTFCB_PROFILER_THOROUGH;
        timeline->thorough_due_ns = (time_ns / THOROUGH_NS + 1) * THOROUGH_NS;
    }
    bool known;
    timeline->ended = !wtfcb_profiler_tree_read(timeline->tree, depth, &timeline->reading, &known);
    if (!known) return;
    wtfcb_profiler_machine_read(&timeline->machine, time_ns, all || timeline->ended, &timeline->reading);
    (void)read_share(timeline, time_ns);
    read_live(timeline, depth != WTFCB_PROFILER_QUICK);
    add_sample(timeline, time_ns);
}

bool wtfcb_profiler_timeline_sample(wtfcb_profiler_timeline *timeline, uint64_t now_ns)
{
    if (timeline->ended) return false;
    uint64_t time_ns = now_ns > timeline->options.start_ns ? now_ns - timeline->options.start_ns : 0;
    if (time_ns <= timeline->last_ns) return true; /* no time has passed that it could be of */
    bool measure = timeline->sampled++ % MEASURE_EVERY == 0;
    uint64_t used = measure ? wtfcb_base_thread_time() : 0;
    take_sample(timeline, time_ns);
    if (measure) {
        timeline->measured_ns += wtfcb_base_thread_time() - used;
        timeline->measured++;
    }
    return !timeline->ended;
}

uint64_t wtfcb_profiler_timeline_due(const wtfcb_profiler_timeline *timeline)
{
    return timeline->options.start_ns + timeline->first_ns + timeline->next * timeline->options.interval_ns;
}

void wtfcb_profiler_timeline_look(wtfcb_profiler_timeline *timeline, uint64_t now_ns, wtfcb_profiler_moment *ret_moment)
{
    uint64_t cpu = WTFCB_UNKNOWN;
    uint64_t resident = WTFCB_UNKNOWN;
    wtfcb_profiler_tree_look(timeline->tree, &cpu, &resident);
    *ret_moment = (wtfcb_profiler_moment){
        .time_ns = now_ns > timeline->options.start_ns ? now_ns - timeline->options.start_ns : 0,
        .cpu_ns = cpu - timeline->cpu_first,
        .rss = resident,
    };
    if (resident == WTFCB_UNKNOWN) return;
    note_resident(timeline, resident);
    timeline->looks[timeline->looked++ % LOOKS] = (seen){ret_moment->time_ns, resident};
}

uint64_t wtfcb_profiler_timeline_peak_since(const wtfcb_profiler_timeline *timeline, uint64_t since_ns)
{
    uint64_t peak = wtfcb_profiler_series_peak(timeline->series, WTFCB_METRIC_RSS, since_ns);
    for (uint32_t i = 0; i < LOOKS && i < timeline->looked; i++) {
        const seen *look = &timeline->looks[i];
        if (look->time_ns >= since_ns && (peak == WTFCB_UNKNOWN || look->resident > peak)) peak = look->resident;
    }
    return peak;
}

/*
 * What the kernel keeps is the most ever. If it has moved since the start it did so in our time (another program in the process begins anew); of a tree the
 * first process's alone is there.
 */
static uint64_t peak_of(wtfcb_profiler_timeline *timeline)
{
    wtfcb_profiler_tree_peak(timeline->tree);
    uint64_t kept = timeline->tree->peak;
    if (kept == WTFCB_UNKNOWN || kept == timeline->peak_first) return timeline->most_seen;
    return timeline->most_seen == WTFCB_UNKNOWN || kept > timeline->most_seen ? kept : timeline->most_seen;
}

static const wtfcb_profile_metric *collect_metrics(wtfcb_profiler_timeline *timeline, wtfcb_profile *profile)
{
    explain_live(timeline);
    wtfcb_profile_metric *rows = wtfcb_profiler_profile_rows(profile, WTFCB_PROFILER_METRICS, sizeof *rows);
    if (!rows) return NULL;
    memcpy(rows, wtfcb_profiler_metric_table(), WTFCB_PROFILER_METRICS * sizeof *rows);
    for (uint32_t i = 0; i < WTFCB_PROFILER_METRICS; i++) {
        rows[i].status = timeline->statuses[i];
        rows[i].reason = wtfcb_profiler_profile_text(profile, timeline->reasons[i]);
        if (!rows[i].reason) return NULL;
        wtfcb_profiler_series_figures(timeline->series, &rows[i]);
    }
    return rows;
}

wtfcb_status wtfcb_profiler_timeline_collect(wtfcb_profiler_timeline *timeline, wtfcb_profile *profile)
{
    uint64_t used = wtfcb_base_thread_time();
    const wtfcb_profile_metric *metrics = collect_metrics(timeline, profile);
    if (!metrics) return WTFCB_ENOMEM;
    for (uint32_t t = 0; t < WTFCB_TIER_COUNT; t++)
        if (!wtfcb_profiler_series_tier(timeline->series, t, timeline->options.interval_ns, profile))
            return WTFCB_ENOMEM;
    if (timeline->statuses[WTFCB_METRIC_LIVE - 1] != WTFCB_OK) /* there was room for it, and nothing came */
        for (uint32_t t = 0; t < WTFCB_TIER_COUNT; t++)
            memset(profile->tiers[t].values[WTFCB_METRIC_LIVE - 1], 0, sizeof profile->tiers[t].values[0]);
    wtfcb_profile_summary *summary = &profile->summary;
    profile->metrics = metrics;
    summary->metric_count = WTFCB_PROFILER_METRICS;
    summary->process = (uint64_t)timeline->tree->processes[0].id;
    summary->cpu_ns = metrics[WTFCB_METRIC_CPU - 1].last;
    summary->rss_peak = peak_of(timeline);
    summary->samples = wtfcb_profiler_series_count(timeline->series);
    summary->samples_missed = timeline->missed;
    summary->samples_dropped = wtfcb_profiler_series_dropped(timeline->series);
    summary->tree_walked = timeline->options.tree ? 1 : 0;
    timeline->overhead_ns += wtfcb_base_thread_time() - used;
    summary->overhead_ns += timeline->overhead_ns;
    if (timeline->measured > 0)
        summary->overhead_ns +=
            (uint64_t)((double)timeline->measured_ns * (double)timeline->sampled / (double)timeline->measured);
    return WTFCB_OK;
}

size_t wtfcb_profiler_timeline_size(const wtfcb_profiler_timeline *timeline)
{
    return sizeof *timeline + wtfcb_profiler_series_size(timeline->series) +
           wtfcb_profiler_tree_size(timeline->options.tree);
}
