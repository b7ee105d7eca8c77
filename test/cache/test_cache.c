/* The handle of a cache: options, puts and gets in both tiers, time, reasons, and no allocation that may not fail. */
#define WTFCB_TEST_OWN_CLOCKS
#include <wtfcb/cache.h>

#include "../base/counting.h"
#include "cache/cache.h"
#include "handle.h"

/* ----------------------------------------------------------------------------------------------------------- options */

START_TEST(every_option_has_a_name_bounds_and_a_default_within_them)
{
    uint64_t count = wtfcb_cache_option_count();
    ck_assert_uint_eq(count, 7);
    for (uint64_t i = 0; i < count; i++) {
        wtfcb_option row;
        int64_t value;
        ck_assert_int_eq(wtfcb_cache_option(i, &row, sizeof row), WTFCB_OK);
        ck_assert_uint_gt(strlen(row.name), 0);
        ck_assert_uint_gt(strlen(row.summary), 0);
        ck_assert_int_eq(wtfcb_cache_get_option(cache, row.id, &value), WTFCB_OK);
        ck_assert_int_eq(value, row.default_value);
        ck_assert_int_eq(wtfcb_cache_set_option(cache, row.id, row.minimum), WTFCB_OK);
        ck_assert_int_eq(wtfcb_cache_set_option(cache, row.id, row.maximum), WTFCB_OK);
        ck_assert_int_eq(wtfcb_cache_set_option(cache, row.id, row.minimum - 1), WTFCB_EINVAL);
        ck_assert_int_eq(wtfcb_cache_set_option(cache, row.id, row.maximum + 1), WTFCB_EINVAL);
        ck_assert_int_eq(wtfcb_cache_get_option(cache, row.id, &value), WTFCB_OK);
        ck_assert_int_eq(value, row.maximum);
    }
    wtfcb_option row;
    int64_t value;
    ck_assert_int_eq(wtfcb_cache_option(count, &row, sizeof row), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_cache_option(0, NULL, sizeof row), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cache_set_option(cache, 0, 0), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_cache_set_option(cache, 8, 0), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_cache_get_option(cache, 99, &value), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_cache_set_option(NULL, 1, 0), WTFCB_EINVAL);
}
END_TEST

START_TEST(options_are_fixed_when_the_store_is_open)
{
    open_store(cache);
    ck_assert_int_eq(wtfcb_cache_set_option(cache, WTFCB_CACHE_TTL, 1), WTFCB_EBUSY);
    ck_assert_int_eq(wtfcb_cache_open(cache, below(directory, "other"), NULL), WTFCB_EBUSY);
}
END_TEST

START_TEST(memory_takes_another_size_between_puts)
{
    put(cache, "k", "v");
    ck_assert_int_eq(wtfcb_cache_set_option(cache, WTFCB_CACHE_MEMORY, 0), WTFCB_OK);
    ck_assert(!has(cache, "k", "v"));
    put(cache, "k", "v");
    ck_assert(!has(cache, "k", "v"));
    ck_assert_uint_eq(stats_of(cache).memory_limit, 0);
    ck_assert_int_eq(wtfcb_cache_set_option(cache, WTFCB_CACHE_MEMORY, 1 << 20), WTFCB_OK);
    put(cache, "k", "v");
    ck_assert(has(cache, "k", "v"));
    ck_assert_uint_eq(stats_of(cache).memory_limit, 1 << 20);
}
END_TEST

START_TEST(hits_are_counted_over_all_sizes_that_memory_had)
{
    for (uint64_t hits = 0; hits < 3; hits++) {
        ck_assert_int_eq(wtfcb_cache_set_option(cache, WTFCB_CACHE_MEMORY, (int64_t)(hits + 1) << 20), WTFCB_OK);
        put(cache, "k", "v");
        ck_assert_uint_eq(stats_of(cache).hits_memory, hits);
        ck_assert(has(cache, "k", "v"));
    }
    ck_assert_uint_eq(stats_of(cache).hits_memory, 3);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------ puts and gets */

START_TEST(wrong_arguments_are_refused_and_change_nothing)
{
    wtfcb_value *value = NULL;
    static const char long_key[65536];
    ck_assert_int_eq(wtfcb_cache_new(NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cache_put(NULL, "k", 1, "v", 1, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cache_put(cache, NULL, 1, "v", 1, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cache_put(cache, "k", 0, "v", 1, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cache_put(cache, long_key, 65536, "v", 1, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cache_put(cache, "k", 1, NULL, 1, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cache_put(cache, "k", 1, "v", ((size_t)1 << 30) + 1, NULL), WTFCB_ELIMIT);
    ck_assert_int_eq(wtfcb_cache_get(cache, "k", 1, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cache_get(cache, "", 0, &value), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cache_get(NULL, "k", 1, &value), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cache_get(cache, "k", 1, &value), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_cache_remove(cache, "k", 0), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cache_open(cache, "", NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cache_invalidate_file(cache, NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cache_invalidate_file(cache, "", NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cache_get_stats(cache, NULL, 8), WTFCB_EINVAL);
    ck_assert_ptr_null(value);
    wtfcb_cache_free(NULL);
    ck_assert_ptr_null(wtfcb_cache_ref(NULL));
    ck_assert_str_eq(wtfcb_cache_directory(NULL), "");
    ck_assert_uint_eq(stats_of(cache).puts, 0);
}
END_TEST

START_TEST(wrong_options_of_a_put_are_refused)
{
    wtfcb_dependency dependency = {"f", WTFCB_DEPENDS_CONTENT, 0};
    wtfcb_put options = WTFCB_PUT_INIT;
    options.size = 4;
    ck_assert_int_eq(wtfcb_cache_put(cache, "k", 1, "v", 1, &options), WTFCB_EINVAL);
    options = (wtfcb_put)WTFCB_PUT_INIT;
    options.reserved = 1;
    ck_assert_int_eq(wtfcb_cache_put(cache, "k", 1, "v", 1, &options), WTFCB_EINVAL);
    options = (wtfcb_put)WTFCB_PUT_INIT;
    options.source = "";
    ck_assert_int_eq(wtfcb_cache_put(cache, "k", 1, "v", 1, &options), WTFCB_EINVAL);
    options = (wtfcb_put)WTFCB_PUT_INIT;
    options.dependency_count = 1;
    ck_assert_int_eq(wtfcb_cache_put(cache, "k", 1, "v", 1, &options), WTFCB_EINVAL);
    options.dependencies = &dependency;
    const wtfcb_dependency wrong[] = {{NULL, 1, 0}, {"", 1, 0}, {"f", 0, 0}, {"f", 4, 0}, {"f", 1, 1}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        dependency = wrong[i];
        ck_assert_int_eq(wtfcb_cache_put(cache, "k", 1, "v", 1, &options), WTFCB_EINVAL);
    }
    /* A caller with an older header knows less, and that much counts. */
    options.size = offsetof(wtfcb_put, dependencies);
    ck_assert_int_eq(wtfcb_cache_put(cache, "k", 1, "v", 1, &options), WTFCB_OK);
}
END_TEST

START_TEST(value_is_found_and_replaced_and_removed_in_either_tier)
{
    for (int with_store = 0; with_store < 2; with_store++) {
        if (with_store) open_store(cache);
        ck_assert(!has(cache, "key", ""));
        put(cache, "key", "one");
        put(cache, "key2", "other");
        ck_assert(has(cache, "key", "one"));
        put(cache, "key", "another, longer one");
        ck_assert(has(cache, "key", "another, longer one"));
        ck_assert(has(cache, "key2", "other"));
        ck_assert_int_eq(wtfcb_cache_remove(cache, "key", 3), WTFCB_OK);
        ck_assert_int_eq(wtfcb_cache_remove(cache, "key", 3), WTFCB_OK);
        ck_assert(!has(cache, "key", ""));
        put(cache, "empty", "");
        ck_assert(has(cache, "empty", ""));
    }
}
END_TEST

START_TEST(keys_are_any_bytes_of_any_allowed_length)
{
    static char key[65535];
    wtfcb_value *value;
    for (size_t length = 1; length <= sizeof key; length = length * 2 + 1) {
        memset(key, 0, sizeof key);
        ck_assert_int_eq(wtfcb_cache_put(cache, key, length, &length, sizeof length, NULL), WTFCB_OK);
    }
    for (size_t length = 1; length <= sizeof key; length = length * 2 + 1) {
        ck_assert_int_eq(wtfcb_cache_get(cache, key, length, &value), WTFCB_OK);
        ck_assert_mem_eq(wtfcb_value_bytes(value), &length, sizeof length);
        ck_assert_uint_eq((uintptr_t)wtfcb_value_bytes(value) % 8, 0);
        wtfcb_value_free(value);
    }
}
END_TEST

START_TEST(value_outlives_its_cache)
{
    wtfcb_value *value;
    put(cache, "k", "value");
    ck_assert_int_eq(wtfcb_cache_get(cache, "k", 1, &value), WTFCB_OK);
    ck_assert_ptr_eq(wtfcb_cache_ref(cache), cache);
    wtfcb_cache_free(cache);
    ck_assert(has(cache, "k", "value"));
    wtfcb_cache_free(cache);
    cache = NULL;
    ck_assert_mem_eq(wtfcb_value_bytes(value), "value", 5);
    wtfcb_value_free(value);
}
END_TEST

START_TEST(store_keeps_values_for_another_handle)
{
    open_store(cache);
    put(cache, "k", "value");
    ck_assert_int_eq(wtfcb_cache_sync(cache, 0, NULL), WTFCB_OK);
    wtfcb_cache *other = reader_of_store();
    ck_assert_str_eq(wtfcb_cache_directory(other), wtfcb_cache_directory(cache));
    ck_assert_int_eq(wtfcb_cache_directory(cache)[0], '/');
    ck_assert(has(other, "k", "value"));
    ck_assert_uint_eq(stats_of(other).hits_persistent, 1);
    ck_assert_uint_eq(stats_of(other).hits_memory, 0);
    wtfcb_cache_free(other);
}
END_TEST

START_TEST(store_hit_is_in_memory_the_next_time)
{
    open_store(cache);
    put(cache, "k", "value");
    wtfcb_cache *other;
    ck_assert_int_eq(wtfcb_cache_new(NULL, &other), WTFCB_OK);
    open_store(other);
    for (int i = 0; i < 3; i++)
        ck_assert(has(other, "k", "value"));
    ck_assert(!has(other, "l", ""));
    wtfcb_cache_stats stats = stats_of(other);
    ck_assert_uint_eq(stats.hits_persistent, 1);
    ck_assert_uint_eq(stats.hits_memory, 2);
    ck_assert_uint_eq(stats.misses, 1);
    ck_assert_uint_eq(stats.memory_entries, 1);
    wtfcb_cache_free(other);
}
END_TEST

START_TEST(read_only_cache_reads_and_refuses_to_write)
{
    wtfcb_cache *reader;
    open_store(cache);
    put(cache, "k", "value");
    put_for(cache, "old", "value", 1000);
    ck_assert_int_eq(wtfcb_cache_sync(cache, 0, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_new(NULL, &reader), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_set_option(reader, WTFCB_CACHE_READ_ONLY, 1), WTFCB_OK);
    open_store(reader);
    ck_assert(has(reader, "k", "value"));
    ck_assert_int_eq(wtfcb_cache_put(reader, "l", 1, "v", 1, NULL), WTFCB_EREADONLY);
    ck_assert_int_eq(wtfcb_cache_remove(reader, "k", 1), WTFCB_EREADONLY);
    ck_assert_int_eq(wtfcb_cache_clear(reader, NULL), WTFCB_EREADONLY);
    ck_assert_int_eq(wtfcb_cache_purge(reader, NULL, NULL), WTFCB_EREADONLY);
    ck_assert_int_eq(wtfcb_cache_invalidate_file(reader, "f", NULL), WTFCB_EREADONLY);
    clock_offset_ms = 2000;
    ck_assert(!has(reader, "old", ""));
    clock_offset_ms = 0;
    ck_assert(has(cache, "old", "value"));
    wtfcb_cache_free(reader);
}
END_TEST

START_TEST(failed_open_leaves_memory_and_says_why)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(stats_of(cache).status, WTFCB_ENOTFOUND);
    put(cache, "k", "value");
    ck_assert_int_eq(wtfcb_cache_open(cache, below(directory, "a/b/c"), &error), WTFCB_ENOTFOUND);
    ck_assert_uint_gt(strlen(error.message), 0);
    write_file(below(directory, "file"), "");
    ck_assert_int_ne(wtfcb_cache_open(cache, below(directory, "file"), &error), WTFCB_OK);
    ck_assert_int_ne(stats_of(cache).status, WTFCB_OK);
    ck_assert(has(cache, "k", "value"));
    ck_assert_str_eq(wtfcb_cache_directory(cache), "");
    open_store(cache);
    ck_assert_int_eq(stats_of(cache).status, WTFCB_OK);
    ck_assert(has(cache, "k", "value"));
}
END_TEST

START_TEST(clear_forgets_everything_in_both_tiers)
{
    for (int with_store = 0; with_store < 2; with_store++) {
        if (with_store) open_store(cache);
        put(cache, "k", "value");
        put(cache, "l", "value");
        ck_assert_int_eq(wtfcb_cache_clear(cache, NULL), WTFCB_OK);
        ck_assert(!has(cache, "k", ""));
        ck_assert(!has(cache, "l", ""));
        ck_assert_uint_eq(stats_of(cache).memory_entries, 0);
        put(cache, "k", "again");
        ck_assert(has(cache, "k", "again"));
    }
}
END_TEST

START_TEST(without_a_store_there_is_nothing_to_sync_or_verify)
{
    wtfcb_cache_report report;
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(wtfcb_cache_sync(cache, 0, &error), WTFCB_ENOTFOUND);
    ck_assert_uint_gt(strlen(error.message), 0);
    ck_assert_int_eq(wtfcb_cache_verify(cache, &report, sizeof report, NULL), WTFCB_ENOTFOUND);
}
END_TEST

/* -------------------------------------------------------------------------------------------------------------- time */

START_TEST(value_lives_as_long_as_it_was_given)
{
    for (int with_store = 0; with_store < 2; with_store++) {
        clock_offset_ms = 0;
        if (with_store) open_store(cache);
        put_for(cache, "short", "value", 10000);
        put(cache, "ever", "value");
        clock_offset_ms = 9000;
        ck_assert(has(cache, "short", "value"));
        ck_assert_uint_eq(reason(cache, "short"), WTFCB_MISS_NONE);
        clock_offset_ms = 10000;
        ck_assert_uint_eq(reason(cache, "short"), WTFCB_MISS_EXPIRED);
        ck_assert(!has(cache, "short", ""));
        ck_assert_uint_eq(reason(cache, "short"), WTFCB_MISS_EXPIRED);
        ck_assert(has(cache, "ever", "value"));
        clock_offset_ms = 0;
        ck_assert(!has(cache, "short", "")); /* it is gone, not only late */
    }
    ck_assert_uint_ge(stats_of(cache).expirations, 2);
}
END_TEST

START_TEST(option_gives_a_time_to_those_that_have_none)
{
    ck_assert_int_eq(wtfcb_cache_set_option(cache, WTFCB_CACHE_TTL, 5000), WTFCB_OK);
    put(cache, "default", "value");
    put_for(cache, "own", "value", 60000);
    put_for(cache, "ever", "value", UINT64_MAX);
    clock_offset_ms = 6000;
    ck_assert(!has(cache, "default", ""));
    ck_assert(has(cache, "own", "value"));
    ck_assert(has(cache, "ever", "value"));
}
END_TEST

START_TEST(clock_that_was_set_back_lengthens_no_life)
{
    put_for(cache, "k", "value", 1000000);
    put_for(cache, "l", "value", 1000000);
    clock_offset_ms = -59000;
    ck_assert(has(cache, "k", "value"));
    clock_offset_ms = -62000;
    ck_assert(!has(cache, "k", ""));
    ck_assert_uint_eq(reason(cache, "l"), WTFCB_MISS_EXPIRED);
}
END_TEST

START_TEST(purge_removes_what_is_over_its_time_and_counts_it_once)
{
    uint64_t count = 99;
    for (int with_store = 0; with_store < 2; with_store++) {
        clock_offset_ms = 0;
        if (with_store) open_store(cache);
        put_for(cache, "a", "value", 1000);
        put_for(cache, "b", "value", 1000);
        put_for(cache, "c", "value", 100000);
        put(cache, "d", "value");
        ck_assert_int_eq(wtfcb_cache_purge(cache, &count, NULL), WTFCB_OK);
        ck_assert_uint_eq(count, 0);
        clock_offset_ms = 2000;
        ck_assert_int_eq(wtfcb_cache_purge(cache, &count, NULL), WTFCB_OK);
        ck_assert_uint_eq(count, 2);
        ck_assert_int_eq(wtfcb_cache_purge(cache, &count, NULL), WTFCB_OK);
        ck_assert_uint_eq(count, 0);
        ck_assert(has(cache, "c", "value"));
        ck_assert(has(cache, "d", "value"));
    }
}
END_TEST

START_TEST(verify_reads_every_record_and_finds_what_is_no_value)
{
    wtfcb_cache_report report;
    open_store(cache);
    put(cache, "a", "value");
    put_for(cache, "b", "value", 1000);
    clock_offset_ms = 2000;
    ck_assert_int_eq(wtfcb_cache_verify(cache, &report, sizeof report, NULL), WTFCB_OK);
    ck_assert_uint_eq(report.records, 2);
    ck_assert_uint_gt(report.bytes, 10);
    ck_assert_uint_eq(report.damaged, 0);
    ck_assert_uint_eq(report.expired, 1);
    wtfcb_cache_key record = wtfcb_cache_key_of(WTFCB_CACHE_VALUES, wtfcb_base_hash("x", 1));
    ck_assert_int_eq(wtfcb_cache_store_put(wtfcb_cache_store_of(cache), &record, "no value at all", 15), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_verify(cache, &report, sizeof report, NULL), WTFCB_OK);
    ck_assert_uint_eq(report.records, 3);
    ck_assert_uint_eq(report.damaged, 1);
    ck_assert_int_eq(wtfcb_cache_verify(cache, &report, sizeof report, NULL), WTFCB_OK);
    ck_assert_uint_eq(report.damaged, 0);
}
END_TEST

/* ----------------------------------------------------------------------------------------------------------- reasons */

START_TEST(every_reason_has_its_name)
{
    for (uint32_t i = WTFCB_MISS_NONE; i <= WTFCB_MISS_UNTRUSTED; i++) {
        ck_assert_str_ne(wtfcb_miss_name(i), "unknown");
        for (uint32_t j = 0; j < i; j++)
            ck_assert_str_ne(wtfcb_miss_name(i), wtfcb_miss_name(j));
    }
    ck_assert_str_eq(wtfcb_miss_name(WTFCB_MISS_UNTRUSTED + 1), "unknown");
    ck_assert_str_eq(wtfcb_miss_name(UINT32_MAX), "unknown");
}
END_TEST

START_TEST(record_that_is_no_value_is_missed_removed_and_told)
{
    ck_assert_int_eq(wtfcb_cache_set_option(cache, WTFCB_CACHE_MEMORY, 0), WTFCB_OK);
    open_store(cache);
    wtfcb_cache_key record = wtfcb_cache_key_of(WTFCB_CACHE_VALUES, wtfcb_base_hash("k", 1));
    static const char zeros[64];
    for (size_t length = 0; length <= sizeof zeros; length += 8) {
        ck_assert_int_eq(wtfcb_cache_store_put(wtfcb_cache_store_of(cache), &record, zeros, length), WTFCB_OK);
        ck_assert(!has(cache, "k", ""));
    }
    ck_assert_uint_ge(stats_of(cache).damaged, 7);
    ck_assert_uint_eq(reason(cache, "k"), WTFCB_MISS_DAMAGED);
    put(cache, "k", "value");
    ck_assert(has(cache, "k", "value"));
    ck_assert_uint_eq(reason(cache, "k"), WTFCB_MISS_NONE);
}
END_TEST

START_TEST(value_of_a_key_with_the_same_hash_is_not_given_out)
{
    open_store(cache);
    put(cache, "other", "value");
    wtfcb_value *value;
    ck_assert_int_eq(wtfcb_cache_load(cache, wtfcb_base_hash("other", 5), "other", 5, &value), WTFCB_OK);
    wtfcb_cache_key record = wtfcb_cache_key_of(WTFCB_CACHE_VALUES, wtfcb_base_hash("k", 1));
    ck_assert_int_eq(wtfcb_cache_store_put(wtfcb_cache_store_of(cache), &record, wtfcb_cache_value_payload(value),
                                           value->payload_length),
                     WTFCB_OK);
    wtfcb_value_free(value);
    ck_assert(!has(cache, "k", ""));
}
END_TEST

START_TEST(explain_changes_nothing_and_counts_nothing)
{
    put(cache, "k", "value");
    ck_assert_uint_eq(reason(cache, "k"), WTFCB_MISS_NONE);
    ck_assert_uint_eq(reason(cache, "l"), WTFCB_MISS_NEVER_SEEN);
    wtfcb_cache_stats stats = stats_of(cache);
    ck_assert_uint_eq(stats.hits_memory + stats.misses + stats.expirations + stats.invalidations, 0);
    struct {
        wtfcb_miss miss;
        char behind;
    } row = {.behind = 7};
    memset(&row.miss, 7, sizeof row.miss);
    ck_assert_int_eq(wtfcb_cache_explain(cache, "l", 1, &row.miss, sizeof row.miss.reason), WTFCB_OK);
    ck_assert_uint_eq(row.miss.reason, WTFCB_MISS_NEVER_SEEN);
    ck_assert_uint_eq(row.miss.reserved, 0x07070707);
}
END_TEST

START_TEST(only_the_last_reasons_are_remembered)
{
    char key[16];
    for (int i = 0; i < 200; i++) {
        snprintf(key, sizeof key, "%d", i);
        put_for(cache, key, "value", 1000);
    }
    clock_offset_ms = 2000;
    for (int i = 0; i < 200; i++) {
        snprintf(key, sizeof key, "%d", i);
        ck_assert(!has(cache, key, ""));
    }
    ck_assert_uint_eq(reason(cache, "0"), WTFCB_MISS_NEVER_SEEN);
    ck_assert_uint_eq(reason(cache, "199"), WTFCB_MISS_EXPIRED);
    ck_assert_uint_eq(reason(cache, "150"), WTFCB_MISS_EXPIRED);
    ck_assert_int_eq(wtfcb_cache_clear(cache, NULL), WTFCB_OK);
    ck_assert_uint_eq(reason(cache, "199"), WTFCB_MISS_NEVER_SEEN);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------- allocations */

/* Sizes are fixed when the store is open. */
static wtfcb_status resize_memory(wtfcb_cache *c, int64_t bytes)
{
    wtfcb_status status = wtfcb_cache_set_option(c, WTFCB_CACHE_MEMORY, bytes);
    return status == WTFCB_EBUSY ? WTFCB_OK : status;
}

/* Every call once; any may answer that memory has run out, and nothing else may go wrong. */
static void use_everything(wtfcb_cache *c, const char *source)
{
    wtfcb_dependency dependency = {below(directory, "dependency"), WTFCB_DEPENDS_CONTENT, 0};
    wtfcb_put options = WTFCB_PUT_INIT;
    options.source = source;
    options.dependencies = &dependency;
    options.dependency_count = 1;
    wtfcb_value *value;
    wtfcb_miss miss;
    uint32_t state;
    uint64_t count;
    const wtfcb_status answers[] = {
        wtfcb_cache_put(c, "k", 1, "v", 1, &options),
        resize_memory(c, 1 << 20),
        wtfcb_cache_put(c, "k", 1, "v", 1, &options),
        resize_memory(c, 2 << 20),
        wtfcb_cache_put(c, "k", 1, "v", 1, &options),
        wtfcb_cache_explain(c, "k", 1, &miss, sizeof miss),
        wtfcb_cache_check_files(c, &source, 1, &state),
        wtfcb_cache_invalidate_file(c, source, &count),
        wtfcb_cache_put(c, "k", 1, "w", 1, NULL),
        wtfcb_cache_remove(c, "l", 1),
        wtfcb_cache_purge(c, &count, NULL),
    };
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        ck_assert_msg(answers[i] == WTFCB_OK || answers[i] == WTFCB_ENOMEM, "%zu: %d", i, answers[i]);
    wtfcb_status status = wtfcb_cache_get(c, "k", 1, &value);
    ck_assert(status == WTFCB_OK || status == WTFCB_ENOTFOUND || status == WTFCB_ENOMEM);
    if (status == WTFCB_OK) wtfcb_value_free(value);
}

/* `_i`: with a store. */
START_TEST(every_failed_allocation_is_reported_and_leaves_a_cache_that_works)
{
    char store[4096];
    char source[4096];
    snprintf(store, sizeof store, "%s/cache", directory);
    snprintf(source, sizeof source, "%s/source", directory);
    write_file(source, "source");
    write_file(below(directory, "dependency"), "dependency");
    for (int rest = 0; rest < 2; rest++) {
        counting c;
        counting_init(&c);
        bool failed = true;
        for (unsigned long n = 1; failed; n++) {
            wtfcb_cache *made = NULL;
            counting_fail(&c, n, rest);
            wtfcb_status status = wtfcb_cache_new(&c.allocator, &made);
            ck_assert_int_eq(status, n == 1 ? WTFCB_ENOMEM : WTFCB_OK);
            if (status == WTFCB_OK && _i) {
                wtfcb_status opened = wtfcb_cache_open(made, store, NULL);
                ck_assert_msg(opened == WTFCB_OK || opened == WTFCB_ENOMEM, "%lu: %d", n, opened);
            }
            if (status == WTFCB_OK) use_everything(made, source);
            failed = atomic_load(&c.failed) > 0;
            counting_fail(&c, 0, false);
            if (status == WTFCB_OK) {
                put(made, "after", "value");
                ck_assert(has(made, "after", "value"));
            }
            wtfcb_cache_free(made);
            counting_assert_clean(&c);
            ck_assert_uint_lt(n, 1000);
        }
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("cache");
    TCase *t = add_case(s, "options");
    tcase_add_test(t, every_option_has_a_name_bounds_and_a_default_within_them);
    tcase_add_test(t, options_are_fixed_when_the_store_is_open);
    tcase_add_test(t, memory_takes_another_size_between_puts);
    tcase_add_test(t, hits_are_counted_over_all_sizes_that_memory_had);
    t = add_case(s, "puts and gets");
    tcase_add_test(t, wrong_arguments_are_refused_and_change_nothing);
    tcase_add_test(t, wrong_options_of_a_put_are_refused);
    tcase_add_test(t, value_is_found_and_replaced_and_removed_in_either_tier);
    tcase_add_test(t, keys_are_any_bytes_of_any_allowed_length);
    tcase_add_test(t, value_outlives_its_cache);
    tcase_add_test(t, store_keeps_values_for_another_handle);
    tcase_add_test(t, store_hit_is_in_memory_the_next_time);
    tcase_add_test(t, read_only_cache_reads_and_refuses_to_write);
    tcase_add_test(t, failed_open_leaves_memory_and_says_why);
    tcase_add_test(t, clear_forgets_everything_in_both_tiers);
    tcase_add_test(t, without_a_store_there_is_nothing_to_sync_or_verify);
    t = add_case(s, "time");
    tcase_add_test(t, value_lives_as_long_as_it_was_given);
    tcase_add_test(t, option_gives_a_time_to_those_that_have_none);
    tcase_add_test(t, clock_that_was_set_back_lengthens_no_life);
    tcase_add_test(t, purge_removes_what_is_over_its_time_and_counts_it_once);
    tcase_add_test(t, verify_reads_every_record_and_finds_what_is_no_value);
    t = add_case(s, "reasons");
    tcase_add_test(t, every_reason_has_its_name);
    tcase_add_test(t, record_that_is_no_value_is_missed_removed_and_told);
    tcase_add_test(t, value_of_a_key_with_the_same_hash_is_not_given_out);
    tcase_add_test(t, explain_changes_nothing_and_counts_nothing);
    tcase_add_test(t, only_the_last_reasons_are_remembered);
    t = add_case(s, "allocations");
    tcase_add_loop_test(t, every_failed_allocation_is_reported_and_leaves_a_cache_that_works, 0, 2);
    return s;
}

WTFCB_TEST_MAIN(suite)
