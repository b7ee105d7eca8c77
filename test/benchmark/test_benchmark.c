/*
 * The benchmark's handle: what it refuses, what it calls and in which order, what is in its report, and that nothing is left of a run.
 * What verdicts are worth is in test_verdicts.c, what a single sample is in test_measure.c.
 */
#include <wtfcb/benchmark.h>

#include <dirent.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../base/counting.h"

#define FUNCTION(...) (&(wtfcb_benchmark_function){__VA_ARGS__}), sizeof(wtfcb_benchmark_function)

/* Calls of a function's parts, in memory that all processes share. */
typedef struct calls {
    unsigned set_ups;
    unsigned runs;
    unsigned tear_downs;
    unsigned since; /* runs since the last set_up */
    bool wrong;     /* not in their order */
    wtfcb_status fails;
    unsigned fails_at; /* run; 0: never */
    char order[4096];  /* a letter for each sample */
    unsigned samples;
    char letter;
} calls;

static counting memory;
static wtfcb_benchmark *benchmark;
static calls *shared; /* four of them */

static void set_up(void)
{
    counting_init(&memory);
    shared = mmap(NULL, 4 * sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(shared, MAP_FAILED);
    ck_assert_int_eq(wtfcb_benchmark_new(&memory.allocator, "test", &benchmark), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_set(benchmark, WTFCB_BENCHMARK_TIME, 100), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_set(benchmark, WTFCB_BENCHMARK_PRECISION, 500), WTFCB_OK);
}

static void tear_down(void)
{
    wtfcb_benchmark_free(benchmark);
    counting_assert_clean(&memory);
    munmap(shared, 4 * sizeof *shared);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* no process is left */
}

static void set(int32_t option, int64_t value)
{
    ck_assert_int_eq(wtfcb_benchmark_set(benchmark, option, value), WTFCB_OK);
}

static wtfcb_report *run(void)
{
    wtfcb_report *report = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_msg(wtfcb_benchmark_run(benchmark, &report, &error) == WTFCB_OK, "%s", error.message);
    return report;
}

static wtfcb_report_summary summary_of(const wtfcb_report *report)
{
    wtfcb_report_summary summary;
    ck_assert_int_eq(wtfcb_report_get_summary(report, &summary, sizeof summary), WTFCB_OK);
    return summary;
}

static wtfcb_report_row row_of(const wtfcb_report *report, const char *name)
{
    wtfcb_report_row row;
    uint64_t index;
    ck_assert_msg(wtfcb_report_find(report, name, &index) == WTFCB_OK, "no row %s", name);
    ck_assert_int_eq(wtfcb_report_row_at(report, index, &row, sizeof row), WTFCB_OK);
    return row;
}

static double median_of(const wtfcb_report *report, const char *name, uint32_t measure)
{
    wtfcb_report_figure figure;
    uint64_t index;
    ck_assert_int_eq(wtfcb_report_find(report, name, &index), WTFCB_OK);
    if (wtfcb_report_figure_at(report, index, measure, &figure, sizeof figure) != WTFCB_OK) return -1;
    return figure.median;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Functions to measure */

static volatile unsigned sink;

static void spin(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        sink = sink * 31 + i;
}

static wtfcb_status counted_set_up(void *user)
{
    calls *c = user;
    c->wrong = c->wrong || c->set_ups != c->tear_downs;
    c->set_ups++;
    c->since = 0;
    for (unsigned i = 0; i < 4; i++)
        if (c->letter && shared[0].samples < sizeof shared[0].order - 1 && &shared[i] == c)
            shared[0].order[shared[0].samples++] = c->letter;
    return WTFCB_OK;
}

static wtfcb_status counted_run(void *user)
{
    calls *c = user;
    c->wrong = c->wrong || c->set_ups != c->tear_downs + 1;
    c->runs++;
    c->since++;
    spin(2000);
    return c->fails_at && c->runs >= c->fails_at ? c->fails : WTFCB_OK;
}

static wtfcb_status counted_tear_down(void *user)
{
    calls *c = user;
    c->wrong = c->wrong || c->set_ups != c->tear_downs + 1;
    c->tear_downs++;
    return WTFCB_OK;
}

static wtfcb_status quick(void *user)
{
    (void)user;
    spin(1000);
    return WTFCB_OK;
}

static wtfcb_status slow(void *user)
{
    (void)user;
    spin(4000);
    return WTFCB_OK;
}

static wtfcb_status crash(void *user)
{
    (void)user;
    (void)raise(SIGABRT);
    return WTFCB_OK;
}

static wtfcb_status hang(void *user)
{
    (void)user;
    for (;;)
        (void)pause();
    return WTFCB_OK;
}

static wtfcb_status pause_5_ms(void *user)
{
    (void)user;
    (void)nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    return WTFCB_OK;
}

static void add_counted(const char *name, calls *c, uint64_t single)
{
    ck_assert_int_eq(
        wtfcb_benchmark_add_function(benchmark, FUNCTION(.name = name, .set_up = counted_set_up, .run = counted_run,
                                                         .tear_down = counted_tear_down, .user = c, .single = single)),
        WTFCB_OK);
}

static void add(const char *name, wtfcb_benchmark_run_fn function)
{
    ck_assert_int_eq(wtfcb_benchmark_add_function(benchmark, FUNCTION(.name = name, .run = function)), WTFCB_OK);
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* The handle */

START_TEST(options_are_listed_and_bounded)
{
    wtfcb_option row;
    int64_t value;
    wtfcb_benchmark_free(benchmark);
    ck_assert_int_eq(wtfcb_benchmark_new(&memory.allocator, "test", &benchmark), WTFCB_OK);
    for (uint64_t i = 0; i < wtfcb_benchmark_option_count(); i++) {
        ck_assert_int_eq(wtfcb_benchmark_option(i, &row, sizeof row), WTFCB_OK);
        if (row.type == WTFCB_OPTION_STRING) {
            ck_assert_int_eq(wtfcb_benchmark_set(benchmark, row.id, 0), WTFCB_ENOTFOUND);
            ck_assert_int_eq(wtfcb_benchmark_get(benchmark, row.id, &value), WTFCB_ENOTFOUND);
            ck_assert_int_eq(wtfcb_benchmark_set_string(benchmark, row.id, "x"), WTFCB_OK);
            ck_assert_int_eq(wtfcb_benchmark_set_string(benchmark, row.id, ""), WTFCB_EINVAL);
            ck_assert_int_eq(wtfcb_benchmark_set_string(benchmark, row.id, NULL), WTFCB_OK);
            continue;
        }
        ck_assert_int_eq(wtfcb_benchmark_get(benchmark, row.id, &value), WTFCB_OK);
        ck_assert_int_eq(value, row.default_value);
        ck_assert_int_eq(wtfcb_benchmark_set(benchmark, row.id, row.minimum), WTFCB_OK);
        ck_assert_int_eq(wtfcb_benchmark_set(benchmark, row.id, row.maximum), WTFCB_OK);
        ck_assert_int_eq(wtfcb_benchmark_set(benchmark, row.id, row.minimum - 1), WTFCB_EINVAL);
        if (row.maximum < INT64_MAX)
            ck_assert_int_eq(wtfcb_benchmark_set(benchmark, row.id, row.maximum + 1), WTFCB_EINVAL);
        ck_assert_int_eq(wtfcb_benchmark_get(benchmark, row.id, &value), WTFCB_OK);
        ck_assert_int_eq(value, row.maximum);
        ck_assert_int_eq(wtfcb_benchmark_set_string(benchmark, row.id, "x"), WTFCB_ENOTFOUND);
    }
    ck_assert_int_eq(wtfcb_benchmark_option(wtfcb_benchmark_option_count(), &row, sizeof row), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_benchmark_option(0, NULL, 0), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_set(benchmark, 999, 1), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_benchmark_get(benchmark, 999, &value), WTFCB_ENOTFOUND);
}
END_TEST

START_TEST(wrong_calls_are_refused_and_change_nothing)
{
    wtfcb_report *report = NULL;
    wtfcb_benchmark *none = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    int64_t value;
    wtfcb_allocator incomplete = {0};
    ck_assert_int_eq(wtfcb_benchmark_new(NULL, NULL, &none), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_new(NULL, "x", NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_new(&incomplete, "x", &none), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_run(NULL, &report, &error), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_run(benchmark, NULL, &error), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_run(benchmark, &report, &error), WTFCB_EINVAL); /* nothing was added */
    ck_assert_ptr_nonnull(strstr(error.message, "nothing"));
    ck_assert_int_eq(wtfcb_benchmark_set(NULL, WTFCB_BENCHMARK_RUNS, 1), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_get(NULL, WTFCB_BENCHMARK_RUNS, &value), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_get(benchmark, WTFCB_BENCHMARK_RUNS, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_set_string(NULL, WTFCB_BENCHMARK_FOLDER, "x"), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_set_progress(NULL, NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_set_cancel(NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_set_baseline(NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_add_function(benchmark, NULL, 1), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_add_function(benchmark, FUNCTION(.run = quick)), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_add_function(benchmark, FUNCTION(.name = "", .run = quick)), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_add_function(benchmark, FUNCTION(.name = "x")), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_add_function(benchmark, FUNCTION(.name = "x", .run = quick, .single = 2)),
                     WTFCB_EINVAL);
    add("x", quick);
    ck_assert_int_eq(wtfcb_benchmark_add_function(benchmark, FUNCTION(.name = "x", .run = quick)), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_add_project(benchmark, "x", "/tmp"), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_add_project(benchmark, "p", NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_add_generated(benchmark, "p", NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_compare(benchmark, "x", "y"), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_benchmark_compare(benchmark, "x", NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_compare(NULL, "x", "x"), WTFCB_EINVAL);
    wtfcb_benchmark_free(NULL);
    ck_assert_ptr_null(report);
    ck_assert_ptr_null(none);
}
END_TEST

START_TEST(in_a_forked_child_the_handle_says_so_and_can_be_freed)
{
    add("x", quick);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        wtfcb_report *report = NULL;
        wtfcb_project *project = NULL;
        bool right = wtfcb_benchmark_set(benchmark, WTFCB_BENCHMARK_RUNS, 1) == WTFCB_EFORK &&
                     wtfcb_benchmark_set_string(benchmark, WTFCB_BENCHMARK_FOLDER, "x") == WTFCB_EFORK &&
                     wtfcb_benchmark_set_cancel(benchmark, NULL) == WTFCB_EFORK &&
                     wtfcb_benchmark_set_progress(benchmark, NULL, NULL) == WTFCB_EFORK &&
                     wtfcb_benchmark_set_baseline(benchmark, NULL) == WTFCB_EFORK &&
                     wtfcb_benchmark_add_project(benchmark, "p", "/") == WTFCB_EFORK &&
                     wtfcb_benchmark_add_generated(benchmark, "p", project) == WTFCB_EFORK &&
                     wtfcb_benchmark_add_function(benchmark, FUNCTION(.name = "y", .run = quick)) == WTFCB_EFORK &&
                     wtfcb_benchmark_compare(benchmark, "x", "x") == WTFCB_EFORK &&
                     wtfcb_benchmark_run(benchmark, &report, NULL) == WTFCB_EFORK;
        wtfcb_benchmark_free(benchmark);
        _exit(right && atomic_load(&memory.live) == 0 ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

static wtfcb_status call_inside(void *user)
{
    wtfcb_report *report = NULL;
    calls *c = user;
    c->runs++;
    c->wrong = c->wrong || wtfcb_benchmark_set(benchmark, WTFCB_BENCHMARK_RUNS, 1) != WTFCB_EBUSY ||
               wtfcb_benchmark_add_project(benchmark, "p", "/") != WTFCB_EBUSY ||
               wtfcb_benchmark_run(benchmark, &report, NULL) != WTFCB_EBUSY;
    return WTFCB_OK;
}

START_TEST(a_running_handle_is_busy)
{
    ck_assert_int_eq(
        wtfcb_benchmark_add_function(benchmark, FUNCTION(.name = "x", .run = call_inside, .user = &shared[0])),
        WTFCB_OK);
    wtfcb_report_free(run());
    ck_assert_uint_gt(shared[0].runs, 6);
    ck_assert(!shared[0].wrong);
    set(WTFCB_BENCHMARK_RUNS, 7); /* and is free again */
}
END_TEST

START_TEST(the_handle_copies_what_it_is_given)
{
    char name[] = "name", parameters[] = "n=1", folder[] = "/tmp";
    wtfcb_project *project;
    wtfcb_cancel *cancel;
    ck_assert_int_eq(wtfcb_project_new(&memory.allocator, &project), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cancel_new(&memory.allocator, &cancel), WTFCB_OK);
    wtfcb_benchmark_function function = {.name = name, .parameters = parameters, .run = quick};
    ck_assert_int_eq(wtfcb_benchmark_add_function(benchmark, &function, sizeof function), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_set_string(benchmark, WTFCB_BENCHMARK_FOLDER, folder), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_set_cancel(benchmark, cancel), WTFCB_OK);
    wtfcb_cancel_free(cancel);
    memset(name, 'x', sizeof name - 1);
    memset(parameters, 'x', sizeof parameters - 1);
    memset(&function, 0xff, sizeof function);
    wtfcb_report *report = run();
    wtfcb_benchmark_free(benchmark); /* reports stay */
    benchmark = NULL;
    ck_assert_str_eq(row_of(report, "name").parameters, "n=1");
    ck_assert_str_eq(summary_of(report).name, "test");
    wtfcb_report_free(report);
    ck_assert_int_eq(wtfcb_benchmark_new(&memory.allocator, "test", &benchmark), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_add_generated(benchmark, "p", project), WTFCB_OK);
    wtfcb_project_free(project);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* What is measured */

START_TEST(parts_are_called_around_every_sample)
{
    add_counted("x", &shared[0], 0);
    wtfcb_report *report = run();
    wtfcb_report_row row = row_of(report, "x");
    ck_assert_int_eq(row.status, WTFCB_OK);
    ck_assert(!shared[0].wrong);
    ck_assert_uint_eq(shared[0].set_ups, shared[0].tear_downs);
    ck_assert_uint_ge(shared[0].set_ups, row.runs + row.warmups + 2); /* and some to calibrate */
    ck_assert_uint_eq(shared[0].since, row.iterations);
    ck_assert_uint_gt(row.iterations, 1);
    ck_assert_uint_ge(row.runs, 6);
    ck_assert_str_eq(row.kind, "function");
    ck_assert_uint_eq(row.reference, WTFCB_REPORT_NONE);
    wtfcb_report_free(report);
}
END_TEST

START_TEST(single_is_one_call_a_sample)
{
    set(WTFCB_BENCHMARK_RUNS, 17);
    set(WTFCB_BENCHMARK_WARMUP, 3);
    add_counted("x", &shared[0], 1);
    wtfcb_report *report = run();
    wtfcb_report_row row = row_of(report, "x");
    ck_assert_uint_eq(row.iterations, 1);
    ck_assert_uint_eq(row.runs, 17);
    ck_assert_uint_eq(row.warmups, 3);
    ck_assert_uint_eq(shared[0].runs, 20);
    ck_assert_uint_eq(shared[0].set_ups, 20);
    wtfcb_report_free(report);
}
END_TEST

START_TEST(isolated_parts_run_in_the_process_of_the_sample)
{
    set(WTFCB_BENCHMARK_ISOLATE, 1);
    set(WTFCB_BENCHMARK_RUNS, 6);
    add_counted("x", &shared[0], 1);
    wtfcb_report *report = run();
    wtfcb_report_row row = row_of(report, "x");
    ck_assert_int_eq(row.status, WTFCB_OK);
    ck_assert(!shared[0].wrong);
    ck_assert_uint_eq(row.flags & WTFCB_ROW_ISOLATED, WTFCB_ROW_ISOLATED);
    ck_assert_double_gt(median_of(report, "x", WTFCB_REPORT_MEMORY), 0);
    wtfcb_report_free(report);
}
END_TEST

START_TEST(a_failing_function_is_its_rows_status_and_no_others)
{
    for (int isolate = 0; isolate < 2; isolate++) {
        memset(shared, 0, 4 * sizeof *shared);
        shared[0].fails = WTFCB_EIO;
        shared[0].fails_at = 30 + (unsigned)isolate; /* in the midst of it */
        set(WTFCB_BENCHMARK_ISOLATE, isolate);
        if (!isolate) {
            add_counted("bad", &shared[0], 0);
            add_counted("good", &shared[1], 0);
            ck_assert_int_eq(wtfcb_benchmark_compare(benchmark, "bad", "good"), WTFCB_OK);
        }
        wtfcb_report *report = run();
        wtfcb_report_row bad = row_of(report, "bad");
        ck_assert_int_eq(bad.status, WTFCB_EIO);
        ck_assert_str_eq(bad.message, wtfcb_status_message(WTFCB_EIO));
        ck_assert_uint_eq(bad.runs, 0);
        ck_assert_double_eq(median_of(report, "bad", WTFCB_REPORT_WALL), -1);
        ck_assert(!shared[0].wrong);
        ck_assert_int_eq(row_of(report, "good").status, WTFCB_OK);
        ck_assert_uint_ge(row_of(report, "good").runs, 6);
        ck_assert_uint_eq(summary_of(report).comparison_count, 0);
        wtfcb_report_free(report);
    }
}
END_TEST

START_TEST(a_crash_and_a_hang_cost_their_rows_alone)
{
    set(WTFCB_BENCHMARK_ISOLATE, 1);
    set(WTFCB_BENCHMARK_TIMEOUT, 100);
    add("crash", crash);
    add("hang", hang);
    add("good", quick);
    ck_assert_int_eq(wtfcb_benchmark_compare(benchmark, "crash", "good"), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_compare(benchmark, "good", "hang"), WTFCB_OK);
    wtfcb_report *report = run();
    ck_assert_int_eq(row_of(report, "crash").status, WTFCB_ECALLBACK);
    ck_assert_ptr_nonnull(strstr(row_of(report, "crash").message, "SIGABRT"));
    ck_assert_int_eq(row_of(report, "hang").status, WTFCB_ETIMEOUT);
    ck_assert_int_eq(row_of(report, "good").status, WTFCB_OK);
    ck_assert_uint_ge(row_of(report, "good").runs, 6);
    wtfcb_report_free(report);
}
END_TEST

START_TEST(bytes_make_a_rate)
{
    set(WTFCB_BENCHMARK_RUNS, 6);
    ck_assert_int_eq(wtfcb_benchmark_add_function(benchmark, FUNCTION(.name = "x", .run = quick, .bytes = 1000)),
                     WTFCB_OK);
    add("y", quick);
    wtfcb_report *report = run();
    const double *wall, *rate;
    uint64_t count, index;
    ck_assert_int_eq(wtfcb_report_find(report, "x", &index), WTFCB_OK);
    ck_assert_int_eq(wtfcb_report_samples(report, index, WTFCB_REPORT_WALL, &wall, &count), WTFCB_OK);
    ck_assert_int_eq(wtfcb_report_samples(report, index, WTFCB_REPORT_BYTES_RATE, &rate, &count), WTFCB_OK);
    ck_assert_uint_eq(count, 6);
    for (uint64_t i = 0; i < count; i++)
        ck_assert_double_eq_tol(rate[i] * wall[i] / 1e9, 1000, 1e-6);
    ck_assert_uint_eq(row_of(report, "x").bytes, 1000);
    ck_assert_double_eq(median_of(report, "y", WTFCB_REPORT_BYTES_RATE), -1);
    ck_assert_double_eq(median_of(report, "x", WTFCB_REPORT_FILES_RATE), -1);
    wtfcb_report_free(report);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* Order and comparisons */

START_TEST(what_is_compared_runs_in_turns_in_an_order_that_is_drawn)
{
    set(WTFCB_BENCHMARK_RUNS, 16);
    set(WTFCB_BENCHMARK_WARMUP, 0);
    for (unsigned i = 0; i < 3; i++) {
        shared[i].letter = (char)('a' + i);
        add_counted(i == 0 ? "a" : i == 1 ? "b" : "c", &shared[i], 1);
    }
    ck_assert_int_eq(wtfcb_benchmark_compare(benchmark, "a", "b"), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_compare(benchmark, "b", "c"), WTFCB_OK);
    wtfcb_report_free(run());
    const char *order = shared[0].order;
    ck_assert_uint_eq(strlen(order), 48);
    unsigned firsts[3] = {0};
    for (unsigned round = 0; round < 16; round++) {
        const char *there = order + (size_t)round * 3;
        ck_assert(there[0] != there[1] && there[1] != there[2] && there[0] != there[2]);
        firsts[there[0] - 'a']++;
    }
    for (unsigned i = 0; i < 3; i++)
        ck_assert_uint_gt(firsts[i], 0); /* not always the same way round */
    char first[64];
    snprintf(first, sizeof first, "%s", order);
    memset(shared[0].order, 0, sizeof shared[0].order);
    shared[0].samples = 0;
    wtfcb_report_free(run());
    ck_assert_str_eq(shared[0].order, first); /* the seed decides */
    memset(shared[0].order, 0, sizeof shared[0].order);
    shared[0].samples = 0;
    set(WTFCB_BENCHMARK_SEED, 99);
    wtfcb_report_free(run());
    ck_assert_str_ne(shared[0].order, first);
}
END_TEST

START_TEST(comparisons_have_their_rows_and_verdicts)
{
    set(WTFCB_BENCHMARK_TIME, 2000);
    add("quick", quick);
    add("slow", slow);
    add("alone", quick);
    ck_assert_int_eq(wtfcb_benchmark_compare(benchmark, "quick", "slow"), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_compare(benchmark, "slow", "quick"), WTFCB_OK);
    wtfcb_report *report = run();
    wtfcb_report_comparison c;
    ck_assert_uint_eq(summary_of(report).comparison_count, 2);
    ck_assert_uint_eq(summary_of(report).row_count, 3);
    ck_assert_uint_eq(summary_of(report).outcome, WTFCB_OUTCOME_NONE);
    ck_assert_int_eq(wtfcb_report_comparison_at(report, 0, &c, sizeof c), WTFCB_OK);
    ck_assert_str_eq(c.before, "quick");
    ck_assert_str_eq(c.after, "slow");
    ck_assert_uint_eq(c.verdict, WTFCB_VERDICT_WORSE);
    ck_assert_uint_eq(c.measure, WTFCB_REPORT_WALL);
    ck_assert_uint_eq(c.method, WTFCB_COMPARISON_PAIRS);
    ck_assert_double_gt(c.change, 2);
    ck_assert_double_le(c.low, c.change);
    ck_assert_double_ge(c.high, c.change);
    ck_assert_double_ge(c.p, c.p_single);
    ck_assert_double_gt(c.effect_size, 0.8);
    ck_assert_int_eq(wtfcb_report_comparison_at(report, 1, &c, sizeof c), WTFCB_OK);
    ck_assert_uint_eq(c.verdict, WTFCB_VERDICT_BETTER);
    wtfcb_report_free(report);
}
END_TEST

START_TEST(a_function_compared_with_itself_has_two_rows)
{
    set(WTFCB_BENCHMARK_ISOLATE, 1);
    set(WTFCB_BENCHMARK_RUNS, 12);
    add("x", quick);
    add("x (again)", quick);
    ck_assert_int_eq(wtfcb_benchmark_compare(benchmark, "x", "x"), WTFCB_OK);
    wtfcb_report *report = run();
    wtfcb_report_comparison c;
    ck_assert_uint_eq(summary_of(report).row_count, 3);
    ck_assert_uint_eq(summary_of(report).comparison_count, 2); /* time, and memory since it is isolated */
    ck_assert_int_eq(wtfcb_report_comparison_at(report, 1, &c, sizeof c), WTFCB_OK);
    ck_assert_str_eq(c.before, "x");
    ck_assert_str_eq(c.after, "x (again) (again)");
    ck_assert_uint_eq(c.measure, WTFCB_REPORT_MEMORY);
    ck_assert_double_lt(c.change, 0.1);
    ck_assert_uint_eq(c.count_before, 12);
    wtfcb_report_free(report);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* Progress and the end */

typedef struct watcher {
    unsigned calls;
    unsigned stop_at; /* call */
    bool measured;
    bool wrong;
    uint64_t last_ns;
    uint64_t rows_done;
} watcher;

static int32_t watch(void *user, const wtfcb_benchmark_progress *progress)
{
    watcher *w = user;
    w->calls++;
    w->measured = w->measured || (strcmp(progress->phase, "measure") == 0 && progress->median > 0);
    w->wrong = w->wrong || progress->rows != 2 || progress->elapsed_ns < w->last_ns ||
               progress->rows_done < w->rows_done || !progress->row || !progress->phase;
    w->last_ns = progress->elapsed_ns;
    w->rows_done = progress->rows_done;
    return w->stop_at && w->calls >= w->stop_at;
}

START_TEST(progress_is_told_now_and_then)
{
    watcher w = {0};
    set(WTFCB_BENCHMARK_PRECISION, 1);
    set(WTFCB_BENCHMARK_TIME, 500);
    add("x", quick);
    add("y", pause_5_ms);
    ck_assert_int_eq(wtfcb_benchmark_set_progress(benchmark, watch, &w), WTFCB_OK);
    wtfcb_report *report = run();
    ck_assert_uint_ge(w.calls, 5);
    ck_assert_uint_le(w.calls, 10 + summary_of(report).duration_ns / 100000000u);
    ck_assert(w.measured);
    ck_assert(!w.wrong);
    ck_assert_uint_eq(w.rows_done, 2);
    wtfcb_report_free(report);
}
END_TEST

START_TEST(cancelled_runs_report_what_is_finished)
{
    watcher w = {.stop_at = 1};
    set(WTFCB_BENCHMARK_PRECISION, 1);
    set(WTFCB_BENCHMARK_TIME, 600);
    add("x", quick);
    add("y", pause_5_ms);
    ck_assert_int_eq(wtfcb_benchmark_set_progress(benchmark, watch, &w), WTFCB_OK);
    wtfcb_report *report = run();
    ck_assert_uint_eq(summary_of(report).cancelled, 1);
    ck_assert_uint_eq(summary_of(report).row_count, 0);
    wtfcb_report_free(report);

    wtfcb_cancel *cancel;
    ck_assert_int_eq(wtfcb_cancel_new(NULL, &cancel), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_set_progress(benchmark, NULL, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_set_cancel(benchmark, cancel), WTFCB_OK);
    wtfcb_cancel_fire(cancel);
    report = run();
    ck_assert_uint_eq(summary_of(report).cancelled, 1);
    ck_assert_uint_eq(summary_of(report).row_count, 0);
    wtfcb_report_free(report);
    wtfcb_cancel_reset(cancel);
    report = run();
    ck_assert_uint_eq(summary_of(report).cancelled, 0);
    ck_assert_uint_eq(summary_of(report).row_count, 2);
    wtfcb_report_free(report);
    wtfcb_cancel_free(cancel);
}
END_TEST

static wtfcb_cancel *to_fire;

static wtfcb_status fire_late(void *user)
{
    calls *c = user;
    if (++c->runs == 40) wtfcb_cancel_fire(to_fire);
    return WTFCB_OK;
}

START_TEST(a_token_ends_the_row_that_is_measured_and_keeps_those_before)
{
    ck_assert_int_eq(wtfcb_cancel_new(NULL, &to_fire), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_set_cancel(benchmark, to_fire), WTFCB_OK);
    set(WTFCB_BENCHMARK_TIME, 60000);
    set(WTFCB_BENCHMARK_PRECISION, 1000);
    add("x", quick);
    set(WTFCB_BENCHMARK_RUNS, 1000);
    ck_assert_int_eq(wtfcb_benchmark_add_function(
                         benchmark, FUNCTION(.name = "y", .run = fire_late, .user = &shared[0], .single = 1)),
                     WTFCB_OK);
    add("z", quick);
    ck_assert_int_eq(wtfcb_benchmark_compare(benchmark, "y", "z"), WTFCB_OK);
    wtfcb_report *report = run();
    ck_assert_uint_eq(summary_of(report).cancelled, 1);
    ck_assert_uint_eq(summary_of(report).row_count, 1);
    ck_assert_uint_eq(summary_of(report).comparison_count, 0);
    ck_assert_int_eq(row_of(report, "x").status, WTFCB_OK);
    wtfcb_report_free(report);
    wtfcb_cancel_free(to_fire);
}
END_TEST

static wtfcb_status fire_and_hang(void *user)
{
    wtfcb_cancel *cancel = user;
    (void)cancel;
    return hang(NULL);
}

static int32_t stop_soon(void *user, const wtfcb_benchmark_progress *progress)
{
    (void)user;
    return progress->elapsed_ns > 50000000;
}

START_TEST(an_isolated_run_is_killed_when_cancelled)
{
    set(WTFCB_BENCHMARK_ISOLATE, 1);
    ck_assert_int_eq(wtfcb_benchmark_add_function(benchmark, FUNCTION(.name = "x", .run = fire_and_hang)), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_set_progress(benchmark, stop_soon, NULL), WTFCB_OK);
    wtfcb_report *report = run();
    ck_assert_uint_eq(summary_of(report).cancelled, 1);
    ck_assert_uint_lt(summary_of(report).duration_ns, 5000000000u);
    wtfcb_report_free(report);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* Profiles, folders */

static unsigned count_entries(const char *path)
{
    DIR *dir = opendir(path);
    unsigned count = 0;
    ck_assert_ptr_nonnull(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count - 2;
}

START_TEST(rows_have_profiles_when_asked_for)
{
    char *folder = wtfcb_test_directory();
    ck_assert_int_eq(wtfcb_benchmark_set_string(benchmark, WTFCB_BENCHMARK_FOLDER, folder), WTFCB_OK);
    set(WTFCB_BENCHMARK_RUNS, 6);
    add("x", pause_5_ms);
    for (int isolate = 0; isolate < 2; isolate++)
        for (int profile = 0; profile < 2; profile++) {
            wtfcb_profile *found = NULL;
            wtfcb_profile_summary summary;
            set(WTFCB_BENCHMARK_ISOLATE, isolate);
            set(WTFCB_BENCHMARK_PROFILE, profile);
            wtfcb_report *report = run();
            ck_assert_int_eq(row_of(report, "x").status, WTFCB_OK);
            ck_assert_int_eq(wtfcb_report_profile(report, 0, &found), profile ? WTFCB_OK : WTFCB_ENOTFOUND);
            wtfcb_report_free(report);
            if (!profile) continue;
            ck_assert_int_eq(wtfcb_profile_get_summary(found, &summary, sizeof summary), WTFCB_OK);
            ck_assert_str_eq(summary.name, "x");
            ck_assert_uint_ge(summary.duration_ns, 4000000);
            ck_assert_int_eq(summary.process == (uint64_t)getpid(), !isolate);
            wtfcb_profile_free(found);
        }
    ck_assert_uint_eq(count_entries(folder), 0);
    free(folder);
}
END_TEST

START_TEST(a_folder_that_cannot_be_used_is_an_error)
{
    wtfcb_report *report = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    add("x", quick);
    ck_assert_int_eq(wtfcb_benchmark_set_string(benchmark, WTFCB_BENCHMARK_FOLDER, "/nonexistent/folder"), WTFCB_OK);
    set(WTFCB_BENCHMARK_RUNS, 6);
    wtfcb_report_free(run()); /* nobody needs it */
    set(WTFCB_BENCHMARK_ISOLATE, 1);
    set(WTFCB_BENCHMARK_PROFILE, 1);
    ck_assert_int_eq(wtfcb_benchmark_run(benchmark, &report, &error), WTFCB_ENOTFOUND);
    ck_assert_ptr_nonnull(strstr(error.message, "WTFCB_BENCHMARK_FOLDER"));
    ck_assert_ptr_null(report);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* Memory */

START_TEST(every_allocation_can_fail)
{
    wtfcb_report *report = NULL;
    wtfcb_status status = WTFCB_ENOMEM;
    unsigned long at = 1;
    set(WTFCB_BENCHMARK_RUNS, 6);
    set(WTFCB_BENCHMARK_WARMUP, 2);
    add("x", quick);
    add("y", quick);
    ck_assert_int_eq(wtfcb_benchmark_compare(benchmark, "x", "y"), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_compare(benchmark, "y", "y"), WTFCB_OK);
    wtfcb_report *baseline = run();
    ck_assert_int_eq(wtfcb_benchmark_set_baseline(benchmark, baseline), WTFCB_OK);
    wtfcb_report_free(baseline);
    for (; status != WTFCB_OK && at < 10000; at++) {
        long before = atomic_load(&memory.live);
        counting_fail(&memory, at, at % 2 == 0);
        status = wtfcb_benchmark_run(benchmark, &report, NULL);
        bool failed = atomic_load(&memory.failed) > 0;
        counting_fail(&memory, 0, false);
        ck_assert(status == WTFCB_OK || status == WTFCB_ENOMEM);
        if (status == WTFCB_OK && failed) { /* what can be done without */
            wtfcb_report_free(report);
            status = WTFCB_ENOMEM;
        }
        if (status != WTFCB_OK) ck_assert_int_eq(atomic_load(&memory.live), before);
    }
    ck_assert_int_eq(status, WTFCB_OK);
    ck_assert_uint_gt(at, 20);
    wtfcb_report_free(report);
}
END_TEST

START_TEST(every_allocation_of_the_handle_can_fail)
{
    wtfcb_project *project;
    bool done = false;
    ck_assert_int_eq(wtfcb_project_new(NULL, &project), WTFCB_OK);
    for (unsigned long at = 1; !done && at < 100; at++) {
        wtfcb_benchmark *other = NULL;
        counting_fail(&memory, at, false);
        bool right = wtfcb_benchmark_new(&memory.allocator, "other", &other) == WTFCB_OK &&
                     wtfcb_benchmark_add_function(other, FUNCTION(.name = "x", .run = quick)) == WTFCB_OK &&
                     wtfcb_benchmark_compare(other, "x", "x") == WTFCB_OK &&
                     wtfcb_benchmark_add_project(other, "p", "/") == WTFCB_OK &&
                     wtfcb_benchmark_add_generated(other, "g", project) == WTFCB_OK &&
                     wtfcb_benchmark_set_string(other, WTFCB_BENCHMARK_FOLDER, "/tmp") == WTFCB_OK;
        done = atomic_load(&memory.failed) == 0;
        ck_assert_int_eq(right, done);
        counting_fail(&memory, 0, false);
        wtfcb_benchmark_free(other);
    }
    ck_assert(done);
    wtfcb_project_free(project);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("benchmark");
    TCase *t = tcase_create("handle");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, options_are_listed_and_bounded);
    tcase_add_test(t, wrong_calls_are_refused_and_change_nothing);
    tcase_add_test(t, in_a_forked_child_the_handle_says_so_and_can_be_freed);
    tcase_add_test(t, a_running_handle_is_busy);
    tcase_add_test(t, the_handle_copies_what_it_is_given);
    tcase_add_test(t, parts_are_called_around_every_sample);
    tcase_add_test(t, single_is_one_call_a_sample);
    tcase_add_test(t, isolated_parts_run_in_the_process_of_the_sample);
    tcase_add_test(t, a_failing_function_is_its_rows_status_and_no_others);
    tcase_add_test(t, a_crash_and_a_hang_cost_their_rows_alone);
    tcase_add_test(t, bytes_make_a_rate);
    tcase_add_test(t, what_is_compared_runs_in_turns_in_an_order_that_is_drawn);
    tcase_add_test(t, comparisons_have_their_rows_and_verdicts);
    tcase_add_test(t, a_function_compared_with_itself_has_two_rows);
    tcase_add_test(t, progress_is_told_now_and_then);
    tcase_add_test(t, cancelled_runs_report_what_is_finished);
    tcase_add_test(t, a_token_ends_the_row_that_is_measured_and_keeps_those_before);
    tcase_add_test(t, an_isolated_run_is_killed_when_cancelled);
    tcase_add_test(t, rows_have_profiles_when_asked_for);
    tcase_add_test(t, a_folder_that_cannot_be_used_is_an_error);
    tcase_add_test(t, every_allocation_can_fail);
    tcase_add_test(t, every_allocation_of_the_handle_can_fail);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
