/*
 * A generated project as one number: digest FILES. Built by test_generate.c with other compilers and other optimisation than the library, to see
 * whether it comes out the same.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "benchmark/generate.h"

static uint64_t add(uint64_t digest, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        digest = (digest ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
    return digest;
}

int main(int argc, char **argv)
{
    wtfcb_project *project;
    uint64_t digest = UINT64_C(14695981039346656037);
    if (argc != 2 || wtfcb_project_new(NULL, &project) != WTFCB_OK) return 2;
    if (wtfcb_project_set(project, WTFCB_PROJECT_FILES, strtol(argv[1], NULL, 10)) != WTFCB_OK ||
        wtfcb_benchmark_project_plan(project) != WTFCB_OK)
        return 1;
    for (uint32_t i = 0; i < project->plan.file_count; i++) {
        if (wtfcb_benchmark_project_path(project, i) != WTFCB_OK ||
            wtfcb_benchmark_project_text(project, i) != WTFCB_OK)
            return 1;
        digest = add(digest, project->path.data, project->path.length);
        digest = add(digest, project->text.data, project->text.length);
    }
    printf("%016" PRIx64 "\n", digest);
    wtfcb_project_free(project);
    return 0;
}
