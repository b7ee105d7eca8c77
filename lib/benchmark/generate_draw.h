/*
 * Random numbers that are the same on every machine: SplitMix64 and integer arithmetic, no libm, no floating point.
 *
 * A stream is opened by a key that is hashed from what it is for (seed, file, unit, revision), so that any part of a project can be made again without
 * what comes before it. One owner a stream; opening one is free.
 */
#ifndef WTFCB_BENCHMARK_GENERATE_DRAW_H
#define WTFCB_BENCHMARK_GENERATE_DRAW_H

#include <stdbool.h>
#include <stdint.h>

typedef struct wtfcb_benchmark_draw {
    uint64_t state;
} wtfcb_benchmark_draw;

/* The finaliser of SplitMix64: every bit of the result depends on every bit of `x`. */
static inline uint64_t wtfcb_benchmark_mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* A key below another one. */
static inline uint64_t wtfcb_benchmark_key(uint64_t key, uint64_t part)
{
    return wtfcb_benchmark_mix(key + UINT64_C(0x9e3779b97f4a7c15) * (part + 1));
}

static inline uint64_t wtfcb_benchmark_draw_bits(wtfcb_benchmark_draw *draw)
{
    draw->state += UINT64_C(0x9e3779b97f4a7c15);
    return wtfcb_benchmark_mix(draw->state);
}

/* 0 to `bound` - 1; `bound` is not 0. The bias is below bound / 2^32. */
static inline uint32_t wtfcb_benchmark_draw_below(wtfcb_benchmark_draw *draw, uint32_t bound)
{
    return (uint32_t)(((wtfcb_benchmark_draw_bits(draw) >> 32) * bound) >> 32);
}

/* True `permille` times in 1,000. */
static inline bool wtfcb_benchmark_draw_chance(wtfcb_benchmark_draw *draw, uint32_t permille)
{
    return wtfcb_benchmark_draw_below(draw, 1000) < permille;
}

/* The z that a standard normal deviate exceeds with probability `tail` / 2^32, from above 0 to 1/2; times 65,536. */
int64_t wtfcb_benchmark_draw_quantile(uint32_t tail);

/* A standard normal deviate times 65,536; the error of the table's interpolation is below 0.001. */
int64_t wtfcb_benchmark_draw_normal(wtfcb_benchmark_draw *draw);

/* exp(mu + sigma * z) of a normal deviate z, mu and sigma in thousandths; at most `most`, and 0 below 1. */
uint64_t wtfcb_benchmark_draw_lognormal(wtfcb_benchmark_draw *draw, uint32_t mu, uint32_t sigma, uint64_t most);

/* Pareto from `least` (below 2^27) with the exponent `alpha` in thousandths (at least 100); at most `most`. */
uint64_t wtfcb_benchmark_draw_pareto(wtfcb_benchmark_draw *draw, uint64_t least, uint32_t alpha, uint64_t most);

/* The same of a given z, in 65,536ths. */
uint64_t wtfcb_benchmark_exponential(uint32_t mu, uint32_t sigma, int64_t z, uint64_t most);

#endif
