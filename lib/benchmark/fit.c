/*
 * Fits of scaling laws; fit.h is the manual.
 *
 * The least-squares problem is never stored: its at most three columns are rotated, point by point, into a triangle
 * (Givens rotations), so that any number of points takes no memory.
 */
#include "benchmark/fit.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define MOST 3               /* coefficients */
#define THREADS_MOST 1048576 /* products of two counts stay exact */
#define TOLERANCE 1.05

/* Triangle and right-hand side of the points so far, and the sum of squares that is left. */
typedef struct triangle {
    double r[MOST][MOST];
    double right[MOST];
    double rest;
} triangle;

/* Take in one equation of `width` unknowns. */
static void rotate(triangle *t, size_t width, double *row, double right)
{
    for (size_t i = 0; i < width; i++) {
        if (row[i] == 0) continue;
        double length = hypot(t->r[i][i], row[i]);
        double c = t->r[i][i] / length;
        double s = row[i] / length;
        for (size_t j = i; j < width; j++) {
            double above = t->r[i][j];
            t->r[i][j] = c * above + s * row[j];
            row[j] = c * row[j] - s * above;
        }
        double above = t->right[i];
        t->right[i] = c * above + s * right;
        right = c * right - s * above;
    }
    t->rest += right * right;
}

static bool solve(const triangle *t, size_t width, double *ret_solution)
{
    for (size_t i = width; i-- > 0;) {
        double value = t->right[i];
        for (size_t j = i + 1; j < width; j++)
            value -= t->r[i][j] * ret_solution[j];
        if (!(fabs(t->r[i][i]) > 1e-12 * fabs(t->r[0][0]))) return false;
        ret_solution[i] = value / t->r[i][i];
    }
    return true;
}

/* The time that n threads take for n times the work of one: the parallel part, the serial one, the pairs. */
static double column(size_t which, double n)
{
    return which == 0 ? 1 : which == 1 ? n : n * (n - 1);
}

/*
 * Least squares with the coefficients whose bit is set in `chosen`. False if one is below 0, or one thread would
 * take no time.
 */
static bool fit_chosen(const wtfcb_benchmark_point *points, size_t count, double scale, unsigned chosen,
                       double *ret_coefficients, double *ret_rest)
{
    triangle t = {0};
    size_t width = 0;
    size_t which[MOST];
    for (size_t i = 0; i < MOST; i++)
        if (chosen >> i & 1) which[width++] = i;
    for (size_t p = 0; p < count; p++) {
        double n = points[p].threads;
        double row[MOST] = {0};
        for (size_t i = 0; i < width; i++)
            row[i] = column(which[i], n) * (points[p].throughput / scale / n);
        rotate(&t, width, row, 1);
    }
    double solution[MOST] = {0};
    if (!solve(&t, width, solution)) return false;
    memset(ret_coefficients, 0, MOST * sizeof *ret_coefficients);
    for (size_t i = 0; i < width; i++) {
        if (!(solution[i] >= 0)) return false;
        ret_coefficients[which[i]] = solution[i];
    }
    *ret_rest = t.rest;
    return ret_coefficients[0] + ret_coefficients[1] > 0;
}

/* Different thread counts, no further than `enough`. */
static size_t different(const wtfcb_benchmark_point *points, size_t count, size_t enough)
{
    size_t found = 0;
    for (size_t i = 0; i < count && found < enough; i++) {
        size_t same = 0;
        while (same < i && points[same].threads != points[i].threads)
            same++;
        found += same == i;
    }
    return found;
}

static uint32_t flags_of(const wtfcb_benchmark_point *points, size_t count)
{
    double least = points[0].throughput;
    double most = least;
    uint32_t fewest = points[0].threads;
    for (size_t i = 0; i < count; i++) {
        least = fmin(least, points[i].throughput);
        most = fmax(most, points[i].throughput);
        if (points[i].threads < fewest) fewest = points[i].threads;
    }
    double each = 0; /* the best of the fewest threads, per thread */
    for (size_t i = 0; i < count; i++)
        if (points[i].threads == fewest) each = fmax(each, points[i].throughput / fewest);
    uint32_t flags = most <= TOLERANCE * least ? WTFCB_BENCHMARK_FIT_FLAT : 0;
    for (size_t i = 0; i < count; i++)
        if (points[i].throughput > TOLERANCE * each * points[i].threads) flags |= WTFCB_BENCHMARK_FIT_SUPERLINEAR;
    return flags;
}

double wtfcb_benchmark_fit_at(const wtfcb_benchmark_fit *fit, double threads)
{
    return fit->lambda * threads / (1 + fit->sigma * (threads - 1) + fit->kappa * threads * (threads - 1));
}

static void residuals(const wtfcb_benchmark_point *points, size_t count, wtfcb_benchmark_fit *fit)
{
    double mean = 0;
    double relative = 0;
    double left = 0;
    double all = 0;
    for (size_t i = 0; i < count; i++)
        mean += points[i].throughput / fit->lambda / (double)count;
    for (size_t i = 0; i < count; i++) {
        double x = points[i].throughput / fit->lambda;
        double off = x - wtfcb_benchmark_fit_at(fit, points[i].threads) / fit->lambda;
        left += off * off;
        all += (x - mean) * (x - mean);
        relative += off / x * (off / x);
        fit->worst = fmax(fit->worst, fabs(off / x));
    }
    fit->r2 = all > 0 ? 1 - left / all : 0;
    fit->error = sqrt(relative / (double)count);
}

/* Where the curve turns is where its slope is 0; of the two counts around it the better one. */
static uint32_t peak_of(const wtfcb_benchmark_point *points, size_t count, const wtfcb_benchmark_fit *fit)
{
    if (!(fit->kappa > 0)) return 0;
    uint32_t fewest = points[0].threads;
    uint32_t most = fewest;
    for (size_t i = 1; i < count; i++) {
        if (points[i].threads < fewest) fewest = points[i].threads;
        if (points[i].threads > most) most = points[i].threads;
    }
    double turn = sqrt(fmax(0, 1 - fit->sigma) / fit->kappa);
    if (!(turn >= fewest && turn <= most)) return 0;
    uint32_t below = (uint32_t)turn;
    if (below == most) return below;
    return wtfcb_benchmark_fit_at(fit, below) >= wtfcb_benchmark_fit_at(fit, below + 1.0) ? below : below + 1;
}

static wtfcb_status fit_law(const wtfcb_benchmark_point *points, size_t count, size_t width,
                            wtfcb_benchmark_fit *ret_fit)
{
    if (!points || count == 0 || !ret_fit) return WTFCB_EINVAL;
    double scale = 0;
    for (size_t i = 0; i < count; i++) {
        double x = points[i].throughput;
        if (points[i].threads == 0 || points[i].threads > THREADS_MOST || !(x > 0) || !isfinite(x)) return WTFCB_EINVAL;
        scale = fmax(scale, x);
    }
    wtfcb_benchmark_fit fit = {.flags = flags_of(points, count)};
    if (different(points, count, width + 1) < width + 1) {
        fit.flags |= WTFCB_BENCHMARK_FIT_TOO_FEW;
        *ret_fit = fit;
        return WTFCB_OK;
    }
    /* The free solution, if it is allowed, is the best; else the best of the others. The first alone always is. */
    unsigned all = (1u << width) - 1;
    double best[MOST] = {0};
    double least = INFINITY;
    for (unsigned chosen = all; chosen != 0; chosen--) {
        double coefficients[MOST];
        double rest = 0;
        if (!fit_chosen(points, count, scale, chosen, coefficients, &rest)) continue;
        if (rest < least) {
            least = rest;
            memcpy(best, coefficients, sizeof best);
        }
        if (chosen == all) break;
        fit.flags |= WTFCB_BENCHMARK_FIT_BOUND;
    }
    double one = best[0] + best[1];
    fit.lambda = scale / one;
    fit.sigma = best[1] / one;
    fit.kappa = best[2] / one;
    residuals(points, count, &fit);
    fit.peak = peak_of(points, count, &fit);
    *ret_fit = fit;
    return WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_fit_amdahl(const wtfcb_benchmark_point *points, size_t count, wtfcb_benchmark_fit *ret_fit)
{
    return fit_law(points, count, 2, ret_fit);
}

wtfcb_status wtfcb_benchmark_fit_usl(const wtfcb_benchmark_point *points, size_t count, wtfcb_benchmark_fit *ret_fit)
{
    return fit_law(points, count, 3, ret_fit);
}
