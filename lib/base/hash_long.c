/* Hashes of what is long, by the system's xxHash; see hash.c. */
#include "base/hash_long.h"

#include <assert.h>
#include <string.h>
#include <xxhash.h>

wtfcb_base_hash128 wtfcb_base_hash_long(const void *bytes, size_t length)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, length));
    wtfcb_base_hash128 hash;
    static_assert(sizeof hash.bytes == sizeof canonical.digest, "128 bits");
    memcpy(hash.bytes, canonical.digest, sizeof hash.bytes);
    return hash;
}
