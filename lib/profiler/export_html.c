/*
 * One page that needs nothing else: the template of page/ (made into an array by the Makefile, style and script inside) with this profile put in
 * where it has a mark. The script draws from data that stand in the page as JSON; what a reader without script sees, and what search engines
 * and `grep` find, is written here: the figures, the largest frames of each tree, and what was not available.
 *
 * Every text that comes from a profile goes through wtfcb_base_html_text(), or through the JSON writer, which escapes `<` too.
 */
#include "profiler/export_html.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <wtfcb/version.h>

#include "base/html.h"
#include "profiler/export.h"
#include "profiler/page.h" /* page_bytes */

enum { TEXT_SIZE = 4096, FIGURE_SIZE = 64, ROWS_SHOWN = 25 };

/* -------------------------------------------------------------------------------------------------------------------- */
/* Texts and figures */

/* Three figures and a unit: 1.23 ms. */
static void format_scaled(char figure[FIGURE_SIZE], double number, const char *const *units, double step, uint32_t last)
{
    uint32_t unit = 0;
    while (unit < last && number >= step * 0.9995) {
        number /= step;
        unit++;
    }
    int digits = unit == 0 || number >= 99.95 ? 0 : number >= 9.995 ? 1 : 2;
    (void)snprintf(figure, FIGURE_SIZE, "%.*f %s", digits, number, units[unit]);
}

static void format_ns(char figure[FIGURE_SIZE], uint64_t ns)
{
    static const char *const units[] = {"ns", "\xc2\xb5s", "ms", "s"};
    uint64_t seconds = ns / 1000000000;
    if (ns == WTFCB_UNKNOWN)
        (void)snprintf(figure, FIGURE_SIZE, "unknown");
    else if (seconds >= 2 * 3600)
        (void)snprintf(figure, FIGURE_SIZE, "%" PRIu64 " h %" PRIu64 " min", seconds / 3600, seconds / 60 % 60);
    else if (seconds >= 120)
        (void)snprintf(figure, FIGURE_SIZE, "%" PRIu64 " min %" PRIu64 " s", seconds / 60, seconds % 60);
    else
        format_scaled(figure, (double)ns, units, 1000, 3);
}

static void format_bytes(char figure[FIGURE_SIZE], uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    if (bytes == WTFCB_UNKNOWN)
        (void)snprintf(figure, FIGURE_SIZE, "unknown");
    else
        format_scaled(figure, (double)bytes, units, 1024, 4);
}

static void format_number(char figure[FIGURE_SIZE], uint64_t number)
{
    if (number == WTFCB_UNKNOWN)
        (void)snprintf(figure, FIGURE_SIZE, "unknown");
    else
        (void)snprintf(figure, FIGURE_SIZE, "%" PRIu64, number);
}

static const char *why(wtfcb_status status)
{
    switch (status) {
    case WTFCB_ENOTFOUND: return "not asked for";
    case WTFCB_EUNSUPPORTED: return "not possible for another process";
    default: return wtfcb_status_message(status);
    }
}

/* Of what can be had of other processes too; `unsupported` is what WTFCB_EUNSUPPORTED means, NULL: what it always does. */
static const char *why_not(wtfcb_status status, const char *unsupported)
{
    if (status == WTFCB_ENOTFOUND) return why(status);
    return status == WTFCB_EUNSUPPORTED && unsupported ? unsupported : wtfcb_status_message(status);
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* The figures at the top */

static void write_fact(wtfcb_base_writer *out, const char *name, const char *figure, const char *more)
{
    wtfcb_base_writer_text(out, "<div><dt>");
    wtfcb_base_html_text(out, name);
    wtfcb_base_writer_text(out, "</dt><dd>");
    wtfcb_base_html_text(out, figure);
    if (*more) {
        wtfcb_base_writer_text(out, " <small>");
        wtfcb_base_html_text(out, more);
        wtfcb_base_writer_text(out, "</small>");
    }
    wtfcb_base_writer_text(out, "</dd></div>\n");
}

static double percent_of(uint64_t part, uint64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

static void write_cost(wtfcb_base_writer *out, const wtfcb_profile_summary *s)
{
    char figure[FIGURE_SIZE];
    char more[TEXT_SIZE];
    format_ns(figure, s->overhead_ns);
    (void)snprintf(more, sizeof more, "processor time, %.3f %% of one core",
                   percent_of(s->overhead_ns, s->duration_ns));
    write_fact(out, "Cost of recording", figure, more);
    uint64_t lost = s->zones_dropped + s->events_dropped + s->samples_missed + s->cpu_lost + s->alloc_lost;
    format_number(figure, lost);
    int used = snprintf(more, sizeof more, "%" PRIu64 " zones, %" PRIu64 " events, %" PRIu64 " samples missed",
                        s->zones_dropped, s->events_dropped, s->samples_missed + s->cpu_lost);
    if (s->alloc_lost > 0)
        (void)snprintf(more + used, sizeof more - (size_t)used, ", %" PRIu64 " blocks", s->alloc_lost);
    write_fact(out, "Not recorded", lost > 0 ? figure : "nothing", lost > 0 ? more : "");
}

static void write_processor(wtfcb_base_writer *out, const wtfcb_profile_summary *s)
{
    char figure[FIGURE_SIZE];
    char more[TEXT_SIZE] = "";
    format_ns(figure, s->cpu_ns);
    if (s->cpu_ns != WTFCB_UNKNOWN && s->cores_usable != WTFCB_UNKNOWN)
        (void)snprintf(more, sizeof more, "%.1f %% of one core, %" PRIu64 " usable",
                       percent_of(s->cpu_ns, s->duration_ns), s->cores_usable);
    write_fact(out, "Processor time", figure, more);
}

/* What was allocated and what of it is left. */
static void write_blocks(wtfcb_base_writer *out, const wtfcb_profile_summary *s)
{
    const char *how = s->alloc_rate > 0 ? ", estimated" : "";
    char figure[FIGURE_SIZE];
    char more[TEXT_SIZE];
    if (s->alloc_status != WTFCB_OK) return;
    format_bytes(figure, s->alloc_bytes);
    (void)snprintf(more, sizeof more, "%" PRIu64 " blocks%s", s->alloc_count, how);
    write_fact(out, "Allocated", figure, more);
    format_bytes(figure, s->alloc_live_bytes);
    (void)snprintf(more, sizeof more, "%" PRIu64 " blocks at the end%s", s->alloc_live_count, how);
    write_fact(out, "Not freed", figure, more);
}

/* How many there are of what was recorded. */
static void write_counts(wtfcb_base_writer *out, const wtfcb_profile_summary *s)
{
    char figure[FIGURE_SIZE];
    char more[TEXT_SIZE];
    format_number(figure, s->zones);
    (void)snprintf(more, sizeof more, "%" PRIu32 " places, %" PRIu32 " threads", s->frame_count, s->thread_count);
    if (s->zone_status == WTFCB_OK) write_fact(out, "Zones", figure, more);
    format_number(figure, s->samples);
    more[0] = '\0';
    if (s->cpu_status == WTFCB_OK)
        (void)snprintf(more, sizeof more, "and %" PRIu64 " of processor time", s->cpu_samples);
    write_fact(out, "Samples", figure, more);
}

static void write_facts(wtfcb_base_writer *out, const void *user)
{
    const wtfcb_profile *profile = user;
    const wtfcb_profile_summary *s = &profile->summary;
    char figure[FIGURE_SIZE];
    wtfcb_base_writer_text(out, "<dl class=\"facts\">\n");
    format_ns(figure, s->duration_ns);
    write_fact(out, "Duration", figure, "");
    format_bytes(figure, s->rss_peak);
    write_fact(out, "Peak memory", figure, s->tree_walked ? "all processes" : "");
    write_processor(out, s);
    write_blocks(out, s);
    write_counts(out, s);
    write_cost(out, s);
    wtfcb_base_writer_text(out, "</dl>\n");
}

/* When and where, on one line. Times are UTC: the page must not depend on where it was written. */
static void write_origin(wtfcb_base_writer *out, const void *user)
{
    const wtfcb_profile *profile = user;
    const wtfcb_system_info *system = &profile->system;
    char text[TEXT_SIZE] = "";
    time_t seconds = (time_t)(profile->summary.started_ns / 1000000000);
    struct tm utc;
    if (profile->summary.started_ns > 0 && gmtime_r(&seconds, &utc))
        (void)strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc);
    wtfcb_base_html_text(out, text);
    if (profile->summary.process > 0) {
        wtfcb_base_writer_text(out, *text ? " \xc2\xb7 process " : "process ");
        wtfcb_base_writer_number(out, profile->summary.process);
    }
    const char *const parts[] = {system->host, system->cpu_model, system->kernel, system->architecture};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!*parts[i]) continue;
        wtfcb_base_writer_text(out, " \xc2\xb7 ");
        wtfcb_base_html_text(out, parts[i]);
    }
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* What a reader without script sees */

static void write_cell(wtfcb_base_writer *out, const char *text)
{
    wtfcb_base_writer_text(out, "<td>");
    wtfcb_base_html_text(out, text);
    wtfcb_base_writer_text(out, "</td>");
}

/* The rows of a tree that hold most by themselves, the largest first. Their number. */
static uint32_t find_largest(const wtfcb_profile *profile, uint32_t tree, const wtfcb_profile_frame *rows[ROWS_SHOWN])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < profile->summary.frame_count; i++) {
        const wtfcb_profile_frame *frame = &profile->frames[i];
        uint32_t place = count;
        if (frame->tree != tree || frame->self + frame->count == 0) continue;
        while (place > 0 && rows[place - 1]->self < frame->self)
            place--;
        if (place == ROWS_SHOWN) continue;
        if (count < ROWS_SHOWN) count++;
        memmove(&rows[place + 1], &rows[place], (count - 1 - place) * sizeof(const wtfcb_profile_frame *));
        rows[place] = frame;
    }
    return count;
}

static void write_value_cell(wtfcb_base_writer *out, bool bytes, uint64_t value)
{
    char figure[FIGURE_SIZE];
    if (bytes)
        format_bytes(figure, value);
    else
        format_ns(figure, value);
    write_cell(out, figure);
}

static void write_table(wtfcb_base_writer *out, const wtfcb_profile *profile, uint32_t tree, const char *head)
{
    const wtfcb_profile_frame *rows[ROWS_SHOWN];
    bool bytes = tree == WTFCB_TREE_ALLOC_LIVE || tree == WTFCB_TREE_ALLOC_TOTAL;
    char figure[FIGURE_SIZE];
    uint32_t count = find_largest(profile, tree, rows);
    if (count == 0) return;
    wtfcb_base_writer_text(out, "<table>");
    wtfcb_base_writer_text(out, head);
    wtfcb_base_writer_char(out, '\n');
    for (uint32_t i = 0; i < count; i++) {
        wtfcb_base_writer_text(out, "<tr>");
        write_cell(out, *rows[i]->name ? rows[i]->name : rows[i]->function);
        format_number(figure, rows[i]->count);
        write_cell(out, figure);
        write_value_cell(out, bytes, rows[i]->total);
        write_value_cell(out, bytes, rows[i]->self);
        wtfcb_base_writer_text(out, "</tr>\n");
    }
    wtfcb_base_writer_text(out, "</table>\n");
}

#define HEAD(caption_, name_, count_)                                                                                  \
    "<caption>" caption_ "</caption>\n<tr><th>" name_ "</th><th>" count_ "</th><th>Total</th><th>Self</th></tr>"

static void write_tables(wtfcb_base_writer *out, const void *user)
{
    const wtfcb_profile *profile = user;
    write_table(out, profile, WTFCB_TREE_CPU, HEAD("Functions by processor time", "Function", "Samples"));
    write_table(out, profile, WTFCB_TREE_ALLOC_LIVE, HEAD("Allocated and not freed", "Function", "Blocks"));
    write_table(out, profile, WTFCB_TREE_ALLOC_TOTAL, HEAD("All allocated", "Function", "Blocks"));
    write_table(out, profile, WTFCB_TREE_ZONES, HEAD("Longest zones", "Zone", "Count"));
}

static const char *reason_of(const wtfcb_profile_metric *metric)
{
    return *metric->reason ? metric->reason : why(metric->status);
}

static void write_missing_row(wtfcb_base_writer *out, const char *name, const char *reason)
{
    wtfcb_base_writer_text(out, "<li>");
    wtfcb_base_html_text(out, name);
    wtfcb_base_writer_text(out, ": <b>");
    wtfcb_base_html_text(out, reason);
    wtfcb_base_writer_text(out, "</b></li>\n");
}

/* A reason once, with all that it is the reason of; nothing if an earlier metric had it. */
static void write_missing_metrics(wtfcb_base_writer *out, const wtfcb_profile *profile, uint32_t first)
{
    const wtfcb_profile_metric *metrics = profile->metrics;
    const char *reason = reason_of(&metrics[first]);
    for (uint32_t i = 0; i < first; i++)
        if (metrics[i].status != WTFCB_OK && strcmp(reason_of(&metrics[i]), reason) == 0) return;
    wtfcb_base_writer_text(out, "<li>");
    for (uint32_t i = first; i < profile->summary.metric_count; i++) {
        if (metrics[i].status == WTFCB_OK || strcmp(reason_of(&metrics[i]), reason) != 0) continue;
        if (i > first) wtfcb_base_writer_text(out, "; ");
        wtfcb_base_html_text(out, metrics[i].summary);
    }
    wtfcb_base_writer_text(out, ": <b>");
    wtfcb_base_html_text(out, reason);
    wtfcb_base_writer_text(out, "</b></li>\n");
}

static void write_missing(wtfcb_base_writer *out, const void *user)
{
    const wtfcb_profile *profile = user;
    const wtfcb_profile_summary *s = &profile->summary;
    bool any = s->zone_status != WTFCB_OK || s->timeline_status != WTFCB_OK || s->cpu_status != WTFCB_OK ||
               s->alloc_status != WTFCB_OK;
    for (uint32_t i = 0; i < s->metric_count; i++)
        any = any || profile->metrics[i].status != WTFCB_OK;
    if (!any) {
        wtfcb_base_writer_text(out, "<p>Everything that was asked for was available.</p>\n");
        return;
    }
    wtfcb_base_writer_text(out, "<ul>\n");
    if (s->zone_status != WTFCB_OK) write_missing_row(out, "zones", why(s->zone_status));
    if (s->timeline_status != WTFCB_OK) write_missing_row(out, "timeline", why(s->timeline_status));
    if (s->cpu_status != WTFCB_OK) write_missing_row(out, "functions by processor time", why_not(s->cpu_status, NULL));
    if (s->alloc_status != WTFCB_OK)
        write_missing_row(out, "allocations",
                          why_not(s->alloc_status, "the program had no libwtfcb-alloc.so, or another allocator"));
    for (uint32_t i = 0; i < s->metric_count; i++)
        if (profile->metrics[i].status != WTFCB_OK) write_missing_metrics(out, profile, i);
    wtfcb_base_writer_text(out, "</ul>\n");
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* The template */

static void write_name(wtfcb_base_writer *out, const void *user)
{
    const wtfcb_profile *profile = user;
    wtfcb_base_html_text(out, *profile->summary.name ? profile->summary.name : "Profile");
}

static void write_data(wtfcb_base_writer *out, const void *user)
{
    wtfcb_profiler_html_data(user, out);
}

static void write_version(wtfcb_base_writer *out, const void *user)
{
    (void)user;
    wtfcb_base_writer_text(out, "libwtfcb ");
    wtfcb_base_writer_text(out, wtfcb_version_string());
}

wtfcb_status wtfcb_profiler_export_html(const wtfcb_profile *profile, wtfcb_base_writer *out)
{
    static const wtfcb_base_html_mark marks[] = {
        {"name", write_name},       {"origin", write_origin},   {"facts", write_facts}, {"tables", write_tables},
        {"missing", write_missing}, {"version", write_version}, {"data", write_data},
    };
    wtfcb_base_html_page(out, (const char *)page_bytes, marks, sizeof marks / sizeof *marks,
                         profile); /* ends with a NUL */
    return out->status;
}
