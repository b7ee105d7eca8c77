/*
 * Entering and leaving zones: what runs in every zone of every thread while a recorder is on, so everything here is counted in nanoseconds.
 *
 * A thread writes only to its own state (zone_parts.h) and takes no lock. While it does, `ready` says so, which keeps out zones of a signal handler
 * that interrupts it: they find no state that is ready for the recording and are dropped. Whatever is not needed in nearly every zone is
 * a call out of line.
 */
#include <wtfcb/zone.h>

#include "base/clock.h"
#include "profiler/zone_parts.h"

#define COLD __attribute__((cold, noinline))
#define SLOW __attribute__((noinline)) /* and called last: the quick path then saves no registers */
#define SELDOM(condition) __builtin_expect(!!(condition), 0)

uint32_t wtfcb_zone_recording;

/*
 * `ready` is WTFCB_PROFILER_ZONE_BUSY between these two. Only a handler on this thread has to see that in order.
 */
static inline void begin_change(wtfcb_profiler_zone_thread *thread)
{
    atomic_store_explicit(&thread->ready, WTFCB_PROFILER_ZONE_BUSY, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
}

static inline void end_change(wtfcb_profiler_zone_thread *thread, uint32_t ready)
{
    atomic_signal_fence(memory_order_seq_cst);
    atomic_store_explicit(&thread->ready, ready, memory_order_relaxed);
}

/*
 * Close the zones above a frame, which were jumped over. What was done inside them stays counted, and so that sums stay right is taken for their
 * own time.
 */
static COLD void cut(wtfcb_profiler_zone_thread *thread, const wtfcb_profiler_zone_frame *frame)
{
    while (thread->top > frame) {
        const wtfcb_profiler_zone_frame *gone = thread->top--;
        thread->top->inside += gone->inside;
        wtfcb_profiler_zone_add(&thread->dropped, 1);
    }
}

/*
 * A zone that stands where an open one did: that one was jumped over. Others that stand further down the stack than the new one may have been, or are in the same
 * function.
 *
 * It is enough to look when a path is new: zones that pile up because each is jumped out of make new paths.
 */
static COLD void cut_stale(wtfcb_profiler_zone_thread *thread, uintptr_t zone)
{
    const wtfcb_profiler_zone_frame *frame = thread->top;
    while (frame->zone < zone)
        frame--;
    if (frame->zone == zone) cut(thread, frame - 1);
}

/* ---- Enter ---- */

static inline void open_frame(wtfcb_profiler_zone_thread *thread, wtfcb_profiler_zone_node *node, wtfcb_zone *zone,
                              wtfcb_zone_site *site)
{
    wtfcb_profiler_zone_frame *frame = thread->top + 1;
    frame->inside = 0;
    frame->node = node;
    frame->zone = (uintptr_t)zone;
    thread->top = frame;
    zone->site = site;
    zone->opaque[0] = (uintptr_t)thread;
    zone->opaque[2] = (uintptr_t)frame; /* not side by side: the compiler would put both together first */
}

/* Everything that is not so in nearly every zone. `thread` is ready. */
static SLOW void enter_slowly(wtfcb_profiler_zone_thread *thread, wtfcb_zone *zone, wtfcb_zone_site *site)
{
    uint32_t ready = atomic_load_explicit(&thread->ready, memory_order_relaxed);
    begin_change(thread);
    if (thread->top->zone <= (uintptr_t)zone) cut_stale(thread, (uintptr_t)zone);
    wtfcb_profiler_zone_node *node = NULL;
    uint64_t key = wtfcb_profiler_zone_site_key(site);
    if (key != WTFCB_PROFILER_ZONE_NO_KEY && thread->top != &thread->frames[WTFCB_PROFILER_ZONE_DEPTH])
        node = wtfcb_profiler_zone_thread_node(thread, thread->top->node, key);
    if (node) {
        open_frame(thread, node, zone, site);
        thread->top->start = wtfcb_profiler_zone_clock_read(thread->clock);
    } else {
        zone->site = NULL;
        wtfcb_profiler_zone_add(&thread->dropped, 1);
    }
    end_change(thread, ready);
}

/* The first zone of this thread in a recording, a recording that ended, a clock that takes a call, or a signal handler's zone. */
static SLOW void enter_first(wtfcb_zone *zone, wtfcb_zone_site *site)
{
    zone->site = NULL;
    uint32_t recording = __atomic_load_n(&wtfcb_zone_recording, __ATOMIC_ACQUIRE);
    if (recording == 0) return;
    wtfcb_profiler_zone_thread *thread = wtfcb_profiler_zone_self;
    if (atomic_load_explicit(&thread->ready, memory_order_relaxed) != (recording | WTFCB_PROFILER_ZONE_CALLS))
        thread = wtfcb_profiler_zone_thread_ready(recording);
    if (thread) {
        enter_slowly(thread, zone, site);
        return;
    }
    wtfcb_profiler_zone_region *region = atomic_load_explicit(&wtfcb_profiler_zone_current, memory_order_acquire);
    atomic_fetch_add_explicit(&region->dropped, 1, memory_order_relaxed);
}

static inline void enter_quickly(wtfcb_profiler_zone_thread *thread, uint32_t recording, wtfcb_zone *zone,
                                 wtfcb_zone_site *site)
{
    begin_change(thread);
    const wtfcb_profiler_zone_frame *top = thread->top;
    wtfcb_profiler_zone_node *node = top->node->hint;
    if (SELDOM(top->zone == (uintptr_t)zone || node->key != __atomic_load_n(&site->opaque[0], __ATOMIC_RELAXED) ||
               top == &thread->frames[WTFCB_PROFILER_ZONE_DEPTH])) {
        end_change(thread, recording);
        enter_slowly(thread, zone, site);
        return;
    }
    open_frame(thread, node, zone, site);
    thread->top->start = wtfcb_profiler_zone_clock_read(WTFCB_PROFILER_ZONE_CLOCK_COUNTER);
    end_change(thread, recording);
}

void wtfcb_zone_enter(wtfcb_zone *zone, wtfcb_zone_site *site)
{
    wtfcb_profiler_zone_thread *thread = wtfcb_profiler_zone_self;
    uint32_t recording = __atomic_load_n(&wtfcb_zone_recording, __ATOMIC_RELAXED);
    if (SELDOM(atomic_load_explicit(&thread->ready, memory_order_relaxed) != recording))
        enter_first(zone, site);
    else
        enter_quickly(thread, recording, zone, site);
}

/* ---- Leave ---- */

/*
 * The counter of the histogram that the zone before this one is to raise; NULL: it has no page yet.
 *
 * One zone late, because some processors do not read their counter before they know all addresses that are stored to: an address that follows from
 * what was just read would let the next read wait for all of that (12 ns on a Zen 4).
 */
static inline wtfcb_profiler_zone_counter *late_counter(const wtfcb_profiler_zone_thread *thread)
{
    const wtfcb_profiler_zone_stat *stat = atomic_load_explicit(&thread->late_stat, memory_order_relaxed);
    uint64_t ticks = wtfcb_profiler_zone_get(&thread->late_ticks);
    uint32_t bucket = wtfcb_profiler_bucket_of(wtfcb_profiler_zone_clock_quick_ns(ticks, &thread->quick));
    wtfcb_profiler_zone_counter *page =
        atomic_load_explicit(&stat->pages[bucket / WTFCB_PROFILER_SUBS], memory_order_relaxed);
    return page ? &page[bucket % WTFCB_PROFILER_SUBS] : NULL;
}

/* Counters of a zone on top that has been `ticks` long. */
static inline void close_frame(wtfcb_profiler_zone_thread *thread, wtfcb_profiler_zone_frame *frame, uint64_t ticks)
{
    uint64_t self = ticks - frame->inside;
    if (SELDOM((int64_t)self < 0)) self = 0; /* a clock that is not quite the same on two processors */
    wtfcb_profiler_zone_node *node = frame->node;
    wtfcb_profiler_zone_stat *stat = node->stat;
    frame[-1].inside += ticks;
    wtfcb_profiler_zone_add(&node->count, 1);
    wtfcb_profiler_zone_add(&node->self, self);
    if (SELDOM(ticks < wtfcb_profiler_zone_get(&stat->minimum))) wtfcb_profiler_zone_set(&stat->minimum, ticks);
    if (SELDOM(ticks > wtfcb_profiler_zone_get(&stat->maximum))) wtfcb_profiler_zone_set(&stat->maximum, ticks);
    wtfcb_profiler_zone_set(&thread->late_ticks, ticks);
    atomic_store_explicit(&thread->late_stat, stat, memory_order_relaxed);
}

/* Who reads one of these in a block that is used again must then see its new number: recorder_collect.c. */
static inline void put_event(wtfcb_profiler_zone_thread *thread, const wtfcb_profiler_zone_frame *frame, uint64_t ticks)
{
    wtfcb_profiler_zone_event *event = atomic_load_explicit(&thread->event, memory_order_relaxed);
    uint64_t depth = (uint64_t)(frame - thread->frames) - 1;
    atomic_store_explicit(&event->start, frame->start, memory_order_release);
    atomic_store_explicit(&event->duration, ticks, memory_order_release);
    atomic_store_explicit(&event->what, (frame->node->key & UINT32_MAX) | depth << 32, memory_order_release);
    atomic_store_explicit(&thread->event, event + 1, memory_order_release);
}

static inline bool ring_is_at_its_end(const wtfcb_profiler_zone_thread *thread)
{
    return atomic_load_explicit(&thread->event, memory_order_relaxed) == thread->event_end;
}

/*
 * Everything that is not so in nearly every zone: another clock; a zone that is not on top, since what is above it was jumped over, or itself; time that
 * runs backwards; a page or a block of events that has to be got.
 */
static SLOW void leave_slowly(wtfcb_zone *zone, uint64_t now)
{
    wtfcb_profiler_zone_thread *thread = (void *)(uintptr_t)zone->opaque[0];
    wtfcb_profiler_zone_frame *frame = (void *)(uintptr_t)zone->opaque[2];
    uint32_t ready = atomic_load_explicit(&thread->ready, memory_order_relaxed);
    begin_change(thread);
    if (frame <= thread->top && frame->zone == (uintptr_t)zone) {
        cut(thread, frame);
        uint64_t ticks = now - frame->start;
        if ((int64_t)ticks < 0) ticks = 0;
        wtfcb_profiler_zone_thread_flush(thread);
        close_frame(thread, frame, ticks);
        if (atomic_load_explicit(&thread->event, memory_order_relaxed)) {
            if (!ring_is_at_its_end(thread) || wtfcb_profiler_zone_thread_turn(thread))
                put_event(thread, frame, ticks);
            else
                wtfcb_profiler_zone_add(&thread->events_dropped, 1);
        }
        thread->top = frame - 1;
    }
    end_change(thread, ready);
}

static SLOW void leave_by_call(wtfcb_zone *zone)
{
    leave_slowly(zone, wtfcb_profiler_zone_clock_system());
}

void wtfcb_zone_leave(wtfcb_zone *zone)
{
    wtfcb_profiler_zone_thread *thread = (void *)(uintptr_t)zone->opaque[0];
    wtfcb_profiler_zone_frame *frame = (void *)(uintptr_t)zone->opaque[2];
    uint32_t ready = atomic_load_explicit(&thread->ready, memory_order_relaxed);
    if (SELDOM(ready & WTFCB_PROFILER_ZONE_CALLS)) {
        leave_by_call(zone);
        return;
    }
    uint64_t now = wtfcb_profiler_zone_clock_read(WTFCB_PROFILER_ZONE_CLOCK_COUNTER);
    uint64_t ticks = now - frame->start;
    const wtfcb_profiler_zone_event *event = atomic_load_explicit(&thread->event, memory_order_relaxed);
    wtfcb_profiler_zone_counter *counter = late_counter(thread);
    if (SELDOM(thread->top != frame || frame->zone != (uintptr_t)zone || (int64_t)ticks < 0 || !counter ||
               (event && event == thread->event_end))) {
        leave_slowly(zone, now);
        return;
    }
    begin_change(thread);
    wtfcb_profiler_zone_add(counter, 1);
    close_frame(thread, frame, ticks);
    if (event) put_event(thread, frame, ticks);
    thread->top = frame - 1;
    end_change(thread, ready);
}

/* The quickest of some batches: what came between belongs to others. */
uint64_t wtfcb_profiler_zone_cost(wtfcb_profiler_zone_region *region)
{
    enum { BATCHES = 8, BATCH = 128 };
    static wtfcb_zone_site site = {"(cost of a zone)", NULL, NULL, 0, 0, {0}};
    wtfcb_profiler_zone_thread *thread = wtfcb_profiler_zone_thread_take(region);
    if (!thread) return 0;
    wtfcb_profiler_zone_thread_reset(thread, 0);
    uint32_t mark = thread->clock == WTFCB_PROFILER_ZONE_CLOCK_COUNTER ? 0 : WTFCB_PROFILER_ZONE_CALLS;
    atomic_store_explicit(&thread->ready, mark, memory_order_relaxed);
    uint64_t least = UINT64_MAX;
    for (int batch = 0; batch < BATCHES; batch++) {
        uint64_t from = wtfcb_base_now();
        for (int i = 0; i < BATCH; i++) {
            wtfcb_zone zone;
            if (thread->clock == WTFCB_PROFILER_ZONE_CLOCK_COUNTER)
                enter_quickly(thread, 0, &zone, &site);
            else
                enter_slowly(thread, &zone, &site);
            if (zone.site) wtfcb_zone_leave(&zone);
        }
        uint64_t took = wtfcb_base_now() - from;
        if (took < least) least = took;
    }
    wtfcb_profiler_zone_thread_free(thread);
    return least * 1000 / BATCH;
}
