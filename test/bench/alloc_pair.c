/*
 * What a malloc and its free cost, for test/bench/alloc to run with and without libwtfcb-alloc.so: alloc_pair [THREADS [THOUSANDS]].
 *
 * Two loads, each by every thread: `hot` frees each block at once, the cheapest pair there is; `ring` keeps 1,024 blocks of 16 to 512 bytes and frees the
 * oldest. Prints nanoseconds a pair of one thread, the best of many short
 * rounds, so that what else runs on the machine is left out.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RING = 1024, ROUNDS = 25, THREADS_MOST = 64 };

typedef struct load {
    pthread_t thread;
    uint64_t pairs;
    int ring;
    double best;
} load;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static size_t size_of(uint64_t i)
{
    return 16 + (size_t)(i * 2654435761u >> 7 & 0x1f0);
}

static void hot(uint64_t pairs)
{
    for (uint64_t i = 0; i < pairs; i++) {
        void *volatile block = malloc(size_of(i));
        free(block);
    }
}

static void ring(uint64_t pairs)
{
    void *blocks[RING] = {0};
    for (uint64_t i = 0; i < pairs; i++) {
        free(blocks[i % RING]);
        blocks[i % RING] = malloc(size_of(i));
    }
    for (size_t i = 0; i < RING; i++)
        free(blocks[i]);
}

static void *run(void *argument)
{
    load *l = argument;
    l->best = 1e18;
    for (int round = 0; round < ROUNDS; round++) {
        double from = now();
        if (l->ring) {
            ring(l->pairs);
        } else {
            hot(l->pairs);
        }
        double took = (now() - from) / (double)l->pairs;
        if (took < l->best) l->best = took;
    }
    return NULL;
}

static double measure(int threads, uint64_t pairs, int with_ring)
{
    static load loads[THREADS_MOST];
    double sum = 0;
    for (int i = 0; i < threads; i++) {
        loads[i].pairs = pairs;
        loads[i].ring = with_ring;
        if (pthread_create(&loads[i].thread, NULL, run, &loads[i]) != 0) abort();
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(loads[i].thread, NULL);
        sum += loads[i].best;
    }
    return sum / threads;
}

int main(int argc, char **argv)
{
    int threads = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1;
    uint64_t pairs = (argc > 2 ? strtoull(argv[2], NULL, 10) : 200) * 1000;
    if (threads < 1 || threads > THREADS_MOST || pairs == 0) return 2;
    printf("hot %.2f ring %.2f\n", measure(threads, pairs, 0), measure(threads, pairs, 1));
    return 0;
}
