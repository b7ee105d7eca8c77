/*
 * One sample: what is measured of it, and that it leaves nothing behind, however its process ends.
 */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../test.h"
#include "base/memory.h"
#include "benchmark/measure.h"

#define MIB (1024u * 1024)
#define MS UINT64_C(1000000)

static wtfcb_allocator libc;

/* What a subject does to the world, seen from all processes. */
typedef struct shared {
    char order[64]; /* a letter for each part */
    int length;
    pid_t process;    /* that run was in */
    pid_t grandchild; /* that it left behind */
} shared;

static shared *seen;

static void set_up(void)
{
    libc = wtfcb_base_allocator(NULL);
    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(seen, MAP_FAILED);
}

static void tear_down(void)
{
    /* Nothing is left: no child that nobody waited for. */
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
    munmap(seen, sizeof *seen);
}

static void note(char letter)
{
    if (seen->length < (int)sizeof seen->order - 1) seen->order[seen->length++] = letter;
}

static wtfcb_status part_before(void *user, wtfcb_benchmark_tally *tally)
{
    (void)tally;
    note('b');
    return user == (void *)'b' ? WTFCB_EIO : WTFCB_OK;
}

static wtfcb_status part_set_up(void *user, wtfcb_benchmark_tally *tally)
{
    (void)tally;
    note('s');
    return user == (void *)'s' ? WTFCB_EIO : WTFCB_OK;
}

static wtfcb_status part_run(void *user, wtfcb_benchmark_tally *tally)
{
    (void)tally;
    note('r');
    seen->process = getpid();
    return user == (void *)'r' ? WTFCB_EIO : WTFCB_OK;
}

static wtfcb_status part_tear_down(void *user, wtfcb_benchmark_tally *tally)
{
    (void)tally;
    note('t');
    return user == (void *)'t' ? WTFCB_EIO : WTFCB_OK;
}

static wtfcb_status part_after(void *user, wtfcb_benchmark_tally *tally)
{
    (void)tally;
    note('a');
    return user == (void *)'a' ? WTFCB_EIO : WTFCB_OK;
}

static wtfcb_benchmark_sample measure(const wtfcb_benchmark_subject *subject, uint64_t timeout_ms, uint64_t iterations)
{
    wtfcb_benchmark_sample sample;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_benchmark_how how = {.allocator = &libc, .iterations = iterations, .timeout_ns = timeout_ms * MS};
    ck_assert_int_eq(wtfcb_benchmark_measure(subject, &how, &sample, &error), WTFCB_OK);
    return sample;
}

static wtfcb_benchmark_sample measure_run(wtfcb_benchmark_part_fn run, bool isolate, uint64_t timeout_ms)
{
    wtfcb_benchmark_subject subject = {.name = "x", .run = run, .isolate = isolate};
    return measure(&subject, timeout_ms, 1);
}

START_TEST(parts_come_in_their_order)
{
    const struct {
        char fails;
        const char *order;
    } cases[] = {{0, "bsrrta"}, {'b', "b"}, {'s', "bsa"}, {'r', "bsrta"}, {'t', "bsrrta"}, {'a', "bsrrta"}};
    for (int isolate = 0; isolate < 2; isolate++)
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            memset(seen, 0, sizeof *seen);
            wtfcb_benchmark_subject subject = {.name = "x",
                                               .isolate = isolate != 0,
                                               .before = part_before,
                                               .set_up = part_set_up,
                                               .run = part_run,
                                               .tear_down = part_tear_down,
                                               .after = part_after,
                                               .user = (void *)(uintptr_t)cases[i].fails};
            wtfcb_benchmark_sample sample = measure(&subject, 0, 2);
            ck_assert_str_eq(seen->order, cases[i].order);
            ck_assert_int_eq(sample.status, cases[i].fails ? WTFCB_EIO : WTFCB_OK);
            ck_assert_int_eq(sample.tally.message[0] != '\0', cases[i].fails != 0);
            if (seen->process) ck_assert_int_eq(seen->process == getpid(), !isolate);
        }
}
END_TEST

static wtfcb_status says_why(void *user, wtfcb_benchmark_tally *tally)
{
    (void)user;
    tally->files = 7;
    snprintf(tally->message, sizeof tally->message, "the moon");
    return WTFCB_EIO;
}

START_TEST(a_run_can_say_why_it_failed)
{
    for (int isolate = 0; isolate < 2; isolate++) {
        wtfcb_benchmark_sample sample = measure_run(says_why, isolate != 0, 0);
        ck_assert_int_eq(sample.status, WTFCB_EIO);
        ck_assert_str_eq(sample.tally.message, "the moon");
        ck_assert_uint_eq(sample.tally.files, 7);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* Figures */

static wtfcb_status touch(size_t bytes)
{
    char *block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) return WTFCB_ENOMEM;
    memset(block, 1, bytes);
    munmap(block, bytes);
    return WTFCB_OK;
}

static wtfcb_status touch_32(void *user, wtfcb_benchmark_tally *tally)
{
    (void)user;
    (void)tally;
    return touch(32 * MIB);
}

static wtfcb_status touch_8(void *user, wtfcb_benchmark_tally *tally)
{
    (void)user;
    (void)tally;
    return touch(8 * MIB);
}

START_TEST(memory_is_that_of_the_run_alone)
{
    ck_assert_int_eq(touch(128 * MIB), WTFCB_OK); /* a peak of the past */
    for (int isolate = 0; isolate < 2; isolate++) {
        wtfcb_benchmark_sample large = measure_run(touch_32, isolate != 0, 0);
        wtfcb_benchmark_sample small = measure_run(touch_8, isolate != 0, 0);
        ck_assert_int_eq(large.status, WTFCB_OK);
        if (large.memory == WTFCB_UNKNOWN && !isolate) continue; /* clear_refs may not be written here */
        ck_assert_uint_ge(large.memory, 32 * MIB - MIB / 4);
        ck_assert_uint_lt(large.memory, 100 * MIB);
        ck_assert_uint_ge(small.memory, 8 * MIB - MIB / 4);
        ck_assert_uint_lt(small.memory, large.memory - 20 * MIB);
        ck_assert_uint_ge(large.minor_faults, 10);
    }
}
END_TEST

START_TEST(a_large_host_measures_the_same_memory_as_a_small_one)
{
    uint64_t small = measure_run(touch_8, true, 0).memory;
    char *heap[64];
    for (size_t i = 0; i < 64; i++) {
        heap[i] = malloc(100000);
        ck_assert_ptr_nonnull(heap[i]);
        memset(heap[i], 1, 100000);
    }
    for (size_t i = 0; i < 63; i++) /* the last keeps the heap from shrinking */
        free(heap[i]);
    char *block = mmap(NULL, 64 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(block, MAP_FAILED);
    memset(block, 1, 64 * MIB);
    uint64_t large = measure_run(touch_8, true, 0).memory;
    munmap(block, 64 * MIB);
    free(heap[63]);
    ck_assert_uint_ge(small, 8 * MIB - MIB / 4);
    ck_assert_uint_lt(large > small ? large - small : small - large, MIB / 2);
}
END_TEST

static wtfcb_status work_20_ms(void *user, wtfcb_benchmark_tally *tally)
{
    struct timespec now;
    (void)user;
    (void)tally;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    long end = now.tv_sec * 1000 + now.tv_nsec / 1000000 + 20;
    while (now.tv_sec * 1000 + now.tv_nsec / 1000000 < end)
        (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return WTFCB_OK;
}

static wtfcb_status child_works(void *user, wtfcb_benchmark_tally *tally)
{
    pid_t child = fork();
    if (child == 0) _exit(work_20_ms(user, tally) == WTFCB_OK ? 0 : 1);
    return waitpid(child, NULL, 0) == child ? WTFCB_OK : WTFCB_EIO;
}

static wtfcb_status sleep_20_ms(void *user, wtfcb_benchmark_tally *tally)
{
    (void)user;
    (void)tally;
    (void)nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    return WTFCB_OK;
}

START_TEST(times_are_of_the_run_and_its_children)
{
    for (int isolate = 0; isolate < 2; isolate++) {
        wtfcb_benchmark_sample works = measure_run(work_20_ms, isolate != 0, 0);
        ck_assert_uint_ge(works.wall_ns, 19 * MS);
        ck_assert_uint_ge(works.user_ns + works.system_ns, 15 * MS);
        wtfcb_benchmark_sample child = measure_run(child_works, isolate != 0, 0);
        ck_assert_uint_ge(child.user_ns + child.system_ns, 15 * MS);
        wtfcb_benchmark_sample sleeps = measure_run(sleep_20_ms, isolate != 0, 0);
        ck_assert_uint_ge(sleeps.wall_ns, 20 * MS);
        ck_assert_uint_lt(sleeps.user_ns + sleeps.system_ns, 10 * MS);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* Processes that end badly */

static wtfcb_status crash(void *user, wtfcb_benchmark_tally *tally)
{
    (void)user;
    (void)tally;
    (void)raise(SIGSEGV);
    return WTFCB_OK;
}

static wtfcb_status leave(void *user, wtfcb_benchmark_tally *tally)
{
    (void)user;
    (void)tally;
    _exit(0);
}

static wtfcb_status hang(void *user, wtfcb_benchmark_tally *tally)
{
    (void)user;
    (void)tally;
    for (;;)
        (void)pause();
    return WTFCB_OK;
}

static wtfcb_status close_all(void *user, wtfcb_benchmark_tally *tally)
{
    (void)user;
    (void)tally;
    for (int fd = 0; fd < 256; fd++)
        (void)close(fd);
    return WTFCB_OK;
}

/* Something else gets the pipe's number: it must not be written to. */
static wtfcb_status replace_all(void *user, wtfcb_benchmark_tally *tally)
{
    const int *file = user;
    (void)tally;
    for (int fd = 3; fd < 256; fd++)
        if (fd != *file) (void)dup2(*file, fd);
    return WTFCB_OK;
}

static wtfcb_status leave_a_child(void *user, wtfcb_benchmark_tally *tally)
{
    (void)tally;
    pid_t child = fork();
    if (child == 0)
        for (;;)
            (void)pause();
    seen->grandchild = child;
    if (user) (void)raise(SIGKILL);
    return WTFCB_OK;
}

START_TEST(a_crash_is_a_status_with_the_signals_name)
{
    wtfcb_benchmark_sample sample = measure_run(crash, true, 0);
    ck_assert_int_eq(sample.status, WTFCB_ECALLBACK);
    ck_assert_ptr_nonnull(strstr(sample.tally.message, "SIGSEGV"));
}
END_TEST

START_TEST(leaving_is_a_status_with_the_exit_status)
{
    wtfcb_benchmark_sample sample = measure_run(leave, true, 0);
    ck_assert_int_eq(sample.status, WTFCB_ECALLBACK);
    ck_assert_ptr_nonnull(strstr(sample.tally.message, "exit status 0"));
    sample = measure_run(close_all, true, 0);
    ck_assert_int_eq(sample.status, WTFCB_ECALLBACK);
    ck_assert_ptr_nonnull(strstr(sample.tally.message, "exit status 1"));
}
END_TEST

START_TEST(a_descriptor_that_took_the_pipes_number_is_not_written_to)
{
    FILE *file = tmpfile();
    int fd = fileno(file);
    wtfcb_benchmark_subject subject = {.name = "x", .run = replace_all, .isolate = true, .user = &fd};
    wtfcb_benchmark_sample sample = measure(&subject, 0, 1);
    ck_assert_int_eq(sample.status, WTFCB_ECALLBACK);
    ck_assert_int_eq(lseek(fd, 0, SEEK_END), 0);
    fclose(file);
}
END_TEST

START_TEST(a_hang_is_killed_when_its_time_is_over)
{
    wtfcb_benchmark_sample sample = measure_run(hang, true, 50);
    ck_assert_int_eq(sample.status, WTFCB_ETIMEOUT);
    ck_assert_ptr_nonnull(strstr(sample.tally.message, "50 ms"));
}
END_TEST

static bool stop(void *user)
{
    int *asked = user;
    return ++*asked >= 2;
}

START_TEST(a_run_that_nobody_wants_any_more_is_killed)
{
    int asked = 0;
    wtfcb_benchmark_sample sample;
    wtfcb_benchmark_subject subject = {.name = "x", .run = hang, .isolate = true};
    wtfcb_benchmark_how how = {.allocator = &libc, .iterations = 1, .stop = stop, .user = &asked};
    ck_assert_int_eq(wtfcb_benchmark_measure(&subject, &how, &sample, NULL), WTFCB_OK);
    ck_assert_int_eq(sample.status, WTFCB_ECANCELLED);
}
END_TEST

START_TEST(what_a_run_left_running_is_killed)
{
    for (uintptr_t crashes = 0; crashes < 2; crashes++) {
        wtfcb_benchmark_subject subject = {.name = "x", .run = leave_a_child, .isolate = true, .user = (void *)crashes};
        wtfcb_benchmark_sample sample = measure(&subject, 0, 1);
        ck_assert_int_eq(sample.status, crashes ? WTFCB_ECALLBACK : WTFCB_OK);
        ck_assert_int_gt(seen->grandchild, 0);
        bool gone = false;
        for (int i = 0; i < 200 && !gone; i++) { /* init, or whoever stands for it, collects it */
            char path[64];
            char state = 'Z';
            snprintf(path, sizeof path, "/proc/%d/stat", (int)seen->grandchild);
            FILE *file = fopen(path, "r");
            gone = !file || fscanf(file, "%*d (%*[^)]) %c", &state) != 1 || state == 'Z' || state == 'X';
            if (file) fclose(file);
            if (!gone) (void)sleep_20_ms(NULL, NULL);
        }
        ck_assert(gone);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* The host */

static void handler(int number)
{
    (void)number;
    note('!');
}

static unsigned count_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(dir);
    unsigned count = 0;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

START_TEST(the_host_keeps_its_descriptors_signals_and_handlers)
{
    struct sigaction before, after;
    sigset_t mask_before, mask_after;
    ck_assert_int_eq(sigaction(SIGSEGV, &(struct sigaction){.sa_handler = handler}, NULL), 0);
    ck_assert_int_eq(sigaction(SIGSEGV, NULL, &before), 0);
    sigemptyset(&mask_before);
    sigaddset(&mask_before, SIGUSR2);
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, &mask_before, NULL), 0);
    unsigned descriptors = count_descriptors();
    wtfcb_benchmark_sample sample = measure_run(crash, true, 0); /* not what the handler makes of it */
    ck_assert_ptr_nonnull(strstr(sample.tally.message, "SIGSEGV"));
    ck_assert_int_eq(seen->length, 0);
    (void)measure_run(close_all, true, 0);
    (void)measure_run(touch_8, true, 0);
    (void)measure_run(hang, true, 20);
    ck_assert_uint_eq(count_descriptors(), descriptors);
    ck_assert_int_eq(sigaction(SIGSEGV, NULL, &after), 0);
    ck_assert(after.sa_handler == before.sa_handler);
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &mask_after), 0);
    ck_assert_int_eq(sigismember(&mask_after, SIGUSR2), 1);
    ck_assert_int_eq(sigismember(&mask_after, SIGTERM), 0);
}
END_TEST

START_TEST(a_host_that_ignores_children_gets_its_samples)
{
    ck_assert_int_ne(signal(SIGCHLD, SIG_IGN) == SIG_ERR, 1);
    ck_assert_int_eq(measure_run(touch_8, true, 0).status, WTFCB_OK);
    wtfcb_benchmark_sample sample = measure_run(crash, true, 0);
    ck_assert_int_eq(sample.status, WTFCB_ECALLBACK);
    ck_assert_int_ne(sample.tally.message[0], '\0');
    (void)signal(SIGCHLD, SIG_DFL);
}
END_TEST

static void *allocate_forever(void *user)
{
    const _Atomic bool *over = user;
    while (!*over)
        free(malloc(1000));
    return NULL;
}

static wtfcb_status allocate(void *user, wtfcb_benchmark_tally *tally)
{
    (void)user;
    for (int i = 0; i < 100; i++)
        free(malloc(1000));
    tally->bytes = 1;
    return WTFCB_OK;
}

START_TEST(a_host_with_threads_gets_its_samples)
{
    _Atomic bool over = false;
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, allocate_forever, &over), 0);
    for (int i = 0; i < 50; i++) {
        wtfcb_benchmark_sample sample = measure_run(allocate, true, 20000);
        ck_assert_msg(sample.status == WTFCB_OK, "%s", sample.tally.message);
        ck_assert_uint_eq(sample.tally.bytes, 1);
    }
    over = true;
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("measure");
    TCase *t = tcase_create("samples");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, parts_come_in_their_order);
    tcase_add_test(t, a_run_can_say_why_it_failed);
    tcase_add_test(t, memory_is_that_of_the_run_alone);
    tcase_add_test(t, a_large_host_measures_the_same_memory_as_a_small_one);
    tcase_add_test(t, times_are_of_the_run_and_its_children);
    tcase_add_test(t, a_crash_is_a_status_with_the_signals_name);
    tcase_add_test(t, leaving_is_a_status_with_the_exit_status);
    tcase_add_test(t, a_descriptor_that_took_the_pipes_number_is_not_written_to);
    tcase_add_test(t, a_hang_is_killed_when_its_time_is_over);
    tcase_add_test(t, a_run_that_nobody_wants_any_more_is_killed);
    tcase_add_test(t, what_a_run_left_running_is_killed);
    tcase_add_test(t, the_host_keeps_its_descriptors_signals_and_handlers);
    tcase_add_test(t, a_host_that_ignores_children_gets_its_samples);
    tcase_add_test(t, a_host_with_threads_gets_its_samples);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
