/*
 * Where a store lies: the user's directory, checked for safety, and inside it the store's own directory.
 *
 *     ~/.cache/wtfcb/            0700, owned by the user; CACHEDIR.TAG
 *         store-1-4026531836/    format of the records, pid namespace (LMDB's reader table goes by pid)
 *             lock               byte 0: opening and closing; byte 1: writing. POSIX record locks, held by processes
 *             users/             one locked file per process that has the store open
 *             clean              boot id and the like; there while nobody has it open and the last one closed it in peace
 *             data.mdb lock.mdb  LMDB's
 *         damaged-.../           a store that was set aside, removed when the next one is
 *
 * Every path is reached by descriptors, no symbolic link is followed below the directory that the user named, and that
 * directory itself may not be a link of somebody else's.
 */
#ifndef WTFCB_CACHE_PLACE_H
#define WTFCB_CACHE_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

#define WTFCB_CACHE_FORMAT 1

typedef struct wtfcb_cache_place {
    wtfcb_allocator allocator;
    char *path;       /* absolute, of the user's directory; owned */
    char *store_path; /* absolute, of the store's; owned */
    char *store_name; /* last component of `store_path`, inside it */
    int base;         /* descriptors of the two */
    int store;
    uint64_t device; /* of the store's directory */
    uint64_t inode;
    bool read_only;
} wtfcb_cache_place;

/*
 * Find, make and check the directories. `directory` NULL: the user's cache directory. Nothing is made when `read_only`.
 * WTFCB_OK; WTFCB_EUNSAFE; WTFCB_EUNSUPPORTED: a network or unknown file system; WTFCB_ENOTFOUND; WTFCB_EACCES; WTFCB_EIO; WTFCB_ENOSPACE;
 * WTFCB_ELOOP; WTFCB_ENOMEM. `ret_place` is untouched on failure.
 */
wtfcb_status wtfcb_cache_place_open(const wtfcb_allocator *allocator, const char *directory, bool read_only,
                                    wtfcb_cache_place *ret_place, wtfcb_error *error);

void wtfcb_cache_place_close(wtfcb_cache_place *place);

/*
 * Move the store's directory aside under a new name (an earlier one that was set aside is removed) and begin an empty
 * one: `store`, `device` and `inode` are of the new one. The gate's lock is held by the caller and goes with the old directory.
 */
wtfcb_status wtfcb_cache_place_set_aside(wtfcb_cache_place *place, wtfcb_error *error);

/* Whether times and inodes of files there can be trusted: a local file system that is known. */
bool wtfcb_cache_is_local(int fd);

#endif
