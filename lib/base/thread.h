/* Threads that bother nobody: every signal blocked, 8 MiB of stack, a name. */
#ifndef WTFCB_BASE_THREAD_H
#define WTFCB_BASE_THREAD_H

#include <pthread.h>

/* As pthread_create(); returns 0 or an errno. `name` is at most 15 bytes. */
int wtfcb_base_thread_start(pthread_t *ret_thread, const char *name, void *(*run)(void *), void *user);

/* Threads that are started from now on have this signal not blocked; 0: none again. For a profiler that samples by a signal, while it does. Any thread. */
void wtfcb_base_thread_let_through(int signal_number);

#endif
