/* One directory through several roots: what a row says depends on its path below the root, and what is remembered may not. */
#include <unistd.h>

#include "recall.h"

static wtfcb_cache *cache;

static void begin(void)
{
    recall_begin();
    recall_ahead_ns = INT64_C(60) * 1000000000;
    tree_put("vendor/lib/a.c", "int vendored;\n");
    tree_put("docs/read.c", "int documented;\n");
    tree_put("docs/notes/read.html", "<html><script>\nlet a = 1;\n</script></html>\n");
    tree_put("plain/a.c", "int plain;\n");
    cache = recall_cache();
}

static void finish(void)
{
    wtfcb_cache_free(cache);
    recall_end();
}

/* Scan a directory of the tree with the cache and without, and restore it; they must be equal. */
static void scan_both(const char *below, int64_t keep, int64_t skip)
{
    wtfcb_codebase *codebases[2], *restored = NULL;
    for (int i = 0; i < 2; i++) {
        wtfcb_scanner *scanner = recall_scanner(WTFCB_DEPTH_SYNTAX, i == 0 ? cache : NULL);
        ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_KEEP, keep), WTFCB_OK);
        ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_SKIP, skip), WTFCB_OK);
        ck_assert_int_eq(wtfcb_scanner_scan(scanner, tree_path(below), &codebases[i], NULL), WTFCB_OK);
        if (i == 0) ck_assert_int_eq(wtfcb_scanner_restore(scanner, tree_path(below), &restored, NULL), WTFCB_OK);
        wtfcb_scanner_free(scanner);
    }
    dump_assert_equal(dump_codebase(restored), dump_codebase(codebases[0]), "restored");
    dump_assert_equal(dump_codebase(codebases[0]), dump_codebase(codebases[1]), below);
    wtfcb_codebase_free(restored);
    wtfcb_codebase_free(codebases[0]);
    wtfcb_codebase_free(codebases[1]);
}

static const char *const roots[] = {"", "vendor", "vendor/lib", "docs", "docs/notes", "plain"};
enum { ROOTS = sizeof roots / sizeof *roots };

START_TEST(rows_of_a_directory_are_those_of_its_root_in_any_order_of_roots)
{
    const int64_t keep = _i % 2 ? WTFCB_KEEP_TOTALS : WTFCB_KEEP_ALL;
    const int64_t skip = _i % 4 > 1 ? WTFCB_FILE_VENDORED : 0;
    for (int round = 0; round < 2; round++)
        for (int k = 0; k < ROOTS; k++)
            scan_both(roots[_i < 4 ? k : ROOTS - 1 - k], keep, skip);
}
END_TEST

START_TEST(rows_of_a_listed_directory_are_those_of_its_path_in_the_list)
{
    static const char *const lists[][2] = {{"vendor", "docs"}, {"lib", "."}, {"./vendor/lib", "plain"}};
    static const char *const bases[] = {"", "vendor", ""};
    for (int round = 0; round < 6; round++) {
        wtfcb_codebase *codebases[2];
        for (int i = 0; i < 2; i++) {
            wtfcb_scanner *scanner = recall_scanner(WTFCB_DEPTH_SYNTAX, i == 0 ? cache : NULL);
            ck_assert_int_eq(
                wtfcb_scanner_scan_list(scanner, tree_path(bases[round % 3]), lists[round % 3], 2, &codebases[i], NULL),
                WTFCB_OK);
            wtfcb_scanner_free(scanner);
        }
        dump_assert_equal(dump_codebase(codebases[0]), dump_codebase(codebases[1]), lists[round % 3][0]);
        wtfcb_codebase_free(codebases[0]);
        wtfcb_codebase_free(codebases[1]);
    }
}
END_TEST

START_TEST(root_that_is_a_link_is_the_directory_that_it_leads_to)
{
    tree_link("plain", "linked");
    scan_both("plain", WTFCB_KEEP_ALL, 0);
    scan_both("linked", WTFCB_KEEP_ALL, 0);
    (void)unlink(tree_path("linked"));
    tree_link("vendor", "linked");
    scan_both("linked", WTFCB_KEEP_ALL, 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("recall roots");
    TCase *t = tcase_create("roots");
    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_loop_test(t, rows_of_a_directory_are_those_of_its_root_in_any_order_of_roots, 0, 8);
    tcase_add_test(t, rows_of_a_listed_directory_are_those_of_its_path_in_the_list);
    tcase_add_test(t, root_that_is_a_link_is_the_directory_that_it_leads_to);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
