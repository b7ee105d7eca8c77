/*
 * Inside of a set, for its parts: profile_set.c (what is in it), profile_set_stats.c (statistics, and the figures of a profile),
 * profile_set_compare.c, profile_set_file.c.
 */
#ifndef WTFCB_PROFILER_PROFILE_SET_H
#define WTFCB_PROFILER_PROFILE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/profile_set.h>

#include "base/arena.h"

/* What tells rows apart, and the order in which they stand. Texts are UTF-8. */
typedef struct wtfcb_profiler_set_key {
    const char *name;
    const char *frame; /* "" unless the measure is one of frames */
    uint32_t measure;
} wtfcb_profiler_set_key;

/* One block of memory, with the texts behind. */
typedef struct wtfcb_profiler_set_row {
    wtfcb_profiler_set_key key;
    size_t size;    /* of the block */
    double *values; /* in the order in which they came */
    size_t count;
    size_t capacity;
    bool counted; /* `stats` is of the values */
    wtfcb_profile_set_stats stats;
} wtfcb_profiler_set_row;

struct wtfcb_profile_set {
    wtfcb_allocator allocator;
    wtfcb_profiler_set_row **rows; /* in the order of their keys */
    size_t count;
    size_t capacity;
};

/* Figures that are to be added to a row; `count` is at least 1. */
typedef struct wtfcb_profiler_set_item {
    wtfcb_profiler_set_key key;
    const double *values;
    size_t count;
} wtfcb_profiler_set_item;

/* Less than, equal to or greater than 0 as in strcmp(3). */
int wtfcb_profiler_set_key_compare(const wtfcb_profiler_set_key *a, const wtfcb_profiler_set_key *b);

/*
 * Add all items, whose keys differ from each other, or none. Values may be those of a row of the set itself. WTFCB_OK; WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_profiler_set_apply(wtfcb_profile_set *set, wtfcb_profiler_set_item *items, size_t count);

bool wtfcb_profiler_set_has(const wtfcb_profile_set *set, const wtfcb_profiler_set_key *key);

/* Whether there are rows of a measure under a name. O(log rows). */
bool wtfcb_profiler_set_has_measure(const wtfcb_profile_set *set, const char *name, uint32_t measure);

/* The tree whose functions a measure is of; 0: it is of whole profiles, or of zones. */
uint32_t wtfcb_profiler_measure_tree(uint32_t measure);

/* WTFCB_METRIC_* that a measure is in; 0 for a number that is no measure. */
uint32_t wtfcb_profiler_measure_unit(uint32_t measure);

/* Exact statistics of a row into `*ret_stats`, whether it is counted already or not. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_profiler_set_stats(const wtfcb_allocator *allocator, const wtfcb_profiler_set_row *row,
                                      wtfcb_profile_set_stats *ret_stats);

/*
 * The figures of a profile as items, in memory of `arena`: of frames of one name together, since sites of one name are one to a reader. `name` may be
 * NULL. WTFCB_OK; WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_profiler_set_figures(wtfcb_base_arena *arena, const char *name, const wtfcb_profile *profile,
                                        wtfcb_profiler_set_item **ret_items, size_t *ret_count);

#endif
