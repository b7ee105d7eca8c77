/*
 * Where a series stops to warm up, and whether it is steady from there; statistics.h says by which rule.
 */
#include "benchmark/statistics.h"

#include <math.h>
#include <string.h>

#define SIGNIFICANT 0.01

static double *sorted_copy(const double *values, size_t count, double *scratch)
{
    memcpy(scratch, values, count * sizeof *scratch);
    wtfcb_benchmark_sort(scratch, count);
    return scratch;
}

static double median_of(const double *values, size_t count, double *scratch)
{
    double median = 0;
    (void)wtfcb_benchmark_median(sorted_copy(values, count, scratch), count, &median);
    return median;
}

/* How many values of a sorted array are below `value`; with `equal`, not above it. */
static size_t position(const double *sorted, size_t count, double value, bool equal)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] < value || (equal && sorted[middle] == value))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Pettitt's test: how many values precede the most likely change, and the p-value of there being one. */
static size_t change_of(const double *values, size_t count, double *scratch, double *ret_p)
{
    const double *sorted = sorted_copy(values, count, scratch);
    double n = (double)count;
    double sum = 0; /* of the ranks so far, minus what is expected, twice */
    double most = 0;
    size_t at = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        size_t below = position(sorted, count, values[i], false);
        size_t reach = position(sorted, count, values[i], true);
        sum += (double)(below + reach + 1) - (n + 1);
        if (fabs(sum) > most) {
            most = fabs(sum);
            at = i + 1;
        }
    }
    *ret_p = fmin(1, 2 * exp(-6 * most * most / (n * n * n + n * n)));
    return at;
}

/* Values at the beginning that are severe outliers of the later half; no more than half of the series. */
static size_t leading_outliers(const double *values, size_t count, double *scratch)
{
    size_t half = count / 2;
    wtfcb_benchmark_fences fences;
    (void)wtfcb_benchmark_fences_of(sorted_copy(values + half, count - half, scratch), count - half, &fences);
    size_t leading = 0;
    while (leading < half) {
        unsigned class = wtfcb_benchmark_classify(&fences, values[leading]);
        if (class != WTFCB_BENCHMARK_LOW_SEVERE && class != WTFCB_BENCHMARK_HIGH_SEVERE) break;
        leading++;
    }
    return leading;
}

/* Whether the medians of the first `at` values and of the others are farther apart than the tolerance. */
static bool apart(const double *values, size_t count, size_t at, double tolerance, double *scratch)
{
    double before = median_of(values, at, scratch);
    double after = median_of(values + at, count - at, scratch);
    return fabs(after - before) > tolerance * fabs(after);
}

static double drift_of(const double *values, size_t count, double *scratch)
{
    size_t half = count / 2;
    double whole = median_of(values, count, scratch);
    if (half == 0 || whole == 0) return 0;
    return (median_of(values + half, count - half, scratch) - median_of(values, half, scratch)) / fabs(whole);
}

wtfcb_status wtfcb_benchmark_steady(const double *values, size_t count, double tolerance, double *scratch,
                                    wtfcb_benchmark_steadiness *ret_steadiness)
{
    if (!scratch || !(tolerance >= 0) || !wtfcb_benchmark_usable(values, count)) return WTFCB_EINVAL;
    size_t warmup = count >= WTFCB_BENCHMARK_STEADY_MINIMUM ? leading_outliers(values, count, scratch) : 0;
    bool changed = false;
    while (!changed && count - warmup >= WTFCB_BENCHMARK_STEADY_MINIMUM) {
        double p = 1;
        size_t at = change_of(values + warmup, count - warmup, scratch, &p);
        if (p > SIGNIFICANT || !apart(values + warmup, count - warmup, at, tolerance, scratch)) break;
        changed = warmup + at > count / 2;
        if (!changed) warmup += at;
    }
    wtfcb_benchmark_steadiness result = {
        .steady = !changed && count - warmup >= WTFCB_BENCHMARK_STEADY_MINIMUM,
        .warmup = warmup,
        .drift = drift_of(values + warmup, count - warmup, scratch),
    };
    (void)wtfcb_benchmark_autocorrelation(values + warmup, count - warmup, &result.autocorrelation);
    *ret_steadiness = result;
    return WTFCB_OK;
}
