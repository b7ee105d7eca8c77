/*
 * Where a store lies: the user's directory, checked for safety, and inside it the store's own directory.
 *
 *     ~/.cache/wtfcb/            0700, owned by the user; CACHEDIR.TAG unless somebody else's files are there too
 *         store-1-4026531836/    format of the records, pid namespace (LMDB's reader table goes by pid)
 *             lock               byte 0: opening and closing; byte 1: writing. POSIX record locks, held by processes
 *             users/             one locked file per process that has the store open
 *             clean              size and time of data.mdb; there while all that was written is flushed
 *             damaged            there when somebody found out that the store is not to be used any more
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

/* Names inside a store's directory; whoever adds one adds it to what is removed with a store that was set aside. */
#define WTFCB_CACHE_LOCK_FILE "lock"
#define WTFCB_CACHE_USERS_DIRECTORY "users"
#define WTFCB_CACHE_CLEAN_MARK "clean"
#define WTFCB_CACHE_DAMAGED_MARK "damaged"
#define WTFCB_CACHE_DATA_FILE "data.mdb"
#define WTFCB_CACHE_READERS_FILE "lock.mdb"

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
 * Find, make and check the directories. `directory` NULL: the user's cache directory, with its parents. Nothing is made when
 * `read_only`, and the directories may then be root's. WTFCB_OK; WTFCB_EUNSAFE; WTFCB_EUNSUPPORTED: a network or unknown
 * file system; WTFCB_ENOTFOUND; WTFCB_EACCES; WTFCB_EIO; WTFCB_ENOSPACE; WTFCB_ELOOP; WTFCB_ELIMIT: too long a path; WTFCB_ENOMEM.
 * `ret_place` is untouched on failure.
 */
wtfcb_status wtfcb_cache_place_open(const wtfcb_allocator *allocator, const char *directory, bool read_only,
                                    wtfcb_cache_place *ret_place, wtfcb_error *error);

/* Closing again what is closed does nothing. */
void wtfcb_cache_place_close(wtfcb_cache_place *place);

/*
 * Move the store's directory aside under a new name (an earlier one that was set aside is removed) and begin an empty
 * one: `store`, `device` and `inode` are of the new one. The gate's lock is held by the caller and goes with the old directory, as
 * its users do: the caller closes that gate and opens one at the new place. A process that waited for the same lock finds the old
 * directory marked as damaged and comes here too; the name then leads elsewhere already, and that is opened. On failure `place` is as it was.
 */
wtfcb_status wtfcb_cache_place_set_aside(wtfcb_cache_place *place, wtfcb_error *error);

/* Whether times and inodes of files there can be trusted: a local file system that is known. */
bool wtfcb_cache_is_local(int fd);

/* The same by the number that statfs(2) gives, and a name for messages: "unknown" for one that is not in our table. */
bool wtfcb_cache_file_system(uint64_t magic, const char **ret_name);

#endif
