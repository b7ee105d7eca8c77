/*
 * From addresses to functions: which object a sample's address lies in, and what is there.
 *
 * While samples are taken only the maps of the processes are noted (wtfcb_profiler_symbols_map()), and of each new file its headers; symbols are read when a profile
 * is made. They are those of the file that was mapped, by its build id, else by its inode, size and time, and of the debug file with the same build id. libdw, loaded when it
 * is there, adds lines and inlined functions. What has no symbol is "object+0x1234", by the address that the object's own symbols count by (or, where its headers
 * are not known, by the place in the file). Memory that no file stands behind is "[anon]", all of it one place.
 *
 * All memory comes from the allocator, but for what libdw and the C++ runtime's demangler take for themselves from libc.
 *
 * One owner; nothing here is called in a signal handler.
 */
#ifndef WTFCB_PROFILER_SYMBOLS_H
#define WTFCB_PROFILER_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

typedef struct wtfcb_profiler_symbols wtfcb_profiler_symbols;

/* A function that an address belongs to. Texts live as long as the symbols; equal texts are equal pointers. */
typedef struct wtfcb_profiler_symbol {
    const char *name;   /* demangled where it is known how; "object+0x1234" */
    const char *object; /* base name of the object file, "[vdso]", "[unknown]" */
    const char *file;   /* or "" */
    uint32_t line;      /* of the function, or 0 */
    bool inlined;       /* into the next one of the list */
} wtfcb_profiler_symbol;

enum { WTFCB_PROFILER_MOST_INLINED = 16 };

wtfcb_status wtfcb_profiler_symbols_new(const wtfcb_allocator *allocator, wtfcb_profiler_symbols **ret_symbols);
void wtfcb_profiler_symbols_free(wtfcb_profiler_symbols *symbols);

/*
 * Note the executable maps of a process as they are now (/proc/PID/maps), in place of what was noted of it. Cheap when none of them has changed: one read of the text. Paths are
 * looked for where this process sees them; a file whose inode is not the one that is mapped is not used. WTFCB_OK; WTFCB_ENOTFOUND: it is not there any more, and what was noted
 * stays; WTFCB_EACCES; WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_profiler_symbols_map(wtfcb_profiler_symbols *symbols, pid_t process);

/*
 * Note one map, as a record of the kernel tells it, over those that were there. The build id is NULL where it is not told, and then read from the file.
 * WTFCB_OK; WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_profiler_symbols_add_map(wtfcb_profiler_symbols *symbols, pid_t process, uint64_t begin,
                                            uint64_t end, uint64_t offset, const char *path,
                                            const unsigned char *build_id, size_t build_id_length);

/*
 * A process begins with the maps of its parent (fork: they are shared until one of the two changes them), or with none (exec; also for one that has ended, whose
 * memory it gives back). WTFCB_OK; WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_profiler_symbols_fork(wtfcb_profiler_symbols *symbols, pid_t parent, pid_t child);
void wtfcb_profiler_symbols_exec(wtfcb_profiler_symbols *symbols, pid_t process);

/* Where files with what was stripped are, instead of /usr/lib/debug; before anything is found. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_profiler_symbols_set_debug_root(wtfcb_profiler_symbols *symbols, const char *path);

/*
 * An address of a process as something that stays meaningful when the process is gone: an object (0: unknown) and an offset in its file. The same
 * code in several processes is the same object and offset.
 */
typedef struct wtfcb_profiler_place {
    uint32_t object;
    uint64_t offset;
} wtfcb_profiler_place;
wtfcb_profiler_place wtfcb_profiler_symbols_place(const wtfcb_profiler_symbols *symbols, pid_t process,
                                                  uint64_t address);

/*
 * The same for who knows an object by other means than maps: its number, by path and build id (NULL: none), 0 when memory has run out; and the place of an address that its symbols count
 * by. What has no path of a file is known by its name.
 */
uint32_t wtfcb_profiler_symbols_add_object(wtfcb_profiler_symbols *symbols, const char *path,
                                           const unsigned char *build_id, size_t build_id_length);
wtfcb_profiler_place wtfcb_profiler_symbols_place_in(const wtfcb_profiler_symbols *symbols, uint32_t object,
                                                     uint64_t address);

/*
 * What is at a place: the innermost function first, then those it is inlined into; at least one. `is_return`: the address is where a call returns to, and
 * the call itself is meant. Remembered, so that asking again costs a lookup. Returns the number, 0 when memory has run out.
 */
uint32_t wtfcb_profiler_symbols_find(wtfcb_profiler_symbols *symbols, wtfcb_profiler_place place, bool is_return,
                                     const wtfcb_profiler_symbol **ret_functions);

#endif
