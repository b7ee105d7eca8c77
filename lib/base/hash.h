/*
 * Content hash: XXH3 with 128 bits. Fast and well mixed, not collision-resistant against an adversary.
 */
#ifndef WTFCB_BASE_HASH_H
#define WTFCB_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Canonical (big-endian) byte order, so that printed hashes equal those of xxhsum. */
typedef struct wtfcb_base_hash128 {
    uint8_t bytes[16];
} wtfcb_base_hash128;

wtfcb_base_hash128 wtfcb_base_hash(const void *bytes, size_t length);

#endif
