/* What the tests of generated projects share: projects by a few options, digests of what they hold, folders. */
#ifndef WTFCB_TEST_BENCHMARK_PROJECT_HELP_H
#define WTFCB_TEST_BENCHMARK_PROJECT_HELP_H

#include <wtfcb/project.h>

#include "../test.h"

/* A project of so many files, each of at most `cap` bytes (0: the default). */
wtfcb_project *project_of(const wtfcb_allocator *allocator, int64_t files, int64_t cap);

/* Set a number, which must succeed. */
void project_set(wtfcb_project *project, int32_t option, int64_t value);

/* The path of a folder that does not exist, in a temporary one; to be freed. */
char *project_folder(void);

/* Generate into a new folder, which must succeed; its path, to be freed. */
char *project_generated(wtfcb_project *project);

/* Run a command, given as printf does; its exit status. Output goes nowhere. */
__attribute__((format(printf, 1, 2))) int project_shell(const char *format, ...);

/* FNV-1a over the paths and bytes of all files below a folder, in the order of paths. */
uint64_t project_tree_digest(const char *path);

/* Files and folders below it. */
uint64_t project_tree_count(const char *path);

#endif
