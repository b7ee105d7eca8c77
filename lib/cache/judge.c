/*
 * May a value be given out? Its time, then the files that it depends on.
 *
 * A value without a time to live and without a manifest is judged without a system call.
 */
#include "cache/cache.h"

enum { CLOCK_TOLERANCE_MS = 60 * 1000 };

bool wtfcb_cache_expired(const wtfcb_cache_value_head *head, uint64_t now_ms)
{
    if (head->expires_ms == 0) return false;
    return head->expires_ms <= now_ms || (head->created_ms > now_ms && head->created_ms - now_ms > CLOCK_TOLERANCE_MS);
}

wtfcb_status wtfcb_cache_judge(const wtfcb_cache *cache, const wtfcb_value *value, wtfcb_cache_verdict *ret_verdict)
{
    const wtfcb_cache_value_head *head = &value->head;
    ret_verdict->reason = WTFCB_MISS_NONE;
    ret_verdict->path = "";
    wtfcb_base_buffer_init(&ret_verdict->refreshed, &cache->allocator);
    if (head->expires_ms != 0 && wtfcb_cache_expired(head, wtfcb_cache_clock())) {
        ret_verdict->reason = WTFCB_MISS_EXPIRED;
        return WTFCB_OK;
    }
    if (head->manifest_length == 0) return WTFCB_OK;
    wtfcb_base_buffer scratch;
    wtfcb_base_buffer_init(&scratch, &cache->allocator);
    wtfcb_cache_manifest_check check = {
        .always = wtfcb_cache_value_of(cache, WTFCB_CACHE_ALWAYS_VERIFY) != 0,
        .scratch = &scratch,
        .refreshed = &ret_verdict->refreshed,
    };
    wtfcb_status status = wtfcb_cache_manifest_holds(wtfcb_cache_value_manifest(value), head->manifest_length, &check);
    wtfcb_base_buffer_free(&scratch);
    if (status == WTFCB_OK) return WTFCB_OK;
    if (status == WTFCB_ENOMEM) return status;
    ret_verdict->reason = status == WTFCB_ECHANGED ? WTFCB_MISS_CHANGED : WTFCB_MISS_UNTRUSTED;
    ret_verdict->path = check.changed;
    return WTFCB_OK;
}
