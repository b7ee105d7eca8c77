/* The clock of times to live. Alone in its file, so that a test can put another in its place. */
#include <time.h>

#include "cache/cache.h"

uint64_t wtfcb_cache_clock(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
