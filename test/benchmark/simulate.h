/*
 * Random numbers and the noise of machines, for tests: the same on every machine up to the last bits of libm.
 *
 * The generator is SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
 */
#ifndef WTFCB_TEST_BENCHMARK_SIMULATE_H
#define WTFCB_TEST_BENCHMARK_SIMULATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct simulate_random {
    uint64_t state;
} simulate_random;

uint64_t simulate_bits(simulate_random *random);
double simulate_uniform(simulate_random *random); /* inside (0, 1) */
double simulate_normal(simulate_random *random);
double simulate_exponential(simulate_random *random);

/* One machine's noise: a stream of factors around 1, one for each run in the order of time. */
typedef struct simulate_noise {
    const char *name;
    double gaussian;     /* deviation of independent log-normal noise */
    double skew;         /* mean of exponential extra time */
    double hump;         /* a second mode this much slower ... */
    double hump_chance;  /* ... for this share of runs */
    double spike;        /* chance of a run 1.2 to 3 times as long */
    double drift;        /* of the logarithm, from one run to the next */
    double correlated;   /* deviation of an AR(1) part ... */
    double correlation;  /* ... with this correlation from one run to the next */
    double state;        /* slower by this much in a bad state of the machine ... */
    double state_length; /* ... that changes on average after so many runs */
    double wave;         /* amplitude of a wave ... */
    double wave_length;  /* ... of so many runs */
} simulate_noise;

typedef struct simulate_machine {
    simulate_noise noise;
    simulate_random random;
    double level;
    bool bad;
    uint64_t runs;
    double phase;
} simulate_machine;

simulate_machine simulate_machine_new(const simulate_noise *noise, uint64_t seed);

/* How long the next run takes that would take 1. */
double simulate_run(simulate_machine *machine);

/* The next pair, its order by a coin; B takes `ratio` times as long. */
void simulate_pair(simulate_machine *machine, double ratio, double *a, double *b);

/* Machines of all kinds, ended by a name that is NULL. */
extern const simulate_noise simulate_machines[];

#endif
