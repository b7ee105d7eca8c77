/*
 * What the parts of the symboliser know of each other: symbols.c owns it all and answers, symbols_maps.c reads maps, symbols_object.c knows the objects and
 * their files, symbols_dwarf.c asks libdw, symbols_demangle.c the C++ runtime.
 */
#ifndef WTFCB_PROFILER_SYMBOLS_PARTS_H
#define WTFCB_PROFILER_SYMBOLS_PARTS_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/hash.h"
#include "base/map.h"
#include "profiler/elf.h"
#include "profiler/symbols.h"
#include "profiler/symbols_dwarf.h"

/* ---- Objects ---- */

typedef enum wtfcb_profiler_object_kind {
    WTFCB_PROFILER_OBJECT_FILE,
    WTFCB_PROFILER_OBJECT_VDSO,
    WTFCB_PROFILER_OBJECT_NAME, /* nothing but its name is known: anonymous memory, [vsyscall] */
} wtfcb_profiler_object_kind;

/* One state of a file: while it is equal, nobody has written. */
typedef struct wtfcb_profiler_file_state {
    uint64_t device;
    uint64_t inode;
    uint64_t size;
    int64_t changed_ns;
} wtfcb_profiler_file_state;

typedef struct wtfcb_profiler_object {
    const char *path; /* in the arena */
    const char *name; /* the last part of it */
    wtfcb_profiler_object_kind kind;
    bool known;                      /* the file at `path` was the mapped one when that was noted */
    bool loaded;                     /* tables are filled as far as they can be */
    wtfcb_profiler_file_state state; /* of then */
    wtfcb_profiler_elf_head head;    /* of then */
    wtfcb_profiler_elf_table table;
    wtfcb_profiler_dwarf *dwarf; /* or NULL */
} wtfcb_profiler_object;

/* A map as /proc or the kernel's records tell it. */
typedef struct wtfcb_profiler_map_line {
    uint64_t begin;
    uint64_t end;
    uint64_t offset;
    uint64_t inode;   /* 0: not told */
    const char *path; /* "" for none; escapes undone */
    const unsigned char *build_id;
    size_t build_id_length;
    pid_t process;
} wtfcb_profiler_map_line;

/* The object of a map, made known if it is new: its number, 0 when memory has run out. */
uint32_t wtfcb_profiler_symbols_object(wtfcb_profiler_symbols *symbols, const wtfcb_profiler_map_line *line);

/* Read its symbols, once. WTFCB_OK, whatever there was; WTFCB_ENOMEM. */
wtfcb_status wtfcb_profiler_object_load(wtfcb_profiler_symbols *symbols, wtfcb_profiler_object *object);
void wtfcb_profiler_object_free(wtfcb_profiler_symbols *symbols, wtfcb_profiler_object *object);

/* ---- Maps ---- */

typedef struct wtfcb_profiler_interval {
    uint64_t begin;
    uint64_t end;
    uint64_t offset; /* in the object, of its beginning */
    uint32_t object;
    uint32_t reserved;
} wtfcb_profiler_interval;

/* The maps of a process, in order, without overlap; after a fork shared until one of the two changes them. */
typedef struct wtfcb_profiler_maps {
    uint32_t references;
    bool hashed; /* they are what /proc said, and that was `hash` */
    wtfcb_base_hash128 hash;
    wtfcb_profiler_interval *items;
    size_t count;
    size_t capacity;
} wtfcb_profiler_maps;

typedef struct wtfcb_profiler_process {
    pid_t id;
    wtfcb_profiler_maps *maps; /* NULL: none */
} wtfcb_profiler_process;

void wtfcb_profiler_maps_release(wtfcb_profiler_symbols *symbols, wtfcb_profiler_maps *maps);

/* The interval that an address is in, or NULL. */
const wtfcb_profiler_interval *wtfcb_profiler_symbols_interval(const wtfcb_profiler_symbols *symbols, pid_t process,
                                                               uint64_t address);

/* ---- The whole ---- */

typedef struct wtfcb_profiler_found {
    wtfcb_profiler_place place; /* asked for: one less than where a call returns to */
    uint32_t count;
    wtfcb_profiler_symbol functions[];
} wtfcb_profiler_found;

struct wtfcb_profiler_symbols {
    wtfcb_allocator allocator;
    wtfcb_base_arena arena;
    const char *debug_root;

    wtfcb_profiler_object **objects; /* number - 1 */
    size_t object_count;
    size_t object_capacity;
    wtfcb_base_map by_file; /* state and path */
    wtfcb_base_map by_build_id;

    wtfcb_profiler_process *processes; /* by id */
    size_t process_count;
    size_t process_capacity;
    wtfcb_base_buffer text; /* of maps, kept for the next */
    wtfcb_base_buffer key;  /* scratch */

    wtfcb_base_map by_text; /* texts that were handed out, once each */
    const char **texts;
    size_t text_count;
    size_t text_capacity;

    wtfcb_base_map by_place;
    wtfcb_profiler_found **found;
    size_t found_count;
    size_t found_capacity;
};

/* The one copy of a text; NULL when memory has run out. */
const char *wtfcb_profiler_symbols_text(wtfcb_profiler_symbols *symbols, const char *text);

#endif
