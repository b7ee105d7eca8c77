/*
 * From pairs to a verdict; compare.h is the manual.
 */
#include "benchmark/compare.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>

#include "benchmark/statistics.h"

#define EXACT WTFCB_BENCHMARK_SIGNED_RANK_EXACT
#define FIRST_LOOK 12 /* one more than the pairs that can reject at 0.002 with half of all errors */

/* ------------------------------------------------------------------------------------------------------------------ */
/* Hodges and Lehmann */

size_t wtfcb_benchmark_shift_scratch(size_t count)
{
    return count < UINT32_MAX ? count * (count + 1) / 2 : 0;
}

/* P(W <= k) of the signed-rank sum of `n` values without ties, for all k up to its mean. */
static void signed_rank_distribution(size_t n, double *ret_below)
{
    size_t mean = n * (n + 1) / 4;
    for (size_t k = 0; k <= mean; k++)
        ret_below[k] = k == 0;
    for (size_t rank = 1; rank <= n; rank++)
        for (size_t k = mean + 1; k-- > 0;)
            ret_below[k] = 0.5 * (ret_below[k] + (k >= rank ? ret_below[k - rank] : 0));
    for (size_t k = 1; k <= mean; k++)
        ret_below[k] += ret_below[k - 1];
}

static double signed_rank_normal(size_t n, size_t k)
{
    double count = (double)n;
    double error = sqrt(count * (count + 1) * (2 * count + 1) / 24);
    return 0.5 * erfc((count * (count + 1) / 4 - (double)k - 0.5) / error / sqrt(2));
}

/*
 * The largest rank r with P(W <= r - 1) <= tail, and that probability; 0 if there is none.
 */
static size_t interval_rank(size_t n, double tail, double *ret_outside)
{
    double below[EXACT * (EXACT + 1) / 4 + 1];
    if (n <= EXACT) signed_rank_distribution(n, below);
    size_t low = 0; /* every rank up to here will do */
    size_t high = n * (n + 1) / 4 + 1;
    double outside = 0;
    while (low < high) {
        size_t rank = low + (high - low + 1) / 2;
        double chance = n <= EXACT ? below[rank - 1] : signed_rank_normal(n, rank - 1);
        if (chance <= tail) {
            low = rank;
            outside = chance;
        } else {
            high = rank - 1;
        }
    }
    *ret_outside = outside;
    return low;
}

static void swap(double *a, double *b)
{
    double value = *a;
    *a = *b;
    *b = value;
}

/*
 * Hoare's selection: afterwards values[k] is what it would be if all were sorted, with smaller ones before and larger
 * ones behind. The pivot is the median of three; equal values stop both scans, so many of them do no harm.
 */
static double select_value(double *values, size_t count, size_t k)
{
    size_t from = 0;
    size_t to = count - 1;
    while (from < to) {
        double *middle = values + from + (to - from) / 2;
        if (*middle < values[from]) swap(middle, values + from);
        if (values[to] < values[from]) swap(values + to, values + from);
        if (values[to] < *middle) swap(values + to, middle);
        double pivot = *middle;
        size_t i = from;
        size_t j = to;
        while (i <= j) {
            while (values[i] < pivot)
                i++;
            while (pivot < values[j])
                j--;
            if (i > j) break;
            swap(values + i++, values + j);
            if (j-- == 0) break;
        }
        if (k >= i)
            from = i;
        else if (j != SIZE_MAX && k <= j)
            to = j;
        else
            break;
    }
    return values[k];
}

static size_t walsh_averages(const double *values, size_t count, double *averages)
{
    size_t made = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i; j < count; j++)
            averages[made++] = i == j ? values[i] : 0.5 * values[i] + 0.5 * values[j];
    return made;
}

wtfcb_status wtfcb_benchmark_shift_of(const double *differences, size_t count, double level, double *scratch,
                                      wtfcb_benchmark_shift *ret_shift)
{
    if (!scratch || !(level > 0 && level < 1) || wtfcb_benchmark_shift_scratch(count) == 0) return WTFCB_EINVAL;
    if (!wtfcb_benchmark_usable(differences, count)) return WTFCB_EINVAL;
    wtfcb_benchmark_shift shift = {0};
    size_t averages = walsh_averages(differences, count, scratch);
    double outside = 0;
    size_t rank = interval_rank(count, (1 - level) / 2, &outside);
    shift.sufficient = rank > 0;
    if (!shift.sufficient) {
        rank = 1;
        outside = ldexp(1, -(int)count);
    }
    shift.level = 1 - 2 * outside;
    shift.low = select_value(scratch, averages, rank - 1);
    shift.high = select_value(scratch, averages, averages - rank);
    double upper = select_value(scratch, averages, averages / 2);
    double lower = averages % 2 ? upper : select_value(scratch, averages, averages / 2 - 1);
    shift.estimate = lower == upper ? lower : 0.5 * lower + 0.5 * upper;
    *ret_shift = shift;
    return WTFCB_OK;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Looks */

/* 12, 16, 24, 32, 48, ...; a look that would come shortly before the last one is left to that. */
static size_t next_look(size_t pairs, size_t maximum)
{
    size_t look = FIRST_LOOK;
    size_t other = 16;
    while (look <= pairs && look <= maximum) {
        size_t after = 2 * look;
        look = other;
        other = after;
    }
    return look < maximum && maximum - look >= look / 4 ? look : maximum;
}

wtfcb_status wtfcb_benchmark_sequence_start(wtfcb_benchmark_sequence *sequence, size_t maximum)
{
    if (!sequence || maximum == 0) return WTFCB_EINVAL;
    *sequence = (wtfcb_benchmark_sequence){.maximum = maximum, .next = next_look(0, maximum), .spent = 0, .p = 1};
    return WTFCB_OK;
}

size_t wtfcb_benchmark_look_scratch(size_t pairs)
{
    size_t averages = wtfcb_benchmark_shift_scratch(pairs);
    return averages ? pairs + averages : 0;
}

static bool is_rule(const wtfcb_benchmark_rule *rule)
{
    return rule && rule->minimum_effect > 0 && isfinite(rule->minimum_effect) && rule->alpha > 0 && rule->alpha < 1 &&
           rule->level > 0 && rule->level < 1 && rule->rows > 0;
}

/*
 * ln(b / a): exactly 0 for equal values, exactly the opposite for (b, a), and equal for equal quotients that can be
 * formed.
 */
static double log_ratio(double a, double b)
{
    bool less = b < a;
    double quotient = less ? a / b : b / a;
    double logarithm = isfinite(quotient) ? log(quotient) : fabs(log(b) - log(a));
    return less ? -logarithm : logarithm;
}

/* Log ratios, and on the way in how many pairs which one is larger. False if a value is not above 0 or not finite. */
static bool log_ratios(const double *a, const double *b, size_t pairs, double *logs, size_t *ret_below,
                       size_t *ret_above)
{
    size_t below = 0;
    size_t above = 0;
    for (size_t i = 0; i < pairs; i++) {
        if (!(a[i] > 0) || !(b[i] > 0) || !isfinite(a[i]) || !isfinite(b[i])) return false;
        logs[i] = log_ratio(a[i], b[i]);
        below += b[i] < a[i];
        above += b[i] > a[i];
    }
    *ret_below = below;
    *ret_above = above;
    return true;
}

static wtfcb_status compare(const double *a, const double *b, size_t pairs, double level, double *scratch,
                            wtfcb_benchmark_comparison *ret_comparison)
{
    double *logs = scratch;
    size_t below = 0;
    size_t above = 0;
    if (!log_ratios(a, b, pairs, logs, &below, &above)) return WTFCB_EINVAL;
    wtfcb_benchmark_comparison comparison = {.pairs = pairs};
    wtfcb_benchmark_signed_rank test;
    wtfcb_benchmark_shift shift;
    wtfcb_status status = wtfcb_benchmark_wilcoxon(logs, pairs, scratch + pairs, &test);
    if (status == WTFCB_OK) status = wtfcb_benchmark_shift_of(logs, pairs, level, scratch + pairs, &shift);
    if (status == WTFCB_OK) status = wtfcb_benchmark_autocorrelation(logs, pairs, &comparison.autocorrelation);
    if (status != WTFCB_OK) return status;
    comparison.ratio = exp(shift.estimate);
    comparison.low = exp(shift.low);
    comparison.high = exp(shift.high);
    comparison.level = shift.level;
    comparison.sufficient = shift.sufficient;
    comparison.p = test.p;
    comparison.p_sign = wtfcb_benchmark_sign_test(below, above);
    comparison.superiority = ((double)above + (double)(pairs - below - above) / 2) / (double)pairs;
    *ret_comparison = comparison;
    return WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_look(wtfcb_benchmark_sequence *sequence, const wtfcb_benchmark_rule *rule, const double *a,
                                  const double *b, size_t pairs, bool last, double *scratch,
                                  wtfcb_benchmark_comparison *ret_comparison, wtfcb_benchmark_verdict_code *ret_verdict)
{
    if (!sequence || !a || !b || !scratch || !ret_comparison || !ret_verdict || !is_rule(rule)) return WTFCB_EINVAL;
    if (pairs == 0 || sequence->next == 0 || pairs > sequence->maximum) return WTFCB_EINVAL;
    last = last || pairs == sequence->maximum;
    if (pairs != sequence->next && !last) return WTFCB_EINVAL;
    double reached = last ? 1 : (double)pairs / (double)sequence->maximum;
    double share = reached - sequence->spent;
    if (!(share > 0)) return WTFCB_EINVAL;

    wtfcb_benchmark_comparison comparison;
    wtfcb_status status = compare(a, b, pairs, 1 - (1 - rule->level) * share, scratch, &comparison);
    if (status != WTFCB_OK) return status;
    sequence->p = fmin(sequence->p, comparison.p / share);
    sequence->spent = reached;
    comparison.p_sequence = sequence->p;
    *ret_verdict = wtfcb_benchmark_verdict(rule, &comparison, fmin(1, sequence->p * (double)rule->rows));
    last = last || *ret_verdict != WTFCB_BENCHMARK_INCONCLUSIVE;
    sequence->next = last ? 0 : next_look(pairs, sequence->maximum);
    *ret_comparison = comparison;
    return WTFCB_OK;
}

wtfcb_benchmark_verdict_code wtfcb_benchmark_verdict(const wtfcb_benchmark_rule *rule,
                                                     const wtfcb_benchmark_comparison *comparison, double corrected_p)
{
    double more = 1 + rule->minimum_effect;
    double less = 1 / more;
    if (!comparison->sufficient) return WTFCB_BENCHMARK_INCONCLUSIVE;
    if (corrected_p <= rule->alpha) {
        if (comparison->low > 1 && comparison->ratio > more)
            return rule->higher_is_better ? WTFCB_BENCHMARK_BETTER : WTFCB_BENCHMARK_WORSE;
        if (comparison->high < 1 && comparison->ratio < less)
            return rule->higher_is_better ? WTFCB_BENCHMARK_WORSE : WTFCB_BENCHMARK_BETTER;
    }
    if (comparison->low > less && comparison->high < more) return WTFCB_BENCHMARK_SAME;
    return WTFCB_BENCHMARK_INCONCLUSIVE;
}

const char *wtfcb_benchmark_verdict_name(wtfcb_benchmark_verdict_code verdict)
{
    switch (verdict) {
    case WTFCB_BENCHMARK_SAME: return "same";
    case WTFCB_BENCHMARK_BETTER: return "better";
    case WTFCB_BENCHMARK_WORSE: return "worse";
    default: return "inconclusive";
    }
}
