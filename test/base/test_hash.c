/* The content hash is XXH3-128 in the order that xxhsum prints. */
#include "base/hash.h"

#include <xxhash.h>

#include "../test.h"

static void print(wtfcb_base_hash128 hash, char text[33])
{
    for (size_t i = 0; i < 16; i++)
        snprintf(text + 2 * i, 3, "%02x", hash.bytes[i]);
}

/* `xxhsum -H128` of nothing, of "abc" and of "a" 1,000 times. */
START_TEST(hash_equals_what_xxhsum_prints)
{
    static char thousand[1000];
    memset(thousand, 'a', sizeof thousand);
    const struct {
        const char *bytes;
        size_t length;
        const char *hash;
    } known[] = {
        {"", 0, "99aa06d3014798d86001c324468d497f"},
        {"abc", 3, "06b05ab6733a618578af5f94892f3950"},
        {thousand, sizeof thousand, "b01da365eddaa29cb3e7af627147db7c"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char text[33];
        print(wtfcb_base_hash(known[i].bytes, known[i].length), text);
        ck_assert_str_eq(text, known[i].hash);
    }
}
END_TEST

START_TEST(hash_of_every_length_is_the_high_half_then_the_low_half_big_endian)
{
    static unsigned char bytes[3000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 2654435761u >> 13);
    for (size_t length = 0; length < sizeof bytes; length += length < 300 ? 1 : 97) {
        XXH128_hash_t expected = XXH3_128bits(bytes, length);
        wtfcb_base_hash128 hash = wtfcb_base_hash(bytes, length);
        uint64_t high = 0;
        uint64_t low = 0;
        for (size_t i = 0; i < 8; i++) {
            high = high << 8 | hash.bytes[i];
            low = low << 8 | hash.bytes[8 + i];
        }
        ck_assert(high == expected.high64 && low == expected.low64);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("hash");
    TCase *t = tcase_create("hash");
    tcase_add_test(t, hash_equals_what_xxhsum_prints);
    tcase_add_test(t, hash_of_every_length_is_the_high_half_then_the_low_half_big_endian);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
