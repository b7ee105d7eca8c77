/*
 * Rank tests; compare.h is the manual.
 *
 * Two sorted runs are walked side by side instead of ranking an index: the groups of equal values, their ranks and
 * how much of each run is in them fall out on the way.
 */
#include "benchmark/compare.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "benchmark/statistics.h"

#define EXACT WTFCB_BENCHMARK_SIGNED_RANK_EXACT
#define MANN_WHITNEY_EXACT 8 /* SciPy's choice */

/* P(|Z| >= z). */
static double normal_two_sided(double z)
{
    return fmin(1, erfc(z / sqrt(2)));
}

double wtfcb_benchmark_sign_test(size_t below, size_t above)
{
    size_t less = below < above ? below : above;
    return fmin(1, 2 * wtfcb_benchmark_binomial_half(below + above, less));
}

/* A walk over the groups of equal values of two sorted runs. */
typedef struct walk {
    const double *x;
    const double *y;
    size_t nx;
    size_t ny;
    size_t in_x; /* values of the present group */
    size_t in_y;
    size_t before_x; /* smaller values */
    size_t before_y;
} walk;

static bool walk_next(walk *w)
{
    w->before_x += w->in_x;
    w->before_y += w->in_y;
    size_t i = w->before_x;
    size_t j = w->before_y;
    if (i == w->nx && j == w->ny) return false;
    double value = j == w->ny || (i < w->nx && w->x[i] < w->y[j]) ? w->x[i] : w->y[j];
    while (i < w->nx && w->x[i] == value)
        i++;
    while (j < w->ny && w->y[j] == value)
        j++;
    w->in_x = i - w->before_x;
    w->in_y = j - w->before_y;
    return true;
}

static double cube_less(size_t ties)
{
    double t = (double)ties;
    return t * t * t - t;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Signed ranks */

/*
 * P(sum of twice the ranks of the positive ones <= twice). A rank shared by an even number of values is half an odd
 * number, hence twice.
 */
static double signed_rank_tail(walk w, size_t twice)
{
    double chance[EXACT * (EXACT + 1) + 1] = {1};
    size_t top = 0;
    while (walk_next(&w)) {
        size_t ties = w.in_x + w.in_y;
        size_t rank = 2 * (w.before_x + w.before_y) + ties + 1;
        for (size_t i = 0; i < ties; i++) {
            top += rank;
            for (size_t s = top + 1; s-- > 0;)
                chance[s] = 0.5 * (chance[s] + (s >= rank ? chance[s - rank] : 0));
        }
    }
    assert(top <= EXACT * (EXACT + 1));
    double tail = 0;
    for (size_t s = 0; s <= twice && s <= top; s++)
        tail += chance[s];
    return tail;
}

/* Absolute values of the positive differences, then of the negative ones, each sorted. */
static walk signed_walk(const double *differences, size_t count, double *scratch)
{
    size_t positive = 0;
    size_t negative = 0;
    for (size_t i = 0; i < count; i++)
        if (differences[i] > 0) scratch[positive++] = differences[i];
    for (size_t i = 0; i < count; i++)
        if (differences[i] < 0) scratch[positive + negative++] = -differences[i];
    wtfcb_benchmark_sort(scratch, positive);
    wtfcb_benchmark_sort(scratch + positive, negative);
    return (walk){.x = scratch, .y = scratch + positive, .nx = positive, .ny = negative};
}

wtfcb_status wtfcb_benchmark_wilcoxon(const double *differences, size_t count, double *scratch,
                                      wtfcb_benchmark_signed_rank *ret_test)
{
    if (!scratch || !wtfcb_benchmark_usable(differences, count)) return WTFCB_EINVAL;
    walk start = signed_walk(differences, count, scratch);
    wtfcb_benchmark_signed_rank test = {.used = start.nx + start.ny, .exact = true, .p = 1};
    double ties = 0;
    for (walk w = start; walk_next(&w);) {
        size_t group = w.in_x + w.in_y;
        double rank = (double)(w.before_x + w.before_y) + (double)(group + 1) / 2;
        test.positive += rank * (double)w.in_x;
        test.negative += rank * (double)w.in_y;
        ties += cube_less(group);
    }
    double n = (double)test.used;
    double least = fmin(test.positive, test.negative);
    test.exact = test.used <= EXACT;
    if (test.exact && test.used > 0) {
        test.p = fmin(1, 2 * signed_rank_tail(start, (size_t)(2 * least)));
    } else if (test.used > 0) {
        double error = sqrt((n * (n + 1) * (2 * n + 1) - ties / 2) / 24);
        test.p = normal_two_sided((n * (n + 1) / 4 - least) / error);
    }
    *ret_test = test;
    return WTFCB_OK;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Rank sums */

/* The exact distribution needs tables up to the mean of U for 0 to `few` values. */
static size_t exact_row(size_t few, size_t many)
{
    return few * many / 2 + 1;
}

size_t wtfcb_benchmark_mann_whitney_scratch(size_t nx, size_t ny)
{
    size_t few = nx < ny ? nx : ny;
    size_t exact = few <= MANN_WHITNEY_EXACT ? (few + 1) * exact_row(few, nx + ny - few) : 0;
    return exact > nx + ny ? exact : nx + ny;
}

/*
 * P(U <= limit), limit at most the mean, of `few` against `many` values. Row j holds the distribution for j against n
 * values while n grows: the largest of j + n values is one of the n with probability n / (j + n), and leaves U to j
 * against n - 1; or it is one of the j, and is larger than all n.
 */
static double rank_sum_tail(size_t few, size_t many, size_t limit, double *scratch)
{
    size_t row = exact_row(few, many);
    assert(limit < row);
    memset(scratch, 0, (few + 1) * row * sizeof *scratch);
    for (size_t j = 0; j <= few; j++)
        scratch[j * row] = 1;
    for (size_t n = 1; n <= many; n++) {
        for (size_t j = 1; j <= few; j++) {
            double *chance = scratch + j * row;
            const double *fewer = chance - row;
            double stays = (double)n / (double)(n + j);
            double gains = (double)j / (double)(n + j);
            for (size_t u = 0; u <= limit; u++)
                chance[u] = stays * chance[u] + (u >= n ? gains * fewer[u - n] : 0);
        }
    }
    double tail = 0;
    for (size_t u = 0; u <= limit; u++)
        tail += scratch[few * row + u];
    return tail;
}

wtfcb_status wtfcb_benchmark_mann_whitney(const double *x, size_t nx, const double *y, size_t ny, double *scratch,
                                          wtfcb_benchmark_rank_sum *ret_test)
{
    if (!scratch || !wtfcb_benchmark_usable(x, nx) || !wtfcb_benchmark_usable(y, ny)) return WTFCB_EINVAL;
    walk w = {.x = scratch, .y = scratch + nx, .nx = nx, .ny = ny};
    memcpy(scratch, x, nx * sizeof *x);
    memcpy(scratch + nx, y, ny * sizeof *y);
    wtfcb_benchmark_sort(scratch, nx);
    wtfcb_benchmark_sort(scratch + nx, ny);

    wtfcb_benchmark_rank_sum test = {0};
    double ties = 0;
    while (walk_next(&w)) {
        test.u += (double)w.in_x * ((double)w.before_y + (double)w.in_y / 2);
        ties += cube_less(w.in_x + w.in_y);
    }
    double pairs = (double)nx * (double)ny;
    double n = (double)(nx + ny);
    double least = fmin(test.u, pairs - test.u);
    size_t few = nx < ny ? nx : ny;
    test.a12 = test.u / pairs;
    test.delta = 2 * test.a12 - 1;
    test.exact = few <= MANN_WHITNEY_EXACT && ties == 0;
    if (test.exact) {
        test.p = fmin(1, 2 * rank_sum_tail(few, nx + ny - few, (size_t)least, scratch));
    } else {
        double error = sqrt(pairs / 12 * (n + 1 - ties / (n * (n - 1))));
        test.p = error > 0 ? normal_two_sided((pairs / 2 - least - 0.5) / error) : 1;
    }
    *ret_test = test;
    return WTFCB_OK;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Many rows */

wtfcb_status wtfcb_benchmark_holm(const double *p, size_t count, size_t *order, double *ret_adjusted)
{
    if (!order || !ret_adjusted || !wtfcb_benchmark_usable(p, count)) return WTFCB_EINVAL;
    for (size_t i = 0; i < count; i++)
        if (p[i] < 0 || p[i] > 1) return WTFCB_EINVAL;
    for (size_t i = 0; i < count; i++) {
        size_t at = i;
        for (; at > 0 && p[order[at - 1]] > p[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    double greatest = 0;
    for (size_t i = 0; i < count; i++) {
        greatest = fmax(greatest, fmin(1, p[order[i]] * (double)(count - i)));
        ret_adjusted[order[i]] = greatest;
    }
    return WTFCB_OK;
}
