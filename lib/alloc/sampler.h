/*
 * The mathematics of sampling by bytes: blocks are hit by a Poisson process that runs over the bytes of all of them, one point in `rate` bytes on average.
 *
 * A block of s bytes is hit with probability 1 - exp(-s / rate), independently of all others, and stands for the inverse of that: so sums over blocks that were
 * hit are without bias for any set of blocks. Blocks of no bytes are never hit. No tables, no libm.
 */
#ifndef WTFCB_ALLOC_SAMPLER_H
#define WTFCB_ALLOC_SAMPLER_H

#include <stdint.h>

/* State of thread number `thread` for a seed. */
uint64_t wtfcb_alloc_sampler_seed(uint64_t seed, uint64_t thread);

/* Bytes up to the next hit, at least 1: the block that holds the last of them is hit. */
uint64_t wtfcb_alloc_sampler_interval(uint64_t *state, uint64_t rate);

/* What a block of `size` bytes that was hit stands for: bytes, and blocks in units of 1 / WTFCB_ALLOC_COUNT_UNIT. */
void wtfcb_alloc_sampler_weigh(uint64_t size, uint64_t rate, uint64_t *ret_bytes, uint64_t *ret_count);

/* 1 - exp(-x) and ln x, for x > 0, good to 1e-12. */
double wtfcb_alloc_sampler_hit(double x);
double wtfcb_alloc_sampler_log(double x);

#endif
