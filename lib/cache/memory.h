/*
 * The memory tier: values by the hash of their key, in shards, each with its own lock, table and order of use.
 *
 * What has gone unused for longest makes room, per shard: exactly so below 2 MiB, else as far as an eighth of what is put in a turnover. The
 * lock is held for a lookup and a hold. Expiry is the caller's clock: the tier has none.
 *
 * Bytes are sums of wtfcb_cache_value_cost(). They never exceed the limit, which holds for all shards together: a value may cost all of it. Values
 * that left and are still held elsewhere are not counted.
 */
#ifndef WTFCB_CACHE_MEMORY_H
#define WTFCB_CACHE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

#include "base/hash.h"
#include "cache/value.h"

typedef struct wtfcb_cache_memory wtfcb_cache_memory;

typedef struct wtfcb_cache_memory_stats {
    uint64_t entries;
    uint64_t bytes;
    uint64_t limit;
    uint64_t evictions;
    uint64_t hits; /* as the gets that found something gave them */
} wtfcb_cache_memory_stats;

/* `limit` bytes over all shards; at 0 the tier takes nothing. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_cache_memory_new(const wtfcb_allocator *allocator, uint64_t limit, wtfcb_cache_memory **ret_memory);

/* Frees the tier and its holds; NULL is accepted. */
void wtfcb_cache_memory_free(wtfcb_cache_memory *memory);

/*
 * The value of a key with a hold for the caller, which counts as used; NULL when there is none. If it is there the tier's hits go up by
 * `hits`: counted under the lock that is held anyway, and for what the caller does not want to count, 0.
 */
wtfcb_value *wtfcb_cache_memory_get(wtfcb_cache_memory *memory, wtfcb_base_hash128 hash, const void *key,
                                    size_t key_length, uint64_t hits);

/*
 * Take a hold on a value under its own key, replacing another. False when it costs more than the limit or memory has run out: the older
 * value of the key is then still there, and a caller whose new value holds elsewhere removes it.
 */
bool wtfcb_cache_memory_put(wtfcb_cache_memory *memory, wtfcb_base_hash128 hash, wtfcb_value *value);

/* Forget a key; whether it was there. With `only` not NULL: only if that is still its value. */
bool wtfcb_cache_memory_remove(wtfcb_cache_memory *memory, wtfcb_base_hash128 hash, const void *key, size_t key_length,
                               const wtfcb_value *only);

/* Forget every value of which `unwanted` says so, under a shard's lock: it must not call the tier. Returns their number. */
uint64_t wtfcb_cache_memory_remove_if(wtfcb_cache_memory *memory,
                                      bool (*unwanted)(void *user, const wtfcb_value *value), void *user);

void wtfcb_cache_memory_clear(wtfcb_cache_memory *memory);

void wtfcb_cache_memory_get_stats(wtfcb_cache_memory *memory, wtfcb_cache_memory_stats *ret_stats);

#endif
