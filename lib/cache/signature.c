/* The clock that file times are compared with; see signature.h. */
#include "cache/signature.h"

#include <time.h>

int64_t wtfcb_cache_signature_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
