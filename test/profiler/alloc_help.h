/* What test_alloc*.c share: a region made by hand, what it becomes, and what holds of every profile with allocations. */
#ifndef WTFCB_TEST_PROFILER_ALLOC_HELP_H
#define WTFCB_TEST_PROFILER_ALLOC_HELP_H

#include <unistd.h>

#include <wtfcb/profiler.h>

#include "../base/counting.h"
#include "../test.h"
#include "base/memory.h"
#include "profiler/alloc.h"
#include "profiler/alloc_load.h"
#include "profiler/alloc_parts.h"
#include "region_sample.h"

enum { MAIN, LOAD, PARSE, KEEP, NEW };

static WTFCB_TEST_UNUSED region_sample region;
static WTFCB_TEST_UNUSED wtfcb_profile *profile;
static WTFCB_TEST_UNUSED wtfcb_profile_summary summary;
static WTFCB_TEST_UNUSED wtfcb_allocator allocator;
static WTFCB_TEST_UNUSED char *folder;

static inline void setup(void)
{
    allocator = wtfcb_base_allocator(NULL);
    folder = wtfcb_test_directory();
    region_control_state = (struct region_control_state){.sees = 1};
}

static inline void teardown(void)
{
    region_free(&region);
    wtfcb_profile_free(profile);
    profile = NULL;
    free(folder);
}

static inline void add(region_sample *to, uint32_t flags, region_figures figures, uint32_t depth,
                       const uint32_t *places)
{
    uintptr_t addresses[16];
    for (uint32_t i = 0; i < depth; i++)
        addresses[i] = region_place(places[i]);
    (void)region_add_site(to, depth, addresses, flags, figures);
}
#define ADD(to_, flags_, figures_, ...)                                                                                \
    add(to_, flags_, (region_figures)figures_, sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t),                   \
        (const uint32_t[]){__VA_ARGS__})
#define FIGURES(...)                                                                                                   \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }

/* main allocates 100 of 10 blocks itself and frees 90 of 9; loads what parses itself and keeps; keep is also called from main. */
static inline void make_sample(uint64_t process)
{
    region_init(&region, WTFCB_ALLOC_MODE_FULL, process);
    region_add_self(&region);
    ADD(&region, 0, FIGURES(100, 10, 90, 9), MAIN);
    ADD(&region, 0, FIGURES(1000, 4, 1000, 4), PARSE, LOAD, MAIN);
    ADD(&region, 0, FIGURES(500, 5, 100, 1), KEEP, PARSE, PARSE, LOAD, MAIN);
    ADD(&region, 0, FIGURES(64, 1, 0, 0), NEW, KEEP, MAIN);
    ADD(&region, WTFCB_ALLOC_SITE_SHORT, FIGURES(7, 2, 0, 0), PARSE);
    region.header->live_peak = 5000;
    region.header->lost = 3;
}

static inline wtfcb_status load(const char **ret_message)
{
    static wtfcb_error error;
    error = (wtfcb_error)WTFCB_ERROR_INIT;
    wtfcb_profiler_region_source source = {.memory = region.bytes, .size = region_size(&region), .fd = -1};
    wtfcb_profile_free(profile);
    profile = NULL;
    wtfcb_status status = wtfcb_profiler_alloc_load(&allocator, "r", &source, &profile, &error);
    if (ret_message) *ret_message = error.message;
    ck_assert_int_eq(error.status, status);
    if (status == WTFCB_OK) ck_assert_int_eq(wtfcb_profile_get_summary(profile, &summary, sizeof summary), WTFCB_OK);
    return status;
}

static inline const wtfcb_profile_frame *frame_of(uint32_t tree, const char *name)
{
    for (uint32_t i = 0; i < profile->summary.frame_count; i++)
        if (profile->frames[i].tree == tree && strcmp(profile->frames[i].name, name) == 0) return &profile->frames[i];
    return NULL;
}

/* "a;b;c" from the outermost inwards. */
static inline void path_of(const wtfcb_profile_node *node, char *path, size_t size)
{
    const wtfcb_profile_node *inward[64];
    size_t depth = 0;
    for (;; node = &profile->nodes[node->parent]) {
        inward[depth++] = node;
        if (node->parent == WTFCB_PROFILE_NONE) break;
    }
    path[0] = '\0';
    while (depth-- > 0) {
        const char *name = profile->frames[inward[depth]->frame].name;
        const char *plain = strncmp(name, "region_place_", 13) == 0 ? name + 13 : name;
        size_t used = strlen(path);
        (void)snprintf(path + used, size - used, "%s%s", used > 0 ? ";" : "", plain);
    }
}

static inline const wtfcb_profile_node *node_of(uint32_t tree, const char *path)
{
    char found[512];
    for (uint32_t i = 0; i < profile->summary.node_count; i++) {
        if (profile->nodes[i].tree != tree) continue;
        path_of(&profile->nodes[i], found, sizeof found);
        if (strcmp(found, path) == 0) return &profile->nodes[i];
    }
    return NULL;
}

/* What holds of every profile: sums of sums, order of frames, and what the summary says. */
static inline void check_whole(void)
{
    static const uint32_t trees[2] = {WTFCB_TREE_ALLOC_LIVE, WTFCB_TREE_ALLOC_TOTAL};
    for (int t = 0; t < 2; t++) {
        uint64_t roots = 0, self = 0, count = 0, frames = 0, blocks = 0;
        uint64_t *inside = calloc(profile->summary.node_count + 1, sizeof *inside);
        for (uint32_t i = 0; i < profile->summary.node_count; i++) {
            const wtfcb_profile_node *node = &profile->nodes[i];
            if (node->tree != trees[t]) continue;
            ck_assert_uint_lt(node->thread, profile->summary.thread_count);
            ck_assert_uint_eq(profile->frames[node->frame].tree, trees[t]);
            self += node->self;
            count += node->count;
            if (node->parent == WTFCB_PROFILE_NONE) {
                roots += node->total;
            } else {
                ck_assert_uint_lt(node->parent, i);
                ck_assert_uint_eq(profile->nodes[node->parent].thread, node->thread);
                inside[node->parent] += node->total;
            }
        }
        for (uint32_t i = 0; i < profile->summary.node_count; i++)
            if (profile->nodes[i].tree == trees[t])
                ck_assert_uint_eq(profile->nodes[i].total, profile->nodes[i].self + inside[i]);
        free(inside);
        const wtfcb_profile_frame *last = NULL;
        for (uint32_t i = 0; i < profile->summary.frame_count; i++) {
            const wtfcb_profile_frame *frame = &profile->frames[i];
            if (frame->tree != trees[t]) continue;
            if (last) ck_assert(last + 1 == frame && last->total >= frame->total);
            last = frame;
            frames += frame->self;
            blocks += frame->count;
            ck_assert(frame->total >= frame->self && frame->minimum_ns == WTFCB_UNKNOWN);
        }
        uint64_t expected = t == 0 ? profile->summary.alloc_live_bytes : profile->summary.alloc_bytes;
        ck_assert_uint_eq(roots, expected);
        ck_assert_uint_eq(self, expected);
        ck_assert_uint_eq(frames, expected);
        expected = t == 0 ? profile->summary.alloc_live_count : profile->summary.alloc_count;
        ck_assert_uint_eq(count, expected);
        ck_assert_uint_eq(blocks, expected);
    }
    ck_assert_uint_ge(profile->summary.alloc_live_peak, profile->summary.alloc_live_bytes);
}

static inline wtfcb_alloc_site *any_site(void)
{
    return (void *)(region.bytes + (size_t)region.last[WTFCB_ALLOC_SITES] * WTFCB_ALLOC_CHUNK +
                    sizeof(wtfcb_alloc_chunk));
}

static inline char *path_in(const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

#endif
