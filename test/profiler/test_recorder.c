/* The recorder among threads: who ends, who forks, who starts and stops while others are in zones. */
#include "recorded.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "profiler/profile.h"
#include "profiler/recorder.h"
#include "profiler/zone_parts.h"

#define MEMORY (UINT64_C(16) << 20)

static void tear_down(void)
{
    wtfcb_profiler_recorder_stop();
    drop_recorded();
}

static void sleep_ns(long ns)
{
    const struct timespec wait = {ns / 1000000000, ns % 1000000000};
    nanosleep(&wait, NULL);
}

static void work(uint32_t zones)
{
    for (uint32_t i = 0; i < zones; i++) {
        WTFCB_ZONE("work");
        {
            WTFCB_ZONE("part");
        }
    }
}

static pthread_barrier_t barrier;

static void *run_together(void *user)
{
    (void)pthread_setname_np(pthread_self(), "together");
    pthread_barrier_wait(&barrier);
    work(100);
    pthread_barrier_wait(&barrier);
    (void)pthread_setname_np(pthread_self(), "renamed");
    return user;
}

START_TEST(each_of_200_threads_counts_for_itself)
{
    enum { THREADS = 200 };
    static pthread_t threads[THREADS];
    start_recording_real(MEMORY, 0);
    pthread_barrier_init(&barrier, NULL, THREADS + 1);
    for (uint32_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run_together, NULL), 0);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    const wtfcb_profile *profile = look();
    assert_agrees();
    ck_assert_uint_eq(profile->summary.zones, THREADS * 200);
    for (uint32_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    profile = stop_recording();
    assert_agrees();
    ck_assert_uint_eq(profile->summary.zones, THREADS * 200);
    ck_assert_uint_eq(profile->summary.zones_dropped, 0);
    ck_assert_uint_eq(frame_named("work").count, THREADS * 100);
    ck_assert_uint_eq(profile->summary.thread_count, WTFCB_PROFILER_ZONE_ENDED_ROWS + 1);
    for (uint32_t i = 0; i < WTFCB_PROFILER_ZONE_ENDED_ROWS; i++) {
        ck_assert_uint_eq(profile->threads[i].zones, 200);
        ck_assert_uint_ne(profile->threads[i].id, 0);
        ck_assert_str_eq(profile->threads[i].name, "renamed");
    }
    ck_assert_uint_eq(profile->threads[WTFCB_PROFILER_ZONE_ENDED_ROWS].id, 0);
    ck_assert_str_eq(profile->threads[WTFCB_PROFILER_ZONE_ENDED_ROWS].name, "ended threads");
    pthread_barrier_destroy(&barrier);
}
END_TEST

static uint32_t blocks_in_use(void)
{
    const wtfcb_profiler_zone_region *region = atomic_load(&wtfcb_profiler_zone_current);
    return atomic_load(&region->in_use);
}

static void *run_shortly(void *user)
{
    work(3);
    return user;
}

START_TEST(thousands_of_short_threads_fit_in_fixed_memory)
{
    enum { THREADS = 5000, AT_ONCE = 8 };
    start_recording_real(4 << 20, 32 << 10);
    uint32_t used = 0;
    for (uint32_t i = 0; i < THREADS; i += AT_ONCE) {
        pthread_t threads[AT_ONCE];
        for (uint32_t k = 0; k < AT_ONCE; k++)
            ck_assert_int_eq(pthread_create(&threads[k], NULL, run_shortly, NULL), 0);
        for (uint32_t k = 0; k < AT_ONCE; k++)
            pthread_join(threads[k], NULL);
        if (i == 1000) used = blocks_in_use();
    }
    ck_assert_uint_gt(used, 0);
    ck_assert_uint_le(blocks_in_use(), used + 3 * AT_ONCE);
    const wtfcb_profile *profile = stop_recording();
    assert_agrees();
    ck_assert_uint_eq(profile->summary.zones, THREADS * 6);
    ck_assert_uint_eq(profile->summary.zones_dropped, 0);
    ck_assert_uint_gt(profile->summary.thread_count, 10); /* fewer rows where there is little memory */
    ck_assert_uint_le(profile->summary.thread_count, WTFCB_PROFILER_ZONE_ENDED_ROWS + 1);
    ck_assert_uint_eq(profile->summary.event_count + profile->summary.events_dropped, THREADS * 6);
    uint64_t passes = 0;
    for (uint32_t i = 0; i < profile->summary.frame_count; i++)
        for (uint32_t k = 0; k < profile->histograms[i].count; k++)
            passes += profile->histograms[i].buckets[k].count;
    ck_assert_uint_eq(passes, THREADS * 6);
}
END_TEST

static void *run_deep_in_little(void *user)
{
    pthread_barrier_wait(&barrier);
    work(10);
    pthread_barrier_wait(&barrier);
    return user;
}

START_TEST(threads_without_room_are_counted_as_dropped)
{
    enum { THREADS = 120 };
    static pthread_t threads[THREADS];
    start_recording_real(1 << 20, 0);
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (uint32_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run_deep_in_little, NULL), 0);
    for (uint32_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    const wtfcb_profile *profile = stop_recording();
    assert_agrees();
    ck_assert_uint_eq(profile->summary.zones + profile->summary.zones_dropped, THREADS * 20);
    ck_assert_uint_gt(profile->summary.zones_dropped, 0);
    ck_assert_uint_gt(profile->summary.zones, 0);
    pthread_barrier_destroy(&barrier);
}
END_TEST

/* ---- While others run ---- */

static atomic_bool enough;

static void *run_until_enough(void *user)
{
    while (!atomic_load_explicit(&enough, memory_order_relaxed))
        work(50);
    return user;
}

static void *run_threads_until_enough(void *user)
{
    while (!atomic_load_explicit(&enough, memory_order_relaxed)) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, run_shortly, NULL) != 0) continue;
        pthread_join(thread, NULL);
        sleep_ns(100000); /* while a profile is made those that end keep their memory */
    }
    return user;
}

/* Each starts if it can, takes a look or two, and stops what it has started. */
static void *start_and_stop(void *user)
{
    uint32_t rounds = *(const uint32_t *)user;
    for (uint32_t i = 0; i < rounds; i++) {
        uint64_t start;
        wtfcb_status status = wtfcb_profiler_recorder_start((1 + i % 4) << 20, i % 3 * 20000, &start);
        if (status == WTFCB_EBUSY) {
            sched_yield();
            continue;
        }
        ck_assert_int_eq(status, WTFCB_OK);
        work(20);
        for (uint32_t looks = 0; looks < i % 3; looks++) {
            wtfcb_profile *profile;
            ck_assert_int_eq(wtfcb_profiler_profile_new(NULL, &profile), WTFCB_OK);
            ck_assert_int_eq(wtfcb_profiler_recorder_collect(profile), WTFCB_OK);
            ck_assert_uint_ge(profile->summary.zones, 40);
            wtfcb_profile_free(profile);
        }
        wtfcb_profiler_recorder_stop();
    }
    return NULL;
}

START_TEST(storm_of_starts_and_stops_while_others_run_zones)
{
    enum { WORKERS = 3, CONTROLLERS = 3 };
    pthread_t workers[WORKERS];
    pthread_t ender;
    pthread_t controllers[CONTROLLERS];
    uint32_t rounds = wtfcb_test_long() ? 5000 : 300;
    wtfcb_profiler_zone_clock_fake(NULL);
    atomic_store(&enough, false);
    for (size_t i = 0; i < WORKERS; i++)
        ck_assert_int_eq(pthread_create(&workers[i], NULL, run_until_enough, NULL), 0);
    ck_assert_int_eq(pthread_create(&ender, NULL, run_threads_until_enough, NULL), 0);
    for (size_t i = 0; i < CONTROLLERS; i++)
        ck_assert_int_eq(pthread_create(&controllers[i], NULL, start_and_stop, &rounds), 0);
    for (size_t i = 0; i < CONTROLLERS; i++)
        pthread_join(controllers[i], NULL);
    atomic_store(&enough, true);
    for (size_t i = 0; i < WORKERS; i++)
        pthread_join(workers[i], NULL);
    pthread_join(ender, NULL);
}
END_TEST

START_TEST(look_while_zones_go_on_agrees_with_itself)
{
    enum { WORKERS = 2 };
    pthread_t workers[WORKERS];
    pthread_t ender;
    start_recording_real(MEMORY, 40000);
    atomic_store(&enough, false);
    for (size_t i = 0; i < WORKERS; i++)
        ck_assert_int_eq(pthread_create(&workers[i], NULL, run_until_enough, NULL), 0);
    ck_assert_int_eq(pthread_create(&ender, NULL, run_threads_until_enough, NULL), 0);
    uint64_t zones = 0;
    for (uint32_t i = 0; i < 50; i++) {
        const wtfcb_profile *profile = look();
        assert_agrees();
        ck_assert_uint_ge(profile->summary.zones, zones);
        zones = profile->summary.zones;
    }
    atomic_store(&enough, true);
    for (size_t i = 0; i < WORKERS; i++)
        pthread_join(workers[i], NULL);
    pthread_join(ender, NULL);
    const wtfcb_profile *profile = stop_recording();
    assert_agrees();
    ck_assert_uint_eq(profile->summary.zones_dropped, 0);
    ck_assert_uint_eq(frame_named("work").count, frame_named("part").count);
    ck_assert_uint_eq(profile->summary.event_count + profile->summary.events_dropped, profile->summary.zones);
}
END_TEST

/* ---- The clock ---- */

START_TEST(times_are_those_of_the_system_clock)
{
    uint64_t earliest = wtfcb_base_now();
    start_recording_real(MEMORY, 4096);
    uint64_t before = wtfcb_base_now();
    {
        WTFCB_ZONE("asleep");
        sleep_ns(50000000);
    }
    uint64_t after = wtfcb_base_now();
    const wtfcb_profile *profile = stop_recording();
    ck_assert_uint_eq(profile->summary.event_count, 1);
    uint64_t took = frame_named("asleep").total;
    ck_assert_uint_ge(took, 50000000);
    ck_assert_uint_le(took, (after - before) + (after - before) / 1000 + 2000);
    ck_assert_uint_le(profile->events[0].start_ns + profile->events[0].duration_ns, after - earliest + 10000);
    ck_assert_uint_le(profile->events[0].duration_ns, took + 1); /* both ends are rounded */
    ck_assert_uint_ge(profile->events[0].duration_ns + 1, took);
    ck_assert_uint_gt(profile->summary.overhead_ns, 0);
    ck_assert_uint_lt(profile->summary.overhead_ns, 10000);
}
END_TEST

START_TEST(clock_of_zones_keeps_to_the_system_clock)
{
    wtfcb_profiler_zone_clock_fake(NULL);
    wtfcb_profiler_zone_clock clock = wtfcb_profiler_zone_clock_choose();
    wtfcb_profiler_zone_anchor from = wtfcb_profiler_zone_clock_anchor(clock.kind);
    sleep_ns(100000000);
    wtfcb_profiler_zone_anchor to = wtfcb_profiler_zone_clock_anchor(clock.kind);
    uint64_t ns = wtfcb_profiler_zone_clock_ns(to.ticks - from.ticks, clock.rate);
    ck_assert_uint_le(ns, (to.ns - from.ns) + (to.ns - from.ns) / 500);
    ck_assert_uint_ge(ns, (to.ns - from.ns) - (to.ns - from.ns) / 500);
    const char *name = wtfcb_profiler_recorder_clock();
    ck_assert_str_eq(name, clock.kind == WTFCB_PROFILER_ZONE_CLOCK_COUNTER ? "tsc" : "clock_gettime");
}
END_TEST

START_TEST(quick_conversion_agrees_with_the_exact_one)
{
    const double ghz[] = {0.024, 0.1, 0.9999, 1, 1.9, 2.6, 5.2};
    for (size_t i = 0; i < sizeof ghz / sizeof *ghz; i++) {
        uint64_t rate = (uint64_t)(4294967296.0 / ghz[i]);
        wtfcb_profiler_zone_clock_quick quick = wtfcb_profiler_zone_clock_quicken(rate);
        for (uint64_t ticks = 0; ticks < UINT64_C(1) << 50; ticks += 1 + ticks / 3) {
            uint64_t exact = wtfcb_profiler_zone_clock_ns(ticks, rate);
            uint64_t found = wtfcb_profiler_zone_clock_quick_ns(ticks, &quick);
            uint64_t off = found > exact ? found - exact : exact - found;
            ck_assert_uint_le(off, 1 + exact / 1000000000);
        }
    }
}
END_TEST

/* ---- Fork ---- */

static int result_of(pid_t child)
{
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* In the child: 0 if a profile of its own has what it did and nothing of the parent. */
static int record_in_child(void)
{
    work(5);
    uint64_t start;
    if (wtfcb_profiler_recorder_start(2 << 20, 4096, &start) != WTFCB_OK) return 1;
    work(7);
#ifdef __SANITIZE_THREAD__ /* allows no threads in a child of a process that has some */
    work(3);
    const uint32_t threads = 1;
#else
    const uint32_t threads = 2;
    pthread_t thread;
    if (pthread_create(&thread, NULL, run_shortly, NULL) != 0 || pthread_join(thread, NULL) != 0) return 2;
#endif
    wtfcb_profile *profile;
    if (wtfcb_profiler_profile_new(NULL, &profile) != WTFCB_OK) return 3;
    if (wtfcb_profiler_recorder_collect(profile) != WTFCB_OK) return 4;
    wtfcb_profiler_recorder_stop();
    if (profile->summary.zones != 20) return 5;
    if (profile->summary.thread_count != threads) return 6;
    wtfcb_profile_free(profile);
    if (wtfcb_profiler_recorder_start(2 << 20, 0, &start) != WTFCB_OK) return 7;
    wtfcb_profiler_recorder_stop();
    return 0;
}

START_TEST(child_of_fork_records_afresh_while_threads_run)
{
    pthread_t workers[2];
    pthread_t ender;
    start_recording_real(MEMORY, 20000);
    atomic_store(&enough, false);
    for (size_t i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&workers[i], NULL, run_until_enough, NULL), 0);
    ck_assert_int_eq(pthread_create(&ender, NULL, run_threads_until_enough, NULL), 0);
    for (uint32_t i = 0; i < 40; i++) {
        WTFCB_ZONE("forks");
        pid_t child = fork();
        if (child == 0) _exit(record_in_child());
        ck_assert_int_gt(child, 0);
        if (i % 4 == 0) look();
        ck_assert_int_eq(result_of(child), 0);
    }
    atomic_store(&enough, true);
    for (size_t i = 0; i < 2; i++)
        pthread_join(workers[i], NULL);
    pthread_join(ender, NULL);
    stop_recording();
    assert_agrees();
    ck_assert_uint_eq(frame_named("forks").count, 40);
    ck_assert_uint_eq(frame_named("work").count, frame_named("part").count);
}
END_TEST

START_TEST(zones_open_at_a_fork_close_in_both)
{
    start_recording_real(MEMORY, 0);
    int result = -1;
    {
        WTFCB_ZONE("open");
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
            uint64_t start;
            {
                WTFCB_ZONE("inside");
                if (wtfcb_profiler_recorder_start(1 << 20, 0, &start) != WTFCB_OK) _exit(1);
                work(1);
            }
            wtfcb_profile *profile;
            if (wtfcb_profiler_profile_new(NULL, &profile) != WTFCB_OK ||
                wtfcb_profiler_recorder_collect(profile) != WTFCB_OK)
                _exit(2);
            _exit(profile->summary.zones == 2 ? 0 : 3);
        }
        result = result_of(child);
    }
    ck_assert_int_eq(result, 0);
    stop_recording();
    ck_assert_uint_eq(frame_named("open").count, 1);
}
END_TEST

/* ---- Threads that end ---- */

static pthread_key_t late_key;

static void late_zone(void *value)
{
    (void)value;
    WTFCB_ZONE("late");
}

static void *run_with_a_late_zone(void *user)
{
    work(1);
    pthread_setspecific(late_key, &late_key);
    return user;
}

START_TEST(zones_in_destructors_of_an_ending_thread_are_recorded)
{
    pthread_t thread;
    start_recording_real(MEMORY, 0);
    ck_assert_int_eq(pthread_key_create(&late_key, late_zone), 0); /* after the recorder's own */
    ck_assert_int_eq(pthread_create(&thread, NULL, run_with_a_late_zone, NULL), 0);
    pthread_join(thread, NULL);
    stop_recording();
    assert_agrees();
    ck_assert_uint_eq(frame_named("late").count, 1);
    ck_assert_uint_eq(summary_of_recorded().thread_count, 1);
    ck_assert_uint_eq(summary_of_recorded().zones_dropped, 0);
    pthread_key_delete(late_key);
}
END_TEST

START_TEST(larger_memory_later_is_had)
{
    start_recording_real(1 << 20, 0);
    work(2);
    {
        WTFCB_ZONE("across");
        stop_recording();
        start_recording_real(8 << 20, 0);
        work(3);
    }
    work(4);
    stop_recording();
    assert_agrees();
    ck_assert_uint_eq(frame_named("work").count, 7);
    ck_assert_uint_ge(((const wtfcb_profiler_zone_region *)atomic_load(&wtfcb_profiler_zone_current))->size, 7 << 20);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("recorder");
    TCase *threads = tcase_create("threads");
    tcase_add_checked_fixture(threads, NULL, tear_down);
    tcase_add_test(threads, each_of_200_threads_counts_for_itself);
    tcase_add_test(threads, thousands_of_short_threads_fit_in_fixed_memory);
    tcase_add_test(threads, threads_without_room_are_counted_as_dropped);
    tcase_add_test(threads, storm_of_starts_and_stops_while_others_run_zones);
    tcase_add_test(threads, look_while_zones_go_on_agrees_with_itself);
    tcase_add_test(threads, times_are_those_of_the_system_clock);
    tcase_add_test(threads, clock_of_zones_keeps_to_the_system_clock);
    tcase_add_test(threads, quick_conversion_agrees_with_the_exact_one);
    tcase_add_test(threads, child_of_fork_records_afresh_while_threads_run);
    tcase_add_test(threads, zones_open_at_a_fork_close_in_both);
    tcase_add_test(threads, zones_in_destructors_of_an_ending_thread_are_recorded);
    tcase_add_test(threads, larger_memory_later_is_had);
    suite_add_tcase(s, threads);
    return s;
}

WTFCB_TEST_MAIN(suite)
