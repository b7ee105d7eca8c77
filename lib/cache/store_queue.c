/*
 * What waits for the writer: a list in order of arrival, and a table of the newest item of each key for those who read.
 *
 * A put of a key that waits already takes the earlier one's place and number, so that who waits for the earlier one waits for a value at
 * least as new. Items of the batch that is being written stay in the table until they are committed: at each moment a record is
 * found here or in the store.
 *
 * An item is counted: the queue has a hold, and each reader that looks at its payload.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include <wtfcb/zone.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cache/store_parts.h"

enum { FIRST_BUCKETS = 1024 };

wtfcb_status wtfcb_cache_queue_init(wtfcb_cache_store *store)
{
    wtfcb_cache_queue *queue = &store->queue;
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&queue->lock, NULL);
    (void)pthread_cond_init(&queue->work, &monotonic);
    (void)pthread_cond_init(&queue->news, &monotonic);
    (void)pthread_mutex_init(&store->readers.lock, NULL);
    (void)pthread_cond_init(&store->readers.free, &monotonic);
    (void)pthread_mutex_init(&store->readers.exclusive, NULL);
    (void)pthread_condattr_destroy(&monotonic);
    queue->next_number = 1;
    queue->bucket_count = FIRST_BUCKETS;
    queue->buckets = wtfcb_base_calloc(&store->allocator, queue->bucket_count, sizeof(wtfcb_cache_item *));
    return queue->buckets ? WTFCB_OK : WTFCB_ENOMEM;
}

void wtfcb_cache_queue_free(wtfcb_cache_store *store)
{
    wtfcb_cache_queue *queue = &store->queue;
    (void)wtfcb_cache_queue_discard(store);
    assert(queue->items == 0);
    wtfcb_base_free(&store->allocator, queue->buckets, queue->bucket_count * sizeof(wtfcb_cache_item *));
    (void)pthread_cond_destroy(&queue->work);
    (void)pthread_cond_destroy(&queue->news);
    (void)pthread_mutex_destroy(&queue->lock);
    (void)pthread_cond_destroy(&store->readers.free);
    (void)pthread_mutex_destroy(&store->readers.lock);
    (void)pthread_mutex_destroy(&store->readers.exclusive);
}

void wtfcb_cache_item_free(wtfcb_cache_store *store, wtfcb_cache_item *item)
{
    if (atomic_fetch_sub_explicit(&item->holds, 1, memory_order_acq_rel) == 1)
        wtfcb_base_free(&store->allocator, item, item->block);
}

bool wtfcb_cache_queue_wait(pthread_cond_t *what, pthread_mutex_t *lock, uint64_t deadline_ns)
{
    if (deadline_ns == 0) return pthread_cond_wait(what, lock) == 0;
    struct timespec until = {.tv_sec = (time_t)(deadline_ns / 1000000000), .tv_nsec = (long)(deadline_ns % 1000000000)};
    return pthread_cond_timedwait(what, lock, &until) != ETIMEDOUT;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* The table */

static bool is_key(const wtfcb_cache_item *item, const wtfcb_cache_stored_key *key)
{
    return item->key.hash == key->hash && item->key.length == key->length &&
           memcmp(item->key.bytes, key->bytes, key->length) == 0;
}

static wtfcb_cache_item **bucket_of(wtfcb_cache_queue *queue, uint64_t hash)
{
    return &queue->buckets[hash & (queue->bucket_count - 1)];
}

static wtfcb_cache_item *find(wtfcb_cache_queue *queue, const wtfcb_cache_stored_key *key)
{
    wtfcb_cache_item *item = *bucket_of(queue, key->hash);
    while (item && !is_key(item, key))
        item = item->chain;
    return item;
}

static void unindex(wtfcb_cache_queue *queue, wtfcb_cache_item *item)
{
    if (!item->indexed) return;
    wtfcb_cache_item **at = bucket_of(queue, item->key.hash);
    while (*at != item)
        at = &(*at)->chain;
    *at = item->chain;
    item->indexed = false;
    atomic_fetch_sub_explicit(&queue->indexed, 1, memory_order_release);
}

/* Longer chains are all that comes of it when there is no memory. */
static void grow_table(wtfcb_cache_store *store)
{
    wtfcb_cache_queue *queue = &store->queue;
    uint32_t old_count = queue->bucket_count;
    if (atomic_load(&queue->indexed) < old_count || old_count > UINT32_MAX / 2) return;
    wtfcb_cache_item **buckets =
        wtfcb_base_calloc(&store->allocator, (size_t)old_count * 2, sizeof(wtfcb_cache_item *));
    if (!buckets) return;
    wtfcb_cache_item **old = queue->buckets;
    queue->buckets = buckets;
    queue->bucket_count = old_count * 2;
    for (uint32_t i = 0; i < old_count; i++) {
        for (wtfcb_cache_item *item = old[i], *next; item; item = next) {
            next = item->chain;
            wtfcb_cache_item **at = bucket_of(queue, item->key.hash);
            item->chain = *at;
            *at = item;
        }
    }
    wtfcb_base_free(&store->allocator, old, old_count * sizeof(wtfcb_cache_item *));
}

static void index_item(wtfcb_cache_store *store, wtfcb_cache_item *item)
{
    grow_table(store);
    wtfcb_cache_item **at = bucket_of(&store->queue, item->key.hash);
    item->chain = *at;
    *at = item;
    item->indexed = true;
    atomic_fetch_add_explicit(&store->queue.indexed, 1, memory_order_release);
}

/* What is to be tended lies in the store as it was. */
wtfcb_cache_item *wtfcb_cache_queue_find(wtfcb_cache_store *store, const wtfcb_cache_stored_key *key)
{
    wtfcb_cache_queue *queue = &store->queue;
    if (atomic_load_explicit(&queue->indexed, memory_order_acquire) == 0) return NULL;
    (void)pthread_mutex_lock(&queue->lock);
    wtfcb_cache_item *item = find(queue, key);
    if (item && item->kind == WTFCB_CACHE_ITEM_TEND) item = NULL;
    if (item) atomic_fetch_add_explicit(&item->holds, 1, memory_order_relaxed);
    (void)pthread_mutex_unlock(&queue->lock);
    return item;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* The list */

static void unlink_item(wtfcb_cache_queue *queue, wtfcb_cache_item *item)
{
    *(item->previous ? &item->previous->next : &queue->first) = item->next;
    *(item->next ? &item->next->previous : &queue->last) = item->previous;
    item->next = item->previous = NULL;
}

static void drop(wtfcb_cache_store *store, wtfcb_cache_item *item)
{
    store->queue.items--;
    store->queue.bytes -= item->block;
    unindex(&store->queue, item);
    wtfcb_cache_item_free(store, item);
}

static void append(wtfcb_cache_queue *queue, wtfcb_cache_item *item)
{
    item->number = queue->next_number++;
    item->previous = queue->last;
    *(queue->last ? &queue->last->next : &queue->first) = item;
    queue->last = item;
}

static void add(wtfcb_cache_store *store, wtfcb_cache_item *item)
{
    wtfcb_cache_queue *queue = &store->queue;
    wtfcb_cache_item *earlier = find(queue, &item->key);
    if (!queue->first) queue->first_at_ns = wtfcb_base_now();
    if (earlier && !earlier->writing) {
        item->number = earlier->number;
        item->next = earlier->next;
        item->previous = earlier->previous;
        *(item->previous ? &item->previous->next : &queue->first) = item;
        *(item->next ? &item->next->previous : &queue->last) = item;
        drop(store, earlier);
    } else {
        if (earlier) unindex(queue, earlier);
        append(queue, item);
    }
    queue->items++;
    queue->bytes += item->block;
    index_item(store, item);
    (void)pthread_cond_signal(&queue->work);
}

static wtfcb_cache_item *make_item(wtfcb_cache_store *store, enum wtfcb_cache_item_kind kind,
                                   const wtfcb_cache_stored_key *key, size_t frame_size)
{
    wtfcb_cache_item *item = wtfcb_base_alloc(&store->allocator, sizeof *item + frame_size);
    if (!item) return NULL;
    *item = (wtfcb_cache_item){
        .block = sizeof *item + frame_size, .frame_size = frame_size, .kind = (uint8_t)kind, .key = *key};
    atomic_init(&item->holds, 1);
    return item;
}

/* With the lock held: is there room for one more, now or soon? A writer that does not get on is not waited for. */
static wtfcb_status wait_for_room(wtfcb_cache_store *store, size_t size)
{
    WTFCB_ZONE("cache wait for room");
    wtfcb_cache_queue *queue = &store->queue;
    uint64_t deadline = 0;
    for (;;) {
        wtfcb_status off = atomic_load(&store->write_status);
        if (off != WTFCB_OK && off != WTFCB_EBUSY) return WTFCB_ENOSPACE;
        if (queue->items == 0 || queue->bytes + size <= store->options.queue) return WTFCB_OK;
        if (off == WTFCB_EBUSY) return WTFCB_ENOSPACE;
        uint64_t now = wtfcb_base_now();
        if (deadline == 0) deadline = now + store->options.lock_timeout_ms * 1000000;
        if (now >= deadline) return WTFCB_ENOSPACE;
        queue->urgent = true;
        (void)pthread_cond_signal(&queue->work);
        (void)wtfcb_cache_queue_wait(&queue->news, &queue->lock, deadline);
    }
}

static wtfcb_status queue_item(wtfcb_cache_store *store, wtfcb_cache_item *item)
{
    (void)pthread_mutex_lock(&store->queue.lock);
    wtfcb_status status = wait_for_room(store, item->block);
    if (status == WTFCB_OK) add(store, item);
    (void)pthread_mutex_unlock(&store->queue.lock);
    if (status == WTFCB_OK) return status;
    wtfcb_cache_item_free(store, item);
    atomic_fetch_add(&store->dropped, 1);
    return status;
}

wtfcb_status wtfcb_cache_store_put(wtfcb_cache_store *store, const wtfcb_cache_key *key, const void *payload,
                                   size_t length)
{
    if (store->options.read_only) return WTFCB_EREADONLY;
    if (length > UINT32_MAX - 64 || length > store->options.size / 4) {
        atomic_fetch_add(&store->dropped, 1);
        return WTFCB_ENOSPACE;
    }
    wtfcb_cache_stored_key stored;
    wtfcb_cache_frame_key(key, &stored);
    wtfcb_cache_item *item = make_item(store, WTFCB_CACHE_ITEM_PUT, &stored, wtfcb_cache_frame_size(length));
    if (!item) return WTFCB_ENOMEM;
    wtfcb_cache_frame_write(&stored, payload, length, item->frame);
    return queue_item(store, item);
}

wtfcb_status wtfcb_cache_store_remove(wtfcb_cache_store *store, const wtfcb_cache_key *key)
{
    if (store->options.read_only) return WTFCB_EREADONLY;
    wtfcb_cache_stored_key stored;
    wtfcb_cache_frame_key(key, &stored);
    wtfcb_cache_item *item = make_item(store, WTFCB_CACHE_ITEM_REMOVE, &stored, 0);
    return item ? queue_item(store, item) : WTFCB_ENOMEM;
}

bool wtfcb_cache_queue_tend(wtfcb_cache_store *store, const wtfcb_cache_stored_key *key)
{
    wtfcb_cache_queue *queue = &store->queue;
    if (store->options.read_only || atomic_load(&store->write_status) != WTFCB_OK) return false;
    wtfcb_cache_item *item = make_item(store, WTFCB_CACHE_ITEM_TEND, key, 0);
    if (!item) return false;
    (void)pthread_mutex_lock(&queue->lock);
    bool wanted = !find(queue, key) && queue->bytes + item->block <= store->options.queue;
    if (wanted) add(store, item);
    (void)pthread_mutex_unlock(&queue->lock);
    if (!wanted) wtfcb_cache_item_free(store, item);
    return wanted;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* The writer's side, with the lock held */

uint64_t wtfcb_cache_queue_discard(wtfcb_cache_store *store)
{
    wtfcb_cache_queue *queue = &store->queue;
    uint64_t puts = 0;
    while (queue->first) {
        wtfcb_cache_item *item = queue->first;
        puts += item->kind == WTFCB_CACHE_ITEM_PUT;
        unlink_item(queue, item);
        drop(store, item);
    }
    return puts;
}

size_t wtfcb_cache_queue_take_batch(wtfcb_cache_store *store, uint64_t bytes, uint64_t records)
{
    wtfcb_cache_queue *queue = &store->queue;
    size_t count = 0;
    uint64_t taken = 0;
    while (queue->first && count < store->batch_capacity && count < records &&
           (count == 0 || taken + queue->first->block <= bytes)) {
        wtfcb_cache_item *item = queue->first;
        if (count == 0) queue->batch_number = item->number;
        unlink_item(queue, item);
        item->writing = true;
        taken += item->block;
        store->batch[count++] = item;
    }
    return count;
}

void wtfcb_cache_queue_end_batch(wtfcb_cache_store *store, size_t count)
{
    for (size_t i = 0; i < count; i++)
        drop(store, store->batch[i]);
    store->queue.batch_number = 0;
    if (!store->queue.first) store->queue.urgent = false;
    (void)pthread_cond_broadcast(&store->queue.news);
}

/* ------------------------------------------------------------------------------------------------------------------ */

/* The number below which everything is written. */
static uint64_t first_unwritten(const wtfcb_cache_queue *queue)
{
    if (queue->batch_number) return queue->batch_number;
    return queue->first ? queue->first->number : queue->next_number;
}

wtfcb_status wtfcb_cache_queue_drain(wtfcb_cache_store *store, uint64_t timeout_ms)
{
    wtfcb_cache_queue *queue = &store->queue;
    uint64_t deadline = timeout_ms ? wtfcb_base_now() + timeout_ms * 1000000 : 0;
    wtfcb_status status = WTFCB_OK;
    (void)pthread_mutex_lock(&queue->lock);
    uint64_t target = queue->next_number;
    while (status == WTFCB_OK && first_unwritten(queue) < target) {
        wtfcb_status off = atomic_load(&store->write_status);
        queue->urgent = true;
        (void)pthread_cond_signal(&queue->work);
        if (off != WTFCB_OK && off != WTFCB_EBUSY)
            status = off;
        else if (!wtfcb_cache_queue_wait(&queue->news, &queue->lock, deadline) && first_unwritten(queue) < target)
            status = WTFCB_EBUSY;
    }
    (void)pthread_mutex_unlock(&queue->lock);
    return status;
}
