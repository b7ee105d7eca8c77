/*
 * Start and stop of the recorder of zones; see recorder.h, and zone_parts.h for what is where.
 *
 * The lock is the number of the process whose thread holds it, so that a child whose parent was starting or collecting when it forked
 * finds a lock that is nobody's here.
 */
#include "profiler/recorder.h"

#include <time.h>
#include <unistd.h>

#include "profiler/zone_parts.h"

#define LEAST_MEMORY (UINT64_C(1) << 20)
#define MOST_MEMORY (UINT64_C(1) << 36)

static wtfcb_profiler_zone_recorder recorder;

static void wait_a_little(void)
{
    const struct timespec wait = {0, 50000};
    (void)nanosleep(&wait, NULL);
}

wtfcb_profiler_zone_recorder *wtfcb_profiler_zone_control(void)
{
    const pid_t self = getpid();
    for (;;) {
        pid_t owner = atomic_load_explicit(&recorder.owner, memory_order_relaxed);
        if (owner != self && atomic_compare_exchange_strong_explicit(&recorder.owner, &owner, self,
                                                                     memory_order_acquire, memory_order_relaxed))
            return &recorder;
        wait_a_little();
    }
}

void wtfcb_profiler_zone_release(wtfcb_profiler_zone_recorder *held)
{
    atomic_store_explicit(&held->owner, 0, memory_order_release);
}

void wtfcb_profiler_zone_merging_hold(wtfcb_profiler_zone_region *region)
{
    while (atomic_exchange_explicit(&region->merging, true, memory_order_seq_cst))
        wait_a_little();
}

void wtfcb_profiler_zone_merging_release(wtfcb_profiler_zone_region *region)
{
    atomic_store_explicit(&region->merging, false, memory_order_seq_cst);
    wtfcb_profiler_zone_merge_without_waiting(region);
}

/*
 * States of threads that ended under the recording before go back; those of living threads are reset by them. One that says it is pending may not
 * be on the stack yet: who merges finds it there, and that it is of another recording.
 */
static void forget_ended(wtfcb_profiler_zone_region *region)
{
    wtfcb_profiler_zone_thread *thread;
    while ((thread = (void *)wtfcb_profiler_zone_stack_pop(region, &region->pending)) != NULL)
        wtfcb_profiler_zone_thread_free(thread);
    thread = atomic_load_explicit(&region->threads, memory_order_acquire);
    for (; thread; thread = atomic_load_explicit(&thread->listed, memory_order_relaxed)) {
        uint32_t status = atomic_load_explicit(&thread->status, memory_order_acquire);
        if (status == WTFCB_PROFILER_ZONE_ENDED || status == WTFCB_PROFILER_ZONE_SHARED)
            wtfcb_profiler_zone_thread_free(thread);
    }
    atomic_store_explicit(&region->shared, NULL, memory_order_relaxed);
    atomic_store_explicit(&region->ended, 0, memory_order_relaxed);
    wtfcb_profiler_zone_set(&region->dropped, 0);
}

static uint64_t bounded(uint64_t value, uint64_t least, uint64_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* A region of this process with room for so many bytes; the last one's if it has them. Sizes double, so that few are ever left behind. */
static wtfcb_profiler_zone_region *need_region(uint64_t memory)
{
    wtfcb_profiler_zone_region *region = atomic_load_explicit(&wtfcb_profiler_zone_current, memory_order_relaxed);
    if (region && region->process == getpid() && region->size >= memory) return region;
    uint64_t size = LEAST_MEMORY;
    while (size < memory)
        size *= 2;
    return wtfcb_profiler_zone_region_map(size);
}

wtfcb_status wtfcb_profiler_recorder_start(uint64_t memory, uint64_t trace, uint64_t *ret_start)
{
    wtfcb_status status = WTFCB_ENOMEM;
    memory = bounded(memory, LEAST_MEMORY + wtfcb_profiler_zone_sites_size(), MOST_MEMORY) -
             wtfcb_profiler_zone_sites_size();
    wtfcb_profiler_zone_recorder *r = wtfcb_profiler_zone_control();
    if (__atomic_load_n(&wtfcb_zone_recording, __ATOMIC_RELAXED) != 0 && r->process == getpid()) {
        status = WTFCB_EBUSY;
        goto done;
    }
    if (!wtfcb_profiler_zone_sites_map() || !wtfcb_profiler_zone_thread_key()) goto done;
    wtfcb_profiler_zone_region *region = need_region(memory);
    if (!region) goto done;
    r->clock = wtfcb_profiler_zone_clock_choose();
    r->process = getpid();
    if (++r->number >= WTFCB_PROFILER_ZONE_CALLS) r->number = 1;

    wtfcb_profiler_zone_merging_hold(region);
    forget_ended(region);
    uint64_t blocks = bounded(memory / WTFCB_PROFILER_ZONE_BLOCK - 1, 1, region->count);
    uint64_t ring = (trace + WTFCB_PROFILER_ZONE_BLOCK - 1) / WTFCB_PROFILER_ZONE_BLOCK;
    uint64_t rows = bounded(blocks / 8, 1, WTFCB_PROFILER_ZONE_ENDED_ROWS);
    atomic_store_explicit(&region->limit, (uint32_t)blocks, memory_order_relaxed);
    atomic_store_explicit(&region->rows_limit, (uint32_t)rows, memory_order_relaxed);
    atomic_store_explicit(&region->ring_limit, (uint32_t)bounded(ring, 0, region->count), memory_order_relaxed);
    atomic_store_explicit(&region->clock, r->clock.kind, memory_order_relaxed);
    wtfcb_profiler_zone_set(&region->rate, r->clock.rate);
    r->cost = wtfcb_profiler_zone_cost(region);
    atomic_store_explicit(&region->recording, r->number, memory_order_relaxed);
    wtfcb_profiler_zone_merging_release(region);

    atomic_store_explicit(&wtfcb_profiler_zone_current, region, memory_order_release);
    r->start = wtfcb_profiler_zone_clock_anchor(r->clock.kind);
    *ret_start = r->start.ns;
    __atomic_store_n(&wtfcb_zone_recording, r->number, __ATOMIC_RELEASE);
    status = WTFCB_OK;
done:
    wtfcb_profiler_zone_release(r);
    return status;
}

void wtfcb_profiler_recorder_stop(void)
{
    wtfcb_profiler_zone_recorder *r = wtfcb_profiler_zone_control();
    if (r->process == getpid()) __atomic_store_n(&wtfcb_zone_recording, 0, __ATOMIC_RELEASE);
    wtfcb_profiler_zone_release(r);
}

const char *wtfcb_profiler_recorder_clock(void)
{
    return wtfcb_profiler_zone_clock_has_counter() ? "tsc" : "clock_gettime";
}
