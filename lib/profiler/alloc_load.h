/* A profile from what libwtfcb-alloc.so has written, for who did not watch the process. */
#ifndef WTFCB_PROFILER_ALLOC_LOAD_H
#define WTFCB_PROFILER_ALLOC_LOAD_H

#include <wtfcb/profile.h>

#include "profiler/alloc_region.h"

/*
 * Summary, both trees, and the course of live bytes as a timeline. `path` is for messages. WTFCB_OK; WTFCB_EFORMAT: it is none, or damaged; WTFCB_ELIMIT: too large;
 * WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_profiler_alloc_load(const wtfcb_allocator *allocator, const char *path,
                                       const wtfcb_profiler_region_source *source, wtfcb_profile **ret_profile,
                                       wtfcb_error *ret_error);

#endif
