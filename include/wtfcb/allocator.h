/**
 * @file
 * The caller's own allocator.
 *
 * Every root constructor (`wtfcb_scanner_new()`, `wtfcb_languages_new()`) takes an optional ::wtfcb_allocator. It serves
 * all memory that hangs from that handle, the parser's included, and must outlive the handle and whatever the handle
 * made. Pass NULL for libc's `malloc`.
 */
#ifndef WTFCB_ALLOCATOR_H
#define WTFCB_ALLOCATOR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Four functions and their argument. The struct is copied by the constructor; all members must be set.
 *
 * The functions are called from the caller's thread and from worker threads, several at once: they must lock as libc's
 * do. They must not call back into the handle. Sizes are never 0, and the size that is handed to `realloc` and `free` is the
 * one that the block was asked with. Blocks must be aligned for any type (16 bytes on 64-bit machines). A NULL answer
 * is reported as ::WTFCB_ENOMEM.
 */
typedef struct wtfcb_allocator {
    void *user; /**< handed to each function */
    void *(*alloc)(void *user, size_t size);
    void *(*realloc)(void *user, void *block, size_t old_size, size_t new_size);
    void (*free)(void *user, void *block, size_t size);
} wtfcb_allocator;

#ifdef __cplusplus
}
#endif
#endif
