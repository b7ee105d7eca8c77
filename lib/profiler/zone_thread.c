/*
 * A thread's state: how it gets one, what hangs from it, what becomes of it when the thread ends.
 *
 * A state belongs to its thread until that ends; then it is a row of the profile, or, once there are many such rows, is merged into one that
 * all later ones share. One thread merges at a time: another that ends meanwhile leaves its state on a stack and goes, and whoever is merging
 * looks there again before he stops. So no thread waits, and thousands of short threads need the memory of those that run at once.
 */
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "profiler/zone_parts.h"

typedef wtfcb_profiler_zone_thread thread_state;
typedef wtfcb_profiler_zone_node node;
typedef wtfcb_profiler_zone_stat stat_of_site;
typedef wtfcb_profiler_zone_block block;
typedef wtfcb_profiler_zone_region zone_region;

/* Stands where a pointer must lead somewhere: no site has its key, and it is never ready. */
static node no_node = {.key = WTFCB_PROFILER_ZONE_NO_KEY};
static stat_of_site no_stat;
static thread_state no_thread = {.ready = WTFCB_PROFILER_ZONE_BUSY};

_Thread_local thread_state *wtfcb_profiler_zone_self WTFCB_PROFILER_ZONE_TLS = &no_thread;
static _Thread_local thread_state *own WTFCB_PROFILER_ZONE_TLS; /* NULL: none yet; &no_thread: no more */

static pthread_key_t ended_key;
static atomic_bool ended_key_made;

/* Destructors of other keys may run zones, so ours lets them go first for as many rounds as there surely are. */
enum { DESTRUCTOR_ROUNDS = 3 };

/* ---- Memory of a thread ---- */

static void *take_space(thread_state *thread, size_t size)
{
    size = (size + WTFCB_PROFILER_ZONE_LINE - 1) & ~(size_t)(WTFCB_PROFILER_ZONE_LINE - 1);
    if ((size_t)(thread->space_end - thread->space) < size) {
        block *more = wtfcb_profiler_zone_block_take(thread->region);
        if (!more) return NULL;
        more->owned = thread->owned;
        thread->owned = more;
        thread->space = (char *)(more + 1);
        thread->space_end = (char *)more + WTFCB_PROFILER_ZONE_BLOCK;
    }
    void *place = thread->space;
    thread->space += size;
    memset(place, 0, size);
    return place;
}

static void free_blocks(thread_state *thread)
{
    while (thread->owned) {
        block *gone = thread->owned;
        thread->owned = gone->owned;
        wtfcb_profiler_zone_block_free(thread->region, gone);
    }
    atomic_fetch_sub_explicit(&thread->region->ring_blocks, thread->ring_blocks, memory_order_relaxed);
    thread->ring_blocks = 0;
    thread->space = thread->space_end = NULL;
}

static void note_name(thread_state *thread)
{
    union {
        char text[16];
        uint64_t words[2];
    } name = {{0}};
    (void)prctl(PR_GET_NAME, name.text);
    wtfcb_profiler_zone_set(&thread->name[0], name.words[0]);
    wtfcb_profiler_zone_set(&thread->name[1], name.words[1]);
}

void wtfcb_profiler_zone_thread_reset(thread_state *thread, uint32_t recording)
{
    zone_region *region = thread->region;
    atomic_store_explicit(&thread->recording, 0, memory_order_release);
    free_blocks(thread);
    thread->space =
        (char *)thread + ((sizeof *thread + WTFCB_PROFILER_ZONE_LINE - 1) & ~(size_t)(WTFCB_PROFILER_ZONE_LINE - 1));
    thread->space_end = (char *)thread + WTFCB_PROFILER_ZONE_BLOCK;
    thread->clock = atomic_load_explicit(&region->clock, memory_order_relaxed);
    thread->quick = wtfcb_profiler_zone_clock_quicken(wtfcb_profiler_zone_get(&region->rate));
    thread->ring_limit = atomic_load_explicit(&region->ring_limit, memory_order_relaxed);
    thread->event_count = 0;
    /* The end of a block that is in no ring: the first event turns to a new one. */
    thread->event_end = thread->ring_limit ? (void *)(thread + 1) : NULL;
    atomic_store_explicit(&thread->event, thread->event_end, memory_order_relaxed);
    atomic_store_explicit(&thread->late_stat, &no_stat, memory_order_relaxed);
    wtfcb_profiler_zone_set(&thread->dropped, 0);
    wtfcb_profiler_zone_set(&thread->events_dropped, 0);
    atomic_store_explicit(&thread->node_count, 0, memory_order_relaxed);
    atomic_store_explicit(&thread->first_node, 0, memory_order_relaxed);
    thread->last_node = NULL;
    for (size_t i = 0; i < sizeof thread->stats / sizeof *thread->stats; i++)
        atomic_store_explicit(&thread->stats[i], NULL, memory_order_relaxed);
    thread->root.key = WTFCB_PROFILER_ZONE_NO_KEY;
    thread->root.hint = &no_node;
    thread->frames[0].node = &thread->root;
    thread->frames[0].zone = UINTPTR_MAX;
    thread->top = &thread->frames[0];
    wtfcb_profiler_zone_set(&thread->born, wtfcb_profiler_zone_clock_read(thread->clock));
    atomic_store_explicit(&thread->recording, recording, memory_order_release);
}

thread_state *wtfcb_profiler_zone_thread_take(zone_region *region)
{
    thread_state *thread = NULL;
    if (wtfcb_profiler_zone_reserve(region)) {
        thread = (void *)wtfcb_profiler_zone_stack_pop(region, &region->free_threads);
        if (thread) return thread;
        atomic_fetch_sub_explicit(&region->in_use, 1, memory_order_relaxed);
    }
    thread = (void *)wtfcb_profiler_zone_block_take(region);
    if (!thread) return NULL;
    memset((char *)thread + sizeof thread->block, 0, sizeof *thread - sizeof thread->block);
    thread->region = region;
    wtfcb_profiler_zone_thread *first = atomic_load_explicit(&region->threads, memory_order_relaxed);
    do {
        atomic_store_explicit(&thread->listed, first, memory_order_relaxed);
    } while (!atomic_compare_exchange_weak_explicit(&region->threads, &first, thread, memory_order_release,
                                                    memory_order_relaxed));
    return thread;
}

void wtfcb_profiler_zone_thread_free(thread_state *thread)
{
    free_blocks(thread);
    atomic_store_explicit(&thread->recording, 0, memory_order_relaxed);
    atomic_store_explicit(&thread->status, WTFCB_PROFILER_ZONE_FREE, memory_order_release);
    wtfcb_profiler_zone_stack_push(thread->region, &thread->region->free_threads, &thread->block);
    atomic_fetch_sub_explicit(&thread->region->in_use, 1, memory_order_relaxed);
}

/* ---- The calling thread ---- */

static thread_state *take_for_caller(zone_region *region)
{
    thread_state *thread = wtfcb_profiler_zone_thread_take(region);
    if (!thread) return NULL;
    if (pthread_setspecific(ended_key, thread) != 0) {
        wtfcb_profiler_zone_thread_free(thread);
        return NULL;
    }
    thread->rounds = 0;
    wtfcb_profiler_zone_set(&thread->id, (uint64_t)syscall(SYS_gettid));
    return thread;
}

/* While this runs, zones of a signal handler find a state that is busy, as they do when they interrupt a change of a state. */
thread_state *wtfcb_profiler_zone_thread_ready(uint32_t recording)
{
    zone_region *region = atomic_load_explicit(&wtfcb_profiler_zone_current, memory_order_acquire);
    thread_state *thread = own;
    if (thread && atomic_load_explicit(&thread->ready, memory_order_relaxed) == WTFCB_PROFILER_ZONE_BUSY) return NULL;
    own = &no_thread;
    atomic_signal_fence(memory_order_seq_cst);
    wtfcb_profiler_zone_self = &no_thread;
    /* Another region took the place of its own, in a child or for more memory. Zones may be open in the old state: it is left alone. */
    if (thread && thread->region != region) thread = NULL;
    if (!thread) thread = take_for_caller(region);
    if (thread) {
        note_name(thread);
        wtfcb_profiler_zone_thread_reset(thread, recording);
        atomic_store_explicit(&thread->status, WTFCB_PROFILER_ZONE_LIVE, memory_order_release);
        uint32_t mark = thread->clock == WTFCB_PROFILER_ZONE_CLOCK_COUNTER ? 0 : WTFCB_PROFILER_ZONE_CALLS;
        atomic_store_explicit(&thread->ready, recording | mark, memory_order_relaxed);
        wtfcb_profiler_zone_self = thread;
    }
    atomic_signal_fence(memory_order_seq_cst);
    own = thread;
    return thread;
}

/* ---- Nodes, statistics, events ---- */

stat_of_site *wtfcb_profiler_zone_thread_stat(thread_state *thread, uint32_t site)
{
    wtfcb_profiler_zone_stat_page *page =
        atomic_load_explicit(&thread->stats[site / WTFCB_PROFILER_ZONE_PAGE], memory_order_acquire);
    return page ? atomic_load_explicit(&page->stats[site % WTFCB_PROFILER_ZONE_PAGE], memory_order_acquire) : NULL;
}

static stat_of_site *need_stat(thread_state *thread, uint32_t site)
{
    stat_of_site *stat = wtfcb_profiler_zone_thread_stat(thread, site);
    if (stat) return stat;
    _Atomic(wtfcb_profiler_zone_stat_page *) *slot = &thread->stats[site / WTFCB_PROFILER_ZONE_PAGE];
    wtfcb_profiler_zone_stat_page *page = atomic_load_explicit(slot, memory_order_relaxed);
    if (!page) {
        page = take_space(thread, sizeof *page);
        if (!page) return NULL;
        atomic_store_explicit(slot, page, memory_order_release);
    }
    stat = take_space(thread, sizeof *stat);
    if (!stat) return NULL;
    wtfcb_profiler_zone_set(&stat->minimum, UINT64_MAX);
    atomic_store_explicit(&page->stats[site % WTFCB_PROFILER_ZONE_PAGE], stat, memory_order_release);
    return stat;
}

static node *add_node(thread_state *thread, node *parent, uint64_t key)
{
    stat_of_site *stat = need_stat(thread, (uint32_t)key);
    node *child = stat ? take_space(thread, sizeof *child) : NULL;
    if (!child) return NULL;
    child->key = key;
    child->hint = &no_node;
    child->parent = parent;
    child->stat = stat;
    child->number = atomic_load_explicit(&thread->node_count, memory_order_relaxed);
    if (parent->hint == &no_node) {
        child->sibling = child;
    } else {
        child->sibling = parent->hint->sibling;
        parent->hint->sibling = child;
    }
    uint32_t distance = wtfcb_profiler_zone_distance(thread->region, child);
    atomic_store_explicit(thread->last_node ? &thread->last_node->next : &thread->first_node, distance,
                          memory_order_release);
    thread->last_node = child;
    atomic_store_explicit(&thread->node_count, child->number + 1, memory_order_release);
    return child;
}

node *wtfcb_profiler_zone_thread_node(thread_state *thread, node *parent, uint64_t key)
{
    node *last = parent->hint;
    node *child = last;
    if (last != &no_node) {
        do {
            child = child->sibling;
            if (child->key == key) {
                parent->hint = child;
                return child;
            }
        } while (child != last);
    }
    child = add_node(thread, parent, key);
    if (child) parent->hint = child;
    return child;
}

static wtfcb_profiler_zone_counter *need_page(thread_state *thread, stat_of_site *stat, uint32_t octave)
{
    wtfcb_profiler_zone_counter *page = atomic_load_explicit(&stat->pages[octave], memory_order_relaxed);
    if (page) return page;
    page = take_space(thread, WTFCB_PROFILER_SUBS * sizeof *page);
    if (page) atomic_store_explicit(&stat->pages[octave], page, memory_order_release);
    return page;
}

void wtfcb_profiler_zone_thread_flush(thread_state *thread)
{
    stat_of_site *stat = atomic_load_explicit(&thread->late_stat, memory_order_relaxed);
    if (stat == &no_stat) return;
    uint64_t ticks = wtfcb_profiler_zone_get(&thread->late_ticks);
    uint32_t bucket = wtfcb_profiler_bucket_of(wtfcb_profiler_zone_clock_quick_ns(ticks, &thread->quick));
    wtfcb_profiler_zone_counter *page = need_page(thread, stat, bucket / WTFCB_PROFILER_SUBS);
    atomic_store_explicit(&thread->late_stat, &no_stat, memory_order_relaxed);
    if (page) wtfcb_profiler_zone_add(&page[bucket % WTFCB_PROFILER_SUBS], 1);
}

/* Rings together leave half of the memory to counters and new threads. */
static block *take_ring_block(thread_state *thread)
{
    zone_region *region = thread->region;
    if (thread->ring_blocks >= thread->ring_limit) return NULL;
    uint32_t most = atomic_load_explicit(&region->limit, memory_order_relaxed) / 2;
    if (atomic_fetch_add_explicit(&region->ring_blocks, 1, memory_order_relaxed) < most) {
        block *more = wtfcb_profiler_zone_block_take(region);
        if (more) {
            more->owned = thread->owned;
            thread->owned = more;
            thread->ring_blocks++;
            return more;
        }
    }
    atomic_fetch_sub_explicit(&region->ring_blocks, 1, memory_order_relaxed);
    return NULL;
}

bool wtfcb_profiler_zone_thread_turn(thread_state *thread)
{
    block *current = NULL;
    if (thread->ring_blocks != 0) {
        current = (block *)(void *)((char *)thread->event_end - WTFCB_PROFILER_ZONE_BLOCK);
    }
    block *next = take_ring_block(thread);
    if (!next && !current) return false;
    if (current) thread->event_count += WTFCB_PROFILER_ZONE_EVENTS;
    if (next) {
        block *oldest = current ? atomic_load_explicit(&current->ring, memory_order_relaxed) : next;
        atomic_store_explicit(&next->ring, oldest, memory_order_relaxed);
    } else {
        next = atomic_load_explicit(&current->ring, memory_order_relaxed);
        wtfcb_profiler_zone_add(&thread->events_dropped, WTFCB_PROFILER_ZONE_EVENTS);
    }
    wtfcb_profiler_zone_set(&next->first, thread->event_count + 1);
    if (current) atomic_store_explicit(&current->ring, next, memory_order_release);
    thread->event_end = (void *)((char *)next + WTFCB_PROFILER_ZONE_BLOCK);
    atomic_store_explicit(&thread->event, (void *)(next + 1), memory_order_release);
    return true;
}

/* ---- Ended threads ---- */

static void merge_stat(thread_state *into, stat_of_site *sum, const stat_of_site *stat)
{
    if (wtfcb_profiler_zone_get(&stat->minimum) < wtfcb_profiler_zone_get(&sum->minimum))
        wtfcb_profiler_zone_set(&sum->minimum, wtfcb_profiler_zone_get(&stat->minimum));
    if (wtfcb_profiler_zone_get(&stat->maximum) > wtfcb_profiler_zone_get(&sum->maximum))
        wtfcb_profiler_zone_set(&sum->maximum, wtfcb_profiler_zone_get(&stat->maximum));
    for (uint32_t octave = 0; octave < WTFCB_PROFILER_OCTAVES; octave++) {
        const wtfcb_profiler_zone_counter *page = atomic_load_explicit(&stat->pages[octave], memory_order_relaxed);
        if (!page) continue;
        wtfcb_profiler_zone_counter *sums = need_page(into, sum, octave);
        for (uint32_t i = 0; sums && i < WTFCB_PROFILER_SUBS; i++)
            wtfcb_profiler_zone_add(&sums[i], wtfcb_profiler_zone_get(&page[i]));
    }
}

/* Nodes come in the order in which they were made: what a parent became stands in its `hint` when its children come. */
static void merge_nodes(thread_state *into, thread_state *from)
{
    from->root.hint = &into->root;
    uint32_t distance = atomic_load_explicit(&from->first_node, memory_order_relaxed);
    for (node *n; (n = wtfcb_profiler_zone_node_at(from->region, distance)) != NULL;) {
        distance = atomic_load_explicit(&n->next, memory_order_relaxed);
        node *parent = n->parent->hint;
        n->hint = parent ? wtfcb_profiler_zone_thread_node(into, parent, n->key) : NULL;
        if (n->hint) {
            wtfcb_profiler_zone_add(&n->hint->count, wtfcb_profiler_zone_get(&n->count));
            wtfcb_profiler_zone_add(&n->hint->self, wtfcb_profiler_zone_get(&n->self));
        } else {
            wtfcb_profiler_zone_add(&into->dropped, wtfcb_profiler_zone_get(&n->count));
        }
    }
}

static void merge(thread_state *into, thread_state *from)
{
    merge_nodes(into, from);
    for (uint32_t site = 0; site < WTFCB_PROFILER_ZONE_SITES; site++) {
        if (!atomic_load_explicit(&from->stats[site / WTFCB_PROFILER_ZONE_PAGE], memory_order_relaxed)) {
            site |= WTFCB_PROFILER_ZONE_PAGE - 1;
            continue;
        }
        const stat_of_site *stat = wtfcb_profiler_zone_thread_stat(from, site);
        stat_of_site *sum = stat ? need_stat(into, site) : NULL;
        if (sum) merge_stat(into, sum, stat);
    }
    wtfcb_profiler_zone_add(&into->dropped, wtfcb_profiler_zone_get(&from->dropped));
    /* Events of threads that ran at once are no sequence of zones inside each other. */
    const wtfcb_profiler_zone_event *event = atomic_load_explicit(&from->event, memory_order_relaxed);
    uint64_t events = 0;
    if (from->ring_blocks != 0)
        events = (uint64_t)from->ring_blocks * WTFCB_PROFILER_ZONE_EVENTS - (uint64_t)(from->event_end - event);
    wtfcb_profiler_zone_add(&into->events_dropped, wtfcb_profiler_zone_get(&from->events_dropped) + events);
}

/* The shared row; NULL: no room for one. */
static thread_state *shared_row(zone_region *region, uint32_t recording)
{
    thread_state *shared = atomic_load_explicit(&region->shared, memory_order_relaxed);
    if (shared) return shared;
    shared = wtfcb_profiler_zone_thread_take(region);
    if (!shared) return NULL;
    wtfcb_profiler_zone_set(&shared->id, 0);
    wtfcb_profiler_zone_thread_reset(shared, recording);
    atomic_store_explicit(&shared->status, WTFCB_PROFILER_ZONE_SHARED, memory_order_release);
    atomic_store_explicit(&region->shared, shared, memory_order_release);
    return shared;
}

void wtfcb_profiler_zone_merge_pending(zone_region *region)
{
    uint32_t recording = atomic_load_explicit(&region->recording, memory_order_relaxed);
    for (thread_state *thread; (thread = (void *)wtfcb_profiler_zone_stack_pop(region, &region->pending)) != NULL;) {
        if (atomic_load_explicit(&thread->recording, memory_order_relaxed) == recording) {
            thread_state *shared = shared_row(region, recording);
            if (!shared) { /* it keeps its own row, then */
                atomic_store_explicit(&thread->status, WTFCB_PROFILER_ZONE_ENDED, memory_order_release);
                continue;
            }
            merge(shared, thread);
        }
        wtfcb_profiler_zone_thread_free(thread);
    }
}

void wtfcb_profiler_zone_merge_without_waiting(zone_region *region)
{
    while ((uint32_t)atomic_load_explicit(&region->pending, memory_order_seq_cst) != 0) {
        if (atomic_exchange_explicit(&region->merging, true, memory_order_seq_cst)) return;
        wtfcb_profiler_zone_merge_pending(region);
        atomic_store_explicit(&region->merging, false, memory_order_seq_cst);
    }
}

static void thread_ended(void *value)
{
    thread_state *thread = value;
    zone_region *region = thread->region;
    if (++thread->rounds < DESTRUCTOR_ROUNDS && pthread_setspecific(ended_key, thread) == 0) return;
    own = &no_thread;
    wtfcb_profiler_zone_self = &no_thread;
    atomic_signal_fence(memory_order_seq_cst);
    wtfcb_profiler_zone_thread_flush(thread);
    note_name(thread);
    uint32_t recording = atomic_load_explicit(&thread->recording, memory_order_relaxed);
    if (recording != atomic_load_explicit(&region->recording, memory_order_relaxed)) {
        wtfcb_profiler_zone_thread_free(thread);
    } else if (atomic_fetch_add_explicit(&region->ended, 1, memory_order_relaxed) <
               atomic_load_explicit(&region->rows_limit, memory_order_relaxed)) {
        atomic_store_explicit(&thread->status, WTFCB_PROFILER_ZONE_ENDED, memory_order_release);
    } else {
        atomic_store_explicit(&thread->status, WTFCB_PROFILER_ZONE_PENDING, memory_order_release);
        wtfcb_profiler_zone_stack_push(region, &region->pending, &thread->block);
        wtfcb_profiler_zone_merge_without_waiting(region);
    }
}

bool wtfcb_profiler_zone_thread_key(void)
{
    if (atomic_load(&ended_key_made)) return true;
    if (pthread_key_create(&ended_key, thread_ended) != 0) return false;
    atomic_store(&ended_key_made, true);
    return true;
}

/* The library may be unloaded while threads live that were in a zone: they must not call it when they end. */
__attribute__((destructor)) static void forget_threads(void)
{
    if (atomic_exchange(&ended_key_made, false)) (void)pthread_key_delete(ended_key);
}
