/*
 * Cancellation: within 100 ms from another thread and from a signal handler, during the walk, between files and inside the
 * parse of one hostile file; what is cancelled leaves nothing behind and the scanner still works.
 *
 * Times are asserted with a margin for a busy machine and for the sanitizers; what was measured is printed by
 * WTFCB_TEST_LONG=1.
 */
#include <wtfcb/scanner.h>

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "../base/counting.h"
#include "dump.h"
#include "tree.h"

static counting memory;
static wtfcb_scanner *scanner;
static wtfcb_cancel *cancel;

enum { MS = 1000 * 1000 };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const uint64_t allowed_ns = 1000ull * MS;
#else
static const uint64_t allowed_ns = 100ull * MS;
#endif

static void set_up(void)
{
    tree_begin();
    counting_init(&memory);
    ck_assert_int_eq(wtfcb_scanner_new(&memory.allocator, &scanner), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cancel_new(NULL, &cancel), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set_cancel(scanner, cancel), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_THREADS, 2), WTFCB_OK);
}

static void tear_down(void)
{
    wtfcb_cancel_free(cancel);
    wtfcb_scanner_free(scanner);
    counting_assert_clean(&memory);
    tree_end();
}

static void set(int32_t option, int64_t value)
{
    ck_assert_int_eq(wtfcb_scanner_set(scanner, option, value), WTFCB_OK);
}

/* Nothing but the token may end the parse. */
static void set_no_limits(void)
{
    set(WTFCB_SCANNER_MAX_FILE_TIME, 0);
    set(WTFCB_SCANNER_MAX_FILE_WORK, 0);
    set(WTFCB_SCANNER_MAX_FILE_MEMORY, 4ll << 30);
    set(WTFCB_SCANNER_MAX_PARSE_SIZE, 512 << 20);
}

static void put_repeated(const char *path, const char *piece, size_t count)
{
    size_t length = strlen(piece);
    char *text = malloc(length * count + 1);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * length, piece, length);
    tree_put_bytes(path, text, length * count);
    free(text);
}

/* Fires after `delay_ms` and notes when. */
typedef struct firing {
    unsigned delay_ms;
    bool by_signal;
    _Atomic uint64_t fired_at;
    pthread_t target;
} firing;

static _Atomic uint64_t signalled_at;

static void on_signal(int number)
{
    (void)number;
    atomic_store(&signalled_at, tree_now_ns());
    wtfcb_cancel_fire(cancel);
}

static void *fire(void *user)
{
    firing *f = user;
    struct timespec delay = {f->delay_ms / 1000, (long)(f->delay_ms % 1000) * MS};
    nanosleep(&delay, NULL);
    if (f->by_signal) {
        pthread_kill(f->target, SIGUSR1);
        return NULL;
    }
    atomic_store(&f->fired_at, tree_now_ns());
    wtfcb_cancel_fire(cancel);
    return NULL;
}

/* Scan the tree while somebody fires; returns how long after the shot the scan returned. */
static uint64_t delay_of_cancelled_scan(unsigned delay_ms, bool by_signal)
{
    firing f = {.delay_ms = delay_ms, .by_signal = by_signal, .target = pthread_self()};
    struct sigaction action = {.sa_handler = on_signal};
    ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, fire, &f), 0);
    wtfcb_codebase *const before = (wtfcb_codebase *)scanner;
    wtfcb_codebase *codebase = before;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = wtfcb_scanner_scan(scanner, tree_root(), &codebase, &error);
    uint64_t returned = tree_now_ns();
    pthread_join(thread, NULL);
    ck_assert_int_eq(status, WTFCB_ECANCELLED);
    ck_assert_int_eq(error.status, WTFCB_ECANCELLED);
    ck_assert_ptr_eq(codebase, before);
    uint64_t shot = by_signal ? atomic_load(&signalled_at) : atomic_load(&f.fired_at);
    ck_assert_uint_gt(returned, shot);
    if (wtfcb_test_long()) printf("cancelled %.1f ms after the shot\n", (double)(returned - shot) / 1e6);
    return returned - shot;
}

static void assert_still_works(void)
{
    wtfcb_cancel_reset(cancel);
    wtfcb_codebase *codebase = NULL;
    ck_assert_int_eq(wtfcb_scanner_scan_buffer(scanner, "x.c", "int f(void) { return 1; }\n", 26, &codebase, NULL),
                     WTFCB_OK);
    ck_assert_uint_eq(wtfcb_codebase_symbol_count(codebase), 1);
    wtfcb_codebase_free(codebase);
}

/* Hostile texts: error recovery that grows with the square, deep nesting, one endless line, plain size. */
static const struct {
    const char *path;
    const char *piece;
    size_t count;
} hostile[] = {
    {"parens.c", "(", 50000},    {"braces.c", "{", 300000},     {"brackets.js", "[", 200000},
    {"calls.py", "f(", 100000},  {"line.c", "int a; ", 700000}, {"large.c", "int f(int a) { return a + 1; }\n", 200000},
    {"angles.cpp", "a<", 50000},
};

START_TEST(scan_is_cancelled_inside_the_parse_of_one_hostile_file)
{
    set_no_limits();
    put_repeated(hostile[_i].path, hostile[_i].piece, hostile[_i].count);
    uint64_t began = tree_now_ns();
    wtfcb_status status = WTFCB_OK;
    uint64_t delay = 0;
    /* A machine on which the whole parse takes no longer than the delay has nothing to cancel. */
    set(WTFCB_SCANNER_DEADLINE, 300);
    wtfcb_codebase *codebase = NULL;
    status = wtfcb_scanner_scan(scanner, tree_root(), &codebase, NULL);
    ck_assert_int_eq(status, WTFCB_OK);
    bool long_enough = tree_stats(codebase).status == WTFCB_ETIMEOUT;
    wtfcb_codebase_free(codebase);
    uint64_t took = tree_now_ns() - began;
    ck_assert_msg(took < 300ull * MS + 2 * allowed_ns, "deadline of 300 ms: %llu ms", (unsigned long long)(took / MS));
    if (!long_enough) return;
    set(WTFCB_SCANNER_DEADLINE, 0);
    for (int by_signal = 0; by_signal < 2; by_signal++) {
        wtfcb_cancel_reset(cancel);
        delay = delay_of_cancelled_scan(100, by_signal != 0);
        ck_assert_msg(delay < allowed_ns, "%s: %llu ms", hostile[_i].path, (unsigned long long)(delay / MS));
    }
    assert_still_works();
}
END_TEST

static void put_many(size_t count)
{
    char path[64];
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "d%zu/%zu.c", i % 50, i);
        put_repeated(path, tree_sample_at(0)->text, 40);
    }
}

START_TEST(scan_is_cancelled_between_files)
{
    put_many(1500);
    set(WTFCB_SCANNER_THREADS, 1);
    int descriptors = tree_open_descriptors();
    for (int by_signal = 0; by_signal < 2; by_signal++) {
        wtfcb_cancel_reset(cancel);
        uint64_t delay = delay_of_cancelled_scan(60, by_signal != 0);
        ck_assert_msg(delay < allowed_ns, "%llu ms", (unsigned long long)(delay / MS));
    }
    ck_assert_int_eq(tree_open_descriptors(), descriptors);
    assert_still_works();
}
END_TEST

START_TEST(token_that_has_fired_before_ends_every_kind_of_scan)
{
    tree_put_samples();
    static const char *const list[] = {"c", "py/mod.py"};
    wtfcb_cancel_fire(cancel);
    for (int64_t depth = WTFCB_DEPTH_FILES; depth <= WTFCB_DEPTH_SYNTAX; depth++) {
        wtfcb_codebase *codebase = NULL;
        set(WTFCB_SCANNER_DEPTH, depth);
        ck_assert_int_eq(wtfcb_scanner_scan(scanner, tree_root(), &codebase, NULL), WTFCB_ECANCELLED);
        ck_assert_int_eq(wtfcb_scanner_scan_list(scanner, tree_root(), list, 2, &codebase, NULL), WTFCB_ECANCELLED);
        ck_assert_int_eq(wtfcb_scanner_scan_buffer(scanner, "a.c", "int a;\n", 7, &codebase, NULL), WTFCB_ECANCELLED);
        ck_assert_ptr_null(codebase);
    }
    assert_still_works();
}
END_TEST

static int32_t fire_on_progress(void *user, const wtfcb_progress *progress)
{
    (void)user;
    (void)progress;
    wtfcb_cancel_fire(cancel);
    return 0;
}

START_TEST(progress_callback_may_fire_the_token)
{
    put_many(300);
    ck_assert_int_eq(wtfcb_scanner_set_progress(scanner, fire_on_progress, NULL), WTFCB_OK);
    wtfcb_codebase *codebase = NULL;
    ck_assert_int_eq(wtfcb_scanner_scan(scanner, tree_root(), &codebase, NULL), WTFCB_ECANCELLED);
    ck_assert_ptr_null(codebase);
    ck_assert_int_eq(wtfcb_scanner_set_progress(scanner, NULL, NULL), WTFCB_OK);
    assert_still_works();
}
END_TEST

static int32_t count_cut(void *user, uint64_t index, const wtfcb_codebase *view)
{
    wtfcb_file file;
    (void)index;
    if (wtfcb_codebase_file(view, 0, &file, sizeof file) != WTFCB_OK || file.status != WTFCB_OK) ++*(int *)user;
    return 0;
}

/* Somebody else fires at different moments, while workers are inside files. */
START_TEST(visitor_is_shown_no_row_that_the_cancellation_has_cut)
{
    put_many(400);
    int cut = 0;
    set(WTFCB_SCANNER_WINDOW, 1 << 16);
    ck_assert_int_eq(wtfcb_scanner_set_visitor(scanner, count_cut, &cut), WTFCB_OK);
    for (unsigned i = 0; i < 20; i++) {
        wtfcb_cancel_reset(cancel);
        firing f = {.delay_ms = 5 + i * 2};
        pthread_t thread;
        ck_assert_int_eq(pthread_create(&thread, NULL, fire, &f), 0);
        wtfcb_codebase *codebase = NULL;
        (void)wtfcb_scanner_scan(scanner, tree_root(), &codebase, NULL);
        pthread_join(thread, NULL);
        wtfcb_codebase_free(codebase);
    }
    ck_assert_int_eq(cut, 0);
    ck_assert_int_eq(wtfcb_scanner_set_visitor(scanner, NULL, NULL), WTFCB_OK);
    assert_still_works();
}
END_TEST

START_TEST(scanner_without_a_token_is_not_cancelled_by_its_former_one)
{
    tree_put("a.c", "int a;\n");
    wtfcb_cancel_fire(cancel);
    ck_assert_int_eq(wtfcb_scanner_set_cancel(scanner, NULL), WTFCB_OK);
    wtfcb_codebase_free(tree_scan(scanner));
    ck_assert_int_eq(wtfcb_scanner_set_cancel(scanner, cancel), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set_cancel(scanner, cancel), WTFCB_OK); /* its own hold must not be the last */
    assert_still_works();
}
END_TEST

START_TEST(scan_cancelled_at_any_moment_leaves_nothing_behind)
{
    put_many(200);
    int descriptors = tree_open_descriptors();
    unsigned rounds = wtfcb_test_long() ? 200 : 25;
    for (unsigned i = 0; i < rounds; i++) {
        wtfcb_cancel_reset(cancel);
        firing f = {.delay_ms = i % 25};
        pthread_t thread;
        ck_assert_int_eq(pthread_create(&thread, NULL, fire, &f), 0);
        wtfcb_codebase *codebase = NULL;
        wtfcb_status status = wtfcb_scanner_scan(scanner, tree_root(), &codebase, NULL);
        pthread_join(thread, NULL);
        ck_assert(status == WTFCB_OK || status == WTFCB_ECANCELLED);
        if (status == WTFCB_OK) ck_assert_uint_eq(tree_totals(codebase).failed, 0);
        wtfcb_codebase_free(codebase);
        ck_assert_int_eq(tree_open_descriptors(), descriptors);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("cancel");
    TCase *t = tcase_create("cancel");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_loop_test(t, scan_is_cancelled_inside_the_parse_of_one_hostile_file, 0, sizeof hostile / sizeof *hostile);
    tcase_add_test(t, scan_is_cancelled_between_files);
    tcase_add_test(t, token_that_has_fired_before_ends_every_kind_of_scan);
    tcase_add_test(t, progress_callback_may_fire_the_token);
    tcase_add_test(t, visitor_is_shown_no_row_that_the_cancellation_has_cut);
    tcase_add_test(t, scanner_without_a_token_is_not_cancelled_by_its_former_one);
    tcase_add_test(t, scan_cancelled_at_any_moment_leaves_nothing_behind);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
