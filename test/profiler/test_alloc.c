/*
 * What the profiler makes of regions of allocations: trees that add up, sites by function, profiles of files, tracing started and stopped, folders of other processes.
 * Regions are made by hand (region_sample.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

static region_sample region;
static wtfcb_profile *profile;
static wtfcb_profile_summary summary;
static wtfcb_allocator allocator;
static char *folder;

static void setup(void)
{
    allocator = wtfcb_base_allocator(NULL);
    folder = wtfcb_test_directory();
    region_control_state = (struct region_control_state){.sees = 1};
}

static void teardown(void)
{
    region_free(&region);
    wtfcb_profile_free(profile);
    profile = NULL;
    free(folder);
}

static void add(region_sample *to, uint32_t flags, region_figures figures, uint32_t depth, const uint32_t *places)
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
static void make_sample(uint64_t process)
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

static wtfcb_status load(const char **ret_message)
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

static const wtfcb_profile_frame *frame_of(uint32_t tree, const char *name)
{
    for (uint32_t i = 0; i < profile->summary.frame_count; i++)
        if (profile->frames[i].tree == tree && strcmp(profile->frames[i].name, name) == 0) return &profile->frames[i];
    return NULL;
}

/* "a;b;c" from the outermost inwards. */
static void path_of(const wtfcb_profile_node *node, char *path, size_t size)
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

static const wtfcb_profile_node *node_of(uint32_t tree, const char *path)
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
static void check_whole(void)
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

/* ---- Trees ---- */

START_TEST(region_becomes_two_trees_that_add_up)
{
    make_sample(42);
    ck_assert_int_eq(load(NULL), WTFCB_OK);
    check_whole();
    ck_assert_uint_eq(summary.alloc_bytes, 1671);
    ck_assert_uint_eq(summary.alloc_count, 22);
    ck_assert_uint_eq(summary.alloc_live_bytes, 10 + 400 + 64 + 7);
    ck_assert_uint_eq(summary.alloc_live_count, 1 + 4 + 1 + 2);
    ck_assert_uint_eq(summary.alloc_live_peak, 5000);
    ck_assert_uint_eq(summary.alloc_lost, 3);
    ck_assert_uint_eq(summary.alloc_unwound_short, 2);
    ck_assert_uint_eq(summary.alloc_rate, 0);
    ck_assert_str_eq(summary.alloc_mode, "full");
    ck_assert_int_eq(summary.alloc_status, WTFCB_OK);
    ck_assert_uint_eq(summary.thread_count, 1);
    ck_assert_str_eq(profile->threads[0].name, "prog (42)");
    ck_assert_uint_eq(profile->threads[0].id, 0);
    const wtfcb_profile_node *node = node_of(WTFCB_TREE_ALLOC_TOTAL, "main;load;parse");
    ck_assert(node && node->total == 1500 && node->self == 1000 && node->count == 4);
    node = node_of(WTFCB_TREE_ALLOC_TOTAL, "main;load;parse;parse;keep");
    ck_assert(node && node->total == 500 && node->self == 500 && node->count == 5);
    node = node_of(WTFCB_TREE_ALLOC_LIVE, "main");
    ck_assert(node && node->total == 474 && node->self == 10 && node->count == 1);
}
END_TEST

START_TEST(function_inside_itself_counts_once_in_total)
{
    make_sample(42);
    ck_assert_int_eq(load(NULL), WTFCB_OK);
    const wtfcb_profile_frame *frame = frame_of(WTFCB_TREE_ALLOC_TOTAL, "region_place_parse");
    ck_assert(frame && frame->total == 1507 && frame->self == 1007 && frame->count == 6);
    frame = frame_of(WTFCB_TREE_ALLOC_LIVE, "region_place_parse");
    ck_assert(frame && frame->total == 407 && frame->self == 7 && frame->count == 2);
    ck_assert_str_eq(profile->frames[profile->summary.frame_count - 1].object, frame->object);
}
END_TEST

START_TEST(operator_new_is_no_site_and_its_caller_is)
{
    make_sample(42);
    ck_assert_int_eq(load(NULL), WTFCB_OK);
    for (uint32_t i = 0; i < profile->summary.frame_count; i++)
        ck_assert_ptr_null(strstr(profile->frames[i].name, "operator new"));
    const wtfcb_profile_node *node = node_of(WTFCB_TREE_ALLOC_LIVE, "main;keep");
    ck_assert(node && node->self == 64 && node->count == 1);
    region_free(&region);
    region_init(&region, WTFCB_ALLOC_MODE_FULL, 1);
    region_add_self(&region);
    ADD(&region, 0, FIGURES(1, 1, 0, 0), NEW); /* there is nobody else to name */
    ck_assert_int_eq(load(NULL), WTFCB_OK);
    ck_assert_uint_eq(summary.node_count, 2);
    ck_assert(strncmp(profile->frames[0].name, "operator new", 12) == 0 ||
              strcmp(profile->frames[0].name, "_ZnwmPv") == 0);
}
END_TEST

START_TEST(what_was_freed_is_in_no_live_tree)
{
    region_init(&region, WTFCB_ALLOC_MODE_FULL, 1);
    region_add_self(&region);
    ADD(&region, 0, FIGURES(10, 1, 10, 1), KEEP, MAIN);
    ADD(&region, 0, FIGURES(0, 3, 0, 1), PARSE, MAIN); /* malloc(0) is a block */
    ck_assert_int_eq(load(NULL), WTFCB_OK);
    check_whole();
    ck_assert_ptr_null(node_of(WTFCB_TREE_ALLOC_LIVE, "main;keep"));
    const wtfcb_profile_node *node = node_of(WTFCB_TREE_ALLOC_LIVE, "main;parse");
    ck_assert(node && node->count == 2 && node->self == 0);
    ck_assert_ptr_nonnull(node_of(WTFCB_TREE_ALLOC_TOTAL, "main;keep"));
}
END_TEST

START_TEST(sampled_figures_are_rounded_to_blocks)
{
    region_init(&region, WTFCB_ALLOC_MODE_SAMPLED, 1);
    region_add_self(&region);
    uintptr_t place = region_place(KEEP);
    wtfcb_alloc_site *site = region_add_site(&region, 1, &place, 0, (region_figures){1000, 0, 400, 0});
    site->total_count = 10 * WTFCB_ALLOC_COUNT_UNIT + 127;
    site->freed_count = 3 * WTFCB_ALLOC_COUNT_UNIT;
    ck_assert_int_eq(load(NULL), WTFCB_OK);
    ck_assert_str_eq(summary.alloc_mode, "sampled");
    ck_assert_uint_eq(summary.alloc_rate, 512 << 10);
    ck_assert_uint_eq(summary.alloc_count, 10);
    ck_assert_uint_eq(summary.alloc_live_count, 7);
    ck_assert_uint_eq(summary.alloc_live_bytes, 600);
}
END_TEST

START_TEST(address_is_looked_up_in_the_object_that_was_there_then)
{
    region_init(&region, WTFCB_ALLOC_MODE_FULL, 1);
    uintptr_t place = 0x5000;
    region_add_object(&region, "/no/such/first.so", 0x4000, 0x6000, 0x4000);
    (void)region_add_site(&region, 1, &place, 0, (region_figures){1, 1, 0, 0});
    region_add_object(&region, "/no/such/second.so", 0x4800, 0x8000, 0x4800);
    (void)region_add_site(&region, 1, &place, 0, (region_figures){2, 1, 0, 0});
    place = 0x4100;
    (void)region_add_site(&region, 1, &place, 0, (region_figures){4, 1, 0, 0});
    place = 0x9000;
    (void)region_add_site(&region, 1, &place, 0, (region_figures){8, 1, 0, 0});
    region_add_object(&region, "/no/such/late.so", 0x9000, 0xa000, 0x8000); /* noted somewhat too late */
    place = 0xb000;
    (void)region_add_site(&region, 1, &place, 0, (region_figures){16, 1, 0, 0});
    ck_assert_int_eq(load(NULL), WTFCB_OK);
    check_whole();
    static const struct {
        const char *name;
        uint64_t bytes;
    } expected[] = {{"first.so+0x1000", 1},
                    {"second.so+0x800", 2},
                    {"first.so+0x100", 4},
                    {"late.so+0x1000", 8},
                    {"[unknown]", 16}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const wtfcb_profile_frame *frame = frame_of(WTFCB_TREE_ALLOC_TOTAL, expected[i].name);
        ck_assert_msg(frame && frame->total == expected[i].bytes, "%s", expected[i].name);
    }
}
END_TEST

/* Several in a profile, as a folder has them. */
static void put_regions(uint32_t most, uint32_t count, const uint64_t *processes)
{
    wtfcb_profiler_symbols *symbols = NULL;
    wtfcb_profiler_alloc_trees *trees = NULL;
    ck_assert_int_eq(wtfcb_profiler_symbols_new(&allocator, &symbols), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_alloc_trees_new(&allocator, symbols, most, &trees), WTFCB_OK);
    for (uint32_t i = 0; i < count; i++) {
        wtfcb_profiler_region copy;
        const char *wrong;
        make_sample(processes[i]);
        wtfcb_profiler_region_source source = {.memory = region.bytes, .size = region_size(&region), .fd = -1};
        ck_assert_int_eq(wtfcb_profiler_region_load(&allocator, &source, &copy, &wrong), WTFCB_OK);
        ck_assert_int_eq(wtfcb_profiler_alloc_trees_add(trees, &copy), WTFCB_OK);
        wtfcb_profiler_region_free(&copy);
        region_free(&region);
    }
    ck_assert_int_eq(wtfcb_profiler_profile_new(NULL, &profile), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_alloc_trees_put(trees, profile), WTFCB_OK);
    wtfcb_profiler_alloc_trees_free(trees);
    wtfcb_profiler_symbols_free(symbols);
    summary = profile->summary;
}

START_TEST(functions_of_several_processes_are_the_same_frames)
{
    put_regions(1000, 3, (const uint64_t[]){7, 8, 7});
    check_whole();
    ck_assert_uint_eq(summary.thread_count, 3);
    ck_assert_str_eq(profile->threads[1].name, "prog (8)");
    ck_assert_uint_eq(summary.frame_count, 2 * 4);
    ck_assert_uint_eq(summary.alloc_bytes, 3 * 1671);
    const wtfcb_profile_frame *frame = frame_of(WTFCB_TREE_ALLOC_TOTAL, "region_place_keep");
    ck_assert(frame && frame->total == 3 * 564);
}
END_TEST

START_TEST(sites_without_room_are_summed_up)
{
    for (uint32_t most = 1; most < 20; most++) {
        put_regions(most, 2, (const uint64_t[]){7, 8});
        check_whole();
        ck_assert_uint_eq(summary.alloc_bytes, 2 * 1671);
        ck_assert_uint_le(summary.node_count, 2 * (most + 2));
        const wtfcb_profile_frame *frame = frame_of(WTFCB_TREE_ALLOC_TOTAL, "[more]");
        ck_assert(!frame == (most >= 14));
        wtfcb_profile_free(profile);
        profile = NULL;
    }
}
END_TEST

/* ---- Files ---- */

static void damage_magic(void)
{
    region.header->magic++;
}
static void damage_version(void)
{
    region.header->version = 2;
}
static void damage_kind(void)
{
    region.header->chunk.kind = WTFCB_ALLOC_SITES;
}
static void damage_size(void)
{
    region.header->size = 16;
}
static void no_chunks(void)
{
    region.header->chunks = 0;
}
static void damage_process(void)
{
    region.header->process = UINT64_C(1) << 40;
}
static wtfcb_alloc_site *any_site(void)
{
    return (void *)(region.bytes + (size_t)region.last[WTFCB_ALLOC_SITES] * WTFCB_ALLOC_CHUNK +
                    sizeof(wtfcb_alloc_chunk));
}
static void no_depth(void)
{
    any_site()->depth = 0;
}
static void too_deep(void)
{
    any_site()[1].depth = 129;
}
static void beyond_rows(void)
{
    any_site()[4].depth = 2;
}
static void frames_in_header(void)
{
    any_site()->frames = 64;
}
static void frames_in_sites(void)
{
    any_site()->frames = (uint64_t)region.last[WTFCB_ALLOC_SITES] * WTFCB_ALLOC_CHUNK + 8;
}
static void frames_outside(void)
{
    any_site()->frames = UINT64_MAX - 7;
}
static void frames_askew(void)
{
    any_site()->frames++;
}
static void frames_on_head(void)
{
    any_site()->frames -= 8;
}
static void too_many_bytes(void)
{
    any_site()->total_bytes = UINT64_C(1) << 63;
}
static void too_many_blocks(void)
{
    any_site()->total_count = UINT64_MAX;
}

static void (*const damages[])(void) = {damage_magic, damage_version,   damage_kind,     damage_size,
                                        no_chunks,    damage_process,   no_depth,        too_deep,
                                        beyond_rows,  frames_in_header, frames_in_sites, frames_outside,
                                        frames_askew, frames_on_head,   too_many_bytes,  too_many_blocks};

START_TEST(damaged_region_is_refused)
{
    const char *message;
    make_sample(42);
    damages[_i]();
    ck_assert_int_eq(load(&message), WTFCB_EFORMAT);
    ck_assert_ptr_null(profile);
    ck_assert(strncmp(message, "cannot read r: ", 15) == 0 && strlen(message) > 20);
}
END_TEST

START_TEST(counts_beyond_a_chunk_are_cut)
{
    make_sample(42);
    for (uint32_t i = 1; i < region.header->chunks; i++)
        ((wtfcb_alloc_chunk *)(void *)(region.bytes + (size_t)i * WTFCB_ALLOC_CHUNK))->count = UINT32_MAX;
    ck_assert_int_eq(load(NULL), WTFCB_EFORMAT); /* rows of zeros are no sites */
    region.header->course_count = UINT32_MAX;
    region.header->chunks = 1;
    ck_assert_int_eq(load(NULL), WTFCB_OK);
    ck_assert_uint_eq(summary.alloc_bytes, 0);
    region.header->chunks = WTFCB_PROFILER_REGION_CHUNKS + 1;
    ck_assert_int_eq(load(NULL), WTFCB_ELIMIT);
    region.header->chunks = 5;
}
END_TEST

static char *path_in(const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

START_TEST(file_that_is_cut_is_refused)
{
    make_sample(42);
    wtfcb_error error;
    char *path = path_in("cut.wtfcb-alloc");
    for (size_t keep = region_size(&region) - 1; keep > 16; keep = keep * 2 / 3) {
        region_save(&region, path);
        ck_assert_int_eq(truncate(path, (off_t)keep), 0);
        error = (wtfcb_error)WTFCB_ERROR_INIT;
        ck_assert_int_eq(wtfcb_profile_load(NULL, path, &profile, &error), WTFCB_EFORMAT);
        ck_assert_ptr_nonnull(strstr(error.message, "short"));
    }
    region_save(&region, path);
    ck_assert_int_eq(truncate(path, 8), 0);
    ck_assert_int_eq(wtfcb_profile_load(NULL, path, &profile, &error), WTFCB_EFORMAT); /* no JSON either */
}
END_TEST

START_TEST(file_is_a_profile_with_its_course)
{
    make_sample(42);
    region_add_point(&region, 1000, 0);
    region_add_point(&region, 5000, 300);
    region_add_point(&region, 4000, 1); /* while they are thinned out */
    region_add_point(&region, 9000, 700);
    region.header->ended_ns = 10000;
    region_save(&region, path_in("prog.42.wtfcb-alloc"));
    ck_assert_int_eq(wtfcb_profile_load(NULL, path_in("prog.42.wtfcb-alloc"), &profile, NULL), WTFCB_OK);
    check_whole();
    (void)wtfcb_profile_get_summary(profile, &summary, sizeof summary);
    ck_assert_str_eq(summary.name, "prog");
    ck_assert_uint_eq(summary.started_ns, UINT64_C(1700000000123456789));
    ck_assert_uint_eq(summary.duration_ns, 10000);
    ck_assert_uint_eq(summary.process, 42);
    ck_assert_int_eq(summary.timeline_status, WTFCB_OK);
    ck_assert_uint_eq(summary.samples, 4);
    const uint64_t *times, *values;
    uint64_t count;
    ck_assert_int_eq(wtfcb_profile_times(profile, WTFCB_TIER_SAMPLES, &times, &count, NULL), WTFCB_OK);
    ck_assert_uint_eq(count, 4);
    ck_assert_int_eq(
        wtfcb_profile_values(profile, WTFCB_TIER_SAMPLES, WTFCB_METRIC_LIVE, WTFCB_STATISTIC_MAXIMUM, &values),
        WTFCB_OK);
    ck_assert(times[1] == 5000 && values[1] == 300 && times[3] == 10000 && values[3] == 481);
    const wtfcb_profile_metric *metric = &profile->metrics[WTFCB_METRIC_LIVE - 1];
    ck_assert(metric->status == WTFCB_OK && metric->first == 0 && metric->last == 481 && metric->maximum == 700);
    ck_assert_uint_eq(metric->mean, (4000 * 300 + 4000 * 700 + 1000 * 481 + 5000) / 10000);
    ck_assert_int_eq(profile->metrics[WTFCB_METRIC_RSS - 1].status, WTFCB_EUNSUPPORTED);
    ck_assert_int_gt((int)strlen(profile->metrics[WTFCB_METRIC_RSS - 1].reason), 0);
}
END_TEST

static char *written(const wtfcb_profile *of, const char *name)
{
    ck_assert_int_eq(wtfcb_profile_save(of, path_in(name), WTFCB_PROFILE_JSON, NULL), WTFCB_OK);
    FILE *file = fopen(path_in(name), "rbe");
    char *text = calloc(1, 1 << 20);
    ck_assert(file && text);
    ck_assert_uint_lt(fread(text, 1, (1 << 20) - 1, file), (1 << 20) - 1);
    (void)fclose(file);
    return text;
}

START_TEST(profile_of_a_region_is_the_same_after_saving_and_loading)
{
    wtfcb_profile *again = NULL;
    make_sample(42);
    region_add_point(&region, 1000, 12);
    ck_assert_int_eq(load(NULL), WTFCB_OK);
    char *first = written(profile, "first.json");
    ck_assert_int_eq(wtfcb_profile_load(NULL, path_in("first.json"), &again, NULL), WTFCB_OK);
    char *second = written(again, "second.json");
    ck_assert_str_eq(first, second);
    ck_assert_uint_eq(again->summary.alloc_live_peak, 5000);
    ck_assert_uint_eq(again->summary.alloc_live_bytes, 481);
    ck_assert_str_eq(again->summary.alloc_mode, "full");
    wtfcb_profile_free(again);
    free(first);
    free(second);
}
END_TEST

/* ---- Tracing of this process ---- */

static wtfcb_profiler_alloc *start_with(int32_t mode, wtfcb_status expected)
{
    wtfcb_profiler_alloc *alloc = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_profiler_alloc_options options = {.mode = mode, .control = &region_control};
    ck_assert_int_eq(wtfcb_profiler_alloc_start(&allocator, &options, &alloc, &error), expected);
    ck_assert_int_eq(error.status, expected);
    ck_assert(!alloc == (expected != WTFCB_OK));
    return alloc;
}

static void collect(wtfcb_profiler_alloc *alloc)
{
    wtfcb_profile_free(profile);
    ck_assert_int_eq(wtfcb_profiler_profile_new(NULL, &profile), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_alloc_collect(alloc, profile), WTFCB_OK);
    summary = profile->summary;
}

START_TEST(tracing_is_started_read_and_stopped)
{
    make_sample((uint64_t)getpid());
    region_control_state.region = &region;
    wtfcb_profiler_alloc *alloc = start_with(WTFCB_ALLOC_SAMPLED, WTFCB_OK);
    ck_assert(region_control_state.tracing && region_control_state.rate == WTFCB_PROFILER_ALLOC_RATE);
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, true), 481);
    wtfcb_profiler_alloc_hide(alloc, 1);
    ck_assert_int_eq(region_control_state.hidden, 1);
    wtfcb_profiler_alloc_hide(alloc, -1);
    collect(alloc);
    check_whole();
    ck_assert_uint_eq(summary.alloc_bytes, 1671);
    ADD(&region, 0, FIGURES(9, 1, 0, 0), KEEP);
    collect(alloc); /* a later one has more */
    ck_assert_uint_eq(summary.alloc_bytes, 1680);
    ck_assert(region_control_state.tracing);
    wtfcb_profiler_alloc_stop(alloc);
    ck_assert(!region_control_state.tracing);
    collect(alloc);
    ck_assert_uint_eq(summary.alloc_bytes, 1680);
    wtfcb_profiler_alloc_free(alloc);
    wtfcb_profiler_alloc_hide(NULL, 1);
    alloc = start_with(WTFCB_ALLOC_FULL, WTFCB_OK);
    ck_assert(region_control_state.mode == WTFCB_ALLOC_MODE_FULL && region_control_state.rate == 0);
    wtfcb_profiler_alloc_stop(alloc);
    wtfcb_profiler_alloc_free(alloc);
    ck_assert_uint_eq(region_control_state.stops, 2);
}
END_TEST

START_TEST(second_tracing_is_refused_until_the_first_is_freed)
{
    wtfcb_profiler_alloc *alloc = start_with(WTFCB_ALLOC_FULL, WTFCB_OK);
    (void)start_with(WTFCB_ALLOC_FULL, WTFCB_EBUSY);
    wtfcb_profiler_alloc_stop(alloc);
    (void)start_with(WTFCB_ALLOC_FULL, WTFCB_EBUSY); /* which would take away what is still to be read */
    pid_t child = fork();
    if (child == 0) {
        wtfcb_profiler_alloc_free(alloc);
        alloc = start_with(WTFCB_ALLOC_FULL, WTFCB_OK);
        _exit(alloc ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    wtfcb_profiler_alloc_free(alloc);
    wtfcb_profiler_alloc_free(start_with(WTFCB_ALLOC_FULL, WTFCB_OK));
    region_control_state.tracing = false;
    region_control_state.answer = EBUSY; /* WTFCB_ALLOC */
    (void)start_with(WTFCB_ALLOC_FULL, WTFCB_EBUSY);
    region_control_state.answer = ENOMEM;
    (void)start_with(WTFCB_ALLOC_FULL, WTFCB_ENOMEM);
    region_control_state.answer = 0;
    wtfcb_profiler_alloc_free(start_with(WTFCB_ALLOC_FULL, WTFCB_OK)); /* no claim is left behind */
}
END_TEST

START_TEST(what_cannot_be_traced_is_said_and_fails_nothing)
{
    const char *reason;
    region_control_state.sees = 0;
    for (int i = 0; i < 2; i++) {
        wtfcb_profiler_alloc *alloc = start_with(WTFCB_ALLOC_FULL, WTFCB_OK);
        ck_assert_int_eq(wtfcb_profiler_alloc_status(alloc, &reason), WTFCB_EUNSUPPORTED);
        ck_assert_ptr_nonnull(strstr(reason, i == 0 ? "allocator of its own" : "Operation not permitted"));
        ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, true), WTFCB_UNKNOWN);
        collect(alloc);
        ck_assert_int_eq(summary.alloc_status, WTFCB_EUNSUPPORTED);
        ck_assert_str_eq(summary.alloc_mode, "");
        wtfcb_profiler_alloc_stop(alloc);
        wtfcb_profiler_alloc_free(alloc);
        region_control_state.sees = 1;
        region_control_state.answer = EPERM;
    }
    ck_assert_uint_eq(region_control_state.starts, 0);
}
END_TEST

/* Adds to sites, what is freed after what was allocated, as the real one does. */
static void *allocate(void *user)
{
    atomic_bool *ending = user;
    wtfcb_alloc_site *sites = any_site();
    for (uint32_t i = 0; !atomic_load(ending); i++) {
        wtfcb_alloc_site *site = &sites[i % 5];
        atomic_fetch_add(&site->total_bytes, 48);
        atomic_fetch_add(&site->total_count, WTFCB_ALLOC_COUNT_UNIT);
        atomic_fetch_add(&site->freed_bytes, 48);
        atomic_fetch_add(&site->freed_count, WTFCB_ALLOC_COUNT_UNIT);
    }
    return NULL;
}

START_TEST(snapshot_of_a_running_process_is_consistent)
{
    atomic_bool ending = false;
    pthread_t threads[2];
    make_sample((uint64_t)getpid());
    region_control_state.region = &region;
    wtfcb_profiler_alloc *alloc = start_with(WTFCB_ALLOC_FULL, WTFCB_OK);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, allocate, &ending), 0);
    uint64_t last = 0;
    for (int i = 0; i < 200; i++) {
        collect(alloc);
        check_whole();
        ck_assert_uint_ge(summary.alloc_bytes, last);
        ck_assert_uint_ge(summary.alloc_live_bytes, 481); /* never less than what is never freed */
        last = summary.alloc_bytes;
    }
    atomic_store(&ending, true);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    collect(alloc);
    ck_assert_uint_eq(summary.alloc_live_bytes, 481);
    wtfcb_profiler_alloc_stop(alloc);
    wtfcb_profiler_alloc_free(alloc);
}
END_TEST

/* ---- Other processes ---- */

static wtfcb_profiler_alloc *watch(pid_t process, bool tree, const char *in, wtfcb_status expected)
{
    wtfcb_profiler_alloc *alloc = NULL;
    wtfcb_profiler_alloc_options options = {.mode = WTFCB_ALLOC_FULL, .process = process, .tree = tree, .folder = in};
    ck_assert_int_eq(wtfcb_profiler_alloc_start(&allocator, &options, &alloc, NULL), expected);
    return alloc;
}

static void save_of(uint64_t process, uint64_t started, uint64_t ended, const char *name)
{
    region_free(&region);
    make_sample(process);
    region.header->started_ns = started;
    region.header->ended_ns = ended;
    region_save(&region, path_in(name));
}

static pid_t sleeper(void)
{
    pid_t child = fork();
    if (child == 0) {
        (void)pause();
        _exit(0);
    }
    ck_assert_int_gt(child, 0);
    return child;
}

static void end_child(pid_t child)
{
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

START_TEST(folder_is_the_sum_of_those_that_run)
{
    const char *reason;
    pid_t one = sleeper();
    pid_t two = sleeper();
    wtfcb_profiler_alloc *alloc = watch(one, true, folder, WTFCB_OK);
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, true), WTFCB_UNKNOWN);
    ck_assert_int_eq(wtfcb_profiler_alloc_status(alloc, &reason), WTFCB_EUNSUPPORTED);
    save_of((uint64_t)one, 100, 0, "a.wtfcb-alloc");
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, true), 481);
    save_of((uint64_t)two, 200, 0, "b.wtfcb-alloc");
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, false), 481); /* not looked for */
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, true), 962);
    save_of((uint64_t)two, 300, 0, "c.wtfcb-alloc"); /* it has become another program */
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, true), 962);
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, true), 962);
    end_child(two); /* and has not said so */
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, false), 481);
    save_of((uint64_t)one, 100, 5, "a.wtfcb-alloc");
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, false), 0);
    ck_assert_int_eq(wtfcb_profiler_alloc_status(alloc, &reason), WTFCB_OK);
    ck_assert_str_eq(reason, "");
    collect(alloc); /* what they left is there to be looked at */
    check_whole();
    ck_assert_uint_eq(summary.thread_count, 3);
    ck_assert_uint_eq(summary.alloc_live_bytes, 3 * 481);
    wtfcb_profiler_alloc_stop(alloc);
    wtfcb_profiler_alloc_free(alloc);
    end_child(one);
}
END_TEST

START_TEST(folder_without_a_tree_is_read_for_one_process)
{
    pid_t one = sleeper();
    wtfcb_profiler_alloc *alloc = watch(one, false, folder, WTFCB_OK);
    save_of(1, 100, 0, "other.wtfcb-alloc");
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, true), WTFCB_UNKNOWN);
    collect(alloc);
    ck_assert_int_eq(summary.alloc_status, WTFCB_EUNSUPPORTED);
    save_of((uint64_t)one, 100, 0, "one.wtfcb-alloc");
    collect(alloc);
    ck_assert_uint_eq(summary.alloc_bytes, 1671);
    ck_assert_uint_eq(summary.thread_count, 1);
    wtfcb_profiler_alloc_free(alloc);
    end_child(one);
}
END_TEST

START_TEST(what_is_no_region_in_a_folder_is_left_out)
{
    pid_t one = sleeper();
    wtfcb_profiler_alloc *alloc = watch(one, true, folder, WTFCB_OK);
    save_of((uint64_t)one, 100, 0, "good.wtfcb-alloc");
    save_of((uint64_t)one, 90, 0, "cut.wtfcb-alloc");
    ck_assert_int_eq(truncate(path_in("cut.wtfcb-alloc"), 70000), 0);
    save_of((uint64_t)one, 80, 0, "name");
    FILE *file = fopen(path_in("empty.wtfcb-alloc"), "we");
    ck_assert_ptr_nonnull(file);
    (void)fclose(file);
    char target[600];
    (void)snprintf(target, sizeof target, "%s/name", folder);
    ck_assert_int_eq(symlink(target, path_in("link.wtfcb-alloc")), 0);
    ck_assert_int_eq(mkfifo(path_in("pipe.wtfcb-alloc"), 0600), 0);
    ck_assert_int_eq(mkdir(path_in("folder.wtfcb-alloc"), 0700), 0);
    collect(alloc);
    check_whole();
    ck_assert_uint_eq(summary.alloc_bytes, 1671);
    ck_assert_uint_eq(summary.thread_count, 1);
    wtfcb_profiler_alloc_free(alloc);
    end_child(one);
}
END_TEST

START_TEST(folder_that_is_not_there_is_an_error_and_none_is_not)
{
    const char *reason;
    ck_assert_ptr_null(watch(1, true, path_in("missing"), WTFCB_ENOTFOUND));
    wtfcb_profiler_alloc *alloc = watch(1, true, NULL, WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_alloc_status(alloc, &reason), WTFCB_EUNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(reason, "FOLDER"));
    wtfcb_profiler_alloc_free(alloc);
}
END_TEST

/* ---- The profiler ---- */

static void record(int64_t process, const char *in, wtfcb_status expected)
{
    wtfcb_profiler *profiler;
    ck_assert_int_eq(wtfcb_profiler_new(NULL, &profiler), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_ALLOC, WTFCB_ALLOC_FULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_PROCESS, process), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set_string(profiler, WTFCB_PROFILER_ALLOC_FOLDER, in), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_start(profiler, "recorded", NULL), expected);
    if (expected == WTFCB_OK) {
        wtfcb_profile *snapshot = NULL;
        uint64_t section;
        ck_assert_int_eq(wtfcb_profiler_section_begin(profiler, "part", &section), WTFCB_OK);
        ck_assert_int_eq(wtfcb_profiler_snapshot(profiler, &snapshot, NULL), WTFCB_OK);
        ck_assert_int_eq(wtfcb_profiler_stop(profiler, &profile, NULL), WTFCB_OK);
        ck_assert_int_eq(snapshot->summary.alloc_status, profile->summary.alloc_status);
        wtfcb_profile_free(snapshot);
        summary = profile->summary;
    }
    wtfcb_profiler_free(profiler);
}

START_TEST(process_that_preloads_nothing_is_recorded_without_allocations)
{
    record(0, NULL, WTFCB_OK);
    ck_assert_int_eq(summary.alloc_status, WTFCB_EUNSUPPORTED);
    const wtfcb_profile_metric *metric = &profile->metrics[WTFCB_METRIC_LIVE - 1];
    ck_assert_int_eq(metric->status, WTFCB_EUNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(metric->reason, "LD_PRELOAD"));
    const uint64_t *values;
    ck_assert_int_eq(
        wtfcb_profile_values(profile, WTFCB_TIER_SAMPLES, WTFCB_METRIC_LIVE, WTFCB_STATISTIC_VALUE, &values),
        WTFCB_ENOTFOUND);
    ck_assert_int_eq(profile->metrics[WTFCB_METRIC_RSS - 1].status, WTFCB_OK);
}
END_TEST

START_TEST(other_process_is_recorded_with_its_timeline)
{
    pid_t one = sleeper();
    record(one, path_in("missing"), WTFCB_ENOTFOUND);
    record(one, NULL, WTFCB_OK);
    ck_assert_int_eq(summary.alloc_status, WTFCB_EUNSUPPORTED);
    wtfcb_profile_free(profile);
    save_of((uint64_t)one, 100, 0, "one.wtfcb-alloc");
    record(one, folder, WTFCB_OK);
    check_whole();
    ck_assert_int_eq(summary.alloc_status, WTFCB_OK);
    ck_assert_uint_eq(summary.alloc_bytes, 1671);
    const wtfcb_profile_metric *metric = &profile->metrics[WTFCB_METRIC_LIVE - 1];
    ck_assert(metric->status == WTFCB_OK && metric->first == 481 && metric->last == 481);
    end_child(one);
}
END_TEST

/* ---- Memory that runs out ---- */

START_TEST(collecting_without_memory_says_so)
{
    counting memory;
    make_sample((uint64_t)getpid());
    region_control_state.region = &region;
    for (unsigned long n = 1;; n++) {
        counting_init(&memory);
        wtfcb_profiler_alloc *alloc = NULL;
        wtfcb_profiler_alloc_options options = {
            .mode = WTFCB_ALLOC_FULL, .control = &region_control, .tree = true, .folder = folder};
        save_of(1, 1, 0, "init.wtfcb-alloc");
        counting_fail(&memory, n, _i == 1);
        wtfcb_status status = wtfcb_profiler_alloc_start(&memory.allocator, &options, &alloc, NULL);
        if (status == WTFCB_OK) {
            status = wtfcb_profiler_profile_new(&memory.allocator, &profile);
            if (status == WTFCB_OK) status = wtfcb_profiler_alloc_collect(alloc, profile);
        }
        bool failed = atomic_load(&memory.failed) > 0;
        counting_fail(&memory, 0, false);
        ck_assert(status == WTFCB_OK || (failed && status == WTFCB_ENOMEM));
        if (alloc && status == WTFCB_OK && !failed) check_whole();
        wtfcb_profile_free(profile);
        profile = NULL;
        if (alloc) {
            ck_assert_int_eq(wtfcb_profiler_profile_new(NULL, &profile), WTFCB_OK);
            ck_assert_int_eq(wtfcb_profiler_alloc_collect(alloc, profile), WTFCB_OK); /* it works afterwards */
            check_whole();
            wtfcb_profile_free(profile);
            profile = NULL;
            wtfcb_profiler_alloc_stop(alloc);
        }
        wtfcb_profiler_alloc_free(alloc);
        counting_assert_clean(&memory);
        if (!failed) return;
        ck_assert_uint_lt(n, 10000);
    }
}
END_TEST

START_TEST(loading_a_region_without_memory_says_so)
{
    counting memory;
    make_sample(42);
    region_save(&region, path_in("r"));
    for (unsigned long n = 1;; n++) {
        counting_init(&memory);
        counting_fail(&memory, n, _i == 1);
        wtfcb_status status = wtfcb_profile_load(&memory.allocator, path_in("r"), &profile, NULL);
        bool failed = atomic_load(&memory.failed) > 0;
        ck_assert_int_eq(status, failed ? WTFCB_ENOMEM : WTFCB_OK);
        ck_assert(!profile == failed);
        wtfcb_profile_free(profile);
        profile = NULL;
        counting_assert_clean(&memory);
        if (!failed) return;
        ck_assert_uint_lt(n, 10000);
    }
}
END_TEST

static Suite *suite(void)
{
    const TTest *const tests[] = {
        region_becomes_two_trees_that_add_up,
        function_inside_itself_counts_once_in_total,
        operator_new_is_no_site_and_its_caller_is,
        what_was_freed_is_in_no_live_tree,
        sampled_figures_are_rounded_to_blocks,
        address_is_looked_up_in_the_object_that_was_there_then,
        functions_of_several_processes_are_the_same_frames,
        sites_without_room_are_summed_up,
        counts_beyond_a_chunk_are_cut,
        file_that_is_cut_is_refused,
        file_is_a_profile_with_its_course,
        profile_of_a_region_is_the_same_after_saving_and_loading,
        tracing_is_started_read_and_stopped,
        second_tracing_is_refused_until_the_first_is_freed,
        what_cannot_be_traced_is_said_and_fails_nothing,
        snapshot_of_a_running_process_is_consistent,
        folder_is_the_sum_of_those_that_run,
        folder_without_a_tree_is_read_for_one_process,
        what_is_no_region_in_a_folder_is_left_out,
        folder_that_is_not_there_is_an_error_and_none_is_not,
        process_that_preloads_nothing_is_recorded_without_allocations,
        other_process_is_recorded_with_its_timeline,
    };
    Suite *s = suite_create("alloc");
    TCase *t = tcase_create("alloc");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(t, tests[i]);
    tcase_add_loop_test(t, damaged_region_is_refused, 0, sizeof damages / sizeof *damages);
    tcase_add_loop_test(t, collecting_without_memory_says_so, 0, 2);
    tcase_add_loop_test(t, loading_a_region_without_memory_says_so, 0, 2);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
