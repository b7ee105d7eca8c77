/*
 * wtfcb-profile: what does this command take?
 *
 * The program over the library's public API: a child waits until a profiler watches it and all that it will start, runs, and
 * is looked at once more before it is taken from the process table. Then the profile is written, and the program ends as
 * the command has ended. With --input nothing runs, and the profile is one that was saved.
 */
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <wtfcb.h>

#include "command.h"
#include "common/output.h"
#include "live.h"
#include "options.h"
#include "summary.h"
#include "tracing.h"

/* Others than the command's own, as env(1), nohup(1) and timeout(1) have them. */
enum { EXIT_DONE = 0, EXIT_USAGE = 2, EXIT_FAILED = 125, EXIT_NOT_RUN = 126, EXIT_NOT_FOUND = 127 };

enum { NAME_SIZE = 256 };

static int fail(const char *message)
{
    fprintf(stderr, "wtfcb-profile: %s\n", message);
    return EXIT_FAILED;
}

static int fail_with(const wtfcb_error *error, wtfcb_status status)
{
    return fail(error->message[0] != 0 ? error->message : wtfcb_status_message(status));
}

/* The words of the command, as many as fit. */
static void make_name(char *const *command, char *name, size_t size)
{
    size_t used = 0;

    name[0] = 0;
    for (size_t i = 0; command[i] != NULL && used + 1 < size; i++)
        used += (size_t)snprintf(name + used, size - used, "%s%s", i == 0 ? "" : " ", command[i]);
}

/* ------------------------------------------------------------------------------------------------------------ output */

/* Whether block elements will be seen as such. */
static bool draws_blocks(int fd)
{
    const char *term = getenv("TERM");

    if (isatty(fd) && (term == NULL || strcmp(term, "dumb") == 0)) return false;
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static int write_table(int fd, const struct options *options, const wtfcb_profile *profile,
                       const struct command_end *end)
{
    static struct output out;

    output_init(&out, fd);
    if (fd == STDERR_FILENO) output_char(&out, '\n'); /* apart from what the command wrote there */
    summary_write(&out, profile, options->command, end, draws_blocks(fd));
    return output_flush(&out);
}

static int write_table_file(const struct options *options, const wtfcb_profile *profile, const struct command_end *end)
{
    int fd = open(options->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (fd < 0) return errno;
    int failure = write_table(fd, options, profile, end);
    return close(fd) != 0 && failure == 0 ? errno : failure;
}

/* Formats that are made of stacks, of which there are none from outside, hold nothing then: nobody should have to find that out. */
static void note_empty(const struct options *options, const wtfcb_profile *profile)
{
    static const int32_t stacks[] = {WTFCB_PROFILE_SPEEDSCOPE, WTFCB_PROFILE_PPROF, WTFCB_PROFILE_COLLAPSED};
    wtfcb_profile_summary totals;

    if (options->quiet || options->format == NULL ||
        wtfcb_profile_get_summary(profile, &totals, sizeof totals) != WTFCB_OK || totals.node_count > 0)
        return;
    for (size_t i = 0; i < sizeof stacks / sizeof *stacks; i++)
        if (options->format->id == stacks[i])
            fprintf(stderr, "wtfcb-profile: %s is made of stacks, and %s; html, chrome and json have more\n",
                    options->format->name,
                    options->input != NULL ? "this profile has none"
                                           : "none are seen from outside without --cpu or --alloc");
}

/* What was asked for; EXIT_DONE or EXIT_FAILED, then said why. */
static int write_profile(const struct options *options, const wtfcb_profile *profile, const struct command_end *end)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = WTFCB_OK;
    int failure = 0;

    if (options->format != NULL && options->file != NULL)
        status = wtfcb_profile_save(profile, options->file, options->format->id, &error);
    else if (options->format != NULL)
        status = profile_file_write(profile, STDOUT_FILENO, options->format->id, &error);
    else if (options->file != NULL)
        failure = write_table_file(options, profile, end);
    else if (options->to_stdout)
        failure = write_table(STDOUT_FILENO, options, profile, end);
    /* A terminal that is gone is no failure. */
    bool beside = options->format != NULL && options->file != NULL && !options->quiet && options->input == NULL;
    if (beside || (options->format == NULL && options->file == NULL && !options->to_stdout))
        (void)write_table(STDERR_FILENO, options, profile, end);
    if (status != WTFCB_OK) return fail_with(&error, status);
    if (failure == 0) {
        note_empty(options, profile);
        return EXIT_DONE;
    }
    snprintf(error.message, sizeof error.message, "cannot write %s: %s",
             options->file != NULL ? options->file : "standard output", strerror(failure));
    return fail(error.message);
}

/* --------------------------------------------------------------------------------------------------------------- end */

/*
 * End as the command did. An interrupt and its like end this process too, so that a shell that runs it in a loop knows; after
 * others, which leave a core file or tell of a fault, it is the number alone.
 */
static int end_like(int status)
{
    static const int like[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    const struct rlimit no_core = {0, 0};

    if (!WIFSIGNALED(status)) return WEXITSTATUS(status);
    for (size_t i = 0; i < sizeof like / sizeof *like; i++) {
        if (WTERMSIG(status) != like[i]) continue;
        setrlimit(RLIMIT_CORE, &no_core);
        signal(like[i], SIG_DFL);
        raise(like[i]);
    }
    return 128 + WTERMSIG(status);
}

static int not_run(const struct options *options, int failure)
{
    fprintf(stderr, "wtfcb-profile: cannot run %s: %s\n", options->command[0], strerror(failure));
    return failure == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN;
}

/* -------------------------------------------------------------------------------------------------------------- main */

/* 0, or EXIT_FAILED, then said why. */
static int check_output(const struct options *options)
{
    char message[PATH_MAX + 64];
    int failure = options->file != NULL ? profile_file_check(options->file) : 0;

    if (failure == 0) return EXIT_DONE;
    snprintf(message, sizeof message, "cannot write %s: %s", options->file, strerror(failure));
    return fail(message);
}

static int show_input(const struct options *options)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_profile *profile = NULL;
    int result = check_output(options);

    if (result != EXIT_DONE) return result;
    wtfcb_status status = wtfcb_profile_load(NULL, options->input, &profile, &error);
    if (status != WTFCB_OK) return fail_with(&error, status);
    result = write_profile(options, profile, NULL);
    wtfcb_profile_free(profile);
    return result;
}

static wtfcb_status start(wtfcb_profiler *profiler, const struct command *command, const char *name,
                          const struct options *options, const struct tracing *tracing, wtfcb_error *ret_error)
{
    wtfcb_status status = wtfcb_profiler_set(profiler, WTFCB_PROFILER_PROCESS, command->pid);

    if (status == WTFCB_OK) status = wtfcb_profiler_set(profiler, WTFCB_PROFILER_ALLOC, options->alloc);
    if (status == WTFCB_OK && tracing->folder[0] != 0)
        status = wtfcb_profiler_set_string(profiler, WTFCB_PROFILER_ALLOC_FOLDER, tracing->folder);
    return status == WTFCB_OK ? wtfcb_profiler_start(profiler, name, ret_error) : status;
}

static uint64_t show_live(void *user)
{
    return live_show(user);
}

static void hide_live(void *user)
{
    live_hide(user);
}

/* Until the command has ended, with what is shown meanwhile. */
static void wait_for(struct command *command, wtfcb_profiler *profiler, const struct options *options, const char *name)
{
    struct live live;
    struct command_view view = {.user = &live, .show = show_live, .hide = hide_live};

    if (!options->live || !live_open(&live, draws_blocks(STDERR_FILENO))) {
        command_wait(command, NULL);
        return;
    }
    live.profiler = profiler;
    live.name = name;
    command_wait(command, &view);
    live_close(&live);
}

/* `tracing` is prepared, or has no folder. */
static int run_traced(wtfcb_profiler *profiler, const struct options *options, struct tracing *tracing)
{
    struct command command;
    struct command_end end;
    wtfcb_profile *profile = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    char name[NAME_SIZE];
    int failure = command_prepare(&command, options->command, options->to_stdout);

    if (failure != 0) return fail(strerror(failure));
    make_name(options->command, name, sizeof name);
    wtfcb_status status = start(profiler, &command, name, options, tracing, &error);
    if (status != WTFCB_OK) {
        command_abandon(&command);
        return fail_with(&error, status);
    }
    failure = command_release(&command);
    if (failure != 0) return not_run(options, failure);
    wait_for(&command, profiler, options, name);
    status = wtfcb_profiler_stop(profiler, &profile, &error); /* the last sample still sees the command */
    tracing_remove(tracing);                                  /* while no signal can end us */
    command_reap(&command, &end);
    int result = status == WTFCB_OK ? write_profile(options, profile, &end) : fail_with(&error, status);
    wtfcb_profile_free(profile);
    if (WIFEXITED(end.status) && WEXITSTATUS(end.status) == 0) return result;
    return end_like(end.status);
}

static int run(wtfcb_profiler *profiler, const struct options *options)
{
    struct tracing tracing = {.folder = ""};
    char message[PATH_MAX + 128];
    int result = check_output(options);

    if (result != EXIT_DONE) return result;
    if (options->alloc != WTFCB_ALLOC_NONE &&
        !tracing_prepare(&tracing, options->alloc == WTFCB_ALLOC_FULL, message, sizeof message))
        return fail(message);
    result = run_traced(profiler, options, &tracing);
    tracing_remove(&tracing);
    return result;
}

int main(int argc, char **argv)
{
    wtfcb_profiler *profiler = NULL;
    struct options options;
    int result = EXIT_FAILED;

    setlocale(LC_CTYPE, "");
    if (wtfcb_profiler_new(NULL, &profiler) != WTFCB_OK) return fail("out of memory");
    switch (options_parse(argc, argv, profiler, &options)) {
    case OPTIONS_RUN: result = options.input != NULL ? show_input(&options) : run(profiler, &options); break;
    case OPTIONS_DONE: result = fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED; break;
    case OPTIONS_WRONG: result = EXIT_USAGE; break;
    }
    wtfcb_profiler_free(profiler);
    return result;
}
