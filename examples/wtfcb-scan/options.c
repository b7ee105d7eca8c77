/*
 * The command line.
 *
 * The program's own options stand in one table below. All that say how to scan come from the library: whatever
 * wtfcb_scanner_option() lists becomes a long option of the same name, with the library's bounds, default and
 * summary. A flag that is on by default becomes --no-NAME. Four of them are spelled in another way than a plain
 * number: --depth and --skip take words, --timeout takes seconds, and what to keep is the program's own affair.
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wtfcb/version.h>

#include "format.h"

#define PROGRAM "wtfcb-scan"

enum own_option {
    OWN_DEPTH,
    OWN_FORMAT,
    OWN_BY_FILE,
    OWN_SYMBOLS,
    OWN_IMPORTS,
    OWN_FINDINGS,
    OWN_SKIP,
    OWN_EXPLAIN,
    OWN_LANGUAGES,
    OWN_CACHE,
    OWN_NO_CACHE,
    OWN_TIMEOUT,
    OWN_STATS,
    OWN_NO_STATS,
    OWN_PROFILE,
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
    [OWN_DEPTH] = {"depth", required_argument, "--depth=files|lines|syntax",
                   "list files, count lines (default), or parse"},
    [OWN_FORMAT] = {"format", required_argument, "--format=FORMAT",
                    "table (default), json, ndjson, csv, ctags or etags"},
    [OWN_BY_FILE] = {"by-file", no_argument, "--by-file", "a row for each file"},
    [OWN_SYMBOLS] = {"symbols", no_argument, "--symbols", "list definitions"},
    [OWN_IMPORTS] = {"imports", no_argument, "--imports", "list imports"},
    [OWN_FINDINGS] = {"findings", no_argument, "--findings", "list findings; exit status 1 if there are any"},
    [OWN_SKIP] = {"skip", required_argument, "--skip=KIND,...",
                  "leave out generated, minified, vendored, documentation or undetectable files"},
    [OWN_EXPLAIN] = {"explain", required_argument, "--explain=PATH",
                     "why PATH is scanned or not, and what decides its language"},
    [OWN_LANGUAGES] = {"languages", required_argument, "--languages=FILE",
                       "add the languages and grammars that FILE describes (repeatable)"},
    [OWN_CACHE] = {"cache", required_argument, "--cache=DIR",
                   "remember results in DIR (default: the user's cache directory)"},
    [OWN_NO_CACHE] = {"no-cache", no_argument, "--no-cache", "remember nothing, take nothing from a cache"},
    [OWN_TIMEOUT] = {"timeout", required_argument, "--timeout=SECONDS",
                     "stop after this time with what is found so far"},
    [OWN_STATS] = {"stats", optional_argument, "--stats[=json]", "how the scan went: counts and times"},
    [OWN_NO_STATS] = {"no-stats", no_argument, "--no-stats", "leave times and counts of the run out of JSON"},
    [OWN_PROFILE] = {"profile", required_argument, "--profile=FILE",
                     "where the time went; its name ends in .html, .speedscope.json, ..."},
    [OWN_QUIET] = {"quiet", no_argument, "--quiet", "no progress, no notes about files that failed"},
    [OWN_HELP] = {"help", no_argument, "-h, --help", "this text"},
    [OWN_VERSION] = {"version", no_argument, "--version", "versions of program and library"},
};

enum { OWN_BASE = 256, LIBRARY_BASE = 1024, LIBRARY_LIMIT = 256, NAME_SIZE = 64 };

/* The library's options under the names they have here. */
struct spelling {
    wtfcb_option option;
    char name[NAME_SIZE];
};

struct parser {
    wtfcb_scanner *scanner;
    struct options *options;
    struct spelling library[LIBRARY_LIMIT];
    size_t library_count;
    bool depth_given;
};

static enum options_result wrong(void)
{
    fputs("Try '" PROGRAM " --help'.\n", stderr);
    return OPTIONS_WRONG;
}

/* ------------------------------------------------------------------------------------------ what the library knows */

static bool spelled_otherwise(int32_t id)
{
    return id == WTFCB_SCANNER_DEPTH || id == WTFCB_SCANNER_KEEP || id == WTFCB_SCANNER_DEADLINE ||
           id == WTFCB_SCANNER_SKIP;
}

static void list_library(struct parser *parser)
{
    wtfcb_option option;

    for (uint64_t i = 0; i < wtfcb_scanner_option_count() && parser->library_count < LIBRARY_LIMIT; i++) {
        if (wtfcb_scanner_option(i, &option, sizeof option) != WTFCB_OK || spelled_otherwise(option.id)) continue;
        struct spelling *spelling = &parser->library[parser->library_count++];
        bool negated = option.type == WTFCB_OPTION_FLAG && option.default_value != 0;
        spelling->option = option;
        snprintf(spelling->name, sizeof spelling->name, "%s%s", negated ? "no-" : "", option.name);
    }
}

static bool find_option(int32_t id, wtfcb_option *ret_option)
{
    for (uint64_t i = 0; i < wtfcb_scanner_option_count(); i++)
        if (wtfcb_scanner_option(i, ret_option, sizeof *ret_option) == WTFCB_OK && ret_option->id == id) return true;
    return false;
}

/* ------------------------------------------------------------------------------------------------------- help */

struct bound {
    char text[32];
};

/* Large round numbers as they can be given: 2M, 1G. */
static struct bound bound_text(int64_t value)
{
    struct bound bound;
    int64_t mega = INT64_C(1) << 20;
    int64_t giga = INT64_C(1) << 30;

    if (value >= giga && value % giga == 0)
        snprintf(bound.text, sizeof bound.text, "%" PRId64 "G", value / giga);
    else if (value >= mega && value % mega == 0)
        snprintf(bound.text, sizeof bound.text, "%" PRId64 "M", value / mega);
    else
        snprintf(bound.text, sizeof bound.text, "%" PRId64, value);
    return bound;
}

static void help_library(const struct spelling *spelling)
{
    const wtfcb_option *option = &spelling->option;
    char shown[NAME_SIZE + 32];

    if (option->type == WTFCB_OPTION_FLAG) {
        snprintf(shown, sizeof shown, "--%s", spelling->name);
        printf("  %-28s%s%s\n", shown, option->default_value != 0 ? "do not: " : "", option->summary);
    } else if (option->type == WTFCB_OPTION_STRINGS) {
        snprintf(shown, sizeof shown, "--%s=TEXT", spelling->name);
        printf("  %-28s%s (repeatable)\n", shown, option->summary);
    } else {
        bool threads = option->id == WTFCB_SCANNER_THREADS;
        snprintf(shown, sizeof shown, "%s--%s=N", threads ? "-j N, " : "", spelling->name);
        printf("  %-28s%s (default %s", shown, option->summary, bound_text(option->default_value).text);
        if (option->maximum < INT64_MAX) printf(", at most %s", bound_text(option->maximum).text);
        puts(")");
    }
}

static void help(const struct parser *parser)
{
    puts("Usage: " PROGRAM " [OPTION]... PATH...\n"
         "Scan files and directories: languages, lines, definitions, imports, syntax errors.\n"
         "\n"
         "What to print");
    for (size_t i = 0; i < OWN_COUNT; i++)
        printf("  %-28s%s\n", own[i].shown, own[i].help);
    puts("\nWhat to scan, and limits (a number of bytes takes K, M or G for powers of 1,024)");
    for (size_t i = 0; i < parser->library_count; i++)
        help_library(&parser->library[i]);
    puts("\n--symbols, --imports, --findings and tags files imply --depth=syntax.\n"
         "Exit status: 0 done, 1 findings, 2 usage, 3 failure.");
}

static void version(void)
{
    printf(PROGRAM " %d.%d.%d (libwtfcb %s)\n", WTFCB_VERSION_MAJOR, WTFCB_VERSION_MINOR, WTFCB_VERSION_PATCH,
           wtfcb_version_string());
}

/* ----------------------------------------------------------------------------------------------------- values */

/* How far a suffix shifts; -1: there is no such suffix. */
static int suffix_shift(const char *suffix)
{
    static const char letters[] = "kKmMgG";
    const char *found;

    if (suffix[0] == 0) return 0;
    found = strchr(letters, suffix[0]);
    if (found == NULL || suffix[1] != 0) return -1;
    return 10 * (int)((found - letters) / 2 + 1);
}

/* A whole number, of bytes with an optional suffix; too large ones become INT64_MAX, which no option accepts. */
static bool parse_number(const char *text, bool bytes, int64_t *ret_number)
{
    char *end;
    long long number;
    int shift;

    errno = 0;
    number = strtoll(text, &end, 10);
    if (end == text || (shift = suffix_shift(end)) < 0 || (shift > 0 && !bytes)) return false;
    if (errno == ERANGE || (shift > 0 && number > INT64_MAX >> shift))
        number = INT64_MAX;
    else
        number *= INT64_C(1) << shift;
    *ret_number = number;
    return true;
}

static enum options_result set_number(struct parser *parser, const struct spelling *spelling, const char *text)
{
    const wtfcb_option *option = &spelling->option;
    int64_t number;

    if (!parse_number(text, option->unit == WTFCB_UNIT_BYTES, &number)) {
        fprintf(stderr, PROGRAM ": --%s: '%s' is not a number\n", spelling->name, text);
        return wrong();
    }
    if (wtfcb_scanner_set(parser->scanner, option->id, number) != WTFCB_OK) {
        fprintf(stderr, PROGRAM ": --%s: %s is not between %" PRId64 " and %" PRId64 "\n", spelling->name, text,
                option->minimum, option->maximum);
        return wrong();
    }
    return OPTIONS_RUN;
}

static enum options_result add_string(struct parser *parser, const struct spelling *spelling, const char *text)
{
    wtfcb_status status = wtfcb_scanner_add_string(parser->scanner, spelling->option.id, text);

    if (status == WTFCB_OK) return OPTIONS_RUN;
    if (status == WTFCB_ENOTFOUND)
        fprintf(stderr, PROGRAM ": --%s: there is no '%s'\n", spelling->name, text);
    else
        fprintf(stderr, PROGRAM ": --%s='%s': %s\n", spelling->name, text, wtfcb_status_message(status));
    return wrong();
}

static enum options_result set_library(struct parser *parser, const struct spelling *spelling, const char *argument)
{
    if (spelling->option.type == WTFCB_OPTION_STRINGS) return add_string(parser, spelling, argument);
    if (spelling->option.type == WTFCB_OPTION_FLAG)
        return set_number(parser, spelling, spelling->option.default_value != 0 ? "0" : "1");
    return set_number(parser, spelling, argument);
}

static enum options_result set_threads(struct parser *parser, const char *argument)
{
    for (size_t i = 0; i < parser->library_count; i++)
        if (parser->library[i].option.id == WTFCB_SCANNER_THREADS)
            return set_number(parser, &parser->library[i], argument);
    return wrong();
}

static enum options_result set_timeout(struct parser *parser, const char *text)
{
    wtfcb_option option;
    char *end;
    double seconds = strtod(text, &end);

    if (end == text || *end != 0 || !(seconds > 0) || !find_option(WTFCB_SCANNER_DEADLINE, &option)) {
        fprintf(stderr, PROGRAM ": --timeout: '%s' is not a number of seconds above 0\n", text);
        return wrong();
    }
    double ms = seconds * 1000 < 1 ? 1 : seconds * 1000;
    if (ms > (double)option.maximum || wtfcb_scanner_set(parser->scanner, option.id, (int64_t)ms) != WTFCB_OK) {
        fprintf(stderr, PROGRAM ": --timeout: '%s' is more than %" PRId64 " seconds\n", text, option.maximum / 1000);
        return wrong();
    }
    return OPTIONS_RUN;
}

static enum options_result set_depth(struct parser *parser, const char *text)
{
    static const char *const words[] = {"files", "lines", "syntax"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(text, words[i]) == 0) {
            parser->options->depth = WTFCB_DEPTH_FILES + (int64_t)i;
            parser->depth_given = true;
            return OPTIONS_RUN;
        }
    }
    fprintf(stderr, PROGRAM ": --depth: '%s' is not files, lines or syntax\n", text);
    return wrong();
}

/* The flag with a name of `length` bytes that can be left out, or 0. */
static uint32_t find_flag(const char *name, size_t length)
{
    for (uint32_t flag = WTFCB_FILE_GENERATED; flag <= WTFCB_FILE_UNDETECTABLE; flag <<= 1) {
        const char *known = wtfcb_file_flag_name(flag);
        if (strlen(known) == length && memcmp(known, name, length) == 0) return flag;
    }
    return 0;
}

static enum options_result set_skip(struct parser *parser, const char *text)
{
    int64_t mask;

    if (wtfcb_scanner_get(parser->scanner, WTFCB_SCANNER_SKIP, &mask) != WTFCB_OK) return wrong();
    for (const char *at = text;; at++) {
        size_t length = strcspn(at, ",");
        uint32_t flag = find_flag(at, length);
        if (flag == 0) {
            fprintf(stderr,
                    PROGRAM ": --skip: '%.*s' is not generated, minified, vendored, documentation or undetectable\n",
                    (int)length, at);
            return wrong();
        }
        mask |= flag;
        at += length;
        if (*at == 0) break;
    }
    return wtfcb_scanner_set(parser->scanner, WTFCB_SCANNER_SKIP, mask) == WTFCB_OK ? OPTIONS_RUN : wrong();
}

static enum options_result set_format(struct parser *parser, const char *text)
{
    for (size_t i = 0; formats[i] != NULL; i++) {
        if (strcmp(text, formats[i]->name) == 0) {
            parser->options->format = formats[i];
            return OPTIONS_RUN;
        }
    }
    fprintf(stderr, PROGRAM ": --format: '%s' is none of", text);
    for (size_t i = 0; formats[i] != NULL; i++)
        fprintf(stderr, "%s %s", i == 0 ? "" : ",", formats[i]->name);
    fputc('\n', stderr);
    return wrong();
}

static enum options_result set_stats(struct parser *parser, const char *text)
{
    if (text != NULL && strcmp(text, "json") != 0) {
        fprintf(stderr, PROGRAM ": --stats: '%s' is not json\n", text);
        return wrong();
    }
    parser->options->stats = text != NULL ? STATS_JSON : STATS_TEXT;
    return OPTIONS_RUN;
}

static enum options_result set_own(struct parser *parser, int which, const char *argument)
{
    struct options *options = parser->options;

    switch (which) {
    case OWN_DEPTH: return set_depth(parser, argument);
    case OWN_FORMAT: return set_format(parser, argument);
    case OWN_SKIP: return set_skip(parser, argument);
    case OWN_EXPLAIN: options->explain = argument; break;
    case OWN_TIMEOUT: return set_timeout(parser, argument);
    case OWN_STATS: return set_stats(parser, argument);
    case OWN_NO_STATS: options->stats = STATS_NONE; break;
    case OWN_BY_FILE: options->by_file = true; break;
    case OWN_SYMBOLS: options->symbols = true; break;
    case OWN_IMPORTS: options->imports = true; break;
    case OWN_FINDINGS: options->findings = true; break;
    case OWN_CACHE:
        options->cache = argument;
        options->no_cache = false;
        break;
    case OWN_NO_CACHE: options->no_cache = true; break;
    case OWN_PROFILE: options->profile = argument; break;
    case OWN_QUIET: options->quiet = true; break;
    case OWN_HELP: help(parser); return OPTIONS_DONE;
    case OWN_VERSION: version(); return OPTIONS_DONE;
    default: break;
    }
    return OPTIONS_RUN;
}

/* ---------------------------------------------------------------------------------------------------- together */

static void fill_table(const struct parser *parser, struct option *table)
{
    for (size_t i = 0; i < OWN_COUNT; i++)
        *table++ = (struct option){own[i].name, own[i].has_argument, NULL, OWN_BASE + (int)i};
    for (size_t i = 0; i < parser->library_count; i++) {
        int argument = parser->library[i].option.type == WTFCB_OPTION_FLAG ? no_argument : required_argument;
        *table++ = (struct option){parser->library[i].name, argument, NULL, LIBRARY_BASE + (int)i};
    }
    *table = (struct option){NULL, 0, NULL, 0};
}

/* Add what one file describes. A grammar that does not load costs its language the syntax alone. */
static enum options_result load_languages(wtfcb_languages **languages, const char *file)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = *languages == NULL ? wtfcb_languages_new(NULL, languages) : WTFCB_OK;

    if (status == WTFCB_OK)
        status = wtfcb_languages_load(*languages, file, &error);
    else
        snprintf(error.message, sizeof error.message, "%s", wtfcb_status_message(status));
    if (status == WTFCB_OK) return OPTIONS_RUN;
    fprintf(stderr, PROGRAM ": --languages: %s\n", error.message);
    return status == WTFCB_EGRAMMAR ? OPTIONS_RUN : OPTIONS_WRONG;
}

/* A reading of its own, because the other options are about languages that have to be known. */
static enum options_result read_languages(struct parser *parser, int argc, char **argv)
{
    struct option table[OWN_COUNT + LIBRARY_LIMIT + 1];
    enum options_result result = OPTIONS_RUN;
    wtfcb_languages *languages = NULL;
    int which;

    fill_table(parser, table);
    opterr = 0;
    while (result == OPTIONS_RUN && (which = getopt_long(argc, argv, "j:h", table, NULL)) != -1)
        if (which == OWN_BASE + OWN_LANGUAGES) result = load_languages(&languages, optarg);
    opterr = 1;
    optind = 0; /* all over again */
    if (result == OPTIONS_RUN && languages != NULL &&
        wtfcb_scanner_set_languages(parser->scanner, languages) != WTFCB_OK)
        result = OPTIONS_WRONG;
    wtfcb_languages_free(languages);
    return result;
}

static enum options_result read_all(struct parser *parser, int argc, char **argv)
{
    struct option table[OWN_COUNT + LIBRARY_LIMIT + 1];
    enum options_result result = OPTIONS_RUN;
    int which;

    fill_table(parser, table);
    while (result == OPTIONS_RUN && (which = getopt_long(argc, argv, "j:h", table, NULL)) != -1) {
        if (which == 'j')
            result = set_threads(parser, optarg);
        else if (which == 'h')
            result = set_own(parser, OWN_HELP, NULL);
        else if (which >= LIBRARY_BASE)
            result = set_library(parser, &parser->library[which - LIBRARY_BASE], optarg);
        else if (which >= OWN_BASE)
            result = set_own(parser, which - OWN_BASE, optarg);
        else
            result = wrong(); /* getopt has said why */
    }
    parser->options->paths = argv + optind;
    parser->options->path_count = (size_t)(argc - optind);
    return result;
}

/* What single options cannot see. */
static enum options_result check_together(struct parser *parser)
{
    struct options *options = parser->options;
    int tables = options->by_file + options->symbols + options->imports + options->findings;
    bool syntax = options->symbols || options->imports || options->findings || options->format->needs_syntax;

    if (options->explain != NULL) {
        if (options->path_count > 1 || (options->format != &table_format && options->format != &json_format)) {
            fputs(PROGRAM ": --explain takes at most one root, and --format=table or json\n", stderr);
            return wrong();
        }
        if (options->profile != NULL) {
            fputs(PROGRAM ": --explain scans nothing that --profile could tell of\n", stderr);
            return wrong();
        }
    } else if (options->path_count == 0) {
        fputs(PROGRAM ": no path given\n", stderr);
        return wrong();
    }
    if (options->format->one_table && tables > 1) {
        fprintf(stderr,
                PROGRAM ": --format=%s holds one table: give one of --by-file, --symbols, --imports, --findings\n",
                options->format->name);
        return wrong();
    }
    if (options->format->needs_syntax && tables > (options->symbols ? 1 : 0)) {
        fprintf(stderr, PROGRAM ": --format=%s holds symbols and nothing else\n", options->format->name);
        return wrong();
    }
    if (syntax && parser->depth_given && options->depth < WTFCB_DEPTH_SYNTAX) {
        fputs(PROGRAM ": symbols, imports and findings need --depth=syntax\n", stderr);
        return wrong();
    }
    if (syntax) options->depth = WTFCB_DEPTH_SYNTAX;
    return wtfcb_scanner_set(parser->scanner, WTFCB_SCANNER_DEPTH, options->depth) == WTFCB_OK ? OPTIONS_RUN : wrong();
}

enum options_result options_parse(int argc, char **argv, wtfcb_scanner *scanner, struct options *options)
{
    struct parser parser = {.scanner = scanner, .options = options};
    enum options_result result;

    *options = (struct options){.format = formats[0], .depth = WTFCB_DEPTH_LINES};
    list_library(&parser);
    result = read_languages(&parser, argc, argv);
    if (result == OPTIONS_RUN) result = read_all(&parser, argc, argv);
    return result == OPTIONS_RUN ? check_together(&parser) : result;
}
