/*
 * The cache as a whole: how it is doing, written out, emptied, cleaned, checked.
 *
 * A listing of the store may not call it, so what is to be removed is gathered first.
 */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/row.h"
#include "cache/cache.h"

static wtfcb_status answer(wtfcb_cache *cache, wtfcb_status status, wtfcb_error *error, const char *what)
{
    if (status == WTFCB_OK) return status;
    const char *directory = cache && status != WTFCB_EFORK ? wtfcb_cache_directory(cache) : NULL;
    return wtfcb_base_error(error, status, 0, directory, "cannot %s: %s", what, wtfcb_status_message(status));
}

/* The lock is held. */
static uint64_t hits_of_retired(const wtfcb_cache *cache)
{
    uint64_t hits = 0;
    for (size_t i = 0; i < cache->retired_count; i++) {
        wtfcb_cache_memory_stats memory;
        wtfcb_cache_memory_get_stats(cache->retired[i], &memory);
        hits += memory.hits;
    }
    return hits;
}

wtfcb_status wtfcb_cache_get_stats(wtfcb_cache *cache, wtfcb_cache_stats *ret_stats, size_t size)
{
    wtfcb_status status = ret_stats && size > 0 ? wtfcb_cache_usable(cache) : WTFCB_EINVAL;
    if (status != WTFCB_OK) return status;
    wtfcb_cache_memory_stats memory = {.limit = (uint64_t)wtfcb_cache_value_of(cache, WTFCB_CACHE_MEMORY)};
    wtfcb_cache_counters *counters = &cache->counters;
    uint64_t refusals = atomic_load_explicit(&counters->refusals, memory_order_acquire); /* each after its hit */
    (void)pthread_mutex_lock(&cache->lock);
    uint64_t hits = hits_of_retired(cache) - refusals;
    if (wtfcb_cache_memory_of(cache)) wtfcb_cache_memory_get_stats(wtfcb_cache_memory_of(cache), &memory);
    wtfcb_cache_store_stats store = {.limit = (uint64_t)wtfcb_cache_value_of(cache, WTFCB_CACHE_SIZE),
                                     .status = cache->open_status};
    (void)pthread_mutex_unlock(&cache->lock);
    if (wtfcb_cache_store_of(cache)) wtfcb_cache_store_get_stats(wtfcb_cache_store_of(cache), &store);
    wtfcb_cache_stats stats = {
        .hits_memory = hits + memory.hits,
        .hits_persistent = atomic_load_explicit(&counters->hits_persistent, memory_order_relaxed),
        .misses = atomic_load_explicit(&counters->misses, memory_order_relaxed),
        .puts = atomic_load_explicit(&counters->puts, memory_order_relaxed),
        .dropped = store.dropped,
        .evictions_memory = memory.evictions,
        .generations_dropped = store.generations_dropped,
        .expirations = atomic_load_explicit(&counters->expirations, memory_order_relaxed),
        .invalidations = atomic_load_explicit(&counters->invalidations, memory_order_relaxed),
        .damaged = store.damaged + atomic_load_explicit(&counters->damaged, memory_order_relaxed),
        .set_aside = store.set_aside,
        .memory_entries = memory.entries,
        .memory_bytes = memory.bytes,
        .memory_limit = memory.limit,
        .store_entries = store.entries,
        .store_bytes = store.bytes,
        .store_file_bytes = store.file_bytes,
        .store_limit = store.limit,
        .queued = store.queued,
        .queued_bytes = store.queued_bytes,
        .readers = store.readers,
        .status = store.status,
        .write_status = store.write_status,
    };
    wtfcb_base_row_copy(ret_stats, size, &stats, sizeof stats);
    return WTFCB_OK;
}

wtfcb_status wtfcb_cache_sync(wtfcb_cache *cache, uint64_t timeout_ms, wtfcb_error *ret_error)
{
    wtfcb_status status = wtfcb_cache_usable(cache);
    if (status == WTFCB_OK) {
        wtfcb_cache_store *store = wtfcb_cache_store_of(cache);
        status = store ? wtfcb_cache_store_sync(store, timeout_ms) : WTFCB_ENOTFOUND;
    }
    return answer(cache, status, ret_error, "write what is queued");
}

/* What calls that change everything ask first. */
static wtfcb_status writable(const wtfcb_cache *cache)
{
    wtfcb_status status = wtfcb_cache_usable(cache);
    return status == WTFCB_OK && wtfcb_cache_value_of(cache, WTFCB_CACHE_READ_ONLY) ? WTFCB_EREADONLY : status;
}

wtfcb_status wtfcb_cache_clear(wtfcb_cache *cache, wtfcb_error *ret_error)
{
    wtfcb_status status = writable(cache);
    if (status == WTFCB_OK) {
        wtfcb_cache_store *store = wtfcb_cache_store_of(cache);
        if (store) status = wtfcb_cache_store_clear(store);
        wtfcb_cache_change_all(&cache->stripes);
        if (wtfcb_cache_memory_of(cache)) wtfcb_cache_memory_clear(wtfcb_cache_memory_of(cache));
        wtfcb_cache_notes_clear(&cache->notes);
    }
    return answer(cache, status, ret_error, "clear the cache");
}

/* ------------------------------------------------------------------------------------------- a walk through the store */

typedef struct inspection {
    wtfcb_cache *cache;
    uint64_t now_ms;
    wtfcb_cache_report report;
    wtfcb_cache_key *removals;
    size_t removal_count;
    size_t removal_capacity;
    uint64_t expired_values; /* of them */
    bool (*unwanted)(struct inspection *inspection, const wtfcb_cache_key *key, const void *payload, size_t length);
} inspection;

static bool schedule_removal(inspection *i, const wtfcb_cache_key *key)
{
    if (!wtfcb_base_reserve(&i->cache->allocator, (void **)&i->removals, &i->removal_capacity, i->removal_count + 1,
                            sizeof *i->removals))
        return false;
    i->removals[i->removal_count++] = *key;
    return true;
}

static wtfcb_status inspect(void *user, const wtfcb_cache_key *key, const void *payload, size_t length)
{
    inspection *i = user;
    return i->unwanted(i, key, payload, length) && !schedule_removal(i, key) ? WTFCB_ENOMEM : WTFCB_OK;
}

/* List what begins with `prefix` and remove what is unwanted. */
static wtfcb_status run(inspection *i, const char *prefix, size_t length)
{
    wtfcb_cache_store *store = wtfcb_cache_store_of(i->cache);
    i->now_ms = wtfcb_cache_clock();
    wtfcb_status status = wtfcb_cache_store_list(store, prefix, length, inspect, i);
    if (!wtfcb_cache_value_of(i->cache, WTFCB_CACHE_READ_ONLY))
        for (size_t r = 0; r < i->removal_count && status == WTFCB_OK; r++)
            status = wtfcb_cache_store_remove(store, &i->removals[r]);
    wtfcb_base_free(&i->cache->allocator, i->removals, i->removal_capacity * sizeof *i->removals);
    return status;
}

/* ------------------------------------------------------------------------------------------------------------- purge */

/* An expired value in the store. Memory forgets it here too, so that it is counted once. */
static bool is_expired(inspection *i, const wtfcb_cache_key *key, const void *payload, size_t length)
{
    wtfcb_cache_value_head head;
    if (!payload || length < sizeof head) return false; /* verify's affair */
    memcpy(&head, payload, sizeof head);
    if (!wtfcb_cache_expired(&head, i->now_ms) || head.key_length > length - sizeof head) return false;
    i->expired_values++;
    wtfcb_cache_memory *memory = wtfcb_cache_memory_of(i->cache);
    const char *user_key = (const char *)payload + sizeof head;
    wtfcb_value *value = NULL;
    wtfcb_base_hash128 hash;
    memcpy(hash.bytes, key->bytes + 1, sizeof hash.bytes);
    if (memory) value = wtfcb_cache_memory_get(memory, hash, user_key, head.key_length, 0);
    if (value && wtfcb_cache_expired(&value->head, i->now_ms))
        (void)wtfcb_cache_memory_remove(memory, hash, user_key, head.key_length, value);
    wtfcb_value_free(value);
    return true;
}

static bool is_expired_in_memory(void *user, const wtfcb_value *value)
{
    return wtfcb_cache_expired(&value->head, *(const uint64_t *)user);
}

static wtfcb_status purge(wtfcb_cache *cache, uint64_t *ret_count)
{
    wtfcb_status status = WTFCB_OK;
    inspection i = {.cache = cache, .unwanted = is_expired};
    const char values[] = {WTFCB_CACHE_VALUES};
    if (wtfcb_cache_store_of(cache)) status = run(&i, values, sizeof values);
    uint64_t count = i.expired_values;
    uint64_t now_ms = wtfcb_cache_clock();
    wtfcb_cache_memory *memory = wtfcb_cache_memory_of(cache);
    if (memory) count += wtfcb_cache_memory_remove_if(memory, is_expired_in_memory, &now_ms);
    wtfcb_cache_count(&cache->counters.expirations, count);
    if (status == WTFCB_OK && ret_count) *ret_count = count;
    return status;
}

wtfcb_status wtfcb_cache_purge(wtfcb_cache *cache, uint64_t *ret_count, wtfcb_error *ret_error)
{
    wtfcb_status status = writable(cache);
    if (status == WTFCB_OK) status = purge(cache, ret_count);
    return answer(cache, status, ret_error, "purge the cache");
}

/* ------------------------------------------------------------------------------------------------------------ verify */

/* Whether a value's payload is what this library writes. Records of other spaces are checked by those who read them. */
static bool is_sound(const wtfcb_cache_key *key, const void *payload, size_t length)
{
    const char *manifest;
    size_t manifest_length;
    if (key->bytes[0] != WTFCB_CACHE_VALUES) return true;
    if (!wtfcb_cache_payload_manifest(payload, length, &manifest, &manifest_length)) return false;
    const char *user_key = (const char *)payload + sizeof(wtfcb_cache_value_head);
    wtfcb_cache_key other =
        wtfcb_cache_key_of(WTFCB_CACHE_VALUES, wtfcb_base_hash(user_key, (size_t)(manifest - user_key)));
    return key->length == other.length && memcmp(key->bytes, other.bytes, other.length) == 0;
}

static bool is_damaged(inspection *i, const wtfcb_cache_key *key, const void *payload, size_t length)
{
    i->report.records++;
    i->report.bytes += length;
    if (!payload || !is_sound(key, payload, length)) {
        i->report.damaged++;
        return true;
    }
    if (key->bytes[0] == WTFCB_CACHE_VALUES) {
        wtfcb_cache_value_head head;
        memcpy(&head, payload, sizeof head);
        i->report.expired += wtfcb_cache_expired(&head, i->now_ms);
    }
    return false;
}

wtfcb_status wtfcb_cache_verify(wtfcb_cache *cache, wtfcb_cache_report *ret_report, size_t size, wtfcb_error *ret_error)
{
    wtfcb_status status = ret_report && size > 0 ? wtfcb_cache_usable(cache) : WTFCB_EINVAL;
    if (status == WTFCB_OK && !wtfcb_cache_store_of(cache)) status = WTFCB_ENOTFOUND;
    if (status == WTFCB_OK) {
        inspection i = {.cache = cache, .unwanted = is_damaged};
        status = run(&i, "", 0);
        if (status == WTFCB_OK) wtfcb_base_row_copy(ret_report, size, &i.report, sizeof i.report);
    }
    return answer(cache, status, ret_error, "verify the cache");
}
