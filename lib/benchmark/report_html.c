/*
 * One page that needs nothing else: the template of page/ (made into an array by the Makefile, style and scripts inside) with this report put in where it has a
 * mark. Scripts draw from data that stand in the page as JSON; what a reader without script sees is written here: the headline, the tables, the verdicts. Advice and
 * fingerprint are written here for all readers.
 *
 * Every text that comes from a report goes through wtfcb_base_html_text(), or through the JSON writer, which escapes `<` too.
 */
#include "benchmark/report_html.h"

#include <string.h>

#include <wtfcb/version.h>

#include "base/html.h"
#include "benchmark/page.h" /* page_bytes */
#include "benchmark/report_grid.h"
#include "benchmark/report_write.h"

typedef wtfcb_benchmark_line line_t;

#define raw wtfcb_base_writer_text
#define put wtfcb_base_html_text

/* -------------------------------------------------------------------------------------------------------------------- */
/* The headline */

static void write_fact(wtfcb_base_writer *out, const char *name, const line_t *figure, const char *more)
{
    raw(out, "<div><dt>");
    put(out, name);
    raw(out, "</dt><dd>");
    put(out, figure->text);
    if (*more) {
        raw(out, " <small>");
        put(out, more);
        raw(out, "</small>");
    }
    raw(out, "</dd></div>\n");
}

static const wtfcb_benchmark_row *most_of(const wtfcb_report *report, uint32_t measure)
{
    const wtfcb_benchmark_row *most = NULL;
    for (uint32_t i = 0; i < report->summary.row_count; i++) {
        const wtfcb_report_figure *figure = &report->rows[i].figures[measure - 1];
        if (figure->count > 0 && figure->median > (most ? most->figures[measure - 1].median : 0))
            most = &report->rows[i];
    }
    return most;
}

static void write_most(wtfcb_base_writer *out, const wtfcb_report *report, const char *name, uint32_t measure,
                       const char *unit)
{
    const wtfcb_benchmark_row *row = most_of(report, measure);
    line_t line;
    wtfcb_benchmark_line_clear(&line);
    if (!row) return;
    wtfcb_benchmark_line_figure(&line, wtfcb_benchmark_measure_table()[measure - 1].unit,
                                row->figures[measure - 1].median);
    line_t figure;
    wtfcb_benchmark_line_clear(&figure);
    size_t length = strlen(line.text);
    if (*unit && length > 2) line.text[length - 2] = '\0'; /* "/s" */
    wtfcb_benchmark_line_text(&figure, line.text);
    wtfcb_benchmark_line_text(&figure, unit);
    write_fact(out, name, &figure, row->row.name);
}

static void write_fastest(wtfcb_base_writer *out, const wtfcb_report *report)
{
    const wtfcb_report_row *most = NULL;
    line_t line;
    wtfcb_benchmark_line_clear(&line);
    for (uint32_t i = 0; i < report->summary.row_count; i++)
        if (report->rows[i].row.speedup > (most ? most->speedup : 1)) most = &report->rows[i].row;
    if (!most) return;
    wtfcb_benchmark_line_real(&line, most->speedup, most->speedup < 99.95 ? 2 : 0);
    wtfcb_benchmark_line_text(&line, "\xc3\x97");
    write_fact(out, "Largest speed-up", &line, most->name);
}

static void write_facts(wtfcb_base_writer *out, const void *user)
{
    const wtfcb_report *report = user;
    uint32_t measured = 0;
    line_t line;
    wtfcb_benchmark_line_clear(&line);
    for (uint32_t i = 0; i < report->summary.row_count; i++)
        measured += report->rows[i].row.runs > 0;
    raw(out, "<dl class=\"facts\">\n");
    wtfcb_benchmark_line_number(&line, measured);
    if (measured < report->summary.row_count) {
        wtfcb_benchmark_line_text(&line, " of ");
        wtfcb_benchmark_line_number(&line, report->summary.row_count);
    }
    write_fact(out, "Rows measured", &line, "");
    write_most(out, report, "Highest throughput", WTFCB_REPORT_FILES_RATE, " files/s");
    write_fastest(out, report);
    write_most(out, report, "Longest run", WTFCB_REPORT_WALL, "");
    write_most(out, report, "Most memory", WTFCB_REPORT_MEMORY, "");
    raw(out, "</dl>\n");
}

static void write_name(wtfcb_base_writer *out, const void *user)
{
    const wtfcb_report *report = user;
    put(out, *report->summary.name ? report->summary.name : "Benchmark");
}

static void write_origin(wtfcb_base_writer *out, const void *user)
{
    line_t line;
    wtfcb_benchmark_line_clear(&line);
    wtfcb_benchmark_line_origin(&line, user);
    put(out, line.text);
}

static void write_outcome(wtfcb_base_writer *out, const void *user)
{
    static const char *const classes[] = {"", "better", "worse", "inconclusive"};
    const wtfcb_report *report = user;
    line_t line;
    wtfcb_benchmark_line_clear(&line);
    wtfcb_benchmark_line_outcome(&line, report);
    if (line.length == 0) return;
    raw(out, "<p class=\"outcome ");
    raw(out, classes[report->summary.outcome]); /* a line has been written: it is one of those */
    raw(out, "\">");
    put(out, line.text);
    raw(out, "</p>\n");
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* What a reader without script sees */

static void write_grid(wtfcb_base_writer *out, const wtfcb_benchmark_grid *grid, const char *caption)
{
    line_t line;
    raw(out, "<table><caption>");
    put(out, caption);
    raw(out, "</caption>\n");
    for (uint32_t r = 0; r <= grid->rows; r++) {
        if (r > 0 && !grid->scaling && grid->report->rows[grid->from + r - 1].row.runs == 0) continue;
        raw(out, "<tr>");
        for (uint32_t c = 0; c < grid->columns; c++) {
            wtfcb_benchmark_line_clear(&line);
            if (r == 0)
                wtfcb_benchmark_grid_title(grid, c, &line);
            else
                wtfcb_benchmark_grid_cell(grid, r - 1, c, &line);
            raw(out, r == 0 ? "<th>" : "<td>");
            put(out, line.text);
            raw(out, r == 0 ? "</th>" : "</td>");
        }
        raw(out, "</tr>\n");
    }
    raw(out, "</table>\n");
}

static void write_rows(wtfcb_base_writer *out, const void *user)
{
    const wtfcb_report *report = user;
    wtfcb_benchmark_grid grid;
    line_t line;
    for (uint32_t from = 0, to; from < report->summary.row_count; from = to) {
        to = wtfcb_benchmark_group_end(report, from);
        wtfcb_benchmark_line_clear(&line);
        wtfcb_benchmark_line_group(&line, &report->rows[from].row);
        wtfcb_benchmark_grid_rows(report, from, to, &grid);
        write_grid(out, &grid, line.text);
        for (uint32_t i = from; i < to; i++) {
            if (report->rows[i].row.runs > 0) continue;
            raw(out, "<p>");
            put(out, wtfcb_benchmark_short_name(&report->rows[i].row));
            raw(out, " was not measured: ");
            put(out, wtfcb_benchmark_failure(&report->rows[i].row));
            raw(out, "</p>\n");
        }
    }
}

static void write_scalings(wtfcb_base_writer *out, const void *user)
{
    const wtfcb_report *report = user;
    wtfcb_benchmark_grid grid;
    line_t line;
    for (uint32_t i = 0; i < report->summary.scaling_count; i++) {
        const wtfcb_benchmark_scaling *scaling = &report->scalings[i];
        const wtfcb_report_row named = {.project = scaling->scaling.project, .depth = scaling->scaling.depth};
        wtfcb_benchmark_line_clear(&line);
        wtfcb_benchmark_line_group(&line, &named);
        wtfcb_benchmark_grid_points(report, scaling, &grid);
        raw(out, "<div class=\"scaling\">\n<h3>");
        put(out, line.text);
        raw(out, "</h3>\n<div class=\"plots\"></div>\n<div class=\"scroll\" tabindex=\"0\">");
        write_grid(out, &grid, "Median throughput, how far its interval reaches, and what the models say");
        wtfcb_benchmark_line_clear(&line);
        wtfcb_benchmark_line_scaling(&line, &scaling->scaling);
        raw(out, "</div>\n<p>");
        put(out, line.text);
        raw(out, "</p>\n</div>\n");
    }
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* Verdicts, advice, fingerprint */

static void write_comparisons(wtfcb_base_writer *out, const void *user)
{
    const wtfcb_report *report = user;
    line_t line;
    for (uint32_t i = 0; i < report->summary.comparison_count; i++) {
        const char *verdict = wtfcb_verdict_name(report->comparisons[i].verdict);
        wtfcb_benchmark_line_clear(&line);
        wtfcb_benchmark_line_comparison(&line, report, &report->comparisons[i]);
        raw(out, "<li class=\"");
        raw(out, verdict);
        raw(out, "\"><b>");
        raw(out, verdict);
        raw(out, "</b><span>");
        put(out, line.text);
        raw(out, "</span></li>\n");
    }
}

static void write_advice(wtfcb_base_writer *out, const void *user)
{
    const wtfcb_report *report = user;
    for (uint32_t i = 0; i < report->summary.advice_count; i++) {
        const wtfcb_report_advice *advice = &report->advice[i];
        raw(out, "<li><b>");
        put(out, advice->text);
        raw(out, "</b> <small class=\"tag\">");
        put(out, *advice->project ? advice->project : "all projects");
        raw(out, "</small><span>");
        put(out, advice->evidence);
        raw(out, "</span></li>\n");
    }
}

/* Lines of the form "key=value"; others are values without a key. */
static void write_fingerprint(wtfcb_base_writer *out, const void *user)
{
    const wtfcb_report *report = user;
    char text[WTFCB_BENCHMARK_LINE];
    for (const char *at = report->summary.fingerprint; *at;) {
        size_t length = strcspn(at, "\n");
        size_t kept = length < sizeof text ? length : sizeof text - 1;
        memcpy(text, at, kept);
        text[kept] = '\0';
        char *value = strchr(text, '=');
        if (value) *value++ = '\0';
        raw(out, "<dt>");
        put(out, value ? text : "");
        raw(out, "</dt><dd>");
        put(out, value ? value : text);
        raw(out, "</dd>\n");
        at += length + (at[length] == '\n');
    }
}

static void write_version(wtfcb_base_writer *out, const void *user)
{
    (void)user;
    raw(out, "libwtfcb ");
    raw(out, wtfcb_version_string());
}

/* The data take memory, and so may fail; the writer's status tells the caller. */
static void write_data(wtfcb_base_writer *out, const void *user)
{
    wtfcb_status status = wtfcb_benchmark_html_data(user, out);
    if (status != WTFCB_OK && out->status == WTFCB_OK) out->status = status;
}

/* A section without content is not shown. */
static void write_hidden(wtfcb_base_writer *out, bool hidden)
{
    if (hidden) raw(out, "hidden");
}

static void write_no_comparisons(wtfcb_base_writer *out, const void *user)
{
    write_hidden(out, ((const wtfcb_report *)user)->summary.comparison_count == 0);
}

static void write_no_scalings(wtfcb_base_writer *out, const void *user)
{
    write_hidden(out, ((const wtfcb_report *)user)->summary.scaling_count == 0);
}

static void write_no_advice(wtfcb_base_writer *out, const void *user)
{
    write_hidden(out, ((const wtfcb_report *)user)->summary.advice_count == 0);
}

static void write_no_fingerprint(wtfcb_base_writer *out, const void *user)
{
    write_hidden(out, !*((const wtfcb_report *)user)->summary.fingerprint);
}

wtfcb_status wtfcb_benchmark_write_html(const wtfcb_report *report, wtfcb_base_writer *out)
{
    static const wtfcb_base_html_mark marks[] = {
        {"name", write_name},
        {"origin", write_origin},
        {"outcome", write_outcome},
        {"facts", write_facts},
        {"rows", write_rows},
        {"scalings", write_scalings},
        {"no-scalings", write_no_scalings},
        {"comparisons", write_comparisons},
        {"no-comparisons", write_no_comparisons},
        {"advice", write_advice},
        {"no-advice", write_no_advice},
        {"fingerprint", write_fingerprint},
        {"no-fingerprint", write_no_fingerprint},
        {"version", write_version},
        {"data", write_data},
    };
    wtfcb_base_html_page(out, (const char *)page_bytes, marks, sizeof marks / sizeof *marks,
                         report); /* ends with a NUL */
    return out->status;
}
