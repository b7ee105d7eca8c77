/*
 * Object files in memory: which one an address lies in, and what is said of it in a region. Allocates nothing; takes no lock where the C library has _dl_find_object
 * (glibc 2.35), else the dynamic linker's.
 */
#ifndef WTFCB_ALLOC_OBJECTS_H
#define WTFCB_ALLOC_OBJECTS_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc/cfi.h"
#include "alloc/writer.h"

typedef struct wtfcb_alloc_mapped {
    uint64_t begin;
    uint64_t end;
    uint64_t bias;
    uint64_t header;         /* .eh_frame_hdr; 0: none */
    const char *name;        /* as the dynamic linker has it: "" is the program */
    const ElfW(Phdr) * rows; /* program headers */
    size_t row_count;
} wtfcb_alloc_mapped;

/* The object that `address` lies in; false: none. */
bool wtfcb_alloc_objects_find(uint64_t address, wtfcb_alloc_mapped *ret_mapped);

/* The bytes around its call frame information that are there to be read. */
wtfcb_alloc_image wtfcb_alloc_objects_image(const wtfcb_alloc_mapped *mapped);

/* See that the region tells of it. No lock may be held. */
void wtfcb_alloc_objects_note(wtfcb_alloc_writer *w, const wtfcb_alloc_mapped *mapped);

/* How many times an object took the place of another: equal addresses from before and after that are different stacks. */
uint64_t wtfcb_alloc_objects_replaced(void);

/* Objects may have gone and others come: what is known is compared again. */
void wtfcb_alloc_objects_doubt(void);

/* Of a new region nothing is known. Nobody notes meanwhile. */
void wtfcb_alloc_objects_clear(void);

#endif
