/* What the parts of the page's writer know of each other: report_html.c fills the template, report_html_data.c writes what its scripts draw from. */
#ifndef WTFCB_BENCHMARK_REPORT_HTML_H
#define WTFCB_BENCHMARK_REPORT_HTML_H

#include "base/writer.h"
#include "benchmark/report.h"

/*
 * The report as the page's scripts want it: keys are those of its own JSON; of samples there are wall-clock times alone, and of many only those that a plot can
 * show; profiles are timelines. `<` is escaped, so that it can stand inside a script element. WTFCB_OK; WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_benchmark_html_data(const wtfcb_report *report, wtfcb_base_writer *out);

#endif
