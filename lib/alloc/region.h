/*
 * What libwtfcb-alloc.so writes and the profiler reads: a region of memory, of this process or the pages of a file, that grows by chunks and is never
 * rewritten.
 *
 * Chunk 0 is the header. Every chunk is WTFCB_ALLOC_CHUNK bytes and begins with a wtfcb_alloc_chunk; `chunks` of the header says how many there are. Rows are
 * appended: a row is whole before `count` of its chunk tells of it (release, acquire); only counters change afterwards, each by one atomic addition, so that
 * a reader, who may be another process, sees a sum of whole allocations, give or take those under way. A reader trusts nothing: every
 * number is checked against the size of what it has mapped.
 *
 * Sampled figures are estimates when they are added: a block of s bytes that was hit counts 1 / (1 - exp(-s / rate)) times. Counts of blocks are in units of
 * 1 / WTFCB_ALLOC_COUNT_UNIT, in full too.
 *
 * Little-endian, and of one machine: a file is read where it was written.
 */
#ifndef WTFCB_ALLOC_REGION_H
#define WTFCB_ALLOC_REGION_H

#include <stdatomic.h>
#include <stdint.h>

#define WTFCB_ALLOC_MAGIC UINT64_C(0x314c414243465457) /* "WTFCBAL1" */

enum {
    WTFCB_ALLOC_CHUNK = 65536,
    WTFCB_ALLOC_COUNT_UNIT = 256,
    WTFCB_ALLOC_MOST_FRAMES =
        128,                   /* innermost ones of a stack; what is further out is cut off, and the site is marked */
    WTFCB_ALLOC_COURSE = 2048, /* points of the course */
};

/* `wtfcb_alloc_chunk.kind` */
enum {
    WTFCB_ALLOC_HEADER = 1,
    WTFCB_ALLOC_SITES = 2,
    WTFCB_ALLOC_FRAMES = 3, /* addresses of 8 bytes: stacks, innermost first */
    WTFCB_ALLOC_OBJECTS = 4,
};

/* `wtfcb_alloc_header.mode` */
enum {
    WTFCB_ALLOC_MODE_IDLE = 0,
    WTFCB_ALLOC_MODE_SAMPLED = 1,
    WTFCB_ALLOC_MODE_FULL = 2,
};

typedef struct wtfcb_alloc_chunk {
    uint32_t kind;
    _Atomic uint32_t count; /* rows that are whole */
} wtfcb_alloc_chunk;

/* A place that allocates, with its callers. Two sites differ in their stacks. */
typedef struct wtfcb_alloc_site {
    uint64_t
        frames; /* offset in the region of `depth` addresses, each but the first where a call returns to; within one chunk */
    uint32_t depth; /* at least 1: the first is the address in the caller of malloc that the call returns to, too */
    uint32_t flags; /* WTFCB_ALLOC_SITE_* */
    _Atomic uint64_t total_bytes;
    _Atomic uint64_t total_count;
    _Atomic uint64_t freed_bytes; /* live is total - freed; read freed first, so that it is not negative */
    _Atomic uint64_t freed_count;
} wtfcb_alloc_site;

enum {
    WTFCB_ALLOC_SITE_SHORT = 1, /* callers are missing: no way to unwind further */
    WTFCB_ALLOC_SITE_CUT = 2,   /* callers are missing: deeper than WTFCB_ALLOC_MOST_FRAMES */
};

/* An object file that addresses of frames lie in. One that was unloaded stays; where two overlap the later one is meant by later sites. */
typedef struct wtfcb_alloc_object {
    uint64_t begin; /* of its mapped memory */
    uint64_t end;
    uint64_t bias;       /* address in memory - address in the file's symbols */
    uint32_t first_site; /* number of sites there were when it was noted */
    uint32_t id_length;  /* of `build_id`; 0: none */
    unsigned char build_id[32];
    char path[448]; /* NUL-terminated; cut */
} wtfcb_alloc_object;

/* Live bytes at a time. */
typedef struct wtfcb_alloc_point {
    uint64_t time_ns; /* since `started_ns` of the header */
    uint64_t live_bytes;
} wtfcb_alloc_point;

typedef struct wtfcb_alloc_header {
    wtfcb_alloc_chunk chunk; /* `count` is 1 */
    uint64_t magic;
    uint32_t version; /* 1 */
    uint32_t size;    /* of this struct */
    uint64_t process;
    uint64_t started_ns;      /* CLOCK_MONOTONIC */
    uint64_t started_real_ns; /* the same, since 1970 */
    uint64_t rate;            /* mean bytes between two samples; 0 in full */
    _Atomic uint32_t mode;    /* WTFCB_ALLOC_MODE_* now; `last_mode` is that of the figures */
    uint32_t last_mode;
    _Atomic uint32_t chunks;
    _Atomic uint32_t sites;    /* of all chunks */
    _Atomic uint64_t ended_ns; /* since `started_ns`, of the process or of the tracing; 0: not yet */
    _Atomic uint64_t lost;     /* blocks without room */
    _Atomic uint64_t
        total_bytes; /* of all sites; sums that a reader can have without a walk, at most a few hundred KiB behind in full */
    _Atomic uint64_t freed_bytes;
    _Atomic uint64_t live_peak;
    char program[256]; /* base name */
    _Atomic uint32_t
        course_count; /* points; when the array is full every other one goes, and from then on half as many come */
    uint32_t reserved;
    wtfcb_alloc_point course[WTFCB_ALLOC_COURSE];
} wtfcb_alloc_header;

/*
 * What libwtfcb-alloc.so exports as `wtfcb_alloc_control`, for the library in the same process to find with dlsym(3). Functions are called by one thread at a
 * time, answer 0 or an errno, and allocate nothing.
 */
typedef struct wtfcb_alloc_control_table {
    uint32_t version; /* 1 */
    uint32_t size;    /* of this struct */
    /* Begin in a new region: of anonymous memory, or if `path` is not NULL of that file. EBUSY: it is tracing, by WTFCB_ALLOC or a call; EINVAL; ENOMEM; what opening answers.
     * `seed` 0: one of its own. */
    int (*start)(uint32_t mode, uint64_t rate, uint64_t seed, const char *path);
    /* Stop; the region stays as it is until the next start. EINVAL: nothing to stop. */
    int (*stop)(void);
    /* The region of what is traced or was last; NULL: there is none. Valid until the start after the next stop. */
    const void *(*region)(uint64_t *ret_size);
    /* 1: malloc of this process is the one that is watched (a program can bring its own). */
    int (*sees)(void);
    /* Blocks that this thread allocates are left out while the count is above 0: +1, -1. */
    void (*hide)(int delta);
} wtfcb_alloc_control_table;

#endif
