/**
 * @file
 * The library's own memory by module: how much each has now and has ever asked for.
 *
 * Every block that the library asks an allocator for, libc's or a caller's, is counted for the module whose code asked for it, always, in all handles of
 * the process together: a few nanoseconds a block, no lock, no memory of its own. Memory that is mapped is not a block: the database of the cache, the
 * rings and tables of a recording. Neither is what other libraries ask for by themselves (LMDB, libdw, the host program).
 *
 * When all handles, snapshots and other objects of the library have been freed, nothing is live in any module, but what the process keeps until it ends.
 */
#ifndef WTFCB_MEMORY_H
#define WTFCB_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include <wtfcb/export.h>
#include <wtfcb/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a module has. Numbers of one row are of nearly one moment while other threads are at work, and exact when none is. */
typedef struct wtfcb_memory_module {
    const char *name;          /**< "base", "pool", "profiler", "cache", "lang", "scanner" or "benchmark"; a constant */
    uint64_t live_bytes;       /**< asked for and not given back, as asked for: without what the allocator adds */
    uint64_t live_blocks;      /**< likewise */
    uint64_t allocated_bytes;  /**< asked for since the process began; a block that grows counts by what it grew */
    uint64_t allocated_blocks; /**< likewise; a block that grows or shrinks is not another one */
} wtfcb_memory_module;

/**
 * How many modules there are. Names and their order stay; later versions may add some behind them.
 *
 * Any thread; O(1).
 *
 * @since 0.1
 */
WTFCB_API uint32_t wtfcb_memory_module_count(void);

/**
 * What one module has now.
 *
 * Any thread, also in a child of fork(), which has its parent's blocks; takes no lock and allocates nothing; less than a microsecond.
 *
 * @param index    from 0 to wtfcb_memory_module_count() - 1
 * @param ret_row  written as far as `size` goes, and 0 behind what this version knows
 * @param size     `sizeof *ret_row`
 * @return WTFCB_OK; WTFCB_ENOTFOUND: there is no such module; WTFCB_EINVAL: nowhere to write
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_memory_module_at(uint32_t index, wtfcb_memory_module *ret_row, size_t size);

#ifdef __cplusplus
}
#endif
#endif
