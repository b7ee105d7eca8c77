/*
 * The command line.
 *
 * The program's own options stand in one table; what says how to measure comes from the library under the library's names, with its
 * bounds. Times are seconds here.
 */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wtfcb/version.h>

#define PROGRAM "wtfcb-bench"

enum own_option {
    OWN_PROJECT,
    OWN_SYNTHETIC,
    OWN_FULL_SUITE,
    OWN_CACHE,
    OWN_DEPTH,
    OWN_PARALLEL,
    OWN_RUNS,
    OWN_BASELINE,
    OWN_SAVE,
    OWN_GATE,
    OWN_INPUT,
    OWN_FORMAT,
    OWN_OUTPUT,
    OWN_VERBOSE,
    OWN_QUIET,
    OWN_HELP,
    OWN_VERSION,
    OWN_COUNT
};

static const struct {
    const char *name;
    int has_argument;
    const char *shown; /* as --help shows it */
    const char *help;
} own[OWN_COUNT] = {
    [OWN_PROJECT] = {"project", required_argument, "--project=DIR", "measure scans of this folder; may be repeated"},
    [OWN_SYNTHETIC] =
        {"synthetic", required_argument, "--synthetic=SIZE",
         "a generated project: small (100 files), medium (1,000),\n                              large (20,000); medium if there is no project"},
    [OWN_FULL_SUITE] = {"full-suite", no_argument, "--full-suite", "all cases, all depths, all numbers of threads"},
    [OWN_CACHE] = {"cache", no_argument, "--cache", "the cases of a cache too: cold, warm, a fresh clone, edits"},
    [OWN_DEPTH] = {"depth", required_argument, "--depth=DEPTH", "files, lines or syntax (default); may be repeated"},
    [OWN_PARALLEL] = {"parallel", required_argument, "--parallel=N", "the most threads (default: usable processors)"},
    [OWN_RUNS] = {"runs", required_argument, "--runs=N",
                  "exactly N samples of each row (default: as many as it takes)"},
    [OWN_BASELINE] = {"baseline", required_argument, "--baseline=FILE", "compare with a report that was saved"},
    [OWN_SAVE] = {"save", required_argument, "--save=FILE", "keep the report as JSON, for --baseline and --input"},
    [OWN_GATE] =
        {"gate", required_argument, "--gate=PERCENT",
         "with --baseline: exit status 1 if something is worse by more\n                              than that, 4 if that cannot be told"},
    [OWN_INPUT] = {"input", required_argument, "--input=FILE", "show a report that was saved; measure nothing"},
    [OWN_FORMAT] = {"format", required_argument, "--format=FORMAT", ""},
    [OWN_OUTPUT] = {"output", required_argument, "-o, --output=FILE", "write there; - is standard output"},
    [OWN_VERBOSE] = {"verbose", no_argument, "-v, --verbose", "a line on standard error for each phase"},
    [OWN_QUIET] = {"quiet", no_argument, "-q, --quiet", "no progress"},
    [OWN_HELP] = {"help", no_argument, "-h, --help", "this text"},
    [OWN_VERSION] = {"version", no_argument, "--version", "versions of program and library"},
};

/* What the library is asked for besides. */
static const int32_t wanted[] = {
    WTFCB_BENCHMARK_TIME,         WTFCB_BENCHMARK_WARMUP,     WTFCB_BENCHMARK_PRECISION,
    WTFCB_BENCHMARK_LEAST_EFFECT, WTFCB_BENCHMARK_DROP_PAGES, WTFCB_BENCHMARK_PROFILE,
    WTFCB_BENCHMARK_SEED,         WTFCB_BENCHMARK_FOREIGN,    WTFCB_BENCHMARK_FOLDER,
};

enum { WANTED_COUNT = sizeof wanted / sizeof *wanted, OWN_BASE = 256, LIBRARY_BASE = 1024, NAME_SIZE = 64 };

struct parser {
    wtfcb_benchmark *benchmark;
    struct options *options;
    wtfcb_option library[WANTED_COUNT];
    int64_t cases;
    int64_t depths; /* 0: none named */
    bool format_given;
};

static enum options_result wrong(void)
{
    fputs("Try '" PROGRAM " --help'.\n", stderr);
    return OPTIONS_WRONG;
}

/* ------------------------------------------------------------------------------------------ what the library knows */

static bool find_option(int32_t id, wtfcb_option *ret_option)
{
    for (uint64_t i = 0; i < wtfcb_benchmark_option_count(); i++)
        if (wtfcb_benchmark_option(i, ret_option, sizeof *ret_option) == WTFCB_OK && ret_option->id == id) return true;
    return false;
}

/* False: the library is an older one that has not all of them. */
static bool list_library(struct parser *parser)
{
    for (size_t i = 0; i < WANTED_COUNT; i++)
        if (!find_option(wanted[i], &parser->library[i])) return false;
    return true;
}

/* ------------------------------------------------------------------------------------------------------------- help */

static void help_formats(void)
{
    printf("  %-28s", own[OWN_FORMAT].shown);
    for (size_t i = 0; report_formats[i].name != NULL; i++)
        printf("%s%s", i == 0 ? "" : report_formats[i + 1].name == NULL ? " or " : ", ", report_formats[i].name);
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

static void help_library(const wtfcb_option *option)
{
    char shown[NAME_SIZE + 32];
    double divisor = option->unit == WTFCB_UNIT_MS ? 1000 : 1;
    const char *value = option->type == WTFCB_OPTION_FLAG     ? ""
                        : option->type == WTFCB_OPTION_STRING ? "=DIR"
                        : option->unit == WTFCB_UNIT_MS       ? "=SECONDS"
                                                              : "=N";

    snprintf(shown, sizeof shown, "--%s%s", option->name, value);
    printf("  %-28s", shown);
    help_summary(option->summary);
    if (option->type == WTFCB_OPTION_INTEGER)
        printf(" (%g to %.10g; default %g)", (double)option->minimum / divisor, (double)option->maximum / divisor,
               (double)option->default_value / divisor);
    putchar('\n');
}

static enum options_result help(const struct parser *parser)
{
    puts("Usage: " PROGRAM " [OPTION]...\n"
         "Measure scans of projects: sequential, parallel, through caches, by threads; with intervals,\n"
         "and against what was measured before.\n"
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
         "Exit status: 0 done, 1 regression (--gate), 2 usage, 3 failure, 4 inconclusive (--gate).");
    return OPTIONS_DONE;
}

static enum options_result version(void)
{
    printf(PROGRAM " %d.%d.%d (libwtfcb %s)\n", WTFCB_VERSION_MAJOR, WTFCB_VERSION_MINOR, WTFCB_VERSION_PATCH,
           wtfcb_version_string());
    return OPTIONS_DONE;
}

/* ----------------------------------------------------------------------------------------------------------- values */

static enum options_result bad(const char *name, const char *text, const char *what)
{
    fprintf(stderr, PROGRAM ": --%s: '%s' is %s\n", name, text, what);
    return wrong();
}

static bool parse_number(const char *text, double scale, int64_t *ret_number)
{
    char *end;
    double number = strtod(text, &end);

    if (end == text || *end != 0 || !(number >= 0)) return false;
    number *= scale;
    *ret_number = number > 9e18 ? INT64_MAX : (int64_t)(number + 0.5);
    return true;
}

static enum options_result set_number(struct parser *parser, const char *name, int32_t id, const char *text,
                                      double scale)
{
    wtfcb_option option = {.name = ""};
    int64_t number;

    if (!parse_number(text, scale, &number)) return bad(name, text, "not a number");
    if (wtfcb_benchmark_set(parser->benchmark, id, number) == WTFCB_OK) return OPTIONS_RUN;
    (void)find_option(id, &option);
    fprintf(stderr, PROGRAM ": --%s: %s is not between %g and %.10g\n", name, text, (double)option.minimum / scale,
            (double)option.maximum / scale);
    return wrong();
}

static enum options_result set_library(struct parser *parser, const wtfcb_option *option, const char *argument)
{
    if (option->type == WTFCB_OPTION_STRING) {
        wtfcb_status status = wtfcb_benchmark_set_string(parser->benchmark, option->id, argument);
        return status == WTFCB_OK ? OPTIONS_RUN : bad(option->name, argument, wtfcb_status_message(status));
    }
    if (option->type == WTFCB_OPTION_FLAG) return set_number(parser, option->name, option->id, "1", 1);
    return set_number(parser, option->name, option->id, argument, option->unit == WTFCB_UNIT_MS ? 1000 : 1);
}

static enum options_result add_project(struct options *options, const char *path)
{
    if (options->project_count == MOST_PROJECTS) return bad("project", path, "one too many");
    if (path[0] == 0) return bad("project", path, "no folder");
    options->projects[options->project_count++] = path;
    return OPTIONS_RUN;
}

static enum options_result set_synthetic(struct options *options, const char *size)
{
    static const char *const sizes[] = {"small", "medium", "large"};

    options->synthetic = size;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (strcmp(size, sizes[i]) == 0) return OPTIONS_RUN;
    return bad("synthetic", size, "none of small, medium, large");
}

static enum options_result add_depth(struct parser *parser, const char *name)
{
    static const char *const names[] = {"files", "lines", "syntax"};
    static const int64_t bits[] = {WTFCB_DEPTH_BIT_FILES, WTFCB_DEPTH_BIT_LINES, WTFCB_DEPTH_BIT_SYNTAX};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) != 0) continue;
        parser->depths |= bits[i];
        return OPTIONS_RUN;
    }
    return bad("depth", name, "none of files, lines, syntax");
}

static enum options_result set_format(struct parser *parser, const char *name)
{
    parser->format_given = true;
    parser->options->format = report_format_named(name);
    return parser->options->format != NULL ? OPTIONS_RUN
                                           : bad("format", name, "none of table, csv, markdown, html, json");
}

static enum options_result set_own(struct parser *parser, int which, const char *argument)
{
    struct options *options = parser->options;

    switch (which) {
    case OWN_PROJECT: return add_project(options, argument);
    case OWN_SYNTHETIC: return set_synthetic(options, argument);
    case OWN_FULL_SUITE:
        parser->cases = WTFCB_CASE_ALL;
        parser->depths |= WTFCB_DEPTH_BIT_ALL;
        break;
    case OWN_CACHE: parser->cases |= WTFCB_CASE_ALL & ~WTFCB_CASE_SWEEP; break;
    case OWN_DEPTH: return add_depth(parser, argument);
    case OWN_PARALLEL: return set_number(parser, "parallel", WTFCB_BENCHMARK_THREADS, argument, 1);
    case OWN_RUNS: return set_number(parser, "runs", WTFCB_BENCHMARK_RUNS, argument, 1);
    case OWN_BASELINE: options->baseline = argument; break;
    case OWN_SAVE: options->save = argument; break;
    case OWN_GATE: options->gate = true; return set_number(parser, "gate", WTFCB_BENCHMARK_LEAST_EFFECT, argument, 10);
    case OWN_INPUT: options->input = argument; break;
    case OWN_FORMAT: return set_format(parser, argument);
    case OWN_OUTPUT: options->file = argument; break;
    case OWN_VERBOSE: options->verbose = true; break;
    case OWN_QUIET: options->quiet = true; break;
    case OWN_HELP: return help(parser);
    case OWN_VERSION: return version();
    default: break;
    }
    return OPTIONS_RUN;
}

/* --------------------------------------------------------------------------------------------------------- together */

static enum options_result settle(struct parser *parser)
{
    struct options *options = parser->options;

    if (options->gate && options->baseline == NULL) {
        fputs(PROGRAM ": --gate needs a report to compare with: give it one with --baseline\n", stderr);
        return wrong();
    }
    if (options->input != NULL &&
        (options->project_count > 0 || options->synthetic != NULL || options->baseline != NULL)) {
        fputs(PROGRAM ": --input shows a report, and measures or compares nothing\n", stderr);
        return wrong();
    }
    if (options->project_count == 0 && options->synthetic == NULL) options->synthetic = "medium";
    if (options->file != NULL && strcmp(options->file, "-") == 0) options->file = NULL;
    if (!parser->format_given)
        options->format = options->file != NULL ? report_format_of_file(options->file) : &report_formats[0];
    if (parser->depths == 0) parser->depths = WTFCB_DEPTH_BIT_SYNTAX;
    if (wtfcb_benchmark_set(parser->benchmark, WTFCB_BENCHMARK_CASES, parser->cases) == WTFCB_OK &&
        wtfcb_benchmark_set(parser->benchmark, WTFCB_BENCHMARK_DEPTHS, parser->depths) == WTFCB_OK)
        return OPTIONS_RUN;
    fputs(PROGRAM ": this libwtfcb is another one than it was built for\n", stderr);
    return OPTIONS_WRONG;
}

static void fill_table(const struct parser *parser, struct option *table)
{
    for (size_t i = 0; i < OWN_COUNT; i++)
        *table++ = (struct option){own[i].name, own[i].has_argument, NULL, OWN_BASE + (int)i};
    for (size_t i = 0; i < WANTED_COUNT; i++) {
        int argument = parser->library[i].type == WTFCB_OPTION_FLAG ? no_argument : required_argument;
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
    while (result == OPTIONS_RUN && (which = getopt_long(argc, argv, "o:vqh", table, NULL)) != -1) {
        if (which == 'o')
            result = set_own(parser, OWN_OUTPUT, optarg);
        else if (which == 'v')
            result = set_own(parser, OWN_VERBOSE, NULL);
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
    if (result != OPTIONS_RUN || optind == argc) return result;
    fprintf(stderr, PROGRAM ": '%s' is no option; projects are given with --project\n", argv[optind]);
    return wrong();
}

enum options_result options_parse(int argc, char **argv, wtfcb_benchmark *benchmark, struct options *options)
{
    struct parser parser = {
        .benchmark = benchmark, .options = options, .cases = WTFCB_CASE_SEQUENTIAL | WTFCB_CASE_PARALLEL};

    *options = (struct options){.format = NULL};
    if (!list_library(&parser)) {
        fputs(PROGRAM ": this libwtfcb is another one than it was built for\n", stderr);
        return OPTIONS_WRONG;
    }
    enum options_result result = read_all(&parser, argc, argv);
    return result == OPTIONS_RUN ? settle(&parser) : result;
}
