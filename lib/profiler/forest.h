/*
 * The order in which stacks are written: a forest over the nodes, or the events, of one thread, walked from the outermost inwards, without recursion.
 *
 * Nodes know their parents; of events, which stand in the order in which they ended, parents are found by depth and time. A forest is
 * filled again and again, one thread after the other, and keeps its memory meanwhile. Single owner.
 */
#ifndef WTFCB_PROFILER_FOREST_H
#define WTFCB_PROFILER_FOREST_H

#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

#include "profiler/profile.h"

/* Items are numbered from 0: item i is row `from` + i of the profile's. */
typedef struct wtfcb_profiler_forest {
    const wtfcb_allocator *allocator; /* borrowed */
    uint32_t *block;                  /* of the four arrays below, `capacity` items each */
    uint32_t capacity;
    uint32_t count;
    uint32_t root;     /* the first of the outermost; WTFCB_PROFILE_NONE: there is nothing */
    uint32_t *parent;  /* WTFCB_PROFILE_NONE: outermost */
    uint32_t *child;   /* the first one inside */
    uint32_t *sibling; /* the next one beside */
    uint32_t *path;    /* during a walk: the items from the outermost to the one that is visited */
} wtfcb_profiler_forest;

/* What a tree's values are; a tree that is not in the table is not exported. */
typedef struct wtfcb_profiler_tree_kind {
    uint32_t id;            /* WTFCB_TREE_* */
    const char *name;       /* of the tree */
    const char *count_type; /* pprof's names for what is counted ... */
    const char *count_unit;
    const char *value_type; /* ... and for what `total` and `self` hold */
    const char *value_unit; /* "nanoseconds" or "bytes", as speedscope and pprof call it */
} wtfcb_profiler_tree_kind;

/* The trees that there can be, by index; NULL behind the last. */
const wtfcb_profiler_tree_kind *wtfcb_profiler_tree_at(uint32_t index);

/* By id; NULL if there is no such tree. */
const wtfcb_profiler_tree_kind *wtfcb_profiler_forest_tree(uint32_t id);

void wtfcb_profiler_forest_init(wtfcb_profiler_forest *forest, const wtfcb_allocator *allocator);
void wtfcb_profiler_forest_free(wtfcb_profiler_forest *forest);

/* Take the nodes from row `from` on that are of the same tree and thread. `*ret_end` is the row behind them. O(nodes). WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_profiler_forest_nodes(wtfcb_profiler_forest *forest, const wtfcb_profile *profile, uint32_t from,
                                         uint32_t *ret_end);

/* Likewise the events from row `from` on that are of the same thread. O(events). WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_profiler_forest_events(wtfcb_profiler_forest *forest, const wtfcb_profile *profile, uint64_t from,
                                          uint64_t *ret_end);

typedef void (*wtfcb_profiler_visit_fn)(void *user, uint32_t item, uint32_t depth);

/* Call `enter` for each item, then for all that is inside of it, then `leave`, which may be NULL. O(items). */
void wtfcb_profiler_forest_walk(const wtfcb_profiler_forest *forest, wtfcb_profiler_visit_fn enter,
                                wtfcb_profiler_visit_fn leave, void *user);

#endif
