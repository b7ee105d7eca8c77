/*
 * What a hit in the cache's memory tier costs: 100,000 keys of 16 bytes, values of 1 KiB, random order, one thread, each value given
 * back at once.
 *
 *     cache_memory [ROUNDS]
 *
 * A round takes the modes in turn, 100,000 lookups each, so that a change of the machine's speed meets all of them. The floor is the hash
 * of the key, one load from an array of pointers by it, and a comparison of the key in the same values: no lock, no counter, no order of use.
 * wtfcb_cache_get() is the public call, on a cache of its own with values like these.
 * Printed: nanoseconds for one lookup, minimum and median over the rounds.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <wtfcb/cache.h>

#include "base/memory.h"
#include "cache/memory.h"
#include "rounds.h"

enum { KEYS = 100000, LENGTH = 1024, LOOKUPS = 100000, PLACES = 1 << 18, MOST_ROUNDS = 999 };

typedef struct key {
    char bytes[16];
} key;

static key keys[KEYS];
static uint32_t order[LOOKUPS];
static wtfcb_value *places[PLACES];
static wtfcb_cache_memory *tier;
static wtfcb_cache *cache;

static uint64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t next_random(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static uint32_t place_of(wtfcb_base_hash128 hash)
{
    uint32_t bits;
    memcpy(&bits, hash.bytes + 8, sizeof bits);
    return bits % PLACES;
}

static bool fill(void)
{
    static char bytes[LENGTH];
    const wtfcb_allocator allocator = wtfcb_base_allocator(NULL);
    if (wtfcb_cache_memory_new(&allocator, UINT64_C(1) << 30, &tier) != WTFCB_OK) return false;
    for (uint32_t i = 0; i < KEYS; i++) {
        (void)snprintf(keys[i].bytes, sizeof keys[i].bytes, "key-%011" PRIu32, i);
        const wtfcb_cache_value_parts parts = {
            .key = keys[i].bytes, .key_length = sizeof(key), .bytes = bytes, .length = LENGTH};
        wtfcb_value *value;
        if (wtfcb_cache_value_make(&allocator, &parts, &value) != WTFCB_OK) return false;
        wtfcb_base_hash128 hash = wtfcb_base_hash(keys[i].bytes, sizeof(key));
        if (!wtfcb_cache_memory_put(tier, hash, value)) return false;
        uint32_t at = place_of(hash);
        wtfcb_value_free(places[at]);
        places[at] = value;
    }
    if (wtfcb_cache_new(NULL, &cache) != WTFCB_OK ||
        wtfcb_cache_set_option(cache, WTFCB_CACHE_MEMORY, INT64_C(1) << 30) != WTFCB_OK)
        return false;
    for (uint32_t i = 0; i < KEYS; i++)
        if (wtfcb_cache_put(cache, keys[i].bytes, sizeof(key), bytes, LENGTH, NULL) != WTFCB_OK) return false;
    for (uint32_t i = 0; i < LOOKUPS; i++)
        order[i] = (uint32_t)(next_random() % KEYS);
    return true;
}

/* Keys that share a place are compared with the value of the last: nothing is searched. */
static uint64_t floor_lookup(const key *k)
{
    const wtfcb_value *value = places[place_of(wtfcb_base_hash(k->bytes, sizeof *k))];
    return memcmp(wtfcb_cache_value_key(value), k->bytes, sizeof *k) == 0;
}

static uint64_t tier_lookup(const key *k)
{
    wtfcb_value *value = wtfcb_cache_memory_get(tier, wtfcb_base_hash(k->bytes, sizeof *k), k->bytes, sizeof *k, 0);
    wtfcb_value_free(value);
    return value != NULL;
}

static uint64_t cache_lookup(const key *k)
{
    wtfcb_value *value;
    if (wtfcb_cache_get(cache, k->bytes, sizeof *k, &value) != WTFCB_OK) return 0;
    wtfcb_value_free(value);
    return 1;
}

static uint64_t hash_alone(const key *k)
{
    return wtfcb_base_hash(k->bytes, sizeof *k).bytes[0] != 0;
}

/* One after the other: each key is read from memory too, as a caller's would be. */
static double measure(uint64_t (*lookup)(const key *k), uint64_t at_least)
{
    uint64_t found = 0;
    uint64_t begin = now_ns();
    for (uint32_t i = 0; i < LOOKUPS; i++)
        found += lookup(&keys[order[i]]);
    uint64_t taken = now_ns() - begin;
    if (found < at_least) {
        (void)fprintf(stderr, "cache_memory: %" PRIu64 " found\n", found);
        exit(1);
    }
    return (double)taken / LOOKUPS;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        uint64_t (*lookup)(const key *k);
        uint64_t at_least;
    } modes[] = {
        {"hash", hash_alone, LOOKUPS / 2},
        {"floor: hash, array, key", floor_lookup, LOOKUPS / 2},
        {"memory tier, hit", tier_lookup, LOOKUPS},
        {"wtfcb_cache_get()", cache_lookup, LOOKUPS},
    };
    enum { MODES = sizeof modes / sizeof *modes };
    static double taken[MODES][MOST_ROUNDS];
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 99;
    if (rounds < 1 || rounds > MOST_ROUNDS) return 2;
    if (!fill()) return 3;
    for (long round = 0; round < rounds; round++)
        for (size_t i = 0; i < MODES; i++)
            taken[i][round] = measure(modes[i].lookup, modes[i].at_least);
    for (size_t i = 0; i < MODES; i++)
        print_rounds(modes[i].name, taken[i], (size_t)rounds);
    for (size_t i = 0; i < MODES; i++) {
        qsort(taken[i], (size_t)rounds, sizeof **taken, compare);
        printf("%-24s  min %6.1f ns  median %6.1f ns\n", modes[i].name, taken[i][0], taken[i][rounds / 2]);
    }
    wtfcb_cache_memory_free(tier);
    wtfcb_cache_free(cache);
    for (size_t i = 0; i < PLACES; i++)
        wtfcb_value_free(places[i]);
    return 0;
}
