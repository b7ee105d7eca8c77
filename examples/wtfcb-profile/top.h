/* The few rows of a profile that most of its time or memory is in. */
#ifndef WTFCB_PROFILE_TOP_H
#define WTFCB_PROFILE_TOP_H

#include <stddef.h>
#include <stdint.h>

#include <wtfcb/profile.h>

enum { TOP_MOST = 10 };

/* What it points to lives as long as the profile. */
struct top_row {
    const char *name;
    const char *object;  /* "" if it is not known */
    const char *through; /* of a site: what it called to allocate, "" if that was the allocator itself */
    uint64_t self;       /* ns or bytes */
    uint64_t total;      /* of functions: with what they call */
    uint64_t count;      /* samples or blocks */
};

struct top {
    struct top_row rows[TOP_MOST]; /* the largest first */
    size_t count;
    uint64_t all; /* the sum of the whole tree */
};

/* The functions of a tree that have most by themselves. O(frames). */
void top_functions(const wtfcb_profile *profile, uint32_t tree, size_t limit, struct top *ret_top);

/*
 * The places of a tree of allocations that hold most: each block counts for the nearest caller that is not there to allocate (malloc and its like,
 * `operator new`, C++'s containers, and whatever has "alloc" in its name). O(nodes). Without memory it is empty.
 */
void top_sites(const wtfcb_profile *profile, uint32_t tree, size_t limit, struct top *ret_top);

#endif
