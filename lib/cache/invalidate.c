/*
 * Invalidation of a file: its values, then those that depend on the sources of these, until nothing new is found.
 *
 * Paths are handled in rounds. Each path is entered once, in a map, so that cycles end and no depth recurses. In each
 * round the store is asked by edges, and memory, which has none, is walked once for all paths.
 */
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/memory.h"
#include "cache/edges.h"

typedef struct sweep {
    wtfcb_cache *cache;
    wtfcb_base_arena arena; /* texts of paths */
    wtfcb_base_map seen;    /* their indices */
    const char **paths;     /* in the order in which they were found */
    size_t path_count;
    size_t path_capacity;
    wtfcb_cache_edge_list edges; /* scratch */
    uint64_t count;
    wtfcb_status status; /* of the first failure; the sweep goes on with what it can reach */
} sweep;

static void note(sweep *s, wtfcb_status status)
{
    if (s->status == WTFCB_OK) s->status = status;
}

static void add_path(sweep *s, const char *path, size_t length)
{
    if (wtfcb_base_map_get(&s->seen, path, length) != WTFCB_BASE_MAP_NONE) return;
    const char *copy = wtfcb_base_arena_string(&s->arena, path, length);
    if (!copy ||
        !wtfcb_base_reserve(&s->cache->allocator, (void **)&s->paths, &s->path_capacity, s->path_count + 1,
                            sizeof *s->paths) ||
        !wtfcb_base_map_put(&s->seen, copy, length, (uint32_t)s->path_count)) {
        note(s, WTFCB_ENOMEM);
        return;
    }
    s->paths[s->path_count++] = copy;
}

/* What is made from the value's source depends on the value, in a way. */
static void add_source(sweep *s, const wtfcb_value *value)
{
    wtfcb_cache_manifest_entry entry;
    size_t at = 0;
    if (wtfcb_cache_manifest_next(wtfcb_cache_value_manifest(value), value->head.manifest_length, &at, &entry) &&
        entry.source)
        add_path(s, entry.path, entry.path_length);
}

/* Under a shard's lock: whether the value depends on a path that was found so far. */
static bool is_affected(void *user, const wtfcb_value *value)
{
    sweep *s = user;
    wtfcb_cache_manifest_entry entry;
    const char *manifest = wtfcb_cache_value_manifest(value);
    for (size_t at = 0; wtfcb_cache_manifest_next(manifest, value->head.manifest_length, &at, &entry);) {
        if (wtfcb_base_map_get(&s->seen, entry.path, entry.path_length) == WTFCB_BASE_MAP_NONE) continue;
        add_source(s, value);
        return true;
    }
    return false;
}

/* The value at the end of an edge. It may be gone, or depend on the path no more: then the edge alone goes. */
static void follow(sweep *s, const char *path, wtfcb_base_hash128 path_hash, wtfcb_base_hash128 hash)
{
    wtfcb_value *value = NULL;
    wtfcb_status status = wtfcb_cache_load(s->cache, hash, NULL, 0, &value);
    if (status == WTFCB_ENOMEM) {
        note(s, status);
    } else if (status == WTFCB_OK && wtfcb_cache_manifest_names(wtfcb_cache_value_manifest(value),
                                                                value->head.manifest_length, path, strlen(path))) {
        add_source(s, value);
        note(s, wtfcb_cache_forget(s->cache, hash, value));
        s->count++;
    } else {
        wtfcb_cache_key edge = wtfcb_cache_edge_key(path_hash, hash);
        note(s, wtfcb_cache_store_remove(wtfcb_cache_store_of(s->cache), &edge));
    }
    wtfcb_value_free(value);
}

static void sweep_store(sweep *s, const char *path)
{
    wtfcb_base_hash128 hash = wtfcb_cache_path_hash(path);
    note(s, wtfcb_cache_edges_of(s->cache, hash, &s->edges));
    for (size_t i = 0; i < s->edges.count; i++)
        follow(s, path, hash, s->edges.values[i]);
}

/* Values that are in both tiers go with their record, so the store comes first and memory has the rest. */
static void sweep_all(sweep *s)
{
    wtfcb_cache_memory *memory = wtfcb_cache_memory_of(s->cache);
    for (size_t done = 0; done < s->path_count;) {
        for (; done < s->path_count; done++)
            sweep_store(s, s->paths[done]);
        if (memory) s->count += wtfcb_cache_memory_remove_if(memory, is_affected, s);
    }
}

static wtfcb_status begin(sweep *s, const char *path)
{
    wtfcb_base_buffer absolute;
    wtfcb_base_buffer_init(&absolute, &s->cache->allocator);
    wtfcb_status status = wtfcb_cache_absolute_path(path, &absolute);
    if (status == WTFCB_OK) add_path(s, absolute.data, absolute.length - 1);
    wtfcb_base_buffer_free(&absolute);
    return status;
}

wtfcb_status wtfcb_cache_invalidate_file(wtfcb_cache *cache, const char *path, uint64_t *ret_count)
{
    wtfcb_status status = path && path[0] != '\0' ? wtfcb_cache_usable(cache) : WTFCB_EINVAL;
    if (status != WTFCB_OK) return status;
    if (wtfcb_cache_value_of(cache, WTFCB_CACHE_READ_ONLY)) return WTFCB_EREADONLY;
    sweep s = {.cache = cache};
    wtfcb_base_arena_init(&s.arena, &cache->allocator);
    wtfcb_base_map_init(&s.seen, &cache->allocator);
    note(&s, begin(&s, path));
    sweep_all(&s);
    wtfcb_cache_count(&cache->counters.invalidations, s.count);
    if (s.status == WTFCB_OK && ret_count) *ret_count = s.count;
    wtfcb_cache_edges_free(cache, &s.edges);
    wtfcb_base_free(&cache->allocator, (void *)s.paths, s.path_capacity * sizeof *s.paths);
    wtfcb_base_map_free(&s.seen);
    wtfcb_base_arena_free(&s.arena);
    return s.status;
}
