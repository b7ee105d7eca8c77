/* What the comparison of two snapshots says: by file, and by symbol of the files that changed. */
#include <wtfcb/diff.h>

#include <unistd.h>

#include "../base/counting.h"
#include "dump.h"
#include "tree.h"

static counting memory;
static wtfcb_scanner *scanner;

static void begin(void)
{
    tree_begin();
    counting_init(&memory);
    ck_assert_int_eq(wtfcb_scanner_new(&memory.allocator, &scanner), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_THREADS, 1), WTFCB_OK);
}

static void finish(void)
{
    wtfcb_scanner_free(scanner);
    counting_assert_clean(&memory);
    tree_end();
}

static wtfcb_diff *diff_of(wtfcb_codebase *before, wtfcb_codebase *after)
{
    wtfcb_diff *diff = NULL;
    ck_assert_int_eq(wtfcb_codebase_diff(before, after, &diff), WTFCB_OK);
    ck_assert_ptr_nonnull(diff);
    return diff;
}

/* A comparison as text: "changed a.c: added f, changed g; removed b.c;" and so on. To be freed. */
static char *write_diff(const wtfcb_diff *diff)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    wtfcb_file_change file;
    for (uint64_t i = 0; wtfcb_diff_file(diff, i, &file, sizeof file) == WTFCB_OK; i++) {
        fprintf(out, "%s%s %s", i ? "; " : "", wtfcb_change_name(file.change), file.path);
        ck_assert_uint_eq(file.path_length, strlen(file.path));
        for (uint64_t k = 0; k < file.symbol_count; k++) {
            wtfcb_symbol_change symbol;
            ck_assert_int_eq(wtfcb_diff_symbol(diff, file.first_symbol + k, &symbol, sizeof symbol), WTFCB_OK);
            ck_assert_uint_eq(symbol.file, i);
            fprintf(out, "%s %s %.*s", k ? "," : ":", wtfcb_change_name(symbol.change), (int)symbol.name_length,
                    symbol.name);
        }
    }
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

static void assert_diff(wtfcb_codebase *before, wtfcb_codebase *after, const char *expected)
{
    wtfcb_diff *diff = diff_of(before, after);
    char *text = write_diff(diff);
    ck_assert_str_eq(text, expected);
    free(text);
    wtfcb_diff_free(diff);
}

/* One file's text, before and after. */
static void assert_edit(const char *path, const char *before_text, const char *after_text, const char *expected)
{
    tree_put(path, before_text);
    wtfcb_codebase *before = tree_scan(scanner);
    tree_put(path, after_text);
    wtfcb_codebase *after = tree_scan(scanner);
    assert_diff(before, after, expected);
    wtfcb_codebase_free(before);
    wtfcb_codebase_free(after);
}

START_TEST(equal_snapshots_have_no_difference)
{
    tree_put_samples();
    wtfcb_codebase *before = tree_scan(scanner), *after = tree_scan(scanner);
    assert_diff(before, after, "");
    assert_diff(before, before, "");
    wtfcb_diff *diff = diff_of(before, after);
    ck_assert_uint_eq(wtfcb_diff_file_count(diff), 0);
    ck_assert_uint_eq(wtfcb_diff_symbol_count(diff), 0);
    wtfcb_diff_free(diff);
    wtfcb_codebase_free(before);
    wtfcb_codebase_free(after);
}
END_TEST

START_TEST(files_are_added_changed_and_removed_in_path_order)
{
    tree_put("a/gone.c", "int g(void) { return 1; }\n");
    tree_put("a.c", "int same;\n");
    tree_put("b/changed.c", "int c(void) { return 1; }\n");
    tree_put("b.txt", "text\n");
    wtfcb_codebase *before = tree_scan(scanner);
    (void)unlink(tree_path("a/gone.c"));
    tree_put("b/changed.c", "int c(int a) { return a; }\n");
    tree_put("b.txt", "other\n");
    tree_put("a-new.c", "int n(void) { return 1; }\nint m(void) { return 1; }\n");
    wtfcb_codebase *after = tree_scan(scanner);
    assert_diff(
        before, after,
        "added a-new.c: added n, added m; removed a/gone.c: removed g; changed b.txt; changed b/changed.c: changed c");
    assert_diff(
        after, before,
        "removed a-new.c: removed n, removed m; added a/gone.c: added g; changed b.txt; changed b/changed.c: changed c");
    wtfcb_diff *diff = diff_of(before, after);
    wtfcb_file_change row;
    wtfcb_file file;
    for (uint64_t i = 0; wtfcb_diff_file(diff, i, &row, sizeof row) == WTFCB_OK; i++) {
        ck_assert_int_eq(row.before == WTFCB_NO_INDEX, row.change == WTFCB_CHANGE_ADDED);
        ck_assert_int_eq(row.after == WTFCB_NO_INDEX, row.change == WTFCB_CHANGE_REMOVED);
        if (wtfcb_codebase_file(before, row.before, &file, sizeof file) == WTFCB_OK)
            ck_assert_str_eq(file.path, row.path);
        if (wtfcb_codebase_file(after, row.after, &file, sizeof file) == WTFCB_OK)
            ck_assert_str_eq(file.path, row.path);
    }
    wtfcb_diff_free(diff);
    wtfcb_codebase_free(before);
    wtfcb_codebase_free(after);
}
END_TEST

START_TEST(renamed_file_is_one_removed_and_one_added)
{
    tree_put("old.c", "int f(void) { return 1; }\n");
    wtfcb_codebase *before = tree_scan(scanner);
    ck_assert_int_eq(rename(tree_path("old.c"), tree_path("new.c")), 0);
    wtfcb_codebase *after = tree_scan(scanner);
    assert_diff(before, after, "added new.c: added f; removed old.c: removed f");
    wtfcb_codebase_free(before);
    wtfcb_codebase_free(after);
}
END_TEST

START_TEST(symbols_that_only_moved_do_not_show)
{
    assert_edit("a.c", "int f(void) { return 1; }\nint g(void) { return 2; }\n",
                "/* new */\n\nint g(void) { return 2; }\n\nint f(void) { return 1; }\n", "changed a.c");
    assert_edit("a.py", "class A:\n    def run(self):\n        return 1\n\n\ndef f():\n    return 2\n",
                "import os\n\n\ndef f():\n    return 2\n\n\nclass A:\n    def run(self):\n        return 1\n",
                "changed a.py");
}
END_TEST

START_TEST(change_inside_a_body_that_measures_the_same_does_not_show)
{
    assert_edit("a.c", "int f(void) { return 1; }\n", "int f(void) { return 2; }\n", "changed a.c");
}
END_TEST

START_TEST(symbol_shows_when_anything_but_its_place_has_changed)
{
    assert_edit("size.c", "int f(void) { return 1; }\n", "int f(void) { return 10; }\n", "changed size.c: changed f");
    assert_edit("lines.c", "int f(void) { return 1; }\n", "int f(void)\n{return 1;}\n", "changed lines.c: changed f");
    assert_edit("signature.c", "int f(int a) { return 1; }\n", "int f(int b) { return 1; }\n",
                "changed signature.c: changed f");
    assert_edit("visibility.py", "def f():\n    return 1\n", "def g():\n    return 1\n",
                "changed visibility.py: added g, removed f");
    assert_edit("complexity.c", "int f(int a) { return a == 11; }\n", "int f(int a) { return a && 11; }\n",
                "changed complexity.c: changed f");
    assert_edit("static.c", "static int f(void) { return 1; }\n", "extern int f(void) { return 1; }\n",
                "changed static.c: changed f");
}
END_TEST

START_TEST(symbols_are_added_changed_and_removed_in_the_order_of_the_file)
{
    assert_edit("a.c", "int gone(void) { return 1; }\nint f(void) { return 1; }\nint last(void) { return 1; }\n",
                "int first(void) { return 1; }\nint f(void) { return 100; }\nint mid(void) { return 1; }\n",
                "changed a.c: added first, changed f, added mid, removed gone, removed last");
}
END_TEST

START_TEST(symbols_are_known_by_kind_and_by_what_encloses_them)
{
    assert_edit(
        "a.py", "class A:\n    def run(self):\n        return 1\n\n\nclass B:\n    def run(self):\n        return 1\n",
        "class A:\n    def run(self):\n        return 1\n\n\nclass B:\n    def run(self, x):\n        return 1\n",
        "changed a.py: changed B, changed run");
    assert_edit("b.py", "class A:\n    def run(self):\n        return 1\n",
                "class C:\n    def run(self):\n        return 1\n",
                "changed b.py: added C, added run, removed A, removed run");
    assert_edit("c.c", "struct s { int a; };\n", "union s { int a; };\n",
                "changed c.c: added s, added a, removed s, removed a");
}
END_TEST

START_TEST(equal_symbols_are_matched_first_with_first)
{
    static const char twice[] = "int f(void) { return 1; }\nint f(void) { return 1; }\n";
    static const char thrice[] = "int f(void) { return 1; }\nint f(void) { return 1; }\nint f(void) { return 1; }\n";
    assert_edit("a.c", twice, thrice, "changed a.c: added f");
    assert_edit("b.c", thrice, twice, "changed b.c: removed f");
    assert_edit("c.c", twice, "int f(void) { return 1; }\nint f(void) { return 111; }\n", "changed c.c: changed f");
    tree_put("d.c", twice);
    wtfcb_codebase *before = tree_scan(scanner);
    tree_put("d.c", thrice);
    wtfcb_codebase *after = tree_scan(scanner);
    wtfcb_diff *diff = diff_of(before, after);
    wtfcb_symbol_change change;
    ck_assert_int_eq(wtfcb_diff_symbol(diff, 0, &change, sizeof change), WTFCB_OK);
    ck_assert_uint_eq(change.after, tree_file(after, "d.c").first_symbol + 2);
    ck_assert_uint_eq(change.kind, WTFCB_SYMBOL_FUNCTION);
    wtfcb_diff_free(diff);
    wtfcb_codebase_free(before);
    wtfcb_codebase_free(after);
}
END_TEST

START_TEST(attributes_alone_change_a_file)
{
    tree_put("a.inc", "int f(void) { return 1; }\n");
    tree_put("b.c", "int f(void) { return 1; }\n");
    tree_put("c.c", "int f(void) { return 1; }\n");
    wtfcb_codebase *before = tree_scan(scanner);
    tree_put(".gitattributes", "*.inc linguist-language=C\nb.c linguist-vendored\nc.c linguist-language=C\n");
    wtfcb_codebase *after = tree_scan(scanner);
    wtfcb_diff *diff = diff_of(before, after);
    ck_assert_uint_eq(wtfcb_diff_file_count(diff), 3); /* by language, by flag, by what decided */
    wtfcb_diff_free(diff);
    wtfcb_codebase_free(before);
    wtfcb_codebase_free(after);
}
END_TEST

START_TEST(snapshots_without_symbols_are_compared_by_file)
{
    tree_put("a.c", "int f(void) { return 1; }\n");
    wtfcb_codebase *whole = tree_scan(scanner);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_KEEP, WTFCB_KEEP_FILES), WTFCB_OK);
    wtfcb_codebase *before = tree_scan(scanner);
    tree_put("a.c", "int g(void) { return 1; }\n");
    wtfcb_codebase *after = tree_scan(scanner);
    assert_diff(before, after, "changed a.c");
    assert_diff(whole, after, "changed a.c"); /* symbols on one side alone are nothing to compare */
    assert_diff(whole, before, "");
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_KEEP, WTFCB_KEEP_TOTALS), WTFCB_OK);
    wtfcb_codebase *totals = tree_scan(scanner);
    wtfcb_diff *diff = (wtfcb_diff *)scanner;
    ck_assert_int_eq(wtfcb_codebase_diff(totals, after, &diff), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_codebase_diff(before, totals, &diff), WTFCB_EINVAL);
    ck_assert_ptr_eq(diff, (wtfcb_diff *)scanner);
    wtfcb_codebase_free(whole);
    wtfcb_codebase_free(before);
    wtfcb_codebase_free(after);
    wtfcb_codebase_free(totals);
}
END_TEST

START_TEST(comparison_outlives_snapshots_and_scanner)
{
    tree_put("a.c", "int f(void) { return 1; }\n");
    wtfcb_codebase *before = tree_scan(scanner);
    tree_put("a.c", "int g(void) { return 1; }\n");
    wtfcb_codebase *after = tree_scan(scanner);
    wtfcb_diff *diff = diff_of(before, after);
    wtfcb_codebase_free(before);
    wtfcb_codebase_free(after);
    wtfcb_scanner_free(scanner);
    scanner = NULL;
    char *text = write_diff(diff);
    ck_assert_str_eq(text, "changed a.c: added g, removed f");
    free(text);
    wtfcb_diff_free(diff);
}
END_TEST

START_TEST(null_and_missing_rows_are_answered)
{
    wtfcb_codebase *codebase = tree_scan(scanner);
    wtfcb_diff *diff = NULL;
    wtfcb_file_change file = {.change = 77};
    wtfcb_symbol_change symbol = {.change = 77};
    ck_assert_int_eq(wtfcb_codebase_diff(NULL, codebase, &diff), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_codebase_diff(codebase, NULL, &diff), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_codebase_diff(codebase, codebase, NULL), WTFCB_EINVAL);
    ck_assert_ptr_null(diff);
    diff = diff_of(codebase, codebase);
    ck_assert_int_eq(wtfcb_diff_file(diff, 0, &file, sizeof file), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_diff_symbol(diff, UINT64_MAX, &symbol, sizeof symbol), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_diff_file(NULL, 0, &file, sizeof file), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_diff_symbol(NULL, 0, &symbol, sizeof symbol), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_diff_file(diff, 0, NULL, sizeof file), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_diff_symbol(diff, 0, NULL, sizeof symbol), WTFCB_EINVAL);
    ck_assert(file.change == 77 && symbol.change == 77);
    ck_assert_uint_eq(wtfcb_diff_file_count(NULL), 0);
    ck_assert_uint_eq(wtfcb_diff_symbol_count(NULL), 0);
    wtfcb_diff_free(diff);
    wtfcb_diff_free(NULL);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(rows_are_filled_as_far_as_the_caller_knows_them)
{
    wtfcb_codebase *before = tree_scan(scanner);
    tree_put("a.c", "int f(void) { return 1; }\n");
    wtfcb_codebase *after = tree_scan(scanner);
    wtfcb_diff *diff = diff_of(before, after);
    struct {
        wtfcb_file_change row;
        uint64_t more;
    } longer;
    memset(&longer, 0xff, sizeof longer);
    ck_assert_int_eq(wtfcb_diff_file(diff, 0, (wtfcb_file_change *)&longer, sizeof longer), WTFCB_OK);
    ck_assert_str_eq(longer.row.path, "a.c");
    ck_assert_uint_eq(longer.more, 0);
    wtfcb_file_change shorter;
    memset(&shorter, 0xff, sizeof shorter);
    ck_assert_int_eq(wtfcb_diff_file(diff, 0, &shorter, 2 * sizeof(uint64_t)), WTFCB_OK);
    ck_assert_uint_eq(shorter.path_length, 3);
    ck_assert_uint_eq(shorter.before, UINT64_MAX);
    ck_assert_uint_eq(shorter.change, UINT32_MAX);
    wtfcb_diff_free(diff);
    wtfcb_codebase_free(before);
    wtfcb_codebase_free(after);
}
END_TEST

START_TEST(changes_have_names)
{
    ck_assert_str_eq(wtfcb_change_name(WTFCB_CHANGE_ADDED), "added");
    ck_assert_str_eq(wtfcb_change_name(WTFCB_CHANGE_CHANGED), "changed");
    ck_assert_str_eq(wtfcb_change_name(WTFCB_CHANGE_REMOVED), "removed");
    ck_assert_str_eq(wtfcb_change_name(0), "unknown");
    ck_assert_str_eq(wtfcb_change_name(UINT32_MAX), "unknown");
}
END_TEST

START_TEST(comparison_survives_every_allocation_that_fails)
{
    tree_put_samples();
    wtfcb_codebase *before = tree_scan(scanner);
    tree_put("c/list.c", "int f(void) { return 1; }\n");
    tree_put("new.py", "def f():\n    return 1\n");
    (void)unlink(tree_path("rs/lib.rs"));
    wtfcb_codebase *after = tree_scan(scanner);
    long live = atomic_load(&memory.live);
    unsigned long n = 1;
    for (bool failed = true; failed; n++) {
        wtfcb_diff *const untouched = (wtfcb_diff *)scanner;
        wtfcb_diff *diff = untouched;
        counting_fail(&memory, n, _i);
        wtfcb_status status = wtfcb_codebase_diff(before, after, &diff);
        failed = atomic_load(&memory.failed) > 0;
        counting_fail(&memory, 0, false);
        ck_assert_int_eq(status, failed ? WTFCB_ENOMEM : WTFCB_OK);
        if (status == WTFCB_OK)
            wtfcb_diff_free(diff);
        else
            ck_assert_ptr_eq(diff, untouched);
        ck_assert_int_eq(atomic_load(&memory.live), live);
    }
    ck_assert_uint_gt(n, 4);
    wtfcb_codebase_free(before);
    wtfcb_codebase_free(after);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("diff");
    TCase *t = tcase_create("diff");
    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_test(t, equal_snapshots_have_no_difference);
    tcase_add_test(t, files_are_added_changed_and_removed_in_path_order);
    tcase_add_test(t, renamed_file_is_one_removed_and_one_added);
    tcase_add_test(t, symbols_that_only_moved_do_not_show);
    tcase_add_test(t, change_inside_a_body_that_measures_the_same_does_not_show);
    tcase_add_test(t, symbol_shows_when_anything_but_its_place_has_changed);
    tcase_add_test(t, symbols_are_added_changed_and_removed_in_the_order_of_the_file);
    tcase_add_test(t, symbols_are_known_by_kind_and_by_what_encloses_them);
    tcase_add_test(t, equal_symbols_are_matched_first_with_first);
    tcase_add_test(t, attributes_alone_change_a_file);
    tcase_add_test(t, snapshots_without_symbols_are_compared_by_file);
    tcase_add_test(t, comparison_outlives_snapshots_and_scanner);
    tcase_add_test(t, null_and_missing_rows_are_answered);
    tcase_add_test(t, rows_are_filled_as_far_as_the_caller_knows_them);
    tcase_add_test(t, changes_have_names);
    tcase_add_loop_test(t, comparison_survives_every_allocation_that_fails, 0, 2);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
