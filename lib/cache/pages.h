/*
 * Is an LMDB data file sound enough to be opened? Reads it with pread(2), believes nothing, follows every branch once.
 *
 * LMDB trusts its file: a page number or offset that leads outside of it ends the process. So after a process has died with a
 * store open, the file's structure is checked here before LMDB sees it: meta pages, page numbers, flags, bounds of nodes, order of
 * keys, overflow runs, counts, free list; no page used twice. Values are not looked at: records carry checksums of their own.
 *
 * Known are files of LMDB 0.9 on a 64-bit machine, in its byte order, whose databases have no flags: no sorted duplicates, no integer
 * keys. Anything else counts as damage.
 */
#ifndef WTFCB_CACHE_PAGES_H
#define WTFCB_CACHE_PAGES_H

#include <stddef.h>

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

/*
 * Check data.mdb below a directory, while nobody writes to it. Reads branch and leaf pages and the heads of large values.
 * WTFCB_OK, also for an absent or empty file; WTFCB_EDAMAGED; WTFCB_EIO and the like; WTFCB_ENOMEM. `ret_why`: a static sentence about what
 * is wrong when damaged, else untouched; may be NULL.
 */
wtfcb_status wtfcb_cache_pages_check(const wtfcb_allocator *allocator, int directory, const char **ret_why);

#endif
