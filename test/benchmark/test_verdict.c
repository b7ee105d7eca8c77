/*
 * How often verdicts are right: A/A and planted differences under the noise of many kinds of machines (simulate.c),
 * looked at again and again as a runner does. Fixed seeds; WTFCB_TEST_LONG=1 runs twenty times as many.
 */
#include "benchmark/compare.h"

#include <math.h>

#include "simulate.h"
#include "test.h"

#define MOST 128

static double *scratch;

static void set_up(void)
{
    scratch = malloc(wtfcb_benchmark_look_scratch(MOST) * sizeof *scratch);
    ck_assert_ptr_nonnull(scratch);
}

static void tear_down(void)
{
    free(scratch);
}

static unsigned trials(void)
{
    return wtfcb_test_long() ? 10000 : 500;
}

typedef struct outcome {
    unsigned verdicts[4];
    unsigned missed; /* intervals that do not hold the planted ratio */
    double pairs;
} outcome;

static void sequence_of(const simulate_noise *noise, uint64_t seed, double ratio, size_t maximum, outcome *result)
{
    double a[MOST];
    double b[MOST];
    simulate_machine machine = simulate_machine_new(noise, seed);
    wtfcb_benchmark_rule rule = WTFCB_BENCHMARK_RULE_INIT;
    wtfcb_benchmark_sequence sequence;
    wtfcb_benchmark_comparison comparison = {0};
    wtfcb_benchmark_verdict_code verdict = WTFCB_BENCHMARK_INCONCLUSIVE;
    ck_assert_int_eq(wtfcb_benchmark_sequence_start(&sequence, maximum), WTFCB_OK);
    for (size_t pairs = 0; sequence.next;) {
        for (; pairs < sequence.next; pairs++)
            simulate_pair(&machine, ratio, &a[pairs], &b[pairs]);
        ck_assert_int_eq(wtfcb_benchmark_look(&sequence, &rule, a, b, pairs, false, scratch, &comparison, &verdict),
                         WTFCB_OK);
    }
    result->verdicts[verdict]++;
    result->missed += comparison.low > ratio || comparison.high < ratio;
    result->pairs += (double)comparison.pairs;
}

static outcome simulate(const simulate_noise *noise, double ratio, size_t maximum)
{
    outcome result = {0};
    for (unsigned i = 0; i < trials(); i++)
        sequence_of(noise, (uint64_t)i * 7919 + 1, ratio, maximum, &result);
    printf("%-20s x%.2f, up to %3zu pairs: %5u inconclusive %5u same %5u better %5u worse, %.0f pairs, missed %u\n",
           noise->name, ratio, maximum, result.verdicts[WTFCB_BENCHMARK_INCONCLUSIVE],
           result.verdicts[WTFCB_BENCHMARK_SAME], result.verdicts[WTFCB_BENCHMARK_BETTER],
           result.verdicts[WTFCB_BENCHMARK_WORSE], result.pairs / trials(), result.missed);
    return result;
}

static const simulate_noise *machine_called(const char *name)
{
    const simulate_noise *noise = simulate_machines;
    while (noise->name && strcmp(noise->name, name) != 0)
        noise++;
    ck_assert_ptr_nonnull(noise->name);
    return noise;
}

/* alpha is 2 in 1,000, and up to three standard errors of chance may come on top. */
static unsigned allowed_errors(double error)
{
    double expected = error * trials();
    return (unsigned)(expected + 3 * sqrt(expected));
}

START_TEST(identical_programs_are_called_different_as_rarely_as_alpha_says_on_any_machine)
{
    for (const simulate_noise *noise = simulate_machines; noise->name; noise++) {
        outcome result = simulate(noise, 1, MOST);
        ck_assert_uint_le(result.verdicts[WTFCB_BENCHMARK_BETTER] + result.verdicts[WTFCB_BENCHMARK_WORSE],
                          allowed_errors(0.002));
        ck_assert_uint_le(result.missed, allowed_errors(0.05));
    }
}
END_TEST

/* 32 pairs are 64 runs: 10 s of runs of 150 ms. */
START_TEST(slowdown_of_five_per_cent_is_found_in_32_pairs_with_two_or_three_per_cent_of_noise)
{
    static const char *const machines[] = {"quiet",    "normal 2 %",         "normal 3 %",     "skewed",
                                           "drifting", "drifting 2 % a run", "correlated 0.5", "correlated 0.9"};
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
        outcome worse = simulate(machine_called(machines[i]), 1.05, 32);
        ck_assert_uint_ge(worse.verdicts[WTFCB_BENCHMARK_WORSE], trials() * 95 / 100);
        ck_assert_uint_eq(worse.verdicts[WTFCB_BENCHMARK_BETTER], 0);
        outcome better = simulate(machine_called(machines[i]), 1 / 1.05, 32);
        ck_assert_uint_ge(better.verdicts[WTFCB_BENCHMARK_BETTER], trials() * 95 / 100);
        ck_assert_uint_eq(better.verdicts[WTFCB_BENCHMARK_WORSE], 0);
    }
}
END_TEST

START_TEST(slowdown_of_five_per_cent_is_found_in_128_pairs_where_noise_is_worse)
{
    static const char *const machines[] = {"two humps", "spikes", "two states", "everything"};
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
        outcome result = simulate(machine_called(machines[i]), 1.05, MOST);
        ck_assert_uint_ge(result.verdicts[WTFCB_BENCHMARK_WORSE], trials() * 95 / 100);
    }
}
END_TEST

START_TEST(growth_of_twenty_per_cent_is_found_in_ten_pairs_of_a_quiet_measure)
{
    outcome result = simulate(machine_called("quiet"), 1.2, 10);
    ck_assert_uint_eq(result.verdicts[WTFCB_BENCHMARK_WORSE], trials());
}
END_TEST

/* The level bounds "same" too: a difference well over the minimum effect is called the same in at most 2.5 %. */
START_TEST(difference_beyond_the_minimum_effect_is_hardly_ever_called_the_same)
{
    for (const simulate_noise *noise = simulate_machines; noise->name; noise++) {
        outcome result = simulate(noise, 1.035, MOST);
        ck_assert_uint_le(result.verdicts[WTFCB_BENCHMARK_SAME], allowed_errors(0.025));
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("verdict");
    TCase *t = tcase_create("verdict");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, wtfcb_test_long() ? 1800 : 60);
    tcase_add_test(t, identical_programs_are_called_different_as_rarely_as_alpha_says_on_any_machine);
    tcase_add_test(t, slowdown_of_five_per_cent_is_found_in_32_pairs_with_two_or_three_per_cent_of_noise);
    tcase_add_test(t, slowdown_of_five_per_cent_is_found_in_128_pairs_where_noise_is_worse);
    tcase_add_test(t, growth_of_twenty_per_cent_is_found_in_ten_pairs_of_a_quiet_measure);
    tcase_add_test(t, difference_beyond_the_minimum_effect_is_hardly_ever_called_the_same);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
