/*
 * A put: the files are looked at, the value is made, the store has it when its writer comes to it and memory at once.
 *
 * After a put no older value of the key is given out: where the new one finds no room, the old one is removed.
 */
#include <string.h>

#include <wtfcb/zone.h>

#include "base/row.h"
#include "cache/cache.h"

static bool dependency_valid(const wtfcb_dependency *dependency)
{
    return dependency->path && dependency->path[0] != '\0' && dependency->kind >= WTFCB_DEPENDS_CONTENT &&
           dependency->kind <= WTFCB_DEPENDS_ABSENCE && dependency->reserved == 0;
}

/* The caller's options as far as both sides know them. */
static wtfcb_status copy_options(const wtfcb_put *given, wtfcb_put *ret_options)
{
    *ret_options = (wtfcb_put)WTFCB_PUT_INIT;
    if (!given) return WTFCB_OK;
    if (given->size < offsetof(wtfcb_put, ttl_ms)) return WTFCB_EINVAL;
    wtfcb_base_row_copy(ret_options, sizeof *ret_options, given,
                        given->size < sizeof *given ? given->size : sizeof *given);
    if (ret_options->reserved != 0 || (ret_options->source && ret_options->source[0] == '\0')) return WTFCB_EINVAL;
    if (ret_options->dependency_count > 0 && !ret_options->dependencies) return WTFCB_EINVAL;
    for (uint64_t i = 0; i < ret_options->dependency_count; i++)
        if (!dependency_valid(&ret_options->dependencies[i])) return WTFCB_EINVAL;
    return WTFCB_OK;
}

/* The moment at which a value that is put now is over its time; 0: never. */
static uint64_t expiry_of(const wtfcb_cache *cache, uint64_t ttl_ms, uint64_t now_ms)
{
    uint64_t expires_ms;
    if (ttl_ms == 0) ttl_ms = (uint64_t)wtfcb_cache_value_of(cache, WTFCB_CACHE_TTL);
    if (ttl_ms == 0) return 0;
    return __builtin_add_overflow(now_ms, ttl_ms, &expires_ms) ? UINT64_MAX : expires_ms;
}

static wtfcb_status make_value(wtfcb_cache *cache, wtfcb_cache_value_parts *parts, const wtfcb_put *options,
                               wtfcb_value **ret_value)
{
    wtfcb_base_buffer manifest;
    wtfcb_base_buffer_init(&manifest, &cache->allocator);
    wtfcb_status status =
        wtfcb_cache_manifest_make(options->source, options->dependencies, options->dependency_count, &manifest);
    if (status == WTFCB_OK) {
        parts->manifest = manifest.data;
        parts->manifest_length = manifest.length;
        parts->created_ms = wtfcb_cache_clock();
        parts->expires_ms = expiry_of(cache, options->ttl_ms, parts->created_ms);
        status = wtfcb_cache_value_make(&cache->allocator, parts, ret_value);
    }
    wtfcb_base_buffer_free(&manifest);
    return status;
}

/* Edges first: what is found without them could not be invalidated. */
static wtfcb_status put_record(wtfcb_cache_store *store, wtfcb_base_hash128 hash, const wtfcb_value *value)
{
    const char *manifest = wtfcb_cache_value_manifest(value);
    wtfcb_cache_manifest_entry entry;
    for (size_t at = 0; wtfcb_cache_manifest_next(manifest, value->head.manifest_length, &at, &entry);) {
        wtfcb_cache_key edge = wtfcb_cache_edge_key(wtfcb_cache_path_hash(entry.path), hash);
        wtfcb_status status = wtfcb_cache_store_put(store, &edge, "", 0);
        if (status != WTFCB_OK) return status;
    }
    wtfcb_cache_key record = wtfcb_cache_key_of(WTFCB_CACHE_VALUES, hash);
    return wtfcb_cache_store_put(store, &record, wtfcb_cache_value_payload(value), value->payload_length);
}

static void put_persistent(wtfcb_cache *cache, wtfcb_base_hash128 hash, const wtfcb_value *value)
{
    wtfcb_cache_store *store = wtfcb_cache_store_of(cache);
    if (store && put_record(store, hash, value) == WTFCB_OK) return;
    if (value->head.manifest_length > 0) atomic_store_explicit(&cache->unstored, true, memory_order_relaxed);
    if (!store) return;
    wtfcb_cache_key record = wtfcb_cache_key_of(WTFCB_CACHE_VALUES, hash);
    (void)wtfcb_cache_store_remove(store, &record);
}

wtfcb_status wtfcb_cache_put(wtfcb_cache *cache, const void *key, size_t key_length, const void *value, size_t length,
                             const wtfcb_put *options)
{
    WTFCB_ZONE("cache put");
    wtfcb_put own;
    wtfcb_status status = !value && length > 0 ? WTFCB_EINVAL : wtfcb_cache_usable_key(cache, key, key_length);
    if (status == WTFCB_OK) status = copy_options(options, &own);
    if (status != WTFCB_OK) return status;
    if (wtfcb_cache_value_of(cache, WTFCB_CACHE_READ_ONLY)) return WTFCB_EREADONLY;
    if (length > WTFCB_CACHE_LONGEST_VALUE) return WTFCB_ELIMIT;
    wtfcb_cache_memory *memory;
    wtfcb_value *made;
    wtfcb_cache_value_parts parts = {.key = key, .key_length = key_length, .bytes = value, .length = length};
    status = wtfcb_cache_need_memory(cache, &memory);
    if (status == WTFCB_OK) status = make_value(cache, &parts, &own, &made);
    if (status != WTFCB_OK) return status;
    wtfcb_base_hash128 hash = wtfcb_base_hash(key, key_length);
    wtfcb_cache_stripe *stripe = wtfcb_cache_stripe_of(&cache->stripes, hash);
    wtfcb_cache_change_begin(stripe);
    put_persistent(cache, hash, made);
    wtfcb_cache_change_publish(stripe);
    if (memory && !wtfcb_cache_memory_put(memory, hash, made))
        (void)wtfcb_cache_memory_remove(memory, hash, key, key_length, NULL);
    wtfcb_cache_change_end(stripe);
    wtfcb_cache_notes_remove(&cache->notes, hash);
    wtfcb_cache_count(&cache->counters.puts, 1);
    wtfcb_value_free(made);
    return WTFCB_OK;
}

wtfcb_status wtfcb_cache_remove(wtfcb_cache *cache, const void *key, size_t key_length)
{
    wtfcb_status status = wtfcb_cache_usable_key(cache, key, key_length);
    if (status != WTFCB_OK) return status;
    if (wtfcb_cache_value_of(cache, WTFCB_CACHE_READ_ONLY)) return WTFCB_EREADONLY;
    wtfcb_base_hash128 hash = wtfcb_base_hash(key, key_length);
    wtfcb_cache_key record = wtfcb_cache_key_of(WTFCB_CACHE_VALUES, hash);
    wtfcb_cache_stripe *stripe = wtfcb_cache_stripe_of(&cache->stripes, hash);
    wtfcb_cache_change_begin(stripe);
    wtfcb_cache_store *store = wtfcb_cache_store_of(cache);
    if (store) status = wtfcb_cache_store_remove(store, &record);
    wtfcb_cache_change_publish(stripe);
    wtfcb_cache_memory *memory = wtfcb_cache_memory_of(cache);
    if (memory) (void)wtfcb_cache_memory_remove(memory, hash, key, key_length, NULL);
    wtfcb_cache_change_end(stripe);
    wtfcb_cache_notes_remove(&cache->notes, hash);
    return status;
}
