/* Generated projects: each is a copy of the caller's handle. */
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "benchmark/benchmark.h"
#include "benchmark/generate_copy.h"

wtfcb_status wtfcb_benchmark_add_generated(wtfcb_benchmark *benchmark, const char *name, const wtfcb_project *project)
{
    if (!benchmark || !name || !project) return WTFCB_EINVAL;
    if (benchmark->process != getpid()) return WTFCB_EFORK;
    if (benchmark->running) return WTFCB_EBUSY;
    if (wtfcb_benchmark_taken(benchmark, name)) return WTFCB_EINVAL;
    if (!wtfcb_base_reserve(&benchmark->allocator, (void **)&benchmark->projects, &benchmark->project_capacity,
                            benchmark->project_count + 1, sizeof *benchmark->projects))
        return WTFCB_ENOMEM;
    wtfcb_benchmark_added_project own = {.name = wtfcb_benchmark_text_copy(benchmark, name)};
    wtfcb_status status =
        own.name ? wtfcb_benchmark_project_copy(project, &benchmark->allocator, &own.generated) : WTFCB_ENOMEM;
    if (status != WTFCB_OK) {
        wtfcb_benchmark_text_free(benchmark, own.name);
        return status;
    }
    benchmark->projects[benchmark->project_count++] = own;
    return WTFCB_OK;
}
