/*
 * A profile as a recorder would have made it, for tests of what reads profiles: made by playing a short program with three threads, so that its
 * counts, times, histograms, nodes and events agree with each other. The same each time.
 *
 * Its names are what names can be: with quotes, semicolons, line breaks, `<`, other scripts, and bytes that are no UTF-8. One zone is inside itself, one
 * was entered and never left, one section has not ended, some metrics are not available, one has a gap.
 */
#ifndef WTFCB_TEST_PROFILER_SAMPLE_PROFILE_H
#define WTFCB_TEST_PROFILER_SAMPLE_PROFILE_H

#include <wtfcb/profile.h>

/* Parts that are wanted; without any, the profile is as empty as one can be. */
enum {
    SAMPLE_TIMELINE = 1, /* metrics and tiers */
    SAMPLE_ZONES = 2,    /* threads, frames, histograms, nodes */
    SAMPLE_EVENTS = 4,   /* with SAMPLE_ZONES: each pass through a zone */
    SAMPLE_SECTIONS = 8,
    SAMPLE_ALL = 15,
};

enum {
    SAMPLE_THREADS = 3,
    SAMPLE_FRAMES = 7,
    SAMPLE_SAMPLES = 200, /* rows of the first tier */
    SAMPLE_DROPPED = 50,  /* samples that made room */
};

extern const char *const sample_thread_names[SAMPLE_THREADS];

/* The profile; memory that runs out fails the test. */
wtfcb_profile *sample_profile(const wtfcb_allocator *allocator, int parts);

/* All that wtfcb_profile_write() gives, NUL-terminated; the caller frees it. */
char *sample_written(const wtfcb_profile *profile, int32_t format, size_t *ret_length);

#endif
