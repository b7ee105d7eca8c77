/* The command line: a command, its paths, and two options that may stand anywhere. */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <wtfcb/version.h>

#define PROGRAM "wtfcb-cache"

enum paths_wanted { PATHS_NONE, PATHS_ANY, PATHS_SOME };

static const struct {
    const char *name;
    enum paths_wanted paths;
    const char *shown; /* as --help shows it */
    const char *help;
} commands[COMMAND_COUNT] = {
    [COMMAND_STATS] = {"stats", PATHS_NONE, "stats", "what the cache holds"},
    [COMMAND_VERIFY] = {"verify", PATHS_NONE, "verify",
                        "read and check every record; exit status 1 if one was damaged"},
    [COMMAND_CLEAR] = {"clear", PATHS_ANY, "clear [PATH...]", "forget everything, or what these files gave or decided"},
    [COMMAND_PURGE] = {"purge", PATHS_NONE, "purge", "remove what is over its time"},
    [COMMAND_EXPLAIN] = {"explain", PATHS_SOME, "explain PATH...",
                         "what is known of these files, and whether it holds"},
};

enum { OPTION_CACHE = 256, OPTION_FORMAT, OPTION_VERSION };

static const struct option table[] = {
    {"cache", required_argument, NULL, OPTION_CACHE},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

static enum options_result wrong(void)
{
    fputs("Try '" PROGRAM " --help'.\n", stderr);
    return OPTIONS_WRONG;
}

static enum options_result help(void)
{
    puts("Usage: " PROGRAM " COMMAND [OPTION]... [PATH...]\n"
         "Look after the cache in which results of scans are remembered.\n"
         "\n"
         "Commands");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %-28s%s\n", commands[i].shown, commands[i].help);
    puts("\nOptions\n"
         "  --cache=DIR                 the cache there (default: the user's cache directory)\n"
         "  --format=FORMAT             table (default) or json\n"
         "  -h, --help                  this text\n"
         "  --version                   versions of program and library\n"
         "\n"
         "Exit status: 0 done, 1 damage was found, 2 usage, 3 failure.");
    return OPTIONS_DONE;
}

static enum options_result version(void)
{
    printf(PROGRAM " %d.%d.%d (libwtfcb %s)\n", WTFCB_VERSION_MAJOR, WTFCB_VERSION_MINOR, WTFCB_VERSION_PATCH,
           wtfcb_version_string());
    return OPTIONS_DONE;
}

static enum options_result set_format(struct options *options, const char *text)
{
    options->json = strcmp(text, "json") == 0;
    if (options->json || strcmp(text, "table") == 0) return OPTIONS_RUN;
    fprintf(stderr, PROGRAM ": --format: '%s' is none of table, json\n", text);
    return wrong();
}

static enum options_result set_directory(struct options *options, const char *text)
{
    options->directory = text;
    if (text[0] != 0) return OPTIONS_RUN;
    fputs(PROGRAM ": --cache: no directory has an empty name\n", stderr);
    return wrong();
}

static enum options_result set_command(struct options *options, const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(name, commands[i].name) == 0) {
            options->command = (enum command)i;
            return OPTIONS_RUN;
        }
    }
    fprintf(stderr, PROGRAM ": there is no command '%s'\n", name);
    return wrong();
}

/* Whether the command takes that many paths, and each can be one. */
static enum options_result check_paths(const struct options *options)
{
    enum paths_wanted wanted = commands[options->command].paths;
    const char *name = commands[options->command].name;

    for (size_t i = 0; i < options->path_count; i++) {
        if (options->paths[i][0] != 0) continue;
        fprintf(stderr, PROGRAM ": %s: no file has an empty name\n", name);
        return wrong();
    }
    if (wanted == PATHS_NONE && options->path_count > 0)
        fprintf(stderr, PROGRAM ": %s takes no paths, such as '%s'\n", name, options->paths[0]);
    else if (wanted == PATHS_SOME && options->path_count == 0)
        fprintf(stderr, PROGRAM ": %s: which files?\n", name);
    else
        return OPTIONS_RUN;
    return wrong();
}

enum options_result options_parse(int argc, char **argv, struct options *options)
{
    enum options_result result = OPTIONS_RUN;
    int option;

    *options = (struct options){.command = COMMAND_STATS};
    while (result == OPTIONS_RUN && (option = getopt_long(argc, argv, "h", table, NULL)) != -1) {
        switch (option) {
        case OPTION_CACHE: result = set_directory(options, optarg); break;
        case OPTION_FORMAT: result = set_format(options, optarg); break;
        case OPTION_VERSION: return version();
        case 'h': return help();
        default: return wrong();
        }
    }
    if (result != OPTIONS_RUN) return result;
    if (optind == argc) {
        fputs(PROGRAM ": which command?\n", stderr);
        return wrong();
    }
    result = set_command(options, argv[optind]);
    options->paths = argv + optind + 1;
    options->path_count = (size_t)(argc - optind - 1);
    return result == OPTIONS_RUN ? check_paths(options) : result;
}
