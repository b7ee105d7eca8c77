/*
 * Which stores this process has open: one environment per directory, found by device and inode, with a count of holds.
 *
 * LMDB must not see one file twice in a process, and its locks and the gate's are the process's, which two threads of it would share. So
 * one thread at a time opens or closes an environment, whatever its directory; it waits there for other processes without holding the
 * registry's lock. A store that is being closed stays in the list until it is, and who wants its directory waits for that.
 *
 * A child that was forked has none of this: it begins with an empty registry, and what it inherited is left alone.
 */
#include "cache/store.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/thread.h"
#include "cache/store_parts.h"

enum {
    BATCH_RECORDS = 12288,
    MOST_MOVES = 4, /* of a store that is set aside again and again */
};

static struct {
    _Atomic long owner; /* pid; negative while that process sets it up */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool busy; /* an environment is being opened or closed */
    wtfcb_cache_store *first;
} registry;

/* The parent's lock may have been held at the fork, so a child has one made anew. */
static void lock_registry(void)
{
    long self = (long)getpid();
    long owner;
    while ((owner = atomic_load(&registry.owner)) != self) {
        if (owner == -self || !atomic_compare_exchange_strong(&registry.owner, &owner, -self)) continue;
        (void)pthread_mutex_init(&registry.lock, NULL);
        (void)pthread_cond_init(&registry.changed, NULL);
        registry.busy = false;
        registry.first = NULL;
        atomic_store(&registry.owner, self);
    }
    (void)pthread_mutex_lock(&registry.lock);
}

static void unlock_registry(void)
{
    (void)pthread_mutex_unlock(&registry.lock);
}

static void wait_for_change(void)
{
    (void)pthread_cond_wait(&registry.changed, &registry.lock);
}

static wtfcb_cache_store *find(const wtfcb_cache_place *place)
{
    wtfcb_cache_store *store = registry.first;
    while (store && (store->place.device != place->device || store->place.inode != place->inode))
        store = store->next;
    return store;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Opening */

static void free_store(wtfcb_cache_store *store)
{
    wtfcb_allocator allocator = store->allocator;
    if (store->queue.buckets) wtfcb_cache_queue_free(store);
    wtfcb_base_free(&allocator, store->batch, store->batch_capacity * sizeof(wtfcb_cache_item *));
    wtfcb_cache_place_close(&store->place);
    wtfcb_base_free(&allocator, store, sizeof *store);
}

/* Takes the place over when it succeeds. */
static wtfcb_cache_store *make_store(const wtfcb_cache_place *place, const wtfcb_cache_store_options *options)
{
    wtfcb_cache_store *store = wtfcb_base_calloc(&place->allocator, 1, sizeof *store);
    if (!store) return NULL;
    store->allocator = place->allocator;
    store->options = *options;
    store->batch_capacity = BATCH_RECORDS;
    store->batch = wtfcb_base_alloc(&store->allocator, store->batch_capacity * sizeof(wtfcb_cache_item *));
    if (store->batch && wtfcb_cache_queue_init(store) == WTFCB_OK) {
        store->place = *place;
        store->holds = 1;
        return store;
    }
    wtfcb_base_free(&store->allocator, store->batch, store->batch_capacity * sizeof(wtfcb_cache_item *));
    wtfcb_base_free(&place->allocator, store, sizeof *store);
    return NULL;
}

static wtfcb_status start(wtfcb_cache_store *store, bool *ret_moved, wtfcb_error *error)
{
    wtfcb_status status = wtfcb_cache_env_open(store, ret_moved, error);
    if (status != WTFCB_OK || store->options.read_only) return status;
    if (wtfcb_base_thread_start(&store->writer, "wtfcb-cache", wtfcb_cache_writer_run, store) == 0) {
        store->has_writer = true;
        return WTFCB_OK;
    }
    (void)wtfcb_cache_env_close(store);
    return wtfcb_base_error(error, WTFCB_ENOMEM, 0, store->place.store_path, "cannot start a thread for the cache");
}

/* The store that this process has open, with a hold; else NULL, and the caller may open one until end_change(). */
static wtfcb_cache_store *begin_change(const wtfcb_cache_place *place)
{
    lock_registry();
    wtfcb_cache_store *store;
    while (registry.busy || ((store = find(place)) && store->closing && !store->abandoned))
        wait_for_change();
    if (!store)
        registry.busy = true;
    else if (!store->abandoned)
        store->holds++;
    unlock_registry();
    return store;
}

static void end_change(wtfcb_cache_store *opened)
{
    lock_registry();
    registry.busy = false;
    if (opened) {
        opened->next = registry.first;
        registry.first = opened;
    }
    (void)pthread_cond_broadcast(&registry.changed);
    unlock_registry();
}

/* One try at the place where the store is now. WTFCB_EDAMAGED with `*ret_moved`: it is elsewhere since. */
static wtfcb_status try_open(wtfcb_cache_store *store, wtfcb_cache_store **ret_store, bool *ret_moved,
                             wtfcb_error *error)
{
    wtfcb_cache_store *known = begin_change(&store->place);
    if (known && known->abandoned)
        return wtfcb_base_error(error, WTFCB_EBUSY, 0, store->place.store_path,
                                "another process did not let go of the cache when it was to be closed here");
    if (known) {
        *ret_store = known;
        return WTFCB_OK;
    }
    wtfcb_status status = start(store, ret_moved, error);
    end_change(status == WTFCB_OK ? store : NULL);
    if (status == WTFCB_OK) *ret_store = store;
    return status;
}

wtfcb_status wtfcb_cache_store_open(wtfcb_cache_place *place, const wtfcb_cache_store_options *options,
                                    wtfcb_cache_store **ret_store, wtfcb_error *error)
{
    wtfcb_cache_store *store = make_store(place, options);
    if (!store) {
        wtfcb_cache_place_close(place);
        return wtfcb_base_error(error, WTFCB_ENOMEM, 0, NULL, "out of memory opening the cache");
    }
    wtfcb_cache_store *opened = NULL;
    wtfcb_status status;
    bool moved;
    unsigned moves = 0;
    do {
        moved = false;
        status = try_open(store, &opened, &moved, error);
        if (moved) atomic_fetch_add(&store->set_aside, 1);
    } while (moved && ++moves < MOST_MOVES);
    if (opened != store) free_store(store);
    if (status == WTFCB_OK) *ret_store = opened;
    return status;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Closing */

static void stop_writer(wtfcb_cache_store *store)
{
    if (!store->has_writer) return;
    (void)pthread_mutex_lock(&store->queue.lock);
    store->queue.closing = true;
    (void)pthread_cond_signal(&store->queue.work);
    (void)pthread_mutex_unlock(&store->queue.lock);
    (void)pthread_join(store->writer, NULL);
}

void wtfcb_cache_store_close(wtfcb_cache_store *store)
{
    if (!store) return;
    lock_registry();
    bool last = --store->holds == 0;
    store->closing = last;
    unlock_registry();
    if (!last) return;
    stop_writer(store);
    lock_registry();
    while (registry.busy)
        wait_for_change();
    registry.busy = true;
    unlock_registry();
    bool closed = wtfcb_cache_env_close(store);
    lock_registry();
    registry.busy = false;
    store->abandoned = !closed;
    if (closed) {
        wtfcb_cache_store **at = &registry.first;
        while (*at != store)
            at = &(*at)->next;
        *at = store->next;
    }
    (void)pthread_cond_broadcast(&registry.changed);
    unlock_registry();
    if (closed) free_store(store);
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Numbers */

const char *wtfcb_cache_store_path(const wtfcb_cache_store *store)
{
    return store->place.path;
}

static int count_reader(const char *line, void *user)
{
    unsigned char first = (unsigned char)line[strspn(line, " ")];
    if (first >= '0' && first <= '9') *(uint64_t *)user += 1; /* a heading comes first */
    return 0;
}

typedef struct sizes {
    wtfcb_cache_store *store;
    MDB_txn *txn;
    wtfcb_cache_store_stats *stats;
} sizes;

static void add_sizes(void *user)
{
    sizes *s = user;
    MDB_dbi databases[] = {s->store->generations[0], s->store->generations[1], s->store->meta};
    MDB_stat stat;
    uint64_t pages = 3; /* two meta pages and the root */
    for (size_t i = 0; i < sizeof databases / sizeof *databases; i++) {
        if (mdb_stat(s->txn, databases[i], &stat) != 0) continue;
        pages += (uint64_t)stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
        if (databases[i] != s->store->meta) s->stats->entries += stat.ms_entries;
    }
    s->stats->bytes = pages * s->store->page_size;
}

void wtfcb_cache_store_get_stats(wtfcb_cache_store *store, wtfcb_cache_store_stats *ret_stats)
{
    wtfcb_cache_store_stats stats = {
        .dropped = atomic_load(&store->dropped),
        .generations_dropped = atomic_load(&store->generations_dropped),
        .set_aside = atomic_load(&store->set_aside),
        .limit = store->options.size,
        .write_status = atomic_load(&store->write_status),
    };
    (void)pthread_mutex_lock(&store->queue.lock);
    stats.queued = store->queue.items;
    stats.queued_bytes = store->queue.bytes;
    (void)pthread_mutex_unlock(&store->queue.lock);
    wtfcb_status status;
    wtfcb_cache_reader *reader = wtfcb_cache_reader_begin(store, &status);
    if (reader) {
        sizes s = {.store = store, .txn = reader->txn, .stats = &stats};
        (void)wtfcb_cache_env_guarded(add_sizes, &s);
        wtfcb_cache_reader_end(store, reader);
        if (store->locked) (void)mdb_reader_list(store->env, count_reader, &stats.readers);
    }
    struct stat file;
    if (fstatat(store->place.store, WTFCB_CACHE_DATA_FILE, &file, AT_SYMLINK_NOFOLLOW) == 0)
        stats.file_bytes = (uint64_t)file.st_size;
    stats.status = atomic_load(&store->status);
    stats.damaged = atomic_load(&store->damaged);
    *ret_stats = stats;
}

bool wtfcb_cache_stores_below(const char *path)
{
    size_t length = strlen(path);
    if (length == 1) length = 0; /* the root of all: a path of its own ends before its slash */
    bool below = false;
    lock_registry();
    for (const wtfcb_cache_store *store = registry.first; store && !below; store = store->next)
        below = strncmp(store->place.store_path, path, length) == 0 && store->place.store_path[length] == '/';
    unlock_registry();
    return below;
}

bool wtfcb_cache_store_is_at(uint64_t device, uint64_t inode)
{
    bool there = false;
    lock_registry();
    for (const wtfcb_cache_store *store = registry.first; store && !there; store = store->next)
        there = store->place.device == device && store->place.inode == inode;
    unlock_registry();
    return there;
}
