/*
 * Values and edges in the store: what their keys are, how a record becomes a value, how a value goes.
 *
 * A record that the store vouches for can still be no value (another library wrote it): it is checked once, here, and
 * what fails is removed.
 */
#include <string.h>

#include "cache/cache.h"

wtfcb_cache_key wtfcb_cache_edge_key(wtfcb_base_hash128 path, wtfcb_base_hash128 value)
{
    wtfcb_cache_key key = wtfcb_cache_key_of(WTFCB_CACHE_EDGES, path);
    memcpy(key.bytes + key.length, value.bytes, sizeof value.bytes);
    key.length = (uint8_t)(key.length + sizeof value.bytes);
    return key;
}

bool wtfcb_cache_payload_manifest(const void *payload, size_t length, const char **ret_manifest, size_t *ret_length)
{
    wtfcb_cache_value_head head;
    if (length < sizeof head) return false;
    memcpy(&head, payload, sizeof head);
    uint64_t front = (uint64_t)sizeof head + head.key_length + head.manifest_length;
    uint64_t bytes_at = (front + 7) / 8 * 8;
    if (bytes_at > length || length - bytes_at != head.length) return false;
    *ret_manifest = (const char *)payload + sizeof head + head.key_length;
    *ret_length = head.manifest_length;
    return wtfcb_cache_manifest_valid(*ret_manifest, *ret_length);
}

typedef struct loading {
    const wtfcb_allocator *allocator;
    const void *key;
    size_t key_length;
    wtfcb_value *value;
    bool malformed;
} loading;

static wtfcb_status take_value(void *user, const void *payload, size_t length)
{
    loading *l = user;
    const char *manifest;
    size_t manifest_length;
    l->malformed = true;
    if (!wtfcb_cache_payload_manifest(payload, length, &manifest, &manifest_length)) return WTFCB_EFORMAT;
    const char *key = (const char *)payload + sizeof(wtfcb_cache_value_head);
    size_t key_length = (size_t)(manifest - key);
    bool other = l->key && (key_length != l->key_length || memcmp(key, l->key, key_length) != 0);
    wtfcb_status status = other ? WTFCB_ENOTFOUND : wtfcb_cache_value_decode(l->allocator, payload, length, &l->value);
    l->malformed = status == WTFCB_EFORMAT;
    return status;
}

wtfcb_status wtfcb_cache_load(wtfcb_cache *cache, wtfcb_base_hash128 hash, const void *key, size_t key_length,
                              wtfcb_value **ret_value)
{
    wtfcb_cache_store *store = wtfcb_cache_store_of(cache);
    if (!store) return WTFCB_ENOTFOUND;
    loading l = {.allocator = &cache->allocator, .key = key, .key_length = key_length};
    wtfcb_cache_key record = wtfcb_cache_key_of(WTFCB_CACHE_VALUES, hash);
    wtfcb_status status = wtfcb_cache_store_get(store, &record, take_value, &l);
    if (status == WTFCB_OK) {
        *ret_value = l.value;
        return WTFCB_OK;
    }
    if (status == WTFCB_EFORMAT && l.malformed) {
        wtfcb_cache_count(&cache->counters.damaged, 1);
        (void)wtfcb_cache_store_remove(store, &record);
    }
    return status == WTFCB_EFORMAT || status == WTFCB_ENOMEM ? status : WTFCB_ENOTFOUND;
}

/* The record and its edges. */
static wtfcb_status forget_record(wtfcb_cache *cache, wtfcb_base_hash128 hash, const wtfcb_value *value)
{
    wtfcb_cache_store *store = wtfcb_cache_store_of(cache);
    if (!store) return WTFCB_OK;
    wtfcb_cache_key record = wtfcb_cache_key_of(WTFCB_CACHE_VALUES, hash);
    wtfcb_status status = wtfcb_cache_store_remove(store, &record);
    const char *manifest = wtfcb_cache_value_manifest(value);
    wtfcb_cache_manifest_entry entry;
    for (size_t at = 0; wtfcb_cache_manifest_next(manifest, value->head.manifest_length, &at, &entry);) {
        wtfcb_cache_key edge = wtfcb_cache_edge_key(wtfcb_cache_path_hash(entry.path), hash);
        wtfcb_status removed = wtfcb_cache_store_remove(store, &edge);
        if (status == WTFCB_OK) status = removed;
    }
    return status;
}

wtfcb_status wtfcb_cache_forget(wtfcb_cache *cache, wtfcb_base_hash128 hash, const wtfcb_value *value)
{
    wtfcb_cache_stripe *stripe = wtfcb_cache_stripe_of(&cache->stripes, hash);
    wtfcb_cache_change_begin(stripe);
    wtfcb_status status = forget_record(cache, hash, value);
    wtfcb_cache_change_publish(stripe);
    wtfcb_cache_memory *memory = wtfcb_cache_memory_of(cache);
    const char *key = wtfcb_cache_value_key(value);
    if (memory) (void)wtfcb_cache_memory_remove(memory, hash, key, value->head.key_length, NULL);
    wtfcb_cache_change_end(stripe);
    return status;
}
