/* Reports made by hand; see sample_report.h. */
#include "sample_report.h"

#include "../test.h"
#include "profiler/profile.h"

const char *const sample_report_names[SAMPLE_REPORTS] = {"rich", "hostile", "empty"};

#define COUNT_OF(array) (uint32_t)(sizeof(array) / sizeof *(array))
#define NONE WTFCB_REPORT_NONE

/* A row in short: what its samples are scattered around. 0: the row does not know it. */
typedef struct plan {
    wtfcb_report_row row;
    double wall, user, system, memory, hits;
    uint32_t scatter; /* of times, in thousandths */
    bool profiled;
} plan;

#define LINUX .project = "linux", .files = 78579, .lines = 33912884, .bytes = 1311004312
#define WEB .project = "web", .files = 1000, .lines = 161230, .bytes = 5620117

static const plan rich[] = {
    {{.name = "linux syntax sequential",
      LINUX,
      .kind = "sequential",
      .depth = "syntax",
      .threads = 1,
      .runs = 9,
      .warmups = 1,
      .iterations = 1,
      .reference = NONE,
      .flags = WTFCB_ROW_ISOLATED},
     39.8e9,
     38.9e9,
     0.81e9,
     96e6,
     0,
     12,
     true},
    {{.name = "linux syntax parallel -j8",
      LINUX,
      .kind = "parallel",
      .depth = "syntax",
      .threads = 8,
      .runs = 14,
      .warmups = 2,
      .iterations = 1,
      .reference = 0,
      .flags = WTFCB_ROW_ISOLATED},
     6.63e9,
     47.1e9,
     1.3e9,
     191e6,
     0,
     25,
     true},
    {{.name = "linux syntax cold -j8",
      LINUX,
      .kind = "cold",
      .depth = "syntax",
      .threads = 8,
      .runs = 12,
      .warmups = 1,
      .iterations = 1,
      .reference = 0,
      .flags = WTFCB_ROW_ISOLATED | WTFCB_ROW_PAGE_CACHE_KEPT},
     6.9e9,
     47.6e9,
     2.2e9,
     208e6,
     0,
     30,
     false},
    {{.name = "linux syntax warm -j8",
      LINUX,
      .kind = "warm",
      .depth = "syntax",
      .threads = 8,
      .runs = 40,
      .warmups = 3,
      .iterations = 1,
      .reference = 0,
      .flags = WTFCB_ROW_ISOLATED},
     71.4e6,
     180e6,
     260e6,
     41e6,
     1,
     40,
     true},
    {{.name = "linux syntax one-file -j8",
      LINUX,
      .kind = "one-file",
      .depth = "syntax",
      .threads = 8,
      .runs = 31,
      .warmups = 3,
      .iterations = 1,
      .reference = 0,
      .flags = WTFCB_ROW_ISOLATED},
     74.9e6,
     186e6,
     262e6,
     43e6,
     0.9999,
     40,
     false},
    {{.name = "linux syntax clone -j8",
      LINUX,
      .kind = "clone",
      .depth = "syntax",
      .threads = 8,
      .reference = NONE,
      .status = WTFCB_ENOSPACE,
      .message = "cannot copy the project to /var/tmp/wtfcb-bench: No space left on device"},
     0,
     0,
     0,
     0,
     0,
     0,
     false},
    {{.name = "linux syntax sweep -j1",
      LINUX,
      .kind = "sweep",
      .depth = "syntax",
      .threads = 1,
      .runs = 7,
      .warmups = 1,
      .iterations = 1,
      .reference = NONE,
      .flags = WTFCB_ROW_ISOLATED},
     39.9e9,
     39.0e9,
     0.8e9,
     95e6,
     0,
     14,
     false},
    {{.name = "linux syntax sweep -j2",
      LINUX,
      .kind = "sweep",
      .depth = "syntax",
      .threads = 2,
      .runs = 7,
      .warmups = 1,
      .iterations = 1,
      .reference = 6,
      .flags = WTFCB_ROW_ISOLATED},
     20.4e9,
     39.6e9,
     0.9e9,
     110e6,
     0,
     14,
     false},
    {{.name = "linux syntax sweep -j4",
      LINUX,
      .kind = "sweep",
      .depth = "syntax",
      .threads = 4,
      .runs = 9,
      .warmups = 1,
      .iterations = 1,
      .reference = 6,
      .flags = WTFCB_ROW_ISOLATED},
     10.7e9,
     41.1e9,
     1.0e9,
     138e6,
     0,
     20,
     false},
    {{.name = "linux syntax sweep -j8",
      LINUX,
      .kind = "sweep",
      .depth = "syntax",
      .threads = 8,
      .runs = 14,
      .warmups = 2,
      .iterations = 1,
      .reference = 6,
      .flags = WTFCB_ROW_ISOLATED},
     6.61e9,
     47.0e9,
     1.3e9,
     190e6,
     0,
     25,
     false},
    {{.name = "linux lines sequential",
      LINUX,
      .kind = "sequential",
      .depth = "lines",
      .threads = 1,
      .runs = 24,
      .warmups = 2,
      .iterations = 1,
      .reference = NONE,
      .flags = WTFCB_ROW_ISOLATED},
     0.71e9,
     0.38e9,
     0.32e9,
     22e6,
     0,
     15,
     false},
    {{.name = "linux lines parallel -j8",
      LINUX,
      .kind = "parallel",
      .depth = "lines",
      .threads = 8,
      .runs = 38,
      .warmups = 20,
      .iterations = 1,
      .reference = 10,
      .flags = WTFCB_ROW_ISOLATED | WTFCB_ROW_NOT_STEADY | WTFCB_ROW_CUT},
     0.134e9,
     0.48e9,
     0.46e9,
     39e6,
     0,
     90,
     false},
    {{.name = "web syntax sequential",
      WEB,
      .kind = "sequential",
      .depth = "syntax",
      .threads = 1,
      .runs = 30,
      .warmups = 2,
      .iterations = 1,
      .reference = NONE,
      .flags = WTFCB_ROW_ISOLATED},
     412e6,
     396e6,
     14e6,
     31e6,
     0,
     14,
     false},
    {{.name = "web syntax parallel -j8",
      WEB,
      .kind = "parallel",
      .depth = "syntax",
      .threads = 8,
      .runs = 60,
      .warmups = 3,
      .iterations = 1,
      .reference = 12,
      .flags = WTFCB_ROW_ISOLATED},
     66e6,
     440e6,
     31e6,
     58e6,
     0,
     35,
     false},
    {{.name = "web syntax warm -j8",
      WEB,
      .kind = "warm",
      .depth = "syntax",
      .threads = 8,
      .runs = 200,
      .warmups = 5,
      .iterations = 1,
      .reference = 12,
      .flags = WTFCB_ROW_ISOLATED},
     2.31e6,
     2.0e6,
     3.1e6,
     9.4e6,
     1,
     60,
     false},
    {{.name = "quick",
      .project = "",
      .kind = "function",
      .depth = "",
      .parameters = "n=1000",
      .runs = 120,
      .warmups = 4,
      .iterations = 2000,
      .bytes = 8000,
      .reference = NONE},
     41250,
     41100,
     0,
     0,
     0,
     20,
     false},
    {{.name = "merge",
      .project = "",
      .kind = "function",
      .depth = "",
      .parameters = "n=1000",
      .runs = 120,
      .warmups = 4,
      .iterations = 2000,
      .bytes = 8000,
      .reference = NONE,
      .flags = WTFCB_ROW_AGAIN},
     48730,
     48500,
     0,
     0,
     0,
     20,
     false},
};

static const wtfcb_report_comparison rich_comparisons[] = {
    {.before = "quick",
     .after = "merge",
     .measure = WTFCB_REPORT_WALL,
     .method = WTFCB_COMPARISON_PAIRS,
     .verdict = WTFCB_VERDICT_WORSE,
     .change = 0.1813,
     .low = 0.1764,
     .high = 0.1858,
     .p = 0.0000000012,
     .p_single = 0.0000000003,
     .least_effect = 0.03,
     .effect_size = 0.9997,
     .count_before = 120,
     .count_after = 120},
    {.before = "linux syntax parallel -j8",
     .after = "linux syntax parallel -j8",
     .measure = WTFCB_REPORT_WALL,
     .method = WTFCB_COMPARISON_BASELINE,
     .verdict = WTFCB_VERDICT_SAME,
     .change = 0.0041,
     .low = -0.0093,
     .high = 0.0187,
     .p = 0.61,
     .p_single = 0.52,
     .least_effect = 0.03,
     .effect_size = 0.53,
     .count_before = 14,
     .count_after = 14},
    {.before = "linux syntax warm -j8",
     .after = "linux syntax warm -j8",
     .measure = WTFCB_REPORT_WALL,
     .method = WTFCB_COMPARISON_BASELINE,
     .verdict = WTFCB_VERDICT_BETTER,
     .change = -0.214,
     .low = -0.241,
     .high = -0.188,
     .p = 0.0000031,
     .p_single = 0.0000004,
     .least_effect = 0.03,
     .effect_size = 0.02,
     .count_before = 40,
     .count_after = 40},
    {.before = "linux lines parallel -j8",
     .after = "linux lines parallel -j8",
     .measure = WTFCB_REPORT_WALL,
     .method = WTFCB_COMPARISON_BASELINE,
     .verdict = WTFCB_VERDICT_INCONCLUSIVE,
     .again = 1,
     .change = 0.048,
     .low = -0.021,
     .high = 0.122,
     .p = 0.21,
     .p_single = 0.07,
     .least_effect = 0.041,
     .effect_size = 0.61,
     .count_before = 40,
     .count_after = 38},
    {.before = "web syntax parallel -j8",
     .after = "web syntax parallel -j8",
     .measure = WTFCB_REPORT_MEMORY,
     .method = WTFCB_COMPARISON_BASELINE,
     .verdict = WTFCB_VERDICT_WORSE,
     .again = 1,
     .change = 0.203,
     .low = 0.198,
     .high = 0.209,
     .p = 0.00002,
     .p_single = 0.000004,
     .least_effect = 0.03,
     .effect_size = 1,
     .count_before = 60,
     .count_after = 60},
};

static const wtfcb_report_scaling_point rich_points[] = {
    {.threads = 1,
     .row = 6,
     .rate = 1969.4,
     .rate_low = 1955,
     .rate_high = 1986,
     .memory = 95e6,
     .speedup = 1,
     .amdahl = 1969.0,
     .usl = 1972},
    {.threads = 2,
     .row = 7,
     .rate = 3852,
     .rate_low = 3821,
     .rate_high = 3880,
     .memory = 110e6,
     .speedup = 1.956,
     .amdahl = 3839,
     .usl = 3871},
    {.threads = 4,
     .row = 8,
     .rate = 7344,
     .rate_low = 7240,
     .rate_high = 7430,
     .memory = 138e6,
     .speedup = 3.729,
     .amdahl = 7310,
     .usl = 7323},
    {.threads = 8,
     .row = 9,
     .rate = 11888,
     .rate_low = 11690,
     .rate_high = 12080,
     .memory = 190e6,
     .speedup = 6.036,
     .amdahl = 13342,
     .usl = 12372},
};

static const wtfcb_benchmark_scaling rich_scalings[] = {
    {.scaling = {.project = "linux",
                 .depth = "syntax",
                 .message = "",
                 .point_count = COUNT_OF(rich_points),
                 .recommended = 8,
                 .best = 8,
                 .fitted = 3,
                 .amdahl_serial = 0.0258,
                 .amdahl_r2 = 0.981,
                 .usl_rate = 1972,
                 .usl_contention = 0.0121,
                 .usl_coherency = 0.0034,
                 .usl_r2 = 0.9997},
     .points = rich_points},
};

static const wtfcb_report_advice rich_advice[] = {
    {.rule = "threads",
     .project = "linux",
     .text = "Scan with 8 threads.",
     .evidence =
         "8 threads read 11,888 files/s [11,690, 12,080], 4 threads 7,344 [7,240, 7,430]; no smaller count is within 5 % of the best."},
    {.rule = "cache",
     .project = "linux",
     .text = "Keep the cache between scans.",
     .evidence = "A warm scan takes 71.4 ms, one without a cache 6.63 s; 100 % of the lookups hit."},
    {.rule = "limits",
     .project = "",
     .text = "Give the cache more than 512 MiB.",
     .evidence = "2 of 12 cold scans evicted records that they had just written."},
};

static const wtfcb_system_info rich_system = {.cores_present = 8,
                                              .cores_usable = 8,
                                              .memory_total = 33554432000,
                                              .memory_available = 30064771072,
                                              .memory_limit = WTFCB_UNKNOWN,
                                              .cpu_limit_milli = WTFCB_UNKNOWN,
                                              .load_milli = 310,
                                              .disk_total = 512110190592,
                                              .disk_available = 198642237440,
                                              .page_size = 4096,
                                              .boot_time_s = 1764100000,
                                              .kernel = "Linux 6.1.0-28-amd64",
                                              .architecture = "x86_64",
                                              .cpu_model = "Example Processor 9 @ 3.2 GHz",
                                              .clock_source = "tsc",
                                              .zone_clock = "tsc",
                                              .host = "bench-1",
                                              .library = "0.1.0",
                                              .compiler = "gcc 12.2.0"};

/* Names as they should not be. */
static const plan hostile[] = {
    {{.name = "a|b `c` *d* <script>alert(1)</script> & \"e\",'f'",
      .project = "|p|\n<!--x",
      .kind = "function",
      .depth = "",
      .parameters = "n=1,=x,y,k=a b",
      .runs = 7,
      .iterations = 1,
      .reference = NONE},
     1500,
     1400,
     50,
     0,
     0,
     20,
     true},
    {{.name = "=HYPERLINK(\"http://x\",\"y\")",
      .project = "",
      .kind = "function",
      .depth = "",
      .runs = 6,
      .iterations = 1,
      .reference = 0},
     3e3,
     0,
     0,
     0,
     0,
     100,
     false},
    {{.name = "caf\xe9 \xff\xfe \xe2\x82\xac \xed\xa0\x80",
      .project = "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
      .kind = "parallel",
      .depth = "files",
      .threads = 4294967295,
      .runs = 1,
      .iterations = 18446744073709551615u,
      .files = 18446744073709551615u,
      .reference = 1},
     9.5e17,
     1e18,
     3e30,
     1e15,
     0.5,
     0,
     false},
    {{.name = "tab\tnew\nline\r\x1b[31mred\x07",
      .project = "",
      .kind = "",
      .depth = "",
      .runs = 5,
      .iterations = 1,
      .reference = 77},
     0.25,
     0,
     0,
     1,
     0,
     0,
     false},
    {{.name = "", .project = "", .kind = "", .depth = "", .runs = 2, .iterations = 1, .reference = NONE},
     1e-9,
     0,
     0,
     0,
     0,
     0,
     false},
    {{.name =
          "a name that goes on and on until it is far too long for any table that a terminal of a hundred columns could show in one line",
      .project = "</script><img src=x onerror=alert(1)>",
      .kind = "sequential",
      .depth = "lines",
      .status = WTFCB_EIO,
      .reference = NONE,
      .message = "it said: | \"no\"\n--> <b>&amp;</b>"},
     0,
     0,
     0,
     0,
     0,
     0,
     false},
};

static const wtfcb_report_comparison hostile_comparisons[] = {
    {.before = "]]><script>",
     .after = "=1+1|x",
     .measure = 99,
     .method = 77,
     .verdict = 1000,
     .change = 1e300,
     .low = -1,
     .high = 1e300,
     .p = 0,
     .p_single = 0,
     .least_effect = 0,
     .effect_size = 0.5},
};

static const wtfcb_report_scaling_point hostile_points[] = {
    {.threads = 1, .row = 2, .rate = 0, .memory = 0},
};

static const wtfcb_benchmark_scaling hostile_scalings[] = {
    {.scaling = {.project = "<i>|", .depth = "", .message = "one point & no fit: <none>", .point_count = 1},
     .points = hostile_points},
};

static const wtfcb_report_advice hostile_advice[] = {
    {.rule = "<rule>", .project = "-x", .text = "Do | this `now` </script>.", .evidence = "Because \xff\n| --- |."},
};

/* -------------------------------------------------------------------------------------------------------------------- */
/* Samples */

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Around `middle`, skewed upwards; one in 23 is far out. */
static const double *scatter(wtfcb_report *report, uint64_t count, double middle, uint32_t permille, uint32_t *state)
{
    double *values = wtfcb_benchmark_report_rows(report, count, sizeof *values);
    for (uint64_t i = 0; values && i < count; i++) {
        uint32_t a = next(state) % 1000, b = next(state) % 1000, far = next(state) % 23;
        uint32_t away = a * b / 1000 * permille * (far == 0 ? 5 : 1) / 1000;
        double value = middle * (double)(1000 + away) / 1000;
        values[i] = value > 1e4 && value < 1e15 ? (double)(uint64_t)value : value;
    }
    return values;
}

static const double *rate(wtfcb_report *report, const double *wall, uint64_t count, uint64_t amount)
{
    double *values = wtfcb_benchmark_report_rows(report, count, sizeof *values);
    for (uint64_t i = 0; values && i < count; i++)
        values[i] = (double)amount * 1e9 / wall[i];
    return values;
}

static bool fill_samples(wtfcb_report *report, wtfcb_benchmark_row *row, const plan *p, uint32_t *state)
{
    static const uint32_t kinds[] = {WTFCB_REPORT_WALL, WTFCB_REPORT_USER, WTFCB_REPORT_SYSTEM, WTFCB_REPORT_MEMORY,
                                     WTFCB_REPORT_MINOR_FAULTS};
    const double middles[] = {p->wall, p->user, p->system, p->memory,
                              p->memory > 1e6 ? (double)(uint64_t)(p->memory / 4096) : 0};
    uint64_t n = row->row.runs;
    for (uint32_t i = 0; n > 0 && i < COUNT_OF(kinds); i++) {
        if (!(middles[i] > 0)) continue;
        row->samples[kinds[i] - 1] = scatter(report, n, middles[i], i < 3 ? p->scatter : p->scatter / 8, state);
        if (!row->samples[kinds[i] - 1]) return false;
    }
    const double *wall = row->samples[WTFCB_REPORT_WALL - 1];
    const uint64_t amounts[] = {row->row.files, row->row.lines, row->row.bytes};
    for (uint32_t i = 0; wall && i < COUNT_OF(amounts); i++) {
        if (amounts[i] == 0) continue;
        if (!(row->samples[WTFCB_REPORT_FILES_RATE - 1 + i] = rate(report, wall, n, amounts[i]))) return false;
    }
    if (p->hits > 0 && !(row->samples[WTFCB_REPORT_HIT_RATE - 1] = scatter(report, n, p->hits, 0, state))) return false;
    if (row->row.files > 0 && n > 0 &&
        !(row->samples[WTFCB_REPORT_ERRORS - 1] = wtfcb_benchmark_report_rows(report, n, sizeof(double))))
        return false;
    return true;
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* Profiles */

enum { PROFILE_ROWS = 60 };

static uint64_t *column(wtfcb_profile *profile, uint64_t first, uint64_t step, uint64_t wave)
{
    uint64_t *values = wtfcb_profiler_profile_rows(profile, PROFILE_ROWS, sizeof *values);
    for (uint64_t i = 0; values && i < PROFILE_ROWS; i++)
        values[i] = first + step * i + wave * (i * 7 % 5);
    return values;
}

/* Memory that grows, processor time, threads. */
static wtfcb_profile *make_profile(const wtfcb_allocator *allocator, const char *name, uint64_t duration,
                                   uint64_t memory, uint64_t threads)
{
    wtfcb_profile *p = NULL;
    if (wtfcb_profiler_profile_new(allocator, &p) != WTFCB_OK) return NULL;
    uint64_t interval = duration / PROFILE_ROWS;
    wtfcb_profile_metric *metrics = wtfcb_profiler_profile_rows(p, WTFCB_PROFILER_METRICS, sizeof *metrics);
    wtfcb_profiler_tier *tier = &p->tiers[0];
    *tier = (wtfcb_profiler_tier){.interval_ns = interval, .count = PROFILE_ROWS};
    tier->times = column(p, interval, interval, 0);
    uint64_t *rss = column(p, memory / 4, memory / 80, memory / 64);
    uint64_t *cpu = column(p, interval * threads * 3 / 4, 0, interval * threads / 20);
    const char *copy = wtfcb_profiler_profile_text(p, name);
    if (!metrics || !tier->times || !rss || !cpu || !copy) {
        wtfcb_profile_free(p);
        return NULL;
    }
    memcpy(metrics, wtfcb_profiler_metric_table(), WTFCB_PROFILER_METRICS * sizeof *metrics);
    for (uint32_t m = 0; m < WTFCB_PROFILER_METRICS; m++) {
        metrics[m].status = WTFCB_EUNSUPPORTED;
        metrics[m].reason = "not sampled";
    }
    wtfcb_profile_metric *r = &metrics[WTFCB_METRIC_RSS - 1], *c = &metrics[WTFCB_METRIC_CPU - 1];
    r->status = c->status = WTFCB_OK;
    r->reason = c->reason = "";
    c->last = cpu[0] * PROFILE_ROWS;
    for (uint32_t s = 0; s < WTFCB_PROFILER_STATISTICS; s++)
        tier->values[WTFCB_METRIC_RSS - 1][s] = rss;
    tier->values[WTFCB_METRIC_CPU - 1][0] = cpu;
    p->metrics = metrics;
    p->summary.metric_count = WTFCB_PROFILER_METRICS;
    p->summary.name = copy;
    p->summary.duration_ns = duration;
    p->summary.cores_usable = 8;
    p->summary.rss_peak = memory;
    p->summary.samples = PROFILE_ROWS;
    return p;
}

/* -------------------------------------------------------------------------------------------------------------------- */

static bool fill_rows(wtfcb_report *report, const plan *plans, uint32_t count)
{
    uint32_t state = 20261126;
    report->rows = wtfcb_benchmark_report_rows(report, count, sizeof *report->rows);
    if (!report->rows) return false;
    report->summary.row_count = count;
    for (uint32_t i = 0; i < count; i++) {
        report->rows[i].row = plans[i].row;
        if (!fill_samples(report, &report->rows[i], &plans[i], &state)) return false;
        if (!plans[i].profiled) continue;
        report->rows[i].profile =
            make_profile(&report->allocator, plans[i].row.name, (uint64_t)plans[i].wall, (uint64_t)plans[i].memory,
                         plans[i].row.threads ? plans[i].row.threads : 1);
        if (!report->rows[i].profile) return false;
    }
    return true;
}

static bool fill_rich(wtfcb_report *report)
{
    wtfcb_report_summary *s = &report->summary;
    if (!fill_rows(report, rich, COUNT_OF(rich))) return false;
    s->name = wtfcb_benchmark_report_text(report, "nightly");
    s->fingerprint = wtfcb_benchmark_report_text(
        report, "processor=Example Processor 9 @ 3.2 GHz\ncores=8\nmemory=32 GiB\nkernel=Linux 6.1.0-28-amd64\n"
                "compiler=gcc 12.2.0\nlibrary=0.1.0\ninputs=8f3a9c0d11e2b754\n");
    s->started_ns = 1764190800000000000;
    s->duration_ns = 1451000000000;
    s->seed = 1;
    s->least_effect = 0.03;
    s->outcome = WTFCB_OUTCOME_REGRESSION;
    report->system = rich_system;
    report->comparisons = rich_comparisons;
    s->comparison_count = COUNT_OF(rich_comparisons);
    report->scalings = rich_scalings;
    s->scaling_count = COUNT_OF(rich_scalings);
    report->advice = rich_advice;
    s->advice_count = COUNT_OF(rich_advice);
    return s->name && s->fingerprint;
}

static bool fill_hostile(wtfcb_report *report)
{
    wtfcb_report_summary *s = &report->summary;
    if (!fill_rows(report, hostile, COUNT_OF(hostile))) return false;
    s->name = wtfcb_benchmark_report_text(report, "<title>|\xff\n# ,\"");
    s->fingerprint = wtfcb_benchmark_report_text(report, "no pair\n=\n<b>=&amp;\n\xff=|\n");
    s->started_ns = UINT64_MAX;
    s->duration_ns = UINT64_MAX;
    s->seed = UINT64_MAX;
    s->outcome = 1000;
    s->cancelled = 1;
    memset(report->system.host, 'h', sizeof report->system.host - 1);
    memcpy(report->system.kernel, "<k>|", 5);
    report->comparisons = hostile_comparisons;
    s->comparison_count = COUNT_OF(hostile_comparisons);
    report->scalings = hostile_scalings;
    s->scaling_count = COUNT_OF(hostile_scalings);
    report->advice = hostile_advice;
    s->advice_count = COUNT_OF(hostile_advice);
    return s->name && s->fingerprint;
}

wtfcb_report *sample_report(const wtfcb_allocator *allocator, int which)
{
    wtfcb_report *report = NULL;
    if (wtfcb_benchmark_report_new(allocator, &report) != WTFCB_OK) return NULL;
    bool filled = which == SAMPLE_EMPTY || (which == SAMPLE_RICH ? fill_rich(report) : fill_hostile(report));
    if (filled && wtfcb_benchmark_report_seal(report) == WTFCB_OK) return report;
    wtfcb_report_free(report);
    return NULL;
}

wtfcb_report *sample_report_large(uint32_t rows, uint32_t samples)
{
    wtfcb_report *report = NULL;
    ck_assert_int_eq(wtfcb_benchmark_report_new(NULL, &report), WTFCB_OK);
    plan *plans = calloc(rows, sizeof *plans);
    ck_assert_ptr_nonnull(plans);
    for (uint32_t i = 0; i < rows; i++) {
        char name[64], project[32];
        plans[i] = rich[i % 5];
        snprintf(name, sizeof name, "%s %u", rich[i % 5].row.name, i);
        snprintf(project, sizeof project, "project %u", i / 20);
        plans[i].row.name = wtfcb_benchmark_report_text(report, name);
        plans[i].row.project = wtfcb_benchmark_report_text(report, project);
        plans[i].row.runs = samples;
        plans[i].row.reference = i / 20 * 20;
        plans[i].profiled = i % 10 == 0;
    }
    ck_assert(fill_rows(report, plans, rows));
    free(plans);
    ck_assert_int_eq(wtfcb_benchmark_report_seal(report), WTFCB_OK);
    return report;
}
