/*
 * Statistics of one series; statistics.h is the manual.
 *
 * Sums are made of values that were divided by a power of two near the largest, so that neither their squares nor
 * their sum leave the range of a double, and lose nothing by the division.
 */
#include "benchmark/statistics.h"

#include <assert.h>
#include <math.h>
#include <string.h>

bool wtfcb_benchmark_usable(const double *values, size_t count)
{
    if (!values || count == 0) return false;
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i])) return false;
    return true;
}

static bool usable_sorted(const double *sorted, size_t count)
{
    return sorted && count > 0 && isfinite(sorted[0]) && isfinite(sorted[count - 1]);
}

static void sift(double *values, size_t root, size_t count)
{
    double value = values[root];
    for (size_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
        if (child + 1 < count && values[child + 1] > values[child]) child++;
        if (!(values[child] > value)) break;
        values[root] = values[child];
        root = child;
    }
    values[root] = value;
}

void wtfcb_benchmark_sort(double *values, size_t count)
{
    for (size_t root = count / 2; root-- > 0;)
        sift(values, root, count);
    for (size_t end = count; end-- > 1;) {
        double largest = values[0];
        values[0] = values[end];
        values[end] = largest;
        sift(values, 0, end);
    }
}

/* The exponent of a power of two that no absolute value reaches. */
static int scale_of(const double *values, size_t count)
{
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(values[i]));
    int exponent = 0;
    (void)frexp(largest, &exponent);
    return exponent;
}

/* Neumaier's compensated sum. */
typedef struct total {
    double sum;
    double lost;
} total;

static void total_add(total *t, double value)
{
    double sum = t->sum + value;
    t->lost += fabs(t->sum) >= fabs(value) ? (t->sum - sum) + value : (value - sum) + t->sum;
    t->sum = sum;
}

static double mean_scaled(const double *values, size_t count, int exponent)
{
    total t = {0};
    for (size_t i = 0; i < count; i++)
        total_add(&t, ldexp(values[i], -exponent));
    return (t.sum + t.lost) / (double)count;
}

wtfcb_status wtfcb_benchmark_mean(const double *values, size_t count, double *ret_mean)
{
    if (!wtfcb_benchmark_usable(values, count)) return WTFCB_EINVAL;
    int exponent = scale_of(values, count);
    *ret_mean = ldexp(mean_scaled(values, count, exponent), exponent);
    return WTFCB_OK;
}

/* Sum of the products of deviations `lag` apart, in units of 4^exponent. */
static double products(const double *values, size_t count, size_t lag, double mean, int exponent)
{
    total t = {0};
    for (size_t i = 0; i + lag < count; i++)
        total_add(&t, (ldexp(values[i], -exponent) - mean) * (ldexp(values[i + lag], -exponent) - mean));
    return t.sum + t.lost;
}

static bool constant(const double *values, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (values[i] != values[0]) return false;
    return true;
}

wtfcb_status wtfcb_benchmark_deviation(const double *values, size_t count, double *ret_deviation)
{
    if (!wtfcb_benchmark_usable(values, count)) return WTFCB_EINVAL;
    double deviation = 0;
    if (!constant(values, count)) {
        int exponent = scale_of(values, count);
        double mean = mean_scaled(values, count, exponent);
        total off = {0}; /* by what the mean was rounded, times count */
        for (size_t i = 0; i < count; i++)
            total_add(&off, ldexp(values[i], -exponent) - mean);
        double rounded = off.sum + off.lost;
        double squares = products(values, count, 0, mean, exponent) - rounded * rounded / (double)count;
        deviation = ldexp(sqrt(fmax(0, squares) / (double)(count - 1)), exponent);
    }
    *ret_deviation = deviation;
    return WTFCB_OK;
}

static double quantile(const double *sorted, size_t count, double p)
{
    double position = (double)(count - 1) * p;
    size_t below = (size_t)position;
    if (below + 1 >= count) return sorted[count - 1];
    double part = position - (double)below;
    double low = sorted[below];
    double high = sorted[below + 1];
    if (part == 0 || low == high) return low;
    return low * (1 - part) + high * part; /* a difference of the two could overflow */
}

wtfcb_status wtfcb_benchmark_quantile(const double *sorted, size_t count, double p, double *ret_quantile)
{
    if (!usable_sorted(sorted, count) || !(p >= 0 && p <= 1)) return WTFCB_EINVAL;
    *ret_quantile = quantile(sorted, count, p);
    return WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_median(const double *sorted, size_t count, double *ret_median)
{
    return wtfcb_benchmark_quantile(sorted, count, 0.5, ret_median);
}

static double mad(const double *sorted, size_t count, double *scratch)
{
    double middle = quantile(sorted, count, 0.5);
    for (size_t i = 0; i < count; i++)
        scratch[i] = fabs(sorted[i] - middle);
    wtfcb_benchmark_sort(scratch, count);
    return quantile(scratch, count, 0.5);
}

wtfcb_status wtfcb_benchmark_mad(const double *sorted, size_t count, double *scratch, double *ret_mad)
{
    if (!usable_sorted(sorted, count) || !scratch) return WTFCB_EINVAL;
    *ret_mad = mad(sorted, count, scratch);
    return WTFCB_OK;
}

/*
 * Weights relative to the middle one, from there outwards: no factorial, and those that underflow add nothing. The
 * distribution is symmetric, so the lower half is enough.
 */
double wtfcb_benchmark_binomial_half(size_t n, size_t k)
{
    if (k >= n) return 1;
    if (k > (n - 1) / 2)
        return 1 - wtfcb_benchmark_binomial_half(n, n - k - 1); /* whose k is below the half: one level */
    double weight = 1;
    double all = 0;
    double below = 0;
    for (size_t i = n / 2 + 1; i-- > 0;) {
        all += 2 * i == n ? weight : 2 * weight;
        if (i <= k) below += weight;
        weight *= (double)i / (double)(n - i + 1);
    }
    return below / all;
}

wtfcb_status wtfcb_benchmark_median_interval(const double *sorted, size_t count, double level,
                                             wtfcb_benchmark_interval *ret_interval)
{
    if (!usable_sorted(sorted, count) || !(level > 0 && level < 1)) return WTFCB_EINVAL;
    double tail = (1 - level) / 2;
    /* Between 1 and the middle; the tail grows with the rank. */
    size_t rank = 1;
    size_t end = (count + 1) / 2 + 1;
    while (rank + 1 < end) {
        size_t middle = rank + (end - rank) / 2;
        if (wtfcb_benchmark_binomial_half(count, middle - 1) <= tail)
            rank = middle;
        else
            end = middle;
    }
    double outside = count == 1 ? 1 : 2 * wtfcb_benchmark_binomial_half(count, rank - 1);
    *ret_interval = (wtfcb_benchmark_interval){
        .low = sorted[rank - 1],
        .high = sorted[count - rank],
        .level = outside < 1 ? 1 - outside : 0,
        .rank = rank,
        .sufficient = outside <= 2 * tail,
    };
    return WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_fences_of(const double *sorted, size_t count, wtfcb_benchmark_fences *ret_fences)
{
    if (!usable_sorted(sorted, count)) return WTFCB_EINVAL;
    double low = quantile(sorted, count, 0.25);
    double high = quantile(sorted, count, 0.75);
    double range = high - low;
    *ret_fences = (wtfcb_benchmark_fences){low - 3 * range, low - 1.5 * range, high + 1.5 * range, high + 3 * range};
    return WTFCB_OK;
}

unsigned wtfcb_benchmark_classify(const wtfcb_benchmark_fences *fences, double value)
{
    if (value < fences->low_severe) return WTFCB_BENCHMARK_LOW_SEVERE;
    if (value < fences->low_mild) return WTFCB_BENCHMARK_LOW_MILD;
    if (value > fences->high_severe) return WTFCB_BENCHMARK_HIGH_SEVERE;
    if (value > fences->high_mild) return WTFCB_BENCHMARK_HIGH_MILD;
    return WTFCB_BENCHMARK_INSIDE;
}

wtfcb_status wtfcb_benchmark_outliers(const wtfcb_benchmark_fences *fences, const double *values, size_t count,
                                      unsigned char *ret_classes, size_t *ret_counts)
{
    if (!fences || !ret_counts || !wtfcb_benchmark_usable(values, count)) return WTFCB_EINVAL;
    memset(ret_counts, 0, WTFCB_BENCHMARK_OUTLIER_CLASSES * sizeof *ret_counts);
    for (size_t i = 0; i < count; i++) {
        unsigned class = wtfcb_benchmark_classify(fences, values[i]);
        ret_counts[class]++;
        if (ret_classes) ret_classes[i] = (unsigned char)class;
    }
    return WTFCB_OK;
}

static double autocorrelation(const double *values, size_t count)
{
    if (constant(values, count)) return 0;
    int exponent = scale_of(values, count);
    double mean = mean_scaled(values, count, exponent);
    double squares = products(values, count, 0, mean, exponent);
    return squares > 0 ? products(values, count, 1, mean, exponent) / squares : 0;
}

wtfcb_status wtfcb_benchmark_autocorrelation(const double *values, size_t count, double *ret_correlation)
{
    if (!wtfcb_benchmark_usable(values, count)) return WTFCB_EINVAL;
    *ret_correlation = autocorrelation(values, count);
    return WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_summarize(const double *values, size_t count, double *scratch,
                                       wtfcb_benchmark_summary *ret_summary)
{
    if (!scratch || !wtfcb_benchmark_usable(values, count)) return WTFCB_EINVAL;
    double *sorted = scratch;
    memcpy(sorted, values, count * sizeof *sorted);
    wtfcb_benchmark_sort(sorted, count);
    wtfcb_benchmark_summary summary = {
        .count = count,
        .minimum = sorted[0],
        .maximum = sorted[count - 1],
        .median = quantile(sorted, count, 0.5),
        .mad = mad(sorted, count, scratch + count),
        .quartile_low = quantile(sorted, count, 0.25),
        .quartile_high = quantile(sorted, count, 0.75),
        .percentile_95 = quantile(sorted, count, 0.95),
        .autocorrelation = autocorrelation(values, count),
    };
    /* None of these can fail on values that are usable. */
    (void)wtfcb_benchmark_mean(values, count, &summary.mean);
    (void)wtfcb_benchmark_deviation(values, count, &summary.deviation);
    (void)wtfcb_benchmark_median_interval(sorted, count, 0.95, &summary.interval);
    (void)wtfcb_benchmark_fences_of(sorted, count, &summary.fences);
    (void)wtfcb_benchmark_outliers(&summary.fences, values, count, NULL, summary.outliers);
    *ret_summary = summary;
    return WTFCB_OK;
}
