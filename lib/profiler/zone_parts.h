/*
 * What the parts of the zone recorder share: zone.c (enter and leave), zone_thread.c (a thread's state), zone_memory.c (the region), zone_site.c (sites),
 * recorder.c (start, stop) and recorder_collect.c (a profile from it).
 *
 * Who writes what:
 *
 * - A thread's state, and every node, statistic, histogram page and ring block that hangs from it, is written by that thread alone, also
 *   when the recording has long stopped or another has begun: a thread resets its own state at its first zone of a recording, nobody else does. So whoever
 *   comes late writes into his own. Others read: all that they look at is atomic, published before it is linked, and never unlinked during a recording.
 * - The state of a thread that has ended is whoever's that holds `region->merging`; until then it stays readable as it is.
 * - A region is mapped and never unmapped. A child of fork(2) makes one of its own at its first start and leaves the parent's alone.
 *
 * Locks: `control` (recorder.c) before `region->merging`. No thread waits for either in a zone, or when it ends: one that ends while another merges leaves
 * its state behind for that other one. Blocks and states come from stacks without locks.
 */
#ifndef WTFCB_PROFILER_ZONE_PARTS_H
#define WTFCB_PROFILER_ZONE_PARTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <wtfcb/zone.h>

#include "profiler/histogram.h"
#include "profiler/zone_clock.h"

enum {
    WTFCB_PROFILER_ZONE_BLOCK = 16384,  /* bytes; blocks are aligned to it */
    WTFCB_PROFILER_ZONE_LINE = 64,      /* granule inside blocks */
    WTFCB_PROFILER_ZONE_DEPTH = 256,    /* zones open in one thread */
    WTFCB_PROFILER_ZONE_SITES = 4096,   /* in a process */
    WTFCB_PROFILER_ZONE_PAGE = 64,      /* statistics in one page of a thread's table */
    WTFCB_PROFILER_ZONE_ENDED_ROWS = 64 /* ended threads that keep a row of their own, where there is memory */
};

/*
 * `ready` of a thread's state: the recording that it is ready for, with a mark if its clock takes a call, so that one comparison tells whether the quick path will do;
 * or busy. Recordings have numbers from 1 to below the mark.
 */
#define WTFCB_PROFILER_ZONE_CALLS UINT32_C(0x80000000)
#define WTFCB_PROFILER_ZONE_BUSY UINT32_MAX

typedef _Atomic uint64_t wtfcb_profiler_zone_counter;

/* For what one thread writes and others read: no locked instruction. */
static inline uint64_t wtfcb_profiler_zone_get(const wtfcb_profiler_zone_counter *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static inline void wtfcb_profiler_zone_set(wtfcb_profiler_zone_counter *counter, uint64_t value)
{
    atomic_store_explicit(counter, value, memory_order_relaxed);
}

static inline void wtfcb_profiler_zone_add(wtfcb_profiler_zone_counter *counter, uint64_t value)
{
    wtfcb_profiler_zone_set(counter, wtfcb_profiler_zone_get(counter) + value);
}

/* ---- Sites: kept for the life of the process; index and texts of a site never change ---- */

typedef struct wtfcb_profiler_zone_site {
    const char *name; /* NUL-terminated, as the others; "" for NULL */
    const char *function;
    const char *file;
    uint32_t line;
    uint32_t hash;
} wtfcb_profiler_zone_site;

#define WTFCB_PROFILER_ZONE_NO_KEY UINT64_MAX

/* Map the table; false when memory has run out. Before the first recording. */
bool wtfcb_profiler_zone_sites_map(void);

/* Bytes that it takes. */
size_t wtfcb_profiler_zone_sites_size(void);

/* The key of a site, made known if it is not: its index in the lower half. WTFCB_PROFILER_ZONE_NO_KEY: there is no room. */
uint64_t wtfcb_profiler_zone_site_key(wtfcb_zone_site *site);

/* A known site by its index. */
const wtfcb_profiler_zone_site *wtfcb_profiler_zone_site_at(uint32_t index);

/* ---- A thread's counters ---- */

/* Of one site in one thread, in ticks; the histogram in ns. */
typedef struct wtfcb_profiler_zone_stat {
    wtfcb_profiler_zone_counter minimum; /* UINT64_MAX at first */
    wtfcb_profiler_zone_counter maximum;
    _Atomic(wtfcb_profiler_zone_counter *) pages[WTFCB_PROFILER_OCTAVES]; /* of WTFCB_PROFILER_SUBS each, or NULL */
} wtfcb_profiler_zone_stat;

typedef struct wtfcb_profiler_zone_stat_page {
    _Atomic(wtfcb_profiler_zone_stat *) stats[WTFCB_PROFILER_ZONE_PAGE];
} wtfcb_profiler_zone_stat_page;

/*
 * A path of sites in one thread. Time in total is not kept: it is `self` and that of the children, which is how totals always add up.
 * Children are a ring; `hint` is the one that was entered last, so that a loop through the same zones finds each at the first or second look.
 */
typedef struct wtfcb_profiler_zone_node {
    uint64_t key; /* of the site */
    struct wtfcb_profiler_zone_node *hint;
    struct wtfcb_profiler_zone_node *sibling;
    struct wtfcb_profiler_zone_node *parent;
    wtfcb_profiler_zone_stat *stat;
    wtfcb_profiler_zone_counter count;
    wtfcb_profiler_zone_counter self;
    _Atomic uint32_t next; /* made after this one in the same thread: distance from the region in lines; 0: none */
    uint32_t number;       /* in the thread, in that order */
} wtfcb_profiler_zone_node;

_Static_assert(sizeof(wtfcb_profiler_zone_node) == WTFCB_PROFILER_ZONE_LINE, "a node is a cache line");

/* An open zone. The one at the bottom stands for the thread and is never left. */
typedef struct wtfcb_profiler_zone_frame {
    uint64_t start;
    uint64_t inside; /* ticks in zones inside that are done */
    wtfcb_profiler_zone_node *node;
    uintptr_t zone; /* address of the caller's struct */
} wtfcb_profiler_zone_frame;

typedef struct wtfcb_profiler_zone_event {
    wtfcb_profiler_zone_counter start;
    wtfcb_profiler_zone_counter duration;
    wtfcb_profiler_zone_counter what; /* site, and depth << 32 */
} wtfcb_profiler_zone_event;

/* What every block begins with. */
typedef struct wtfcb_profiler_zone_block {
    _Atomic uint32_t link; /* of the stack of free ones; index + 1 */
    uint32_t reserved;
    struct wtfcb_profiler_zone_block *owned;          /* next of the same thread */
    _Atomic(struct wtfcb_profiler_zone_block *) ring; /* next in a ring of events */
    wtfcb_profiler_zone_counter first;                /* number of the first event in it, + 1 */
    uint64_t padding[4];
} wtfcb_profiler_zone_block;

_Static_assert(sizeof(wtfcb_profiler_zone_block) == WTFCB_PROFILER_ZONE_LINE, "blocks hold whole lines");

enum {
    WTFCB_PROFILER_ZONE_EVENTS =
        (WTFCB_PROFILER_ZONE_BLOCK - WTFCB_PROFILER_ZONE_LINE) / (int)sizeof(wtfcb_profiler_zone_event)
};

typedef enum wtfcb_profiler_zone_status {
    WTFCB_PROFILER_ZONE_FREE,    /* nobody's */
    WTFCB_PROFILER_ZONE_LIVE,    /* its thread's */
    WTFCB_PROFILER_ZONE_ENDED,   /* a row of an ended thread */
    WTFCB_PROFILER_ZONE_PENDING, /* to be merged into the shared row */
    WTFCB_PROFILER_ZONE_SHARED,  /* the row that ended threads share */
} wtfcb_profiler_zone_status;

typedef struct wtfcb_profiler_zone_thread {
    wtfcb_profiler_zone_block block; /* a state is the beginning of a block of its own */

    /* What every zone touches. */
    _Atomic uint32_t ready;
    uint32_t clock;
    wtfcb_profiler_zone_frame *top;
    wtfcb_profiler_zone_clock_quick quick;
    _Atomic(wtfcb_profiler_zone_event *) event; /* where the next goes; NULL: no trace */
    wtfcb_profiler_zone_event *event_end;
    wtfcb_profiler_zone_counter late_ticks; /* of the last zone, which its histogram lacks yet */
    _Atomic(wtfcb_profiler_zone_stat *) late_stat;
    wtfcb_profiler_zone_counter dropped;

    struct wtfcb_profiler_zone_region *region;
    _Atomic(struct wtfcb_profiler_zone_thread *) listed; /* next in region->threads */
    _Atomic uint32_t recording; /* whose counters these are; set when they are ready to be read */
    _Atomic uint32_t status;
    wtfcb_profiler_zone_counter id;      /* of the kernel */
    wtfcb_profiler_zone_counter name[2]; /* 16 bytes */
    wtfcb_profiler_zone_counter born;    /* ticks at the first zone */
    wtfcb_profiler_zone_counter events_dropped;
    _Atomic uint32_t node_count;
    _Atomic uint32_t first_node; /* as wtfcb_profiler_zone_node.next */
    wtfcb_profiler_zone_node *last_node;
    wtfcb_profiler_zone_block *owned; /* blocks beside its own */
    char *space;                      /* free part of the newest: [space, space_end) */
    char *space_end;
    uint64_t event_count; /* up to the end of the ring's current block */
    uint32_t ring_blocks;
    uint32_t ring_limit;
    uint32_t rounds; /* of the destructor */

    _Atomic(wtfcb_profiler_zone_stat_page *) stats[WTFCB_PROFILER_ZONE_SITES / WTFCB_PROFILER_ZONE_PAGE];
    wtfcb_profiler_zone_node root;
    wtfcb_profiler_zone_frame frames[WTFCB_PROFILER_ZONE_DEPTH + 1];
} wtfcb_profiler_zone_thread;

_Static_assert(sizeof(wtfcb_profiler_zone_thread) < WTFCB_PROFILER_ZONE_BLOCK, "a state fits into a block");

/* The calling thread's state; before its first zone, and after its last, one that is always busy. */
#ifdef __GLIBC__
#define WTFCB_PROFILER_ZONE_TLS __attribute__((tls_model("initial-exec")))
#else
#define WTFCB_PROFILER_ZONE_TLS /* musl refuses to load objects with it at run time */
#endif
extern _Thread_local wtfcb_profiler_zone_thread *wtfcb_profiler_zone_self WTFCB_PROFILER_ZONE_TLS;

/*
 * The state of the calling thread, made ready for this recording; NULL: there is no room, or a signal handler asks in the middle of a change. What `recording` promises
 * has been loaded by the caller (acquire).
 */
wtfcb_profiler_zone_thread *wtfcb_profiler_zone_thread_ready(uint32_t recording);

/* Clear a state for a recording: no nodes, all counters 0. By its owner, while it is busy. */
void wtfcb_profiler_zone_thread_reset(wtfcb_profiler_zone_thread *thread, uint32_t recording);

/* A state of nobody's from the region; NULL: none. Cleared by the caller. */
wtfcb_profiler_zone_thread *wtfcb_profiler_zone_thread_take(struct wtfcb_profiler_zone_region *region);

/* Give back a state and its blocks. By its owner, or under `merging` if that has ended. */
void wtfcb_profiler_zone_thread_free(wtfcb_profiler_zone_thread *thread);

/* The node of a site inside `parent`, made if there is none; NULL: no room. While it is busy. */
wtfcb_profiler_zone_node *wtfcb_profiler_zone_thread_node(wtfcb_profiler_zone_thread *thread,
                                                          wtfcb_profiler_zone_node *parent, uint64_t key);

/* Bring the histogram of the last zone up to date, if there is room for its page. While it is busy. */
void wtfcb_profiler_zone_thread_flush(wtfcb_profiler_zone_thread *thread);

/* The statistic of a site in a thread, NULL if there is none. */
wtfcb_profiler_zone_stat *wtfcb_profiler_zone_thread_stat(wtfcb_profiler_zone_thread *thread, uint32_t site);

/* Make room for the next event: `event` is then not at the end of its block. False: there is none. While it is busy. */
bool wtfcb_profiler_zone_thread_turn(wtfcb_profiler_zone_thread *thread);

/* Make the key by which threads say that they have ended; false: the system has none left. */
bool wtfcb_profiler_zone_thread_key(void);

/* Merge what has ended into the shared row. The caller holds `merging`. */
void wtfcb_profiler_zone_merge_pending(struct wtfcb_profiler_zone_region *region);

/* The same for who does not hold it, unless another does, who will then see to it. */
void wtfcb_profiler_zone_merge_without_waiting(struct wtfcb_profiler_zone_region *region);

/* ---- Memory ---- */

typedef struct wtfcb_profiler_zone_region {
    char *blocks; /* the first; that one's index is 1, since 0 stands for none */
    uint64_t size;
    uint32_t count; /* of blocks in the mapping */
    pid_t process;

    /* Of the recording: written before it begins, read by threads that may be late. */
    _Atomic uint32_t recording;
    _Atomic uint32_t limit;      /* blocks that may be in use */
    _Atomic uint32_t rows_limit; /* ended threads that keep a row of their own */
    _Atomic uint32_t ring_limit; /* blocks of a thread's ring */
    _Atomic uint32_t clock;
    wtfcb_profiler_zone_counter rate;

    _Alignas(64) _Atomic uint32_t used;      /* blocks that were ever taken */
    _Atomic uint32_t in_use;                 /* of them; states that are free are not */
    _Atomic uint32_t ring_blocks;            /* of all threads */
    wtfcb_profiler_zone_counter free_blocks; /* stacks: index, and a number that changes with each push and pop << 32 */
    wtfcb_profiler_zone_counter free_threads;
    wtfcb_profiler_zone_counter pending;
    _Atomic(wtfcb_profiler_zone_thread *) threads; /* every state there ever was */
    _Atomic(wtfcb_profiler_zone_thread *) shared;
    atomic_bool merging;
    _Atomic uint32_t ended;
    wtfcb_profiler_zone_counter dropped; /* zones that no thread's state could count */
} wtfcb_profiler_zone_region;

extern _Atomic(wtfcb_profiler_zone_region *) wtfcb_profiler_zone_current;

/* Map a region with room for `size` bytes in all; NULL when memory has run out. */
wtfcb_profiler_zone_region *wtfcb_profiler_zone_region_map(uint64_t size);

/* Count a block as in use; false: there are as many as may be. */
bool wtfcb_profiler_zone_reserve(wtfcb_profiler_zone_region *region);

/* A block, not cleared beyond its head; NULL: none. */
wtfcb_profiler_zone_block *wtfcb_profiler_zone_block_take(wtfcb_profiler_zone_region *region);
void wtfcb_profiler_zone_block_free(wtfcb_profiler_zone_region *region, wtfcb_profiler_zone_block *block);

void wtfcb_profiler_zone_stack_push(wtfcb_profiler_zone_region *region, wtfcb_profiler_zone_counter *stack,
                                    wtfcb_profiler_zone_block *block);
wtfcb_profiler_zone_block *wtfcb_profiler_zone_stack_pop(wtfcb_profiler_zone_region *region,
                                                         wtfcb_profiler_zone_counter *stack);

/* Nodes by their distance. */
static inline uint32_t wtfcb_profiler_zone_distance(const wtfcb_profiler_zone_region *region, const void *place)
{
    return (uint32_t)(((uintptr_t)place - (uintptr_t)region) / WTFCB_PROFILER_ZONE_LINE);
}

static inline wtfcb_profiler_zone_node *wtfcb_profiler_zone_node_at(wtfcb_profiler_zone_region *region,
                                                                    uint32_t distance)
{
    return distance == 0 ? NULL : (void *)((char *)region + (uint64_t)distance * WTFCB_PROFILER_ZONE_LINE);
}

/* Picoseconds that a zone costs its thread, both ends, in a recording that is about to begin; measured with a state that is given back. */
uint64_t wtfcb_profiler_zone_cost(wtfcb_profiler_zone_region *region);

/* ---- The recorder ---- */

typedef struct wtfcb_profiler_zone_recorder {
    _Atomic pid_t owner; /* process whose thread holds the lock; 0: nobody */
    pid_t process;       /* that began the recording */
    uint32_t number;     /* of the last recording; 0: there was none */
    wtfcb_profiler_zone_clock clock;
    wtfcb_profiler_zone_anchor start;
    uint64_t cost; /* wtfcb_profiler_zone_cost() */
} wtfcb_profiler_zone_recorder;

/* Start, stop and collect exclude each other. The lock of a parent's thread that does not exist in this process is taken over. */
wtfcb_profiler_zone_recorder *wtfcb_profiler_zone_control(void);
void wtfcb_profiler_zone_release(wtfcb_profiler_zone_recorder *held);

/* Hold `merging`: states of ended threads stay as they are. */
void wtfcb_profiler_zone_merging_hold(wtfcb_profiler_zone_region *region);
void wtfcb_profiler_zone_merging_release(wtfcb_profiler_zone_region *region);

#endif
