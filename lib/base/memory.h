/*
 * Allocation through the caller's hooks. Every block in the library comes from here, and every caller handles NULL.
 * Sizes travel with blocks because the hooks are told them; nothing is stored in front of a block.
 */
#ifndef WTFCB_BASE_MEMORY_H
#define WTFCB_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/memory.h>

/*
 * Modules in the order of the public rows. The Makefile tells each source the name of its folder, and so what it asks for is counted for its module.
 * Containers of this module remember whom they were made by, and their memory is that module's.
 */
enum {
    wtfcb_base_module_base,
    wtfcb_base_module_pool,
    wtfcb_base_module_profiler,
    wtfcb_base_module_cache,
    wtfcb_base_module_lang,
    wtfcb_base_module_scanner,
    wtfcb_base_module_benchmark,
    WTFCB_BASE_MODULES,
};

#ifndef WTFCB_BASE_FOLDER
#define WTFCB_BASE_FOLDER base /* tests */
#endif
#define WTFCB_BASE_MODULE_JOIN(folder) wtfcb_base_module_##folder
#define WTFCB_BASE_MODULE_OF(folder) WTFCB_BASE_MODULE_JOIN(folder)
#define WTFCB_BASE_MODULE ((uint32_t)WTFCB_BASE_MODULE_OF(WTFCB_BASE_FOLDER))

/* The allocator a constructor was given, or libc's when it was given none. */
wtfcb_allocator wtfcb_base_allocator(const wtfcb_allocator *given);

/* Whether a caller's allocator has all of its functions; NULL stands for libc's and is complete. */
bool wtfcb_base_allocator_valid(const wtfcb_allocator *given);

/* As the functions below without _for, counted for a module. A block is given back for the module that it was asked for. */
void *wtfcb_base_alloc_for(const wtfcb_allocator *allocator, size_t size, uint32_t module);
void *wtfcb_base_calloc_for(const wtfcb_allocator *allocator, size_t count, size_t size, uint32_t module);
void *wtfcb_base_realloc_for(const wtfcb_allocator *allocator, void *block, size_t old_size, size_t new_size,
                             uint32_t module);
void wtfcb_base_free_for(const wtfcb_allocator *allocator, void *block, size_t size, uint32_t module);
bool wtfcb_base_reserve_for(const wtfcb_allocator *allocator, void **array, size_t *capacity, size_t needed,
                            size_t size, uint32_t module);

/* Blocks change hands. */
void wtfcb_base_memory_move(uint32_t from, uint32_t to, uint64_t blocks, uint64_t bytes);

/* `size` bytes, not cleared; NULL when memory has run out. A size of 0 is an error of the caller (asserted). */
static inline void *wtfcb_base_alloc(const wtfcb_allocator *allocator, size_t size)
{
    return wtfcb_base_alloc_for(allocator, size, WTFCB_BASE_MODULE);
}

/* `count * size` bytes, cleared; NULL when memory has run out or the product overflows. */
static inline void *wtfcb_base_calloc(const wtfcb_allocator *allocator, size_t count, size_t size)
{
    return wtfcb_base_calloc_for(allocator, count, size, WTFCB_BASE_MODULE);
}

/* As realloc(3); `block` may be NULL with `old_size` 0. The old block stays valid on failure. */
static inline void *wtfcb_base_realloc(const wtfcb_allocator *allocator, void *block, size_t old_size, size_t new_size)
{
    return wtfcb_base_realloc_for(allocator, block, old_size, new_size, WTFCB_BASE_MODULE);
}

/* Give a block back with the size it was asked with. NULL is accepted. */
static inline void wtfcb_base_free(const wtfcb_allocator *allocator, void *block, size_t size)
{
    wtfcb_base_free_for(allocator, block, size, WTFCB_BASE_MODULE);
}

/*
 * Make room in a growable array: afterwards `*capacity >= needed`, growing by half or more. Elements are moved, not
 * cleared. Returns false when memory has run out or the size overflows; the array is then as it was.
 *
 *     if (!wtfcb_base_reserve(a, (void **)&rows, &capacity, count + 1, sizeof *rows)) return WTFCB_ENOMEM;
 */
static inline bool wtfcb_base_reserve(const wtfcb_allocator *allocator, void **array, size_t *capacity, size_t needed,
                                      size_t size)
{
    return wtfcb_base_reserve_for(allocator, array, capacity, needed, size, WTFCB_BASE_MODULE);
}

#endif
