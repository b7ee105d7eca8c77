/* What a report says, in sentences; see report_text.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "benchmark/report_fields.h"
#include "benchmark/report_text.h"

typedef wtfcb_benchmark_line line_t;

#define put wtfcb_benchmark_line_text
#define put_number wtfcb_benchmark_line_number
#define put_real wtfcb_benchmark_line_real
#define put_percent wtfcb_benchmark_line_percent

uint32_t wtfcb_benchmark_group_end(const wtfcb_report *report, uint32_t from)
{
    uint32_t end = from + 1;
    while (end < report->summary.row_count &&
           strcmp(report->rows[end].row.project, report->rows[from].row.project) == 0 &&
           strcmp(report->rows[end].row.depth, report->rows[from].row.depth) == 0)
        end++;
    return end;
}

void wtfcb_benchmark_line_group(line_t *line, const wtfcb_report_row *row)
{
    put(line, row->project);
    if (*row->project && *row->depth) put(line, ", ");
    put(line, row->depth);
    if (!*row->project && !*row->depth) put(line, "Functions");
}

void wtfcb_benchmark_line_amount(line_t *line, const wtfcb_report_row *row)
{
    if (row->files > 0) {
        put_number(line, row->files);
        put(line, row->files == 1 ? " file" : " files");
    }
    if (row->lines > 0) {
        if (line->length > 0) put(line, ", ");
        put_number(line, row->lines);
        put(line, row->lines == 1 ? " line" : " lines");
    }
    if (row->bytes > 0 && row->files > 0) {
        put(line, ", ");
        wtfcb_benchmark_line_figure(line, "bytes", (double)row->bytes);
    }
}

/* Past a word and the blank behind it. */
static const char *without(const char *text, const char *word)
{
    size_t length = strlen(word);
    if (length == 0 || strncmp(text, word, length) != 0 || text[length] != ' ' || !text[length + 1]) return text;
    return text + length + 1;
}

const char *wtfcb_benchmark_short_name(const wtfcb_report_row *row)
{
    return without(without(row->name, row->project), row->depth);
}

static void put_duration(line_t *line, uint64_t ns)
{
    uint64_t seconds = ns / 1000000000;
    if (seconds < 120) {
        wtfcb_benchmark_line_figure(line, "ns", (double)ns);
        return;
    }
    put_number(line, seconds < 7200 ? seconds / 60 : seconds / 3600);
    put(line, seconds < 7200 ? " min " : " h ");
    put_number(line, seconds < 7200 ? seconds % 60 : seconds / 60 % 60);
    put(line, seconds < 7200 ? " s" : " min");
}

/* Times are UTC: what is written must not depend on where. */
static void put_date(line_t *line, uint64_t ns)
{
    char text[64];
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm utc;
    if (ns == 0 || !gmtime_r(&seconds, &utc) || strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc) == 0) return;
    put(line, ", ");
    put(line, text);
}

void wtfcb_benchmark_line_origin(line_t *line, const wtfcb_report *report)
{
    const wtfcb_report_summary *s = &report->summary;
    const wtfcb_system_info *system = &report->system;
    put_number(line, s->row_count);
    put(line, s->row_count == 1 ? " row" : " rows");
    if (s->duration_ns > 0) {
        put(line, " in ");
        put_duration(line, s->duration_ns);
    }
    if (*system->host) put(line, " on ");
    put(line, system->host);
    put_date(line, s->started_ns);
    if (*system->cpu_model) put(line, ", ");
    put(line, system->cpu_model);
    if (system->cores_usable != WTFCB_UNKNOWN) {
        put(line, ", ");
        put_number(line, system->cores_usable);
        put(line, system->cores_usable == 1 ? " core usable" : " cores usable");
    }
    if (*system->kernel) put(line, ", ");
    put(line, system->kernel);
    put(line, ".");
    if (s->cancelled) put(line, " It was cancelled: rows are missing.");
}

void wtfcb_benchmark_line_outcome(line_t *line, const wtfcb_report *report)
{
    uint32_t counts[WTFCB_VERDICT_INCONCLUSIVE + 1] = {0};
    uint32_t all = 0;
    for (uint32_t i = 0; i < report->summary.comparison_count; i++) {
        const wtfcb_report_comparison *c = &report->comparisons[i];
        if (c->method != WTFCB_COMPARISON_BASELINE || c->verdict > WTFCB_VERDICT_INCONCLUSIVE) continue;
        counts[c->verdict]++;
        all++;
    }
    switch (report->summary.outcome) {
    case WTFCB_OUTCOME_PASS: put(line, "Pass: nothing is worse than in the baseline ("); break;
    case WTFCB_OUTCOME_REGRESSION: put(line, "Regression: something is worse than in the baseline ("); break;
    case WTFCB_OUTCOME_INCONCLUSIVE:
        put(line, "Inconclusive: nothing is worse for sure, and something could be (");
        break;
    default: return;
    }
    for (uint32_t v = WTFCB_VERDICT_BETTER; v <= WTFCB_VERDICT_INCONCLUSIVE; v++) {
        static const uint32_t order[] = {0, WTFCB_VERDICT_WORSE, WTFCB_VERDICT_INCONCLUSIVE, WTFCB_VERDICT_SAME,
                                         WTFCB_VERDICT_BETTER};
        put_number(line, counts[order[v]]);
        put(line, " ");
        put(line, wtfcb_verdict_name(order[v]));
        put(line, ", ");
    }
    put(line, "of ");
    put_number(line, all);
    put(line, all == 1 ? " comparison)." : " comparisons).");
}

/* "18.1 % more", "the same". */
static void put_change(line_t *line, double change)
{
    put_percent(line, fabs(change), false);
    put(line, change < 0 ? " less" : " more");
}

static const char *measure_words(uint32_t measure)
{
    if (measure < 1 || measure > WTFCB_REPORT_MEASURES) return "an unknown measure";
    return wtfcb_benchmark_measure_table()[measure - 1].summary;
}

static void put_interval(line_t *line, const wtfcb_report *report, const wtfcb_report_comparison *c)
{
    put_real(line, report->summary.confidence * 100, 0);
    put(line, " % interval ");
    put_percent(line, c->low, true);
    put(line, " to ");
    put_percent(line, c->high, true);
    put(line, c->p < 0.001 ? ", p < 0.001" : ", p = ");
    if (!(c->p < 0.001)) put_real(line, c->p, 3);
}

/* What it was compared with: "the baseline", "\"a\" in the baseline" or "\"a\"". */
static void put_before(line_t *line, const wtfcb_report_comparison *c)
{
    bool baseline = c->method == WTFCB_COMPARISON_BASELINE;
    if (!baseline || strcmp(c->before, c->after) != 0) put(line, c->before);
    if (baseline) put(line, strcmp(c->before, c->after) != 0 ? " in the baseline" : "the baseline");
}

void wtfcb_benchmark_line_comparison(line_t *line, const wtfcb_report *report, const wtfcb_report_comparison *c)
{
    bool decided = c->verdict == WTFCB_VERDICT_BETTER || c->verdict == WTFCB_VERDICT_WORSE;
    put(line, c->after);
    put(line, ": ");
    put(line, measure_words(c->measure));
    if (decided) {
        put(line, " is ");
        put(line, wtfcb_verdict_name(c->verdict));
        put(line, ", ");
        put_change(line, c->change);
        put(line, " than that of ");
    } else {
        put(line, c->verdict == WTFCB_VERDICT_SAME ? " is the same as that of " : " cannot be told from that of ");
    }
    put_before(line, c);
    put(line, " (");
    if (!decided) {
        put_percent(line, c->change, true);
        put(line, ", ");
    }
    put_interval(line, report, c);
    put(line, "; ");
    put_percent(line, c->least_effect, false);
    put(line, " counts");
    if (c->again) put(line, "; measured twice");
    put(line, ").");
}

static void put_fits(line_t *line, const wtfcb_report_scaling *s)
{
    if (s->fitted & 1) {
        put(line, " Amdahl's law explains ");
        put_percent(line, s->amdahl_r2, false);
        put(line, " of the variance with ");
        put_percent(line, s->amdahl_serial, false);
        put(line, " of the work serial.");
    }
    if (s->fitted & 2) {
        put(line, " The universal scalability law explains ");
        put_percent(line, s->usl_r2, false);
        put(line, " with contention ");
        put_real(line, s->usl_contention, 4);
        put(line, " and coherency ");
        put_real(line, s->usl_coherency, 5);
        put(line, ".");
    }
}

void wtfcb_benchmark_line_scaling(line_t *line, const wtfcb_report_scaling *s)
{
    if (s->recommended > 0) {
        put_number(line, s->recommended);
        put(line, s->recommended == 1 ? " thread is recommended" : " threads are recommended");
        put(line, ": the fewest within 5 % of the best that was measured (");
        put_number(line, s->best);
        put(line, ").");
    }
    put_fits(line, s);
    if (*s->message) {
        if (line->length > 0) put(line, " ");
        put(line, s->message);
    }
}

void wtfcb_benchmark_line_advice(line_t *line, const wtfcb_report_advice *advice)
{
    if (*advice->project) {
        put(line, advice->project);
        put(line, ": ");
    }
    put(line, advice->text);
    if (!*advice->evidence) return;
    put(line, " (");
    put(line, advice->evidence);
    put(line, ")");
}

static void put_note(line_t *line, const char *note)
{
    if (line->length > 0) put(line, "; ");
    put(line, note);
}

void wtfcb_benchmark_line_notes(line_t *line, const wtfcb_benchmark_row *row)
{
    static const struct {
        uint32_t flag;
        const char *words;
    } notes[] = {
        {WTFCB_ROW_NOT_STEADY, "times still moved when warming up ended"},
        {WTFCB_ROW_CUT, "time ran out before the interval was as narrow as asked for"},
        {WTFCB_ROW_AGAIN, "measured a second time"},
        {WTFCB_ROW_PAGE_CACHE_DROPPED, "files were dropped from the page cache"},
        {WTFCB_ROW_PAGE_CACHE_KEPT, "files could not be dropped from the page cache"},
    };
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        if (row->row.flags & notes[i].flag) put_note(line, notes[i].words);
    const wtfcb_report_figure *wall = &row->figures[WTFCB_REPORT_WALL - 1];
    const wtfcb_report_figure *errors = &row->figures[WTFCB_REPORT_ERRORS - 1];
    uint64_t mild = wall->low_mild + wall->high_mild;
    uint64_t severe = wall->low_severe + wall->high_severe;
    if (mild + severe > 1 && (mild + severe) * 10 > wall->count) { /* one may always be there */
        put_note(line, "");
        put_number(line, mild + severe);
        put(line, " of ");
        put_number(line, wall->count);
        put(line, " runs are outliers");
    }
    if (wall->count > 0 && !(wall->level > 0)) put_note(line, "too few runs for an interval: least and most instead");
    if (errors->median > 0) {
        put_note(line, "");
        put_real(line, errors->median, 0);
        put(line, " files failed");
    }
}

const char *wtfcb_benchmark_failure(const wtfcb_report_row *row)
{
    if (*row->message) return row->message;
    return row->status != WTFCB_OK ? wtfcb_status_message(row->status) : "not measured";
}
