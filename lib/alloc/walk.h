/*
 * The stack of the calling thread, without frame pointers: by call frame information.
 *
 * What it says of an address is boiled down to one word and kept in a cache that all threads share without a lock, so that a frame costs one look-up and two loads.
 * Where there is none (code that was made at run time) frame pointers are tried. Nothing is read but the stack, and of the stack only what
 * is known to be mapped: the kernel was asked about each page once. Allocates nothing, takes no lock.
 */
#ifndef WTFCB_ALLOC_WALK_H
#define WTFCB_ALLOC_WALK_H

#include <stdint.h>

#include "alloc/sites.h"
#include "alloc/writer.h"

/* Addresses of the stack that can be read: pages of this thread, or of whatever stack it last ran on. */
typedef struct wtfcb_alloc_bounds {
    uint64_t low;
    uint64_t high;
} wtfcb_alloc_bounds;

/* This object's own frames are left out. Objects that are met for the first time are noted in the region. */
void wtfcb_alloc_walk(wtfcb_alloc_writer *w, wtfcb_alloc_bounds *bounds, wtfcb_alloc_stack *ret_stack);

/* Forget what is known of addresses: objects were unloaded, or there is a new region. */
void wtfcb_alloc_walk_clear(void);

#endif
