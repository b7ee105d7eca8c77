/*
 * Recommendations: rules over the rows and scalings of a report. Each says what to do and which figures say so; a rule whose figures do not say it for
 * sure, intervals included, is silent. The list of rules is in wtfcb_report(3).
 */
#ifndef WTFCB_BENCHMARK_ADVICE_H
#define WTFCB_BENCHMARK_ADVICE_H

#include "benchmark/report.h"

/* Add the advice of a report whose figures and scalings are there. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_benchmark_advise(wtfcb_report *report);

#endif
