/*
 * A user's value as one immutable block that both tiers share: in memory behind a counter, in the store as its payload.
 *
 *     head         struct wtfcb_cache_value_head, little-endian
 *     key          the user's bytes
 *     manifest     the files it depends on (manifest.h)
 *     padding      to a multiple of 8
 *     bytes        the value
 *
 * A payload that comes from the store is checked once, in wtfcb_cache_value_decode(); after that its numbers hold.
 */
#ifndef WTFCB_CACHE_VALUE_H
#define WTFCB_CACHE_VALUE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/cache.h>

typedef struct wtfcb_cache_value_head {
    uint64_t length;     /* of the bytes */
    uint64_t created_ms; /* of CLOCK_REALTIME */
    uint64_t expires_ms; /* likewise; 0: never */
    uint32_t key_length;
    uint32_t manifest_length; /* 0: depends on nothing */
} wtfcb_cache_value_head;

/* Bytes of the longest value. */
#define WTFCB_CACHE_LONGEST_VALUE (UINT64_C(1) << 30)

/* What a hit in memory touches (the counter, the key) lies close together. */
struct wtfcb_value {
    wtfcb_allocator allocator;
    size_t payload_length; /* from `head` on */
    atomic_uint holds;
    uint32_t bytes_at;                       /* offset of the bytes from `head` */
    _Alignas(8) wtfcb_cache_value_head head; /* and what follows it */
};

/* What a new value is made of. */
typedef struct wtfcb_cache_value_parts {
    const void *key;
    size_t key_length;
    const void *manifest;
    size_t manifest_length;
    const void *bytes;
    size_t length;
    uint64_t created_ms;
    uint64_t expires_ms;
} wtfcb_cache_value_parts;

/* One hold for the caller. WTFCB_OK; WTFCB_ENOMEM; WTFCB_ELIMIT. */
wtfcb_status wtfcb_cache_value_make(const wtfcb_allocator *allocator, const wtfcb_cache_value_parts *parts,
                                    wtfcb_value **ret_value);

/* A copy of a payload, checked. WTFCB_OK; WTFCB_EFORMAT: lengths that do not add up; WTFCB_ENOMEM. */
wtfcb_status wtfcb_cache_value_decode(const wtfcb_allocator *allocator, const void *payload, size_t length,
                                      wtfcb_value **ret_value);

static inline const char *wtfcb_cache_value_key(const wtfcb_value *value)
{
    return (const char *)(&value->head + 1);
}

static inline const char *wtfcb_cache_value_manifest(const wtfcb_value *value)
{
    return wtfcb_cache_value_key(value) + value->head.key_length;
}

static inline const void *wtfcb_cache_value_payload(const wtfcb_value *value)
{
    return &value->head;
}

/* What it costs a tier that keeps it, the block and its bookkeeping. */
static inline size_t wtfcb_cache_value_cost(const wtfcb_value *value)
{
    return offsetof(struct wtfcb_value, head) + value->payload_length + 72;
}

#endif
