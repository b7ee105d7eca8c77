/*
 * Which files have changed since values were made from them or with their help?
 *
 * What a value's manifest says of a path is what was remembered; of several the latest counts, and one that knows the content before
 * one that knows of existence alone. Values are looked at in place, in the store by edges, and in memory, where a walk
 * over all of them is made only if some are nowhere else.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/map.h"
#include "base/memory.h"
#include "cache/edges.h"

/* The latest entry about one path. */
typedef struct watched {
    const char *path;
    char *entry; /* a manifest of its own, in the arena; NULL: none */
    size_t size;
    int64_t recorded_ns;
    bool content;
} watched;

typedef struct inquiry {
    wtfcb_cache *cache;
    wtfcb_base_arena arena;
    wtfcb_base_map names; /* indices of `rows` by path */
    watched *rows;        /* one for each question; two of one path share the first */
    size_t *shared;
    wtfcb_cache_edge_list edges;
    wtfcb_status status;
    size_t only; /* row that a record of the store is asked about */
} inquiry;

static void remember(inquiry *q, watched *row, const wtfcb_cache_manifest_entry *entry)
{
    bool content = entry->kind == WTFCB_DEPENDS_CONTENT;
    if (row->entry && (row->content > content || (row->content == content && row->recorded_ns >= entry->recorded_ns)))
        return;
    char *copy = wtfcb_base_arena_bytes(&q->arena, entry->size);
    if (!copy) {
        q->status = WTFCB_ENOMEM;
        return;
    }
    memcpy(copy, entry->bytes, entry->size);
    row->entry = copy;
    row->size = entry->size;
    row->recorded_ns = entry->recorded_ns;
    row->content = content;
}

/* Under a shard's lock; removes nothing. */
static bool look_in_memory(void *user, const wtfcb_value *value)
{
    inquiry *q = user;
    wtfcb_cache_manifest_entry entry;
    const char *manifest = wtfcb_cache_value_manifest(value);
    for (size_t at = 0; wtfcb_cache_manifest_next(manifest, value->head.manifest_length, &at, &entry);) {
        uint32_t index = wtfcb_base_map_get(&q->names, entry.path, entry.path_length);
        if (index != WTFCB_BASE_MAP_NONE) remember(q, &q->rows[index], &entry);
    }
    return false;
}

static wtfcb_status look_in_record(void *user, const void *payload, size_t length)
{
    inquiry *q = user;
    watched *row = &q->rows[q->only];
    wtfcb_cache_manifest_entry entry;
    const char *manifest;
    size_t manifest_length;
    if (!wtfcb_cache_payload_manifest(payload, length, &manifest, &manifest_length)) return WTFCB_OK;
    for (size_t at = 0; wtfcb_cache_manifest_next(manifest, manifest_length, &at, &entry);)
        if (strcmp(entry.path, row->path) == 0) remember(q, row, &entry);
    return WTFCB_OK;
}

static void look_in_store(inquiry *q, size_t index)
{
    q->only = index;
    wtfcb_status status = wtfcb_cache_edges_of(q->cache, wtfcb_cache_path_hash(q->rows[index].path), &q->edges);
    if (status == WTFCB_ENOMEM) q->status = status;
    for (size_t i = 0; status == WTFCB_OK && i < q->edges.count; i++) {
        wtfcb_cache_key record = wtfcb_cache_key_of(WTFCB_CACHE_VALUES, q->edges.values[i]);
        (void)wtfcb_cache_store_get(wtfcb_cache_store_of(q->cache), &record, look_in_record, q);
    }
}

/* Something about the file is not as it was: is it still there? */
static uint32_t state_of_changed(const watched *row, wtfcb_status status)
{
    wtfcb_base_file_signature signature;
    bool there = wtfcb_base_file_stat(AT_FDCWD, row->path, true, &signature) == 0;
    if (row->content) there = there && signature.type == WTFCB_BASE_FILE_REGULAR;
    return there && status == WTFCB_ECHANGED ? WTFCB_CHECK_CHANGED : WTFCB_CHECK_GONE;
}

static uint32_t state_of(inquiry *q, const watched *row, wtfcb_base_buffer *scratch)
{
    if (!row->entry) return WTFCB_CHECK_UNKNOWN;
    wtfcb_cache_manifest_check check = {
        .always = wtfcb_cache_value_of(q->cache, WTFCB_CACHE_ALWAYS_VERIFY) != 0,
        .scratch = scratch,
    };
    wtfcb_status status = wtfcb_cache_manifest_holds(row->entry, row->size, &check);
    if (status == WTFCB_ENOMEM) q->status = status;
    return status == WTFCB_OK ? WTFCB_CHECK_UNCHANGED : state_of_changed(row, status);
}

static wtfcb_status add_question(inquiry *q, size_t index, const char *path)
{
    wtfcb_base_buffer absolute;
    wtfcb_base_buffer_init(&absolute, &q->cache->allocator);
    wtfcb_status status = wtfcb_cache_absolute_path(path, &absolute);
    if (status == WTFCB_OK) {
        size_t length = absolute.length - 1;
        uint32_t known = wtfcb_base_map_get(&q->names, absolute.data, length);
        q->shared[index] = known == WTFCB_BASE_MAP_NONE ? index : known;
        q->rows[index].path = wtfcb_base_arena_string(&q->arena, absolute.data, length);
        if (!q->rows[index].path || (known == WTFCB_BASE_MAP_NONE &&
                                     !wtfcb_base_map_put(&q->names, q->rows[index].path, length, (uint32_t)index)))
            status = WTFCB_ENOMEM;
    }
    wtfcb_base_buffer_free(&absolute);
    return status;
}

static void gather(inquiry *q, const char *const *paths, size_t count)
{
    bool walk = !wtfcb_cache_store_of(q->cache) || atomic_load_explicit(&q->cache->unstored, memory_order_relaxed);
    wtfcb_cache_memory *memory = wtfcb_cache_memory_of(q->cache);
    for (size_t i = 0; i < count && q->status == WTFCB_OK; i++)
        q->status = add_question(q, i, paths[i]);
    if (q->status == WTFCB_OK && walk && memory) (void)wtfcb_cache_memory_remove_if(memory, look_in_memory, q);
    for (size_t i = 0; i < count && q->status == WTFCB_OK; i++)
        if (q->shared[i] == i) look_in_store(q, i);
}

static void answer(inquiry *q, size_t count, uint32_t *states)
{
    wtfcb_base_buffer scratch;
    wtfcb_base_buffer_init(&scratch, &q->cache->allocator);
    for (size_t i = 0; i < count && q->status == WTFCB_OK; i++)
        states[i] = q->shared[i] == i ? state_of(q, &q->rows[i], &scratch) : states[q->shared[i]];
    wtfcb_base_buffer_free(&scratch);
}

wtfcb_status wtfcb_cache_check_files(wtfcb_cache *cache, const char *const *paths, size_t count, uint32_t *ret_states)
{
    bool valid = count == 0 || (paths && ret_states && count < WTFCB_BASE_MAP_NONE);
    for (size_t i = 0; valid && i < count; i++)
        valid = paths[i] && paths[i][0] != '\0';
    wtfcb_status status = valid ? wtfcb_cache_usable(cache) : WTFCB_EINVAL;
    if (status != WTFCB_OK || count == 0) return status;
    inquiry q = {.cache = cache};
    const wtfcb_allocator *allocator = &cache->allocator;
    wtfcb_base_arena_init(&q.arena, allocator);
    wtfcb_base_map_init(&q.names, allocator);
    q.rows = wtfcb_base_calloc(allocator, count, sizeof *q.rows);
    q.shared = wtfcb_base_calloc(allocator, count, sizeof *q.shared);
    uint32_t *states =
        wtfcb_base_calloc(allocator, count, sizeof *states); /* the caller's stay as they are on failure */
    if (!q.rows || !q.shared || !states) q.status = WTFCB_ENOMEM;
    gather(&q, paths, count);
    answer(&q, count, states);
    if (q.status == WTFCB_OK) memcpy(ret_states, states, count * sizeof *states);
    wtfcb_base_free(allocator, states, count * sizeof *states);
    wtfcb_base_free(allocator, q.shared, count * sizeof *q.shared);
    wtfcb_base_free(allocator, q.rows, count * sizeof *q.rows);
    wtfcb_cache_edges_free(cache, &q.edges);
    wtfcb_base_map_free(&q.names);
    wtfcb_base_arena_free(&q.arena);
    return q.status;
}
