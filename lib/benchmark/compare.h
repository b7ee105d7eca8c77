/*
 * Is B slower than A? Tests, effect sizes, and a verdict that a gate can rest on.
 *
 * How to compare
 * --------------
 * Measure A and B in pairs, right after each other, and let a coin decide for each pair which of the two goes first.
 * Then the test below is exact for any noise whatsoever: if A and B are the same program, the coin alone decides the
 * sign of ln(b / a), whatever the machine does meanwhile: skewed, two-humped, drifting, correlated from run to run,
 * in waves (Fisher's randomisation argument, "The Design of Experiments", 1935, chapter III). Blocks ABBA or BAAB
 * with one coin each cancel a slope better, but their two pairs share what a wave of four runs does; a fixed order
 * ABABAB or ABBAABBA gives all of it to B. Simulated with a wave of four runs of 5 %: one coin a block called A/A
 * different in 1 of 100, one coin a pair as often as alpha allows (test_verdict). Measuring all of A and then all of
 * B breaks everything, and no statistics repair that.
 *
 * Everything is done on d = ln(b / a): changes are relative, and A against B is B against A with the sign turned.
 * Reports get ratios.
 *
 *   estimate   exp of the Hodges-Lehmann estimator, the median of all Walsh averages (d[i] + d[j]) / 2, i <= j
 *   interval   exp of the order statistics of the Walsh averages that the signed-rank distribution picks
 *              (both: Hollander, Wolfe and Chicken, "Nonparametric Statistical Methods", 3rd edition, 3.2 and 3.3)
 *   test       Wilcoxon's signed-rank test, two-sided (section 3.1), which the interval inverts
 *
 * The verdict, with m the minimum effect (0.03 if nobody says otherwise), for values of which lower is better:
 *
 *   worse          corrected p <= alpha, the whole interval above 1, the estimate above 1 + m
 *   better         corrected p <= alpha, the whole interval below 1, the estimate below 1 / (1 + m)
 *   same           the whole interval between 1 / (1 + m) and 1 + m, and neither of the above
 *   inconclusive   everything else: too few pairs, too much noise, or an effect about as large as m
 *
 * Better and worse change places where higher is better. "Same" is a statement about size, not about absence: 1 %
 * slower is the same, however sure.
 *
 * Looking more than once
 * ----------------------
 * Adding pairs until the answer pleases makes any test lie. Here the looks are fixed before the first pair by the
 * greatest number of pairs that the time allows: after 12, 16, 24, 32, 48, 64, 96, ... pairs and after the last. Look
 * k spends a share of all errors
 *
 *     share[k] = (pairs[k] - pairs[k-1]) / maximum
 *
 * which sum to 1: the linear spending function of Kim and DeMets 1987, "Design and analysis of group sequential tests
 * based on the type I error spending rate function", with rho = 1. They are spent by the union bound: a look's
 * p-value counts as p / share, the sequence's p-value is the least of those so far (at most 1), and its interval has
 * the level 1 - share * (1 - level): "repeated confidence intervals" (Jennison and Turnbull, "Group Sequential
 * Methods", 2000, chapter 9). The union bound holds whatever the looks have in common, so the errors of the whole
 * sequence are at most alpha and 1 - level. Lan and DeMets would gain a few per cent of pairs; the rank tests here
 * are not quite the Gaussian process that needs. A run that ends early for lack of time makes a last look that spends
 * what is left: time must not depend on what was seen, and does not beyond the slower program's being slower.
 *
 * alpha is 0.002 unless said otherwise: a gate that is asked a hundred times a day must not cry wolf daily, and it
 * costs little, because the estimate has to clear the minimum effect anyhow. The price is a floor: the smallest p of
 * n pairs is 2^(1-n), so fewer than 10 pairs decide nothing but "same", and with looks before the last one it takes
 * 12 or 16. What the coin does not make exact is the interval when there is a difference: it takes the ratios for
 * independent and symmetric around their middle.
 *
 * Many rows
 * ---------
 * Each row's sequence is decided while running at alpha / rows (Bonferroni: whatever it rejects, Holm rejects). When
 * all rows are in, correct their sequence p-values by wtfcb_benchmark_holm() and ask wtfcb_benchmark_verdict() once
 * more: what was inconclusive may become better or worse, nothing else changes. The level of the intervals is that of
 * each row by itself.
 *
 * All functions: no allocation, no state beyond what the caller hands, any thread. NaN and infinities are
 * WTFCB_EINVAL, and nothing is written on failure. Checked against SciPy on test/benchmark/fixtures to 1e-9 relative;
 * test_verdict simulates the design.
 */
#ifndef WTFCB_BENCHMARK_COMPARE_H
#define WTFCB_BENCHMARK_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include <wtfcb/status.h>

/* ------------------------------------------------------------------------------------------------------------------ */
/* Tests */

/*
 * Sign test: two-sided p-value of `below` values under and `above` values over the median that is tested; equal ones
 * are left out by the caller. Exact binomial, as scipy.stats.binomtest(above, above + below, 0.5). 1 without values.
 * O(below + above).
 */
double wtfcb_benchmark_sign_test(size_t below, size_t above);

typedef struct wtfcb_benchmark_signed_rank {
    double positive; /* sum of the ranks of the positive differences; equal ones share the mean of their ranks */
    double negative;
    size_t
        used; /* differences that are not 0; the others are left out (Wilcoxon's way, SciPy's zero_method="wilcox") */
    double p; /* two-sided; 1 if none is used */
    bool exact;
} wtfcb_benchmark_signed_rank;

/* Differences up to which the signed-rank distribution is computed exactly, as in SciPy. */
#define WTFCB_BENCHMARK_SIGNED_RANK_EXACT 50

/*
 * Wilcoxon's signed-rank test of symmetry around 0. Up to 50 differences that are not 0 exact, given the ties, by the
 * shift algorithm (Streitberg and Roehmel 1986, "Exact distributions for permutation and rank tests"): SciPy's
 * method="exact" where there are no ties, and what its PermutationMethod enumerates where there are. Above: normal,
 * corrected for ties, without continuity correction, as SciPy's method="asymptotic". `scratch` holds `count` values.
 * O(n log n), up to 50 O(n^3).
 */
wtfcb_status wtfcb_benchmark_wilcoxon(const double *differences, size_t count, double *scratch,
                                      wtfcb_benchmark_signed_rank *ret_test);

typedef struct wtfcb_benchmark_rank_sum {
    double u;     /* pairs (x, y) with x > y, equal ones for a half: SciPy's statistic */
    double a12;   /* u / (nx * ny): the probability that an x is larger than a y (Vargha and Delaney 2000) */
    double delta; /* 2 * a12 - 1: Cliff's delta, -1 to 1 */
    double p;     /* two-sided */
    bool exact;
} wtfcb_benchmark_rank_sum;

/* How many values `scratch` of the next function has to hold: nx + ny, more where the exact distribution is needed. */
size_t wtfcb_benchmark_mann_whitney_scratch(size_t nx, size_t ny);

/*
 * Mann-Whitney U test of two samples that are not paired, as scipy.stats.mannwhitneyu(x, y) with its defaults
 * (method="auto", use_continuity=True): exact if one sample has at most 8 values and there are no ties, by the
 * recurrence of Mann and Whitney (1947); otherwise normal with continuity and tie correction (Hollander, Wolfe and
 * Chicken, section 4.1). 1 if all values are equal. For measurements that could not be interleaved: it takes any
 * difference between two occasions for one of the programs. O(n log n), exact O(8 * 8 * n^2 / 2) for the larger n.
 */
wtfcb_status wtfcb_benchmark_mann_whitney(const double *x, size_t nx, const double *y, size_t ny, double *scratch,
                                          wtfcb_benchmark_rank_sum *ret_test);

/*
 * Holm (1979), "A simple sequentially rejective multiple test procedure": adjusted p-values of `count` rows, each at
 * least as large as it was; rows with an adjusted p of at most alpha may be called different with an error of alpha
 * over all rows. `order` is scratch for `count` numbers; ret_adjusted may be `p`. O(count^2). WTFCB_EINVAL: no rows,
 * a p that is not from 0 to 1.
 */
wtfcb_status wtfcb_benchmark_holm(const double *p, size_t count, size_t *order, double *ret_adjusted);

/* ------------------------------------------------------------------------------------------------------------------ */
/* Effect */

typedef struct wtfcb_benchmark_shift {
    double estimate;
    double low;
    double high;
    double level;    /* coverage that the interval has, from the exact (to 50 values) or normal distribution */
    bool sufficient; /* false: too few values for the level asked for; low and high are minimum and maximum */
} wtfcb_benchmark_shift;

/* Values that the scratch of the next function holds: count * (count + 1) / 2. 0 if that is more than can be. */
size_t wtfcb_benchmark_shift_scratch(size_t count);

/*
 * Hodges-Lehmann estimate of the centre of symmetric differences and its interval. At 95 % it takes six values.
 * O(n^2) on average: half a million averages for 1,000 values.
 */
wtfcb_status wtfcb_benchmark_shift_of(const double *differences, size_t count, double level, double *scratch,
                                      wtfcb_benchmark_shift *ret_shift);

/* ------------------------------------------------------------------------------------------------------------------ */
/* Verdict */

typedef enum wtfcb_benchmark_verdict_code {
    WTFCB_BENCHMARK_INCONCLUSIVE,
    WTFCB_BENCHMARK_SAME,
    WTFCB_BENCHMARK_BETTER,
    WTFCB_BENCHMARK_WORSE
} wtfcb_benchmark_verdict_code;

typedef struct wtfcb_benchmark_rule {
    double minimum_effect; /* relative, above 0: 0.03 is 3 % */
    double alpha;          /* error of "better" and "worse" together, over all rows and looks */
    double level;          /* coverage of the interval over all looks; 1 - level bounds the error of "same" */
    size_t rows;           /* rows that are compared at the same time, at least 1 */
    bool higher_is_better; /* throughput */
} wtfcb_benchmark_rule;

#define WTFCB_BENCHMARK_RULE_INIT                                                                                      \
    {                                                                                                                  \
        0.03, 0.002, 0.95, 1, false                                                                                    \
    }

typedef struct wtfcb_benchmark_comparison {
    size_t pairs;
    double ratio;           /* b / a: 1.05 is 5 % more */
    double low;             /* of the ratio */
    double high;            /* of the ratio */
    double level;           /* what the interval of this look has: more than the rule's when there are other looks */
    bool sufficient;        /* enough pairs for that */
    double p;               /* signed-rank test of this look */
    double p_sequence;      /* of all looks so far; the one to correct and to decide by */
    double p_sign;          /* sign test, for readers who trust nothing else; not used */
    double superiority;     /* share of pairs in which b is larger, equal ones for a half */
    double autocorrelation; /* of the log ratios, lag 1: well above 2 / sqrt(pairs), the interval is too narrow */
} wtfcb_benchmark_comparison;

/* The looks at one row. Fields are for reading. */
typedef struct wtfcb_benchmark_sequence {
    size_t maximum; /* pairs */
    size_t next;    /* look after that many; 0 after the last look */
    double spent;   /* share of the errors, 0 to 1 */
    double p;       /* of the sequence so far */
} wtfcb_benchmark_sequence;

/* WTFCB_EINVAL: no pairs. */
wtfcb_status wtfcb_benchmark_sequence_start(wtfcb_benchmark_sequence *sequence, size_t maximum);

/* Values that the scratch of the next function holds: pairs + wtfcb_benchmark_shift_scratch(pairs). */
size_t wtfcb_benchmark_look_scratch(size_t pairs);

/*
 * Look at the first `pairs` pairs: a[i] and b[i] were measured next to each other, all are above 0. `pairs` is
 * sequence->next; or, with `last` because time is up, whatever there is; a look at the maximum is the last one too. A
 * verdict other than inconclusive ends the sequence. To compare once, without looks in between, start with maximum =
 * pairs and look at that. WTFCB_EINVAL also: the rule is none, `pairs` is not one of those, the sequence has ended.
 */
wtfcb_status wtfcb_benchmark_look(wtfcb_benchmark_sequence *sequence, const wtfcb_benchmark_rule *rule, const double *a,
                                  const double *b, size_t pairs, bool last, double *scratch,
                                  wtfcb_benchmark_comparison *ret_comparison,
                                  wtfcb_benchmark_verdict_code *ret_verdict);

/* The verdict as defined above, for a p-value that is corrected for all rows. O(1). */
wtfcb_benchmark_verdict_code wtfcb_benchmark_verdict(const wtfcb_benchmark_rule *rule,
                                                     const wtfcb_benchmark_comparison *comparison, double corrected_p);

/* "better", "same", "worse", "inconclusive". */
const char *wtfcb_benchmark_verdict_name(wtfcb_benchmark_verdict_code verdict);

#endif
