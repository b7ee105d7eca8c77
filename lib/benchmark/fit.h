/*
 * Why throughput grows with threads as it does: Amdahl's law and Gunther's Universal Scalability Law (USL), fitted.
 *
 *     X(n) = lambda n / (1 + sigma (n - 1) + kappa n (n - 1))
 *
 * lambda is the throughput of one thread, sigma the share that is serial (contention), kappa the cost that each pair
 * of threads causes (coherency). Amdahl's law is the case kappa = 0. Gunther, "Guerrilla Capacity Planning", 2007,
 * chapters 4 to 6.
 *
 * The fit. n / X(n) = e + b n + c n (n - 1) is linear in what the parallel part, the serial part and each pair of
 * threads cost: lambda = 1 / (e + b), sigma = b / (e + b), kappa = c / (e + b), and e, b, c >= 0 says 0 <= sigma <= 1
 * and kappa >= 0. Throughput errs in proportion to itself, so what is made least is the sum of squared relative
 * errors (1 - (x / n) (e + b n + c n (n - 1)))^2 over the points (n, x). That is linear least squares: convex, one
 * answer, no starting values, no iteration. The constraint is solved by trying each set of coefficients that are not
 * 0 (seven at most), by Givens rotations; the allowed one with the least sum is the non-negative least squares
 * solution (Lawson and Hanson, "Solving Least Squares Problems", 1974, chapter 23: the same as scipy.optimize.nnls).
 *
 * A fit explains the counts that were measured and nothing beyond them. Several measurements of one thread count are
 * several points.
 *
 * When a fit says little it says so, and why (`flags`); the numbers are there all the same, except with TOO_FEW:
 *
 *   TOO_FEW      fewer different thread counts than coefficients + 1: any curve would do. All numbers are 0.
 *   FLAT         the throughputs are within 5 % of each other: more threads change nothing that could be modelled
 *   SUPERLINEAR  some count is over 5 % faster than its number of threads times what one thread of the least count
 *                does, and neither law knows that (caches that add up, a first run that paid for others); sigma and
 *                kappa are too small
 *   BOUND        a coefficient would be below 0 without the constraint, and was set to 0
 *
 * No allocation, no state, any thread. O(points). WTFCB_EINVAL: no points, a thread count of 0 or above 2^20, a
 * throughput that is not above 0 and finite.
 */
#ifndef WTFCB_BENCHMARK_FIT_H
#define WTFCB_BENCHMARK_FIT_H

#include <stddef.h>
#include <stdint.h>

#include <wtfcb/status.h>

#define WTFCB_BENCHMARK_FIT_TOO_FEW 1u
#define WTFCB_BENCHMARK_FIT_FLAT 2u
#define WTFCB_BENCHMARK_FIT_SUPERLINEAR 4u
#define WTFCB_BENCHMARK_FIT_BOUND 8u

typedef struct wtfcb_benchmark_point {
    uint32_t threads;
    double throughput; /* in any unit */
} wtfcb_benchmark_point;

typedef struct wtfcb_benchmark_fit {
    double lambda; /* throughput of one thread, in the unit of the points */
    double sigma;  /* serial share, 0 to 1 */
    double kappa;  /* at least 0; 0 with Amdahl's law */
    double r2;     /* of the throughputs: 1 - sum (x - X)^2 / sum (x - mean)^2; 0 if they are equal; may be below 0 */
    double error;  /* root of the mean squared relative residual (x - X) / x */
    double worst;  /* the largest relative residual, without its sign */
    uint32_t peak; /* the count of the greatest X, next to sqrt((1 - sigma) / kappa); 0 if that was not measured */
    uint32_t flags;
} wtfcb_benchmark_fit;

/* Amdahl's law: two coefficients, so three different thread counts at least. */
wtfcb_status wtfcb_benchmark_fit_amdahl(const wtfcb_benchmark_point *points, size_t count,
                                        wtfcb_benchmark_fit *ret_fit);

/* USL: three coefficients, four different thread counts at least. */
wtfcb_status wtfcb_benchmark_fit_usl(const wtfcb_benchmark_point *points, size_t count, wtfcb_benchmark_fit *ret_fit);

/* X(threads). Not to be asked about counts beyond those that were measured. */
double wtfcb_benchmark_fit_at(const wtfcb_benchmark_fit *fit, double threads);

#endif
