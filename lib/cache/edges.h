/*
 * From a path to the values that depend on it, through the edges in the store.
 */
#ifndef WTFCB_CACHE_EDGES_H
#define WTFCB_CACHE_EDGES_H

#include "cache/cache.h"

/* Hashes of keys of values that may depend on a path, one behind the other. */
typedef struct wtfcb_cache_edge_list {
    wtfcb_base_hash128 *values;
    size_t count;
    size_t capacity;
} wtfcb_cache_edge_list;

/* Replace the list by the edges of a path. WTFCB_OK, also without a store; WTFCB_ENOMEM; what the store's listing answers. */
wtfcb_status wtfcb_cache_edges_of(wtfcb_cache *cache, wtfcb_base_hash128 path, wtfcb_cache_edge_list *list);

void wtfcb_cache_edges_free(const wtfcb_cache *cache, wtfcb_cache_edge_list *list);

#endif
