/*
 * wtfcb-scan: what is in these files and directories?
 *
 * The program over the library's public API: read the command line into a scanner, let the chosen format write each
 * file as the scan hands it over, and say what failed. Results go to stdout, everything else to stderr.
 *
 * An interrupt fires a cancellation token; the scan returns within 100 ms, the terminal's line is wiped, and the
 * program then dies of the same signal, so that whoever started it knows.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <wtfcb.h>

#include "explain.h"
#include "format.h"
#include "options.h"
#include "progress.h"
#include "recording.h"

enum { EXIT_DONE = 0, EXIT_FINDINGS = 1, EXIT_USAGE = 2, EXIT_FAILED = 3 };

/* For the signal handler, which can be handed nothing. Set before the handler is installed. */
static wtfcb_cancel *token;
static volatile sig_atomic_t caught;

static void on_signal(int signal_number)
{
    caught = signal_number;
    wtfcb_cancel_fire(token);
}

/* A second signal of the kind ends the program at once. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND | SA_RESTART};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* The token must outlive the handler. */
static void release_signals(void)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    if (caught != 0) raise(caught);
}

static bool use_color(void)
{
    const char *none = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    return isatty(STDOUT_FILENO) && (none == NULL || none[0] == 0) && term != NULL && strcmp(term, "dumb") != 0;
}

/* Length of what stands in front of the paths of a scan of `root`: "src/" of "src", "a/" of the file "a/b.c". */
static size_t prefix_length(const char *root)
{
    struct stat info;
    const char *slash = strrchr(root, '/');
    size_t length = strlen(root);

    if (stat(root, &info) != 0 || !S_ISDIR(info.st_mode)) return slash == NULL ? 0 : (size_t)(slash - root) + 1;
    while (length > 1 && root[length - 1] == '/')
        length--;
    return length;
}

/* Rows of a list carry the listed path themselves; rows of a single root are relative to it. */
static void make_prefix(const struct options *options, char *prefix, size_t size)
{
    const char *root = options->paths[0];
    size_t length;

    prefix[0] = 0;
    if (options->path_count != 1) return;
    while (root[0] == '.' && root[1] == '/')
        for (root += 2; root[0] == '/';)
            root++;
    length = prefix_length(root[0] != 0 ? root : ".");
    if (length == 0 || root[0] == 0 || strcmp(root, ".") == 0 || length + 2 > size) return;
    memcpy(prefix, root, length);
    if (prefix[length - 1] != '/') prefix[length++] = '/';
    prefix[length] = 0;
}

/* A path of the command line that could not be read fails the whole run. */
static bool is_unreadable_root(const wtfcb_file *file)
{
    static const wtfcb_status reasons[] = {WTFCB_ENOTFOUND, WTFCB_EACCES, WTFCB_EIO, WTFCB_ESPECIAL, WTFCB_ELOOP};

    for (size_t i = 0; (file->flags & WTFCB_FILE_NAMED) != 0 && i < sizeof reasons / sizeof *reasons; i++)
        if (file->status == reasons[i]) return true;
    return false;
}

static void note_failure(struct report *report, const wtfcb_file *file)
{
    if (file->status == WTFCB_OK && file->limits == 0) return;
    notes_add(&report->notes, file);
    report->root_failed = report->root_failed || is_unreadable_root(file);
}

/* What no row has a place for; a progress line is wiped first. */
static void show_message(void *user, int32_t level, const char *message)
{
    static struct output err;

    (void)level;
    progress_clear(user);
    output_init(&err, STDERR_FILENO);
    output_text(&err, "wtfcb-scan: ");
    output_printable(&err, message, strlen(message));
    output_char(&err, '\n');
    output_flush(&err);
}

static int32_t visit(void *user, uint64_t index, const wtfcb_codebase *row)
{
    struct report *report = user;
    wtfcb_file file;

    (void)index;
    if (wtfcb_codebase_file(row, 0, &file, sizeof file) == WTFCB_OK) note_failure(report, &file);
    report->options->format->file(report, row);
    return report->failure != NULL || report->out.error != 0;
}

/* Without rows to write nothing has to stream: failures are looked up in the snapshot, if there are any. */
static void note_failures(struct report *report, const wtfcb_codebase *codebase)
{
    wtfcb_totals totals;
    wtfcb_file file;

    if (wtfcb_codebase_totals(codebase, &totals, sizeof totals) != WTFCB_OK || totals.failed + totals.limited == 0)
        return;
    for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &file, sizeof file) == WTFCB_OK; i++)
        note_failure(report, &file);
}

/* Whether the format writes something for each file. */
static bool writes_rows(const struct options *options)
{
    bool asked = options->by_file || options->symbols || options->imports || options->findings;
    bool summary = options->format == &table_format || options->format == &csv_format;

    return options->format->file != NULL && (asked || !summary);
}

/* Rows that appear while the scan runs would get in the way of the line, if both go to the terminal. */
static bool wants_progress(const struct options *options)
{
    bool rows = options->by_file || options->symbols || options->imports || options->findings ||
                options->format == &ndjson_format;

    return !options->quiet && progress_possible() && !(rows && isatty(STDOUT_FILENO));
}

static wtfcb_status scan(wtfcb_scanner *scanner, const struct options *options, wtfcb_codebase **ret_codebase,
                         wtfcb_error *ret_error)
{
    if (options->path_count == 1) return wtfcb_scanner_scan(scanner, options->paths[0], ret_codebase, ret_error);
    return wtfcb_scanner_scan_list(scanner, NULL, (const char *const *)options->paths, options->path_count,
                                   ret_codebase, ret_error);
}

static void write_stats(struct output *out, const struct options *options, const wtfcb_codebase *codebase)
{
    struct json json;

    if (options->stats == STATS_TEXT) {
        output_char(out, '\n');
        stats_text(out, codebase);
    } else if (options->stats == STATS_JSON) {
        json_init(&json, out);
        stats_json(&json, NULL, codebase);
        output_char(out, '\n');
    }
}

/* What the format has no place for: statistics, failed files, rows left out. */
static void write_rest(struct report *report, const wtfcb_codebase *codebase)
{
    static struct output err;
    const struct options *options = report->options;
    bool rows = options->symbols || options->imports || options->findings;
    bool table = options->format == &table_format && !rows;
    bool json = options->format == &json_format || options->format == &ndjson_format;

    output_init(&err, STDERR_FILENO);
    if (!options->quiet && !table) notes_write(&report->notes, &err, report->prefix);
    if (!options->quiet && report->left_out > 0) {
        output_text(&err, "tags left out: ");
        output_text(&err, grouped_number(report->left_out).text);
        output_text(&err, " (control characters in their names or paths)\n");
    }
    if (!json) write_stats(table ? &report->out : &err, options, codebase);
    output_flush(&err);
}

static int exit_status(struct report *report, const wtfcb_codebase *codebase)
{
    wtfcb_scan_stats stats;
    wtfcb_totals totals;

    if (wtfcb_codebase_stats(codebase, &stats, sizeof stats) != WTFCB_OK ||
        wtfcb_codebase_totals(codebase, &totals, sizeof totals) != WTFCB_OK)
        return EXIT_FAILED;
    if (stats.status != WTFCB_OK) {
        fprintf(stderr, "wtfcb-scan: %s; the results are incomplete\n", wtfcb_status_message(stats.status));
        return EXIT_FAILED;
    }
    if (report->root_failed) return EXIT_FAILED;
    return report->options->findings && totals.findings > 0 ? EXIT_FINDINGS : EXIT_DONE;
}

/* Nothing more can be written: say why. */
static int fail(const struct report *report, const char *message)
{
    if (report->failure != NULL) message = report->failure;
    if (report->out.error != 0)
        fprintf(stderr, "wtfcb-scan: cannot write: %s\n", strerror(report->out.error));
    else
        fprintf(stderr, "wtfcb-scan: %s\n", message);
    return EXIT_FAILED;
}

static int finish(struct report *report, const wtfcb_codebase *codebase)
{
    if (report->options->format->end != NULL) report->options->format->end(report, codebase);
    if (report->failure != NULL) return fail(report, report->failure);
    write_rest(report, codebase);
    if (output_flush(&report->out) != 0) return fail(report, NULL);
    return exit_status(report, codebase);
}

/*
 * Have the scanner remember. A cache that cannot be used costs time, not results: it is mentioned if it was asked for, and the
 * scan goes on; one that may only be read is read. At the level of files there is nothing to remember. NULL: no cache.
 */
static wtfcb_cache *use_cache(wtfcb_scanner *scanner, const struct options *options)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = WTFCB_EACCES;
    wtfcb_cache *cache = NULL;

    if (options->no_cache || options->depth == WTFCB_DEPTH_FILES) return NULL;
    for (int read_only = 0; read_only < 2 && (status == WTFCB_EACCES || status == WTFCB_ENOSPACE); read_only++) {
        wtfcb_cache_free(cache);
        cache = NULL;
        status = wtfcb_cache_new(NULL, &cache);
        if (status == WTFCB_OK) status = wtfcb_cache_set_option(cache, WTFCB_CACHE_READ_ONLY, read_only);
        if (status == WTFCB_OK) status = wtfcb_cache_open(cache, options->cache, read_only ? NULL : &error);
        if (status == WTFCB_OK) status = wtfcb_scanner_set_cache(scanner, cache);
    }
    if (status == WTFCB_OK) return cache;
    if (options->cache != NULL && !options->quiet) fprintf(stderr, "wtfcb-scan: without a cache: %s\n", error.message);
    wtfcb_cache_free(cache);
    return NULL;
}

/* That the next scan will know less than it could. What is still on its way is waited for, as it would be when the cache is freed. */
static void tell_of_cache(wtfcb_cache *cache, const struct options *options)
{
    wtfcb_cache_stats stats;

    if (options->quiet || wtfcb_cache_get_stats(cache, &stats, sizeof stats) != WTFCB_OK) return;
    if (stats.queued > 0) {
        wtfcb_cache_sync(cache, 0, NULL);
        wtfcb_cache_get_stats(cache, &stats, sizeof stats);
    }
    if (stats.write_status != WTFCB_OK && stats.write_status != WTFCB_EREADONLY)
        fprintf(stderr, "wtfcb-scan: not everything is remembered: %s\n", wtfcb_status_message(stats.write_status));
}

static int run(wtfcb_scanner *scanner, const struct options *options, struct recording *recording)
{
    static struct report report;
    char prefix[PATH_MAX];
    struct progress progress = {.drawn = false};
    wtfcb_codebase *codebase = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    int status;

    report = (struct report){.options = options, .prefix = prefix, .color = use_color()};
    output_init(&report.out, STDOUT_FILENO);
    json_init(&report.json, &report.out);
    make_prefix(options, prefix, sizeof prefix);

    wtfcb_scanner_set_cancel(scanner, token);
    if (writes_rows(options)) {
        wtfcb_scanner_set(scanner, WTFCB_SCANNER_KEEP, WTFCB_KEEP_TOTALS);
        wtfcb_scanner_set_visitor(scanner, visit, &report);
    } else {
        wtfcb_scanner_set(scanner, WTFCB_SCANNER_KEEP, WTFCB_KEEP_FAILED);
    }
    if (!options->quiet) wtfcb_scanner_set_log(scanner, show_message, &progress);
    if (wants_progress(options)) wtfcb_scanner_set_progress(scanner, progress_draw, &progress);

    recording_phase(recording, "scan");
    if (options->format->begin != NULL) options->format->begin(&report);
    wtfcb_status result = report.failure == NULL ? scan(scanner, options, &codebase, &error) : WTFCB_ECALLBACK;
    progress_clear(&progress);
    recording_phase(recording, "report");
    if (result == WTFCB_OK && !writes_rows(options)) note_failures(&report, codebase);
    if (result == WTFCB_OK)
        status = finish(&report, codebase);
    else if (result == WTFCB_ECANCELLED)
        status = fail(&report, "interrupted");
    else
        status = fail(&report, error.message[0] != 0 ? error.message : wtfcb_status_message(result));

    if (options->format->discard != NULL) options->format->discard(&report);
    notes_free(&report.notes);
    wtfcb_codebase_free(codebase);
    return status;
}

/* A profile that was asked for and cannot be written fails the run, whatever the scan has found. */
static int run_recorded(wtfcb_scanner *scanner, const struct options *options)
{
    struct recording recording;
    int status;

    if (!recording_start(&recording, options, scanner)) return EXIT_FAILED;
    recording_phase(&recording, "open cache");
    wtfcb_cache *cache = use_cache(scanner, options);
    status = run(scanner, options, &recording);
    if (cache != NULL) tell_of_cache(cache, options);
    recording_phase(&recording, "close cache"); /* what is still queued is written */
    wtfcb_scanner_set_cache(scanner, NULL);
    wtfcb_cache_free(cache);
    return recording_finish(&recording) ? status : EXIT_FAILED;
}

int main(int argc, char **argv)
{
    wtfcb_scanner *scanner = NULL;
    struct options options;
    int status = EXIT_FAILED;

    if (wtfcb_cancel_new(NULL, &token) != WTFCB_OK || wtfcb_scanner_new(NULL, &scanner) != WTFCB_OK) {
        fputs("wtfcb-scan: out of memory\n", stderr);
    } else {
        switch (options_parse(argc, argv, scanner, &options)) {
        case OPTIONS_RUN:
            catch_signals();
            if (options.explain == NULL)
                status = run_recorded(scanner, &options);
            else
                status = explain(scanner, token, &options) ? EXIT_DONE : EXIT_FAILED;
            break;
        case OPTIONS_DONE: status = fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED; break;
        case OPTIONS_WRONG: status = EXIT_USAGE; break;
        }
    }
    wtfcb_scanner_free(scanner);
    release_signals();
    wtfcb_cancel_free(token);
    return status;
}
