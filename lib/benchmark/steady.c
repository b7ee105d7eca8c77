/*
 * Where a series stops to warm up, and whether it is steady from there; statistics.h says by which rule.
 */
#include "benchmark/statistics.h"

#include <math.h>
#include <string.h>

#define MEDIAN_ERROR 1.2533141373155003 /* sqrt(pi / 2): standard error of a median by that of a mean, normal data */
#define FACTOR 4.0

/* Median of part of a series, by a sorted copy. */
static double median_of(const double *values, size_t count, double *scratch)
{
    double median = 0;
    memcpy(scratch, values, count * sizeof *scratch);
    wtfcb_benchmark_sort(scratch, count);
    (void)wtfcb_benchmark_median(scratch, count, &median);
    return median;
}

/* Scaled MAD around a median that is known already. */
static double spread_of(const double *values, size_t count, double median, double *scratch)
{
    for (size_t i = 0; i < count; i++)
        scratch[i] = fabs(values[i] - median);
    wtfcb_benchmark_sort(scratch, count);
    double mad = 0;
    (void)wtfcb_benchmark_median(scratch, count, &mad);
    return mad * WTFCB_BENCHMARK_MAD_SCALE;
}

/* Position behind the last window of [from, to) whose median is off, or `from`. Windows end at `to` and go backwards. */
static size_t last_off(const double *values, size_t from, size_t to, size_t window, double middle, double allowed,
                       double *scratch)
{
    for (size_t end = to; end >= from + window; end -= window)
        if (fabs(median_of(values + end - window, window, scratch) - middle) > allowed) return end;
    return from;
}

wtfcb_status wtfcb_benchmark_steady(const double *values, size_t count, double tolerance, double *scratch,
                                    wtfcb_benchmark_steadiness *ret_steadiness)
{
    if (!scratch || !(tolerance >= 0) || !wtfcb_benchmark_usable(values, count)) return WTFCB_EINVAL;
    wtfcb_benchmark_steadiness result = {0};
    size_t later = count / 2;
    size_t window = count / 16 < 3 ? 3 : count / 16;
    double middle = median_of(values + later, count - later, scratch);
    double spread = spread_of(values + later, count - later, middle, scratch);
    double least = tolerance * fabs(middle);
    double allowed = fmax(least, FACTOR * MEDIAN_ERROR * spread / sqrt((double)window));
    bool enough = count >= WTFCB_BENCHMARK_STEADY_MINIMUM;
    if (enough) result.warmup = last_off(values, 0, later, window, middle, allowed, scratch);

    const double *rest = values + result.warmup;
    size_t left = count - result.warmup;
    size_t half = left / 2;
    double before = half ? median_of(rest, half, scratch) : middle;
    double after = half ? median_of(rest + half, left - half, scratch) : middle;
    double whole = median_of(rest, left, scratch);
    result.drift = whole != 0 ? (after - before) / fabs(whole) : 0;
    (void)wtfcb_benchmark_autocorrelation(rest, left, &result.autocorrelation);
    double apart = fmax(least, FACTOR * MEDIAN_ERROR * spread * sqrt(2 / (double)(half ? half : 1)));
    result.steady = enough && fabs(after - before) <= apart &&
                    last_off(values, later, count, window, middle, allowed, scratch) == later;
    *ret_steadiness = result;
    return WTFCB_OK;
}
