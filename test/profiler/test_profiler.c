/*
 * The profiler's handle: what it refuses, what it leaves behind, and that a recording has what went on in its time. Zones and timelines have
 * tests of their own.
 */
#include <wtfcb/profiler.h>
#include <wtfcb/zone.h>

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../base/counting.h"

#define MS 1000000u

static counting memory;
static wtfcb_profiler *profiler;

static void set_up(void)
{
    counting_init(&memory);
    ck_assert_int_eq(wtfcb_profiler_new(&memory.allocator, &profiler), WTFCB_OK);
}

static void tear_down(void)
{
    wtfcb_profiler_free(profiler);
    counting_assert_clean(&memory);
}

static void start(const char *name)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_msg(wtfcb_profiler_start(profiler, name, &error) == WTFCB_OK, "%s", error.message);
}

static wtfcb_profile *stop(void)
{
    wtfcb_profile *profile = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_msg(wtfcb_profiler_stop(profiler, &profile, &error) == WTFCB_OK, "%s", error.message);
    return profile;
}

static wtfcb_profile_summary summary_of(const wtfcb_profile *profile)
{
    wtfcb_profile_summary summary;
    ck_assert_int_eq(wtfcb_profile_get_summary(profile, &summary, sizeof summary), WTFCB_OK);
    return summary;
}

static void pause_ms(long ms)
{
    (void)nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static unsigned count_entries(const char *directory)
{
    DIR *dir = opendir(directory);
    ck_assert_ptr_nonnull(dir);
    unsigned count = 0;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static wtfcb_profile_frame frame_named(const wtfcb_profile *profile, const char *name)
{
    wtfcb_profile_frame frame = {0};
    for (uint64_t i = 0; wtfcb_profile_frame_at(profile, i, &frame, sizeof frame) == WTFCB_OK; i++)
        if (strcmp(frame.name, name) == 0) return frame;
    ck_abort_msg("no frame %s", name);
}

static void some_zones(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        WTFCB_ZONE("outer");
        {
            WTFCB_ZONE("inner");
        }
    }
}

START_TEST(a_recording_has_its_name_its_time_and_its_zones)
{
    start("work");
    some_zones(100);
    pause_ms(20);
    wtfcb_profile *profile = stop();
    wtfcb_profile_summary summary = summary_of(profile);
    ck_assert_str_eq(summary.name, "work");
    ck_assert_uint_ge(summary.duration_ns, 20 * MS);
    ck_assert_uint_lt(summary.duration_ns, 60000ull * MS);
    ck_assert_uint_eq(summary.process, (uint64_t)getpid());
    ck_assert_int_eq(summary.zone_status, WTFCB_OK);
    ck_assert_int_eq(summary.timeline_status, WTFCB_OK);
    ck_assert_uint_eq(summary.zones, 200);
    ck_assert_uint_eq(frame_named(profile, "inner").count, 100);
    ck_assert_uint_le(frame_named(profile, "inner").total, frame_named(profile, "outer").total);
    wtfcb_profile_free(profile);
}
END_TEST

START_TEST(a_profile_outlives_its_profiler)
{
    start("work");
    wtfcb_profile *profile = stop();
    wtfcb_profiler_free(profiler);
    profiler = NULL;
    ck_assert_str_eq(summary_of(profile).name, "work");
    wtfcb_profile_free(profile);
}
END_TEST

START_TEST(options_are_listed_and_bounded)
{
    wtfcb_option row;
    int64_t value;
    for (uint64_t i = 0; i < wtfcb_profiler_option_count(); i++) {
        ck_assert_int_eq(wtfcb_profiler_option(i, &row, sizeof row), WTFCB_OK);
        if (row.type == WTFCB_OPTION_STRING) {
            ck_assert_int_eq(wtfcb_profiler_set(profiler, row.id, 0), WTFCB_ENOTFOUND);
            ck_assert_int_eq(wtfcb_profiler_set_string(profiler, row.id, "x"), WTFCB_OK);
            ck_assert_int_eq(wtfcb_profiler_set_string(profiler, row.id, ""), WTFCB_EINVAL);
            ck_assert_int_eq(wtfcb_profiler_set_string(profiler, row.id, NULL), WTFCB_OK);
            continue;
        }
        ck_assert_int_eq(wtfcb_profiler_get(profiler, row.id, &value), WTFCB_OK);
        ck_assert_int_eq(value, row.default_value);
        ck_assert_int_eq(wtfcb_profiler_set(profiler, row.id, row.minimum), WTFCB_OK);
        ck_assert_int_eq(wtfcb_profiler_set(profiler, row.id, row.maximum), WTFCB_OK);
        ck_assert_int_eq(wtfcb_profiler_set(profiler, row.id, row.minimum - 1), WTFCB_EINVAL);
        if (row.maximum < INT64_MAX)
            ck_assert_int_eq(wtfcb_profiler_set(profiler, row.id, row.maximum + 1), WTFCB_EINVAL);
        ck_assert_int_eq(wtfcb_profiler_set_string(profiler, row.id, "x"), WTFCB_ENOTFOUND);
    }
    ck_assert_int_eq(wtfcb_profiler_option(wtfcb_profiler_option_count(), &row, sizeof row), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, 999, 1), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_profiler_get(profiler, 999, &value), WTFCB_ENOTFOUND);
}
END_TEST

START_TEST(wrong_calls_are_refused_and_change_nothing)
{
    wtfcb_profile *profile = (wtfcb_profile *)&memory;
    uint64_t section = 7;
    ck_assert_int_eq(wtfcb_profiler_new(NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profiler_start(NULL, "x", NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profiler_start(profiler, NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profiler_stop(profiler, &profile, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profiler_snapshot(profiler, &profile, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profiler_section_begin(profiler, "x", &section), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profiler_section_end(profiler, 1), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profiler_run(profiler, "x", NULL, NULL, &profile, NULL), WTFCB_EINVAL);
    ck_assert_ptr_eq(profile, (wtfcb_profile *)&memory);
    ck_assert_uint_eq(section, 7);
    wtfcb_profiler_free(NULL);
}
END_TEST

START_TEST(a_running_profiler_is_not_changed_or_started_again)
{
    start("once");
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_INTERVAL, 10), WTFCB_EBUSY);
    ck_assert_int_eq(wtfcb_profiler_set_string(profiler, WTFCB_PROFILER_OUTPUT, "x"), WTFCB_EBUSY);
    ck_assert_int_eq(wtfcb_profiler_start(profiler, "twice", &error), WTFCB_EBUSY);
    ck_assert_str_ne(error.message, "");
    wtfcb_profile *profile = stop();
    ck_assert_str_eq(summary_of(profile).name, "once");
    wtfcb_profile_free(profile);
    ck_assert_int_eq(wtfcb_profiler_stop(profiler, NULL, NULL), WTFCB_EINVAL);
}
END_TEST

START_TEST(one_profiler_of_a_process_has_the_zones_and_timelines_do_not_exclude_each_other)
{
    wtfcb_profiler *other;
    ck_assert_int_eq(wtfcb_profiler_new(NULL, &other), WTFCB_OK);
    start("first");
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(wtfcb_profiler_start(other, "second", &error), WTFCB_EBUSY);
    ck_assert_ptr_nonnull(strstr(error.message, "another profiler"));
    ck_assert_int_eq(wtfcb_profiler_set(other, WTFCB_PROFILER_ZONES, 0), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_start(other, "second", NULL), WTFCB_OK);
    wtfcb_profile *profile;
    ck_assert_int_eq(wtfcb_profiler_stop(other, &profile, NULL), WTFCB_OK);
    ck_assert_int_eq(summary_of(profile).zone_status, WTFCB_ENOTFOUND);
    wtfcb_profile_free(profile);
    wtfcb_profile_free(stop());
    ck_assert_int_eq(wtfcb_profiler_set(other, WTFCB_PROFILER_ZONES, 1), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_start(other, "second", NULL), WTFCB_OK);
    wtfcb_profiler_free(other); /* stops it: */
    start("third");
    wtfcb_profile_free(stop());
}
END_TEST

START_TEST(without_a_timeline_there_is_no_thread_and_it_says_so)
{
    unsigned threads = count_entries("/proc/self/task");
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_TIMELINE, 0), WTFCB_OK);
    start("zones alone");
    ck_assert_uint_eq(count_entries("/proc/self/task"), threads);
    wtfcb_profile *profile = stop();
    ck_assert_int_eq(summary_of(profile).timeline_status, WTFCB_ENOTFOUND);
    ck_assert_uint_eq(summary_of(profile).metric_count, 0);
    ck_assert_uint_eq(summary_of(profile).cpu_ns, WTFCB_UNKNOWN);
    wtfcb_profile_free(profile);
}
END_TEST

START_TEST(a_recording_leaves_no_thread_and_no_descriptor)
{
    wtfcb_profile_free((start("first"), stop()));
    unsigned threads = count_entries("/proc/self/task");
    unsigned descriptors = count_entries("/proc/self/fd");
    for (int i = 0; i < 50; i++) {
        start("again");
        wtfcb_profile_free(stop());
    }
    ck_assert_uint_eq(count_entries("/proc/self/task"), threads);
    ck_assert_uint_eq(count_entries("/proc/self/fd"), descriptors);
}
END_TEST

START_TEST(a_snapshot_shows_what_is_there_and_the_recording_goes_on)
{
    start("long");
    some_zones(10);
    wtfcb_profile *early;
    ck_assert_int_eq(wtfcb_profiler_snapshot(profiler, &early, NULL), WTFCB_OK);
    some_zones(5);
    wtfcb_profile *late = stop();
    ck_assert_uint_eq(frame_named(early, "outer").count, 10);
    ck_assert_uint_eq(frame_named(late, "outer").count, 15);
    ck_assert_uint_le(summary_of(early).duration_ns, summary_of(late).duration_ns);
    wtfcb_profile_free(early);
    wtfcb_profile_free(late);
}
END_TEST

START_TEST(the_next_recording_begins_with_nothing)
{
    start("first");
    some_zones(10);
    wtfcb_profile_free(stop());
    some_zones(10);
    start("second");
    some_zones(1);
    wtfcb_profile *profile = stop();
    ck_assert_uint_eq(frame_named(profile, "outer").count, 1);
    ck_assert_uint_eq(summary_of(profile).section_count, 0);
    wtfcb_profile_free(profile);
}
END_TEST

START_TEST(a_section_has_its_time_and_the_memory_of_its_time)
{
    enum { BYTES = 64 << 20 };
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_INTERVAL, 5), WTFCB_OK);
    start("sections");
    uint64_t outer;
    uint64_t inner;
    uint64_t open;
    ck_assert_int_eq(wtfcb_profiler_section_begin(profiler, "outer", &outer), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_section_begin(profiler, "open", &open), WTFCB_OK);
    char *block = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    ck_assert_ptr_ne(block, MAP_FAILED);
    pause_ms(60);
    munmap(block, BYTES);
    ck_assert_int_eq(wtfcb_profiler_section_begin(profiler, "inner", &inner), WTFCB_OK);
    pause_ms(10);
    ck_assert_int_eq(wtfcb_profiler_section_end(profiler, inner), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_section_end(profiler, inner), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_profiler_section_end(profiler, outer), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_section_end(profiler, 0), WTFCB_ENOTFOUND);
    wtfcb_profile *profile = stop();
    ck_assert_uint_eq(summary_of(profile).section_count, 3);
    wtfcb_profile_section rows[3];
    for (uint64_t i = 0; i < 3; i++)
        ck_assert_int_eq(wtfcb_profile_section_at(profile, i, &rows[i], sizeof *rows), WTFCB_OK);
    ck_assert_str_eq(rows[0].name, "outer");
    ck_assert_uint_ge(rows[0].duration_ns, 70 * MS);
    ck_assert_uint_ge(rows[0].rss_peak, rows[0].rss_first + BYTES - (1 << 20));
    ck_assert_uint_lt(rows[0].rss_last, rows[0].rss_peak);
    ck_assert_uint_eq(rows[1].duration_ns, WTFCB_UNKNOWN);
    ck_assert_uint_ge(rows[2].duration_ns, 10 * MS);
    ck_assert_uint_ge(rows[2].start_ns, rows[0].start_ns + 60 * MS);
    ck_assert_uint_lt(rows[2].rss_peak, rows[0].rss_peak);
    ck_assert_uint_le(rows[2].cpu_ns, rows[0].cpu_ns);
    wtfcb_profile_free(profile);
    start("next");
    ck_assert_int_eq(wtfcb_profiler_section_end(profiler, open), WTFCB_ENOTFOUND);
    wtfcb_profile_free(stop());
}
END_TEST

START_TEST(sections_have_a_limit_and_long_names_are_cut_between_characters)
{
    char name[100];
    memset(name, 'x', sizeof name);
    memcpy(name + 62, "\xc3\xa9", 2); /* the 63rd byte would cut it */
    name[99] = '\0';
    start("many");
    uint64_t section;
    for (int i = 0; i < 4096; i++)
        ck_assert_int_eq(wtfcb_profiler_section_begin(profiler, name, &section), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_section_begin(profiler, name, &section), WTFCB_ELIMIT);
    wtfcb_profile *profile = stop();
    wtfcb_profile_section row;
    ck_assert_int_eq(wtfcb_profile_section_at(profile, 4095, &row, sizeof row), WTFCB_OK);
    ck_assert_uint_eq(strlen(row.name), 62);
    wtfcb_profile_free(profile);
}
END_TEST

static void run_zones(void *user)
{
    some_zones(*(unsigned *)user);
}

START_TEST(a_function_is_run_under_a_profile)
{
    unsigned count = 3;
    wtfcb_profile *profile;
    ck_assert_int_eq(wtfcb_profiler_run(profiler, "call", run_zones, &count, &profile, NULL), WTFCB_OK);
    ck_assert_uint_eq(frame_named(profile, "outer").count, 3);
    wtfcb_profile_free(profile);
    start("busy");
    count = 0;
    ck_assert_int_eq(wtfcb_profiler_run(profiler, "call", run_zones, &count, &profile, NULL), WTFCB_EBUSY);
    wtfcb_profile_free(stop());
}
END_TEST

#ifndef __SANITIZE_THREAD__ /* it lets no child start a thread */
START_TEST(a_child_of_fork_is_told_so_and_has_profilers_of_its_own)
{
    start("parent");
    pid_t child = fork();
    if (child == 0) {
        wtfcb_profile *profile;
        wtfcb_profiler *own;
        uint64_t section;
        int wrong = 0;
        wrong += wtfcb_profiler_stop(profiler, &profile, NULL) != WTFCB_EFORK;
        wrong += wtfcb_profiler_start(profiler, "x", NULL) != WTFCB_EFORK;
        wrong += wtfcb_profiler_snapshot(profiler, &profile, NULL) != WTFCB_EFORK;
        wrong += wtfcb_profiler_set(profiler, WTFCB_PROFILER_INTERVAL, 10) != WTFCB_EFORK;
        wrong += wtfcb_profiler_section_begin(profiler, "x", &section) != WTFCB_EFORK;
        wtfcb_profiler_free(profiler);
        some_zones(3);
        wrong += wtfcb_profiler_new(NULL, &own) != WTFCB_OK;
        wrong += wtfcb_profiler_start(own, "child", NULL) != WTFCB_OK;
        some_zones(4);
        wrong += wtfcb_profiler_stop(own, &profile, NULL) != WTFCB_OK;
        wrong += frame_named(profile, "outer").count != 4;
        wtfcb_profile_free(profile);
        wtfcb_profiler_free(own);
        _exit(wrong);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "child: %#x", (unsigned)status);
    some_zones(2);
    wtfcb_profile *profile = stop();
    ck_assert_uint_eq(frame_named(profile, "outer").count, 2);
    wtfcb_profile_free(profile);
}
END_TEST
#endif

START_TEST(another_process_is_watched_until_it_ends)
{
    pid_t child = fork();
    if (child == 0) {
        for (;;)
            (void)getppid();
    }
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_PROCESS, child), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_INTERVAL, 10), WTFCB_OK);
    start("child");
    pause_ms(100);
    kill(child, SIGKILL);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    pause_ms(30);
    wtfcb_profile *profile = stop();
    wtfcb_profile_summary summary = summary_of(profile);
    ck_assert_uint_eq(summary.process, (uint64_t)child);
    ck_assert_int_eq(summary.zone_status, WTFCB_EUNSUPPORTED);
    ck_assert_uint_gt(summary.samples, 1);
    ck_assert_uint_gt(summary.cpu_ns, 10 * MS);
    ck_assert_uint_ne(summary.cpu_ns, WTFCB_UNKNOWN);
    wtfcb_profile_free(profile);
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(wtfcb_profiler_start(profiler, "gone", &error), WTFCB_ENOTFOUND);
    ck_assert_str_ne(error.message, "");
}
END_TEST

START_TEST(what_was_flushed_survives_a_kill)
{
    char *directory = wtfcb_test_directory();
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/flushed.json", directory);
    free(directory);
    pid_t child = fork();
    if (child == 0) {
        wtfcb_profiler *own;
        if (wtfcb_profiler_new(NULL, &own) != WTFCB_OK) _exit(1);
        if (wtfcb_profiler_set(own, WTFCB_PROFILER_FLUSH, 10) != WTFCB_OK) _exit(2);
        if (wtfcb_profiler_set_string(own, WTFCB_PROFILER_OUTPUT, path) != WTFCB_OK) _exit(3);
        if (wtfcb_profiler_start(own, "killed", NULL) != WTFCB_OK) _exit(4);
        for (;;) {
            some_zones(1);
            pause_ms(1);
        }
    }
    pause_ms(500);
    kill(child, SIGKILL);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFSIGNALED(status), "child: %#x", (unsigned)status);
    wtfcb_profile *profile;
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_msg(wtfcb_profile_load(NULL, path, &profile, &error) == WTFCB_OK, "%s", error.message);
    ck_assert_str_eq(summary_of(profile).name, "killed");
    ck_assert_uint_gt(frame_named(profile, "outer").count, 0);
    wtfcb_profile_free(profile);
}
END_TEST

START_TEST(an_output_that_cannot_be_written_is_an_error_of_the_start)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_FLUSH, 1000), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_start(profiler, "x", &error), WTFCB_EINVAL);
    ck_assert_ptr_nonnull(strstr(error.message, "WTFCB_PROFILER_OUTPUT"));
    ck_assert_int_eq(wtfcb_profiler_set_string(profiler, WTFCB_PROFILER_OUTPUT, "/nonexistent/profile.json"), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_start(profiler, "x", &error), WTFCB_ENOTFOUND);
    ck_assert_ptr_nonnull(strstr(error.path, "/nonexistent"));
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_FLUSH, 0), WTFCB_OK);
    start("still usable");
    wtfcb_profile_free(stop());
}
END_TEST

static atomic_bool storming;
static atomic_uint successes;

static void *storm_zones(void *user)
{
    (void)user;
    while (atomic_load(&storming))
        some_zones(10);
    return NULL;
}

static void *storm_recordings(void *user)
{
    wtfcb_profiler *shared = user;
    while (atomic_load(&storming)) {
        wtfcb_profile *profile = NULL;
        uint64_t section;
        if (wtfcb_profiler_start(shared, "storm", NULL) == WTFCB_OK) atomic_fetch_add(&successes, 1);
        if (wtfcb_profiler_section_begin(shared, "part", &section) == WTFCB_OK)
            (void)wtfcb_profiler_section_end(shared, section);
        if (wtfcb_profiler_snapshot(shared, &profile, NULL) == WTFCB_OK) wtfcb_profile_free(profile);
        if (wtfcb_profiler_stop(shared, &profile, NULL) == WTFCB_OK) wtfcb_profile_free(profile);
    }
    return NULL;
}

START_TEST(starts_and_stops_from_several_threads_at_once_are_sorted_out)
{
    enum { THREADS = 6 };
    pthread_t threads[THREADS];
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_INTERVAL, 1), WTFCB_OK);
    atomic_store(&storming, true);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, i % 2 == 0 ? storm_recordings : storm_zones, profiler), 0);
    pause_ms(wtfcb_test_long() ? 10000 : 500);
    atomic_store(&storming, false);
    for (int i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
    ck_assert_uint_gt(atomic_load(&successes), 0);
    (void)wtfcb_profiler_stop(profiler, NULL, NULL);
}
END_TEST

/* One recording with everything, of which any allocation may fail. */
static wtfcb_status record_once(void)
{
    wtfcb_profiler *own;
    wtfcb_profile *profile = NULL;
    uint64_t section;
    wtfcb_status status = wtfcb_profiler_new(&memory.allocator, &own);
    if (status != WTFCB_OK) return status;
    status = wtfcb_profiler_start(own, "torture", NULL);
    if (status == WTFCB_OK) {
        some_zones(2);
        status = wtfcb_profiler_section_begin(own, "part", &section);
        if (status == WTFCB_OK) status = wtfcb_profiler_snapshot(own, &profile, NULL);
        wtfcb_profile_free(profile);
        profile = NULL;
        wtfcb_status stopped = wtfcb_profiler_stop(own, &profile, NULL);
        ck_assert_int_eq(stopped == WTFCB_OK, profile != NULL);
        wtfcb_profile_free(profile);
        if (status == WTFCB_OK) status = stopped;
    }
    wtfcb_profiler_free(own);
    return status;
}

START_TEST(memory_that_runs_out_is_a_status_and_loses_nothing_else)
{
    for (int rest = 0; rest < 2; rest++)
        for (unsigned long n = 1;; n++) {
            ck_assert_uint_lt(n, 1000);
            counting_fail(&memory, n, rest != 0);
            wtfcb_status status = record_once();
            bool failed = atomic_load(&memory.failed) > 0;
            ck_assert_int_eq(status, failed ? WTFCB_ENOMEM : WTFCB_OK);
            if (!failed) break;
        }
    counting_fail(&memory, 0, false);
    start("after");
    wtfcb_profile_free(stop());
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("profiler");
    TCase *tc = tcase_create("handle");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, a_recording_has_its_name_its_time_and_its_zones);
    tcase_add_test(tc, a_profile_outlives_its_profiler);
    tcase_add_test(tc, options_are_listed_and_bounded);
    tcase_add_test(tc, wrong_calls_are_refused_and_change_nothing);
    tcase_add_test(tc, a_running_profiler_is_not_changed_or_started_again);
    tcase_add_test(tc, one_profiler_of_a_process_has_the_zones_and_timelines_do_not_exclude_each_other);
    tcase_add_test(tc, without_a_timeline_there_is_no_thread_and_it_says_so);
    tcase_add_test(tc, a_recording_leaves_no_thread_and_no_descriptor);
    tcase_add_test(tc, a_snapshot_shows_what_is_there_and_the_recording_goes_on);
    tcase_add_test(tc, the_next_recording_begins_with_nothing);
    tcase_add_test(tc, a_section_has_its_time_and_the_memory_of_its_time);
    tcase_add_test(tc, sections_have_a_limit_and_long_names_are_cut_between_characters);
    tcase_add_test(tc, a_function_is_run_under_a_profile);
#ifndef __SANITIZE_THREAD__
    tcase_add_test(tc, a_child_of_fork_is_told_so_and_has_profilers_of_its_own);
#endif
    tcase_add_test(tc, another_process_is_watched_until_it_ends);
    tcase_add_test(tc, what_was_flushed_survives_a_kill);
    tcase_add_test(tc, an_output_that_cannot_be_written_is_an_error_of_the_start);
    tcase_add_test(tc, starts_and_stops_from_several_threads_at_once_are_sorted_out);
    tcase_add_test(tc, memory_that_runs_out_is_a_status_and_loses_nothing_else);
    suite_add_tcase(s, tc);
    return s;
}

WTFCB_TEST_MAIN(suite)
