/*
 * The table of options of a profiler: names, bounds, defaults. An option is added here and in wtfcb/profiler.h and nowhere else.
 */
#include "profiler/profiler.h"

#include "base/row.h"

#define KIB 1024
#define MIB (1024 * 1024)
#define GIB (1024LL * 1024 * 1024)

static const wtfcb_option options[] = {
    {"interval", "time between two samples, in ms", 1, 60000, 100, WTFCB_PROFILER_INTERVAL, WTFCB_OPTION_INTEGER, 1,
     WTFCB_UNIT_MS},
    {"timeline", "sample memory, processor time, input and output", 0, 1, 1, WTFCB_PROFILER_TIMELINE, WTFCB_OPTION_FLAG,
     1, WTFCB_UNIT_NONE},
    {"zones", "count zones", 0, 1, 1, WTFCB_PROFILER_ZONES, WTFCB_OPTION_FLAG, 1, WTFCB_UNIT_NONE},
    {"trace", "bytes of single zones kept for each thread", 0, GIB, 0, WTFCB_PROFILER_TRACE, WTFCB_OPTION_INTEGER, 1,
     WTFCB_UNIT_BYTES},
    {"zone-memory", "bytes for all zones' counters and traces", 256 * KIB, 64 * GIB, 16 * MIB,
     WTFCB_PROFILER_ZONE_MEMORY, WTFCB_OPTION_INTEGER, 1, WTFCB_UNIT_BYTES},
    {"pss", "sample the proportional set size too", 0, 1, 0, WTFCB_PROFILER_PSS, WTFCB_OPTION_FLAG, 1, WTFCB_UNIT_NONE},
    {"process", "watch this process; 0: the caller's own", 0, INT32_MAX, 0, WTFCB_PROFILER_PROCESS,
     WTFCB_OPTION_INTEGER, 1, WTFCB_UNIT_NONE},
    {"tree", "watch the processes that it starts, too", 0, 1, 0, WTFCB_PROFILER_TREE, WTFCB_OPTION_FLAG, 1,
     WTFCB_UNIT_NONE},
    {"flush", "time between two writes of the output, in ms; 0: none", 0, 86400000, 0, WTFCB_PROFILER_FLUSH,
     WTFCB_OPTION_INTEGER, 0, WTFCB_UNIT_MS},
    {"cpu", "samples a second of processor time; 0: none", 0, 10000, 0, WTFCB_PROFILER_CPU, WTFCB_OPTION_INTEGER, 1,
     WTFCB_UNIT_NONE},
    {"cpu-engine", "0: whichever works, 1: perf, 2: timer, 3: wall", WTFCB_ENGINE_ANY, WTFCB_ENGINE_WALL,
     WTFCB_ENGINE_ANY, WTFCB_PROFILER_CPU_ENGINE, WTFCB_OPTION_INTEGER, 1, WTFCB_UNIT_NONE},
    {"alloc", "trace allocations: 0: none, 1: a sample of them, 2: all", WTFCB_ALLOC_NONE, WTFCB_ALLOC_FULL,
     WTFCB_ALLOC_NONE, WTFCB_PROFILER_ALLOC, WTFCB_OPTION_INTEGER, 1, WTFCB_UNIT_NONE},
    {"output", "file that is written while the recording goes on", 0, 0, 0, WTFCB_PROFILER_OUTPUT, WTFCB_OPTION_STRING,
     0, WTFCB_UNIT_NONE},
    {"alloc-folder", "where other processes trace their allocations", 0, 0, 0, WTFCB_PROFILER_ALLOC_FOLDER,
     WTFCB_OPTION_STRING, 1, WTFCB_UNIT_NONE},
};

enum { OPTION_COUNT = sizeof options / sizeof *options };

uint64_t wtfcb_profiler_option_count(void)
{
    return OPTION_COUNT;
}

wtfcb_status wtfcb_profiler_option(uint64_t index, wtfcb_option *ret_row, size_t row_size)
{
    if (!ret_row || row_size == 0) return WTFCB_EINVAL;
    if (index >= OPTION_COUNT) return WTFCB_ENOTFOUND;
    wtfcb_base_row_copy(ret_row, row_size, &options[index], sizeof options[index]);
    return WTFCB_OK;
}

const wtfcb_option *wtfcb_profiler_option_of(int32_t id)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (options[i].id == id) return &options[i];
    return NULL;
}

void wtfcb_profiler_set_defaults(wtfcb_profiler *profiler)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (options[i].type != WTFCB_OPTION_STRING) profiler->values[options[i].id] = options[i].default_value;
}
