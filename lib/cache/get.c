/*
 * A get: memory, then the store; what is found is judged, and what fails is removed.
 *
 * A value in memory that is too old does not end the search: another process may have put a newer one into the store. A value from
 * the store is kept in memory, and its edges are looked at, which carries them into the younger generation along with it.
 */
#include <string.h>

#include <wtfcb/zone.h>

#include "cache/cache.h"

/* What a get works on. */
typedef struct request {
    wtfcb_cache *cache;
    const void *key;
    size_t key_length;
    wtfcb_base_hash128 hash;
    wtfcb_cache_stripe *stripe;
    unsigned turn; /* of the stripe, when the get began */
} request;

/* `record` too: in the store as well. What somebody has changed meanwhile is left alone. */
static void keep(const request *r, wtfcb_value *value, bool record)
{
    wtfcb_cache_memory *memory = NULL;
    wtfcb_cache_store *store = wtfcb_cache_store_of(r->cache);
    wtfcb_cache_key key = wtfcb_cache_key_of(WTFCB_CACHE_VALUES, r->hash);
    (void)wtfcb_cache_need_memory(r->cache, &memory);
    if (wtfcb_cache_value_of(r->cache, WTFCB_CACHE_READ_ONLY)) store = NULL;
    if (!(memory || (record && store)) || !wtfcb_cache_tend_begin(r->stripe, r->turn)) return;
    if (memory) (void)wtfcb_cache_memory_put(memory, r->hash, value);
    if (record && store)
        (void)wtfcb_cache_store_put(store, &key, wtfcb_cache_value_payload(value), value->payload_length);
    wtfcb_cache_tend_end(r->stripe);
}

/* Files had to be read to find that nothing has changed: the next get shall not have to. Without memory it will. */
static wtfcb_value *replace_manifest(const request *r, wtfcb_value *value, const wtfcb_base_buffer *manifest)
{
    wtfcb_value *fresh;
    wtfcb_cache_value_parts parts = {
        .key = r->key,
        .key_length = r->key_length,
        .manifest = manifest->data,
        .manifest_length = manifest->length,
        .bytes = wtfcb_value_bytes(value),
        .length = wtfcb_value_size(value),
        .created_ms = value->head.created_ms,
        .expires_ms = value->head.expires_ms,
    };
    if (manifest->failed || wtfcb_cache_value_make(&r->cache->allocator, &parts, &fresh) != WTFCB_OK) return value;
    wtfcb_value_free(value);
    keep(r, fresh, true);
    return fresh;
}

static wtfcb_status take_nothing(void *user, const void *payload, size_t length)
{
    (void)user;
    (void)payload;
    (void)length;
    return WTFCB_OK;
}

/* An edge whose generation was dropped is put again. */
static void touch_edges(const request *r, const wtfcb_value *value)
{
    wtfcb_cache_store *store = wtfcb_cache_store_of(r->cache);
    wtfcb_cache_manifest_entry entry;
    if (wtfcb_cache_value_of(r->cache, WTFCB_CACHE_READ_ONLY)) return;
    const char *manifest = wtfcb_cache_value_manifest(value);
    for (size_t at = 0; wtfcb_cache_manifest_next(manifest, value->head.manifest_length, &at, &entry);) {
        wtfcb_cache_key edge = wtfcb_cache_edge_key(wtfcb_cache_path_hash(entry.path), r->hash);
        if (wtfcb_cache_store_get(store, &edge, take_nothing, NULL) == WTFCB_ENOTFOUND)
            (void)wtfcb_cache_store_put(store, &edge, "", 0);
    }
}

static void count_removal(const request *r, const wtfcb_cache_verdict *verdict)
{
    wtfcb_cache_counters *counters = &r->cache->counters;
    bool expired = verdict->reason == WTFCB_MISS_EXPIRED;
    wtfcb_cache_count(expired ? &counters->expirations : &counters->invalidations, 1);
    wtfcb_cache_notes_add(&r->cache->notes, r->hash, verdict->reason, verdict->path);
}

/* Whether two values were made at one moment from one state of the files: a judge would say the same of both. */
static bool is_alike(const wtfcb_value *a, const wtfcb_value *b)
{
    return a->head.created_ms == b->head.created_ms && a->head.expires_ms == b->head.expires_ms &&
           a->head.manifest_length == b->head.manifest_length &&
           memcmp(wtfcb_cache_value_manifest(a), wtfcb_cache_value_manifest(b), a->head.manifest_length) == 0;
}

/* `*value` is replaced when its manifest is. WTFCB_OK; WTFCB_ENOTFOUND: too old, and counted; WTFCB_ENOMEM. */
static wtfcb_status admit(const request *r, wtfcb_value **value)
{
    wtfcb_cache_verdict verdict;
    wtfcb_status status = wtfcb_cache_judge(r->cache, *value, &verdict);
    if (status == WTFCB_OK && verdict.reason != WTFCB_MISS_NONE) {
        count_removal(r, &verdict);
        status = WTFCB_ENOTFOUND;
    }
    if (status == WTFCB_OK && verdict.refreshed.length > 0) *value = replace_manifest(r, *value, &verdict.refreshed);
    wtfcb_cache_verdict_free(&verdict);
    return status;
}

/* A value from memory that may be too old. The tier has counted it as a hit. `*ret_old` is one that was too old, held. */
static wtfcb_status judge_from_memory(const request *r, wtfcb_value *value, wtfcb_value **ret_value,
                                      wtfcb_value **ret_old)
{
    wtfcb_status status = admit(r, &value);
    if (status == WTFCB_OK) {
        *ret_value = value;
        return WTFCB_OK;
    }
    atomic_fetch_add_explicit(&r->cache->counters.refusals, 1, memory_order_release);
    if (status == WTFCB_ENOTFOUND) {
        wtfcb_cache_memory *memory = wtfcb_cache_memory_of(r->cache);
        if (memory) (void)wtfcb_cache_memory_remove(memory, r->hash, r->key, r->key_length, value);
        *ret_old = value;
    } else {
        wtfcb_value_free(value);
    }
    return status;
}

static void remove_record(const request *r)
{
    wtfcb_cache_key record = wtfcb_cache_key_of(WTFCB_CACHE_VALUES, r->hash);
    if (wtfcb_cache_value_of(r->cache, WTFCB_CACHE_READ_ONLY) || !wtfcb_cache_tend_begin(r->stripe, r->turn)) return;
    (void)wtfcb_cache_store_remove(wtfcb_cache_store_of(r->cache), &record);
    wtfcb_cache_tend_end(r->stripe);
}

static wtfcb_status get_from_store(const request *r, const wtfcb_value *old, wtfcb_value **ret_value)
{
    wtfcb_value *value;
    wtfcb_status status = wtfcb_cache_load(r->cache, r->hash, r->key, r->key_length, &value);
    if (status == WTFCB_EFORMAT) {
        wtfcb_cache_notes_add(&r->cache->notes, r->hash, WTFCB_MISS_DAMAGED, "");
        return WTFCB_ENOTFOUND;
    }
    if (status != WTFCB_OK) return status;
    status = old && is_alike(old, value) ? WTFCB_ENOTFOUND : admit(r, &value);
    if (status == WTFCB_OK) {
        keep(r, value, false);
        touch_edges(r, value);
        *ret_value = value;
        return WTFCB_OK;
    }
    if (status == WTFCB_ENOTFOUND) remove_record(r);
    wtfcb_value_free(value);
    return status;
}

wtfcb_status wtfcb_cache_get(wtfcb_cache *cache, const void *key, size_t key_length, wtfcb_value **ret_value)
{
    WTFCB_ZONE("cache get");
    wtfcb_status status = ret_value ? wtfcb_cache_usable_key(cache, key, key_length) : WTFCB_EINVAL;
    if (status != WTFCB_OK) return status;
    request r = {.cache = cache, .key = key, .key_length = key_length, .hash = wtfcb_base_hash(key, key_length)};
    r.stripe = wtfcb_cache_stripe_of(&cache->stripes, r.hash);
    r.turn = wtfcb_cache_turn(r.stripe);
    wtfcb_cache_memory *memory = wtfcb_cache_memory_of(cache);
    wtfcb_value *value = memory ? wtfcb_cache_memory_get(memory, r.hash, key, key_length, 1) : NULL;
    if (value && !wtfcb_cache_needs_judge(value)) {
        *ret_value = value;
        return WTFCB_OK;
    }
    wtfcb_value *old = NULL;
    if (value) status = judge_from_memory(&r, value, ret_value, &old);
    if (value && status != WTFCB_ENOTFOUND) return status;
    status = get_from_store(&r, old, ret_value);
    wtfcb_value_free(old);
    if (status == WTFCB_OK) wtfcb_cache_count(&cache->counters.hits_persistent, 1);
    if (status == WTFCB_ENOTFOUND) wtfcb_cache_count(&cache->counters.misses, 1);
    return status;
}
