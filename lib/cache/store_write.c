/*
 * The writer: one thread per store that empties the queue in batches, each a write transaction, with the gate's writing lock.
 *
 * A batch is taken only with the lock in hand, so while another process holds it everything stays queued and is found there. What fails
 * for good (no space, an I/O error) turns writing off and leaves reading as it is.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <time.h>

#include <wtfcb/zone.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cache/store_parts.h"

#define MS UINT64_C(1000000)

enum {
    GATHER_MS = 50,         /* a batch is worth waiting for */
    GATHER_BYTES = 8 << 20, /* up to this size */
    BATCH_BYTES = 12 << 20,
    GIVE_BACK_BYTES = 4 << 20,
    GIVE_BACK_MS = 20,
    FAULT_PAGES = 16,    /* that the kernel maps around the one that is touched */
    FEWEST_RECORDS = 16, /* of a batch in a tiny store */
    READ_NS = 1000000,
    FULL_DISK = 1 << 20, /* less than LMDB writes at once */
    RETRY_MS = 100,      /* after the lock was not to be had */
    HOLD_MS = 200,       /* of writing without a pause that lets another process in */
    PAUSE_NS = 6000000,  /* longer than who waits for a lock of the gate sleeps */
    CHECK_READERS = 256, /* batches */
};

/* ------------------------------------------------------------------------------------------------------------------ */
/* One batch */

int wtfcb_cache_write_begin(wtfcb_cache_store *store, MDB_txn **ret_txn)
{
    int rc = mdb_txn_begin(store->env, NULL, 0, ret_txn);
    if (rc != MDB_MAP_RESIZED) return rc;
    rc = wtfcb_cache_env_resize(store, 0);
    return rc == 0 ? mdb_txn_begin(store->env, NULL, 0, ret_txn) : rc;
}

static int by_key(const void *a, const void *b)
{
    const wtfcb_cache_stored_key *x = &(*(wtfcb_cache_item *const *)a)->key;
    const wtfcb_cache_stored_key *y = &(*(wtfcb_cache_item *const *)b)->key;
    uint32_t shorter = x->length < y->length ? x->length : y->length;
    int difference = memcmp(x->bytes, y->bytes, shorter);
    return difference ? difference : (x->length > y->length) - (x->length < y->length);
}

static int remove_both(wtfcb_cache_store *store, MDB_txn *txn, MDB_val *key)
{
    int rc = mdb_del(txn, store->generations[0], key, NULL);
    if (rc != 0 && rc != MDB_NOTFOUND) return rc;
    rc = mdb_del(txn, store->generations[1], key, NULL);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* Another process may have put, removed or moved the record meanwhile: what counts is how it is now. */
static int tend(wtfcb_cache_store *store, MDB_txn *txn, int younger, const wtfcb_cache_stored_key *stored)
{
    MDB_val key = {stored->length, (void *)(uintptr_t)stored->bytes};
    MDB_val found;
    bool in_older = false;
    int rc = mdb_get(txn, store->generations[younger], &key, &found);
    if (rc == MDB_NOTFOUND) {
        in_older = true;
        rc = mdb_get(txn, store->generations[!younger], &key, &found);
    }
    if (rc != 0) return rc == MDB_NOTFOUND ? 0 : rc;
    const void *payload;
    size_t length;
    bool sound = ((uintptr_t)found.mv_data & 7) == 0 &&
                 wtfcb_cache_frame_read(stored, found.mv_data, found.mv_size, &payload, &length);
    if (!sound) return remove_both(store, txn, &key);
    if (!in_older) return 0;
    /* A put may move what it is copied from: so it goes by way of memory, and is not moved to the younger for want of it. */
    void *copy = wtfcb_base_alloc(&store->allocator, found.mv_size);
    if (!copy) return 0;
    size_t size = found.mv_size;
    memcpy(copy, found.mv_data, size);
    found.mv_data = copy;
    rc = mdb_put(txn, store->generations[younger], &key, &found, 0);
    wtfcb_base_free(&store->allocator, copy, size);
    return rc;
}

static int apply(wtfcb_cache_store *store, MDB_txn *txn, int younger, wtfcb_cache_item *item)
{
    MDB_val key = {item->key.length, item->key.bytes};
    MDB_val value = {item->frame_size, item->frame};
    switch (item->kind) {
    case WTFCB_CACHE_ITEM_PUT: return mdb_put(txn, store->generations[younger], &key, &value, 0);
    case WTFCB_CACHE_ITEM_REMOVE: return remove_both(store, txn, &key);
    default: return tend(store, txn, younger, &item->key);
    }
}

/* The first key of a generation, in its leaf; LMDB's answer. */
static int first_key(wtfcb_cache_store *store, MDB_txn *txn, int generation, MDB_val *ret_key)
{
    MDB_cursor *cursor;
    MDB_val value;
    int rc = mdb_cursor_open(txn, store->generations[generation], &cursor);
    if (rc != 0) return rc;
    rc = mdb_cursor_get(cursor, ret_key, &value, MDB_FIRST);
    mdb_cursor_close(cursor);
    return rc;
}

/* The part of the map that is in use, for as long as a write transaction lasts; empty when it cannot be told. */
typedef struct used_map {
    void *begin;
    size_t length;
} used_map;

/*
 * LMDB does not tell where the map is; but a page knows its number, and at the beginning of a write transaction, whose map nobody
 * exchanges, every record lies in a page of the map.
 */
static used_map find_map(wtfcb_cache_store *store, MDB_txn *txn)
{
    MDB_val found;
    MDB_envinfo info;
    if (mdb_env_info(store->env, &info) != 0 ||
        (first_key(store, txn, 0, &found) != 0 && first_key(store, txn, 1, &found) != 0))
        return (used_map){0};
    uintptr_t page = (uintptr_t)found.mv_data / store->page_size * store->page_size;
    uint64_t number;
    memcpy(&number, (const void *)page, sizeof number); /* a page begins with it */
    if (number > info.me_last_pgno || number * store->page_size > page) return (used_map){0};
    return (used_map){(void *)(page - (uintptr_t)number * store->page_size),
                      (info.me_last_pgno + 1) * store->page_size};
}

/*
 * Let go of pages of the map that have been touched: they stay in the page cache, and a process that writes a large store is
 * not as large itself. Keys come in no order, so that each record touches a leaf of its own, for which the kernel maps the
 * pages around it too. Those who read at this moment find the pages again. Not often: a page that is let go of costs a fault the
 * next time, which a scan that stores a thousand results in a second does not notice, and who puts values as fast as they are
 * written would, were it one for each.
 */
static void give_back(wtfcb_cache_store *store, const used_map *map, const wtfcb_cache_item *item)
{
    store->since_given_back += item->frame_size + FAULT_PAGES * store->page_size;
    if (store->since_given_back < GIVE_BACK_BYTES || map->length == 0) return;
    uint64_t now = wtfcb_base_now();
    if (now - store->given_back_at_ns < GIVE_BACK_MS * MS) return;
    store->given_back_at_ns = now;
    store->since_given_back = 0;
    (void)madvise(map->begin, map->length, MADV_DONTNEED);
}

/* LMDB's answer; `*ret_full`: the younger generation has had its share. */
static int write_items(wtfcb_cache_store *store, size_t count, bool *ret_full)
{
    MDB_txn *txn;
    int rc = wtfcb_cache_write_begin(store, &txn);
    if (rc != 0) return rc;
    used_map map = find_map(store, txn);
    int younger = wtfcb_cache_younger_to_write(store, txn, &rc);
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = apply(store, txn, younger, store->batch[i]);
        give_back(store, &map, store->batch[i]);
    }
    if (rc == 0) *ret_full = wtfcb_cache_generations_full(store, txn, younger);
    if (rc == 0) return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return rc;
}

/* Snapshots of processes that were killed keep pages from being used again. The table of readers is changed with the opening lock only. */
static void forget_dead(wtfcb_cache_store *store)
{
    int dead;
    if (wtfcb_cache_gate_lock(&store->gate, WTFCB_CACHE_GATE_OPENING, 0) != WTFCB_OK) return;
    (void)mdb_reader_check(store->env, &dead);
    wtfcb_cache_gate_unlock(&store->gate, WTFCB_CACHE_GATE_OPENING);
}

/*
 * Make room in a full map. Dropping takes a little space itself; if there is none the map may grow, to nine eighths of what the store was
 * given and no further. Pages that somebody is reading cannot be had: the living do so for a moment only, so it is tried for a while.
 */
static int make_room(wtfcb_cache_store *store, uint64_t until)
{
    size_t size = 0;
    void *filter = wtfcb_cache_evicted_build(store, &size);
    uint64_t largest = (store->options.size + store->options.size / 8) & ~(uint64_t)0xffff;
    forget_dead(store);
    int rc = wtfcb_cache_generations_turn(store, true, filter, size);
    if (rc == MDB_MAP_FULL && store->map_size < largest) {
        rc = wtfcb_cache_env_resize(store, largest);
        if (rc == 0) rc = wtfcb_cache_generations_turn(store, true, filter, size);
    }
    while (rc == MDB_MAP_FULL && wtfcb_base_now() < until) {
        (void)nanosleep(&(struct timespec){.tv_nsec = READ_NS}, NULL);
        rc = wtfcb_cache_generations_turn(store, true, filter, size);
    }
    wtfcb_base_free(&store->allocator, filter, size);
    return rc;
}

static int write_somehow(wtfcb_cache_store *store, size_t count, bool *ret_full)
{
    int rc = write_items(store, count, ret_full);
    if (rc != MDB_MAP_FULL) return rc;
    uint64_t until = wtfcb_base_now() + store->options.lock_timeout_ms * MS;
    rc = make_room(store, until);
    if (rc == 0) rc = write_items(store, count, ret_full);
    while (rc == MDB_MAP_FULL && wtfcb_base_now() < until) { /* what was dropped is still being read */
        (void)nanosleep(&(struct timespec){.tv_nsec = READ_NS}, NULL);
        rc = write_items(store, count, ret_full);
    }
    return rc;
}

/* LMDB calls it EIO when the system wrote less than it was given, which is how a disk becomes full. */
static bool is_full(const wtfcb_cache_store *store)
{
    struct statvfs disk;
    return fstatvfs(store->place.store, &disk) == 0 && (uint64_t)disk.f_bavail * disk.f_frsize < FULL_DISK;
}

static void turn_off(wtfcb_cache_store *store, int rc)
{
    wtfcb_status status = rc == EIO && is_full(store) ? WTFCB_ENOSPACE : wtfcb_cache_status_of(rc);
    if (status == WTFCB_EDAMAGED)
        wtfcb_cache_store_give_up(store, status);
    else
        atomic_store(&store->write_status, status);
    (void)pthread_mutex_lock(&store->queue.lock);
    atomic_fetch_add(&store->dropped, wtfcb_cache_queue_discard(store));
    (void)pthread_cond_broadcast(&store->queue.news);
    (void)pthread_mutex_unlock(&store->queue.lock);
}

/* With the writing lock held. False: nothing is left, or writing is off. */
static bool write_batch(wtfcb_cache_store *store, bool *ret_full)
{
    WTFCB_ZONE("cache write batch");
    uint64_t bytes = store->options.size / 32;
    uint64_t records = bytes / 2 / store->page_size; /* each may copy a page, and its pages above */
    (void)pthread_mutex_lock(&store->queue.lock);
    size_t count = wtfcb_cache_queue_take_batch(store, bytes < BATCH_BYTES ? bytes : BATCH_BYTES,
                                                records < FEWEST_RECORDS ? FEWEST_RECORDS : records);
    (void)pthread_mutex_unlock(&store->queue.lock);
    if (count == 0) return false;
    qsort(store->batch, count, sizeof *store->batch, by_key);
    if (store->batches++ % CHECK_READERS == 0) forget_dead(store);
    int rc = write_somehow(store, count, ret_full);
    uint64_t lost = 0;
    for (size_t i = 0; i < count && rc != 0; i++)
        lost += store->batch[i]->kind == WTFCB_CACHE_ITEM_PUT;
    atomic_fetch_add(&store->dropped, lost);
    if (rc != 0) turn_off(store, rc);
    (void)pthread_mutex_lock(&store->queue.lock);
    wtfcb_cache_queue_end_batch(store, count);
    bool more = rc == 0 && store->queue.first;
    (void)pthread_mutex_unlock(&store->queue.lock);
    return more;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* The thread */

/* Wait until there is something to do; false: nothing more will come. */
static bool wait_for_work(wtfcb_cache_store *store)
{
    wtfcb_cache_queue *queue = &store->queue;
    bool wanted = true;
    uint64_t enough = store->options.queue / 4 < GATHER_BYTES ? store->options.queue / 4 : GATHER_BYTES;
    (void)pthread_mutex_lock(&queue->lock);
    for (;;) {
        if (queue->grow || queue->clears_asked > queue->clears_done) break;
        if (queue->first) {
            uint64_t ready = queue->first_at_ns + GATHER_MS * MS;
            bool many = queue->bytes >= enough;
            if (queue->urgent || queue->closing || many || wtfcb_base_now() >= ready) break;
            (void)wtfcb_cache_queue_wait(&queue->work, &queue->lock, ready);
        } else if (queue->closing) {
            wanted = false;
            break;
        } else {
            (void)wtfcb_cache_queue_wait(&queue->work, &queue->lock, 0);
        }
    }
    (void)pthread_mutex_unlock(&queue->lock);
    return wanted;
}

static void adopt_map(wtfcb_cache_store *store)
{
    (void)pthread_mutex_lock(&store->queue.lock);
    bool grow = store->queue.grow;
    store->queue.grow = false;
    (void)pthread_mutex_unlock(&store->queue.lock);
    if (grow) (void)wtfcb_cache_env_resize(store, 0);
}

/* Do the clears that were asked for, or tell those who wait why not. The writing lock is held if `status` is WTFCB_OK. */
static void answer_clears(wtfcb_cache_store *store, wtfcb_status status)
{
    wtfcb_cache_queue *queue = &store->queue;
    (void)pthread_mutex_lock(&queue->lock);
    uint64_t asked = queue->clears_asked;
    bool wanted = asked > queue->clears_done;
    (void)pthread_mutex_unlock(&queue->lock);
    if (!wanted) return;
    if (status == WTFCB_OK) status = wtfcb_cache_status_of(wtfcb_cache_generations_clear(store));
    wtfcb_status full = WTFCB_ENOSPACE;
    if (status == WTFCB_OK) (void)atomic_compare_exchange_strong(&store->write_status, &full, WTFCB_OK); /* try anew */
    (void)pthread_mutex_lock(&queue->lock);
    queue->clears_done = asked;
    queue->clear_status = status;
    (void)pthread_cond_broadcast(&queue->news);
    (void)pthread_mutex_unlock(&queue->lock);
}

/* The lock was not to be had: what is queued stays, and whoever waits for room learns of it. False: it is over. */
static bool put_off(wtfcb_cache_store *store, wtfcb_status status)
{
    wtfcb_cache_queue *queue = &store->queue;
    answer_clears(store, status);
    (void)pthread_mutex_lock(&queue->lock);
    wtfcb_status on = WTFCB_OK; /* what it is off for stays the reason */
    (void)atomic_compare_exchange_strong(&store->write_status, &on, status);
    bool over = queue->closing || status != WTFCB_EBUSY;
    if (over) atomic_fetch_add(&store->dropped, wtfcb_cache_queue_discard(store));
    (void)pthread_cond_broadcast(&queue->news);
    uint64_t until = wtfcb_base_now() + RETRY_MS * MS;
    while (!over && !queue->closing && wtfcb_cache_queue_wait(&queue->work, &queue->lock, until)) {}
    over = over && queue->closing;
    (void)pthread_mutex_unlock(&queue->lock);
    return !over;
}

/* The filter is made with no lock held: others write meanwhile, and it is right for most keys all the same. */
static void drop_older(wtfcb_cache_store *store)
{
    size_t size = 0;
    void *filter = wtfcb_cache_evicted_build(store, &size);
    if (wtfcb_cache_gate_lock(&store->gate, WTFCB_CACHE_GATE_WRITING, store->options.lock_timeout_ms) == WTFCB_OK) {
        int rc = wtfcb_cache_generations_turn(store, false, filter, size);
        if (rc == MDB_MAP_FULL) rc = make_room(store, wtfcb_base_now() + store->options.lock_timeout_ms * MS);
        if (rc != 0) turn_off(store, rc);
        wtfcb_cache_gate_unlock(&store->gate, WTFCB_CACHE_GATE_WRITING);
    }
    wtfcb_base_free(&store->allocator, filter, size);
}

void *wtfcb_cache_writer_run(void *user)
{
    wtfcb_cache_store *store = user;
    while (wait_for_work(store)) {
        adopt_map(store);
        wtfcb_status status =
            wtfcb_cache_gate_lock(&store->gate, WTFCB_CACHE_GATE_WRITING, store->options.lock_timeout_ms);
        if (status != WTFCB_OK) {
            if (!put_off(store, status)) break;
            continue;
        }
        wtfcb_status busy = WTFCB_EBUSY;
        (void)atomic_compare_exchange_strong(&store->write_status, &busy, WTFCB_OK);
        uint64_t until = wtfcb_base_now() + HOLD_MS * MS;
        bool full = false;
        bool more = true;
        answer_clears(store, WTFCB_OK);
        while (more && !full && wtfcb_base_now() < until)
            more = write_batch(store, &full);
        wtfcb_cache_gate_unlock(&store->gate, WTFCB_CACHE_GATE_WRITING);
        if (full) drop_older(store);
        if (more && !full) (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
    return NULL;
}

/* ------------------------------------------------------------------------------------------------------------------ */

wtfcb_status wtfcb_cache_store_sync(wtfcb_cache_store *store, uint64_t timeout_ms)
{
    WTFCB_ZONE("cache sync");
    if (store->options.read_only) return WTFCB_OK;
    wtfcb_status status = wtfcb_cache_queue_drain(store, timeout_ms);
    return status == WTFCB_OK ? wtfcb_cache_status_of(mdb_env_sync(store->env, 1)) : status;
}

wtfcb_status wtfcb_cache_store_clear(wtfcb_cache_store *store)
{
    wtfcb_cache_queue *queue = &store->queue;
    if (store->options.read_only) return WTFCB_EREADONLY;
    wtfcb_status status = atomic_load(&store->status);
    if (status != WTFCB_OK) return status;
    (void)pthread_mutex_lock(&queue->lock);
    (void)wtfcb_cache_queue_discard(store);
    uint64_t ticket = ++queue->clears_asked;
    (void)pthread_cond_signal(&queue->work);
    while (queue->clears_done < ticket)
        (void)wtfcb_cache_queue_wait(&queue->news, &queue->lock, 0); /* the writer answers within the lock's timeout */
    status = queue->clear_status;
    (void)pthread_mutex_unlock(&queue->lock);
    return status;
}
