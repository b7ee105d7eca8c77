/*
 * A list of chunks that double in size from 4 KiB to 1 MiB. A request that is larger than the next chunk gets one of its
 * own, put behind the newest, so that the newest one's free space stays in use.
 */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"

enum { FIRST_CHUNK = 4096, LAST_CHUNK = 1 << 20 };

struct wtfcb_base_arena_chunk {
    struct wtfcb_base_arena_chunk *older;
    size_t size; /* of the whole block, this header included */
    alignas(max_align_t) char data[];
};

void wtfcb_base_arena_init_for(wtfcb_base_arena *arena, const wtfcb_allocator *allocator, uint32_t module)
{
    *arena = (wtfcb_base_arena){.allocator = allocator, .module = module, .chunk_size = FIRST_CHUNK};
}

/* A chunk with room for at least `size` bytes; NULL when memory has run out. */
static struct wtfcb_base_arena_chunk *chunk_new(wtfcb_base_arena *arena, size_t size)
{
    size_t bytes;
    if (__builtin_add_overflow(size, sizeof(struct wtfcb_base_arena_chunk), &bytes)) return NULL;
    struct wtfcb_base_arena_chunk *chunk = wtfcb_base_alloc_for(arena->allocator, bytes, arena->module);
    if (chunk) chunk->size = bytes;
    return chunk;
}

static void *oversized(wtfcb_base_arena *arena, size_t size)
{
    struct wtfcb_base_arena_chunk *chunk = chunk_new(arena, size);
    if (!chunk) return NULL;
    if (arena->chunks) {
        chunk->older = arena->chunks->older;
        arena->chunks->older = chunk;
    } else {
        chunk->older = NULL;
        arena->chunks = chunk;
        arena->next = arena->end = chunk->data + size;
    }
    return chunk->data;
}

char *wtfcb_base_arena_bytes(wtfcb_base_arena *arena, size_t size)
{
    if (size > (size_t)(arena->end - arena->next)) {
        if (size > arena->chunk_size / 4) return oversized(arena, size);
        struct wtfcb_base_arena_chunk *chunk = chunk_new(arena, arena->chunk_size);
        if (!chunk) return NULL;
        chunk->older = arena->chunks;
        arena->chunks = chunk;
        arena->next = chunk->data;
        arena->end = chunk->data + arena->chunk_size;
        if (arena->chunk_size < LAST_CHUNK) arena->chunk_size *= 2;
    }
    char *bytes = arena->next;
    arena->next += size;
    return bytes;
}

void *wtfcb_base_arena_alloc(wtfcb_base_arena *arena, size_t size)
{
    assert(size > 0);
    size_t padding = (size_t)(-(uintptr_t)arena->next & (alignof(max_align_t) - 1));
    if (padding > (size_t)(arena->end - arena->next))
        arena->next = arena->end; /* what follows starts a chunk, which is aligned */
    else if (padding > 0)
        arena->next += padding; /* not of 0 to NULL, which an empty arena has */
    return wtfcb_base_arena_bytes(arena, size);
}

char *wtfcb_base_arena_string(wtfcb_base_arena *arena, const char *bytes, size_t length)
{
    char *copy = wtfcb_base_arena_bytes(arena, length + 1);
    if (!copy) return NULL;
    if (length) memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

void wtfcb_base_arena_adopt(wtfcb_base_arena *to, wtfcb_base_arena *from)
{
    struct wtfcb_base_arena_chunk *oldest = from->chunks;
    if (!oldest) return;
    wtfcb_base_memory_move(from->module, to->module, 1, oldest->size);
    while (oldest->older) {
        oldest = oldest->older;
        wtfcb_base_memory_move(from->module, to->module, 1, oldest->size);
    }
    if (to->chunks) {
        oldest->older = to->chunks->older;
        to->chunks->older = from->chunks;
    } else {
        to->chunks = from->chunks;
        to->next = to->end = NULL;
    }
    wtfcb_base_arena_init_for(from, from->allocator, from->module);
}

size_t wtfcb_base_arena_size(const wtfcb_base_arena *arena)
{
    size_t bytes = 0;
    for (const struct wtfcb_base_arena_chunk *chunk = arena->chunks; chunk; chunk = chunk->older)
        bytes += chunk->size;
    return bytes;
}

void wtfcb_base_arena_free(wtfcb_base_arena *arena)
{
    for (struct wtfcb_base_arena_chunk *chunk = arena->chunks; chunk;) {
        struct wtfcb_base_arena_chunk *older = chunk->older;
        wtfcb_base_free_for(arena->allocator, chunk, chunk->size, arena->module);
        chunk = older;
    }
    wtfcb_base_arena_init_for(arena, arena->allocator, arena->module);
}
