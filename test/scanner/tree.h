/*
 * Trees to scan: built below a temporary directory, with git's configuration out of the way so that only the files of
 * the tree count. tree_begin() and tree_end() are a test's fixture; paths are relative to the tree's root.
 */
#ifndef WTFCB_TEST_SCANNER_TREE_H
#define WTFCB_TEST_SCANNER_TREE_H

#include <wtfcb/scanner.h>

#include "../test.h"

/* How much slower than usual this build runs, in round figures: inputs of tests that take long are that much smaller. */
#if defined(__SANITIZE_THREAD__)
#define TREE_SLOWDOWN 8
#else
#define TREE_SLOWDOWN 1
#endif

void tree_begin(void);
void tree_end(void);

/* The root of the tree: an absolute path. */
const char *tree_root(void);

/* Absolute path of something in the tree; valid until a few calls later. */
const char *tree_path(const char *below);

/* Write a file, with the directories it lies in. */
void tree_put(const char *path, const char *text);
void tree_put_bytes(const char *path, const void *bytes, size_t length);
void tree_directory(const char *path);
void tree_link(const char *target, const char *path);

/* Files of the languages that have a grammar, of some that have none, and of kinds that are treated on their own. */
void tree_put_samples(void);

/* One sample by number, for generators; NULL behind the last one. */
typedef struct tree_sample {
    const char *path;
    const char *text;
} tree_sample;
const tree_sample *tree_sample_at(size_t index);

/* A new scanner; the depth and the number of threads are set. */
wtfcb_scanner *tree_scanner(int64_t depth, int64_t threads);

/* Scan the tree, which must succeed. */
wtfcb_codebase *tree_scan(wtfcb_scanner *scanner);

/* Scan it with a scanner of its own. */
wtfcb_codebase *tree_scan_at(int64_t depth);

/* The row of a path, which must be there; and whether it is. */
wtfcb_file tree_file(const wtfcb_codebase *codebase, const char *path);
bool tree_has(const wtfcb_codebase *codebase, const char *path);

wtfcb_totals tree_totals(const wtfcb_codebase *codebase);
wtfcb_scan_stats tree_stats(const wtfcb_codebase *codebase);

/* All paths of the snapshot, each with a space behind it; to be freed. */
char *tree_list(const wtfcb_codebase *codebase);

/* Assert that the paths are those of `expected`, as tree_list() writes them. */
#define tree_assert_list(codebase, expected)                                                                           \
    do {                                                                                                               \
        char *tree_listed = tree_list(codebase);                                                                       \
        ck_assert_str_eq(tree_listed, expected);                                                                       \
        free(tree_listed);                                                                                             \
    } while (0)

/* Descriptors that this process has open, and threads that it has. */
int tree_open_descriptors(void);
int tree_threads(void);

uint64_t tree_now_ns(void);

/* xorshift: the same numbers in every run. */
uint64_t tree_random(uint64_t *state);

#endif
