/*
 * The memory tier: shards of an index and a ring of use.
 *
 * A value has a slot, a number that it keeps while it is there. The index finds value and slot of a key by open addressing; the ring
 * links the slots from the one used last to the one that goes first, with slot 0 as its anchor. A hit reads an entry of
 * the index and the lines of the value that hold its counter and key; it moves the slot in the ring and allocates
 * nothing. The entry keeps a part of the hash, so that another key's value is hardly ever looked at.
 *
 * Room. The limit is one number for all shards, reserved before a value goes in, so that the sum of costs never exceeds it, and a
 * value may be as large as the whole limit. What makes room is the last of the shard's own ring if the shard would have more than
 * its share (the limit over the number of shards), else the last of the shard that has most: what one large value displaced
 * grows back evenly. Shards are so large that their order of use stands for that of the tier; a small tier is one shard, and exact.
 *
 * Tables grow with the number of values and are given back by a clear. Their share is in the cost of each value.
 *
 * Locks: one shard's at a time, never two. Under it nothing is freed and nobody called but remove_if's function; values that leave are
 * collected and dropped after it.
 */
#include "cache/memory.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/memory.h"

enum {
    MOST_SHARDS = 16,
    SMALLEST_SHARE = 1 << 20, /* bytes: below it there are fewer shards */
    LINE = 64,                /* of the cache */
    FIRST_INDEX = 16,
    FIRST_SLOTS = 8,
    BATCH = 32, /* values that leave while a lock is held */
};

typedef struct entry {
    wtfcb_value *value;
    uint32_t tag;  /* bits of the hash, the place of the entry among them */
    uint32_t slot; /* 0: free */
} entry;

/* Of a slot that is free: `newer` is itself, `older` the next free one or 0. */
typedef struct neighbours {
    uint32_t newer; /* towards what was used last; from the anchor: the oldest */
    uint32_t older; /* from the anchor: the newest */
} neighbours;

typedef struct shard {
    _Alignas(LINE) pthread_mutex_t lock;
    entry *index;      /* a power of two of them, or NULL */
    neighbours *links; /* one for each slot */
    uint32_t *tags;    /* likewise: the tag of its entry */
    uint32_t index_mask;
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
    void *block; /* as it was allocated, in front of the alignment */
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

static void lock(shard *s)
{
    int failed = pthread_mutex_lock(&s->lock);
    assert(!failed);
    (void)failed;
}

static void unlock(shard *s)
{
    (void)pthread_mutex_unlock(&s->lock);
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
    uint32_t i = s->tags[at] & s->index_mask;
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

static void ring_remove(neighbours *links, uint32_t moved)
{
    neighbours at = links[moved];
    links[at.newer].older = at.older;
    links[at.older].newer = at.newer;
}

static void ring_add(neighbours *links, uint32_t added)
{
    uint32_t newest = links[0].older;
    links[added] = (neighbours){.newer = 0, .older = newest};
    links[newest].newer = added;
    links[0].older = added;
}

static void use(shard *s, uint32_t used)
{
    if (s->links[0].older == used) return;
    ring_remove(s->links, used);
    ring_add(s->links, used);
}

/* Take a value out; the shard's hold on it is the caller's. */
static wtfcb_value *take(wtfcb_cache_memory *memory, shard *s, uint32_t taken)
{
    entry *e = entry_of(s, taken);
    wtfcb_value *value = e->value;
    index_remove(s, e);
    ring_remove(s->links, taken);
    s->links[taken] = (neighbours){.newer = taken, .older = s->free_slot};
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
    /* Each array on its own, and the capacity last: one that has grown alone must be known by its size when it is freed. */
    neighbours *links = wtfcb_base_alloc(allocator, grown * sizeof *links);
    uint32_t *tags = links ? wtfcb_base_alloc(allocator, grown * sizeof *tags) : NULL;
    if (!tags) {
        wtfcb_base_free(allocator, links, grown * sizeof *links);
        return false;
    }
    if (capacity) {
        memcpy(links, s->links, capacity * sizeof *links);
        memcpy(tags, s->tags, capacity * sizeof *tags);
        wtfcb_base_free(allocator, s->links, capacity * sizeof *links);
        wtfcb_base_free(allocator, s->tags, capacity * sizeof *tags);
    } else {
        links[0] = (neighbours){0, 0};
        tags[0] = 0;
        s->slot_count = 1;
    }
    s->links = links;
    s->tags = tags;
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
    lock(fullest);
    while (fullest->entries && gone.count < BATCH &&
           atomic_load_explicit(&memory->reserved, memory_order_relaxed) + cost > memory->limit)
        evict(memory, fullest, fullest->links[0].newer, &gone);
    unlock(fullest);
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
    s->free_slot = s->links[at].older;
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
        uint32_t victim = s->links[0].newer;
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
        s->tags[at] = tag;
        index_add(s->index, s->index_mask, (entry){wtfcb_value_ref(value), tag, at});
        ring_add(s->links, at);
        s->entries++;
    }
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
    memory->block = block;
    memory->block_size = size;
    memory->shard_count = count;
    memory->shard_shift = 8 - (uint32_t)__builtin_ctz(count);
    for (uint32_t i = 0; i < count; i++) {
        if (!pthread_mutex_init(&memory->shards[i].lock, NULL)) continue;
        memory->shard_count = i;
        wtfcb_cache_memory_free(memory);
        return WTFCB_ENOMEM;
    }
    *ret_memory = memory;
    return WTFCB_OK;
}

void wtfcb_cache_memory_free(wtfcb_cache_memory *memory)
{
    if (!memory) return;
    wtfcb_cache_memory_clear(memory);
    for (uint32_t i = 0; i < memory->shard_count; i++)
        (void)pthread_mutex_destroy(&memory->shards[i].lock);
    wtfcb_allocator allocator = memory->allocator;
    wtfcb_base_free(&allocator, memory->block, memory->block_size);
}

wtfcb_value *wtfcb_cache_memory_get(wtfcb_cache_memory *memory, wtfcb_base_hash128 hash, const void *key,
                                    size_t key_length)
{
    shard *s = shard_of(memory, hash);
    wtfcb_value *value = NULL;
    lock(s);
    const entry *e = find(s, tag_of(hash), key, key_length);
    if (e) {
        use(s, e->slot);
        value = wtfcb_value_ref(e->value);
    }
    unlock(s);
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
        lock(s);
        enum outcome outcome = put_locked(memory, s, tag_of(hash), value, elsewhere, &gone);
        unlock(s);
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
    lock(s);
    const entry *e = find(s, tag_of(hash), key, key_length);
    if (e && (!only || e->value == only)) value = take(memory, s, e->slot);
    unlock(s);
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
        lock(s);
        for (; at < s->slot_count && gone.count < BATCH; at++)
            if (s->links[at].newer != at && unwanted(user, entry_of(s, at)->value))
                gone.values[gone.count++] = take(memory, s, at);
        more = at < s->slot_count;
        unlock(s);
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
    lock(s);
    entry *index = s->index;
    neighbours *links = s->links;
    uint32_t *tags = s->tags;
    size_t places = index ? (size_t)s->index_mask + 1 : 0;
    size_t capacity = s->slot_capacity;
    s->index = NULL;
    s->links = NULL;
    s->tags = NULL;
    s->index_mask = s->slot_capacity = s->slot_count = s->free_slot = 0;
    s->entries = 0;
    (void)atomic_fetch_sub_explicit(&memory->reserved, bytes_of(s), memory_order_relaxed);
    atomic_store_explicit(&s->bytes, 0, memory_order_relaxed);
    unlock(s);
    for (size_t i = 0; i < places; i++)
        wtfcb_value_free(index[i].value);
    wtfcb_base_free(&memory->allocator, index, places * sizeof *index);
    wtfcb_base_free(&memory->allocator, links, capacity * sizeof *links);
    wtfcb_base_free(&memory->allocator, tags, capacity * sizeof *tags);
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
        lock(s);
        ret_stats->entries += s->entries;
        ret_stats->evictions += s->evictions;
        unlock(s);
    }
}
