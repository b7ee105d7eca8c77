/* The shadow and its filter. See live.h. */
#include "alloc/live.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

#include "alloc/pages.h"
#include "base/spin.h"

enum {
    ROOT_BITS = 12,
    MIDDLE_BITS = 13,
    LEAF_BITS = 18,
    UNIT_BITS = 4, /* blocks are this far apart */
    ADDRESS_BITS = ROOT_BITS + MIDDLE_BITS + LEAF_BITS + UNIT_BITS,

    SITE_BITS = 27,
    SIZE_BITS = 36,
    PAGE_BITS = 12,
};

static_assert(ADDRESS_BITS == 47, "what user space has");
static_assert(SITE_BITS + 1 + SIZE_BITS == 64, "a slot");

typedef _Atomic uint64_t slot;
typedef _Atomic(slot *) leaf;
typedef _Atomic(leaf *) middle;

static middle roots[2][1 << ROOT_BITS];

_Atomic uint64_t wtfcb_alloc_filter[WTFCB_ALLOC_FILTER_BITS / 64];
static uint16_t filter_counts[WTFCB_ALLOC_FILTER_BITS]; /* traced blocks behind each bit */
static wtfcb_base_spin filter_lock;
static _Atomic bool every_block;

/* ---- The filter ---- */

static uint64_t mask_of(uint32_t bit)
{
    return UINT64_C(1) << bit % 64;
}

/* A count that has reached its end stays there, and the bit with it. */
void wtfcb_alloc_filter_add(const void *block)
{
    uint32_t bit = wtfcb_alloc_filter_bit(block);
    wtfcb_base_spin_lock(&filter_lock);
    if (filter_counts[bit] < UINT16_MAX) filter_counts[bit]++;
    (void)atomic_fetch_or_explicit(&wtfcb_alloc_filter[bit / 64], mask_of(bit), memory_order_relaxed);
    wtfcb_base_spin_unlock(&filter_lock);
}

void wtfcb_alloc_filter_remove(const void *block)
{
    uint32_t bit = wtfcb_alloc_filter_bit(block);
    wtfcb_base_spin_lock(&filter_lock);
    if (filter_counts[bit] > 0 && filter_counts[bit] < UINT16_MAX && --filter_counts[bit] == 0)
        (void)atomic_fetch_and_explicit(&wtfcb_alloc_filter[bit / 64], ~mask_of(bit), memory_order_relaxed);
    wtfcb_base_spin_unlock(&filter_lock);
}

void wtfcb_alloc_filter_pin(const void *block)
{
    uint32_t bit = wtfcb_alloc_filter_bit(block);
    wtfcb_base_spin_lock(&filter_lock);
    filter_counts[bit] = UINT16_MAX;
    (void)atomic_fetch_or_explicit(&wtfcb_alloc_filter[bit / 64], mask_of(bit), memory_order_relaxed);
    wtfcb_base_spin_unlock(&filter_lock);
}

void wtfcb_alloc_filter_reset(bool all)
{
    atomic_store_explicit(&every_block, all, memory_order_relaxed);
    wtfcb_base_spin_lock(&filter_lock);
    for (uint32_t i = 0; i < WTFCB_ALLOC_FILTER_BITS / 64; i++) {
        uint64_t bits = 0;
        for (uint32_t bit = i * 64; bit < (i + 1) * 64; bit++) {
            if (filter_counts[bit] == UINT16_MAX) {
                bits |= mask_of(bit);
            } else {
                filter_counts[bit] = 0;
            }
        }
        atomic_store_explicit(&wtfcb_alloc_filter[i], all ? UINT64_MAX : bits, memory_order_relaxed);
    }
    wtfcb_base_spin_unlock(&filter_lock);
}

void wtfcb_alloc_live_unlock(void)
{
    wtfcb_base_spin_init(&filter_lock);
}

/* ---- What a slot holds ---- */

uint64_t wtfcb_alloc_live_value(uint64_t site, uint64_t size)
{
    uint64_t high = site / 8 << (SIZE_BITS + 1);
    if (size < UINT64_C(1) << SIZE_BITS) return high | size;
    uint64_t pages = (size >> PAGE_BITS) + ((size & ((1 << PAGE_BITS) - 1)) != 0);
    return high | UINT64_C(1) << SIZE_BITS | (pages & ((UINT64_C(1) << SIZE_BITS) - 1));
}

uint64_t wtfcb_alloc_live_site(uint64_t value)
{
    return (value >> (SIZE_BITS + 1)) * 8;
}

uint64_t wtfcb_alloc_live_size(uint64_t value)
{
    uint64_t size = value & ((UINT64_C(1) << SIZE_BITS) - 1);
    return value >> SIZE_BITS & 1 ? size << PAGE_BITS : size;
}

/* ---- The shadow ---- */

/* Where few blocks are traced one of them would bring a whole large page into being. */
static void *map(size_t size)
{
    return wtfcb_alloc_pages_map(size, atomic_load_explicit(&every_block, memory_order_relaxed));
}

/* Two that make the same table: the second throws its own away. */
static leaf *leaves_of(middle *at, bool make)
{
    leaf *leaves = atomic_load_explicit(at, memory_order_acquire);
    size_t size = sizeof(leaf) << MIDDLE_BITS;
    if (leaves || !make) return leaves;
    leaf *made = map(size);
    if (!made || atomic_compare_exchange_strong(at, &leaves, made)) return made;
    (void)munmap((void *)made, size);
    return leaves;
}

static slot *slots_of(leaf *at, bool make)
{
    slot *slots = atomic_load_explicit(at, memory_order_acquire);
    size_t size = sizeof(slot) << LEAF_BITS;
    if (slots || !make) return slots;
    slot *made = map(size);
    if (!made || atomic_compare_exchange_strong(at, &slots, made)) return made;
    (void)munmap((void *)made, size);
    return slots;
}

static slot *slot_of(const void *block, bool make)
{
    uint64_t address = (uintptr_t)block;
    if (address >> ADDRESS_BITS != 0) return NULL;
    leaf *leaves = leaves_of(&roots[address >> 3 & 1][address >> (ADDRESS_BITS - ROOT_BITS)], make);
    if (!leaves) return NULL;
    slot *slots = slots_of(&leaves[address >> (LEAF_BITS + UNIT_BITS) & ((1 << MIDDLE_BITS) - 1)], make);
    return slots ? &slots[address >> UNIT_BITS & ((1 << LEAF_BITS) - 1)] : NULL;
}

uint64_t wtfcb_alloc_live_put(const void *block, uint64_t value, bool *ret_stored)
{
    slot *s = slot_of(block, true);
    *ret_stored = s != NULL;
    if (!s) return 0;
    uint64_t before = atomic_load_explicit(s, memory_order_relaxed);
    if (before == 0) { /* as it should be: nobody else has this block */
        atomic_store_explicit(s, value, memory_order_relaxed);
        return 0;
    }
    return atomic_exchange_explicit(s, value, memory_order_relaxed);
}

uint64_t wtfcb_alloc_live_take(const void *block)
{
    slot *s = slot_of(block, false);
    if (!s) return 0;
    uint64_t value = atomic_load_explicit(s, memory_order_relaxed);
    if (value != 0) value = atomic_exchange_explicit(s, 0, memory_order_relaxed);
    return value;
}

void wtfcb_alloc_live_clear(void)
{
    for (size_t i = 0; i < 2 << ROOT_BITS; i++) {
        leaf *leaves = atomic_load_explicit(&roots[i >> ROOT_BITS][i & ((1 << ROOT_BITS) - 1)], memory_order_acquire);
        for (size_t j = 0; leaves && j < 1 << MIDDLE_BITS; j++) {
            slot *slots = atomic_load_explicit(&leaves[j], memory_order_acquire);
            if (slots) (void)madvise((void *)slots, sizeof(slot) << LEAF_BITS, MADV_DONTNEED);
        }
    }
}
