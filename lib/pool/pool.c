/*
 * The queue is a pairing heap threaded through the tasks: insertion is two pointer writes, removal of the heaviest is
 * amortised O(log n), and no memory is needed. One mutex guards it; tasks are coarse (a directory, a batch of files), so
 * the lock is taken some ten thousand times in a scan of 80,000 files.
 *
 * Workers sleep on `work`; waiters sleep on `idle`, which is signalled when a group's last task ends.
 */
#include "pool/pool.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include <wtfcb/zone.h>

#include "base/memory.h"
#include "base/thread.h"

typedef struct worker {
    wtfcb_pool *pool;
    pthread_t thread;
    uint32_t index;
} worker;

struct wtfcb_pool {
    wtfcb_allocator allocator;
    pthread_mutex_t mutex;
    pthread_cond_t work;
    pthread_cond_t idle;
    wtfcb_pool_task *heaviest; /* root of the heap */
    uint32_t sleeping;         /* workers that wait on `work` */
    uint32_t threads;
    bool ending;
    worker workers[];
};

/* The heavier of two heaps takes the other as its first child. */
static wtfcb_pool_task *meld(wtfcb_pool_task *a, wtfcb_pool_task *b)
{
    if (!a) return b;
    if (!b) return a;
    if (b->weight > a->weight) {
        wtfcb_pool_task *swap = a;
        a = b;
        b = swap;
    }
    b->sibling = a->child;
    a->child = b;
    return a;
}

/* Remove the root: meld its children in pairs from the left, then the pairs from the right. */
static wtfcb_pool_task *without_root(wtfcb_pool_task *root)
{
    wtfcb_pool_task *pairs = NULL;
    for (wtfcb_pool_task *at = root->child; at;) {
        wtfcb_pool_task *first = at;
        wtfcb_pool_task *second = at->sibling;
        at = second ? second->sibling : NULL;
        first->sibling = NULL;
        if (second) second->sibling = NULL;
        wtfcb_pool_task *pair = meld(first, second);
        pair->sibling = pairs;
        pairs = pair;
    }
    wtfcb_pool_task *heap = NULL;
    while (pairs) {
        wtfcb_pool_task *next = pairs->sibling;
        pairs->sibling = NULL;
        heap = meld(heap, pairs);
        pairs = next;
    }
    return heap;
}

static void finish(wtfcb_pool *pool, wtfcb_pool_group *group)
{
    assert(group->pending > 0);
    if (--group->pending == 0) (void)pthread_cond_broadcast(&pool->idle);
}

static void *run_worker(void *user)
{
    worker *self = user;
    wtfcb_pool *pool = self->pool;
    (void)pthread_mutex_lock(&pool->mutex);
    for (;;) {
        while (!pool->heaviest && !pool->ending) {
            WTFCB_ZONE("wait for work");
            pool->sleeping++;
            (void)pthread_cond_wait(&pool->work, &pool->mutex);
            pool->sleeping--;
        }
        wtfcb_pool_task *task = pool->heaviest;
        if (!task) break; /* ending, and nothing left */
        pool->heaviest = without_root(task);
        wtfcb_pool_group *group = task->group; /* the task may be gone once it has run */
        if (!wtfcb_pool_stopped(group)) {
            (void)pthread_mutex_unlock(&pool->mutex);
            task->run(task, self->index);
            (void)pthread_mutex_lock(&pool->mutex);
        }
        finish(pool, group);
    }
    (void)pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

static size_t pool_size(uint32_t threads)
{
    return sizeof(wtfcb_pool) + threads * sizeof(worker);
}

/* End and join the first `started` workers, and free the pool. */
static void dismantle(wtfcb_pool *pool, uint32_t started)
{
    (void)pthread_mutex_lock(&pool->mutex);
    pool->ending = true;
    (void)pthread_cond_broadcast(&pool->work);
    (void)pthread_mutex_unlock(&pool->mutex);
    for (uint32_t i = 0; i < started; i++)
        (void)pthread_join(pool->workers[i].thread, NULL);
    (void)pthread_cond_destroy(&pool->idle);
    (void)pthread_cond_destroy(&pool->work);
    (void)pthread_mutex_destroy(&pool->mutex);
    wtfcb_allocator allocator = pool->allocator;
    wtfcb_base_free(&allocator, pool, pool_size(pool->threads));
}

/* Mutex and conditions; waiting is against the monotonic clock, which nobody sets. 0 or an errno. */
static int init_locks(wtfcb_pool *pool)
{
    pthread_condattr_t monotonic;
    int result = pthread_condattr_init(&monotonic);
    if (result != 0) return result;
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    result = pthread_mutex_init(&pool->mutex, NULL);
    if (result == 0) {
        result = pthread_cond_init(&pool->work, NULL);
        if (result == 0) {
            result = pthread_cond_init(&pool->idle, &monotonic);
            if (result != 0) (void)pthread_cond_destroy(&pool->work);
        }
        if (result != 0) (void)pthread_mutex_destroy(&pool->mutex);
    }
    (void)pthread_condattr_destroy(&monotonic);
    return result;
}

wtfcb_status wtfcb_pool_new(const wtfcb_allocator *allocator, uint32_t threads, wtfcb_pool **ret_pool, int *ret_errno)
{
    assert(threads > 0);
    wtfcb_pool *pool = wtfcb_base_calloc(allocator, 1, pool_size(threads));
    if (!pool) return WTFCB_ENOMEM;
    pool->allocator = *allocator;
    pool->threads = threads;
    *ret_errno = init_locks(pool);
    if (*ret_errno != 0) {
        wtfcb_base_free(allocator, pool, pool_size(threads));
        return WTFCB_EUNSUPPORTED;
    }
    for (uint32_t i = 0; i < threads; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "wtfcb-%u", i % 1000000u); /* what a name has room for */
        pool->workers[i] = (worker){.pool = pool, .index = i};
        *ret_errno = wtfcb_base_thread_start(&pool->workers[i].thread, name, run_worker, &pool->workers[i]);
        if (*ret_errno != 0) {
            dismantle(pool, i);
            return WTFCB_EUNSUPPORTED;
        }
    }
    *ret_pool = pool;
    return WTFCB_OK;
}

void wtfcb_pool_free(wtfcb_pool *pool)
{
    if (!pool) return;
    assert(!pool->heaviest);
    dismantle(pool, pool->threads);
}

uint32_t wtfcb_pool_threads(const wtfcb_pool *pool)
{
    return pool->threads;
}

void wtfcb_pool_group_init(wtfcb_pool_group *group)
{
    group->pending = 0;
    atomic_init(&group->stopped, false);
}

void wtfcb_pool_submit(wtfcb_pool *pool, wtfcb_pool_task *task)
{
    task->child = task->sibling = NULL;
    (void)pthread_mutex_lock(&pool->mutex);
    task->group->pending++;
    pool->heaviest = meld(pool->heaviest, task);
    bool wake = pool->sleeping > 0;
    (void)pthread_mutex_unlock(&pool->mutex);
    if (wake) (void)pthread_cond_signal(&pool->work);
}

/* The instant `timeout_ns` from now, at most some centuries ahead. */
static struct timespec instant_after(uint64_t timeout_ns)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)(timeout_ns / 1000000000u);
    at.tv_nsec += (long)(timeout_ns % 1000000000u);
    if (at.tv_nsec >= 1000000000) {
        at.tv_nsec -= 1000000000;
        at.tv_sec++;
    }
    return at;
}

bool wtfcb_pool_wait(wtfcb_pool *pool, wtfcb_pool_group *group, uint64_t timeout_ns)
{
    struct timespec until = instant_after(timeout_ns);
    (void)pthread_mutex_lock(&pool->mutex);
    int result = 0;
    while (group->pending > 0 && result != ETIMEDOUT)
        result = pthread_cond_timedwait(&pool->idle, &pool->mutex, &until);
    bool done = group->pending == 0;
    (void)pthread_mutex_unlock(&pool->mutex);
    return done;
}

void wtfcb_pool_stop(wtfcb_pool_group *group)
{
    atomic_store_explicit(&group->stopped, true, memory_order_relaxed);
}
