/*
 * The writers of a report, one file each: report_json.c, report_csv.c, report_markdown.c, report_table.c, report_html.c. They read a sealed report and write to a
 * writer; a format is one row in the table of report_write.c.
 */
#ifndef WTFCB_BENCHMARK_REPORT_WRITE_H
#define WTFCB_BENCHMARK_REPORT_WRITE_H

#include "base/writer.h"
#include "benchmark/report.h"

/* Each: WTFCB_OK, WTFCB_ENOMEM, or the writer's status. */
wtfcb_status wtfcb_benchmark_write_json(const wtfcb_report *report, wtfcb_base_writer *out);
wtfcb_status wtfcb_benchmark_write_csv(const wtfcb_report *report, wtfcb_base_writer *out);
wtfcb_status wtfcb_benchmark_write_markdown(const wtfcb_report *report, wtfcb_base_writer *out);
wtfcb_status wtfcb_benchmark_write_table(const wtfcb_report *report, wtfcb_base_writer *out);
wtfcb_status wtfcb_benchmark_write_html(const wtfcb_report *report, wtfcb_base_writer *out);

#endif
