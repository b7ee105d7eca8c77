/*
 * How processes share a store without LMDB's help: two locks with deadlines, the list of users, and the marks of a peaceful end.
 *
 * Locks are POSIX record locks on one descriptor that this process opens once per store (the store's registry sees to that) and
 * that nobody else closes: a lock goes with its process, however that ends, and is not inherited by children. A process that is stopped
 * while it holds one makes others wait until their deadline, never longer. Within the process the caller serialises.
 *
 * A user of the store holds a lock on a file of its own in users/, which says in which boot it signed in. A file there that is not
 * locked belongs to somebody who ended without signing out. The clean mark is there while all that was ever written is on the disk:
 * the first WRITING lock of a gate takes it away, durably, and the last user who leaves may put it back after a flush. So
 * who opens a store and writes nothing waits for no disk.
 *
 * After fork(2) the child must not use the gate. It does its parent no harm by closing the descriptors that it inherited, or by
 * ending: record locks belong to the process that took them.
 */
#ifndef WTFCB_CACHE_GATE_H
#define WTFCB_CACHE_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include <wtfcb/status.h>

#include "cache/place.h"

enum wtfcb_cache_gate_lock {
    WTFCB_CACHE_GATE_OPENING, /* opening and closing the environment */
    WTFCB_CACHE_GATE_WRITING, /* a write transaction */
};

/* How the store was left by those who had it before. */
enum wtfcb_cache_gate_state {
    WTFCB_CACHE_GATE_CLEAN,   /* new, or all is flushed, or open in others who live */
    WTFCB_CACHE_GATE_SUSPECT, /* somebody ended without closing it, in this boot, or it is a copy: check its pages */
    WTFCB_CACHE_GATE_LOST,    /* the machine was booted since, so it may be half on disk; or it is marked as damaged */
};

typedef struct wtfcb_cache_gate {
    int lock; /* descriptors */
    int user; /* this process's own file in users/; -1: not signed in */
    int store;
    char user_name[32];
    bool read_only;
    bool wrote; /* the clean mark is known to be gone, also on the disk */
} wtfcb_cache_gate;

/*
 * Open the lock file (made unless read-only). WTFCB_OK; WTFCB_EUNSAFE: no plain file of ours; WTFCB_ENOTFOUND: read-only, and there is none;
 * WTFCB_EACCES and the like. The place may be closed before the gate.
 */
wtfcb_status wtfcb_cache_gate_open(const wtfcb_cache_place *place, wtfcb_cache_gate *ret_gate, wtfcb_error *error);

/* Locks go. Who is still signed in then has ended without peace. Closing again does nothing. */
void wtfcb_cache_gate_close(wtfcb_cache_gate *gate);

/*
 * Take a lock, trying until the deadline has passed; 0: once. A read-only gate shares it with others of its kind. The first WRITING
 * takes the clean mark away. WTFCB_OK; WTFCB_EBUSY; WTFCB_EIO: the file system has no locks, or the mark stays.
 */
wtfcb_status wtfcb_cache_gate_lock(wtfcb_cache_gate *gate, enum wtfcb_cache_gate_lock lock, uint64_t timeout_ms);
void wtfcb_cache_gate_unlock(wtfcb_cache_gate *gate, enum wtfcb_cache_gate_lock lock);

/*
 * Come in, with the opening lock held: look at the marks and at the users who are gone, sign in and remove the files of those. When
 * LOST nobody is signed in, and the store stays LOST until it is set aside. A read-only gate only looks.
 * WTFCB_OK; WTFCB_EUNSAFE: users/ is no directory of ours; WTFCB_EACCES, WTFCB_EIO, WTFCB_ENOSPACE.
 */
wtfcb_status wtfcb_cache_gate_enter(wtfcb_cache_gate *gate, enum wtfcb_cache_gate_state *ret_state);

/*
 * Sign out, with the opening lock held. `*ret_last`: nobody else has the store open or died with it, and there is no clean mark: flush it
 * and mark it, with that lock still held; until then this process counts as a user, so that its end without a mark shows.
 */
wtfcb_status wtfcb_cache_gate_leave(wtfcb_cache_gate *gate, bool *ret_last);

/* Leave the clean mark, with the opening lock held and the store flushed, and sign out. WTFCB_OK; WTFCB_ENOSPACE, WTFCB_EIO and the like. */
wtfcb_status wtfcb_cache_gate_mark_clean(wtfcb_cache_gate *gate);

/* Leave word that the store is damaged, for the next who opens it; async-signal-safe. */
void wtfcb_cache_gate_mark_damaged(const wtfcb_cache_gate *gate);

#endif
