/* The report in memory: what is computed from samples, and what its getters answer. */
#include <math.h>
#include <pthread.h>

#include <wtfcb/report.h>

#include "../base/counting.h"
#include "sample_report.h"

static wtfcb_report *sample;

static void setup(void)
{
    sample = sample_report(NULL, SAMPLE_RICH);
    ck_assert_ptr_nonnull(sample);
}

static void teardown(void)
{
    wtfcb_report_free(sample);
}

START_TEST(new_report_is_empty)
{
    wtfcb_report *empty = sample_report(NULL, SAMPLE_EMPTY);
    wtfcb_report_summary summary;
    ck_assert_int_eq(wtfcb_report_get_summary(empty, &summary, sizeof summary), WTFCB_OK);
    ck_assert_str_eq(summary.name, "");
    ck_assert_str_eq(summary.fingerprint, "");
    ck_assert_double_eq(summary.confidence, 0.95);
    ck_assert_uint_eq(summary.row_count + summary.comparison_count + summary.scaling_count + summary.advice_count, 0);
    ck_assert_uint_eq(summary.outcome, WTFCB_OUTCOME_NONE);
    wtfcb_system_info system;
    ck_assert_int_eq(wtfcb_report_get_system(empty, &system, sizeof system), WTFCB_OK);
    ck_assert_uint_eq(system.cores_present, WTFCB_UNKNOWN);
    ck_assert_uint_eq(system.boot_time_s, WTFCB_UNKNOWN);
    ck_assert_str_eq(system.kernel, "");
    wtfcb_report_free(empty);
    wtfcb_report_free(NULL);
    ck_assert_ptr_null(wtfcb_report_ref(NULL));
}
END_TEST

START_TEST(rows_are_copied_as_far_as_the_caller_reaches)
{
    wtfcb_report_row whole, cut;
    memset(&cut, 0x55, sizeof cut);
    ck_assert_int_eq(wtfcb_report_row_at(sample, 1, &whole, sizeof whole), WTFCB_OK);
    size_t half = offsetof(wtfcb_report_row, runs);
    ck_assert_int_eq(wtfcb_report_row_at(sample, 1, &cut, half), WTFCB_OK);
    ck_assert_int_eq(memcmp(&whole, &cut, half), 0);
    ck_assert_uint_eq(cut.runs, 0x5555555555555555);
    struct {
        wtfcb_report_summary summary;
        uint64_t later;
    } larger = {.later = 7};
    ck_assert_int_eq(wtfcb_report_get_summary(sample, &larger.summary, sizeof larger), WTFCB_OK);
    ck_assert_uint_eq(larger.later, 0);
    ck_assert_str_eq(larger.summary.name, "nightly");
}
END_TEST

/* Each getter of rows answers up to its count, then WTFCB_ENOTFOUND, and leaves the row alone. */
#define CHECK_ROWS(call, type, count)                                                                                  \
    do {                                                                                                               \
        union {                                                                                                        \
            type row;                                                                                                  \
            unsigned char bytes[sizeof(type)];                                                                         \
        } row_, before_;                                                                                               \
        for (uint64_t i_ = 0; i_ < (count); i_++)                                                                      \
            ck_assert_int_eq(call(sample, i_, &row_.row, sizeof row_.row), WTFCB_OK);                                  \
        before_ = row_;                                                                                                \
        ck_assert_int_eq(call(sample, (count), &row_.row, sizeof row_.row), WTFCB_ENOTFOUND);                          \
        ck_assert_int_eq(call(sample, UINT64_MAX, &row_.row, sizeof row_.row), WTFCB_ENOTFOUND);                       \
        ck_assert_int_eq(memcmp(before_.bytes, row_.bytes, sizeof row_.bytes), 0);                                     \
        ck_assert_int_eq(call(NULL, 0, &row_.row, sizeof row_.row), WTFCB_EINVAL);                                     \
        ck_assert_int_eq(call(sample, 0, NULL, sizeof row_.row), WTFCB_EINVAL);                                        \
    } while (0)

START_TEST(getters_know_where_rows_end)
{
    wtfcb_report_summary summary;
    ck_assert_int_eq(wtfcb_report_get_summary(sample, &summary, sizeof summary), WTFCB_OK);
    CHECK_ROWS(wtfcb_report_row_at, wtfcb_report_row, summary.row_count);
    CHECK_ROWS(wtfcb_report_comparison_at, wtfcb_report_comparison, summary.comparison_count);
    CHECK_ROWS(wtfcb_report_scaling_at, wtfcb_report_scaling, summary.scaling_count);
    CHECK_ROWS(wtfcb_report_advice_at, wtfcb_report_advice, summary.advice_count);
    wtfcb_report_scaling_point point;
    for (uint64_t i = 0; i < 4; i++)
        ck_assert_int_eq(wtfcb_report_scaling_point_at(sample, 0, i, &point, sizeof point), WTFCB_OK);
    ck_assert_uint_eq(point.threads, 8);
    ck_assert_int_eq(wtfcb_report_scaling_point_at(sample, 0, 4, &point, sizeof point), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_report_scaling_point_at(sample, 1, 0, &point, sizeof point), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_report_scaling_point_at(NULL, 0, 0, &point, sizeof point), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_report_scaling_point_at(sample, 0, 0, NULL, sizeof point), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_report_get_summary(NULL, &summary, sizeof summary), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_report_get_summary(sample, NULL, sizeof summary), WTFCB_EINVAL);
    wtfcb_system_info system;
    ck_assert_int_eq(wtfcb_report_get_system(NULL, &system, sizeof system), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_report_get_system(sample, NULL, sizeof system), WTFCB_EINVAL);
}
END_TEST

START_TEST(measures_stand_in_the_order_of_their_ids)
{
    wtfcb_report_measure_row row, other;
    ck_assert_uint_eq(wtfcb_report_measure_count(), WTFCB_REPORT_MEASURES);
    for (uint64_t m = 0; m < wtfcb_report_measure_count(); m++) {
        ck_assert_int_eq(wtfcb_report_measure_at(m, &row, sizeof row), WTFCB_OK);
        ck_assert_uint_eq(row.id, m + 1);
        ck_assert(*row.name && *row.summary && row.unit);
        ck_assert(row.better >= WTFCB_REPORT_LESS && row.better <= WTFCB_REPORT_MORE);
        for (uint64_t k = 0; k < m; k++) {
            ck_assert_int_eq(wtfcb_report_measure_at(k, &other, sizeof other), WTFCB_OK);
            ck_assert_str_ne(row.name, other.name);
        }
    }
    ck_assert_int_eq(wtfcb_report_measure_at(WTFCB_REPORT_MEASURES, &row, sizeof row), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_report_measure_at(0, NULL, sizeof row), WTFCB_EINVAL);
}
END_TEST

START_TEST(rows_are_found_by_name)
{
    uint64_t index = 99;
    ck_assert_int_eq(wtfcb_report_find(sample, "quick", &index), WTFCB_OK);
    ck_assert_uint_eq(index, 15);
    ck_assert_int_eq(wtfcb_report_find(sample, "quic", &index), WTFCB_ENOTFOUND);
    ck_assert_uint_eq(index, 15);
    ck_assert_int_eq(wtfcb_report_find(NULL, "quick", &index), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_report_find(sample, NULL, &index), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_report_find(sample, "quick", NULL), WTFCB_EINVAL);
}
END_TEST

START_TEST(samples_are_there_for_measures_that_a_row_knows)
{
    const double *values = NULL;
    uint64_t count = 0;
    wtfcb_report_figure figure;
    ck_assert_int_eq(wtfcb_report_samples(sample, 3, WTFCB_REPORT_WALL, &values, &count), WTFCB_OK);
    ck_assert_uint_eq(count, 40);
    ck_assert_int_eq(wtfcb_report_figure_at(sample, 3, WTFCB_REPORT_WALL, &figure, sizeof figure), WTFCB_OK);
    ck_assert_uint_eq(figure.count, 40);
    static const struct {
        uint64_t row;
        uint32_t measure;
    } none[] = {{15, WTFCB_REPORT_MEMORY}, {5, WTFCB_REPORT_WALL}, {17, WTFCB_REPORT_WALL}, {0, 0}, {0, 12},
                {UINT64_MAX, UINT32_MAX}};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        ck_assert_int_eq(wtfcb_report_samples(sample, none[i].row, none[i].measure, &values, &count), WTFCB_ENOTFOUND);
        ck_assert_int_eq(wtfcb_report_figure_at(sample, none[i].row, none[i].measure, &figure, sizeof figure),
                         WTFCB_ENOTFOUND);
    }
    ck_assert_uint_eq(count, 40);
    ck_assert_int_eq(wtfcb_report_samples(NULL, 0, 1, &values, &count), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_report_samples(sample, 0, 1, NULL, &count), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_report_samples(sample, 0, 1, &values, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_report_figure_at(NULL, 0, 1, &figure, sizeof figure), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_report_figure_at(sample, 0, 1, NULL, sizeof figure), WTFCB_EINVAL);
}
END_TEST

/* One row of these wall-clock times beside a second one of half of them, sealed. */
static wtfcb_report *timed(const double *times, uint64_t count, double confidence)
{
    wtfcb_report *report = NULL;
    ck_assert_int_eq(wtfcb_benchmark_report_new(NULL, &report), WTFCB_OK);
    report->rows = wtfcb_benchmark_report_rows(report, 2, sizeof *report->rows);
    double *copy = wtfcb_benchmark_report_rows(report, count, sizeof *copy);
    double *half = wtfcb_benchmark_report_rows(report, count, sizeof *half);
    ck_assert(report->rows && copy && half);
    for (uint64_t i = 0; i < count; i++) {
        copy[i] = times[i];
        half[i] = times[i] / 2;
    }
    report->summary.row_count = 2;
    report->summary.confidence = confidence;
    report->rows[0].row = (wtfcb_report_row){.name = "one", .runs = count, .reference = WTFCB_REPORT_NONE};
    report->rows[0].samples[WTFCB_REPORT_WALL - 1] = copy;
    report->rows[1].row = (wtfcb_report_row){.name = "two", .runs = count, .reference = 0};
    report->rows[1].samples[WTFCB_REPORT_WALL - 1] = half;
    ck_assert_int_eq(wtfcb_benchmark_report_seal(report), WTFCB_OK);
    return report;
}

START_TEST(figures_are_those_of_the_samples)
{
    static const double times[] = {14, 10, 11, 12, 13, 15, 16, 90, 17, 18};
    wtfcb_report *report = timed(times, 10, 0.95);
    wtfcb_report_figure f;
    wtfcb_report_row row;
    ck_assert_int_eq(wtfcb_report_figure_at(report, 0, WTFCB_REPORT_WALL, &f, sizeof f), WTFCB_OK);
    ck_assert_uint_eq(f.count, 10);
    ck_assert_double_eq(f.median, 14.5);
    ck_assert_double_eq(f.low, 11); /* second of ten from either end: 97.85 % */
    ck_assert_double_eq(f.high, 18);
    ck_assert_double_eq_tol(f.level, 0.978515625, 1e-12);
    ck_assert_double_eq(f.mad, 2.5);
    ck_assert_double_eq_tol(f.mean, 21.6, 1e-12);
    ck_assert_double_eq_tol(f.deviation, 24.171609, 1e-5);
    ck_assert_double_eq(f.minimum, 10);
    ck_assert_double_eq(f.maximum, 90);
    ck_assert_uint_eq(f.low_severe + f.low_mild + f.high_mild, 0);
    ck_assert_uint_eq(f.high_severe, 1);
    /* 14 11 13 16 17 and 10 12 15 90 18: 14 and 15 of 14.5 */
    ck_assert_int_eq(wtfcb_report_row_at(report, 0, &row, sizeof row), WTFCB_OK);
    ck_assert_double_eq_tol(row.noise, 1 / 14.5, 1e-12);
    ck_assert_double_eq(row.speedup, 0);
    ck_assert_str_eq(row.project, ""); /* texts are never NULL */
    ck_assert_int_eq(wtfcb_report_row_at(report, 1, &row, sizeof row), WTFCB_OK);
    ck_assert_double_eq(row.speedup, 2);
    ck_assert_double_eq_tol(row.speedup_low, 11 / 9.0, 1e-12);
    ck_assert_double_eq_tol(row.speedup_high, 18 / 5.5, 1e-12);
    wtfcb_report_free(report);
}
END_TEST

START_TEST(confidence_of_intervals_is_the_summarys)
{
    static const double times[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    wtfcb_report_figure f;
    wtfcb_report *report = timed(times, 10, 0.5);
    ck_assert_int_eq(wtfcb_report_figure_at(report, 0, WTFCB_REPORT_WALL, &f, sizeof f), WTFCB_OK);
    ck_assert_double_eq(f.low, 4);
    ck_assert_double_eq(f.high, 7);
    wtfcb_report_free(report);
}
END_TEST

START_TEST(few_samples_have_their_range_and_no_level)
{
    static const double times[] = {3, 1, 2};
    wtfcb_report *report = timed(times, 3, 0.95);
    wtfcb_report_figure f;
    wtfcb_report_row row;
    ck_assert_int_eq(wtfcb_report_figure_at(report, 0, WTFCB_REPORT_WALL, &f, sizeof f), WTFCB_OK);
    ck_assert_double_eq(f.low, 1);
    ck_assert_double_eq(f.high, 3);
    ck_assert_double_eq(f.level, 0);
    ck_assert_int_eq(wtfcb_report_row_at(report, 0, &row, sizeof row), WTFCB_OK);
    ck_assert_double_eq(row.noise, 0);
    wtfcb_report_free(report);
}
END_TEST

START_TEST(times_of_zero_have_no_speed_and_no_noise)
{
    static const double times[] = {0, 0, 0, 0, 0, 0};
    wtfcb_report *report = timed(times, 6, 0.95);
    wtfcb_report_row row;
    ck_assert_int_eq(wtfcb_report_row_at(report, 1, &row, sizeof row), WTFCB_OK);
    ck_assert_double_eq(row.speedup, 0);
    ck_assert_double_eq(row.speedup_high, 0);
    ck_assert_double_eq(row.noise, 0);
    report->rows[1].row.reference = 7; /* no such row */
    ck_assert_int_eq(wtfcb_benchmark_report_seal(report), WTFCB_OK);
    wtfcb_report_free(report);
}
END_TEST

START_TEST(profiles_are_held)
{
    wtfcb_profile *profile = NULL;
    ck_assert_int_eq(wtfcb_report_profile(sample, 2, &profile), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_report_profile(sample, 1000, &profile), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_report_profile(NULL, 0, &profile), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_report_profile(sample, 0, NULL), WTFCB_EINVAL);
    ck_assert_ptr_null(profile);
    wtfcb_report *report = sample_report(NULL, SAMPLE_RICH);
    ck_assert_int_eq(wtfcb_report_profile(report, 0, &profile), WTFCB_OK);
    wtfcb_report_free(report);
    wtfcb_profile_summary summary;
    ck_assert_int_eq(wtfcb_profile_get_summary(profile, &summary, sizeof summary), WTFCB_OK);
    ck_assert_uint_eq(summary.rss_peak, 96000000);
    wtfcb_profile_free(profile);
}
END_TEST

START_TEST(verdicts_have_names)
{
    ck_assert_str_eq(wtfcb_verdict_name(WTFCB_VERDICT_BETTER), "better");
    ck_assert_str_eq(wtfcb_verdict_name(WTFCB_VERDICT_SAME), "same");
    ck_assert_str_eq(wtfcb_verdict_name(WTFCB_VERDICT_WORSE), "worse");
    ck_assert_str_eq(wtfcb_verdict_name(WTFCB_VERDICT_INCONCLUSIVE), "inconclusive");
    ck_assert_str_eq(wtfcb_verdict_name(0), "unknown");
    ck_assert_str_eq(wtfcb_verdict_name(UINT32_MAX), "unknown");
}
END_TEST

static void *hold_and_drop(void *user)
{
    for (int i = 0; i < 10000; i++)
        wtfcb_report_free(wtfcb_report_ref(user));
    return NULL;
}

START_TEST(holds_are_counted_by_any_thread)
{
    counting memory;
    counting_init(&memory);
    wtfcb_report *report = sample_report(&memory.allocator, SAMPLE_RICH);
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, hold_and_drop, report), 0);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_int_gt(atomic_load(&memory.live), 0);
    wtfcb_report_free(report);
    counting_assert_clean(&memory);
}
END_TEST

START_TEST(report_without_memory_leaves_nothing)
{
    counting memory;
    counting_init(&memory);
    for (unsigned long n = 1;; n++) {
        counting_fail(&memory, n, _i == 1);
        wtfcb_report *report = sample_report(&memory.allocator, SAMPLE_RICH);
        bool failed = atomic_load(&memory.failed) > 0;
        ck_assert(!report == failed);
        wtfcb_report_free(report);
        counting_assert_clean(&memory);
        if (!failed) break;
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("report");
    TCase *t = tcase_create("report");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, new_report_is_empty);
    tcase_add_test(t, rows_are_copied_as_far_as_the_caller_reaches);
    tcase_add_test(t, getters_know_where_rows_end);
    tcase_add_test(t, measures_stand_in_the_order_of_their_ids);
    tcase_add_test(t, rows_are_found_by_name);
    tcase_add_test(t, samples_are_there_for_measures_that_a_row_knows);
    tcase_add_test(t, figures_are_those_of_the_samples);
    tcase_add_test(t, confidence_of_intervals_is_the_summarys);
    tcase_add_test(t, few_samples_have_their_range_and_no_level);
    tcase_add_test(t, times_of_zero_have_no_speed_and_no_noise);
    tcase_add_test(t, profiles_are_held);
    tcase_add_test(t, verdicts_have_names);
    tcase_add_test(t, holds_are_counted_by_any_thread);
    tcase_add_loop_test(t, report_without_memory_leaves_nothing, 0, 2);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
