/*
 * wtfcb-bench: how fast are scans here, and are they slower than they were?
 *
 * The program over the library's public API: projects go into a benchmark, its report comes out in some format and as exit status. Results go to standard
 * output, everything else to standard error. An interrupt ends the measurement; what was measured by then is reported.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <wtfcb.h>

#include "options.h"
#include "progress.h"

enum { EXIT_DONE = 0, EXIT_REGRESSION = 1, EXIT_USAGE = 2, EXIT_FAILED = 3, EXIT_INCONCLUSIVE = 4 };

static wtfcb_cancel *cancel;
static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    interrupted = number;
    wtfcb_cancel_fire(cancel);
}

static int fail_with(const wtfcb_error *error, wtfcb_status status)
{
    fprintf(stderr, "wtfcb-bench: %s\n", error->message[0] != 0 ? error->message : wtfcb_status_message(status));
    return EXIT_FAILED;
}

/* ------------------------------------------------------------------------------------------------- what is measured */

/* The last part of a path names a project, with a number where two are alike. */
static wtfcb_status add_project(wtfcb_benchmark *benchmark, const char *path)
{
    char copy[512];
    char name[640];
    char *real = realpath(path, NULL);

    snprintf(copy, sizeof copy, "%s", real != NULL ? real : path);
    free(real);
    const char *last = strrchr(copy, '/');
    last = last != NULL && last[1] != 0 ? last + 1 : copy;
    snprintf(name, sizeof name, "%s", last);
    wtfcb_status status = wtfcb_benchmark_add_project(benchmark, name, path);
    for (int i = 2; status == WTFCB_EINVAL && i <= MOST_PROJECTS; i++) {
        snprintf(name, sizeof name, "%s-%d", last, i);
        status = wtfcb_benchmark_add_project(benchmark, name, path);
    }
    return status;
}

static wtfcb_status add_synthetic(wtfcb_benchmark *benchmark, const char *size)
{
    wtfcb_project *project = NULL;
    wtfcb_status status = wtfcb_project_new(NULL, &project);

    if (status == WTFCB_OK) status = wtfcb_project_set_string(project, WTFCB_PROJECT_SIZE, size);
    if (status == WTFCB_OK) status = wtfcb_benchmark_add_generated(benchmark, size, project);
    wtfcb_project_free(project);
    return status;
}

static wtfcb_status add_all(wtfcb_benchmark *benchmark, const struct options *options, wtfcb_error *ret_error)
{
    wtfcb_report *baseline = NULL;
    wtfcb_status status = WTFCB_OK;

    for (size_t i = 0; i < options->project_count && status == WTFCB_OK; i++)
        status = add_project(benchmark, options->projects[i]);
    if (status == WTFCB_OK && options->synthetic != NULL) status = add_synthetic(benchmark, options->synthetic);
    if (status == WTFCB_OK && options->baseline != NULL) {
        status = wtfcb_report_load(NULL, options->baseline, &baseline, ret_error);
        if (status == WTFCB_OK) status = wtfcb_benchmark_set_baseline(benchmark, baseline);
        wtfcb_report_free(baseline);
    }
    return status;
}

static wtfcb_status measure(wtfcb_benchmark *benchmark, const struct options *options, wtfcb_report **ret_report,
                            wtfcb_error *ret_error)
{
    struct progress progress = {.draws = !options->quiet && progress_possible(), .verbose = options->verbose};
    wtfcb_status status = add_all(benchmark, options, ret_error);

    if (status == WTFCB_OK && (progress.draws || progress.verbose))
        status = wtfcb_benchmark_set_progress(benchmark, progress_tell, &progress);
    if (status == WTFCB_OK) status = wtfcb_benchmark_set_cancel(benchmark, cancel);
    if (status == WTFCB_OK) status = wtfcb_benchmark_run(benchmark, ret_report, ret_error);
    progress_end(&progress);
    return status;
}

/* ----------------------------------------------------------------------------------------------------------- output */

static wtfcb_status write_report(const wtfcb_report *report, const struct options *options, wtfcb_error *ret_error)
{
    wtfcb_status status = WTFCB_OK;

    if (options->save != NULL) status = wtfcb_report_save(report, options->save, WTFCB_REPORT_JSON, ret_error);
    if (status != WTFCB_OK) return status;
    if (options->file != NULL) return wtfcb_report_save(report, options->file, options->format->id, ret_error);
    return report_file_write(report, STDOUT_FILENO, options->format->id, ret_error);
}

/* Rows that could not be measured are in the report; here they are a failure too. */
static int outcome(const wtfcb_report *report, const struct options *options)
{
    wtfcb_report_summary summary;
    wtfcb_report_row row;
    int result = EXIT_DONE;

    if (wtfcb_report_get_summary(report, &summary, sizeof summary) != WTFCB_OK) return EXIT_FAILED;
    for (uint64_t i = 0; wtfcb_report_row_at(report, i, &row, sizeof row) == WTFCB_OK; i++) {
        if (row.status == WTFCB_OK) continue;
        fprintf(stderr, "wtfcb-bench: %s: %s\n", row.name,
                row.message[0] != 0 ? row.message : wtfcb_status_message(row.status));
        result = EXIT_FAILED;
    }
    if (result != EXIT_DONE || !options->gate) return result;
    if (summary.outcome == WTFCB_OUTCOME_REGRESSION) return EXIT_REGRESSION;
    return summary.outcome == WTFCB_OUTCOME_PASS ? EXIT_DONE : EXIT_INCONCLUSIVE;
}

static int run(wtfcb_benchmark *benchmark, const struct options *options)
{
    wtfcb_report *report = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = options->input != NULL ? wtfcb_report_load(NULL, options->input, &report, &error)
                                                 : measure(benchmark, options, &report, &error);

    if (status == WTFCB_OK) status = write_report(report, options, &error);
    int result = status == WTFCB_OK ? (options->input != NULL ? EXIT_DONE : outcome(report, options))
                                    : fail_with(&error, status);
    wtfcb_report_free(report);
    return result;
}

int main(int argc, char **argv)
{
    wtfcb_benchmark *benchmark = NULL;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    struct options options;
    int result = EXIT_FAILED;

    if (wtfcb_benchmark_new(NULL, "wtfcb-bench", &benchmark) != WTFCB_OK ||
        wtfcb_cancel_new(NULL, &cancel) != WTFCB_OK) {
        fputs("wtfcb-bench: out of memory\n", stderr);
        wtfcb_benchmark_free(benchmark);
        return EXIT_FAILED;
    }
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    switch (options_parse(argc, argv, benchmark, &options)) {
    case OPTIONS_RUN: result = run(benchmark, &options); break;
    case OPTIONS_DONE: result = fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED; break;
    case OPTIONS_WRONG: result = EXIT_USAGE; break;
    }
    wtfcb_benchmark_free(benchmark);
    wtfcb_cancel_free(cancel);
    return interrupted != 0 ? 128 + (int)interrupted : result;
}
