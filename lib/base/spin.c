/* The slow half of a spinning lock; see spin.h. */
#include "base/spin.h"

#include <sched.h>
#include <stdbool.h>
#include <time.h>

enum {
    LOOKS = 200, /* before others are let run: some microseconds */
    YIELDS = 20, /* before it sleeps */
    SLEEP_NS = 50 * 1000,
};

static void breathe(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Looks without writing, so that the holder keeps its cache line. */
static bool becomes_free(const wtfcb_base_spin *lock)
{
    for (unsigned i = 0; i < LOOKS; i++) {
        if (atomic_load_explicit(&lock->held, memory_order_relaxed) == 0) return true;
        breathe();
    }
    return false;
}

void wtfcb_base_spin_wait(wtfcb_base_spin *lock)
{
    unsigned turns = 0;
    do {
        while (!becomes_free(lock)) {
            if (turns++ < YIELDS)
                (void)sched_yield();
            else
                (void)nanosleep(&(struct timespec){.tv_nsec = SLEEP_NS}, NULL);
        }
    } while (atomic_exchange_explicit(&lock->held, 1, memory_order_acquire) != 0);
}
