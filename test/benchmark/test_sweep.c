/* Scalings and advice from rows whose samples are made up: what is said, and what is not. */
#include <stdio.h>
#include <string.h>

#include <wtfcb/report.h>

#include "../test.h"
#include "benchmark/advice.h"
#include "benchmark/report.h"
#include "benchmark/sweep.h"

enum { RUNS = 12, MOST_ROWS = 12 };

static wtfcb_report *report;

static void setup(void)
{
    ck_assert_int_eq(wtfcb_benchmark_report_new(NULL, &report), WTFCB_OK);
    report->summary.least_effect = 0.03;
    report->system.memory_limit = WTFCB_UNKNOWN;
    report->system.memory_total = UINT64_C(8) << 30;
    report->rows = wtfcb_benchmark_report_rows(report, MOST_ROWS, sizeof *report->rows);
    ck_assert_ptr_nonnull(report->rows);
}

static void teardown(void)
{
    wtfcb_report_free(report);
}

/* Samples around `value`, `spread` of it to both sides, the halves alike. */
static void put(wtfcb_benchmark_row *row, uint32_t measure, double value, double spread)
{
    double *samples = wtfcb_benchmark_report_rows(report, RUNS, sizeof *samples);
    ck_assert_ptr_nonnull(samples);
    for (int i = 0; i < RUNS; i++) {
        const int pair = i / 2;
        samples[i] = value * (1 + spread * (2.0 * pair - (RUNS / 2.0 - 1)) / RUNS);
    }
    row->samples[measure - 1] = samples;
}

static wtfcb_benchmark_row *add(const char *kind, uint32_t threads, double files_rate, double spread)
{
    static char names[MOST_ROWS][64];
    const uint32_t index = report->summary.row_count++;
    wtfcb_benchmark_row *row = &report->rows[index];
    ck_assert_uint_lt(index, MOST_ROWS);
    snprintf(names[index], sizeof names[index], "p syntax %s %u", kind, threads);
    row->row = (wtfcb_report_row){.name = names[index],
                                  .project = "p",
                                  .kind = kind,
                                  .depth = "syntax",
                                  .parameters = "",
                                  .message = "",
                                  .threads = threads,
                                  .reference = WTFCB_REPORT_NONE,
                                  .runs = RUNS,
                                  .iterations = 1,
                                  .files = 1000};
    put(row, WTFCB_REPORT_FILES_RATE, files_rate, spread);
    put(row, WTFCB_REPORT_WALL, 1000 / files_rate * 1e9, spread);
    put(row, WTFCB_REPORT_MEMORY, 50e6 + threads * 1e6, 0);
    return row;
}

static void finish(void)
{
    ck_assert_int_eq(wtfcb_benchmark_report_seal(report), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_sweep(report), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_advise(report), WTFCB_OK);
}

/* The advice of a rule; NULL: it is silent. */
static const wtfcb_report_advice *advice_of(const char *rule)
{
    static wtfcb_report_advice row;
    for (uint64_t i = 0; wtfcb_report_advice_at(report, i, &row, sizeof row) == WTFCB_OK; i++)
        if (strcmp(row.rule, rule) == 0) return &row;
    return NULL;
}

static wtfcb_report_scaling scaling(void)
{
    wtfcb_report_scaling row;
    ck_assert_uint_eq(report->summary.scaling_count, 1);
    ck_assert_int_eq(wtfcb_report_scaling_at(report, 0, &row, sizeof row), WTFCB_OK);
    return row;
}

START_TEST(smallest_count_near_the_best_is_recommended)
{
    add("sequential", 1, 1000, 0.01);
    add("sweep", 2, 1900, 0.01);
    add("sweep", 4, 3300, 0.01);
    add("parallel", 8, 3400, 0.01);
    finish();
    wtfcb_report_scaling row = scaling();
    ck_assert_uint_eq(row.point_count, 4);
    ck_assert_uint_eq(row.best, 8);
    ck_assert_uint_eq(row.recommended, 4); /* 97 % of the best */
    ck_assert_ptr_nonnull(advice_of("threads"));
    ck_assert_ptr_nonnull(strstr(advice_of("threads")->text, "4 threads"));
}
END_TEST

START_TEST(points_stand_by_rising_threads_with_what_was_measured)
{
    add("parallel", 4, 3000, 0.01);
    add("sequential", 1, 1000, 0.01);
    finish();
    wtfcb_report_scaling_point first, second;
    ck_assert_int_eq(wtfcb_report_scaling_point_at(report, 0, 0, &first, sizeof first), WTFCB_OK);
    ck_assert_int_eq(wtfcb_report_scaling_point_at(report, 0, 1, &second, sizeof second), WTFCB_OK);
    ck_assert_int_eq(wtfcb_report_scaling_point_at(report, 0, 2, &second, sizeof second), WTFCB_ENOTFOUND);
    ck_assert_uint_eq(first.threads, 1);
    ck_assert_uint_eq(first.row, 1);
    ck_assert_double_eq_tol(first.rate, 1000, 1);
    ck_assert_double_le(first.rate_low, first.rate);
    ck_assert_double_eq_tol(second.speedup, 3, 0.01);
    ck_assert_double_eq_tol(second.memory, 54e6, 1);
}
END_TEST

START_TEST(amdahl_is_found_in_a_curve_that_follows_it)
{
    static const uint32_t counts[] = {1, 2, 3, 4, 6, 8};
    for (int i = 0; i < 6; i++)
        add(i == 0 ? "sequential" : "sweep", counts[i], 1000.0 * counts[i] / (1 + 0.1 * (counts[i] - 1)), 0.001);
    finish();
    wtfcb_report_scaling row = scaling();
    ck_assert_uint_eq(row.fitted & 1, 1);
    ck_assert_double_eq_tol(row.amdahl_serial, 0.1, 0.001);
    ck_assert_double_gt(row.amdahl_r2, 0.999);
    wtfcb_report_scaling_point last;
    ck_assert_int_eq(wtfcb_report_scaling_point_at(report, 0, 5, &last, sizeof last), WTFCB_OK);
    ck_assert_double_eq_tol(last.amdahl, last.rate, last.rate * 0.01);
}
END_TEST

START_TEST(two_counts_are_too_few_for_a_model_and_it_says_so)
{
    add("sequential", 1, 1000, 0.01);
    add("parallel", 2, 1900, 0.01);
    finish();
    wtfcb_report_scaling row = scaling();
    ck_assert_uint_eq(row.fitted, 0);
    ck_assert_ptr_nonnull(strstr(row.message, "Too few"));
    ck_assert_uint_eq(row.recommended, 2);
}
END_TEST

START_TEST(one_count_is_no_scaling)
{
    add("sequential", 1, 1000, 0.01);
    add("warm", 2, 90000, 0.01);
    finish();
    ck_assert_uint_eq(report->summary.scaling_count, 0);
    ck_assert_ptr_null(advice_of("threads"));
}
END_TEST

START_TEST(threads_within_the_noise_are_no_advice)
{
    add("sequential", 1, 1000, 0.6);
    add("parallel", 2, 1150, 0.6);
    finish();
    ck_assert_ptr_null(advice_of("threads"));
}
END_TEST

START_TEST(threads_that_bring_nothing_are_advised_against)
{
    add("sequential", 1, 1000, 0.002);
    add("parallel", 2, 1001, 0.002);
    finish();
    ck_assert_ptr_nonnull(advice_of("threads"));
    ck_assert_ptr_nonnull(strstr(advice_of("threads")->text, "1 thread "));
}
END_TEST

START_TEST(cache_is_advised_where_it_gains_for_sure)
{
    add("parallel", 2, 1000, 0.05);
    add("warm", 2, 20000, 0.05);
    finish();
    ck_assert_ptr_nonnull(advice_of("cache"));
    ck_assert_ptr_nonnull(strstr(advice_of("cache")->evidence, "20.0 times"));
}
END_TEST

START_TEST(cache_that_gains_little_is_not_talked_about)
{
    add("parallel", 2, 1000, 0.4);
    add("warm", 2, 1400, 0.4);
    finish();
    ck_assert_ptr_null(advice_of("cache"));
}
END_TEST

START_TEST(misses_of_a_cache_that_knows_everything_are_told)
{
    put(add("warm", 2, 1000, 0.01), WTFCB_REPORT_HIT_RATE, 0.5, 0);
    finish();
    ck_assert_ptr_nonnull(advice_of("cache-size"));
}
END_TEST

START_TEST(files_that_fail_are_told)
{
    put(add("sequential", 1, 1000, 0.01), WTFCB_REPORT_ERRORS, 3, 0);
    finish();
    ck_assert_ptr_nonnull(advice_of("limits"));
    ck_assert_ptr_nonnull(strstr(advice_of("limits")->evidence, "3 of 1000"));
}
END_TEST

START_TEST(waiting_is_told_and_working_is_not)
{
    wtfcb_benchmark_row *row = add("parallel", 2, 1000, 0.01); /* 1 s */
    put(row, WTFCB_REPORT_USER, 0.3e9, 0.01);
    put(row, WTFCB_REPORT_SYSTEM, 0.1e9, 0.01);
    finish();
    ck_assert_ptr_nonnull(advice_of("storage"));
    teardown();
    setup();
    row = add("parallel", 2, 1000, 0.01);
    put(row, WTFCB_REPORT_USER, 1.7e9, 0.01);
    put(row, WTFCB_REPORT_SYSTEM, 0.1e9, 0.01);
    finish();
    ck_assert_ptr_null(advice_of("storage"));
}
END_TEST

START_TEST(short_memory_is_told)
{
    report->system.memory_limit = 100000000;
    add("parallel", 2, 1000, 0.01); /* 52 MB */
    finish();
    ck_assert_ptr_nonnull(advice_of("memory"));
}
END_TEST

START_TEST(noise_is_told_of_the_noisiest_row_alone)
{
    add("sequential", 1, 1000, 0.01);
    wtfcb_benchmark_row *row = add("warm", 2, 1000, 0.01);
    double *samples = wtfcb_benchmark_report_rows(report, RUNS, sizeof *samples);
    for (int i = 0; i < RUNS; i++)
        samples[i] = i % 2 ? 1.2e9 : 1e9; /* halves that differ */
    row->samples[WTFCB_REPORT_WALL - 1] = samples;
    finish();
    ck_assert_ptr_nonnull(advice_of("noise"));
    ck_assert_ptr_nonnull(strstr(advice_of("noise")->evidence, "warm"));
}
END_TEST

START_TEST(rows_that_failed_say_nothing)
{
    add("sequential", 1, 1000, 0.01)->row.status = WTFCB_EIO;
    add("parallel", 2, 1900, 0.01);
    finish();
    ck_assert_uint_eq(report->summary.scaling_count, 0);
    ck_assert_uint_eq(report->summary.advice_count, 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("sweep");
    TCase *t = tcase_create("sweep");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, smallest_count_near_the_best_is_recommended);
    tcase_add_test(t, points_stand_by_rising_threads_with_what_was_measured);
    tcase_add_test(t, amdahl_is_found_in_a_curve_that_follows_it);
    tcase_add_test(t, two_counts_are_too_few_for_a_model_and_it_says_so);
    tcase_add_test(t, one_count_is_no_scaling);
    tcase_add_test(t, threads_within_the_noise_are_no_advice);
    tcase_add_test(t, threads_that_bring_nothing_are_advised_against);
    tcase_add_test(t, cache_is_advised_where_it_gains_for_sure);
    tcase_add_test(t, cache_that_gains_little_is_not_talked_about);
    tcase_add_test(t, misses_of_a_cache_that_knows_everything_are_told);
    tcase_add_test(t, files_that_fail_are_told);
    tcase_add_test(t, waiting_is_told_and_working_is_not);
    tcase_add_test(t, short_memory_is_told);
    tcase_add_test(t, noise_is_told_of_the_noisiest_row_alone);
    tcase_add_test(t, rows_that_failed_say_nothing);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
