/*
 * Random steps in the life of a small tree: what editors, version control, copies and slips of the hand do to files. Every run with the
 * same seed does the same. Beside them, an account of what is in the tree, from which two moments' changed paths follow: what a
 * watcher that misses nothing and invents nothing would report.
 */
#ifndef WTFCB_TEST_SCANNER_STEPS_H
#define WTFCB_TEST_SCANNER_STEPS_H

#include "tree.h"

/* Give up what lets root read everything, so that this process cannot read a file without permissions either. */
void steps_give_up_privileges(void);

/* Build the tree. `links`: there are symbolic links, too. Gives up those privileges. */
void steps_begin(uint64_t seed, bool links);

/* A random number. */
uint64_t steps_below(uint64_t bound);

/* Do one step; returns what it was. */
const char *steps_do(void);

/* Wait until the clock that the kernel stamps files with has moved on. */
void steps_wait_for_tick(void);

/* Sorted paths. */
typedef struct steps_paths {
    char **items;
    size_t count;
    size_t capacity;
} steps_paths;

void steps_paths_add(steps_paths *paths, const char *path);
void steps_paths_sort(steps_paths *paths); /* and drop those that are there twice */
void steps_paths_free(steps_paths *paths);

/* All that is in the tree: kinds, permissions and contents by path. */
typedef struct steps_state steps_state;
steps_state *steps_look(void);
void steps_state_free(steps_state *state);

/* Add the paths of what is new, gone or different. */
void steps_changes(const steps_state *before, const steps_state *after, steps_paths *paths);

#endif
