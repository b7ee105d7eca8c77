/*
 * Which site of the region a stack is: a hash table from a hash of 64 bits to the site's offset. Looking up takes no lock; two stacks of one hash would be one site,
 * which for a million sites happens once in tens of millions of processes.
 */
#ifndef WTFCB_ALLOC_SITES_H
#define WTFCB_ALLOC_SITES_H

#include <stdint.h>

#include "alloc/writer.h"

typedef struct wtfcb_alloc_stack {
    uint64_t hash; /* of the frames, and of the objects that were mapped when it was seen first */
    uint32_t depth;
    uint32_t flags; /* WTFCB_ALLOC_SITE_* */
    uint64_t frames[WTFCB_ALLOC_MOST_FRAMES];
} wtfcb_alloc_stack;

/* Offset of its site, made if there is none; 0: no room. */
uint64_t wtfcb_alloc_sites_find(wtfcb_alloc_writer *w, const wtfcb_alloc_stack *stack);

/* Forget all; nobody looks up meanwhile. */
void wtfcb_alloc_sites_clear(void);

#endif
