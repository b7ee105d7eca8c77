/*
 * Subjects from cases: which there are, what each does before a run, what it is compared with.
 *
 * Rows of one project are named "PROJECT DEPTH CASE", those of the sweep with " -jN" behind. The first of a depth is the one that speed-ups are
 * against: one thread and no cache.
 */
#include "benchmark/suite.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/host.h"
#include "benchmark/folder.h"
#include "benchmark/suite_scan.h"
#include "benchmark/suite_site.h"

enum { MOST_THREADS = 1024, MOST_COUNTS = 32, DEPTHS = 3 };

/* In the order of rows. */
static const struct {
    uint64_t bit;
    const char *kind;
    bool alone;  /* one thread */
    bool cached; /* has a cache */
    bool files;  /* makes sense where no file is read */
} cases[] = {
    {WTFCB_CASE_SEQUENTIAL, "sequential", true, false, true},
    {WTFCB_CASE_PARALLEL, "parallel", false, false, true},
    {WTFCB_CASE_COLD, "cold", false, true, false},
    {WTFCB_CASE_WARM, "warm", false, true, false},
    {WTFCB_CASE_CLONE, "clone", false, true, false},
    {WTFCB_CASE_ONE_FILE, "one-file", false, true, false},
    {WTFCB_CASE_ONE_PERCENT, "one-percent", false, true, false},
};

enum { CASES = sizeof cases / sizeof *cases };

static const struct {
    uint32_t bit;
    const char *name;
    int64_t depth;
} depths[DEPTHS] = {
    {WTFCB_DEPTH_BIT_FILES, "files", WTFCB_DEPTH_FILES},
    {WTFCB_DEPTH_BIT_LINES, "lines", WTFCB_DEPTH_LINES},
    {WTFCB_DEPTH_BIT_SYNTAX, "syntax", WTFCB_DEPTH_SYNTAX},
};

/* What is behind `user` of a subject. */
typedef struct suite_case {
    wtfcb_benchmark_site *site;
    uint64_t kind; /* WTFCB_CASE_* */
    uint32_t threads;
    int64_t depth;
    bool drops; /* pages, before each run */
    char cache[PATH_MAX];
} suite_case;

/* ------------------------------------------------------------------------------------------------------------- a run */

static wtfcb_status tell(const wtfcb_error *error, wtfcb_status status, wtfcb_benchmark_tally *tally)
{
    if (status != WTFCB_OK)
        (void)snprintf(tally->message, sizeof tally->message, "%.*s", (int)sizeof tally->message - 1, error->message);
    return status;
}

static wtfcb_status before_run(void *user, wtfcb_benchmark_tally *tally)
{
    suite_case *one = user;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = WTFCB_OK;
    if (one->kind == WTFCB_CASE_COLD) wtfcb_benchmark_folder_remove(one->cache);
    if (one->kind == WTFCB_CASE_CLONE) status = wtfcb_benchmark_site_move(one->site, &error);
    if (one->kind == WTFCB_CASE_ONE_FILE || one->kind == WTFCB_CASE_ONE_PERCENT)
        status = wtfcb_benchmark_site_edit(one->site, one->kind, &error);
    if (one->drops) (void)wtfcb_benchmark_site_drop(one->site);
    return tell(&error, status, tally);
}

static wtfcb_status run(void *user, wtfcb_benchmark_tally *tally)
{
    const suite_case *one = user;
    char path[PATH_MAX];
    wtfcb_error error = WTFCB_ERROR_INIT;
    const wtfcb_benchmark_scan scan = {.path = path,
                                       .cache = one->cache[0] ? one->cache : NULL,
                                       .threads = one->threads,
                                       .depth = one->depth,
                                       .keep = WTFCB_KEEP_TOTALS};
    wtfcb_benchmark_site_path(one->site, one->kind, path, sizeof path);
    return tell(&error, wtfcb_benchmark_scan_run(&scan, &one->site->schedule->benchmark->allocator, tally, &error),
                tally);
}

/* ----------------------------------------------------------------------------------------------------------- a group */

/* Rows say whether pages were dropped: tried once, before anything is measured. */
static wtfcb_status begin(wtfcb_benchmark_group *group, wtfcb_error *ret_error)
{
    wtfcb_benchmark_site *site = group->user;
    wtfcb_status status = wtfcb_benchmark_site_make(site, ret_error);
    if (status != WTFCB_OK) {
        wtfcb_benchmark_site_remove(site);
        return status;
    }
    group->inputs = site->inputs;
    for (uint32_t i = 0; i < group->subject_count; i++) {
        const suite_case *one = group->subjects[i].user;
        if (one->drops)
            group->subjects[i].flags =
                wtfcb_benchmark_site_drop(site) ? WTFCB_ROW_PAGE_CACHE_DROPPED : WTFCB_ROW_PAGE_CACHE_KEPT;
    }
    return WTFCB_OK;
}

static void end(wtfcb_benchmark_group *group)
{
    wtfcb_benchmark_site_remove(group->user);
}

/* 1, 2, 3, ... to 8, then powers of two, and the most. */
static uint32_t thread_counts(uint32_t most, uint32_t counts[MOST_COUNTS])
{
    uint32_t count = 0;
    for (uint32_t n = 1; n < most && count + 1 < MOST_COUNTS; n = n < 8 ? n + 1 : 2 * n)
        counts[count++] = n;
    counts[count++] = most;
    return count;
}

static const char *name_of(wtfcb_benchmark_schedule *schedule, const char *project, const char *depth, const char *kind,
                           uint32_t sweep)
{
    char threads[16] = "";
    if (sweep > 0) (void)snprintf(threads, sizeof threads, " -j%" PRIu32, sweep);
    const size_t size = strlen(project) + strlen(depth) + strlen(kind) + strlen(threads) + 3;
    char *text = wtfcb_base_arena_bytes(&schedule->arena, size);
    if (text) (void)snprintf(text, size, "%s %s %s%s", project, depth, kind, threads);
    return text;
}

typedef struct suite_build {
    wtfcb_benchmark_schedule *schedule;
    wtfcb_benchmark_site *site;
    wtfcb_benchmark_subject *subjects;
    uint32_t count;
} suite_build;

static bool add_subject(suite_build *build, int depth, const char *kind, uint64_t bit, uint32_t threads, bool cached,
                        uint32_t reference)
{
    wtfcb_benchmark_schedule *schedule = build->schedule;
    suite_case *one = wtfcb_base_arena_alloc(&schedule->arena, sizeof *one);
    if (!one) return false;
    const char *project = build->site->added->name;
    const char *name = name_of(schedule, project, depths[depth].name, kind, bit == WTFCB_CASE_SWEEP ? threads : 0);
    if (!name) return false;
    *one = (suite_case){.site = build->site, .kind = bit, .threads = threads, .depth = depths[depth].depth};
    one->drops = bit == WTFCB_CASE_COLD && schedule->benchmark->values[WTFCB_BENCHMARK_DROP_PAGES] != 0;
    if (cached) wtfcb_benchmark_site_cache(build->site, bit, depths[depth].bit, one->cache, sizeof one->cache);
    uint32_t measures = WTFCB_BENCHMARK_MEASURE(WTFCB_REPORT_FILES_RATE) | WTFCB_BENCHMARK_MEASURE(WTFCB_REPORT_ERRORS);
    if (depths[depth].depth != WTFCB_DEPTH_FILES)
        measures |= WTFCB_BENCHMARK_MEASURE(WTFCB_REPORT_LINES_RATE) | WTFCB_BENCHMARK_MEASURE(WTFCB_REPORT_BYTES_RATE);
    if (cached) measures |= WTFCB_BENCHMARK_MEASURE(WTFCB_REPORT_HIT_RATE);
    build->subjects[build->count++] = (wtfcb_benchmark_subject){.name = name,
                                                                .project = project,
                                                                .kind = kind,
                                                                .depth = depths[depth].name,
                                                                .threads = threads,
                                                                .reference = reference,
                                                                .measures = measures,
                                                                .isolate = true,
                                                                .single = true,
                                                                .before = before_run,
                                                                .run = run,
                                                                .user = one};
    return true;
}

/* Thread counts that another case measures need no row of the sweep. */
static bool add_depth(suite_build *build, int depth, uint32_t most)
{
    const uint64_t wanted = build->site->cases;
    const uint32_t first = build->count;
    uint32_t reference = WTFCB_REPORT_NONE;
    for (size_t i = 0; i < CASES; i++) {
        if (!(wanted & cases[i].bit) || (depths[depth].depth == WTFCB_DEPTH_FILES && !cases[i].files)) continue;
        if (!add_subject(build, depth, cases[i].kind, cases[i].bit, cases[i].alone ? 1 : most, cases[i].cached,
                         reference))
            return false;
        if (cases[i].bit == WTFCB_CASE_SEQUENTIAL) reference = first;
    }
    uint32_t counts[MOST_COUNTS];
    const uint32_t count = wanted & WTFCB_CASE_SWEEP ? thread_counts(most, counts) : 0;
    for (uint32_t i = 0; i < count; i++) {
        if ((counts[i] == 1 && wanted & WTFCB_CASE_SEQUENTIAL) || (counts[i] == most && wanted & WTFCB_CASE_PARALLEL))
            continue;
        if (!add_subject(build, depth, "sweep", WTFCB_CASE_SWEEP, counts[i], false, reference)) return false;
    }
    return true;
}

static uint32_t most_threads(const wtfcb_benchmark *benchmark)
{
    const uint32_t cores = wtfcb_base_host_cores();
    const int64_t wanted = benchmark->values[WTFCB_BENCHMARK_THREADS];
    return wanted > 0 && wanted < cores ? (uint32_t)wanted : cores < MOST_THREADS ? cores : MOST_THREADS;
}

static wtfcb_status schedule_project(wtfcb_benchmark_schedule *schedule, size_t index)
{
    const wtfcb_benchmark *benchmark = schedule->benchmark;
    const uint32_t most = most_threads(benchmark);
    wtfcb_benchmark_group *group = wtfcb_benchmark_schedule_group(schedule);
    wtfcb_benchmark_site *site = wtfcb_base_arena_alloc(&schedule->arena, sizeof *site);
    suite_build build = {.schedule = schedule, .site = site};
    build.subjects =
        wtfcb_base_arena_alloc(&schedule->arena, DEPTHS * (CASES + (size_t)MOST_COUNTS) * sizeof *build.subjects);
    if (!group || !site || !build.subjects) return WTFCB_ENOMEM;
    *site = (wtfcb_benchmark_site){.schedule = schedule,
                                   .added = &benchmark->projects[index],
                                   .cases = (uint64_t)benchmark->values[WTFCB_BENCHMARK_CASES],
                                   .threads = most};
    if (snprintf(site->folder, sizeof site->folder, "%s/project-%zu", schedule->folder, index) >=
        (int)sizeof site->folder)
        return WTFCB_ELIMIT;
    for (int depth = 0; depth < DEPTHS; depth++)
        if ((uint32_t)benchmark->values[WTFCB_BENCHMARK_DEPTHS] & depths[depth].bit && !add_depth(&build, depth, most))
            return WTFCB_ENOMEM;
    group->subjects = build.subjects;
    group->subject_count = build.count;
    group->begin = begin;
    group->end = end;
    group->user = site;
    return WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_schedule_projects(wtfcb_benchmark_schedule *schedule)
{
    wtfcb_status status = WTFCB_OK;
    for (size_t i = 0; status == WTFCB_OK && i < schedule->benchmark->project_count; i++)
        status = schedule_project(schedule, i);
    return status;
}
