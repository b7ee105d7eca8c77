/*
 * Tests and effects against SciPy (fixtures/scipy.txt), their edges, what is refused, and the rules of looks and
 * verdicts. How often verdicts are right is in test_verdict.c.
 */
#include "benchmark/compare.h"

#include <math.h>

#include "benchmark/statistics.h"
#include "fixture.h"
#include "test.h"

static fixture f;
static double *scratch;

static void set_up(void)
{
    fixture_open(&f);
    scratch = malloc(1000000 * sizeof *scratch);
    ck_assert_ptr_nonnull(scratch);
}

static void tear_down(void)
{
    free(scratch);
    fixture_close(&f);
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Against SciPy */

START_TEST(signed_ranks_and_signs_equal_those_of_scipy)
{
    size_t cases = 0;
    for (; fixture_next(&f, "signed_rank"); cases++) {
        const fixture_field *x = fixture_get(&f, "x");
        wtfcb_benchmark_signed_rank test;
        ck_assert_int_eq(wtfcb_benchmark_wilcoxon(x->values, x->count, scratch, &test), WTFCB_OK);
        fixture_check(test.positive, fixture_value(&f, "positive"));
        fixture_check(test.negative, fixture_value(&f, "negative"));
        fixture_check(test.p, fixture_value(&f, "p"));
        ck_assert_int_eq(test.exact, test.used <= WTFCB_BENCHMARK_SIGNED_RANK_EXACT);
        size_t below = 0;
        size_t above = 0;
        for (size_t i = 0; i < x->count; i++) {
            below += x->values[i] < 0;
            above += x->values[i] > 0;
        }
        fixture_check(wtfcb_benchmark_sign_test(below, above), fixture_value(&f, "sign"));
    }
    ck_assert_uint_gt(cases, 40);
}
END_TEST

START_TEST(shifts_are_medians_of_walsh_averages)
{
    while (fixture_next(&f, "signed_rank")) {
        const fixture_field *x = fixture_get(&f, "x");
        wtfcb_benchmark_shift shift;
        ck_assert_int_eq(wtfcb_benchmark_shift_of(x->values, x->count, 0.95, scratch, &shift), WTFCB_OK);
        double size = 0;
        for (size_t i = 0; i < x->count; i++)
            size = fmax(size, fabs(x->values[i]));
        fixture_check_scaled(shift.estimate, fixture_value(&f, "shift"), 1e-6 * size, "shift", x->count);
        ck_assert_double_le(shift.low, shift.estimate);
        ck_assert_double_ge(shift.high, shift.estimate);
        ck_assert_int_eq(shift.sufficient, x->count >= 6);
        ck_assert_int_eq(shift.sufficient, shift.level >= 0.95);
    }
}
END_TEST

/*
 * The interval is the set of shifts that the test does not reject: that pins it down where SciPy has no function for
 * it.
 */
START_TEST(interval_of_a_shift_holds_what_the_test_does_not_reject)
{
    static const double levels[] = {0.8, 0.95, 0.999};
    while (fixture_next(&f, "signed_rank")) {
        const fixture_field *x = fixture_get(&f, "x");
        for (size_t l = 0; l < 3 && x->count <= 100; l++) {
            wtfcb_benchmark_shift shift;
            ck_assert_int_eq(wtfcb_benchmark_shift_of(x->values, x->count, levels[l], scratch, &shift), WTFCB_OK);
            double width = shift.high - shift.low;
            if (!shift.sufficient || !(width > 0)) continue;
            double moved[FIXTURE_VALUES];
            double at[] = {shift.low - 1e-7 * width, shift.low + 1e-7 * width, shift.high - 1e-7 * width,
                           shift.high + 1e-7 * width};
            double p[4];
            for (size_t i = 0; i < 4; i++) {
                for (size_t j = 0; j < x->count; j++)
                    moved[j] = x->values[j] - at[i];
                wtfcb_benchmark_signed_rank test;
                ck_assert_int_eq(wtfcb_benchmark_wilcoxon(moved, x->count, scratch, &test), WTFCB_OK);
                p[i] = test.p;
            }
            ck_assert_double_gt(p[1], 0.9 * (1 - levels[l]));
            ck_assert_double_gt(p[2], 0.9 * (1 - levels[l]));
            ck_assert_double_le(p[0], 1.1 * (1 - levels[l]));
            ck_assert_double_le(p[3], 1.1 * (1 - levels[l]));
        }
    }
}
END_TEST

START_TEST(rank_sums_equal_those_of_scipy)
{
    size_t exact = 0;
    size_t cases = 0;
    for (; fixture_next(&f, "rank_sum"); cases++) {
        const fixture_field *x = fixture_get(&f, "x");
        const fixture_field *y = fixture_get(&f, "y");
        wtfcb_benchmark_rank_sum test;
        ck_assert_uint_le(wtfcb_benchmark_mann_whitney_scratch(x->count, y->count), 1000000);
        ck_assert_int_eq(wtfcb_benchmark_mann_whitney(x->values, x->count, y->values, y->count, scratch, &test),
                         WTFCB_OK);
        fixture_check(test.u, fixture_value(&f, "u"));
        fixture_check(test.p, fixture_value(&f, "p"));
        fixture_check_scaled(test.delta, fixture_value(&f, "delta"), 1e-3, "delta", cases);
        ck_assert_double_eq_tol(test.a12, (test.delta + 1) / 2, 1e-15);
        exact += test.exact;
    }
    ck_assert_uint_gt(cases, 30);
    ck_assert_uint_gt(exact, 10);
    ck_assert_uint_lt(exact, cases - 10);
}
END_TEST

START_TEST(corrections_equal_those_of_holms_definition)
{
    while (fixture_next(&f, "holm")) {
        const fixture_field *x = fixture_get(&f, "x");
        const fixture_field *adjusted = fixture_get(&f, "adjusted");
        double values[FIXTURE_VALUES];
        size_t order[FIXTURE_VALUES];
        memcpy(values, x->values, x->count * sizeof *values);
        ck_assert_int_eq(wtfcb_benchmark_holm(values, x->count, order, values), WTFCB_OK);
        for (size_t i = 0; i < x->count; i++)
            fixture_check(values[i], adjusted->values[i]);
    }
    double p[] = {0.5, 1.5};
    size_t order[2];
    ck_assert_int_eq(wtfcb_benchmark_holm(p, 2, order, p), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_holm(p, 0, order, p), WTFCB_EINVAL);
}
END_TEST

START_TEST(what_is_not_a_number_is_refused_by_tests)
{
    static const double bad[] = {1, NAN, 3};
    static const double good[] = {1, 2, 3};
    wtfcb_benchmark_signed_rank signed_rank = {.p = 42};
    wtfcb_benchmark_rank_sum rank_sum = {.p = 42};
    wtfcb_benchmark_shift shift = {.level = 42};
    ck_assert_int_eq(wtfcb_benchmark_wilcoxon(bad, 3, scratch, &signed_rank), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_wilcoxon(good, 0, scratch, &signed_rank), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_mann_whitney(good, 3, bad, 3, scratch, &rank_sum), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_mann_whitney(good, 3, good, 0, scratch, &rank_sum), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_shift_of(bad, 3, 0.95, scratch, &shift), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_shift_of(good, 3, 1, scratch, &shift), WTFCB_EINVAL);
    ck_assert_double_eq(signed_rank.p, 42);
    ck_assert_double_eq(rank_sum.p, 42);
    ck_assert_double_eq(shift.level, 42);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* Looks and verdicts */

static wtfcb_benchmark_verdict_code once(const wtfcb_benchmark_rule *rule, const double *a, const double *b, size_t n,
                                         wtfcb_benchmark_comparison *comparison)
{
    wtfcb_benchmark_sequence sequence;
    wtfcb_benchmark_verdict_code verdict = WTFCB_BENCHMARK_INCONCLUSIVE;
    ck_assert_int_eq(wtfcb_benchmark_sequence_start(&sequence, n), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_look(&sequence, rule, a, b, n, true, scratch, comparison, &verdict), WTFCB_OK);
    ck_assert_uint_eq(sequence.next, 0);
    return verdict;
}

/* a around 100, b `ratio` times a, give or take `noise`. */
static void make_pairs(double *a, double *b, size_t n, double ratio, double noise)
{
    for (size_t i = 0; i < n; i++) {
        a[i] = 100 + (double)(i * 7 % 13);
        b[i] = a[i] * ratio * (1 + noise * ((double)(i * 5 % 11) - 5) / 5);
    }
}

START_TEST(verdicts_turn_around_when_sides_or_directions_do)
{
    static const struct {
        double ratio;
        double noise;
        wtfcb_benchmark_verdict_code verdict;
        wtfcb_benchmark_verdict_code opposite;
    } cases[] = {
        {1.00, 0.01, WTFCB_BENCHMARK_SAME, WTFCB_BENCHMARK_SAME},
        {1.02, 0.005, WTFCB_BENCHMARK_SAME, WTFCB_BENCHMARK_SAME},
        {1.05, 0.02, WTFCB_BENCHMARK_WORSE, WTFCB_BENCHMARK_BETTER},
        {1.20, 0.00, WTFCB_BENCHMARK_WORSE, WTFCB_BENCHMARK_BETTER},
        {1.03, 0.03, WTFCB_BENCHMARK_INCONCLUSIVE, WTFCB_BENCHMARK_INCONCLUSIVE},
        {1.00, 0.80, WTFCB_BENCHMARK_INCONCLUSIVE, WTFCB_BENCHMARK_INCONCLUSIVE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double a[22];
        double b[22];
        wtfcb_benchmark_comparison there;
        wtfcb_benchmark_comparison back;
        wtfcb_benchmark_rule rule = WTFCB_BENCHMARK_RULE_INIT;
        make_pairs(a, b, 22, cases[i].ratio, cases[i].noise);
        ck_assert_int_eq(once(&rule, a, b, 22, &there), cases[i].verdict);
        ck_assert_int_eq(once(&rule, b, a, 22, &back), cases[i].opposite);
        ck_assert_double_eq_tol(there.ratio * back.ratio, 1, 1e-12);
        ck_assert_double_eq_tol(there.low * back.high, 1, 1e-12);
        ck_assert_double_eq(there.p, back.p);
        ck_assert_double_eq_tol(there.superiority + back.superiority, 1, 1e-12);
        rule.higher_is_better = true;
        ck_assert_int_eq(once(&rule, a, b, 22, &there), cases[i].opposite);
    }
}
END_TEST

START_TEST(equal_values_are_the_same_with_certainty)
{
    double a[12];
    wtfcb_benchmark_comparison comparison;
    wtfcb_benchmark_rule rule = WTFCB_BENCHMARK_RULE_INIT;
    for (size_t i = 0; i < 12; i++)
        a[i] = 4096;
    ck_assert_int_eq(once(&rule, a, a, 12, &comparison), WTFCB_BENCHMARK_SAME);
    ck_assert_double_eq(comparison.ratio, 1);
    ck_assert_double_eq(comparison.low, 1);
    ck_assert_double_eq(comparison.high, 1);
    ck_assert_double_eq(comparison.p, 1);
    ck_assert_double_eq(comparison.superiority, 0.5);
}
END_TEST

START_TEST(fewer_than_ten_pairs_never_call_anything_different)
{
    for (size_t n = 1; n <= 10; n++) {
        double a[10];
        double b[10];
        wtfcb_benchmark_comparison comparison;
        wtfcb_benchmark_rule rule = WTFCB_BENCHMARK_RULE_INIT;
        make_pairs(a, b, n, 2, 0.001);
        ck_assert_int_eq(once(&rule, a, b, n, &comparison),
                         n < 10 ? WTFCB_BENCHMARK_INCONCLUSIVE : WTFCB_BENCHMARK_WORSE);
        make_pairs(a, b, n, 1, 0.001);
        ck_assert_int_eq(once(&rule, a, b, n, &comparison),
                         n < 6 ? WTFCB_BENCHMARK_INCONCLUSIVE : WTFCB_BENCHMARK_SAME);
        ck_assert_int_eq(comparison.sufficient, n >= 6);
    }
}
END_TEST

START_TEST(looks_are_planned_and_spend_all_errors_once)
{
    for (size_t maximum = 1; maximum <= 300; maximum++) {
        double a[300];
        double b[300];
        make_pairs(a, b, maximum, 1.03, 0.3);
        wtfcb_benchmark_rule rule = WTFCB_BENCHMARK_RULE_INIT;
        wtfcb_benchmark_sequence sequence;
        wtfcb_benchmark_comparison comparison = {0};
        wtfcb_benchmark_verdict_code verdict = WTFCB_BENCHMARK_INCONCLUSIVE;
        ck_assert_int_eq(wtfcb_benchmark_sequence_start(&sequence, maximum), WTFCB_OK);
        double spent = 0;
        size_t looks = 0;
        for (size_t pairs = 0; sequence.next; looks++) {
            ck_assert_uint_gt(sequence.next, pairs);
            ck_assert_uint_le(sequence.next, maximum);
            pairs = sequence.next;
            ck_assert_int_eq(wtfcb_benchmark_look(&sequence, &rule, a, b, pairs, false, scratch, &comparison, &verdict),
                             WTFCB_OK);
            double share = (double)pairs / (double)maximum - spent;
            if (comparison.sufficient) ck_assert_double_ge(comparison.level, 1 - 0.05 * share - 1e-12);
            ck_assert_double_le(comparison.p_sequence, fmax(comparison.p / share, 1));
            spent += share;
        }
        ck_assert_double_eq_tol(spent, 1, 1e-12);
        ck_assert_uint_eq(comparison.pairs, maximum);
        ck_assert_uint_le(looks, 10);
    }
}
END_TEST

START_TEST(look_that_was_not_planned_is_refused_unless_it_is_the_last)
{
    double a[40];
    double b[40];
    make_pairs(a, b, 40, 1.03, 0.3);
    wtfcb_benchmark_rule rule = WTFCB_BENCHMARK_RULE_INIT;
    wtfcb_benchmark_sequence sequence;
    wtfcb_benchmark_comparison comparison = {0};
    wtfcb_benchmark_verdict_code verdict = WTFCB_BENCHMARK_INCONCLUSIVE;
    ck_assert_int_eq(wtfcb_benchmark_sequence_start(&sequence, 0), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_sequence_start(&sequence, 40), WTFCB_OK);
    ck_assert_uint_eq(sequence.next, 12);
    ck_assert_int_eq(wtfcb_benchmark_look(&sequence, &rule, a, b, 11, false, scratch, &comparison, &verdict),
                     WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_look(&sequence, &rule, a, b, 41, true, scratch, &comparison, &verdict),
                     WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_benchmark_look(&sequence, &rule, a, b, 12, false, scratch, &comparison, &verdict), WTFCB_OK);
    ck_assert_uint_eq(sequence.next, 16);
    ck_assert_int_eq(wtfcb_benchmark_look(&sequence, &rule, a, b, 15, true, scratch, &comparison, &verdict), WTFCB_OK);
    ck_assert_uint_eq(sequence.next, 0);
    ck_assert_double_eq(sequence.spent, 1);
    ck_assert_int_eq(wtfcb_benchmark_look(&sequence, &rule, a, b, 16, true, scratch, &comparison, &verdict),
                     WTFCB_EINVAL);
}
END_TEST

START_TEST(values_and_rules_without_sense_are_refused)
{
    static const double bad[] = {0, -1, NAN, INFINITY};
    wtfcb_benchmark_sequence sequence;
    wtfcb_benchmark_comparison comparison = {.pairs = 42};
    wtfcb_benchmark_verdict_code verdict = WTFCB_BENCHMARK_BETTER;
    double good[3] = {1, 2, 3};
    ck_assert_int_eq(wtfcb_benchmark_sequence_start(&sequence, 3), WTFCB_OK);
    for (size_t i = 0; i < 4; i++) {
        wtfcb_benchmark_rule rule = WTFCB_BENCHMARK_RULE_INIT;
        double values[3] = {1, bad[i], 2};
        ck_assert_int_eq(wtfcb_benchmark_look(&sequence, &rule, values, good, 3, true, scratch, &comparison, &verdict),
                         WTFCB_EINVAL);
        ck_assert_int_eq(wtfcb_benchmark_look(&sequence, &rule, good, values, 3, true, scratch, &comparison, &verdict),
                         WTFCB_EINVAL);
        if (i < 3) rule.minimum_effect = bad[i];
        if (i == 3) rule.rows = 0;
        ck_assert_int_eq(wtfcb_benchmark_look(&sequence, &rule, good, good, 3, true, scratch, &comparison, &verdict),
                         WTFCB_EINVAL);
    }
    ck_assert_uint_eq(comparison.pairs, 42);
    ck_assert_int_eq(verdict, WTFCB_BENCHMARK_BETTER);
    ck_assert_double_eq(sequence.spent, 0);
}
END_TEST

START_TEST(verdicts_have_names)
{
    ck_assert_str_eq(wtfcb_benchmark_verdict_name(WTFCB_BENCHMARK_INCONCLUSIVE), "inconclusive");
    ck_assert_str_eq(wtfcb_benchmark_verdict_name(WTFCB_BENCHMARK_SAME), "same");
    ck_assert_str_eq(wtfcb_benchmark_verdict_name(WTFCB_BENCHMARK_BETTER), "better");
    ck_assert_str_eq(wtfcb_benchmark_verdict_name(WTFCB_BENCHMARK_WORSE), "worse");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("compare");
    TCase *t = tcase_create("compare");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, signed_ranks_and_signs_equal_those_of_scipy);
    tcase_add_test(t, shifts_are_medians_of_walsh_averages);
    tcase_add_test(t, interval_of_a_shift_holds_what_the_test_does_not_reject);
    tcase_add_test(t, rank_sums_equal_those_of_scipy);
    tcase_add_test(t, corrections_equal_those_of_holms_definition);
    tcase_add_test(t, what_is_not_a_number_is_refused_by_tests);
    tcase_add_test(t, verdicts_turn_around_when_sides_or_directions_do);
    tcase_add_test(t, equal_values_are_the_same_with_certainty);
    tcase_add_test(t, fewer_than_ten_pairs_never_call_anything_different);
    tcase_add_test(t, looks_are_planned_and_spend_all_errors_once);
    tcase_add_test(t, look_that_was_not_planned_is_refused_unless_it_is_the_last);
    tcase_add_test(t, values_and_rules_without_sense_are_refused);
    tcase_add_test(t, verdicts_have_names);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
