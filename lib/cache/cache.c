/*
 * The handle of a cache: made, opened, held, freed.
 *
 * A child of fork(2) inherits locks that nobody will release and a store whose thread is not there, so every call asks whether it is
 * in the process that made the handle. That has to cost nothing: the kernel clears a page in the child (MADV_WIPEONFORK).
 */
#include "cache/cache.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

enum { ALIVE = 1 };

/* The page, or NULL when the kernel does not clear it. */
static const volatile uint32_t *map_alive(void)
{
#ifdef MADV_WIPEONFORK
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    uint32_t *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return NULL;
    if (madvise(page, size, MADV_WIPEONFORK) == 0) {
        *page = ALIVE;
        return page;
    }
    (void)munmap(page, size);
#endif
    return NULL;
}

static void unmap_alive(const volatile uint32_t *alive)
{
    if (alive) (void)munmap((void *)(uintptr_t)alive, (size_t)sysconf(_SC_PAGESIZE));
}

static bool is_ours(const wtfcb_cache *cache)
{
    return cache->alive ? *cache->alive == ALIVE : cache->process == getpid();
}

wtfcb_status wtfcb_cache_usable(const wtfcb_cache *cache)
{
    if (!cache) return WTFCB_EINVAL;
    return is_ours(cache) ? WTFCB_OK : WTFCB_EFORK;
}

wtfcb_status wtfcb_cache_usable_key(const wtfcb_cache *cache, const void *key, size_t key_length)
{
    if (!key || key_length == 0 || key_length > WTFCB_CACHE_LONGEST_USER_KEY) return WTFCB_EINVAL;
    return wtfcb_cache_usable(cache);
}

wtfcb_status wtfcb_cache_new(const wtfcb_allocator *allocator, wtfcb_cache **ret_cache)
{
    if (!ret_cache || !wtfcb_base_allocator_valid(allocator)) return WTFCB_EINVAL;
    wtfcb_allocator own = wtfcb_base_allocator(allocator);
    wtfcb_cache *cache = wtfcb_base_calloc(&own, 1, sizeof *cache);
    if (!cache) return WTFCB_ENOMEM;
    cache->allocator = own;
    cache->alive = map_alive();
    cache->process = getpid();
    cache->open_status = WTFCB_ENOTFOUND;
    atomic_init(&cache->holds, 1);
    (void)pthread_mutex_init(&cache->lock, NULL);
    wtfcb_cache_stripes_init(&cache->stripes);
    wtfcb_cache_notes_init(&cache->notes, &cache->allocator);
    wtfcb_cache_set_defaults(cache);
    *ret_cache = cache;
    return WTFCB_OK;
}

wtfcb_cache *wtfcb_cache_ref(wtfcb_cache *cache)
{
    if (cache) atomic_fetch_add_explicit(&cache->holds, 1, memory_order_relaxed);
    return cache;
}

/* In a child nothing is freed: locks may be held for ever, and the store is the parent's. */
void wtfcb_cache_free(wtfcb_cache *cache)
{
    if (!cache || !is_ours(cache)) return;
    if (atomic_fetch_sub_explicit(&cache->holds, 1, memory_order_acq_rel) > 1) return;
    wtfcb_cache_store_close(wtfcb_cache_store_of(cache));
    wtfcb_cache_memory_free(wtfcb_cache_memory_of(cache));
    for (size_t i = 0; i < cache->retired_count; i++)
        wtfcb_cache_memory_free(cache->retired[i]);
    wtfcb_base_free(&cache->allocator, (void *)cache->retired, cache->retired_capacity * sizeof *cache->retired);
    wtfcb_cache_notes_free(&cache->notes);
    wtfcb_cache_stripes_free(&cache->stripes);
    (void)pthread_mutex_destroy(&cache->lock);
    unmap_alive(cache->alive);
    wtfcb_allocator allocator = cache->allocator;
    wtfcb_base_free(&allocator, cache, sizeof *cache);
}

wtfcb_cache_store *wtfcb_cache_store_of(wtfcb_cache *cache)
{
    if (wtfcb_cache_usable(cache) != WTFCB_OK) return NULL;
    return atomic_load_explicit(&cache->store, memory_order_acquire);
}

wtfcb_status wtfcb_cache_need_memory(wtfcb_cache *cache, wtfcb_cache_memory **ret_memory)
{
    wtfcb_status status = WTFCB_OK;
    wtfcb_cache_memory *memory = wtfcb_cache_memory_of(cache);
    if (!memory && wtfcb_cache_value_of(cache, WTFCB_CACHE_MEMORY) > 0) {
        (void)pthread_mutex_lock(&cache->lock);
        memory = wtfcb_cache_memory_of(cache);
        uint64_t limit = (uint64_t)wtfcb_cache_value_of(cache, WTFCB_CACHE_MEMORY);
        if (!memory && limit > 0) {
            status = wtfcb_cache_memory_new(&cache->allocator, limit, &memory);
            if (status == WTFCB_OK) atomic_store_explicit(&cache->memory, memory, memory_order_release);
        }
        (void)pthread_mutex_unlock(&cache->lock);
    }
    *ret_memory = memory;
    return status;
}

/* One opening at a time, and one store for life. */
static bool begin_opening(wtfcb_cache *cache)
{
    (void)pthread_mutex_lock(&cache->lock);
    bool free_to_open = !cache->opening && !wtfcb_cache_store_of(cache);
    if (free_to_open) cache->opening = true;
    (void)pthread_mutex_unlock(&cache->lock);
    return free_to_open;
}

static void end_opening(wtfcb_cache *cache, wtfcb_cache_store *store, wtfcb_status status)
{
    (void)pthread_mutex_lock(&cache->lock);
    cache->opening = false;
    cache->open_status = status;
    if (status == WTFCB_OK) atomic_store_explicit(&cache->store, store, memory_order_release);
    (void)pthread_mutex_unlock(&cache->lock);
}

wtfcb_status wtfcb_cache_open(wtfcb_cache *cache, const char *directory, wtfcb_error *ret_error)
{
    wtfcb_status status = wtfcb_cache_usable(cache);
    if (status == WTFCB_OK && directory && directory[0] == '\0') status = WTFCB_EINVAL;
    if (status != WTFCB_OK) return wtfcb_base_error(ret_error, status, 0, NULL, "%s", wtfcb_status_message(status));
    if (!begin_opening(cache))
        return wtfcb_base_error(ret_error, WTFCB_EBUSY, 0, directory, "this cache has its store already");
    wtfcb_cache_store_options options = {
        .read_only = wtfcb_cache_value_of(cache, WTFCB_CACHE_READ_ONLY) != 0,
        .size = (uint64_t)wtfcb_cache_value_of(cache, WTFCB_CACHE_SIZE),
        .lock_timeout_ms = (uint64_t)wtfcb_cache_value_of(cache, WTFCB_CACHE_LOCK_TIMEOUT),
        .queue = (uint64_t)wtfcb_cache_value_of(cache, WTFCB_CACHE_QUEUE),
    };
    wtfcb_cache_place place;
    wtfcb_cache_store *store = NULL;
    status = wtfcb_cache_place_open(&cache->allocator, directory, options.read_only, &place, ret_error);
    if (status == WTFCB_OK) status = wtfcb_cache_store_open(&place, &options, &store, ret_error);
    cache->named = directory != NULL;
    end_opening(cache, store, status);
    return status;
}

const char *wtfcb_cache_directory(const wtfcb_cache *cache)
{
    if (wtfcb_cache_usable(cache) != WTFCB_OK) return "";
    const wtfcb_cache_store *store = atomic_load_explicit(&cache->store, memory_order_acquire);
    return store ? wtfcb_cache_store_path(store) : "";
}
