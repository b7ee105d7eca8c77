/*
 * The recorder's memory: a region of blocks, taken from its unused end or from a stack of those that were given back.
 *
 * The stacks have no lock. A block's link is only ever used as such, so that a thread which reads it while another takes the block reads a number, and the count
 * of changes in the head tells it that the number is old.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "profiler/zone_parts.h"

_Atomic(wtfcb_profiler_zone_region *) wtfcb_profiler_zone_current;

/* The first block's place is the region's own head. */
wtfcb_profiler_zone_region *wtfcb_profiler_zone_region_map(uint64_t size)
{
    uint64_t count = size / WTFCB_PROFILER_ZONE_BLOCK;
    if (count < 2) count = 2;
    if (count > UINT32_MAX / 4 / (WTFCB_PROFILER_ZONE_BLOCK / WTFCB_PROFILER_ZONE_LINE))
        count = UINT32_MAX / 4 / (WTFCB_PROFILER_ZONE_BLOCK / WTFCB_PROFILER_ZONE_LINE);
    size = count * WTFCB_PROFILER_ZONE_BLOCK;
    void *place = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED) return NULL;
    wtfcb_profiler_zone_region *region = place;
    region->blocks = (char *)place + WTFCB_PROFILER_ZONE_BLOCK;
    region->size = size;
    region->count = (uint32_t)count - 1;
    region->process = getpid();
    return region;
}

static uint32_t index_of(const wtfcb_profiler_zone_region *region, const void *block)
{
    return (uint32_t)(((uintptr_t)block - (uintptr_t)region->blocks) / WTFCB_PROFILER_ZONE_BLOCK) + 1;
}

static wtfcb_profiler_zone_block *block_at(const wtfcb_profiler_zone_region *region, uint32_t index)
{
    return (void *)(region->blocks + (uint64_t)(index - 1) * WTFCB_PROFILER_ZONE_BLOCK);
}

void wtfcb_profiler_zone_stack_push(wtfcb_profiler_zone_region *region, wtfcb_profiler_zone_counter *stack,
                                    wtfcb_profiler_zone_block *block)
{
    uint64_t head = atomic_load_explicit(stack, memory_order_relaxed);
    uint64_t next;
    do {
        atomic_store_explicit(&block->link, (uint32_t)head, memory_order_relaxed);
        next = ((head >> 32) + 1) << 32 | index_of(region, block);
    } while (!atomic_compare_exchange_weak_explicit(stack, &head, next, memory_order_seq_cst, memory_order_relaxed));
}

wtfcb_profiler_zone_block *wtfcb_profiler_zone_stack_pop(wtfcb_profiler_zone_region *region,
                                                         wtfcb_profiler_zone_counter *stack)
{
    uint64_t head = atomic_load_explicit(stack, memory_order_acquire);
    wtfcb_profiler_zone_block *block;
    uint64_t next;
    do {
        if ((uint32_t)head == 0) return NULL;
        block = block_at(region, (uint32_t)head);
        next = ((head >> 32) + 1) << 32 | atomic_load_explicit(&block->link, memory_order_relaxed);
    } while (!atomic_compare_exchange_weak_explicit(stack, &head, next, memory_order_acquire, memory_order_acquire));
    return block;
}

/* Whatever is in use together is bounded, wherever it comes from. */
bool wtfcb_profiler_zone_reserve(wtfcb_profiler_zone_region *region)
{
    uint32_t limit = atomic_load_explicit(&region->limit, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&region->in_use, 1, memory_order_relaxed) < limit) return true;
    atomic_fetch_sub_explicit(&region->in_use, 1, memory_order_relaxed);
    return false;
}

static wtfcb_profiler_zone_block *take_unused(wtfcb_profiler_zone_region *region)
{
    uint32_t used = atomic_load_explicit(&region->used, memory_order_relaxed);
    do {
        if (used >= region->count) return NULL;
    } while (!atomic_compare_exchange_weak_explicit(&region->used, &used, used + 1, memory_order_relaxed,
                                                    memory_order_relaxed));
    return block_at(region, used + 1);
}

wtfcb_profiler_zone_block *wtfcb_profiler_zone_block_take(wtfcb_profiler_zone_region *region)
{
    if (!wtfcb_profiler_zone_reserve(region)) return NULL;
    wtfcb_profiler_zone_block *block = wtfcb_profiler_zone_stack_pop(region, &region->free_blocks);
    if (!block) block = take_unused(region);
    if (!block) {
        atomic_fetch_sub_explicit(&region->in_use, 1, memory_order_relaxed);
        return NULL;
    }
    block->owned = NULL;
    atomic_store_explicit(&block->ring, NULL, memory_order_relaxed);
    wtfcb_profiler_zone_set(&block->first, 0);
    return block;
}

void wtfcb_profiler_zone_block_free(wtfcb_profiler_zone_region *region, wtfcb_profiler_zone_block *block)
{
    wtfcb_profiler_zone_stack_push(region, &region->free_blocks, block);
    atomic_fetch_sub_explicit(&region->in_use, 1, memory_order_relaxed);
}
