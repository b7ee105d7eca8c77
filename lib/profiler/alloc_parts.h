/* What the parts of allocation tracing share: the handle, and trees that are being made of regions. */
#ifndef WTFCB_PROFILER_ALLOC_PARTS_H
#define WTFCB_PROFILER_ALLOC_PARTS_H

#include "base/arena.h"
#include "base/map.h"
#include "profiler/alloc.h"
#include "profiler/calls.h"
#include "profiler/symbols.h"

enum { WTFCB_PROFILER_ALLOC_NAME = 288 }; /* bytes of "program (process)" */

/* A file of the folder. */
typedef struct wtfcb_profiler_alloc_file {
    const char *name; /* in the arena */
    uint64_t started_ns;
    uint64_t live; /* when it was looked at last */
    pid_t process;
    bool looked; /* all three are known */
    bool other;  /* of a process that is not watched */
    bool ended;  /* its process has: nothing in it is live in memory */
} wtfcb_profiler_alloc_file;

struct wtfcb_profiler_alloc {
    wtfcb_allocator allocator;
    wtfcb_profiler_alloc_options options;
    wtfcb_base_arena arena;
    pid_t maker;
    bool own;                                 /* this process is watched */
    bool claimed;                             /* the tracing of this process is ours */
    bool tracing;                             /* and goes on */
    const wtfcb_alloc_control_table *control; /* NULL: there is none, or it is not needed */
    int folder;                               /* -1: none */
    wtfcb_profiler_alloc_file *files;
    size_t file_count;
    size_t file_capacity;
    wtfcb_base_map by_name;
    wtfcb_profiler_symbols *symbols; /* made when they are needed */
    wtfcb_status status;             /* of this process */
    char reason[160];
    uint64_t overhead_ns;
};

/* The file of the folder, opened; -1 if it is not there any more. */
int wtfcb_profiler_alloc_open(const wtfcb_profiler_alloc *alloc, const wtfcb_profiler_alloc_file *file);

/* Look through the folder for files that are new. */
void wtfcb_profiler_alloc_search(wtfcb_profiler_alloc *alloc);

/* ---- Trees of several regions, one after the other (alloc_trees.c) ---- */

typedef struct wtfcb_profiler_alloc_trees wtfcb_profiler_alloc_trees;

/* `symbols` stays the caller's and may be used again for the same processes; nodes of either tree are at most `most`. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_profiler_alloc_trees_new(const wtfcb_allocator *allocator, wtfcb_profiler_symbols *symbols,
                                            uint32_t most, wtfcb_profiler_alloc_trees **ret_trees);
void wtfcb_profiler_alloc_trees_free(wtfcb_profiler_alloc_trees *trees);

/* Add a process. WTFCB_OK; WTFCB_EFORMAT: the region is damaged, and nothing of it is in; WTFCB_ENOMEM. */
wtfcb_status wtfcb_profiler_alloc_trees_add(wtfcb_profiler_alloc_trees *trees, const wtfcb_profiler_region *region);

/* Frames, nodes, threads and the alloc_* fields into a profile that is being built; nothing if no process was added. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_profiler_alloc_trees_put(wtfcb_profiler_alloc_trees *trees, wtfcb_profile *profile);

#endif
