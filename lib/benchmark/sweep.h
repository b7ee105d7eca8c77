/*
 * Scalings: how throughput and memory went over thread counts, for each project and depth that was measured at more than one without a cache.
 *
 * Amdahl's law and the universal scalability law explain the curve (fit.h); nothing is said about thread counts that were not measured. The
 * recommendation is the least thread count whose median throughput is within 5 % of the best median.
 */
#ifndef WTFCB_BENCHMARK_SWEEP_H
#define WTFCB_BENCHMARK_SWEEP_H

#include "benchmark/report.h"

/* Part of the best throughput that is as good as it. */
#define WTFCB_BENCHMARK_NEAR_BEST 0.95

/* Scalings of a report's rows, whose figures are there. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_benchmark_sweep(wtfcb_report *report);

#endif
