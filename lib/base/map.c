/* Linear probing in a power of two; see map.h. */
#include "base/map.h"

#include <assert.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/memory.h"

enum { FIRST_CAPACITY = 16 };

void wtfcb_base_map_init_for(wtfcb_base_map *map, const wtfcb_allocator *allocator, uint32_t module)
{
    *map = (wtfcb_base_map){.allocator = allocator, .module = module};
}

void wtfcb_base_map_free(wtfcb_base_map *map)
{
    wtfcb_base_free_for(map->allocator, map->slots, map->capacity * sizeof *map->slots, map->module);
    wtfcb_base_map_init_for(map, map->allocator, map->module);
}

uint32_t wtfcb_base_map_hash(const char *key, size_t length)
{
    return (uint32_t)XXH3_64bits(key, length);
}

/* The slot that holds the key, or the empty one where it belongs. The map has an empty slot. */
static wtfcb_base_map_slot *slot_of(const wtfcb_base_map *map, const char *key, size_t length, uint32_t hash)
{
    uint32_t mask = map->capacity - 1;
    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        wtfcb_base_map_slot *slot = &map->slots[i];
        if (!slot->key) return slot;
        if (slot->hash == hash && slot->length == length && memcmp(slot->key, key, length) == 0) return slot;
    }
}

static bool grow(wtfcb_base_map *map)
{
    wtfcb_base_map larger = *map;
    larger.capacity = map->capacity ? map->capacity * 2 : FIRST_CAPACITY;
    if (larger.capacity < map->capacity) return false;
    larger.slots = wtfcb_base_calloc_for(map->allocator, larger.capacity, sizeof *larger.slots, map->module);
    if (!larger.slots) return false;
    for (uint32_t i = 0; i < map->capacity; i++) {
        const wtfcb_base_map_slot *slot = &map->slots[i];
        if (slot->key) *slot_of(&larger, slot->key, slot->length, slot->hash) = *slot;
    }
    wtfcb_base_map_free(map);
    *map = larger;
    return true;
}

bool wtfcb_base_map_put(wtfcb_base_map *map, const char *key, size_t length, uint32_t value)
{
    assert(key && length <= UINT32_MAX && value != WTFCB_BASE_MAP_NONE);
    if (map->count >= map->capacity / 4 * 3 && !grow(map)) return false;
    uint32_t hash = wtfcb_base_map_hash(key, length);
    wtfcb_base_map_slot *slot = slot_of(map, key, length, hash);
    if (!slot->key) {
        map->count++;
        *slot = (wtfcb_base_map_slot){.key = key, .length = (uint32_t)length, .hash = hash};
    }
    slot->value = value;
    return true;
}

uint32_t wtfcb_base_map_get(const wtfcb_base_map *map, const char *key, size_t length)
{
    if (map->count == 0) return WTFCB_BASE_MAP_NONE;
    return wtfcb_base_map_get_hashed(map, key, length, wtfcb_base_map_hash(key, length));
}

uint32_t wtfcb_base_map_get_hashed(const wtfcb_base_map *map, const char *key, size_t length, uint32_t hash)
{
    if (map->count == 0) return WTFCB_BASE_MAP_NONE;
    const wtfcb_base_map_slot *slot = slot_of(map, key, length, hash);
    return slot->key ? slot->value : WTFCB_BASE_MAP_NONE;
}
