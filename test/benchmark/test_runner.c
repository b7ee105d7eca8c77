/*
 * The runner under the handle: groups with what they need, what runs count, baselines and what seems worse than they.
 */
#include <time.h>
#include <unistd.h>

#include "../test.h"
#include "base/memory.h"
#include "benchmark/runner.h"

#define MS UINT64_C(1000000)

static wtfcb_benchmark_runner_options options;

static void set_up(void)
{
    options = (wtfcb_benchmark_runner_options){.allocator = wtfcb_base_allocator(NULL),
                                               .runs = 12,
                                               .time_ns = 200 * MS,
                                               .warmup = 2,
                                               .precision = 0.01,
                                               .least_effect = 0.03,
                                               .confidence = 0.95,
                                               .seed = 1};
}

/* A subject that takes as long as it is told, by the clock, so that tests do not depend on the machine's speed. */
typedef struct timed {
    uint64_t ns;
    uint64_t slower_from; /* run; 0: never */
    uint64_t slower_to;
    uint64_t runs;
    unsigned begun;
    unsigned ended;
    wtfcb_status begin_answers;
    bool outside; /* a run came when the group had not begun */
    const char *inputs;
} timed;

static uint64_t now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static wtfcb_status run_timed(void *user, wtfcb_benchmark_tally *tally)
{
    timed *t = user;
    uint64_t ns = t->ns;
    t->runs++;
    t->outside = t->outside || t->begun != t->ended + 1;
    if (t->slower_from && t->runs >= t->slower_from && t->runs < t->slower_to) ns *= 8;
    for (uint64_t end = now() + ns; now() < end;) {}
    *tally = (wtfcb_benchmark_tally){.files = 10, .lines = 1000, .bytes = 50000, .lookups = 10, .hits = 9, .errors = 1};
    return WTFCB_OK;
}

static wtfcb_status begin(wtfcb_benchmark_group *group, wtfcb_error *ret_error)
{
    timed *t = group->user;
    (void)ret_error;
    if (t->begin_answers != WTFCB_OK) return t->begin_answers;
    t->begun++;
    group->inputs = t->inputs;
    return WTFCB_OK;
}

static void end(wtfcb_benchmark_group *group)
{
    timed *t = group->user;
    t->ended++;
}

#define BIT WTFCB_BENCHMARK_MEASURE

static wtfcb_benchmark_subject subject_of(const char *name, timed *t)
{
    return (wtfcb_benchmark_subject){.name = name,
                                     .project = "p",
                                     .kind = "cold",
                                     .depth = "syntax",
                                     .threads = 3,
                                     .reference = WTFCB_REPORT_NONE,
                                     .measures = BIT(WTFCB_REPORT_FILES_RATE) | BIT(WTFCB_REPORT_HIT_RATE) |
                                                 BIT(WTFCB_REPORT_ERRORS) | BIT(WTFCB_REPORT_LINES_RATE),
                                     .single = true,
                                     .run = run_timed,
                                     .user = t};
}

static wtfcb_report *run(wtfcb_benchmark_group *groups, uint32_t count, const wtfcb_report *baseline,
                         wtfcb_status expected, wtfcb_error *error)
{
    wtfcb_report *report;
    ck_assert_int_eq(wtfcb_benchmark_report_new(NULL, &report), WTFCB_OK);
    wtfcb_status status = wtfcb_benchmark_runner_run(&options, groups, count, baseline, report, error);
    ck_assert_msg(status == expected, "%d, not %d: %s", status, expected, error ? error->message : "");
    if (status == WTFCB_OK) ck_assert_int_eq(wtfcb_benchmark_report_seal(report), WTFCB_OK);
    return report;
}

START_TEST(rows_say_what_their_subjects_are_and_count)
{
    timed one = {.ns = 400000}, two = {.ns = 200000};
    wtfcb_benchmark_subject alone = subject_of("alone", &one);
    wtfcb_benchmark_subject both[2] = {subject_of("slow", &one), subject_of("fast", &two)};
    both[1].reference = 0;
    wtfcb_benchmark_group groups[2] = {{.subjects = &alone, .subject_count = 1},
                                       {.subjects = both, .subject_count = 2, .inputs = "p=1\n"}};
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_report *report = run(groups, 2, NULL, WTFCB_OK, &error);
    ck_assert_uint_eq(report->summary.row_count, 3);
    const wtfcb_benchmark_row *row = &report->rows[2];
    ck_assert_str_eq(row->row.name, "fast");
    ck_assert_str_eq(row->row.project, "p");
    ck_assert_str_eq(row->row.kind, "cold");
    ck_assert_str_eq(row->row.depth, "syntax");
    ck_assert_uint_eq(row->row.threads, 3);
    ck_assert_uint_eq(row->row.files, 10);
    ck_assert_uint_eq(row->row.lines, 1000);
    ck_assert_uint_eq(row->row.bytes, 50000);
    ck_assert_uint_eq(row->row.reference, 1);
    ck_assert_double_gt(row->row.speedup, 1);
    ck_assert_uint_eq(report->rows[1].row.reference, WTFCB_REPORT_NONE);
    ck_assert_ptr_nonnull(strstr(report->summary.fingerprint, "\np=1\n"));
    ck_assert_ptr_nonnull(strstr(report->summary.fingerprint, "processor="));
    for (uint64_t i = 0; i < row->row.runs; i++) {
        ck_assert_double_eq_tol(row->samples[WTFCB_REPORT_FILES_RATE - 1][i] * row->samples[WTFCB_REPORT_WALL - 1][i],
                                10e9, 1e3);
        ck_assert_double_eq_tol(row->samples[WTFCB_REPORT_HIT_RATE - 1][i], 0.9, 1e-12);
        ck_assert_double_eq(row->samples[WTFCB_REPORT_ERRORS - 1][i], 1);
    }
    ck_assert_ptr_null(row->samples[WTFCB_REPORT_BYTES_RATE - 1]); /* not asked for */
    wtfcb_report_free(report);
}
END_TEST

START_TEST(a_group_is_there_while_its_subjects_run)
{
    timed t = {.ns = 10000, .inputs = "made=here\n"};
    wtfcb_benchmark_subject subject = subject_of("x", &t);
    wtfcb_benchmark_group group = {.subjects = &subject, .subject_count = 1, .begin = begin, .end = end, .user = &t};
    wtfcb_report *report = run(&group, 1, NULL, WTFCB_OK, NULL);
    ck_assert_uint_eq(t.begun, 1);
    ck_assert_uint_eq(t.ended, 1);
    ck_assert(!t.outside);
    ck_assert_ptr_nonnull(strstr(report->summary.fingerprint, "made=here\n"));
    wtfcb_report_free(report);
}
END_TEST

START_TEST(a_group_that_cannot_begin_is_the_status_of_its_rows)
{
    timed bad = {.ns = 10000, .begin_answers = WTFCB_ENOSPACE}, good = {.ns = 10000};
    wtfcb_benchmark_subject subjects[2] = {subject_of("x", &bad), subject_of("y", &good)};
    wtfcb_benchmark_group groups[2] = {
        {.subjects = &subjects[0], .subject_count = 1, .begin = begin, .end = end, .user = &bad},
        {.subjects = &subjects[1], .subject_count = 1, .begin = begin, .end = end, .user = &good}};
    wtfcb_report *report = run(groups, 2, NULL, WTFCB_OK, NULL);
    ck_assert_int_eq(report->rows[0].row.status, WTFCB_ENOSPACE);
    ck_assert_str_eq(report->rows[0].row.message, wtfcb_status_message(WTFCB_ENOSPACE));
    ck_assert_uint_eq(bad.runs, 0);
    ck_assert_uint_eq(bad.ended, 0);
    ck_assert_int_eq(report->rows[1].row.status, WTFCB_OK);
    wtfcb_report_free(report);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* Baselines */

static wtfcb_report *measure_timed(timed *t, const wtfcb_report *baseline)
{
    wtfcb_benchmark_subject subject = subject_of("x", t);
    wtfcb_benchmark_group group = {.subjects = &subject, .subject_count = 1, .begin = begin, .end = end, .user = t};
    wtfcb_error error = WTFCB_ERROR_INIT;
    return run(&group, 1, baseline, WTFCB_OK, &error);
}

START_TEST(what_is_slower_than_the_baseline_is_measured_twice_and_a_regression)
{
    timed before = {.ns = 100000}, after = {.ns = 900000};
    wtfcb_report *baseline = measure_timed(&before, NULL);
    wtfcb_report *report = measure_timed(&after, baseline);
    ck_assert_uint_eq(report->summary.outcome, WTFCB_OUTCOME_REGRESSION);
    ck_assert_uint_eq(report->summary.comparison_count, 1);
    ck_assert_uint_eq(report->comparisons[0].verdict, WTFCB_VERDICT_WORSE);
    ck_assert_uint_eq(report->comparisons[0].method, WTFCB_COMPARISON_BASELINE);
    ck_assert_uint_eq(report->comparisons[0].again, 1);
    ck_assert_str_eq(report->comparisons[0].before, "x");
    ck_assert_double_gt(report->comparisons[0].change, 1);
    ck_assert_uint_eq(report->comparisons[0].count_before, 12);
    ck_assert_uint_eq(report->rows[0].row.flags & WTFCB_ROW_AGAIN, WTFCB_ROW_AGAIN);
    ck_assert_uint_eq(after.begun, 2);
    ck_assert_uint_eq(after.ended, 2);
    ck_assert_uint_eq(after.runs, 2 * 14);
    wtfcb_report_free(report);
    wtfcb_report_free(baseline);
}
END_TEST

START_TEST(who_is_measured_twice_has_the_same_company_both_times)
{
    timed before = {.ns = 100000}, after = {.ns = 900000}, other = {.ns = 50000};
    wtfcb_benchmark_subject subjects[2] = {subject_of("x", &before), subject_of("y", &other)};
    wtfcb_benchmark_group group = {.subjects = subjects, .subject_count = 2};
    wtfcb_report *baseline = run(&group, 1, NULL, WTFCB_OK, NULL);
    subjects[0].user = &after;
    other.runs = 0;
    wtfcb_report *report = run(&group, 1, baseline, WTFCB_OK, NULL);
    ck_assert_uint_eq(report->summary.outcome, WTFCB_OUTCOME_REGRESSION);
    ck_assert_uint_eq(report->rows[0].row.flags & WTFCB_ROW_AGAIN, WTFCB_ROW_AGAIN);
    ck_assert_uint_eq(report->rows[1].row.flags & WTFCB_ROW_AGAIN, 0); /* there was nothing to decide */
    ck_assert_uint_eq(after.runs, 2 * 14);
    ck_assert_uint_eq(other.runs, 2 * 14);
    wtfcb_report_free(report);
    wtfcb_report_free(baseline);
}
END_TEST

START_TEST(what_was_slow_once_only_is_no_regression)
{
    /* The first measurement is slow: 14 runs; the second is not. */
    timed before = {.ns = 100000}, after = {.ns = 80000, .slower_from = 1, .slower_to = 15};
    wtfcb_report *baseline = measure_timed(&before, NULL);
    wtfcb_report *report = measure_timed(&after, baseline);
    ck_assert_uint_eq(after.begun, 2);
    ck_assert_uint_ne(report->summary.outcome, WTFCB_OUTCOME_REGRESSION);
    ck_assert_uint_ne(report->comparisons[0].verdict, WTFCB_VERDICT_WORSE);
    ck_assert_uint_eq(report->comparisons[0].again, 1);
    wtfcb_report_free(report);
    wtfcb_report_free(baseline);
}
END_TEST

START_TEST(what_is_faster_than_the_baseline_passes)
{
    timed before = {.ns = 900000}, after = {.ns = 100000};
    wtfcb_report *baseline = measure_timed(&before, NULL);
    wtfcb_report *report = measure_timed(&after, baseline);
    ck_assert_uint_eq(report->summary.outcome, WTFCB_OUTCOME_PASS);
    ck_assert_uint_eq(report->comparisons[0].verdict, WTFCB_VERDICT_BETTER);
    ck_assert_uint_eq(report->comparisons[0].again, 0);
    ck_assert_uint_eq(after.begun, 1);
    wtfcb_report_free(report);
    wtfcb_report_free(baseline);
}
END_TEST

START_TEST(noise_of_a_row_widens_what_counts_as_the_same)
{
    timed before = {.ns = 300000}, after = {.ns = 330000};
    wtfcb_report *baseline = measure_timed(&before, NULL);
    baseline->rows[0].row.noise = 0.5;
    wtfcb_report *report = measure_timed(&after, baseline);
    ck_assert_double_ge(report->comparisons[0].least_effect, 0.5);
    ck_assert_uint_ne(report->comparisons[0].verdict, WTFCB_VERDICT_WORSE);
    wtfcb_report_free(report);
    wtfcb_report_free(baseline);
}
END_TEST

START_TEST(a_row_that_fails_now_leaves_the_outcome_open)
{
    timed before = {.ns = 100000}, after = {.ns = 100000, .begin_answers = WTFCB_EIO};
    wtfcb_report *baseline = measure_timed(&before, NULL);
    wtfcb_report *report = measure_timed(&after, baseline);
    ck_assert_uint_eq(report->summary.outcome, WTFCB_OUTCOME_INCONCLUSIVE);
    ck_assert_uint_eq(report->summary.comparison_count, 0);
    wtfcb_report_free(report);
    wtfcb_report_free(baseline);
}
END_TEST

START_TEST(a_foreign_baseline_is_refused_by_the_key_that_differs)
{
    timed t = {.ns = 10000, .inputs = "input=1\n"};
    wtfcb_benchmark_subject subject = subject_of("x", &t);
    wtfcb_benchmark_group group = {.subjects = &subject, .subject_count = 1, .begin = begin, .end = end, .user = &t};
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_report *baseline = measure_timed(&t, NULL);
    t.inputs = "input=2\n";
    wtfcb_report_free(run(&group, 1, baseline, WTFCB_ECHANGED, &error));
    ck_assert_ptr_nonnull(strstr(error.message, "\"input\" is \"1\" in it and \"2\" here"));
    ck_assert_uint_eq(t.begun, t.ended);
    t.inputs = "other=2\n"; /* of something that the baseline does not have */
    wtfcb_report_free(run(&group, 1, baseline, WTFCB_OK, &error));
    t.inputs = "input=1\n";
    baseline->summary.fingerprint = "processor=Abacus\ninput=1\n";
    uint64_t runs = t.runs;
    wtfcb_report_free(run(&group, 1, baseline, WTFCB_ECHANGED, &error));
    ck_assert_ptr_nonnull(strstr(error.message, "\"processor\" is \"Abacus\""));
    ck_assert_uint_eq(t.runs, runs); /* before anything is measured */
    options.foreign = true;
    wtfcb_report_free(run(&group, 1, baseline, WTFCB_OK, &error));
    wtfcb_report_free(baseline);
}
END_TEST

START_TEST(rows_that_only_one_report_has_are_not_compared)
{
    timed one = {.ns = 10000}, two = {.ns = 10000};
    wtfcb_report *baseline = measure_timed(&one, NULL);
    wtfcb_benchmark_subject subject = subject_of("y", &two);
    wtfcb_benchmark_group group = {.subjects = &subject, .subject_count = 1, .begin = begin, .end = end, .user = &two};
    wtfcb_report *report = run(&group, 1, baseline, WTFCB_OK, NULL);
    ck_assert_uint_eq(report->summary.comparison_count, 0);
    ck_assert_uint_eq(report->summary.outcome, WTFCB_OUTCOME_INCONCLUSIVE); /* nothing was held against it */
    wtfcb_report_free(report);
    wtfcb_report_free(baseline);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("runner");
    TCase *t = tcase_create("runner");
    tcase_add_checked_fixture(t, set_up, NULL);
    tcase_add_test(t, rows_say_what_their_subjects_are_and_count);
    tcase_add_test(t, a_group_is_there_while_its_subjects_run);
    tcase_add_test(t, a_group_that_cannot_begin_is_the_status_of_its_rows);
    tcase_add_test(t, what_is_slower_than_the_baseline_is_measured_twice_and_a_regression);
    tcase_add_test(t, who_is_measured_twice_has_the_same_company_both_times);
    tcase_add_test(t, what_was_slow_once_only_is_no_regression);
    tcase_add_test(t, what_is_faster_than_the_baseline_passes);
    tcase_add_test(t, noise_of_a_row_widens_what_counts_as_the_same);
    tcase_add_test(t, a_row_that_fails_now_leaves_the_outcome_open);
    tcase_add_test(t, a_foreign_baseline_is_refused_by_the_key_that_differs);
    tcase_add_test(t, rows_that_only_one_report_has_are_not_compared);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
