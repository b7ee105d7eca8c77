/*
 * The stacks that samples have found: a trie in memory of a fixed size, from the thread inwards. What finds no room is counted.
 *
 * A node is a place in an object as seen from the node that it was called by; of a thread, whose nodes are the roots, the two
 * numbers that name it. Parents have lower numbers than their children. Single owner; nothing here is called in a signal handler.
 */
#ifndef WTFCB_PROFILER_CPU_STACKS_H
#define WTFCB_PROFILER_CPU_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/status.h>

#include "profiler/symbols.h"

/* `object` of a node whose place is where a call returns to. */
#define WTFCB_PROFILER_CPU_RETURN UINT32_C(0x80000000)
#define WTFCB_PROFILER_CPU_NONE UINT32_MAX

typedef struct wtfcb_profiler_cpu_node {
    uint32_t parent; /* WTFCB_PROFILER_CPU_NONE: a thread */
    uint32_t object; /* of a thread: its process */
    uint64_t offset; /* of a thread: its number */
    uint64_t count;  /* samples with this as their innermost place; of a thread: its index */
    uint64_t weight; /* ns of them */
} wtfcb_profiler_cpu_node;

typedef struct wtfcb_profiler_cpu_stacks {
    void *memory; /* mapped */
    size_t size;
    wtfcb_profiler_cpu_node *nodes;
    uint32_t count;
    uint32_t capacity;
    uint32_t *slots; /* numbers of nodes + 1; 0: free */
    uint32_t mask;
} wtfcb_profiler_cpu_stacks;

/* Map `bytes` of memory, of which what is not used costs nothing. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_profiler_cpu_stacks_init(wtfcb_profiler_cpu_stacks *stacks, size_t bytes);
void wtfcb_profiler_cpu_stacks_free(wtfcb_profiler_cpu_stacks *stacks);

/* The node of a place inside another, made if there is none; `*ret_new`, which may be NULL, tells. WTFCB_PROFILER_CPU_NONE: no room. O(1). */
uint32_t wtfcb_profiler_cpu_stacks_child(wtfcb_profiler_cpu_stacks *stacks, uint32_t parent, uint32_t object,
                                         uint64_t offset, bool *ret_new);

#endif
