/*
 * Make a synthetic project, and edit it: generate [--OPTION=VALUE]... FOLDER [STEPS]
 *
 * The options are the library's own: whatever wtfcb_project_option() lists can be given.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wtfcb.h>

/* Set what `--name=value` says. */
static wtfcb_status set_option(wtfcb_project *project, const char *argument)
{
    const char *value = strchr(argument, '=');
    wtfcb_option option;

    for (uint64_t i = 0; value && wtfcb_project_option(i, &option, sizeof option) == WTFCB_OK; i++) {
        size_t length = strlen(option.name);
        if (length != (size_t)(value - argument) || strncmp(option.name, argument, length) != 0) continue;
        if (option.type == WTFCB_OPTION_STRING) return wtfcb_project_set_string(project, option.id, value + 1);
        char *end;
        int64_t number = strtoll(value + 1, &end, 10);
        return *end == '\0' && end > value + 1 ? wtfcb_project_set(project, option.id, number) : WTFCB_EINVAL;
    }
    return WTFCB_ENOTFOUND;
}

static void list_options(void)
{
    wtfcb_option option;

    fprintf(stderr, "usage: generate [--OPTION=VALUE]... FOLDER [STEPS]\n");
    for (uint64_t i = 0; wtfcb_project_option(i, &option, sizeof option) == WTFCB_OK; i++)
        fprintf(stderr, "  --%-10s %s\n", option.name, option.summary);
}

static void print(wtfcb_project *project)
{
    wtfcb_project_totals totals;
    wtfcb_project_language_totals row;

    if (wtfcb_project_statistics(project, &totals, sizeof totals) != WTFCB_OK) return;
    for (uint64_t i = 0; wtfcb_project_language(project, i, &row, sizeof row) == WTFCB_OK; i++)
        printf("%s: %" PRIu64 " files, %" PRIu64 " bytes\n", row.language, row.files, row.bytes);
    printf("all: %" PRIu64 " files, %" PRIu64 " bytes, %" PRIu64 " directories, %" PRIu64 " imports\n", totals.files,
           totals.bytes, totals.directories, totals.imports);
}

int main(int argc, char **argv)
{
    wtfcb_project *project = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = wtfcb_project_new(NULL, &project);
    int at = 1;

    for (; status == WTFCB_OK && at < argc && strncmp(argv[at], "--", 2) == 0; at++)
        status = set_option(project, argv[at] + 2);
    if (status != WTFCB_OK || at >= argc) {
        list_options();
        wtfcb_project_free(project);
        return 2;
    }
    uint64_t steps = at + 1 < argc ? strtoull(argv[at + 1], NULL, 10) : 0;
    status = wtfcb_project_generate(project, argv[at], &error);
    for (uint64_t step = 0; status == WTFCB_OK && step < steps; step++) {
        uint64_t changed = 0;
        status = wtfcb_project_edit(project, argv[at], step, &changed, &error);
        if (status == WTFCB_OK) printf("step %" PRIu64 ": %" PRIu64 " paths\n", step, changed);
    }
    if (status == WTFCB_OK)
        print(project);
    else
        fprintf(stderr, "%s\n", error.message[0] != 0 ? error.message : wtfcb_status_message(status));
    wtfcb_project_free(project);
    return status == WTFCB_OK ? 0 : 1;
}
