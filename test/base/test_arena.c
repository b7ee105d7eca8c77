/* Arena: alignment, oversized blocks, adoption, what happens when memory runs out. */
#include "base/arena.h"

#include <stdalign.h>

#include "counting.h"

static counting memory;
static wtfcb_base_arena arena;

static void set_up(void)
{
    counting_init(&memory);
    wtfcb_base_arena_init(&arena, &memory.allocator);
}

static void tear_down(void)
{
    wtfcb_base_arena_free(&arena);
    counting_assert_clean(&memory);
}

static bool all_are(const char *bytes, size_t size, int value)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)bytes[i] != value) return false;
    return true;
}

START_TEST(empty_arena_takes_no_memory)
{
    ck_assert_uint_eq(atomic_load(&memory.calls), 0);
    ck_assert_uint_eq(wtfcb_base_arena_size(&arena), 0);
    wtfcb_base_arena_free(&arena);
}
END_TEST

START_TEST(blocks_are_aligned_for_any_type_whatever_strings_lie_between)
{
    for (size_t i = 1; i < 3000; i++) {
        const char *string = wtfcb_base_arena_string(&arena, "xyz", i % 4);
        char *block = wtfcb_base_arena_alloc(&arena, i % 97 + 1);
        if (!string || !block || (uintptr_t)block % alignof(max_align_t) != 0) ck_abort_msg("block %zu", i);
        memset(block, 0xff, i % 97 + 1);
    }
}
END_TEST

START_TEST(blocks_do_not_overlap_and_keep_their_content)
{
    enum { COUNT = 20000 };
    static char *blocks[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        size_t size = i * 37 % 300 + 1;
        blocks[i] = wtfcb_base_arena_bytes(&arena, size);
        memset(blocks[i], (int)(i & 0xff), size);
    }
    for (size_t i = 0; i < COUNT; i++) {
        size_t size = i * 37 % 300 + 1;
        if (!all_are(blocks[i], size, (int)(i & 0xff))) ck_abort_msg("block %zu", i);
    }
    ck_assert_uint_lt(atomic_load(&memory.calls), 20); /* chunks double */
}
END_TEST

START_TEST(string_is_a_copy_with_a_nul_behind_it)
{
    const char text[] = {'a', '\0', 'b'};
    char *copy = wtfcb_base_arena_string(&arena, text, 3);
    ck_assert_mem_eq(copy, "a\0b", 4);
    ck_assert_str_eq(wtfcb_base_arena_string(&arena, NULL, 0), "");
}
END_TEST

START_TEST(oversized_block_leaves_the_free_space_of_the_newest_chunk_in_use)
{
    char *before = wtfcb_base_arena_bytes(&arena, 10);
    char *large = wtfcb_base_arena_bytes(&arena, 1 << 20);
    memset(large, 1, 1 << 20);
    char *after = wtfcb_base_arena_bytes(&arena, 10);
    ck_assert_ptr_eq(after, before + 10);
    ck_assert_int_eq(atomic_load(&memory.live), 2);
}
END_TEST

START_TEST(oversized_block_may_be_the_first_one)
{
    char *large = wtfcb_base_arena_alloc(&arena, 100000);
    memset(large, 1, 100000);
    char *small = wtfcb_base_arena_alloc(&arena, 8);
    memset(small, 2, 8);
    ck_assert(small + 8 <= large || small >= large + 100000);
    ck_assert_int_eq(large[99999], 1);
}
END_TEST

START_TEST(size_counts_every_byte_taken_from_the_allocator)
{
    for (size_t i = 0; i < 1000; i++)
        ck_assert_ptr_nonnull(wtfcb_base_arena_alloc(&arena, i * 13 % 5000 + 1));
    ck_assert_uint_eq(wtfcb_base_arena_size(&arena), (size_t)atomic_load(&memory.live_bytes));
}
END_TEST

START_TEST(adopted_blocks_keep_their_addresses_and_live_as_long_as_the_adopter)
{
    char *kept[2][100];
    for (int filled = 0; filled < 2; filled++) { /* into an empty arena, then into one that has chunks */
        wtfcb_base_arena other;
        wtfcb_base_arena_init(&other, &memory.allocator);
        for (int i = 0; i < 100; i++) {
            kept[filled][i] = wtfcb_base_arena_bytes(&other, 200);
            memset(kept[filled][i], filled * 100 + i, 200);
        }
        size_t sum = wtfcb_base_arena_size(&arena) + wtfcb_base_arena_size(&other);
        wtfcb_base_arena_adopt(&arena, &other);
        ck_assert_uint_eq(wtfcb_base_arena_size(&arena), sum);
        ck_assert_uint_eq(wtfcb_base_arena_size(&other), 0);
        ck_assert_ptr_nonnull(wtfcb_base_arena_bytes(&other, 10)); /* usable again */
        wtfcb_base_arena_free(&other);
    }
    for (int i = 0; i < 5000; i++)
        memset(wtfcb_base_arena_bytes(&arena, 100), 0xff, 100);
    for (int filled = 0; filled < 2; filled++)
        for (int i = 0; i < 100; i++)
            if (!all_are(kept[filled][i], 200, filled * 100 + i)) ck_abort_msg("block %d", i);
}
END_TEST

START_TEST(adopting_an_empty_arena_changes_nothing)
{
    wtfcb_base_arena other;
    wtfcb_base_arena_init(&other, &memory.allocator);
    char *before = wtfcb_base_arena_bytes(&arena, 10);
    wtfcb_base_arena_adopt(&arena, &other);
    ck_assert_ptr_eq(wtfcb_base_arena_bytes(&arena, 10), before + 10);
}
END_TEST

START_TEST(block_that_cannot_be_had_is_null_and_the_arena_goes_on)
{
    char *first = wtfcb_base_arena_bytes(&arena, 10);
    counting_fail(&memory, 1, true);
    ck_assert_ptr_null(wtfcb_base_arena_bytes(&arena, 1 << 20));
    ck_assert_ptr_null(wtfcb_base_arena_bytes(&arena, 5000));
    ck_assert_ptr_null(wtfcb_base_arena_bytes(&arena, SIZE_MAX - 4));
    ck_assert_ptr_eq(wtfcb_base_arena_bytes(&arena, 10), first + 10);
    counting_fail(&memory, 0, false);
    ck_assert_ptr_nonnull(wtfcb_base_arena_alloc(&arena, 1 << 20));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("arena");
    TCase *t = tcase_create("arena");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, empty_arena_takes_no_memory);
    tcase_add_test(t, blocks_are_aligned_for_any_type_whatever_strings_lie_between);
    tcase_add_test(t, blocks_do_not_overlap_and_keep_their_content);
    tcase_add_test(t, string_is_a_copy_with_a_nul_behind_it);
    tcase_add_test(t, oversized_block_leaves_the_free_space_of_the_newest_chunk_in_use);
    tcase_add_test(t, oversized_block_may_be_the_first_one);
    tcase_add_test(t, size_counts_every_byte_taken_from_the_allocator);
    tcase_add_test(t, adopted_blocks_keep_their_addresses_and_live_as_long_as_the_adopter);
    tcase_add_test(t, adopting_an_empty_arena_changes_nothing);
    tcase_add_test(t, block_that_cannot_be_had_is_null_and_the_arena_goes_on);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
