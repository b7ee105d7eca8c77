/* Forests over rows; see forest.h. All links are indices into the rows that were taken. */
#include "profiler/forest.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

enum { ARRAYS = 4 };

static const wtfcb_profiler_tree_kind trees[] = {
    {WTFCB_TREE_ZONES, "zones", "zones", "count", "time", "nanoseconds"},
    {WTFCB_TREE_CPU, "cpu", "samples", "count", "cpu", "nanoseconds"},
    {WTFCB_TREE_ALLOC_LIVE, "live", "inuse_objects", "count", "inuse_space", "bytes"},
    {WTFCB_TREE_ALLOC_TOTAL, "allocated", "alloc_objects", "count", "alloc_space", "bytes"},
};

const wtfcb_profiler_tree_kind *wtfcb_profiler_tree_kind_at(uint32_t index)
{
    return index < sizeof trees / sizeof *trees ? &trees[index] : NULL;
}

const wtfcb_profiler_tree_kind *wtfcb_profiler_tree_kind_find(uint32_t id)
{
    for (uint32_t i = 0; i < sizeof trees / sizeof *trees; i++)
        if (trees[i].id == id) return &trees[i];
    return NULL;
}

void wtfcb_profiler_forest_init(wtfcb_profiler_forest *forest, const wtfcb_allocator *allocator)
{
    *forest = (wtfcb_profiler_forest){.allocator = allocator, .root = WTFCB_PROFILE_NONE};
}

void wtfcb_profiler_forest_free(wtfcb_profiler_forest *forest)
{
    wtfcb_base_free(forest->allocator, forest->block, ARRAYS * (size_t)forest->capacity * sizeof *forest->block);
    wtfcb_profiler_forest_init(forest, forest->allocator);
}

/* Room for `count` items, whatever was in there is gone. */
static wtfcb_status make_room(wtfcb_profiler_forest *forest, uint64_t count)
{
    if (count >= WTFCB_PROFILE_NONE / ARRAYS) return WTFCB_ENOMEM;
    if (count > forest->capacity) {
        wtfcb_profiler_forest_free(forest);
        forest->block = wtfcb_base_alloc(forest->allocator, ARRAYS * (size_t)count * sizeof *forest->block);
        if (!forest->block) return WTFCB_ENOMEM;
        forest->capacity = (uint32_t)count;
        forest->parent = forest->block;
        forest->child = forest->parent + count;
        forest->sibling = forest->child + count;
        forest->path = forest->sibling + count;
    }
    forest->count = (uint32_t)count;
    return WTFCB_OK;
}

/* Children and siblings from parents; siblings stand in the order of their rows. */
static void link_items(wtfcb_profiler_forest *forest)
{
    forest->root = WTFCB_PROFILE_NONE;
    for (uint32_t i = 0; i < forest->count; i++)
        forest->child[i] = WTFCB_PROFILE_NONE;
    for (uint32_t i = forest->count; i-- > 0;) {
        uint32_t parent = forest->parent[i];
        uint32_t *first = parent == WTFCB_PROFILE_NONE ? &forest->root : &forest->child[parent];
        forest->sibling[i] = *first;
        *first = i;
    }
}

wtfcb_status wtfcb_profiler_forest_nodes(wtfcb_profiler_forest *forest, const wtfcb_profile *profile, uint32_t from,
                                         uint32_t *ret_end)
{
    const wtfcb_profile_node *nodes = profile->nodes;
    uint32_t end = from;
    while (end < profile->summary.node_count && nodes[end].tree == nodes[from].tree &&
           nodes[end].thread == nodes[from].thread)
        end++;
    wtfcb_status status = make_room(forest, end - from);
    if (status != WTFCB_OK) return status;
    for (uint32_t i = from; i < end; i++) {
        assert(nodes[i].parent == WTFCB_PROFILE_NONE || (nodes[i].parent >= from && nodes[i].parent < i));
        forest->parent[i - from] = nodes[i].parent == WTFCB_PROFILE_NONE ? WTFCB_PROFILE_NONE : nodes[i].parent - from;
    }
    link_items(forest);
    *ret_end = end;
    return WTFCB_OK;
}

/*
 * An event that ends takes in those before it that are deeper and began no earlier, and that nothing has taken in yet. A ring that has
 * overwritten its oldest may hold events whose outer one is gone: they stay outermost.
 */
static void find_outer(wtfcb_profiler_forest *forest, const wtfcb_profile_event *events)
{
    uint32_t pending = 0;
    for (uint32_t i = 0; i < forest->count; i++) {
        while (pending > 0) {
            const wtfcb_profile_event *inner = &events[forest->path[pending - 1]];
            if (inner->depth <= events[i].depth || inner->start_ns < events[i].start_ns) break;
            forest->parent[forest->path[--pending]] = i;
        }
        forest->path[pending++] = i;
        forest->parent[i] = WTFCB_PROFILE_NONE;
    }
}

wtfcb_status wtfcb_profiler_forest_events(wtfcb_profiler_forest *forest, const wtfcb_profile *profile, uint64_t from,
                                          uint64_t *ret_end)
{
    const wtfcb_profile_event *events = profile->events;
    uint64_t end = from;
    while (end < profile->summary.event_count && events[end].thread == events[from].thread)
        end++;
    wtfcb_status status = make_room(forest, end - from);
    if (status != WTFCB_OK) return status;
    find_outer(forest, events + from);
    link_items(forest);
    *ret_end = end;
    return WTFCB_OK;
}

void wtfcb_profiler_forest_walk(const wtfcb_profiler_forest *forest, wtfcb_profiler_visit_fn enter,
                                wtfcb_profiler_visit_fn leave, void *user)
{
    uint32_t item = forest->root;
    uint32_t depth = 0;
    while (item != WTFCB_PROFILE_NONE) {
        forest->path[depth] = item;
        enter(user, item, depth);
        if (forest->child[item] != WTFCB_PROFILE_NONE) {
            item = forest->child[item];
            depth++;
            continue;
        }
        for (;;) {
            if (leave) leave(user, item, depth);
            if (forest->sibling[item] != WTFCB_PROFILE_NONE) break;
            if (depth == 0) return;
            item = forest->path[--depth];
        }
        item = forest->sibling[item];
    }
}
