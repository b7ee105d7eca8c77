/*
 * Trees made to hurt: files that change while they are read, names and paths at their limits, directories with very many
 * entries or with themselves inside, holes of a gigabyte, links without number. Each file is a row with a status or a good
 * one, and the scan ends. What test_walk.c has is not repeated.
 */
#include <wtfcb/scanner.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tree.h"

static wtfcb_scanner *scanner;

/* Changes files while they are scanned; a failed assertion leaves the test and not the thread, so the fixture ends it. */
static struct {
    pthread_t thread;
    bool running;
    atomic_bool done;
} changer;

static void end_changes(void)
{
    if (!changer.running) return;
    atomic_store(&changer.done, true);
    changer.running = false;
    ck_assert_int_eq(pthread_join(changer.thread, NULL), 0);
}

static void set_up(void)
{
    tree_begin();
    scanner = tree_scanner(WTFCB_DEPTH_SYNTAX, 2);
}

static void tear_down(void)
{
    end_changes();
    wtfcb_scanner_free(scanner);
    tree_end();
}

static void set(int32_t option, int64_t value)
{
    ck_assert_int_eq(wtfcb_scanner_set(scanner, option, value), WTFCB_OK);
}

static double seconds_of(clockid_t clock)
{
    struct timespec t;
    ck_assert_int_eq(clock_gettime(clock, &t), 0);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Processor time of this process, but for the thread that changes files. */
static double processor_seconds(void)
{
    clockid_t other;
    double seconds = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    if (changer.running && pthread_getcpuclockid(changer.thread, &other) == 0) seconds -= seconds_of(other);
    return seconds;
}

/*
 * Scan and expect an end after so many seconds of work, which a busy machine stretches little (4 allows for it), and no
 * wait for anything but a processor: that is what the clock on the wall shows, however many others want one.
 */
static wtfcb_codebase *scan_within(double seconds)
{
    enum { STRETCH = 4, CROWD = 30 };
    double work = processor_seconds();
    double wall = seconds_of(CLOCK_MONOTONIC);
    wtfcb_codebase *codebase = tree_scan(scanner);
    work = processor_seconds() - work;
    wall = seconds_of(CLOCK_MONOTONIC) - wall;
    bool in_time = work < seconds * STRETCH && wall < seconds * STRETCH * CROWD;
    if (!in_time) wtfcb_codebase_free(codebase);
    ck_assert_msg(in_time, "%.1f s of work, %.1f s on the wall, %.1f s expected", work, wall, seconds);
    return codebase;
}

enum { CHANGING = 40 };

/* What happens to the files under a scan's feet, over and over. */
static void *change_files(void *user)
{
    (void)user;
    static char text[300000 / TREE_SLOWDOWN];
    memset(text, 'a', sizeof text);
    for (size_t i = 79; i < sizeof text; i += 80)
        text[i] = '\n';
    uint64_t state = 5;
    while (!atomic_load(&changer.done)) {
        uint64_t number = tree_random(&state);
        char name[32];
        snprintf(name, sizeof name, "d/f%llu.c", (unsigned long long)(number % CHANGING));
        const char *path = tree_path(name);
        int file = -1;
        switch ((number >> 16) % 6) {
        case 0: (void)unlink(path); break;
        case 1:
            (void)unlink(path);
            (void)mkfifo(path, 0666);
            break;
        case 2: (void)truncate(path, (off_t)((number >> 32) % sizeof text)); break;
        case 3:
            (void)unlink(path);
            (void)symlink("f0.c", path);
            break;
        case 4:
            (void)unlink(path);
            (void)mkdir(path, 0777);
            (void)rmdir(path);
            break;
        default: break;
        }
        /* O_NONBLOCK: it may be a FIFO by now, and nobody reads it. */
        file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOFOLLOW, 0666);
        if (file < 0) continue;
        if (write(file, text, (number >> 24) % sizeof text) < 0) (void)truncate(path, 0);
        close(file);
    }
    return NULL;
}

START_TEST(files_that_grow_shrink_vanish_or_become_fifos_are_rows_with_a_status)
{
    for (int i = 0; i < CHANGING; i++) {
        char name[32];
        snprintf(name, sizeof name, "d/f%d.c", i);
        tree_put(name, "int a;\n");
    }
    atomic_store(&changer.done, false);
    int descriptors = tree_open_descriptors();
    ck_assert_int_eq(pthread_create(&changer.thread, NULL, change_files, NULL), 0);
    changer.running = true;
    uint64_t until = tree_now_ns() + (wtfcb_test_long() ? 20u : 1u) * 1000000000ull;
    int follow = 0;
    uint64_t rows = 0;
    do {
        set(WTFCB_SCANNER_FOLLOW, follow);
        follow = !follow;
        wtfcb_codebase *codebase = scan_within(10 * TREE_SLOWDOWN);
        wtfcb_file file;
        for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &file, sizeof file) == WTFCB_OK; i++, rows++) {
            bool known = file.status == WTFCB_OK || file.status == WTFCB_ENOTFOUND || file.status == WTFCB_ECHANGED ||
                         file.status == WTFCB_ESPECIAL || file.status == WTFCB_ELOOP || file.status == WTFCB_ELIMIT;
            ck_assert_msg(known, "%s: %s, errno %d", file.path, wtfcb_status_name(file.status), file.os_error);
            ck_assert(file.status == WTFCB_OK || file.code == 0 || file.limits);
        }
        wtfcb_codebase_free(codebase);
    } while (tree_now_ns() < until);
    end_changes();
    ck_assert_uint_gt(rows, 0);
    ck_assert_int_eq(tree_open_descriptors(), descriptors);
}
END_TEST

START_TEST(hole_of_a_gigabyte_is_recognised_without_reading_it)
{
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"zeros.c", "zeros.json", "late.c"};
        tree_put(names[i], "");
        int file = open(tree_path(names[i]), O_WRONLY);
        ck_assert_int_eq(ftruncate(file, (off_t)1 << 30), 0);
        if (i == 2) ck_assert_int_eq(pwrite(file, "int a;\n", 7, 0), 7);
        close(file);
    }
    double before = processor_seconds();
    wtfcb_codebase *codebase = scan_within(1); /* larger than files that are read by default */
    ck_assert_uint_eq(tree_totals(codebase).limited, 3);
    wtfcb_codebase_free(codebase);
    set(WTFCB_SCANNER_MAX_FILE_SIZE, INT64_C(2) << 30);
    codebase = scan_within(1);
    double took = processor_seconds() - before;
    ck_assert_msg(took <= 1, "%.3f s", took);
    for (uint64_t i = 0; i < 3; i++) {
        wtfcb_file file;
        ck_assert_int_eq(wtfcb_codebase_file(codebase, i, &file, sizeof file), WTFCB_OK);
        ck_assert(file.status == WTFCB_OK && file.flags == WTFCB_FILE_BINARY && file.size == 1u << 30);
    }
    ck_assert_uint_eq(tree_stats(codebase).bytes_read, 0);
    wtfcb_codebase_free(codebase);
}
END_TEST

/* Levels with names of 255 bytes, made by descriptor, a file in the last. */
static void put_long_path(size_t bytes)
{
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    int at = open(tree_root(), O_RDONLY | O_DIRECTORY);
    for (size_t length = 0; length < bytes; length += 256) {
        (void)mkdirat(at, name, 0777);
        int next = openat(at, name, O_RDONLY | O_DIRECTORY);
        ck_assert_int_ge(next, 0);
        close(at);
        at = next;
    }
    int file = openat(at, "f.c", O_WRONLY | O_CREAT, 0666);
    ck_assert_int_eq(write(file, "int f;\n", 7), 7);
    close(file);
    close(at);
}

START_TEST(paths_around_what_the_kernel_takes_are_read)
{
    for (size_t bytes = 3584; bytes <= 16384; bytes = bytes < 4608 ? bytes + 256 : bytes * 2) {
        put_long_path(bytes);
        wtfcb_codebase *codebase = tree_scan(scanner);
        wtfcb_file file;
        ck_assert_int_eq(wtfcb_codebase_file(codebase, 0, &file, sizeof file), WTFCB_OK);
        ck_assert_msg(file.status == WTFCB_OK && file.symbol_count == 1, "%zu bytes: %s", bytes,
                      wtfcb_status_name(file.status));
        ck_assert_uint_eq(tree_totals(codebase).failed, 0);
        wtfcb_codebase_free(codebase);
    }
}
END_TEST

START_TEST(directories_with_paths_beyond_32_kib_are_rows_and_not_entered)
{
    put_long_path(40 << 10);
    wtfcb_codebase *codebase = scan_within(1);
    wtfcb_file file;
    ck_assert_uint_eq(wtfcb_codebase_file_count(codebase), 1);
    ck_assert_int_eq(wtfcb_codebase_file(codebase, 0, &file, sizeof file), WTFCB_OK);
    ck_assert_int_eq(file.status, WTFCB_ELIMIT);
    ck_assert_uint_eq(file.limits, WTFCB_LIMIT_DEPTH);
    ck_assert_uint_eq(file.flags, WTFCB_FILE_DIRECTORY);
    ck_assert(file.path_length > 32 << 10 && file.path_length < 33 << 10);
    ck_assert_uint_eq(tree_totals(codebase).limited, 1);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(directory_of_very_many_files_is_scanned_in_bounded_time)
{
    const int count = wtfcb_test_long() ? 1000000 / TREE_SLOWDOWN : 20000;
    tree_directory("many");
    int at = open(tree_path("many"), O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "%d.c", i);
        int file = openat(at, name, O_WRONLY | O_CREAT, 0666);
        ck_assert_int_ge(file, 0);
        close(file);
    }
    close(at);
    set(WTFCB_SCANNER_KEEP, WTFCB_KEEP_TOTALS);
    wtfcb_codebase *codebase = scan_within(wtfcb_test_long() ? 60 : 2);
    ck_assert_uint_eq(tree_totals(codebase).files, (uint64_t)count);
    ck_assert_uint_eq(tree_totals(codebase).failed, 0);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(hard_links_of_one_file_are_a_row_each)
{
    tree_put("d/0.c", "int a;\n");
    const int count = 5000;
    for (int i = 1; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "d/%d.c", i);
        char first[512];
        snprintf(first, sizeof first, "%s", tree_path("d/0.c"));
        ck_assert_int_eq(link(first, tree_path(name)), 0);
    }
    wtfcb_codebase *codebase = scan_within(2);
    wtfcb_totals totals = tree_totals(codebase);
    ck_assert(totals.files == (uint64_t)count && totals.code == (uint64_t)count && totals.failed == 0);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(links_to_each_other_and_upwards_end_with_and_without_following)
{
    tree_put("a/b/x.c", "int x;\n");
    tree_put("c/y.c", "int y;\n");
    tree_link("../..", "a/b/up");
    tree_link("../c", "a/to-c");
    tree_link("../a", "c/to-a");
    tree_link("self", "self");
    for (int i = 0; i < 60; i++) { /* a chain longer than the kernel follows */
        char from[32];
        char to[32];
        snprintf(from, sizeof from, "chain%d", i);
        snprintf(to, sizeof to, "chain%d", i + 1);
        tree_link(to, from);
    }
    tree_link("a", "chain60");
    wtfcb_codebase *codebase = scan_within(1);
    tree_assert_list(codebase, "a/b/x.c c/y.c ");
    wtfcb_codebase_free(codebase);
    set(WTFCB_SCANNER_FOLLOW, 1);
    codebase = scan_within(5);
    uint64_t loops = 0;
    wtfcb_file file;
    for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &file, sizeof file) == WTFCB_OK; i++)
        loops += file.status == WTFCB_ELOOP;
    ck_assert_uint_gt(loops, 2);
    wtfcb_codebase_free(codebase);
}
END_TEST

/* In a child with mounts of its own, so that nothing stays behind; 77: not permitted here. */
static int scan_with_a_directory_mounted_inside_itself(void)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return 77;
    char top[512];
    snprintf(top, sizeof top, "%s", tree_path("top"));
    if (mount(top, tree_path("top/inside"), NULL, MS_BIND | MS_REC, NULL) != 0) return 77;
    int wrong = 0;
    for (int follow = 0; follow < 2; follow++) {
        wtfcb_codebase *codebase = NULL;
        if (wtfcb_scanner_set(scanner, WTFCB_SCANNER_FOLLOW, follow) != WTFCB_OK ||
            wtfcb_scanner_scan(scanner, tree_root(), &codebase, NULL) != WTFCB_OK)
            return 1;
        wrong += tree_totals(codebase).files > 4;
        wtfcb_codebase_free(codebase);
    }
    return wrong ? 2 : 0;
}

/* Runs in a child of its own; answers its exit status. A scanner of the parent's would refuse to work there. */
static int in_child(int (*work)(void))
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        wtfcb_scanner_free(scanner);
        scanner = tree_scanner(WTFCB_DEPTH_SYNTAX, 2);
        int status = work();
        wtfcb_scanner_free(scanner);
        _exit(status);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

START_TEST(directory_mounted_inside_itself_ends)
{
    tree_put("top/x.c", "int x;\n");
    tree_directory("top/inside");
    int status = in_child(scan_with_a_directory_mounted_inside_itself);
    if (status == 77)
        printf("skipped: mounts are not permitted here\n");
    else
        ck_assert_int_eq(status, 0);
}
END_TEST

/* Root is not kept out by permissions: as nobody, then. */
static int scan_what_may_not_be_read(void)
{
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) return 77;
    wtfcb_codebase *codebase = NULL;
    if (wtfcb_scanner_scan(scanner, tree_root(), &codebase, NULL) != WTFCB_OK) return 77; /* its parents keep us out */
    wtfcb_totals totals = tree_totals(codebase);
    int status = totals.failed == 200 && totals.code == 100 ? 0 : 2;
    wtfcb_codebase_free(codebase);
    return status;
}

START_TEST(hundreds_of_unreadable_files_and_directories_cost_themselves_alone)
{
    for (int i = 0; i < 100; i++) {
        char path[64];
        snprintf(path, sizeof path, "d%d/open.c", i);
        tree_put(path, "int a;\n");
        snprintf(path, sizeof path, "d%d/closed.c", i);
        tree_put(path, "int a;\n");
        ck_assert_int_eq(chmod(tree_path(path), 0), 0);
        snprintf(path, sizeof path, "d%d/closed/in.c", i);
        tree_put(path, "int a;\n");
        snprintf(path, sizeof path, "d%d/closed", i);
        ck_assert_int_eq(chmod(tree_path(path), 0), 0);
    }
    char parent[512];
    snprintf(parent, sizeof parent, "%s", tree_root());
    for (char *slash; (slash = strrchr(parent, '/')) != NULL && slash != parent;) { /* the runner's own directories */
        *slash = '\0';
        if (strstr(parent, "wtfcb") == NULL) break;
        (void)chmod(parent, 0755);
    }
    (void)chmod(tree_root(), 0755);
    int status = in_child(scan_what_may_not_be_read);
    if (status == 77)
        printf("skipped: another user cannot come here\n");
    else
        ck_assert_int_eq(status, 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("hostile files");
    TCase *t = tcase_create("hostile files");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 600);
    tcase_add_test(t, files_that_grow_shrink_vanish_or_become_fifos_are_rows_with_a_status);
    tcase_add_test(t, hole_of_a_gigabyte_is_recognised_without_reading_it);
    tcase_add_test(t, paths_around_what_the_kernel_takes_are_read);
    tcase_add_test(t, directories_with_paths_beyond_32_kib_are_rows_and_not_entered);
    tcase_add_test(t, directory_of_very_many_files_is_scanned_in_bounded_time);
    tcase_add_test(t, hard_links_of_one_file_are_a_row_each);
    tcase_add_test(t, links_to_each_other_and_upwards_end_with_and_without_following);
    tcase_add_test(t, directory_mounted_inside_itself_ends);
    tcase_add_test(t, hundreds_of_unreadable_files_and_directories_cost_themselves_alone);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
