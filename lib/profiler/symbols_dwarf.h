/*
 * Functions and what is inlined into them, of one file's DWARF. Units are listed by address when a file is opened, a unit's functions when one of them is
 * asked for first. One owner.
 */
#ifndef WTFCB_PROFILER_SYMBOLS_DWARF_H
#define WTFCB_PROFILER_SYMBOLS_DWARF_H

#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

#include "profiler/symbols.h"

typedef struct wtfcb_profiler_dwarf wtfcb_profiler_dwarf;

/* Texts live as long as the file is open. */
typedef struct wtfcb_profiler_frame {
    const char *name; /* as the linker knows it, where it does */
    const char *file; /* or "" */
    uint32_t line;    /* that it is declared at, or 0 */
} wtfcb_profiler_frame;

/* Open a file with DWARF, given open; the descriptor stays the caller's. WTFCB_OK, `*ret_dwarf` NULL if there is no libdw or no DWARF; WTFCB_ENOMEM. */
wtfcb_status wtfcb_profiler_dwarf_open(const wtfcb_allocator *allocator, int fd, wtfcb_profiler_dwarf **ret_dwarf);
void wtfcb_profiler_dwarf_free(wtfcb_profiler_dwarf *dwarf);

/* What is at an address, the outermost function first; none: `*ret_count` is 0. Of more than there is room for, the innermost. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_profiler_dwarf_find(wtfcb_profiler_dwarf *dwarf, uint64_t address,
                                       wtfcb_profiler_frame frames[WTFCB_PROFILER_MOST_INLINED], uint32_t *ret_count);

#endif
