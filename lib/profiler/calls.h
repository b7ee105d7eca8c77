/*
 * Trees of calls while they are made: functions inside of functions, by process, with bytes and blocks that are live and that ever were. From them come the frames and nodes of
 * two trees of a profile.
 *
 * A node is a function as called from the node that is its parent. Parents have lower numbers than their children, and the nodes of one process stand together.
 * Functions are one whatever process they are called in. Single owner.
 */
#ifndef WTFCB_PROFILER_CALLS_H
#define WTFCB_PROFILER_CALLS_H

#include <stddef.h>
#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

#include "profiler/profile.h"
#include "profiler/symbols.h"

/* No node: outermost; or memory has run out. */
#define WTFCB_PROFILER_CALLS_NONE UINT32_MAX

/* What a tree counts. */
enum { WTFCB_PROFILER_CALLS_LIVE, WTFCB_PROFILER_CALLS_TOTAL, WTFCB_PROFILER_CALLS_FIGURES };

typedef struct wtfcb_profiler_call {
    uint32_t parent;
    uint32_t function;
    uint32_t process; /* by the caller's count */
    uint32_t reserved;
    uint64_t bytes[WTFCB_PROFILER_CALLS_FIGURES]; /* without those of its children */
    uint64_t units[WTFCB_PROFILER_CALLS_FIGURES]; /* of blocks, WTFCB_ALLOC_COUNT_UNIT each */
} wtfcb_profiler_call;

/* Numbers of things by a hash. */
typedef struct wtfcb_profiler_calls_table {
    uint32_t *slots; /* number + 1; 0: free */
    size_t size;     /* a power of two, or 0 */
} wtfcb_profiler_calls_table;

typedef struct wtfcb_profiler_calls {
    const wtfcb_allocator *allocator; /* borrowed */
    uint32_t most;                    /* nodes, but for one more a process */
    wtfcb_profiler_call *nodes;
    size_t count;
    size_t capacity;
    wtfcb_profiler_calls_table table;
    const wtfcb_profiler_symbol **functions; /* borrowed from the symbols */
    size_t function_count;
    size_t function_capacity;
    wtfcb_profiler_calls_table function_table;
} wtfcb_profiler_calls;

void wtfcb_profiler_calls_init(wtfcb_profiler_calls *calls, const wtfcb_allocator *allocator, uint32_t most);
void wtfcb_profiler_calls_free(wtfcb_profiler_calls *calls);

/* The number of a function, made known if it is new; WTFCB_PROFILER_CALLS_NONE when memory has run out. O(1). */
uint32_t wtfcb_profiler_calls_function(wtfcb_profiler_calls *calls, const wtfcb_profiler_symbol *symbol);

/*
 * The node of a function inside of a node, or outermost in a process, into `*ret_node`. O(1). WTFCB_OK; WTFCB_ELIMIT: there are `most` and it would be a new one, unless `anyway`; WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_profiler_calls_node(wtfcb_profiler_calls *calls, uint32_t parent, uint32_t process,
                                       uint32_t function, bool anyway, uint32_t *ret_node);

/*
 * One of the figures as a tree, behind the frames and nodes that a profile being built has: frames by their bytes in total, the most first; no nodes that hold nothing.
 * `thread` is the row of the first process. Adds to `*ret_bytes` and `*ret_count` what the tree holds. WTFCB_OK; WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_profiler_calls_put(const wtfcb_profiler_calls *calls, wtfcb_profile *profile, uint32_t tree,
                                      uint32_t figure, uint32_t thread, uint64_t *ret_bytes, uint64_t *ret_count);

/* The sum, or 2^63 - 1, which is as much as a file can hold. */
static inline uint64_t wtfcb_profiler_calls_plus(uint64_t a, uint64_t b)
{
    return a > (uint64_t)INT64_MAX - b ? (uint64_t)INT64_MAX : a + b;
}

#endif
