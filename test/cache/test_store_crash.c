/*
 * The persistent tier among processes that are killed, stopped, and come and go: never a wrong value, never a hang, and whoever comes next is
 * served.
 *
 * Processes are forked from one that has no store open and no threads. The thread sanitizer does not follow a fork, so there these tests are
 * left out.
 */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cache/gate.h"
#include "store_help.h"

#define MS UINT64_C(1000000)

#ifdef __SANITIZE_THREAD__
enum { FORKS = 0 };
#else
enum { FORKS = 1 };
#endif

enum { WRONG = 13, NOT_OPENED = 14 };

/* Shared with the children; a page of its own. */
typedef struct shared {
    volatile int stop;
    volatile int ready;
    volatile uint64_t rounds[16];
} shared;

static shared *make_shared(void)
{
    shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(s, MAP_FAILED);
    return s;
}

static void sleep_ms(unsigned ms)
{
    (void)nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000}, NULL);
}

static uint64_t random_of(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> 11;
}

/* In a child, where an assertion of Check has nobody to report to. */
static wtfcb_status judge(void *user, const void *payload, size_t length)
{
    if (!store_is_right(payload, *(uint64_t *)user, length)) _exit(WRONG);
    return WTFCB_OK;
}

static wtfcb_status get_and_judge(wtfcb_cache_store *store, uint64_t number)
{
    wtfcb_cache_key key = store_key(number);
    return wtfcb_cache_store_get(store, &key, judge, &number);
}

/* Wait for a child until the deadline; its status, or -1 after it had to be killed. */
static int wait_for(pid_t child, uint64_t timeout_ms)
{
    int status;
    for (uint64_t end = wtfcb_base_now() + timeout_ms * MS; wtfcb_base_now() < end; sleep_ms(2))
        if (waitpid(child, &status, WNOHANG) == child) return status;
    (void)kill(child, SIGKILL);
    (void)waitpid(child, &status, 0);
    return -1;
}

static off_t file_size(const char *directory)
{
    wtfcb_cache_place place;
    struct stat st = {0};
    ck_assert_int_eq(wtfcb_cache_place_open(NULL, directory, false, &place, NULL), WTFCB_OK);
    (void)fstatat(place.store, "data.mdb", &st, 0);
    wtfcb_cache_place_close(&place);
    return st.st_size;
}

/* ------------------------------------------------------------------------------------------------------------------ */

enum { KEYS = 3000, WORKERS = 4 };

static wtfcb_cache_store_options small_options(void)
{
    wtfcb_cache_store_options options = store_options();
    options.size = 4 << 20; /* so that generations are dropped all the time */
    options.queue = 512 << 10;
    options.lock_timeout_ms = 5000;
    return options;
}

static void work(const char *directory, shared *s, unsigned which)
{
    wtfcb_cache_store_options options = small_options();
    wtfcb_cache_store *store;
    uint64_t state = (uint64_t)getpid() * UINT64_C(0x9e3779b97f4a7c15) | 1;
    if (store_try(NULL, directory, &options, &store) != WTFCB_OK) _exit(NOT_OPENED);
    while (!s->stop) {
        uint64_t number = random_of(&state) % KEYS;
        switch (random_of(&state) % 32) {
        case 0: {
            wtfcb_cache_key key = store_key(number);
            (void)wtfcb_cache_store_remove(store, &key);
            break;
        }
        case 1:
        case 2:
        case 3:
        case 4:
        case 5:
        case 6: (void)store_put(store, number, random_of(&state), 16 + random_of(&state) % 3000); break;
        case 7:
            if (random_of(&state) % 64 == 0) (void)wtfcb_cache_store_sync(store, 1000);
            break;
        default: (void)get_and_judge(store, number); break;
        }
        s->rounds[which]++;
    }
    wtfcb_cache_store_close(store);
    _exit(0);
}

static pid_t start_worker(const char *directory, shared *s, unsigned which)
{
    pid_t child = fork();
    if (child == 0) work(directory, s, which);
    ck_assert_int_gt(child, 0);
    return child;
}

START_TEST(killed_processes_never_leave_a_wrong_value_nor_a_store_that_does_not_open)
{
    char *directory = wtfcb_test_directory();
    shared *s = make_shared();
    pid_t children[WORKERS];
    uint64_t state = 88172645463325252u;
    unsigned rounds = wtfcb_test_long() ? 1000 : 30;
    for (unsigned i = 0; i < WORKERS; i++)
        children[i] = start_worker(directory, s, i);
    for (unsigned round = 0; round < rounds; round++) {
        sleep_ms(10 + (unsigned)(random_of(&state) % 60));
        unsigned which = (unsigned)(random_of(&state) % WORKERS);
        int status;
        ck_assert_int_eq(kill(children[which], SIGKILL), 0);
        ck_assert_int_eq(waitpid(children[which], &status, 0), children[which]);
        ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "round %u: status %#x", round,
                      (unsigned)status);
        children[which] = start_worker(directory, s, which);
    }
    sleep_ms(200);
    s->stop = 1;
    for (unsigned i = 0; i < WORKERS; i++)
        ck_assert_int_eq(wait_for(children[i], 30000), 0);
    for (unsigned i = 0; i < WORKERS; i++)
        ck_assert_uint_gt(s->rounds[i], 0);
    ck_assert_int_le(file_size(directory), (4 << 20) + (4 << 20) / 8);

    wtfcb_cache_store_options options = small_options();
    wtfcb_cache_store *store;
    ck_assert_int_eq(store_try(NULL, directory, &options, &store), WTFCB_OK);
    unsigned found = 0;
    for (uint64_t i = 0; i < KEYS; i++)
        found += get_and_judge(store, i) == WTFCB_OK;
    ck_assert_uint_gt(found, 0);
    ck_assert_uint_eq(store_stats(store).set_aside, 0);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */

static void storm(const char *directory, shared *s, unsigned which)
{
    wtfcb_cache_store_options options = store_options();
    options.lock_timeout_ms = 30000;
    uint64_t state = (uint64_t)getpid() | 1;
    while (!s->stop) {
        wtfcb_cache_store *store;
        uint64_t number = random_of(&state) % 100;
        if (store_try(NULL, directory, &options, &store) != WTFCB_OK) _exit(NOT_OPENED);
        (void)get_and_judge(store, number);
        if (store_put(store, number, s->rounds[which], 100) != WTFCB_OK) _exit(NOT_OPENED);
        (void)get_and_judge(store, number);
        wtfcb_cache_store_close(store);
        s->rounds[which]++;
    }
    _exit(0);
}

START_TEST(processes_that_open_and_close_all_the_time_do_not_harm_each_other)
{
    char *directory = wtfcb_test_directory();
    shared *s = make_shared();
    pid_t children[8];
    for (unsigned i = 0; i < 8; i++) {
        children[i] = fork();
        if (children[i] == 0) storm(directory, s, i);
    }
    sleep_ms(wtfcb_test_long() ? 60000 : 1000);
    s->stop = 1;
    uint64_t opened = 0;
    for (unsigned i = 0; i < 8; i++) {
        ck_assert_int_eq(wait_for(children[i], 40000), 0);
        opened += s->rounds[i];
    }
    ck_assert_uint_gt(opened, 8);
    wtfcb_cache_store *store = store_open(directory);
    ck_assert_uint_eq(store_stats(store).set_aside, 0);
    ck_assert_uint_gt(store_stats(store).entries, 0);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */

/* Stops inside a write transaction of LMDB's, with the gate's lock, as the writer of a store would. */
static void stop_while_writing(const char *directory, shared *s)
{
    wtfcb_cache_place place;
    wtfcb_cache_gate gate;
    enum wtfcb_cache_gate_state state;
    MDB_env *env;
    MDB_txn *txn;
    if (wtfcb_cache_place_open(NULL, directory, false, &place, NULL) != WTFCB_OK ||
        wtfcb_cache_gate_open(&place, &gate, NULL) != WTFCB_OK ||
        wtfcb_cache_gate_lock(&gate, WTFCB_CACHE_GATE_OPENING, 5000) != WTFCB_OK ||
        wtfcb_cache_gate_enter(&gate, &state) != WTFCB_OK || state != WTFCB_CACHE_GATE_CLEAN)
        _exit(NOT_OPENED);
    wtfcb_cache_gate_unlock(&gate, WTFCB_CACHE_GATE_OPENING);
    if (wtfcb_cache_gate_lock(&gate, WTFCB_CACHE_GATE_WRITING, 5000) != WTFCB_OK || mdb_env_create(&env) != 0 ||
        mdb_env_set_mapsize(env, 64 << 20) != 0 ||
        mdb_env_open(env, place.store_path, MDB_NOTLS | MDB_NOSYNC, 0600) != 0 ||
        mdb_txn_begin(env, NULL, 0, &txn) != 0)
        _exit(NOT_OPENED);
    s->ready = 1;
    (void)raise(SIGSTOP);
    mdb_txn_abort(txn);
    wtfcb_cache_gate_unlock(&gate, WTFCB_CACHE_GATE_WRITING);
    mdb_env_close(env);
    _exit(0);
}

static pid_t start_stopped(const char *directory, shared *s, void (*run)(const char *, shared *))
{
    pid_t child = fork();
    if (child == 0) run(directory, s);
    ck_assert_int_gt(child, 0);
    int status;
    ck_assert_int_eq(waitpid(child, &status, WUNTRACED), child);
    ck_assert(WIFSTOPPED(status));
    return child;
}

START_TEST(a_process_stopped_while_it_writes_stops_no_get_and_no_open_and_puts_time_out)
{
    char *directory = wtfcb_test_directory();
    shared *s = make_shared();
    wtfcb_cache_store *store = store_open(directory);
    ck_assert_int_eq(store_put(store, 1, 1, 100), WTFCB_OK);
    wtfcb_cache_store_close(store);
    pid_t child = start_stopped(directory, s, stop_while_writing);

    wtfcb_cache_store_options options = store_options();
    options.lock_timeout_ms = 200;
    options.queue = 256 << 10;
    uint64_t start = wtfcb_base_now();
    ck_assert_int_eq(store_try(NULL, directory, &options, &store), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 1, 1, 100), WTFCB_OK);
    ck_assert_int_eq(store_put(store, 2, 1, 100), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 2, 1, 100), WTFCB_OK);
    ck_assert_uint_lt(wtfcb_base_now() - start, 1000 * MS);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 500), WTFCB_EBUSY);
    ck_assert_int_eq(store_stats(store).write_status, WTFCB_EBUSY);
    uint64_t refused = 0;
    start = wtfcb_base_now();
    for (uint64_t i = 0; i < 1000; i++) {
        wtfcb_status status = store_put(store, 100 + i, 1, 1000);
        ck_assert(status == WTFCB_OK || status == WTFCB_ENOSPACE);
        refused += status != WTFCB_OK;
    }
    ck_assert_uint_lt(wtfcb_base_now() - start, 5000 * MS);
    ck_assert_uint_gt(refused, 0);
    ck_assert_uint_eq(store_stats(store).dropped, refused);
    ck_assert_int_eq(wtfcb_cache_store_clear(store), WTFCB_EBUSY);
    ck_assert_int_eq(store_get(store, 1, 1, 100), WTFCB_OK);
    ck_assert_int_eq(store_put(store, 3, 1, 100), WTFCB_OK);

    ck_assert_int_eq(kill(child, SIGCONT), 0);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 10000), WTFCB_OK);
    ck_assert_int_eq(store_stats(store).write_status, WTFCB_OK);
    ck_assert_int_eq(store_get(store, 3, 1, 100), WTFCB_OK);
    ck_assert_uint_eq(store_stats(store).queued, 0);
    ck_assert_int_eq(wait_for(child, 5000), 0);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

START_TEST(a_process_killed_while_it_writes_leaves_its_lock_to_others)
{
    char *directory = wtfcb_test_directory();
    shared *s = make_shared();
    wtfcb_cache_store *store = store_open(directory);
    pid_t child = start_stopped(directory, s, stop_while_writing);
    ck_assert_int_eq(store_put(store, 1, 1, 100), WTFCB_OK);
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 10000), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 1, 1, 100), WTFCB_OK);
    (void)wait_for(child, 5000);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

static void stop_while_opening(const char *directory, shared *s)
{
    wtfcb_cache_place place;
    wtfcb_cache_gate gate;
    if (wtfcb_cache_place_open(NULL, directory, false, &place, NULL) != WTFCB_OK ||
        wtfcb_cache_gate_open(&place, &gate, NULL) != WTFCB_OK ||
        wtfcb_cache_gate_lock(&gate, WTFCB_CACHE_GATE_OPENING, 5000) != WTFCB_OK)
        _exit(NOT_OPENED);
    s->ready = 1;
    (void)raise(SIGSTOP);
    _exit(0);
}

START_TEST(a_process_stopped_while_it_opens_costs_others_their_patience_and_no_more)
{
    char *directory = wtfcb_test_directory();
    shared *s = make_shared();
    wtfcb_cache_store *store = store_open(directory);
    pid_t child = start_stopped(directory, s, stop_while_opening);
    ck_assert_int_eq(store_put(store, 1, 1, 100), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 5000), WTFCB_OK);
    uint64_t start = wtfcb_base_now();
    wtfcb_cache_store_close(store);
    wtfcb_cache_store_options options = store_options();
    options.lock_timeout_ms = 300;
    ck_assert_int_eq(store_try(NULL, directory, &options, &store), WTFCB_EBUSY);
    ck_assert_uint_lt(wtfcb_base_now() - start, 5000 * MS);
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    (void)wait_for(child, 5000);
    store = store_open(directory);
    ck_assert_int_eq(store_get(store, 1, 1, 100), WTFCB_OK);
    ck_assert_uint_eq(store_stats(store).set_aside, 0);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */

START_TEST(what_one_process_puts_another_gets_and_a_larger_map_is_adopted)
{
    char *directory = wtfcb_test_directory();
    shared *s = make_shared();
    wtfcb_cache_store_options options = store_options();
    options.size = 1 << 20;
    wtfcb_cache_store *store;
    pid_t child = fork();
    if (child == 0) {
        while (!s->ready)
            sleep_ms(1);
        wtfcb_cache_store *large;
        options.size = 64 << 20;
        if (store_try(NULL, directory, &options, &large) != WTFCB_OK) _exit(NOT_OPENED);
        for (uint64_t i = 0; i < 8000; i++)
            (void)store_put(large, i, 1, 1000);
        if (wtfcb_cache_store_sync(large, 0) != WTFCB_OK) _exit(NOT_OPENED);
        wtfcb_cache_store_close(large);
        _exit(0);
    }
    ck_assert_int_eq(store_try(NULL, directory, &options, &store), WTFCB_OK);
    s->ready = 1;
    ck_assert_int_eq(wait_for(child, 20000), 0);
    ck_assert_int_gt(file_size(directory), 1 << 20);
    unsigned found = 0;
    for (unsigned tries = 0; tries < 500 && found < 8000; tries++, sleep_ms(2)) {
        found = 0; /* gets miss until the writer has adopted the map */
        for (uint64_t i = 0; i < 8000; i++)
            found += store_get(store, i, 1, 1000) == WTFCB_OK;
    }
    ck_assert_uint_eq(found, 8000);
    ck_assert_int_eq(store_put(store, 9000, 1, 100), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 9000, 1, 100), WTFCB_OK);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

START_TEST(a_child_of_a_process_with_a_store_opens_one_of_its_own)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store *store = store_open(directory);
    ck_assert_int_eq(store_put(store, 1, 1, 100), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    pid_t child = fork();
    if (child == 0) {
        wtfcb_cache_store_options options = store_options();
        wtfcb_cache_store *own;
        if (store_try(NULL, directory, &options, &own) != WTFCB_OK || own == store) _exit(NOT_OPENED);
        if (get_and_judge(own, 1) != WTFCB_OK || store_put(own, 2, 1, 100) != WTFCB_OK) _exit(NOT_OPENED);
        wtfcb_cache_store_close(own);
        _exit(0);
    }
    ck_assert_int_eq(wait_for(child, 10000), 0);
    ck_assert_int_eq(store_get(store, 2, 1, 100), WTFCB_OK);
    ck_assert_int_eq(store_put(store, 3, 1, 100), WTFCB_OK);
    wtfcb_cache_store_close(store);
    store = store_open(directory);
    ck_assert_int_eq(store_get(store, 3, 1, 100), WTFCB_OK);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("store among processes");
    TCase *crash = tcase_create("processes");
    if (FORKS) {
        tcase_set_timeout(crash, wtfcb_test_long() ? 600 : 60);
        tcase_add_test(crash, killed_processes_never_leave_a_wrong_value_nor_a_store_that_does_not_open);
        tcase_add_test(crash, processes_that_open_and_close_all_the_time_do_not_harm_each_other);
        tcase_add_test(crash, a_process_stopped_while_it_writes_stops_no_get_and_no_open_and_puts_time_out);
        tcase_add_test(crash, a_process_killed_while_it_writes_leaves_its_lock_to_others);
        tcase_add_test(crash, a_process_stopped_while_it_opens_costs_others_their_patience_and_no_more);
        tcase_add_test(crash, what_one_process_puts_another_gets_and_a_larger_map_is_adopted);
        tcase_add_test(crash, a_child_of_a_process_with_a_store_opens_one_of_its_own);
    }
    suite_add_tcase(s, crash);
    return s;
}
WTFCB_TEST_MAIN(suite)
