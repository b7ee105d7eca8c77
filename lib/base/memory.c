/*
 * The one place where memory is asked for. libc's functions stand behind the same hooks as a caller's, so that there is
 * one path to test: the allocation-failure tests install hooks that fail on demand.
 */
#include "base/memory.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *libc_alloc(void *user, size_t size)
{
    (void)user;
    return malloc(size);
}

static void *libc_realloc(void *user, void *block, size_t old_size, size_t new_size)
{
    (void)user;
    (void)old_size;
    return realloc(block, new_size);
}

static void libc_free(void *user, void *block, size_t size)
{
    (void)user;
    (void)size;
    free(block);
}

wtfcb_allocator wtfcb_base_allocator(const wtfcb_allocator *given)
{
    return given ? *given : (wtfcb_allocator){NULL, libc_alloc, libc_realloc, libc_free};
}

bool wtfcb_base_allocator_valid(const wtfcb_allocator *given)
{
    return !given || (given->alloc && given->realloc && given->free);
}

void *wtfcb_base_alloc(const wtfcb_allocator *allocator, size_t size)
{
    assert(size > 0);
    return allocator->alloc(allocator->user, size);
}

void *wtfcb_base_calloc(const wtfcb_allocator *allocator, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
    void *block = wtfcb_base_alloc(allocator, bytes);
    if (block) memset(block, 0, bytes);
    return block;
}

void *wtfcb_base_realloc(const wtfcb_allocator *allocator, void *block, size_t old_size, size_t new_size)
{
    assert(new_size > 0 && !block == !old_size);
    if (!block) return wtfcb_base_alloc(allocator, new_size);
    return allocator->realloc(allocator->user, block, old_size, new_size);
}

void wtfcb_base_free(const wtfcb_allocator *allocator, void *block, size_t size)
{
    if (block) allocator->free(allocator->user, block, size);
}

bool wtfcb_base_reserve(const wtfcb_allocator *allocator, void **array, size_t *capacity, size_t needed, size_t size)
{
    if (needed <= *capacity) return true;
    size_t grown = *capacity + *capacity / 2 + 8;
    if (grown < needed) grown = needed;
    size_t bytes;
    if (__builtin_mul_overflow(grown, size, &bytes)) return false;
    void *moved = wtfcb_base_realloc(allocator, *array, *capacity * size, bytes);
    if (!moved) return false;
    *array = moved;
    *capacity = grown;
    return true;
}
