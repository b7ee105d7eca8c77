/*
 * See sites.h. Open addressing; an entry is whole before its `site` is not 0, and never changes. A table that is half full is followed by one of twice the size;
 * it stays mapped until all are forgotten, because others may be looking into it: they find less there, take the lock and look again.
 */
#include "alloc/sites.h"

#include <stddef.h>
#include <sys/mman.h>

#include "alloc/pages.h"
#include "base/spin.h"

enum { FIRST_ENTRIES = 4096 };

typedef struct entry {
    uint64_t hash;
    _Atomic uint64_t site; /* 0: free */
} entry;

typedef struct table {
    struct table *before;
    size_t bytes;
    uint64_t mask;
    uint64_t used;
    entry entries[];
} table;

static _Atomic(table *) current;
static wtfcb_base_spin lock;

static table *make_table(uint64_t entries, table *before)
{
    size_t bytes = sizeof(table) + (size_t)entries * sizeof(entry);
    table *made = wtfcb_alloc_pages_map(bytes, true);
    if (!made) return NULL;
    made->before = before;
    made->bytes = bytes;
    made->mask = entries - 1;
    return made;
}

/* The entry of the hash, or the free one where it belongs. */
static entry *find(table *in, uint64_t hash)
{
    for (uint64_t i = hash;; i++) {
        entry *e = &in->entries[i & in->mask];
        uint64_t site = atomic_load_explicit(&e->site, memory_order_acquire);
        if (site == 0 || e->hash == hash) return e;
    }
}

static void insert(table *into, uint64_t hash, uint64_t site)
{
    entry *e = find(into, hash);
    e->hash = hash;
    atomic_store_explicit(&e->site, site, memory_order_release);
    into->used++;
}

/* A table with room for one more; NULL: no memory. */
static table *table_with_room(void)
{
    table *now = atomic_load_explicit(&current, memory_order_relaxed);
    if (now && now->used <= now->mask / 2) return now;
    table *next = make_table(now ? 2 * (now->mask + 1) : FIRST_ENTRIES, now);
    if (!next) return now && now->used < now->mask / 8 * 7 ? now : NULL;
    for (uint64_t i = 0; now && i <= now->mask; i++) {
        uint64_t site = atomic_load_explicit(&now->entries[i].site, memory_order_relaxed);
        if (site != 0) insert(next, now->entries[i].hash, site);
    }
    atomic_store_explicit(&current, next, memory_order_release);
    return next;
}

uint64_t wtfcb_alloc_sites_find(wtfcb_alloc_writer *w, wtfcb_alloc_walker *stack)
{
    table *now = atomic_load_explicit(&current, memory_order_acquire);
    uint64_t site = now ? atomic_load_explicit(&find(now, stack->hash)->site, memory_order_relaxed) : 0;
    if (site != 0) return site;
    wtfcb_base_spin_lock(&lock);
    now = table_with_room();
    if (now) {
        site = atomic_load_explicit(&find(now, stack->hash)->site, memory_order_relaxed);
        if (site == 0) {
            site = wtfcb_alloc_writer_add_site(w, wtfcb_alloc_walker_addresses(stack), stack->depth, stack->flags);
            if (site != 0) insert(now, stack->hash, site);
        }
    }
    wtfcb_base_spin_unlock(&lock);
    return site;
}

void wtfcb_alloc_sites_clear(void)
{
    table *now = atomic_exchange(&current, NULL);
    while (now) {
        table *before = now->before;
        (void)munmap(now, now->bytes);
        now = before;
    }
    wtfcb_base_spin_init(&lock);
}
