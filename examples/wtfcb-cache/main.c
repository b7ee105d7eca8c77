/*
 * wtfcb-cache: what does the cache hold, is it sound, away with it.
 *
 * The program over the library's public API: open the cache in a directory, run one command, say what came of it. Results go
 * to stdout, everything else to stderr. A directory in which there is no cache is left as it is.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <wtfcb.h>

#include "common/json.h"
#include "common/output.h"
#include "explain.h"
#include "options.h"

enum { EXIT_DONE = 0, EXIT_DAMAGE = 1, EXIT_USAGE = 2, EXIT_FAILED = 3 };

enum { WRITE_TIMEOUT_MS = 60 * 1000 };

/* What a command has at hand. */
struct run {
    const struct options *options;
    wtfcb_cache *cache;
    struct output *out;
    wtfcb_error error; /* of the call that failed */
};

static int fail(const struct run *run, wtfcb_status status)
{
    const char *message = run->error.message;

    fprintf(stderr, "wtfcb-cache: %s\n", message[0] != 0 ? message : wtfcb_status_message(status));
    return EXIT_FAILED;
}

/* ------------------------------------------------------------------------------------------------------------ output */

static void begin_json(struct json *json, const struct run *run)
{
    const char *directory = wtfcb_cache_directory(run->cache);

    json_init(json, run->out);
    json_open_object(json, NULL);
    json_number(json, "schema", 1);
    json_bytes(json, "directory", directory, strlen(directory));
}

static void end_json(struct json *json)
{
    json_close_object(json);
    output_char(json->out, '\n');
}

static void begin_table(const struct run *run)
{
    const char *directory = wtfcb_cache_directory(run->cache);

    output_printable(run->out, directory, strlen(directory));
    output_char(run->out, '\n');
}

static void row_text(struct output *out, const char *label, const char *text)
{
    output_text(out, "  ");
    output_text(out, label);
    output_repeat(out, ' ', 20 - strlen(label));
    output_text(out, text);
    output_char(out, '\n');
}

static void row(struct output *out, const char *label, uint64_t number)
{
    row_text(out, label, grouped_number(number).text);
}

/* One number that a command changed. */
static void write_count(const struct run *run, const char *key, const char *label, uint64_t number)
{
    struct json json;

    if (run->options->json) {
        begin_json(&json, run);
        json_number(&json, key, number);
        end_json(&json);
    } else {
        begin_table(run);
        row(run->out, label, number);
    }
}

/* ---------------------------------------------------------------------------------------------------------- commands */

static int run_stats(struct run *run)
{
    struct json json;
    wtfcb_cache_stats stats;
    wtfcb_status status = wtfcb_cache_get_stats(run->cache, &stats, sizeof stats);

    if (status != WTFCB_OK) return fail(run, status);
    if (run->options->json) {
        begin_json(&json, run);
        json_text(&json, "status", wtfcb_status_name(stats.status));
        json_number(&json, "entries", stats.store_entries);
        json_number(&json, "bytes", stats.store_bytes);
        json_number(&json, "file_bytes", stats.store_file_bytes);
        json_number(&json, "limit", stats.store_limit);
        json_number(&json, "readers", stats.readers);
        end_json(&json);
        return EXIT_DONE;
    }
    begin_table(run);
    row(run->out, "records", stats.store_entries);
    row(run->out, "bytes in use", stats.store_bytes);
    row(run->out, "bytes of its file", stats.store_file_bytes);
    row(run->out, "bytes at most", stats.store_limit);
    row(run->out, "readers", stats.readers);
    row_text(run->out, "status", wtfcb_status_message(stats.status));
    return EXIT_DONE;
}

/* A store that was damaged as a whole was set aside when it was opened, or is now: that is damage too. */
static int run_verify(struct run *run)
{
    struct json json;
    wtfcb_cache_report report = {0};
    wtfcb_cache_stats stats = {0};
    wtfcb_status status = wtfcb_cache_verify(run->cache, &report, sizeof report, &run->error);

    if (status != WTFCB_OK && status != WTFCB_EDAMAGED) return fail(run, status);
    (void)wtfcb_cache_get_stats(run->cache, &stats, sizeof stats);
    bool whole = status == WTFCB_EDAMAGED || stats.set_aside > 0;
    if (run->options->json) {
        begin_json(&json, run);
        json_number(&json, "records", report.records);
        json_number(&json, "bytes", report.bytes);
        json_number(&json, "damaged", report.damaged);
        json_number(&json, "expired", report.expired);
        json_bool(&json, "set_aside", whole);
        end_json(&json);
    } else {
        begin_table(run);
        row(run->out, "records", report.records);
        row(run->out, "bytes", report.bytes);
        row(run->out, "damaged, removed", report.damaged);
        row(run->out, "over their time", report.expired);
        if (whole) row_text(run->out, "the store", "was damaged and is set aside; a new one is begun");
    }
    return whole || report.damaged > 0 ? EXIT_DAMAGE : EXIT_DONE;
}

/* Removals are queued: the command has done what it says when they are written. */
static wtfcb_status invalidate_all(struct run *run, uint64_t *ret_count)
{
    wtfcb_status status = WTFCB_OK;
    uint64_t count;

    *ret_count = 0;
    for (size_t i = 0; i < run->options->path_count && status == WTFCB_OK; i++) {
        status = wtfcb_cache_invalidate_file(run->cache, run->options->paths[i], &count);
        if (status == WTFCB_OK) *ret_count += count;
    }
    return status == WTFCB_OK ? wtfcb_cache_sync(run->cache, WRITE_TIMEOUT_MS, &run->error) : status;
}

static int run_clear(struct run *run)
{
    uint64_t count = 0;
    wtfcb_cache_stats before = {0};
    wtfcb_status status;

    if (run->options->path_count > 0) {
        status = invalidate_all(run, &count);
    } else {
        (void)wtfcb_cache_get_stats(run->cache, &before, sizeof before);
        status = wtfcb_cache_clear(run->cache, &run->error);
        count = before.store_entries;
    }
    if (status != WTFCB_OK) return fail(run, status);
    write_count(run, "removed", run->options->path_count > 0 ? "values removed" : "records removed", count);
    return EXIT_DONE;
}

static int run_purge(struct run *run)
{
    uint64_t count;
    wtfcb_status status = wtfcb_cache_purge(run->cache, &count, &run->error);

    if (status == WTFCB_OK) status = wtfcb_cache_sync(run->cache, WRITE_TIMEOUT_MS, &run->error);
    if (status != WTFCB_OK) return fail(run, status);
    write_count(run, "removed", "values removed", count);
    return EXIT_DONE;
}

static int run_explain(struct run *run)
{
    wtfcb_status status = explain(run->cache, run->options, run->out);

    return status == WTFCB_OK ? EXIT_DONE : fail(run, status);
}

static const struct {
    int (*run)(struct run *run);
    bool writes;
} commands[COMMAND_COUNT] = {
    [COMMAND_STATS] = {run_stats, false}, [COMMAND_VERIFY] = {run_verify, true},    [COMMAND_CLEAR] = {run_clear, true},
    [COMMAND_PURGE] = {run_purge, true},  [COMMAND_EXPLAIN] = {run_explain, false},
};

/* -------------------------------------------------------------------------------------------------------------- main */

static wtfcb_status open_cache(struct run *run, bool read_only)
{
    wtfcb_status status = wtfcb_cache_new(NULL, &run->cache);

    if (status == WTFCB_OK) status = wtfcb_cache_set_option(run->cache, WTFCB_CACHE_READ_ONLY, read_only);
    if (status == WTFCB_OK) status = wtfcb_cache_open(run->cache, run->options->directory, &run->error);
    return status;
}

/* A cache that would be written is opened for reading first, which makes nothing where there is nothing. */
static wtfcb_status open_existing(struct run *run, bool writes)
{
    wtfcb_status status = open_cache(run, true);

    if (!writes || status == WTFCB_ENOTFOUND) return status;
    wtfcb_cache_free(run->cache);
    run->cache = NULL;
    run->error = (wtfcb_error)WTFCB_ERROR_INIT;
    return open_cache(run, false);
}

int main(int argc, char **argv)
{
    static struct output out;
    struct options options;
    struct run run = {.options = &options, .out = &out, .error = WTFCB_ERROR_INIT};
    int result;

    switch (options_parse(argc, argv, &options)) {
    case OPTIONS_DONE: return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
    case OPTIONS_WRONG: return EXIT_USAGE;
    case OPTIONS_RUN: break;
    }
    output_init(&out, STDOUT_FILENO);
    wtfcb_status status = open_existing(&run, commands[options.command].writes);
    result = status == WTFCB_OK ? commands[options.command].run(&run) : fail(&run, status);
    if (output_flush(&out) != 0) {
        fprintf(stderr, "wtfcb-cache: cannot write: %s\n", strerror(out.error));
        result = EXIT_FAILED;
    }
    wtfcb_cache_free(run.cache);
    return result;
}
