/*
 * A report as JSON: `results` is what hyperfine writes, for whatever reads that; all that a report has is in `wtfcb`, which report_load.c reads.
 * man/wtfcb_report.3 describes the keys.
 *
 * `results` has the rows that have samples of wall-clock time, in seconds, and is computed from the rest: nobody reads it back. Saving what was
 * loaded gives the same bytes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "benchmark/report_fields.h"
#include "benchmark/report_json.h"
#include "benchmark/report_write.h"

#define NS 1e9

static void put_fields(wtfcb_base_json *json, const wtfcb_profiler_field *fields, const void *row)
{
    for (; fields->name; fields++)
        wtfcb_profiler_put_field(json, fields, row, true);
}

static void put_choices(wtfcb_base_json *json, const wtfcb_benchmark_choice *choices, const void *row)
{
    for (; choices->key; choices++)
        wtfcb_base_json_text(json, choices->key, wtfcb_benchmark_choice_name(choices, row));
}

static void put_values(wtfcb_base_json *json, const char *key, const double *values, uint64_t count, double unit)
{
    wtfcb_base_json_open_array(json, key);
    for (uint64_t i = 0; i < count; i++)
        wtfcb_base_json_real(json, NULL, values[i] / unit + 0.0);
    wtfcb_base_json_close_array(json);
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* As hyperfine has it */

/* A part of a row's parameters that has the form "key=value". */
typedef struct pair {
    char key[64];
    char value[256];
} pair;

enum { PAIRS_MOST = 16 };

/* What stands before the next comma; false if it is no pair. `*at` becomes NULL behind the last. */
static bool next_pair(const char **at, pair *p)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
    const char *part = *at;
    size_t length = strcspn(part, ",");
    *at = part[length] ? part + length + 1 : NULL;
    size_t key = strspn(part, plain);
    if (key == 0 || key >= sizeof p->key || part[key] != '=' || length - key - 1 >= sizeof p->value) return false;
    memcpy(p->key, part, key);
    p->key[key] = '\0';
    memcpy(p->value, part + key + 1, length - key - 1);
    p->value[length - key - 1] = '\0';
    return true;
}

/* The parameters as hyperfine's object of them; of a scan its threads. A key stands there once: the first of them counts. */
static void put_parameters(wtfcb_base_json *json, const wtfcb_report_row *row)
{
    pair pairs[PAIRS_MOST];
    uint32_t count = 0;
    const char *at = row->parameters;
    while (at && count < PAIRS_MOST) {
        bool taken = next_pair(&at, &pairs[count]);
        for (uint32_t i = 0; taken && i < count; i++)
            taken = strcmp(pairs[i].key, pairs[count].key) != 0;
        count += taken;
    }
    if (count == 0 && row->threads > 0) {
        (void)snprintf(pairs[0].key, sizeof pairs[0].key, "threads");
        (void)snprintf(pairs[0].value, sizeof pairs[0].value, "%" PRIu32, row->threads);
        count = 1;
    }
    if (count == 0) return;
    wtfcb_base_json_open_object(json, "parameters");
    for (uint32_t i = 0; i < count; i++)
        wtfcb_base_json_text(json, pairs[i].key, pairs[i].value);
    wtfcb_base_json_close_object(json);
}

/* Mean of a measure in seconds; null if it is not known. */
static void put_mean(wtfcb_base_json *json, const char *key, const wtfcb_benchmark_row *row, uint32_t measure)
{
    if (row->samples[measure - 1])
        wtfcb_base_json_real(json, key, row->figures[measure - 1].mean / NS);
    else
        wtfcb_base_json_null(json, key);
}

static void put_result(wtfcb_base_json *json, const wtfcb_benchmark_row *row)
{
    const wtfcb_report_figure *wall = &row->figures[WTFCB_REPORT_WALL - 1];
    const double *memory = row->samples[WTFCB_REPORT_MEMORY - 1];
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_object(json, NULL);
    wtfcb_base_json_text(json, "command", row->row.name);
    wtfcb_base_json_real(json, "mean", wall->mean / NS);
    if (wall->count > 1)
        wtfcb_base_json_real(json, "stddev", wall->deviation / NS);
    else
        wtfcb_base_json_null(json, "stddev");
    wtfcb_base_json_real(json, "median", wall->median / NS);
    put_mean(json, "user", row, WTFCB_REPORT_USER);
    put_mean(json, "system", row, WTFCB_REPORT_SYSTEM);
    wtfcb_base_json_real(json, "min", wall->minimum / NS);
    wtfcb_base_json_real(json, "max", wall->maximum / NS);
    put_values(json, "times", row->samples[WTFCB_REPORT_WALL - 1], wall->count, NS);
    if (memory) {
        wtfcb_base_json_open_array(json, "memory_usage_byte");
        for (uint64_t i = 0; i < wall->count; i++)
            wtfcb_base_json_number(json, NULL, memory[i] < 0x1p63 ? (uint64_t)memory[i] : INT64_MAX);
        wtfcb_base_json_close_array(json);
    }
    wtfcb_base_json_open_array(json, "exit_codes"); /* a run that fails ends its row: there are no others */
    for (uint64_t i = 0; i < wall->count; i++)
        wtfcb_base_json_number(json, NULL, 0);
    wtfcb_base_json_close_array(json);
    put_parameters(json, &row->row);
    wtfcb_base_json_close_object(json);
}

static void put_results(wtfcb_base_json *json, const wtfcb_report *report)
{
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_array(json, "results");
    for (uint32_t i = 0; i < report->summary.row_count; i++)
        if (report->rows[i].samples[WTFCB_REPORT_WALL - 1]) put_result(json, &report->rows[i]);
    wtfcb_base_json_close_array(json);
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* All of it */

static void put_measures(wtfcb_base_json *json)
{
    const wtfcb_report_measure_row *table = wtfcb_benchmark_measure_table();
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_array(json, "measures");
    for (uint32_t m = 0; m < WTFCB_REPORT_MEASURES; m++) {
        wtfcb_base_json_newline(json);
        wtfcb_base_json_open_object(json, NULL);
        wtfcb_base_json_text(json, "name", table[m].name);
        wtfcb_base_json_text(json, "summary", table[m].summary);
        wtfcb_base_json_text(json, "unit", table[m].unit);
        wtfcb_base_json_signed(json, "better", table[m].better);
        wtfcb_base_json_close_object(json);
    }
    wtfcb_base_json_close_array(json);
}

void wtfcb_benchmark_json_row(wtfcb_base_json *json, const wtfcb_benchmark_row *row)
{
    put_fields(json, wtfcb_benchmark_row_fields, &row->row);
    wtfcb_base_json_open_array(json, "flags");
    for (uint32_t bit = 0; bit < WTFCB_BENCHMARK_FLAGS; bit++)
        if (row->row.flags & 1u << bit) wtfcb_base_json_text(json, NULL, wtfcb_benchmark_flag_names[bit]);
    wtfcb_base_json_close_array(json);
    put_fields(json, wtfcb_benchmark_computed_fields, &row->row);
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_object(json, "figures");
    for (uint32_t m = 1; m <= WTFCB_REPORT_MEASURES; m++) {
        if (!row->samples[m - 1]) continue;
        wtfcb_base_json_newline(json);
        wtfcb_base_json_open_object(json, wtfcb_benchmark_measure_name(m));
        put_fields(json, wtfcb_benchmark_figure_fields, &row->figures[m - 1]);
        wtfcb_base_json_close_object(json);
    }
    wtfcb_base_json_close_object(json);
}

static void put_row(wtfcb_base_json *json, const wtfcb_benchmark_row *row)
{
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_object(json, NULL);
    wtfcb_benchmark_json_row(json, row);
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_object(json, "samples");
    for (uint32_t m = 1; m <= WTFCB_REPORT_MEASURES; m++) {
        if (!row->samples[m - 1]) continue;
        wtfcb_base_json_newline(json);
        put_values(json, wtfcb_benchmark_measure_name(m), row->samples[m - 1], row->row.runs, 1);
    }
    wtfcb_base_json_close_object(json);
    wtfcb_base_json_close_object(json);
}

static void put_scaling(wtfcb_base_json *json, const wtfcb_benchmark_scaling *scaling)
{
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_object(json, NULL);
    put_fields(json, wtfcb_benchmark_scaling_fields, &scaling->scaling);
    put_choices(json, wtfcb_benchmark_scaling_choices, &scaling->scaling);
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_array(json, "points");
    for (uint32_t i = 0; i < scaling->scaling.point_count; i++) {
        wtfcb_base_json_newline(json);
        wtfcb_base_json_open_object(json, NULL);
        put_fields(json, wtfcb_benchmark_point_fields, &scaling->points[i]);
        wtfcb_base_json_close_object(json);
    }
    wtfcb_base_json_close_array(json);
    wtfcb_base_json_close_object(json);
}

void wtfcb_benchmark_json_judgements(wtfcb_base_json *json, const wtfcb_report *report)
{
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_array(json, "comparisons");
    for (uint32_t i = 0; i < report->summary.comparison_count; i++) {
        wtfcb_base_json_newline(json);
        wtfcb_base_json_open_object(json, NULL);
        put_fields(json, wtfcb_benchmark_comparison_fields, &report->comparisons[i]);
        put_choices(json, wtfcb_benchmark_comparison_choices, &report->comparisons[i]);
        wtfcb_base_json_close_object(json);
    }
    wtfcb_base_json_close_array(json);
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_array(json, "scalings");
    for (uint32_t i = 0; i < report->summary.scaling_count; i++)
        put_scaling(json, &report->scalings[i]);
    wtfcb_base_json_close_array(json);
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_array(json, "advice");
    for (uint32_t i = 0; i < report->summary.advice_count; i++) {
        wtfcb_base_json_newline(json);
        wtfcb_base_json_open_object(json, NULL);
        put_fields(json, wtfcb_benchmark_advice_fields, &report->advice[i]);
        wtfcb_base_json_close_object(json);
    }
    wtfcb_base_json_close_array(json);
}

void wtfcb_benchmark_json_summary(wtfcb_base_json *json, const wtfcb_report *report)
{
    put_fields(json, wtfcb_benchmark_summary_fields, &report->summary);
    put_choices(json, wtfcb_benchmark_summary_choices, &report->summary);
    wtfcb_base_json_newline(json);
    wtfcb_base_json_open_object(json, "system");
    put_fields(json, wtfcb_profiler_system_fields, &report->system);
    wtfcb_base_json_close_object(json);
    put_measures(json);
}

wtfcb_status wtfcb_benchmark_write_json(const wtfcb_report *report, wtfcb_base_writer *out)
{
    wtfcb_base_json json;
    wtfcb_base_json_init(&json, out);
    wtfcb_base_json_open_object(&json, NULL);
    wtfcb_base_json_number(&json, "schema", WTFCB_PROFILER_SCHEMA);
    wtfcb_base_json_text(&json, "type", WTFCB_BENCHMARK_TYPE_REPORT);
    put_results(&json, report);
    wtfcb_base_json_newline(&json);
    wtfcb_base_json_open_object(&json, "wtfcb");
    wtfcb_benchmark_json_summary(&json, report);
    wtfcb_base_json_newline(&json);
    wtfcb_base_json_open_array(&json, "rows");
    for (uint32_t i = 0; i < report->summary.row_count; i++)
        put_row(&json, &report->rows[i]);
    wtfcb_base_json_close_array(&json);
    wtfcb_benchmark_json_judgements(&json, report);
    wtfcb_base_json_newline(&json);
    wtfcb_base_json_close_object(&json);
    wtfcb_base_json_newline(&json);
    wtfcb_base_json_close_object(&json);
    wtfcb_base_writer_char(out, '\n');
    return WTFCB_OK;
}
