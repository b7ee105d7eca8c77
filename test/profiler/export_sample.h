/* Profiles that the tests of exporters write: small enough to compute by hand, with names that every format has to escape; and a large one. */
#ifndef WTFCB_TEST_PROFILER_EXPORT_SAMPLE_H
#define WTFCB_TEST_PROFILER_EXPORT_SAMPLE_H

#include "profiler/profile.h"

/* What a small profile has. */
enum {
    EXPORT_ZONES = 1,
    EXPORT_EVENTS = 2, /* of the thread "main" all, of the thread "worker" the last ones alone */
    EXPORT_TIMELINE = 4,
    EXPORT_SECTIONS = 8,
    EXPORT_ALLOC = 16, /* of one process: live and all; with a timeline its live bytes too */
    EXPORT_ALL = 31,
};

/* The caller frees it. The allocator is kept by the profile; NULL for libc's. */
wtfcb_profile *export_sample(const wtfcb_allocator *allocator, unsigned what);

/* `nodes` nodes below each other and beside each other in `threads` threads, `samples` samples. */
wtfcb_profile *export_sample_large(uint32_t nodes, uint32_t threads, uint32_t samples);

#endif
