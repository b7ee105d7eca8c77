/*
 * Reads of one record: a slot of the pool, its transaction renewed, a lookup in the younger generation and then in the older, a check, and the
 * caller's copy. Nothing here waits for a writer or for another process.
 *
 * The slots are as many as this process may want at once; whoever finds all of them busy waits for one of its own threads.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "cache/store_parts.h"

enum {
    FEWEST_READERS = 8,
    MOST_READERS = 32,
    WAIT_NS = 1000000,
};

void wtfcb_cache_store_give_up(wtfcb_cache_store *store, wtfcb_status status)
{
    if (status == WTFCB_EDAMAGED && store->has_gate) wtfcb_cache_gate_mark_damaged(&store->gate);
    atomic_store(&store->status, status);
    atomic_store(&store->write_status, status);
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* The pool */

static uint32_t wanted_readers(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (cores < FEWEST_READERS / 2) return FEWEST_READERS;
    return cores > MOST_READERS / 2 ? MOST_READERS : (uint32_t)cores * 2;
}

static int add_reader(wtfcb_cache_store *store)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);
    if (rc != 0) return rc;
    mdb_txn_reset(txn);
    store->readers.slots[store->readers.count++].txn = txn;
    return 0;
}

/* Fewer slots than wanted will do, one is needed. The dead are only looked for when the table is full. */
wtfcb_status wtfcb_cache_readers_fill(wtfcb_cache_store *store)
{
    wtfcb_cache_readers *readers = &store->readers;
    readers->capacity = wanted_readers();
    readers->slots = wtfcb_base_calloc(&store->allocator, readers->capacity, sizeof *readers->slots);
    if (!readers->slots) return WTFCB_ENOMEM;
    int rc = 0;
    while (rc == 0 && readers->count < readers->capacity) {
        rc = add_reader(store);
        if (rc != MDB_READERS_FULL) continue;
        int dead = 0;
        rc = mdb_reader_check(store->env, &dead);
        if (rc == 0 && dead == 0) rc = MDB_READERS_FULL;
    }
    return readers->count > 0 ? WTFCB_OK : wtfcb_cache_status_of(rc);
}

void wtfcb_cache_readers_empty(wtfcb_cache_store *store)
{
    wtfcb_cache_readers *readers = &store->readers;
    for (uint32_t i = 0; i < readers->count; i++)
        mdb_txn_abort(readers->slots[i].txn);
    wtfcb_base_free(&store->allocator, readers->slots, readers->capacity * sizeof *readers->slots);
    readers->slots = NULL;
    readers->count = readers->capacity = 0;
}

/* Each thread begins where it found a slot last, so that threads keep out of each other's way. */
static wtfcb_cache_reader *try_slots(wtfcb_cache_readers *readers)
{
    static atomic_uint threads;
    static _Thread_local uint32_t place;
    if (place == 0) place = (uint32_t)atomic_fetch_add_explicit(&threads, 1, memory_order_relaxed) + 1;
    for (uint32_t i = 0; i < readers->count; i++) {
        uint32_t at = (place + i) % readers->count;
        wtfcb_cache_reader *slot = &readers->slots[at];
        if (atomic_load_explicit(&slot->busy, memory_order_relaxed)) continue;
        if (atomic_exchange_explicit(&slot->busy, true, memory_order_acquire)) continue;
        if (i > 0) place = at + readers->count;
        return slot;
    }
    return NULL;
}

static wtfcb_cache_reader *take_slot(wtfcb_cache_readers *readers)
{
    wtfcb_cache_reader *slot = try_slots(readers);
    if (slot) return slot;
    (void)pthread_mutex_lock(&readers->lock);
    atomic_fetch_add(&readers->waiting, 1);
    while (!(slot = try_slots(readers))) {
        struct timespec until; /* a slot may have come back between the look and the wait */
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += WAIT_NS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        (void)pthread_cond_timedwait(&readers->free, &readers->lock, &until);
    }
    atomic_fetch_sub(&readers->waiting, 1);
    (void)pthread_mutex_unlock(&readers->lock);
    return slot;
}

static void give_slot(wtfcb_cache_readers *readers, wtfcb_cache_reader *slot)
{
    atomic_store_explicit(&slot->busy, false, memory_order_release);
    if (atomic_load_explicit(&readers->waiting, memory_order_relaxed) > 0) (void)pthread_cond_signal(&readers->free);
}

void wtfcb_cache_readers_take_all(wtfcb_cache_store *store)
{
    wtfcb_cache_readers *readers = &store->readers;
    (void)pthread_mutex_lock(&readers->exclusive);
    for (uint32_t i = 0; i < readers->count; i++) {
        while (atomic_exchange_explicit(&readers->slots[i].busy, true, memory_order_acquire))
            (void)nanosleep(&(struct timespec){.tv_nsec = WAIT_NS / 20}, NULL);
    }
}

void wtfcb_cache_readers_give_all(wtfcb_cache_store *store)
{
    for (uint32_t i = 0; i < store->readers.count; i++)
        give_slot(&store->readers, &store->readers.slots[i]);
    (void)pthread_mutex_unlock(&store->readers.exclusive);
}

/* Another process has a larger map. The writer adopts it, so that no get waits; a reader without one does it itself. */
static int adopt(wtfcb_cache_store *store)
{
    if (store->options.read_only) return wtfcb_cache_env_resize(store, 0);
    (void)pthread_mutex_lock(&store->queue.lock);
    store->queue.grow = true;
    (void)pthread_cond_signal(&store->queue.work);
    (void)pthread_mutex_unlock(&store->queue.lock);
    return MDB_NOTFOUND;
}

wtfcb_cache_reader *wtfcb_cache_reader_begin(wtfcb_cache_store *store, wtfcb_status *ret_status)
{
    for (unsigned tries = 0;; tries++) {
        *ret_status = atomic_load_explicit(&store->status, memory_order_relaxed);
        if (*ret_status != WTFCB_OK) return NULL;
        wtfcb_cache_reader *slot = take_slot(&store->readers);
        int rc = mdb_txn_renew(slot->txn);
        if (rc == 0) return slot;
        give_slot(&store->readers, slot);
        if (rc == MDB_MAP_RESIZED && tries < 3) rc = adopt(store);
        if (rc == 0) continue;
        *ret_status = wtfcb_cache_status_of(rc);
        return NULL;
    }
}

void wtfcb_cache_reader_end(wtfcb_cache_store *store, wtfcb_cache_reader *reader)
{
    mdb_txn_reset(reader->txn);
    give_slot(&store->readers, reader);
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* One record */

typedef struct lookup {
    wtfcb_cache_store *store;
    MDB_txn *txn;
    MDB_val key;
    MDB_val found;
    bool in_older;
    int rc;
} lookup;

static void look_up(void *user)
{
    lookup *l = user;
    int younger = wtfcb_cache_younger(l->store, l->txn, &l->rc);
    if (younger < 0) return;
    l->rc = mdb_get(l->txn, l->store->generations[younger], &l->key, &l->found);
    if (l->rc != MDB_NOTFOUND) return;
    l->in_older = true;
    l->rc = mdb_get(l->txn, l->store->generations[!younger], &l->key, &l->found);
}

/* Hand a frame that lies in the map to the caller. */
static wtfcb_status give_out(const wtfcb_cache_stored_key *key, const MDB_val *found, wtfcb_cache_take_fn take,
                             void *user, bool *ret_sound)
{
    const void *payload;
    size_t length;
    *ret_sound = ((uintptr_t)found->mv_data & 7) == 0 &&
                 wtfcb_cache_frame_read(key, found->mv_data, found->mv_size, &payload, &length);
    return *ret_sound ? take(user, payload, length) : WTFCB_EFORMAT;
}

static wtfcb_status get_from_queue(wtfcb_cache_store *store, wtfcb_cache_item *item, wtfcb_cache_take_fn take,
                                   void *user)
{
    wtfcb_status status = WTFCB_ENOTFOUND;
    if (item->kind == WTFCB_CACHE_ITEM_PUT) {
        const void *payload;
        size_t length;
        bool sound = wtfcb_cache_frame_read(&item->key, item->frame, item->frame_size, &payload, &length);
        status = sound ? take(user, payload, length) : WTFCB_EFORMAT;
    }
    wtfcb_cache_item_free(store, item);
    return status;
}

wtfcb_status wtfcb_cache_store_get(wtfcb_cache_store *store, const wtfcb_cache_key *key, wtfcb_cache_take_fn take,
                                   void *user)
{
    wtfcb_cache_stored_key stored;
    wtfcb_cache_frame_key(key, &stored);
    wtfcb_cache_item *item = wtfcb_cache_queue_find(store, &stored);
    if (item) return get_from_queue(store, item, take, user);
    wtfcb_status status;
    wtfcb_cache_reader *reader = wtfcb_cache_reader_begin(store, &status);
    if (!reader) return status;
    lookup l = {.store = store, .txn = reader->txn, .key = {stored.length, stored.bytes}};
    bool sound = true;
    if (!wtfcb_cache_env_guarded(look_up, &l))
        status = WTFCB_EDAMAGED;
    else if (l.rc == 0)
        status = give_out(&stored, &l.found, take, user, &sound);
    else
        status = wtfcb_cache_status_of(l.rc);
    wtfcb_cache_reader_end(store, reader);
    if (status == WTFCB_EDAMAGED && l.rc != 0 && l.rc != MDB_NOTFOUND) wtfcb_cache_store_give_up(store, WTFCB_EDAMAGED);
    if (l.rc == 0 && (!sound || l.in_older) && (wtfcb_cache_queue_tend(store, &stored) || store->options.read_only) &&
        !sound)
        atomic_fetch_add(&store->damaged, 1);
    return status;
}
