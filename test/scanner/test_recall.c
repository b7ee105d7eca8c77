/* Scans through a cache: what is read, what is not, and that nobody can tell by the rows. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <wtfcb/diff.h>

#include "recall.h"

static const int64_t later = INT64_C(60) * 1000000000; /* files of just now seem a minute old */

static wtfcb_cache *cache;
static wtfcb_scanner *scanner;

static void begin(void)
{
    recall_begin();
    tree_put_samples();
    tree_put("notes/read.md", "# Title\n\n```c\nint f(void) { return 1; }\n```\n");
    tree_put("page.html", "<html><script>\nlet a = 1;\n</script></html>\n");
    recall_ahead_ns = later;
    cache = recall_cache();
    scanner = recall_scanner(WTFCB_DEPTH_SYNTAX, cache);
}

static void finish(void)
{
    wtfcb_scanner_free(scanner);
    wtfcb_cache_free(cache);
    recall_end();
}

static uint64_t origin_count(const wtfcb_codebase *codebase, uint32_t origin)
{
    wtfcb_file file;
    uint64_t count = 0;
    for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &file, sizeof file) == WTFCB_OK; i++)
        count += file.origin == origin;
    return count;
}

/* Scan until everything is remembered: a first time, and once more for what was read while it was written. */
static void warm_up(int64_t depth)
{
    wtfcb_codebase_free(recall_scan_equal(scanner, depth, "first scan"));
    ck_assert_int_eq(wtfcb_cache_sync(cache, 0, NULL), WTFCB_OK);
}

START_TEST(scan_of_an_unchanged_tree_reads_no_file_and_parses_none)
{
    warm_up(WTFCB_DEPTH_SYNTAX);
    wtfcb_codebase *codebase = recall_scan_equal(scanner, WTFCB_DEPTH_SYNTAX, "second scan");
    wtfcb_scan_stats stats = tree_stats(codebase);
    ck_assert_uint_eq(stats.files_read, 0);
    ck_assert_uint_eq(stats.files_parsed, 0);
    ck_assert_uint_eq(stats.hits_unchanged, stats.files_walked);
    ck_assert_uint_eq(origin_count(codebase, WTFCB_ORIGIN_UNCHANGED), wtfcb_codebase_file_count(codebase));
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(scan_at_the_level_of_lines_remembers_too_and_apart)
{
    warm_up(WTFCB_DEPTH_SYNTAX);
    wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_LINES);
    wtfcb_codebase *first = recall_scan_equal(scanner, WTFCB_DEPTH_LINES, "first scan of lines");
    ck_assert_uint_gt(tree_stats(first).files_read, 0);
    wtfcb_codebase *second = recall_scan_equal(scanner, WTFCB_DEPTH_LINES, "second scan of lines");
    ck_assert_uint_eq(tree_stats(second).files_read, 0);
    wtfcb_codebase_free(first);
    wtfcb_codebase_free(second);
}
END_TEST

START_TEST(totals_alone_are_the_same_and_read_no_file)
{
    warm_up(WTFCB_DEPTH_SYNTAX);
    wtfcb_scanner_set(scanner, WTFCB_SCANNER_KEEP, WTFCB_KEEP_TOTALS);
    wtfcb_codebase *warm = tree_scan(scanner);
    wtfcb_scanner *other = tree_scanner(WTFCB_DEPTH_SYNTAX, 2);
    wtfcb_scanner_set(other, WTFCB_SCANNER_KEEP, WTFCB_KEEP_TOTALS);
    wtfcb_codebase *cold = tree_scan(other);
    dump_assert_equal(dump_codebase(warm), dump_codebase(cold), "totals");
    ck_assert_uint_eq(tree_stats(warm).files_read, 0);
    ck_assert_uint_eq(tree_stats(warm).files_walked, tree_stats(cold).files_walked);
    wtfcb_codebase_free(warm);
    wtfcb_codebase_free(cold);
    wtfcb_scanner_free(other);
}
END_TEST

START_TEST(an_edited_file_alone_is_read_and_parsed)
{
    warm_up(WTFCB_DEPTH_SYNTAX);
    tree_put("notes/more.c", "int g(void) { return 2; }\n");
    wtfcb_codebase *codebase = recall_scan_equal(scanner, WTFCB_DEPTH_SYNTAX, "after an edit");
    ck_assert_uint_eq(tree_stats(codebase).files_read, 1);
    ck_assert_uint_eq(tree_stats(codebase).files_parsed, 1);
    ck_assert_uint_eq(tree_file(codebase, "notes/more.c").origin, WTFCB_ORIGIN_PARSED);
    wtfcb_codebase_free(codebase);
    codebase = recall_scan_equal(scanner, WTFCB_DEPTH_SYNTAX, "and once more");
    ck_assert_uint_eq(tree_stats(codebase).files_read, 0);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(a_copy_under_another_name_is_read_and_not_parsed)
{
    tree_put("a.c", "int g(void) { return 2; }\n");
    warm_up(WTFCB_DEPTH_SYNTAX);
    tree_put("elsewhere/b.c", "int g(void) { return 2; }\n");
    wtfcb_codebase *codebase = recall_scan_equal(scanner, WTFCB_DEPTH_SYNTAX, "after a copy");
    ck_assert_uint_eq(tree_stats(codebase).files_parsed, 0);
    ck_assert_uint_eq(tree_file(codebase, "elsewhere/b.c").origin, WTFCB_ORIGIN_CONTENT);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(a_young_file_is_hashed_again_and_not_parsed)
{
    recall_ahead_ns = 0;
    warm_up(WTFCB_DEPTH_SYNTAX);
    wtfcb_codebase *codebase = recall_scan_equal(scanner, WTFCB_DEPTH_SYNTAX, "at once");
    ck_assert_uint_gt(tree_stats(codebase).files_read, 0);
    ck_assert_uint_eq(tree_stats(codebase).files_parsed, 0);
    wtfcb_codebase_free(codebase);
}
END_TEST

static void assert_miss(const char *path, uint32_t reason)
{
    wtfcb_miss miss;
    memset(&miss, 1, sizeof miss);
    ck_assert_int_eq(wtfcb_scanner_explain_miss(scanner, tree_path(path), &miss, sizeof miss), WTFCB_OK);
    ck_assert_msg(miss.reason == reason, "%s: %s", path, wtfcb_miss_name(miss.reason));
    ck_assert_str_eq(miss.path, reason == WTFCB_MISS_NONE ? "" : tree_path(path));
}

START_TEST(why_a_file_would_be_read_is_told_before_it_is)
{
    warm_up(WTFCB_DEPTH_SYNTAX);
    tree_put("notes/more.c", "int g(void) { return 2; }\n");
    assert_miss("notes/more.c", WTFCB_MISS_NEVER_SEEN);
    wtfcb_codebase_free(tree_scan(scanner));
    assert_miss("notes/more.c", WTFCB_MISS_NONE);
    tree_put("notes/more.c", "int g(void) { return 33; }\n");
    assert_miss("notes/more.c", WTFCB_MISS_CHANGED);
    recall_ahead_ns = 0;
    wtfcb_codebase_free(tree_scan(scanner));
    assert_miss("notes/more.c", WTFCB_MISS_UNTRUSTED);
    wtfcb_miss miss = {.reason = 77};
    ck_assert_int_eq(wtfcb_scanner_explain_miss(scanner, tree_path("notes/none.c"), &miss, sizeof miss),
                     WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_scanner_explain_miss(scanner, tree_path("notes"), &miss, sizeof miss), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_scanner_explain_miss(scanner, NULL, &miss, sizeof miss), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_set_cache(scanner, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_explain_miss(scanner, tree_path("notes/more.c"), &miss, sizeof miss),
                     WTFCB_ENOTFOUND);
    ck_assert_uint_eq(miss.reason, 77);
}
END_TEST

START_TEST(the_store_serves_another_process_as_it_serves_this_one)
{
    warm_up(WTFCB_DEPTH_SYNTAX);
    wtfcb_scanner_free(scanner);
    wtfcb_cache_free(cache);
    cache = recall_cache();
    scanner = recall_scanner(WTFCB_DEPTH_SYNTAX, cache);
    wtfcb_codebase *codebase = recall_scan_equal(scanner, WTFCB_DEPTH_SYNTAX, "opened again");
    ck_assert_uint_eq(tree_stats(codebase).files_read, 0);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(memory_alone_serves_without_a_store)
{
    wtfcb_cache *memory = NULL;
    ck_assert_int_eq(wtfcb_cache_new(NULL, &memory), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set_cache(scanner, memory), WTFCB_OK);
    wtfcb_cache_free(memory); /* the scanner holds it */
    wtfcb_codebase_free(recall_scan_equal(scanner, WTFCB_DEPTH_SYNTAX, "memory, first"));
    wtfcb_codebase *codebase = recall_scan_equal(scanner, WTFCB_DEPTH_SYNTAX, "memory, second");
    ck_assert_uint_eq(tree_stats(codebase).files_read, 0);
    wtfcb_codebase_free(codebase);
}
END_TEST

/* Every option that is said to affect results, moved: nothing may be taken from what was remembered before. */
START_TEST(every_option_that_affects_results_is_a_miss_when_it_is_changed)
{
    warm_up(WTFCB_DEPTH_SYNTAX);
    wtfcb_option option;
    for (uint64_t i = 0; wtfcb_scanner_option(i, &option, sizeof option) == WTFCB_OK; i++) {
        if (!option.affects_results || option.type == WTFCB_OPTION_STRINGS) continue;
        int64_t other = option.default_value == option.maximum ? option.default_value - 1 : option.default_value + 1;
        if (option.id == WTFCB_SCANNER_DEPTH) other = WTFCB_DEPTH_LINES;
        int64_t before = 0;
        ck_assert_int_eq(wtfcb_scanner_get(scanner, option.id, &before), WTFCB_OK);
        ck_assert_int_eq(wtfcb_scanner_set(scanner, option.id, other), WTFCB_OK);
        wtfcb_codebase *codebase = tree_scan(scanner);
        wtfcb_scan_stats stats = tree_stats(codebase);
        ck_assert_msg(stats.hits_unchanged == 0 && stats.files_read > 0, "%s did not miss", option.name);
        ck_assert_msg(stats.hits_persistent + stats.hits_memory == 0, "%s found contents", option.name);
        wtfcb_codebase_free(codebase);
        ck_assert_int_eq(wtfcb_scanner_set(scanner, option.id, before), WTFCB_OK);
    }
}
END_TEST

START_TEST(an_attribute_that_changes_a_language_is_seen)
{
    tree_put("data.inc", "int f(void) { return 1; }\n");
    warm_up(WTFCB_DEPTH_SYNTAX);
    tree_put(".gitattributes", "*.inc linguist-language=C\n");
    wtfcb_codebase *codebase = recall_scan_equal(scanner, WTFCB_DEPTH_SYNTAX, "after an attribute");
    ck_assert_str_eq(tree_file(codebase, "data.inc").language, "C");
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(always_verify_reads_every_file)
{
    warm_up(WTFCB_DEPTH_SYNTAX);
    wtfcb_scanner_set_cache(scanner, NULL);
    wtfcb_cache_free(cache);
    ck_assert_int_eq(wtfcb_cache_new(NULL, &cache), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_set_option(cache, WTFCB_CACHE_ALWAYS_VERIFY, 1), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_open(cache, recall_directory(), NULL), WTFCB_OK);
    wtfcb_scanner_set_cache(scanner, cache);
    wtfcb_codebase *codebase = recall_scan_equal(scanner, WTFCB_DEPTH_SYNTAX, "verified");
    ck_assert_uint_eq(tree_stats(codebase).hits_unchanged, 0);
    ck_assert_uint_eq(tree_stats(codebase).files_parsed, 0);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(a_cache_inside_the_tree_is_no_guide_to_its_files)
{
    wtfcb_cache *inside = NULL;
    ck_assert_int_eq(wtfcb_cache_new(NULL, &inside), WTFCB_OK);
    ck_assert_int_eq(mkdir(tree_path("cache"), 0700), 0);
    ck_assert_int_eq(wtfcb_cache_open(inside, tree_path("cache"), NULL), WTFCB_OK);
    wtfcb_scanner_set_cache(scanner, inside);
    for (int i = 0; i < 2; i++) {
        wtfcb_codebase *codebase = tree_scan(scanner);
        ck_assert_uint_eq(tree_stats(codebase).hits_unchanged, 0);
        wtfcb_codebase_free(codebase);
    }
    wtfcb_scanner_set_cache(scanner, NULL);
    wtfcb_cache_free(inside);
}
END_TEST

START_TEST(the_visitor_receives_whole_records_from_the_cache)
{
    warm_up(WTFCB_DEPTH_SYNTAX);
    wtfcb_codebase *codebase = recall_scan_equal(scanner, WTFCB_DEPTH_SYNTAX, "records");
    ck_assert_uint_gt(wtfcb_codebase_symbol_count(codebase), 0);
    ck_assert_uint_gt(tree_stats(codebase).hits_persistent, 0);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(the_remembered_snapshot_is_that_of_the_last_scan)
{
    tree_directory("empty/below");
    warm_up(WTFCB_DEPTH_SYNTAX);
    wtfcb_codebase *scanned = recall_scan_equal(scanner, WTFCB_DEPTH_SYNTAX, "before");
    tree_put("added.c", "int added;\n");
    wtfcb_codebase *restored = NULL;
    ck_assert_int_eq(wtfcb_scanner_restore(scanner, tree_root(), &restored, NULL), WTFCB_OK);
    dump_assert_equal(dump_codebase(restored), dump_codebase(scanned), "restored");
    wtfcb_codebase *now = recall_scan_equal(scanner, WTFCB_DEPTH_SYNTAX, "now");
    wtfcb_diff *diff = NULL;
    ck_assert_int_eq(wtfcb_codebase_diff(restored, now, &diff), WTFCB_OK);
    wtfcb_file_change change;
    ck_assert_uint_eq(wtfcb_diff_file_count(diff), 1);
    ck_assert_int_eq(wtfcb_diff_file(diff, 0, &change, sizeof change), WTFCB_OK);
    ck_assert_str_eq(change.path, "added.c");
    ck_assert_uint_eq(change.change, WTFCB_CHANGE_ADDED);
    wtfcb_diff_free(diff);
    wtfcb_codebase_free(now);
    wtfcb_codebase_free(restored);
    wtfcb_codebase_free(scanned);
}
END_TEST

START_TEST(a_tree_that_was_never_scanned_is_not_remembered)
{
    wtfcb_codebase *restored = NULL;
    ck_assert_int_eq(wtfcb_scanner_restore(scanner, tree_root(), &restored, NULL), WTFCB_ENOTFOUND);
    ck_assert_ptr_null(restored);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("recall");
    TCase *t = tcase_create("recall");
    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_test(t, scan_of_an_unchanged_tree_reads_no_file_and_parses_none);
    tcase_add_test(t, scan_at_the_level_of_lines_remembers_too_and_apart);
    tcase_add_test(t, totals_alone_are_the_same_and_read_no_file);
    tcase_add_test(t, an_edited_file_alone_is_read_and_parsed);
    tcase_add_test(t, a_copy_under_another_name_is_read_and_not_parsed);
    tcase_add_test(t, a_young_file_is_hashed_again_and_not_parsed);
    tcase_add_test(t, why_a_file_would_be_read_is_told_before_it_is);
    tcase_add_test(t, the_store_serves_another_process_as_it_serves_this_one);
    tcase_add_test(t, memory_alone_serves_without_a_store);
    tcase_add_test(t, every_option_that_affects_results_is_a_miss_when_it_is_changed);
    tcase_add_test(t, an_attribute_that_changes_a_language_is_seen);
    tcase_add_test(t, always_verify_reads_every_file);
    tcase_add_test(t, a_cache_inside_the_tree_is_no_guide_to_its_files);
    tcase_add_test(t, the_remembered_snapshot_is_that_of_the_last_scan);
    tcase_add_test(t, a_tree_that_was_never_scanned_is_not_remembered);
    tcase_add_test(t, the_visitor_receives_whole_records_from_the_cache);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
