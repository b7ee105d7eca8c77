/*
 * Ignore rules for paths that come from a list instead of a walk: each is asked about together with the directories that
 * it is in, whose rules are read when first needed and remembered. Single-owner.
 */
#ifndef WTFCB_SCANNER_IGNORE_LOOKUP_H
#define WTFCB_SCANNER_IGNORE_LOOKUP_H

#include "scanner/ignore.h"

typedef struct wtfcb_scanner_ignore_lookup wtfcb_scanner_ignore_lookup;

/* A lookup over a set whose base node is `base`. `dirfd` is the scan's root; both are borrowed. */
wtfcb_status wtfcb_scanner_ignore_lookup_new(wtfcb_scanner_ignore *set, const wtfcb_scanner_ignore_node *base,
                                             int dirfd, wtfcb_scanner_ignore_lookup **ret_lookup);
void wtfcb_scanner_ignore_lookup_free(wtfcb_scanner_ignore_lookup *lookup);

/*
 * What the rules say about a path as a walk would come to it: if a directory on the way is ignored, that is the verdict
 * and the reason. `path` is relative to the root, without "." or "..", without slashes at its ends. A directory on the
 * way that is a symbolic link or cannot be opened adds no rules. Amortised time is that of one match and a hash of each
 * directory on the way.
 *
 * `ret_reason` is optional. WTFCB_OK; WTFCB_ENOMEM: the lookup is as it was and still works.
 */
wtfcb_status wtfcb_scanner_ignore_lookup_path(wtfcb_scanner_ignore_lookup *lookup, const char *path, size_t length,
                                              bool directory, wtfcb_scanner_ignore_verdict *ret_verdict,
                                              wtfcb_scanner_ignore_reason *ret_reason);

#endif
