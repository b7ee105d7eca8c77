/* Edges in the store, listed by path; see cache.h for what they promise. */
#include "cache/edges.h"

#include <string.h>

#include "base/memory.h"

typedef struct gathering {
    const wtfcb_allocator *allocator;
    wtfcb_cache_edge_list *list;
} gathering;

static wtfcb_status gather(void *user, const wtfcb_cache_key *key, const void *payload, size_t length)
{
    const gathering *g = user;
    wtfcb_cache_edge_list *list = g->list;
    const size_t named = 1 + sizeof(wtfcb_base_hash128);
    (void)payload; /* even a damaged edge tells by its key what it leads to */
    (void)length;
    if (key->length != named + sizeof *list->values) return WTFCB_OK;
    if (!wtfcb_base_reserve(g->allocator, (void **)&list->values, &list->capacity, list->count + 1,
                            sizeof *list->values))
        return WTFCB_ENOMEM;
    memcpy(&list->values[list->count++], key->bytes + named, sizeof *list->values);
    return WTFCB_OK;
}

wtfcb_status wtfcb_cache_edges_of(wtfcb_cache *cache, wtfcb_base_hash128 path, wtfcb_cache_edge_list *list)
{
    wtfcb_cache_store *store = wtfcb_cache_store_of(cache);
    gathering g = {&cache->allocator, list};
    list->count = 0;
    if (!store) return WTFCB_OK;
    wtfcb_cache_key prefix = wtfcb_cache_key_of(WTFCB_CACHE_EDGES, path);
    return wtfcb_cache_store_list(store, prefix.bytes, prefix.length, gather, &g);
}

void wtfcb_cache_edges_free(const wtfcb_cache *cache, wtfcb_cache_edge_list *list)
{
    wtfcb_base_free(&cache->allocator, list->values, list->capacity * sizeof *list->values);
    *list = (wtfcb_cache_edge_list){0};
}
