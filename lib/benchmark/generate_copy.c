/* Options are all that a project is. */
#include "benchmark/generate_copy.h"

#include <string.h>

#include "benchmark/generate.h"

wtfcb_status wtfcb_benchmark_project_copy(const wtfcb_project *project, const wtfcb_allocator *allocator,
                                          wtfcb_project **ret_copy)
{
    wtfcb_status status = wtfcb_project_new(allocator, ret_copy);
    if (status != WTFCB_OK) return status;
    memcpy((*ret_copy)->values, project->values, sizeof project->values);
    (*ret_copy)->languages = project->languages;
    return WTFCB_OK;
}
