/*
 * Thread pool: a fixed number of workers and one queue that hands out the largest task first.
 *
 * A task is a struct that its owner embeds in its own data, so that submitting never allocates and never fails; it must stay in
 * place until its group's wait returns. A group counts the tasks of one purpose. When a group is stopped, tasks that have
 * not begun are dropped without being run; one that is running goes on and asks wtfcb_pool_stopped() where it takes long.
 *
 * Lock order: the pool has one mutex, and nothing is called with it held.
 */
#ifndef WTFCB_POOL_POOL_H
#define WTFCB_POOL_POOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

typedef struct wtfcb_pool wtfcb_pool;
typedef struct wtfcb_pool_task wtfcb_pool_task;

typedef struct wtfcb_pool_group {
    uint64_t pending;    /* submitted and not finished; under the pool's mutex */
    atomic_bool stopped; /* drop what has not begun */
} wtfcb_pool_group;

/* `worker` is 0 to threads - 1: the index of the worker's scratch. */
typedef void (*wtfcb_pool_run_fn)(wtfcb_pool_task *task, uint32_t worker);

struct wtfcb_pool_task {
    wtfcb_pool_run_fn run;
    wtfcb_pool_group *group;
    uint64_t weight;          /* heavier tasks run first; among equals no order is promised */
    wtfcb_pool_task *child;   /* pairing heap */
    wtfcb_pool_task *sibling; /* likewise */
};

/*
 * Start `threads` (at least 1) workers. WTFCB_OK; WTFCB_ENOMEM; WTFCB_EUNSUPPORTED with `*ret_errno`: a thread could not be
 * started (none is left behind).
 */
wtfcb_status wtfcb_pool_new(const wtfcb_allocator *allocator, uint32_t threads, wtfcb_pool **ret_pool, int *ret_errno);

/* End the workers and wait for them. No group may have pending tasks. NULL is accepted. */
void wtfcb_pool_free(wtfcb_pool *pool);

uint32_t wtfcb_pool_threads(const wtfcb_pool *pool);

void wtfcb_pool_group_init(wtfcb_pool_group *group);

/* Queue a task; `run`, `group` and `weight` are set. Any thread, tasks of the same pool included. O(1). */
void wtfcb_pool_submit(wtfcb_pool *pool, wtfcb_pool_task *task);

/*
 * Wait until the group has no pending task or `timeout_ns` has passed; true when none is pending. Not from a worker.
 */
bool wtfcb_pool_wait(wtfcb_pool *pool, wtfcb_pool_group *group, uint64_t timeout_ns);

/* Drop the tasks of the group that have not begun. Any thread. */
void wtfcb_pool_stop(wtfcb_pool_group *group);

static inline bool wtfcb_pool_stopped(const wtfcb_pool_group *group)
{
    return atomic_load_explicit(&group->stopped, memory_order_relaxed);
}

#endif
