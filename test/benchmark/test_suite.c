/* The suite: cases of projects, what they leave behind, what their rows know. Projects are small, runs few. */
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <wtfcb/benchmark.h>

#include "project_help.h"

static wtfcb_benchmark *benchmark;
static char *folder;  /* of the project */
static char *working; /* WTFCB_BENCHMARK_FOLDER */

static void set(int32_t option, int64_t value)
{
    ck_assert_int_eq(wtfcb_benchmark_set(benchmark, option, value), WTFCB_OK);
}

static void setup(void)
{
    wtfcb_project *project = project_of(NULL, 40, 20000);
    folder = project_generated(project);
    wtfcb_project_free(project);
    working = project_folder();
    ck_assert_int_eq(mkdir(working, 0700), 0);
    ck_assert_int_eq(wtfcb_benchmark_new(NULL, "suite", &benchmark), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_set_string(benchmark, WTFCB_BENCHMARK_FOLDER, working), WTFCB_OK);
    set(WTFCB_BENCHMARK_RUNS, 6);
    set(WTFCB_BENCHMARK_WARMUP, 1);
}

static void teardown(void)
{
    wtfcb_benchmark_free(benchmark);
    ck_assert_uint_eq(project_tree_count(working), 0); /* nothing is left, whatever happened */
    (void)rmdir(working);
    (void)project_shell("rm -rf '%s'", folder);
    free(working);
    free(folder);
}

static wtfcb_report *run(void)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_report *report = NULL;
    ck_assert_msg(wtfcb_benchmark_run(benchmark, &report, &error) == WTFCB_OK, "%s", error.message);
    return report;
}

static wtfcb_report_row row_of(const wtfcb_report *report, const char *name)
{
    wtfcb_report_row row;
    uint64_t index;
    ck_assert_msg(wtfcb_report_find(report, name, &index) == WTFCB_OK, "no row %s", name);
    ck_assert_int_eq(wtfcb_report_row_at(report, index, &row, sizeof row), WTFCB_OK);
    ck_assert_msg(row.status == WTFCB_OK, "%s: %s", name, row.message);
    return row;
}

static double median_of(const wtfcb_report *report, const char *name, uint32_t measure)
{
    wtfcb_report_figure figure;
    uint64_t index;
    ck_assert_int_eq(wtfcb_report_find(report, name, &index), WTFCB_OK);
    ck_assert_msg(wtfcb_report_figure_at(report, index, measure, &figure, sizeof figure) == WTFCB_OK, "%s: measure %u",
                  name, measure);
    return figure.median;
}

START_TEST(every_case_of_a_given_project_is_a_row)
{
    static const char *const names[] = {"p syntax sequential", "p syntax parallel", "p syntax cold",
                                        "p syntax warm",       "p syntax clone",    "p syntax one-file",
                                        "p syntax one-percent"};
    const uint64_t digest = project_tree_digest(folder);
    ck_assert_int_eq(wtfcb_benchmark_add_project(benchmark, "p", folder), WTFCB_OK);
    set(WTFCB_BENCHMARK_CASES, WTFCB_CASE_ALL & ~WTFCB_CASE_SWEEP);
    wtfcb_report *report = run();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        wtfcb_report_row row = row_of(report, names[i]);
        ck_assert_uint_eq(row.runs, 6);
        ck_assert_uint_eq(row.files, 40);
        ck_assert_uint_gt(row.lines, 100);
        ck_assert_uint_eq(row.flags & WTFCB_ROW_ISOLATED, WTFCB_ROW_ISOLATED);
        ck_assert_double_gt(median_of(report, names[i], WTFCB_REPORT_WALL), 0);
        ck_assert_double_gt(median_of(report, names[i], WTFCB_REPORT_MEMORY), 1e6);
        ck_assert_double_gt(median_of(report, names[i], WTFCB_REPORT_FILES_RATE), 0);
        ck_assert_double_eq(median_of(report, names[i], WTFCB_REPORT_ERRORS), 0);
    }
    ck_assert_double_eq(median_of(report, "p syntax cold", WTFCB_REPORT_HIT_RATE), 0);
    ck_assert_double_eq(median_of(report, "p syntax warm", WTFCB_REPORT_HIT_RATE), 1);
    ck_assert_double_eq(median_of(report, "p syntax clone", WTFCB_REPORT_HIT_RATE), 1);
    ck_assert_double_eq_tol(median_of(report, "p syntax one-file", WTFCB_REPORT_HIT_RATE), 39.0 / 40, 1e-9);
    ck_assert_double_eq_tol(median_of(report, "p syntax one-percent", WTFCB_REPORT_HIT_RATE), 39.0 / 40, 1e-9);
    ck_assert_double_gt(row_of(report, "p syntax warm").speedup, 0);
    ck_assert_uint_eq(project_tree_digest(folder), digest); /* only read */
    wtfcb_report_free(report);
}
END_TEST

START_TEST(generated_project_is_edited_too)
{
    wtfcb_project *project = project_of(NULL, 30, 20000);
    ck_assert_int_eq(wtfcb_benchmark_add_generated(benchmark, "g", project), WTFCB_OK);
    wtfcb_project_free(project); /* the benchmark has its own */
    set(WTFCB_BENCHMARK_CASES, WTFCB_CASE_SEQUENTIAL | WTFCB_CASE_ONE_FILE | WTFCB_CASE_ONE_PERCENT);
    wtfcb_report *report = run();
    ck_assert_double_eq_tol(median_of(report, "g syntax one-file", WTFCB_REPORT_HIT_RATE), 29.0 / 30, 1e-9);
    ck_assert_uint_eq(row_of(report, "g syntax one-percent").runs, 6);
    wtfcb_report_free(report);
}
END_TEST

/* Where lines are counted, small files are remembered with their folder alone: one that is read again since its last edit is too fresh to be trusted is a miss. */
START_TEST(edits_of_other_runs_and_depths_are_none_of_a_row)
{
    static const char *const names[] = {"p lines one-file", "p lines one-percent", "p syntax one-file",
                                        "p syntax one-percent"};
    wtfcb_report_figure figure;
    uint64_t index;
    ck_assert_int_eq(wtfcb_benchmark_add_project(benchmark, "p", folder), WTFCB_OK);
    set(WTFCB_BENCHMARK_CASES, WTFCB_CASE_SEQUENTIAL | WTFCB_CASE_ONE_FILE | WTFCB_CASE_ONE_PERCENT);
    set(WTFCB_BENCHMARK_DEPTHS, WTFCB_DEPTH_BIT_LINES | WTFCB_DEPTH_BIT_SYNTAX);
    wtfcb_report *report = run();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ck_assert_int_eq(wtfcb_report_find(report, names[i], &index), WTFCB_OK);
        ck_assert_int_eq(wtfcb_report_figure_at(report, index, WTFCB_REPORT_HIT_RATE, &figure, sizeof figure),
                         WTFCB_OK);
        ck_assert_msg(figure.minimum > 38.9 / 40 && figure.maximum < 39.1 / 40, "%s: %g to %g", names[i],
                      figure.minimum, figure.maximum);
    }
    wtfcb_report_free(report);
}
END_TEST

START_TEST(depth_of_files_has_no_case_that_needs_content)
{
    wtfcb_report_summary summary;
    ck_assert_int_eq(wtfcb_benchmark_add_project(benchmark, "p", folder), WTFCB_OK);
    set(WTFCB_BENCHMARK_CASES, WTFCB_CASE_ALL);
    set(WTFCB_BENCHMARK_DEPTHS, WTFCB_DEPTH_BIT_FILES);
    set(WTFCB_BENCHMARK_THREADS, 1);
    wtfcb_report *report = run();
    ck_assert_int_eq(wtfcb_report_get_summary(report, &summary, sizeof summary), WTFCB_OK);
    ck_assert_uint_eq(summary.row_count, 2);
    (void)row_of(report, "p files sequential");
    (void)row_of(report, "p files parallel");
    wtfcb_report_free(report);
}
END_TEST

START_TEST(fingerprint_has_the_content_of_the_project)
{
    wtfcb_report_summary first, second;
    set(WTFCB_BENCHMARK_CASES, WTFCB_CASE_SEQUENTIAL);
    ck_assert_int_eq(wtfcb_benchmark_add_project(benchmark, "p", folder), WTFCB_OK);
    wtfcb_report *before = run();
    ck_assert_int_eq(project_shell("echo >>\"$(find '%s' -name '*.c' | sort | head -1)\"", folder), 0);
    wtfcb_report *after = run();
    ck_assert_int_eq(wtfcb_report_get_summary(before, &first, sizeof first), WTFCB_OK);
    ck_assert_int_eq(wtfcb_report_get_summary(after, &second, sizeof second), WTFCB_OK);
    ck_assert_ptr_nonnull(strstr(first.fingerprint, "project p="));
    ck_assert_str_ne(first.fingerprint, second.fingerprint);
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_report *none = NULL;
    ck_assert_int_eq(wtfcb_benchmark_set_baseline(benchmark, before), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_run(benchmark, &none, &error), WTFCB_ECHANGED);
    ck_assert_ptr_nonnull(strstr(error.message, "project p"));
    ck_assert_ptr_null(none);
    wtfcb_report_free(before);
    wtfcb_report_free(after);
}
END_TEST

START_TEST(pages_that_are_dropped_or_kept_are_told)
{
    ck_assert_int_eq(wtfcb_benchmark_add_project(benchmark, "p", folder), WTFCB_OK);
    set(WTFCB_BENCHMARK_CASES, WTFCB_CASE_COLD);
    set(WTFCB_BENCHMARK_DROP_PAGES, 1);
    wtfcb_report *report = run();
    const uint32_t flags =
        row_of(report, "p syntax cold").flags & (WTFCB_ROW_PAGE_CACHE_DROPPED | WTFCB_ROW_PAGE_CACHE_KEPT);
    ck_assert(flags == WTFCB_ROW_PAGE_CACHE_DROPPED || flags == WTFCB_ROW_PAGE_CACHE_KEPT);
    wtfcb_report_free(report);
}
END_TEST

START_TEST(project_that_is_not_there_is_a_row_that_says_so)
{
    wtfcb_report_row row;
    ck_assert_int_eq(wtfcb_benchmark_add_project(benchmark, "p", "/nonexistent/tree"), WTFCB_OK);
    wtfcb_report *report = run();
    ck_assert_int_eq(wtfcb_report_row_at(report, 0, &row, sizeof row), WTFCB_OK);
    ck_assert_int_eq(row.status, WTFCB_ENOTFOUND);
    ck_assert_ptr_nonnull(strstr(row.message, "/nonexistent/tree"));
    wtfcb_report_free(report);
}
END_TEST

/* Where clones are while samples are taken: `moved` counts looks at which the first place was empty and another was not. */
static struct {
    unsigned looks, moved;
} clones;

static size_t count_paths(const char *pattern)
{
    char path[4096];
    glob_t found;
    (void)snprintf(path, sizeof path, "%s/*/project-0/%s", working, pattern);
    const size_t count = glob(path, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    if (count > 0) globfree(&found);
    return count;
}

static int32_t look_for_clones(void *user, const wtfcb_benchmark_progress *progress)
{
    (void)user;
    if (strcmp(progress->phase, "measure") != 0) return 0;
    clones.looks++;
    clones.moved += count_paths("clone-0") == 0 && count_paths("clone-*") == 1;
    return 0;
}

START_TEST(clone_is_scanned_where_its_cache_has_not_seen_it)
{
    ck_assert_int_eq(wtfcb_benchmark_add_project(benchmark, "p", folder), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_set_progress(benchmark, look_for_clones, NULL), WTFCB_OK);
    set(WTFCB_BENCHMARK_CASES, WTFCB_CASE_CLONE);
    set(WTFCB_BENCHMARK_RUNS, 200); /* long enough to be told of */
    wtfcb_report_free(run());
    ck_assert_uint_gt(clones.looks, 0);
    ck_assert_uint_eq(clones.moved, clones.looks);
}
END_TEST

static int32_t cancel_soon(void *user, const wtfcb_benchmark_progress *progress)
{
    (void)user;
    return strcmp(progress->phase, "measure") == 0;
}

START_TEST(cancelled_run_leaves_nothing)
{
    wtfcb_report_summary summary;
    ck_assert_int_eq(wtfcb_benchmark_add_project(benchmark, "p", folder), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_set_progress(benchmark, cancel_soon, NULL), WTFCB_OK);
    set(WTFCB_BENCHMARK_RUNS, 100000);
    wtfcb_report *report = run();
    ck_assert_int_eq(wtfcb_report_get_summary(report, &summary, sizeof summary), WTFCB_OK);
    ck_assert_uint_eq(summary.cancelled, 1);
    wtfcb_report_free(report);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("suite");
    TCase *t = tcase_create("suite");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, every_case_of_a_given_project_is_a_row);
    tcase_add_test(t, generated_project_is_edited_too);
    tcase_add_test(t, edits_of_other_runs_and_depths_are_none_of_a_row);
    tcase_add_test(t, depth_of_files_has_no_case_that_needs_content);
    tcase_add_test(t, fingerprint_has_the_content_of_the_project);
    tcase_add_test(t, pages_that_are_dropped_or_kept_are_told);
    tcase_add_test(t, project_that_is_not_there_is_a_row_that_says_so);
    tcase_add_test(t, clone_is_scanned_where_its_cache_has_not_seen_it);
    tcase_add_test(t, cancelled_run_leaves_nothing);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
