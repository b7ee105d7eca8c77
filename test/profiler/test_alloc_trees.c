/*
 * What the profiler makes of a region of allocations: trees that add up, functions, a profile of a file; and what it makes of a damaged one. Regions are made
 * by hand (region_sample.h).
 */
#include "alloc_help.h"

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
    };
    Suite *s = suite_create("alloc_trees");
    TCase *t = tcase_create("alloc_trees");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(t, tests[i]);
    tcase_add_loop_test(t, damaged_region_is_refused, 0, sizeof damages / sizeof *damages);
    tcase_add_loop_test(t, loading_a_region_without_memory_says_so, 0, 2);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
