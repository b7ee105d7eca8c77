/*
 * Scans through a cache: a cache in a directory of its own beside the tree, and what its scans must be equal to.
 */
#ifndef WTFCB_TEST_SCANNER_RECALL_H
#define WTFCB_TEST_SCANNER_RECALL_H

#include <wtfcb/cache.h>

#include "dump.h"
#include "tree.h"

/* Fixture: a tree and an empty cache directory; takes the place of tree_begin() and tree_end(). */
void recall_begin(void);
void recall_end(void);

/* The cache directory. */
const char *recall_directory(void);

/* A cache with its store in that directory. */
wtfcb_cache *recall_cache(void);

/* A scanner with a cache. */
wtfcb_scanner *recall_scanner(int64_t depth, wtfcb_cache *cache);

/* Scan the tree through the cache, and without one by a scanner of the same depth; they must be equal. The first one is returned. */
wtfcb_codebase *recall_scan_equal(wtfcb_scanner *scanner, int64_t depth, const char *what);

/*
 * The clock that file times are held against (cache/signature.h) goes ahead by so many ns: files seem to have been written
 * long ago. Set by the test that has it; at 0 in the fixture.
 */
extern int64_t recall_ahead_ns;

#endif
