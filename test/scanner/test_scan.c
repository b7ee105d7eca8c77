/*
 * Scans of a tree: the root, the depths, what a snapshot keeps, what is chosen, the callbacks, the life of handles.
 */
#include <wtfcb/scanner.h>

#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/counting.h"
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

static void set(int32_t option, int64_t value)
{
    ck_assert_int_eq(wtfcb_scanner_set(scanner, option, value), WTFCB_OK);
}

static void add(int32_t option, const char *value)
{
    ck_assert_int_eq(wtfcb_scanner_add_string(scanner, option, value), WTFCB_OK);
}

#define assert_scan_lists(expected)                                                                                    \
    do {                                                                                                               \
        wtfcb_codebase *scanned = tree_scan(scanner);                                                                  \
        tree_assert_list(scanned, expected);                                                                           \
        wtfcb_codebase_free(scanned);                                                                                  \
    } while (0)

START_TEST(null_arguments_are_refused_and_explained)
{
    wtfcb_codebase *codebase = (wtfcb_codebase *)scanner;
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(wtfcb_scanner_scan(NULL, "x", &codebase, &error), WTFCB_EINVAL);
    ck_assert_int_eq(error.status, WTFCB_EINVAL);
    ck_assert_str_ne(error.message, "");
    ck_assert_int_eq(wtfcb_scanner_scan(scanner, NULL, &codebase, &error), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_scan(scanner, "x", NULL, NULL), WTFCB_EINVAL);
    ck_assert_ptr_eq(codebase, (wtfcb_codebase *)scanner);
}
END_TEST

static void assert_root_fails(const char *root, wtfcb_status status, int os_error)
{
    wtfcb_codebase *const before = (wtfcb_codebase *)scanner;
    wtfcb_codebase *codebase = before;
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(wtfcb_scanner_scan(scanner, root, &codebase, &error), status);
    ck_assert_int_eq(error.status, status);
    ck_assert_int_eq(error.os_error, os_error);
    ck_assert_ptr_eq(codebase, before);
    ck_assert_ptr_nonnull(strstr(error.message, "cannot"));
    ck_assert_str_eq(error.path, root);
}

START_TEST(root_that_cannot_be_scanned_fails_the_call_and_names_the_path)
{
    tree_put("file", "x\n");
    tree_link("loop2", "loop1");
    tree_link("loop1", "loop2");
    ck_assert_int_eq(mkfifo(tree_path("fifo"), 0666), 0);
    assert_root_fails(tree_path("none"), WTFCB_ENOTFOUND, ENOENT);
    assert_root_fails(tree_path("file/x"), WTFCB_ENOTFOUND, ENOTDIR);
    assert_root_fails(tree_path("loop1"), WTFCB_ELOOP, ELOOP);
    assert_root_fails(tree_path("fifo"), WTFCB_ESPECIAL, 0);
    assert_root_fails("/dev/null", WTFCB_ESPECIAL, 0);
    assert_root_fails("", WTFCB_ENOTFOUND, ENOENT);
    wtfcb_codebase_free(tree_scan(scanner));
}
END_TEST

START_TEST(empty_tree_is_an_empty_snapshot)
{
    wtfcb_codebase *codebase = tree_scan(scanner);
    ck_assert_uint_eq(wtfcb_codebase_file_count(codebase), 0);
    ck_assert_uint_eq(wtfcb_codebase_symbol_count(codebase), 0);
    ck_assert_uint_eq(wtfcb_codebase_language_count(codebase), 0);
    ck_assert_uint_eq(tree_totals(codebase).files, 0);
    ck_assert_uint_eq(tree_stats(codebase).directories, 1);
    ck_assert_str_eq(wtfcb_codebase_root(codebase), tree_root());
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(root_that_is_a_file_is_scanned_alone_whatever_the_ignore_rules_say)
{
    tree_put(".gitignore", "*.c\n");
    tree_put("a.c", "int a;\n");
    wtfcb_codebase *codebase = NULL;
    ck_assert_int_eq(wtfcb_scanner_scan(scanner, tree_path("a.c"), &codebase, NULL), WTFCB_OK);
    tree_assert_list(codebase, "a.c ");
    ck_assert_uint_eq(tree_file(codebase, "a.c").code, 1);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(root_may_be_a_link_relative_or_have_slashes_behind_it)
{
    tree_put("real/a.c", "int a;\n");
    tree_link("real", "link");
    const char *roots[] = {tree_path("link"), tree_path("real//"), "real/.", "./link"};
    ck_assert_int_eq(chdir(tree_root()), 0);
    for (size_t i = 0; i < 4; i++) {
        wtfcb_codebase *codebase = NULL;
        ck_assert_int_eq(wtfcb_scanner_scan(scanner, roots[i], &codebase, NULL), WTFCB_OK);
        tree_assert_list(codebase, "a.c ");
        ck_assert_str_eq(wtfcb_codebase_root(codebase), roots[i]);
        wtfcb_codebase_free(codebase);
    }
    ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

START_TEST(depth_decides_what_is_known_of_a_file)
{
    tree_put("a.c", "/* c */\nint f(void) { return 1; }\n");
    set(WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_FILES);
    wtfcb_codebase *codebase = tree_scan(scanner);
    wtfcb_file file = tree_file(codebase, "a.c");
    ck_assert_str_eq(file.language, "C");
    ck_assert(file.size == 34 && file.lines == 0 && file.flags == 0 && file.symbol_count == 0);
    ck_assert_uint_eq(tree_stats(codebase).files_read, 0);
    wtfcb_codebase_free(codebase);
    set(WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_LINES);
    codebase = tree_scan(scanner);
    file = tree_file(codebase, "a.c");
    ck_assert(file.lines == 2 && file.code == 1 && file.comments == 1 && file.flags == WTFCB_FILE_HASHED);
    ck_assert(file.symbol_count == 0 && tree_stats(codebase).files_read == 1 && tree_stats(codebase).files_parsed == 0);
    wtfcb_codebase_free(codebase);
    set(WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX);
    codebase = tree_scan(scanner);
    file = tree_file(codebase, "a.c");
    ck_assert_uint_eq(file.flags, WTFCB_FILE_HASHED | WTFCB_FILE_SYNTAX);
    ck_assert(file.symbol_count == 1 && tree_stats(codebase).files_parsed == 1);
    ck_assert_uint_eq(tree_stats(codebase).bytes_read, 34);
    ck_assert_uint_eq(tree_stats(codebase).threads, 2);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(lines_are_the_same_at_lines_and_at_syntax)
{
    tree_put_samples();
    wtfcb_codebase *lines = tree_scan_at(WTFCB_DEPTH_LINES);
    wtfcb_codebase *syntax = tree_scan_at(WTFCB_DEPTH_SYNTAX);
    ck_assert_uint_eq(wtfcb_codebase_file_count(lines), wtfcb_codebase_file_count(syntax));
    for (uint64_t i = 0; i < wtfcb_codebase_file_count(lines); i++) {
        wtfcb_file a;
        wtfcb_file b;
        ck_assert_int_eq(wtfcb_codebase_file(lines, i, &a, sizeof a), WTFCB_OK);
        ck_assert_int_eq(wtfcb_codebase_file(syntax, i, &b, sizeof b), WTFCB_OK);
        ck_assert_str_eq(a.path, b.path);
        ck_assert_str_eq(a.language, b.language);
        ck_assert(a.lines == b.lines && a.code == b.code && a.comments == b.comments && a.blanks == b.blanks &&
                  a.documentation == b.documentation && a.embedded_count == b.embedded_count && a.size == b.size);
        ck_assert_mem_eq(a.hash, b.hash, sizeof a.hash);
    }
    wtfcb_codebase_free(lines);
    wtfcb_codebase_free(syntax);
}
END_TEST

START_TEST(keep_decides_what_is_kept_and_never_the_totals)
{
    tree_put_samples();
    wtfcb_codebase *all = tree_scan(scanner);
    wtfcb_totals expected = tree_totals(all);
    ck_assert(expected.symbols > 0 && expected.imports > 0 && expected.findings > 0);
    for (int64_t keep = 0; keep <= WTFCB_KEEP_ALL; keep++) {
        set(WTFCB_SCANNER_KEEP, keep);
        wtfcb_codebase *codebase = tree_scan(scanner);
        wtfcb_totals totals = tree_totals(codebase);
        ck_assert_mem_eq(&totals, &expected, sizeof totals);
        ck_assert_uint_eq(wtfcb_codebase_language_count(codebase), wtfcb_codebase_language_count(all));
        ck_assert_uint_eq(wtfcb_codebase_file_count(codebase), keep ? wtfcb_codebase_file_count(all) : 0);
        ck_assert_uint_eq(wtfcb_codebase_symbol_count(codebase), keep & WTFCB_KEEP_SYMBOLS ? expected.symbols : 0);
        ck_assert_uint_eq(wtfcb_codebase_import_count(codebase), keep & WTFCB_KEEP_IMPORTS ? expected.imports : 0);
        ck_assert_uint_eq(wtfcb_codebase_finding_count(codebase), keep & WTFCB_KEEP_FINDINGS ? expected.findings : 0);
        wtfcb_codebase_free(codebase);
    }
    wtfcb_codebase_free(all);
}
END_TEST

START_TEST(embedded_parts_are_kept_with_the_files_alone)
{
    tree_put_samples();
    wtfcb_codebase *all = tree_scan(scanner);
    ck_assert_uint_ge(wtfcb_codebase_embedded_count(all), 3);
    for (int64_t keep = 0; keep <= WTFCB_KEEP_ALL; keep++) {
        set(WTFCB_SCANNER_KEEP, keep);
        wtfcb_codebase *codebase = tree_scan(scanner);
        ck_assert_uint_eq(wtfcb_codebase_embedded_count(codebase), keep ? wtfcb_codebase_embedded_count(all) : 0);
        wtfcb_codebase_free(codebase);
    }
    wtfcb_codebase_free(all);
}
END_TEST

START_TEST(hidden_names_are_left_out_unless_asked_for_and_vcs_directories_always)
{
    tree_put(".a.c", "");
    tree_put(".d/b.c", "");
    tree_put("c.c", "");
    static const char *const vcs[] = {".git/x.c", ".hg/x.c", ".svn/x.c", ".jj/x.c", "sub/.git/x.c"};
    for (size_t i = 0; i < sizeof vcs / sizeof *vcs; i++)
        tree_put(vcs[i], "");
    assert_scan_lists("c.c ");
    set(WTFCB_SCANNER_HIDDEN, 1);
    assert_scan_lists(".a.c .d/b.c c.c ");
}
END_TEST

START_TEST(ignore_files_hold_unless_they_are_switched_off)
{
    tree_put(".gitignore", "*.o\nbuild/\n!keep.o\n");
    tree_put("a.o", "");
    tree_put("keep.o", "");
    tree_put("build/x.c", "");
    tree_put("sub/.gitignore", "local.c\n");
    tree_put("sub/local.c", "");
    tree_put("sub/other.c", "");
    assert_scan_lists("keep.o sub/other.c ");
    wtfcb_codebase *codebase = tree_scan(scanner);
    ck_assert_uint_eq(tree_stats(codebase).files_ignored, 3);
    wtfcb_codebase_free(codebase);
    set(WTFCB_SCANNER_IGNORE, 0);
    assert_scan_lists("a.o build/x.c keep.o sub/local.c sub/other.c ");
    add(WTFCB_SCANNER_EXCLUDE, "sub/");
    assert_scan_lists("a.o build/x.c keep.o ");
}
END_TEST

START_TEST(exclude_is_above_ignore_files_and_include_chooses)
{
    tree_put(".gitignore", "!a.c\n*.tmp\n");
    tree_put("a.c", "");
    tree_put("b.c", "");
    tree_put("b.py", "");
    tree_put("c.tmp", "");
    tree_put("d/e.c", "");
    tree_put("d/f.js", "");
    add(WTFCB_SCANNER_EXCLUDE, "a.c");
    assert_scan_lists("b.c b.py d/e.c d/f.js ");
    add(WTFCB_SCANNER_INCLUDE, "*.c");
    assert_scan_lists("b.c d/e.c ");
    add(WTFCB_SCANNER_INCLUDE, "*.js");
    assert_scan_lists("b.c d/e.c d/f.js ");
    add(WTFCB_SCANNER_EXCLUDE, "/d");
    assert_scan_lists("b.c ");
}
END_TEST

START_TEST(language_filter_takes_files_of_these_languages_at_every_depth)
{
    tree_put("a.c", "int a;\n");
    tree_put("b.py", "b = 1\n");
    tree_put("script", "#!/usr/bin/env python3\nx = 1\n");
    tree_put("c.rs", "fn c() {}\n");
    add(WTFCB_SCANNER_LANGUAGE, "python");
    assert_scan_lists("b.py script ");
    add(WTFCB_SCANNER_LANGUAGE, "C");
    assert_scan_lists("a.c b.py script ");
    set(WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_LINES);
    assert_scan_lists("a.c b.py script ");
    set(WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_FILES); /* the content is not looked at: names alone decide */
    assert_scan_lists("a.c b.py ");
    wtfcb_codebase *codebase = tree_scan(scanner);
    ck_assert_uint_eq(tree_totals(codebase).files, 2);
    ck_assert_uint_eq(wtfcb_codebase_language_count(codebase), 2);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(file_that_changed_between_scans_has_its_new_facts)
{
    tree_put("a.c", "int a(void) { return 1; }\n");
    wtfcb_codebase *before = tree_scan(scanner);
    tree_put("a.c", "int a(void) { return 1; }\nint b;\n\n");
    tree_put("b.c", "");
    wtfcb_codebase *after = tree_scan(scanner);
    ck_assert_uint_eq(tree_file(before, "a.c").lines, 1);
    ck_assert_uint_eq(tree_file(after, "a.c").lines, 3);
    ck_assert(!tree_has(before, "b.c") && tree_has(after, "b.c"));
    ck_assert_mem_ne(tree_file(before, "a.c").hash, tree_file(after, "a.c").hash, 16);
    wtfcb_codebase_free(before);
    wtfcb_codebase_free(after);
}
END_TEST

static int32_t on_visit(void *user, uint64_t index, const wtfcb_codebase *file)
{
    static uint64_t expected;
    if (index == 0) expected = 0;
    if (index != expected++ || wtfcb_codebase_file_count(file) != 1) return 1;
    dump_file(user, file, 0);
    return 0;
}

START_TEST(visitor_streams_what_a_kept_snapshot_has_whatever_is_kept)
{
    tree_put_samples();
    wtfcb_codebase *kept = tree_scan(scanner);
    static const int64_t keeps[] = {WTFCB_KEEP_TOTALS, WTFCB_KEEP_FILES, WTFCB_KEEP_ALL};
    for (size_t i = 0; i < 3; i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        set(WTFCB_SCANNER_KEEP, keeps[i]);
        ck_assert_int_eq(wtfcb_scanner_set_visitor(scanner, on_visit, out), WTFCB_OK);
        wtfcb_codebase *codebase = tree_scan(scanner);
        fclose(out);
        dump_assert_equal(text, dump_files(kept), "streamed");
        wtfcb_totals a = tree_totals(codebase);
        wtfcb_totals b = tree_totals(kept);
        ck_assert_mem_eq(&a, &b, sizeof a);
        wtfcb_codebase_free(codebase);
    }
    wtfcb_codebase_free(kept);
}
END_TEST

static int32_t stop_at_third(void *user, uint64_t index, const wtfcb_codebase *file)
{
    (void)file;
    ++*(int *)user;
    return index == 2 ? 7 : 0;
}

START_TEST(visitor_that_has_had_enough_ends_the_scan)
{
    tree_put_samples();
    int calls = 0;
    wtfcb_codebase *const before = (wtfcb_codebase *)scanner;
    wtfcb_codebase *codebase = before;
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(wtfcb_scanner_set_visitor(scanner, stop_at_third, &calls), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_scan(scanner, tree_root(), &codebase, &error), WTFCB_ECALLBACK);
    ck_assert_int_eq(error.status, WTFCB_ECALLBACK);
    ck_assert_int_eq(calls, 3);
    ck_assert_ptr_eq(codebase, before);
    ck_assert_int_eq(wtfcb_scanner_set_visitor(scanner, NULL, NULL), WTFCB_OK);
    wtfcb_codebase_free(tree_scan(scanner));
}
END_TEST

typedef struct seen {
    int calls;
    wtfcb_progress last;
    char path[256];
    int32_t answer;
} seen;

static int32_t on_progress(void *user, const wtfcb_progress *progress)
{
    seen *s = user;
    s->calls++;
    if (progress->files_done < s->last.files_done || progress->elapsed_ns < s->last.elapsed_ns) return 99;
    s->last = *progress;
    snprintf(s->path, sizeof s->path, "%s", progress->path);
    return s->answer;
}

static void put_many(size_t count)
{
    char path[64];
    for (size_t i = 0; i < count; i++) {
        const tree_sample *sample = tree_sample_at(i % 11);
        snprintf(path, sizeof path, "d%zu/%zu-%s", i % 17, i, strrchr(sample->path, '/') + 1);
        tree_put(path, sample->text);
    }
}

START_TEST(progress_never_goes_back_and_is_told_at_most_ten_times_a_second)
{
    put_many(600);
    seen s = {.calls = 0};
    ck_assert_int_eq(wtfcb_scanner_set_progress(scanner, on_progress, &s), WTFCB_OK);
    uint64_t before = tree_now_ns();
    wtfcb_codebase *codebase = tree_scan(scanner);
    uint64_t took = tree_now_ns() - before;
    ck_assert_int_ge(s.calls, 1);
    ck_assert_uint_le((uint64_t)s.calls, took / 100000000u + 1);
    ck_assert_uint_le(s.last.files_done, wtfcb_codebase_file_count(codebase));
    ck_assert_uint_le(s.last.files_found, wtfcb_codebase_file_count(codebase));
    ck_assert_uint_eq(s.last.files_failed, 0);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(progress_that_has_had_enough_ends_the_scan)
{
    put_many(200);
    seen s = {.answer = 1};
    wtfcb_codebase *codebase = NULL;
    ck_assert_int_eq(wtfcb_scanner_set_progress(scanner, on_progress, &s), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_scan(scanner, tree_root(), &codebase, NULL), WTFCB_ECALLBACK);
    ck_assert_ptr_null(codebase);
    ck_assert_int_eq(s.calls, 1);
}
END_TEST

static int32_t try_everything(void *user, uint64_t index, const wtfcb_codebase *file)
{
    (void)index;
    (void)file;
    wtfcb_codebase *codebase = NULL;
    int *busy = user;
    static const char *const list[] = {"x"};
    *busy += wtfcb_scanner_scan(scanner, tree_root(), &codebase, NULL) == WTFCB_EBUSY;
    *busy += wtfcb_scanner_scan_list(scanner, NULL, list, 1, &codebase, NULL) == WTFCB_EBUSY;
    *busy += wtfcb_scanner_scan_buffer(scanner, "x.c", "", 0, &codebase, NULL) == WTFCB_EBUSY;
    *busy += wtfcb_scanner_set(scanner, WTFCB_SCANNER_THREADS, 1) == WTFCB_EBUSY;
    *busy += wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_EXCLUDE, "x") == WTFCB_EBUSY;
    *busy += wtfcb_scanner_set_languages(scanner, NULL) == WTFCB_EBUSY;
    *busy += wtfcb_scanner_set_cancel(scanner, NULL) == WTFCB_EBUSY;
    *busy += wtfcb_scanner_set_progress(scanner, NULL, NULL) == WTFCB_EBUSY;
    *busy += wtfcb_scanner_set_visitor(scanner, NULL, NULL) == WTFCB_EBUSY;
    *busy += wtfcb_scanner_set_log(scanner, NULL, NULL) == WTFCB_EBUSY;
    *busy += wtfcb_scanner_set_reader(scanner, NULL, NULL, NULL) == WTFCB_EBUSY;
    return 0;
}

START_TEST(scanner_is_busy_inside_its_callbacks)
{
    tree_put("a.c", "int a;\n");
    int busy = 0;
    ck_assert_int_eq(wtfcb_scanner_set_visitor(scanner, try_everything, &busy), WTFCB_OK);
    wtfcb_codebase *codebase = tree_scan(scanner);
    ck_assert_int_eq(busy, 11);
    wtfcb_codebase_free(codebase);
}
END_TEST

/* In the child of a fork(2): how many of the calls said so. */
static int calls_refused_after_fork(const wtfcb_codebase *codebase)
{
    wtfcb_codebase *other = NULL;
    static const char *const list[] = {"x"};
    int refused = 0;
    refused += wtfcb_scanner_scan(scanner, tree_root(), &other, NULL) == WTFCB_EFORK;
    refused += wtfcb_scanner_scan_list(scanner, NULL, list, 1, &other, NULL) == WTFCB_EFORK;
    refused += wtfcb_scanner_scan_buffer(scanner, "x.c", "", 0, &other, NULL) == WTFCB_EFORK;
    refused += wtfcb_scanner_set(scanner, WTFCB_SCANNER_THREADS, 1) == WTFCB_EFORK;
    refused += wtfcb_scanner_set_cancel(scanner, NULL) == WTFCB_EFORK;
    refused += wtfcb_codebase_file_count(codebase) == 1; /* what was found can still be read */
    wtfcb_scanner_free(scanner);
    return refused;
}

START_TEST(scanner_of_the_parent_is_refused_in_the_child_of_a_fork)
{
    tree_put("a.c", "int a;\n");
    wtfcb_codebase *codebase = tree_scan(scanner);
    pid_t child = fork();
    if (child == 0) _exit(calls_refused_after_fork(codebase));
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 6);
    wtfcb_codebase_free(codebase);
    wtfcb_codebase_free(tree_scan(scanner));
}
END_TEST

START_TEST(scan_leaves_no_thread_no_descriptor_and_no_memory_behind)
{
    tree_put_samples();
    counting memory;
    counting_init(&memory);
    wtfcb_scanner *other;
    int threads = tree_threads();
    int descriptors = tree_open_descriptors();
    ck_assert_int_eq(wtfcb_scanner_new(&memory.allocator, &other), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(other, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX), WTFCB_OK);
    wtfcb_codebase *codebase = tree_scan(other);
    ck_assert_int_eq(tree_open_descriptors(), descriptors);
    for (int i = 0; i < 1000 && tree_threads() != threads; i++)
        usleep(1000);
    ck_assert_int_eq(tree_threads(), threads);
    wtfcb_scanner_free(other);
    wtfcb_codebase_free(codebase);
    counting_assert_clean(&memory);
}
END_TEST

START_TEST(language_table_of_the_callers_serves_the_scan_and_outlives_its_handle)
{
    tree_put("a.c", "int a(void) { return 1; }\n");
    wtfcb_languages *languages;
    ck_assert_int_eq(wtfcb_languages_new(NULL, &languages), WTFCB_OK);
    ck_assert_int_eq(wtfcb_languages_set_grammar(languages, "C", NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set_languages(scanner, languages), WTFCB_OK);
    wtfcb_languages_free(languages);
    wtfcb_codebase *codebase = tree_scan(scanner);
    wtfcb_file file = tree_file(codebase, "a.c");
    ck_assert(file.symbol_count == 0 && file.code == 1 && (file.flags & WTFCB_FILE_SYNTAX) == 0);
    ck_assert_int_eq(wtfcb_scanner_set_languages(scanner, NULL), WTFCB_OK);
    ck_assert_str_eq(file.language, "C"); /* the snapshot keeps the table */
    wtfcb_codebase_free(codebase);
    codebase = tree_scan(scanner);
    ck_assert_uint_eq(tree_file(codebase, "a.c").symbol_count, 1);
    wtfcb_codebase_free(codebase);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("scan");
    TCase *t = tcase_create("scan");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, null_arguments_are_refused_and_explained);
    tcase_add_test(t, root_that_cannot_be_scanned_fails_the_call_and_names_the_path);
    tcase_add_test(t, empty_tree_is_an_empty_snapshot);
    tcase_add_test(t, root_that_is_a_file_is_scanned_alone_whatever_the_ignore_rules_say);
    tcase_add_test(t, root_may_be_a_link_relative_or_have_slashes_behind_it);
    tcase_add_test(t, depth_decides_what_is_known_of_a_file);
    tcase_add_test(t, lines_are_the_same_at_lines_and_at_syntax);
    tcase_add_test(t, keep_decides_what_is_kept_and_never_the_totals);
    tcase_add_test(t, embedded_parts_are_kept_with_the_files_alone);
    tcase_add_test(t, hidden_names_are_left_out_unless_asked_for_and_vcs_directories_always);
    tcase_add_test(t, ignore_files_hold_unless_they_are_switched_off);
    tcase_add_test(t, exclude_is_above_ignore_files_and_include_chooses);
    tcase_add_test(t, language_filter_takes_files_of_these_languages_at_every_depth);
    tcase_add_test(t, file_that_changed_between_scans_has_its_new_facts);
    tcase_add_test(t, visitor_streams_what_a_kept_snapshot_has_whatever_is_kept);
    tcase_add_test(t, visitor_that_has_had_enough_ends_the_scan);
    tcase_add_test(t, progress_never_goes_back_and_is_told_at_most_ten_times_a_second);
    tcase_add_test(t, progress_that_has_had_enough_ends_the_scan);
    tcase_add_test(t, scanner_is_busy_inside_its_callbacks);
    tcase_add_test(t, scanner_of_the_parent_is_refused_in_the_child_of_a_fork);
    tcase_add_test(t, scan_leaves_no_thread_no_descriptor_and_no_memory_behind);
    tcase_add_test(t, language_table_of_the_callers_serves_the_scan_and_outlives_its_handle);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
