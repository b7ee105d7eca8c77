/*
 * What is traced: one session at a time, its region, and what happens to a block.
 *
 * The fast paths of the interposed functions are here, inline: an allocation compares two numbers of its thread and counts bytes down; a release looks at one bit.
 * Everything else is slow and goes through a guard: a session ends when it has been declared ended and nobody is inside any more.
 *
 * After a fork the child finds a page wiped (or a handler has wiped it), and begins afresh at its first allocation that would be recorded.
 */
#ifndef WTFCB_ALLOC_TRACE_H
#define WTFCB_ALLOC_TRACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc/live.h"
#include "alloc/settings.h"
#include "alloc/walk.h"
#include "alloc/writer.h"

/* A thread's own. All zeros is a thread that has not allocated yet. */
typedef struct wtfcb_alloc_thread {
    uint64_t countdown;  /* bytes: a block below it is not hit */
    uint32_t generation; /* that the countdown is of */
    uint32_t inside;     /* this thread is in here: what it allocates is ours, or a signal handler's */
    int32_t hidden;
    uint32_t number; /* of this thread */
    uint64_t random;
    wtfcb_alloc_bounds bounds;
} wtfcb_alloc_thread;

extern _Thread_local wtfcb_alloc_thread wtfcb_alloc_self __attribute__((tls_model("initial-exec")));

/* Differs from every thread's until it has been set up, and changes with every start and stop. */
extern _Atomic uint32_t wtfcb_alloc_generation;

/* True: the block needs no attention, and its bytes have been counted. */
static inline bool wtfcb_alloc_pass(size_t size)
{
    wtfcb_alloc_thread *self = &wtfcb_alloc_self;
    bool usual = self->generation == atomic_load_explicit(&wtfcb_alloc_generation, memory_order_relaxed) &&
                 size < self->countdown;
    if (__builtin_expect(usual, 1)) self->countdown -= size;
    return usual;
}

/* A block was allocated for which wtfcb_alloc_pass() said no. Leaves errno alone. */
void wtfcb_alloc_made(void *block, size_t size);

/* A block that the filter has is about to be released. Leaves errno alone. */
void wtfcb_alloc_released(const void *block);

/* A block about to be reallocated is taken out, and counted off later or put back. */
typedef struct wtfcb_alloc_taken {
    uint64_t value;
    uint32_t generation;
} wtfcb_alloc_taken;

wtfcb_alloc_taken wtfcb_alloc_take(const void *block);
void wtfcb_alloc_taken_released(wtfcb_alloc_taken taken);
void wtfcb_alloc_taken_kept(void *block, wtfcb_alloc_taken taken);

/* Once, before anything else; forked children of a process that the settings began in begin by them too. NULL: idle. */
void wtfcb_alloc_begin(const wtfcb_alloc_settings *chosen);

/* The process goes on a little: from here on every figure is up to date, and so is the end. */
void wtfcb_alloc_end(void);

/* See that forked children know that they are. */
void wtfcb_alloc_watch_forks(void);

/* Of the control table. */
int wtfcb_alloc_start(uint32_t mode, uint64_t rate, uint64_t seed, const char *path);
int wtfcb_alloc_stop(void);
const void *wtfcb_alloc_region(uint64_t *ret_size);

#endif
