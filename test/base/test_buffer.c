/* Byte buffer: appends, growth, and the failure that sticks until a reset. */
#include "base/buffer.h"

#include "counting.h"

static counting memory;
static wtfcb_base_buffer buffer;

static void set_up(void)
{
    counting_init(&memory);
    wtfcb_base_buffer_init(&buffer, &memory.allocator);
}

static void tear_down(void)
{
    wtfcb_base_buffer_free(&buffer);
    counting_assert_clean(&memory);
}

START_TEST(appends_stand_behind_each_other)
{
    wtfcb_base_buffer_append(&buffer, "ab", 2);
    wtfcb_base_buffer_append(&buffer, NULL, 0);
    wtfcb_base_buffer_append_string(&buffer, "cd");
    wtfcb_base_buffer_append_byte(&buffer, 'e');
    ck_assert_uint_eq(buffer.length, 5);
    ck_assert_mem_eq(buffer.data, "abcde", 5);
    ck_assert(!buffer.failed);
}
END_TEST

START_TEST(million_bytes_one_by_one_take_few_allocations)
{
    for (int i = 0; i < 1000000; i++)
        wtfcb_base_buffer_append_byte(&buffer, (char)i);
    ck_assert_uint_eq(buffer.length, 1000000);
    for (int i = 0; i < 1000000; i++)
        if (buffer.data[i] != (char)i) ck_abort_msg("byte %d", i);
    ck_assert_uint_lt(atomic_load(&memory.calls), 50);
}
END_TEST

START_TEST(failure_sticks_until_the_reset_although_later_appends_fit)
{
    wtfcb_base_buffer_append_string(&buffer, "kept");
    counting_fail(&memory, 1, true);
    static char large[100000];
    wtfcb_base_buffer_append(&buffer, large, sizeof large);
    ck_assert(buffer.failed);
    ck_assert_mem_eq(buffer.data, "kept", 4);
    wtfcb_base_buffer_append_byte(&buffer, '!'); /* there is room for this one */
    ck_assert(buffer.failed);
    counting_fail(&memory, 0, false);
    wtfcb_base_buffer_append(&buffer, large, sizeof large);
    ck_assert_msg(buffer.failed, "a sequence of appends with a hole in it must not look complete");
    wtfcb_base_buffer_reset(&buffer);
    ck_assert(!buffer.failed);
    ck_assert_uint_eq(buffer.length, 0);
    wtfcb_base_buffer_append(&buffer, large, sizeof large);
    ck_assert(!buffer.failed);
}
END_TEST

START_TEST(reserve_of_more_than_there_can_be_fails)
{
    wtfcb_base_buffer_append_byte(&buffer, 'x');
    ck_assert(!wtfcb_base_buffer_reserve(&buffer, SIZE_MAX));
    ck_assert(buffer.failed);
    ck_assert_uint_eq(buffer.length, 1);
}
END_TEST

START_TEST(reset_keeps_the_memory)
{
    ck_assert(wtfcb_base_buffer_reserve(&buffer, 1000));
    char *data = buffer.data;
    wtfcb_base_buffer_reset(&buffer);
    ck_assert(wtfcb_base_buffer_reserve(&buffer, 1000));
    ck_assert_ptr_eq(buffer.data, data);
    ck_assert_uint_eq(atomic_load(&memory.calls), 1);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("buffer");
    TCase *t = tcase_create("buffer");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, appends_stand_behind_each_other);
    tcase_add_test(t, million_bytes_one_by_one_take_few_allocations);
    tcase_add_test(t, failure_sticks_until_the_reset_although_later_appends_fit);
    tcase_add_test(t, reserve_of_more_than_there_can_be_fails);
    tcase_add_test(t, reset_keeps_the_memory);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
