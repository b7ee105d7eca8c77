/* Monotonic time in nanoseconds, and the instants that deadlines are made of. */
#ifndef WTFCB_BASE_CLOCK_H
#define WTFCB_BASE_CLOCK_H

#include <stdint.h>

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t wtfcb_base_now(void);

/* The same clock, a few ns to read and a scheduler tick old at most; for checks inside hot loops. */
uint64_t wtfcb_base_now_coarse(void);

/* Nanoseconds of processor time that the calling thread has used; a system call. */
uint64_t wtfcb_base_thread_time(void);

#endif
