/*
 * Fits against SciPy's nnls (fixtures/scipy.txt); curves that are known; when a fit says that it says nothing.
 */
#include "benchmark/fit.h"

#include <math.h>

#include "fixture.h"
#include "test.h"

static fixture f;
static wtfcb_benchmark_point points[FIXTURE_VALUES];

static void set_up(void)
{
    fixture_open(&f);
}

static void tear_down(void)
{
    fixture_close(&f);
}

static size_t check_law(const char *law,
                        wtfcb_status (*fit_law)(const wtfcb_benchmark_point *, size_t, wtfcb_benchmark_fit *))
{
    size_t cases = 0;
    for (; fixture_next(&f, law); cases++) {
        const fixture_field *threads = fixture_get(&f, "threads");
        const fixture_field *throughput = fixture_get(&f, "throughput");
        for (size_t i = 0; i < threads->count; i++)
            points[i] = (wtfcb_benchmark_point){(uint32_t)threads->values[i], throughput->values[i]};
        wtfcb_benchmark_fit fit;
        ck_assert_int_eq(fit_law(points, threads->count, &fit), WTFCB_OK);
        fixture_check(fit.lambda, fixture_value(&f, "lambda"));
        /* Shares that cancel carry the rounding of the whole. */
        fixture_check_scaled(fit.sigma, fixture_value(&f, "sigma"), 1e-3, "sigma", cases);
        fixture_check_scaled(fit.kappa, fixture_value(&f, "kappa"), 1e-3, "kappa", cases);
        fixture_check_scaled(fit.r2, fixture_value(&f, "r2"), 1e-3, "r2", cases);
        fixture_check(fit.error, fixture_value(&f, "error"));
        fixture_check(fit.worst, fixture_value(&f, "worst"));
    }
    return cases;
}

START_TEST(amdahl_fits_equal_those_of_nnls)
{
    ck_assert_uint_gt(check_law("amdahl", wtfcb_benchmark_fit_amdahl), 20);
}
END_TEST

START_TEST(usl_fits_equal_those_of_nnls)
{
    ck_assert_uint_gt(check_law("usl", wtfcb_benchmark_fit_usl), 20);
}
END_TEST

static size_t make_curve(uint32_t most, double lambda, double sigma, double kappa)
{
    wtfcb_benchmark_fit curve = {.lambda = lambda, .sigma = sigma, .kappa = kappa};
    for (uint32_t n = 1; n <= most; n++)
        points[n - 1] = (wtfcb_benchmark_point){n, wtfcb_benchmark_fit_at(&curve, n)};
    return most;
}

START_TEST(curves_without_noise_are_found_again_at_any_scale)
{
    static const double scales[] = {1e-9, 1, 1e12, 1e300};
    for (size_t i = 0; i < 4; i++) {
        wtfcb_benchmark_fit fit;
        size_t count = make_curve(16, scales[i], 0.07, 0.004);
        ck_assert_int_eq(wtfcb_benchmark_fit_usl(points, count, &fit), WTFCB_OK);
        ck_assert_double_eq_tol(fit.lambda / scales[i], 1, 1e-12);
        ck_assert_double_eq_tol(fit.sigma, 0.07, 1e-12);
        ck_assert_double_eq_tol(fit.kappa, 0.004, 1e-12);
        ck_assert_double_eq_tol(fit.r2, 1, 1e-12);
        ck_assert_uint_eq(fit.flags, 0);
        count = make_curve(8, scales[i], 0.25, 0);
        ck_assert_int_eq(wtfcb_benchmark_fit_amdahl(points, count, &fit), WTFCB_OK);
        ck_assert_double_eq_tol(fit.sigma, 0.25, 1e-12);
        ck_assert_double_eq(fit.kappa, 0);
    }
}
END_TEST

START_TEST(peak_is_the_best_whole_count_and_only_where_it_was_measured)
{
    wtfcb_benchmark_fit fit;
    /* sqrt(0.9 / 0.01) = 9.49 */
    size_t count = make_curve(12, 100, 0.1, 0.01);
    ck_assert_int_eq(wtfcb_benchmark_fit_usl(points, count, &fit), WTFCB_OK);
    ck_assert_uint_eq(fit.peak, points[9].throughput > points[8].throughput ? 10 : 9);
    ck_assert_int_eq(wtfcb_benchmark_fit_usl(points, 8, &fit), WTFCB_OK);
    ck_assert_uint_eq(fit.peak, 0);
    ck_assert_int_eq(wtfcb_benchmark_fit_amdahl(points, count, &fit), WTFCB_OK);
    ck_assert_uint_eq(fit.peak, 0);
}
END_TEST

START_TEST(too_few_thread_counts_give_no_numbers)
{
    wtfcb_benchmark_fit fit;
    make_curve(4, 100, 0.1, 0.01);
    points[4] = points[5] = points[0]; /* repetitions are no further counts */
    static const uint32_t too_few = WTFCB_BENCHMARK_FIT_TOO_FEW;
    ck_assert_int_eq(wtfcb_benchmark_fit_usl(points, 3, &fit), WTFCB_OK);
    ck_assert_uint_eq(fit.flags, too_few);
    ck_assert_double_eq(fit.lambda, 0);
    ck_assert_int_eq(wtfcb_benchmark_fit_usl(points + 1, 5, &fit), WTFCB_OK);
    ck_assert_uint_eq(fit.flags & too_few, 0);
    ck_assert_int_eq(wtfcb_benchmark_fit_usl(points + 2, 4, &fit), WTFCB_OK);
    ck_assert_uint_eq(fit.flags & too_few, too_few);
    ck_assert_int_eq(wtfcb_benchmark_fit_amdahl(points, 2, &fit), WTFCB_OK);
    ck_assert_uint_eq(fit.flags, too_few);
    ck_assert_int_eq(wtfcb_benchmark_fit_amdahl(points, 3, &fit), WTFCB_OK);
    ck_assert_uint_eq(fit.flags & too_few, 0);
}
END_TEST

START_TEST(flat_superlinear_and_bounded_curves_are_marked)
{
    static const wtfcb_benchmark_point flat[] = {{1, 100}, {2, 101}, {3, 99}, {4, 102}};
    static const wtfcb_benchmark_point super[] = {{1, 100}, {2, 230}, {3, 360}, {4, 500}};
    wtfcb_benchmark_fit fit;
    ck_assert_int_eq(wtfcb_benchmark_fit_amdahl(flat, 4, &fit), WTFCB_OK);
    ck_assert_uint_ne(fit.flags & WTFCB_BENCHMARK_FIT_FLAT, 0);
    ck_assert_double_ge(fit.sigma, 0.95);
    ck_assert_int_eq(wtfcb_benchmark_fit_usl(super, 4, &fit), WTFCB_OK);
    ck_assert_uint_eq(fit.flags, WTFCB_BENCHMARK_FIT_SUPERLINEAR | WTFCB_BENCHMARK_FIT_BOUND);
    ck_assert_double_eq(fit.sigma, 0);
    ck_assert_double_eq(fit.kappa, 0);
}
END_TEST

START_TEST(points_without_sense_are_refused)
{
    static const wtfcb_benchmark_point bad[] = {
        {0, 1}, {1, 0}, {1, -1}, {1, NAN}, {1, INFINITY}, {1048577, 1},
    };
    wtfcb_benchmark_fit fit = {.flags = 42};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        make_curve(5, 1, 0, 0);
        points[3] = bad[i];
        ck_assert_int_eq(wtfcb_benchmark_fit_amdahl(points, 5, &fit), WTFCB_EINVAL);
        ck_assert_int_eq(wtfcb_benchmark_fit_usl(points, 5, &fit), WTFCB_EINVAL);
    }
    ck_assert_int_eq(wtfcb_benchmark_fit_usl(points, 0, &fit), WTFCB_EINVAL);
    ck_assert_uint_eq(fit.flags, 42);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("fit");
    TCase *t = tcase_create("fit");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, amdahl_fits_equal_those_of_nnls);
    tcase_add_test(t, usl_fits_equal_those_of_nnls);
    tcase_add_test(t, curves_without_noise_are_found_again_at_any_scale);
    tcase_add_test(t, peak_is_the_best_whole_count_and_only_where_it_was_measured);
    tcase_add_test(t, too_few_thread_counts_give_no_numbers);
    tcase_add_test(t, flat_superlinear_and_bounded_curves_are_marked);
    tcase_add_test(t, points_without_sense_are_refused);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
