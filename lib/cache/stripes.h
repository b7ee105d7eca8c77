/*
 * Which comes last: a put, or a get that carries what it found from one tier to the other?
 *
 * A get may hold an older value while a put replaces it in both tiers; if the get then kept what it has, the older one would be back. So
 * whoever changes a key says so before it touches the store and again when it touches memory, and a get keeps, puts or
 * removes something of its own accord only if nobody has changed a key of that stripe since the get began, and nobody is
 * about to. It never waits to do so: housekeeping that comes in the way is left out.
 *
 * Locks: a stripe's is taken before the memory tier's and the store's.
 */
#ifndef WTFCB_CACHE_STRIPES_H
#define WTFCB_CACHE_STRIPES_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/hash.h"

enum { WTFCB_CACHE_STRIPES = 64 };

typedef struct wtfcb_cache_stripe {
    pthread_mutex_t lock;
    atomic_uint turn; /* goes up with each change; written with the lock held */
    unsigned changes; /* that have begun and not ended */
} wtfcb_cache_stripe;

typedef struct wtfcb_cache_stripes {
    wtfcb_cache_stripe all[WTFCB_CACHE_STRIPES];
} wtfcb_cache_stripes;

void wtfcb_cache_stripes_init(wtfcb_cache_stripes *stripes);
void wtfcb_cache_stripes_free(wtfcb_cache_stripes *stripes);

static inline wtfcb_cache_stripe *wtfcb_cache_stripe_of(wtfcb_cache_stripes *stripes, wtfcb_base_hash128 hash)
{
    return &stripes->all[hash.bytes[15] % WTFCB_CACHE_STRIPES];
}

/* A change: begin, the store, publish, memory, end. The stripe is locked from publish to end. */
void wtfcb_cache_change_begin(wtfcb_cache_stripe *stripe);
void wtfcb_cache_change_publish(wtfcb_cache_stripe *stripe);
void wtfcb_cache_change_end(wtfcb_cache_stripe *stripe);

/* All keys have changed: to be called when the store has and memory has not yet. */
void wtfcb_cache_change_all(wtfcb_cache_stripes *stripes);

/* To be asked when a get begins. */
static inline unsigned wtfcb_cache_turn(wtfcb_cache_stripe *stripe)
{
    return atomic_load_explicit(&stripe->turn, memory_order_acquire);
}

/* Housekeeping of a get that began at `turn`. False: it must not, and there is nothing to end. The stripe is locked up to the end. */
bool wtfcb_cache_tend_begin(wtfcb_cache_stripe *stripe, unsigned turn);
void wtfcb_cache_tend_end(wtfcb_cache_stripe *stripe);

#endif
