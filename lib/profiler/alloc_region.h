/*
 * A copy of what libwtfcb-alloc.so has written (alloc/region.h), of this process's memory or of a file, taken while the writer goes on, and checked: nothing in it is
 * trusted. A file is read and never mapped, so that one that is cut meanwhile is an error and no signal.
 *
 * Sites are copied first and twice, what was freed and then what was allocated, so that nothing that is live is negative; stacks and objects, which are there
 * before the sites that name them, are copied afterwards.
 */
#ifndef WTFCB_PROFILER_ALLOC_REGION_H
#define WTFCB_PROFILER_ALLOC_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

#include "alloc/region.h"

/* Chunks that are read of one region: 1 GiB; a larger one is WTFCB_ELIMIT. */
enum { WTFCB_PROFILER_REGION_CHUNKS = 16384 };

/* Ending of the names of files that hold a region. */
#define WTFCB_PROFILER_REGION_ENDING ".wtfcb-alloc"

/* What is copied from: memory, which is aligned as a region is, or a file. */
typedef struct wtfcb_profiler_region_source {
    const void *memory; /* borrowed; NULL: the file */
    uint64_t size;      /* of the memory */
    int fd;
} wtfcb_profiler_region_source;

/* The figures of a header that change; sums may be somewhat behind those of the sites. */
typedef struct wtfcb_profiler_region_now {
    uint64_t process;
    uint64_t started_ns;
    uint64_t ended_ns; /* 0: not yet */
    uint64_t live_bytes;
} wtfcb_profiler_region_now;

typedef struct wtfcb_profiler_region {
    const wtfcb_allocator *allocator; /* borrowed */
    wtfcb_alloc_header *header;       /* a copy, of the chunk's size; `program` ends, `course_count` is in bounds */
    char **chunks;                    /* copies; NULL: of a kind that is not known, or the header */
    size_t count;
    size_t capacity;
    const wtfcb_alloc_object **objects; /* in the order in which they were noted; paths end */
    size_t object_count;
    size_t object_capacity;
} wtfcb_profiler_region;

/* One site. `frames` lives as long as the region. */
typedef struct wtfcb_profiler_region_site {
    const uint64_t *frames; /* innermost first; where calls return to */
    uint32_t depth;         /* at least 1 */
    uint32_t flags;         /* WTFCB_ALLOC_SITE_* */
    uint64_t total_bytes;   /* all four are below 2^63 */
    uint64_t total_count;   /* in units */
    uint64_t live_bytes;
    uint64_t live_count;
} wtfcb_profiler_region_site;

/* Where a walk over all sites is; starts with zeros. */
typedef struct wtfcb_profiler_region_cursor {
    size_t chunk;
    uint32_t row;
    uint32_t number; /* of the next site */
} wtfcb_profiler_region_cursor;

/* Whether bytes of a file, at least 16 of them, are the beginning of a region. */
bool wtfcb_profiler_region_is(const void *bytes, size_t length);

/*
 * Copy a region. WTFCB_OK; WTFCB_EFORMAT: it is none, or it is damaged (`*ret_wrong` says how); WTFCB_ELIMIT: too large; WTFCB_ENOMEM. `ret_region` is to be freed in any case.
 */
wtfcb_status wtfcb_profiler_region_load(const wtfcb_allocator *allocator, const wtfcb_profiler_region_source *source,
                                        wtfcb_profiler_region *ret_region, const char **ret_wrong);
void wtfcb_profiler_region_free(wtfcb_profiler_region *region);

/* The next site. WTFCB_OK; WTFCB_ENOTFOUND: that was the last one; WTFCB_EFORMAT: its stack is not in the region, or a figure cannot be. */
wtfcb_status wtfcb_profiler_region_next(const wtfcb_profiler_region *region, wtfcb_profiler_region_cursor *cursor,
                                        wtfcb_profiler_region_site *ret_site);

/* What the header says now: one read of some bytes. False: it is no region (yet). */
bool wtfcb_profiler_region_look(const wtfcb_profiler_region_source *source, wtfcb_profiler_region_now *ret_now);

#endif
