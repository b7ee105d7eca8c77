/*
 * The keys of a report's JSON, by row, as profiler/profile_fields.h has those of profiles: the writer and the reader both go by these tables. What is one of a few is
 * written by its name: a name that this version does not know is read as 0, and 0 is written as "unknown" (an outcome as "none").
 */
#ifndef WTFCB_BENCHMARK_REPORT_FIELDS_H
#define WTFCB_BENCHMARK_REPORT_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "profiler/profile_fields.h"

#define WTFCB_BENCHMARK_TYPE_REPORT "wtfcb-report"

/* End with a field whose name is NULL. */
extern const wtfcb_profiler_field wtfcb_benchmark_summary_fields[];
extern const wtfcb_profiler_field wtfcb_benchmark_row_fields[];      /* what is given */
extern const wtfcb_profiler_field wtfcb_benchmark_computed_fields[]; /* of a row, by seal: written, and not read */
extern const wtfcb_profiler_field wtfcb_benchmark_figure_fields[];   /* likewise */
extern const wtfcb_profiler_field wtfcb_benchmark_comparison_fields[];
extern const wtfcb_profiler_field wtfcb_benchmark_scaling_fields[];
extern const wtfcb_profiler_field wtfcb_benchmark_point_fields[];
extern const wtfcb_profiler_field wtfcb_benchmark_advice_fields[];

/* Numbers that are written by name: `offset` of a uint32_t in the row, and its names from 0 on. */
typedef struct wtfcb_benchmark_choice {
    const char *key; /* NULL ends a table */
    size_t offset;
    const char *const *names;
    uint32_t count;
} wtfcb_benchmark_choice;

extern const wtfcb_benchmark_choice wtfcb_benchmark_summary_choices[];
extern const wtfcb_benchmark_choice wtfcb_benchmark_comparison_choices[];
extern const wtfcb_benchmark_choice wtfcb_benchmark_scaling_choices[];

/* The name of a choice's number in `row`; that of 0 if it has none. */
const char *wtfcb_benchmark_choice_name(const wtfcb_benchmark_choice *choice, const void *row);

/* Names of WTFCB_ROW_*, by bit. */
enum { WTFCB_BENCHMARK_FLAGS = 6 };
extern const char *const wtfcb_benchmark_flag_names[WTFCB_BENCHMARK_FLAGS];

/* Name of a measure; "unknown" for others. */
const char *wtfcb_benchmark_measure_name(uint32_t measure);

#endif
