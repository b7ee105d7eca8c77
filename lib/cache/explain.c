/* Why a get would miss: the search of get.c without what it changes. */
#include "base/row.h"
#include "cache/cache.h"

const char *wtfcb_miss_name(uint32_t reason)
{
    static const char *const names[] = {
        [WTFCB_MISS_NONE] = "none",
        [WTFCB_MISS_NEVER_SEEN] = "never seen",
        [WTFCB_MISS_CHANGED] = "content changed",
        [WTFCB_MISS_VERSION] = "made by another version",
        [WTFCB_MISS_EXPIRED] = "expired",
        [WTFCB_MISS_EVICTED] = "evicted",
        [WTFCB_MISS_DAMAGED] = "record damaged",
        [WTFCB_MISS_UNTRUSTED] = "file not trusted",
    };
    return reason < sizeof names / sizeof *names ? names[reason] : "unknown";
}

/* Judge a value, whose hold is taken over. */
static wtfcb_status explain_value(const wtfcb_cache *cache, wtfcb_value *value, wtfcb_miss *ret_miss)
{
    wtfcb_cache_verdict verdict;
    wtfcb_status status = wtfcb_cache_judge(cache, value, &verdict);
    if (status == WTFCB_OK) *ret_miss = wtfcb_cache_miss_of(verdict.reason, verdict.path);
    wtfcb_cache_verdict_free(&verdict);
    wtfcb_value_free(value);
    return status;
}

/* There is no value: what is known of an earlier one. */
static void explain_absence(wtfcb_cache *cache, wtfcb_base_hash128 hash, wtfcb_miss *ret_miss)
{
    wtfcb_cache_store *store = wtfcb_cache_store_of(cache);
    wtfcb_cache_key record = wtfcb_cache_key_of(WTFCB_CACHE_VALUES, hash);
    if (wtfcb_cache_notes_find(&cache->notes, hash, ret_miss)) return;
    bool evicted = store && wtfcb_cache_store_evicted(store, &record);
    *ret_miss = wtfcb_cache_miss_of(evicted ? WTFCB_MISS_EVICTED : WTFCB_MISS_NEVER_SEEN, "");
}

static wtfcb_status explain(wtfcb_cache *cache, const void *key, size_t key_length, wtfcb_miss *ret_miss)
{
    wtfcb_base_hash128 hash = wtfcb_base_hash(key, key_length);
    wtfcb_cache_memory *memory = wtfcb_cache_memory_of(cache);
    wtfcb_value *value = memory ? wtfcb_cache_memory_get(memory, hash, key, key_length, 0) : NULL;
    bool in_memory = value != NULL;
    if (in_memory) {
        wtfcb_status status = explain_value(cache, value, ret_miss);
        if (status != WTFCB_OK || ret_miss->reason == WTFCB_MISS_NONE) return status;
    }
    wtfcb_status status = wtfcb_cache_load(cache, hash, key, key_length, &value);
    if (status == WTFCB_OK) return explain_value(cache, value, ret_miss);
    if (status == WTFCB_EFORMAT)
        *ret_miss = wtfcb_cache_miss_of(WTFCB_MISS_DAMAGED, "");
    else if (status == WTFCB_ENOTFOUND && !in_memory)
        explain_absence(cache, hash, ret_miss);
    return status == WTFCB_ENOMEM ? status : WTFCB_OK;
}

wtfcb_status wtfcb_cache_explain(wtfcb_cache *cache, const void *key, size_t key_length, wtfcb_miss *ret_miss,
                                 size_t size)
{
    wtfcb_miss miss;
    wtfcb_status status = ret_miss && size > 0 ? wtfcb_cache_usable_key(cache, key, key_length) : WTFCB_EINVAL;
    if (status == WTFCB_OK) status = explain(cache, key, key_length, &miss);
    if (status == WTFCB_OK) wtfcb_base_row_copy(ret_miss, size, &miss, sizeof miss);
    return status;
}
