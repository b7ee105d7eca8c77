/*
 * What the profiler wants of an ELF file: where its segments are, its build id, and its functions by address.
 *
 * Files are input like any other, and may change or shrink while they are read: everything is read into memory of ours, of no more than the file's size and
 * a bound, and each number in it is checked before it is used. 64 bits and the byte order of this machine; others are WTFCB_EFORMAT.
 */
#ifndef WTFCB_PROFILER_ELF_H
#define WTFCB_PROFILER_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

enum {
    WTFCB_PROFILER_ELF_SEGMENTS = 12, /* that are loaded; more are not known */
    WTFCB_PROFILER_ELF_BUILD_ID = 32, /* bytes; a longer one is none */
    WTFCB_PROFILER_ELF_LINK = 128,
};

/* What is read from: an open file, or memory if `bytes` is set. */
typedef struct wtfcb_profiler_elf_source {
    const unsigned char *bytes; /* borrowed */
    uint64_t size;
    int fd;
} wtfcb_profiler_elf_source;

typedef struct wtfcb_profiler_elf_segment {
    uint64_t offset; /* in the file */
    uint64_t size;
    uint64_t address; /* that symbols count by */
    bool executable;
} wtfcb_profiler_elf_segment;

typedef struct wtfcb_profiler_elf_head {
    uint32_t segment_count;
    uint32_t build_id_length; /* 0: it has none */
    wtfcb_profiler_elf_segment segments[WTFCB_PROFILER_ELF_SEGMENTS];
    unsigned char build_id[WTFCB_PROFILER_ELF_BUILD_ID];
} wtfcb_profiler_elf_head;

/* A table of symbols and the names that belong to it. */
typedef struct wtfcb_profiler_elf_section {
    uint64_t offset;
    uint64_t size; /* 0: there is none */
    uint64_t names_offset;
    uint64_t names_size;
} wtfcb_profiler_elf_section;

typedef struct wtfcb_profiler_elf_parts {
    wtfcb_profiler_elf_section symbols;       /* .symtab */
    wtfcb_profiler_elf_section dynamic;       /* .dynsym */
    bool debug_info;                          /* there is DWARF */
    char debug_link[WTFCB_PROFILER_ELF_LINK]; /* name of the file that has what was stripped, or "" */
    uint32_t build_id_length; /* as its sections have it: files of stripped parts have nothing but those */
    unsigned char build_id[WTFCB_PROFILER_ELF_BUILD_ID];
} wtfcb_profiler_elf_parts;

typedef struct wtfcb_profiler_elf_symbol {
    uint64_t address;
    uint64_t size;
    uint32_t name; /* in the names */
    uint32_t rank; /* among names of one address: the lowest is kept */
} wtfcb_profiler_elf_symbol;

/* Functions by address, one for each. */
typedef struct wtfcb_profiler_elf_table {
    wtfcb_profiler_elf_symbol *symbols;
    size_t count;
    size_t capacity;
    char *names; /* NUL behind the last */
    size_t names_size;
} wtfcb_profiler_elf_table;

/* Segments and build id: three reads at most in a common file, no memory. WTFCB_OK; WTFCB_EFORMAT: no such file. */
wtfcb_status wtfcb_profiler_elf_head_read(const wtfcb_profiler_elf_source *source, wtfcb_profiler_elf_head *ret_head);

/* What its sections are. WTFCB_OK, also if it has none; WTFCB_EFORMAT; WTFCB_ENOMEM. */
wtfcb_status wtfcb_profiler_elf_parts_read(const wtfcb_allocator *allocator, const wtfcb_profiler_elf_source *source,
                                           wtfcb_profiler_elf_parts *ret_parts);

/* The functions of a section, sorted. WTFCB_OK, also if there are none; WTFCB_EFORMAT; WTFCB_ENOMEM: `ret_table` is then empty. */
wtfcb_status wtfcb_profiler_elf_table_read(const wtfcb_allocator *allocator, const wtfcb_profiler_elf_source *source,
                                           const wtfcb_profiler_elf_section *section,
                                           wtfcb_profiler_elf_table *ret_table);
void wtfcb_profiler_elf_table_free(const wtfcb_allocator *allocator, wtfcb_profiler_elf_table *table);

/* The function that an address is in, or NULL. O(log n). */
const wtfcb_profiler_elf_symbol *wtfcb_profiler_elf_table_find(const wtfcb_profiler_elf_table *table, uint64_t address);

/* The address that symbols count by, of a place in the file. False: it is in no segment. */
bool wtfcb_profiler_elf_address(const wtfcb_profiler_elf_head *head, uint64_t offset, uint64_t *ret_address);

/* Bytes [offset, offset + size) of a source; false: it has not got them. */
bool wtfcb_profiler_elf_read(const wtfcb_profiler_elf_source *source, uint64_t offset, void *bytes, size_t size);

/* The build id among the notes in `bytes`, 4 or 8 being what they are aligned to. Its length, 0: there is none. */
uint32_t wtfcb_profiler_elf_build_id(const unsigned char *bytes, size_t size, size_t align,
                                     unsigned char *ret_build_id);

#endif
