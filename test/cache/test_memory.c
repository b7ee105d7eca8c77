/*
 * The memory tier: what is found, what makes room and in which order, what is held and freed, under many threads and with an
 * allocator that fails.
 */
#include "cache/memory.h"

#include <pthread.h>

#include "../base/counting.h"

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)
#define SMALL (64 * KIB)         /* a limit for one shard: the order of use is exact */
#define LARGE ((size_t)16 * MIB) /* a limit for all the shards there are */

static counting memory;
static wtfcb_cache_memory *tier;

static void start(uint64_t limit)
{
    ck_assert_int_eq(wtfcb_cache_memory_new(&memory.allocator, limit, &tier), WTFCB_OK);
}

static void set_up(void)
{
    counting_init(&memory);
    tier = NULL;
}

static void tear_down(void)
{
    wtfcb_cache_memory_free(tier);
    counting_assert_clean(&memory);
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static uint64_t random_state = 88172645463325252u;

/* Keys are numbers; a value's bytes follow from its key and its version, so that whoever gets one can check it. */
static wtfcb_base_hash128 hash_of(uint64_t key)
{
    return wtfcb_base_hash(&key, sizeof key);
}

static wtfcb_value *make(uint64_t key, uint32_t version, size_t length)
{
    char *bytes = malloc(length + 1);
    ck_assert_ptr_nonnull(bytes);
    memset(bytes, (int)(key * 31 + version), length);
    const wtfcb_cache_value_parts parts = {
        .key = &key, .key_length = sizeof key, .bytes = bytes, .length = length, .created_ms = version};
    wtfcb_value *value = NULL;
    (void)wtfcb_cache_value_make(&memory.allocator, &parts, &value);
    free(bytes);
    return value;
}

static bool is_right(const wtfcb_value *value, uint64_t key)
{
    const unsigned char *bytes = wtfcb_value_bytes(value);
    size_t length = wtfcb_value_size(value);
    unsigned char expected = (unsigned char)(key * 31 + value->head.created_ms);
    if (value->head.key_length != sizeof key || memcmp(wtfcb_cache_value_key(value), &key, sizeof key) != 0)
        return false;
    return length == 0 || (bytes[0] == expected && memcmp(bytes, bytes + 1, length - 1) == 0);
}

static bool put_hashed(wtfcb_base_hash128 hash, uint64_t key, uint32_t version, size_t length)
{
    wtfcb_value *value = make(key, version, length);
    bool taken = value && wtfcb_cache_memory_put(tier, hash, value);
    wtfcb_value_free(value);
    return taken;
}

static bool put(uint64_t key, uint32_t version, size_t length)
{
    return put_hashed(hash_of(key), key, version, length);
}

static wtfcb_value *get(uint64_t key)
{
    return wtfcb_cache_memory_get(tier, hash_of(key), &key, sizeof key, 0);
}

/* Whether the key is there, in this version. Counts as a use. */
static bool has(uint64_t key, uint32_t version)
{
    wtfcb_value *value = get(key);
    bool right = value && is_right(value, key) && value->head.created_ms == version;
    wtfcb_value_free(value);
    return right;
}

static wtfcb_cache_memory_stats stats(void)
{
    wtfcb_cache_memory_stats s;
    wtfcb_cache_memory_get_stats(tier, &s);
    return s;
}

/* What a value of this length costs. */
static size_t cost_of(size_t length)
{
    wtfcb_value *value = make(0, 0, length);
    size_t cost = wtfcb_cache_value_cost(value);
    wtfcb_value_free(value);
    return cost;
}

START_TEST(what_is_put_is_found_with_its_bytes)
{
    start(LARGE);
    for (uint64_t key = 0; key < 5000; key++)
        ck_assert(put(key, 1, key % 1500));
    for (uint64_t key = 0; key < 5000; key++)
        if (!has(key, 1)) ck_abort_msg("key %llu", (unsigned long long)key);
    for (uint64_t key = 5000; key < 10000; key++)
        ck_assert_ptr_null(get(key));
    ck_assert_uint_eq(stats().entries, 5000);
    ck_assert_uint_eq(stats().evictions, 0);
}
END_TEST

START_TEST(keys_of_one_hash_are_told_apart)
{
    const wtfcb_base_hash128 same = {{7}};
    start(SMALL);
    for (uint64_t key = 0; key < 20; key++)
        ck_assert(put_hashed(same, key, 1, 100));
    for (uint64_t key = 0; key < 20; key++) {
        wtfcb_value *value = wtfcb_cache_memory_get(tier, same, &key, sizeof key, 0);
        ck_assert(value && is_right(value, key));
        wtfcb_value_free(value);
        ck_assert_ptr_null(
            wtfcb_cache_memory_get(tier, same, &key, sizeof key - 1, 0)); /* a key that another begins with */
    }
    ck_assert_uint_eq(stats().entries, 20);
}
END_TEST

START_TEST(value_that_was_used_longest_ago_makes_room)
{
    size_t cost = cost_of(1000);
    start(10 * cost);
    for (uint64_t key = 0; key < 10; key++)
        ck_assert(put(key, 1, 1000));
    ck_assert_uint_eq(stats().bytes, 10 * cost);
    ck_assert(has(0, 1));
    ck_assert(has(2, 1)); /* now 1 goes first, then 3 */
    ck_assert(put(10, 1, 1000));
    ck_assert(put(11, 1, 1000));
    ck_assert_ptr_null(get(1));
    ck_assert_ptr_null(get(3));
    const uint64_t kept[] = {0, 2, 4, 5, 6, 7, 8, 9, 10, 11};
    for (size_t i = 0; i < 10; i++)
        ck_assert(has(kept[i], 1));
    ck_assert_uint_eq(stats().evictions, 2);
    ck_assert(put(12, 1, 2 * 1000)); /* as large as two of them, or nearly */
    ck_assert_ptr_null(get(0));
    ck_assert_ptr_null(get(2));
    ck_assert(has(4, 1));
    ck_assert_uint_le(stats().bytes, 10 * cost);
}
END_TEST

/* The simplest tier: an array in the order of use, the oldest first. */
typedef struct modelled {
    uint64_t key;
    uint32_t version;
    size_t cost;
} modelled;

enum { MODEL = 1024 };

static modelled model[MODEL];
static size_t model_count;
static size_t model_bytes;

static size_t model_find(uint64_t key)
{
    size_t i = 0;
    while (i < model_count && model[i].key != key)
        i++;
    return i;
}

static modelled model_take(size_t i)
{
    modelled taken = model[i];
    memmove(&model[i], &model[i + 1], (--model_count - i) * sizeof *model);
    model_bytes -= taken.cost;
    return taken;
}

static void model_add(modelled added)
{
    ck_assert_uint_lt(model_count, MODEL);
    model[model_count++] = added;
    model_bytes += added.cost;
}

static bool model_put(uint64_t limit, modelled added)
{
    if (added.cost > limit) return false;
    size_t i = model_find(added.key);
    if (i < model_count) (void)model_take(i);
    while (model_bytes + added.cost > limit)
        (void)model_take(0);
    model_add(added);
    return true;
}

/* Few places in the index, so that probes are long, wrap around and lose entries in their middle. */
static wtfcb_base_hash128 crowded_hash(uint64_t key, unsigned spread)
{
    wtfcb_base_hash128 hash = hash_of(key);
    memset(hash.bytes + 8, 0, 4);
    hash.bytes[8] = (uint8_t)(0xff - key % spread);
    hash.bytes[9] = 0xff;
    return hash;
}

static void step_beside_model(unsigned spread, uint32_t step)
{
    uint64_t key = next_random(&random_state) % 200;
    wtfcb_base_hash128 hash = crowded_hash(key, spread);
    size_t i = model_find(key);
    uint64_t what = next_random(&random_state) % 10;
    if (what < 5) {
        wtfcb_value *value = wtfcb_cache_memory_get(tier, hash, &key, sizeof key, 0);
        ck_assert(!value == (i == model_count));
        if (value) {
            ck_assert(is_right(value, key));
            ck_assert_uint_eq(value->head.created_ms, model[i].version);
            model_add(model_take(i));
        }
        wtfcb_value_free(value);
    } else if (what < 9) {
        size_t length = next_random(&random_state) % (step % 50 == 0 ? SMALL + KIB : 2000);
        bool taken = put_hashed(hash, key, step, length);
        ck_assert(taken == model_put(SMALL, (modelled){key, step, cost_of(length)}));
    } else {
        ck_assert(wtfcb_cache_memory_remove(tier, hash, &key, sizeof key, NULL) == (i < model_count));
        if (i < model_count) (void)model_take(i);
    }
    ck_assert_uint_eq(stats().entries, model_count);
    ck_assert_uint_eq(stats().bytes, model_bytes);
}

START_TEST(one_shard_does_what_the_simplest_tier_does)
{
    const unsigned spreads[] = {1, 3, 30, 200};
    uint32_t steps = wtfcb_test_long() ? 200000 : 20000;
    for (size_t i = 0; i < sizeof spreads / sizeof *spreads; i++) {
        model_count = model_bytes = 0;
        start(SMALL);
        for (uint32_t step = 0; step < steps; step++)
            step_beside_model(spreads[i], step);
        wtfcb_cache_memory_free(tier);
    }
    tier = NULL;
}
END_TEST

/* Values of a kilobyte under new keys, as many as fit into a part of a large tier. */
static void put_some(uint64_t *next, double part)
{
    uint64_t count = (uint64_t)((double)LARGE * part / (double)cost_of(1000));
    while (count--) {
        ck_assert(put(*next, 1, 1000));
        *next += 1;
    }
}

/* A hit does not move its value each time. What is promised all the same: it stays for seven eighths of a turnover, shards not
 * being filled quite alike. */
START_TEST(value_stays_for_most_of_a_turnover_after_its_last_use)
{
    enum { USED = 100 };
    const double before[] = {0, 0.1, 0.2, 0.75};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        uint64_t next = USED;
        start(LARGE);
        for (uint64_t key = 0; key < USED; key++)
            ck_assert(put(key, 1, 1000));
        put_some(&next, before[i]);
        for (uint64_t key = 0; key < USED; key++)
            ck_assert(has(key, 1));
        put_some(&next, 0.75);
        for (uint64_t key = 0; key < USED; key++)
            if (!has(key, 1)) ck_abort_msg("%llu after %g", (unsigned long long)key, before[i]);
        put_some(&next, 1.5); /* and no longer than its turn is */
        for (uint64_t key = 0; key < USED; key++)
            ck_assert_ptr_null(get(key));
        wtfcb_cache_memory_free(tier);
    }
    tier = NULL;
}
END_TEST

START_TEST(value_in_use_outlives_any_number_of_puts)
{
    uint64_t next = 10;
    start(LARGE);
    ck_assert(put(0, 1, 1000));
    for (int i = 0; i < 120; i++) {
        put_some(&next, 0.02);
        ck_assert(has(0, 1));
    }
    ck_assert_uint_gt(stats().evictions, LARGE / cost_of(1000));
}
END_TEST

START_TEST(hits_are_what_the_gets_that_found_something_said)
{
    start(LARGE);
    const uint64_t key = 1;
    ck_assert(put(key, 1, 10));
    for (uint64_t hits = 0; hits < 4; hits++)
        wtfcb_value_free(wtfcb_cache_memory_get(tier, hash_of(key), &key, sizeof key, hits));
    const uint64_t other = 2;
    ck_assert_ptr_null(wtfcb_cache_memory_get(tier, hash_of(other), &other, sizeof other, 1));
    ck_assert_uint_eq(stats().hits, 1 + 2 + 3);
    wtfcb_cache_memory_clear(tier);
    ck_assert_uint_eq(stats().hits, 1 + 2 + 3);
}
END_TEST

START_TEST(bytes_never_exceed_the_limit)
{
    const size_t limits[] = {100, 5 * KIB, 1 * MIB, 2 * MIB, 3 * MIB + 17, LARGE};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        start(limits[i]);
        for (uint64_t round = 0; round < 4000; round++) {
            size_t length = next_random(&random_state) % (round % 100 == 0 ? limits[i] : limits[i] / 100 + 10);
            bool fits = cost_of(length) <= limits[i];
            ck_assert(put(next_random(&random_state) % 3000, 1, length) == fits);
            ck_assert_uint_le(stats().bytes, limits[i]);
        }
        ck_assert_uint_eq(stats().limit, limits[i]);
        wtfcb_cache_memory_free(tier);
    }
    tier = NULL;
}
END_TEST

/* Bookkeeping is in the cost of a value: what is really allocated stays near the sum. */
START_TEST(memory_in_use_is_what_is_counted)
{
    const size_t lengths[] = {0, 16, 1000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        start(LARGE);
        long long empty = atomic_load(&memory.live_bytes);
        for (uint64_t key = 0; key < 200000; key++)
            ck_assert(put(key, 1, lengths[i]));
        ck_assert_uint_ge(stats().bytes, LARGE / 10 * 9);
        ck_assert_int_le(atomic_load(&memory.live_bytes) - empty, (long long)stats().bytes);
        wtfcb_cache_memory_free(tier);
    }
    tier = NULL;
}
END_TEST

START_TEST(put_under_a_known_key_replaces_its_value)
{
    size_t cost = cost_of(1000);
    start(4 * cost);
    for (uint64_t key = 0; key < 4; key++)
        ck_assert(put(key, 1, 1000));
    wtfcb_value *old = get(0);
    ck_assert(put(0, 2, 1000));
    ck_assert(has(0, 2));
    ck_assert(is_right(old, 0));
    ck_assert_uint_eq(old->head.created_ms, 1);
    wtfcb_value_free(old);
    ck_assert_uint_eq(stats().entries, 4); /* a full tier replaces without an eviction */
    ck_assert_uint_eq(stats().evictions, 0);
    ck_assert_uint_eq(stats().bytes, 4 * cost);
    ck_assert(put(0, 3, 0));
    ck_assert_uint_eq(stats().bytes, 3 * cost + cost_of(0));
}
END_TEST

START_TEST(value_that_is_put_again_is_held_once)
{
    start(SMALL);
    wtfcb_value *value = make(1, 1, 100);
    ck_assert(wtfcb_cache_memory_put(tier, hash_of(1), value));
    ck_assert(wtfcb_cache_memory_put(tier, hash_of(1), value));
    ck_assert_uint_eq(atomic_load(&value->holds), 2);
    ck_assert_uint_eq(stats().entries, 1);
    ck_assert_uint_eq(stats().bytes, wtfcb_cache_value_cost(value));
    wtfcb_value_free(value);
}
END_TEST

START_TEST(removal_spares_a_value_that_came_since)
{
    const uint64_t key = 1;
    start(SMALL);
    ck_assert(!wtfcb_cache_memory_remove(tier, hash_of(key), &key, sizeof key, NULL));
    ck_assert(put(key, 1, 10));
    wtfcb_value *old = get(key);
    ck_assert(put(key, 2, 10));
    ck_assert(!wtfcb_cache_memory_remove(tier, hash_of(key), &key, sizeof key, old));
    ck_assert(has(key, 2));
    wtfcb_value *now = get(key);
    ck_assert(wtfcb_cache_memory_remove(tier, hash_of(key), &key, sizeof key, now));
    ck_assert_ptr_null(get(key));
    ck_assert_uint_eq(stats().bytes, 0);
    ck_assert_uint_eq(stats().evictions, 0);
    wtfcb_value_free(old);
    wtfcb_value_free(now);
}
END_TEST

static bool is_odd(void *user, const wtfcb_value *value)
{
    uint64_t key;
    memcpy(&key, wtfcb_cache_value_key(value), sizeof key);
    ++*(uint64_t *)user;
    return key % 2 == 1;
}

START_TEST(every_unwanted_value_is_removed_and_no_other)
{
    uint64_t asked = 0;
    start(LARGE);
    ck_assert_uint_eq(wtfcb_cache_memory_remove_if(tier, is_odd, &asked), 0);
    for (uint64_t key = 0; key < 6001; key++)
        ck_assert(put(key, 1, 100));
    ck_assert_uint_eq(wtfcb_cache_memory_remove_if(tier, is_odd, &asked), 3000);
    ck_assert_uint_eq(asked, 6001);
    for (uint64_t key = 0; key < 6001; key++)
        if (has(key, 1) != (key % 2 == 0)) ck_abort_msg("key %llu", (unsigned long long)key);
    ck_assert_uint_eq(stats().entries, 3001);
    ck_assert_uint_eq(stats().bytes, 3001 * cost_of(100));
    for (uint64_t key = 1; key < 6001; key += 2)
        ck_assert(put(key, 2, 100));
    ck_assert_uint_eq(stats().entries, 6001);
}
END_TEST

START_TEST(cleared_tier_is_as_new)
{
    start(LARGE);
    long long empty = atomic_load(&memory.live_bytes);
    for (int round = 0; round < 3; round++) {
        wtfcb_cache_memory_clear(tier);
        ck_assert_int_eq(atomic_load(&memory.live_bytes), empty);
        ck_assert_uint_eq(stats().entries, 0);
        ck_assert_uint_eq(stats().bytes, 0);
        ck_assert_ptr_null(get(1));
        for (uint64_t key = 0; key < 3000; key++)
            ck_assert(put(key, (uint32_t)round, 100));
        ck_assert(has(2999, (uint32_t)round));
    }
}
END_TEST

START_TEST(values_outlive_their_eviction_and_the_tier)
{
    enum { HELD = 20 };
    wtfcb_value *held[HELD];
    start(4 * cost_of(1000));
    for (uint64_t key = 0; key < HELD; key++) {
        ck_assert(put(key, 1, 1000));
        held[key] = get(key);
        ck_assert_ptr_nonnull(held[key]);
    }
    ck_assert_uint_eq(stats().evictions, HELD - 4);
    wtfcb_cache_memory_clear(tier);
    wtfcb_cache_memory_free(tier);
    tier = NULL;
    for (uint64_t key = 0; key < HELD; key++) {
        ck_assert(is_right(held[key], key));
        wtfcb_value_free(held[key]);
    }
}
END_TEST

START_TEST(tier_without_bytes_takes_nothing)
{
    start(0);
    ck_assert(!put(1, 1, 0));
    ck_assert(!put(1, 1, 100));
    ck_assert_ptr_null(get(1));
    ck_assert_uint_eq(stats().entries, 0);
    ck_assert_uint_eq(stats().limit, 0);
}
END_TEST

START_TEST(value_may_take_the_whole_limit_and_not_more)
{
    start(LARGE);
    for (uint64_t key = 0; key < 20000; key++)
        ck_assert(put(key, 1, 1000));
    ck_assert(has(19999, 1));
    size_t length = LARGE - cost_of(0);
    ck_assert_uint_eq(cost_of(length), LARGE);
    ck_assert(!put(19999, 2, length + 8));
    ck_assert(has(19999, 1)); /* one that does not fit leaves what was there */
    ck_assert(put(19999, 3, length));
    ck_assert(has(19999, 3));
    ck_assert_uint_eq(stats().entries, 1);
    ck_assert_uint_eq(stats().bytes, LARGE);
    ck_assert(put(19999, 4, length)); /* in place of itself */
    ck_assert(has(19999, 4));
}
END_TEST

/* What one large value took from all shards comes back to all of them: as many small values are found as before it. */
START_TEST(tier_recovers_from_a_value_that_took_it_all)
{
    const uint64_t round = LARGE / cost_of(1000);
    uint64_t found[2] = {0};
    start(LARGE);
    for (int turn = 0; turn < 2; turn++) {
        for (uint64_t key = 0; key < 3 * round; key++)
            ck_assert(put(key, 1, 1000));
        for (uint64_t key = 3 * round - round / 2; key < 3 * round; key++) /* the newest half of what has room */
            found[turn] += has(key, 1);
        if (turn == 0) {
            ck_assert(put(0, 1, LARGE - cost_of(0)));
            ck_assert_uint_eq(stats().entries, 1);
        }
    }
    ck_assert_uint_eq(found[0], round / 2);
    ck_assert_uint_eq(found[1], round / 2);
    ck_assert_uint_ge(stats().bytes, LARGE / 100 * 98);
}
END_TEST

START_TEST(shard_that_had_everything_leaves_the_others_their_share)
{
    const uint64_t room = LARGE / cost_of(1000);
    start(LARGE);
    for (uint64_t key = 0; key < room; key++) {
        wtfcb_base_hash128 hash = hash_of(key);
        hash.bytes[0] = 0;
        ck_assert(put_hashed(hash, key, 1, 1000));
    }
    ck_assert_uint_eq(stats().evictions, 0);
    uint64_t found = 0;
    for (uint64_t key = room; key < 2 * room; key++)
        ck_assert(put(key, 1, 1000));
    for (uint64_t key = 2 * room - room / 2; key < 2 * room; key++)
        found += has(key, 1);
    ck_assert_uint_eq(found, room / 2);
}
END_TEST

/* Some puts, with every allocation from `fail_at` on refused, or that one alone. */
static void put_with_failures(unsigned long fail_at, bool fail_rest)
{
    enum { BEFORE = 6, KEYS = 60 };
    bool taken[KEYS] = {false};
    start(LARGE);
    for (uint64_t key = 0; key < KEYS; key++) {
        if (key == BEFORE) counting_fail(&memory, fail_at, fail_rest);
        wtfcb_base_hash128 hash = hash_of(key);
        hash.bytes[0] = 0; /* all in one shard */
        taken[key] = put_hashed(hash, key, 1, 100);
        if (key < BEFORE) ck_assert(taken[key]);
    }
    counting_fail(&memory, 0, false);
    uint64_t entries = 0;
    for (uint64_t key = 0; key < KEYS; key++) {
        wtfcb_base_hash128 hash = hash_of(key);
        hash.bytes[0] = 0;
        wtfcb_value *value = wtfcb_cache_memory_get(tier, hash, &key, sizeof key, 0);
        ck_assert(!value == !taken[key]);
        if (value) ck_assert(is_right(value, key));
        wtfcb_value_free(value);
        entries += taken[key];
        ck_assert(put_hashed(hash, key, 2, 100));
    }
    ck_assert_uint_gt(entries, 0);
    ck_assert_uint_eq(stats().entries, KEYS);
    wtfcb_cache_memory_free(tier);
    tier = NULL;
}

START_TEST(tier_that_cannot_grow_keeps_what_it_has)
{
    for (unsigned long fail_at = 1; fail_at < 80; fail_at++) {
        put_with_failures(fail_at, false);
        put_with_failures(fail_at, true);
    }
}
END_TEST

START_TEST(tier_is_not_made_without_memory)
{
    counting_fail(&memory, 1, true);
    ck_assert_int_eq(wtfcb_cache_memory_new(&memory.allocator, LARGE, &tier), WTFCB_ENOMEM);
    ck_assert_ptr_null(tier);
}
END_TEST

enum { THREADS = 8, HOT = 3000, PARTS = 16 };

/* A hammering thread counts what went wrong; the assertions of Check belong to the thread that started it. */
typedef struct hammer {
    uint64_t random;
    uint32_t steps;
    uint64_t wrong;
    uint64_t hits;
    uint64_t refused;
} hammer;

static bool is_unlucky(void *user, const wtfcb_value *value)
{
    return value->head.created_ms % PARTS == *(const uint64_t *)user;
}

static void hammer_rarely(hammer *h)
{
    uint64_t part = next_random(&h->random) % PARTS;
    switch (next_random(&h->random) % 4) {
    case 0: (void)wtfcb_cache_memory_remove_if(tier, is_unlucky, &part); break;
    case 1: wtfcb_cache_memory_clear(tier); break;
    default: h->refused += !put(HOT + part, 1, (4 * MIB / PARTS) * part); break;
    }
}

static void hammer_once(hammer *h, uint32_t step)
{
    uint64_t key = next_random(&h->random) % HOT;
    uint64_t what = next_random(&h->random) % 100;
    wtfcb_value *value = NULL;
    if (what < 50) {
        value = get(key);
    } else if (what < 90) {
        h->refused += !put(key, step, next_random(&h->random) % 4000);
    } else if (what < 99) {
        value = get(key);
        if (value) (void)wtfcb_cache_memory_remove(tier, hash_of(key), &key, sizeof key, value);
    } else if (what == 99 && next_random(&h->random) % 10 == 0) {
        hammer_rarely(h);
    }
    h->hits += value != NULL;
    h->wrong += value && !is_right(value, key);
    wtfcb_value_free(value);
}

static void *run_hammer(void *user)
{
    hammer *h = user;
    for (uint32_t step = 0; step < h->steps; step++) {
        hammer_once(h, step);
        if (step % 64 == 0) {
            wtfcb_cache_memory_stats s = stats();
            h->wrong += s.bytes > s.limit;
        }
    }
    return NULL;
}

START_TEST(eight_threads_get_what_was_put_and_nothing_else)
{
    hammer hammers[THREADS];
    pthread_t threads[THREADS];
    start(4 * MIB);
    for (size_t i = 0; i < THREADS; i++) {
        hammers[i] = (hammer){.random = 1000003 * (i + 1), .steps = wtfcb_test_long() ? 200000 : 20000};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run_hammer, &hammers[i]), 0);
    }
    uint64_t hits = 0;
    for (size_t i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        ck_assert_uint_eq(hammers[i].wrong, 0);
        ck_assert_uint_eq(hammers[i].refused, 0);
        hits += hammers[i].hits;
    }
    ck_assert_uint_gt(hits, THREADS * 100);
    ck_assert_uint_gt(stats().evictions, 0);
    ck_assert_uint_le(stats().bytes, 4 * MIB);
    wtfcb_cache_memory_clear(tier);
    ck_assert_uint_eq(stats().bytes, 0); /* every byte that was reserved was given back */
    ck_assert(put(1, 1, 4 * MIB - cost_of(0)));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("memory");
    TCase *t = tcase_create("memory");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 300);
    tcase_add_test(t, what_is_put_is_found_with_its_bytes);
    tcase_add_test(t, keys_of_one_hash_are_told_apart);
    tcase_add_test(t, value_that_was_used_longest_ago_makes_room);
    tcase_add_test(t, one_shard_does_what_the_simplest_tier_does);
    tcase_add_test(t, value_stays_for_most_of_a_turnover_after_its_last_use);
    tcase_add_test(t, value_in_use_outlives_any_number_of_puts);
    tcase_add_test(t, hits_are_what_the_gets_that_found_something_said);
    tcase_add_test(t, bytes_never_exceed_the_limit);
    tcase_add_test(t, memory_in_use_is_what_is_counted);
    tcase_add_test(t, put_under_a_known_key_replaces_its_value);
    tcase_add_test(t, value_that_is_put_again_is_held_once);
    tcase_add_test(t, removal_spares_a_value_that_came_since);
    tcase_add_test(t, every_unwanted_value_is_removed_and_no_other);
    tcase_add_test(t, cleared_tier_is_as_new);
    tcase_add_test(t, values_outlive_their_eviction_and_the_tier);
    tcase_add_test(t, tier_without_bytes_takes_nothing);
    tcase_add_test(t, value_may_take_the_whole_limit_and_not_more);
    tcase_add_test(t, tier_recovers_from_a_value_that_took_it_all);
    tcase_add_test(t, shard_that_had_everything_leaves_the_others_their_share);
    tcase_add_test(t, tier_that_cannot_grow_keeps_what_it_has);
    tcase_add_test(t, tier_is_not_made_without_memory);
    tcase_add_test(t, eight_threads_get_what_was_put_and_nothing_else);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
