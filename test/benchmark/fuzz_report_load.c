/*
 * Reports from files. Promises: a text is read or refused with WTFCB_EFORMAT and a message; what was read has rows that lead to rows and figures that are numbers; every
 * format can be written of it; saving it, loading that and saving again gives the same bytes.
 */
#include "../fuzz.h"

#include <math.h>

#include <wtfcb/report.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "benchmark/report_load.h"

static wtfcb_allocator allocator;

int LLVMFuzzerInitialize(const int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    allocator = wtfcb_base_allocator(NULL);
    return 0;
}

static wtfcb_status append(void *user, const char *bytes, size_t length)
{
    wtfcb_base_buffer_append(user, bytes, length);
    return WTFCB_OK;
}

static wtfcb_base_buffer write_report(const wtfcb_report *report, int32_t format)
{
    wtfcb_base_buffer text;
    wtfcb_base_buffer_init(&text, &allocator);
    FUZZ_ASSERT(wtfcb_report_write(report, format, append, &text) == WTFCB_OK && !text.failed);
    return text;
}

/* As a reader would go through it. */
static void walk(const wtfcb_report *report)
{
    wtfcb_report_summary summary;
    wtfcb_report_row row;
    wtfcb_report_figure figure;
    wtfcb_report_scaling scaling;
    wtfcb_report_scaling_point point;
    const double *values;
    uint64_t count;
    FUZZ_ASSERT(wtfcb_report_get_summary(report, &summary, sizeof summary) == WTFCB_OK);
    for (uint64_t i = 0; wtfcb_report_row_at(report, i, &row, sizeof row) == WTFCB_OK; i++) {
        FUZZ_ASSERT(row.reference == WTFCB_REPORT_NONE || row.reference < summary.row_count);
        FUZZ_ASSERT(isfinite(row.speedup) && isfinite(row.speedup_high) && isfinite(row.noise));
        for (uint32_t m = 1; m <= WTFCB_REPORT_MEASURES; m++) {
            if (wtfcb_report_samples(report, i, m, &values, &count) != WTFCB_OK) continue;
            FUZZ_ASSERT(count == row.runs && count > 0);
            FUZZ_ASSERT(wtfcb_report_figure_at(report, i, m, &figure, sizeof figure) == WTFCB_OK);
            FUZZ_ASSERT(figure.count == count && isfinite(figure.mean) && isfinite(figure.deviation) &&
                        isfinite(figure.mad));
            FUZZ_ASSERT(figure.minimum <= figure.low && figure.low <= figure.median && figure.median <= figure.high &&
                        figure.high <= figure.maximum);
        }
    }
    for (uint64_t i = 0; wtfcb_report_scaling_at(report, i, &scaling, sizeof scaling) == WTFCB_OK; i++)
        for (uint64_t k = 0; wtfcb_report_scaling_point_at(report, i, k, &point, sizeof point) == WTFCB_OK; k++)
            FUZZ_ASSERT(point.row < summary.row_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy(data, size, 0, 0);
    wtfcb_report *report = NULL, *again = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = wtfcb_benchmark_report_parse(NULL, "f", text, size, &report, &error);
    free(text);
    if (status != WTFCB_OK) {
        FUZZ_ASSERT(status == WTFCB_EFORMAT && error.status == status && !report);
        FUZZ_ASSERT(strncmp(error.message, "cannot read f", 13) == 0);
        return 0;
    }
    walk(report);
    for (int32_t format = WTFCB_REPORT_JSON; format <= WTFCB_REPORT_TABLE; format++) {
        wtfcb_base_buffer written = write_report(report, format);
        wtfcb_base_buffer_free(&written);
    }
    wtfcb_base_buffer first = write_report(report, WTFCB_REPORT_JSON);
    FUZZ_ASSERT(wtfcb_benchmark_report_parse(NULL, "f", first.data, first.length, &again, &error) == WTFCB_OK);
    wtfcb_base_buffer second = write_report(again, WTFCB_REPORT_JSON);
    FUZZ_ASSERT(first.length == second.length && memcmp(first.data, second.data, first.length) == 0);
    wtfcb_base_buffer_free(&first);
    wtfcb_base_buffer_free(&second);
    wtfcb_report_free(report);
    wtfcb_report_free(again);
    return 0;
}
