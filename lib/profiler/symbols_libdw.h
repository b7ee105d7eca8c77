/*
 * The few functions of elfutils' libdw that are asked for lines and inlined functions, as its own header declares them, so that the library is built without
 * that header and runs without that library. Their types are opaque here but for the two that callers own.
 */
#ifndef WTFCB_PROFILER_SYMBOLS_LIBDW_H
#define WTFCB_PROFILER_SYMBOLS_LIBDW_H

#include <stddef.h>
#include <stdint.h>

typedef struct wtfcb_profiler_libdw_handle wtfcb_profiler_libdw_handle; /* Dwarf */

/* Dwarf_Die */
typedef struct wtfcb_profiler_libdw_die {
    void *address;
    void *unit;
    void *abbreviation;
    long padding;
} wtfcb_profiler_libdw_die;

/* Dwarf_Attribute */
typedef struct wtfcb_profiler_libdw_attribute {
    unsigned code;
    unsigned form;
    unsigned char *value;
    void *unit;
} wtfcb_profiler_libdw_attribute;

/* Numbers of the DWARF standard. */
enum {
    WTFCB_PROFILER_TAG_CLASS = 0x02,
    WTFCB_PROFILER_TAG_LEXICAL_BLOCK = 0x0b,
    WTFCB_PROFILER_TAG_COMPILE_UNIT = 0x11,
    WTFCB_PROFILER_TAG_STRUCTURE = 0x13,
    WTFCB_PROFILER_TAG_UNION = 0x17,
    WTFCB_PROFILER_TAG_INLINED = 0x1d,
    WTFCB_PROFILER_TAG_MODULE = 0x1e,
    WTFCB_PROFILER_TAG_CATCH_BLOCK = 0x25,
    WTFCB_PROFILER_TAG_SUBPROGRAM = 0x2e,
    WTFCB_PROFILER_TAG_TRY_BLOCK = 0x32,
    WTFCB_PROFILER_TAG_NAMESPACE = 0x39,
    WTFCB_PROFILER_AT_LINKAGE_NAME = 0x6e,
    WTFCB_PROFILER_AT_MIPS_LINKAGE_NAME = 0x2007, /* the same before DWARF 4 */
};

typedef struct wtfcb_profiler_libdw {
    wtfcb_profiler_libdw_handle *(*begin)(int fd, int command); /* 0: to read */
    int (*end)(wtfcb_profiler_libdw_handle *);
    int (*nextcu)(wtfcb_profiler_libdw_handle *, uint64_t offset, uint64_t *ret_next, size_t *ret_header_size,
                  uint64_t *ret_abbreviations, uint8_t *ret_address_size, uint8_t *ret_offset_size);
    wtfcb_profiler_libdw_die *(*offdie)(wtfcb_profiler_libdw_handle *, uint64_t offset, wtfcb_profiler_libdw_die *ret);
    uint64_t (*dieoffset)(wtfcb_profiler_libdw_die *);
    int (*tag)(wtfcb_profiler_libdw_die *);
    int (*child)(wtfcb_profiler_libdw_die *, wtfcb_profiler_libdw_die *ret);     /* 0: there is one */
    int (*siblingof)(wtfcb_profiler_libdw_die *, wtfcb_profiler_libdw_die *ret); /* 0: there is one */
    ptrdiff_t (*ranges)(wtfcb_profiler_libdw_die *, ptrdiff_t offset, uint64_t *base, uint64_t *ret_begin,
                        uint64_t *ret_end);
    int (*haspc)(wtfcb_profiler_libdw_die *, uint64_t address); /* 1: yes */
    wtfcb_profiler_libdw_attribute *(*attr_integrate)(wtfcb_profiler_libdw_die *, unsigned code,
                                                      wtfcb_profiler_libdw_attribute *ret);
    const char *(*formstring)(wtfcb_profiler_libdw_attribute *);
    const char *(*diename)(wtfcb_profiler_libdw_die *);
    const char *(*decl_file)(wtfcb_profiler_libdw_die *);
    int (*decl_line)(wtfcb_profiler_libdw_die *, int *ret_line);
} wtfcb_profiler_libdw;

/* The library, loaded the first time that any thread asks and never unloaded; NULL: it is not there. */
const wtfcb_profiler_libdw *wtfcb_profiler_libdw_load(void);

#endif
