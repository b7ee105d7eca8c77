/* XXH3 from the system's xxHash, which chooses the widest vector unit at run time where the library offers that. */
#include "base/hash.h"

#include <assert.h>
#include <string.h>
#include <xxhash.h>

wtfcb_base_hash128 wtfcb_base_hash(const void *bytes, size_t length)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, length));
    wtfcb_base_hash128 hash;
    static_assert(sizeof hash.bytes == sizeof canonical.digest, "128 bits");
    memcpy(hash.bytes, canonical.digest, sizeof hash.bytes);
    return hash;
}
