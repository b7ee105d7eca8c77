/* Reading a report from a text, for the loader and for tests. */
#ifndef WTFCB_BENCHMARK_REPORT_LOAD_H
#define WTFCB_BENCHMARK_REPORT_LOAD_H

#include <stddef.h>

#include <wtfcb/report.h>

/* As wtfcb_report_load(), of what stood in the file `path`. */
wtfcb_status wtfcb_benchmark_report_parse(const wtfcb_allocator *allocator, const char *path, const char *text,
                                          size_t length, wtfcb_report **ret_report, wtfcb_error *ret_error);

#endif
