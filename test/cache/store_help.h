/*
 * What the tests of the store share: opening in a directory of the test's own, keys by number, and payloads that follow from key and length, so
 * that whatever is read can be judged.
 */
#ifndef WTFCB_TEST_CACHE_STORE_HELP_H
#define WTFCB_TEST_CACHE_STORE_HELP_H

#include <stdint.h>

#include "../test.h"
#include "cache/store.h"

/* Defaults for tests: 64 MiB, a second's patience, 4 MiB of queue. */
static inline wtfcb_cache_store_options store_options(void)
{
    return (wtfcb_cache_store_options){.size = 64 << 20, .lock_timeout_ms = 1000, .queue = 4 << 20};
}

static inline wtfcb_status store_try(const wtfcb_allocator *allocator, const char *directory,
                                     const wtfcb_cache_store_options *options, wtfcb_cache_store **ret_store)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_cache_place place;
    wtfcb_status status = wtfcb_cache_place_open(allocator, directory, options->read_only, &place, &error);
    return status == WTFCB_OK ? wtfcb_cache_store_open(&place, options, ret_store, &error) : status;
}

static inline wtfcb_cache_store *store_open(const char *directory)
{
    wtfcb_cache_store_options options = store_options();
    wtfcb_cache_store *store = NULL;
    ck_assert_int_eq(store_try(NULL, directory, &options, &store), WTFCB_OK);
    return store;
}

static inline wtfcb_cache_key store_key(uint64_t number)
{
    wtfcb_base_hash128 hash = wtfcb_base_hash(&number, sizeof number);
    return wtfcb_cache_key_of(WTFCB_CACHE_VALUES, hash);
}

/* The payload of a key in one of its versions: every byte depends on key, version and length. */
static inline void store_fill(unsigned char *payload, uint64_t number, uint64_t version, size_t length)
{
    uint64_t state = number * UINT64_C(0x9e3779b97f4a7c15) + version * UINT64_C(0xbf58476d1ce4e5b9) + length + 1;
    for (size_t i = 0; i < length; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        payload[i] = (unsigned char)(state >> 24);
    }
    if (length >= 16) {
        memcpy(payload, &number, sizeof number);
        memcpy(payload + 8, &version, sizeof version);
    }
}

/* Whether a payload of 16 bytes or more is one that was ever put under its key. */
static inline bool store_is_right(const void *payload, uint64_t number, size_t length)
{
    if (length < 16) return false;
    uint64_t version;
    memcpy(&version, (const char *)payload + 8, sizeof version);
    unsigned char *wanted = malloc(length);
    ck_assert_ptr_nonnull(wanted);
    store_fill(wanted, number, version, length);
    bool right = memcmp(wanted, payload, length) == 0;
    free(wanted);
    return right;
}

static inline wtfcb_status store_put(wtfcb_cache_store *store, uint64_t number, uint64_t version, size_t length)
{
    wtfcb_cache_key key = store_key(number);
    unsigned char *payload = malloc(length + 1);
    ck_assert_ptr_nonnull(payload);
    store_fill(payload, number, version, length);
    wtfcb_status status = wtfcb_cache_store_put(store, &key, payload, length);
    free(payload);
    return status;
}

typedef struct store_found {
    unsigned char *bytes; /* NULL: none; to be freed */
    size_t length;
    bool aligned;
} store_found;

static inline wtfcb_status store_take(void *user, const void *payload, size_t length)
{
    store_found *found = user;
    found->bytes = malloc(length + 1);
    if (!found->bytes) return WTFCB_ENOMEM;
    if (length > 0) memcpy(found->bytes, payload, length);
    found->length = length;
    found->aligned = length < 8 || ((uintptr_t)payload & 7) == 0;
    return WTFCB_OK;
}

/* Read a key and compare: WTFCB_OK only if it is that version with that length. */
static inline wtfcb_status store_get(wtfcb_cache_store *store, uint64_t number, uint64_t version, size_t length)
{
    wtfcb_cache_key key = store_key(number);
    store_found found = {0};
    wtfcb_status status = wtfcb_cache_store_get(store, &key, store_take, &found);
    if (status != WTFCB_OK) return status;
    unsigned char *wanted = malloc(length + 1);
    ck_assert_ptr_nonnull(wanted);
    store_fill(wanted, number, version, length);
    ck_assert_uint_eq(found.length, length);
    ck_assert(length == 0 || memcmp(found.bytes, wanted, length) == 0);
    ck_assert(found.aligned);
    free(wanted);
    free(found.bytes);
    return WTFCB_OK;
}

static inline wtfcb_cache_store_stats store_stats(wtfcb_cache_store *store)
{
    wtfcb_cache_store_stats stats;
    wtfcb_cache_store_get_stats(store, &stats);
    return stats;
}

#endif
