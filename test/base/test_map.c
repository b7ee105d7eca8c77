/* Hash map: many keys, keys that share a place, replacement, and a map that cannot grow. */
#include "base/map.h"

#include "counting.h"

static counting memory;
static wtfcb_base_map map;

static void set_up(void)
{
    counting_init(&memory);
    wtfcb_base_map_init(&map, &memory.allocator);
}

static void tear_down(void)
{
    wtfcb_base_map_free(&map);
    counting_assert_clean(&memory);
}

START_TEST(empty_map_knows_no_key_and_takes_no_memory)
{
    ck_assert_uint_eq(wtfcb_base_map_get(&map, "x", 1), WTFCB_BASE_MAP_NONE);
    ck_assert_uint_eq(wtfcb_base_map_get_hashed(&map, "x", 1, wtfcb_base_map_hash("x", 1)), WTFCB_BASE_MAP_NONE);
    ck_assert_uint_eq(atomic_load(&memory.calls), 0);
}
END_TEST

enum { MANY = 50000, KEY = 12 };

static char keys[MANY * 2][KEY];

static size_t make_key(size_t i)
{
    return (size_t)snprintf(keys[i], KEY, "k%zu", i);
}

START_TEST(fifty_thousand_keys_are_found_and_others_are_not)
{
    for (size_t i = 0; i < MANY; i++)
        if (!wtfcb_base_map_put(&map, keys[i], make_key(i), (uint32_t)i * 3)) ck_abort_msg("key %zu", i);
    ck_assert_uint_eq(map.count, MANY);
    ck_assert_uint_le(map.count, map.capacity / 4 * 3);
    for (size_t i = 0; i < 2 * MANY; i++) {
        size_t length = make_key(i);
        uint32_t expected = i < MANY ? (uint32_t)i * 3 : WTFCB_BASE_MAP_NONE;
        uint32_t hash = wtfcb_base_map_hash(keys[i], length);
        if (wtfcb_base_map_get(&map, keys[i], length) != expected) ck_abort_msg("key %zu", i);
        if (wtfcb_base_map_get_hashed(&map, keys[i], length, hash) != expected) ck_abort_msg("key %zu", i);
    }
}
END_TEST

START_TEST(put_of_a_known_key_replaces_its_value)
{
    ck_assert(wtfcb_base_map_put(&map, "key", 3, 1));
    ck_assert(wtfcb_base_map_put(&map, "key", 3, 0));
    ck_assert_uint_eq(map.count, 1);
    ck_assert_uint_eq(wtfcb_base_map_get(&map, "key", 3), 0);
}
END_TEST

START_TEST(keys_are_byte_strings_of_any_length)
{
    static const char bytes[] = "a\0b\0c";
    for (uint32_t length = 0; length <= 5; length++)
        ck_assert(wtfcb_base_map_put(&map, bytes, length, length));
    ck_assert_uint_eq(map.count, 6);
    for (uint32_t length = 0; length <= 5; length++)
        ck_assert_uint_eq(wtfcb_base_map_get(&map, bytes, length), length);
}
END_TEST

/* Keys whose hashes end in the same bits start at the same slot, at the end of the table: the probe wraps around. */
START_TEST(keys_that_collide_at_the_end_of_the_table_are_told_apart)
{
    size_t found[8];
    size_t count = 0;
    for (size_t i = 0; count < 8 && i < (size_t)2 * MANY; i++) {
        size_t length = make_key(i);
        if ((wtfcb_base_map_hash(keys[i], length) & 15) == 15) found[count++] = i;
    }
    ck_assert_uint_eq(count, 8);
    for (size_t i = 0; i < 8; i++)
        ck_assert(wtfcb_base_map_put(&map, keys[found[i]], strlen(keys[found[i]]), (uint32_t)i));
    ck_assert_uint_eq(map.capacity, 16);
    for (size_t i = 0; i < 8; i++)
        ck_assert_uint_eq(wtfcb_base_map_get(&map, keys[found[i]], strlen(keys[found[i]])), i);
}
END_TEST

START_TEST(map_that_cannot_grow_stays_as_it_was)
{
    size_t held = 0;
    counting_fail(&memory, 3, true);
    while (held < MANY && wtfcb_base_map_put(&map, keys[held], make_key(held), (uint32_t)held))
        held++;
    ck_assert_uint_gt(held, 16);
    ck_assert_uint_lt(held, 100);
    ck_assert_uint_eq(map.count, held);
    for (size_t i = 0; i < held; i++)
        ck_assert_uint_eq(wtfcb_base_map_get(&map, keys[i], strlen(keys[i])), i);
    counting_fail(&memory, 0, false);
    ck_assert(wtfcb_base_map_put(&map, keys[held], make_key(held), (uint32_t)held));
    ck_assert_uint_eq(wtfcb_base_map_get(&map, keys[held], strlen(keys[held])), held);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("map");
    TCase *t = tcase_create("map");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, empty_map_knows_no_key_and_takes_no_memory);
    tcase_add_test(t, fifty_thousand_keys_are_found_and_others_are_not);
    tcase_add_test(t, put_of_a_known_key_replaces_its_value);
    tcase_add_test(t, keys_are_byte_strings_of_any_length);
    tcase_add_test(t, keys_that_collide_at_the_end_of_the_table_are_told_apart);
    tcase_add_test(t, map_that_cannot_grow_stays_as_it_was);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
