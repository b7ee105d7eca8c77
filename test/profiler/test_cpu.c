/*
 * Samples of processor time: that they go where the time went, by each engine, whatever threads and processes do meanwhile. This file is
 * compiled with frame pointers, so that callers are known.
 */
#include <wtfcb/profiler.h>
#include <wtfcb/zone.h>

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../base/counting.h"
#include "base/thread.h"
#include "profiler/cpu.h"
#include "profiler/forest.h"

/* The thread sanitizer hands signals out late, when the functions that they came in have returned, and ends a child that starts a thread. */
#ifdef __SANITIZE_THREAD__
#define LATE_SIGNALS 1
#else
#define LATE_SIGNALS 0
#endif

#define FRAMED __attribute__((noinline, noclone))
#define MS 1000000u

enum { HZ = 997 };

static counting memory;
static wtfcb_profiler *profiler;
static wtfcb_profile *profile;
static wtfcb_profile_summary summary;

static const int32_t engines[] = {WTFCB_ENGINE_PERF, WTFCB_ENGINE_TIMER, WTFCB_ENGINE_WALL};
static const char *const engine_names[] = {"perf", "timer", "wall"};
enum { ENGINES = sizeof engines / sizeof *engines };

static void set_up(void)
{
    counting_init(&memory);
    ck_assert_int_eq(wtfcb_profiler_new(&memory.allocator, &profiler), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_TIMELINE, 0), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_CPU, HZ), WTFCB_OK);
    profile = NULL;
}

static void tear_down(void)
{
    wtfcb_profile_free(profile);
    wtfcb_profiler_free(profiler);
    counting_assert_clean(&memory);
}

static void choose(int32_t engine)
{
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_CPU_ENGINE, engine), WTFCB_OK);
}

static void start(void)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_msg(wtfcb_profiler_start(profiler, "test", &error) == WTFCB_OK, "%s", error.message);
}

/* Nodes add up, parents stand before children in one run of a tree and thread, frames are what their nodes are. */
static void assert_adds_up(void)
{
    uint64_t samples = 0;
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < summary.node_count; i++) {
        wtfcb_profile_node node, parent, before;
        (void)wtfcb_profile_node_at(profile, i, &node, sizeof node);
        wrong += node.frame >= summary.frame_count || node.thread >= summary.thread_count || node.total < node.self;
        if (node.tree == WTFCB_TREE_CPU) samples += node.count;
        if (node.parent == WTFCB_PROFILE_NONE) continue;
        wrong += node.parent >= i;
        (void)wtfcb_profile_node_at(profile, node.parent, &parent, sizeof parent);
        wrong += parent.thread != node.thread || parent.tree != node.tree || parent.total < node.total;
        (void)wtfcb_profile_node_at(profile, i - 1, &before, sizeof before);
        wrong += before.thread != node.thread || before.tree != node.tree;
    }
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(samples, summary.cpu_samples);
    for (uint32_t i = 0; i < summary.frame_count; i++) {
        wtfcb_profile_frame frame;
        (void)wtfcb_profile_frame_at(profile, i, &frame, sizeof frame);
        wrong += !frame.object || !frame.name || !*frame.name || frame.total < frame.self;
    }
    ck_assert_uint_eq(wrong, 0);
}

static void stop(void)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_profile_free(profile);
    profile = NULL;
    ck_assert_msg(wtfcb_profiler_stop(profiler, &profile, &error) == WTFCB_OK, "%s", error.message);
    ck_assert_int_eq(wtfcb_profile_get_summary(profile, &summary, sizeof summary), WTFCB_OK);
    assert_adds_up();
}

/* Time inside a function, in total; 0: it was not seen. */
static uint64_t time_in(const char *name)
{
    for (uint32_t i = 0; i < summary.frame_count; i++) {
        wtfcb_profile_frame frame;
        (void)wtfcb_profile_frame_at(profile, i, &frame, sizeof frame);
        if (frame.tree == WTFCB_TREE_CPU && strcmp(frame.name, name) == 0) return frame.total;
    }
    return 0;
}

static uint64_t time_in_all(void)
{
    uint64_t all = 0;
    for (uint32_t i = 0; i < summary.node_count; i++) {
        wtfcb_profile_node node;
        (void)wtfcb_profile_node_at(profile, i, &node, sizeof node);
        if (node.tree == WTFCB_TREE_CPU) all += node.self;
    }
    return all;
}

static uint64_t thread_time(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000 * MS + (uint64_t)now.tv_nsec;
}

/* ---- Work ---- */

static _Thread_local volatile uint64_t sink;
static uint64_t time_of_seven, time_of_three; /* by the clock, about 7 to 3 */

FRAMED static void call_nothing(void)
{
    __asm__ volatile("");
}

/* Code that the functions below share. It calls something, for a function that calls nothing may have no frame, whatever the flags. */
FRAMED static void burn(uint64_t rounds)
{
    for (uint64_t i = 0; i < rounds; i++) {
        sink = sink * UINT64_C(6364136223846793005) + i;
        if (i % 1024 == 0) call_nothing();
    }
}

FRAMED void cpu_test_seven(void);
FRAMED void cpu_test_three(void);
FRAMED void cpu_test_alone(uint64_t ns);

/* A function goes on for some periods of the sampler, never twice as long, so that the two never keep step; 150 on average. */
static uint64_t stretch(void)
{
    static _Thread_local uint64_t state = 1;
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return 100 + (state >> 33) % 101;
}

FRAMED void cpu_test_seven(void)
{
    burn(70000 * stretch());
    sink++;
}

FRAMED void cpu_test_three(void)
{
    burn(30000 * stretch());
    sink++;
}

/* By processor time, so that a loaded machine makes it slower and nothing else. */
FRAMED static void work(uint64_t ns)
{
    uint64_t end = thread_time() + ns;
    uint64_t now = thread_time();
    while (now < end) {
        uint64_t before = now;
        cpu_test_seven();
        now = thread_time();
        time_of_seven += now - before;
        before = now;
        cpu_test_three();
        now = thread_time();
        time_of_three += now - before;
    }
    sink++;
}

FRAMED void cpu_test_alone(uint64_t ns)
{
    uint64_t end = thread_time() + ns;
    while (thread_time() < end)
        burn(10000);
    sink++;
}

/*
 * A stretch is wrong by up to a period at each end, in either direction: by 0.4 on average, so that of N stretches the sum is wrong by 0.4 * sqrt(N) periods.
 * Of a second in stretches of 15 ms and periods of 1 ms that is 0.3 % of the time. Timers expire with the tick, perhaps every 10 ms, and need longer.
 */
static uint64_t long_enough(int32_t engine)
{
    if (wtfcb_test_long()) return UINT64_C(10000) * MS;
    return (uint64_t)(engine == WTFCB_ENGINE_TIMER ? 3000 : 1000) * MS;
}

/* ---- Where the time went ---- */

START_TEST(time_goes_to_the_functions_that_took_it)
{
    choose(engines[_i]);
    time_of_seven = time_of_three = 0;
    start();
    uint64_t before = thread_time();
    work(long_enough(engines[_i]));
    uint64_t used = thread_time() - before;
    stop();
    ck_assert_int_eq(summary.cpu_status, WTFCB_OK);
    ck_assert_str_eq(summary.cpu_engine, engine_names[_i]);
    ck_assert_uint_eq(summary.cpu_hz, HZ);
    ck_assert_uint_gt(summary.cpu_samples, 100);
    if (LATE_SIGNALS && engines[_i] != WTFCB_ENGINE_PERF) return;
    double seven = (double)time_in("cpu_test_seven");
    double three = (double)time_in("cpu_test_three");
    double share = seven / (seven + three);
    double known = (double)time_of_seven / (double)(time_of_seven + time_of_three);
    double bound = engines[_i] == WTFCB_ENGINE_WALL ? 0.08 : 0.02;
    ck_assert_msg(share > known - bound && share < known + bound, "%.4f, not %.4f", share, known);
    if (engines[_i] == WTFCB_ENGINE_WALL) return;
    double all = (double)time_in_all() / (double)used;
    ck_assert_msg(all > 0.9 && all < 1.1, "%.4f of the time", all);
}
END_TEST

START_TEST(a_cpu_profile_is_none_when_it_is_not_asked_for)
{
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_CPU, 0), WTFCB_OK);
    start();
    burn(1000);
    stop();
    ck_assert_int_eq(summary.cpu_status, WTFCB_ENOTFOUND);
    ck_assert_str_eq(summary.cpu_engine, "");
    ck_assert_uint_eq(summary.cpu_samples, 0);
}
END_TEST

static void *work_in_thread(void *user)
{
    (void)pthread_setname_np(pthread_self(), "worker");
    cpu_test_alone(*(const uint64_t *)user);
    return NULL;
}

START_TEST(threads_have_their_own_stacks_and_names)
{
    uint64_t ns = (wtfcb_test_long() ? 500 : 300) * MS;
    pthread_t threads[4];
    choose(engines[_i]);
    start();
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work_in_thread, &ns), 0);
    for (int i = 0; i < 4; i++)
        (void)pthread_join(threads[i], NULL);
    stop();
    uint32_t workers = 0;
    for (uint32_t i = 0; i < summary.thread_count; i++) {
        wtfcb_profile_thread thread;
        (void)wtfcb_profile_thread_at(profile, i, &thread, sizeof thread);
        workers += strcmp(thread.name, "worker") == 0;
    }
    ck_assert_uint_eq(workers, 4);
    if (LATE_SIGNALS && engines[_i] != WTFCB_ENGINE_PERF) return;
    uint64_t period = UINT64_C(1000) * MS / HZ;
    double seen = (double)(time_in("cpu_test_alone") + summary.cpu_lost * period) / (double)(4 * ns);
    ck_assert_msg(seen > 0.8 && (seen < 1.2 || engines[_i] == WTFCB_ENGINE_WALL), "%.4f", seen);
}
END_TEST

START_TEST(threads_come_and_go)
{
    uint64_t ns = 3 * MS;
    int rounds = wtfcb_test_long() ? 100 : 50;
    choose(engines[_i]);
    start();
    for (int round = 0; round < rounds; round++) {
        pthread_t threads[4];
        for (int i = 0; i < 4; i++)
            ck_assert_int_eq(pthread_create(&threads[i], NULL, work_in_thread, &ns), 0);
        for (int i = 0; i < 4; i++)
            (void)pthread_join(threads[i], NULL);
    }
    stop();
    ck_assert_int_eq(summary.cpu_status, WTFCB_OK);
    if (engines[_i] != WTFCB_ENGINE_PERF) return;
    double seen = (double)time_in("cpu_test_alone") / (double)(4 * (uint64_t)rounds * ns);
    ck_assert_msg(seen > 0.4 && seen < 1.2, "%.4f", seen); /* none is longer than three periods */
}
END_TEST

START_TEST(a_thread_of_zones_and_of_samples_is_one_row)
{
    choose(engines[_i]);
    start();
    {
        WTFCB_ZONE("zone of test");
        work(300 * MS);
    }
    stop();
    uint32_t mine = 0;
    bool both[3] = {false};
    for (uint32_t i = 0; i < summary.thread_count; i++) {
        wtfcb_profile_thread thread;
        (void)wtfcb_profile_thread_at(profile, i, &thread, sizeof thread);
        if (thread.id != (uint64_t)getpid()) continue;
        mine++;
        for (uint32_t n = 0; n < summary.node_count; n++) {
            wtfcb_profile_node node;
            (void)wtfcb_profile_node_at(profile, n, &node, sizeof node);
            if (node.thread == i && node.tree < 3) both[node.tree] = true;
        }
    }
    ck_assert_uint_eq(mine, 1);
    ck_assert(both[WTFCB_TREE_ZONES] && both[WTFCB_TREE_CPU]);
}
END_TEST

/* ---- What programs do ---- */

static jmp_buf far_away;

FRAMED static void dive(int depth)
{
    burn(200);
    if (depth > 0)
        dive(depth - 1);
    else if (sink != 1)
        longjmp(far_away, 1);
    sink++;
}

START_TEST(a_program_may_longjmp_out_of_deep_stacks)
{
    volatile uint64_t end = thread_time() + 500 * MS;
    choose(engines[_i]);
    start();
    while (thread_time() < end)
        if (setjmp(far_away) == 0) dive(200);
    stop();
    ck_assert_uint_gt(time_in("dive") + summary.cpu_lost, 0);
}
END_TEST

START_TEST(a_fork_while_sampling_leaves_the_child_alone)
{
    choose(engines[_i]);
    start();
    for (int round = 0; round < 10; round++) {
        pid_t child = fork();
        if (child == 0) {
            cpu_test_alone(20 * MS);
            if (round % 2) wtfcb_profiler_free(profiler);
            _exit(wtfcb_profiler_stop(round % 2 ? NULL : profiler, NULL, NULL) == WTFCB_OK);
        }
        ck_assert_int_gt(child, 0);
        int status = -1;
        work(20 * MS);
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_int_eq(status, 0);
    }
    work(200 * MS);
    stop();
    ck_assert_int_eq(summary.cpu_status, WTFCB_OK);
    ck_assert_uint_eq(time_in("cpu_test_alone"), 0);
    if (!LATE_SIGNALS || engines[_i] == WTFCB_ENGINE_PERF) ck_assert_uint_gt(time_in("cpu_test_seven"), 100 * MS);
}
END_TEST

START_TEST(a_child_of_a_fork_may_sample_itself)
{
    if (LATE_SIGNALS) return;
    choose(engines[_i]);
    start();
    pid_t child = fork();
    if (child == 0) {
        wtfcb_profiler *own = NULL;
        wtfcb_profile *result = NULL;
        wtfcb_profile_summary s = {0};
        int bad = wtfcb_profiler_new(NULL, &own) != WTFCB_OK;
        bad |= wtfcb_profiler_set(own, WTFCB_PROFILER_TIMELINE, 0) != WTFCB_OK;
        bad |= wtfcb_profiler_set(own, WTFCB_PROFILER_CPU, HZ) != WTFCB_OK;
        bad |= wtfcb_profiler_set(own, WTFCB_PROFILER_CPU_ENGINE, engines[_i]) != WTFCB_OK;
        bad |= wtfcb_profiler_start(own, "child", NULL) != WTFCB_OK;
        cpu_test_alone(200 * MS);
        bad |= wtfcb_profiler_stop(own, &result, NULL) != WTFCB_OK;
        bad |= wtfcb_profile_get_summary(result, &s, sizeof s) != WTFCB_OK || s.cpu_samples == 0;
        wtfcb_profile_free(result);
        wtfcb_profiler_free(own);
        wtfcb_profiler_free(profiler);
        _exit(bad);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    stop();
}
END_TEST

static atomic_bool storm_ends;

static void *storm(void *user)
{
    (void)user;
    while (!storm_ends)
        burn(1000);
    return NULL;
}

START_TEST(starts_and_stops_in_a_storm)
{
    pthread_t threads[3];
    storm_ends = false;
    choose(engines[_i]);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, storm, NULL), 0);
    for (int round = 0; round < (wtfcb_test_long() ? 2000 : 8); round++) {
        start();
        cpu_test_alone((uint64_t)(round % 7) * MS);
        stop();
    }
    storm_ends = true;
    for (int i = 0; i < 3; i++)
        (void)pthread_join(threads[i], NULL);
    struct sigaction now;
    ck_assert_int_eq(sigaction(SIGPROF, NULL, &now), 0);
    ck_assert(now.sa_handler == SIG_DFL);
}
END_TEST

/* ---- Signals ---- */

static void foreign_handler(int number)
{
    (void)number;
}

START_TEST(a_handler_of_somebody_else_is_not_touched)
{
    struct sigaction foreign = {.sa_handler = foreign_handler}, now;
    ck_assert_int_eq(sigaction(SIGPROF, &foreign, NULL), 0);
    choose(WTFCB_ENGINE_TIMER);
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(wtfcb_profiler_start(profiler, "test", &error), WTFCB_EBUSY);
    ck_assert_ptr_nonnull(strstr(error.message, "SIGPROF"));
    ck_assert_int_eq(sigaction(SIGPROF, NULL, &now), 0);
    ck_assert(now.sa_handler == foreign_handler);
    ck_assert_int_eq(signal(SIGPROF, SIG_DFL) == SIG_ERR, 0);
    start();
    stop();
}
END_TEST

/* Signals that were blocked all the time are discarded before the default, which would end the process, is back. */
START_TEST(a_signal_that_is_pending_at_the_end_harms_nobody)
{
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGPROF);
    choose(WTFCB_ENGINE_TIMER);
    start();
    ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, &set, &before), 0);
    cpu_test_alone(50 * MS);
    stop();
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, &before, NULL), 0);
    cpu_test_alone(5 * MS);
}
END_TEST

START_TEST(errno_is_as_it_was)
{
    choose(WTFCB_ENGINE_TIMER);
    start();
    for (int i = 0; i < 200; i++) {
        errno = 12345;
        burn(20000);
        ck_assert_int_eq(errno, 12345);
    }
    stop();
}
END_TEST

/* Threads of the library block all signals; those that begin while timers sample leave this one open. */
START_TEST(threads_of_the_library_are_sampled_by_timers_too)
{
    uint64_t ns = 400 * MS;
    pthread_t thread;
    choose(WTFCB_ENGINE_TIMER);
    start();
    ck_assert_int_eq(wtfcb_base_thread_start(&thread, "ours", work_in_thread, &ns), 0);
    (void)pthread_join(thread, NULL);
    stop();
    ck_assert_uint_gt(time_in("cpu_test_alone"), 150 * MS);
}
END_TEST

START_TEST(one_recording_by_timers_a_process)
{
    wtfcb_profiler *other = NULL;
    ck_assert_int_eq(wtfcb_profiler_new(NULL, &other), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(other, WTFCB_PROFILER_ZONES, 0), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(other, WTFCB_PROFILER_CPU, HZ), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(other, WTFCB_PROFILER_CPU_ENGINE, WTFCB_ENGINE_TIMER), WTFCB_OK);
    choose(WTFCB_ENGINE_TIMER);
    start();
    ck_assert_int_eq(wtfcb_profiler_start(other, "other", NULL), WTFCB_EBUSY);
    stop();
    ck_assert_int_eq(wtfcb_profiler_start(other, "other", NULL), WTFCB_OK);
    wtfcb_profiler_free(other);
}
END_TEST

/* ---- Engines that do not work ---- */

static wtfcb_profiler_cpu *start_sampler(wtfcb_profiler_cpu_options options, wtfcb_status expected)
{
    wtfcb_profiler_cpu *cpu = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    options.hz = HZ;
    ck_assert_int_eq(wtfcb_profiler_cpu_start(&memory.allocator, &options, &cpu, &error), expected);
    ck_assert(!cpu == (expected != WTFCB_OK));
    return cpu;
}

static void collect_sampler(wtfcb_profiler_cpu *cpu)
{
    wtfcb_profiler_cpu_stop(cpu);
    ck_assert_int_eq(wtfcb_profiler_profile_new(&memory.allocator, &profile), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_cpu_collect(cpu, profile), WTFCB_OK);
    wtfcb_profiler_cpu_free(cpu);
    summary = profile->summary;
    assert_adds_up();
}

START_TEST(what_is_not_permitted_is_done_by_the_next_engine)
{
    wtfcb_profiler_cpu *cpu = start_sampler((wtfcb_profiler_cpu_options){.perf_errno = EACCES}, WTFCB_OK);
    cpu_test_alone(100 * MS);
    collect_sampler(cpu);
    ck_assert_str_eq(summary.cpu_engine, "timer");
    ck_assert_int_eq(summary.cpu_status, WTFCB_OK);
    wtfcb_profile_free(profile);
    cpu = start_sampler((wtfcb_profiler_cpu_options){.perf_errno = EACCES, .timer_errno = ENOTSUP}, WTFCB_OK);
    cpu_test_alone(100 * MS);
    collect_sampler(cpu);
    ck_assert_str_eq(summary.cpu_engine, "wall");
    start_sampler((wtfcb_profiler_cpu_options){.perf_errno = EACCES, .engine = WTFCB_ENGINE_PERF}, WTFCB_EACCES);
    start_sampler((wtfcb_profiler_cpu_options){.timer_errno = ENOTSUP, .engine = WTFCB_ENGINE_TIMER},
                  WTFCB_EUNSUPPORTED);
    start_sampler((wtfcb_profiler_cpu_options){.process = getppid(), .engine = WTFCB_ENGINE_TIMER}, WTFCB_EUNSUPPORTED);
}
END_TEST

START_TEST(no_engine_at_all_is_said_in_the_profile)
{
    struct sigaction foreign = {.sa_handler = foreign_handler};
    ck_assert_int_eq(sigaction(SIGPROF, &foreign, NULL), 0);
    wtfcb_profiler_cpu *cpu = start_sampler((wtfcb_profiler_cpu_options){.perf_errno = EACCES}, WTFCB_OK);
    ck_assert(wtfcb_profiler_cpu_due(cpu) == UINT64_MAX);
    collect_sampler(cpu);
    ck_assert_int_eq(summary.cpu_status, WTFCB_EACCES);
    ck_assert_str_eq(summary.cpu_engine, "");
    ck_assert_int_eq(signal(SIGPROF, SIG_DFL) == SIG_ERR, 0);
}
END_TEST

START_TEST(stacks_that_find_no_room_are_counted)
{
    wtfcb_profiler_cpu *cpu =
        start_sampler((wtfcb_profiler_cpu_options){.memory = 1, .engine = WTFCB_ENGINE_TIMER}, WTFCB_OK);
    volatile uint64_t end = thread_time() + 300 * MS;
    while (thread_time() < end)
        if (setjmp(far_away) == 0) dive(200);
    collect_sampler(cpu);
    ck_assert_uint_gt(summary.cpu_lost, 0);
}
END_TEST

/* ---- Code without frame pointers ---- */

/* As a compiler uses the register when it needs no frame pointer. */
FRAMED static void burn_frameless(uint64_t rounds)
{
#ifdef __x86_64__
    uint64_t value = sink;
    __asm__ volatile("sub $128, %%rsp\n push %%rbp\n mov $1, %%ebp\n"
                     "1: imul %1, %1\n sub $1, %0\n jnz 1b\n"
                     "pop %%rbp\n add $128, %%rsp\n"
                     : "+r"(rounds), "+r"(value)
                     :
                     : "cc", "memory");
    sink = value;
#else
    burn(rounds);
#endif
}

START_TEST(code_without_frame_pointers_is_known_by_its_innermost_function)
{
    choose(engines[_i]);
    start();
    uint64_t end = thread_time() + 500 * MS;
    while (thread_time() < end)
        burn_frameless(100000);
    stop();
#ifdef __x86_64__
    if (LATE_SIGNALS && engines[_i] != WTFCB_ENGINE_PERF) return;
    ck_assert_uint_gt(time_in("burn_frameless"), 300 * MS);
    ck_assert_uint_gt(summary.cpu_unwound_short, summary.cpu_samples / 2);
#endif
}
END_TEST

/* ---- Other processes ---- */

START_TEST(another_process_is_sampled_by_perf)
{
    bool tree = _i > 0;
    int ready[2];
    ck_assert_int_eq(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        if (read(ready[0], &byte, 1) != 1) _exit(1);
        work(200 * MS);
        if (fork() == 0) {
            cpu_test_alone(200 * MS);
            _exit(0);
        }
        (void)wait(NULL);
        work(200 * MS);
        _exit(0);
    }
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_PROCESS, child), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_TREE, tree), WTFCB_OK);
    start();
    ck_assert_int_eq(write(ready[1], "x", 1), 1);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    stop();
    (void)close(ready[0]);
    (void)close(ready[1]);
    ck_assert_str_eq(summary.cpu_engine, "perf");
    double first = (double)(time_in("cpu_test_seven") + time_in("cpu_test_three")) / (400 * MS);
    ck_assert_msg(first > 0.8 && first < 1.2, "%.4f", first);
    double second = (double)time_in("cpu_test_alone") / (200 * MS);
    ck_assert_msg(tree ? second > 0.8 && second < 1.2 : second == 0, "%.4f", second);
}
END_TEST

START_TEST(what_a_tree_has_started_before_is_sampled_too)
{
    pid_t child = fork();
    if (child == 0) {
        pid_t grandchild = fork();
        if (grandchild == 0) {
            (void)raise(SIGSTOP);
            cpu_test_alone(200 * MS);
            _exit(0);
        }
        (void)waitpid(grandchild, NULL, WUNTRACED);
        (void)raise(SIGSTOP);
        (void)kill(grandchild, SIGCONT);
        (void)waitpid(grandchild, NULL, 0);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, NULL, WUNTRACED), child);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_PROCESS, child), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_TREE, 1), WTFCB_OK);
    start();
    ck_assert_int_eq(kill(child, SIGCONT), 0);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    stop();
    ck_assert_uint_gt(time_in("cpu_test_alone"), 150 * MS);
}
END_TEST

START_TEST(programs_that_a_tree_executes_are_known)
{
    pid_t child = fork();
    if (child == 0) {
        (void)raise(SIGSTOP);
        execl("/bin/sh", "sh", "-c",
              "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; "
              "sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'; true",
              (char *)NULL);
        _exit(127);
    }
    ck_assert_int_eq(waitpid(child, NULL, WUNTRACED), child);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_PROCESS, child), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_TREE, 1), WTFCB_OK);
    start();
    ck_assert_int_eq(kill(child, SIGCONT), 0);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    stop();
    uint64_t unknown = 0, shell = 0;
    for (uint32_t i = 0; i < summary.frame_count; i++) {
        wtfcb_profile_frame frame;
        (void)wtfcb_profile_frame_at(profile, i, &frame, sizeof frame);
        if (strcmp(frame.object, "[unknown]") == 0) unknown += frame.self;
        if (strcmp(frame.object, "dash") == 0 || strcmp(frame.object, "bash") == 0) shell += frame.self;
    }
    ck_assert_uint_gt(shell, 0);
    ck_assert_uint_lt(unknown, time_in_all() / 10);
}
END_TEST

/* ---- Memory that runs out ---- */

static wtfcb_status record(void)
{
    wtfcb_profile *made = NULL;
    wtfcb_status status = wtfcb_profiler_start(profiler, "test", NULL);
    if (status != WTFCB_OK) return status;
    burn(2000000);
    status = wtfcb_profiler_stop(profiler, &made, NULL);
    wtfcb_profile_free(made);
    return status;
}

START_TEST(memory_that_runs_out_is_answered)
{
    choose(engines[_i]);
    ck_assert_int_eq(record(), WTFCB_OK);
    for (int rest = 0; rest < 2; rest++) {
        for (unsigned long n = 1; n < 400; n += n < 60 ? 1 : 7) {
            unsigned long failed = atomic_load(&memory.failed);
            memory.fail_at = atomic_load(&memory.calls) + n;
            memory.fail_rest = rest != 0;
            wtfcb_status status = record();
            memory.fail_at = 0;
            memory.fail_rest = false;
            ck_assert(status == WTFCB_OK || status == WTFCB_ENOMEM);
            if (atomic_load(&memory.failed) == failed) break;
        }
    }
    ck_assert_int_eq(record(), WTFCB_OK);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("cpu");
    TCase *where = tcase_create("where");
    TCase *programs = tcase_create("programs");
    TCase *alone = tcase_create("alone");
    TCase *others = tcase_create("others");
    tcase_set_timeout(where, 120);
    tcase_set_timeout(programs, 300);
    tcase_set_timeout(alone, 60);
    tcase_set_timeout(others, 60);
    tcase_add_checked_fixture(where, set_up, tear_down);
    tcase_add_checked_fixture(programs, set_up, tear_down);
    tcase_add_checked_fixture(alone, set_up, tear_down);
    tcase_add_checked_fixture(others, set_up, tear_down);
    tcase_add_loop_test(where, time_goes_to_the_functions_that_took_it, 0, ENGINES);
    tcase_add_test(where, a_cpu_profile_is_none_when_it_is_not_asked_for);
    tcase_add_loop_test(where, threads_have_their_own_stacks_and_names, 0, ENGINES);
    tcase_add_loop_test(where, threads_come_and_go, 0, ENGINES);
    tcase_add_loop_test(where, a_thread_of_zones_and_of_samples_is_one_row, 0, ENGINES);
    tcase_add_loop_test(programs, a_program_may_longjmp_out_of_deep_stacks, 0, ENGINES);
    tcase_add_loop_test(programs, a_fork_while_sampling_leaves_the_child_alone, 0, ENGINES);
    tcase_add_loop_test(programs, a_child_of_a_fork_may_sample_itself, 0, ENGINES);
    tcase_add_loop_test(programs, starts_and_stops_in_a_storm, 0, ENGINES);
    tcase_add_loop_test(programs, code_without_frame_pointers_is_known_by_its_innermost_function, 0, ENGINES);
    tcase_add_test(alone, a_handler_of_somebody_else_is_not_touched);
    tcase_add_test(alone, a_signal_that_is_pending_at_the_end_harms_nobody);
    tcase_add_test(alone, errno_is_as_it_was);
    tcase_add_test(alone, threads_of_the_library_are_sampled_by_timers_too);
    tcase_add_test(alone, one_recording_by_timers_a_process);
    tcase_add_test(alone, what_is_not_permitted_is_done_by_the_next_engine);
    tcase_add_test(alone, no_engine_at_all_is_said_in_the_profile);
    tcase_add_test(alone, stacks_that_find_no_room_are_counted);
    tcase_add_loop_test(others, another_process_is_sampled_by_perf, 0, 2);
    tcase_add_test(others, what_a_tree_has_started_before_is_sampled_too);
    tcase_add_test(others, programs_that_a_tree_executes_are_known);
    tcase_add_loop_test(others, memory_that_runs_out_is_answered, 0, 2);
#ifdef __SANITIZE_THREAD__ /* most of the time is then its own, and not where this program's would be */
    Suite *left_out = suite_create("left out");
    suite_add_tcase(left_out, where);
    suite_add_tcase(left_out, others);
    srunner_free(srunner_create(left_out));
#else
    suite_add_tcase(s, where);
    suite_add_tcase(s, others);
#endif
    suite_add_tcase(s, programs);
    suite_add_tcase(s, alone);
    return s;
}

WTFCB_TEST_MAIN(suite)
