/*
 * Arena: many small blocks of one lifetime, freed together. Not thread-safe: one owner at a time.
 */
#ifndef WTFCB_BASE_ARENA_H
#define WTFCB_BASE_ARENA_H

#include <stddef.h>

#include "base/memory.h"

typedef struct wtfcb_base_arena {
    const wtfcb_allocator *allocator; /* borrowed: outlives the arena */
    struct wtfcb_base_arena_chunk *chunks;
    char *next; /* free space of the newest chunk: [next, end) */
    char *end;
    size_t chunk_size; /* size of the next chunk; doubles up to a bound */
    uint32_t module;   /* whose memory it is; memory.h */
} wtfcb_base_arena;

/* An empty arena; takes no memory yet. */
void wtfcb_base_arena_init_for(wtfcb_base_arena *arena, const wtfcb_allocator *allocator, uint32_t module);
static inline void wtfcb_base_arena_init(wtfcb_base_arena *arena, const wtfcb_allocator *allocator)
{
    wtfcb_base_arena_init_for(arena, allocator, WTFCB_BASE_MODULE);
}

/* `size` bytes aligned for any type, not cleared; NULL when memory has run out. Amortised O(1). */
void *wtfcb_base_arena_alloc(wtfcb_base_arena *arena, size_t size);

/* A copy of `length` bytes with a NUL behind them; unaligned, for strings. */
char *wtfcb_base_arena_string(wtfcb_base_arena *arena, const char *bytes, size_t length);

/* `size` bytes of any alignment, for strings built in place. */
char *wtfcb_base_arena_bytes(wtfcb_base_arena *arena, size_t size);

/* Move all chunks of `from` into `to` (same allocator): blocks keep their addresses and live as long as `to`. */
void wtfcb_base_arena_adopt(wtfcb_base_arena *to, wtfcb_base_arena *from);

/* Bytes taken from the allocator. */
size_t wtfcb_base_arena_size(const wtfcb_base_arena *arena);

/* Free everything; the arena is empty and usable again. */
void wtfcb_base_arena_free(wtfcb_base_arena *arena);

#endif
