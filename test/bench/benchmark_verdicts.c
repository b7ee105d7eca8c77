/*
 * What the verdicts of a benchmark are worth on this machine, with whatever else it does.
 *
 *     benchmark_verdicts [ROUNDS [SUBJECT]]
 *
 * Three subjects (parse, sort, hash), a different one each round, or the one that is named. Each round (default 100) compares, with options at their defaults:
 *
 *     same      a subject with itself, in one process: should be "same" or "inconclusive"
 *     slower    with the same doing 5 % more of the same work: should be "worse"
 *     apart     with itself, each run in a process of its own: time and memory, as "same"
 *     memory    with the same keeping 20 % more memory, in processes of their own: should be "worse"
 *
 * How many verdicts were what they should be, and how long they took.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wtfcb/benchmark.h>

enum { UNITS = 100, LINES = 24, NUMBERS = 96, BLOCK = 2048, KEEP = 1500 };

/* Work comes in units, so that 5 % more of it is 5 % more. */
typedef struct work {
    unsigned units;
    unsigned keep; /* blocks of 4 KiB that a run holds at its end */
    char text[UNITS / 4][LINES * 48];
    int numbers[NUMBERS];
    uint32_t digest;
} work;

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void fill(work *w)
{
    uint32_t state = 7;
    for (size_t i = 0; i < sizeof w->text / sizeof *w->text; i++) {
        size_t at = 0;
        for (int line = 0; line < LINES; line++)
            at += (size_t)snprintf(w->text[i] + at, sizeof w->text[i] - at, "key_%u = \"%u\"; # %u\n",
                                   next(&state) % 1000, next(&state) % 100000, next(&state) % 100);
    }
}

/* Keys, values and comments of a configuration, as a reader of such files goes through them. */
static wtfcb_status parse(void *user)
{
    work *w = user;
    for (unsigned unit = 0; unit < w->units; unit++) {
        const char *c = w->text[unit % (UNITS / 4)];
        while (*c) {
            size_t key = strcspn(c, " =");
            const char *value = strchr(c + key, '"');
            if (!value) break;
            size_t length = strcspn(value + 1, "\"");
            w->digest = w->digest * 31 + (uint32_t)key + (uint32_t)strtoul(value + 1, NULL, 10);
            c = value + length + 2;
            c += strcspn(c, "\n");
            if (*c) c++;
        }
    }
    return WTFCB_OK;
}

static int by_size(const void *a, const void *b)
{
    const int x = *(const int *)a;
    const int y = *(const int *)b;
    return x < y ? -1 : x > y;
}

static wtfcb_status sort(void *user)
{
    work *w = user;
    for (unsigned unit = 0; unit < w->units; unit++) {
        uint32_t state = unit % 16;
        for (int i = 0; i < NUMBERS; i++)
            w->numbers[i] = (int)next(&state);
        qsort(w->numbers, NUMBERS, sizeof *w->numbers, by_size);
        w->digest += (uint32_t)w->numbers[NUMBERS / 2];
    }
    return WTFCB_OK;
}

static wtfcb_status hash(void *user)
{
    work *w = user;
    for (unsigned unit = 0; unit < w->units; unit++) {
        const unsigned char *bytes = (const unsigned char *)w->text[unit % (UNITS / 4)];
        uint32_t value = 2166136261u;
        for (size_t i = 0; i < sizeof w->text[0]; i++)
            value = (value ^ bytes[i]) * 16777619u;
        w->digest ^= value;
    }
    return WTFCB_OK;
}

/* A list of blocks, as a program keeps what it has read, and then lets it go. */
static wtfcb_status hold(work *w)
{
    void *list = NULL;
    wtfcb_status status = WTFCB_OK;
    for (unsigned i = 0; i < w->keep && status == WTFCB_OK; i++) {
        void **block = malloc(BLOCK * 2);
        if (!block) status = WTFCB_ENOMEM;
        if (!block) break;
        memset(block, (int)i, BLOCK * 2);
        *block = list;
        list = block;
    }
    while (list) {
        void *rest = *(void **)list;
        free(list);
        list = rest;
    }
    return status;
}

static wtfcb_status parse_and_hold(void *user)
{
    (void)parse(user);
    return hold(user);
}

static wtfcb_status sort_and_hold(void *user)
{
    (void)sort(user);
    return hold(user);
}

static wtfcb_status hash_and_hold(void *user)
{
    (void)hash(user);
    return hold(user);
}

static const struct {
    const char *name;
    wtfcb_benchmark_run_fn run;
    wtfcb_benchmark_run_fn hold;
} subjects[] = {{"parse", parse, parse_and_hold}, {"sort", sort, sort_and_hold}, {"hash", hash, hash_and_hold}};

enum { SUBJECTS = sizeof subjects / sizeof *subjects };

/* What came of one kind of comparison. */
typedef struct tally {
    const char *name;
    unsigned verdicts[5];
    unsigned total;
    double seconds;
    double longest;
    double least; /* change that was seen */
    double most;
} tally;

static void count(tally *t, const wtfcb_report *report, uint32_t measure, double seconds)
{
    wtfcb_report_comparison c;
    for (uint64_t i = 0; wtfcb_report_comparison_at(report, i, &c, sizeof c) == WTFCB_OK; i++) {
        if (c.measure != measure) continue;
        t->verdicts[c.verdict]++;
        t->seconds += seconds;
        if (seconds > t->longest) t->longest = seconds;
        if (t->total == 0 || c.change < t->least) t->least = c.change;
        if (t->total == 0 || c.change > t->most) t->most = c.change;
        t->total++;
    }
}

static wtfcb_report *compare(work *before, work *after, wtfcb_benchmark_run_fn run, int isolate, int64_t seed)
{
    wtfcb_benchmark *benchmark = NULL;
    wtfcb_report *report = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_benchmark_function a = {.name = "before", .run = run, .user = before};
    wtfcb_benchmark_function b = {.name = "after", .run = run, .user = after};
    if (wtfcb_benchmark_new(NULL, "verdicts", &benchmark) != WTFCB_OK ||
        wtfcb_benchmark_add_function(benchmark, &a, sizeof a) != WTFCB_OK ||
        wtfcb_benchmark_add_function(benchmark, &b, sizeof b) != WTFCB_OK ||
        wtfcb_benchmark_compare(benchmark, "before", "after") != WTFCB_OK)
        exit(1);
    (void)wtfcb_benchmark_set(benchmark, WTFCB_BENCHMARK_ISOLATE, isolate);
    (void)wtfcb_benchmark_set(benchmark, WTFCB_BENCHMARK_SEED, seed);
    if (wtfcb_benchmark_run(benchmark, &report, &error) != WTFCB_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
    wtfcb_benchmark_free(benchmark);
    return report;
}

static void show(const tally *t)
{
    printf(
        "%-14s of %3u: %3u better, %3u same, %3u worse, %3u inconclusive; change %+.1f to %+.1f %%; %.2f s each, %.2f s "
        "at most\n",
        t->name, t->total, t->verdicts[WTFCB_VERDICT_BETTER], t->verdicts[WTFCB_VERDICT_SAME],
        t->verdicts[WTFCB_VERDICT_WORSE], t->verdicts[WTFCB_VERDICT_INCONCLUSIVE], t->least * 100, t->most * 100,
        t->total ? t->seconds / t->total : 0, t->longest);
    fflush(stdout);
}

static void show_load(void)
{
    double load[3];
    if (getloadavg(load, 3) == 3) printf("load %.1f %.1f %.1f\n", load[0], load[1], load[2]);
}

int main(int argc, char **argv)
{
    static work plain, slow, large, larger;
    unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100;
    enum { SAME, SLOWER, APART, APART_MEMORY, MEMORY, KINDS };
    tally tallies[KINDS] = {[SAME] = {.name = "same"},
                            [SLOWER] = {.name = "slower"},
                            [APART] = {.name = "apart"},
                            [APART_MEMORY] = {.name = "apart, memory"},
                            [MEMORY] = {.name = "memory"}};
    plain.units = large.units = larger.units = UNITS;
    slow.units = UNITS * 105 / 100;
    large.keep = KEEP;
    larger.keep = KEEP * 120 / 100;
    fill(&plain);
    slow.digest = larger.digest = large.digest = plain.digest;
    memcpy(slow.text, plain.text, sizeof slow.text);
    memcpy(large.text, plain.text, sizeof large.text);
    memcpy(larger.text, plain.text, sizeof larger.text);
    show_load();
    for (unsigned i = 0; i < rounds; i++) {
        unsigned s = i % SUBJECTS;
        for (unsigned k = 0; argc > 2 && k < SUBJECTS; k++)
            if (strcmp(argv[2], subjects[k].name) == 0) s = k;
        const struct {
            work *before;
            work *after;
            int isolate;
            unsigned time; /* tally of each measure; KINDS: none */
            unsigned memory;
        } kinds[] = {{&plain, &plain, 0, SAME, KINDS},
                     {&plain, &slow, 0, SLOWER, KINDS},
                     {&large, &large, 1, APART, APART_MEMORY},
                     {&large, &larger, 1, KINDS, MEMORY}};
        for (unsigned k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            wtfcb_report_summary summary;
            wtfcb_report *report =
                compare(kinds[k].before, kinds[k].after, kinds[k].isolate ? subjects[s].hold : subjects[s].run,
                        kinds[k].isolate, (int64_t)i + 1);
            (void)wtfcb_report_get_summary(report, &summary, sizeof summary);
            double seconds = (double)summary.duration_ns / 1e9;
            if (kinds[k].time < KINDS) count(&tallies[kinds[k].time], report, WTFCB_REPORT_WALL, seconds);
            if (kinds[k].memory < KINDS) count(&tallies[kinds[k].memory], report, WTFCB_REPORT_MEMORY, seconds);
            wtfcb_report_free(report);
        }
    }
    for (unsigned k = 0; k < KINDS; k++)
        show(&tallies[k]);
    show_load();
    return 0;
}
