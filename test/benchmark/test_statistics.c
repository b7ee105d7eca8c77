/*
 * Statistics of a series against NumPy and SciPy (fixtures/scipy.txt), their edges, and what is refused.
 */
#include "benchmark/statistics.h"

#include <math.h>

#include "fixture.h"
#include "test.h"

static fixture f;
static double sorted[FIXTURE_VALUES];
static double scratch[2 * FIXTURE_VALUES];

static void set_up(void)
{
    fixture_open(&f);
}

static void tear_down(void)
{
    fixture_close(&f);
}

static const fixture_field *next_series(double *ret_scale)
{
    if (!fixture_next(&f, "series")) return NULL;
    const fixture_field *x = fixture_get(&f, "x");
    memcpy(sorted, x->values, x->count * sizeof *sorted);
    wtfcb_benchmark_sort(sorted, x->count);
    *ret_scale = fmax(fabs(sorted[0]), fabs(sorted[x->count - 1]));
    return x;
}

START_TEST(summaries_equal_those_of_numpy_and_scipy)
{
    size_t cases = 0;
    double scale = 0;
    for (const fixture_field *x; (x = next_series(&scale)); cases++) {
        wtfcb_benchmark_summary s;
        ck_assert_int_eq(wtfcb_benchmark_summarize(x->values, x->count, scratch, &s), WTFCB_OK);
        ck_assert_uint_eq(s.count, x->count);
        fixture_check(s.minimum, fixture_value(&f, "minimum"));
        fixture_check(s.maximum, fixture_value(&f, "maximum"));
        /* A mean near 0 carries the rounding of what cancels. */
        fixture_check_scaled(s.mean, fixture_value(&f, "mean"), 1e-5 * scale, "mean", cases);
        fixture_check(s.deviation, fixture_value(&f, "deviation"));
        fixture_check(s.median, fixture_value(&f, "median"));
        fixture_check(s.mad, fixture_value(&f, "mad"));
        fixture_check(s.mad * WTFCB_BENCHMARK_MAD_SCALE, fixture_value(&f, "mad_normal"));
        fixture_check_scaled(s.autocorrelation, fixture_value(&f, "autocorrelation"), 1e-3, "autocorrelation", cases);
        const double *outliers = fixture_get(&f, "outliers")->values;
        for (size_t i = 0; i < WTFCB_BENCHMARK_OUTLIER_CLASSES; i++)
            ck_assert_uint_eq(s.outliers[i], (size_t)outliers[i]);
    }
    ck_assert_uint_gt(cases, 100);
}
END_TEST

START_TEST(quantiles_equal_those_of_numpy)
{
    static const double p[] = {0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1};
    double scale = 0;
    for (const fixture_field *x; (x = next_series(&scale));) {
        const fixture_field *quantiles = fixture_get(&f, "quantiles");
        for (size_t i = 0; i < quantiles->count; i++) {
            double quantile = 0;
            ck_assert_int_eq(wtfcb_benchmark_quantile(sorted, x->count, p[i], &quantile), WTFCB_OK);
            fixture_check_scaled(quantile, quantiles->values[i], 1e-5 * scale, "quantile", i);
        }
    }
}
END_TEST

START_TEST(intervals_of_the_median_equal_those_of_scipy)
{
    static const struct {
        const char *name;
        double level;
    } levels[] = {{"interval_90", 0.9}, {"interval_95", 0.95}, {"interval_99", 0.99}};
    size_t short_ones = 0;
    double scale = 0;
    for (const fixture_field *x; (x = next_series(&scale));) {
        for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
            const double *should = fixture_get(&f, levels[i].name)->values;
            wtfcb_benchmark_interval interval;
            ck_assert_int_eq(wtfcb_benchmark_median_interval(sorted, x->count, levels[i].level, &interval), WTFCB_OK);
            ck_assert_int_eq(interval.sufficient, !isnan(should[0]) && !isnan(should[1]));
            if (interval.sufficient) {
                ck_assert_double_ge(interval.level, levels[i].level);
                ck_assert_double_eq(interval.low, should[0]);
                ck_assert_double_eq(interval.high, should[1]);
            } else {
                short_ones++;
                ck_assert_double_lt(interval.level, levels[i].level);
                ck_assert_double_eq(interval.low, sorted[0]);
                ck_assert_double_eq(interval.high, sorted[x->count - 1]);
            }
        }
    }
    ck_assert_uint_gt(short_ones, 0);
}
END_TEST

START_TEST(interval_of_fewer_than_six_values_says_what_it_covers)
{
    static const double values[] = {1, 2, 3, 4, 5, 6};
    static const double level[] = {0, 0.5, 0.75, 0.875, 0.9375, 0.96875};
    for (size_t n = 1; n <= 6; n++) {
        wtfcb_benchmark_interval interval;
        ck_assert_int_eq(wtfcb_benchmark_median_interval(values, n, 0.95, &interval), WTFCB_OK);
        ck_assert_double_eq_tol(interval.level, level[n - 1], 1e-15);
        ck_assert_uint_eq(interval.rank, 1);
        ck_assert_int_eq(interval.sufficient, n == 6);
    }
}
END_TEST

START_TEST(binomial_tail_is_exact_where_it_can_be_counted)
{
    ck_assert_double_eq_tol(wtfcb_benchmark_binomial_half(10, 2), 56.0 / 1024, 1e-16);
    ck_assert_double_eq_tol(wtfcb_benchmark_binomial_half(10, 7), 1 - 56.0 / 1024, 1e-15);
    ck_assert_double_eq_tol(wtfcb_benchmark_binomial_half(7, 3), 0.5, 1e-16);
    ck_assert_double_eq(wtfcb_benchmark_binomial_half(0, 0), 1);
    ck_assert_double_eq(wtfcb_benchmark_binomial_half(5, 9), 1);
    ck_assert_double_eq_tol(wtfcb_benchmark_binomial_half(1000, 0) / ldexp(1, -1000), 1, 1e-12);
    ck_assert_double_eq_tol(wtfcb_benchmark_binomial_half(100001, 50000), 0.5, 1e-12);
}
END_TEST

START_TEST(sorting_any_order_gives_the_one_of_qsort)
{
    for (size_t n = 0; n < 70; n++) {
        for (size_t step = 1; step < 8; step++) {
            double values[70];
            for (size_t i = 0; i < n; i++)
                values[i] = (double)((i * step * 37 + step) % (n / step + 1));
            double sum = 0;
            for (size_t i = 0; i < n; i++)
                sum += values[i] * values[i];
            wtfcb_benchmark_sort(values, n);
            for (size_t i = 0; i < n; i++)
                sum -= values[i] * values[i];
            ck_assert_double_eq(sum, 0);
            for (size_t i = 1; i < n; i++)
                ck_assert_double_le(values[i - 1], values[i]);
        }
    }
}
END_TEST

START_TEST(outliers_are_named_in_place_and_fences_are_inside)
{
    static const double values[] = {10, 10, 11, 12, 12, 13, 13, 14, 30, 18.5, 4, -20};
    static const unsigned char should[] = {2, 2, 2, 2, 2, 2, 2, 2, 4, 3, 1, 0};
    wtfcb_benchmark_fences fences = {0, 5, 18, 25};
    unsigned char classes[12];
    size_t counts[WTFCB_BENCHMARK_OUTLIER_CLASSES];
    ck_assert_int_eq(wtfcb_benchmark_outliers(&fences, values, 12, classes, counts), WTFCB_OK);
    ck_assert_mem_eq(classes, should, sizeof should);
    ck_assert_uint_eq(counts[WTFCB_BENCHMARK_INSIDE], 8);
    ck_assert_uint_eq(wtfcb_benchmark_classify(&fences, 0), WTFCB_BENCHMARK_LOW_MILD);
    ck_assert_uint_eq(wtfcb_benchmark_classify(&fences, 5), WTFCB_BENCHMARK_INSIDE);
    ck_assert_uint_eq(wtfcb_benchmark_classify(&fences, 18), WTFCB_BENCHMARK_INSIDE);
    ck_assert_uint_eq(wtfcb_benchmark_classify(&fences, 25), WTFCB_BENCHMARK_HIGH_MILD);
}
END_TEST

START_TEST(what_is_not_a_number_is_refused_and_nothing_written)
{
    static const double bad[][3] = {{1, NAN, 2}, {INFINITY, 1, 2}, {1, 2, -INFINITY}};
    for (size_t i = 0; i < 3; i++) {
        double result = 42;
        wtfcb_benchmark_summary summary = {.count = 42};
        wtfcb_benchmark_steadiness steadiness = {.warmup = 42};
        ck_assert_int_eq(wtfcb_benchmark_mean(bad[i], 3, &result), WTFCB_EINVAL);
        ck_assert_int_eq(wtfcb_benchmark_deviation(bad[i], 3, &result), WTFCB_EINVAL);
        ck_assert_int_eq(wtfcb_benchmark_autocorrelation(bad[i], 3, &result), WTFCB_EINVAL);
        ck_assert_int_eq(wtfcb_benchmark_summarize(bad[i], 3, scratch, &summary), WTFCB_EINVAL);
        ck_assert_int_eq(wtfcb_benchmark_steady(bad[i], 3, 0.01, scratch, &steadiness), WTFCB_EINVAL);
        ck_assert_double_eq(result, 42);
        ck_assert_uint_eq(summary.count, 42);
        ck_assert_uint_eq(steadiness.warmup, 42);
    }
}
END_TEST

START_TEST(no_values_and_senseless_levels_are_refused)
{
    double result = 42;
    double value = 1;
    wtfcb_benchmark_interval interval = {.rank = 42};
    ck_assert_int_eq(wtfcb_benchmark_mean(&value, 0, &result), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_median(&value, 0, &result), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_median(NULL, 1, &result), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_mad(&value, 1, NULL, &result), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_quantile(&value, 1, 1.01, &result), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_quantile(&value, 1, NAN, &result), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_median_interval(&value, 1, 1, &interval), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_median_interval(&value, 1, 0, &interval), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_steady(&value, 1, -1, scratch, &(wtfcb_benchmark_steadiness){0}), WTFCB_EINVAL);
    ck_assert_double_eq(result, 42);
    ck_assert_uint_eq(interval.rank, 42);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("statistics");
    TCase *t = tcase_create("statistics");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, summaries_equal_those_of_numpy_and_scipy);
    tcase_add_test(t, quantiles_equal_those_of_numpy);
    tcase_add_test(t, intervals_of_the_median_equal_those_of_scipy);
    tcase_add_test(t, interval_of_fewer_than_six_values_says_what_it_covers);
    tcase_add_test(t, binomial_tail_is_exact_where_it_can_be_counted);
    tcase_add_test(t, sorting_any_order_gives_the_one_of_qsort);
    tcase_add_test(t, outliers_are_named_in_place_and_fences_are_inside);
    tcase_add_test(t, what_is_not_a_number_is_refused_and_nothing_written);
    tcase_add_test(t, no_values_and_senseless_levels_are_refused);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
