/*
 * What a sample of the timeline costs.
 *
 *     profiler_timeline [SECONDS]
 *
 * First samples at the instants at which they are due, but back to back, of this process and of a tree of 50 that sleep: median and minimum of 20 rounds, beside
 * the floor, one read of /proc/self/statm and of the clock of the process. Then a thread that samples this process at 10 Hz as the profiler's does, for some seconds (default
 * 5), when nothing that a sample needs is in the caches any more: the share of a core by the thread's own clock, sleeping and waking
 * included, and what these alone take.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "profiler/timeline.h"

enum { ROUNDS = 20, PROCESSES = 50 };

#define SECOND UINT64_C(1000000000)

static int statm;

static int by_size(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return *x < *y ? -1 : *x > *y;
}

static void print(const char *name, double *figures, const char *unit)
{
    qsort(figures, ROUNDS, sizeof *figures, by_size);
    printf("%-44s %9.0f  %9.0f %s\n", name, figures[ROUNDS / 2], figures[0], unit);
}

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

static void floor_once(void)
{
    char text[128];
    (void)!pread(statm, text, sizeof text, 0);
    (void)clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

static void measure(const char *name, wtfcb_profiler_timeline *timeline, int count)
{
    double figures[ROUNDS];
    for (int r = 0; r < ROUNDS; r++) {
        uint64_t before = wtfcb_base_thread_time();
        for (int i = 0; i < count; i++) {
            if (timeline)
                (void)wtfcb_profiler_timeline_sample(timeline, wtfcb_profiler_timeline_due(timeline));
            else
                floor_once();
        }
        figures[r] = (double)(wtfcb_base_thread_time() - before) / count;
    }
    print(name, figures, "ns");
}

static wtfcb_profiler_timeline *watch(pid_t process, bool tree)
{
    wtfcb_profiler_timeline *timeline = NULL;
    const wtfcb_profiler_timeline_options options = {
        .interval_ns = SECOND / 10, .start_ns = wtfcb_base_now(), .process = process, .tree = tree};
    if (wtfcb_profiler_timeline_new(NULL, &options, &timeline, NULL) == WTFCB_OK) return timeline;
    puts("the timeline cannot be made here");
    exit(1);
}

static pid_t start_tree(void)
{
    pid_t root = fork();
    if (root != 0) return root;
    (void)signal(SIGTERM, SIG_DFL);
    for (int i = 1; i < PROCESSES; i++)
        if (fork() == 0) break;
    for (;;)
        (void)pause();
}

static void end_tree(pid_t root)
{
    (void)kill(0, SIGTERM);
    while (waitpid(root, NULL, 0) < 0) {}
}

static uint64_t seconds = 5;

typedef struct attended {
    wtfcb_profiler_timeline *timeline; /* NULL: only wait */
    double used;
} attended;

static void *attend(void *user)
{
    attended *a = user;
    uint64_t due = wtfcb_base_now();
    uint64_t samples = seconds * 10;
    uint64_t before = wtfcb_base_thread_time();
    for (uint64_t i = 0; i < samples; i++) {
        due = a->timeline ? wtfcb_profiler_timeline_due(a->timeline) : due + SECOND / 10;
        struct timespec until = {(time_t)(due / SECOND), (long)(due % SECOND)};
        (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
        uint64_t now = wtfcb_base_now();
        if (a->timeline) (void)wtfcb_profiler_timeline_sample(a->timeline, now);
    }
    a->used = (double)(wtfcb_base_thread_time() - before) / (double)samples;
    return NULL;
}

/* The thread's own processor time for an instant of the grid. */
static double at_ten_hertz(wtfcb_profiler_timeline *timeline)
{
    attended a = {.timeline = timeline};
    pthread_t thread;
    if (pthread_create(&thread, NULL, attend, &a) != 0) exit(1);
    (void)pthread_join(thread, NULL);
    return a.used;
}

int main(int argc, char **argv)
{
    if (argc > 1) seconds = strtoull(argv[1], NULL, 10);
    statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    printf("%-44s %9s  %9s\n", "", "median", "minimum");
    wtfcb_profiler_timeline *timeline = watch(0, false);
    printf("%-44s %9zu bytes\n", "memory, this process", wtfcb_profiler_timeline_size(timeline));
    measure("floor: statm and the process's clock", NULL, 2000);
    measure("sample of this process", timeline, 2000);
    wtfcb_profiler_timeline_free(timeline);
    timeline = watch(0, false);
    double used = at_ten_hertz(timeline);
    printf("%-44s %9.0f ns, of them sleeping and waking %.0f ns\n", "one sample at 10 Hz", used, at_ten_hertz(NULL));
    printf("%-44s %9.4f %%\n", "share of a core at 10 Hz", used * 10 * 100 / (double)SECOND);
    wtfcb_profiler_timeline_free(timeline);
    (void)signal(SIGTERM, SIG_IGN);
    (void)setpgid(0, 0);
    pid_t root = start_tree();
    if (root < 0) return 1;
    struct timespec settle = {0, 200000000};
    (void)nanosleep(&settle, NULL);
    timeline = watch(root, false);
    measure("sample of another process", timeline, 500);
    wtfcb_profiler_timeline_free(timeline);
    timeline = watch(root, true);
    printf("%-44s %9zu bytes\n", "memory, a tree", wtfcb_profiler_timeline_size(timeline));
    measure("sample of a tree of 50 processes", timeline, 20);
    wtfcb_profiler_timeline_free(timeline);
    end_tree(root);
    return 0;
}
