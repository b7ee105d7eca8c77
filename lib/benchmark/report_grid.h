/*
 * The tables of a report: which columns there are, in which unit, and what stands in their cells; how they look is the writer's.
 */
#ifndef WTFCB_BENCHMARK_REPORT_GRID_H
#define WTFCB_BENCHMARK_REPORT_GRID_H

#include "benchmark/report_text.h"

enum { WTFCB_BENCHMARK_COLUMNS = 8 };

typedef struct wtfcb_benchmark_column {
    const char *title;
    uint32_t id;                 /* of report_grid.c */
    uint32_t measure;            /* that its figures are of; 0: none */
    wtfcb_benchmark_scale scale; /* of them */
} wtfcb_benchmark_column;

/* The first column is of texts, the others of figures, to be put flush right. */
typedef struct wtfcb_benchmark_grid {
    const wtfcb_report *report;
    const wtfcb_benchmark_scaling *scaling; /* rows are its points; NULL: rows are those of the report from `from` on */
    uint32_t from;
    uint32_t rows;
    uint32_t columns;
    wtfcb_benchmark_column column[WTFCB_BENCHMARK_COLUMNS];
} wtfcb_benchmark_grid;

/* Of rows [from, to), or of the points of a scaling. Columns that would be empty are not there. */
void wtfcb_benchmark_grid_rows(const wtfcb_report *report, uint32_t from, uint32_t to, wtfcb_benchmark_grid *grid);
void wtfcb_benchmark_grid_points(const wtfcb_report *report, const wtfcb_benchmark_scaling *scaling,
                                 wtfcb_benchmark_grid *grid);

/* "median, ms" */
void wtfcb_benchmark_grid_title(const wtfcb_benchmark_grid *grid, uint32_t column, wtfcb_benchmark_line *line);
/* The content of a cell; nothing where a row does not know it. */
void wtfcb_benchmark_grid_cell(const wtfcb_benchmark_grid *grid, uint32_t row, uint32_t column,
                               wtfcb_benchmark_line *line);

#endif
