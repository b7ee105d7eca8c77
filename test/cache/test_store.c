/* The persistent tier in one process: what is put is found, at once and later, and what is wrong is never given out. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/counting.h"
#include "store_help.h"

START_TEST(what_is_put_is_found_at_once_after_it_is_written_and_after_reopening)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store *store = store_open(directory);
    ck_assert_int_eq(store_get(store, 1, 1, 100), WTFCB_ENOTFOUND);
    ck_assert_int_eq(store_put(store, 1, 1, 100), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 1, 1, 100), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    ck_assert_uint_eq(store_stats(store).queued, 0);
    ck_assert_uint_eq(store_stats(store).entries, 1);
    ck_assert_int_eq(store_get(store, 1, 1, 100), WTFCB_OK);
    ck_assert_int_eq(store_put(store, 2, 1, 50), WTFCB_OK);
    wtfcb_cache_store_close(store);

    store = store_open(directory);
    ck_assert_int_eq(store_get(store, 1, 1, 100), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 2, 1, 50), WTFCB_OK);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

START_TEST(values_of_all_sizes_come_back_aligned)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store *store = store_open(directory);
    static const size_t sizes[] = {0,    1,    2,    7,    8,    9,    15,   16,    17,    100,     1000,    1990,
                                   2000, 2010, 2020, 2040, 4000, 4096, 8192, 65536, 65537, 1 << 20, 8 << 20, 3};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    for (int round = 0; round < 2; round++) {
        for (uint64_t i = 0; i < SIZES; i++) {
            ck_assert_int_eq(store_put(store, i, (uint64_t)round, sizes[i]), WTFCB_OK);
            ck_assert_int_eq(store_get(store, i, (uint64_t)round, sizes[i]), WTFCB_OK);
        }
        ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
        for (uint64_t i = 0; i < SIZES; i++)
            ck_assert_int_eq(store_get(store, i, (uint64_t)round, sizes[i]), WTFCB_OK);
    }
    ck_assert_uint_eq(store_stats(store).dropped, 0);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

START_TEST(many_records_in_many_batches_are_all_found)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store *store = store_open(directory);
    enum { RECORDS = 30000 };
    for (uint64_t i = 0; i < RECORDS; i++)
        ck_assert_int_eq(store_put(store, i, 7, 300 + i % 50), WTFCB_OK);
    for (uint64_t i = 0; i < RECORDS; i++)
        ck_assert_int_eq(store_get(store, i, 7, 300 + i % 50), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    for (uint64_t i = 0; i < RECORDS; i++)
        ck_assert_int_eq(store_get(store, i, 7, 300 + i % 50), WTFCB_OK);
    ck_assert_uint_eq(store_stats(store).entries, RECORDS);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

START_TEST(the_last_put_of_a_key_counts_and_a_removal_hides_it_at_once)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store *store = store_open(directory);
    for (uint64_t version = 0; version < 100; version++) {
        ck_assert_int_eq(store_put(store, 5, version, 40 + version), WTFCB_OK);
        ck_assert_int_eq(store_get(store, 5, version, 40 + version), WTFCB_OK);
        if (version % 17 == 0) ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    }
    wtfcb_cache_key key = store_key(5);
    ck_assert_int_eq(wtfcb_cache_store_remove(store, &key), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 5, 0, 0), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 5, 0, 0), WTFCB_ENOTFOUND);
    ck_assert_uint_eq(store_stats(store).entries, 0);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

START_TEST(clear_removes_what_is_written_and_what_is_queued)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store *store = store_open(directory);
    for (uint64_t i = 0; i < 100; i++)
        ck_assert_int_eq(store_put(store, i, 0, 100), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    for (uint64_t i = 100; i < 200; i++)
        ck_assert_int_eq(store_put(store, i, 0, 100), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_store_clear(store), WTFCB_OK);
    for (uint64_t i = 0; i < 200; i++)
        ck_assert_int_eq(store_get(store, i, 0, 100), WTFCB_ENOTFOUND);
    ck_assert_int_eq(store_put(store, 1, 1, 10), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 1, 1, 10), WTFCB_OK);
    ck_assert_uint_eq(store_stats(store).entries, 1);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */

typedef struct listing {
    wtfcb_cache_key last;
    uint64_t count;
    uint64_t stop_at;
} listing;

static wtfcb_status see(void *user, const wtfcb_cache_key *key, const void *payload, size_t length)
{
    listing *l = user;
    ck_assert_ptr_nonnull(payload);
    ck_assert(length < 8 || ((uintptr_t)payload & 7) == 0);
    size_t shorter = key->length < l->last.length ? key->length : l->last.length;
    int order = memcmp(l->last.bytes, key->bytes, shorter);
    ck_assert(order < 0 || (order == 0 && l->last.length < key->length));
    l->last = *key;
    l->count++;
    return l->count == l->stop_at ? WTFCB_ECALLBACK : WTFCB_OK;
}

static wtfcb_cache_key edge(uint8_t path, uint64_t value)
{
    wtfcb_cache_key key = {.length = 33, .bytes = {WTFCB_CACHE_EDGES, path}};
    wtfcb_base_hash128 hash = wtfcb_base_hash(&value, sizeof value);
    memcpy(key.bytes + 17, hash.bytes, sizeof hash.bytes);
    return key;
}

START_TEST(a_listing_gives_each_record_under_a_prefix_once_in_order)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store *store = store_open(directory);
    enum { RECORDS = 9000, EDGES = 50 };
    for (uint64_t i = 0; i < RECORDS; i++)
        ck_assert_int_eq(store_put(store, i, 0, 500), WTFCB_OK);
    for (uint64_t i = 0; i < EDGES; i++) {
        for (uint8_t path = 1; path < 4; path++) {
            wtfcb_cache_key key = edge(path, i);
            ck_assert_int_eq(wtfcb_cache_store_put(store, &key, NULL, 0), WTFCB_OK);
        }
    }
    listing all = {0};
    ck_assert_int_eq(wtfcb_cache_store_list(store, "", 0, see, &all), WTFCB_OK);
    ck_assert_uint_eq(all.count, RECORDS + 3 * EDGES);
    listing values = {0};
    ck_assert_int_eq(wtfcb_cache_store_list(store, "v", 1, see, &values), WTFCB_OK);
    ck_assert_uint_eq(values.count, RECORDS);
    wtfcb_cache_key path = edge(2, 0);
    listing edges = {0};
    ck_assert_int_eq(wtfcb_cache_store_list(store, path.bytes, 17, see, &edges), WTFCB_OK);
    ck_assert_uint_eq(edges.count, EDGES);
    listing none = {0};
    ck_assert_int_eq(wtfcb_cache_store_list(store, "x", 1, see, &none), WTFCB_OK);
    ck_assert_uint_eq(none.count, 0);
    listing stopped = {.stop_at = 5000};
    ck_assert_int_eq(wtfcb_cache_store_list(store, "v", 1, see, &stopped), WTFCB_ECALLBACK);
    ck_assert_uint_eq(stopped.count, 5000);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("store");
    TCase *records = tcase_create("records");
    tcase_add_test(records, what_is_put_is_found_at_once_after_it_is_written_and_after_reopening);
    tcase_add_test(records, values_of_all_sizes_come_back_aligned);
    tcase_add_test(records, many_records_in_many_batches_are_all_found);
    tcase_add_test(records, the_last_put_of_a_key_counts_and_a_removal_hides_it_at_once);
    tcase_add_test(records, clear_removes_what_is_written_and_what_is_queued);
    tcase_add_test(records, a_listing_gives_each_record_under_a_prefix_once_in_order);
    suite_add_tcase(s, records);
    return s;
}
WTFCB_TEST_MAIN(suite)
