/*
 * Samples of processor time while everything happens at once: signals of two kinds, threads that come and go, children, longjmp out of deep stacks, recordings that
 * start and stop. For a minute an engine with WTFCB_TEST_LONG. Nothing hangs, crashes or is left behind, and what was recorded adds up.
 */
#include <wtfcb/profiler.h>

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../base/counting.h"

#define NOT_INLINED __attribute__((noinline, noclone))
#define MS 1000000u

enum { HZ = 997, SPAWNERS = 2, FORKS_A_RECORDING = 2, DEPTH = 200 };

static const int32_t engines[] = {WTFCB_ENGINE_PERF, WTFCB_ENGINE_TIMER, WTFCB_ENGINE_WALL};
enum { ENGINES = sizeof engines / sizeof *engines };

static counting memory;
static wtfcb_profiler *profiler;
static atomic_bool ends;
static atomic_uint alarms, nudges, threads, jumps;

static void set_up(void)
{
    counting_init(&memory);
    ck_assert_int_eq(wtfcb_profiler_new(&memory.allocator, &profiler), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_TIMELINE, 0), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_CPU, HZ), WTFCB_OK);
}

static void tear_down(void)
{
    wtfcb_profiler_free(profiler);
    counting_assert_clean(&memory);
}

static uint64_t instant(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000 * MS + (uint64_t)time.tv_nsec;
}

NOT_INLINED static void burn(unsigned rounds)
{
    static _Thread_local volatile unsigned sink;
    for (unsigned i = 0; i < rounds; i++)
        sink = sink * 1664525u + i;
}

/* ---- Who storms ---- */

/*
 * The thread sanitizer hands queued signals on at atomic operations. One in a handler does so within the handing on, and a thread can be left with all signals
 * blocked (as can those it starts): who storms takes them out of its mask again and again.
 */
static void take_signals(void)
{
    sigset_t none;
    (void)sigemptyset(&none);
    (void)pthread_sigmask(SIG_SETMASK, &none, NULL);
}

static void on_alarm(int number)
{
    int before = errno;
    (void)number;
    alarms++;
    burn(100);
    errno = before;
}

static void on_nudge(int number)
{
    (void)number;
    nudges++;
    burn(100);
}

static void *live_briefly(void *user)
{
    (void)user;
    threads++;
    burn(20000);
    return NULL;
}

/* Threads one after the other, each with a signal on its way; a thread that has ended is still there to be joined. */
static void *spawn(void *user)
{
    (void)user;
    while (!ends) {
        pthread_t thread;
        take_signals();
        if (pthread_create(&thread, NULL, live_briefly, NULL) != 0) continue;
        (void)pthread_kill(thread, SIGUSR1);
        (void)pthread_join(thread, NULL);
    }
    return NULL;
}

NOT_INLINED static void dive(jmp_buf back, unsigned depth)
{
    burn(20);
    if (depth > 0) dive(back, depth - 1);
    if (jumps < UINT32_MAX) longjmp(back, 1); /* always */
    burn(1);
}

static void *jump(void *user)
{
    (void)user;
    while (!ends) {
        jmp_buf back;
        take_signals();
        if (setjmp(back) == 0) dive(back, DEPTH);
        jumps++;
    }
    return NULL;
}

static void fork_and_wait(unsigned number)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        burn(20000);
        if (number % 2) wtfcb_profiler_free(profiler);
        _exit(7);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        ck_assert_int_eq(errno, EINTR);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 7, "status %d", status);
}

/* ---- The storm ---- */

static void install(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    ck_assert_int_eq(sigaction(number, &action, NULL), 0);
}

static void beat(long microseconds)
{
    struct itimerval interval = {{0, microseconds}, {0, microseconds}};
    ck_assert_int_eq(setitimer(ITIMER_REAL, &interval, NULL), 0);
}

/* Its samples; the profile adds up. */
static uint64_t record(unsigned number)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_profile *profile = NULL;
    wtfcb_profile_summary summary;
    uint64_t count = 0, self = 0, total = 0;
    take_signals();
    ck_assert_msg(wtfcb_profiler_start(profiler, "storm", &error) == WTFCB_OK, "%s", error.message);
    for (unsigned i = 0; i < FORKS_A_RECORDING; i++)
        fork_and_wait(number + i);
    uint64_t end = instant() + number % 7 * 50 * MS;
    while (instant() < end)
        burn(1000);
    ck_assert_msg(wtfcb_profiler_stop(profiler, &profile, &error) == WTFCB_OK, "%s", error.message);
    ck_assert_int_eq(wtfcb_profile_get_summary(profile, &summary, sizeof summary), WTFCB_OK);
    ck_assert_int_eq(summary.cpu_status, WTFCB_OK);
    for (uint32_t i = 0; i < summary.node_count; i++) {
        wtfcb_profile_node node;
        (void)wtfcb_profile_node_at(profile, i, &node, sizeof node);
        if (node.tree != WTFCB_TREE_CPU) continue;
        count += node.count;
        self += node.self;
        if (node.parent == WTFCB_PROFILE_NONE) total += node.total;
    }
    ck_assert_uint_eq(count, summary.cpu_samples);
    ck_assert_uint_eq(self, total);
    wtfcb_profile_free(profile);
    return count;
}

START_TEST(a_storm_of_signals_threads_forks_and_jumps_harms_nobody)
{
    pthread_t running[SPAWNERS + 1];
    struct sigaction after;
    uint64_t samples = 0;
    unsigned recordings = 0;
    ends = false;
    alarms = nudges = threads = jumps = 0;
    take_signals();
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_CPU_ENGINE, engines[_i]), WTFCB_OK);
    install(SIGALRM, on_alarm);
    install(SIGUSR1, on_nudge);
    for (int i = 0; i <= SPAWNERS; i++)
        ck_assert_int_eq(pthread_create(&running[i], NULL, i < SPAWNERS ? spawn : jump, NULL), 0);
    beat(500);
    uint64_t end = instant() + (uint64_t)(wtfcb_test_long() ? 60000 : 1000) * MS;
    while (instant() < end || recordings < 4)
        samples += record(recordings++);
    beat(0);
    ends = true;
    for (int i = 0; i <= SPAWNERS; i++)
        (void)pthread_join(running[i], NULL);
    ck_assert_uint_gt(samples, 0);
    ck_assert_msg(alarms > 0 && nudges > 0 && threads > 0 && jumps > 0, "%u alarms, %u nudges, %u threads, %u jumps",
                  alarms, nudges, threads, jumps);
    ck_assert_int_eq(sigaction(SIGPROF, NULL, &after), 0);
    ck_assert(after.sa_handler == SIG_DFL);
    install(SIGALRM, SIG_IGN); /* one may still be on its way */
    install(SIGUSR1, SIG_IGN);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("cpu storm");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 300);
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_loop_test(all, a_storm_of_signals_threads_forks_and_jumps_harms_nobody, 0, ENGINES);
    suite_add_tcase(s, all);
    return s;
}

WTFCB_TEST_MAIN(suite)
