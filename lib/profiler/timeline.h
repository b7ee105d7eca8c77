/*
 * The timeline: samples of a process, or of a tree of processes, at an interval, in memory of a fixed size.
 *
 * Processor time, memory and faults are read with each sample; input and output and this process's threads every 200 ms, pressure, cgroup and the context switches of
 * other processes every second, each also in a sample out of turn (a stop's, a snapshot's), because their files cost more than all the rest. A gauge is WTFCB_UNKNOWN in
 * samples in between; a counter is so only until it is read again, and is then spread over the time since. Input and output of a process hold what the children
 * did that it has waited for: so the kernel counts.
 *
 * It has no thread of its own: whoever owns it calls wtfcb_profiler_timeline_sample() when it is time. One owner at a time; the profiler's lock sees to that.
 */
#ifndef WTFCB_PROFILER_TIMELINE_H
#define WTFCB_PROFILER_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <wtfcb/status.h>

#include "profiler/alloc.h"
#include "profiler/profile.h"

typedef struct wtfcb_profiler_timeline wtfcb_profiler_timeline;

typedef struct wtfcb_profiler_timeline_options {
    uint64_t interval_ns;
    uint64_t start_ns; /* instant (wtfcb_base_now()) that is 0 in the profile */
    pid_t process;     /* 0: this one */
    bool tree;         /* with all that it starts */
    bool pss;
    wtfcb_profiler_alloc *alloc; /* borrowed; NULL: allocations are not traced */
} wtfcb_profiler_timeline_options;

/* What sections need to know of a moment. WTFCB_UNKNOWN where it is not. */
typedef struct wtfcb_profiler_moment {
    uint64_t time_ns; /* since the start */
    uint64_t cpu_ns;  /* of the watched processes since the start */
    uint64_t rss;
} wtfcb_profiler_moment;

/*
 * Open the files of a process and take the first look. WTFCB_OK; WTFCB_ENOMEM; WTFCB_ENOTFOUND: no such process; WTFCB_EACCES; WTFCB_EUNSUPPORTED: no /proc.
 */
wtfcb_status wtfcb_profiler_timeline_new(const wtfcb_allocator *allocator,
                                         const wtfcb_profiler_timeline_options *options,
                                         wtfcb_profiler_timeline **ret_timeline, wtfcb_error *ret_error);
void wtfcb_profiler_timeline_free(wtfcb_profiler_timeline *timeline);

/*
 * Take a sample at the instant `now_ns` (wtfcb_base_now(); tests bring a clock of their own). False when the watched process has ended: there is
 * nothing more to sample. What it used up to its end is known until it is waited for: a parent takes the last sample before that. Never allocates,
 * but for the names of new files in a folder of allocations.
 */
bool wtfcb_profiler_timeline_sample(wtfcb_profiler_timeline *timeline, uint64_t now_ns);

/* When the next sample is due; late samples are not made up for, but counted as missed. */
uint64_t wtfcb_profiler_timeline_due(const wtfcb_profiler_timeline *timeline);

/* A cheap look (a few us) at the moment, for sections; takes no sample. */
void wtfcb_profiler_timeline_look(wtfcb_profiler_timeline *timeline, uint64_t now_ns,
                                  wtfcb_profiler_moment *ret_moment);

/* The most that was resident in any sample or look at or after `since_ns` (since the start) that is still kept; WTFCB_UNKNOWN if none is. */
uint64_t wtfcb_profiler_timeline_peak_since(const wtfcb_profiler_timeline *timeline, uint64_t since_ns);

/*
 * Metrics and tiers into a profile that is being built, and of its summary process, cpu_ns, rss_peak, samples, samples_missed, samples_dropped, tree_walked,
 * metric_count, and the timeline's own processor time (added to overhead_ns). WTFCB_OK; WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_profiler_timeline_collect(wtfcb_profiler_timeline *timeline, wtfcb_profile *profile);

/* Bytes of memory that a timeline takes, all in all; the same from its first sample to its last. */
size_t wtfcb_profiler_timeline_size(const wtfcb_profiler_timeline *timeline);

#endif
