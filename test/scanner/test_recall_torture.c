/*
 * Scans through a cache while memory runs out: the n-th allocation fails, for n = 1 until none is left to fail, once alone and once
 * with all that follow. The result is WTFCB_ENOMEM or what a scan without a cache gives, nothing leaks, and what was remembered
 * meanwhile is right: the next scan through the same cache gives the same.
 */
#include <unistd.h>

#include "../base/counting.h"
#include "recall.h"

static counting memory; /* of the scanner, and of a cache that has no store */
static counting calm;   /* of a cache with a store, whose thread may allocate at any time */
static wtfcb_languages *languages;

enum { EMPTY, WARM, TOTALS, LINES, STREAM, RESCAN, RESTORE, STORED, STORED_WARM, KINDS };

static bool is_stored(int kind)
{
    return kind >= STORED;
}

static void put_tree(bool later)
{
    tree_put("c/list.c", later ? tree_sample_at(0)->text : "int f(void) { return 1; }\n");
    tree_put("c/new.py", later ? "def f():\n    return 1\n" : "x = 1\n");
    if (!later) (void)unlink(tree_path("c/inner/late.c"));
    if (later) tree_put("c/inner/late.c", "int late;\n");
}

static void put_the_rest(void)
{
    tree_put("c/broken.c", "int good(void)\n{\n    return 1;\n}\n\nint bad( { if (] ;\n");
    tree_put("c/inner/a.c", "int a;\n");
    tree_put("page.html", "<html>\n<script>\nlet a = 1;\n</script>\n</html>\n");
    tree_put("doc/read.md", "# Title\n\n```c\nint x;\n```\n");
    tree_put("wide.txt", "text\n");
    tree_put(".gitignore", "*.tmp\n");
}

static int32_t ignore_file(void *user, uint64_t index, const wtfcb_codebase *file)
{
    (void)user;
    (void)index;
    return wtfcb_codebase_file_count(file) != 1;
}

static wtfcb_scanner *make_scanner(int kind, wtfcb_cache *cache)
{
    wtfcb_scanner *scanner = NULL;
    ck_assert_int_eq(wtfcb_scanner_new(&memory.allocator, &scanner), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set_languages(scanner, languages), WTFCB_OK);
    ck_assert_int_eq(
        wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, kind == LINES ? WTFCB_DEPTH_LINES : WTFCB_DEPTH_SYNTAX),
        WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_THREADS, 2), WTFCB_OK);
    if (kind == TOTALS || kind == STREAM)
        ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_KEEP, WTFCB_KEEP_TOTALS), WTFCB_OK);
    if (kind == STREAM) ck_assert_int_eq(wtfcb_scanner_set_visitor(scanner, ignore_file, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set_cache(scanner, cache), WTFCB_OK);
    return scanner;
}

static wtfcb_cache *make_cache(int kind)
{
    wtfcb_cache *cache = NULL;
    ck_assert_int_eq(wtfcb_cache_new(is_stored(kind) ? &calm.allocator : &memory.allocator, &cache), WTFCB_OK);
    if (!is_stored(kind)) return cache;
    ck_assert_int_eq(wtfcb_cache_open(cache, recall_directory(), NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_clear(cache, NULL), WTFCB_OK);
    return cache;
}

static wtfcb_status scan(wtfcb_scanner *scanner, int kind, wtfcb_codebase *before, wtfcb_codebase **ret_codebase,
                         wtfcb_error *error)
{
    static const char *const paths[] = {"c/list.c", "c/new.py", "c/inner"};
    if (kind == RESCAN) return wtfcb_scanner_rescan(scanner, before, paths, 3, ret_codebase, error);
    if (kind == RESTORE) return wtfcb_scanner_restore(scanner, tree_root(), ret_codebase, error);
    return wtfcb_scanner_scan(scanner, tree_root(), ret_codebase, error);
}

/* What a scan without a cache gives. */
static char *expected_of(int kind)
{
    wtfcb_scanner *scanner = make_scanner(kind, NULL);
    wtfcb_codebase *codebase = tree_scan(scanner);
    char *text = dump_codebase(codebase);
    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
    return text;
}

/* A row says that memory, or what the cache knew, was missing. */
static bool is_incomplete(int kind, const wtfcb_codebase *codebase)
{
    wtfcb_file file;
    wtfcb_status sign = kind == RESTORE ? WTFCB_ENOTFOUND : WTFCB_ENOMEM;
    for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &file, sizeof file) == WTFCB_OK; i++)
        if (file.status == sign || file.status == WTFCB_ENOMEM) return true;
    return wtfcb_codebase_file_count(codebase) == 0 && tree_totals(codebase).failed > 0;
}

static void check_result(int kind, wtfcb_status status, wtfcb_codebase *codebase, const wtfcb_error *error,
                         const char *expected, unsigned long n)
{
    if (status != WTFCB_OK) {
        ck_assert_msg(status == WTFCB_ENOMEM, "allocation %lu: %s", n, wtfcb_status_name(status));
        ck_assert_ptr_null(codebase);
        ck_assert_msg(error->status == WTFCB_ENOMEM && error->message[0], "allocation %lu: no words", n);
        return;
    }
    char what[64];
    snprintf(what, sizeof what, "kind %d, allocation %lu", kind, n);
    if (!is_incomplete(kind, codebase)) dump_assert_equal(dump_codebase(codebase), strdup(expected), what);
    wtfcb_codebase_free(codebase);
}

/* One round; false when no allocation failed any more. */
static bool fail_allocation(int kind, unsigned long n, bool rest, const char *expected)
{
    counting_init(&memory);
    counting_init(&calm);
    wtfcb_codebase *before = NULL, *codebase = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_cache *cache = make_cache(kind);
    wtfcb_scanner *scanner = make_scanner(kind, cache);
    if (kind != EMPTY && kind != STORED) {
        put_tree(kind == RESTORE);
        before = tree_scan(scanner);
        put_tree(true);
    }
    counting_fail(&memory, n, rest);
    wtfcb_status status = scan(scanner, kind, before, &codebase, &error);
    bool failed = atomic_load(&memory.failed) > 0;
    counting_fail(&memory, 0, false);
    check_result(kind, status, codebase, &error, expected, n);
    for (int i = 0; i < 2; i++) { /* what it has remembered, and what that scan remembers */
        codebase = tree_scan(scanner);
        dump_assert_equal(dump_codebase(codebase), strdup(expected), "afterwards");
        wtfcb_codebase_free(codebase);
    }
    wtfcb_codebase_free(before);
    wtfcb_scanner_free(scanner);
    wtfcb_cache_free(cache);
    counting_assert_clean(&memory);
    counting_assert_clean(&calm);
    return failed;
}

START_TEST(scan_through_a_cache_survives_every_allocation_that_fails)
{
    const int kind = _i / 2;
    recall_begin();
    recall_ahead_ns = INT64_C(60) * 1000000000;
    put_the_rest();
    put_tree(true);
    counting_init(&memory);
    ck_assert_int_eq(wtfcb_languages_new(NULL, &languages), WTFCB_OK);
    char *expected = expected_of(kind);
    int descriptors = tree_open_descriptors(), threads = tree_threads();
    /* One in a few is enough for a quick look, and from round to round all of them come up. */
    const unsigned long stride = (wtfcb_test_long() ? 1 : 3) * TREE_SLOWDOWN;
    unsigned long n = 1 + (unsigned long)_i % stride;
    while (fail_allocation(kind, n, _i % 2, expected)) {
        n += stride;
        ck_assert_uint_lt(n, 20000);
    }
    ck_assert_uint_gt(n, 10);
    ck_assert_int_eq(tree_open_descriptors(), descriptors);
    for (int i = 0; i < 1000 && tree_threads() != threads; i++)
        (void)usleep(1000);
    ck_assert_int_eq(tree_threads(), threads);
    if (wtfcb_test_long()) printf("kind %d: %lu allocations\n", kind, n - 1);
    free(expected);
    wtfcb_languages_free(languages);
    recall_end();
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("recall torture");
    TCase *t = tcase_create("torture");
    tcase_add_loop_test(t, scan_through_a_cache_survives_every_allocation_that_fails, 0, 2 * KINDS);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
