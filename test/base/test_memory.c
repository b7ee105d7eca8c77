/* Allocation through hooks, growable arrays, and rows that are copied into structs of another size. */
#include "base/memory.h"

#include "base/row.h"
#include "counting.h"

START_TEST(no_allocator_stands_for_libc)
{
    wtfcb_allocator libc = wtfcb_base_allocator(NULL);
    char *block = wtfcb_base_alloc(&libc, 10);
    ck_assert_ptr_nonnull(block);
    memcpy(block, "123456789", 10);
    block = wtfcb_base_realloc(&libc, block, 10, 10000);
    ck_assert_str_eq(block, "123456789");
    wtfcb_base_free(&libc, block, 10000);
    wtfcb_base_free(&libc, NULL, 0);
}
END_TEST

START_TEST(allocator_without_a_function_is_not_valid)
{
    counting c;
    counting_init(&c);
    ck_assert(wtfcb_base_allocator_valid(NULL));
    ck_assert(wtfcb_base_allocator_valid(&c.allocator));
    for (int i = 0; i < 3; i++) {
        wtfcb_allocator broken = c.allocator;
        if (i == 0) broken.alloc = NULL;
        if (i == 1) broken.realloc = NULL;
        if (i == 2) broken.free = NULL;
        ck_assert(!wtfcb_base_allocator_valid(&broken));
    }
}
END_TEST

START_TEST(calloc_clears_and_refuses_a_product_that_overflows)
{
    counting c;
    counting_init(&c);
    unsigned char *block = wtfcb_base_calloc(&c.allocator, 100, 7);
    ck_assert_ptr_nonnull(block);
    for (size_t i = 0; i < 700; i++)
        ck_assert_uint_eq(block[i], 0);
    wtfcb_base_free(&c.allocator, block, 700);
    ck_assert_ptr_null(wtfcb_base_calloc(&c.allocator, SIZE_MAX / 2, 3));
    ck_assert_uint_eq(atomic_load(&c.calls), 1);
    counting_assert_clean(&c);
}
END_TEST

START_TEST(reserve_grows_by_half_and_keeps_what_is_there)
{
    counting c;
    counting_init(&c);
    uint32_t *items = NULL;
    size_t capacity = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        if (!wtfcb_base_reserve(&c.allocator, (void **)&items, &capacity, i + 1, sizeof *items) || capacity <= i)
            ck_abort_msg("item %u", i);
        items[i] = i;
    }
    for (uint32_t i = 0; i < 100000; i++)
        if (items[i] != i) ck_abort_msg("item %u", i);
    ck_assert_uint_lt(atomic_load(&c.calls), 40);
    wtfcb_base_free(&c.allocator, items, capacity * sizeof *items);
    counting_assert_clean(&c);
}
END_TEST

START_TEST(reserve_that_fails_leaves_the_array_as_it_was)
{
    counting c;
    counting_init(&c);
    int *items = NULL;
    size_t capacity = 0;
    ck_assert(wtfcb_base_reserve(&c.allocator, (void **)&items, &capacity, 4, sizeof *items));
    items[0] = 7;
    int *before = items;
    size_t capacity_before = capacity;
    counting_fail(&c, 1, true);
    ck_assert(!wtfcb_base_reserve(&c.allocator, (void **)&items, &capacity, 1000, sizeof *items));
    ck_assert(!wtfcb_base_reserve(&c.allocator, (void **)&items, &capacity, SIZE_MAX / 2, sizeof *items));
    ck_assert_uint_eq(atomic_load(&c.calls), 1); /* a size that overflows is not asked for */
    ck_assert_ptr_eq(items, before);
    ck_assert_uint_eq(capacity, capacity_before);
    ck_assert_int_eq(items[0], 7);
    wtfcb_base_free(&c.allocator, items, capacity * sizeof *items);
    counting_assert_clean(&c);
}
END_TEST

START_TEST(row_copy_cuts_for_a_smaller_struct_and_clears_the_rest_of_a_larger_one)
{
    const unsigned char row[4] = {1, 2, 3, 4};
    unsigned char into[8];
    for (size_t size = 1; size <= sizeof into; size++) {
        memset(into, 0xee, sizeof into);
        wtfcb_base_row_copy(into, size, row, sizeof row);
        for (size_t i = 0; i < sizeof into; i++)
            ck_assert_uint_eq(into[i], i >= size ? 0xee : i < sizeof row ? row[i] : 0);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("memory");
    TCase *t = tcase_create("memory");
    tcase_add_test(t, no_allocator_stands_for_libc);
    tcase_add_test(t, allocator_without_a_function_is_not_valid);
    tcase_add_test(t, calloc_clears_and_refuses_a_product_that_overflows);
    tcase_add_test(t, reserve_grows_by_half_and_keeps_what_is_there);
    tcase_add_test(t, reserve_that_fails_leaves_the_array_as_it_was);
    tcase_add_test(t, row_copy_cuts_for_a_smaller_struct_and_clears_the_rest_of_a_larger_one);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
