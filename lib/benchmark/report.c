/*
 * A report in memory: filled by a builder (the runner, the loader), sealed, then read by any number of threads.
 *
 * Everything that it points to is in its arena, but for the profiles of rows, of which it has holds; rows are copied out as far as the caller's struct reaches.
 */
#include "benchmark/report.h"

#include <string.h>

#include "base/memory.h"
#include "base/row.h"
#include "profiler/profile_fields.h"

#define MEASURE(id_, name_, summary_, unit_, better_)                                                                  \
    {                                                                                                                  \
        .name = name_, .summary = summary_, .unit = unit_, .id = WTFCB_REPORT_##id_, .better = WTFCB_REPORT_##better_, \
    }

/* In the order of ids. Names stand in files: they are as fixed as the ids. */
static const wtfcb_report_measure_row measures[WTFCB_REPORT_MEASURES] = {
    MEASURE(WALL, "wall", "wall-clock time", "ns", LESS),
    MEASURE(USER, "user", "processor time, user mode", "ns", LESS),
    MEASURE(SYSTEM, "system", "processor time, kernel", "ns", LESS),
    MEASURE(MEMORY, "memory", "peak memory of the run alone", "bytes", LESS),
    MEASURE(MINOR_FAULTS, "minor-faults", "page faults without input", "", LESS),
    MEASURE(MAJOR_FAULTS, "major-faults", "page faults that waited for input", "", LESS),
    MEASURE(FILES_RATE, "files-rate", "files a second", "1/s", MORE),
    MEASURE(LINES_RATE, "lines-rate", "lines a second", "1/s", MORE),
    MEASURE(BYTES_RATE, "bytes-rate", "bytes a second", "bytes/s", MORE),
    MEASURE(HIT_RATE, "hit-rate", "part of lookups that the cache answered", "", MORE),
    MEASURE(ERRORS, "errors", "files that failed", "", LESS),
};

const wtfcb_report_measure_row *wtfcb_benchmark_measure_table(void)
{
    return measures;
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* For builders */

wtfcb_status wtfcb_benchmark_report_new(const wtfcb_allocator *allocator, wtfcb_report **ret_report)
{
    wtfcb_allocator chosen = wtfcb_base_allocator(allocator);
    wtfcb_report *report = wtfcb_base_calloc(&chosen, 1, sizeof *report);
    if (!report) return WTFCB_ENOMEM;
    report->allocator = chosen;
    atomic_init(&report->holds, 1);
    wtfcb_base_arena_init(&report->arena, &report->allocator);
    report->summary.name = "";
    report->summary.fingerprint = "";
    report->summary.confidence = 0.95;
    for (const wtfcb_profiler_field *field = wtfcb_profiler_system_fields; field->name; field++) {
        const uint64_t unknown = WTFCB_UNKNOWN;
        if (field->kind == WTFCB_PROFILER_FIELD_KNOWN)
            memcpy((char *)&report->system + field->offset, &unknown, sizeof unknown);
    }
    *ret_report = report;
    return WTFCB_OK;
}

void *wtfcb_benchmark_report_rows(wtfcb_report *report, uint64_t count, size_t size)
{
    uint64_t bytes;
    if (__builtin_mul_overflow(count, (uint64_t)size, &bytes) || bytes > PTRDIFF_MAX) return NULL;
    size_t length = bytes ? (size_t)bytes : 1;
    void *rows = wtfcb_base_arena_alloc(&report->arena, length);
    if (rows) memset(rows, 0, length);
    return rows;
}

const char *wtfcb_benchmark_report_text(wtfcb_report *report, const char *text)
{
    if (!text || !*text) return "";
    return wtfcb_base_arena_string(&report->arena, text, strlen(text));
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* The handle */

wtfcb_report *wtfcb_report_ref(wtfcb_report *report)
{
    if (report) atomic_fetch_add_explicit(&report->holds, 1, memory_order_relaxed);
    return report;
}

void wtfcb_report_free(wtfcb_report *report)
{
    if (!report || atomic_fetch_sub_explicit(&report->holds, 1, memory_order_acq_rel) != 1) return;
    for (uint32_t i = 0; report->rows && i < report->summary.row_count; i++)
        wtfcb_profile_free(report->rows[i].profile);
    wtfcb_base_arena_free(&report->arena);
    wtfcb_allocator allocator = report->allocator;
    wtfcb_base_free(&allocator, report, sizeof *report);
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* What is in it */

wtfcb_status wtfcb_report_get_summary(const wtfcb_report *report, wtfcb_report_summary *ret_summary, size_t size)
{
    if (!report || !ret_summary) return WTFCB_EINVAL;
    wtfcb_base_row_copy(ret_summary, size, &report->summary, sizeof report->summary);
    return WTFCB_OK;
}

wtfcb_status wtfcb_report_get_system(const wtfcb_report *report, wtfcb_system_info *ret_info, size_t size)
{
    if (!report || !ret_info) return WTFCB_EINVAL;
    wtfcb_base_row_copy(ret_info, size, &report->system, sizeof report->system);
    return WTFCB_OK;
}

/* What all getters of rows do: `row` is NULL if there is none. */
static wtfcb_status copy_row(const void *row, size_t size, void *ret_row, size_t row_size)
{
    if (!ret_row) return WTFCB_EINVAL;
    if (!row) return WTFCB_ENOTFOUND;
    wtfcb_base_row_copy(ret_row, row_size, row, size);
    return WTFCB_OK;
}

uint64_t wtfcb_report_measure_count(void)
{
    return WTFCB_REPORT_MEASURES;
}

wtfcb_status wtfcb_report_measure_at(uint64_t index, wtfcb_report_measure_row *ret_row, size_t row_size)
{
    return copy_row(index < WTFCB_REPORT_MEASURES ? &measures[index] : NULL, sizeof *measures, ret_row, row_size);
}

wtfcb_status wtfcb_report_row_at(const wtfcb_report *report, uint64_t index, wtfcb_report_row *ret_row, size_t row_size)
{
    if (!report) return WTFCB_EINVAL;
    return copy_row(index < report->summary.row_count ? &report->rows[index].row : NULL, sizeof *ret_row, ret_row,
                    row_size);
}

wtfcb_status wtfcb_report_find(const wtfcb_report *report, const char *name, uint64_t *ret_index)
{
    if (!report || !name || !ret_index) return WTFCB_EINVAL;
    for (uint32_t i = 0; i < report->summary.row_count; i++) {
        if (strcmp(report->rows[i].row.name, name) != 0) continue;
        *ret_index = i;
        return WTFCB_OK;
    }
    return WTFCB_ENOTFOUND;
}

/* The row that has samples of a measure, or NULL. */
static const wtfcb_benchmark_row *find_samples(const wtfcb_report *report, uint64_t row, uint32_t measure)
{
    if (row >= report->summary.row_count || measure < 1 || measure > WTFCB_REPORT_MEASURES) return NULL;
    return report->rows[row].samples[measure - 1] ? &report->rows[row] : NULL;
}

wtfcb_status wtfcb_report_samples(const wtfcb_report *report, uint64_t row, uint32_t measure, const double **ret_values,
                                  uint64_t *ret_count)
{
    if (!report || !ret_values || !ret_count) return WTFCB_EINVAL;
    const wtfcb_benchmark_row *found = find_samples(report, row, measure);
    if (!found) return WTFCB_ENOTFOUND;
    *ret_values = found->samples[measure - 1];
    *ret_count = found->row.runs;
    return WTFCB_OK;
}

wtfcb_status wtfcb_report_figure_at(const wtfcb_report *report, uint64_t row, uint32_t measure,
                                    wtfcb_report_figure *ret_figure, size_t size)
{
    if (!report) return WTFCB_EINVAL;
    const wtfcb_benchmark_row *found = find_samples(report, row, measure);
    return copy_row(found ? &found->figures[measure - 1] : NULL, sizeof *ret_figure, ret_figure, size);
}

wtfcb_status wtfcb_report_profile(const wtfcb_report *report, uint64_t row, wtfcb_profile **ret_profile)
{
    if (!report || !ret_profile) return WTFCB_EINVAL;
    if (row >= report->summary.row_count || !report->rows[row].profile) return WTFCB_ENOTFOUND;
    *ret_profile = wtfcb_profile_ref(report->rows[row].profile);
    return WTFCB_OK;
}

wtfcb_status wtfcb_report_comparison_at(const wtfcb_report *report, uint64_t index, wtfcb_report_comparison *ret_row,
                                        size_t row_size)
{
    if (!report) return WTFCB_EINVAL;
    return copy_row(index < report->summary.comparison_count ? &report->comparisons[index] : NULL, sizeof *ret_row,
                    ret_row, row_size);
}

wtfcb_status wtfcb_report_scaling_at(const wtfcb_report *report, uint64_t index, wtfcb_report_scaling *ret_row,
                                     size_t row_size)
{
    if (!report) return WTFCB_EINVAL;
    return copy_row(index < report->summary.scaling_count ? &report->scalings[index].scaling : NULL, sizeof *ret_row,
                    ret_row, row_size);
}

wtfcb_status wtfcb_report_scaling_point_at(const wtfcb_report *report, uint64_t scaling, uint64_t index,
                                           wtfcb_report_scaling_point *ret_row, size_t row_size)
{
    if (!report) return WTFCB_EINVAL;
    const wtfcb_report_scaling_point *point = NULL;
    if (scaling < report->summary.scaling_count && index < report->scalings[scaling].scaling.point_count)
        point = &report->scalings[scaling].points[index];
    return copy_row(point, sizeof *point, ret_row, row_size);
}

wtfcb_status wtfcb_report_advice_at(const wtfcb_report *report, uint64_t index, wtfcb_report_advice *ret_row,
                                    size_t row_size)
{
    if (!report) return WTFCB_EINVAL;
    return copy_row(index < report->summary.advice_count ? &report->advice[index] : NULL, sizeof *ret_row, ret_row,
                    row_size);
}

const char *wtfcb_verdict_name(uint32_t verdict)
{
    static const char *const names[] = {"unknown", "better", "same", "worse", "inconclusive"};
    return names[verdict <= WTFCB_VERDICT_INCONCLUSIVE ? verdict : 0];
}
