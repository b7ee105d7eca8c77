/*
 * Entering and leaving zones: what runs in every zone of every thread while a recorder is on, so everything here is counted in nanoseconds.
 *
 * A thread writes only to its own state (zone_parts.h) and takes no lock. While it does, `ready` is 0, which keeps out zones of a signal handler
 * that interrupts it: they find no state that is ready for the recording and are dropped. Whatever is not needed in nearly every zone is
 * a call out of line.
 */
#include <wtfcb/zone.h>

#include "base/clock.h"
#include "profiler/zone_parts.h"

#define COLD __attribute__((cold, noinline))
#define SELDOM(condition) __builtin_expect(!!(condition), 0)

uint32_t wtfcb_zone_recording;

_Thread_local wtfcb_profiler_zone_thread *wtfcb_profiler_zone_self WTFCB_PROFILER_ZONE_TLS;

/* Between these two the state is being changed. Only a handler on this thread has to see them in order. */
static inline void begin_change(wtfcb_profiler_zone_thread *thread)
{
    atomic_store_explicit(&thread->ready, 0, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
}

static inline void end_change(wtfcb_profiler_zone_thread *thread, uint32_t recording)
{
    atomic_signal_fence(memory_order_seq_cst);
    atomic_store_explicit(&thread->ready, recording, memory_order_relaxed);
}

static COLD void drop(wtfcb_profiler_zone_thread *thread, wtfcb_zone *zone)
{
    zone->site = NULL;
    wtfcb_profiler_zone_add(&thread->dropped, 1);
}

/*
 * Close the zones above a frame, which were jumped over. What was done inside them stays counted, and so that sums stay right is taken for their
 * own time.
 */
static COLD void cut(wtfcb_profiler_zone_thread *thread, const wtfcb_profiler_zone_frame *frame)
{
    while (thread->top > frame) {
        wtfcb_profiler_zone_frame *gone = thread->top--;
        thread->top->inside += gone->inside;
        wtfcb_profiler_zone_add(&thread->dropped, 1);
    }
}

/*
 * A zone stands further up the stack than the one that is open on top. Either both are in one function, or that one was jumped over; which is certain
 * if the new one is where an open one was.
 */
static COLD void cut_stale(wtfcb_profiler_zone_thread *thread, uintptr_t zone)
{
    wtfcb_profiler_zone_frame *frame = thread->top;
    while (frame->zone < zone)
        frame--;
    if (frame->zone == zone) cut(thread, frame - 1);
}

static __attribute__((noinline)) wtfcb_profiler_zone_node *other_child(wtfcb_profiler_zone_thread *thread,
                                                                       wtfcb_profiler_zone_node *parent,
                                                                       wtfcb_zone_site *site)
{
    uint64_t key = wtfcb_profiler_zone_site_key(site);
    if (SELDOM(key == WTFCB_PROFILER_ZONE_NO_KEY)) return NULL;
    return wtfcb_profiler_zone_thread_node(thread, parent, key);
}

static inline void enter(wtfcb_profiler_zone_thread *thread, uint32_t recording, wtfcb_zone *zone,
                         wtfcb_zone_site *site)
{
    begin_change(thread);
    if (SELDOM(thread->top->zone <= (uintptr_t)zone)) cut_stale(thread, (uintptr_t)zone);
    wtfcb_profiler_zone_frame *top = thread->top;
    wtfcb_profiler_zone_node *node = top->node->hint;
    if (SELDOM(node->key != __atomic_load_n(&site->opaque[0], __ATOMIC_RELAXED)))
        node = other_child(thread, top->node, site);
    if (SELDOM(!node || top == &thread->frames[WTFCB_PROFILER_ZONE_DEPTH])) {
        drop(thread, zone);
        end_change(thread, recording);
        return;
    }
    wtfcb_profiler_zone_frame *frame = top + 1;
    frame->inside = 0;
    frame->node = node;
    frame->zone = (uintptr_t)zone;
    thread->top = frame;
    zone->site = site;
    zone->opaque[0] = (uintptr_t)thread;
    zone->opaque[1] = (uintptr_t)frame;
    frame->start = wtfcb_profiler_zone_clock_read(thread->clock);
    end_change(thread, recording);
}

/* The first zone of this thread in a recording, a recording that ended, or a signal handler's zone. */
static COLD void enter_first(wtfcb_zone *zone, wtfcb_zone_site *site)
{
    zone->site = NULL;
    uint32_t recording = __atomic_load_n(&wtfcb_zone_recording, __ATOMIC_ACQUIRE);
    if (recording == 0) return;
    wtfcb_profiler_zone_thread *thread = wtfcb_profiler_zone_thread_ready(recording);
    if (thread) {
        enter(thread, recording, zone, site);
        return;
    }
    wtfcb_profiler_zone_region *region = atomic_load_explicit(&wtfcb_profiler_zone_current, memory_order_acquire);
    atomic_fetch_add_explicit(&region->dropped, 1, memory_order_relaxed);
}

void wtfcb_zone_enter(wtfcb_zone *zone, wtfcb_zone_site *site)
{
    wtfcb_profiler_zone_thread *thread = wtfcb_profiler_zone_self;
    uint32_t recording = __atomic_load_n(&wtfcb_zone_recording, __ATOMIC_RELAXED);
    if (SELDOM(!thread || atomic_load_explicit(&thread->ready, memory_order_relaxed) != recording || recording == 0))
        enter_first(zone, site);
    else
        enter(thread, recording, zone, site);
}

/* Only the leaving thread's own handler could change `event` in between, and that is kept out. */
static inline void add_event(wtfcb_profiler_zone_thread *thread, const wtfcb_profiler_zone_frame *frame,
                             uint64_t duration)
{
    wtfcb_profiler_zone_event *event = atomic_load_explicit(&thread->event, memory_order_relaxed);
    if (SELDOM(event == thread->event_end)) {
        if (!wtfcb_profiler_zone_thread_turn(thread)) {
            wtfcb_profiler_zone_add(&thread->events_dropped, 1);
            return;
        }
        event = atomic_load_explicit(&thread->event, memory_order_relaxed);
    }
    uint64_t depth = (uint64_t)(frame - thread->frames) - 1;
    /* Who reads one of these in a block that is used again must then see its new number; see recorder_collect.c. */
    atomic_store_explicit(&event->start, frame->start, memory_order_release);
    atomic_store_explicit(&event->duration, duration, memory_order_release);
    atomic_store_explicit(&event->what, (frame->node->key & UINT32_MAX) | depth << 32, memory_order_release);
    atomic_store_explicit(&thread->event, event + 1, memory_order_release);
}

static inline void add_duration(wtfcb_profiler_zone_thread *thread, wtfcb_profiler_zone_stat *stat, uint64_t ticks)
{
    if (SELDOM(ticks < wtfcb_profiler_zone_get(&stat->minimum))) wtfcb_profiler_zone_set(&stat->minimum, ticks);
    if (SELDOM(ticks > wtfcb_profiler_zone_get(&stat->maximum))) wtfcb_profiler_zone_set(&stat->maximum, ticks);
    uint32_t bucket = wtfcb_profiler_bucket_of(wtfcb_profiler_zone_clock_ns(ticks, thread->rate));
    uint32_t octave = bucket / WTFCB_PROFILER_SUBS;
    wtfcb_profiler_zone_counter *page = atomic_load_explicit(&stat->pages[octave], memory_order_relaxed);
    if (SELDOM(!page)) {
        page = wtfcb_profiler_zone_thread_page(thread, stat, octave);
        if (!page) return; /* its time is counted all the same */
    }
    wtfcb_profiler_zone_add(&page[bucket % WTFCB_PROFILER_SUBS], 1);
}

/* The zone is not on top: what is above it was jumped over, or it was itself. */
static COLD bool uncover(wtfcb_profiler_zone_thread *thread, wtfcb_profiler_zone_frame *frame, uintptr_t zone)
{
    if (frame > thread->top || frame->zone != zone) return false;
    cut(thread, frame);
    return true;
}

void wtfcb_zone_leave(wtfcb_zone *zone)
{
    wtfcb_profiler_zone_thread *thread = (void *)(uintptr_t)zone->opaque[0];
    wtfcb_profiler_zone_frame *frame = (void *)(uintptr_t)zone->opaque[1];
    uint64_t now = wtfcb_profiler_zone_clock_read(thread->clock);
    uint32_t recording = atomic_load_explicit(&thread->ready, memory_order_relaxed);
    begin_change(thread);
    if (SELDOM(thread->top != frame || frame->zone != (uintptr_t)zone) && !uncover(thread, frame, (uintptr_t)zone)) {
        end_change(thread, recording);
        return;
    }
    uint64_t duration = now - frame->start;
    if (SELDOM((int64_t)duration < 0)) duration = 0; /* a clock that is not quite the same on two processors */
    uint64_t self = duration - frame->inside;
    if (SELDOM((int64_t)self < 0)) self = 0;
    wtfcb_profiler_zone_node *node = frame->node;
    wtfcb_profiler_zone_add(&node->count, 1);
    wtfcb_profiler_zone_add(&node->self, self);
    frame[-1].inside += duration;
    add_duration(thread, node->stat, duration);
    if (atomic_load_explicit(&thread->event, memory_order_relaxed)) add_event(thread, frame, duration);
    thread->top = frame - 1;
    end_change(thread, recording);
}

/* The quickest of some batches: what came between belongs to others. */
uint64_t wtfcb_profiler_zone_cost(wtfcb_profiler_zone_region *region)
{
    enum { BATCHES = 8, BATCH = 128, RECORDING = 1 };
    static wtfcb_zone_site site = {"(cost of a zone)", NULL, NULL, 0, 0, {0}};
    wtfcb_profiler_zone_thread *thread = wtfcb_profiler_zone_thread_take(region);
    if (!thread) return 0;
    wtfcb_profiler_zone_thread_reset(thread, 0);
    atomic_store_explicit(&thread->ready, RECORDING, memory_order_relaxed);
    uint64_t least = UINT64_MAX;
    for (int batch = 0; batch < BATCHES; batch++) {
        uint64_t from = wtfcb_base_now();
        for (int i = 0; i < BATCH; i++) {
            wtfcb_zone zone;
            enter(thread, RECORDING, &zone, &site);
            if (zone.site) wtfcb_zone_leave(&zone);
        }
        uint64_t took = wtfcb_base_now() - from;
        if (took < least) least = took;
    }
    wtfcb_profiler_zone_thread_free(thread);
    return least * 1000 / BATCH;
}
