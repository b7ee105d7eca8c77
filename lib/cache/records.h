/*
 * Records of the library's own in a cache: what a scanner remembers. They go to the store where there is one, else to
 * the memory tier, and are no values of a user: nothing counts them as such and nothing depends on them.
 */
#ifndef WTFCB_CACHE_RECORDS_H
#define WTFCB_CACHE_RECORDS_H

#include <wtfcb/cache.h>

#include "cache/store.h"

/*
 * Read a record; `take` as in store.h. WTFCB_OK and so on: what `take` returned; WTFCB_ENOTFOUND; WTFCB_EFORMAT: it was damaged; the
 * store's status if that does not serve.
 */
wtfcb_status wtfcb_cache_record_get(wtfcb_cache *cache, const wtfcb_cache_key *key, wtfcb_cache_take_fn take,
                                    void *user);

/* Keep a record, copied. A failure costs the next reader a miss and nothing else. */
wtfcb_status wtfcb_cache_record_put(wtfcb_cache *cache, const wtfcb_cache_key *key, const void *payload, size_t length);

/* Whether the store lies in a directory that the caller named, not in the user's cache directory. */
bool wtfcb_cache_is_named(const wtfcb_cache *cache);

#endif
