/*
 * Which blocks are live: for every address that malloc can return a slot of eight bytes, found by three loads, without a lock.
 *
 * The slots are a shadow of the address space, half as large, of which only the pages come into being that have a traced block in the twice as much memory they stand
 * for. A slot belongs to whoever owns the block: taking is an exchange, so that it is counted off once. Blocks that are aligned to 8 and not to 16 have a shadow of their own.
 *
 * When few blocks are traced, a filter of 65,536 bits is in front: a clear bit says that none of the blocks that share it is. Neighbours share a line of it, so
 * that it stays in the nearest cache. In full every bit is set.
 */
#ifndef WTFCB_ALLOC_LIVE_H
#define WTFCB_ALLOC_LIVE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WTFCB_ALLOC_FILTER_BITS = 1 << 16 };

extern _Atomic uint64_t wtfcb_alloc_filter[WTFCB_ALLOC_FILTER_BITS / 64];

static inline uint32_t wtfcb_alloc_filter_bit(const void *block)
{
    uint64_t address = (uintptr_t)block;
    uint64_t line = (address >> 13) * UINT64_C(0x9e3779b97f4a7c15) >> 57;
    return (uint32_t)(line << 9 | (address >> 4 & 511));
}

/* False: the block is not traced. */
static inline bool wtfcb_alloc_filter_has(const void *block)
{
    uint32_t bit = wtfcb_alloc_filter_bit(block);
    return atomic_load_explicit(&wtfcb_alloc_filter[bit / 64], memory_order_relaxed) >> bit % 64 & 1;
}

void wtfcb_alloc_filter_add(const void *block);
void wtfcb_alloc_filter_remove(const void *block);
/* The bit of this block stays set for ever. */
void wtfcb_alloc_filter_pin(const void *block);
/* All bits clear but those, or all set. */
void wtfcb_alloc_filter_reset(bool all);

/* What a slot holds: where its site is in the region, and the size; a size of 2^36 and more is rounded up to pages. 0: nothing. */
uint64_t wtfcb_alloc_live_value(uint64_t site, uint64_t size);
uint64_t wtfcb_alloc_live_site(uint64_t value);
uint64_t wtfcb_alloc_live_size(uint64_t value);

/* What was in the block's slot before; `ret_stored` false: there is no memory for the slot, or no such address. */
uint64_t wtfcb_alloc_live_put(const void *block, uint64_t value, bool *ret_stored);

/* What is in the block's slot, which is then empty. */
uint64_t wtfcb_alloc_live_take(const void *block);

/* Forget all blocks. Others may take and put meanwhile: what they put may stay. */
void wtfcb_alloc_live_clear(void);

/* After a fork: locks that others held are free. */
void wtfcb_alloc_live_unlock(void);

#endif
