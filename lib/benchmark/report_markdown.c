/*
 * A report as Markdown with tables (GitHub's kind). Whatever in a text means something to Markdown or HTML is escaped: nothing of a report is ever read as markup.
 */
#include <string.h>

#include "benchmark/report_grid.h"
#include "benchmark/report_write.h"

typedef wtfcb_benchmark_line line_t;

static void put_text(wtfcb_base_writer *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        switch (*c) {
        case '&': wtfcb_base_writer_text(out, "&amp;"); break;
        case '<': wtfcb_base_writer_text(out, "&lt;"); break;
        case '>': wtfcb_base_writer_text(out, "&gt;"); break;
        case '\\':
        case '`':
        case '*':
        case '_':
        case '[':
        case ']':
        case '~':
        case '#':
        case '|':
            wtfcb_base_writer_char(out, '\\');
            wtfcb_base_writer_char(out, *c);
            break;
        default: wtfcb_base_writer_char(out, *c);
        }
    }
}

static void put_grid(wtfcb_base_writer *out, const wtfcb_benchmark_grid *grid)
{
    line_t line;
    for (uint32_t r = 0; r <= grid->rows; r++) {
        if (r > 0 && !grid->scaling && grid->report->rows[grid->from + r - 1].row.runs == 0) continue;
        for (uint32_t c = 0; c < grid->columns; c++) {
            wtfcb_benchmark_line_clear(&line);
            if (r == 0)
                wtfcb_benchmark_grid_title(grid, c, &line);
            else
                wtfcb_benchmark_grid_cell(grid, r - 1, c, &line);
            wtfcb_base_writer_text(out, c == 0 ? "| " : " | ");
            put_text(out, line.text);
        }
        wtfcb_base_writer_text(out, " |\n");
        if (r > 0) continue;
        for (uint32_t c = 0; c < grid->columns; c++)
            wtfcb_base_writer_text(out, c == 0 && !grid->scaling ? "|:---" : "|---:");
        wtfcb_base_writer_text(out, "|\n");
    }
}

/* A list below a table begins behind an empty line. */
static void put_item(wtfcb_base_writer *out, const char *text, bool *first)
{
    if (*first) wtfcb_base_writer_char(out, '\n');
    *first = false;
    wtfcb_base_writer_text(out, "- ");
    put_text(out, text);
    wtfcb_base_writer_char(out, '\n');
}

static void put_notes(wtfcb_base_writer *out, const wtfcb_report *report, uint32_t from, uint32_t to)
{
    line_t text;
    line_t notes;
    bool first = true;
    for (uint32_t i = from; i < to; i++) {
        const wtfcb_benchmark_row *row = &report->rows[i];
        wtfcb_benchmark_line_clear(&text);
        wtfcb_benchmark_line_clear(&notes);
        wtfcb_benchmark_line_notes(&notes, row);
        if (row->row.runs > 0 && notes.length == 0) continue;
        wtfcb_benchmark_line_text(&text, wtfcb_benchmark_short_name(&row->row));
        wtfcb_benchmark_line_text(&text, row->row.runs > 0 ? ": " : " was not measured: ");
        wtfcb_benchmark_line_text(&text, row->row.runs > 0 ? notes.text : wtfcb_benchmark_failure(&row->row));
        put_item(out, text.text, &first);
    }
}

static void put_heading(wtfcb_base_writer *out, const char *text)
{
    wtfcb_base_writer_text(out, "\n## ");
    put_text(out, text);
    wtfcb_base_writer_text(out, "\n\n");
}

static void put_rows(wtfcb_base_writer *out, const wtfcb_report *report)
{
    wtfcb_benchmark_grid grid;
    line_t line;
    for (uint32_t from = 0, to; from < report->summary.row_count; from = to) {
        to = wtfcb_benchmark_group_end(report, from);
        wtfcb_benchmark_line_clear(&line);
        wtfcb_benchmark_line_group(&line, &report->rows[from].row);
        put_heading(out, line.text);
        wtfcb_benchmark_line_clear(&line);
        wtfcb_benchmark_line_amount(&line, &report->rows[from].row);
        if (line.length > 0) {
            put_text(out, line.text);
            wtfcb_base_writer_text(out, "\n\n");
        }
        wtfcb_benchmark_grid_rows(report, from, to, &grid);
        if (grid.columns > 1) put_grid(out, &grid);
        put_notes(out, report, from, to);
    }
}

static void put_scalings(wtfcb_base_writer *out, const wtfcb_report *report)
{
    wtfcb_benchmark_grid grid;
    line_t line;
    for (uint32_t i = 0; i < report->summary.scaling_count; i++) {
        const wtfcb_benchmark_scaling *scaling = &report->scalings[i];
        const wtfcb_report_row named = {.project = scaling->scaling.project, .depth = scaling->scaling.depth};
        bool first = true;
        wtfcb_benchmark_line_clear(&line);
        wtfcb_benchmark_line_text(&line, "Scaling of ");
        wtfcb_benchmark_line_group(&line, &named);
        put_heading(out, line.text);
        wtfcb_benchmark_grid_points(report, scaling, &grid);
        if (grid.rows > 0) put_grid(out, &grid);
        wtfcb_benchmark_line_clear(&line);
        wtfcb_benchmark_line_scaling(&line, &scaling->scaling);
        if (line.length > 0) put_item(out, line.text, &first);
    }
}

static void put_judgements(wtfcb_base_writer *out, const wtfcb_report *report)
{
    line_t line;
    bool first = false;
    if (report->summary.comparison_count > 0) put_heading(out, "Comparisons");
    for (uint32_t i = 0; i < report->summary.comparison_count; i++) {
        wtfcb_benchmark_line_clear(&line);
        wtfcb_benchmark_line_comparison(&line, report, &report->comparisons[i]);
        put_item(out, line.text, &first);
    }
    if (report->summary.advice_count > 0) put_heading(out, "Advice");
    for (uint32_t i = 0; i < report->summary.advice_count; i++) {
        wtfcb_benchmark_line_clear(&line);
        wtfcb_benchmark_line_advice(&line, &report->advice[i]);
        put_item(out, line.text, &first);
    }
}

wtfcb_status wtfcb_benchmark_write_markdown(const wtfcb_report *report, wtfcb_base_writer *out)
{
    line_t line;
    wtfcb_benchmark_line_clear(&line);
    wtfcb_benchmark_line_text(&line, *report->summary.name ? report->summary.name : "Benchmark");
    wtfcb_base_writer_text(out, "# ");
    put_text(out, line.text);
    wtfcb_base_writer_text(out, "\n\n");
    wtfcb_benchmark_line_clear(&line);
    wtfcb_benchmark_line_origin(&line, report);
    put_text(out, line.text);
    wtfcb_base_writer_char(out, '\n');
    wtfcb_benchmark_line_clear(&line);
    wtfcb_benchmark_line_outcome(&line, report);
    if (line.length > 0) {
        wtfcb_base_writer_text(out, "\n**");
        put_text(out, line.text);
        wtfcb_base_writer_text(out, "**\n");
    }
    put_rows(out, report);
    put_scalings(out, report);
    put_judgements(out, report);
    return out->status;
}
