/*
 * The writing end of a region (region.h): address space is reserved once, memory or the file's blocks follow by steps, and nothing moves.
 *
 * A file grows by fallocate(2) before its pages are touched: a full disk is a row that is not written, never a signal. No descriptor is kept, since programs close what they
 * do not know; a file is opened again to grow, and grows only if it is the same one. Adding is locked; counters are the callers'.
 */
#ifndef WTFCB_ALLOC_WRITER_H
#define WTFCB_ALLOC_WRITER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "alloc/region.h"
#include "base/spin.h"

#define WTFCB_ALLOC_REGION_MOST UINT64_C(0x40000000) /* offsets of sites, in units of 8, are kept in 27 bits */

typedef struct wtfcb_alloc_writer {
    unsigned char *base; /* NULL: closed */
    uint64_t reserved;   /* address space */
    _Atomic uint64_t size;
    wtfcb_base_spin lock;
    uint64_t filling[WTFCB_ALLOC_OBJECTS + 1]; /* by kind: the chunk that has room; 0: none */
    bool full;
    bool is_file;
    dev_t device;
    ino_t inode;
    char path[PATH_MAX];
} wtfcb_alloc_writer;

/*
 * A region of memory, or of the new file `path`. `replace`: a file that is there makes way. 0, or an errno (EEXIST).
 */
int wtfcb_alloc_writer_open(wtfcb_alloc_writer *w, const char *path, bool replace, uint32_t mode, uint64_t rate);

/* Unmap; the file stays. */
void wtfcb_alloc_writer_close(wtfcb_alloc_writer *w);

static inline wtfcb_alloc_header *wtfcb_alloc_writer_header(const wtfcb_alloc_writer *w)
{
    return (wtfcb_alloc_header *)(void *)w->base;
}

/* Offset of the new site; 0: no room. */
uint64_t wtfcb_alloc_writer_add_site(wtfcb_alloc_writer *w, const uint64_t *frames, uint32_t depth, uint32_t flags);

static inline wtfcb_alloc_site *wtfcb_alloc_writer_site(const wtfcb_alloc_writer *w, uint64_t offset)
{
    return (wtfcb_alloc_site *)(void *)(w->base + offset);
}

/* False: no room. `first_site` of the row is filled in. */
bool wtfcb_alloc_writer_add_object(wtfcb_alloc_writer *w, const wtfcb_alloc_object *object);

/* Live bytes now; written if it is time for a point. */
void wtfcb_alloc_writer_add_point(wtfcb_alloc_writer *w, uint64_t time_ns, uint64_t live_bytes);

#endif
