/*
 * The walk over trees of every shape: links, loops, special files, odd names, depth, width, rights, few descriptors.
 */
#include <wtfcb/scanner.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "dump.h"
#include "tree.h"

static wtfcb_scanner *scanner;

static void set_up(void)
{
    tree_begin();
    scanner = tree_scanner(WTFCB_DEPTH_LINES, 3);
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

#define assert_scan_lists(expected)                                                                                    \
    do {                                                                                                               \
        wtfcb_codebase *scanned = tree_scan(scanner);                                                                  \
        tree_assert_list(scanned, expected);                                                                           \
        wtfcb_codebase_free(scanned);                                                                                  \
    } while (0)

/* Fails unless every row stands behind the one before it by memcmp of whole paths; returns how many there are. */
static uint64_t assert_path_order(const wtfcb_codebase *codebase)
{
    wtfcb_file before = {0};
    wtfcb_file file;
    uint64_t count = 0;
    for (; wtfcb_codebase_file(codebase, count, &file, sizeof file) == WTFCB_OK; count++) {
        if (count > 0) {
            uint64_t common = before.path_length < file.path_length ? before.path_length : file.path_length;
            int order = memcmp(before.path, file.path, common);
            if (order > 0 || (order == 0 && before.path_length >= file.path_length))
                ck_abort_msg("%.100s, %.100s", before.path, file.path);
        }
        before = file;
    }
    return count;
}

START_TEST(links_are_left_out_unless_followed)
{
    tree_put("real/a.c", "int a;\n");
    tree_put("b.c", "int b;\n");
    tree_link("real", "dir");
    tree_link("b.c", "file.c");
    assert_scan_lists("b.c real/a.c ");
    set(WTFCB_SCANNER_FOLLOW, 1);
    assert_scan_lists("b.c dir/a.c file.c real/a.c ");
    wtfcb_codebase *codebase = tree_scan(scanner);
    ck_assert_uint_eq(tree_file(codebase, "file.c").code, 1);
    ck_assert_uint_eq(tree_file(codebase, "dir/a.c").code, 1);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(loop_of_links_ends_with_a_row_that_says_so)
{
    tree_put("a/b/x.c", "int x;\n");
    tree_link("..", "a/up");
    tree_link(".", "a/b/self");
    tree_link("pong", "ping");
    tree_link("ping", "pong");
    tree_link("nowhere", "dangling");
    set(WTFCB_SCANNER_FOLLOW, 1);
    wtfcb_codebase *codebase = tree_scan(scanner);
    ck_assert_int_eq(tree_file(codebase, "a/b/self").status, WTFCB_ELOOP);
    ck_assert_int_eq(tree_file(codebase, "a/up").status, WTFCB_ELOOP);
    ck_assert_uint_eq(tree_file(codebase, "a/up").flags & WTFCB_FILE_DIRECTORY, WTFCB_FILE_DIRECTORY);
    ck_assert_int_eq(tree_file(codebase, "ping").status, WTFCB_ELOOP);
    ck_assert_int_eq(tree_file(codebase, "dangling").status, WTFCB_ENOTFOUND);
    ck_assert_int_eq(tree_file(codebase, "a/b/x.c").status, WTFCB_OK);
    ck_assert_uint_eq(wtfcb_codebase_file_count(codebase), 6);
    wtfcb_codebase_free(codebase);
}
END_TEST

/* A watch tells whether anybody opened a file; one that is opened proves that the watch works. */
START_TEST(fifo_socket_and_device_are_rows_and_never_opened)
{
    tree_put("a.c", "int a;\n");
    ck_assert_int_eq(mkfifo(tree_path("fifo.c"), 0666), 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    ck_assert_int_eq(chdir(tree_root()), 0);
    snprintf(address.sun_path, sizeof address.sun_path, "socket.c");
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(chdir("/"), 0);
    bool device = mknod(tree_path("device.c"), S_IFCHR | 0666, makedev(1, 3)) == 0; /* needs rights */
    int watch = inotify_init1(IN_NONBLOCK);
    static const char *const names[] = {"fifo.c", "socket.c", "device.c"};
    for (size_t i = 0; i < (device ? 3 : 2); i++)
        ck_assert_int_ge(inotify_add_watch(watch, tree_path(names[i]), IN_OPEN | IN_ACCESS), 0);
    for (int follow = 0; follow < 2; follow++) {
        set(WTFCB_SCANNER_FOLLOW, follow);
        wtfcb_codebase *codebase = tree_scan(scanner);
        for (size_t i = 0; i < (device ? 3 : 2); i++)
            ck_assert_int_eq(tree_file(codebase, names[i]).status, WTFCB_ESPECIAL);
        ck_assert_int_eq(tree_file(codebase, "a.c").status, WTFCB_OK);
        wtfcb_codebase_free(codebase);
    }
    char event[4096];
    ck_assert_int_eq(read(watch, event, sizeof event), -1);
    ck_assert_int_eq(errno, EAGAIN);
    int fd = open(tree_path("fifo.c"), O_RDONLY | O_NONBLOCK);
    ck_assert_int_gt(read(watch, event, sizeof event), 0);
    close(fd);
    close(watch);
    close(listener);
}
END_TEST

/* Rights mean nothing to root: become nobody for the scan, in the test's own process. */
static bool drop_rights(void)
{
    return geteuid() != 0 || seteuid(65534) == 0;
}

static void regain_rights(uid_t before)
{
    if (geteuid() != before) ck_assert_int_eq(seteuid(before), 0);
}

/* Temporary directories are the user's own: open those of this test, up to the one that is everybody's. */
static void let_everybody_in(void)
{
    char at[4096];
    struct stat st;
    snprintf(at, sizeof at, "%s", tree_root());
    while (at[0] && stat(at, &st) == 0 && !(st.st_mode & S_ISVTX)) {
        if (st.st_uid == geteuid() && (st.st_mode & 0755) != 0755) ck_assert_int_eq(chmod(at, 0755), 0);
        *strrchr(at, '/') = '\0';
    }
}

START_TEST(unreadable_directory_and_file_are_rows_with_status_and_errno)
{
    tree_put("open/a.c", "int a;\n");
    tree_put("closed/b.c", "int b;\n");
    tree_put("no_search/c.c", "int c;\n");
    tree_put("secret.c", "int s;\n");
    uid_t before = geteuid();
    let_everybody_in();
    ck_assert_int_eq(chmod(tree_path("closed"), 0), 0);
    ck_assert_int_eq(chmod(tree_path("no_search"), 0444), 0);
    ck_assert_int_eq(chmod(tree_path("secret.c"), 0), 0);
    if (!drop_rights() || access(tree_root(), R_OK) != 0) {
        regain_rights(before);
        return; /* this machine does not let nobody in here */
    }
    wtfcb_codebase *codebase = NULL;
    wtfcb_status status = wtfcb_scanner_scan(scanner, tree_root(), &codebase, NULL);
    wtfcb_codebase *root = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status of_root = wtfcb_scanner_scan(scanner, tree_path("closed"), &root, &error);
    regain_rights(before);
    ck_assert_int_eq(chmod(tree_path("closed"), 0755), 0);
    ck_assert_int_eq(chmod(tree_path("no_search"), 0755), 0);
    if (status == WTFCB_OK && tree_file(codebase, "secret.c").status == WTFCB_OK) return; /* rights did not go */
    ck_assert_int_eq(status, WTFCB_OK);
    ck_assert_int_eq(tree_file(codebase, "open/a.c").status, WTFCB_OK);
    ck_assert_int_eq(tree_file(codebase, "closed").status, WTFCB_EACCES);
    ck_assert_int_eq(tree_file(codebase, "closed").os_error, EACCES);
    ck_assert_uint_eq(tree_file(codebase, "closed").flags, WTFCB_FILE_DIRECTORY);
    ck_assert_int_eq(tree_file(codebase, "secret.c").status, WTFCB_EACCES);
    ck_assert_int_eq(tree_file(codebase, "no_search/c.c").status, WTFCB_EACCES);
    ck_assert_uint_eq(tree_totals(codebase).files, 3);
    ck_assert_uint_eq(tree_totals(codebase).failed, 3);
    wtfcb_codebase_free(codebase);
    ck_assert_int_eq(of_root, WTFCB_EACCES);
    ck_assert_int_eq(error.os_error, EACCES);
}
END_TEST

START_TEST(names_may_hold_any_byte_and_be_as_long_as_names_can)
{
    char longest[256];
    memset(longest, 'n', 253);
    memcpy(longest + 253, ".c", 3);
    const char *const names[] = {"new\nline.c", "bad\xff\xfe.c", "\x01.c", "tab\t.c", "-rf", "sp ace.c",
                                 "\xc3\xa9.c",  "quote\"'.c",    "*?[].c", "~.c",     "#.c", longest};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[600];
        snprintf(path, sizeof path, "%s", names[i]);
        tree_put(path, "int x;\n");
        snprintf(path, sizeof path, "d%s/%s", i == 11 ? "" : names[i], names[i]);
        tree_put(path, "int y;\n");
    }
    wtfcb_codebase *codebase = tree_scan(scanner);
    ck_assert_uint_eq(assert_path_order(codebase), 24);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        wtfcb_file file = tree_file(codebase, names[i]);
        ck_assert_int_eq(file.status, WTFCB_OK);
        ck_assert_uint_eq(file.lines, 1);
        ck_assert_uint_eq(file.path_length, strlen(names[i]));
    }
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(rows_stand_in_memcmp_order_of_the_whole_path)
{
    static const char *const paths[] = {"a/b.c",    "a.c",   "a-b/c.c", "a b/c.c",  "ab/c.c", "a/b/c.c",  "a/b-c.c",
                                        "a/b!/d.c", "A/z.c", "a0/c.c",  "\xff/c.c", "b.c",    "a/.c/c.c", "a/0.c"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        tree_put(paths[i], "");
    set(WTFCB_SCANNER_HIDDEN, 1);
    wtfcb_codebase *codebase = tree_scan(scanner);
    ck_assert_uint_eq(assert_path_order(codebase), sizeof paths / sizeof *paths);
    wtfcb_codebase_free(codebase);
}
END_TEST

/* Names that differ by bytes just below and above the slash, as files and as directories, in every mixture. */
START_TEST(rows_of_generated_names_stand_in_that_order_too)
{
    static const char *const parts[] = {"a", "a.", "a-", "a!", "a0", "aa", "a.c", "b", "\xff", "a+a", "a\x01"};
    uint64_t state = 11;
    for (int i = 0; i < 1500; i++) {
        char path[64];
        size_t length = 0;
        for (uint64_t level = tree_random(&state) % 4; level > 0; level--) {
            length += (size_t)snprintf(path + length, sizeof path - length, "%s", parts[tree_random(&state) % 11]);
            (void)mkdir(tree_path(path), 0777); /* fails where it is there already, or a file is */
            path[length++] = '/';
        }
        snprintf(path + length, sizeof path - length, "%s", parts[tree_random(&state) % 11]);
        int file = open(tree_path(path), O_WRONLY | O_CREAT, 0666); /* likewise */
        if (file >= 0) close(file);
    }
    set(WTFCB_SCANNER_THREADS, 4);
    wtfcb_codebase *codebase = tree_scan(scanner);
    ck_assert_uint_gt(assert_path_order(codebase), 150);
    wtfcb_codebase_free(codebase);
}
END_TEST

/* Such rows have no slash behind them, which those that are entered were sorted with. */
START_TEST(directories_that_are_not_entered_stand_in_that_order_too)
{
    tree_put("a-b.c", "");
    tree_put("a.c", "");
    tree_put("a/x.c", "");
    set(WTFCB_SCANNER_MAX_DEPTH, 0);
    wtfcb_codebase *codebase = tree_scan(scanner);
    tree_assert_list(codebase, "a a-b.c a.c ");
    wtfcb_codebase_free(codebase);
    set(WTFCB_SCANNER_MAX_DEPTH, 1);
    set(WTFCB_SCANNER_FOLLOW, 1);
    tree_link(".", "a-b");
    codebase = tree_scan(scanner);
    tree_assert_list(codebase, "a-b a-b.c a.c a/x.c ");
    ck_assert_int_eq(tree_file(codebase, "a-b").status, WTFCB_ELOOP);
    wtfcb_codebase_free(codebase);
}
END_TEST

/* A chain of directories with a file in every `every`-th; made by descriptor, for no path may be that long. */
static void put_chain(int levels, const char *name, int every)
{
    int at = open(tree_root(), O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < levels; i++) {
        ck_assert_int_eq(mkdirat(at, name, 0777), 0);
        int next = openat(at, name, O_RDONLY | O_DIRECTORY);
        ck_assert_int_ge(next, 0);
        close(at);
        at = next;
        if ((i + 1) % every != 0) continue;
        int file = openat(at, "f.c", O_WRONLY | O_CREAT, 0666);
        ck_assert_int_eq(write(file, "int f;\n", 7), 7);
        close(file);
    }
    close(at);
}

/* Taken down by descriptor too: the tools that clean up may not be able to. */
static void remove_chain(const char *name)
{
    int at = open(tree_root(), O_RDONLY | O_DIRECTORY);
    for (;;) { /* move the grandchildren up until nothing is left */
        int child = openat(at, name, O_RDONLY | O_DIRECTORY);
        if (child < 0) break;
        (void)unlinkat(child, "f.c", 0);
        int moved = renameat(child, name, at, "next");
        close(child);
        ck_assert_int_eq(unlinkat(at, name, AT_REMOVEDIR), 0);
        if (moved != 0) break;
        ck_assert_int_eq(renameat(at, "next", at, name), 0);
    }
    close(at);
}

START_TEST(three_thousand_levels_are_walked_and_read)
{
    for (int follow = 0; follow < 2; follow++) {
        const unsigned levels = follow ? 1000 : 3000; /* both are deeper than the kernel takes in one path */
        put_chain((int)levels, "level", 100);
        set(WTFCB_SCANNER_FOLLOW, follow);
        wtfcb_codebase *codebase = tree_scan(scanner);
        ck_assert_uint_eq(wtfcb_codebase_file_count(codebase), levels / 100);
        ck_assert_uint_eq(tree_totals(codebase).failed, 0);
        ck_assert_uint_eq(tree_totals(codebase).code, levels / 100);
        ck_assert_uint_eq(tree_stats(codebase).directories, levels + 1);
        assert_path_order(codebase);
        wtfcb_codebase_free(codebase);
        remove_chain("level");
    }
}
END_TEST

START_TEST(directories_deeper_than_the_limit_are_rows_and_not_entered)
{
    tree_put("a/b/c/x.c", "");
    tree_put("a/b/y.c", "");
    tree_put("z.c", "");
    set(WTFCB_SCANNER_MAX_DEPTH, 2);
    wtfcb_codebase *codebase = tree_scan(scanner);
    tree_assert_list(codebase, "a/b/c a/b/y.c z.c ");
    wtfcb_file row = tree_file(codebase, "a/b/c");
    ck_assert_int_eq(row.status, WTFCB_ELIMIT);
    ck_assert_uint_eq(row.limits, WTFCB_LIMIT_DEPTH);
    ck_assert_uint_eq(row.flags, WTFCB_FILE_DIRECTORY);
    ck_assert_uint_eq(tree_totals(codebase).limited, 1);
    wtfcb_codebase_free(codebase);
    set(WTFCB_SCANNER_MAX_DEPTH, 0);
    assert_scan_lists("a z.c ");
    set(WTFCB_SCANNER_MAX_DEPTH, 3);
    assert_scan_lists("a/b/c/x.c a/b/y.c z.c ");
}
END_TEST

START_TEST(directory_with_very_many_entries_is_listed_whole_and_in_order)
{
    const int count = wtfcb_test_long() ? 100000 : 5000;
    tree_directory("many");
    int at = open(tree_path("many"), O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "f%d.c", i);
        int file = openat(at, name, O_WRONLY | O_CREAT, 0666);
        if (file < 0 || write(file, "x\n", 2) != 2) ck_abort_msg("%s", name);
        close(file);
    }
    close(at);
    wtfcb_codebase *codebase = tree_scan(scanner);
    ck_assert_uint_eq(assert_path_order(codebase), (uint64_t)count);
    ck_assert_uint_eq(tree_totals(codebase).code, (uint64_t)count);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(thirty_two_descriptors_give_the_same_result_as_many)
{
    char path[128];
    for (int i = 0; i < 40; i++) { /* wide */
        for (int k = 0; k < 10; k++) {
            snprintf(path, sizeof path, "wide%d/sub%d/a.c", i, k);
            tree_put(path, "int a;\n");
        }
    }
    put_chain(200, "deep", 10);
    wtfcb_codebase *expected = tree_scan(scanner);
    ck_assert_uint_eq(tree_totals(expected).failed, 0);
    struct rlimit before;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit few = {32, before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    for (int64_t threads = 1; threads <= 4; threads++) {
        set(WTFCB_SCANNER_THREADS, threads);
        wtfcb_codebase *codebase = tree_scan(scanner);
        dump_assert_equal(dump_codebase(codebase), dump_codebase(expected), "with few descriptors");
        wtfcb_codebase_free(codebase);
    }
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    wtfcb_codebase_free(expected);
}
END_TEST

START_TEST(mount_of_the_proc_file_system_is_survived)
{
    wtfcb_codebase *codebase = NULL;
    set(WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_LINES);
    ck_assert_int_eq(wtfcb_scanner_scan(scanner, "/proc/self/task", &codebase, NULL), WTFCB_OK);
    ck_assert_uint_gt(wtfcb_codebase_file_count(codebase), 10);
    wtfcb_codebase_free(codebase);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("walk");
    TCase *t = tcase_create("walk");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, links_are_left_out_unless_followed);
    tcase_add_test(t, loop_of_links_ends_with_a_row_that_says_so);
    tcase_add_test(t, fifo_socket_and_device_are_rows_and_never_opened);
    tcase_add_test(t, unreadable_directory_and_file_are_rows_with_status_and_errno);
    tcase_add_test(t, names_may_hold_any_byte_and_be_as_long_as_names_can);
    tcase_add_test(t, rows_stand_in_memcmp_order_of_the_whole_path);
    tcase_add_test(t, rows_of_generated_names_stand_in_that_order_too);
    tcase_add_test(t, directories_that_are_not_entered_stand_in_that_order_too);
    tcase_add_test(t, three_thousand_levels_are_walked_and_read);
    tcase_add_test(t, directories_deeper_than_the_limit_are_rows_and_not_entered);
    tcase_add_test(t, directory_with_very_many_entries_is_listed_whole_and_in_order);
    tcase_add_test(t, thirty_two_descriptors_give_the_same_result_as_many);
    tcase_add_test(t, mount_of_the_proc_file_system_is_survived);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
