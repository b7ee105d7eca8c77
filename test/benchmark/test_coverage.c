/*
 * How often intervals hold what they should: of the median of one series, of the ratio of pairs, over distributions
 * and sizes whose truth is known; and how often a steady series is called steady. Fixed seeds; WTFCB_TEST_LONG=1 runs
 * ten times as many.
 */
#include "benchmark/statistics.h"

#include <math.h>

#include "benchmark/compare.h"
#include "simulate.h"
#include "test.h"

#define MOST 200
#define TOLERANCE WTFCB_BENCHMARK_STEADY_TOLERANCE

static double draw_normal(simulate_random *random)
{
    return 10 + simulate_normal(random);
}

static double draw_log_normal(simulate_random *random)
{
    return exp(0.8 * simulate_normal(random));
}

/* Seven in ten around 1, the others around 2: the median is the first hump's quantile at 5/7. */
static double draw_two_humps(simulate_random *random)
{
    bool second = simulate_uniform(random) < 0.3;
    return (second ? 2 : 1) + 0.05 * simulate_normal(random);
}

/* Half and half: the median lies in the gap, where there is nothing. */
static double draw_halves(simulate_random *random)
{
    bool second = simulate_uniform(random) < 0.5;
    return second ? 2 + simulate_uniform(random) : 1 - simulate_uniform(random);
}

/* 0 to 4 with equal chances. */
static double draw_discrete(simulate_random *random)
{
    return floor(5 * simulate_uniform(random));
}

/* A clock that ticks coarsely: nearly all values are one of two. */
static double draw_ticks(simulate_random *random)
{
    return simulate_uniform(random) < 0.55 ? 1 : 2;
}

static const struct distribution {
    const char *name;
    double (*draw)(simulate_random *random);
    double low;  /* any value from here ... */
    double high; /* ... to here is a median */
} distributions[] = {
    {"normal", draw_normal, 10, 10},
    {"log-normal", draw_log_normal, 1, 1},
    {"exponential", simulate_exponential, 0.69314718055994531, 0.69314718055994531},
    {"two humps", draw_two_humps, 1.0282974, 1.0282974}, /* 1 + 0.05 * the normal's quantile at 5/7, 0.565948822 */
    {"halves", draw_halves, 1, 2},
    {"discrete", draw_discrete, 2, 2},
    {"ticks", draw_ticks, 1, 1},
};
#define DISTRIBUTIONS (sizeof distributions / sizeof *distributions)

static const size_t sizes[] = {6, 7, 8, 9, 10, 12, 15, 20, 30, 50, 100, 200};
#define SIZES (sizeof sizes / sizeof *sizes)

static unsigned trials(void)
{
    return wtfcb_test_long() ? 40000 : 4000;
}

/* 94 % over all sizes of a distribution; each size within what chance does to 95 %. */
START_TEST(intervals_hold_the_median_in_at_least_94_per_cent)
{
    const struct distribution *d = &distributions[_i];
    unsigned held = 0;
    for (size_t s = 0; s < SIZES; s++) {
        simulate_random random = {(uint64_t)_i * 1000 + s};
        unsigned here = 0;
        for (unsigned trial = 0; trial < trials(); trial++) {
            double values[MOST];
            for (size_t i = 0; i < sizes[s]; i++)
                values[i] = d->draw(&random);
            wtfcb_benchmark_sort(values, sizes[s]);
            wtfcb_benchmark_interval interval;
            ck_assert_int_eq(wtfcb_benchmark_median_interval(values, sizes[s], 0.95, &interval), WTFCB_OK);
            ck_assert(interval.sufficient);
            here += interval.low <= d->high && interval.high >= d->low;
        }
        ck_assert_msg(here >= trials() * 0.94, "%s, %zu values: held in %u of %u", d->name, sizes[s], here, trials());
        held += here;
    }
    unsigned all = trials() * (unsigned)SIZES;
    printf("%-12s %.2f %%\n", d->name, 100.0 * held / all);
}
END_TEST

/*
 * A continuous distribution is covered by what the interval says, not more: an interval that is too wide is wrong
 * too.
 */
START_TEST(coverage_of_a_continuous_distribution_is_the_level_that_is_told)
{
    for (size_t s = 0; s < SIZES; s++) {
        simulate_random random = {77 + s};
        unsigned held = 0;
        double level = 0;
        for (unsigned trial = 0; trial < trials(); trial++) {
            double values[MOST];
            for (size_t i = 0; i < sizes[s]; i++)
                values[i] = simulate_exponential(&random);
            wtfcb_benchmark_sort(values, sizes[s]);
            wtfcb_benchmark_interval interval;
            ck_assert_int_eq(wtfcb_benchmark_median_interval(values, sizes[s], 0.95, &interval), WTFCB_OK);
            held += interval.low <= log(2) && interval.high >= log(2);
            level = interval.level;
        }
        double error = sqrt(level * (1 - level) / trials());
        ck_assert_double_eq_tol((double)held / trials(), level, 4 * error);
    }
}
END_TEST

/* Ratios of pairs that were drawn alike are symmetric around the planted one, whatever each looks like. */
START_TEST(intervals_of_ratios_hold_the_planted_one_in_at_least_94_per_cent)
{
    double *scratch = malloc(wtfcb_benchmark_look_scratch(50) * sizeof *scratch);
    ck_assert_ptr_nonnull(scratch);
    wtfcb_benchmark_rule rule = WTFCB_BENCHMARK_RULE_INIT;
    for (size_t s = 0; s < SIZES && sizes[s] <= 50; s++) {
        simulate_random random = {(uint64_t)_i * 77 + s};
        unsigned held = 0;
        unsigned rounds = trials() / 4;
        for (unsigned trial = 0; trial < rounds; trial++) {
            double a[50];
            double b[50];
            for (size_t i = 0; i < sizes[s]; i++) {
                a[i] = 1 + distributions[_i].draw(&random);
                b[i] = (1 + distributions[_i].draw(&random)) * 1.1;
            }
            wtfcb_benchmark_sequence sequence;
            wtfcb_benchmark_comparison comparison;
            wtfcb_benchmark_verdict_code verdict = WTFCB_BENCHMARK_INCONCLUSIVE;
            ck_assert_int_eq(wtfcb_benchmark_sequence_start(&sequence, sizes[s]), WTFCB_OK);
            ck_assert_int_eq(
                wtfcb_benchmark_look(&sequence, &rule, a, b, sizes[s], true, scratch, &comparison, &verdict), WTFCB_OK);
            held += comparison.low <= 1.1 * (1 + 1e-12) && comparison.high >= 1.1 * (1 - 1e-12);
        }
        ck_assert_msg(held >= rounds * 0.93, "%s, %zu pairs: held in %u of %u", distributions[_i].name, sizes[s], held,
                      rounds);
    }
    free(scratch);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* Steadiness */

static const size_t lengths[] = {20, 30, 50, 100, 200};
#define LENGTHS (sizeof lengths / sizeof *lengths)

static wtfcb_benchmark_steadiness judge(const double *values, size_t count)
{
    double scratch[MOST];
    wtfcb_benchmark_steadiness steadiness;
    ck_assert_int_eq(wtfcb_benchmark_steady(values, count, TOLERANCE, scratch, &steadiness), WTFCB_OK);
    return steadiness;
}

START_TEST(steady_noise_is_called_steady_and_without_warm_up)
{
    static const char *const steady[] = {"quiet",       "normal 3 %", "normal 10 %",
                                         "skewed 20 %", "spikes",     "two humps 30 %"};
    for (const simulate_noise *noise = simulate_machines; noise->name; noise++) {
        bool expected = false;
        for (size_t i = 0; i < sizeof steady / sizeof *steady; i++)
            expected = expected || strcmp(steady[i], noise->name) == 0;
        for (size_t l = 0; l < LENGTHS; l++) {
            unsigned called = 0;
            unsigned warm = 0;
            unsigned runs = trials() / 4;
            for (unsigned trial = 0; trial < runs; trial++) {
                double values[MOST];
                simulate_machine machine = simulate_machine_new(noise, trial + 1);
                for (size_t i = 0; i < lengths[l]; i++)
                    values[i] = simulate_run(&machine);
                wtfcb_benchmark_steadiness steadiness = judge(values, lengths[l]);
                called += steadiness.steady;
                warm += steadiness.warmup > 0;
            }
            printf("%-20s %3zu runs: steady %.1f %%, warm-up seen in %.1f %%\n", noise->name, lengths[l],
                   100.0 * called / runs, 100.0 * warm / runs);
            if (expected) ck_assert_double_ge(1.0 * called / runs, 0.97);
            if (expected) ck_assert_double_le(1.0 * warm / runs, 0.15); /* a spike comes first in one of ten */
        }
    }
}
END_TEST

static void make_series(double *values, size_t count, uint64_t seed, double noise)
{
    simulate_random random = {seed};
    for (size_t i = 0; i < count; i++)
        values[i] = exp(noise * simulate_normal(&random));
}

START_TEST(warm_up_is_found_where_it_ends)
{
    static const size_t ends[] = {0, 1, 2, 5, 10, 20, 40};
    for (size_t e = 0; e < sizeof ends / sizeof *ends; e++) {
        unsigned steady = 0;
        unsigned exact = 0;
        for (uint64_t seed = 1; seed <= 200; seed++) {
            double values[100];
            make_series(values, 100, seed, 0.02);
            for (size_t i = 0; i < ends[e]; i++)
                values[i] *= 1.3;
            wtfcb_benchmark_steadiness steadiness = judge(values, 100);
            steady += steadiness.steady;
            exact += steadiness.warmup == ends[e];
        }
        ck_assert_uint_ge(steady, 195);
        ck_assert_uint_ge(exact, 195);
    }
}
END_TEST

/* Each run nearer to what it settles at: half of the way every five runs. */
START_TEST(warm_up_that_fades_is_cut_where_little_is_left_of_it)
{
    unsigned steady = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        double values[100];
        make_series(values, 100, seed, 0.01);
        for (size_t i = 0; i < 100; i++)
            values[i] *= 1 + exp2(-(double)i / 5);
        wtfcb_benchmark_steadiness steadiness = judge(values, 100);
        steady += steadiness.steady;
        ck_assert_uint_ge(steadiness.warmup, 15); /* 12 % */
        ck_assert_uint_le(steadiness.warmup, 50);
    }
    ck_assert_uint_ge(steady, 175);
}
END_TEST

START_TEST(slope_jump_and_return_are_not_steady)
{
    unsigned called[3] = {0};
    for (uint64_t seed = 1; seed <= 200; seed++) {
        double values[100];
        make_series(values, 100, seed, 0.01);
        for (size_t i = 0; i < 100; i++)
            values[i] *= 1 + 0.002 * (double)i;
        called[0] += judge(values, 100).steady;
        make_series(values, 100, seed, 0.01);
        for (size_t i = 80; i < 100; i++)
            values[i] *= 1.2;
        called[1] += judge(values, 100).steady;
        make_series(values, 100, seed, 0.01);
        for (size_t i = 65; i < 90; i++)
            values[i] *= 1.2;
        called[2] += judge(values, 100).steady;
    }
    ck_assert_uint_eq(called[0], 0);
    ck_assert_uint_eq(called[1], 0);
    ck_assert_uint_eq(called[2], 0);
}
END_TEST

START_TEST(short_series_is_never_called_steady)
{
    double values[16];
    for (size_t i = 0; i < 16; i++)
        values[i] = 3;
    for (size_t n = 1; n <= 16; n++) {
        wtfcb_benchmark_steadiness steadiness = judge(values, n);
        ck_assert_int_eq(steadiness.steady, n == 16);
        ck_assert_uint_eq(steadiness.warmup, 0);
        ck_assert_double_eq(steadiness.drift, 0);
        ck_assert_double_eq(steadiness.autocorrelation, 0);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("coverage");
    TCase *t = tcase_create("coverage");
    tcase_set_timeout(t, wtfcb_test_long() ? 1800 : 60);
    tcase_add_loop_test(t, intervals_hold_the_median_in_at_least_94_per_cent, 0, DISTRIBUTIONS);
    tcase_add_test(t, coverage_of_a_continuous_distribution_is_the_level_that_is_told);
    tcase_add_loop_test(t, intervals_of_ratios_hold_the_planted_one_in_at_least_94_per_cent, 0, DISTRIBUTIONS);
    tcase_add_test(t, steady_noise_is_called_steady_and_without_warm_up);
    tcase_add_test(t, warm_up_is_found_where_it_ends);
    tcase_add_test(t, warm_up_that_fades_is_cut_where_little_is_left_of_it);
    tcase_add_test(t, slope_jump_and_return_are_not_steady);
    tcase_add_test(t, short_series_is_never_called_steady);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
