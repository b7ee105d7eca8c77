/*
 * A report for a terminal: tables with columns that are aligned, sentences that are wrapped, nothing wider than 100 columns, no colours.
 */
#include <string.h>

#include "benchmark/report_grid.h"
#include "benchmark/report_write.h"

enum { WIDTH = 100, GAP = 2, NAME_LEAST = 12 };

typedef wtfcb_benchmark_line line_t;

static void put_blanks(wtfcb_base_writer *out, size_t count)
{
    while (count-- > 0)
        wtfcb_base_writer_char(out, ' ');
}

/* Words on as many lines as it takes, all but the first indented; a word that is too long is broken. */
static void put_wrapped(wtfcb_base_writer *out, const char *first, const char *text)
{
    size_t indent = strlen(first);
    size_t column = indent;
    wtfcb_base_writer_text(out, first);
    while (*text == ' ')
        text++;
    while (*text) {
        size_t length = strcspn(text, " ");
        if (text[length] == ' ' && text[length + 1] == '%') length += 1 + strcspn(text + length + 1, " ");
        size_t width = wtfcb_benchmark_width(text, length);
        bool begins = column == indent;
        if (!begins && column + 1 + width > WIDTH) {
            wtfcb_base_writer_char(out, '\n');
            put_blanks(out, indent);
            column = indent;
            begins = true;
        }
        if (width > WIDTH - indent) {
            if (!begins) wtfcb_base_writer_char(out, ' ');
            length = wtfcb_benchmark_fit(text, WIDTH - column - !begins);
            width = wtfcb_benchmark_width(text, length);
        } else if (!begins) {
            wtfcb_base_writer_char(out, ' ');
        }
        wtfcb_base_writer_bytes(out, text, length);
        column += width + !begins;
        text += length;
        text += strspn(text, " ");
    }
    wtfcb_base_writer_char(out, '\n');
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* Tables */

/* A text in `width` columns, cut if it is longer. */
static void put_cell(wtfcb_base_writer *out, const line_t *line, size_t width, bool left)
{
    size_t has = wtfcb_benchmark_width(line->text, line->length);
    if (!left && has < width) put_blanks(out, width - has);
    if (has > width) {
        size_t length = wtfcb_benchmark_fit(line->text, width - 1);
        has = wtfcb_benchmark_width(line->text, length) + 1;
        wtfcb_base_writer_bytes(out, line->text, length);
        wtfcb_base_writer_text(out, "\xe2\x80\xa6");
    } else {
        wtfcb_base_writer_bytes(out, line->text, line->length);
    }
    if (left && has < width) put_blanks(out, width - has);
}

/* Widths that hold every cell, but for the first column's, which makes room for the others; figures beyond all measure cost the last columns. */
static void measure(wtfcb_benchmark_grid *grid, line_t *line, size_t widths[WTFCB_BENCHMARK_COLUMNS])
{
    size_t others = GAP;
    for (uint32_t c = 0; c < grid->columns; c++) {
        widths[c] = 0;
        for (uint32_t r = 0; r <= grid->rows; r++) {
            wtfcb_benchmark_line_clear(line);
            if (r == grid->rows)
                wtfcb_benchmark_grid_title(grid, c, line);
            else
                wtfcb_benchmark_grid_cell(grid, r, c, line);
            size_t width = wtfcb_benchmark_width(line->text, line->length);
            if (width > widths[c]) widths[c] = width;
        }
        if (c > 0) others += widths[c] + GAP;
    }
    while (grid->columns > 2 && others + NAME_LEAST > WIDTH)
        others -= widths[--grid->columns] + GAP;
    size_t left = others + NAME_LEAST < WIDTH ? WIDTH - others : NAME_LEAST;
    if (widths[0] > left) widths[0] = left;
}

static void put_row(wtfcb_base_writer *out, const wtfcb_benchmark_grid *grid, uint32_t row, const size_t *widths,
                    line_t *line)
{
    size_t blanks = GAP; /* not at the end of a line */
    for (uint32_t c = 0; c < grid->columns; c++) {
        wtfcb_benchmark_line_clear(line);
        if (row == grid->rows)
            wtfcb_benchmark_grid_title(grid, c, line);
        else
            wtfcb_benchmark_grid_cell(grid, row, c, line);
        if (line->length == 0) {
            blanks += widths[c] + GAP;
            continue;
        }
        put_blanks(out, blanks);
        blanks = GAP;
        bool left = c == 0 && !grid->scaling;
        if (c + 1 < grid->columns || !left)
            put_cell(out, line, widths[c], left);
        else
            wtfcb_base_writer_bytes(out, line->text, wtfcb_benchmark_fit(line->text, widths[c]));
    }
    wtfcb_base_writer_char(out, '\n');
}

static void put_grid(wtfcb_base_writer *out, wtfcb_benchmark_grid *grid)
{
    line_t line;
    size_t widths[WTFCB_BENCHMARK_COLUMNS] = {0};
    measure(grid, &line, widths);
    put_row(out, grid, grid->rows, widths, &line);
    for (uint32_t r = 0; r < grid->rows; r++)
        if (grid->scaling || grid->report->rows[grid->from + r].row.runs > 0) put_row(out, grid, r, widths, &line);
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* Parts */

/* What stands under a table: rows that failed, and what is to be known of the others. */
static void put_notes(wtfcb_base_writer *out, const wtfcb_report *report, uint32_t from, uint32_t to)
{
    line_t text;
    line_t notes;
    for (uint32_t i = from; i < to; i++) {
        const wtfcb_benchmark_row *row = &report->rows[i];
        wtfcb_benchmark_line_clear(&text);
        wtfcb_benchmark_line_clear(&notes);
        wtfcb_benchmark_line_notes(&notes, row);
        if (row->row.runs > 0 && notes.length == 0) continue;
        wtfcb_benchmark_line_text(&text, wtfcb_benchmark_short_name(&row->row));
        wtfcb_benchmark_line_text(&text, row->row.runs > 0 ? ": " : " was not measured: ");
        wtfcb_benchmark_line_text(&text, row->row.runs > 0 ? notes.text : wtfcb_benchmark_failure(&row->row));
        put_wrapped(out, "  - ", text.text);
    }
}

static void put_rows(wtfcb_base_writer *out, const wtfcb_report *report)
{
    wtfcb_benchmark_grid grid;
    line_t line;
    line_t amount;
    for (uint32_t from = 0, to; from < report->summary.row_count; from = to) {
        to = wtfcb_benchmark_group_end(report, from);
        wtfcb_benchmark_line_clear(&line);
        wtfcb_benchmark_line_clear(&amount);
        wtfcb_benchmark_line_group(&line, &report->rows[from].row);
        wtfcb_benchmark_line_amount(&amount, &report->rows[from].row);
        if (amount.length > 0) {
            wtfcb_benchmark_line_text(&line, ": ");
            wtfcb_benchmark_line_text(&line, amount.text);
        }
        wtfcb_base_writer_char(out, '\n');
        put_wrapped(out, "", line.text);
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
        wtfcb_benchmark_line_clear(&line);
        wtfcb_benchmark_line_text(&line, "Scaling of ");
        wtfcb_benchmark_line_group(&line, &named);
        wtfcb_base_writer_char(out, '\n');
        put_wrapped(out, "", line.text);
        wtfcb_benchmark_grid_points(report, scaling, &grid);
        if (grid.rows > 0) put_grid(out, &grid);
        wtfcb_benchmark_line_clear(&line);
        wtfcb_benchmark_line_scaling(&line, &scaling->scaling);
        if (line.length > 0) put_wrapped(out, "  - ", line.text);
    }
}

static void put_judgements(wtfcb_base_writer *out, const wtfcb_report *report)
{
    line_t line;
    if (report->summary.comparison_count > 0) wtfcb_base_writer_text(out, "\nComparisons\n");
    for (uint32_t i = 0; i < report->summary.comparison_count; i++) {
        wtfcb_benchmark_line_clear(&line);
        wtfcb_benchmark_line_comparison(&line, report, &report->comparisons[i]);
        put_wrapped(out, "  - ", line.text);
    }
    if (report->summary.advice_count > 0) wtfcb_base_writer_text(out, "\nAdvice\n");
    for (uint32_t i = 0; i < report->summary.advice_count; i++) {
        const wtfcb_report_advice *advice = &report->advice[i];
        wtfcb_benchmark_line_clear(&line);
        wtfcb_benchmark_line_advice(&line, advice);
        put_wrapped(out, "  - ", line.text);
    }
}

wtfcb_status wtfcb_benchmark_write_table(const wtfcb_report *report, wtfcb_base_writer *out)
{
    line_t line;
    wtfcb_benchmark_line_clear(&line);
    if (*report->summary.name) {
        wtfcb_benchmark_line_text(&line, report->summary.name);
        wtfcb_benchmark_line_text(&line, ": ");
    }
    wtfcb_benchmark_line_origin(&line, report);
    put_wrapped(out, "", line.text);
    wtfcb_benchmark_line_clear(&line);
    wtfcb_benchmark_line_outcome(&line, report);
    if (line.length > 0) put_wrapped(out, "", line.text);
    put_rows(out, report);
    put_scalings(out, report);
    put_judgements(out, report);
    return out->status;
}
