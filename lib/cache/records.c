/* The library's own records; see records.h. */
#include "cache/records.h"

#include "cache/cache.h"
#include "cache/memory.h"

/* The hash of the whole struct: a user's key of the same bytes has another one. */
static wtfcb_base_hash128 hash_of(const wtfcb_cache_key *key)
{
    return wtfcb_base_hash(key, sizeof *key);
}

wtfcb_status wtfcb_cache_record_get(wtfcb_cache *cache, const wtfcb_cache_key *key, wtfcb_cache_take_fn take,
                                    void *user)
{
    wtfcb_cache_store *store = wtfcb_cache_store_of(cache);
    if (store) return wtfcb_cache_store_get(store, key, take, user);
    wtfcb_base_hash128 hash = hash_of(key);
    wtfcb_cache_memory *memory = wtfcb_cache_memory_of(cache);
    wtfcb_value *value = memory ? wtfcb_cache_memory_get(memory, hash, key->bytes, key->length, 0) : NULL;
    if (!value) return WTFCB_ENOTFOUND;
    wtfcb_status status = take(user, wtfcb_value_bytes(value), wtfcb_value_size(value));
    wtfcb_value_free(value);
    return status;
}

wtfcb_status wtfcb_cache_record_put(wtfcb_cache *cache, const wtfcb_cache_key *key, const void *payload, size_t length)
{
    wtfcb_cache_store *store = wtfcb_cache_store_of(cache);
    if (store) return wtfcb_cache_store_put(store, key, payload, length);
    wtfcb_cache_memory *memory = NULL;
    wtfcb_status status = wtfcb_cache_need_memory(cache, &memory);
    if (status != WTFCB_OK || !memory) return status;
    wtfcb_value *value = NULL;
    wtfcb_cache_value_parts parts = {.key = key->bytes, .key_length = key->length, .bytes = payload, .length = length};
    status = wtfcb_cache_value_make(&cache->allocator, &parts, &value);
    if (status != WTFCB_OK) return status;
    wtfcb_base_hash128 hash = hash_of(key);
    (void)wtfcb_cache_memory_put(memory, hash, value);
    wtfcb_value_free(value);
    return WTFCB_OK;
}

bool wtfcb_cache_is_named(const wtfcb_cache *cache)
{
    return cache->named;
}
