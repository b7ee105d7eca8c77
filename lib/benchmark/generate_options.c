/*
 * The table of options of a project: names, bounds, defaults. An option is added here and in wtfcb/project.h and nowhere else.
 */
#include <string.h>

#include "base/row.h"
#include "benchmark/generate.h"

#define EDITS                                                                                                          \
    (WTFCB_EDIT_BODY | WTFCB_EDIT_ADD_FUNCTION | WTFCB_EDIT_REMOVE_FUNCTION | WTFCB_EDIT_RENAME_FILE |                 \
     WTFCB_EDIT_ADD_FILE | WTFCB_EDIT_DELETE_FILE)

static const wtfcb_option options[] = {
    {"seed", "what everything is drawn from", INT64_MIN, INT64_MAX, 1, WTFCB_PROJECT_SEED, WTFCB_OPTION_INTEGER, 1,
     WTFCB_UNIT_NONE},
    {"files", "files in all", 1, 1000000, 1000, WTFCB_PROJECT_FILES, WTFCB_OPTION_INTEGER, 1, WTFCB_UNIT_NONE},
    {"mu", "mean of ln(bytes) of a file, in thousandths", 4000, 16000, 8140, WTFCB_PROJECT_MU, WTFCB_OPTION_INTEGER, 1,
     WTFCB_UNIT_NONE},
    {"sigma", "standard deviation of ln(bytes), in thousandths", 0, 4000, 1440, WTFCB_PROJECT_SIGMA,
     WTFCB_OPTION_INTEGER, 1, WTFCB_UNIT_NONE},
    {"tail", "files of 1,000 that are in the tail", 0, 500, 10, WTFCB_PROJECT_TAIL, WTFCB_OPTION_INTEGER, 1,
     WTFCB_UNIT_NONE},
    {"alpha", "exponent of the tail, in thousandths", 500, 10000, 1100, WTFCB_PROJECT_ALPHA, WTFCB_OPTION_INTEGER, 1,
     WTFCB_UNIT_NONE},
    {"cap", "largest file", 1000, 64000000, 4000000, WTFCB_PROJECT_CAP, WTFCB_OPTION_INTEGER, 1, WTFCB_UNIT_BYTES},
    {"changes", "files of 1,000 that one step of edits changes; 0: one file", 0, 1000, 0, WTFCB_PROJECT_CHANGES,
     WTFCB_OPTION_INTEGER, 1, WTFCB_UNIT_NONE},
    {"edits", "what edits do: sum of 1 body, 2 add function, 4 remove function, 8 rename, 16 add file, 32 delete", 1,
     EDITS, EDITS, WTFCB_PROJECT_EDITS, WTFCB_OPTION_INTEGER, 1, WTFCB_UNIT_NONE},
    {"size", "small, medium or large: sets the number of files", 0, 0, 0, WTFCB_PROJECT_SIZE, WTFCB_OPTION_STRING, 1,
     WTFCB_UNIT_NONE},
    {"languages", "languages with commas between them", 0, 0, 0, WTFCB_PROJECT_LANGUAGES, WTFCB_OPTION_STRING, 1,
     WTFCB_UNIT_NONE},
};

enum { OPTION_COUNT = sizeof options / sizeof *options, ALL_LANGUAGES = (1 << WTFCB_BENCHMARK_LANGUAGES) - 1 };

uint64_t wtfcb_project_option_count(void)
{
    return OPTION_COUNT;
}

wtfcb_status wtfcb_project_option(uint64_t index, wtfcb_option *ret_row, size_t row_size)
{
    if (!ret_row || row_size == 0) return WTFCB_EINVAL;
    if (index >= OPTION_COUNT) return WTFCB_ENOTFOUND;
    wtfcb_base_row_copy(ret_row, row_size, &options[index], sizeof options[index]);
    return WTFCB_OK;
}

const wtfcb_option *wtfcb_benchmark_project_option_of(int32_t id)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (options[i].id == id) return &options[i];
    return NULL;
}

void wtfcb_benchmark_project_set_defaults(wtfcb_project *project)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (options[i].type != WTFCB_OPTION_STRING) project->values[options[i].id] = options[i].default_value;
    project->languages = ALL_LANGUAGES;
}

/* The language of `length` bytes, by its name in lower case, or WTFCB_BENCHMARK_NONE. */
static uint32_t language_of(const char *name, size_t length)
{
    for (uint32_t i = 0; i < WTFCB_BENCHMARK_LANGUAGES; i++) {
        const char *other = wtfcb_benchmark_dialects[i].name;
        size_t same = 0;
        while (same < length && other[same] &&
               (other[same] >= 'A' && other[same] <= 'Z' ? other[same] - 'A' + 'a' : other[same]) == name[same])
            same++;
        if (same == length && !other[same]) return i;
    }
    return WTFCB_BENCHMARK_NONE;
}

static wtfcb_status set_languages(wtfcb_project *project, const char *value)
{
    uint32_t mask = value ? 0 : ALL_LANGUAGES;
    while (value) {
        const char *comma = strchr(value, ',');
        uint32_t language = language_of(value, comma ? (size_t)(comma - value) : strlen(value));
        if (language == WTFCB_BENCHMARK_NONE) return WTFCB_EINVAL;
        mask |= UINT32_C(1) << language;
        value = comma ? comma + 1 : NULL;
    }
    project->languages = mask;
    wtfcb_benchmark_project_forget(project);
    return WTFCB_OK;
}

static wtfcb_status set_size(wtfcb_project *project, const char *value)
{
    static const struct {
        const char *name;
        int64_t files;
    } sizes[] = {{"small", 100}, {"medium", 1000}, {"large", 20000}};
    for (size_t i = 0; value && i < sizeof sizes / sizeof *sizes; i++)
        if (strcmp(sizes[i].name, value) == 0) return wtfcb_project_set(project, WTFCB_PROJECT_FILES, sizes[i].files);
    return WTFCB_EINVAL;
}

wtfcb_status wtfcb_project_set_string(wtfcb_project *project, int32_t option, const char *value)
{
    if (!project) return WTFCB_EINVAL;
    if (option == WTFCB_PROJECT_SIZE) return set_size(project, value);
    if (option == WTFCB_PROJECT_LANGUAGES) return set_languages(project, value);
    return WTFCB_ENOTFOUND;
}

wtfcb_status wtfcb_project_set(wtfcb_project *project, int32_t option, int64_t value)
{
    if (!project) return WTFCB_EINVAL;
    const wtfcb_option *row = wtfcb_benchmark_project_option_of(option);
    if (!row || row->type == WTFCB_OPTION_STRING) return WTFCB_ENOTFOUND;
    if (value < row->minimum || value > row->maximum) return WTFCB_EINVAL;
    project->values[option] = value;
    wtfcb_benchmark_project_forget(project);
    return WTFCB_OK;
}

wtfcb_status wtfcb_project_get(const wtfcb_project *project, int32_t option, int64_t *ret_value)
{
    if (!project || !ret_value) return WTFCB_EINVAL;
    const wtfcb_option *row = wtfcb_benchmark_project_option_of(option);
    if (!row || row->type == WTFCB_OPTION_STRING) return WTFCB_ENOTFOUND;
    *ret_value = project->values[option];
    return WTFCB_OK;
}
