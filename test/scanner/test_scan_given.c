/*
 * Scans of what the caller names: lists of files and directories, texts in memory, files through a reader.
 */
#include <wtfcb/scanner.h>

#include <errno.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dump.h"
#include "tree.h"

static wtfcb_scanner *scanner;

static void set_up(void)
{
    tree_begin();
    scanner = tree_scanner(WTFCB_DEPTH_SYNTAX, 2);
}

static void tear_down(void)
{
    wtfcb_scanner_free(scanner);
    tree_end();
}

static wtfcb_codebase *scan_list(const char *const *paths, size_t count)
{
    wtfcb_codebase *codebase = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = wtfcb_scanner_scan_list(scanner, tree_root(), paths, count, &codebase, &error);
    ck_assert_msg(status == WTFCB_OK, "%s", error.message);
    return codebase;
}

#define SCAN_LIST(...)                                                                                                 \
    scan_list((const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* Every row stands behind the one before it. */
static void assert_in_order(const wtfcb_codebase *codebase)
{
    wtfcb_file before;
    wtfcb_file file;
    for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &file, sizeof file) == WTFCB_OK; i++) {
        uint64_t found = UINT64_MAX;
        if (i > 0) ck_assert_msg(strcmp(before.path, file.path) < 0, "%s, %s", before.path, file.path);
        ck_assert_int_eq(wtfcb_codebase_find_file(codebase, file.path, file.path_length, &found), WTFCB_OK);
        ck_assert_uint_eq(found, i);
        before = file;
    }
}

START_TEST(list_with_impossible_arguments_is_refused)
{
    wtfcb_codebase *const before = (wtfcb_codebase *)scanner;
    wtfcb_codebase *codebase = before;
    const char *const with_null[] = {"a", NULL};
    const char *const with_empty[] = {"a", ""};
    const char *const good[] = {"a"};
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(wtfcb_scanner_scan_list(NULL, NULL, good, 1, &codebase, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_scan_list(scanner, NULL, NULL, 1, &codebase, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_scan_list(scanner, NULL, good, 1, NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_scan_list(scanner, NULL, with_null, 2, &codebase, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_scan_list(scanner, NULL, with_empty, 2, &codebase, &error), WTFCB_EINVAL);
    ck_assert_int_eq(error.status, WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_scan_list(scanner, tree_path("none"), good, 1, &codebase, &error), WTFCB_ENOTFOUND);
    ck_assert_int_eq(error.os_error, ENOENT);
    ck_assert_ptr_eq(codebase, before);
}
END_TEST

START_TEST(empty_list_is_an_empty_snapshot)
{
    wtfcb_codebase *codebase = scan_list(NULL, 0);
    ck_assert_uint_eq(wtfcb_codebase_file_count(codebase), 0);
    ck_assert_str_eq(wtfcb_codebase_root(codebase), "");
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(listed_file_is_taken_whatever_the_ignore_rules_say_and_a_directory_is_walked)
{
    tree_put(".gitignore", "*.c\n");
    tree_put("a.c", "int a;\n");
    tree_put("d/.gitignore", "*.o\n");
    tree_put("d/b.py", "b = 1\n");
    tree_put("d/b.o", "");
    tree_put("e.py", "");
    wtfcb_codebase *codebase = SCAN_LIST("d", "a.c");
    tree_assert_list(codebase, "a.c d/b.py ");
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(paths_are_cleaned_and_what_is_listed_twice_is_scanned_once)
{
    tree_put("d/a.c", "int a;\n");
    tree_put("d/e/b.c", "int b;\n");
    tree_put("f.c", "int f;\n");
    wtfcb_codebase *codebase = SCAN_LIST("./d//e/", "f.c", "d", "./f.c", "d/a.c", "d/e/b.c", "d/", ".//f.c");
    tree_assert_list(codebase, "d/a.c d/e/b.c f.c ");
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(directory_name_that_is_the_start_of_another_name_contains_nothing_of_it)
{
    tree_put("ab.c", "");
    tree_put("a/x.c", "");
    tree_put("ab/x.c", "");
    tree_put("a-b/x.c", "");
    wtfcb_codebase *codebase = SCAN_LIST("a", "ab", "ab.c", "a-b", "a/x.c");
    tree_assert_list(codebase, "a-b/x.c a/x.c ab.c ab/x.c ");
    assert_in_order(codebase);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(base_directory_itself_may_be_listed)
{
    tree_put("a.c", "");
    tree_put("d/b.c", "");
    wtfcb_codebase *codebase = SCAN_LIST(".", "d");
    tree_assert_list(codebase, "a.c d/b.c ");
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(path_that_climbs_is_not_taken_for_one_that_lies_below)
{
    tree_put("a/x.c", "");
    tree_put("a/z.c", "");
    tree_put("b/y.c", "");
    wtfcb_codebase *codebase = SCAN_LIST("a", "a/../b", "a/z.c");
    tree_assert_list(codebase, "a/../b/y.c a/x.c a/z.c ");
    assert_in_order(codebase);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(rows_of_several_roots_stand_in_the_order_of_whole_paths)
{
    tree_put("base/!early.c", "");
    tree_put("base/-dash.c", "");
    tree_put("base/z.c", "");
    tree_put("other/a.c", "");
    tree_put("other/+plus.c", "");
    const char *const paths[] = {".", "../other", tree_path("other")};
    wtfcb_codebase *codebase = NULL;
    ck_assert_int_eq(wtfcb_scanner_scan_list(scanner, tree_path("base"), paths, 3, &codebase, NULL), WTFCB_OK);
    ck_assert_uint_eq(wtfcb_codebase_file_count(codebase), 7);
    assert_in_order(codebase);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(listed_path_that_cannot_be_read_is_a_row_with_a_status)
{
    tree_put("a.c", "");
    ck_assert_int_eq(mkfifo(tree_path("fifo"), 0666), 0);
    tree_link("nowhere", "dangling.c");
    tree_link("a.c", "link.c");
    wtfcb_codebase *codebase = SCAN_LIST("none.c", "a.c", "fifo", "dangling.c", "link.c", "/dev/null");
    ck_assert_int_eq(tree_file(codebase, "none.c").status, WTFCB_ENOTFOUND);
    ck_assert_int_eq(tree_file(codebase, "none.c").os_error, ENOENT);
    ck_assert_int_eq(tree_file(codebase, "dangling.c").status, WTFCB_ENOTFOUND);
    ck_assert_int_eq(tree_file(codebase, "fifo").status, WTFCB_ESPECIAL);
    ck_assert_int_eq(tree_file(codebase, "/dev/null").status, WTFCB_ESPECIAL);
    ck_assert_int_eq(tree_file(codebase, "link.c").status, WTFCB_OK); /* named by the caller, so followed */
    ck_assert_int_eq(tree_file(codebase, "a.c").status, WTFCB_OK);
    ck_assert_uint_eq(tree_totals(codebase).failed, 4);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(language_filter_holds_for_listed_files_at_every_depth)
{
    tree_put("a.c", "int a;\n");
    tree_put("b.py", "b = 1\n");
    ck_assert_int_eq(wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_LANGUAGE, "Python"), WTFCB_OK);
    for (int64_t depth = WTFCB_DEPTH_FILES; depth <= WTFCB_DEPTH_SYNTAX; depth++) {
        ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, depth), WTFCB_OK);
        wtfcb_codebase *codebase = SCAN_LIST("a.c", "b.py");
        tree_assert_list(codebase, "b.py ");
        wtfcb_codebase_free(codebase);
    }
}
END_TEST

START_TEST(list_without_base_starts_at_the_working_directory)
{
    tree_put("a.c", "");
    ck_assert_int_eq(chdir(tree_root()), 0);
    const char *const paths[] = {"a.c"};
    wtfcb_codebase *codebase = NULL;
    ck_assert_int_eq(wtfcb_scanner_scan_list(scanner, NULL, paths, 1, &codebase, NULL), WTFCB_OK);
    tree_assert_list(codebase, "a.c ");
    wtfcb_codebase_free(codebase);
    ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

START_TEST(list_of_hundreds_of_roots_needs_few_descriptors)
{
    static char names[300][16];
    const char *paths[300];
    for (size_t i = 0; i < 300; i++) {
        char file[64];
        snprintf(names[i], sizeof names[i], "d%03zu", i);
        snprintf(file, sizeof file, "%.15s/a.c", names[i]);
        tree_put(file, "int a;\n");
        paths[299 - i] = names[i];
    }
    wtfcb_codebase *codebase = scan_list(paths, 300);
    ck_assert_uint_eq(wtfcb_codebase_file_count(codebase), 300);
    ck_assert_uint_eq(tree_totals(codebase).code, 300);
    ck_assert_uint_eq(tree_totals(codebase).failed, 0);
    assert_in_order(codebase);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(buffer_gives_what_the_file_would_give_and_touches_no_file_and_no_thread)
{
    tree_put_samples();
    wtfcb_codebase *tree = tree_scan(scanner);
    int threads = tree_threads();
    for (size_t i = 0; tree_sample_at(i); i++) {
        const tree_sample *sample = tree_sample_at(i);
        wtfcb_codebase *codebase = NULL;
        ck_assert_int_eq(
            wtfcb_scanner_scan_buffer(scanner, sample->path, sample->text, strlen(sample->text), &codebase, NULL),
            WTFCB_OK);
        ck_assert_uint_eq(wtfcb_codebase_file_count(codebase), 1);
        wtfcb_file a = tree_file(codebase, sample->path);
        wtfcb_file b = tree_file(tree, sample->path);
        ck_assert_str_eq(a.language, b.language);
        ck_assert(a.lines == b.lines && a.code == b.code && a.symbol_count == b.symbol_count && a.size == b.size &&
                  a.import_count == b.import_count && a.finding_count == b.finding_count &&
                  a.embedded_count == b.embedded_count && a.status == b.status);
        ck_assert_mem_eq(a.hash, b.hash, sizeof a.hash);
        wtfcb_codebase_free(codebase);
    }
    ck_assert_int_eq(tree_threads(), threads);
    wtfcb_codebase_free(tree);
}
END_TEST

START_TEST(buffer_with_impossible_arguments_is_refused)
{
    wtfcb_codebase *codebase = NULL;
    ck_assert_int_eq(wtfcb_scanner_scan_buffer(NULL, "a.c", "", 0, &codebase, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_scan_buffer(scanner, NULL, "", 0, &codebase, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_scan_buffer(scanner, "", "", 0, &codebase, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_scan_buffer(scanner, "a.c", NULL, 1, &codebase, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_scan_buffer(scanner, "a.c", "", 0, NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_scan_buffer(scanner, "a.c", NULL, 0, &codebase, NULL), WTFCB_OK);
    wtfcb_codebase_free(codebase);
}
END_TEST

static int32_t count_visits(void *user, uint64_t index, const wtfcb_codebase *file)
{
    ++*(int *)user;
    return index != 0 || wtfcb_codebase_symbol_count(file) != 1;
}

START_TEST(buffer_is_shown_to_the_visitor)
{
    int calls = 0;
    wtfcb_codebase *codebase = NULL;
    ck_assert_int_eq(wtfcb_scanner_set_visitor(scanner, count_visits, &calls), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_scan_buffer(scanner, "a.py", "def f(): pass\n", 14, &codebase, NULL), WTFCB_OK);
    ck_assert_int_eq(calls, 1);
    wtfcb_codebase_free(codebase);
}
END_TEST

/* A reader over the samples; counts what is out. */
static atomic_int handed_out;
static atomic_int reads;

static wtfcb_status read_sample(void *user, const char *path, const char **ret_bytes, size_t *ret_length)
{
    (void)user;
    atomic_fetch_add(&reads, 1);
    for (size_t i = 0; tree_sample_at(i); i++) {
        if (strcmp(tree_sample_at(i)->path, path) != 0) continue;
        *ret_bytes = strdup(tree_sample_at(i)->text); /* exactly as long as it says */
        *ret_length = strlen(*ret_bytes);
        atomic_fetch_add(&handed_out, 1);
        return WTFCB_OK;
    }
    return strcmp(path, "secret") == 0 ? WTFCB_EACCES : WTFCB_ENOTFOUND;
}

static void release_sample(void *user, const char *bytes, size_t length)
{
    (void)user;
    ck_assert_uint_eq(strlen(bytes), length);
    atomic_fetch_sub(&handed_out, 1);
    free((char *)bytes);
}

START_TEST(reader_gives_what_the_files_would_give_without_touching_any)
{
    tree_put_samples();
    const char *paths[32];
    size_t count = 0;
    for (; tree_sample_at(count); count++)
        paths[count] = tree_sample_at(count)->path;
    wtfcb_codebase *from_files = scan_list(paths, count);
    ck_assert_int_eq(wtfcb_scanner_set_reader(scanner, read_sample, release_sample, NULL), WTFCB_OK);
    atomic_store(&reads, 0);
    wtfcb_codebase *from_reader = NULL;
    ck_assert_int_eq(wtfcb_scanner_scan_list(scanner, "/does/not/exist", paths, count, &from_reader, NULL), WTFCB_OK);
    dump_assert_equal(dump_codebase(from_reader), dump_codebase(from_files), "through a reader");
    ck_assert_int_eq(atomic_load(&reads), (int)count);
    ck_assert_int_eq(atomic_load(&handed_out), 0);
    wtfcb_codebase_free(from_files);
    wtfcb_codebase_free(from_reader);
}
END_TEST

START_TEST(status_of_the_reader_becomes_the_files)
{
    const char *const paths[] = {"none", "secret", "c/list.c", "c", "none"};
    wtfcb_codebase *codebase = NULL;
    ck_assert_int_eq(wtfcb_scanner_set_reader(scanner, read_sample, release_sample, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_scan_list(scanner, NULL, paths, 5, &codebase, NULL), WTFCB_OK);
    tree_assert_list(codebase, "c c/list.c none secret ");
    ck_assert_int_eq(tree_file(codebase, "none").status, WTFCB_ENOTFOUND);
    ck_assert_int_eq(tree_file(codebase, "secret").status, WTFCB_EACCES);
    ck_assert_int_eq(tree_file(codebase, "c").status, WTFCB_ENOTFOUND);
    ck_assert_int_eq(tree_file(codebase, "c/list.c").status, WTFCB_OK);
    wtfcb_codebase_free(codebase);
}
END_TEST

static wtfcb_status read_slowly(void *user, const char *path, const char **ret_bytes, size_t *ret_length)
{
    (void)user;
    (void)path;
    usleep(10000);
    *ret_bytes = "int x;\n";
    *ret_length = 7;
    return WTFCB_OK;
}

static int32_t check_estimate(void *user, const wtfcb_progress *progress)
{
    int *calls = user;
    ++*calls;
    bool none = progress->remaining_ns == UINT64_MAX;
    return none || progress->remaining_ns < 3600ull * 1000000000u ? 0 : 1;
}

/* Sizes are not known before a reader is asked: there is no estimate then, but no wrong one either. */
START_TEST(progress_of_a_reader_has_no_absurd_estimate)
{
    static char names[60][16];
    const char *paths[60];
    for (size_t i = 0; i < 60; i++) {
        snprintf(names[i], sizeof names[i], "f%zu.c", i);
        paths[i] = names[i];
    }
    int calls = 0;
    wtfcb_codebase *codebase = NULL;
    ck_assert_int_eq(wtfcb_scanner_set_reader(scanner, read_slowly, NULL, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set_progress(scanner, check_estimate, &calls), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_scan_list(scanner, NULL, paths, 60, &codebase, NULL), WTFCB_OK);
    ck_assert_int_ge(calls, 2);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(reader_does_not_serve_scans_of_a_tree)
{
    tree_put("a.c", "int a;\n");
    ck_assert_int_eq(wtfcb_scanner_set_reader(scanner, read_sample, release_sample, NULL), WTFCB_OK);
    wtfcb_codebase *codebase = tree_scan(scanner);
    ck_assert_int_eq(tree_file(codebase, "a.c").status, WTFCB_OK);
    ck_assert_uint_eq(tree_file(codebase, "a.c").code, 1);
    wtfcb_codebase_free(codebase);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("scan of what is given");
    TCase *t = tcase_create("given");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, list_with_impossible_arguments_is_refused);
    tcase_add_test(t, empty_list_is_an_empty_snapshot);
    tcase_add_test(t, listed_file_is_taken_whatever_the_ignore_rules_say_and_a_directory_is_walked);
    tcase_add_test(t, paths_are_cleaned_and_what_is_listed_twice_is_scanned_once);
    tcase_add_test(t, directory_name_that_is_the_start_of_another_name_contains_nothing_of_it);
    tcase_add_test(t, base_directory_itself_may_be_listed);
    tcase_add_test(t, path_that_climbs_is_not_taken_for_one_that_lies_below);
    tcase_add_test(t, rows_of_several_roots_stand_in_the_order_of_whole_paths);
    tcase_add_test(t, listed_path_that_cannot_be_read_is_a_row_with_a_status);
    tcase_add_test(t, language_filter_holds_for_listed_files_at_every_depth);
    tcase_add_test(t, list_without_base_starts_at_the_working_directory);
    tcase_add_test(t, list_of_hundreds_of_roots_needs_few_descriptors);
    tcase_add_test(t, buffer_gives_what_the_file_would_give_and_touches_no_file_and_no_thread);
    tcase_add_test(t, buffer_with_impossible_arguments_is_refused);
    tcase_add_test(t, buffer_is_shown_to_the_visitor);
    tcase_add_test(t, reader_gives_what_the_files_would_give_without_touching_any);
    tcase_add_test(t, status_of_the_reader_becomes_the_files);
    tcase_add_test(t, progress_of_a_reader_has_no_absurd_estimate);
    tcase_add_test(t, reader_does_not_serve_scans_of_a_tree);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
