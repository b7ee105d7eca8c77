/* Totals alone through a cache: no row stands for a file that is as it was, so all that its row would add has to be added otherwise. */
#include <unistd.h>

#include "recall.h"

static wtfcb_cache *cache;

static void begin(void)
{
    recall_begin();
    recall_ahead_ns = INT64_C(60) * 1000000000;
    tree_put("page.html",
             "<html>\n<script>\n// c\nlet a = 1;\n</script>\n<style>\nb { color: red }\n</style>\n</html>\n");
    tree_put("read.md", "# Title\n\n```c\nint f(void) { return 1; }\n/* c */\n```\n");
    tree_put("a.c", "int g(void) { return 2; }\n");
    cache = recall_cache();
}

static void finish(void)
{
    wtfcb_cache_free(cache);
    recall_end();
}

static wtfcb_codebase *totals_of(int64_t depth, wtfcb_cache *with)
{
    wtfcb_scanner *scanner = recall_scanner(depth, with);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_KEEP, WTFCB_KEEP_TOTALS), WTFCB_OK);
    wtfcb_codebase *codebase = tree_scan(scanner);
    wtfcb_scanner_free(scanner);
    return codebase;
}

/* Totals through the cache are those without it. Returns how many files were read. */
static uint64_t assert_totals(int64_t depth, const char *what)
{
    wtfcb_codebase *warm = totals_of(depth, cache), *cold = totals_of(depth, NULL);
    dump_assert_equal(dump_codebase(warm), dump_codebase(cold), what);
    wtfcb_scan_stats stats = tree_stats(warm);
    ck_assert_uint_eq(stats.files_walked, tree_stats(cold).files_walked);
    ck_assert_uint_eq(stats.files_read + stats.hits_unchanged, stats.files_walked);
    wtfcb_codebase_free(warm);
    wtfcb_codebase_free(cold);
    return stats.files_read;
}

/* So are totals from the cache alone. */
static void assert_restored(int64_t depth)
{
    wtfcb_codebase *cold = totals_of(depth, NULL), *restored = NULL;
    wtfcb_scanner *scanner = recall_scanner(depth, cache);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_KEEP, WTFCB_KEEP_TOTALS), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_restore(scanner, tree_root(), &restored, NULL), WTFCB_OK);
    dump_assert_equal(dump_codebase(restored), dump_codebase(cold), "restored");
    wtfcb_scanner_free(scanner);
    wtfcb_codebase_free(restored);
    wtfcb_codebase_free(cold);
}

static void check_life(int64_t depth)
{
    ck_assert_uint_eq(assert_totals(depth, "first"), 3);
    ck_assert_uint_eq(assert_totals(depth, "second"), 0);
    assert_restored(depth);
    tree_put("a.c", "int longer_name(void) { return 2; }\n");
    ck_assert_uint_eq(assert_totals(depth, "one edited"), 1);
    tree_put("new.c", "int h;\n");
    ck_assert_uint_eq(assert_totals(depth, "one new"), 1);
    (void)unlink(tree_path("a.c"));
    ck_assert_uint_eq(assert_totals(depth, "one gone"), 0);
    ck_assert_uint_eq(assert_totals(depth, "last"), 0);
}

START_TEST(parts_in_unchanged_files_count_beside_files_that_changed)
{
    check_life(_i);
}
END_TEST

START_TEST(parts_in_files_without_a_grammar_count_too)
{
    char *empty = wtfcb_test_directory();
    ck_assert_int_eq(setenv("WTFCB_GRAMMAR_PATH", empty, 1), 0);
    wtfcb_codebase *codebase = totals_of(WTFCB_DEPTH_SYNTAX, NULL);
    ck_assert_uint_gt(tree_totals(codebase).failed, 0);
    wtfcb_codebase_free(codebase);
    check_life(WTFCB_DEPTH_SYNTAX);
    free(empty);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("recall totals");
    TCase *t = tcase_create("totals");
    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_loop_test(t, parts_in_unchanged_files_count_beside_files_that_changed, WTFCB_DEPTH_LINES,
                        WTFCB_DEPTH_SYNTAX + 1);
    tcase_add_test(t, parts_in_files_without_a_grammar_count_too);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
