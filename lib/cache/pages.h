/*
 * Is an LMDB data file sound enough to be opened? Reads it with pread(2), believes nothing, follows every branch once.
 *
 * LMDB trusts its file: a page number or offset that leads outside of it ends the process. So after a process has died with a
 * store open, the file's structure is checked here before LMDB sees it: meta pages, page numbers, flags, bounds of nodes, overflow
 * runs, free list; no page used twice. Values are not looked at: records carry checksums of their own.
 */
#ifndef WTFCB_CACHE_PAGES_H
#define WTFCB_CACHE_PAGES_H

#include <stddef.h>

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

/*
 * Check data.mdb below a directory. WTFCB_OK, also for an absent or empty file; WTFCB_EDAMAGED; WTFCB_EIO and the like; WTFCB_ENOMEM. `ret_why`: a static
 * sentence about what is wrong, may be NULL.
 */
wtfcb_status wtfcb_cache_pages_check(const wtfcb_allocator *allocator, int directory, const char **ret_why);

#endif
