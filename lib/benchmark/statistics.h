/*
 * What a series of measurements says: its middle, its spread, how sure the middle is, what stands out, whether it is
 * steady.
 *
 * Timings are skewed, have two humps and spikes, so everything that is quoted rests on order statistics: median, MAD,
 * quantiles, and an interval of the median that assumes nothing about the distribution but that the samples are
 * independent draws from it. Mean and deviation are here for readers who expect them. Nothing is ever dropped.
 *
 * All functions: no allocation (where one needs room, the caller hands it), no state, any thread. `count` is at least
 * 1 and every value finite, else WTFCB_EINVAL and nothing is written. "sorted" means ascending, by
 * wtfcb_benchmark_sort(); that is the caller's promise and not checked, except that both ends must be finite. Values
 * may have any scale from 1e-300 to 1e300. Where not said otherwise a call costs O(count).
 *
 * Checked against NumPy and SciPy on test/benchmark/fixtures to 1e-9 relative.
 */
#ifndef WTFCB_BENCHMARK_STATISTICS_H
#define WTFCB_BENCHMARK_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

#include <wtfcb/status.h>

/* MAD times this estimates the standard deviation of normal data: 1 / (the normal's quantile at 3/4). */
#define WTFCB_BENCHMARK_MAD_SCALE 1.482602218505602

/* Whether there is at least one value and all of them are finite. */
bool wtfcb_benchmark_usable(const double *values, size_t count);

/*
 * Ascending, in place; heap sort: O(n log n) whatever the order, no recursion, no memory. Values are finite (else
 * the order is not defined).
 */
void wtfcb_benchmark_sort(double *values, size_t count);

/* Arithmetic mean; compensated sum, so that order and scale do not matter. */
wtfcb_status wtfcb_benchmark_mean(const double *values, size_t count, double *ret_mean);

/* Standard deviation of the sample (divided by count - 1); 0 for one value. */
wtfcb_status wtfcb_benchmark_deviation(const double *values, size_t count, double *ret_deviation);

/*
 * The quantile at `p`, 0 to 1, interpolated linearly between order statistics: type 7 of Hyndman and Fan (1996),
 * "Sample quantiles in statistical packages", which is the default of R, NumPy and spreadsheets. O(1).
 */
wtfcb_status wtfcb_benchmark_quantile(const double *sorted, size_t count, double p, double *ret_quantile);

/* The quantile at 1/2: the middle value, or the mean of the two. O(1). */
wtfcb_status wtfcb_benchmark_median(const double *sorted, size_t count, double *ret_median);

/*
 * Median of the absolute deviations from the median, as it is (scipy.stats.median_abs_deviation with scale=1). Times
 * WTFCB_BENCHMARK_MAD_SCALE it is comparable with a standard deviation (scale="normal"). `scratch` holds `count`
 * values. O(n log n).
 */
wtfcb_status wtfcb_benchmark_mad(const double *sorted, size_t count, double *scratch, double *ret_mad);

/*
 * P(X <= k) for X binomial with `n` trials of probability 1/2, exact up to rounding: (k >= n: 1). O(n).
 */
double wtfcb_benchmark_binomial_half(size_t n, size_t k);

/* An interval between two order statistics. */
typedef struct wtfcb_benchmark_interval {
    double low;
    double high;
    double level;    /* the coverage that it has: at least what was asked for if `sufficient` */
    size_t rank;     /* low is the rank-th smallest, high the rank-th largest, from 1 */
    bool sufficient; /* false: too few values for the level; low and high are minimum and maximum */
} wtfcb_benchmark_interval;

/*
 * Confidence interval of the median of what was sampled from, by order statistics: [x(r), x(n+1-r)] with the largest
 * r for which 1 - 2 P(Bin(n, 1/2) <= r - 1) is at least `level` (between 0 and 1, both excluded; 0.95 is what reports
 * quote). David and Nagaraja, "Order Statistics", 3rd edition, section 7.1; Conover, "Practical Nonparametric
 * Statistics", section 3.2; the same as scipy.stats.quantile_test(x, q=median).confidence_interval().
 * The coverage is exact for continuous distributions and at least that for discrete ones. At 95 % it takes six
 * values: with n < 6 the answer is minimum and maximum, `level` what those have (1 - 2^(1-n): 0.9375 for 5, 0 for 1)
 * and `sufficient` false.
 */
wtfcb_status wtfcb_benchmark_median_interval(const double *sorted, size_t count, double level,
                                             wtfcb_benchmark_interval *ret_interval);

/*
 * Outliers by Tukey's fences ("Exploratory Data Analysis", 1977): mild beyond 1.5, severe beyond 3 interquartile
 * ranges outside the quartiles (type 7). They are a report about the machine, never a reason to drop a value. Where
 * more than half of the values are equal the fences close on them, and whatever differs is severe.
 */
enum {
    WTFCB_BENCHMARK_LOW_SEVERE,
    WTFCB_BENCHMARK_LOW_MILD,
    WTFCB_BENCHMARK_INSIDE,
    WTFCB_BENCHMARK_HIGH_MILD,
    WTFCB_BENCHMARK_HIGH_SEVERE,
    WTFCB_BENCHMARK_OUTLIER_CLASSES
};

typedef struct wtfcb_benchmark_fences {
    double low_severe; /* below this is low severe */
    double low_mild;
    double high_mild;
    double high_severe; /* above this is high severe */
} wtfcb_benchmark_fences;

wtfcb_status wtfcb_benchmark_fences_of(const double *sorted, size_t count, wtfcb_benchmark_fences *ret_fences);

/* The class (WTFCB_BENCHMARK_LOW_SEVERE ...) of one value. On a fence is inside it. */
unsigned wtfcb_benchmark_classify(const wtfcb_benchmark_fences *fences, double value);

/*
 * Class of each value in the order of measurement into `ret_classes` (may be NULL), and how many there are of each
 * into `ret_counts` [WTFCB_BENCHMARK_OUTLIER_CLASSES]. `values` need not be sorted.
 */
wtfcb_status wtfcb_benchmark_outliers(const wtfcb_benchmark_fences *fences, const double *values, size_t count,
                                      unsigned char *ret_classes, size_t *ret_counts);

/*
 * Correlation of each value with the next one, sum((x[i]-m)(x[i+1]-m)) / sum((x[i]-m)^2): Box, Jenkins and Reinsel,
 * "Time Series Analysis", section 2.1.5. 0 if all values are equal or there is one. In independent noise it is within
 * 2 / sqrt(count) in 19 of 20 series; clearly above that, neighbours share their noise and an interval that takes
 * them for independent is too narrow.
 */
wtfcb_status wtfcb_benchmark_autocorrelation(const double *values, size_t count, double *ret_correlation);

/* All of the above about one series. */
typedef struct wtfcb_benchmark_summary {
    size_t count;
    double minimum;
    double maximum;
    double mean;
    double deviation; /* of the sample */
    double median;
    double mad; /* raw */
    double quartile_low;
    double quartile_high;
    double percentile_95;
    wtfcb_benchmark_interval interval; /* of the median, 95 % */
    wtfcb_benchmark_fences fences;
    size_t outliers[WTFCB_BENCHMARK_OUTLIER_CLASSES];
    double autocorrelation;
} wtfcb_benchmark_summary;

/* `values` in the order of measurement, unchanged; `scratch` holds 2 * count values. O(n log n). */
wtfcb_status wtfcb_benchmark_summarize(const double *values, size_t count, double *scratch,
                                       wtfcb_benchmark_summary *ret_summary);

/*
 * Warm-up and steadiness of a series in the order of measurement.
 *
 * Method, in two steps. First: values at the beginning that are severe outliers of the later half (Tukey's fences of
 * that) are warm-up: the first run that filled caches, however few they are. Then Pettitt's test for a change at an
 * unknown place, on ranks:
 *
 *     U[t] = 2 (R[1] + ... + R[t]) - t (n + 1),   K = max |U[t]|,   p = 2 exp(-6 K^2 / (n^3 + n^2))
 *
 * (Pettitt 1979, "A non-parametric approach to the change-point problem", Applied Statistics 28). A change counts
 * when p <= 0.01 and the medians before and after it differ by more than the tolerance. In the earlier half of the
 * series it ends the warm-up, and what follows is tested again; in the later half the series is not steady. So are
 * slopes and steps seen by whatever is significant of them, and noise of any shape that is steady, with humps or
 * spikes, is called so: ranks know no shape. A fixed number of warm-up runs is no substitute: Barrett et al. 2017,
 * "Virtual machine warmup blows hot and cold", who also use change points, of the mean. What comes and goes within
 * the later half is seen when it lasts for a quarter of the series or so. Fewer than 16 values after the warm-up can
 * show no change at that p and are never called steady. Noise that is correlated over many runs looks unsteady, and
 * should: its median is not known as well as the interval says. test_coverage simulates all this.
 */
#define WTFCB_BENCHMARK_STEADY_MINIMUM 16
#define WTFCB_BENCHMARK_STEADY_TOLERANCE 0.01

typedef struct wtfcb_benchmark_steadiness {
    bool steady;
    size_t warmup; /* values at the beginning that belong to it; at most half of the series */
    double drift;  /* of the rest: by how much the median of its later half is above that of its earlier, relative */
    double autocorrelation; /* of the rest, lag 1 */
} wtfcb_benchmark_steadiness;

/* `tolerance` is relative, at least 0; `scratch` holds `count` values. O(n log n). */
wtfcb_status wtfcb_benchmark_steady(const double *values, size_t count, double tolerance, double *scratch,
                                    wtfcb_benchmark_steadiness *ret_steadiness);

#endif
