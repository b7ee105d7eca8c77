/*
 * The recorder behind zones: one a process.
 *
 * Start and stop are the profiler's; wtfcb_zone_enter() and wtfcb_zone_leave() (zone.h) are everybody's. Memory is mapped at the first start and stays, type-stable:
 * a thread that was inside a zone when the recorder stopped may still write to its own counters, and finds out at its next zone.
 *
 * Any thread may call these; they wait for each other. None may be called in a signal handler.
 */
#ifndef WTFCB_PROFILER_RECORDER_H
#define WTFCB_PROFILER_RECORDER_H

#include <stdint.h>

#include <wtfcb/status.h>

#include "profiler/profile.h"

/*
 * Begin to record zones, with `memory` bytes for everything and rings of `trace` bytes a thread (0: none). `*ret_start` is the instant
 * (wtfcb_base_now()) that the times of events count from. Less than about 1.5 MiB is taken for that. A child of fork() may start whatever its parent records.
 *
 * WTFCB_OK; WTFCB_EBUSY: it is recording; WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_profiler_recorder_start(uint64_t memory, uint64_t trace, uint64_t *ret_start);

/*
 * What was recorded since the start into a profile that is being built: threads, frames, histograms, nodes, events, and of its summary zones,
 * zones_dropped, events_dropped, the counts of these rows, and the zones' part of overhead_ns (added). While recording goes on or after
 * it has stopped, until the next start: who may meet another recorder's start collects before he stops. WTFCB_OK; WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_profiler_recorder_collect(wtfcb_profile *profile);

/* End the recording. By whoever has started it, once. */
void wtfcb_profiler_recorder_stop(void);

/* "tsc" or "clock_gettime": what zones are measured with here. */
const char *wtfcb_profiler_recorder_clock(void);

#endif
