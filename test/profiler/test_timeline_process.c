/* The timeline of another process and of trees of processes: what comes, goes, is killed, is not ours. */
#include "profiler/timeline_help.h"
#include "profiler/timeline_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>

/* What a child says of itself; shared. */
typedef struct board {
    atomic_uint_fast64_t cpu;
    atomic_int step;
} board;

static board *shared;

static void share(void)
{
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(shared, MAP_FAILED);
}

static void unshare_it(void)
{
    (void)munmap(shared, sizeof *shared);
}

static void nap(uint64_t ns)
{
    sleep_until(wtfcb_base_now() + ns);
}

static void await_step(int step)
{
    for (int i = 0; i < 20000 && atomic_load(&shared->step) < step; i++)
        nap(MS);
    if (atomic_load(&shared->step) < step) abort();
}

/* 7 ms of work, 13 ms of sleep, and its own clock all the time. */
static void work_by_turns(void)
{
    for (;;) {
        uint64_t until = own_cpu(CLOCK_PROCESS_CPUTIME_ID) + 7 * MS;
        uint64_t now;
        do {
            now = own_cpu(CLOCK_PROCESS_CPUTIME_ID);
            atomic_store(&shared->cpu, now);
        } while (now < until);
        nap(13 * MS);
    }
}

START_TEST(processor_time_of_another_process_is_within_half_a_point)
{
    truth truths[TRUTHS];
    pid_t child = start(work_by_turns);
    nap(30 * MS);
    truths[0].before = atomic_load(&shared->cpu);
    wtfcb_profiler_timeline *timeline = watch(child, false, 100 * MS);
    truths[0].after = atomic_load(&shared->cpu);
    for (size_t i = 1; i < TRUTHS; i++) {
        sleep_until(wtfcb_profiler_timeline_due(timeline));
        truths[i].before = atomic_load(&shared->cpu);
        ck_assert(wtfcb_profiler_timeline_sample(timeline, wtfcb_base_now()));
        truths[i].after = atomic_load(&shared->cpu);
    }
    (void)finish(child, SIGKILL);
    assert_within_half_a_point(timeline, truths);
    wtfcb_profiler_timeline_free(timeline);
}
END_TEST

enum { STEP = 32 << 20 };

static void take_and_give_back(void)
{
    for (int step = 0; step <= 4; step += 4) { /* the first time for what else it touches */
        char *block = mmap(NULL, STEP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED) abort();
        memset(block, 1, STEP);
        atomic_store(&shared->step, step + 1);
        await_step(step + 2);
        (void)munmap(block, STEP);
        atomic_store(&shared->step, step + 3);
        await_step(step + 4);
    }
    pause();
}

START_TEST(steps_of_memory_of_another_process_are_seen_at_their_size)
{
    pid_t child = start(take_and_give_back);
    wtfcb_profiler_timeline *timeline = watch(child, true, 100 * MS);
    await_step(1);
    atomic_store(&shared->step, 2);
    await_step(3);
    uint64_t before = metric_now(timeline, WTFCB_METRIC_RSS).last;
    atomic_store(&shared->step, 4);
    await_step(5);
    uint64_t during = metric_now(timeline, WTFCB_METRIC_RSS).last;
    atomic_store(&shared->step, 6);
    await_step(7);
    uint64_t after = metric_now(timeline, WTFCB_METRIC_RSS).last;
    (void)finish(child, SIGKILL);
    ck_assert_double_eq_tol((double)during - (double)before, STEP, 1 << 20);
    ck_assert_double_eq_tol((double)after - (double)before, 0, 1 << 20);
    wtfcb_profile *profile = profile_of(timeline);
    ck_assert_uint_ge(profile->summary.rss_peak, during);
    wtfcb_profile_free(profile);
    wtfcb_profiler_timeline_free(timeline);
}
END_TEST

enum { CHILDREN = 1000 };

static void fork_a_thousand(void)
{
    await_step(1);
    for (int i = 0; i < CHILDREN; i++) {
        pid_t child = fork();
        if (child == 0) {
            spin(MS);
            _exit(0);
        }
        while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    }
}

/* Sample until the process has ended; no value of processor time may be missing. Returns the sum so far. */
static void sample_to_the_end(wtfcb_profiler_timeline *timeline)
{
    wtfcb_profiler_moment moment = {.cpu_ns = 0};
    uint64_t before = 0;
    bool running = true;
    while (running) {
        sleep_until(wtfcb_profiler_timeline_due(timeline));
        running = wtfcb_profiler_timeline_sample(timeline, wtfcb_base_now());
        wtfcb_profiler_timeline_look(timeline, wtfcb_base_now(), &moment);
        if (moment.cpu_ns < before) ck_abort_msg("%llu ns less", (unsigned long long)(before - moment.cpu_ns));
        before = moment.cpu_ns;
    }
}

START_TEST(thousand_children_are_neither_lost_nor_counted_twice)
{
    pid_t child = start(fork_a_thousand);
    wtfcb_profiler_timeline *timeline = watch(child, true, 5 * MS);
    atomic_store(&shared->step, 1);
    sample_to_the_end(timeline);
    struct rusage used = finish(child, 0);
    wtfcb_profile *profile = profile_of(timeline);
    double seen = (double)profile->summary.cpu_ns;
    if (wtfcb_test_long())
        printf("%d children: %.3f s seen, %.3f s by wait4\n", CHILDREN, seen / 1e9, (double)cpu_of(&used) / 1e9);
    ck_assert_double_eq_tol(seen, (double)cpu_of(&used), 25e6 + (double)cpu_of(&used) / 100);
    uint64_t faults = (uint64_t)used.ru_minflt;
    ck_assert_double_eq_tol((double)profile->metrics[WTFCB_METRIC_MINOR_FAULTS - 1].last, (double)faults,
                            (double)faults / 50 + 100);
    ck_assert_uint_eq(profile->summary.tree_walked, 1);
    ck_assert_uint_ge(profile->metrics[WTFCB_METRIC_PROCESSES - 1].maximum, 2);
    wtfcb_profile_free(profile);
    wtfcb_profiler_timeline_free(timeline);
}
END_TEST

/* Several at a time, each with children of its own. */
static void fork_two_deep(void)
{
    await_step(1);
    for (int i = 0; i < 8; i++) {
        if (fork() != 0) continue;
        for (int k = 0; k < 4; k++) {
            if (fork() == 0) {
                spin((uint64_t)(k + 1) * 5 * MS);
                _exit(0);
            }
        }
        spin(10 * MS);
        while (wait(NULL) > 0) {}
        _exit(0);
    }
    while (wait(NULL) > 0) {}
}

START_TEST(children_of_children_are_counted_once)
{
    pid_t child = start(fork_two_deep);
    wtfcb_profiler_timeline *timeline = watch(child, true, 3 * MS);
    atomic_store(&shared->step, 1);
    sample_to_the_end(timeline);
    struct rusage used = finish(child, 0);
    wtfcb_profile *profile = profile_of(timeline);
    ck_assert_double_eq_tol((double)profile->summary.cpu_ns, (double)cpu_of(&used), 25e6);
    ck_assert_uint_ge(profile->metrics[WTFCB_METRIC_PROCESSES - 1].maximum, 9);
    wtfcb_profile_free(profile);
    wtfcb_profiler_timeline_free(timeline);
}
END_TEST

/* Nobody waits: the kernel adds these children's time to nobody's. */
static void fork_and_ignore(void)
{
    (void)signal(SIGCHLD, SIG_IGN);
    await_step(1);
    for (int i = 0; i < 20; i++) {
        if (fork() == 0) {
            spin(30 * MS);
            _exit(0);
        }
        while (wait(NULL) > 0) {} /* until none is left */
    }
    spin(20 * MS);
}

START_TEST(children_that_nobody_waits_for_are_not_lost)
{
    pid_t child = start(fork_and_ignore);
    wtfcb_profiler_timeline *timeline = watch(child, true, 2 * MS);
    atomic_store(&shared->step, 1);
    sample_to_the_end(timeline);
    struct rusage used = finish(child, 0);
    ck_assert_uint_lt(cpu_of(&used), 200 * MS); /* the kernel has lost them */
    wtfcb_profile *profile = profile_of(timeline);
    double seen = (double)profile->summary.cpu_ns;
    if (wtfcb_test_long()) printf("not waited for: %.0f ms of 620 seen\n", seen / 1e6);
    ck_assert_double_ge(seen, 620e6 * 0.85); /* what each did after the last sample of it is not known */
    ck_assert_double_le(seen,
                        620e6 * 1.5); /* once, and what forking and ending costs them, which sanitizers multiply */
    wtfcb_profile_free(profile);
    wtfcb_profiler_timeline_free(timeline);
}
END_TEST

/* The one in the middle ends; its child goes on without it. */
static void fork_and_leave(void)
{
    await_step(1);
    pid_t middle = fork();
    if (middle == 0) {
        if (fork() == 0) {
            atomic_store(&shared->step, 2);
            await_step(3);
            spin(100 * MS);
            atomic_store(&shared->step, 4);
            await_step(5);
            _exit(0);
        }
        await_step(3);
        _exit(0);
    }
    while (waitpid(middle, NULL, 0) < 0 && errno == EINTR) {}
    await_step(5);
}

START_TEST(orphan_is_still_watched)
{
    pid_t child = start(fork_and_leave);
    wtfcb_profiler_timeline *timeline = watch(child, true, 10 * MS);
    atomic_store(&shared->step, 1);
    await_step(2);
    ck_assert_uint_eq(metric_now(timeline, WTFCB_METRIC_PROCESSES).last, 3);
    atomic_store(&shared->step, 3);
    await_step(4);
    ck_assert_uint_ge(metric_now(timeline, WTFCB_METRIC_CPU).last, 100 * MS);
    ck_assert_uint_eq(metric_now(timeline, WTFCB_METRIC_PROCESSES).last, 2);
    atomic_store(&shared->step, 5);
    (void)finish(child, 0);
    wtfcb_profiler_timeline_free(timeline);
}
END_TEST

static void work_until_killed(void)
{
    for (;;)
        spin(MS);
}

START_TEST(timeline_of_a_killed_process_ends_with_all_it_used)
{
    for (int tree = 0; tree < 2; tree++) {
        pid_t child = start(work_until_killed);
        wtfcb_profiler_timeline *timeline = watch(child, tree == 1, 10 * MS);
        ck_assert(sample_until(timeline, wtfcb_base_now() + 100 * MS));
        (void)kill(child, SIGKILL);
        siginfo_t info;
        ck_assert_int_eq(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
        ck_assert(!wtfcb_profiler_timeline_sample(timeline, wtfcb_base_now()));
        ck_assert(!wtfcb_profiler_timeline_sample(timeline, wtfcb_base_now()));
        struct rusage used = finish(child, 0);
        wtfcb_profile *profile = profile_of(timeline);
        const wtfcb_profiler_tier *tier = &profile->tiers[WTFCB_TIER_SAMPLES];
        /* What it used before the watch began is a fraction of a ms, and not in the sum. */
        ck_assert_double_eq_tol((double)profile->summary.cpu_ns, (double)cpu_of(&used), 5e6);
        ck_assert_uint_eq(samples_of(profile, WTFCB_METRIC_RSS)[tier->count - 1], WTFCB_UNKNOWN);
        ck_assert_uint_gt(profile->metrics[WTFCB_METRIC_RSS - 1].minimum, 0);
        wtfcb_profile_free(profile);
        wtfcb_profiler_timeline_free(timeline);
    }
}
END_TEST

START_TEST(process_that_was_waited_for_leaves_what_was_seen)
{
    pid_t child = start(work_until_killed);
    wtfcb_profiler_timeline *timeline = watch(child, true, 10 * MS);
    ck_assert(sample_until(timeline, wtfcb_base_now() + 50 * MS));
    uint64_t seen = metric_now(timeline, WTFCB_METRIC_CPU).last;
    (void)finish(child, SIGKILL);
    ck_assert(!wtfcb_profiler_timeline_sample(timeline, wtfcb_base_now()));
    wtfcb_profiler_moment moment;
    wtfcb_profiler_timeline_look(timeline, wtfcb_base_now(), &moment);
    ck_assert_uint_eq(moment.cpu_ns, seen);
    ck_assert_uint_eq(moment.rss, WTFCB_UNKNOWN);
    ck_assert_uint_eq(metric_now(timeline, WTFCB_METRIC_CPU).last, seen);
    wtfcb_profiler_timeline_free(timeline);
}
END_TEST

START_TEST(process_that_is_not_there_is_not_found)
{
    pid_t child = start(work_until_killed);
    (void)finish(child, SIGKILL);
    wtfcb_profiler_timeline *timeline = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_profiler_timeline_options options = {.interval_ns = MS, .start_ns = wtfcb_base_now(), .process = child};
    ck_assert_int_eq(wtfcb_profiler_timeline_new(NULL, &options, &timeline, &error), WTFCB_ENOTFOUND);
    ck_assert_int_eq(error.status, WTFCB_ENOTFOUND);
    ck_assert_ptr_nonnull(strstr(error.message, "process "));
    ck_assert_ptr_null(timeline);
    child = start(work_until_killed);
    (void)kill(child, SIGKILL);
    siginfo_t info;
    ck_assert_int_eq(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    options.process = child; /* ended, and not waited for */
    ck_assert_int_eq(wtfcb_profiler_timeline_new(NULL, &options, &timeline, NULL), WTFCB_ENOTFOUND);
    (void)finish(child, 0);
}
END_TEST

/* A new process with the number of the old one, where we may choose numbers. */
static pid_t start_as(pid_t number)
{
    char text[32];
    int length = snprintf(text, sizeof text, "%ld", (long)number - 1);
    int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    bool written = write(fd, text, (size_t)length) == length;
    (void)close(fd);
    return written ? start(work_until_killed) : -1;
}

START_TEST(number_that_is_used_again_is_another_process)
{
    pid_t child = start(work_until_killed);
    wtfcb_profiler_timeline *timeline = watch(child, true, 10 * MS);
    nap(30 * MS); /* starts are told apart by 10 ms */
    ck_assert(wtfcb_profiler_timeline_sample(timeline, wtfcb_base_now()));
    (void)finish(child, SIGKILL);
    pid_t other = start_as(child);
    nap(20 * MS);
    uint64_t seen = metric_now(timeline, WTFCB_METRIC_CPU).last;
    ck_assert(!wtfcb_profiler_timeline_sample(timeline, wtfcb_base_now()));
    ck_assert_uint_eq(metric_now(timeline, WTFCB_METRIC_CPU).last, seen);
    if (wtfcb_test_long()) printf("number used again: %s\n", other == child ? "yes" : "could not be arranged");
    if (other > 0) (void)finish(other, SIGKILL);
    wtfcb_profiler_timeline_free(timeline);
}
END_TEST

static void *wait_for_the_end(void *user)
{
    (void)user;
    (void)poll(NULL, 0, -1);
    return NULL;
}

static void start_many_threads(void)
{
    for (int i = 0; i < 200; i++) {
        pthread_t thread;
        pthread_attr_t small;
        (void)pthread_attr_init(&small);
        (void)pthread_attr_setstacksize(&small, 64 << 10);
        if (pthread_create(&thread, &small, wait_for_the_end, NULL) != 0) abort();
        (void)pthread_attr_destroy(&small);
    }
    atomic_store(&shared->step, 1);
    await_step(2);
    for (int i = 0; i < 3; i++) {
        if (fork() == 0) {
            (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
            spin(20 * MS);
            pause();
        }
    }
    atomic_store(&shared->step, 3);
    pause();
}

START_TEST(two_hundred_threads_are_counted_and_their_switches_unknown)
{
    pid_t child = start(start_many_threads);
    await_step(1);
    wtfcb_profiler_timeline *timeline = watch(child, true, 10 * MS);
    ck_assert_uint_eq(metric_now(timeline, WTFCB_METRIC_THREADS).last, 201);
    ck_assert_uint_eq(metric_now(timeline, WTFCB_METRIC_VOLUNTARY_SWITCHES).last, WTFCB_UNKNOWN);
    atomic_store(&shared->step, 2);
    await_step(3);
    nap(100 * MS);
    ck_assert_uint_eq(metric_now(timeline, WTFCB_METRIC_PROCESSES).last, 4);
    ck_assert_uint_eq(metric_now(timeline, WTFCB_METRIC_THREADS).last, 204);
    (void)kill(child, SIGKILL);
    (void)finish(child, 0);
    wtfcb_profiler_timeline_free(timeline);
}
END_TEST

/* In a child of ours without rights: watch a process of another user. 0 when all is as it should be. */
static int watch_without_rights(pid_t other)
{
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) return 0;
    wtfcb_profiler_timeline *timeline;
    const wtfcb_profiler_timeline_options options = {
        .interval_ns = MS, .start_ns = wtfcb_base_now(), .process = other, .pss = true};
    wtfcb_status status = wtfcb_profiler_timeline_new(NULL, &options, &timeline, NULL);
    if (status == WTFCB_EACCES || status == WTFCB_ENOTFOUND) return 0; /* /proc hides it: as good an answer */
    if (status != WTFCB_OK) return 1;
    (void)wtfcb_profiler_timeline_sample(timeline, wtfcb_base_now());
    wtfcb_profile *profile;
    if (wtfcb_profiler_profile_new(NULL, &profile) != WTFCB_OK) return 2;
    if (wtfcb_profiler_timeline_collect(timeline, profile) != WTFCB_OK) return 3;
    const wtfcb_profile_metric *rows = profile->metrics;
    if (rows[WTFCB_METRIC_READ - 1].status != WTFCB_EACCES) return 4;
    if (!strstr(rows[WTFCB_METRIC_READ - 1].reason, "/io: permission denied")) return 5;
    if (rows[WTFCB_METRIC_PSS - 1].status != WTFCB_EACCES) return 6;
    if (rows[WTFCB_METRIC_CPU - 1].status != WTFCB_OK) return 7;
    if (rows[WTFCB_METRIC_RSS - 1].status != WTFCB_OK) return 8;
    if (profile->tiers[0].values[WTFCB_METRIC_READ - 1][0]) return 9;
    wtfcb_profile_free(profile);
    wtfcb_profiler_timeline_free(timeline);
    return 0;
}

START_TEST(what_another_users_process_does_not_show_has_a_reason)
{
    pid_t other = geteuid() == 0 ? start(work_until_killed) : 1;
    pid_t watcher = fork();
    ck_assert_int_ge(watcher, 0);
    if (watcher == 0) _exit(watch_without_rights(other));
    int status;
    ck_assert_int_eq(waitpid(watcher, &status, 0), watcher);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
    if (other != 1) (void)finish(other, SIGKILL);
}
END_TEST

START_TEST(this_process_with_its_children)
{
    wtfcb_profiler_timeline *timeline = watch(0, true, 10 * MS);
    uint64_t before = own_cpu(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t children = 0;
    for (int i = 0; i < 20; i++) {
        pid_t child = start(fork_and_ignore);
        nap(2 * MS);
        (void)wtfcb_profiler_timeline_sample(timeline, wtfcb_base_now());
        struct rusage used = finish(child, SIGKILL);
        children += cpu_of(&used);
        if (i % 2) (void)wtfcb_profiler_timeline_sample(timeline, wtfcb_base_now());
    }
    ck_assert_uint_eq(metric_now(timeline, WTFCB_METRIC_PROCESSES).last, 1);
    uint64_t own = own_cpu(CLOCK_PROCESS_CPUTIME_ID) - before;
    ck_assert_double_eq_tol((double)metric_now(timeline, WTFCB_METRIC_CPU).last, (double)(own + children), 3e6);
    wtfcb_profiler_timeline_free(timeline);
}
END_TEST

START_TEST(children_are_found_with_and_without_the_kernels_list)
{
    for (int listed = 0; listed < 2; listed++) {
        atomic_store(&shared->step, 0);
        pid_t child = start(fork_and_leave);
        wtfcb_profiler_tree *tree = malloc(wtfcb_profiler_tree_size(true));
        ck_assert_ptr_nonnull(tree);
        wtfcb_profiler_reading reading;
        bool known;
        ck_assert_int_eq(wtfcb_profiler_tree_open(tree, child, true, &reading), 0);
        if (listed == 0) tree->children = false;
        atomic_store(&shared->step, 1);
        await_step(2);
        ck_assert(wtfcb_profiler_tree_read(tree, WTFCB_PROFILER_THOROUGH, &reading, &known));
        ck_assert(wtfcb_profiler_tree_read(tree, WTFCB_PROFILER_THOROUGH, &reading, &known));
        ck_assert_uint_eq(reading.values[WTFCB_METRIC_PROCESSES - 1], 3);
        ck_assert_int_eq(tree->processes[1].parent, child);
        ck_assert_int_eq(tree->processes[2].parent, tree->processes[1].id);
        atomic_store(&shared->step, 5);
        (void)finish(child, 0);
        ck_assert(!wtfcb_profiler_tree_read(tree, WTFCB_PROFILER_THOROUGH, &reading, &known));
        ck_assert(!known);
        wtfcb_profiler_tree_close(tree);
        free(tree);
    }
}
END_TEST

START_TEST(member_whose_number_is_used_again_is_another_process)
{
    wtfcb_profiler_tree *tree = malloc(wtfcb_profiler_tree_size(true));
    ck_assert_ptr_nonnull(tree);
    wtfcb_profiler_reading reading;
    bool known;
    ck_assert_int_eq(wtfcb_profiler_tree_open(tree, 0, true, &reading), 0);
    tree->budget = 0; /* no open file tells them apart */
    pid_t child = start(work_until_killed);
    nap(150 * MS);
    ck_assert(wtfcb_profiler_tree_read(tree, WTFCB_PROFILER_THOROUGH, &reading, &known));
    ck_assert_uint_eq(tree->count, 2);
    uint64_t started = tree->processes[1].start;
    struct rusage used = finish(child, SIGKILL);
    pid_t other = start_as(child);
    ck_assert(wtfcb_profiler_tree_read(tree, WTFCB_PROFILER_THOROUGH, &reading, &known));
    ck_assert_uint_ge(reading.values[WTFCB_METRIC_CPU - 1], cpu_of(&used));
    ck_assert_uint_le(reading.values[WTFCB_METRIC_CPU - 1], cpu_of(&used) + 40 * MS);
    if (other == child) {
        ck_assert_uint_eq(tree->count, 2);
        ck_assert_uint_gt(tree->processes[1].start, started);
    }
    if (other > 0) (void)finish(other, SIGKILL);
    wtfcb_profiler_tree_close(tree);
    free(tree);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("timeline_process");
    TCase *t = tcase_create("another process");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, share, unshare_it);
    tcase_add_test(t, processor_time_of_another_process_is_within_half_a_point);
    tcase_add_test(t, steps_of_memory_of_another_process_are_seen_at_their_size);
    tcase_add_test(t, thousand_children_are_neither_lost_nor_counted_twice);
    tcase_add_test(t, children_of_children_are_counted_once);
    tcase_add_test(t, children_that_nobody_waits_for_are_not_lost);
    tcase_add_test(t, orphan_is_still_watched);
    tcase_add_test(t, children_are_found_with_and_without_the_kernels_list);
    tcase_add_test(t, timeline_of_a_killed_process_ends_with_all_it_used);
    tcase_add_test(t, process_that_was_waited_for_leaves_what_was_seen);
    tcase_add_test(t, process_that_is_not_there_is_not_found);
    tcase_add_test(t, number_that_is_used_again_is_another_process);
    tcase_add_test(t, member_whose_number_is_used_again_is_another_process);
    tcase_add_test(t, two_hundred_threads_are_counted_and_their_switches_unknown);
    tcase_add_test(t, what_another_users_process_does_not_show_has_a_reason);
    tcase_add_test(t, this_process_with_its_children);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
