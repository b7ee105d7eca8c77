/*
 * The real thing: this program starts itself anew with libwtfcb-alloc.so preloaded, traces itself and others, and finds what it allocated to the byte. Where that object
 * is not built (under the sanitizers, which have a malloc of their own) there is nothing to test.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <wtfcb/profiler.h>

#include "../test.h"

enum { BLOCKS = 1000, SIZE = 100, LARGE = 3 << 20 };

static void *kept[BLOCKS];

/* What is to be found by its name. */
void *traced_keep(size_t size);
void traced_drop(void);
int traced_leak(int count);

__attribute__((noinline)) void *traced_keep(size_t size)
{
    void *volatile block = malloc(size);
    if (block) *(volatile char *)block = 1;
    return block;
}

__attribute__((noinline)) void traced_drop(void)
{
    for (int i = 0; i < BLOCKS; i++)
        free(traced_keep(SIZE / 2));
    free(traced_keep(LARGE));
}

__attribute__((noinline)) int traced_leak(int count)
{
    int made = 0;
    for (int i = 0; i < count; i++)
        made += traced_keep(SIZE) != NULL;
    return made;
}

static wtfcb_profiler *profiler;
static wtfcb_profile *profile;
static wtfcb_profile_summary summary;

static void setup(void)
{
    ck_assert_int_eq(wtfcb_profiler_new(NULL, &profiler), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_ALLOC, WTFCB_ALLOC_FULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_INTERVAL, 1), WTFCB_OK);
}

static void teardown(void)
{
    wtfcb_profiler_free(profiler);
    wtfcb_profile_free(profile);
    profile = NULL;
}

static void start(void)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = wtfcb_profiler_start(profiler, "traced", &error);
    ck_assert_msg(status == WTFCB_OK, "%s", error.message);
}

static void stop(void)
{
    wtfcb_profile_free(profile);
    ck_assert_int_eq(wtfcb_profiler_stop(profiler, &profile, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profile_get_summary(profile, &summary, sizeof summary), WTFCB_OK);
}

/* Figures of a function; false: it is not there. */
static bool find(const wtfcb_profile *in, uint32_t tree, const char *name, wtfcb_profile_frame *ret_frame)
{
    for (uint64_t i = 0; wtfcb_profile_frame_at(in, i, ret_frame, sizeof *ret_frame) == WTFCB_OK; i++)
        if (ret_frame->tree == tree && strcmp(ret_frame->name, name) == 0) return true;
    return false;
}

static void check_frame(uint32_t tree, const char *name, uint64_t bytes, uint64_t count)
{
    wtfcb_profile_frame frame;
    ck_assert_msg(find(profile, tree, name, &frame), "%s is not there", name);
    ck_assert_uint_eq(frame.self, bytes);
    ck_assert_uint_eq(frame.count, count);
}

START_TEST(this_process_is_traced_to_the_byte)
{
    wtfcb_profile_frame frame;
    start();
    for (int i = 0; i < BLOCKS; i++)
        kept[i] = traced_keep(SIZE);
    traced_drop();
    for (int i = 0; i < BLOCKS / 2; i++)
        free(kept[i]);
    stop();
    ck_assert_int_eq(summary.alloc_status, WTFCB_OK);
    ck_assert_str_eq(summary.alloc_mode, "full");
    ck_assert_uint_eq(summary.alloc_lost, 0);
    check_frame(WTFCB_TREE_ALLOC_LIVE, "traced_keep", SIZE * BLOCKS / 2, BLOCKS / 2);
    check_frame(WTFCB_TREE_ALLOC_TOTAL, "traced_keep", SIZE * BLOCKS + SIZE / 2 * BLOCKS + LARGE, 2 * BLOCKS + 1);
    ck_assert(find(profile, WTFCB_TREE_ALLOC_TOTAL, "traced_drop", &frame));
    ck_assert_uint_eq(frame.total, SIZE / 2 * BLOCKS + LARGE);
    ck_assert(!find(profile, WTFCB_TREE_ALLOC_LIVE, "traced_drop", &frame));
    ck_assert_uint_ge(summary.alloc_live_peak, SIZE * BLOCKS + LARGE);
    for (int i = BLOCKS / 2; i < BLOCKS; i++)
        free(kept[i]);
}
END_TEST

START_TEST(the_profiler_itself_is_not_in_it)
{
    start();
    for (int i = 0; i < 200; i++) {
        uint64_t section;
        wtfcb_profile *snapshot;
        ck_assert_int_eq(wtfcb_profiler_section_begin(profiler, "part", &section), WTFCB_OK);
        ck_assert_int_eq(wtfcb_profiler_snapshot(profiler, &snapshot, NULL), WTFCB_OK);
        ck_assert_int_eq(wtfcb_profiler_section_end(profiler, section), WTFCB_OK);
        wtfcb_profile_free(snapshot);
    }
    void *block = traced_keep(SIZE);
    (void)usleep(20000);
    stop();
    free(block);
    wtfcb_profile_frame frame;
    for (uint64_t i = 0; wtfcb_profile_frame_at(profile, i, &frame, sizeof frame) == WTFCB_OK; i++)
        if (frame.tree == WTFCB_TREE_ALLOC_TOTAL)
            ck_assert_msg(strncmp(frame.name, "wtfcb_profile", 13) != 0, "%s", frame.name);
    check_frame(WTFCB_TREE_ALLOC_TOTAL, "traced_keep", SIZE, 1);
}
END_TEST

START_TEST(live_bytes_are_in_the_timeline)
{
    start();
    void *block = traced_keep(LARGE);
    (void)usleep(30000);
    free(block);
    (void)usleep(30000);
    stop();
    wtfcb_profile_metric metric;
    ck_assert_int_eq(wtfcb_profile_metric_at(profile, WTFCB_METRIC_LIVE - 1, &metric, sizeof metric), WTFCB_OK);
    ck_assert_int_eq(metric.status, WTFCB_OK);
    ck_assert_uint_eq(metric.first, 0);
    ck_assert_uint_ge(metric.maximum, LARGE);
    ck_assert_uint_lt(metric.last, LARGE);
}
END_TEST

START_TEST(every_recording_begins_with_nothing)
{
    for (int i = 1; i <= 3; i++) {
        start();
        ck_assert_int_eq(traced_leak(i), i);
        stop();
        check_frame(WTFCB_TREE_ALLOC_TOTAL, "traced_keep", (uint64_t)i * SIZE, (uint64_t)i);
    }
}
END_TEST

START_TEST(second_profiler_is_refused)
{
    wtfcb_profiler *other;
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(wtfcb_profiler_new(NULL, &other), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(other, WTFCB_PROFILER_ALLOC, WTFCB_ALLOC_SAMPLED), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(other, WTFCB_PROFILER_ZONES, 0), WTFCB_OK);
    start();
    ck_assert_int_eq(wtfcb_profiler_start(other, "other", &error), WTFCB_EBUSY);
    ck_assert_ptr_nonnull(strstr(error.message, "traced already"));
    stop();
    ck_assert_int_eq(wtfcb_profiler_start(other, "other", NULL), WTFCB_OK);
    wtfcb_profiler_free(other);
}
END_TEST

/* 128 hits on average: the deviation of their sum is 9 %. */
START_TEST(sample_stands_for_all)
{
    enum { COUNT = 65536, BYTES = 1024 };
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_ALLOC, WTFCB_ALLOC_SAMPLED), WTFCB_OK);
    start();
    for (int i = 0; i < COUNT; i++)
        free(traced_keep(BYTES));
    stop();
    wtfcb_profile_frame frame;
    ck_assert_str_eq(summary.alloc_mode, "sampled");
    ck_assert_uint_eq(summary.alloc_rate, 524288);
    ck_assert(find(profile, WTFCB_TREE_ALLOC_TOTAL, "traced_keep", &frame));
    ck_assert(frame.self > (uint64_t)COUNT * BYTES / 2 && frame.self < (uint64_t)COUNT * BYTES * 3 / 2);
    ck_assert(frame.count > COUNT / 2 && frame.count < COUNT * 3 / 2);
}
END_TEST

static void *allocate(void *user)
{
    volatile bool *ending = user;
    while (!*ending)
        free(traced_keep(SIZE));
    return NULL;
}

START_TEST(snapshots_of_busy_threads_add_up)
{
    pthread_t threads[4];
    bool ending = false;
    start();
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, allocate, &ending), 0);
    uint64_t last = 0;
    for (int i = 0; i < 50; i++) {
        wtfcb_profile *snapshot;
        wtfcb_profile_summary now;
        wtfcb_profile_node node;
        uint64_t roots = 0;
        ck_assert_int_eq(wtfcb_profiler_snapshot(profiler, &snapshot, NULL), WTFCB_OK);
        (void)wtfcb_profile_get_summary(snapshot, &now, sizeof now);
        for (uint64_t k = 0; wtfcb_profile_node_at(snapshot, k, &node, sizeof node) == WTFCB_OK; k++)
            if (node.tree == WTFCB_TREE_ALLOC_TOTAL && node.parent == WTFCB_PROFILE_NONE) roots += node.total;
        ck_assert_uint_eq(roots, now.alloc_bytes);
        ck_assert_uint_ge(now.alloc_bytes, last);
        last = now.alloc_bytes;
        wtfcb_profile_free(snapshot);
    }
    ending = true;
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    stop();
    wtfcb_profile_frame frame;
    ck_assert(!find(profile, WTFCB_TREE_ALLOC_LIVE, "traced_keep", &frame));
}
END_TEST

/* This program as a child that leaks, and tells its parent when it has. */
static pid_t start_child(const char *folder, int *ret_pipe)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        char setting[512], descriptor[16];
        (void)snprintf(setting, sizeof setting, "full,folder=%s", folder);
        (void)snprintf(descriptor, sizeof descriptor, "%d", ends[1]);
        (void)setenv("WTFCB_ALLOC", setting, 1);
        (void)execl("/proc/self/exe", "test_alloc_traced", "leak", descriptor, (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    *ret_pipe = ends[0];
    return child;
}

static int leak(int descriptor)
{
    int made = traced_leak(BLOCKS);
    kept[0] = traced_keep(LARGE);
    (void)write(descriptor, "x", 1);
    (void)usleep(200000);
    return made == BLOCKS ? 0 : 1;
}

START_TEST(child_is_traced_in_a_folder_and_what_it_leaked_is_there)
{
    int pipe_end, status;
    char byte;
    char *folder = wtfcb_test_directory();
    pid_t child = start_child(folder, &pipe_end);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_PROCESS, child), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set(profiler, WTFCB_PROFILER_TREE, 1), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_set_string(profiler, WTFCB_PROFILER_ALLOC_FOLDER, folder), WTFCB_OK);
    start();
    ck_assert_int_eq(read(pipe_end, &byte, 1), 1);
    wtfcb_profile *snapshot;
    wtfcb_profile_frame frame;
    ck_assert_int_eq(wtfcb_profiler_snapshot(profiler, &snapshot, NULL), WTFCB_OK);
    ck_assert(find(snapshot, WTFCB_TREE_ALLOC_LIVE, "traced_keep", &frame));
    ck_assert_uint_eq(frame.self, SIZE * BLOCKS + LARGE);
    wtfcb_profile_free(snapshot);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    stop();
    ck_assert_int_eq(summary.alloc_status, WTFCB_OK);
    ck_assert_uint_eq(summary.thread_count, 1);
    check_frame(WTFCB_TREE_ALLOC_LIVE, "traced_keep", SIZE * BLOCKS + LARGE, BLOCKS + 1);
    ck_assert(find(profile, WTFCB_TREE_ALLOC_LIVE, "traced_leak", &frame));
    ck_assert_uint_eq(frame.total, SIZE * BLOCKS);
    wtfcb_profile_metric metric; /* whose sums may be some hundred KiB behind */
    ck_assert_int_eq(wtfcb_profile_metric_at(profile, WTFCB_METRIC_LIVE - 1, &metric, sizeof metric), WTFCB_OK);
    ck_assert(metric.status == WTFCB_OK && metric.maximum >= LARGE);
    (void)close(pipe_end);
    free(folder);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("alloc_traced");
    TCase *t = tcase_create("traced");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, this_process_is_traced_to_the_byte);
    tcase_add_test(t, the_profiler_itself_is_not_in_it);
    tcase_add_test(t, live_bytes_are_in_the_timeline);
    tcase_add_test(t, every_recording_begins_with_nothing);
    tcase_add_test(t, second_profiler_is_refused);
    tcase_add_test(t, sample_stands_for_all);
    tcase_add_test(t, snapshots_of_busy_threads_add_up);
    tcase_add_test(t, child_is_traced_in_a_folder_and_what_it_leaked_is_there);
    suite_add_tcase(s, t);
    return s;
}

int main(int argc, char **argv)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/wtfcb/libwtfcb-alloc.so", wtfcb_test_build_dir());
    if (argc > 2) return leak((int)strtol(argv[2], NULL, 10));
    if (access(path, R_OK) != 0) {
        printf("tests: 0 passed, 0 failed\n");
        return EXIT_SUCCESS;
    }
    if (!getenv("WTFCB_TEST_TRACED")) {
        (void)setenv("WTFCB_TEST_TRACED", "1", 1);
        (void)setenv("LD_PRELOAD", path, 1);
        (void)execv("/proc/self/exe", argv);
        return EXIT_FAILURE;
    }
    return wtfcb_test_main(suite());
}
