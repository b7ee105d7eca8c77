/* Reading a set from a text, for the loader and for tests. */
#ifndef WTFCB_PROFILER_PROFILE_SET_FILE_H
#define WTFCB_PROFILER_PROFILE_SET_FILE_H

#include <stddef.h>

#include <wtfcb/profile_set.h>

/* As wtfcb_profile_set_load(), of what stood in the file `path`. */
wtfcb_status wtfcb_profiler_set_parse(const wtfcb_allocator *allocator, const char *path, const char *text,
                                      size_t length, wtfcb_profile_set **ret_set, wtfcb_error *ret_error);

#endif
