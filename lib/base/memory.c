/*
 * The one place where memory is asked for. libc's functions stand behind the same hooks as a caller's, so that there is
 * one path to test: the allocation-failure tests install hooks that fail on demand.
 *
 * What comes and what goes is counted by module, in one of a few shards: the thread's, so that threads seldom write to the same line. Sums over all shards
 * are right whichever thread gives a block back, and in a child of fork(), which has its parent's blocks and counts.
 */
#include "base/memory.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/row.h"

enum { SHARDS = 16, LINE = 64 };

/* Of one module in one shard; all of it only grows. */
typedef struct counts {
    _Atomic uint64_t blocks_in;
    _Atomic uint64_t bytes_in;
    _Atomic uint64_t blocks_out;
    _Atomic uint64_t bytes_out;
} counts;

static struct {
    alignas(LINE) counts modules[WTFCB_BASE_MODULES];
} shards[SHARDS];

static _Atomic uint32_t next_shard;
static _Thread_local uint32_t shard __attribute__((tls_model("initial-exec"))); /* its number + 1; 0: none yet */

static const char *const names[WTFCB_BASE_MODULES] = {"base", "pool",    "profiler", "cache",
                                                      "lang", "scanner", "benchmark"};

static void *libc_alloc(void *user, size_t size)
{
    (void)user;
    return malloc(size);
}

static void *libc_realloc(void *user, void *block, size_t old_size, size_t new_size)
{
    (void)user;
    (void)old_size;
    return realloc(block, new_size);
}

static void libc_free(void *user, void *block, size_t size)
{
    (void)user;
    (void)size;
    free(block);
}

wtfcb_allocator wtfcb_base_allocator(const wtfcb_allocator *given)
{
    return given ? *given : (wtfcb_allocator){NULL, libc_alloc, libc_realloc, libc_free};
}

bool wtfcb_base_allocator_valid(const wtfcb_allocator *given)
{
    return !given || (given->alloc && given->realloc && given->free);
}

/* ---- Who has how much ---- */

static counts *own_counts(uint32_t module)
{
    assert(module < WTFCB_BASE_MODULES);
    if (shard == 0) shard = 1 + atomic_fetch_add_explicit(&next_shard, 1, memory_order_relaxed) % SHARDS;
    return &shards[shard - 1].modules[module];
}

static void add(_Atomic uint64_t *count, uint64_t more)
{
    (void)atomic_fetch_add_explicit(count, more, memory_order_relaxed);
}

static void count_in(uint32_t module, uint64_t bytes)
{
    counts *own = own_counts(module);
    add(&own->blocks_in, 1);
    add(&own->bytes_in, bytes);
}

static void count_out(uint32_t module, uint64_t bytes)
{
    counts *own = own_counts(module);
    add(&own->blocks_out, 1);
    add(&own->bytes_out, bytes);
}

void wtfcb_base_memory_move(uint32_t from, uint32_t to, uint64_t blocks, uint64_t bytes)
{
    if (from == to) return;
    add(&own_counts(to)->blocks_in, blocks);
    add(&own_counts(to)->bytes_in, bytes);
    add(&own_counts(from)->blocks_out, blocks);
    add(&own_counts(from)->bytes_out, bytes);
}

uint32_t wtfcb_memory_module_count(void)
{
    return WTFCB_BASE_MODULES;
}

static uint64_t sum(uint32_t module, size_t offset)
{
    uint64_t all = 0;
    for (unsigned i = 0; i < SHARDS; i++) {
        const char *row = (const char *)&shards[i].modules[module];
        all += atomic_load_explicit((const _Atomic uint64_t *)(const void *)(row + offset), memory_order_relaxed);
    }
    return all;
}

/* What went is read before what came, so that no block is seen going that was not seen to come. */
static uint64_t difference(uint64_t out, uint64_t in)
{
    return in > out ? in - out : 0;
}

wtfcb_status wtfcb_memory_module_at(uint32_t index, wtfcb_memory_module *ret_row, size_t size)
{
    if (!ret_row || size == 0) return WTFCB_EINVAL;
    if (index >= WTFCB_BASE_MODULES) return WTFCB_ENOTFOUND;
    uint64_t bytes_out = sum(index, offsetof(counts, bytes_out));
    uint64_t blocks_out = sum(index, offsetof(counts, blocks_out));
    atomic_thread_fence(memory_order_acquire);
    wtfcb_memory_module row = {
        .name = names[index],
        .allocated_bytes = sum(index, offsetof(counts, bytes_in)),
        .allocated_blocks = sum(index, offsetof(counts, blocks_in)),
    };
    row.live_bytes = difference(bytes_out, row.allocated_bytes);
    row.live_blocks = difference(blocks_out, row.allocated_blocks);
    wtfcb_base_row_copy(ret_row, size, &row, sizeof row);
    return WTFCB_OK;
}

/* ---- Blocks ---- */

void *wtfcb_base_alloc_for(const wtfcb_allocator *allocator, size_t size, uint32_t module)
{
    assert(size > 0);
    void *block = allocator->alloc(allocator->user, size);
    if (block) count_in(module, size);
    return block;
}

void *wtfcb_base_calloc_for(const wtfcb_allocator *allocator, size_t count, size_t size, uint32_t module)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
    void *block = wtfcb_base_alloc_for(allocator, bytes, module);
    if (block) memset(block, 0, bytes);
    return block;
}

void *wtfcb_base_realloc_for(const wtfcb_allocator *allocator, void *block, size_t old_size, size_t new_size,
                             uint32_t module)
{
    assert(new_size > 0 && !block == !old_size);
    if (!block) return wtfcb_base_alloc_for(allocator, new_size, module);
    void *moved = allocator->realloc(allocator->user, block, old_size, new_size);
    if (moved && new_size > old_size) add(&own_counts(module)->bytes_in, new_size - old_size);
    if (moved && new_size < old_size) add(&own_counts(module)->bytes_out, old_size - new_size);
    return moved;
}

void wtfcb_base_free_for(const wtfcb_allocator *allocator, void *block, size_t size, uint32_t module)
{
    if (!block) return;
    count_out(module, size);
    allocator->free(allocator->user, block, size);
}

bool wtfcb_base_reserve_for(const wtfcb_allocator *allocator, void **array, size_t *capacity, size_t needed,
                            size_t size, uint32_t module)
{
    if (needed <= *capacity) return true;
    size_t grown = *capacity + *capacity / 2 + 8;
    if (grown < needed) grown = needed;
    size_t bytes;
    if (__builtin_mul_overflow(grown, size, &bytes)) return false;
    void *moved = wtfcb_base_realloc_for(allocator, *array, *capacity * size, bytes, module);
    if (!moved) return false;
    *array = moved;
    *capacity = grown;
    return true;
}
