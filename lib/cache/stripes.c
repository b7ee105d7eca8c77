/* Stripes of keys; see stripes.h. */
#include "cache/stripes.h"

void wtfcb_cache_stripes_init(wtfcb_cache_stripes *stripes)
{
    for (size_t i = 0; i < WTFCB_CACHE_STRIPES; i++) {
        (void)pthread_mutex_init(&stripes->all[i].lock, NULL);
        atomic_init(&stripes->all[i].turn, 0);
        stripes->all[i].changes = 0;
    }
}

void wtfcb_cache_stripes_free(wtfcb_cache_stripes *stripes)
{
    for (size_t i = 0; i < WTFCB_CACHE_STRIPES; i++)
        (void)pthread_mutex_destroy(&stripes->all[i].lock);
}

/* The lock is held. */
static void count_change(wtfcb_cache_stripe *stripe)
{
    atomic_fetch_add_explicit(&stripe->turn, 1, memory_order_acq_rel);
}

void wtfcb_cache_change_begin(wtfcb_cache_stripe *stripe)
{
    (void)pthread_mutex_lock(&stripe->lock);
    count_change(stripe);
    stripe->changes++;
    (void)pthread_mutex_unlock(&stripe->lock);
}

void wtfcb_cache_change_publish(wtfcb_cache_stripe *stripe)
{
    (void)pthread_mutex_lock(&stripe->lock);
    count_change(stripe);
}

void wtfcb_cache_change_end(wtfcb_cache_stripe *stripe)
{
    stripe->changes--;
    (void)pthread_mutex_unlock(&stripe->lock);
}

void wtfcb_cache_change_all(wtfcb_cache_stripes *stripes)
{
    for (size_t i = 0; i < WTFCB_CACHE_STRIPES; i++) {
        (void)pthread_mutex_lock(&stripes->all[i].lock);
        count_change(&stripes->all[i]);
        (void)pthread_mutex_unlock(&stripes->all[i].lock);
    }
}

bool wtfcb_cache_tend_begin(wtfcb_cache_stripe *stripe, unsigned turn)
{
    if (wtfcb_cache_turn(stripe) != turn || pthread_mutex_trylock(&stripe->lock) != 0) return false;
    if (stripe->changes == 0 && wtfcb_cache_turn(stripe) == turn) return true;
    (void)pthread_mutex_unlock(&stripe->lock);
    return false;
}

void wtfcb_cache_tend_end(wtfcb_cache_stripe *stripe)
{
    (void)pthread_mutex_unlock(&stripe->lock);
}
