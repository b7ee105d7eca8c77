/*
 * Which site of the region a stack is: a hash table from a hash of 64 bits to the site's offset. Looking up takes no lock; two stacks of one hash would be one site,
 * which for a million sites happens once in tens of millions of processes.
 */
#ifndef WTFCB_ALLOC_SITES_H
#define WTFCB_ALLOC_SITES_H

#include <stdint.h>

#include "alloc/walk.h"
#include "alloc/writer.h"

/* Offset of the site of a stack that was walked, made if there is none; 0: no room. */
uint64_t wtfcb_alloc_sites_find(wtfcb_alloc_writer *w, wtfcb_alloc_walker *stack);

/* Forget all; nobody looks up meanwhile. */
void wtfcb_alloc_sites_clear(void);

#endif
