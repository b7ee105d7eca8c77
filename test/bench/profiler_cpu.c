/*
 * What samples of processor time cost the program that is sampled.
 *
 *     profiler_cpu [ROUNDS]
 *
 * A fixed piece of work, half a second of two threads with frames some 20 deep, without a profiler and with one at 99 and 997 Hz by each engine, one after the other in
 * each round (default 20). The work's processor time is compared within each round, so that what disturbs the machine disturbs all alike: median of
 * the share that is lost, and the sampler's own share of the time. The floor is a bare perf event of that rate, which takes addresses without callers and which nobody reads:
 * what the kernel's timer interrupt costs on this machine, whoever samples by it.
 */
#include <inttypes.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <wtfcb/profiler.h>

enum { THREADS = 2, DEPTH = 20, WAYS = 7, FLOOR = -1, MOST_ROUNDS = 400 };

#define WORK 4000000

static const struct {
    const char *name;
    int hz;
    int engine;
} ways[WAYS] = {
    {"plain", 0, 0},
    {"floor 99 Hz", 99, FLOOR},
    {"floor 997 Hz", 997, FLOOR},
    {"perf 99 Hz", 99, WTFCB_ENGINE_PERF},
    {"perf 997 Hz", 997, WTFCB_ENGINE_PERF},
    {"timer 99 Hz", 99, WTFCB_ENGINE_TIMER},
    {"timer 997 Hz", 997, WTFCB_ENGINE_TIMER},
};

static uint64_t thread_time(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

__attribute__((noinline)) static uint64_t dive(unsigned depth, uint64_t value)
{
    if (depth > 0) return dive(depth - 1, value) + 1;
    for (unsigned i = 0; i < 100; i++)
        value = value * UINT64_C(6364136223846793005) + i;
    return value;
}

static void *work(void *user)
{
    uint64_t *time = user;
    uint64_t value = 1;
    uint64_t before = thread_time();
    for (unsigned i = 0; i < WORK; i++)
        value = dive(DEPTH, value);
    *time = thread_time() - before + (value == 0);
    return NULL;
}

/* What has been opened for the floor: a ring for each of the two processors or more. */
typedef struct bare {
    int file;
    void *ring;
} bare;

enum { PROCESSORS = 64, RING = 17 * 4096 };

/* Of the thread that calls this, inherited by those that it starts. */
static void bare_open(bare events[PROCESSORS], int hz)
{
    struct perf_event_attr attributes = {
        .size = sizeof attributes,
        .type = PERF_TYPE_SOFTWARE,
        .config = PERF_COUNT_SW_TASK_CLOCK,
        .sample_period = 1000000000u / (unsigned)hz,
        .sample_type = PERF_SAMPLE_IP,
        .inherit = 1,
    };
    long count = sysconf(_SC_NPROCESSORS_CONF);
    for (int i = 0; i < PROCESSORS; i++) {
        events[i].file =
            i < count ? (int)syscall(SYS_perf_event_open, &attributes, 0, i, -1, PERF_FLAG_FD_CLOEXEC) : -1;
        if (events[i].file < 0) continue;
        events[i].ring = mmap(NULL, RING, PROT_READ | PROT_WRITE, MAP_SHARED, events[i].file, 0);
    }
}

static void bare_close(bare events[PROCESSORS])
{
    for (int i = 0; i < PROCESSORS; i++) {
        if (events[i].file < 0) continue;
        if (events[i].ring != MAP_FAILED) (void)munmap(events[i].ring, RING);
        (void)close(events[i].file);
    }
}

/* Processor time of the work in ns; `*ret_own` is the sampler's. */
static double run(wtfcb_profiler *profiler, int way, double *ret_own)
{
    pthread_t threads[THREADS];
    uint64_t times[THREADS];
    wtfcb_profile *profile = NULL;
    wtfcb_profile_summary summary = {0};
    wtfcb_error error = WTFCB_ERROR_INIT;
    bare events[PROCESSORS];
    bool sampled = ways[way].hz > 0 && ways[way].engine != FLOOR;
    if (ways[way].engine == FLOOR) bare_open(events, ways[way].hz);
    (void)wtfcb_profiler_set(profiler, WTFCB_PROFILER_CPU, sampled ? ways[way].hz : 0);
    (void)wtfcb_profiler_set(profiler, WTFCB_PROFILER_CPU_ENGINE, sampled ? ways[way].engine : WTFCB_ENGINE_ANY);
    if (sampled && wtfcb_profiler_start(profiler, "bench", &error) != WTFCB_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, work, &times[i]) != 0) exit(1);
    double all = 0;
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
        all += (double)times[i];
    }
    *ret_own = 0;
    if (ways[way].engine == FLOOR) bare_close(events);
    if (sampled && wtfcb_profiler_stop(profiler, &profile, NULL) == WTFCB_OK) {
        (void)wtfcb_profile_get_summary(profile, &summary, sizeof summary);
        *ret_own = (double)summary.overhead_ns;
        wtfcb_profile_free(profile);
    }
    return all;
}

static int by_size(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return *x < *y ? -1 : *x > *y;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 20;
    static double times[WAYS][MOST_ROUNDS], lost[MOST_ROUNDS], own[WAYS];
    wtfcb_profiler *profiler = NULL;
    if (rounds < 1 || rounds > MOST_ROUNDS || wtfcb_profiler_new(NULL, &profiler) != WTFCB_OK) return 1;
    (void)wtfcb_profiler_set(profiler, WTFCB_PROFILER_TIMELINE, 0);
    (void)wtfcb_profiler_set(profiler, WTFCB_PROFILER_ZONES, 0);
    for (int r = 0; r < rounds; r++)
        for (int w = 0; w < WAYS; w++) {
            double used;
            times[w][r] = run(profiler, w, &used);
            own[w] += used;
        }
    for (int w = 1; w < WAYS; w++) {
        double all = 0;
        for (int r = 0; r < rounds; r++) {
            lost[r] = (times[w][r] / times[0][r] - 1) * 100;
            all += times[w][r];
        }
        qsort(times[w], (size_t)rounds, sizeof times[w][0], by_size);
        qsort(lost, (size_t)rounds, sizeof *lost, by_size);
        printf("%-14s lost %7.3f %% median, profiler's own work %.3f %%, least time %.3f ms\n", ways[w].name,
               lost[rounds / 2], own[w] / all * 100, times[w][0] / 1e6);
    }
    qsort(times[0], (size_t)rounds, sizeof times[0][0], by_size);
    printf("%-14s least time %.3f ms\n", ways[0].name, times[0][0] / 1e6);
    wtfcb_profiler_free(profiler);
    return 0;
}
