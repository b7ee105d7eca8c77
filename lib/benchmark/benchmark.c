/*
 * The benchmark's handle: made, set, given what it is to measure, freed. What a run makes of it is in benchmark_run.c.
 *
 * The handle owns copies of all texts and holds on the baseline and the token. While it runs nothing in it changes (WTFCB_EBUSY, also from callbacks), so a
 * run borrows from it.
 */
#include "benchmark/benchmark.h"

#include <string.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/memory.h"
#include "base/row.h"
#include "benchmark/generate_copy.h"

char *wtfcb_benchmark_text_copy(const wtfcb_benchmark *benchmark, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = wtfcb_base_alloc(&benchmark->allocator, size);
    if (copy) memcpy(copy, text, size);
    return copy;
}

void wtfcb_benchmark_text_free(const wtfcb_benchmark *benchmark, char *text)
{
    if (text) wtfcb_base_free(&benchmark->allocator, text, strlen(text) + 1);
}

/* Whether a handle may be changed: WTFCB_OK; WTFCB_EINVAL: there is none; WTFCB_EFORK; WTFCB_EBUSY. */
static wtfcb_status check(const wtfcb_benchmark *benchmark)
{
    if (!benchmark) return WTFCB_EINVAL;
    if (benchmark->process != getpid()) return WTFCB_EFORK;
    return benchmark->running ? WTFCB_EBUSY : WTFCB_OK;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Made and freed */

wtfcb_status wtfcb_benchmark_new(const wtfcb_allocator *allocator, const char *name, wtfcb_benchmark **ret_benchmark)
{
    if (!name || !ret_benchmark || !wtfcb_base_allocator_valid(allocator)) return WTFCB_EINVAL;
    wtfcb_allocator own = wtfcb_base_allocator(allocator);
    wtfcb_benchmark *benchmark = wtfcb_base_calloc(&own, 1, sizeof *benchmark);
    if (!benchmark) return WTFCB_ENOMEM;
    benchmark->allocator = own;
    benchmark->process = getpid();
    benchmark->name = wtfcb_benchmark_text_copy(benchmark, name);
    if (!benchmark->name) {
        wtfcb_base_free(&own, benchmark, sizeof *benchmark);
        return WTFCB_ENOMEM;
    }
    wtfcb_benchmark_set_defaults(benchmark);
    *ret_benchmark = benchmark;
    return WTFCB_OK;
}

/* Texts of functions are the handle's own, whatever their type says to callers. */
static void free_function(const wtfcb_benchmark *benchmark, wtfcb_benchmark_function *function)
{
    wtfcb_benchmark_text_free(benchmark, (char *)(uintptr_t)function->name);
    wtfcb_benchmark_text_free(benchmark, (char *)(uintptr_t)function->parameters);
}

void wtfcb_benchmark_free(wtfcb_benchmark *benchmark)
{
    if (!benchmark) return;
    wtfcb_allocator allocator = benchmark->allocator;
    for (size_t i = 0; i < benchmark->function_count; i++)
        free_function(benchmark, &benchmark->functions[i]);
    for (size_t i = 0; i < benchmark->project_count; i++) {
        wtfcb_benchmark_text_free(benchmark, benchmark->projects[i].name);
        wtfcb_benchmark_text_free(benchmark, benchmark->projects[i].path);
        wtfcb_project_free(benchmark->projects[i].generated);
    }
    wtfcb_base_free(&allocator, benchmark->functions, benchmark->function_capacity * sizeof *benchmark->functions);
    wtfcb_base_free(&allocator, benchmark->projects, benchmark->project_capacity * sizeof *benchmark->projects);
    wtfcb_base_free(&allocator, benchmark->pairs, benchmark->pair_capacity * sizeof *benchmark->pairs);
    wtfcb_benchmark_text_free(benchmark, benchmark->name);
    wtfcb_benchmark_text_free(benchmark, benchmark->folder);
    wtfcb_report_free(benchmark->baseline);
    wtfcb_cancel_free(benchmark->cancel);
    wtfcb_base_free(&allocator, benchmark, sizeof *benchmark);
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Set */

wtfcb_status wtfcb_benchmark_set(wtfcb_benchmark *benchmark, int32_t option, int64_t value)
{
    wtfcb_status status = check(benchmark);
    if (status != WTFCB_OK) return status;
    const wtfcb_option *row = wtfcb_benchmark_option_of(option);
    if (!row || row->type == WTFCB_OPTION_STRING) return WTFCB_ENOTFOUND;
    if (value < row->minimum || value > row->maximum) return WTFCB_EINVAL;
    benchmark->values[option] = value;
    return WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_get(const wtfcb_benchmark *benchmark, int32_t option, int64_t *ret_value)
{
    if (!benchmark || !ret_value) return WTFCB_EINVAL;
    const wtfcb_option *row = wtfcb_benchmark_option_of(option);
    if (!row || row->type == WTFCB_OPTION_STRING) return WTFCB_ENOTFOUND;
    *ret_value = benchmark->values[option];
    return WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_set_string(wtfcb_benchmark *benchmark, int32_t option, const char *value)
{
    wtfcb_status status = check(benchmark);
    if (status != WTFCB_OK) return status;
    const wtfcb_option *row = wtfcb_benchmark_option_of(option);
    if (!row || row->type != WTFCB_OPTION_STRING) return WTFCB_ENOTFOUND;
    if (value && !*value) return WTFCB_EINVAL;
    char *copy = value ? wtfcb_benchmark_text_copy(benchmark, value) : NULL;
    if (value && !copy) return WTFCB_ENOMEM;
    wtfcb_benchmark_text_free(benchmark, benchmark->folder);
    benchmark->folder = copy;
    return WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_set_baseline(wtfcb_benchmark *benchmark, wtfcb_report *baseline)
{
    wtfcb_status status = check(benchmark);
    if (status != WTFCB_OK) return status;
    wtfcb_report *held = wtfcb_report_ref(baseline);
    wtfcb_report_free(benchmark->baseline);
    benchmark->baseline = held;
    return WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_set_progress(wtfcb_benchmark *benchmark, wtfcb_benchmark_progress_fn progress, void *user)
{
    wtfcb_status status = check(benchmark);
    if (status != WTFCB_OK) return status;
    benchmark->progress = progress;
    benchmark->progress_user = user;
    return WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_set_cancel(wtfcb_benchmark *benchmark, wtfcb_cancel *cancel)
{
    wtfcb_status status = check(benchmark);
    if (status != WTFCB_OK) return status;
    wtfcb_cancel *held = wtfcb_base_cancel_ref(cancel);
    wtfcb_cancel_free(benchmark->cancel);
    benchmark->cancel = held;
    return WTFCB_OK;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Added */

/* Index of a function, or `function_count`. */
static size_t find_function(const wtfcb_benchmark *benchmark, const char *name)
{
    size_t i = 0;
    while (i < benchmark->function_count && strcmp(benchmark->functions[i].name, name) != 0)
        i++;
    return i;
}

bool wtfcb_benchmark_taken(const wtfcb_benchmark *benchmark, const char *name)
{
    for (size_t i = 0; i < benchmark->project_count; i++)
        if (strcmp(benchmark->projects[i].name, name) == 0) return true;
    return find_function(benchmark, name) < benchmark->function_count;
}

static wtfcb_status check_name(const wtfcb_benchmark *benchmark, const char *name)
{
    wtfcb_status status = check(benchmark);
    if (status != WTFCB_OK) return status;
    return !name || !*name || wtfcb_benchmark_taken(benchmark, name) ? WTFCB_EINVAL : WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_add_function(wtfcb_benchmark *benchmark, const wtfcb_benchmark_function *function,
                                          size_t function_size)
{
    wtfcb_benchmark_function own;
    wtfcb_status status = check(benchmark);
    if (status != WTFCB_OK) return status;
    if (!function || function_size == 0) return WTFCB_EINVAL;
    wtfcb_base_row_copy(&own, sizeof own, function, function_size < sizeof own ? function_size : sizeof own);
    status = check_name(benchmark, own.name);
    if (status != WTFCB_OK) return status;
    if (!own.run || own.single > 1) return WTFCB_EINVAL;
    if (!wtfcb_base_reserve(&benchmark->allocator, (void **)&benchmark->functions, &benchmark->function_capacity,
                            benchmark->function_count + 1, sizeof *benchmark->functions))
        return WTFCB_ENOMEM;
    own.name = wtfcb_benchmark_text_copy(benchmark, own.name);
    own.parameters = own.name ? wtfcb_benchmark_text_copy(benchmark, own.parameters ? own.parameters : "") : NULL;
    if (!own.parameters) {
        wtfcb_benchmark_text_free(benchmark, (char *)(uintptr_t)own.name);
        return WTFCB_ENOMEM;
    }
    benchmark->functions[benchmark->function_count++] = own;
    return WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_compare(wtfcb_benchmark *benchmark, const char *before, const char *after)
{
    wtfcb_status status = check(benchmark);
    if (status != WTFCB_OK) return status;
    if (!before || !after) return WTFCB_EINVAL;
    const size_t first = find_function(benchmark, before);
    const size_t second = find_function(benchmark, after);
    if (first == benchmark->function_count || second == benchmark->function_count) return WTFCB_ENOTFOUND;
    if (!wtfcb_base_reserve(&benchmark->allocator, (void **)&benchmark->pairs, &benchmark->pair_capacity,
                            benchmark->pair_count + 1, sizeof *benchmark->pairs))
        return WTFCB_ENOMEM;
    benchmark->pairs[benchmark->pair_count++] =
        (wtfcb_benchmark_pair){.before = (uint32_t)first, .after = (uint32_t)second};
    return WTFCB_OK;
}

/* `path` or `generated`, which is taken over unless this fails. */
static wtfcb_status add_project(wtfcb_benchmark *benchmark, const char *name, const char *path,
                                wtfcb_project *generated)
{
    if (!wtfcb_base_reserve(&benchmark->allocator, (void **)&benchmark->projects, &benchmark->project_capacity,
                            benchmark->project_count + 1, sizeof *benchmark->projects))
        return WTFCB_ENOMEM;
    wtfcb_benchmark_added_project own = {.name = wtfcb_benchmark_text_copy(benchmark, name),
                                         .path = path ? wtfcb_benchmark_text_copy(benchmark, path) : NULL,
                                         .generated = generated};
    if (!own.name || (path && !own.path)) {
        wtfcb_benchmark_text_free(benchmark, own.name);
        wtfcb_benchmark_text_free(benchmark, own.path);
        return WTFCB_ENOMEM;
    }
    benchmark->projects[benchmark->project_count++] = own;
    return WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_add_project(wtfcb_benchmark *benchmark, const char *name, const char *path)
{
    wtfcb_status status = check_name(benchmark, name);
    if (status != WTFCB_OK) return status;
    if (!path || !*path) return WTFCB_EINVAL;
    return add_project(benchmark, name, path, NULL);
}

wtfcb_status wtfcb_benchmark_add_generated(wtfcb_benchmark *benchmark, const char *name, const wtfcb_project *project)
{
    wtfcb_project *copy = NULL;
    wtfcb_status status = check_name(benchmark, name);
    if (status != WTFCB_OK) return status;
    if (!project) return WTFCB_EINVAL;
    status = wtfcb_benchmark_project_copy(project, &benchmark->allocator, &copy);
    if (status != WTFCB_OK) return status;
    status = add_project(benchmark, name, NULL, copy);
    if (status != WTFCB_OK) wtfcb_project_free(copy);
    return status;
}
