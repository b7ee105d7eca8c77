/* Regions of allocations made by hand, as libwtfcb-alloc.so would write them, and something that behaves like it. */
#ifndef WTFCB_TEST_PROFILER_REGION_SAMPLE_H
#define WTFCB_TEST_PROFILER_REGION_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc/region.h"

enum { REGION_CHUNKS = 64 };

/* A region that is being made: `bytes` has `header->chunks` chunks. */
typedef struct region_sample {
    char *bytes;
    wtfcb_alloc_header *header;
    uint32_t last[WTFCB_ALLOC_OBJECTS + 1]; /* chunk of each kind that has room; 0: none */
} region_sample;

/* Figures of a site; counts are whole blocks. */
typedef struct region_figures {
    uint64_t total_bytes, total_count, freed_bytes, freed_count;
} region_figures;

/* An empty one of a process called "prog". The caller frees it. */
void region_init(region_sample *region, uint32_t mode, uint64_t process);
void region_free(region_sample *region);
size_t region_size(const region_sample *region);

/* This program as an object, and one that is not there. */
void region_add_self(region_sample *region);
void region_add_object(region_sample *region, const char *path, uint64_t begin, uint64_t end, uint64_t bias);

/* A site whose `depth` frames are right behind the addresses given, innermost first; 0: right behind nothing at all. Returns it. */
wtfcb_alloc_site *region_add_site(region_sample *region, uint32_t depth, const uintptr_t *places, uint32_t flags,
                                  region_figures figures);
void region_add_point(region_sample *region, uint64_t time_ns, uint64_t live);

/* Bytes of all sites into the header. */
void region_sum_up(region_sample *region);

void region_save(const region_sample *region, const char *path);

/* What region_control answers: the next start, sees(), the region; and what it was asked. */
extern struct region_control_state {
    int answer;
    int sees;
    region_sample *region;
    bool tracing;
    uint32_t mode;
    uint64_t rate;
    int hidden; /* of this thread alone in truth */
    uint32_t hides, starts, stops;
} region_control_state;

extern const wtfcb_alloc_control_table region_control;

/* Functions that sites may be in: their addresses and their names in a profile. */
#define REGION_PLACES 5
extern const char *const region_names[REGION_PLACES];
uintptr_t region_place(uint32_t index);

#endif
