#!/usr/bin/env python3
"""What NumPy and SciPy say about many data sets, for test/benchmark/test_statistics.c and its neighbours.

    python3 -m venv VENV && VENV/bin/pip install numpy scipy
    VENV/bin/python test/tools/statistics-fixtures.py > test/benchmark/fixtures/scipy.txt

One case a line block: a first word that names the kind, then lines "name value...", ended by "end". Numbers are written
so that they read back as the same doubles. Fixed seeds: the same versions write the same bytes.
"""

import math
import statistics
import sys

import numpy as np
import scipy
from scipy import optimize, stats

out = []


def number(value):
    return repr(float(value))


def block(kind, **fields):
    out.append(kind)
    for name, value in fields.items():
        values = np.atleast_1d(np.asarray(value, dtype=float))
        out.append(" ".join([name] + [number(v) for v in values]))
    out.append("end")


def samples():
    """Data sets of one series: sizes, shapes, ties, constants, scales."""
    rng = np.random.default_rng(20240607)
    yield [3.25]
    yield [1.0, 2.0]
    yield [2.0, 2.0]
    yield [5.0, 1.0, 3.0]
    yield [7.0] * 9
    yield [0.0] * 7
    yield [-1.5, 0.0, 1.5, 0.0, -0.5, 2.5]
    yield [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 9.0]
    yield [1e300, -1e300, 3e299, 2e299, -5e299, 8e299]
    yield [1e-300, 2e-300, 5e-300, 3e-300, 2.5e-300, 4e-300, 1e-299]
    yield [1e9 + i * 1e-3 for i in (3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5)]
    yield list(range(1, 101))
    yield [100.0] * 20 + [130.0, 170.0, 60.0, 1000.0, 99.0, 101.0, 98.0, 102.0]
    for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 17, 20, 25, 32, 50, 51, 99, 100, 200, 1000):
        yield rng.normal(10, 1, n)
        yield rng.lognormal(-7, 0.4, n)
        yield rng.exponential(1e-6, n)
        yield rng.integers(0, 6, n)
        yield np.where(rng.random(n) < 0.3, rng.normal(2e9, 1e7, n), rng.normal(1e9, 1e7, n))


def deviation(y):
    """NumPy's, in rational numbers: NumPy's own rounding shows where values differ in their last digits only."""
    if len(y) < 2 or np.ptp(y) == 0:
        return 0.0
    exact = statistics.stdev([float(v) for v in y])
    assert np.ptp(y) < 1e-6 or abs(exact - y.std(ddof=1)) <= 1e-12 * exact
    return exact


def one_series(x):
    x = np.asarray(x, dtype=float)
    n = len(x)
    scale = 2.0 ** (np.frexp(np.max(np.abs(x)))[1] - 1)  # no square overflows, nothing is rounded
    y = x / scale
    q1, q3 = np.quantile(x, [0.25, 0.75])
    fields = {
        "x": x,
        "minimum": x.min(),
        "maximum": x.max(),
        "mean": math.fsum(y) / n * scale,
        "deviation": deviation(y) * scale,
        "median": np.median(y) * scale,
        "mad": stats.median_abs_deviation(y) * scale,
        "mad_normal": stats.median_abs_deviation(y, scale="normal") * scale,
        "quantiles": np.quantile(y, [0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1]) * scale,
    }
    iqr = q3 - q1
    fields["outliers"] = [
        np.sum(x < q1 - 3 * iqr),
        np.sum((x < q1 - 1.5 * iqr) & (x >= q1 - 3 * iqr)),
        np.sum((x >= q1 - 1.5 * iqr) & (x <= q3 + 1.5 * iqr)),
        np.sum((x > q3 + 1.5 * iqr) & (x <= q3 + 3 * iqr)),
        np.sum(x > q3 + 3 * iqr),
    ]
    centred = y - math.fsum(y) / n
    squares = math.fsum(centred**2)
    constant = np.ptp(x) == 0
    fields["autocorrelation"] = 0.0 if constant else math.fsum(centred[:-1] * centred[1:]) / squares
    for level in (0.9, 0.95, 0.99):
        interval = stats.quantile_test(x, q=np.median(x), p=0.5).confidence_interval(confidence_level=level)
        fields["interval_%d" % round(level * 100)] = [interval.low, interval.high]  # nan: too few values
    block("series", **fields)


def differences():
    rng = np.random.default_rng(7)
    yield [1.0]
    yield [-1.0, 2.0]
    yield [0.0, 0.0, 0.0]
    yield [0.0, 1.0, -2.0, 0.0, 3.0, 4.0]
    yield [0.1] * 12
    yield [1.0, -1.0, 1.0, -1.0]
    for n in (3, 5, 6, 8, 10, 12, 13):
        yield rng.normal(0.5, 1, n)
        yield rng.integers(-3, 6, n)  # ties and zeros, few enough for SciPy to enumerate
    for n in (14, 20, 30, 49, 50):
        yield rng.normal(0.2, 1, n)
        yield rng.lognormal(0, 1, n) - 1.2
    for n in (51, 60, 100, 200, 400):
        yield rng.normal(0.1, 1, n)
        yield rng.integers(-5, 7, n)
        yield rng.laplace(0, 1e-6, n)


def enumerated(ranks, least):
    """Two-sided p of a signed-rank sum with ties, by counting in whole numbers: SciPy would try 2^n assignments."""
    ways = {0: 1}
    for rank in (int(2 * r) for r in ranks):
        more = dict(ways)
        for total, count in ways.items():
            more[total + rank] = more.get(total + rank, 0) + count
        ways = more
    tail = sum(count for total, count in ways.items() if total <= 2 * least)
    return min(1.0, 2 * tail / 2 ** len(ranks))


def signed_rank(d):
    d = np.asarray(d, dtype=float)
    used = d[d != 0]
    n = len(used)
    ranks = stats.rankdata(np.abs(used)) if n else np.zeros(0)
    ties = n != len(np.unique(np.abs(used)))
    if n == 0:
        p = 1.0
    elif n > 50:
        p = stats.wilcoxon(used, method="asymptotic").pvalue
    elif not ties:
        p = stats.wilcoxon(used, method="exact").pvalue
    elif n > 13:
        p = enumerated(ranks, min(ranks[used > 0].sum(), ranks[used < 0].sum()))
    else:  # every assignment of signs
        p = stats.wilcoxon(used, method=stats.PermutationMethod(n_resamples=math.inf)).pvalue
    walsh = np.array([(d[i] + d[j]) / 2 for i in range(len(d)) for j in range(i, len(d))])
    below, above = int(np.sum(d < 0)), int(np.sum(d > 0))
    sign = stats.binomtest(above, above + below, 0.5).pvalue if above + below else 1.0
    block("signed_rank", x=d, positive=ranks[used > 0].sum(), negative=ranks[used < 0].sum(), p=p,
          shift=np.median(walsh), sign=sign)


def two_samples():
    rng = np.random.default_rng(11)
    yield [1.0], [2.0]
    yield [1.0, 1.0], [1.0, 1.0, 1.0]
    yield [19, 22, 16, 29, 24], [20, 11, 17, 12]
    yield [1, 2, 3, 4, 5, 6, 7, 8], [9, 10, 11, 12, 13, 14, 15, 16, 17, 18]
    yield [3.0], list(range(10, 60))
    for nx, ny in ((2, 3), (3, 3), (5, 8), (8, 8), (8, 9), (9, 9), (7, 200), (1000, 8), (20, 30), (200, 200)):
        yield rng.normal(0, 1, nx), rng.normal(0.4, 1, ny)
        yield rng.lognormal(3, 0.2, nx) * 1e6, rng.lognormal(3.1, 0.4, ny) * 1e6
        yield rng.integers(0, 5, nx), rng.integers(1, 6, ny)


def rank_sum(x, y):
    result = stats.mannwhitneyu(x, y)
    block("rank_sum", x=x, y=y, u=result.statistic, p=result.pvalue,
          delta=2 * result.statistic / (len(x) * len(y)) - 1)


def holm(p):
    p = np.asarray(p, dtype=float)
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(np.minimum(1, p[order] * np.arange(len(p), 0, -1)))
    block("holm", x=p, adjusted=adjusted)


def fit(kind, n, x):
    n, x = np.asarray(n, dtype=float), np.asarray(x, dtype=float)
    columns = [np.ones_like(n), n] + ([n * (n - 1)] if kind == "usl" else [])
    # Columns of one size: with theirs, 1e3 to 1e6, nnls() takes small gradients for none and stops early.
    matrix = np.column_stack(columns) * (x / n)[:, None]
    size = np.linalg.norm(matrix, axis=0)
    solution, _ = optimize.nnls(matrix / size, np.ones_like(n))
    e, b, c = list(solution / size) + [0.0] * (3 - len(solution))
    model = n / (e + b * n + c * n * (n - 1))
    block(kind, threads=n, throughput=x, **{
        "lambda": 1 / (e + b), "sigma": b / (e + b), "kappa": c / (e + b),
        "r2": 1 - np.sum((x - model) ** 2) / np.sum((x - x.mean()) ** 2),
        "error": np.sqrt(np.mean(((x - model) / x) ** 2)), "worst": np.max(np.abs((x - model) / x))})


def curves():
    rng = np.random.default_rng(5)
    for sigma, kappa in ((0.0, 0.0), (0.02, 0.0), (0.05, 0.0005), (0.2, 0.01), (0.0, 0.02), (0.9, 0.001)):
        for n in ([1, 2, 3, 4], [1, 2, 4, 8, 16, 32], [1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 6, 8], list(range(1, 65))):
            n = np.array(n)
            x = 1234.5 * n / (1 + sigma * (n - 1) + kappa * n * (n - 1))
            yield n, x * np.exp(rng.normal(0, 0.02, len(n)))


def main():
    out.append("# written by test/tools/statistics-fixtures.py with Python %d.%d, NumPy %s, SciPy %s"
               % (*sys.version_info[:2], np.__version__, scipy.__version__))
    for x in samples():
        one_series(x)
    for d in differences():
        signed_rank(d)
    for x, y in two_samples():
        rank_sum(x, y)
    rng = np.random.default_rng(3)
    for p in ([0.04], [0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.9], [0, 1], rng.random(30) ** 3):
        holm(p)
    for n, x in curves():
        fit("amdahl", n, x)
        fit("usl", n, x)
    print("\n".join(out))


main()
