/* The handle behind wtfcb_project: options, and the plan that follows from them as soon as somebody asks. */
#ifndef WTFCB_BENCHMARK_GENERATE_H
#define WTFCB_BENCHMARK_GENERATE_H

#include <wtfcb/project.h>

#include "base/buffer.h"
#include "benchmark/generate_plan.h"
#include "benchmark/generate_text.h"

enum { WTFCB_BENCHMARK_PROJECT_SLOTS = WTFCB_PROJECT_EDITS + 1 };

struct wtfcb_project {
    wtfcb_allocator allocator;
    wtfcb_cancel *cancel;
    int64_t values[WTFCB_BENCHMARK_PROJECT_SLOTS]; /* by id */
    uint32_t languages;                            /* mask */
    bool planned;                                  /* `plan` is that of the options, `steps` edits later */
    uint64_t steps;
    wtfcb_benchmark_plan plan;
    wtfcb_benchmark_code code;
    wtfcb_base_buffer text;  /* of one file */
    wtfcb_base_buffer path;  /* of one file, NUL-terminated */
    wtfcb_base_buffer found; /* what stands on the disk */
};

const wtfcb_option *wtfcb_benchmark_project_option_of(int32_t id);
void wtfcb_benchmark_project_set_defaults(wtfcb_project *project);

/* Have a plan. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_benchmark_project_plan(wtfcb_project *project);
/* Forget it. */
void wtfcb_benchmark_project_forget(wtfcb_project *project);

/* A file's text, or path, into the project's buffers. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_benchmark_project_text(wtfcb_project *project, uint32_t file);
wtfcb_status wtfcb_benchmark_project_path(wtfcb_project *project, uint32_t file);

/* Write the text to a new file at `name` below `root`, which is removed again on failure. 0, or an errno. */
int wtfcb_benchmark_project_write(int root, const char *name, const wtfcb_base_buffer *text);

/* The same status with its sentence: "cannot write PATH: reason". */
wtfcb_status wtfcb_benchmark_project_error(wtfcb_error *error, wtfcb_status status, int os_error, const char *root,
                                           const char *path);

#endif
