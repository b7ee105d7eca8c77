/*
 * What surrounds a record in the store, so that whatever comes back is what was put, or nothing.
 *
 *     key      the key's bytes, zeros up to one less than a multiple of 8, their number
 *     frame    format, length (32 bits each), checksum (64 bits), payload, zeros up to a multiple of 8; little-endian
 *
 * LMDB puts key and value of a small record one behind the other, from the end of a page towards its beginning. As all keys and frames are
 * multiples of 8, so is the address of every payload, and nothing has to be moved for a reader that wants it aligned.
 */
#ifndef WTFCB_CACHE_STORE_FRAME_H
#define WTFCB_CACHE_STORE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cache/store.h"

enum {
    WTFCB_CACHE_FRAME_HEAD = 16,
    WTFCB_CACHE_FRAME_KEY = 48, /* the longest */
};

typedef struct wtfcb_cache_stored_key {
    uint64_t hash;
    uint32_t length;
    _Alignas(8) uint8_t bytes[WTFCB_CACHE_FRAME_KEY];
} wtfcb_cache_stored_key;

void wtfcb_cache_frame_key(const wtfcb_cache_key *key, wtfcb_cache_stored_key *ret_key);

/* A key as it lies in the store, and the one it was made of; false: it was not made by us. */
bool wtfcb_cache_frame_key_read(const void *bytes, size_t length, wtfcb_cache_key *ret_key,
                                wtfcb_cache_stored_key *ret_stored);

/* Size of a frame around a payload of at most UINT32_MAX - 64 bytes. */
static inline size_t wtfcb_cache_frame_size(size_t length)
{
    return WTFCB_CACHE_FRAME_HEAD + ((length + 7) & ~(size_t)7);
}

/* Fill a frame of wtfcb_cache_frame_size(length) bytes. */
void wtfcb_cache_frame_write(const wtfcb_cache_stored_key *key, const void *payload, size_t length, void *frame);

/* Look into a frame that is believed in nothing; false: damaged. `frame` is aligned to 8. */
bool wtfcb_cache_frame_read(const wtfcb_cache_stored_key *key, const void *frame, size_t size, const void **ret_payload,
                            size_t *ret_length);

#endif
