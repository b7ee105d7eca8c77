/*
 * The stack of the calling thread, without frame pointers: by call frame information.
 *
 * What it says of an address is boiled down to one word and kept in a cache that all threads share without a lock, so that a frame costs one look-up and two loads.
 * Where there is none (code that was made at run time) frame pointers are tried. Nothing is read but the stack, and of the stack only what
 * is known to be mapped: the kernel was asked about each page once. Allocates nothing, takes no lock.
 */
#ifndef WTFCB_ALLOC_WALK_H
#define WTFCB_ALLOC_WALK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "alloc/writer.h"

/* Addresses of the stack that can be read: pages of this thread, or of whatever stack it last ran on. */
typedef struct wtfcb_alloc_bounds {
    uint64_t low;
    uint64_t high;
} wtfcb_alloc_bounds;

/* A frame: its registers, and where in memory those came from that its own caller was found by. */
typedef struct wtfcb_alloc_frame {
    uint64_t pc;
    uint64_t sp;
    uint64_t fp;
    uint64_t pc_slot; /* 0: it cannot be told whether it is the same again */
    uint64_t fp_slot; /* 0: the frame inside has the same */
    uint64_t sp_slot; /* 0: the frame inside says by itself */
    uint64_t hash;    /* of this frame and those further out */
} wtfcb_alloc_frame;

enum { WTFCB_ALLOC_MOST_OWN = 8 };

/* How this object's own frames were left the last time: while the addresses in them are the same, so is the rest. Offsets are from the first stack pointer. */
typedef struct wtfcb_alloc_own {
    uint32_t count; /* 0: nothing is remembered */
    uint32_t sp;
    uint32_t fp; /* where the frame pointer was; 0: in its register */
    uint32_t slots[WTFCB_ALLOC_MOST_OWN];
    uint64_t addresses[WTFCB_ALLOC_MOST_OWN];
} wtfcb_alloc_own;

/*
 * Room for a stack, and what is remembered of the one before: from where the two are the same on, a frame costs two comparisons. Whoever takes one has it until it is
 * given back; the next taker may be another thread, who then finds nothing to compare.
 */
typedef struct wtfcb_alloc_walker {
    _Atomic uint32_t busy;
    uint32_t epoch;
    uint32_t depth;
    uint32_t flags; /* WTFCB_ALLOC_SITE_* */
    uint64_t hash;  /* of the stack, and of the objects that were there when it was met */
    wtfcb_alloc_own own;
    wtfcb_alloc_frame frames[WTFCB_ALLOC_MOST_FRAMES]; /* outermost first */
    wtfcb_alloc_frame inner[WTFCB_ALLOC_MOST_FRAMES];  /* while walking, innermost first */
    uint64_t addresses[WTFCB_ALLOC_MOST_FRAMES];       /* innermost first: wtfcb_alloc_walker_addresses() */
} wtfcb_alloc_walker;

/* What will be looked for when the caller at this address is walked is brought near. */
void wtfcb_alloc_walk_expect(const void *address);

/* One that is free, this number's if it is. */
wtfcb_alloc_walker *wtfcb_alloc_walker_take(uint32_t number);
void wtfcb_alloc_walker_give(wtfcb_alloc_walker *walker);

/* This object's own frames are left out. Objects that are met for the first time are noted in the region. */
void wtfcb_alloc_walk(wtfcb_alloc_writer *w, wtfcb_alloc_bounds *bounds, wtfcb_alloc_walker *walker);

/* The addresses of the stack that was walked. */
const uint64_t *wtfcb_alloc_walker_addresses(wtfcb_alloc_walker *walker);

/* Forget what is known of addresses: objects were unloaded, or there is a new region. */
void wtfcb_alloc_walk_clear(void);

/* Before the first walk: its tables, of large pages if there will be many. False: no memory. */
bool wtfcb_alloc_walk_prepare(bool many);

/* After a fork: whoever had a walker is gone. */
void wtfcb_alloc_walk_unlock(void);

#endif
