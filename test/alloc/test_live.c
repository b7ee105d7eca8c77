/* The shadow of live blocks, its filter, and the writing end of a region, by several threads. */
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "alloc/live.h"
#include "alloc/sites.h"
#include "alloc/writer.h"
#include "region_read.h"
#include "test.h"

static const void *at(uint64_t address)
{
    return (const void *)(uintptr_t)address;
}

START_TEST(live_keeps_a_value_for_each_address)
{
    bool stored;
    uint64_t base = UINT64_C(0x7fff12345000);
    for (uint64_t i = 0; i < 100000; i++)
        ck_assert(wtfcb_alloc_live_put(at(base + i * 8), i + 1, &stored) == 0 && stored);
    for (uint64_t i = 0; i < 100000; i++)
        ck_assert_uint_eq(wtfcb_alloc_live_take(at(base + i * 8)), i + 1);
    ck_assert_uint_eq(wtfcb_alloc_live_take(at(base)), 0);
    ck_assert_uint_eq(wtfcb_alloc_live_put(at(16), 5, &stored), 0);
    ck_assert_uint_eq(wtfcb_alloc_live_put(at(16), 6, &stored), 5);
    wtfcb_alloc_live_clear();
    ck_assert_uint_eq(wtfcb_alloc_live_take(at(16)), 0);
    (void)wtfcb_alloc_live_put(at(UINT64_C(1) << 47), 1, &stored);
    ck_assert(!stored);
    ck_assert_uint_eq(wtfcb_alloc_live_take(NULL), 0);
}
END_TEST

START_TEST(live_values_hold_sites_and_sizes)
{
    static const uint64_t sizes[] = {0, 1, 4095, UINT64_C(0xfffffffff)};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint64_t value = wtfcb_alloc_live_value(WTFCB_ALLOC_REGION_MOST - 8, sizes[i]);
        ck_assert_uint_eq(wtfcb_alloc_live_site(value), WTFCB_ALLOC_REGION_MOST - 8);
        ck_assert_uint_eq(wtfcb_alloc_live_size(value), sizes[i]);
    }
    uint64_t value = wtfcb_alloc_live_value(65544, (UINT64_C(1) << 36) + 1);
    ck_assert_uint_eq(wtfcb_alloc_live_site(value), 65544);
    ck_assert_uint_eq(wtfcb_alloc_live_size(value), (UINT64_C(1) << 36) + 4096);
}
END_TEST

START_TEST(filter_has_what_was_added_until_it_is_removed)
{
    uint64_t base = UINT64_C(0x555555560000);
    uint32_t seen = 0;
    for (uint64_t i = 0; i < 20000; i++)
        wtfcb_alloc_filter_add(at(base + i * 48));
    for (uint64_t i = 0; i < 20000; i++)
        ck_assert(wtfcb_alloc_filter_has(at(base + i * 48)));
    for (uint64_t i = 0; i < 20000; i++)
        if (i != 777) wtfcb_alloc_filter_remove(at(base + i * 48));
    for (uint64_t i = 0; i < 20000; i++)
        seen += wtfcb_alloc_filter_has(at(base + i * 48));
    ck_assert(wtfcb_alloc_filter_has(at(base + 777 * 48)));
    ck_assert_uint_le(seen, 4);
    wtfcb_alloc_filter_pin(at(64));
    wtfcb_alloc_filter_reset(true);
    ck_assert(wtfcb_alloc_filter_has(at(base)));
    wtfcb_alloc_filter_reset(false);
    ck_assert(!wtfcb_alloc_filter_has(at(base + 777 * 48)) && wtfcb_alloc_filter_has(at(64)));
    wtfcb_alloc_filter_remove(at(64));
    ck_assert(wtfcb_alloc_filter_has(at(64)));
}
END_TEST

enum { THREADS = 4, STACKS = 3000 };

static wtfcb_alloc_writer writer;

/* Everyone finds the same stacks, and for each the same site. */
static void *find_sites(void *argument)
{
    static uint64_t found[THREADS][STACKS];
    uint64_t *mine = found[(uintptr_t)argument];
    wtfcb_alloc_walker *walker = wtfcb_alloc_walker_take((uint32_t)(uintptr_t)argument);
    for (uint32_t i = 0; i < STACKS; i++) {
        walker->depth = 1 + i % WTFCB_ALLOC_MOST_FRAMES;
        walker->flags = 0;
        walker->hash = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
        for (uint32_t k = 0; k < walker->depth; k++)
            walker->frames[k].pc = i * 1000 + k;
        mine[i] = wtfcb_alloc_sites_find(&writer, walker);
        wtfcb_alloc_site *site = wtfcb_alloc_writer_site(&writer, mine[i]);
        (void)atomic_fetch_add(&site->total_count, WTFCB_ALLOC_COUNT_UNIT);
    }
    wtfcb_alloc_walker_give(walker);
    return mine;
}

START_TEST(sites_are_found_by_all_threads_and_written_once)
{
    pthread_t threads[THREADS];
    uint64_t *found[THREADS];
    char path[512];
    char *folder = wtfcb_test_directory();
    snprintf(path, sizeof path, "%s/region", folder);
    ck_assert_int_eq(wtfcb_alloc_writer_open(&writer, path, false, WTFCB_ALLOC_MODE_FULL, 0), 0);
    ck_assert(wtfcb_alloc_walk_prepare(true));
    for (uintptr_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, find_sites, (void *)i), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *result;
        ck_assert_int_eq(pthread_join(threads[i], &result), 0);
        found[i] = result;
        ck_assert_mem_eq(found[i], found[0], STACKS * sizeof **found);
    }
    region_read region = region_open(path);
    ck_assert_uint_eq(atomic_load(&region.header->sites), STACKS);
    for (uint32_t i = 0; i < STACKS; i++) {
        const wtfcb_alloc_site *site = (const wtfcb_alloc_site *)(const void *)(region.base + found[0][i]);
        const uint64_t *frames = region_frames(&region, site);
        ck_assert_uint_eq(site->depth, 1 + i % WTFCB_ALLOC_MOST_FRAMES);
        ck_assert_uint_eq(frames[site->depth - 1], i * 1000); /* innermost first */
        ck_assert_uint_eq(atomic_load(&site->total_count), THREADS * WTFCB_ALLOC_COUNT_UNIT);
    }
    region_close(&region);
    wtfcb_alloc_sites_clear();
    wtfcb_alloc_writer_close(&writer);
    free(folder);
}
END_TEST

START_TEST(writer_refuses_what_is_there_and_follows_no_link)
{
    char path[512];
    char *folder = wtfcb_test_directory();
    snprintf(path, sizeof path, "%s/region", folder);
    ck_assert_int_eq(wtfcb_alloc_writer_open(&writer, path, false, WTFCB_ALLOC_MODE_FULL, 0), 0);
    wtfcb_alloc_writer_close(&writer);
    ck_assert_int_eq(wtfcb_alloc_writer_open(&writer, path, false, WTFCB_ALLOC_MODE_FULL, 0), EEXIST);
    ck_assert_ptr_null(writer.base);
    ck_assert_int_eq(wtfcb_alloc_writer_open(&writer, path, true, WTFCB_ALLOC_MODE_FULL, 0), 0);
    wtfcb_alloc_writer_close(&writer);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink("elsewhere", path), 0);
    ck_assert_int_eq(wtfcb_alloc_writer_open(&writer, path, false, WTFCB_ALLOC_MODE_FULL, 0), EEXIST);
    free(folder);
}
END_TEST

/* Whatever happens to the name, nobody else's file grows. */
START_TEST(writer_does_not_grow_a_file_that_took_the_place_of_its_own)
{
    char path[512];
    uint64_t frames[WTFCB_ALLOC_MOST_FRAMES] = {1};
    uint64_t found = 1;
    char *folder = wtfcb_test_directory();
    snprintf(path, sizeof path, "%s/region", folder);
    ck_assert_int_eq(wtfcb_alloc_writer_open(&writer, path, false, WTFCB_ALLOC_MODE_FULL, 0), 0);
    ck_assert_int_eq(unlink(path), 0);
    FILE *other = fopen(path, "we");
    ck_assert_ptr_nonnull(other);
    for (int i = 0; found != 0 && i < 100000; i++)
        found = wtfcb_alloc_writer_add_site(&writer, frames, WTFCB_ALLOC_MOST_FRAMES, 0);
    ck_assert_uint_eq(found, 0);
    ck_assert_int_eq(fseek(other, 0, SEEK_END), 0);
    ck_assert_int_eq(ftell(other), 0);
    (void)fclose(other);
    wtfcb_alloc_writer_close(&writer);
    free(folder);
}
END_TEST

START_TEST(writer_thins_its_course)
{
    ck_assert_int_eq(wtfcb_alloc_writer_open(&writer, NULL, false, WTFCB_ALLOC_MODE_FULL, 0), 0);
    const wtfcb_alloc_header *h = wtfcb_alloc_writer_header(&writer);
    for (uint64_t i = 0; i < 50000; i++)
        wtfcb_alloc_writer_add_point(&writer, i * 700000, i);
    uint32_t count = atomic_load(&h->course_count);
    ck_assert_uint_ge(count, WTFCB_ALLOC_COURSE / 2);
    ck_assert_uint_le(count, WTFCB_ALLOC_COURSE);
    for (uint32_t i = 1; i < count; i++)
        ck_assert(h->course[i].time_ns > h->course[i - 1].time_ns &&
                  h->course[i].live_bytes == h->course[i].time_ns / 700000);
    ck_assert_uint_ge(h->course[count - 1].time_ns, UINT64_C(34900000000));
    wtfcb_alloc_writer_close(&writer);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("live");
    TCase *live = tcase_create("live");
    tcase_add_test(live, live_keeps_a_value_for_each_address);
    tcase_add_test(live, live_values_hold_sites_and_sizes);
    tcase_add_test(live, filter_has_what_was_added_until_it_is_removed);
    suite_add_tcase(s, live);
    TCase *region = tcase_create("region");
    tcase_add_test(region, sites_are_found_by_all_threads_and_written_once);
    tcase_add_test(region, writer_refuses_what_is_there_and_follows_no_link);
    tcase_add_test(region, writer_does_not_grow_a_file_that_took_the_place_of_its_own);
    tcase_add_test(region, writer_thins_its_course);
    suite_add_tcase(s, region);
    return s;
}

WTFCB_TEST_MAIN(suite)
