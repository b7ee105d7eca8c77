/* The arena of the private core; see core_memory.h. */
#include "lang/core_memory.h"

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"

enum {
    UNIT = 8,
    HEADER = offsetof(wtfcb_lang_core_block, next_free),
    CHUNK = 1 << 20,
    SPARES = 12, /* chunks kept between files */
    FUEL = 512,  /* steps between two looks at the brake */
    STEP = 8,    /* units of a large block that count as a step */
    TICKS = 16,  /* of the core's assertions that do */
};

struct wtfcb_lang_core_chunk {
    struct wtfcb_lang_core_chunk *next;
    size_t size; /* of the whole block */
    alignas(16) char data[];
};

#ifndef __has_feature
#define __has_feature(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define HIDE(address, size) ASAN_POISON_MEMORY_REGION(address, size)
#define SHOW(address, size) ASAN_UNPOISON_MEMORY_REGION(address, size)
#else
#define HIDE(address, size) ((void)(address), (void)(size))
#define SHOW(address, size) ((void)(address), (void)(size))
#endif

static _Thread_local WTFCB_LANG_CORE_TLS wtfcb_lang_core_arena *current;
#if defined(__GLIBC__)
_Thread_local WTFCB_LANG_CORE_TLS uint32_t wtfcb_lang_core_ticks; /* of assertions passed, not yet counted as work */
#endif

void wtfcb_lang_core_init(wtfcb_lang_core_arena *arena, const wtfcb_allocator *allocator)
{
    memset(arena, 0, sizeof *arena);
    arena->allocator = allocator;
}

static void free_chunks(wtfcb_lang_core_arena *arena, struct wtfcb_lang_core_chunk *chunk)
{
    while (chunk) {
        struct wtfcb_lang_core_chunk *next = chunk->next;
        wtfcb_base_free(arena->allocator, chunk, chunk->size);
        chunk = next;
    }
}

void wtfcb_lang_core_free(wtfcb_lang_core_arena *arena)
{
    assert(!arena->used);
    free_chunks(arena, arena->spare);
    wtfcb_lang_core_init(arena, arena->allocator);
}

/* Ticks since the last call, in steps. */
static uint32_t take_ticks(void)
{
#if defined(__GLIBC__)
    uint32_t steps = wtfcb_lang_core_ticks / TICKS;
    wtfcb_lang_core_ticks = 0;
    return steps;
#else
    return 0;
#endif
}

jmp_buf *wtfcb_lang_core_begin(wtfcb_lang_core_arena *arena, const wtfcb_lang_core_budget *budget)
{
    assert(!current && !arena->used);
    arena->budget = *budget;
    arena->work = 0;
    arena->taken = 0;
    arena->began = budget->time_ns ? wtfcb_base_thread_time() : 0;
    arena->look_again = budget->time_ns ? wtfcb_base_now_coarse() + budget->time_ns : 0;
    arena->fuel = FUEL;
    (void)take_ticks();
    arena->next = arena->end = NULL;
    memset((void *)arena->free_lists, 0, sizeof arena->free_lists);
    current = arena;
    return &arena->escape;
}

void wtfcb_lang_core_end(wtfcb_lang_core_arena *arena)
{
    assert(current == arena);
    current = NULL;
    while (arena->used) {
        struct wtfcb_lang_core_chunk *chunk = arena->used;
        arena->used = chunk->next;
        SHOW(chunk, chunk->size);
        if (chunk->size == CHUNK && arena->spare_count < SPARES) {
            chunk->next = arena->spare;
            arena->spare = chunk;
            arena->spare_count++;
        } else {
            wtfcb_base_free(arena->allocator, chunk, chunk->size);
        }
    }
}

_Noreturn static void leave(wtfcb_lang_core_arena *arena, int reason)
{
    longjmp(arena->escape, reason);
}

void wtfcb_lang_core_fail(void)
{
    if (!current) abort();
    leave(current, WTFCB_LANG_CORE_FAILED);
}

/*
 * Processor time counts, not the clock on the wall: a limit should not depend on what else the machine does. It cannot
 * have passed faster than the clock, which is cheap to read; so the dear one is read only when the clock says that it might.
 */
static void look_at_time(wtfcb_lang_core_arena *arena)
{
    uint64_t used = wtfcb_base_thread_time() - arena->began;
    if (used > arena->budget.time_ns) leave(arena, WTFCB_LANG_CORE_TIME_LIMIT);
    arena->look_again = wtfcb_base_now_coarse() + (arena->budget.time_ns - used);
}

void wtfcb_lang_core_spend(wtfcb_lang_core_arena *arena, uint64_t steps)
{
    const wtfcb_lang_core_budget *budget = &arena->budget;
    arena->work += steps + take_ticks();
    if (budget->work && arena->work > budget->work) leave(arena, WTFCB_LANG_CORE_WORK_LIMIT);
    if (budget->stopped && budget->stopped(budget->user)) leave(arena, WTFCB_LANG_CORE_STOPPED);
    if (budget->time_ns && wtfcb_base_now_coarse() > arena->look_again) look_at_time(arena);
}

void wtfcb_lang_core_look(void)
{
    wtfcb_lang_core_charge(0);
}

void wtfcb_lang_core_charge(uint64_t steps)
{
    if (current) wtfcb_lang_core_spend(current, steps);
}

/* A chunk with `bytes` of room becomes the newest; a large one leaves the free space of the former newest unused. */
static void add_chunk(wtfcb_lang_core_arena *arena, size_t bytes)
{
    size_t size = bytes + sizeof(struct wtfcb_lang_core_chunk);
    if (size < CHUNK) size = CHUNK;
    if (size > arena->budget.memory || arena->taken > arena->budget.memory - size)
        leave(arena, WTFCB_LANG_CORE_MEMORY_LIMIT);
    struct wtfcb_lang_core_chunk *chunk;
    if (size == CHUNK && arena->spare) {
        chunk = arena->spare;
        arena->spare = chunk->next;
        arena->spare_count--;
    } else {
        chunk = wtfcb_base_alloc(arena->allocator, size);
        if (!chunk) leave(arena, WTFCB_LANG_CORE_NO_MEMORY);
        chunk->size = size;
    }
    chunk->next = arena->used;
    arena->used = chunk;
    arena->taken += size;
    arena->next = chunk->data;
    arena->end = (char *)chunk + size;
    HIDE(arena->next, (size_t)(arena->end - arena->next));
}

/*
 * The free list for a block of `*units`, which is rounded up to the list's size: each unit up to 128, then four sizes
 * between a power of two and the next.
 */
static uint32_t class_of(size_t *units)
{
    if (*units < WTFCB_LANG_CORE_SMALL) return (uint32_t)*units;
    uint32_t power = 63 - (uint32_t)__builtin_clzl(*units - 1); /* 2^power <= units - 1 */
    size_t quarter = (size_t)1 << (power - 2);
    size_t steps = (*units - 1 - ((size_t)1 << power)) / quarter; /* 0 to 3 */
    *units = ((size_t)1 << power) + (steps + 1) * quarter;
    return WTFCB_LANG_CORE_SMALL + (power - 7) * 4 + (uint32_t)steps;
}

/* What a caller sees of a block, and the block of what a caller sees. */
static char *bytes_of(wtfcb_lang_core_block *block)
{
    return (char *)block + HEADER;
}

static wtfcb_lang_core_block *block_of(void *bytes)
{
    return (void *)((char *)bytes - HEADER);
}

static size_t size_of(wtfcb_lang_core_block *block)
{
    SHOW(block, HEADER);
    size_t size = (size_t)block->units * UNIT;
    HIDE(block, HEADER);
    return size;
}

static void set_units(wtfcb_lang_core_block *block, size_t units)
{
    SHOW(block, HEADER);
    block->units = (uint32_t)units;
    HIDE(block, HEADER);
}

static void *allocate(wtfcb_lang_core_arena *arena, size_t size)
{
    if (size > UINT32_MAX) leave(arena, WTFCB_LANG_CORE_MEMORY_LIMIT);
    size_t units = size ? (size + UNIT - 1) / UNIT : 1;
    arena->fuel -= units < WTFCB_LANG_CORE_SMALL ? 1 : (int32_t)(units / STEP);
    if (__builtin_expect(arena->fuel < 0, 0)) {
        uint64_t steps = (uint64_t)(FUEL - arena->fuel);
        arena->fuel = FUEL;
        wtfcb_lang_core_spend(arena, steps);
    }
    uint32_t class = class_of(&units);
    wtfcb_lang_core_block *block = arena->free_lists[class];
    if (block) {
        SHOW(bytes_of(block), UNIT);
        arena->free_lists[class] = block->next_free;
        HIDE(bytes_of(block), UNIT);
        SHOW(bytes_of(block), size);
        return bytes_of(block);
    }
    size_t bytes = units * UNIT + HEADER;
    if (__builtin_expect(bytes > (size_t)(arena->end - arena->next), 0)) add_chunk(arena, bytes);
    block = (void *)arena->next;
    arena->next += bytes;
    set_units(block, units);
    SHOW(bytes_of(block), size);
    return bytes_of(block);
}

void *wtfcb_lang_core_malloc(size_t size)
{
    return allocate(current, size);
}

void *wtfcb_lang_core_calloc(size_t count, size_t size)
{
    size_t bytes;
    assert(current);
    if (__builtin_mul_overflow(count, size, &bytes)) leave(current, WTFCB_LANG_CORE_MEMORY_LIMIT);
    void *block = allocate(current, bytes);
    memset(block, 0, bytes);
    return block;
}

void wtfcb_lang_core_release(void *bytes)
{
    if (!bytes) return;
    wtfcb_lang_core_block *block = block_of(bytes);
    size_t size = size_of(block);
    size_t units = size / UNIT;
    uint32_t class = class_of(&units);
    SHOW(bytes, UNIT);
    block->next_free = current->free_lists[class];
    HIDE(bytes, size);
    current->free_lists[class] = block;
}

/* The newest block of the arena can grow where it is. */
static bool extend(wtfcb_lang_core_arena *arena, wtfcb_lang_core_block *block, size_t size)
{
    if (bytes_of(block) + size_of(block) != arena->next || size > UINT32_MAX) return false;
    size_t units = (size + UNIT - 1) / UNIT;
    (void)class_of(&units);
    if (units * UNIT > (size_t)(arena->end - bytes_of(block))) return false;
    set_units(block, units);
    arena->next = bytes_of(block) + units * UNIT;
    return true;
}

void *wtfcb_lang_core_realloc(void *bytes, size_t size)
{
    if (!bytes) return allocate(current, size);
    wtfcb_lang_core_block *block = block_of(bytes);
    size_t old_size = size_of(block);
    if (size <= old_size || extend(current, block, size)) {
        HIDE(bytes, size_of(block));
        SHOW(bytes, size);
        return bytes;
    }
    void *moved = allocate(current, size);
    SHOW(bytes, old_size);
    memcpy(moved, bytes, old_size);
    wtfcb_lang_core_release(bytes);
    return moved;
}
