/* The block of a value: its parts, its holds, and payloads that nobody vouches for. */
#include "cache/value.h"

#include <pthread.h>

#include "../base/counting.h"

static counting memory;

static void set_up(void)
{
    counting_init(&memory);
}

static void tear_down(void)
{
    counting_assert_clean(&memory);
}

static uint64_t random_state = 88172645463325252u;

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static wtfcb_value *make(const void *key, size_t key_length, const void *manifest, size_t manifest_length,
                         const void *bytes, size_t length)
{
    const wtfcb_cache_value_parts parts = {
        key, key_length, manifest, manifest_length, bytes, length, .created_ms = 1234, .expires_ms = 5678,
    };
    wtfcb_value *value = NULL;
    ck_assert_int_eq(wtfcb_cache_value_make(&memory.allocator, &parts, &value), WTFCB_OK);
    return value;
}

static void assert_holds(const wtfcb_value *value, const void *key, size_t key_length, const void *manifest,
                         size_t manifest_length, const void *bytes, size_t length)
{
    ck_assert_uint_eq(value->head.created_ms, 1234);
    ck_assert_uint_eq(value->head.expires_ms, 5678);
    ck_assert_uint_eq(value->head.key_length, key_length);
    ck_assert_uint_eq(value->head.manifest_length, manifest_length);
    ck_assert_uint_eq(wtfcb_value_size(value), length);
    ck_assert_mem_eq(wtfcb_cache_value_key(value), key, key_length);
    ck_assert_mem_eq(wtfcb_cache_value_manifest(value), manifest, manifest_length);
    ck_assert_mem_eq(wtfcb_value_bytes(value), bytes, length);
    ck_assert_uint_eq((uintptr_t)wtfcb_value_bytes(value) % 8, 0);
}

enum { LONGEST_PART = 40 };

/* Calls with every combination of small lengths. */
static void for_lengths(void (*check)(const char *text, size_t key_length, size_t manifest_length, size_t length))
{
    static char text[3 * LONGEST_PART];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i + 1);
    for (size_t key_length = 1; key_length <= LONGEST_PART; key_length += 3)
        for (size_t manifest_length = 0; manifest_length <= LONGEST_PART; manifest_length += 5)
            for (size_t length = 0; length <= LONGEST_PART; length += 7)
                check(text, key_length, manifest_length, length);
}

static void check_made(const char *text, size_t key_length, size_t manifest_length, size_t length)
{
    const char *manifest = manifest_length ? text + key_length : NULL;
    const char *bytes = length ? text + key_length + manifest_length : NULL;
    wtfcb_value *value = make(text, key_length, manifest, manifest_length, bytes, length);
    assert_holds(value, text, key_length, text + key_length, manifest_length, text + key_length + manifest_length,
                 length);
    wtfcb_value_free(value);
}

START_TEST(value_holds_its_parts_and_its_bytes_are_aligned)
{
    for_lengths(check_made);
}
END_TEST

static void check_decoded(const char *text, size_t key_length, size_t manifest_length, size_t length)
{
    const char *manifest = text + key_length;
    const char *bytes = manifest + manifest_length;
    wtfcb_value *made = make(text, key_length, manifest, manifest_length, bytes, length);
    for (size_t shift = 0; shift < 9; shift++) {
        char *copy = malloc(made->payload_length + shift); /* of that length, so that reading on is found */
        ck_assert_ptr_nonnull(copy);
        memcpy(copy + shift, wtfcb_cache_value_payload(made), made->payload_length);
        wtfcb_value *value = NULL;
        ck_assert_int_eq(wtfcb_cache_value_decode(&memory.allocator, copy + shift, made->payload_length, &value),
                         WTFCB_OK);
        free(copy);
        assert_holds(value, text, key_length, manifest, manifest_length, bytes, length);
        wtfcb_value_free(value);
    }
    wtfcb_value_free(made);
}

START_TEST(payload_is_decoded_wherever_it_lies)
{
    for_lengths(check_decoded);
}
END_TEST

START_TEST(equal_parts_make_equal_payloads)
{
    wtfcb_value *a = make("key", 3, NULL, 0, "bytes", 5);
    void *hole = malloc(4096);
    wtfcb_value *b = make("key", 3, NULL, 0, "bytes", 5);
    ck_assert_uint_eq(a->payload_length, b->payload_length);
    ck_assert_mem_eq(wtfcb_cache_value_payload(a), wtfcb_cache_value_payload(b), a->payload_length);
    free(hole);
    wtfcb_value_free(a);
    wtfcb_value_free(b);
}
END_TEST

START_TEST(cost_is_more_than_what_was_allocated)
{
    wtfcb_value *value = make("key", 3, "manifest", 8, "bytes", 5);
    ck_assert_int_gt((long long)wtfcb_cache_value_cost(value), atomic_load(&memory.live_bytes));
    ck_assert_int_lt((long long)wtfcb_cache_value_cost(value), atomic_load(&memory.live_bytes) + 100);
    wtfcb_value_free(value);
}
END_TEST

START_TEST(parts_that_are_too_long_are_refused_before_they_are_read)
{
    const uint64_t gib = UINT64_C(1) << 30;
    const wtfcb_cache_value_parts refused[] = {
        {.key = "k", .key_length = 1, .bytes = "b", .length = gib + 1},
        {.key = "k", .key_length = 1, .bytes = "b", .length = SIZE_MAX},
        {.key = "k", .key_length = (size_t)UINT32_MAX + 1},
        {.key = "k", .key_length = SIZE_MAX},
        {.key = "k", .key_length = 1, .manifest = "m", .manifest_length = (size_t)UINT32_MAX + 1},
        {.key = "k", .key_length = 1, .manifest = "m", .manifest_length = UINT32_MAX},
        {.key = "k", .key_length = UINT32_MAX, .manifest = "m", .manifest_length = UINT32_MAX},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        wtfcb_value *value = NULL;
        ck_assert_int_eq(wtfcb_cache_value_make(&memory.allocator, &refused[i], &value), WTFCB_ELIMIT);
        ck_assert_ptr_null(value);
    }
    ck_assert_uint_eq(atomic_load(&memory.calls), 0);
}
END_TEST

START_TEST(payload_that_is_cut_or_longer_is_refused)
{
    wtfcb_value *made = make("a key", 5, "a manifest", 10, "some bytes", 10);
    char *longer = malloc(made->payload_length + 64);
    ck_assert_ptr_nonnull(longer);
    memset(longer, 0, made->payload_length + 64);
    memcpy(longer, wtfcb_cache_value_payload(made), made->payload_length);
    for (size_t length = 0; length < made->payload_length + 64; length++) {
        if (length == made->payload_length) continue;
        char *cut = malloc(length + !length);
        ck_assert_ptr_nonnull(cut);
        memcpy(cut, longer, length);
        wtfcb_value *value = NULL;
        ck_assert_int_eq(wtfcb_cache_value_decode(&memory.allocator, cut, length, &value), WTFCB_EFORMAT);
        ck_assert_ptr_null(value);
        free(cut);
    }
    free(longer);
    wtfcb_value_free(made);
}
END_TEST

START_TEST(lengths_whose_sum_wraps_around_are_refused)
{
    enum { LENGTH = 64 };
    const wtfcb_cache_value_head wrapped[] = {
        {.length = UINT64_MAX - 7, .key_length = 32 + 8, .manifest_length = 0},
        {.length = UINT64_MAX - 31, .key_length = 64},
        {.length = (uint64_t)LENGTH - 32 - (uint64_t)UINT32_MAX - 1, .key_length = UINT32_MAX, .manifest_length = 1},
        {.length = 0, .key_length = UINT32_MAX, .manifest_length = 33},
        {.length = 0, .key_length = UINT32_MAX, .manifest_length = UINT32_MAX},
        {.length = UINT64_MAX, .key_length = UINT32_MAX, .manifest_length = UINT32_MAX},
        {.length = (UINT64_C(1) << 32) + 24, .key_length = 8},
    };
    for (size_t i = 0; i < sizeof wrapped / sizeof *wrapped; i++) {
        char payload[LENGTH] = {0};
        memcpy(payload, &wrapped[i], sizeof wrapped[i]);
        wtfcb_value *value = NULL;
        ck_assert_int_eq(wtfcb_cache_value_decode(&memory.allocator, payload, sizeof payload, &value), WTFCB_EFORMAT);
    }
    ck_assert_uint_eq(atomic_load(&memory.calls), 0);
}
END_TEST

/* Every byte of every part is read: one that lies outside of the block is found by the address sanitizer. */
static uint64_t sum_of(const wtfcb_value *value)
{
    uint64_t sum = 0;
    const unsigned char *key = (const void *)wtfcb_cache_value_key(value);
    for (size_t i = 0; i < value->head.key_length; i++)
        sum += key[i];
    const unsigned char *manifest = (const void *)wtfcb_cache_value_manifest(value);
    for (size_t i = 0; i < value->head.manifest_length; i++)
        sum += manifest[i];
    const unsigned char *bytes = wtfcb_value_bytes(value);
    for (size_t i = 0; i < wtfcb_value_size(value); i++)
        sum += bytes[i];
    return sum;
}

/* Whether it was taken. What is taken must lie within its payload, part behind part. */
static bool survives(const void *payload, size_t length)
{
    wtfcb_value *value = NULL;
    wtfcb_status status = wtfcb_cache_value_decode(&memory.allocator, payload, length, &value);
    if (status == WTFCB_EFORMAT) return false;
    ck_assert_int_eq(status, WTFCB_OK);
    const char *begin = wtfcb_cache_value_payload(value);
    const char *bytes = wtfcb_value_bytes(value);
    if (value->payload_length != length || wtfcb_cache_value_manifest(value) + value->head.manifest_length > bytes ||
        bytes + wtfcb_value_size(value) != begin + length)
        ck_abort_msg("parts outside of the payload");
    ck_assert_mem_eq(begin, payload, length);
    ck_assert_uint_le(sum_of(value), 255 * length);
    wtfcb_value_free(value);
    return true;
}

START_TEST(payload_of_random_bytes_never_reaches_outside)
{
    enum { LONGEST = 300 };
    unsigned taken = 0;
    for (unsigned round = 0; round < (wtfcb_test_long() ? 2000000u : 200000u); round++) {
        unsigned char bytes[LONGEST];
        size_t length = next_random() % LONGEST;
        for (size_t i = 0; i < length; i++)
            bytes[i] = (unsigned char)next_random();
        if (length >= sizeof(wtfcb_cache_value_head) && round % 2) { /* lengths that could be true */
            wtfcb_cache_value_head head = {.key_length = (uint32_t)(next_random() % 100),
                                           .manifest_length = (uint32_t)(next_random() % 100),
                                           .length = next_random() % 100};
            memcpy(bytes, &head, sizeof head);
        }
        char *payload = malloc(length + !length);
        ck_assert_ptr_nonnull(payload);
        memcpy(payload, bytes, length);
        taken += survives(payload, length);
        free(payload);
    }
    ck_assert_uint_gt(taken, 0); /* else only refusals were looked at */
}
END_TEST

START_TEST(payload_with_a_flipped_bit_never_reaches_outside)
{
    wtfcb_value *made = make("some key", 8, "a manifest of some length", 25, "and some bytes", 14);
    size_t length = made->payload_length;
    unsigned taken = 0;
    for (size_t bit = 0; bit < length * 8; bit++)
        for (size_t other = bit; other < length * 8; other += 1 + other / 100) {
            unsigned char *payload = malloc(length + 1);
            ck_assert_ptr_nonnull(payload);
            memcpy(payload, wtfcb_cache_value_payload(made), length);
            payload[bit / 8] ^= (unsigned char)(1 << bit % 8);
            if (other != bit) payload[other / 8] ^= (unsigned char)(1 << other % 8);
            taken += survives(payload, length);
            free(payload);
        }
    ck_assert_uint_gt(taken, 0);
    wtfcb_value_free(made);
}
END_TEST

START_TEST(value_lives_as_long_as_its_last_hold)
{
    ck_assert_ptr_null(wtfcb_value_ref(NULL));
    wtfcb_value_free(NULL);
    wtfcb_value *value = make("key", 3, NULL, 0, "bytes", 5);
    ck_assert_ptr_eq(wtfcb_value_ref(value), value);
    wtfcb_value_free(value);
    ck_assert_int_eq(atomic_load(&memory.live), 1);
    ck_assert_mem_eq(wtfcb_value_bytes(value), "bytes", 5);
    wtfcb_value_free(value);
    ck_assert_int_eq(atomic_load(&memory.live), 0);
}
END_TEST

enum { ROUNDS = 20000 };

static void *hold_and_drop(void *user)
{
    wtfcb_value *value = user;
    for (int i = 0; i < ROUNDS; i++) {
        wtfcb_value *held = wtfcb_value_ref(value);
        if (wtfcb_value_size(held) != 5) return "size";
        wtfcb_value_free(held);
    }
    wtfcb_value_free(value);
    return NULL;
}

START_TEST(holds_of_several_threads_are_counted)
{
    enum { THREADS = 4 };
    wtfcb_value *value = make("key", 3, NULL, 0, "bytes", 5);
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, hold_and_drop, wtfcb_value_ref(value)), 0);
    wtfcb_value_free(value);
    for (size_t i = 0; i < THREADS; i++) {
        void *wrong = NULL;
        ck_assert_int_eq(pthread_join(threads[i], &wrong), 0);
        ck_assert_ptr_null(wrong);
    }
    ck_assert_int_eq(atomic_load(&memory.live), 0);
}
END_TEST

START_TEST(want_of_memory_is_reported_and_leaves_nothing)
{
    const wtfcb_cache_value_parts parts = {.key = "key", .key_length = 3, .bytes = "bytes", .length = 5};
    wtfcb_value *made = make("key", 3, NULL, 0, "bytes", 5);
    wtfcb_value *value = NULL;
    counting_fail(&memory, 1, true);
    ck_assert_int_eq(wtfcb_cache_value_make(&memory.allocator, &parts, &value), WTFCB_ENOMEM);
    ck_assert_int_eq(
        wtfcb_cache_value_decode(&memory.allocator, wtfcb_cache_value_payload(made), made->payload_length, &value),
        WTFCB_ENOMEM);
    ck_assert_ptr_null(value);
    wtfcb_value_free(made);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("value");
    TCase *t = tcase_create("value");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, value_holds_its_parts_and_its_bytes_are_aligned);
    tcase_add_test(t, payload_is_decoded_wherever_it_lies);
    tcase_add_test(t, equal_parts_make_equal_payloads);
    tcase_add_test(t, cost_is_more_than_what_was_allocated);
    tcase_add_test(t, parts_that_are_too_long_are_refused_before_they_are_read);
    tcase_add_test(t, payload_that_is_cut_or_longer_is_refused);
    tcase_add_test(t, lengths_whose_sum_wraps_around_are_refused);
    tcase_add_test(t, payload_of_random_bytes_never_reaches_outside);
    tcase_add_test(t, payload_with_a_flipped_bit_never_reaches_outside);
    tcase_add_test(t, value_lives_as_long_as_its_last_hold);
    tcase_add_test(t, holds_of_several_threads_are_counted);
    tcase_add_test(t, want_of_memory_is_reported_and_leaves_nothing);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
