/*
 * A report as comma-separated values after RFC 4180, with plain line feeds as all text that the library writes: one line for each row and measure, one line
 * without a measure for a row that has no samples. Numbers are those of the report, in the measure's unit: nanoseconds, bytes.
 *
 * Spreadsheets run what begins like a formula, and a report may come from anybody: a text that begins so gets an apostrophe in front, which
 * they take for "text". Who needs names to the byte reads the JSON.
 */
#include <string.h>

#include "base/json.h"
#include "benchmark/report_fields.h"
#include "benchmark/report_write.h"

enum { TEXT_SIZE = 4096 };

static void put_text(wtfcb_base_writer *out, const char *text)
{
    char clean[TEXT_SIZE];
    wtfcb_base_json_clean(clean, sizeof clean, text);
    bool formula = *clean && strchr("=+-@\t\r", *clean);
    bool quoted = strpbrk(clean, ",\"\r\n") != NULL;
    if (quoted) wtfcb_base_writer_char(out, '"');
    if (formula) wtfcb_base_writer_char(out, '\'');
    for (const char *c = clean; *c; c++) {
        if (*c == '"') wtfcb_base_writer_char(out, '"');
        wtfcb_base_writer_char(out, *c);
    }
    if (quoted) wtfcb_base_writer_char(out, '"');
}

static void put_number(wtfcb_base_writer *out, uint64_t number)
{
    wtfcb_base_writer_char(out, ',');
    wtfcb_base_writer_number(out, number);
}

static void put_field(wtfcb_base_writer *out, const wtfcb_profiler_field *field, const void *row)
{
    const void *at = (const char *)row + field->offset;
    wtfcb_base_writer_char(out, ',');
    if (field->kind == WTFCB_PROFILER_FIELD_REAL)
        wtfcb_base_writer_real(out, *(const double *)at + 0.0);
    else
        wtfcb_base_writer_number(out, *(const uint64_t *)at);
}

static void put_fields(wtfcb_base_writer *out, const wtfcb_profiler_field *fields, const void *row)
{
    for (; fields->name; fields++)
        put_field(out, fields, row);
}

static void put_names(wtfcb_base_writer *out, const wtfcb_profiler_field *fields)
{
    for (; fields->name; fields++) {
        wtfcb_base_writer_char(out, ',');
        wtfcb_base_writer_text(out, fields->name);
    }
}

/* Not one text: between semicolons. */
static void put_flags(wtfcb_base_writer *out, uint32_t flags)
{
    bool any = false;
    wtfcb_base_writer_char(out, ',');
    for (uint32_t bit = 0; bit < WTFCB_BENCHMARK_FLAGS; bit++) {
        if (!(flags & 1u << bit)) continue;
        if (any) wtfcb_base_writer_char(out, ';');
        any = true;
        wtfcb_base_writer_text(out, wtfcb_benchmark_flag_names[bit]);
    }
}

static void put_row(wtfcb_base_writer *out, const wtfcb_report_row *row)
{
    const char *const texts[] = {row->name, row->project, row->kind, row->depth, row->parameters};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (i > 0) wtfcb_base_writer_char(out, ',');
        put_text(out, texts[i]);
    }
    put_number(out, row->threads);
    wtfcb_base_writer_char(out, ',');
    wtfcb_base_writer_text(out, wtfcb_status_name(row->status));
    wtfcb_base_writer_char(out, ',');
    put_text(out, row->message);
    put_number(out, row->warmups);
    put_number(out, row->iterations);
    put_number(out, row->files);
    put_number(out, row->lines);
    put_number(out, row->bytes);
    put_flags(out, row->flags);
    put_fields(out, wtfcb_benchmark_computed_fields, row);
}

wtfcb_status wtfcb_benchmark_write_csv(const wtfcb_report *report, wtfcb_base_writer *out)
{
    wtfcb_base_writer_text(
        out, "name,project,kind,depth,parameters,threads,status,message,warmups,iterations,files,lines,bytes,flags");
    put_names(out, wtfcb_benchmark_computed_fields);
    wtfcb_base_writer_text(out, ",measure,unit");
    put_names(out, wtfcb_benchmark_figure_fields);
    wtfcb_base_writer_char(out, '\n');
    for (uint32_t i = 0; i < report->summary.row_count; i++) {
        const wtfcb_benchmark_row *row = &report->rows[i];
        bool any = false;
        for (uint32_t m = 0; m < WTFCB_REPORT_MEASURES; m++) {
            if (!row->samples[m]) continue;
            any = true;
            put_row(out, &row->row);
            wtfcb_base_writer_char(out, ',');
            wtfcb_base_writer_text(out, wtfcb_benchmark_measure_name(m + 1));
            wtfcb_base_writer_char(out, ',');
            wtfcb_base_writer_text(out, wtfcb_benchmark_measure_table()[m].unit);
            put_fields(out, wtfcb_benchmark_figure_fields, &row->figures[m]);
            wtfcb_base_writer_char(out, '\n');
        }
        if (any) continue;
        put_row(out, &row->row);
        wtfcb_base_writer_text(out, ",,");
        for (const wtfcb_profiler_field *field = wtfcb_benchmark_figure_fields; field->name; field++)
            wtfcb_base_writer_char(out, ',');
        wtfcb_base_writer_char(out, '\n');
    }
    return out->status;
}
