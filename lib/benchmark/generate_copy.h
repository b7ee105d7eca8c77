/* A second handle of a project, for who must hold one that the caller cannot change. */
#ifndef WTFCB_BENCHMARK_GENERATE_COPY_H
#define WTFCB_BENCHMARK_GENERATE_COPY_H

#include <wtfcb/project.h>

/* A project that is set as `project` is, without its token. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_benchmark_project_copy(const wtfcb_project *project, const wtfcb_allocator *allocator,
                                          wtfcb_project **ret_copy);

#endif
