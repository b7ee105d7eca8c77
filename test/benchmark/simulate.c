/*
 * The noise of machines; simulate.h.
 */
#include "simulate.h"

#include <math.h>

#define PI 3.14159265358979323846

uint64_t simulate_bits(simulate_random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

double simulate_uniform(simulate_random *random)
{
    return ((double)(simulate_bits(random) >> 11) + 0.5) * 0x1p-53;
}

double simulate_normal(simulate_random *random)
{
    double length = sqrt(-2 * log(simulate_uniform(random)));
    return length * cos(2 * PI * simulate_uniform(random));
}

double simulate_exponential(simulate_random *random)
{
    return -log(simulate_uniform(random));
}

simulate_machine simulate_machine_new(const simulate_noise *noise, uint64_t seed)
{
    simulate_machine machine = {.noise = *noise, .random = {seed}};
    machine.level = noise->correlated * simulate_normal(&machine.random);
    machine.bad = simulate_uniform(&machine.random) < 0.5;
    machine.phase = 2 * PI * simulate_uniform(&machine.random);
    return machine;
}

double simulate_run(simulate_machine *machine)
{
    const simulate_noise *noise = &machine->noise;
    simulate_random *random = &machine->random;
    double logarithm = noise->gaussian * simulate_normal(random) + noise->drift * (double)machine->runs;
    double innovation = noise->correlated * sqrt(1 - noise->correlation * noise->correlation);
    machine->level = noise->correlation * machine->level + innovation * simulate_normal(random);
    if (noise->state_length > 0 && simulate_uniform(random) < 1 / noise->state_length) machine->bad = !machine->bad;
    if (noise->wave_length > 0)
        logarithm += noise->wave * sin(2 * PI * (double)machine->runs / noise->wave_length + machine->phase);
    machine->runs++;
    double time = exp(logarithm + machine->level) + noise->skew * simulate_exponential(random);
    if (simulate_uniform(random) < noise->hump_chance) time *= 1 + noise->hump;
    if (machine->bad) time *= 1 + noise->state;
    if (simulate_uniform(random) < noise->spike) time *= 1.2 + 1.8 * simulate_uniform(random);
    return time;
}

void simulate_pair(simulate_machine *machine, double ratio, double *a, double *b)
{
    bool a_first = simulate_bits(&machine->random) >> 63;
    double *first = a_first ? a : b;
    double *second = a_first ? b : a;
    *first = simulate_run(machine);
    *second = simulate_run(machine);
    *b *= ratio;
}

const simulate_noise simulate_machines[] = {
    {.name = "quiet", .gaussian = 0.005},
    {.name = "normal 2 %", .gaussian = 0.02},
    {.name = "normal 3 %", .gaussian = 0.03},
    {.name = "normal 10 %", .gaussian = 0.10},
    {.name = "skewed", .gaussian = 0.01, .skew = 0.03},
    {.name = "skewed 20 %", .gaussian = 0.02, .skew = 0.20},
    {.name = "two humps", .gaussian = 0.01, .hump = 0.08, .hump_chance = 0.4},
    {.name = "two humps 30 %", .gaussian = 0.02, .hump = 0.30, .hump_chance = 0.3},
    {.name = "spikes", .gaussian = 0.02, .spike = 0.10},
    {.name = "drifting", .gaussian = 0.02, .drift = 0.002},
    {.name = "drifting 2 % a run", .gaussian = 0.02, .drift = 0.02},
    {.name = "correlated 0.5", .gaussian = 0.005, .correlated = 0.03, .correlation = 0.5},
    {.name = "correlated 0.9", .gaussian = 0.01, .correlated = 0.05, .correlation = 0.9},
    {.name = "correlated 0.4 10 %", .gaussian = 0.01, .correlated = 0.10, .correlation = 0.4},
    {.name = "two states", .gaussian = 0.015, .state = 0.15, .state_length = 20},
    {.name = "two states, quick", .gaussian = 0.015, .state = 0.25, .state_length = 3},
    {.name = "wave of four", .gaussian = 0.02, .wave = 0.05, .wave_length = 4},
    {.name = "wave of 2.5 15 %", .gaussian = 0.02, .wave = 0.15, .wave_length = 2.5},
    {.name = "everything",
     .gaussian = 0.02,
     .skew = 0.02,
     .hump = 0.05,
     .hump_chance = 0.3,
     .spike = 0.03,
     .drift = 0.001,
     .correlated = 0.02,
     .correlation = 0.6,
     .state = 0.1,
     .state_length = 40},
    {.name = NULL},
};
