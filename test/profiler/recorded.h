/*
 * For tests of the recorder: a recording under a clock that stands still until it is told to go on, and what came out of it by name.
 *
 * Durations are then exact, so that tests compare numbers and not ranges.
 */
#ifndef WTFCB_TEST_PROFILER_RECORDED_H
#define WTFCB_TEST_PROFILER_RECORDED_H

#include <wtfcb/profile.h>
#include <wtfcb/zone.h>

#include "test.h"

/* Nanoseconds pass on the test's clock. */
void pass(uint64_t ns);

/* Called whenever the test's clock is read, which a zone does in the middle of its bookkeeping; NULL for nothing. */
void on_clock(void (*call)(void));

/* Start with 16 MiB; `trace` bytes a thread. With the test's clock, or with the machine's. */
void start_recording(uint64_t trace);
void start_recording_in(uint64_t memory, uint64_t trace);
void start_recording_real(uint64_t memory, uint64_t trace);

/* What there is so far; freed by the next call of either and by drop_recorded(). */
const wtfcb_profile *look(void);

/* The same, and the end of the recording. */
const wtfcb_profile *stop_recording(void);

void drop_recorded(void);

/* A frame of what came out last, by its name; count 0 and name NULL if there is none. */
wtfcb_profile_frame frame_named(const char *name);

/* The node that a path of names, "a/b/c", leads to in a thread; count 0 and frame WTFCB_PROFILE_NONE if there is none. */
wtfcb_profile_node node_at(uint32_t thread, const char *path);

/* Assert what holds for every profile: order of nodes, sums of nodes, frames and threads, order of events. */
void assert_agrees(void);

wtfcb_profile_summary summary_of_recorded(void);

#endif
