/* A cache in a directory of its own, and short ways to use it. For programs that say WTFCB_TEST_OWN_CLOCKS. */
#ifndef WTFCB_TEST_CACHE_HANDLE_H
#define WTFCB_TEST_CACHE_HANDLE_H

#include "files.h"

static wtfcb_cache *cache;
static char *directory;

WTFCB_TEST_UNUSED static void setup(void)
{
    directory = wtfcb_test_directory();
    clock_offset_ms = 0;
    signature_offset_ns = 0;
    ck_assert_int_eq(wtfcb_cache_new(NULL, &cache), WTFCB_OK);
}

WTFCB_TEST_UNUSED static void teardown(void)
{
    wtfcb_cache_free(cache);
    free(directory);
}

WTFCB_TEST_UNUSED static void open_store(wtfcb_cache *c)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_msg(wtfcb_cache_open(c, below(directory, "cache"), &error) == WTFCB_OK, "%s", error.message);
}

WTFCB_TEST_UNUSED static void put(wtfcb_cache *c, const char *key, const char *value)
{
    ck_assert_int_eq(wtfcb_cache_put(c, key, strlen(key), value, strlen(value), NULL), WTFCB_OK);
}

WTFCB_TEST_UNUSED static void put_for(wtfcb_cache *c, const char *key, const char *value, uint64_t ttl_ms)
{
    wtfcb_put options = WTFCB_PUT_INIT;
    options.ttl_ms = ttl_ms;
    ck_assert_int_eq(wtfcb_cache_put(c, key, strlen(key), value, strlen(value), &options), WTFCB_OK);
}

WTFCB_TEST_UNUSED static bool has(wtfcb_cache *c, const char *key, const char *expected)
{
    wtfcb_value *value;
    wtfcb_status status = wtfcb_cache_get(c, key, strlen(key), &value);
    if (status == WTFCB_ENOTFOUND) return false;
    ck_assert_int_eq(status, WTFCB_OK);
    ck_assert_uint_eq(wtfcb_value_size(value), strlen(expected));
    ck_assert_mem_eq(wtfcb_value_bytes(value), expected, strlen(expected));
    wtfcb_value_free(value);
    return true;
}

WTFCB_TEST_UNUSED static uint32_t reason(wtfcb_cache *c, const char *key)
{
    wtfcb_miss miss;
    ck_assert_int_eq(wtfcb_cache_explain(c, key, strlen(key), &miss, sizeof miss), WTFCB_OK);
    return miss.reason;
}

WTFCB_TEST_UNUSED static wtfcb_cache_stats stats_of(wtfcb_cache *c)
{
    wtfcb_cache_stats stats;
    ck_assert_int_eq(wtfcb_cache_get_stats(c, &stats, sizeof stats), WTFCB_OK);
    return stats;
}

/* Another handle with the store alone: what it finds is on disk. */
WTFCB_TEST_UNUSED static wtfcb_cache *reader_of_store(void)
{
    wtfcb_cache *c;
    ck_assert_int_eq(wtfcb_cache_new(NULL, &c), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_set_option(c, WTFCB_CACHE_MEMORY, 0), WTFCB_OK);
    open_store(c);
    return c;
}

WTFCB_TEST_UNUSED static TCase *add_case(Suite *s, const char *name)
{
    TCase *t = tcase_create(name);
    tcase_add_checked_fixture(t, setup, teardown);
    suite_add_tcase(s, t);
    return t;
}

#endif
