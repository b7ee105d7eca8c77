/*
 * Hash map from byte strings to 32-bit values. Keys are borrowed: the caller keeps their bytes alive and in place.
 * Open addressing with linear probing, load at most 3/4; lookups are O(1) and touch one cache line in most cases. Not
 * thread-safe while it is filled; any number of threads may look up in one that no longer changes.
 */
#ifndef WTFCB_BASE_MAP_H
#define WTFCB_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

#define WTFCB_BASE_MAP_NONE UINT32_MAX

typedef struct wtfcb_base_map_slot {
    const char *key; /* NULL: empty */
    uint32_t length;
    uint32_t hash;
    uint32_t value;
} wtfcb_base_map_slot;

typedef struct wtfcb_base_map {
    const wtfcb_allocator *allocator; /* borrowed */
    wtfcb_base_map_slot *slots;
    uint32_t capacity; /* power of two, or 0 */
    uint32_t count;
    uint32_t module; /* whose memory it is; memory.h */
} wtfcb_base_map;

void wtfcb_base_map_init_for(wtfcb_base_map *map, const wtfcb_allocator *allocator, uint32_t module);
static inline void wtfcb_base_map_init(wtfcb_base_map *map, const wtfcb_allocator *allocator)
{
    wtfcb_base_map_init_for(map, allocator, WTFCB_BASE_MODULE);
}
void wtfcb_base_map_free(wtfcb_base_map *map);

/* The hash that the map uses, for callers that look one key up in several maps. */
uint32_t wtfcb_base_map_hash(const char *key, size_t length);

/* Insert or replace. `value` is anything but WTFCB_BASE_MAP_NONE. False when memory has run out; the map is as it was. */
bool wtfcb_base_map_put(wtfcb_base_map *map, const char *key, size_t length, uint32_t value);

/* The value of a key, or WTFCB_BASE_MAP_NONE. */
uint32_t wtfcb_base_map_get(const wtfcb_base_map *map, const char *key, size_t length);
uint32_t wtfcb_base_map_get_hashed(const wtfcb_base_map *map, const char *key, size_t length, uint32_t hash);

#endif
