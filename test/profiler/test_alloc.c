/*
 * Tracing started, read and stopped: of this process through something that behaves like libwtfcb-alloc.so, of others through the files of a folder.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "alloc_help.h"

/* ---- Tracing of this process ---- */

static wtfcb_profiler_alloc *start_with(int32_t mode, wtfcb_status expected)
{
    wtfcb_profiler_alloc *alloc = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_profiler_alloc_options options = {.mode = mode, .control = &region_control};
    ck_assert_int_eq(wtfcb_profiler_alloc_start(&allocator, &options, &alloc, &error), expected);
    ck_assert_int_eq(error.status, expected);
    ck_assert(!alloc == (expected != WTFCB_OK));
    return alloc;
}

static void collect(wtfcb_profiler_alloc *alloc)
{
    wtfcb_profile_free(profile);
    ck_assert_int_eq(wtfcb_profiler_profile_new(NULL, &profile), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_alloc_collect(alloc, profile), WTFCB_OK);
    summary = profile->summary;
}

START_TEST(tracing_is_started_read_and_stopped)
{
    make_sample((uint64_t)getpid());
    region_control_state.region = &region;
    wtfcb_profiler_alloc *alloc = start_with(WTFCB_ALLOC_SAMPLED, WTFCB_OK);
    ck_assert(region_control_state.tracing && region_control_state.rate == WTFCB_PROFILER_ALLOC_RATE);
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, true), 481);
    wtfcb_profiler_alloc_hide(alloc, 1);
    ck_assert_int_eq(region_control_state.hidden, 1);
    wtfcb_profiler_alloc_hide(alloc, -1);
    collect(alloc);
    check_whole();
    ck_assert_uint_eq(summary.alloc_bytes, 1671);
    ADD(&region, 0, FIGURES(9, 1, 0, 0), KEEP);
    collect(alloc); /* a later one has more */
    ck_assert_uint_eq(summary.alloc_bytes, 1680);
    ck_assert(region_control_state.tracing);
    wtfcb_profiler_alloc_stop(alloc);
    ck_assert(!region_control_state.tracing);
    collect(alloc);
    ck_assert_uint_eq(summary.alloc_bytes, 1680);
    wtfcb_profiler_alloc_free(alloc);
    wtfcb_profiler_alloc_hide(NULL, 1);
    alloc = start_with(WTFCB_ALLOC_FULL, WTFCB_OK);
    ck_assert(region_control_state.mode == WTFCB_ALLOC_MODE_FULL && region_control_state.rate == 0);
    wtfcb_profiler_alloc_stop(alloc);
    wtfcb_profiler_alloc_free(alloc);
    ck_assert_uint_eq(region_control_state.stops, 2);
}
END_TEST

START_TEST(second_tracing_is_refused_until_the_first_is_freed)
{
    wtfcb_profiler_alloc *alloc = start_with(WTFCB_ALLOC_FULL, WTFCB_OK);
    (void)start_with(WTFCB_ALLOC_FULL, WTFCB_EBUSY);
    wtfcb_profiler_alloc_stop(alloc);
    (void)start_with(WTFCB_ALLOC_FULL, WTFCB_EBUSY); /* which would take away what is still to be read */
    pid_t child = fork();
    if (child == 0) {
        wtfcb_profiler_alloc_free(alloc);
        alloc = start_with(WTFCB_ALLOC_FULL, WTFCB_OK);
        _exit(alloc ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    wtfcb_profiler_alloc_free(alloc);
    wtfcb_profiler_alloc_free(start_with(WTFCB_ALLOC_FULL, WTFCB_OK));
    region_control_state.tracing = false;
    region_control_state.answer = EBUSY; /* WTFCB_ALLOC */
    (void)start_with(WTFCB_ALLOC_FULL, WTFCB_EBUSY);
    region_control_state.answer = ENOMEM;
    (void)start_with(WTFCB_ALLOC_FULL, WTFCB_ENOMEM);
    region_control_state.answer = 0;
    wtfcb_profiler_alloc_free(start_with(WTFCB_ALLOC_FULL, WTFCB_OK)); /* no claim is left behind */
}
END_TEST

START_TEST(what_cannot_be_traced_is_said_and_fails_nothing)
{
    const char *reason;
    region_control_state.sees = 0;
    for (int i = 0; i < 2; i++) {
        wtfcb_profiler_alloc *alloc = start_with(WTFCB_ALLOC_FULL, WTFCB_OK);
        ck_assert_int_eq(wtfcb_profiler_alloc_status(alloc, &reason), WTFCB_EUNSUPPORTED);
        ck_assert_ptr_nonnull(strstr(reason, i == 0 ? "allocator of its own" : "Operation not permitted"));
        ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, true), WTFCB_UNKNOWN);
        collect(alloc);
        ck_assert_int_eq(summary.alloc_status, WTFCB_EUNSUPPORTED);
        ck_assert_str_eq(summary.alloc_mode, "");
        wtfcb_profiler_alloc_stop(alloc);
        wtfcb_profiler_alloc_free(alloc);
        region_control_state.sees = 1;
        region_control_state.answer = EPERM;
    }
    ck_assert_uint_eq(region_control_state.starts, 0);
}
END_TEST

/* Adds to sites, what is freed after what was allocated, as the real one does. */
static void *allocate(void *user)
{
    atomic_bool *ending = user;
    wtfcb_alloc_site *sites = any_site();
    for (uint32_t i = 0; !atomic_load(ending); i++) {
        wtfcb_alloc_site *site = &sites[i % 5];
        atomic_fetch_add(&site->total_bytes, 48);
        atomic_fetch_add(&site->total_count, WTFCB_ALLOC_COUNT_UNIT);
        atomic_fetch_add(&site->freed_bytes, 48);
        atomic_fetch_add(&site->freed_count, WTFCB_ALLOC_COUNT_UNIT);
    }
    return NULL;
}

START_TEST(snapshot_of_a_running_process_is_consistent)
{
    atomic_bool ending = false;
    pthread_t threads[2];
    make_sample((uint64_t)getpid());
    region_control_state.region = &region;
    wtfcb_profiler_alloc *alloc = start_with(WTFCB_ALLOC_FULL, WTFCB_OK);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, allocate, &ending), 0);
    uint64_t last = 0;
    for (int i = 0; i < 200; i++) {
        collect(alloc);
        check_whole();
        ck_assert_uint_ge(summary.alloc_bytes, last);
        ck_assert_uint_ge(summary.alloc_live_bytes, 481); /* never less than what is never freed */
        last = summary.alloc_bytes;
    }
    atomic_store(&ending, true);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    collect(alloc);
    ck_assert_uint_eq(summary.alloc_live_bytes, 481);
    wtfcb_profiler_alloc_stop(alloc);
    wtfcb_profiler_alloc_free(alloc);
}
END_TEST

/* ---- Other processes ---- */

static wtfcb_profiler_alloc *watch(pid_t process, bool tree, const char *in, wtfcb_status expected)
{
    wtfcb_profiler_alloc *alloc = NULL;
    wtfcb_profiler_alloc_options options = {.mode = WTFCB_ALLOC_FULL, .process = process, .tree = tree, .folder = in};
    ck_assert_int_eq(wtfcb_profiler_alloc_start(&allocator, &options, &alloc, NULL), expected);
    return alloc;
}

static void save_of(uint64_t process, uint64_t started, uint64_t ended, const char *name)
{
    region_free(&region);
    make_sample(process);
    region.header->started_ns = started;
    region.header->ended_ns = ended;
    region_save(&region, path_in(name));
}

static pid_t sleeper(void)
{
    pid_t child = fork();
    if (child == 0) {
        (void)pause();
        _exit(0);
    }
    ck_assert_int_gt(child, 0);
    return child;
}

static void end_child(pid_t child)
{
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

START_TEST(folder_is_the_sum_of_those_that_run)
{
    const char *reason;
    pid_t one = sleeper();
    pid_t two = sleeper();
    wtfcb_profiler_alloc *alloc = watch(one, true, folder, WTFCB_OK);
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, true), WTFCB_UNKNOWN);
    ck_assert_int_eq(wtfcb_profiler_alloc_status(alloc, &reason), WTFCB_EUNSUPPORTED);
    save_of((uint64_t)one, 100, 0, "a.wtfcb-alloc");
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, true), 481);
    save_of((uint64_t)two, 200, 0, "b.wtfcb-alloc");
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, false), 481); /* not looked for */
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, true), 962);
    save_of((uint64_t)two, 300, 0, "c.wtfcb-alloc"); /* it has become another program */
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, true), 962);
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, true), 962);
    end_child(two); /* and has not said so */
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, false), 481);
    save_of((uint64_t)one, 100, 5, "a.wtfcb-alloc");
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, false), 0);
    ck_assert_int_eq(wtfcb_profiler_alloc_status(alloc, &reason), WTFCB_OK);
    ck_assert_str_eq(reason, "");
    collect(alloc); /* what they left is there to be looked at */
    check_whole();
    ck_assert_uint_eq(summary.thread_count, 3);
    ck_assert_uint_eq(summary.alloc_live_bytes, 3 * 481);
    wtfcb_profiler_alloc_stop(alloc);
    wtfcb_profiler_alloc_free(alloc);
    end_child(one);
}
END_TEST

START_TEST(folder_without_a_tree_is_read_for_one_process)
{
    pid_t one = sleeper();
    wtfcb_profiler_alloc *alloc = watch(one, false, folder, WTFCB_OK);
    save_of(1, 100, 0, "other.wtfcb-alloc");
    ck_assert_uint_eq(wtfcb_profiler_alloc_live(alloc, true), WTFCB_UNKNOWN);
    collect(alloc);
    ck_assert_int_eq(summary.alloc_status, WTFCB_EUNSUPPORTED);
    save_of((uint64_t)one, 100, 0, "one.wtfcb-alloc");
    collect(alloc);
    ck_assert_uint_eq(summary.alloc_bytes, 1671);
    ck_assert_uint_eq(summary.thread_count, 1);
    wtfcb_profiler_alloc_free(alloc);
    end_child(one);
}
END_TEST

START_TEST(what_is_no_region_in_a_folder_is_left_out)
{
    pid_t one = sleeper();
    wtfcb_profiler_alloc *alloc = watch(one, true, folder, WTFCB_OK);
    save_of((uint64_t)one, 100, 0, "good.wtfcb-alloc");
    save_of((uint64_t)one, 90, 0, "cut.wtfcb-alloc");
    ck_assert_int_eq(truncate(path_in("cut.wtfcb-alloc"), 70000), 0);
    save_of((uint64_t)one, 80, 0, "name");
    FILE *file = fopen(path_in("empty.wtfcb-alloc"), "we");
    ck_assert_ptr_nonnull(file);
    (void)fclose(file);
    char target[600];
    (void)snprintf(target, sizeof target, "%s/name", folder);
    ck_assert_int_eq(symlink(target, path_in("link.wtfcb-alloc")), 0);
    ck_assert_int_eq(mkfifo(path_in("pipe.wtfcb-alloc"), 0600), 0);
    ck_assert_int_eq(mkdir(path_in("folder.wtfcb-alloc"), 0700), 0);
    collect(alloc);
    check_whole();
    ck_assert_uint_eq(summary.alloc_bytes, 1671);
    ck_assert_uint_eq(summary.thread_count, 1);
    wtfcb_profiler_alloc_free(alloc);
    end_child(one);
}
END_TEST

START_TEST(folder_that_is_not_there_is_an_error_and_none_is_not)
{
    const char *reason;
    ck_assert_ptr_null(watch(1, true, path_in("missing"), WTFCB_ENOTFOUND));
    wtfcb_profiler_alloc *alloc = watch(1, true, NULL, WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_alloc_status(alloc, &reason), WTFCB_EUNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(reason, "FOLDER"));
    wtfcb_profiler_alloc_free(alloc);
}
END_TEST

/* ---- The profiler ---- */

static void record(int64_t process, const char *in, wtfcb_status expected)
{
    wtfcb_profiler *profiler;
    ck_assert_int_eq(wtfcb_profiler_new(NULL, &profiler), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_ALLOC, WTFCB_ALLOC_FULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_PROCESS, process), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set_string(profiler, WTFCB_PROFILER_ALLOC_FOLDER, in), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_start(profiler, "recorded", NULL), expected);
    if (expected == WTFCB_OK) {
        wtfcb_profile *snapshot = NULL;
        uint64_t section;
        ck_assert_int_eq(wtfcb_profiler_section_begin(profiler, "part", &section), WTFCB_OK);
        ck_assert_int_eq(wtfcb_profiler_snapshot(profiler, &snapshot, NULL), WTFCB_OK);
        ck_assert_int_eq(wtfcb_profiler_stop(profiler, &profile, NULL), WTFCB_OK);
        ck_assert_int_eq(snapshot->summary.alloc_status, profile->summary.alloc_status);
        wtfcb_profile_free(snapshot);
        summary = profile->summary;
    }
    wtfcb_profiler_free(profiler);
}

START_TEST(process_that_preloads_nothing_is_recorded_without_allocations)
{
    record(0, NULL, WTFCB_OK);
    ck_assert_int_eq(summary.alloc_status, WTFCB_EUNSUPPORTED);
    const wtfcb_profile_metric *metric = &profile->metrics[WTFCB_METRIC_LIVE - 1];
    ck_assert_int_eq(metric->status, WTFCB_EUNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(metric->reason, "LD_PRELOAD"));
    const uint64_t *values;
    ck_assert_int_eq(
        wtfcb_profile_values(profile, WTFCB_TIER_SAMPLES, WTFCB_METRIC_LIVE, WTFCB_STATISTIC_VALUE, &values),
        WTFCB_ENOTFOUND);
    ck_assert_int_eq(profile->metrics[WTFCB_METRIC_RSS - 1].status, WTFCB_OK);
}
END_TEST

START_TEST(other_process_is_recorded_with_its_timeline)
{
    pid_t one = sleeper();
    record(one, path_in("missing"), WTFCB_ENOTFOUND);
    record(one, NULL, WTFCB_OK);
    ck_assert_int_eq(summary.alloc_status, WTFCB_EUNSUPPORTED);
    wtfcb_profile_free(profile);
    save_of((uint64_t)one, 100, 0, "one.wtfcb-alloc");
    record(one, folder, WTFCB_OK);
    check_whole();
    ck_assert_int_eq(summary.alloc_status, WTFCB_OK);
    ck_assert_uint_eq(summary.alloc_bytes, 1671);
    const wtfcb_profile_metric *metric = &profile->metrics[WTFCB_METRIC_LIVE - 1];
    ck_assert(metric->status == WTFCB_OK && metric->first == 481 && metric->last == 481);
    end_child(one);
}
END_TEST

/* ---- Memory that runs out ---- */

START_TEST(collecting_without_memory_says_so)
{
    counting memory;
    make_sample((uint64_t)getpid());
    region_control_state.region = &region;
    for (unsigned long n = 1;; n++) {
        counting_init(&memory);
        wtfcb_profiler_alloc *alloc = NULL;
        wtfcb_profiler_alloc_options options = {
            .mode = WTFCB_ALLOC_FULL, .control = &region_control, .tree = true, .folder = folder};
        save_of(1, 1, 0, "init.wtfcb-alloc");
        counting_fail(&memory, n, _i == 1);
        wtfcb_status status = wtfcb_profiler_alloc_start(&memory.allocator, &options, &alloc, NULL);
        if (status == WTFCB_OK) {
            status = wtfcb_profiler_profile_new(&memory.allocator, &profile);
            if (status == WTFCB_OK) status = wtfcb_profiler_alloc_collect(alloc, profile);
        }
        bool failed = atomic_load(&memory.failed) > 0;
        counting_fail(&memory, 0, false);
        ck_assert(status == WTFCB_OK || (failed && status == WTFCB_ENOMEM));
        if (alloc && status == WTFCB_OK && !failed) check_whole();
        wtfcb_profile_free(profile);
        profile = NULL;
        if (alloc) {
            ck_assert_int_eq(wtfcb_profiler_profile_new(NULL, &profile), WTFCB_OK);
            ck_assert_int_eq(wtfcb_profiler_alloc_collect(alloc, profile), WTFCB_OK); /* it works afterwards */
            check_whole();
            wtfcb_profile_free(profile);
            profile = NULL;
            wtfcb_profiler_alloc_stop(alloc);
        }
        wtfcb_profiler_alloc_free(alloc);
        counting_assert_clean(&memory);
        if (!failed) return;
        ck_assert_uint_lt(n, 10000);
    }
}
END_TEST

static Suite *suite(void)
{
    const TTest *const tests[] = {
        tracing_is_started_read_and_stopped,
        second_tracing_is_refused_until_the_first_is_freed,
        what_cannot_be_traced_is_said_and_fails_nothing,
        snapshot_of_a_running_process_is_consistent,
        folder_is_the_sum_of_those_that_run,
        folder_without_a_tree_is_read_for_one_process,
        what_is_no_region_in_a_folder_is_left_out,
        folder_that_is_not_there_is_an_error_and_none_is_not,
        process_that_preloads_nothing_is_recorded_without_allocations,
        other_process_is_recorded_with_its_timeline,
    };
    Suite *s = suite_create("alloc");
    TCase *t = tcase_create("alloc");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(t, tests[i]);
    tcase_add_loop_test(t, collecting_without_memory_says_so, 0, 2);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
