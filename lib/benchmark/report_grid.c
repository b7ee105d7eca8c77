/* Columns and cells; see report_grid.h. */
#include "benchmark/report_grid.h"

#include <assert.h>
#include <math.h>
#include <string.h>

typedef wtfcb_benchmark_grid grid_t;
typedef wtfcb_benchmark_line line_t;

enum {
    NAME,
    MEDIAN,
    SPREAD, /* half of the interval */
    RUNS,
    SPEEDUP,
    RATE,
    HITS,
    THREADS,
    POINT_RATE,
    POINT_SPREAD,
    POINT_SPEEDUP,
    POINT_MEMORY,
    AMDAHL,
    USL,
};

static void add(grid_t *grid, const char *title, uint32_t id, uint32_t measure, wtfcb_benchmark_scale scale)
{
    assert(grid->columns < WTFCB_BENCHMARK_COLUMNS);
    grid->column[grid->columns++] =
        (wtfcb_benchmark_column){.title = title, .id = id, .measure = measure, .scale = scale};
}

static void add_plain(grid_t *grid, const char *title, uint32_t id)
{
    add(grid, title, id, 0, (wtfcb_benchmark_scale){.unit = "", .kind = "", .size = 1});
}

/* False if no row knows the measure. */
static bool add_measure(grid_t *grid, const char *title, uint32_t id, uint32_t measure)
{
    double least = 0;
    double most = 0;
    if (!wtfcb_benchmark_span(grid->report, grid->from, grid->from + grid->rows, measure, false, &least, &most))
        return false;
    add(grid, title, id, measure,
        wtfcb_benchmark_scale_of(wtfcb_benchmark_measure_table()[measure - 1].unit, least, most));
    return true;
}

void wtfcb_benchmark_grid_rows(const wtfcb_report *report, uint32_t from, uint32_t to, grid_t *grid)
{
    *grid = (grid_t){.report = report, .from = from, .rows = to - from};
    bool faster = false;
    for (uint32_t i = from; i < to; i++)
        faster = faster || report->rows[i].row.speedup > 0;
    add_plain(grid, "", NAME);
    if (!add_measure(grid, "median", MEDIAN, WTFCB_REPORT_WALL)) return;
    add_plain(grid, "\xc2\xb1", SPREAD);
    add_plain(grid, "runs", RUNS);
    if (faster) add_plain(grid, "speed-up", SPEEDUP);
    if (!add_measure(grid, "files", RATE, WTFCB_REPORT_FILES_RATE))
        (void)add_measure(grid, "rate", RATE, WTFCB_REPORT_BYTES_RATE);
    (void)add_measure(grid, "hits", HITS, WTFCB_REPORT_HIT_RATE);
    (void)add_measure(grid, "memory", MEDIAN, WTFCB_REPORT_MEMORY);
}

void wtfcb_benchmark_grid_points(const wtfcb_report *report, const wtfcb_benchmark_scaling *scaling, grid_t *grid)
{
    *grid = (grid_t){.report = report, .scaling = scaling, .rows = scaling->scaling.point_count};
    double rates[2] = {0};
    double memory[2] = {0};
    for (uint32_t i = 0; i < grid->rows; i++) {
        const wtfcb_report_scaling_point *p = &scaling->points[i];
        if (i == 0 || p->rate < rates[0]) rates[0] = p->rate;
        if (p->rate > rates[1]) rates[1] = p->rate;
        if (i == 0 || p->memory < memory[0]) memory[0] = p->memory;
        if (p->memory > memory[1]) memory[1] = p->memory;
    }
    wtfcb_benchmark_scale rate = wtfcb_benchmark_scale_of("1/s", rates[0], rates[1]);
    add_plain(grid, "threads", THREADS);
    add(grid, "files", POINT_RATE, 0, rate);
    add_plain(grid, "\xc2\xb1", POINT_SPREAD);
    add_plain(grid, "speed-up", POINT_SPEEDUP);
    if (memory[1] > 0) add(grid, "memory", POINT_MEMORY, 0, wtfcb_benchmark_scale_of("bytes", memory[0], memory[1]));
    if (scaling->scaling.fitted & 1) add(grid, "Amdahl", AMDAHL, 0, rate);
    if (scaling->scaling.fitted & 2) add(grid, "USL", USL, 0, rate);
}

void wtfcb_benchmark_grid_title(const grid_t *grid, uint32_t column, line_t *line)
{
    const wtfcb_benchmark_column *c = &grid->column[column];
    wtfcb_benchmark_line_text(line, c->title);
    if (!c->scale.unit || !*c->scale.unit) return;
    bool rate = strcmp(c->scale.kind, "1/s") == 0; /* "files/s", "Amdahl, /s" */
    if (!rate || (c->id != RATE && c->id != POINT_RATE)) wtfcb_benchmark_line_text(line, ", ");
    wtfcb_benchmark_line_text(line, c->scale.unit);
}

/* How far the ends of an interval are from its middle, at most. */
static void put_spread(line_t *line, double low, double middle, double high)
{
    double spread = fmax(high - middle, middle - low) / middle;
    if (middle > 0 && isfinite(spread)) wtfcb_benchmark_line_percent(line, spread, false);
}

static void put_times(line_t *line, double times)
{
    if (!(times > 0)) return;
    wtfcb_benchmark_line_real(line, times, times < 99.95 ? 2 : 0);
    wtfcb_benchmark_line_text(line, "\xc3\x97");
}

static void put_speedup(line_t *line, const wtfcb_report_row *row)
{
    put_times(line, row->speedup);
    if (!(row->speedup > 0)) return;
    uint32_t digits = row->speedup < 99.95 ? 2 : 0;
    wtfcb_benchmark_line_text(line, " [");
    wtfcb_benchmark_line_real(line, row->speedup_low, digits);
    wtfcb_benchmark_line_text(line, ", ");
    wtfcb_benchmark_line_real(line, row->speedup_high, digits);
    wtfcb_benchmark_line_text(line, "]");
}

static void row_cell(const wtfcb_benchmark_column *c, const wtfcb_benchmark_row *row, line_t *line)
{
    const wtfcb_report_figure *wall = &row->figures[WTFCB_REPORT_WALL - 1];
    const wtfcb_report_figure *figure = c->measure ? &row->figures[c->measure - 1] : wall;
    if (c->id == NAME) {
        wtfcb_benchmark_line_text(line, wtfcb_benchmark_short_name(&row->row));
        return;
    }
    if (figure->count == 0) return;
    switch (c->id) {
    case SPREAD: put_spread(line, wall->low, wall->median, wall->high); break;
    case RUNS: wtfcb_benchmark_line_number(line, row->row.runs); break;
    case SPEEDUP: put_speedup(line, &row->row); break;
    case HITS: wtfcb_benchmark_line_percent(line, figure->median, false); break;
    default: wtfcb_benchmark_line_scaled(line, &c->scale, figure->median, false); break;
    }
}

static void point_cell(const wtfcb_benchmark_column *c, const wtfcb_report_scaling_point *p, line_t *line)
{
    switch (c->id) {
    case THREADS: wtfcb_benchmark_line_number(line, p->threads); break;
    case POINT_SPREAD: put_spread(line, p->rate_low, p->rate, p->rate_high); break;
    case POINT_SPEEDUP: put_times(line, p->speedup); break;
    case POINT_MEMORY: wtfcb_benchmark_line_scaled(line, &c->scale, p->memory, false); break;
    case AMDAHL: wtfcb_benchmark_line_scaled(line, &c->scale, p->amdahl, false); break;
    case USL: wtfcb_benchmark_line_scaled(line, &c->scale, p->usl, false); break;
    default: wtfcb_benchmark_line_scaled(line, &c->scale, p->rate, false); break;
    }
}

void wtfcb_benchmark_grid_cell(const grid_t *grid, uint32_t row, uint32_t column, line_t *line)
{
    if (grid->scaling)
        point_cell(&grid->column[column], &grid->scaling->points[row], line);
    else
        row_cell(&grid->column[column], &grid->report->rows[grid->from + row], line);
}
