/* The table: a label, and what there is to say, one line each. What is not known is listed with its reason at the end. */
#include "summary.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "bars.h"
#include "common/units.h"

enum { LABEL_WIDTH = 12, LINE_SIZE = 512 };

struct summary {
    struct output *out;
    const wtfcb_profile *profile;
    const struct command_end *end;
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

    if (!bars_make(summary->profile, metric, counter, &bars)) return;
    if (counter)
        snprintf(top, sizeof top, "%.0f %%", bars.top * 100);
    else
        snprintf(top, sizeof top, "%s", bytes_text((uint64_t)bars.top).text);
    row(summary->out, "", "%s to %s, each %s", bars_draw(&bars, summary->blocks).text, top,
        time_text(bars.column_ns).text);
}

static void write_processor(const struct summary *summary)
{
    uint64_t user = ns_of(summary->end->usage.ru_utime);
    uint64_t system = ns_of(summary->end->usage.ru_stime);
    uint64_t wall = summary->end->wall_ns > 0 ? summary->end->wall_ns : 1;
    double percent = (double)(user + system) * 100 / (double)wall;
    uint64_t cores = summary->totals.cores_usable;

    row(summary->out, "time", "%s", time_text(wall).text);
    if (cores > 1 && known(cores))
        row(summary->out, "processor", "%s user, %s system: %.1f %% of a core, %.1f %% of the %" PRIu64 " usable",
            time_text(user).text, time_text(system).text, percent, percent / (double)cores, cores);
    else
        row(summary->out, "processor", "%s user, %s system: %.1f %% of a core", time_text(user).text,
            time_text(system).text, percent);
    write_course(summary, WTFCB_METRIC_CPU, true);
}

/* The kernel knows the peak of each process to the byte, the samples what all of them had together. */
static void write_memory(const struct summary *summary)
{
    char line[LINE_SIZE];
    wtfcb_profile_metric rss;
    uint64_t largest = summary->end->largest;
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

static void write_counts(const struct summary *summary)
{
    const struct rusage *usage = &summary->end->usage;

    row(summary->out, "page faults", "%s without input, %s with", grouped_number((uint64_t)usage->ru_minflt).text,
        grouped_number((uint64_t)usage->ru_majflt).text);
    row(summary->out, "switches", "%s to wait, %s forced", grouped_number((uint64_t)usage->ru_nvcsw).text,
        grouped_number((uint64_t)usage->ru_nivcsw).text);
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
    int status = summary->end->status;

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

/* The functions that most of the processor's time was spent in, by themselves; behind them what they and all they called took. */
static void write_functions(const struct summary *summary)
{
    enum { TOP = 10 };
    const wtfcb_profile_summary *totals = &summary->totals;
    wtfcb_profile_frame frame;
    wtfcb_profile_frame top[TOP];
    size_t count = 0;
    uint64_t all = 0;

    if (totals->cpu_status == WTFCB_ENOTFOUND) return;
    if (totals->cpu_status != WTFCB_OK) {
        row(summary->out, "no functions", "%s", wtfcb_status_message(totals->cpu_status));
        return;
    }
    for (uint64_t i = 0; wtfcb_profile_frame_at(summary->profile, i, &frame, sizeof frame) == WTFCB_OK; i++) {
        size_t place = count;
        if (frame.tree != WTFCB_TREE_CPU) continue;
        all += frame.self;
        if (frame.self == 0) continue;
        while (place > 0 && top[place - 1].self < frame.self)
            place--;
        if (place == TOP) continue;
        if (count < TOP) count++;
        memmove(&top[place + 1], &top[place], (count - 1 - place) * sizeof *top);
        top[place] = frame;
    }
    for (size_t i = 0; i < count; i++)
        row(summary->out, i == 0 ? "functions" : "", "%5.1f %%  %s  %s (%.1f %% with what it calls)",
            (double)top[i].self * 100 / (double)all, top[i].name, top[i].object,
            (double)top[i].total * 100 / (double)all);
    row(summary->out, count == 0 ? "functions" : "", "%s sample%s by %s, %s lost, %s without callers",
        grouped_number(totals->cpu_samples).text, totals->cpu_samples == 1 ? "" : "s", totals->cpu_engine,
        grouped_number(totals->cpu_lost).text, grouped_number(totals->cpu_unwound_short).text);
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

static void write_title(struct output *out, char *const *command)
{
    output_text(out, "profile of ");
    for (size_t i = 0; command[i] != NULL; i++) {
        if (i > 0) output_char(out, ' ');
        output_printable(out, command[i], strlen(command[i]));
    }
    output_char(out, '\n');
}

void summary_write(struct output *out, const wtfcb_profile *profile, char *const *command,
                   const struct command_end *end, bool blocks)
{
    struct summary summary = {.out = out, .profile = profile, .end = end, .blocks = blocks};

    if (wtfcb_profile_get_summary(profile, &summary.totals, sizeof summary.totals) != WTFCB_OK) return;
    write_title(out, command);
    write_processor(&summary);
    write_memory(&summary);
    write_counts(&summary);
    write_io(&summary, "read", WTFCB_METRIC_READ, WTFCB_METRIC_STORAGE_READ, "from storage");
    write_io(&summary, "written", WTFCB_METRIC_WRITTEN, WTFCB_METRIC_STORAGE_WRITTEN, "to storage");
    write_processes(&summary);
    write_functions(&summary);
    write_end(&summary);
    write_recording(&summary);
    write_missing(&summary);
}
