/*
 * A program that runs for days: edit after edit is rescanned or scanned through one store, and memory, descriptors, threads and
 * the store's file stay where they were after the first rounds.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "recall.h"

enum { FILES = 12, VERSIONS = 16 };

static wtfcb_cache *cache;
static wtfcb_languages *languages;
static wtfcb_scanner *scanner;

static void begin(void)
{
    recall_begin();
    recall_ahead_ns = INT64_C(60) * 1000000000;
    tree_put_samples();
    ck_assert_int_eq(wtfcb_languages_new(NULL, &languages), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_new(NULL, &cache), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_set_option(cache, WTFCB_CACHE_SIZE, 4 << 20), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_set_option(cache, WTFCB_CACHE_MEMORY, 256 << 10), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_open(cache, recall_directory(), NULL), WTFCB_OK);
    scanner = recall_scanner(WTFCB_DEPTH_SYNTAX, cache);
    ck_assert_int_eq(wtfcb_scanner_set_languages(scanner, languages), WTFCB_OK);
}

static void finish(void)
{
    wtfcb_scanner_free(scanner);
    wtfcb_languages_free(languages);
    wtfcb_cache_free(cache);
    recall_end();
}

/* What a process holds. */
typedef struct holding {
    long memory_kb;
    int descriptors;
    int threads;
    uint64_t store_bytes;
    uint64_t store_entries;
} holding;

static long resident_kb(void)
{
    char line[256];
    long kb = 0;
    FILE *file = fopen("/proc/self/status", "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "VmRSS: %ld", &kb) == 1) break;
    fclose(file);
    return kb;
}

static holding look(void)
{
    wtfcb_cache_stats stats;
    ck_assert_int_eq(wtfcb_cache_sync(cache, 0, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_get_stats(cache, &stats, sizeof stats), WTFCB_OK);
    ck_assert_int_eq(stats.status, WTFCB_OK);
    ck_assert_int_eq(stats.write_status, WTFCB_OK);
    return (holding){resident_kb(), tree_open_descriptors(), tree_threads(), stats.store_file_bytes,
                     stats.store_entries};
}

/* A pool's threads leave a moment after it is freed. */
static void wait_for_threads(int threads)
{
    for (int i = 0; i < 1000 && tree_threads() > threads; i++)
        (void)usleep(1000);
}

/* `version` decides about the content, and about which of the files are there at all. */
static size_t edit(int round, int version, char names[][32], const char *paths[])
{
    size_t count = 0;
    for (int k = 0; k < 3; k++) {
        char text[128];
        snprintf(names[count], sizeof names[0], "c/edited%02d.c", (round * 5 + k) % FILES);
        snprintf(text, sizeof text, "int f%08d(int a) { return a ? %d : %d; }\n", version, version, k);
        if ((round + k) % 7 == 0)
            (void)unlink(tree_path(names[count]));
        else
            tree_put(names[count], text);
        paths[count] = names[count];
        count++;
    }
    return count;
}

static int rounds(void)
{
    return (wtfcb_test_long() ? 1000 : 50) / TREE_SLOWDOWN + 10;
}

/* Live through so many rounds; what is held after the first third and at the end. */
static void live(bool always_new, holding *ret_early, holding *ret_late)
{
    const int first = rounds() / 3;
    wtfcb_codebase *at = tree_scan(scanner);
    for (int round = 0; round < rounds(); round++) {
        char names[3][32];
        const char *paths[3];
        size_t count = edit(round, always_new ? round : round % VERSIONS, names, paths);
        wtfcb_codebase *next = NULL;
        ck_assert_int_eq(wtfcb_scanner_rescan(scanner, at, paths, count, &next, NULL), WTFCB_OK);
        wtfcb_codebase *scanned = tree_scan(scanner);
        dump_assert_equal(dump_codebase(next), dump_codebase(scanned), "rescan and scan through the cache");
        wtfcb_codebase_free(round % 2 ? next : scanned);
        wtfcb_codebase_free(at);
        at = round % 2 ? scanned : next;
        if (round == first) *ret_early = look();
    }
    wait_for_threads(ret_early->threads);
    *ret_late = look();
    wtfcb_codebase *cold = tree_scan_at(WTFCB_DEPTH_SYNTAX);
    dump_assert_equal(dump_codebase(at), dump_codebase(cold), "at the end");
    wtfcb_codebase_free(cold);
    wtfcb_codebase_free(at);
}

static void assert_level(const holding *early, const holding *late)
{
    if (wtfcb_test_long())
        printf("%d rounds: %ld KiB, then %ld KiB; %d descriptors, %d threads; store %d KiB, then %d KiB\n", rounds(),
               early->memory_kb, late->memory_kb, late->descriptors, late->threads, (int)(early->store_bytes >> 10),
               (int)(late->store_bytes >> 10));
    ck_assert_int_eq(late->descriptors, early->descriptors);
    ck_assert_int_le(late->threads, early->threads);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    /* The store's mapped pages count as memory, too. */
    ck_assert_int_le(late->memory_kb, early->memory_kb + 3072 + (long)(late->store_bytes - early->store_bytes) / 1024);
#endif
}

START_TEST(edits_that_come_again_take_no_more_room)
{
    holding early, late;
    live(false, &early, &late);
    assert_level(&early, &late);
    ck_assert_uint_le(late.store_bytes, early.store_bytes + (256 << 10));
    ck_assert_uint_le(late.store_entries, early.store_entries + VERSIONS * FILES * 3u);
}
END_TEST

START_TEST(edits_that_are_always_new_stay_within_the_size_of_the_store)
{
    holding early, late;
    live(true, &early, &late);
    assert_level(&early, &late);
    ck_assert_uint_le(late.store_bytes, 4 << 20);
}
END_TEST

START_TEST(cache_that_is_opened_again_and_again_takes_no_more_room)
{
    wtfcb_codebase_free(tree_scan(scanner));
    holding early = look();
    for (int round = 0; round < rounds() / 2; round++) {
        char names[3][32];
        const char *paths[3];
        (void)edit(round, round % VERSIONS, names, paths);
        wtfcb_cache *other = recall_cache();
        wtfcb_scanner *another = recall_scanner(WTFCB_DEPTH_SYNTAX, other);
        ck_assert_int_eq(wtfcb_scanner_set_languages(another, languages), WTFCB_OK);
        wtfcb_codebase_free(tree_scan(another));
        wtfcb_scanner_free(another);
        wtfcb_cache_free(other);
        if (round == rounds() / 6) early = look();
    }
    wait_for_threads(early.threads);
    holding late = look();
    assert_level(&early, &late);
    ck_assert_uint_le(late.store_bytes, early.store_bytes + (512 << 10));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("recall, long use");
    TCase *t = tcase_create("long");
    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_test(t, edits_that_come_again_take_no_more_room);
    tcase_add_test(t, edits_that_are_always_new_stay_within_the_size_of_the_store);
    tcase_add_test(t, cache_that_is_opened_again_and_again_takes_no_more_room);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
