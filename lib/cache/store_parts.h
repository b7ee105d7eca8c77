/*
 * The inside of a store, shared by the files lib/cache/store*.c.
 *
 *     store.c               the registry: which stores this process has open; opening, closing, numbers
 *     store_env.c           the LMDB environment: before it is opened, opening, growing, closing
 *     store_read.c          pooled read transactions, and reads of one record
 *     store_list.c          reads of many
 *     store_queue.c         what waits for the writer, and finding it there
 *     store_write.c         the writer: batches, and what to do when they fail
 *     store_generations.c   which generation is the younger, and dropping the older
 *     store_frame.c         what surrounds a record
 *
 * Nobody waits for another process but at a lock of the gate, which has a deadline. So whatever makes LMDB take one of its own shared
 * mutexes is done with a lock of the gate held: a slot in the table of readers with the opening lock (all slots of a process are taken when it
 * opens the store), a write transaction with the writing lock.
 *
 * Locks of this process: the registry's, the queue's, the pool's; none is taken with another one held, and none is held while
 * LMDB or the gate is called, save the pool's `exclusive`, under which the map is exchanged.
 */
#ifndef WTFCB_CACHE_STORE_PARTS_H
#define WTFCB_CACHE_STORE_PARTS_H

#include <lmdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cache/gate.h"
#include "cache/store.h"
#include "cache/store_frame.h"

/* One slot in LMDB's table of readers. Its transaction is renewed for each read and reset after it. */
typedef struct wtfcb_cache_reader {
    atomic_bool busy;
    MDB_txn *txn;
    char apart[64 - sizeof(MDB_txn *) - sizeof(void *)]; /* slots of different threads share no cache line */
} wtfcb_cache_reader;

typedef struct wtfcb_cache_readers {
    wtfcb_cache_reader *slots;
    uint32_t count;
    uint32_t capacity;
    pthread_mutex_t lock; /* for those who find no slot free */
    pthread_cond_t free;
    atomic_uint waiting;
    pthread_mutex_t exclusive; /* for the one who takes all */
} wtfcb_cache_readers;

enum wtfcb_cache_item_kind {
    WTFCB_CACHE_ITEM_PUT,
    WTFCB_CACHE_ITEM_REMOVE,
    WTFCB_CACHE_ITEM_TEND, /* look at the record again: to the younger generation if it is good, away with it if not */
};

typedef struct wtfcb_cache_item wtfcb_cache_item;
struct wtfcb_cache_item {
    wtfcb_cache_item *chain; /* next in the same bucket */
    wtfcb_cache_item *next;  /* in the queue */
    wtfcb_cache_item *previous;
    uint64_t number; /* ascending in the queue; one that replaces another takes its place and number */
    size_t block;    /* of memory */
    size_t frame_size;
    atomic_uint holds;
    uint8_t kind;
    bool writing; /* in the batch that is being written */
    bool indexed;
    wtfcb_cache_stored_key key;
    _Alignas(8) unsigned char frame[];
};

typedef struct wtfcb_cache_queue {
    pthread_mutex_t lock;
    pthread_cond_t work; /* the writer waits for it */
    pthread_cond_t news; /* what the others wait for: room, progress, the end of a clear */
    wtfcb_cache_item *first;
    wtfcb_cache_item *last;
    wtfcb_cache_item **buckets;
    uint32_t bucket_count;
    atomic_uint indexed; /* items in the buckets */
    uint64_t items;      /* in the queue and in the batch */
    uint64_t bytes;
    uint64_t next_number;
    uint64_t batch_number; /* lowest in the batch; 0: no batch */
    uint64_t first_at_ns;  /* when the queue became non-empty */
    bool urgent;           /* somebody waits: do not gather any longer */
    bool closing;
    bool grow; /* another process has a larger map */
    uint64_t clears_asked;
    uint64_t clears_done;
    wtfcb_status clear_status; /* of the last one */
} wtfcb_cache_queue;

struct wtfcb_cache_store {
    wtfcb_allocator allocator;
    wtfcb_cache_store *next; /* registry's */
    uint32_t holds;
    bool closing;
    bool abandoned; /* it could not be closed */

    wtfcb_cache_place place;
    wtfcb_cache_store_options options;
    wtfcb_cache_gate gate;
    bool has_gate;
    bool locked; /* LMDB has its table of readers */

    MDB_env *env;
    MDB_dbi meta;
    MDB_dbi generations[2];
    size_t page_size;
    uint64_t map_size;
    _Atomic uint64_t turn; /* see wtfcb_cache_younger() */

    wtfcb_cache_readers readers;
    wtfcb_cache_queue queue;
    pthread_t writer;
    bool has_writer;
    wtfcb_cache_item **batch; /* writer's */
    size_t batch_capacity;
    uint64_t since_given_back; /* bytes of pages that batches have touched */
    uint64_t given_back_at_ns;
    uint64_t batches;

    atomic_int status;
    atomic_int write_status;
    _Atomic uint64_t dropped;
    _Atomic uint64_t generations_dropped;
    _Atomic uint64_t damaged;
    _Atomic uint64_t set_aside;
};

/* store_env.c ------------------------------------------------------------------------------------------------------ */

/* The status that stands for what an LMDB function returned. */
wtfcb_status wtfcb_cache_status_of(int rc);

/*
 * Open the environment of `store->place`. `*ret_moved`: the directory was set aside by another process meanwhile, and
 * the place has to be opened again; the status is then WTFCB_EBUSY. On failure nothing stays open but the place.
 */
wtfcb_status wtfcb_cache_env_open(wtfcb_cache_store *store, bool *ret_moved, wtfcb_error *error);

/* Sign out and close. False: it could not be closed and must never be opened again by this process. */
bool wtfcb_cache_env_close(wtfcb_cache_store *store);

/* Map `size` bytes, 0: as many as another process has, with no transaction of this process alive. LMDB's answer. */
int wtfcb_cache_env_resize(wtfcb_cache_store *store, uint64_t size);

/*
 * Run something that only reads, of which LMDB may find out that the file is damaged. False: it did. A transaction that reads holds no
 * lock and no memory that it does not find again, so it can be left at any point; see on_assert().
 */
bool wtfcb_cache_env_guarded(void (*run)(void *user), void *user);

/* store_read.c ----------------------------------------------------------------------------------------------------- */

wtfcb_status wtfcb_cache_readers_fill(wtfcb_cache_store *store);
void wtfcb_cache_readers_empty(wtfcb_cache_store *store);

/* A slot with a transaction of this moment; NULL with the status. To be given back. */
wtfcb_cache_reader *wtfcb_cache_reader_begin(wtfcb_cache_store *store, wtfcb_status *ret_status);
void wtfcb_cache_reader_end(wtfcb_cache_store *store, wtfcb_cache_reader *reader);
void wtfcb_cache_readers_take_all(wtfcb_cache_store *store);
void wtfcb_cache_readers_give_all(wtfcb_cache_store *store);

/* The store is found damaged: memory alone serves from now on, and the next who opens it sets it aside. */
void wtfcb_cache_store_give_up(wtfcb_cache_store *store, wtfcb_status status);

/* store_queue.c ---------------------------------------------------------------------------------------------------- */

wtfcb_status wtfcb_cache_queue_init(wtfcb_cache_store *store);
void wtfcb_cache_queue_free(wtfcb_cache_store *store);

/* The newest item of a key with a hold for the caller; NULL: none. Without lock if nothing waits. */
wtfcb_cache_item *wtfcb_cache_queue_find(wtfcb_cache_store *store, const wtfcb_cache_stored_key *key);
void wtfcb_cache_item_free(wtfcb_cache_store *store, wtfcb_cache_item *item);

/* Ask the writer to look at a record again, unless something about its key waits already; whether it does so now. */
bool wtfcb_cache_queue_tend(wtfcb_cache_store *store, const wtfcb_cache_stored_key *key);

/* With the lock held: throw away what waits (not the batch); move up to these limits into `store->batch`, which has room; end of a batch. */
uint64_t wtfcb_cache_queue_discard(wtfcb_cache_store *store);
size_t wtfcb_cache_queue_take_batch(wtfcb_cache_store *store, uint64_t bytes, uint64_t records);
void wtfcb_cache_queue_end_batch(wtfcb_cache_store *store, size_t count);

/* Wait until `deadline_ns` (0: for ever) for news; false: it has passed. The lock is held. */
bool wtfcb_cache_queue_wait(pthread_cond_t *what, pthread_mutex_t *lock, uint64_t deadline_ns);

/* Wait until everything is written that is queued now; WTFCB_EBUSY when the time is over, or why nothing is written any more. */
wtfcb_status wtfcb_cache_queue_drain(wtfcb_cache_store *store, uint64_t timeout_ms);

/* store_write.c ---------------------------------------------------------------------------------------------------- */

void *wtfcb_cache_writer_run(void *user); /* the store */

/* Begin a write transaction, with the writing lock held; adopts a larger map. LMDB's answer. */
int wtfcb_cache_write_begin(wtfcb_cache_store *store, MDB_txn **ret_txn);

/* store_generations.c ---------------------------------------------------------------------------------------------- */

/* Open the databases, making them if they are not there; with the opening lock held. */
wtfcb_status wtfcb_cache_generations_open(wtfcb_cache_store *store);

/* Which generation is the younger in a transaction that reads, 0 or 1; -1 with `*ret_rc` what LMDB said. */
int wtfcb_cache_younger(wtfcb_cache_store *store, MDB_txn *txn, int *ret_rc);

/* The same in one that writes: its number may yet become another's, so nothing is remembered by it. */
int wtfcb_cache_younger_to_write(const wtfcb_cache_store *store, MDB_txn *txn, int *ret_rc);

/* Has the younger generation had its share? In the transaction of a batch. */
bool wtfcb_cache_generations_full(wtfcb_cache_store *store, MDB_txn *txn, int younger);

/* A filter of what would be lost with the older generation; NULL without memory. Reads, with no lock held. */
void *wtfcb_cache_evicted_build(wtfcb_cache_store *store, size_t *ret_size);

/*
 * Drop the older generation and let the younger become the older, with the writing lock held and no transaction. Unless `force`:
 * only if it is still due. LMDB's answer.
 */
int wtfcb_cache_generations_turn(wtfcb_cache_store *store, bool force, const void *filter, size_t filter_size);

/* Remove every record, with the writing lock held. LMDB's answer. */
int wtfcb_cache_generations_clear(wtfcb_cache_store *store);

#endif
