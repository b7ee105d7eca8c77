/* Parts of a report's JSON, which the data inside its page are made of, too. Each writes keys into an object that is open. */
#ifndef WTFCB_BENCHMARK_REPORT_JSON_H
#define WTFCB_BENCHMARK_REPORT_JSON_H

#include "base/json.h"
#include "benchmark/report.h"

/* The summary, the machine, the measures. */
void wtfcb_benchmark_json_summary(wtfcb_base_json *json, const wtfcb_report *report);
/* A row and its figures, without its samples. */
void wtfcb_benchmark_json_row(wtfcb_base_json *json, const wtfcb_benchmark_row *row);
/* Comparisons, scalings, advice. */
void wtfcb_benchmark_json_judgements(wtfcb_base_json *json, const wtfcb_report *report);

#endif
