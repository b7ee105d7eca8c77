/*
 * Reports as a runner would have made them, for tests of what reads and writes reports. The same each time, on every machine: samples come from whole numbers and
 * single divisions.
 */
#ifndef WTFCB_TEST_BENCHMARK_SAMPLE_REPORT_H
#define WTFCB_TEST_BENCHMARK_SAMPLE_REPORT_H

#include "benchmark/report.h"

enum {
    SAMPLE_RICH,    /* two projects, functions, a baseline, a sweep, advice, profiles, a row that failed */
    SAMPLE_HOSTILE, /* names that every format has to escape, bytes that are no UTF-8, figures of all sizes */
    SAMPLE_EMPTY,   /* as new */
    SAMPLE_REPORTS,
};

extern const char *const sample_report_names[SAMPLE_REPORTS];

/* The report, sealed; NULL when memory has run out. */
wtfcb_report *sample_report(const wtfcb_allocator *allocator, int which);

/* `rows` rows of `samples` samples of each measure, every tenth with a profile. */
wtfcb_report *sample_report_large(uint32_t rows, uint32_t samples);

#endif
