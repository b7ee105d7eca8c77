/*
 * A lock for what takes some tens of nanoseconds: one exchange to take it, one store to give it back.
 *
 * Whoever finds it taken looks for a while, then lets others run, then sleeps for a moment at a time: so a holder that was
 * interrupted gets its turn whatever the priorities are. Not fair, and no thread is woken; where that matters, and where the holder
 * may wait for anything, a mutex is the lock to take. Orders memory as a mutex does. Needs no destruction.
 */
#ifndef WTFCB_BASE_SPIN_H
#define WTFCB_BASE_SPIN_H

#include <stdatomic.h>

typedef struct wtfcb_base_spin {
    atomic_uint held;
} wtfcb_base_spin;

/* What is all zeros is a lock that nobody holds, too. */
static inline void wtfcb_base_spin_init(wtfcb_base_spin *lock)
{
    atomic_init(&lock->held, 0);
}

/* Returns with the lock held. */
void wtfcb_base_spin_wait(wtfcb_base_spin *lock);

static inline void wtfcb_base_spin_lock(wtfcb_base_spin *lock)
{
    if (__builtin_expect(atomic_exchange_explicit(&lock->held, 1, memory_order_acquire) != 0, 0))
        wtfcb_base_spin_wait(lock);
}

static inline void wtfcb_base_spin_unlock(wtfcb_base_spin *lock)
{
    atomic_store_explicit(&lock->held, 0, memory_order_release);
}

#endif
