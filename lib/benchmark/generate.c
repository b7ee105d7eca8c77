/*
 * The handle of a project: made, planned, counted, freed. Options are in generate_options.c, what touches the disk in generate_write.c and
 * generate_edit.c.
 */
#include "benchmark/generate.h"

#include "base/cancel.h"
#include "base/memory.h"
#include "base/row.h"

wtfcb_status wtfcb_project_new(const wtfcb_allocator *allocator, wtfcb_project **ret_project)
{
    if (!ret_project || !wtfcb_base_allocator_valid(allocator)) return WTFCB_EINVAL;
    wtfcb_allocator own = wtfcb_base_allocator(allocator);
    wtfcb_project *project = wtfcb_base_calloc(&own, 1, sizeof *project);
    if (!project) return WTFCB_ENOMEM;
    project->allocator = own;
    wtfcb_base_buffer_init(&project->text, &project->allocator);
    wtfcb_base_buffer_init(&project->path, &project->allocator);
    wtfcb_base_buffer_init(&project->found, &project->allocator);
    wtfcb_benchmark_project_set_defaults(project);
    *ret_project = project;
    return WTFCB_OK;
}

void wtfcb_project_free(wtfcb_project *project)
{
    if (!project) return;
    wtfcb_benchmark_project_forget(project);
    wtfcb_base_buffer_free(&project->text);
    wtfcb_base_buffer_free(&project->path);
    wtfcb_base_buffer_free(&project->found);
    wtfcb_cancel_free(project->cancel);
    wtfcb_allocator allocator = project->allocator;
    wtfcb_base_free(&allocator, project, sizeof *project);
}

wtfcb_status wtfcb_project_set_cancel(wtfcb_project *project, wtfcb_cancel *cancel)
{
    if (!project) return WTFCB_EINVAL;
    wtfcb_cancel *held = wtfcb_base_cancel_ref(cancel);
    wtfcb_cancel_free(project->cancel);
    project->cancel = held;
    return WTFCB_OK;
}

void wtfcb_benchmark_project_forget(wtfcb_project *project)
{
    wtfcb_benchmark_plan_free(&project->plan);
    project->planned = false;
    project->steps = 0;
}

wtfcb_status wtfcb_benchmark_project_plan(wtfcb_project *project)
{
    if (project->planned) return WTFCB_OK;
    const int64_t *values = project->values;
    wtfcb_benchmark_shape shape = {.seed = (uint64_t)values[WTFCB_PROJECT_SEED],
                                   .files = (uint32_t)values[WTFCB_PROJECT_FILES],
                                   .languages = project->languages,
                                   .mu = (uint32_t)values[WTFCB_PROJECT_MU],
                                   .sigma = (uint32_t)values[WTFCB_PROJECT_SIGMA],
                                   .tail = (uint32_t)values[WTFCB_PROJECT_TAIL],
                                   .alpha = (uint32_t)values[WTFCB_PROJECT_ALPHA],
                                   .cap = (uint32_t)values[WTFCB_PROJECT_CAP]};
    wtfcb_status status = wtfcb_benchmark_plan_make(&project->plan, &project->allocator, &shape);
    if (status != WTFCB_OK) wtfcb_benchmark_project_forget(project);
    project->planned = status == WTFCB_OK;
    return status;
}

wtfcb_status wtfcb_benchmark_project_text(wtfcb_project *project, uint32_t file)
{
    wtfcb_benchmark_file_write(&project->plan, file, &project->code, &project->text);
    return project->text.failed ? WTFCB_ENOMEM : WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_project_path(wtfcb_project *project, uint32_t file)
{
    wtfcb_base_buffer_reset(&project->path);
    wtfcb_benchmark_plan_file_path(&project->plan, file, &project->path);
    wtfcb_base_buffer_append_byte(&project->path, '\0');
    return project->path.failed ? WTFCB_ENOMEM : WTFCB_OK;
}

/* Compose what has not been written. */
static wtfcb_status measure(wtfcb_project *project)
{
    wtfcb_status status = wtfcb_benchmark_project_plan(project);
    for (uint32_t i = 0; status == WTFCB_OK && i < project->plan.file_count; i++) {
        wtfcb_benchmark_file *file = &project->plan.files[i];
        if (file->removed || file->bytes > 0) continue;
        if (wtfcb_cancel_fired(project->cancel)) return WTFCB_ECANCELLED;
        status = wtfcb_benchmark_project_text(project, i);
        if (status == WTFCB_OK) file->bytes = project->text.length;
    }
    return status;
}

wtfcb_status wtfcb_project_statistics(wtfcb_project *project, wtfcb_project_totals *ret_totals, size_t size)
{
    if (!project || !ret_totals || size == 0) return WTFCB_EINVAL;
    wtfcb_status status = measure(project);
    if (status != WTFCB_OK) return status;
    wtfcb_project_totals totals = {.directories = project->plan.directory_count, .steps = project->steps};
    for (size_t i = 0; i < project->plan.file_count; i++) {
        const wtfcb_benchmark_file *file = &project->plan.files[i];
        if (file->removed) continue;
        totals.files++;
        totals.bytes += file->bytes;
        totals.imports += file->edge_count;
    }
    wtfcb_base_row_copy(ret_totals, size, &totals, sizeof totals);
    return WTFCB_OK;
}

wtfcb_status wtfcb_project_language(wtfcb_project *project, uint64_t index, wtfcb_project_language_totals *ret_row,
                                    size_t row_size)
{
    if (!project || !ret_row || row_size == 0) return WTFCB_EINVAL;
    wtfcb_status status = measure(project);
    if (status != WTFCB_OK) return status;
    uint32_t language = 0;
    for (uint64_t skip = index; language < WTFCB_BENCHMARK_LANGUAGES; language++)
        if (project->languages >> language & 1 && skip-- == 0) break;
    if (language == WTFCB_BENCHMARK_LANGUAGES) return WTFCB_ENOTFOUND;
    wtfcb_project_language_totals row = {.language = wtfcb_benchmark_dialects[language].name};
    for (size_t i = 0; i < project->plan.file_count; i++) {
        const wtfcb_benchmark_file *file = &project->plan.files[i];
        if (file->removed || file->role == WTFCB_BENCHMARK_MANIFEST ||
            wtfcb_benchmark_plan_language(&project->plan, file) != language)
            continue;
        row.files++;
        row.bytes += file->bytes;
    }
    wtfcb_base_row_copy(ret_row, row_size, &row, sizeof row);
    return WTFCB_OK;
}
