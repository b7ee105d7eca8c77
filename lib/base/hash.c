/*
 * XXH3 from the system's xxHash: what is long by its shared library, which chooses the widest vector unit at run time where it
 * offers that; what is short, keys above all, by its header, compiled in here, for which the calls would cost as much as the hash.
 */
#include "base/hash.h"

#include <assert.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/hash_long.h"

enum { SHORT = 240 }; /* up to here XXH3 uses no vectors */

wtfcb_base_hash128 wtfcb_base_hash(const void *bytes, size_t length)
{
    if (length > SHORT) return wtfcb_base_hash_long(bytes, length);
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, length));
    wtfcb_base_hash128 hash;
    static_assert(sizeof hash.bytes == sizeof canonical.digest, "128 bits");
    memcpy(hash.bytes, canonical.digest, sizeof hash.bytes);
    return hash;
}
