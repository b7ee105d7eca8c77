/*
 * Allocation through the caller's hooks. Every block in the library comes from here, and every caller handles NULL.
 * Sizes travel with blocks because the hooks are told them; nothing is stored in front of a block.
 */
#ifndef WTFCB_BASE_MEMORY_H
#define WTFCB_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include <wtfcb/allocator.h>

/* The allocator a constructor was given, or libc's when it was given none. */
wtfcb_allocator wtfcb_base_allocator(const wtfcb_allocator *given);

/* Whether a caller's allocator has all of its functions; NULL stands for libc's and is complete. */
bool wtfcb_base_allocator_valid(const wtfcb_allocator *given);

/* `size` bytes, not cleared; NULL when memory has run out. A size of 0 is an error of the caller (asserted). */
void *wtfcb_base_alloc(const wtfcb_allocator *allocator, size_t size);

/* `count * size` bytes, cleared; NULL when memory has run out or the product overflows. */
void *wtfcb_base_calloc(const wtfcb_allocator *allocator, size_t count, size_t size);

/* As realloc(3); `block` may be NULL with `old_size` 0. The old block stays valid on failure. */
void *wtfcb_base_realloc(const wtfcb_allocator *allocator, void *block, size_t old_size, size_t new_size);

/* Give a block back with the size it was asked with. NULL is accepted. */
void wtfcb_base_free(const wtfcb_allocator *allocator, void *block, size_t size);

/*
 * Make room in a growable array: afterwards `*capacity >= needed`, growing by half or more. Elements are moved, not
 * cleared. Returns false when memory has run out or the size overflows; the array is then as it was.
 *
 *     if (!wtfcb_base_reserve(a, (void **)&rows, &capacity, count + 1, sizeof *rows)) return WTFCB_ENOMEM;
 */
bool wtfcb_base_reserve(const wtfcb_allocator *allocator, void **array, size_t *capacity, size_t needed, size_t size);

#endif
