/* Time; see clock.h. */
#include "base/clock.h"

#include <time.h>

static uint64_t read_clock(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now); /* cannot fail for these clocks */
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t wtfcb_base_now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t wtfcb_base_now_coarse(void)
{
#ifdef CLOCK_MONOTONIC_COARSE
    return read_clock(CLOCK_MONOTONIC_COARSE);
#else
    return read_clock(CLOCK_MONOTONIC);
#endif
}

uint64_t wtfcb_base_thread_time(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}
