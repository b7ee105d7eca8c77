/*
 * What samples of processor time cost the program that is sampled.
 *
 *     profiler_cpu [ROUNDS]
 *
 * A fixed piece of work, half a second of two threads with frames some 20 deep, without a profiler and with one at 99 and 997 Hz by each engine, one after the other in
 * each round (default 20). The work's processor time is compared within each round, so that what disturbs the machine disturbs all alike: median and minimum of
 * the share that is lost, and the sampler's own share of the time.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <wtfcb/profiler.h>

enum { THREADS = 2, DEPTH = 20, WAYS = 5, MOST_ROUNDS = 200 };

#define WORK 4000000

static const struct {
    const char *name;
    int hz;
    int engine;
} ways[WAYS] = {
    {"plain", 0, 0},
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

/* Processor time of the work in ns; `*ret_own` is the sampler's. */
static double run(wtfcb_profiler *profiler, int way, double *ret_own)
{
    pthread_t threads[THREADS];
    uint64_t times[THREADS];
    wtfcb_profile *profile = NULL;
    wtfcb_profile_summary summary = {0};
    wtfcb_error error = WTFCB_ERROR_INIT;
    (void)wtfcb_profiler_set(profiler, WTFCB_PROFILER_CPU, ways[way].hz);
    (void)wtfcb_profiler_set(profiler, WTFCB_PROFILER_CPU_ENGINE, ways[way].engine);
    if (ways[way].hz > 0 && wtfcb_profiler_start(profiler, "bench", &error) != WTFCB_OK) {
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
    if (ways[way].hz > 0 && wtfcb_profiler_stop(profiler, &profile, NULL) == WTFCB_OK) {
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
