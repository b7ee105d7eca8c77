/*
 * Batches, the window and the merging thread; see schedule.h. The merging thread is woken when a quarter of the window
 * is finished or nothing is under way, not for each batch: on a busy machine a wake-up costs as much as counting a file.
 */
#include "scanner/schedule.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include <wtfcb/zone.h>

#include "base/memory.h"

enum {
    BATCH_BYTES = 128 << 10, /* a batch is full from here on */
    BATCH_ROWS = 256,
    ROW_COST = 2048, /* what a file costs beside its bytes, in bytes */
    SHARES = 16,     /* batches that each worker should get of a small tree */
    TICK_NS = 20 * 1000 * 1000,
};

typedef struct batch {
    wtfcb_pool_task task;
    struct run *run;
    size_t first;
    size_t count;
    uint64_t cost;
    bool done; /* under the run's mutex */
} batch;

typedef struct run {
    const wtfcb_scanner_schedule *schedule;
    wtfcb_pool_group group;
    batch *batches;
    size_t batch_count;
    size_t batch_capacity;
    size_t admitted; /* batches [merged, admitted) are in the window */
    size_t merged;
    uint64_t in_window;
    pthread_mutex_t mutex;
    pthread_cond_t progress;
    size_t under_way;    /* under the mutex: admitted and not done */
    uint64_t finished;   /* under the mutex: cost of what was done since the last merge */
    uint64_t files_done; /* under the mutex */
    uint64_t bytes_done; /* likewise */
} run;

/* What a row's file weighs in the window; one that will not be read weighs nothing. */
static uint64_t cost_of(const wtfcb_scanner_schedule *schedule, const wtfcb_scanner_row *row)
{
    bool read = row->size <= schedule->examiners[0].settings->max_file_size && row->origin == WTFCB_ORIGIN_PARSED;
    return (read ? row->size : 0) + ROW_COST;
}

/* Cut the rows into batches of neighbours. */
static bool make_batches(run *r)
{
    const wtfcb_scanner_schedule *schedule = r->schedule;
    uint64_t total = 0;
    for (size_t i = 0; i < schedule->row_count; i++)
        total += cost_of(schedule, &schedule->rows[i]);
    uint64_t full = total / (wtfcb_pool_threads(schedule->pool) * (uint64_t)SHARES);
    if (full > BATCH_BYTES) full = BATCH_BYTES;
    for (size_t i = 0; i < schedule->row_count;) {
        if (!wtfcb_base_reserve(schedule->allocator, (void **)&r->batches, &r->batch_capacity, r->batch_count + 1,
                                sizeof *r->batches))
            return false;
        batch *b = &r->batches[r->batch_count++];
        *b = (batch){.run = r, .first = i};
        do {
            b->cost += cost_of(schedule, &schedule->rows[i++]);
            b->count++;
        } while (i < schedule->row_count && b->count < BATCH_ROWS &&
                 b->cost + cost_of(schedule, &schedule->rows[i]) <= full);
    }
    return true;
}

static void run_batch(wtfcb_pool_task *task, uint32_t worker)
{
    batch *b = (void *)task; /* its first member */
    run *r = b->run;
    wtfcb_scanner_examiner *examiner = &r->schedule->examiners[worker];
    for (size_t i = b->first; i < b->first + b->count; i++)
        wtfcb_scanner_examine(examiner, &r->schedule->rows[i]);
    (void)pthread_mutex_lock(&r->mutex);
    b->done = true;
    r->finished += b->cost;
    r->files_done += b->count;
    r->bytes_done += b->cost - b->count * ROW_COST;
    bool wake = --r->under_way == 0 || r->finished >= r->schedule->window / 4;
    (void)pthread_mutex_unlock(&r->mutex);
    if (wake) (void)pthread_cond_signal(&r->progress);
}

static void admit(run *r)
{
    WTFCB_ZONE("admit");
    while (r->admitted < r->batch_count) {
        batch *b = &r->batches[r->admitted];
        if (r->admitted > r->merged && r->in_window + b->cost > r->schedule->window) return;
        r->in_window += b->cost;
        r->admitted++;
        b->task = (wtfcb_pool_task){.run = run_batch, .group = &r->group, .weight = b->cost};
        (void)pthread_mutex_lock(&r->mutex);
        r->under_way++;
        (void)pthread_mutex_unlock(&r->mutex);
        wtfcb_pool_submit(r->schedule->pool, &b->task);
    }
}

/* Sleep until there is something to merge or a tick has passed. Returns the first batch that is not done. */
static size_t wait_for_progress(run *r)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += TICK_NS;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    WTFCB_ZONE("wait for workers");
    (void)pthread_mutex_lock(&r->mutex);
    int result = 0;
    while (r->under_way > 0 && r->finished < r->schedule->window / 4 && result != ETIMEDOUT)
        result = pthread_cond_timedwait(&r->progress, &r->mutex, &until);
    r->finished = 0;
    size_t done = r->merged;
    while (done < r->admitted && r->batches[done].done)
        done++;
    (void)pthread_mutex_unlock(&r->mutex);
    return done;
}

static wtfcb_status tell_progress(run *r)
{
    (void)pthread_mutex_lock(&r->mutex);
    uint64_t files = r->files_done;
    uint64_t bytes = r->bytes_done;
    (void)pthread_mutex_unlock(&r->mutex);
    return r->schedule->tick(r->schedule->user, files, bytes);
}

static wtfcb_status work(run *r)
{
    wtfcb_status status = WTFCB_OK;
    while (status == WTFCB_OK && r->merged < r->batch_count) {
        admit(r);
        size_t done = wait_for_progress(r);
        while (status == WTFCB_OK && r->merged < done) {
            const batch *b = &r->batches[r->merged++];
            r->in_window -= b->cost;
            admit(r); /* before the merge: workers should not wait for it */
            status = r->schedule->merge(r->schedule->user, b->first, b->count);
        }
        if (status == WTFCB_OK) status = tell_progress(r);
    }
    return status;
}

/* The progress condition on the monotonic clock; 0 or an errno. */
static int init_locks(run *r)
{
    pthread_condattr_t monotonic;
    int result = pthread_condattr_init(&monotonic);
    if (result != 0) return result;
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    result = pthread_mutex_init(&r->mutex, NULL);
    if (result == 0) {
        result = pthread_cond_init(&r->progress, &monotonic);
        if (result != 0) (void)pthread_mutex_destroy(&r->mutex);
    }
    (void)pthread_condattr_destroy(&monotonic);
    return result;
}

wtfcb_status wtfcb_scanner_schedule_run(const wtfcb_scanner_schedule *schedule)
{
    run r = {.schedule = schedule};
    if (init_locks(&r) != 0) return WTFCB_ENOMEM;
    wtfcb_pool_group_init(&r.group);
    wtfcb_status status = make_batches(&r) ? work(&r) : WTFCB_ENOMEM;
    wtfcb_pool_stop(&r.group);
    while (!wtfcb_pool_wait(schedule->pool, &r.group, UINT32_MAX)) {}
    (void)pthread_cond_destroy(&r.progress);
    (void)pthread_mutex_destroy(&r.mutex);
    wtfcb_base_free(schedule->allocator, r.batches, r.batch_capacity * sizeof *r.batches);
    return status;
}
