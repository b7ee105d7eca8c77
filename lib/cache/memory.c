/*
 * The memory tier: shards of an index and a ring of use.
 *
 * A value has a slot, a number that it keeps while it is there. The index finds value and slot of a key by open addressing; the ring
 * links the slots from the one used last to the one that goes first, with slot 0 as its anchor. The entry keeps a part of the hash, so
 * that another key's value is hardly ever looked at. A hit reads an entry of the index, the value's slot, and the lines of the
 * value that hold its counter and key; it writes the counter.
 *
 * What a hit costs is lines that are not in the processor's cache, so it does not move its slot each time: that would write to four
 * of them. A slot knows how much had been put into the shard when it was moved last, and is left where it is until another eighth of
 * the shard's share has been put. So a value goes in the order of use, taken an eighth of a turnover too early at worst, and hits
 * between two puts move nothing after the first. In a tier of one shard, which is small, every hit moves its slot, and the order is exact.
 *
 * Room. The limit is one number for all shards, reserved before a value goes in, so that the sum of costs never exceeds it, and a
 * value may be as large as the whole limit. What makes room is the last of the shard's own ring if the shard would have more than
 * its share (the limit over the number of shards), else the last of the shard that has most: what one large value displaced
 * grows back evenly. Shards are so large that their order of use stands for that of the tier.
 *
 * Tables grow with the number of values and are given back by a clear. Their share is in the cost of each value.
 *
 * Locks: one shard's at a time, never two. Under it nothing is freed and nobody called but remove_if's function; values that leave are
 * collected and dropped after it. It is held for so short a time that whoever finds it taken spins (base/spin.h).
 */
#include "cache/memory.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include "base/memory.h"
#include "base/spin.h"

enum {
    MOST_SHARDS = 16,
    SMALLEST_SHARE = 1 << 20, /* bytes: below it there are fewer shards */
    LINE = 64,                /* of the cache */
    FIRST_INDEX = 16,
    FIRST_SLOTS = 8,
    BATCH = 32,      /* values that leave while a lock is held */
    PATIENCE = 8,    /* the part of a share after which a hit moves its slot again */
    CLOCK_UNIT = 64, /* bytes put */
};

typedef struct entry {
    wtfcb_value *value;
    uint32_t tag;  /* bits of the hash, the place of the entry among them */
    uint32_t slot; /* 0: free */
} entry;

/* Of one that is free: `newer` is itself, `older` the next free one or 0. */
typedef struct slot {
    uint32_t newer; /* towards what was used last; from the anchor: the oldest */
    uint32_t older; /* from the anchor: the newest */
    uint32_t tag;   /* of its entry */
    uint32_t moved; /* the shard's clock then */
} slot;

typedef struct shard {
    _Alignas(LINE) wtfcb_base_spin lock;
    uint32_t index_mask;
    entry *index; /* a power of two of them, or NULL */
    slot *slots;
    uint64_t put; /* bytes, ever: the clock of hits */
    uint64_t hits;
    uint32_t slot_capacity; /* slots there is memory for, the anchor included; 0 or FIRST_SLOTS and more */
    uint32_t slot_count;    /* slots that were ever used, the anchor included */
    uint32_t free_slot;     /* first of the free ones below `slot_count`; 0: none */
    uint64_t entries;
    uint64_t evictions;
    atomic_uint_fast64_t bytes; /* written under the lock, read by whoever looks for the fullest */
} shard;

struct wtfcb_cache_memory {
    _Alignas(LINE) atomic_uint_fast64_t reserved; /* bytes of all shards */
    _Alignas(LINE) wtfcb_allocator allocator;
    uint64_t limit;
    uint64_t share;
    uint32_t patience; /* of hits, in units of the clock; 0: every hit moves its slot */
    void *block;       /* as it was allocated, in front of the alignment */
    size_t block_size;
    uint32_t shard_count;
    uint32_t shard_shift;
    shard shards[];
};

/* Values that left a shard, until its lock is released. */
typedef struct leaving {
    wtfcb_value *values[BATCH];
    uint32_t count;
} leaving;

static void release(leaving *gone)
{
    for (uint32_t i = 0; i < gone->count; i++)
        wtfcb_value_free(gone->values[i]);
    gone->count = 0;
}

static uint64_t bytes_of(const shard *s)
{
    return atomic_load_explicit(&s->bytes, memory_order_relaxed);
}

/* The first bits of the hash choose the shard, others the place in it. */
static shard *shard_of(wtfcb_cache_memory *memory, wtfcb_base_hash128 hash)
{
    return &memory->shards[hash.bytes[0] >> memory->shard_shift];
}

static uint32_t tag_of(wtfcb_base_hash128 hash)
{
    uint32_t tag;
    memcpy(&tag, hash.bytes + 8, sizeof tag);
    return tag;
}

/* -------------------------------------------------------------------------------------------------------------------
 * Index and ring of one shard, under its lock
 */

static bool is_of(const entry *e, uint32_t tag, const void *key, size_t key_length)
{
    return e->tag == tag && e->value->head.key_length == key_length &&
           memcmp(wtfcb_cache_value_key(e->value), key, key_length) == 0;
}

/* The entry of a key; NULL if it is not there. */
static entry *find(const shard *s, uint32_t tag, const void *key, size_t key_length)
{
    if (!s->index) return NULL;
    for (uint32_t i = tag & s->index_mask; s->index[i].slot != 0; i = (i + 1) & s->index_mask)
        if (is_of(&s->index[i], tag, key, key_length)) return &s->index[i];
    return NULL;
}

/* The entry of a slot that is in use. */
static entry *entry_of(const shard *s, uint32_t at)
{
    uint32_t i = s->slots[at].tag & s->index_mask;
    while (s->index[i].slot != at)
        i = (i + 1) & s->index_mask;
    return &s->index[i];
}

static void index_add(entry *index, uint32_t mask, entry added)
{
    uint32_t i = added.tag & mask;
    while (index[i].slot != 0)
        i = (i + 1) & mask;
    index[i] = added;
}

/* Entries behind the one that goes move up, so that a probe never meets a hole in front of what it looks for. */
static void index_remove(shard *s, entry *removed)
{
    uint32_t mask = s->index_mask;
    uint32_t hole = (uint32_t)(removed - s->index);
    for (uint32_t i = (hole + 1) & mask; s->index[i].slot != 0; i = (i + 1) & mask) {
        uint32_t home = s->index[i].tag & mask;
        if (((i - home) & mask) < ((i - hole) & mask)) continue; /* its home lies behind the hole */
        s->index[hole] = s->index[i];
        hole = i;
    }
    s->index[hole] = (entry){NULL, 0, 0};
}

static uint32_t clock_of(const shard *s)
{
    return (uint32_t)(s->put / CLOCK_UNIT);
}

static void ring_remove(slot *slots, uint32_t moved)
{
    const slot *at = &slots[moved];
    slots[at->newer].older = at->older;
    slots[at->older].newer = at->newer;
}

static void ring_add(shard *s, uint32_t added)
{
    slot *slots = s->slots;
    uint32_t newest = slots[0].older;
    slots[added].newer = 0;
    slots[added].older = newest;
    slots[added].moved = clock_of(s);
    slots[newest].newer = added;
    slots[0].older = added;
}

static void use(shard *s, uint32_t used)
{
    if (s->slots[0].older == used) return;
    ring_remove(s->slots, used);
    ring_add(s, used);
}

/* Take a value out; the shard's hold on it is the caller's. */
static wtfcb_value *take(wtfcb_cache_memory *memory, shard *s, uint32_t taken)
{
    entry *e = entry_of(s, taken);
    wtfcb_value *value = e->value;
    index_remove(s, e);
    ring_remove(s->slots, taken);
    s->slots[taken] = (slot){.newer = taken, .older = s->free_slot};
    s->free_slot = taken;
    s->entries--;
    uint64_t cost = wtfcb_cache_value_cost(value);
    atomic_store_explicit(&s->bytes, bytes_of(s) - cost, memory_order_relaxed);
    (void)atomic_fetch_sub_explicit(&memory->reserved, cost, memory_order_relaxed);
    return value;
}

static void evict(wtfcb_cache_memory *memory, shard *s, uint32_t victim, leaving *gone)
{
    assert(victim != 0 && gone->count < BATCH);
    gone->values[gone->count++] = take(memory, s, victim);
    s->evictions++;
}

/* Room for one more value in the tables. False: memory has run out, and the shard is as it was. */
static bool grow_index(const wtfcb_allocator *allocator, shard *s)
{
    size_t capacity = s->index ? (size_t)s->index_mask + 1 : 0;
    if (s->entries < capacity / 4 * 3) return true;
    size_t grown = capacity ? capacity * 2 : FIRST_INDEX;
    if (grown - 1 > UINT32_MAX) return false;
    entry *index = wtfcb_base_calloc(allocator, grown, sizeof *index);
    if (!index) return false;
    uint32_t mask = (uint32_t)(grown - 1);
    for (size_t i = 0; i < capacity; i++)
        if (s->index[i].slot != 0) index_add(index, mask, s->index[i]);
    wtfcb_base_free(allocator, s->index, capacity * sizeof *index);
    s->index = index;
    s->index_mask = mask;
    return true;
}

static bool grow_slots(const wtfcb_allocator *allocator, shard *s)
{
    if (s->free_slot != 0 || s->slot_count < s->slot_capacity) return true;
    uint32_t capacity = s->slot_capacity;
    if (capacity > UINT32_MAX / 2) return false;
    uint32_t grown = capacity ? capacity + capacity / 2 : FIRST_SLOTS;
    slot *slots = wtfcb_base_alloc(allocator, grown * sizeof *slots);
    if (!slots) return false;
    if (capacity) {
        memcpy(slots, s->slots, capacity * sizeof *slots);
        wtfcb_base_free(allocator, s->slots, capacity * sizeof *slots);
    } else {
        slots[0] = (slot){0};
        s->slot_count = 1;
    }
    s->slots = slots;
    s->slot_capacity = grown;
    return true;
}

/* -------------------------------------------------------------------------------------------------------------------
 * Room
 */

/* Exchange `old_cost` bytes of the limit for `cost`; false if that would exceed it. */
static bool reserve(wtfcb_cache_memory *memory, uint64_t cost, uint64_t old_cost)
{
    uint64_t now = atomic_load_explicit(&memory->reserved, memory_order_relaxed);
    do {
        if (now - old_cost + cost > memory->limit) return false;
    } while (!atomic_compare_exchange_weak_explicit(&memory->reserved, &now, now - old_cost + cost,
                                                    memory_order_relaxed, memory_order_relaxed));
    return true;
}

/* Let values go from the shard that has most, `own` aside, as long as `cost` bytes do not fit. False: there are none. */
static bool make_room_elsewhere(wtfcb_cache_memory *memory, const shard *own, uint64_t cost)
{
    shard *fullest = NULL;
    for (uint32_t i = 0; i < memory->shard_count; i++) {
        shard *s = &memory->shards[i];
        if (s != own && bytes_of(s) > (fullest ? bytes_of(fullest) : 0)) fullest = s;
    }
    if (!fullest) return false;
    leaving gone = {.count = 0};
    wtfcb_base_spin_lock(&fullest->lock);
    while (fullest->entries && gone.count < BATCH &&
           atomic_load_explicit(&memory->reserved, memory_order_relaxed) + cost > memory->limit)
        evict(memory, fullest, fullest->slots[0].newer, &gone);
    wtfcb_base_spin_unlock(&fullest->lock);
    release(&gone);
    return true;
}

enum outcome {
    DONE,
    NO_MEMORY,
    AGAIN,     /* values have left and want to be released first */
    ELSEWHERE, /* other shards have to make room */
};

/* A slot that is free; there is one. */
static uint32_t new_slot(shard *s)
{
    uint32_t at = s->free_slot;
    if (at == 0) return s->slot_count++;
    s->free_slot = s->slots[at].older;
    return at;
}

/* Put under the lock. `elsewhere`: whether others may be asked to make room where this one has its share or less. */
static enum outcome put_locked(wtfcb_cache_memory *memory, shard *s, uint32_t tag, wtfcb_value *value, bool elsewhere,
                               leaving *gone)
{
    const entry *old = find(s, tag, wtfcb_cache_value_key(value), value->head.key_length);
    uint32_t at = old ? old->slot : 0; /* entries move when others go, slots do not */
    uint64_t old_cost = old ? wtfcb_cache_value_cost(old->value) : 0;
    if (!old && (!grow_index(&memory->allocator, s) || !grow_slots(&memory->allocator, s))) return NO_MEMORY;
    uint64_t cost = wtfcb_cache_value_cost(value);
    if (at) use(s, at); /* it goes last */
    while (!reserve(memory, cost, old_cost)) {
        if (gone->count == BATCH - 1) return AGAIN; /* the place that is left is for the value replaced */
        uint32_t victim = s->slots[0].newer;
        bool own = victim != 0 && victim != at;
        if (elsewhere && (!own || bytes_of(s) - old_cost + cost <= memory->share)) return ELSEWHERE;
        if (!own) return AGAIN;
        evict(memory, s, victim, gone);
    }
    if (at) {
        entry *e = entry_of(s, at);
        gone->values[gone->count++] = e->value;
        e->value = wtfcb_value_ref(value);
    } else {
        at = new_slot(s);
        s->slots[at].tag = tag;
        index_add(s->index, s->index_mask, (entry){wtfcb_value_ref(value), tag, at});
        ring_add(s, at);
        s->entries++;
    }
    s->put += cost;
    atomic_store_explicit(&s->bytes, bytes_of(s) - old_cost + cost, memory_order_relaxed);
    return DONE;
}

/* -------------------------------------------------------------------------------------------------------------------
 * The tier
 */

/* A power of two. */
static uint32_t shards_for(uint64_t limit)
{
    uint32_t count = 1;
    while (count < MOST_SHARDS && limit / (count * 2) >= SMALLEST_SHARE)
        count *= 2;
    return count;
}

static uint32_t patience_for(uint64_t share)
{
    uint64_t units = share / PATIENCE / CLOCK_UNIT;
    return units < UINT32_MAX / 2 ? (uint32_t)units : UINT32_MAX / 2;
}

wtfcb_status wtfcb_cache_memory_new(const wtfcb_allocator *allocator, uint64_t limit, wtfcb_cache_memory **ret_memory)
{
    uint32_t count = shards_for(limit);
    size_t size = sizeof(wtfcb_cache_memory) + count * sizeof(shard) + LINE - 1;
    char *block = wtfcb_base_calloc(allocator, 1, size);
    if (!block) return WTFCB_ENOMEM;
    wtfcb_cache_memory *memory = (void *)(block + (LINE - (uintptr_t)block % LINE) % LINE);
    memory->allocator = *allocator;
    memory->limit = limit;
    memory->share = limit / count;
    if (count > 1) memory->patience = patience_for(memory->share);
    memory->block = block;
    memory->block_size = size;
    memory->shard_count = count;
    memory->shard_shift = 8 - (uint32_t)__builtin_ctz(count);
    for (uint32_t i = 0; i < count; i++)
        wtfcb_base_spin_init(&memory->shards[i].lock);
    *ret_memory = memory;
    return WTFCB_OK;
}

void wtfcb_cache_memory_free(wtfcb_cache_memory *memory)
{
    if (!memory) return;
    wtfcb_cache_memory_clear(memory);
    wtfcb_allocator allocator = memory->allocator;
    wtfcb_base_free(&allocator, memory->block, memory->block_size);
}

wtfcb_value *wtfcb_cache_memory_get(wtfcb_cache_memory *memory, wtfcb_base_hash128 hash, const void *key,
                                    size_t key_length, uint64_t hits)
{
    shard *s = shard_of(memory, hash);
    wtfcb_value *value = NULL;
    wtfcb_base_spin_lock(&s->lock);
    const entry *e = find(s, tag_of(hash), key, key_length);
    if (e) {
        value = wtfcb_value_ref(e->value);
        if (clock_of(s) - s->slots[e->slot].moved >= memory->patience) use(s, e->slot);
        s->hits += hits;
    }
    wtfcb_base_spin_unlock(&s->lock);
    return value;
}

bool wtfcb_cache_memory_put(wtfcb_cache_memory *memory, wtfcb_base_hash128 hash, wtfcb_value *value)
{
    uint64_t cost = wtfcb_cache_value_cost(value);
    if (cost > memory->limit) return false;
    shard *s = shard_of(memory, hash);
    bool elsewhere = true;
    for (;;) {
        leaving gone = {.count = 0};
        wtfcb_base_spin_lock(&s->lock);
        enum outcome outcome = put_locked(memory, s, tag_of(hash), value, elsewhere, &gone);
        wtfcb_base_spin_unlock(&s->lock);
        release(&gone);
        if (outcome == DONE || outcome == NO_MEMORY) return outcome == DONE;
        /* Whatever is there is this shard's own, or on its way in or out of another: then it is looked at again. */
        elsewhere = outcome != ELSEWHERE || make_room_elsewhere(memory, s, cost);
    }
}

bool wtfcb_cache_memory_remove(wtfcb_cache_memory *memory, wtfcb_base_hash128 hash, const void *key, size_t key_length,
                               const wtfcb_value *only)
{
    shard *s = shard_of(memory, hash);
    wtfcb_value *value = NULL;
    wtfcb_base_spin_lock(&s->lock);
    const entry *e = find(s, tag_of(hash), key, key_length);
    if (e && (!only || e->value == only)) value = take(memory, s, e->slot);
    wtfcb_base_spin_unlock(&s->lock);
    wtfcb_value_free(value);
    return value != NULL;
}

/* Slots keep their numbers, so that the walk goes on where it was after each batch. */
static uint64_t remove_from_shard(wtfcb_cache_memory *memory, shard *s,
                                  bool (*unwanted)(void *user, const wtfcb_value *value), void *user)
{
    uint64_t count = 0;
    bool more = true;
    for (uint32_t at = 1; more;) {
        leaving gone = {.count = 0};
        wtfcb_base_spin_lock(&s->lock);
        for (; at < s->slot_count && gone.count < BATCH; at++)
            if (s->slots[at].newer != at && unwanted(user, entry_of(s, at)->value))
                gone.values[gone.count++] = take(memory, s, at);
        more = at < s->slot_count;
        wtfcb_base_spin_unlock(&s->lock);
        count += gone.count;
        release(&gone);
    }
    return count;
}

uint64_t wtfcb_cache_memory_remove_if(wtfcb_cache_memory *memory,
                                      bool (*unwanted)(void *user, const wtfcb_value *value), void *user)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < memory->shard_count; i++)
        count += remove_from_shard(memory, &memory->shards[i], unwanted, user);
    return count;
}

/* Everything at once, tables and all, so that the lock is held for a moment. */
static void clear_shard(wtfcb_cache_memory *memory, shard *s)
{
    wtfcb_base_spin_lock(&s->lock);
    entry *index = s->index;
    slot *slots = s->slots;
    size_t places = index ? (size_t)s->index_mask + 1 : 0;
    size_t capacity = s->slot_capacity;
    s->index = NULL;
    s->slots = NULL;
    s->index_mask = s->slot_capacity = s->slot_count = s->free_slot = 0;
    s->entries = 0;
    (void)atomic_fetch_sub_explicit(&memory->reserved, bytes_of(s), memory_order_relaxed);
    atomic_store_explicit(&s->bytes, 0, memory_order_relaxed);
    wtfcb_base_spin_unlock(&s->lock);
    for (size_t i = 0; i < places; i++)
        wtfcb_value_free(index[i].value);
    wtfcb_base_free(&memory->allocator, index, places * sizeof *index);
    wtfcb_base_free(&memory->allocator, slots, capacity * sizeof *slots);
}

void wtfcb_cache_memory_clear(wtfcb_cache_memory *memory)
{
    for (uint32_t i = 0; i < memory->shard_count; i++)
        clear_shard(memory, &memory->shards[i]);
}

void wtfcb_cache_memory_get_stats(wtfcb_cache_memory *memory, wtfcb_cache_memory_stats *ret_stats)
{
    *ret_stats = (wtfcb_cache_memory_stats){
        .bytes = atomic_load_explicit(&memory->reserved, memory_order_relaxed),
        .limit = memory->limit,
    };
    for (uint32_t i = 0; i < memory->shard_count; i++) {
        shard *s = &memory->shards[i];
        wtfcb_base_spin_lock(&s->lock);
        ret_stats->entries += s->entries;
        ret_stats->hits += s->hits;
        ret_stats->evictions += s->evictions;
        wtfcb_base_spin_unlock(&s->lock);
    }
}
