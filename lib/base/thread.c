/*
 * Signals belong to the host's threads: a worker is started with all of them blocked, which it inherits from its creator,
 * so that no handler of the host ever runs on a stack of ours.
 */
#include "base/thread.h"

#include <signal.h>
#include <stdatomic.h>

enum { STACK_SIZE = 8 << 20 };

static atomic_int let_through;

void wtfcb_base_thread_let_through(int signal_number)
{
    atomic_store_explicit(&let_through, signal_number, memory_order_relaxed);
}

int wtfcb_base_thread_start(pthread_t *ret_thread, const char *name, void *(*run)(void *), void *user)
{
    pthread_attr_t attributes;
    int result = pthread_attr_init(&attributes);
    if (result != 0) return result;
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    int through = atomic_load_explicit(&let_through, memory_order_relaxed);
    if (through != 0) (void)sigdelset(&all, through);
    result = pthread_attr_setstacksize(&attributes, STACK_SIZE);
    if (result == 0) result = pthread_sigmask(SIG_SETMASK, &all, &before);
    if (result == 0) {
        result = pthread_create(ret_thread, &attributes, run, user);
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    (void)pthread_attr_destroy(&attributes);
#ifdef __linux__
    if (result == 0) (void)pthread_setname_np(*ret_thread, name); /* a name is a courtesy */
#else
    (void)name;
#endif
    return result;
}
