/**
 * @file
 * `wtfcb_profile`: what a profiler recorded, or what was saved of it.
 *
 * A profile has
 *
 * - a summary: name, start, duration, processor time, what was dropped, what the recording itself cost;
 * - metrics: what the timeline samples, each with its unit and, where there is none, the reason why;
 * - tiers: the timeline at three resolutions, each a ring: the samples themselves, then one-second and ten-second roll-ups of them, so that a long
 *   recording keeps its whole course and its recent past in detail, in fixed memory;
 * - sections: phases that the program named (wtfcb_profiler_section_begin());
 * - frames: places in the program, such as the sites of zones, with what was counted there over all threads;
 * - nodes: for each thread the tree of frames inside each other, with counts and times; what flame graphs are drawn from;
 * - events: single zones with their times, if a trace was asked for.
 *
 * Times are nanoseconds since the start of the profile, durations nanoseconds, sizes bytes. ::WTFCB_UNKNOWN stands for a value that is not known.
 * Rows are copied out as far as the caller's struct reaches; what they point to lives as long as the profile.
 *
 * Threads: immutable and counted; it outlives the profiler.
 */
#ifndef WTFCB_PROFILE_H
#define WTFCB_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/export.h>
#include <wtfcb/status.h>
#include <wtfcb/system.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A profile. */
typedef struct wtfcb_profile wtfcb_profile;

/** Bytes in memory that are the process's (resident set). A gauge. */
#define WTFCB_METRIC_RSS 1
/** Its proportional share of what is shared (WTFCB_PROFILER_PSS). A gauge. */
#define WTFCB_METRIC_PSS 2
/** Processor time, user and system. A counter, ns: divided by the time of the sample it is the part of one core. */
#define WTFCB_METRIC_CPU 3
/** Times that the process waited and another ran. A counter. */
#define WTFCB_METRIC_VOLUNTARY_SWITCHES 4
/** Times that it was interrupted in favour of another. A counter. */
#define WTFCB_METRIC_INVOLUNTARY_SWITCHES 5
/** Page faults without input. A counter. */
#define WTFCB_METRIC_MINOR_FAULTS 6
/** Page faults that waited for input. A counter. */
#define WTFCB_METRIC_MAJOR_FAULTS 7
/** Bytes that reads caused to be fetched from storage. A counter. */
#define WTFCB_METRIC_STORAGE_READ 8
/** Bytes that writes caused to be sent to storage. A counter. */
#define WTFCB_METRIC_STORAGE_WRITTEN 9
/** Bytes that read calls returned, whatever from. A counter. */
#define WTFCB_METRIC_READ 10
/** Bytes that write calls took, whatever to. A counter. */
#define WTFCB_METRIC_WRITTEN 11
/** Threads of the watched processes. A gauge. */
#define WTFCB_METRIC_THREADS 12
/** Watched processes. A gauge. */
#define WTFCB_METRIC_PROCESSES 13
/** Time that some task of the cgroup, else of the machine, waited for a processor (pressure stall information). A counter, ns. */
#define WTFCB_METRIC_CPU_PRESSURE 14
/** Likewise for memory. */
#define WTFCB_METRIC_MEMORY_PRESSURE 15
/** Likewise for input and output. */
#define WTFCB_METRIC_IO_PRESSURE 16
/** Bytes charged to the cgroup. A gauge. */
#define WTFCB_METRIC_CGROUP_MEMORY 17
/** Time that the cgroup was held back by its quota. A counter, ns. */
#define WTFCB_METRIC_CGROUP_THROTTLED 18
/** Bytes that were allocated and not freed since tracing began (WTFCB_PROFILER_ALLOC), give or take some hundred KiB. A gauge. */
#define WTFCB_METRIC_LIVE 19

/** `wtfcb_profile_metric.kind`: a level, such as memory in use. */
#define WTFCB_METRIC_GAUGE 1
/** `wtfcb_profile_metric.kind`: something that adds up; a sample holds what was added in its time. */
#define WTFCB_METRIC_COUNTER 2

/** `wtfcb_profile_metric.unit`. */
#define WTFCB_METRIC_COUNT 1
/** Likewise. */
#define WTFCB_METRIC_BYTES 2
/** Likewise. */
#define WTFCB_METRIC_NS 3

/** `wtfcb_profile_values()`: of a gauge the mean over the time of the sample, of a counter the sum. */
#define WTFCB_STATISTIC_VALUE 1
/** Likewise: the least; of gauges alone. */
#define WTFCB_STATISTIC_MINIMUM 2
/** Likewise: the most; of gauges alone. */
#define WTFCB_STATISTIC_MAXIMUM 3

/** Tier: every sample, of the recent past. */
#define WTFCB_TIER_SAMPLES 0
/** Tier: one row a second. */
#define WTFCB_TIER_SECONDS 1
/** Tier: one row in ten seconds. */
#define WTFCB_TIER_TEN_SECONDS 2
/** Number of tiers. */
#define WTFCB_TIER_COUNT 3

/** `wtfcb_profile_frame.tree`, `wtfcb_profile_node.tree`: zones; values are ns. */
#define WTFCB_TREE_ZONES 1
/** Likewise: samples of processor time (WTFCB_PROFILER_CPU); `count` is samples, values are ns. Frames are functions. */
#define WTFCB_TREE_CPU 2
/** Likewise: what was allocated and not freed when the profile was made (WTFCB_PROFILER_ALLOC); `count` is blocks, values are bytes. Frames are functions. */
#define WTFCB_TREE_ALLOC_LIVE 3
/** Likewise: all that was allocated, freed or not. */
#define WTFCB_TREE_ALLOC_TOTAL 4

/** No row. */
#define WTFCB_PROFILE_NONE UINT32_MAX

/** Chosen by the ending of the file's name: see wtfcb_profile_save(). */
#define WTFCB_PROFILE_BY_NAME 0
/** JSON, all that a profile has; wtfcb_profile_load() reads it. */
#define WTFCB_PROFILE_JSON 1
/** JSON of speedscope: a weighted stack profile for each thread, or its events if there is a trace. */
#define WTFCB_PROFILE_SPEEDSCOPE 2
/** JSON of Chrome's trace viewer and Perfetto: metrics as counters, sections and events as slices. */
#define WTFCB_PROFILE_CHROME 3
/** Protocol buffer of pprof, gzipped; of each tree that there is how often and how much. */
#define WTFCB_PROFILE_PPROF 4
/**
 * One line a stack, frames joined by `;`, then a blank and microseconds or bytes: what flame-graph scripts read. Of one tree: samples of processor time if there are any, else
 * zones, else live bytes, else all bytes that were allocated.
 */
#define WTFCB_PROFILE_COLLAPSED 5
/** One page that needs nothing else: timelines, zones, flame graph. */
#define WTFCB_PROFILE_HTML 6

/** A profile in short. */
typedef struct wtfcb_profile_summary {
    const char *name;      /**< that it was started with, NUL-terminated */
    uint64_t started_ns;   /**< since 1970 */
    uint64_t duration_ns;  /**< from start to stop, or to the snapshot */
    uint64_t process;      /**< number of the watched process */
    uint64_t cores_usable; /**< of the machine, for this process */
    uint64_t cpu_ns;       /**< processor time of the watched processes; WTFCB_UNKNOWN */
    uint64_t rss_peak; /**< the most that was resident, as the kernel keeps it (VmHWM) or as was seen; WTFCB_UNKNOWN */
    uint64_t samples;  /**< taken by the timeline */
    uint64_t samples_missed;  /**< that should have been taken and were not, for want of the processor */
    uint64_t samples_dropped; /**< that made room for later ones; the roll-ups have them */
    uint64_t zones;           /**< entered and left */
    uint64_t zones_dropped;   /**< not recorded, for want of room or depth */
    uint64_t events_dropped;  /**< that made room for later ones */
    uint64_t overhead_ns; /**< processor time that the recording took: measured for the timeline, estimated for zones */
    uint32_t metric_count;  /**< rows of wtfcb_profile_metric_at() */
    uint32_t section_count; /**< likewise */
    uint32_t thread_count;  /**< likewise */
    uint32_t frame_count;   /**< likewise */
    uint32_t node_count;    /**< likewise */
    uint32_t tree_walked;   /**< 1: with the processes that the watched one started */
    uint64_t event_count;   /**< likewise */
    wtfcb_status
        zone_status; /**< WTFCB_OK, or why there are no zones: WTFCB_ENOTFOUND: not asked for; WTFCB_EUNSUPPORTED: another process */
    wtfcb_status timeline_status; /**< WTFCB_OK, or why there is no timeline: WTFCB_ENOTFOUND: not asked for */
    wtfcb_status flush_status;    /**< WTFCB_OK, or why WTFCB_PROFILER_OUTPUT could not be written the last time */
    wtfcb_status cpu_status;    /**< WTFCB_OK, or why there are no samples of processor time: WTFCB_ENOTFOUND: not asked
                                     for; WTFCB_EACCES; WTFCB_EUNSUPPORTED; WTFCB_ELIMIT; WTFCB_EBUSY */
    const char *cpu_engine;     /**< what took them: "perf", "timer", "wall" or "" */
    uint64_t cpu_samples;       /**< taken and counted */
    uint64_t cpu_lost;          /**< that should have been and were not, as far as is known */
    uint64_t cpu_unwound_short; /**< of which only the innermost function is known: code without frame pointers */
    uint32_t cpu_hz;            /**< in a second of processor time */
    wtfcb_status
        alloc_status; /**< WTFCB_OK, or why there are no allocations: WTFCB_ENOTFOUND: not asked for; WTFCB_EUNSUPPORTED: the process was
                                    not started with libwtfcb-alloc.so, or brings an allocator that it cannot see */
    const char *alloc_mode;       /**< "sampled": figures are estimates; "full": they are exact; or "" */
    uint64_t alloc_rate;          /**< mean number of bytes between two samples; 0 in full */
    uint64_t alloc_count;         /**< blocks that were allocated */
    uint64_t alloc_bytes;         /**< bytes of them */
    uint64_t alloc_live_count;    /**< blocks not freed */
    uint64_t alloc_live_bytes;    /**< bytes of them */
    uint64_t alloc_live_peak;     /**< the most bytes that were live at one time */
    uint64_t alloc_lost;          /**< blocks that were not recorded, for want of room */
    uint64_t alloc_unwound_short; /**< blocks of which not all callers are known */
    uint32_t module_count;        /**< rows of the library's own memory; 0 in a profile of another process */
    uint32_t reserved;            /**< 0 */
} wtfcb_profile_summary;

/** Something that the timeline samples. */
typedef struct wtfcb_profile_metric {
    const char *name;    /**< such as "rss", NUL-terminated */
    const char *summary; /**< a few words */
    const char *reason;  /**< why it is not available; "" if it is */
    uint32_t id;         /**< WTFCB_METRIC_* */
    uint32_t kind;       /**< WTFCB_METRIC_GAUGE or WTFCB_METRIC_COUNTER */
    uint32_t unit;       /**< WTFCB_METRIC_COUNT, WTFCB_METRIC_BYTES or WTFCB_METRIC_NS */
    wtfcb_status status; /**< WTFCB_OK, or why it is not available */
    uint64_t first;      /**< of a gauge: at the start; of a counter 0 */
    uint64_t last;       /**< of a gauge: at the end; of a counter: its sum */
    uint64_t minimum;    /**< of all samples; of a counter per sample */
    uint64_t maximum;    /**< likewise */
    uint64_t mean;       /**< of a gauge over time; of a counter per second */
} wtfcb_profile_metric;

/** A named phase. */
typedef struct wtfcb_profile_section {
    const char *name;     /**< NUL-terminated */
    uint64_t start_ns;    /**< since the start of the profile */
    uint64_t duration_ns; /**< WTFCB_UNKNOWN: was never ended */
    uint64_t cpu_ns;      /**< of the process in its time; WTFCB_UNKNOWN */
    uint64_t rss_first;   /**< at its beginning; WTFCB_UNKNOWN */
    uint64_t rss_last;    /**< at its end; WTFCB_UNKNOWN */
    uint64_t rss_peak;    /**< the most that a sample in its time saw, ends included; WTFCB_UNKNOWN */
} wtfcb_profile_section;

/** What a module of the library itself had and asked for while the profile was recorded; see wtfcb_memory_module_at(). */
typedef struct wtfcb_profile_module {
    const char *name;           /**< NUL-terminated */
    uint64_t live_bytes_first;  /**< live at the start */
    uint64_t live_bytes_last;   /**< live at the end */
    uint64_t live_blocks_first; /**< likewise */
    uint64_t live_blocks_last;  /**< likewise */
    uint64_t allocated_bytes;   /**< asked for in between */
    uint64_t allocated_blocks;  /**< likewise */
} wtfcb_profile_module;

/** A thread that ran through zones, or was sampled; threads that ended long ago may share a row. Of allocations a process: "program (process)", with id 0. */
typedef struct wtfcb_profile_thread {
    const char *name; /**< as the kernel knows it, NUL-terminated */
    uint64_t id;      /**< of the kernel; 0: a row that several share */
    uint64_t zones;   /**< entered and left */
    uint64_t dropped; /**< not recorded */
} wtfcb_profile_thread;

/** A place in the program. */
typedef struct wtfcb_profile_frame {
    const char *name;     /**< of a zone: its own; of a function without a name "object+0x1234"; NUL-terminated */
    const char *function; /**< or "" */
    const char *file;     /**< or "" */
    uint32_t line;        /**< or 0 */
    uint32_t tree;        /**< WTFCB_TREE_* */
    uint64_t count;       /**< times that it was entered and left, or samples with it innermost, in all threads */
    uint64_t total;       /**< time inside; of one inside itself the outer one counts */
    uint64_t self;        /**< the same without the zones inside */
    uint64_t minimum_ns;  /**< the shortest */
    uint64_t maximum_ns;  /**< the longest */
    uint64_t p50_ns;      /**< half were as short; within 1 %, as the others */
    uint64_t p90_ns;      /**< nine in ten were as short */
    uint64_t p95_ns;      /**< 19 in 20 were */
    uint64_t p99_ns;      /**< 99 in a hundred were */
    const char *object;   /**< of a function: base name of the file it is in; "" for zones */
} wtfcb_profile_frame;

/** A frame on a path of frames. Parents stand before their children. */
typedef struct wtfcb_profile_node {
    uint32_t tree;   /**< WTFCB_TREE_* */
    uint32_t thread; /**< index of its thread */
    uint32_t parent; /**< index of the node that it is inside of; WTFCB_PROFILE_NONE: outermost */
    uint32_t frame;  /**< index of its frame */
    uint64_t count;  /**< times; samples with it innermost */
    uint64_t total;  /**< ns or bytes, children included */
    uint64_t self;   /**< ns or bytes, without children */
} wtfcb_profile_node;

/** One time that a zone was entered and left. Events of one thread stand together, in the order in which they ended. */
typedef struct wtfcb_profile_event {
    uint64_t start_ns;    /**< since the start of the profile */
    uint64_t duration_ns; /**< until it was left */
    uint32_t thread;      /**< index of its thread */
    uint32_t frame;       /**< index of its frame */
    uint32_t depth;       /**< zones it is inside of */
    uint32_t reserved;    /**< 0 */
} wtfcb_profile_event;

/** Take another hold on a profile. Constant time. @return `profile`, which may be NULL @since 0.1 */
WTFCB_API wtfcb_profile *wtfcb_profile_ref(wtfcb_profile *profile);
/** Drop a hold; the last frees it, with all that its rows point to. Any thread. NULL is accepted. @since 0.1 */
WTFCB_API void wtfcb_profile_free(wtfcb_profile *profile);

/**
 * Copy out the summary, filled as far as `size` reaches. Constant time.
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profile_get_summary(const wtfcb_profile *profile, wtfcb_profile_summary *ret_summary,
                                                 size_t size);

/**
 * Copy out what is known of the machine that it was recorded on, filled as far as `size` reaches. Constant time.
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profile_get_system(const wtfcb_profile *profile, wtfcb_system_info *ret_info, size_t size);

/**
 * Copy out a metric's row by its index, 0 to `metric_count` - 1, filled as far as `row_size` reaches. Constant time. Every metric that this
 * version knows has a row, available or not, unless there is no timeline.
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such row; WTFCB_EINVAL: a NULL argument.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profile_metric_at(const wtfcb_profile *profile, uint64_t index,
                                               wtfcb_profile_metric *ret_row, size_t row_size);

/**
 * Ends of the samples of a tier, in order. A sample's time begins where the one before it ends, or, of the first that is kept, at
 * `*ret_start`. Constant time.
 *
 * @param tier       WTFCB_TIER_*
 * @param ret_times  `*ret_count` of them; lives as long as the profile
 * @param ret_start  may be NULL
 * @return WTFCB_OK, with a count of 0 if there is no timeline; WTFCB_ENOTFOUND: no such tier; WTFCB_EINVAL: a NULL argument.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profile_times(const wtfcb_profile *profile, uint32_t tier, const uint64_t **ret_times,
                                           uint64_t *ret_count, uint64_t *ret_start);

/**
 * Values of a metric, as many as the tier has samples; ::WTFCB_UNKNOWN where one is missing (as the processor time of the first sample of a
 * process that was found running). Constant time.
 *
 * @param metric     WTFCB_METRIC_*, not an index
 * @param statistic  WTFCB_STATISTIC_*
 * @param ret_values lives as long as the profile
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such metric, tier or statistic, or not available; WTFCB_EINVAL: a NULL argument.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profile_values(const wtfcb_profile *profile, uint32_t tier, uint32_t metric,
                                            uint32_t statistic, const uint64_t **ret_values);

/** Copy out what a module of the library had; as wtfcb_profile_metric_at(). @since 0.1 */
WTFCB_API wtfcb_status wtfcb_profile_module_at(const wtfcb_profile *profile, uint64_t index,
                                               wtfcb_profile_module *ret_row, size_t row_size);

/** Copy out a section; as wtfcb_profile_metric_at(). @since 0.1 */
WTFCB_API wtfcb_status wtfcb_profile_section_at(const wtfcb_profile *profile, uint64_t index,
                                                wtfcb_profile_section *ret_row, size_t row_size);
/** Copy out a thread; as wtfcb_profile_metric_at(). @since 0.1 */
WTFCB_API wtfcb_status wtfcb_profile_thread_at(const wtfcb_profile *profile, uint64_t index,
                                               wtfcb_profile_thread *ret_row, size_t row_size);
/** Copy out a frame; as wtfcb_profile_metric_at(). By tree, and within a tree by what it has in total, the most first. Who
 * looks for the places that allocate most themselves sorts by `self`; their stacks are the nodes with a `self`. @since 0.1 */
WTFCB_API wtfcb_status wtfcb_profile_frame_at(const wtfcb_profile *profile, uint64_t index,
                                              wtfcb_profile_frame *ret_row, size_t row_size);
/** Copy out a node; as wtfcb_profile_metric_at(). @since 0.1 */
WTFCB_API wtfcb_status wtfcb_profile_node_at(const wtfcb_profile *profile, uint64_t index, wtfcb_profile_node *ret_row,
                                             size_t row_size);
/** Copy out an event; as wtfcb_profile_metric_at(). @since 0.1 */
WTFCB_API wtfcb_status wtfcb_profile_event_at(const wtfcb_profile *profile, uint64_t index,
                                              wtfcb_profile_event *ret_row, size_t row_size);

/**
 * The duration that a part of a frame's passes did not exceed, from its histogram: within 1 %, and the shortest and the longest exactly. O(buckets).
 *
 * @param frame    index
 * @param permille 0 to 1,000: 950 is the 95th percentile
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such frame, or it was never left; WTFCB_EINVAL: a NULL argument, or more than 1,000.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profile_percentile(const wtfcb_profile *profile, uint64_t frame, uint32_t permille,
                                                uint64_t *ret_ns);

/**
 * Takes `length` bytes, at least one, which are its own only until it returns; anything but WTFCB_OK ends the writing and is its result. On the calling
 * thread.
 */
typedef wtfcb_status (*wtfcb_write_fn)(void *user, const char *bytes, size_t length);

/**
 * Write a profile through a callback, in pieces of some KiB. O(what is written); blocks as long as `write` does.
 *
 * @param format  WTFCB_PROFILE_*, not WTFCB_PROFILE_BY_NAME
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument, or no such format; WTFCB_ENOMEM; what `write` answers.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profile_write(const wtfcb_profile *profile, int32_t format, wtfcb_write_fn write,
                                           void *user);

/**
 * Write a profile to a file. Blocks until it is on the disk.
 *
 * A file is replaced whole: the new one is written beside it under a name of its own, with the mode of any new file, and then takes its name. Whoever opens
 * the name sees the old content or the new one, after a crash too; after a failure the old one. A symbolic link stays, and what it leads to is
 * replaced. What is no file (a pipe, a terminal, `/dev/stdout`) is written to as it is.
 *
 * With WTFCB_PROFILE_BY_NAME the name's ending decides: `.speedscope.json`, `.trace.json` (Chrome), `.pb.gz` (pprof), `.folded`
 * (collapsed stacks), `.html`; anything else is JSON.
 *
 * @param path       in the file system's encoding
 * @param ret_error  optional; written only on failure, except for WTFCB_EINVAL
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument, or no such format; WTFCB_ENOMEM; WTFCB_ENOTFOUND: no such directory; WTFCB_EACCES; WTFCB_ELOOP:
 *         the link leads in a ring; WTFCB_ESPECIAL: it is a directory, or a pipe that cannot be opened; WTFCB_ELIMIT: the path is too long;
 *         WTFCB_ENOSPACE; WTFCB_EREADONLY; WTFCB_EIO.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profile_save(const wtfcb_profile *profile, const char *path, int32_t format,
                                          wtfcb_error *ret_error);

/**
 * Read what wtfcb_profile_save() has written as JSON, or what libwtfcb-alloc.so has written, which its first bytes tell. Blocks; takes about 13 times the size of a JSON
 * file in memory while it reads.
 *
 * A file of allocations becomes a profile with their trees, and the course of live bytes as its timeline; what is live of a process that has ended it has leaked. It may still be
 * written to, and is read where it was written: names of functions come from the object files that it names.
 *
 * Nothing in the file is trusted: what it returns keeps every promise that a recorded profile keeps. Keys that this version does not know are passed
 * over, what is missing is unknown, empty or 0. Saved again it gives the same bytes, if this version has written it.
 *
 * @param allocator    for the profile; NULL for libc's, which serves the parser in any case
 * @param ret_profile  owned by the caller, wtfcb_profile_free(); untouched on failure
 * @param ret_error    optional; written only on failure, except for WTFCB_EINVAL
 * @return WTFCB_OK; WTFCB_EFORMAT: no JSON (`position` says where), no profile, a damaged region of allocations, one of another schema, or a value that cannot be (the message names its
 *         key); WTFCB_ELIMIT: larger than 1 GiB; WTFCB_EINVAL: a NULL argument; WTFCB_ENOMEM; WTFCB_ENOTFOUND, WTFCB_EACCES; WTFCB_ELOOP;
 *         WTFCB_ESPECIAL: no regular file; WTFCB_ECHANGED: it changed each time while it was read; WTFCB_EIO.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_profile_load(const wtfcb_allocator *allocator, const char *path,
                                          wtfcb_profile **ret_profile, wtfcb_error *ret_error);

#ifdef __cplusplus
}
#endif
#endif
