/* A reader of region files for the tests, independent of the library's: it maps a file and looks. */
#ifndef TEST_ALLOC_REGION_READ_H
#define TEST_ALLOC_REGION_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc/region.h"

typedef struct region_read {
    const unsigned char *base;
    size_t size;
    const wtfcb_alloc_header *header;
} region_read;

/* Sums over sites. */
typedef struct region_sums {
    uint64_t sites;
    uint64_t total_bytes;
    uint64_t total_count; /* units */
    uint64_t freed_bytes;
    uint64_t freed_count;
    uint64_t short_sites;
} region_sums;

/* Fails the test when it is not a whole region. */
region_read region_open(const char *path);
void region_close(region_read *region);

/* The n-th row of a kind; NULL: there are not so many. */
const wtfcb_alloc_site *region_site(const region_read *region, uint32_t n);
const wtfcb_alloc_object *region_object(const region_read *region, uint32_t n);
const uint64_t *region_frames(const region_read *region, const wtfcb_alloc_site *site);

region_sums region_sum(const region_read *region);

/* Of the sites whose stack holds an address in [begin, end). */
region_sums region_sum_under(const region_read *region, uint64_t begin, uint64_t end);

#endif
