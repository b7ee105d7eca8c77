/* Frames around records; see store_frame.h. */
#include "cache/store_frame.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define FORMAT UINT32_C(0x31465457) /* "WTF1" */

typedef struct head {
    uint32_t format;
    uint32_t length;
    uint64_t checksum;
} head;

static_assert(sizeof(head) == WTFCB_CACHE_FRAME_HEAD, "as it is written");
static_assert((int)WTFCB_CACHE_LONGEST_KEY < (int)WTFCB_CACHE_FRAME_KEY, "room for the length");

void wtfcb_cache_frame_key(const wtfcb_cache_key *key, wtfcb_cache_stored_key *ret_key)
{
    assert(key->length > 0 && key->length <= WTFCB_CACHE_LONGEST_KEY);
    uint32_t padded = ((uint32_t)key->length + 8) & ~UINT32_C(7);
    memset(ret_key->bytes, 0, sizeof ret_key->bytes);
    memcpy(ret_key->bytes, key->bytes, key->length);
    ret_key->bytes[padded - 1] = key->length;
    ret_key->length = padded;
    ret_key->hash = XXH3_64bits(ret_key->bytes, padded);
}

bool wtfcb_cache_frame_key_read(const void *bytes, size_t length, wtfcb_cache_key *ret_key,
                                wtfcb_cache_stored_key *ret_stored)
{
    if (length == 0 || length > WTFCB_CACHE_FRAME_KEY) return false;
    uint8_t inside = ((const uint8_t *)bytes)[length - 1];
    if (inside == 0 || inside > WTFCB_CACHE_LONGEST_KEY || inside >= length) return false;
    ret_key->length = inside;
    memcpy(ret_key->bytes, bytes, inside);
    wtfcb_cache_frame_key(ret_key, ret_stored);
    return ret_stored->length == length && memcmp(ret_stored->bytes, bytes, length) == 0;
}

/* The key is part of it: a record that lands under another key is damaged. */
static uint64_t checksum_of(const wtfcb_cache_stored_key *key, const void *payload, size_t length)
{
    uint64_t sum = XXH3_64bits(payload, length) ^ (key->hash + length);
    sum *= UINT64_C(0x9e3779b97f4a7c15);
    return sum ^ (sum >> 29);
}

void wtfcb_cache_frame_write(const wtfcb_cache_stored_key *key, const void *payload, size_t length, void *frame)
{
    assert(length <= UINT32_MAX - 64);
    head written = {htole32(FORMAT), htole32((uint32_t)length), 0};
    unsigned char *at = (unsigned char *)frame + sizeof written;
    memset(at + (wtfcb_cache_frame_size(length) - sizeof written - (length > 0 ? 8 : 0)), 0, length > 0 ? 8 : 0);
    if (length > 0) memcpy(at, payload, length);
    written.checksum = htole64(checksum_of(key, at, length));
    memcpy(frame, &written, sizeof written);
}

bool wtfcb_cache_frame_read(const wtfcb_cache_stored_key *key, const void *frame, size_t size, const void **ret_payload,
                            size_t *ret_length)
{
    if (size < sizeof(head)) return false;
    head found;
    memcpy(&found, frame, sizeof found);
    size_t length = le32toh(found.length);
    if (le32toh(found.format) != FORMAT || length > UINT32_MAX - 64 || size != wtfcb_cache_frame_size(length))
        return false;
    const unsigned char *payload = (const unsigned char *)frame + sizeof found;
    if (le64toh(found.checksum) != checksum_of(key, payload, length)) return false;
    *ret_payload = payload;
    *ret_length = length;
    return true;
}
