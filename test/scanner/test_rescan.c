/* What a rescan promises: the rows of a new scan, for the work of what has changed, sharing the rest with the snapshot before it. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/counting.h"
#include "recall.h"
#include "steps.h"

static counting memory;
static wtfcb_languages *languages;
static wtfcb_scanner *scanner;
static wtfcb_codebase *before;

static wtfcb_scanner *make_scanner(const wtfcb_allocator *allocator)
{
    wtfcb_scanner *made = NULL;
    ck_assert_int_eq(wtfcb_scanner_new(allocator, &made), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set_languages(made, languages), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(made, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(made, WTFCB_SCANNER_THREADS, 2), WTFCB_OK);
    return made;
}

static void begin(void)
{
    recall_begin();
    tree_put_samples();
    tree_put("c/inner/deep.c", "int deep(void) { return 1; }\n");
    tree_put("c/inner/more.c", "int more(void) { return 1; }\n");
    tree_put("other/x.c", "int x(void) { return 1; }\n");
    ck_assert_int_eq(wtfcb_languages_new(NULL, &languages), WTFCB_OK);
    counting_init(&memory);
    scanner = make_scanner(&memory.allocator);
    before = tree_scan(scanner);
}

static void finish(void)
{
    wtfcb_codebase_free(before);
    wtfcb_scanner_free(scanner);
    wtfcb_languages_free(languages);
    counting_assert_clean(&memory);
    recall_end();
}

static wtfcb_status try_rescan(wtfcb_codebase *from, const char *path, wtfcb_codebase **ret_codebase)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = wtfcb_scanner_rescan(scanner, from, &path, 1, ret_codebase, &error);
    if (status != WTFCB_OK) {
        ck_assert_int_eq(error.status, status);
        ck_assert_str_ne(error.message, "");
    }
    return status;
}

static wtfcb_codebase *rescan(wtfcb_codebase *from, const char *const *paths, size_t count)
{
    wtfcb_codebase *codebase = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = wtfcb_scanner_rescan(scanner, from, paths, count, &codebase, &error);
    ck_assert_msg(status == WTFCB_OK, "%s", error.message);
    return codebase;
}

/* A rescan of one path gives the rows of a new scan. */
static wtfcb_codebase *rescan_equal(const char *path)
{
    wtfcb_codebase *codebase = rescan(before, &path, 1);
    wtfcb_scanner *fresh = make_scanner(NULL);
    wtfcb_codebase *cold = tree_scan(fresh);
    dump_assert_equal(dump_codebase(codebase), dump_codebase(cold), path);
    wtfcb_codebase_free(cold);
    wtfcb_scanner_free(fresh);
    return codebase;
}

/* The work that it was, for a path that has not changed or has. */
static void assert_work(const char *path, uint64_t files, uint64_t most_directories)
{
    wtfcb_codebase *codebase = rescan_equal(path);
    wtfcb_scan_stats stats = tree_stats(codebase);
    ck_assert_msg(stats.files_read == files, "%s: %d files read", path, (int)stats.files_read);
    ck_assert_msg(stats.directories <= most_directories, "%s: %d directories", path, (int)stats.directories);
    ck_assert_uint_eq(stats.hits_unchanged, wtfcb_codebase_file_count(codebase) - files);
    wtfcb_codebase_free(codebase);
}

START_TEST(only_the_paths_that_changed_are_looked_at)
{
    tree_put("c/inner/deep.c", "int deeper(int a) { return a; }\n");
    assert_work("c/inner/deep.c", 1, 3);
    assert_work("./c//inner/deep.c", 1, 3);
    assert_work("c/inner", 2, 3);
    assert_work("c/inner/", 2, 3);
}
END_TEST

START_TEST(nothing_that_changed_costs_no_file)
{
    wtfcb_codebase *codebase = rescan(before, NULL, 0);
    dump_assert_equal(dump_codebase(codebase), dump_codebase(before), "no paths");
    ck_assert_uint_eq(tree_stats(codebase).files_read, 0);
    ck_assert_uint_le(tree_stats(codebase).directories, 1);
    wtfcb_codebase_free(codebase);
    assert_work("was/never/there.c", 0, 1);
    assert_work("left.tmp", 0, 1);
    assert_work("skipped/x.c", 0, 1);
}
END_TEST

START_TEST(rows_that_are_taken_over_say_so)
{
    tree_put("other/x.c", "int y(void) { return 2; }\n");
    wtfcb_codebase *codebase = rescan_equal("other/x.c");
    wtfcb_file file;
    for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &file, sizeof file) == WTFCB_OK; i++)
        ck_assert_uint_eq(file.origin,
                          strcmp(file.path, "other/x.c") == 0 ? WTFCB_ORIGIN_PARSED : WTFCB_ORIGIN_UNCHANGED);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(new_changed_and_removed_files_and_directories_are_seen)
{
    tree_put("c/new.c", "int new(void);\n");
    wtfcb_codebase_free(rescan_equal("c/new.c"));
    (void)unlink(tree_path("c/new.c"));
    (void)unlink(tree_path("c/list.c"));
    wtfcb_codebase_free(rescan_equal("c/list.c"));
    tree_put("c/list.c", "int again;\n");
    tree_put("fresh/one/a.c", "int a;\n");
    tree_put("fresh/two/b.py", "b = 1\n");
    static const char *const both[] = {"fresh", "c/list.c"};
    wtfcb_codebase *codebase = rescan(before, both, 2);
    ck_assert(tree_has(codebase, "fresh/one/a.c") && tree_has(codebase, "fresh/two/b.py"));
    wtfcb_codebase_free(before);
    before = codebase;
    ck_assert_int_eq(rename(tree_path("c/inner"), tree_path("moved")), 0);
    static const char *const moved[] = {"c/inner", "moved"};
    codebase = rescan(before, moved, 2);
    ck_assert(!tree_has(codebase, "c/inner/deep.c") && tree_has(codebase, "moved/deep.c"));
    ck_assert_uint_eq(tree_stats(codebase).files_read, 2);
    wtfcb_codebase_free(codebase);
    ck_assert_int_eq(rename(tree_path("moved"), tree_path("c/inner")), 0);
    wtfcb_codebase_free(rescan_equal("."));
}
END_TEST

START_TEST(file_becomes_directory_and_back)
{
    (void)unlink(tree_path("empty.c"));
    tree_put("empty.c/inside.c", "int i;\n");
    wtfcb_codebase *codebase = rescan_equal("empty.c");
    wtfcb_codebase_free(before);
    before = codebase;
    (void)unlink(tree_path("empty.c/inside.c"));
    (void)rmdir(tree_path("empty.c"));
    tree_put("empty.c", "int e;\n");
    wtfcb_codebase_free(rescan_equal("empty.c"));
}
END_TEST

START_TEST(directory_whose_name_begins_like_a_path_is_another_one)
{
    tree_put("c-x/a.c", "int a;\n");
    tree_put("c.d/a.c", "int a;\n");
    wtfcb_codebase *codebase = rescan_equal(".");
    wtfcb_codebase_free(before);
    before = codebase;
    tree_put("c/inner/deep.c", "int other(void);\n");
    codebase = rescan_equal("c");
    ck_assert_uint_eq(tree_file(codebase, "c-x/a.c").origin, WTFCB_ORIGIN_UNCHANGED);
    ck_assert_uint_eq(tree_file(codebase, "c.d/a.c").origin, WTFCB_ORIGIN_UNCHANGED);
    ck_assert_uint_eq(tree_file(codebase, "c/inner/deep.c").origin, WTFCB_ORIGIN_PARSED);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(file_of_rules_stands_for_its_directory)
{
    tree_put("c/.gitignore", "broken.c\ninner/\n");
    wtfcb_codebase *codebase = rescan_equal("c/.gitignore");
    ck_assert(!tree_has(codebase, "c/broken.c") && !tree_has(codebase, "c/inner/deep.c"));
    ck_assert_uint_eq(tree_file(codebase, "other/x.c").origin, WTFCB_ORIGIN_UNCHANGED);
    wtfcb_codebase_free(before);
    before = codebase;
    (void)unlink(tree_path("c/.gitignore"));
    wtfcb_codebase_free(rescan_equal("c/.gitignore"));
    tree_put(".gitattributes", "*.py linguist-language=C\n");
    codebase = rescan_equal(".gitattributes");
    ck_assert_str_eq(tree_file(codebase, "no_newline.py").language, "C");
    wtfcb_codebase_free(codebase);
    tree_put(".gitignore", "*.py\n");
    wtfcb_codebase_free(rescan_equal("./.gitignore"));
}
END_TEST

static void update(const char *path)
{
    wtfcb_codebase *codebase = rescan_equal(path);
    wtfcb_codebase_free(before);
    before = codebase;
}

START_TEST(file_of_a_repository_that_rules_come_from_stands_for_the_directory)
{
    char text[5000];
    tree_put("py/.git/HEAD", "ref: refs/heads/main\n");
    tree_directory("py/.git/objects");
    tree_directory("py/.git/refs");
    update("py/.git");
    tree_put("py/.git/info/exclude", "mod.py\n");
    update("py/.git/info/exclude");
    ck_assert(!tree_has(before, "py/mod.py"));
    (void)unlink(tree_path("py/.git/info/exclude"));
    (void)rmdir(tree_path("py/.git/info"));
    update("py/.git/info");
    ck_assert(tree_has(before, "py/mod.py"));
    tree_put("rules", "mod.py\n");
    snprintf(text, sizeof text, "[core]\n\texcludesFile = %s\n", tree_path("rules"));
    tree_put("py/.git/config", text);
    static const char *const paths[] = {"rules", "py/.git/config"};
    wtfcb_codebase *codebase = rescan(before, paths, 2);
    ck_assert(!tree_has(codebase, "py/mod.py") && tree_has(codebase, "rules"));
    ck_assert_uint_eq(tree_file(codebase, "other/x.c").origin, WTFCB_ORIGIN_UNCHANGED);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(name_that_ends_like_that_of_a_repository_is_a_name)
{
    tree_put("bare.git/info/exclude", "# none\n");
    update("bare.git/info/exclude");
    ck_assert(tree_has(before, "bare.git/info/exclude"));
    tree_put("bare.git/config", "[core]\n");
    update("bare.git/config");
    ck_assert(tree_has(before, "bare.git/config"));
    tree_put("c/./inner/deep.c", "int dots;\n");
    update("./c/././inner/./deep.c/.");
}
END_TEST

START_TEST(nothing_is_known_below_a_directory_that_cannot_be_read_any_more)
{
    steps_give_up_privileges();
    ck_assert_int_eq(chmod(tree_path("c"), 0), 0);
    wtfcb_codebase *codebase = rescan_equal("c/list.c"); /* on the way to it */
    ck_assert_int_eq(tree_file(codebase, "c").status, WTFCB_EACCES);
    ck_assert(!tree_has(codebase, "c/inner/deep.c"));
    wtfcb_codebase_free(before);
    before = codebase;
    wtfcb_codebase_free(rescan_equal("c"));
    ck_assert_int_eq(chmod(tree_path("c"), 0777), 0);
    wtfcb_codebase_free(rescan_equal("c"));
}
END_TEST

START_TEST(statistics_are_of_the_call)
{
    tree_put("c/list.c", "int list;\n");
    wtfcb_codebase *codebase = rescan_equal("c/list.c");
    wtfcb_scan_stats stats = tree_stats(codebase);
    ck_assert_uint_eq(stats.files_walked, 1);
    ck_assert_uint_eq(stats.files_parsed, 1);
    ck_assert_uint_gt(stats.wall_ns, 0);
    wtfcb_codebase_free(codebase);
}
END_TEST

static int32_t on_visit(void *user, uint64_t index, const wtfcb_codebase *file)
{
    wtfcb_file row;
    ck_assert_int_eq(wtfcb_codebase_file(file, 0, &row, sizeof row), WTFCB_OK);
    ck_assert_uint_eq(index, 0);
    ck_assert_str_eq(row.path, "c/list.c");
    ++*(int *)user;
    return 0;
}

START_TEST(visitor_receives_what_was_looked_at)
{
    int calls = 0;
    const char *path = "c/list.c";
    ck_assert_int_eq(wtfcb_scanner_set_visitor(scanner, on_visit, &calls), WTFCB_OK);
    wtfcb_codebase_free(rescan(before, &path, 1));
    ck_assert_int_eq(calls, 1);
}
END_TEST

START_TEST(paths_that_are_no_paths_below_the_root_are_refused)
{
    static const char *const wrong[] = {"",  "/", "/etc/passwd", "..", "../x", "c/..", "c/../c/list.c", "a/b/../../..",
                                        NULL};
    wtfcb_codebase *codebase = before;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *paths[] = {"c/list.c", wrong[i]};
        ck_assert_int_eq(wtfcb_scanner_rescan(scanner, before, paths, 2, &codebase, NULL), WTFCB_EINVAL);
        ck_assert_int_eq(try_rescan(before, wrong[i], &codebase), WTFCB_EINVAL);
        ck_assert_ptr_eq(codebase, before);
    }
    const char *path = "c/..list.c/...";
    wtfcb_codebase_free(rescan(before, &path, 1)); /* names with dots in them are names */
    ck_assert_int_eq(wtfcb_scanner_rescan(scanner, before, NULL, 1, &codebase, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_rescan(scanner, NULL, &path, 1, &codebase, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_rescan(scanner, before, &path, 1, NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_rescan(NULL, before, &path, 1, &codebase, NULL), WTFCB_EINVAL);
    ck_assert_ptr_eq(codebase, before);
}
END_TEST

START_TEST(snapshot_that_was_made_otherwise_is_refused)
{
    static const int32_t options[][2] = {{WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_LINES},
                                         {WTFCB_SCANNER_HIDDEN, 1},
                                         {WTFCB_SCANNER_FOLLOW, 1},
                                         {WTFCB_SCANNER_IGNORE, 0},
                                         {WTFCB_SCANNER_ATTRIBUTES, 0},
                                         {WTFCB_SCANNER_SKIP, WTFCB_FILE_VENDORED},
                                         {WTFCB_SCANNER_MAX_FILE_SIZE, 100},
                                         {WTFCB_SCANNER_MAX_PARSE_SIZE, 100},
                                         {WTFCB_SCANNER_MAX_FILE_WORK, 1000},
                                         {WTFCB_SCANNER_MAX_FINDINGS, 1},
                                         {WTFCB_SCANNER_MAX_NESTING, 5},
                                         {WTFCB_SCANNER_MAX_DEPTH, 1},
                                         {WTFCB_SCANNER_KEEP, WTFCB_KEEP_FILES},
                                         {WTFCB_SCANNER_KEEP, WTFCB_KEEP_TOTALS}};
    wtfcb_codebase *codebase = before;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        int64_t value;
        ck_assert_int_eq(wtfcb_scanner_get(scanner, options[i][0], &value), WTFCB_OK);
        ck_assert_int_eq(wtfcb_scanner_set(scanner, options[i][0], options[i][1]), WTFCB_OK);
        ck_assert_msg(try_rescan(before, "c", &codebase) == WTFCB_EINVAL, "option %d", options[i][0]);
        ck_assert_int_eq(wtfcb_scanner_set(scanner, options[i][0], value), WTFCB_OK);
    }
    static const int32_t texts[] = {WTFCB_SCANNER_EXCLUDE, WTFCB_SCANNER_INCLUDE, WTFCB_SCANNER_LANGUAGE,
                                    WTFCB_SCANNER_ATTRIBUTE};
    static const char *const values[] = {"*.x", "*", "C", "*.c linguist-vendored"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ck_assert_int_eq(wtfcb_scanner_add_string(scanner, texts[i], values[i]), WTFCB_OK);
        ck_assert_msg(try_rescan(before, "c", &codebase) == WTFCB_EINVAL, "option %d", texts[i]);
        ck_assert_int_eq(wtfcb_scanner_add_string(scanner, texts[i], NULL), WTFCB_OK);
    }
    ck_assert_ptr_eq(codebase, before);
    static const int32_t harmless[][2] = {{WTFCB_SCANNER_THREADS, 1}, {WTFCB_SCANNER_WINDOW, 10000}};
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
        ck_assert_int_eq(wtfcb_scanner_set(scanner, harmless[i][0], harmless[i][1]), WTFCB_OK);
        wtfcb_codebase_free(rescan_equal("c"));
    }
}
END_TEST

START_TEST(snapshot_of_another_table_a_list_a_file_or_a_buffer_is_refused)
{
    wtfcb_codebase *codebase = before, *made = NULL;
    static const char *const list[] = {"c"};
    ck_assert_int_eq(wtfcb_scanner_scan_list(scanner, tree_root(), list, 1, &made, NULL), WTFCB_OK);
    ck_assert_int_eq(try_rescan(made, "c", &codebase), WTFCB_EINVAL);
    wtfcb_codebase_free(made);
    ck_assert_int_eq(wtfcb_scanner_scan(scanner, tree_path("empty.c"), &made, NULL), WTFCB_OK);
    ck_assert_int_eq(try_rescan(made, "empty.c", &codebase), WTFCB_EINVAL);
    wtfcb_codebase_free(made);
    ck_assert_int_eq(wtfcb_scanner_scan_buffer(scanner, "a.c", "int a;\n", 7, &made, NULL), WTFCB_OK);
    ck_assert_int_eq(try_rescan(made, "a.c", &codebase), WTFCB_EINVAL);
    wtfcb_codebase_free(made);
    wtfcb_languages *table = NULL;
    ck_assert_int_eq(wtfcb_languages_new(NULL, &table), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set_languages(scanner, table), WTFCB_OK);
    wtfcb_languages_free(table);
    ck_assert_int_eq(try_rescan(before, "c", &codebase), WTFCB_EINVAL);
    ck_assert_ptr_eq(codebase, before);
}
END_TEST

START_TEST(snapshot_with_totals_alone_is_refused)
{
    wtfcb_codebase *codebase = before;
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_KEEP, WTFCB_KEEP_TOTALS), WTFCB_OK);
    wtfcb_codebase *totals = tree_scan(scanner);
    ck_assert_int_eq(try_rescan(totals, "c", &codebase), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_KEEP, WTFCB_KEEP_FILES), WTFCB_OK);
    ck_assert_int_eq(try_rescan(totals, "c", &codebase), WTFCB_EINVAL);
    wtfcb_codebase_free(totals);
    ck_assert_ptr_eq(codebase, before);
}
END_TEST

static int32_t sleep_once(void *user, uint64_t index, const wtfcb_codebase *file)
{
    (void)user;
    (void)file;
    if (index == 0) (void)usleep(30000);
    return 0;
}

START_TEST(snapshot_that_a_deadline_has_cut_is_refused)
{
    wtfcb_codebase *codebase = before, *cut = NULL;
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEADLINE, 1), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_WINDOW, 1), WTFCB_OK); /* a file at a time */
    ck_assert_int_eq(wtfcb_scanner_set_visitor(scanner, sleep_once, NULL), WTFCB_OK);
    cut = tree_scan(scanner);
    ck_assert_int_eq(tree_stats(cut).status, WTFCB_ETIMEOUT);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEADLINE, 0), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set_visitor(scanner, NULL, NULL), WTFCB_OK);
    ck_assert_int_eq(try_rescan(cut, "c", &codebase), WTFCB_EINVAL);
    ck_assert_ptr_eq(codebase, before);
    wtfcb_codebase_free(cut);
}
END_TEST

START_TEST(root_that_is_gone_or_a_file_is_told_apart)
{
    wtfcb_codebase *codebase = before;
    ck_assert_int_eq(rename(tree_root(), tree_path("../away")), 0);
    ck_assert_int_eq(try_rescan(before, "c", &codebase), WTFCB_ENOTFOUND);
    int fd = open(tree_root(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert_int_eq(try_rescan(before, "c", &codebase), WTFCB_ECHANGED);
    ck_assert_ptr_eq(codebase, before);
    (void)unlink(tree_root());
}
END_TEST

START_TEST(facts_are_shared_and_outlive_either_snapshot)
{
    for (int first = 0; first < 2; first++) {
        wtfcb_codebase *old = tree_scan(scanner);
        long long alone = atomic_load(&memory.live_bytes);
        tree_put("other/x.c", first ? "int a1(void);\n" : "int a2(void);\n");
        const char *path = "other/x.c";
        wtfcb_codebase *new = rescan(old, &path, 1);
        wtfcb_file a = tree_file(old, "c/list.c"), b = tree_file(new, "c/list.c");
        wtfcb_symbol x, y;
        ck_assert_int_eq(wtfcb_codebase_symbol(old, a.first_symbol, &x, sizeof x), WTFCB_OK);
        ck_assert_int_eq(wtfcb_codebase_symbol(new, b.first_symbol, &y, sizeof y), WTFCB_OK);
        ck_assert_ptr_eq(x.name, y.name);
        ck_assert_ptr_eq(a.path, b.path);
        ck_assert_int_lt(atomic_load(&memory.live_bytes) - alone, alone);
        char *text[2] = {dump_codebase(old), dump_codebase(new)};
        wtfcb_codebase_free(first ? old : new);
        wtfcb_codebase *left = first ? new : old;
        dump_assert_equal(dump_codebase(left), text[first], "the one that is left");
        wtfcb_codebase_free(left);
        free(text[!first]);
    }
}
END_TEST

START_TEST(many_snapshots_can_be_freed_in_any_order)
{
    enum { COUNT = 40 };
    wtfcb_codebase *snapshots[COUNT] = {wtfcb_codebase_ref(before)};
    char *texts[COUNT] = {dump_codebase(before)};
    uint64_t dice = 7;
    for (int i = 1; i < COUNT; i++) {
        char text[64], name[32];
        snprintf(name, sizeof name, "c/n%d.c", (int)(tree_random(&dice) % 9));
        snprintf(text, sizeof text, "int f%d(void) { return %d; }\n", i, i);
        tree_put(name, text);
        const char *path = name;
        snapshots[i] = rescan(snapshots[i - 1], &path, 1);
        texts[i] = dump_codebase(snapshots[i]);
    }
    for (int left = COUNT; left > 0; left--) {
        int at = (int)(tree_random(&dice) % (unsigned)left);
        dump_assert_equal(dump_codebase(snapshots[at]), texts[at], "whichever is left");
        wtfcb_codebase_free(snapshots[at]);
        snapshots[at] = snapshots[left - 1];
        texts[at] = texts[left - 1];
    }
}
END_TEST

START_TEST(memory_stays_level_over_many_rescans)
{
    wtfcb_codebase *at = wtfcb_codebase_ref(before);
    long long settled = 0, highest = 0;
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_THREADS, 1), WTFCB_OK); /* the same bytes in every run */
    for (int i = 0; i < 200; i++) {
        char text[64];
        snprintf(text, sizeof text, "int f%03d(void) { return %03d; }\n", i, i);
        const char *paths[] = {"other/x.c", i % 2 ? "other/one.c" : "other/two.c"};
        tree_put(paths[0], text);
        (void)unlink(tree_path(i % 2 ? "other/two.c" : "other/one.c"));
        tree_put(paths[1], text);
        const char *all[] = {"other/x.c", "other/one.c", "other/two.c"};
        wtfcb_codebase *next = rescan(at, all, 3);
        wtfcb_codebase_free(at);
        at = next;
        long long now = atomic_load(&memory.live_bytes);
        if (i < 20 && now > settled) settled = now;
        if (i >= 20 && now > highest) highest = now;
    }
    ck_assert_msg(highest <= settled, "%lld bytes after %lld", highest, settled);
    wtfcb_codebase_free(before);
    before = at;
    wtfcb_codebase_free(rescan_equal("."));
}
END_TEST

/* One round of memory that runs out; false when no allocation failed any more. */
static bool fail_allocation(unsigned long n, bool rest, const char *expected)
{
    static const char *const paths[] = {"c/inner/deep.c", "other", "c/.gitignore", "web/page.html", "gone"};
    wtfcb_codebase *const untouched = before;
    wtfcb_codebase *codebase = untouched;
    wtfcb_error error = WTFCB_ERROR_INIT;
    long live = atomic_load(&memory.live);
    counting_fail(&memory, n, rest);
    wtfcb_status status = wtfcb_scanner_rescan(scanner, before, paths, 5, &codebase, &error);
    bool failed = atomic_load(&memory.failed) > 0;
    counting_fail(&memory, 0, false);
    if (status == WTFCB_ENOMEM) {
        ck_assert_ptr_eq(codebase, untouched);
        ck_assert_msg(error.status == WTFCB_ENOMEM && error.message[0], "allocation %lu: no words", n);
    } else {
        ck_assert_msg(status == WTFCB_OK, "allocation %lu: %s", n, wtfcb_status_name(status));
        bool short_of_it = false;
        wtfcb_file file;
        for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &file, sizeof file) == WTFCB_OK; i++)
            short_of_it = short_of_it || file.status == WTFCB_ENOMEM;
        if (!short_of_it) dump_assert_equal(dump_codebase(codebase), strdup(expected), "in need");
        wtfcb_codebase_free(codebase);
    }
    ck_assert_msg(atomic_load(&memory.live) == live, "allocation %lu: %ld blocks are left", n,
                  atomic_load(&memory.live) - live);
    return failed;
}

START_TEST(rescan_survives_every_allocation_that_fails)
{
    char *old = dump_codebase(before);
    tree_put("c/inner/deep.c", "int deeper(int a) { return a; }\n");
    tree_put("other/new.c", "int o(void) { return 1; }\n");
    tree_put("c/.gitignore", "broken.c\n");
    tree_put("web/page.html", "<script>\nlet b = 2;\n</script>\n");
    wtfcb_codebase *now = tree_scan(scanner);
    char *expected = dump_codebase(now);
    wtfcb_codebase_free(now);
    if (_i >= 2) /* from a snapshot that has come from as many others as are kept apart */
        for (int i = 0; i < 8; i++) {
            const char *path = "other";
            wtfcb_codebase *next = rescan(before, &path, 1);
            wtfcb_codebase_free(before);
            before = next;
        }
    int descriptors = tree_open_descriptors();
    unsigned long n = 1;
    while (fail_allocation(n, _i % 2, expected)) {
        n++;
        ck_assert_uint_lt(n, 20000);
    }
    ck_assert_uint_gt(n, 10);
    ck_assert_int_eq(tree_open_descriptors(), descriptors);
    if (_i < 2) dump_assert_equal(dump_codebase(before), strdup(old), "the earlier snapshot");
    free(old);
    free(expected);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("rescan");
    TCase *t = tcase_create("rescan");
    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_test(t, only_the_paths_that_changed_are_looked_at);
    tcase_add_test(t, nothing_that_changed_costs_no_file);
    tcase_add_test(t, rows_that_are_taken_over_say_so);
    tcase_add_test(t, new_changed_and_removed_files_and_directories_are_seen);
    tcase_add_test(t, file_becomes_directory_and_back);
    tcase_add_test(t, directory_whose_name_begins_like_a_path_is_another_one);
    tcase_add_test(t, file_of_rules_stands_for_its_directory);
    tcase_add_test(t, file_of_a_repository_that_rules_come_from_stands_for_the_directory);
    tcase_add_test(t, name_that_ends_like_that_of_a_repository_is_a_name);
    tcase_add_test(t, nothing_is_known_below_a_directory_that_cannot_be_read_any_more);
    tcase_add_test(t, statistics_are_of_the_call);
    tcase_add_test(t, visitor_receives_what_was_looked_at);
    tcase_add_test(t, paths_that_are_no_paths_below_the_root_are_refused);
    tcase_add_test(t, snapshot_that_was_made_otherwise_is_refused);
    tcase_add_test(t, snapshot_of_another_table_a_list_a_file_or_a_buffer_is_refused);
    tcase_add_test(t, snapshot_with_totals_alone_is_refused);
    tcase_add_test(t, snapshot_that_a_deadline_has_cut_is_refused);
    tcase_add_test(t, root_that_is_gone_or_a_file_is_told_apart);
    tcase_add_test(t, facts_are_shared_and_outlive_either_snapshot);
    tcase_add_test(t, many_snapshots_can_be_freed_in_any_order);
    tcase_add_test(t, memory_stays_level_over_many_rescans);
    tcase_add_loop_test(t, rescan_survives_every_allocation_that_fails, 0, 4);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
