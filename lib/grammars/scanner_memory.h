/*
 * Included in front of every external scanner. Some of them call libc's allocator by name instead of the ts_ macros that
 * TREE_SITTER_REUSE_ALLOCATOR redirects; such a block would stay behind when a parse is left by a jump. Here both mean
 * the four pointers that grammar.c defines.
 *
 * An assertion of theirs that does not hold must cost one file and not the process: the function that libc's assert()
 * calls, which has the same name in glibc and musl, is another one here.
 */
#ifndef WTFCB_GRAMMARS_SCANNER_MEMORY_H
#define WTFCB_GRAMMARS_SCANNER_MEMORY_H

#define __assert_fail wtfcb_grammar_assert_failed

#include <stdlib.h>
#include <string.h>

extern __attribute__((visibility("hidden"))) void *(*ts_current_malloc)(size_t size);
extern __attribute__((visibility("hidden"))) void *(*ts_current_calloc)(size_t count, size_t size);
extern __attribute__((visibility("hidden"))) void *(*ts_current_realloc)(void *block, size_t size);
extern __attribute__((visibility("hidden"))) void (*ts_current_free)(void *block);

#define abort wtfcb_grammar_failed
__attribute__((visibility("hidden"), noreturn)) void wtfcb_grammar_failed(void);

/* Swift's scanner asks for no element of its state and uses one; libc happens to give enough. */
static inline void *wtfcb_grammar_calloc(size_t count, size_t size)
{
    return ts_current_calloc(count ? count : 1, size);
}

#define malloc ts_current_malloc
#define calloc wtfcb_grammar_calloc
#define realloc ts_current_realloc
#define free ts_current_free

#endif
