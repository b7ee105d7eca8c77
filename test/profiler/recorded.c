/* See recorded.h. */
#include "recorded.h"

#include "profiler/profile.h"
#include "profiler/recorder.h"
#include "profiler/zone_clock.h"

static _Atomic uint64_t clock_ns = 1000000000;
static wtfcb_profile *recorded;

static void (*clock_call)(void);

void on_clock(void (*call)(void))
{
    clock_call = call;
}

static uint64_t test_now(void)
{
    if (clock_call) clock_call();
    return atomic_load_explicit(&clock_ns, memory_order_relaxed);
}

void pass(uint64_t ns)
{
    atomic_fetch_add_explicit(&clock_ns, ns, memory_order_relaxed);
}

void start_recording_in(uint64_t memory, uint64_t trace)
{
    uint64_t start = 0;
    wtfcb_profiler_zone_clock_fake(test_now);
    ck_assert_int_eq(wtfcb_profiler_recorder_start(memory, trace, &start), WTFCB_OK);
    ck_assert_uint_eq(start, test_now());
}

void start_recording(uint64_t trace)
{
    start_recording_in(16 << 20, trace);
}

void start_recording_real(uint64_t memory, uint64_t trace)
{
    uint64_t start = 0;
    wtfcb_profiler_zone_clock_fake(NULL);
    ck_assert_int_eq(wtfcb_profiler_recorder_start(memory, trace, &start), WTFCB_OK);
    ck_assert_uint_ne(start, 0);
}

void drop_recorded(void)
{
    wtfcb_profile_free(recorded);
    recorded = NULL;
}

const wtfcb_profile *look(void)
{
    drop_recorded();
    ck_assert_int_eq(wtfcb_profiler_profile_new(NULL, &recorded), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_recorder_collect(recorded), WTFCB_OK);
    return recorded;
}

const wtfcb_profile *stop_recording(void)
{
    look();
    wtfcb_profiler_recorder_stop();
    return recorded;
}

wtfcb_profile_summary summary_of_recorded(void)
{
    return recorded->summary;
}

wtfcb_profile_frame frame_named(const char *name)
{
    for (uint32_t i = 0; i < recorded->summary.frame_count; i++)
        if (strcmp(recorded->frames[i].name, name) == 0) return recorded->frames[i];
    return (wtfcb_profile_frame){.name = NULL};
}

static bool name_is(uint32_t frame, const char *name, size_t length)
{
    const char *known = recorded->frames[frame].name;
    return strlen(known) == length && memcmp(known, name, length) == 0;
}

wtfcb_profile_node node_at(uint32_t thread, const char *path)
{
    uint32_t parent = WTFCB_PROFILE_NONE;
    for (;;) {
        size_t length = strcspn(path, "/");
        uint32_t at = 0;
        while (at < recorded->summary.node_count &&
               (recorded->nodes[at].thread != thread || recorded->nodes[at].parent != parent ||
                !name_is(recorded->nodes[at].frame, path, length)))
            at++;
        if (at == recorded->summary.node_count) return (wtfcb_profile_node){.frame = WTFCB_PROFILE_NONE};
        if (path[length] == '\0') return recorded->nodes[at];
        parent = at;
        path += length + 1;
    }
}

/* Rows are many, and each assertion that passes is a system call of Check's: they are counted first. */
static uint32_t wrong_nodes(uint64_t *inside, uint64_t *counts, uint64_t *selves, uint64_t *zones)
{
    const wtfcb_profile_summary *s = &recorded->summary;
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < s->node_count; i++) {
        const wtfcb_profile_node *node = &recorded->nodes[i];
        if (node->tree != WTFCB_TREE_ZONES || node->frame >= s->frame_count || node->thread >= s->thread_count) {
            wrong++;
            continue;
        }
        counts[node->frame] += node->count;
        selves[node->frame] += node->self;
        zones[node->thread] += node->count;
        if (node->parent == WTFCB_PROFILE_NONE) continue;
        if (node->parent >= i || recorded->nodes[node->parent].thread != node->thread)
            wrong++;
        else
            inside[node->parent] += node->total;
    }
    for (uint32_t i = 0; i < s->node_count; i++)
        wrong += recorded->nodes[i].total != recorded->nodes[i].self + inside[i];
    return wrong;
}

static void assert_nodes_add_up(void)
{
    const wtfcb_profile_summary *s = &recorded->summary;
    uint64_t *inside = calloc(s->node_count + 1, sizeof *inside);
    uint64_t *counts = calloc(s->frame_count + 1, sizeof *counts);
    uint64_t *selves = calloc(s->frame_count + 1, sizeof *selves);
    uint64_t *zones = calloc(s->thread_count + 1, sizeof *zones);
    ck_assert(inside && counts && selves && zones);
    ck_assert_uint_eq(wrong_nodes(inside, counts, selves, zones), 0);
    for (uint32_t i = 0; i < s->frame_count; i++) {
        const wtfcb_profile_frame *frame = &recorded->frames[i];
        ck_assert_uint_eq(frame->count, counts[i]);
        ck_assert_uint_eq(frame->self, selves[i]);
        ck_assert_uint_ge(frame->total, frame->self);
        if (i > 0) ck_assert_uint_ge(frame[-1].total, frame->total);
    }
    uint64_t all = 0;
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < s->thread_count; i++) {
        wrong += recorded->threads[i].zones != zones[i];
        all += zones[i];
    }
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(s->zones, all);
    free(inside);
    free(counts);
    free(selves);
    free(zones);
}

void assert_agrees(void)
{
    const wtfcb_profile_summary *s = &recorded->summary;
    assert_nodes_add_up();
    uint64_t wrong = 0;
    for (uint64_t i = 0; i < s->event_count; i++) {
        const wtfcb_profile_event *event = &recorded->events[i];
        wrong += event->frame >= s->frame_count || event->thread >= s->thread_count;
        if (i == 0 || event[-1].thread != event->thread) continue;
        wrong += event->start_ns + event->duration_ns < event[-1].start_ns + event[-1].duration_ns;
    }
    ck_assert_uint_eq(wrong, 0);
}
