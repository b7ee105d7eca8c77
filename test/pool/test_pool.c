/*
 * The pool: what runs, in which order, how often, on what kind of thread; what stopping drops; what is left afterwards.
 */
#include "pool/pool.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "../base/counting.h"

#define LONG_TIME (60ull * 1000 * 1000 * 1000)

static counting memory;
static wtfcb_pool *pool;
static wtfcb_pool_group group;
static atomic_ullong started; /* items so far */

static void start(uint32_t threads)
{
    int os_error = 0;
    ck_assert_int_eq(wtfcb_pool_new(&memory.allocator, threads, &pool, &os_error), WTFCB_OK);
    wtfcb_pool_group_init(&group);
}

static void set_up(void)
{
    counting_init(&memory);
    pool = NULL;
    atomic_store(&started, 0);
}

static void tear_down(void)
{
    wtfcb_pool_free(pool);
    counting_assert_clean(&memory);
}

static int threads_of_process(void)
{
    DIR *tasks = opendir("/proc/self/task");
    ck_assert_ptr_nonnull(tasks);
    int count = 0;
    for (const struct dirent *entry = readdir(tasks); entry; entry = readdir(tasks))
        count += entry->d_name[0] != '.';
    closedir(tasks);
    return count;
}

/* A joined thread may be listed for a moment longer. */
static bool threads_become(int count)
{
    for (int i = 0; i < 1000 && threads_of_process() != count; i++) {
        struct timespec moment = {0, 1000000};
        nanosleep(&moment, NULL);
    }
    return threads_of_process() == count;
}

/* A task that keeps its worker until it is let go, so that a queue can be filled behind it. */
static atomic_bool gate_open;
static atomic_uint gates_entered;

static void run_gate(wtfcb_pool_task *task, uint32_t worker)
{
    (void)task;
    (void)worker;
    atomic_fetch_add(&gates_entered, 1);
    while (!atomic_load(&gate_open))
        sched_yield();
}

static void close_gate(wtfcb_pool_task *gates, uint32_t count)
{
    atomic_store(&gate_open, false);
    atomic_store(&gates_entered, 0);
    for (uint32_t i = 0; i < count; i++) {
        gates[i] = (wtfcb_pool_task){.run = run_gate, .group = &group, .weight = UINT64_MAX};
        wtfcb_pool_submit(pool, &gates[i]);
    }
    while (atomic_load(&gates_entered) < count)
        sched_yield();
}

typedef struct item {
    wtfcb_pool_task task;
    atomic_uint runs;
    uint32_t worker;
    uint64_t place; /* in the order of starting */
} item;

static void run_item(wtfcb_pool_task *task, uint32_t worker)
{
    item *i = (void *)task;
    i->place = atomic_fetch_add(&started, 1);
    i->worker = worker;
    atomic_fetch_add(&i->runs, 1);
    for (volatile uint64_t spin = 0; spin < task->weight % 5000; spin++) {}
}

static uint64_t random_state = 88172645463325252u;

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

START_TEST(heaviest_task_runs_first)
{
    enum { COUNT = 2000 };
    static item items[COUNT];
    start(1);
    wtfcb_pool_task gate;
    close_gate(&gate, 1);
    for (size_t i = 0; i < COUNT; i++) {
        items[i].task = (wtfcb_pool_task){.run = run_item, .group = &group, .weight = next_random() % 700};
        wtfcb_pool_submit(pool, &items[i].task);
    }
    atomic_store(&gate_open, true);
    ck_assert(wtfcb_pool_wait(pool, &group, LONG_TIME));
    static uint64_t by_place[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        by_place[items[i].place] = items[i].task.weight;
    for (size_t i = 1; i < COUNT; i++)
        if (by_place[i - 1] < by_place[i]) ck_abort_msg("place %zu", i);
}
END_TEST

START_TEST(eighty_thousand_tasks_of_unequal_size_run_exactly_once)
{
    enum { COUNT = 80000 };
    item *items = calloc(COUNT, sizeof *items);
    start(3);
    for (size_t i = 0; i < COUNT; i++) {
        uint64_t weight = next_random() % (i % 1000 == 0 ? 5000 : 50);
        items[i].task = (wtfcb_pool_task){.run = run_item, .group = &group, .weight = weight};
        wtfcb_pool_submit(pool, &items[i].task);
    }
    ck_assert(wtfcb_pool_wait(pool, &group, LONG_TIME));
    for (size_t i = 0; i < COUNT; i++)
        if (atomic_load(&items[i].runs) != 1 || items[i].worker >= 3) ck_abort_msg("task %zu", i);
    free(items);
}
END_TEST

START_TEST(submitting_takes_no_memory)
{
    static item items[1000];
    start(2);
    unsigned long before = atomic_load(&memory.calls);
    counting_fail(&memory, 1, true);
    for (size_t i = 0; i < 1000; i++) {
        items[i].task = (wtfcb_pool_task){.run = run_item, .group = &group, .weight = i};
        wtfcb_pool_submit(pool, &items[i].task);
    }
    ck_assert(wtfcb_pool_wait(pool, &group, LONG_TIME));
    ck_assert_uint_eq(atomic_load(&memory.calls), 0);
    ck_assert_uint_eq(before, 1);
}
END_TEST

START_TEST(every_worker_has_an_index_of_its_own)
{
    enum { THREADS = 4 };
    wtfcb_pool_task gates[THREADS];
    start(THREADS);
    ck_assert_uint_eq(wtfcb_pool_threads(pool), THREADS);
    close_gate(gates, THREADS); /* returns only when all of them run at once */
    ck_assert(!wtfcb_pool_wait(pool, &group, 1000000));
    atomic_store(&gate_open, true);
    ck_assert(wtfcb_pool_wait(pool, &group, LONG_TIME));
}
END_TEST

/* A tree of tasks: each makes its children while it runs; the wait ends when the last leaf has. */
typedef struct branch {
    wtfcb_pool_task task;
    struct branch *children;
    uint32_t depth;
} branch;

enum { FAN = 4, LEVELS = 7 };

static atomic_uint branches_run;

static void run_branch(wtfcb_pool_task *task, uint32_t worker)
{
    branch *b = (void *)task;
    (void)worker;
    atomic_fetch_add(&branches_run, 1);
    if (b->depth == LEVELS) return;
    b->children = calloc(FAN, sizeof *b->children);
    for (size_t i = 0; i < FAN; i++) {
        b->children[i].depth = b->depth + 1;
        b->children[i].task = (wtfcb_pool_task){.run = run_branch, .group = &group, .weight = i};
        wtfcb_pool_submit(pool, &b->children[i].task);
    }
}

static void free_branches(branch *b) /* depth is LEVELS at most */
{
    if (!b->children) return;
    for (size_t i = 0; i < FAN; i++)
        free_branches(&b->children[i]);
    free(b->children);
}

START_TEST(wait_covers_tasks_that_tasks_submit)
{
    start(3);
    branch root = {.task = {.run = run_branch, .group = &group}};
    wtfcb_pool_submit(pool, &root.task);
    ck_assert(wtfcb_pool_wait(pool, &group, LONG_TIME));
    unsigned expected = 0;
    for (unsigned level = 0, width = 1; level <= LEVELS; level++, width *= FAN)
        expected += width;
    ck_assert_uint_eq(atomic_load(&branches_run), expected);
    free_branches(&root);
}
END_TEST

START_TEST(stopped_group_drops_what_has_not_begun_and_nothing_of_another_group)
{
    static item dropped[1000];
    static item kept[1000];
    start(2);
    wtfcb_pool_group other;
    wtfcb_pool_group stopped;
    wtfcb_pool_group_init(&other);
    wtfcb_pool_group_init(&stopped);
    wtfcb_pool_task gates[2];
    close_gate(gates, 2);
    for (size_t i = 0; i < 1000; i++) {
        dropped[i].task = (wtfcb_pool_task){.run = run_item, .group = &stopped, .weight = i};
        kept[i].task = (wtfcb_pool_task){.run = run_item, .group = &other, .weight = i};
        wtfcb_pool_submit(pool, &dropped[i].task);
        wtfcb_pool_submit(pool, &kept[i].task);
    }
    wtfcb_pool_stop(&stopped);
    ck_assert(wtfcb_pool_stopped(&stopped));
    ck_assert(!wtfcb_pool_stopped(&other));
    atomic_store(&gate_open, true);
    ck_assert(wtfcb_pool_wait(pool, &stopped, LONG_TIME));
    ck_assert(wtfcb_pool_wait(pool, &other, LONG_TIME));
    ck_assert(wtfcb_pool_wait(pool, &group, LONG_TIME));
    for (size_t i = 0; i < 1000; i++) {
        ck_assert_uint_eq(atomic_load(&dropped[i].runs), 0);
        ck_assert_uint_eq(atomic_load(&kept[i].runs), 1);
    }
}
END_TEST

START_TEST(wait_returns_after_its_timeout)
{
    start(1);
    ck_assert(wtfcb_pool_wait(pool, &group, 0)); /* nothing pending */
    wtfcb_pool_task gate;
    close_gate(&gate, 1);
    struct timespec before;
    struct timespec after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    ck_assert(!wtfcb_pool_wait(pool, &group, 20 * 1000 * 1000));
    clock_gettime(CLOCK_MONOTONIC, &after);
    double seconds = (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
    ck_assert(seconds >= 0.019 && seconds < 5);
    atomic_store(&gate_open, true);
    ck_assert(wtfcb_pool_wait(pool, &group, LONG_TIME));
}
END_TEST

typedef struct observer {
    wtfcb_pool_task task;
    sigset_t blocked;
    size_t stack;
} observer;

static void run_observer(wtfcb_pool_task *task, uint32_t worker)
{
    observer *o = (void *)task;
    pthread_attr_t attributes;
    (void)worker;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &o->blocked);
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
    (void)pthread_attr_getstacksize(&attributes, &o->stack);
    (void)pthread_attr_destroy(&attributes);
}

START_TEST(workers_have_all_signals_blocked_and_eight_mib_of_stack)
{
    start(1);
    observer o = {.task = {.run = run_observer, .group = &group}};
    wtfcb_pool_submit(pool, &o.task);
    ck_assert(wtfcb_pool_wait(pool, &group, LONG_TIME));
    for (int i = 1; i < 32; i++)
        if (i != SIGKILL && i != SIGSTOP) ck_assert_msg(sigismember(&o.blocked, i) == 1, "signal %d", i);
    ck_assert_uint_ge(o.stack, 8 << 20);
}
END_TEST

START_TEST(no_thread_is_left_after_free)
{
    int before = threads_of_process();
    for (uint32_t threads = 1; threads <= 16; threads *= 2) {
        start(threads);
        ck_assert(threads_become(before + (int)threads));
        wtfcb_pool_free(pool);
        pool = NULL;
        ck_assert(threads_become(before));
        counting_assert_clean(&memory);
    }
    wtfcb_pool_free(NULL);
}
END_TEST

START_TEST(pool_without_memory_is_not_made)
{
    int os_error = 0;
    wtfcb_pool *const before = (wtfcb_pool *)&memory;
    pool = before;
    counting_fail(&memory, 1, true);
    ck_assert_int_eq(wtfcb_pool_new(&memory.allocator, 2, &pool, &os_error), WTFCB_ENOMEM);
    ck_assert_ptr_eq(pool, before);
    pool = NULL;
}
END_TEST

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/* Room for a few stacks of 8 MiB and not for all: the sanitizers take more address space than can be limited. */
START_TEST(thread_that_cannot_be_started_leaves_none_behind)
{
    int before = threads_of_process();
    char text[256] = "";
    FILE *statm = fopen("/proc/self/statm", "r");
    ck_assert_ptr_nonnull(fgets(text, sizeof text, statm));
    fclose(statm);
    struct rlimit limit = {strtoul(text, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE) + (100 << 20), RLIM_INFINITY};
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
    int os_error = 0;
    ck_assert_int_eq(wtfcb_pool_new(&memory.allocator, 100, &pool, &os_error), WTFCB_EUNSUPPORTED);
    ck_assert_int_eq(os_error, EAGAIN);
    ck_assert_ptr_null(pool);
    ck_assert(threads_become(before));
    limit.rlim_cur = RLIM_INFINITY;
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
    start(4);
}
END_TEST
#endif

static Suite *suite(void)
{
    Suite *s = suite_create("pool");
    TCase *t = tcase_create("pool");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, heaviest_task_runs_first);
    tcase_add_test(t, eighty_thousand_tasks_of_unequal_size_run_exactly_once);
    tcase_add_test(t, submitting_takes_no_memory);
    tcase_add_test(t, every_worker_has_an_index_of_its_own);
    tcase_add_test(t, wait_covers_tasks_that_tasks_submit);
    tcase_add_test(t, stopped_group_drops_what_has_not_begun_and_nothing_of_another_group);
    tcase_add_test(t, wait_returns_after_its_timeout);
    tcase_add_test(t, workers_have_all_signals_blocked_and_eight_mib_of_stack);
    tcase_add_test(t, no_thread_is_left_after_free);
    tcase_add_test(t, pool_without_memory_is_not_made);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    tcase_add_test(t, thread_that_cannot_be_started_leaves_none_behind);
#endif
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
