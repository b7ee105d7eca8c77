/*
 * Included in front of every external scanner. Some of them call libc's allocator by name instead of the ts_ macros that
 * TREE_SITTER_REUSE_ALLOCATOR redirects; such a block would stay behind when a parse is left by a jump. Here both mean
 * the four pointers that grammar.c defines.
 */
#ifndef WTFCB_GRAMMARS_SCANNER_MEMORY_H
#define WTFCB_GRAMMARS_SCANNER_MEMORY_H

#include <stdlib.h>
#include <string.h>

extern __attribute__((visibility("hidden"))) void *(*ts_current_malloc)(size_t size);
extern __attribute__((visibility("hidden"))) void *(*ts_current_calloc)(size_t count, size_t size);
extern __attribute__((visibility("hidden"))) void *(*ts_current_realloc)(void *block, size_t size);
extern __attribute__((visibility("hidden"))) void (*ts_current_free)(void *block);

#define malloc ts_current_malloc
#define calloc ts_current_calloc
#define realloc ts_current_realloc
#define free ts_current_free

#endif
