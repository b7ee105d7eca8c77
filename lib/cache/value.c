/*
 * One block for a value: counter, head, key, manifest, bytes; see value.h.
 *
 * The counter is taken without order, because who takes a hold has one already (or the lock of a tier that has one), and dropped
 * with acquire and release, so that the last one frees a block that nobody reads any more.
 */
#include "cache/value.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

/* Heads are read in place from what the store holds. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "heads are little-endian");
_Static_assert(sizeof(wtfcb_cache_value_head) == 32, "no padding in what is stored");
_Static_assert(offsetof(struct wtfcb_value, head) % 8 == 0, "bytes are aligned to 8");

/* What follows from the lengths of a head. False: a part is longer than it may be. */
static bool measure(const wtfcb_cache_value_head *head, uint32_t *ret_bytes_at, uint64_t *ret_payload_length)
{
    uint64_t front = (uint64_t)sizeof *head + head->key_length + head->manifest_length;
    uint64_t bytes_at = (front + 7) / 8 * 8;
    if (bytes_at > UINT32_MAX || head->length > WTFCB_CACHE_LONGEST_VALUE) return false;
    uint64_t payload_length = bytes_at + head->length;
    if (payload_length > SIZE_MAX - offsetof(struct wtfcb_value, head)) return false;
    *ret_bytes_at = (uint32_t)bytes_at;
    *ret_payload_length = payload_length;
    return true;
}

/* A block with one hold; the payload is the caller's to fill. */
static wtfcb_value *allocate(const wtfcb_allocator *allocator, uint32_t bytes_at, size_t payload_length)
{
    wtfcb_value *value = wtfcb_base_alloc(allocator, offsetof(struct wtfcb_value, head) + payload_length);
    if (!value) return NULL;
    value->allocator = *allocator;
    value->payload_length = payload_length;
    value->bytes_at = bytes_at;
    atomic_init(&value->holds, 1);
    return value;
}

/* As memcpy(3), which may not be given NULL; returns what follows. */
static char *append(char *at, const void *bytes, size_t length)
{
    if (length) memcpy(at, bytes, length);
    return at + length;
}

wtfcb_status wtfcb_cache_value_make(const wtfcb_allocator *allocator, const wtfcb_cache_value_parts *parts,
                                    wtfcb_value **ret_value)
{
    if (parts->key_length > UINT32_MAX || parts->manifest_length > UINT32_MAX) return WTFCB_ELIMIT;
    wtfcb_cache_value_head head = {
        .length = parts->length,
        .created_ms = parts->created_ms,
        .expires_ms = parts->expires_ms,
        .key_length = (uint32_t)parts->key_length,
        .manifest_length = (uint32_t)parts->manifest_length,
    };
    uint32_t bytes_at;
    uint64_t payload_length;
    if (!measure(&head, &bytes_at, &payload_length)) return WTFCB_ELIMIT;
    wtfcb_value *value = allocate(allocator, bytes_at, (size_t)payload_length);
    if (!value) return WTFCB_ENOMEM;
    value->head = head;
    char *at = append((char *)(&value->head + 1), parts->key, parts->key_length);
    at = append(at, parts->manifest, parts->manifest_length);
    char *bytes = (char *)&value->head + bytes_at;
    memset(at, 0, (size_t)(bytes - at)); /* equal values are equal payloads */
    (void)append(bytes, parts->bytes, parts->length);
    *ret_value = value;
    return WTFCB_OK;
}

wtfcb_status wtfcb_cache_value_decode(const wtfcb_allocator *allocator, const void *payload, size_t length,
                                      wtfcb_value **ret_value)
{
    wtfcb_cache_value_head head;
    if (length < sizeof head) return WTFCB_EFORMAT;
    memcpy(&head, payload, sizeof head); /* it may lie anywhere */
    uint32_t bytes_at;
    uint64_t payload_length;
    if (!measure(&head, &bytes_at, &payload_length) || payload_length != length) return WTFCB_EFORMAT;
    wtfcb_value *value = allocate(allocator, bytes_at, length);
    if (!value) return WTFCB_ENOMEM;
    memcpy(&value->head, payload, length);
    *ret_value = value;
    return WTFCB_OK;
}

const void *wtfcb_value_bytes(const wtfcb_value *value)
{
    return (const char *)&value->head + value->bytes_at;
}

size_t wtfcb_value_size(const wtfcb_value *value)
{
    return (size_t)value->head.length;
}

wtfcb_value *wtfcb_value_ref(wtfcb_value *value)
{
    if (!value) return NULL;
    unsigned before = atomic_fetch_add_explicit(&value->holds, 1, memory_order_relaxed);
    assert(before > 0 && before < UINT32_MAX);
    (void)before;
    return value;
}

void wtfcb_value_free(wtfcb_value *value)
{
    if (!value) return;
    unsigned before = atomic_fetch_sub_explicit(&value->holds, 1, memory_order_acq_rel);
    assert(before > 0);
    if (before > 1) return;
    wtfcb_allocator allocator = value->allocator;
    wtfcb_base_free(&allocator, value, offsetof(struct wtfcb_value, head) + value->payload_length);
}
