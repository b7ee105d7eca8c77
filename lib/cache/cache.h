/*
 * The handle behind wtfcb/cache.h, and what its files share; a scanner takes the store from here.
 *
 * Two tiers in front of one set of rules: a value is found in memory or in the store, then judged (its time, its manifest), and only
 * then given out. The tiers come and never go: each pointer is set once, read without a lock, and lives as long as the
 * handle. `lock` guards what is rare: options, opening, the making of the memory tier, notes. It is taken with no other lock held,
 * and only the tiers' own are taken inside it.
 *
 * Edges. A value with a manifest has one record in the store for each path in it, named by (hash of the path, hash of the value's key).
 * Edges are put before their value and may outlive it: who follows one looks at the value's manifest before believing it.
 */
#ifndef WTFCB_CACHE_CACHE_H
#define WTFCB_CACHE_CACHE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include <wtfcb/cache.h>

#include "base/hash.h"
#include "cache/manifest.h"
#include "cache/memory.h"
#include "cache/notes.h"
#include "cache/store.h"
#include "cache/stripes.h"
#include "cache/value.h"

enum { WTFCB_CACHE_OPTION_LIMIT = WTFCB_CACHE_ALWAYS_VERIFY + 1, WTFCB_CACHE_LONGEST_USER_KEY = 65535 };

typedef struct wtfcb_cache_counters {
    atomic_uint_fast64_t refusals; /* of what the memory tier has counted as a hit: too old, or not judged */
    atomic_uint_fast64_t hits_persistent;
    atomic_uint_fast64_t misses;
    atomic_uint_fast64_t puts;
    atomic_uint_fast64_t expirations;
    atomic_uint_fast64_t invalidations;
    atomic_uint_fast64_t damaged; /* records that the store took for sound and that are no values */
} wtfcb_cache_counters;

struct wtfcb_cache {
    wtfcb_allocator allocator;
    const volatile uint32_t *alive; /* a page that reads 0 in a child of fork(2); NULL: the system has none */
    pid_t process;
    _Atomic(wtfcb_cache_memory *) memory; /* NULL until the first value */
    _Atomic(wtfcb_cache_store *) store;   /* NULL until it is open */
    _Atomic(int64_t) values[WTFCB_CACHE_OPTION_LIMIT];
    atomic_bool unstored; /* a value with a manifest is in memory alone */
    atomic_uint holds;
    char apart[64]; /* counters are written by gets, what is above by none */
    wtfcb_cache_counters counters;
    wtfcb_cache_stripes stripes;
    pthread_mutex_t lock;
    wtfcb_status open_status; /* of the last attempt; WTFCB_ENOTFOUND: none */
    bool opening;
    bool named;                   /* the store lies in a directory that the caller named */
    wtfcb_cache_memory **retired; /* tiers of another size that some thread may still look into; empty */
    size_t retired_count;
    size_t retired_capacity;
    wtfcb_cache_notes notes;
};

/* What a judge says about a value. */
typedef struct wtfcb_cache_verdict {
    uint32_t reason;             /* WTFCB_MISS_* */
    const char *path;            /* that decided, in the value; "" if none */
    wtfcb_base_buffer refreshed; /* a manifest to replace the value's, or empty; wtfcb_cache_verdict_free() */
} wtfcb_cache_verdict;

/* WTFCB_OK; WTFCB_EINVAL: NULL; WTFCB_EFORK. A load and a comparison. */
wtfcb_status wtfcb_cache_usable(const wtfcb_cache *cache);

/* The same for a call about one key, whose length is checked too. */
wtfcb_status wtfcb_cache_usable_key(const wtfcb_cache *cache, const void *key, size_t key_length);

/* The store, or NULL: the cache is NULL, of another process, or has none. It lives as long as the cache. */
wtfcb_cache_store *wtfcb_cache_store_of(wtfcb_cache *cache);

/* The memory tier; NULL when it has not been made yet or has no bytes. */
static inline wtfcb_cache_memory *wtfcb_cache_memory_of(wtfcb_cache *cache)
{
    return atomic_load_explicit(&cache->memory, memory_order_acquire);
}

/* The same, made if there is none; WTFCB_OK with NULL when it has no bytes. WTFCB_ENOMEM. */
wtfcb_status wtfcb_cache_need_memory(wtfcb_cache *cache, wtfcb_cache_memory **ret_memory);

static inline int64_t wtfcb_cache_value_of(const wtfcb_cache *cache, int32_t option)
{
    return atomic_load_explicit(&cache->values[option], memory_order_relaxed);
}

static inline void wtfcb_cache_count(atomic_uint_fast64_t *counter, uint64_t by)
{
    atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

void wtfcb_cache_set_defaults(wtfcb_cache *cache);

/* Milliseconds of CLOCK_REALTIME: the clock of times to live. */
uint64_t wtfcb_cache_clock(void);

/* Whether a value is over its time. One that claims to be made more than a minute from now is: the clock was set back. */
bool wtfcb_cache_expired(const wtfcb_cache_value_head *head, uint64_t now_ms);

/* Whether anything can make a value too old. */
static inline bool wtfcb_cache_needs_judge(const wtfcb_value *value)
{
    return value->head.expires_ms != 0 || value->head.manifest_length != 0;
}

/* Hold a value against the clock and the files. WTFCB_OK, with WTFCB_MISS_NONE if it may be given out; WTFCB_ENOMEM. */
wtfcb_status wtfcb_cache_judge(const wtfcb_cache *cache, const wtfcb_value *value, wtfcb_cache_verdict *ret_verdict);

static inline void wtfcb_cache_verdict_free(wtfcb_cache_verdict *verdict)
{
    wtfcb_base_buffer_free(&verdict->refreshed);
}

/* A value by the hash of its key, from the store. `key` NULL: whatever its key is. WTFCB_OK; WTFCB_ENOTFOUND, also when the store
 * does not serve; WTFCB_EFORMAT: it was damaged, and is being removed; WTFCB_ENOMEM. */
wtfcb_status wtfcb_cache_load(wtfcb_cache *cache, wtfcb_base_hash128 hash, const void *key, size_t key_length,
                              wtfcb_value **ret_value);

/* Where the manifest of a payload lies, behind the key; false when it is no value's. For takers that look at a record in place. */
bool wtfcb_cache_payload_manifest(const void *payload, size_t length, const char **ret_manifest, size_t *ret_length);

wtfcb_cache_key wtfcb_cache_edge_key(wtfcb_base_hash128 path, wtfcb_base_hash128 value);

/* Take a value out of both tiers, its edges too. WTFCB_OK, or why the store could not. */
wtfcb_status wtfcb_cache_forget(wtfcb_cache *cache, wtfcb_base_hash128 hash, const wtfcb_value *value);

#endif
