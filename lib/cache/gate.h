/*
 * How processes share a store without LMDB's help: two locks with deadlines, the list of users, and the marks of a peaceful end.
 *
 * Locks are POSIX record locks on one descriptor that this process opens once per store (the store's registry sees to that) and
 * that nobody else closes: a lock goes with its process, however that ends, and is not inherited by children. A process that is stopped
 * while it holds one makes others wait until their deadline, never longer. Within the process the caller serialises.
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
    WTFCB_CACHE_GATE_CLEAN,   /* new, or closed in peace, or open in another process that lives */
    WTFCB_CACHE_GATE_SUSPECT, /* somebody ended without closing it, in this boot: check its pages */
    WTFCB_CACHE_GATE_LOST,    /* and the machine was booted since: what was written may be half on disk */
};

typedef struct wtfcb_cache_gate {
    int lock; /* descriptors */
    int user; /* this process's own file in users/ */
    int store;
    char user_name[32];
    bool read_only;
} wtfcb_cache_gate;

/* Open the lock file (made unless read-only). WTFCB_OK; WTFCB_EUNSAFE: no plain file of ours; WTFCB_EACCES and the like. */
wtfcb_status wtfcb_cache_gate_open(const wtfcb_cache_place *place, wtfcb_cache_gate *ret_gate, wtfcb_error *error);
void wtfcb_cache_gate_close(wtfcb_cache_gate *gate);

/* Take a lock, trying until the deadline has passed. WTFCB_OK; WTFCB_EBUSY; WTFCB_EIO: the file system has no locks. */
wtfcb_status wtfcb_cache_gate_lock(wtfcb_cache_gate *gate, enum wtfcb_cache_gate_lock lock, uint64_t timeout_ms);
void wtfcb_cache_gate_unlock(wtfcb_cache_gate *gate, enum wtfcb_cache_gate_lock lock);

/*
 * Come in, with the opening lock held: look at the marks and at the users who are gone (whose files are removed), sign in as a user and
 * take the clean mark away. A read-only gate only looks.
 */
wtfcb_status wtfcb_cache_gate_enter(wtfcb_cache_gate *gate, enum wtfcb_cache_gate_state *ret_state);

/*
 * Sign out, with the opening lock held. `*ret_last`: nobody else has the store open, so that it may be flushed and marked.
 */
wtfcb_status wtfcb_cache_gate_leave(wtfcb_cache_gate *gate, bool *ret_last);

/* Leave the clean mark, with the opening lock held and the store flushed. */
wtfcb_status wtfcb_cache_gate_mark_clean(wtfcb_cache_gate *gate);

/* Leave word that the store is damaged, for the next who opens it; async-signal-safe. */
void wtfcb_cache_gate_mark_damaged(const wtfcb_cache_gate *gate);

#endif
