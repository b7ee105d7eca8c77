/*
 * The command line. It ends where the command begins, at `--` or the first word that is no option.
 *
 * The program's own options stand in one table; what says how to record comes from the library under the library's names, with its bounds,
 * as far as it makes sense for another process. Times are seconds here.
 */
#include "options.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <wtfcb/version.h>

#define PROGRAM "wtfcb-profile"

enum own_option { OWN_FORMAT, OWN_OUTPUT, OWN_INPUT, OWN_LIVE, OWN_ALLOC, OWN_QUIET, OWN_HELP, OWN_VERSION, OWN_COUNT };

static const struct {
    const char *name;
    int has_argument;
    const char *shown; /* as --help shows it */
    const char *help;
} own[OWN_COUNT] = {
    [OWN_FORMAT] = {"format", required_argument, "--format=FORMAT", "table"},
    [OWN_OUTPUT] = {"output", required_argument, "-o, --output=FILE", "write there; - is standard output"},
    [OWN_INPUT] = {"input", required_argument, "--input=FILE", "run nothing: show or convert a profile that is there"},
    [OWN_LIVE] = {"live", no_argument, "--live", "show on the terminal what it does while it runs"},
    [OWN_ALLOC] = {"alloc", optional_argument, "--alloc[=full]", "trace allocations: a sample of them, or each"},
    [OWN_QUIET] = {"quiet", no_argument, "-q, --quiet", "no table beside a profile that is written elsewhere"},
    [OWN_HELP] = {"help", no_argument, "-h, --help", "this text"},
    [OWN_VERSION] = {"version", no_argument, "--version", "versions of program and library"},
};

/* What the library is asked for, and what it is when nobody says otherwise. */
static const struct {
    int32_t id;
    int64_t usual; /* -1: the library's default */
} wanted[] = {
    {WTFCB_PROFILER_INTERVAL, -1}, {WTFCB_PROFILER_FLUSH, -1}, {WTFCB_PROFILER_PSS, -1},
    {WTFCB_PROFILER_TREE, 1},      {WTFCB_PROFILER_CPU, -1},
};

enum {
    WANTED_COUNT = sizeof wanted / sizeof *wanted,
    OWN_BASE = 256,
    LIBRARY_BASE = 1024,
    NAME_SIZE = 64,
    USUAL_HZ = 99
};

/* One of them under the name that it has here. */
struct spelling {
    wtfcb_option option;
    char name[NAME_SIZE];
};

struct parser {
    wtfcb_profiler *profiler;
    struct options *options;
    struct spelling library[WANTED_COUNT];
    bool format_given;
    const char *recording; /* the last option that says how to record; NULL: none */
};

static enum options_result wrong(void)
{
    fputs("Try '" PROGRAM " --help'.\n", stderr);
    return OPTIONS_WRONG;
}

/* ------------------------------------------------------------------------------------------ what the library knows */

static bool find_option(int32_t id, wtfcb_option *ret_option)
{
    for (uint64_t i = 0; i < wtfcb_profiler_option_count(); i++)
        if (wtfcb_profiler_option(i, ret_option, sizeof *ret_option) == WTFCB_OK && ret_option->id == id) return true;
    return false;
}

/* Also sets what is usual here. False: the library is an older one that has not all of them. */
static bool list_library(struct parser *parser)
{
    for (size_t i = 0; i < WANTED_COUNT; i++) {
        struct spelling *spelling = &parser->library[i];
        wtfcb_option *option = &spelling->option;
        if (!find_option(wanted[i].id, option)) return false;
        if (wanted[i].usual >= 0) option->default_value = wanted[i].usual;
        if (wtfcb_profiler_set(parser->profiler, option->id, option->default_value) != WTFCB_OK) return false;
        bool negated = option->type == WTFCB_OPTION_FLAG && option->default_value != 0;
        snprintf(spelling->name, sizeof spelling->name, "%s%s", negated ? "no-" : "", option->name);
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------------------- help */

static void help_formats(void)
{
    printf("  %-28s%s", own[OWN_FORMAT].shown, own[OWN_FORMAT].help);
    for (size_t i = 0; profile_formats[i].name != NULL; i++)
        printf("%s%s", profile_formats[i + 1].name == NULL ? " or " : ", ", profile_formats[i].name);
    puts("\n                              (default: what FILE's name ends in; table without FILE)");
}

/* The library's words, which are of milliseconds. */
static void help_summary(const char *summary)
{
    static const char unit[] = ", in ms";
    const char *found = strstr(summary, unit);
    const char *rest = found == NULL ? "" : found + strlen(unit);

    printf("%.*s%s", (int)(found == NULL ? strlen(summary) : (size_t)(found - summary)), summary, rest);
}

static void help_library(const struct spelling *spelling)
{
    const wtfcb_option *option = &spelling->option;
    char shown[NAME_SIZE + 32];

    if (option->type == WTFCB_OPTION_FLAG) {
        snprintf(shown, sizeof shown, "--%s", spelling->name);
        printf("  %-28s%s%s\n", shown, option->default_value != 0 ? "do not: " : "", option->summary);
    } else {
        if (option->id == WTFCB_PROFILER_CPU)
            snprintf(shown, sizeof shown, "--%s[=HZ]", spelling->name);
        else
            snprintf(shown, sizeof shown, "--%s=%s", spelling->name, option->unit == WTFCB_UNIT_MS ? "SECONDS" : "N");
        double divisor = option->unit == WTFCB_UNIT_MS ? 1000 : 1;
        printf("  %-28s", shown);
        help_summary(option->summary);
        printf(" (%g to %.10g; default %g)\n", (double)option->minimum / divisor, (double)option->maximum / divisor,
               (double)option->default_value / divisor);
    }
}

static enum options_result help(const struct parser *parser)
{
    puts("Usage: " PROGRAM " [OPTION]... [--] COMMAND [ARGUMENT]...\n"
         "       " PROGRAM " [--format=FORMAT] [-o FILE] --input=FILE\n"
         "Run a command and tell what it took: time, processor, memory, input and output, its\n"
         "children's too.\n"
         "\n"
         "Options");
    for (size_t i = 0; i < OWN_COUNT; i++) {
        if (i == OWN_FORMAT)
            help_formats();
        else
            printf("  %-28s%s\n", own[i].shown, own[i].help);
    }
    for (size_t i = 0; i < WANTED_COUNT; i++)
        help_library(&parser->library[i]);
    puts("\n"
         "The table goes to standard error or to FILE; a profile to FILE or to standard output,\n"
         "and then the command's own standard output goes to standard error.\n"
         "Exit status: the command's, or 128 + the signal that ended it; 127 or 126 if it was not\n"
         "found or could not be run, 2 for a wrong command line, 125 for other failures.");
    return OPTIONS_DONE;
}

static enum options_result version(void)
{
    printf(PROGRAM " %d.%d.%d (libwtfcb %s)\n", WTFCB_VERSION_MAJOR, WTFCB_VERSION_MINOR, WTFCB_VERSION_PATCH,
           wtfcb_version_string());
    return OPTIONS_DONE;
}

/* ----------------------------------------------------------------------------------------------------------- values */

/* A number, of seconds where the library wants milliseconds; false: none that the library could take. */
static bool parse_number(const char *text, const wtfcb_option *option, int64_t *ret_number)
{
    char *end;
    double number = strtod(text, &end);

    if (end == text || *end != 0 || !(number >= 0)) return false;
    if (option->unit == WTFCB_UNIT_MS) number *= 1000;
    *ret_number = number > (double)option->maximum ? INT64_MAX : (int64_t)(number + 0.5);
    return true;
}

static enum options_result set_library(struct parser *parser, const struct spelling *spelling, const char *argument)
{
    const wtfcb_option *option = &spelling->option;
    double divisor = option->unit == WTFCB_UNIT_MS ? 1000 : 1;
    parser->recording = spelling->name;
    int64_t number = option->id == WTFCB_PROFILER_CPU ? USUAL_HZ : option->default_value == 0;

    if (argument != NULL && !parse_number(argument, option, &number)) {
        fprintf(stderr, PROGRAM ": --%s: '%s' is not a number\n", spelling->name, argument);
        return wrong();
    }
    if (wtfcb_profiler_set(parser->profiler, option->id, number) == WTFCB_OK) return OPTIONS_RUN;
    fprintf(stderr, PROGRAM ": --%s: %s is not between %g and %.10g\n", spelling->name, argument,
            (double)option->minimum / divisor, (double)option->maximum / divisor);
    return wrong();
}

static enum options_result set_format(struct parser *parser, const char *text)
{
    parser->format_given = true;
    parser->options->format = NULL;
    if (strcmp(text, "table") == 0) return OPTIONS_RUN;
    for (const struct profile_format *format = profile_formats; format->name != NULL; format++) {
        if (strcmp(text, format->name) == 0) {
            parser->options->format = format;
            return OPTIONS_RUN;
        }
    }
    fprintf(stderr, PROGRAM ": --format: '%s' is none of table", text);
    for (size_t i = 0; profile_formats[i].name != NULL; i++)
        fprintf(stderr, ", %s", profile_formats[i].name);
    fputc('\n', stderr);
    return wrong();
}

static enum options_result set_alloc(struct parser *parser, const char *text)
{
    parser->recording = own[OWN_ALLOC].name;
    if (text == NULL || strcmp(text, "sampled") == 0)
        parser->options->alloc = WTFCB_ALLOC_SAMPLED;
    else if (strcmp(text, "full") == 0)
        parser->options->alloc = WTFCB_ALLOC_FULL;
    else {
        fprintf(stderr, PROGRAM ": --alloc: '%s' is neither sampled nor full\n", text);
        return wrong();
    }
    return OPTIONS_RUN;
}

static enum options_result set_own(struct parser *parser, int which, const char *argument)
{
    switch (which) {
    case OWN_ALLOC: return set_alloc(parser, argument);
    case OWN_INPUT: parser->options->input = argument; break;
    case OWN_LIVE:
        parser->options->live = true;
        parser->recording = own[OWN_LIVE].name;
        break;
    case OWN_FORMAT: return set_format(parser, argument);
    case OWN_OUTPUT: parser->options->file = argument; break;
    case OWN_QUIET: parser->options->quiet = true; break;
    case OWN_HELP: return help(parser);
    case OWN_VERSION: return version();
    default: break;
    }
    return OPTIONS_RUN;
}

/* --------------------------------------------------------------------------------------------------------- together */

static bool ends_in(const char *text, const char *ending)
{
    size_t length = strlen(text);

    return length >= strlen(ending) && strcmp(text + length - strlen(ending), ending) == 0;
}

/* A command to run, or a profile to read. */
static enum options_result settle_task(const struct parser *parser)
{
    const struct options *options = parser->options;

    if (options->input == NULL && options->command[0] == NULL)
        fputs(PROGRAM ": no command given\n", stderr);
    else if (options->input != NULL && options->command[0] != NULL)
        fprintf(stderr, PROGRAM ": --input runs nothing, and '%s' is a command\n", options->command[0]);
    else if (options->input != NULL && parser->recording != NULL)
        fprintf(stderr, PROGRAM ": --input records nothing, and --%s says how to\n", parser->recording);
    else
        return OPTIONS_RUN;
    return wrong();
}

/* Where the profile goes and in what form. */
static enum options_result settle_output(struct parser *parser)
{
    struct options *options = parser->options;

    if (options->file != NULL && strcmp(options->file, "-") == 0) {
        options->file = NULL;
        options->to_stdout = true;
    } else if (options->file == NULL) {
        options->to_stdout = options->format != NULL || options->input != NULL;
    } else if (!parser->format_given && !ends_in(options->file, ".txt")) {
        options->format = profile_format_of_file(options->file);
    }
    if (options->format != NULL && options->format->id == WTFCB_PROFILE_PPROF && options->to_stdout &&
        isatty(STDOUT_FILENO)) {
        fputs(PROGRAM ": --format=pprof is not for a terminal: give it a file with -o\n", stderr);
        return wrong();
    }
    return OPTIONS_RUN;
}

/* The library flushes in the format that the name says. */
static enum options_result settle_flush(const struct parser *parser)
{
    const struct options *options = parser->options;
    int64_t flush = 0;

    if (wtfcb_profiler_get(parser->profiler, WTFCB_PROFILER_FLUSH, &flush) != WTFCB_OK || flush == 0)
        return OPTIONS_RUN;
    if (options->file == NULL || !profile_file_is_regular(options->file)) {
        fputs(PROGRAM ": --flush needs a file that can be replaced: give it one with -o\n", stderr);
        return wrong();
    }
    if (options->format == NULL || options->format != profile_format_of_file(options->file)) {
        fputs(PROGRAM ": --flush writes the format that the file's name ends in, and --format is another one\n",
              stderr);
        return wrong();
    }
    if (wtfcb_profiler_set_string(parser->profiler, WTFCB_PROFILER_OUTPUT, options->file) == WTFCB_OK)
        return OPTIONS_RUN;
    fputs(PROGRAM ": out of memory\n", stderr);
    return OPTIONS_WRONG;
}

static void fill_table(const struct parser *parser, struct option *table)
{
    for (size_t i = 0; i < OWN_COUNT; i++)
        *table++ = (struct option){own[i].name, own[i].has_argument, NULL, OWN_BASE + (int)i};
    for (size_t i = 0; i < WANTED_COUNT; i++) {
        int argument = parser->library[i].option.type == WTFCB_OPTION_FLAG ? no_argument : required_argument;
        if (parser->library[i].option.id == WTFCB_PROFILER_CPU) argument = optional_argument;
        *table++ = (struct option){parser->library[i].name, argument, NULL, LIBRARY_BASE + (int)i};
    }
    *table = (struct option){NULL, 0, NULL, 0};
}

static enum options_result read_all(struct parser *parser, int argc, char **argv)
{
    struct option table[OWN_COUNT + WANTED_COUNT + 1];
    enum options_result result = OPTIONS_RUN;
    int which;

    fill_table(parser, table);
    while (result == OPTIONS_RUN && (which = getopt_long(argc, argv, "+o:qh", table, NULL)) != -1) {
        if (which == 'o')
            result = set_own(parser, OWN_OUTPUT, optarg);
        else if (which == 'q')
            result = set_own(parser, OWN_QUIET, NULL);
        else if (which == 'h')
            result = set_own(parser, OWN_HELP, NULL);
        else if (which >= LIBRARY_BASE)
            result = set_library(parser, &parser->library[which - LIBRARY_BASE], optarg);
        else if (which >= OWN_BASE)
            result = set_own(parser, which - OWN_BASE, optarg);
        else
            result = wrong(); /* getopt has said why */
    }
    parser->options->command = argv + optind;
    return result;
}

enum options_result options_parse(int argc, char **argv, wtfcb_profiler *profiler, struct options *options)
{
    struct parser parser = {.profiler = profiler, .options = options};
    enum options_result result;

    *options = (struct options){.format = NULL};
    if (!list_library(&parser)) {
        fputs(PROGRAM ": this libwtfcb is another one than it was built for\n", stderr);
        return OPTIONS_WRONG;
    }
    result = read_all(&parser, argc, argv);
    if (result == OPTIONS_RUN) result = settle_task(&parser);
    if (result == OPTIONS_RUN) result = settle_output(&parser);
    return result == OPTIONS_RUN ? settle_flush(&parser) : result;
}
