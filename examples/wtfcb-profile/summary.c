/* The table: a label, and what there is to say, one line each. What is not known is listed with its reason at the end. */
#include "summary.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "bars.h"
#include "common/units.h"
#include "top.h"
#include "tracing.h"

enum { LABEL_WIDTH = 12, LINE_SIZE = 512 };

struct summary {
    struct output *out;
    const wtfcb_profile *profile;
    char *const *command;
    const struct command_end *end; /* NULL: a profile that was saved */
    wtfcb_profile_summary totals;
    bool blocks;
};

static void row_text(struct output *out, const char *label, const char *text)
{
    output_text(out, "  ");
    output_text(out, label);
    if (strlen(label) < LABEL_WIDTH) output_repeat(out, ' ', LABEL_WIDTH - strlen(label));
    output_printable(out, text, strlen(text));
    output_char(out, '\n');
}

__attribute__((format(printf, 3, 4))) static void row(struct output *out, const char *label, const char *format, ...)
{
    char line[LINE_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    row_text(out, label, line);
}

static uint64_t ns_of(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

/* False: it is not available. */
static bool find_metric(const wtfcb_profile *profile, uint32_t id, wtfcb_profile_metric *ret_metric)
{
    for (uint64_t i = 0; wtfcb_profile_metric_at(profile, i, ret_metric, sizeof *ret_metric) == WTFCB_OK; i++)
        if (ret_metric->id == id) return ret_metric->status == WTFCB_OK;
    return false;
}

static bool known(uint64_t number)
{
    return number != WTFCB_UNKNOWN;
}

/* ------------------------------------------------------------------------------------------------------------ figures */

/* Below the figures that it is the course of. */
static void write_course(const struct summary *summary, uint32_t metric, bool counter)
{
    struct bars bars;
    char top[48];

    if (!bars_make(summary->profile, metric, counter, &(struct bars_range){0, BARS_LIMIT}, &bars)) return;
    if (counter)
        snprintf(top, sizeof top, "%.0f %%", bars.top * 100);
    else
        snprintf(top, sizeof top, "%s", bytes_text((uint64_t)bars.top).text);
    row(summary->out, "", "%s to %s, each %s", bars_draw(&bars, summary->blocks).text, top,
        time_text(bars.column_ns).text);
}

static void write_load(const struct summary *summary, const char *used, uint64_t used_ns, uint64_t wall_ns)
{
    double percent = wall_ns > 0 ? (double)used_ns * 100 / (double)wall_ns : 0;
    uint64_t cores = summary->totals.cores_usable;

    if (cores > 1 && known(cores))
        row(summary->out, "processor", "%s: %.1f %% of a core, %.1f %% of the %" PRIu64 " usable", used, percent,
            percent / (double)cores, cores);
    else
        row(summary->out, "processor", "%s: %.1f %% of a core", used, percent);
}

static void write_processor(const struct summary *summary)
{
    const struct command_end *end = summary->end;
    uint64_t wall = end != NULL ? end->wall_ns : summary->totals.duration_ns;
    char used[128];

    row(summary->out, "time", "%s", time_text(wall).text);
    if (end != NULL) {
        uint64_t user = ns_of(end->usage.ru_utime);
        uint64_t system = ns_of(end->usage.ru_stime);
        snprintf(used, sizeof used, "%s user, %s system", time_text(user).text, time_text(system).text);
        write_load(summary, used, user + system, wall);
    } else if (known(summary->totals.cpu_ns)) {
        write_load(summary, time_text(summary->totals.cpu_ns).text, summary->totals.cpu_ns, wall);
    }
    write_course(summary, WTFCB_METRIC_CPU, true);
}

/* The kernel knows the peak of each process to the byte, the samples what all of them had together. */
static void write_memory(const struct summary *summary)
{
    char line[LINE_SIZE];
    wtfcb_profile_metric rss;
    uint64_t largest = summary->end != NULL ? summary->end->largest : 0;
    uint64_t peak = known(summary->totals.rss_peak) ? summary->totals.rss_peak : 0;
    bool sampled = find_metric(summary->profile, WTFCB_METRIC_RSS, &rss) && known(rss.maximum);
    size_t used;

    if (sampled && peak < rss.maximum) peak = rss.maximum;
    if (peak < largest) peak = largest;
    if (peak == 0) return;
    used = (size_t)snprintf(line, sizeof line, "%s at most", bytes_text(peak).text);
    if (sampled && known(rss.mean) && rss.mean > 0)
        used += (size_t)snprintf(line + used, sizeof line - used, ", %s on average", bytes_text(rss.mean).text);
    if (largest > 0) snprintf(line + used, sizeof line - used, "; the largest process %s", bytes_text(largest).text);
    row_text(summary->out, "memory", line);
    write_course(summary, WTFCB_METRIC_RSS, false);
    if (find_metric(summary->profile, WTFCB_METRIC_PSS, &rss) && known(rss.maximum))
        row(summary->out, "its share", "%s at most, %s on average (pss)", bytes_text(rss.maximum).text,
            bytes_text(rss.mean).text);
}

/* A counter, as the kernel summed it up over all that has ended; of a profile that was saved, as the samples saw it. */
static bool count_of(const struct summary *summary, uint32_t id, long exact, uint64_t *ret_count)
{
    wtfcb_profile_metric metric;
    bool found = summary->end != NULL || (find_metric(summary->profile, id, &metric) && known(metric.last));

    if (found) *ret_count = summary->end != NULL ? (uint64_t)exact : metric.last;
    return found;
}

static void write_counts(const struct summary *summary)
{
    static const struct rusage none;
    const struct rusage *usage = summary->end != NULL ? &summary->end->usage : &none;
    uint64_t first;
    uint64_t second;

    if (count_of(summary, WTFCB_METRIC_MINOR_FAULTS, usage->ru_minflt, &first) &&
        count_of(summary, WTFCB_METRIC_MAJOR_FAULTS, usage->ru_majflt, &second))
        row(summary->out, "page faults", "%s without input, %s with", grouped_number(first).text,
            grouped_number(second).text);
    if (count_of(summary, WTFCB_METRIC_VOLUNTARY_SWITCHES, usage->ru_nvcsw, &first) &&
        count_of(summary, WTFCB_METRIC_INVOLUNTARY_SWITCHES, usage->ru_nivcsw, &second))
        row(summary->out, "switches", "%s to wait, %s forced", grouped_number(first).text, grouped_number(second).text);
}

static void write_io(const struct summary *summary, const char *label, uint32_t calls_id, uint32_t storage_id,
                     const char *storage_words)
{
    wtfcb_profile_metric calls;
    wtfcb_profile_metric storage;
    bool has_calls = find_metric(summary->profile, calls_id, &calls) && known(calls.last);
    bool has_storage = find_metric(summary->profile, storage_id, &storage) && known(storage.last);

    if (has_calls && has_storage)
        row(summary->out, label, "%s in calls, %s %s", bytes_text(calls.last).text, bytes_text(storage.last).text,
            storage_words);
    else if (has_calls || has_storage)
        row(summary->out, label, "%s %s", bytes_text((has_calls ? calls : storage).last).text,
            has_calls ? "in calls" : storage_words);
}

static void write_processes(const struct summary *summary)
{
    wtfcb_profile_metric processes;
    wtfcb_profile_metric threads;

    if (find_metric(summary->profile, WTFCB_METRIC_PROCESSES, &processes) &&
        find_metric(summary->profile, WTFCB_METRIC_THREADS, &threads) && known(processes.maximum) &&
        known(threads.maximum))
        row(summary->out, "at once", "%s process%s, %s thread%s at most", grouped_number(processes.maximum).text,
            processes.maximum == 1 ? "" : "es", grouped_number(threads.maximum).text, threads.maximum == 1 ? "" : "s");
}

static void write_end(const struct summary *summary)
{
    int status = summary->end != NULL ? summary->end->status : 0;

    if (summary->end == NULL) return;
    if (WIFSIGNALED(status))
        row(summary->out, "ended", "by signal %d (%s)%s", WTERMSIG(status), strsignal(WTERMSIG(status)),
            WCOREDUMP(status) ? ", core dumped" : "");
    else
        row(summary->out, "ended", "with status %d", WEXITSTATUS(status));
    if (summary->end->others) row_text(summary->out, "", "some processes that it has started still run");
}

/* ----------------------------------------------------------------------------------------------------- the recording */

static void write_recording(const struct summary *summary)
{
    const wtfcb_profile_summary *totals = &summary->totals;
    char line[LINE_SIZE];
    size_t used;

    if (totals->timeline_status != WTFCB_OK) {
        row(summary->out, "no timeline", "%s", wtfcb_status_message(totals->timeline_status));
        return;
    }
    used = (size_t)snprintf(line, sizeof line, "%s sample%s", grouped_number(totals->samples).text,
                            totals->samples == 1 ? "" : "s");
    if (totals->samples_missed > 0)
        used += (size_t)snprintf(line + used, sizeof line - used, ", %s more were late and left out",
                                 grouped_number(totals->samples_missed).text);
    if (totals->samples_dropped > 0)
        used += (size_t)snprintf(line + used, sizeof line - used, ", %s kept in summary",
                                 grouped_number(totals->samples_dropped).text);
    if (known(totals->overhead_ns) && totals->duration_ns > 0)
        snprintf(line + used, sizeof line - used, "; took %s of processor time itself (%.2f %% of a core)",
                 time_text(totals->overhead_ns).text, (double)totals->overhead_ns * 100 / (double)totals->duration_ns);
    row_text(summary->out, "recording", line);
    if (totals->flush_status != WTFCB_OK)
        row(summary->out, "", "it could not be written while it went on: %s",
            wtfcb_status_message(totals->flush_status));
}

/* kernel.perf_event_paranoid; -1: not known. */
static long paranoia(void)
{
    FILE *file = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
    char line[32] = "";

    if (file == NULL) return -1;
    bool read = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    return read ? strtol(line, NULL, 10) : -1;
}

/* Why there are no samples, with what can be done about it. */
static void write_no_functions(const struct summary *summary)
{
    const wtfcb_profile_summary *totals = &summary->totals;
    long paranoid = summary->end != NULL ? paranoia() : -1;

    if (totals->cpu_status != WTFCB_EACCES || summary->end == NULL)
        row(summary->out, "functions", "none: %s", wtfcb_status_message(totals->cpu_status));
    else if (paranoid > 2)
        row(summary->out, "functions",
            "none: kernel.perf_event_paranoid is %ld, which keeps users from sampling; allow it with "
            "'sysctl kernel.perf_event_paranoid=2' as root",
            paranoid);
    else
        row_text(
            summary->out, "functions",
            "none: perf_event_open(2) is not permitted here, as in most containers; it takes CAP_PERFMON or a seccomp "
            "profile that allows the call");
}

/* The functions that most of the processor's time was spent in, by themselves; behind them what they and all they called took. */
static void write_functions(const struct summary *summary)
{
    const wtfcb_profile_summary *totals = &summary->totals;
    struct top top;

    if (totals->cpu_status == WTFCB_ENOTFOUND) return;
    if (totals->cpu_status != WTFCB_OK) {
        write_no_functions(summary);
        return;
    }
    top_functions(summary->profile, WTFCB_TREE_CPU, TOP_MOST, &top);
    for (size_t i = 0; i < top.count; i++) {
        const struct top_row *r = &top.rows[i];
        row(summary->out, i == 0 ? "functions" : "", "%5.1f %%  %s  %s (%.1f %% with what it calls)",
            (double)r->self * 100 / (double)top.all, r->name, r->object, (double)r->total * 100 / (double)top.all);
    }
    row(summary->out, top.count == 0 ? "functions" : "", "%s sample%s by %s, %s lost, %s without callers",
        grouped_number(totals->cpu_samples).text, totals->cpu_samples == 1 ? "" : "s", totals->cpu_engine,
        grouped_number(totals->cpu_lost).text, grouped_number(totals->cpu_unwound_short).text);
}

/* The places that most of a tree of allocations comes from. */
static void write_sites(const struct summary *summary, uint32_t tree)
{
    enum { SITES = 5 };
    struct top top;

    top_sites(summary->profile, tree, SITES, &top);
    for (size_t i = 0; i < top.count; i++) {
        const struct top_row *r = &top.rows[i];
        bool through = r->through[0] != 0;
        row(summary->out, "", "%5.1f %%  %8s in %7s  %s  %s%s%s%s", (double)r->self * 100 / (double)top.all,
            bytes_text(r->self).text, grouped_number(r->count).text, r->name, r->object, through ? " (through " : "",
            r->through, through ? ")" : "");
    }
}

static void write_blocks(const struct summary *summary, const char *label, uint64_t bytes, uint64_t count,
                         const char *rest)
{
    row(summary->out, label, "%s in %s block%s%s", bytes_text(bytes).text, grouped_number(count).text,
        count == 1 ? "" : "s", rest);
}

/* What was allocated, and of that what nobody had freed when the command ended. */
static void write_allocations(const struct summary *summary)
{
    const wtfcb_profile_summary *totals = &summary->totals;
    char rest[96];

    if (totals->alloc_status == WTFCB_ENOTFOUND) return;
    if (totals->alloc_status != WTFCB_OK) {
        row(summary->out, "allocated", "not seen: %s",
            totals->alloc_status != WTFCB_EUNSUPPORTED ? wtfcb_status_message(totals->alloc_status)
            : summary->command == NULL                 ? "the program had no libwtfcb-alloc.so, or another allocator"
                                                       : tracing_obstacle(summary->command[0]));
        return;
    }
    snprintf(rest, sizeof rest, ", %s at most at one time%s", bytes_text(totals->alloc_live_peak).text,
             totals->alloc_rate > 0 ? " (estimates from a sample)" : "");
    write_blocks(summary, "allocated", totals->alloc_bytes, totals->alloc_count, rest);
    write_course(summary, WTFCB_METRIC_LIVE, false);
    write_sites(summary, WTFCB_TREE_ALLOC_TOTAL);
    write_blocks(summary, "not freed", totals->alloc_live_bytes, totals->alloc_live_count, " at the end");
    write_sites(summary, WTFCB_TREE_ALLOC_LIVE);
    if (totals->alloc_lost > 0)
        row(summary->out, "", "%s blocks found no room and are missing", grouped_number(totals->alloc_lost).text);
}

/* Metrics without a value by their reasons: "a, b, c: reason". What nobody asked for is not missing. */
static void write_missing(const struct summary *summary)
{
    wtfcb_profile_metric first;
    wtfcb_profile_metric other;
    const char *reasons[32];
    size_t count = 0;
    size_t seen;

    for (uint64_t i = 0; wtfcb_profile_metric_at(summary->profile, i, &first, sizeof first) == WTFCB_OK; i++) {
        char names[LINE_SIZE] = "";
        size_t used = 0;
        if (first.status == WTFCB_OK || first.status == WTFCB_ENOTFOUND) continue;
        for (seen = 0; seen < count && strcmp(reasons[seen], first.reason) != 0; seen++)
            ;
        if (seen < count || count == sizeof reasons / sizeof *reasons) continue;
        reasons[count++] = first.reason;
        for (uint64_t k = i; wtfcb_profile_metric_at(summary->profile, k, &other, sizeof other) == WTFCB_OK; k++) {
            if (other.status == WTFCB_OK || strcmp(other.reason, first.reason) != 0 || used >= sizeof names) continue;
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used == 0 ? "" : ", ", other.name);
        }
        row(summary->out, count == 1 ? "not known" : "", "%s: %s", names, first.reason);
    }
}

static void write_title(const struct summary *summary)
{
    struct output *out = summary->out;

    output_text(out, "profile of ");
    if (summary->command == NULL) output_printable(out, summary->totals.name, strlen(summary->totals.name));
    for (size_t i = 0; summary->command != NULL && summary->command[i] != NULL; i++) {
        if (i > 0) output_char(out, ' ');
        output_printable(out, summary->command[i], strlen(summary->command[i]));
    }
    output_char(out, '\n');
}

void summary_write(struct output *out, const wtfcb_profile *profile, char *const *command,
                   const struct command_end *end, bool blocks)
{
    struct summary summary = {
        .out = out, .profile = profile, .command = end != NULL ? command : NULL, .end = end, .blocks = blocks};

    if (wtfcb_profile_get_summary(profile, &summary.totals, sizeof summary.totals) != WTFCB_OK) return;
    write_title(&summary);
    write_processor(&summary);
    write_memory(&summary);
    write_counts(&summary);
    write_io(&summary, "read", WTFCB_METRIC_READ, WTFCB_METRIC_STORAGE_READ, "from storage");
    write_io(&summary, "written", WTFCB_METRIC_WRITTEN, WTFCB_METRIC_STORAGE_WRITTEN, "to storage");
    write_processes(&summary);
    write_functions(&summary);
    write_allocations(&summary);
    write_end(&summary);
    write_recording(&summary);
    write_missing(&summary);
}
