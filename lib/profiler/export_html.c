/*
 * One page that needs nothing else: the template of page/ (made into an array by the Makefile, style and script inside) with this profile put in
 * where it has a mark. The script draws from data that stand in the page as JSON; what a reader without script sees, and what search engines
 * and `grep` find, is written here: the figures, the longest zones, and what was not available.
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

enum { TEXT_SIZE = 4096, FIGURE_SIZE = 64, ZONES_SHOWN = 25 };

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
    uint64_t lost = s->zones_dropped + s->events_dropped + s->samples_missed;
    format_number(figure, lost);
    (void)snprintf(more, sizeof more, "%" PRIu64 " zones, %" PRIu64 " events, %" PRIu64 " samples missed",
                   s->zones_dropped, s->events_dropped, s->samples_missed);
    write_fact(out, "Not recorded", lost > 0 ? figure : "nothing", lost > 0 ? more : "");
}

static void write_facts(wtfcb_base_writer *out, const void *user)
{
    const wtfcb_profile *profile = user;
    const wtfcb_profile_summary *s = &profile->summary;
    char figure[FIGURE_SIZE];
    char more[TEXT_SIZE];
    wtfcb_base_writer_text(out, "<dl class=\"facts\">\n");
    format_ns(figure, s->duration_ns);
    write_fact(out, "Duration", figure, "");
    format_bytes(figure, s->rss_peak);
    write_fact(out, "Peak memory", figure, s->tree_walked ? "all processes" : "");
    format_ns(figure, s->cpu_ns);
    more[0] = '\0';
    if (s->cpu_ns != WTFCB_UNKNOWN && s->cores_usable != WTFCB_UNKNOWN)
        (void)snprintf(more, sizeof more, "%.1f %% of one core, %" PRIu64 " usable",
                       percent_of(s->cpu_ns, s->duration_ns), s->cores_usable);
    write_fact(out, "Processor time", figure, more);
    format_number(figure, s->zones);
    (void)snprintf(more, sizeof more, "%" PRIu32 " places, %" PRIu32 " threads", s->frame_count, s->thread_count);
    if (s->zone_status == WTFCB_OK)
        write_fact(out, "Zones", figure, more);
    else
        write_fact(out, "Zones", "none", why(s->zone_status));
    format_number(figure, s->samples);
    write_fact(out, "Samples", figure, "");
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

static void write_zones(wtfcb_base_writer *out, const void *user)
{
    const wtfcb_profile *profile = user;
    char figure[FIGURE_SIZE];
    uint32_t shown = 0;
    if (profile->summary.frame_count == 0) return;
    wtfcb_base_writer_text(out, "<table><caption>Longest zones</caption>\n<tr><th>Zone</th><th>Count</th><th>Total</th>"
                                "<th>Self</th></tr>\n");
    for (uint32_t i = 0; i < profile->summary.frame_count && shown < ZONES_SHOWN; i++) {
        const wtfcb_profile_frame *frame = &profile->frames[i];
        if (frame->tree != WTFCB_TREE_ZONES) continue;
        shown++;
        wtfcb_base_writer_text(out, "<tr>");
        write_cell(out, *frame->name ? frame->name : frame->function);
        format_number(figure, frame->count);
        write_cell(out, figure);
        format_ns(figure, frame->total);
        write_cell(out, figure);
        format_ns(figure, frame->self);
        write_cell(out, figure);
        wtfcb_base_writer_text(out, "</tr>\n");
    }
    wtfcb_base_writer_text(out, "</table>\n");
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
    bool any = s->zone_status != WTFCB_OK || s->timeline_status != WTFCB_OK;
    for (uint32_t i = 0; i < s->metric_count; i++)
        any = any || profile->metrics[i].status != WTFCB_OK;
    if (!any) {
        wtfcb_base_writer_text(out, "<p>Everything that was asked for was available.</p>\n");
        return;
    }
    wtfcb_base_writer_text(out, "<ul>\n");
    if (s->zone_status != WTFCB_OK) write_missing_row(out, "zones", why(s->zone_status));
    if (s->timeline_status != WTFCB_OK) write_missing_row(out, "timeline", why(s->timeline_status));
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
        {"name", write_name},       {"origin", write_origin},   {"facts", write_facts}, {"zones", write_zones},
        {"missing", write_missing}, {"version", write_version}, {"data", write_data},
    };
    wtfcb_base_html_page(out, (const char *)page_bytes, marks, sizeof marks / sizeof *marks,
                         profile); /* ends with a NUL */
    return out->status;
}
