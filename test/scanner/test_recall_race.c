/*
 * Files whose times do not tell two writes apart: the rule about young files has to catch what signatures cannot. The functions
 * below stand in front of libc's for the whole program: they round the times of files down to whole seconds, as some file systems
 * do, or freeze them for a while, and they can write to a file in the middle of a scan.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "recall.h"

enum { EXACT, WHOLE_SECONDS, FROZEN };

static int clock_kind;
static int64_t frozen_s; /* the second that FROZEN shows */

/* A write that happens by itself: before the n-th look at the file `racer`, 1 being the walk's. */
static char racer[4096];
static ino_t racer_inode;
static int strikes_at;
static int looks;
static const char *strike_text;

static void coarsen(struct stat *st)
{
    if (clock_kind == EXACT) return;
    st->st_mtim.tv_nsec = st->st_ctim.tv_nsec = 0;
    if (clock_kind == FROZEN) st->st_mtim.tv_sec = st->st_ctim.tv_sec = frozen_s;
}

/* Raw, so that it is not looked at from here. */
static void overwrite(const char *path, const char *text)
{
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(syscall(SYS_pwrite64, fd, text, strlen(text), 0), (long)strlen(text));
    syscall(SYS_close, fd);
}

static void maybe_strike(ino_t inode)
{
    if (!strike_text || inode != racer_inode) return;
    if (++looks == strikes_at) overwrite(racer, strike_text);
}

int fstat(int fd, struct stat *st)
{
    long result = syscall(SYS_newfstatat, fd, "", st, AT_EMPTY_PATH);
    if (result != 0) return -1;
    maybe_strike(st->st_ino);
    result = syscall(SYS_newfstatat, fd, "", st, AT_EMPTY_PATH);
    coarsen(st);
    return (int)result;
}

int fstatat(int dirfd, const char *path, struct stat *st, int flags)
{
    long result = syscall(SYS_newfstatat, dirfd, path, st, flags);
    if (result != 0) return -1;
    maybe_strike(st->st_ino);
    result = syscall(SYS_newfstatat, dirfd, path, st, flags);
    coarsen(st);
    return (int)result;
}

static const char *const versions[] = {"int one(void);\n", "int two(void);\n", "int six(void);\n"};

static wtfcb_cache *cache;
static wtfcb_scanner *scanner;

static void begin(void)
{
    recall_begin();
    clock_kind = EXACT;
    strike_text = NULL;
    looks = strikes_at = 0;
    tree_put("d/a.c", versions[0]);
    tree_put("d/b.c", "int other(void);\n");
    snprintf(racer, sizeof racer, "%s", tree_path("d/a.c"));
    struct stat st;
    ck_assert_int_eq(stat(racer, &st), 0);
    racer_inode = st.st_ino;
    frozen_s = st.st_mtim.tv_sec;
    cache = recall_cache();
    scanner = recall_scanner(WTFCB_DEPTH_SYNTAX, cache);
}

static void finish(void)
{
    wtfcb_scanner_free(scanner);
    wtfcb_cache_free(cache);
    recall_end();
}

/* The symbol that a scan through the cache finds in the file. */
static const char *symbol(void)
{
    static char name[64];
    uint64_t index;
    wtfcb_symbol row;
    wtfcb_codebase *codebase = tree_scan(scanner);
    ck_assert_int_eq(wtfcb_codebase_find_file(codebase, "d/a.c", 5, &index), WTFCB_OK);
    wtfcb_file file = tree_file(codebase, "d/a.c");
    ck_assert_int_eq(file.status, WTFCB_OK);
    snprintf(name, sizeof name, "none of %d", (int)file.symbol_count);
    if (file.symbol_count == 1 && wtfcb_codebase_symbol(codebase, file.first_symbol, &row, sizeof row) == WTFCB_OK)
        snprintf(name, sizeof name, "%s", row.name);
    wtfcb_codebase_free(codebase);
    return name;
}

static void sleep_ms(int ms)
{
    (void)usleep((useconds_t)ms * 1000);
}

/* The text that each version is known by. */
static void assert_version(int version)
{
    wtfcb_codebase *warm = tree_scan(scanner);
    wtfcb_codebase *cold = tree_scan_at(WTFCB_DEPTH_SYNTAX);
    dump_assert_equal(dump_codebase(warm), dump_codebase(cold), versions[version]);
    wtfcb_codebase_free(warm);
    wtfcb_codebase_free(cold);
}

/* A clock that stands still for longer than a file is young shows nothing: it goes on in good time, however slow the rounds are. */
static void move_frozen_clock(void)
{
    struct timespec now;
    ck_assert_int_eq(clock_gettime(CLOCK_REALTIME, &now), 0);
    if (now.tv_sec - frozen_s > 1) frozen_s = now.tv_sec;
}

/* Many short rounds, which fall anywhere in a second. */
START_TEST(write_after_a_scan_is_seen_though_the_file_looks_the_same)
{
    clock_kind = _i;
    for (int round = 0; round < (wtfcb_test_long() ? 300 : 30); round++) {
        move_frozen_clock();
        overwrite(racer, versions[round % 3]);
        assert_version(round % 3);
        if (round % 2) sleep_ms(round * 7 % 50);
    }
}
END_TEST

/* A file is believed from about two seconds on, by which time the clock has moved for every later write. */
START_TEST(write_is_seen_whenever_it_comes_within_the_first_seconds)
{
    clock_kind = WHOLE_SECONDS;
    overwrite(racer, versions[0]);
    for (int round = 1; round < (wtfcb_test_long() ? 100 : 24); round++) {
        assert_version((round - 1) % 3);
        sleep_ms(round * 13 % 170);
        if (round % 4 == 0) assert_version((round - 1) % 3);
        overwrite(racer, versions[round % 3]);
    }
}
END_TEST

START_TEST(file_is_believed_once_its_times_are_two_seconds_old)
{
    clock_kind = WHOLE_SECONDS;
    assert_version(0);
    sleep_ms(3050);
    assert_version(0); /* recorded anew, now by signatures that are old enough */
    wtfcb_codebase *codebase = tree_scan(scanner);
    ck_assert_uint_eq(tree_stats(codebase).files_read, 0);
    ck_assert_uint_eq(tree_stats(codebase).hits_unchanged, 2);
    wtfcb_codebase_free(codebase);
    overwrite(racer, versions[1]);
    assert_version(1);
    overwrite(racer, versions[2]);
    assert_version(2);
}
END_TEST

/*
 * The file is written in the middle of a scan: between the walk's look and the read (2), between the read and the look after it (3), and
 * later. That scan may show either text; the next one shows the second.
 */
START_TEST(write_in_the_middle_of_a_scan_is_seen_by_the_next_one)
{
    static const int clocks[] = {EXACT, WHOLE_SECONDS, FROZEN};
    clock_kind = clocks[_i % 3];
    for (strikes_at = 1; strikes_at <= 4; strikes_at++) {
        for (int before = 0; before < 2; before++) { /* known and not known to the cache until then */
            move_frozen_clock();
            overwrite(racer, versions[0]);
            if (before) assert_version(0);
            move_frozen_clock();
            looks = 0;
            strike_text = versions[1];
            wtfcb_codebase *codebase = tree_scan(scanner);
            ck_assert_int_eq(tree_file(codebase, "d/a.c").status, WTFCB_OK);
            wtfcb_codebase_free(codebase);
            if (strikes_at <= 3) ck_assert_int_ge(looks, strikes_at);
            strike_text = NULL;
            move_frozen_clock();
            overwrite(racer, versions[1]); /* the fourth look may never come */
            assert_version(1);
            assert_version(1);
        }
    }
}
END_TEST

/* Likewise when the file is old and signatures decide: then the read file's signature is not the walk's. */
START_TEST(write_between_walk_and_read_of_an_old_file_is_seen_by_the_next_scan)
{
    struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    for (strikes_at = 2; strikes_at <= 3; strikes_at++) {
        overwrite(racer, versions[0]);
        (void)utimensat(AT_FDCWD, racer, times, 0);
        recall_ahead_ns = INT64_C(60) * 1000000000;
        sleep_ms(20); /* let the kernel's clock move, so that the exact times of both writes differ */
        looks = 0;
        strike_text = versions[1];
        wtfcb_codebase_free(tree_scan(scanner));
        strike_text = NULL;
        assert_version(1);
        wtfcb_codebase *codebase = tree_scan(scanner);
        ck_assert_uint_eq(tree_stats(codebase).files_read, 0);
        wtfcb_codebase_free(codebase);
    }
}
END_TEST

START_TEST(symbols_of_the_second_write_are_found)
{
    clock_kind = FROZEN;
    ck_assert_str_eq(symbol(), "none of 0");
    overwrite(racer, "int f(void) {}\n");
    ck_assert_str_eq(symbol(), "f");
    move_frozen_clock();
    overwrite(racer, "int g(void) {}\n");
    ck_assert_str_eq(symbol(), "g");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("recall race");
    TCase *t = tcase_create("race");
    tcase_add_checked_fixture(t, begin, finish);
    tcase_add_loop_test(t, write_after_a_scan_is_seen_though_the_file_looks_the_same, EXACT, FROZEN + 1);
    tcase_add_test(t, write_is_seen_whenever_it_comes_within_the_first_seconds);
    tcase_add_test(t, file_is_believed_once_its_times_are_two_seconds_old);
    tcase_add_loop_test(t, write_in_the_middle_of_a_scan_is_seen_by_the_next_one, 0, 3);
    tcase_add_test(t, write_between_walk_and_read_of_an_old_file_is_seen_by_the_next_scan);
    tcase_add_test(t, symbols_of_the_second_write_are_found);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
