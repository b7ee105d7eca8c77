/*
 * The table of options of a cache: names, bounds, defaults. An option is added here and in wtfcb/cache.h and nowhere else.
 */
#include "base/memory.h"
#include "base/row.h"
#include "cache/cache.h"

#define KIB INT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define TIB (1024 * GIB)
#define DAY_MS INT64_C(86400000)

static const wtfcb_option options[] = {
    {"memory", "bytes of the memory tier; 0: none", 0, TIB, 64 * MIB, WTFCB_CACHE_MEMORY, WTFCB_OPTION_INTEGER, 0,
     WTFCB_UNIT_BYTES},
    {"size", "bytes that the store may take on disk", 4 * MIB, 16 * TIB, 4 * GIB, WTFCB_CACHE_SIZE,
     WTFCB_OPTION_INTEGER, 0, WTFCB_UNIT_BYTES},
    {"read-only", "never write", 0, 1, 0, WTFCB_CACHE_READ_ONLY, WTFCB_OPTION_FLAG, 0, WTFCB_UNIT_NONE},
    {"ttl", "time to live of values that are put without one, in ms; 0: they do not expire", 0, 36500 * DAY_MS, 0,
     WTFCB_CACHE_TTL, WTFCB_OPTION_INTEGER, 0, WTFCB_UNIT_MS},
    {"lock-timeout", "how long to wait for another process, in ms", 0, DAY_MS, 1000, WTFCB_CACHE_LOCK_TIMEOUT,
     WTFCB_OPTION_INTEGER, 0, WTFCB_UNIT_MS},
    {"queue", "bytes of puts that may wait for the writer", 64 * KIB, 64 * GIB, 16 * MIB, WTFCB_CACHE_QUEUE,
     WTFCB_OPTION_INTEGER, 0, WTFCB_UNIT_BYTES},
    {"always-verify", "hash files each time instead of trusting their signatures", 0, 1, 0, WTFCB_CACHE_ALWAYS_VERIFY,
     WTFCB_OPTION_FLAG, 0, WTFCB_UNIT_NONE},
};

enum { OPTION_COUNT = sizeof options / sizeof *options };

_Static_assert(OPTION_COUNT + 1 == WTFCB_CACHE_OPTION_LIMIT, "every option has its row");

uint64_t wtfcb_cache_option_count(void)
{
    return OPTION_COUNT;
}

wtfcb_status wtfcb_cache_option(uint64_t index, wtfcb_option *ret_row, size_t row_size)
{
    if (!ret_row || row_size == 0) return WTFCB_EINVAL;
    if (index >= OPTION_COUNT) return WTFCB_ENOTFOUND;
    wtfcb_base_row_copy(ret_row, row_size, &options[index], sizeof options[index]);
    return WTFCB_OK;
}

static const wtfcb_option *option_of(int32_t id)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (options[i].id == id) return &options[i];
    return NULL;
}

void wtfcb_cache_set_defaults(wtfcb_cache *cache)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        atomic_store_explicit(&cache->values[options[i].id], options[i].default_value, memory_order_relaxed);
}

/*
 * The tier has its size for life: put it aside, empty, and let the next put make another. Somebody may be looking into it, so it
 * is freed with the handle. `lock` is held.
 */
static wtfcb_status retire_memory(wtfcb_cache *cache)
{
    wtfcb_cache_memory *memory = wtfcb_cache_memory_of(cache);
    if (!memory) return WTFCB_OK;
    if (!wtfcb_base_reserve(&cache->allocator, (void **)&cache->retired, &cache->retired_capacity,
                            cache->retired_count + 1, sizeof(wtfcb_cache_memory *)))
        return WTFCB_ENOMEM;
    cache->retired[cache->retired_count++] = memory;
    atomic_store_explicit(&cache->memory, NULL, memory_order_release);
    wtfcb_cache_memory_clear(memory);
    return WTFCB_OK;
}

wtfcb_status wtfcb_cache_set_option(wtfcb_cache *cache, int32_t option, int64_t value)
{
    wtfcb_status status = wtfcb_cache_usable(cache);
    if (status != WTFCB_OK) return status;
    const wtfcb_option *row = option_of(option);
    if (!row) return WTFCB_ENOTFOUND;
    if (value < row->minimum || value > row->maximum) return WTFCB_EINVAL;
    (void)pthread_mutex_lock(&cache->lock);
    if (cache->opening || wtfcb_cache_store_of(cache))
        status = WTFCB_EBUSY;
    else if (option == WTFCB_CACHE_MEMORY && value != wtfcb_cache_value_of(cache, option))
        status = retire_memory(cache);
    if (status == WTFCB_OK) atomic_store_explicit(&cache->values[option], value, memory_order_relaxed);
    (void)pthread_mutex_unlock(&cache->lock);
    return status;
}

wtfcb_status wtfcb_cache_get_option(const wtfcb_cache *cache, int32_t option, int64_t *ret_value)
{
    if (!cache || !ret_value) return WTFCB_EINVAL;
    if (!option_of(option)) return WTFCB_ENOTFOUND;
    *ret_value = wtfcb_cache_value_of(cache, option);
    return WTFCB_OK;
}
