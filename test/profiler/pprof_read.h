/* Reads pprof's protocol buffer as far as the tests need it: made from profile.proto, not from the writer. */
#ifndef WTFCB_TEST_PROFILER_PPROF_READ_H
#define WTFCB_TEST_PROFILER_PPROF_READ_H

#include <stddef.h>

/* The whole profile as lines of text, to compare and to look at. The caller frees it. Fails the test on what is no profile. */
char *pprof_read(const void *gzipped, size_t length);

#endif
