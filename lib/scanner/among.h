/*
 * A set of paths that a walk is narrowed to: those paths, what lies below them, and the directories on the way to them.
 */
#ifndef WTFCB_SCANNER_AMONG_H
#define WTFCB_SCANNER_AMONG_H

#include <stdbool.h>
#include <stddef.h>

#include "scanner/paths.h"

typedef struct wtfcb_scanner_among {
    wtfcb_scanner_paths paths; /* clean, sorted */
    bool all;                  /* the root itself is one of them */
} wtfcb_scanner_among;

/*
 * Make the set from paths below the root as a caller gives them. A file that holds rules for its directory (`.gitignore` and the like,
 * `.git/info/exclude`, `.git/config`) stands for the directory. WTFCB_OK; WTFCB_EINVAL: an absolute path, or one with ".."; WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_scanner_among_make(wtfcb_scanner_among *among, const wtfcb_allocator *allocator,
                                      const char *const *given, size_t count);
void wtfcb_scanner_among_free(wtfcb_scanner_among *among);

/* Whether a path is one of them or lies below one. O(depth log n). */
bool wtfcb_scanner_among_covers(const wtfcb_scanner_among *among, const char *path, size_t length);

/* Whether a path is covered or on the way to one of them. */
bool wtfcb_scanner_among_wants(const wtfcb_scanner_among *among, const char *path, size_t length);

#endif
