/*
 * The persistent tier: one LMDB environment per directory and process, shared by all handles on it.
 *
 * A record is a payload under a key. The store frames it (length, checksum over key and payload) and gives a payload out
 * only if the frame is right; a record that fails is counted, removed and missed. Records lie in one of two generations;
 * one that is found in the older is copied to the younger, behind the reader's back.
 *
 * Threads: every function locks for itself. Reads take a pooled read transaction and wait for nobody; writes go to a queue
 * that one thread empties in batches. Lock order: registry, then queue; the lock file is taken with neither held.
 *
 * After fork the child must not touch a store; the handles above check that.
 */
#ifndef WTFCB_CACHE_STORE_H
#define WTFCB_CACHE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

#include "base/hash.h"
#include "cache/place.h"

typedef struct wtfcb_cache_store wtfcb_cache_store;

/* What kind of record a key stands for: the first byte of the key. */
enum wtfcb_cache_space {
    WTFCB_CACHE_VALUES = 'v',      /* a user's value, by the hash of its key */
    WTFCB_CACHE_EDGES = 'e',       /* (hash of a path, hash of a value's key): the value depends on the path */
    WTFCB_CACHE_RESULTS = 'r',     /* what a file's content gave, by content and everything that decides about it */
    WTFCB_CACHE_DIRECTORIES = 'd', /* what a directory held, by its path and the options of the scan */
    WTFCB_CACHE_GRAMMARS = 'g',    /* digests of grammar objects, by their signatures */
};

enum { WTFCB_CACHE_LONGEST_KEY = 40 };

typedef struct wtfcb_cache_key {
    uint8_t length;
    uint8_t bytes[WTFCB_CACHE_LONGEST_KEY]; /* the space, then what names the record in it */
} wtfcb_cache_key;

static inline wtfcb_cache_key wtfcb_cache_key_of(enum wtfcb_cache_space space, wtfcb_base_hash128 hash)
{
    wtfcb_cache_key key = {.length = 17, .bytes = {(uint8_t)space}};
    for (size_t i = 0; i < sizeof hash.bytes; i++)
        key.bytes[1 + i] = hash.bytes[i];
    return key;
}

typedef struct wtfcb_cache_store_options {
    bool read_only;
    uint64_t size;            /* bytes on disk, both generations */
    uint64_t lock_timeout_ms; /* for other processes */
    uint64_t queue;           /* bytes */
} wtfcb_cache_store_options;

/* Numbers for wtfcb_cache_stats; the store's own, so the same for all handles on it. */
typedef struct wtfcb_cache_store_stats {
    uint64_t dropped;
    uint64_t generations_dropped;
    uint64_t damaged;
    uint64_t set_aside;
    uint64_t entries;
    uint64_t bytes;
    uint64_t file_bytes;
    uint64_t limit;
    uint64_t queued;
    uint64_t queued_bytes;
    uint64_t readers;
    wtfcb_status status;
    wtfcb_status write_status;
} wtfcb_cache_store_stats;

/*
 * Open the store at a place, or take another hold on the one that this process has open there (device and inode
 * decide; the first one's options hold). Takes the place over, on success and on failure. Statuses: wtfcb_cache_open().
 */
wtfcb_status wtfcb_cache_store_open(wtfcb_cache_place *place, const wtfcb_cache_store_options *options,
                                    wtfcb_cache_store **ret_store, wtfcb_error *error);

/* Drop a hold; the last one writes what is queued, ends the writer, leaves the clean mark and closes. NULL is accepted. */
void wtfcb_cache_store_close(wtfcb_cache_store *store);

/*
 * Whether this process has a store open below an absolute path without links, and whether it has one open in this very directory. Nobody may open a
 * file in there: closing it would drop the locks by which processes keep out of each other's way.
 */
bool wtfcb_cache_stores_below(const char *path);
bool wtfcb_cache_store_is_at(uint64_t device, uint64_t inode);

/* Absolute path of the directory that the user named. */
const char *wtfcb_cache_store_path(const wtfcb_cache_store *store);

/*
 * Receives a payload in place, 8-byte aligned if `length` is 8 or more, valid during the call. It copies what it wants
 * and returns soon: it must not call the store, nor wait, nor call a user. Its status is the read's.
 */
typedef wtfcb_status (*wtfcb_cache_take_fn)(void *user, const void *payload, size_t length);

/*
 * Read one record, from the queue or a generation. WTFCB_OK and so on: what `take` returned; WTFCB_ENOTFOUND; WTFCB_EFORMAT: the record
 * was damaged and is being removed; the store's status if it does not serve.
 */
wtfcb_status wtfcb_cache_store_get(wtfcb_cache_store *store, const wtfcb_cache_key *key, wtfcb_cache_take_fn take,
                                   void *user);

/*
 * Queue a record; key and payload are copied. WTFCB_OK; WTFCB_ENOSPACE: no room in the queue within the lock timeout, or writing is off;
 * WTFCB_ENOMEM; WTFCB_EREADONLY.
 */
wtfcb_status wtfcb_cache_store_put(wtfcb_cache_store *store, const wtfcb_cache_key *key, const void *payload,
                                   size_t length);

/* Queue a removal, from both generations. Statuses as for a put. */
wtfcb_status wtfcb_cache_store_remove(wtfcb_cache_store *store, const wtfcb_cache_key *key);

/* One record of a listing; as wtfcb_cache_take_fn. `payload` is NULL for a damaged one. Not WTFCB_OK ends the listing and is its result. */
typedef wtfcb_status (*wtfcb_cache_list_fn)(void *user, const wtfcb_cache_key *key, const void *payload, size_t length);

/*
 * Every record whose key begins with these bytes, in order of keys, each once (the younger generation's). What is queued is written first, as
 * far as the lock timeout allows. Up to 1 MiB or 4,096 records are as of one moment; a longer listing goes on with what is there then.
 * No transaction is open while `take` is called: it may take its time, and call the store. (Keys of which one is the beginning of
 * another come in no promised order.) WTFCB_OK; what `take` returned; WTFCB_ENOMEM; the store's status if it does not serve.
 */
wtfcb_status wtfcb_cache_store_list(wtfcb_cache_store *store, const void *prefix, size_t length,
                                    wtfcb_cache_list_fn take, void *user);

/*
 * Wait until what was queued before this call is written, and flush it to disk. `timeout_ms` 0: no limit. WTFCB_OK; WTFCB_EBUSY: the time
 * is over; why nothing is written any more; WTFCB_EIO.
 */
wtfcb_status wtfcb_cache_store_sync(wtfcb_cache_store *store, uint64_t timeout_ms);

/* Remove every record, what is queued included. WTFCB_OK; WTFCB_EBUSY: another process does not let go, and only what was queued is gone; WTFCB_EREADONLY; WTFCB_EIO and the like. */
wtfcb_status wtfcb_cache_store_clear(wtfcb_cache_store *store);

/* Whether a record under this key was probably dropped with a generation: wrong for one key in a hundred. */
bool wtfcb_cache_store_evicted(wtfcb_cache_store *store, const wtfcb_cache_key *key);

void wtfcb_cache_store_get_stats(wtfcb_cache_store *store, wtfcb_cache_store_stats *ret_stats);

#endif
