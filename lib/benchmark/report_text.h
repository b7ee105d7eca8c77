/*
 * A report in words and figures, for those of its writers whose readers are people: texts made harmless, figures with a unit and three digits, verdicts as sentences.
 *
 * Nothing here allocates or depends on the locale. A line is cut, at the end of a character, where its room ends.
 */
#ifndef WTFCB_BENCHMARK_REPORT_TEXT_H
#define WTFCB_BENCHMARK_REPORT_TEXT_H

#include "benchmark/report.h"

enum { WTFCB_BENCHMARK_LINE = 4096 };

typedef struct wtfcb_benchmark_line {
    size_t length;
    char text[WTFCB_BENCHMARK_LINE]; /* UTF-8, NUL-terminated; no control characters */
} wtfcb_benchmark_line;

void wtfcb_benchmark_line_clear(wtfcb_benchmark_line *line);
/* A text of whoever made the report: no UTF-8, control characters and those that turn the direction of writing become U+FFFD, line breaks and tabs blanks. */
void wtfcb_benchmark_line_text(wtfcb_benchmark_line *line, const char *text);
/* With commas between thousands, `digits` behind the point; what is 1e15 or more as 1.23e+15, what is no number as "?". */
void wtfcb_benchmark_line_real(wtfcb_benchmark_line *line, double number, uint32_t digits);
void wtfcb_benchmark_line_number(wtfcb_benchmark_line *line, uint64_t number);
/* Part as percent with one digit, such as "4.2 %"; with its sign if `sign`. */
void wtfcb_benchmark_line_percent(wtfcb_benchmark_line *line, double part, bool sign);

/* Columns of a terminal that a text takes; what is wide takes two. */
size_t wtfcb_benchmark_width(const char *text, size_t length);
/* The bytes of `text` that fit into `width` columns: whole characters. */
size_t wtfcb_benchmark_fit(const char *text, size_t width);

/* What a column of figures is written in, so that they can be compared at a glance. */
typedef struct wtfcb_benchmark_scale {
    const char *unit; /* "ms"; NULL: figures are too far apart for one, each has its own */
    const char *kind; /* the measure's unit: "ns", "bytes", ... */
    double size;      /* of the unit */
    uint32_t digits;  /* behind the point */
} wtfcb_benchmark_scale;

/* The scale for figures of a measure's unit from `least` to `most`. */
wtfcb_benchmark_scale wtfcb_benchmark_scale_of(const char *kind, double least, double most);
/* A figure, with its unit if asked for or if the scale has none of its own. */
void wtfcb_benchmark_line_scaled(wtfcb_benchmark_line *line, const wtfcb_benchmark_scale *scale, double number,
                                 bool unit);
/* A figure alone with its unit: "39.8 s". */
void wtfcb_benchmark_line_figure(wtfcb_benchmark_line *line, const char *kind, double number);

/* The least and the most that rows [from, to) have of a measure: medians and, if `intervals`, their ends. False if none of them knows it. */
bool wtfcb_benchmark_span(const wtfcb_report *report, uint32_t from, uint32_t to, uint32_t measure, bool intervals,
                          double *ret_least, double *ret_most);

/* One behind the last row that has the project and depth of row `from`. */
uint32_t wtfcb_benchmark_group_end(const wtfcb_report *report, uint32_t from);
/* "linux, syntax", or "Functions". */
void wtfcb_benchmark_line_group(wtfcb_benchmark_line *line, const wtfcb_report_row *row);
/* "78,579 files, 33,912,884 lines, 1.22 GiB", as far as the row knows. */
void wtfcb_benchmark_line_amount(wtfcb_benchmark_line *line, const wtfcb_report_row *row);
/* The row's name without the project and depth that it begins with. */
const char *wtfcb_benchmark_short_name(const wtfcb_report_row *row);

/* Sentences. The first says what was measured where and when, the second what came of it ("" without a baseline). */
void wtfcb_benchmark_line_origin(wtfcb_benchmark_line *line, const wtfcb_report *report);
void wtfcb_benchmark_line_outcome(wtfcb_benchmark_line *line, const wtfcb_report *report);
void wtfcb_benchmark_line_comparison(wtfcb_benchmark_line *line, const wtfcb_report *report,
                                     const wtfcb_report_comparison *comparison);
void wtfcb_benchmark_line_scaling(wtfcb_benchmark_line *line, const wtfcb_report_scaling *scaling);
/* What to do, for which project, and why. */
void wtfcb_benchmark_line_advice(wtfcb_benchmark_line *line, const wtfcb_report_advice *advice);
/* What there is to know of a row beside its figures: flags, outliers; "" if nothing. */
void wtfcb_benchmark_line_notes(wtfcb_benchmark_line *line, const wtfcb_benchmark_row *row);
/* Why a row has no samples. */
const char *wtfcb_benchmark_failure(const wtfcb_report_row *row);

#endif
