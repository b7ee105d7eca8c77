/* Reading a profile from a text, for the loader and for tests. */
#ifndef WTFCB_PROFILER_PROFILE_LOAD_H
#define WTFCB_PROFILER_PROFILE_LOAD_H

#include <stddef.h>

#include <wtfcb/profile.h>

/* As wtfcb_profile_load(), of what stood in the file `path`. */
wtfcb_status wtfcb_profiler_profile_parse(const wtfcb_allocator *allocator, const char *path, const char *text,
                                          size_t length, wtfcb_profile **ret_profile, wtfcb_error *ret_error);

#endif
