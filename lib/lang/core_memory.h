/*
 * Memory of the private tree-sitter core, and the brake inside a parse.
 *
 * tree-sitter takes all of its memory from a few functions and aborts the process when they fail. The private core is
 * compiled with this header included in front of it, so that its allocations are bumps of a pointer in an arena that belongs to the
 * worker, and so that they can leave a parse: when the file's budget of memory, work or time is used up, when
 * the scan is stopped, or when the caller's allocator has nothing left, the allocation does not return but jumps back to where
 * the parse was begun. Parser, stack and tree are never deleted; they vanish with the arena, which is reset as a whole.
 *
 *     switch (setjmp(*wtfcb_lang_core_begin(arena, &budget))) {
 *     case 0: ... parse, walk the tree ...; break;
 *     default: ... the reason, WTFCB_LANG_CORE_* ...
 *     }
 *     wtfcb_lang_core_end(arena);
 *
 * Between begin and end nothing may be held that only the code behind the jump would release.
 *
 * The same jump is taken when an assertion of the core or of a grammar's external scanner does not hold: both are not ours,
 * and a text that confuses them costs its own file and not the process. The core's assertions are ours (below); in a scanner
 * the function that reports a failed one is another (grammars/scanner_memory.h).
 *
 * The core's assertions also count: they stand in its innermost loops (an entry of a parse table looked up, a subtree held
 * or let go), some of which run for long while it recovers from an error, without an allocation or an operation. The one in
 * front of a search of a parse table counts for more, as that search is the only one of these that is not done at once.
 *
 * Blocks have a header of 8 bytes with their size and are aligned to 8. Sizes up to 1 KiB have a free list each, larger
 * ones one for each quarter of a power of two. Limits do not depend on what an arena was used for before: the same text
 * meets the same limit at the same step in every run, whatever the number of threads. Under the address sanitizer what is
 * no block in use is poisoned, headers included.
 */
#ifndef WTFCB_LANG_CORE_MEMORY_H
#define WTFCB_LANG_CORE_MEMORY_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <wtfcb/allocator.h>

/* Why a parse was left. */
#define WTFCB_LANG_CORE_NO_MEMORY 1
#define WTFCB_LANG_CORE_MEMORY_LIMIT 2
#define WTFCB_LANG_CORE_WORK_LIMIT 3
#define WTFCB_LANG_CORE_TIME_LIMIT 4
#define WTFCB_LANG_CORE_STOPPED 5
#define WTFCB_LANG_CORE_FAILED 6

enum {
    WTFCB_LANG_CORE_SMALL = 129, /* classes of 0 to 128 units of 8 bytes */
    WTFCB_LANG_CORE_CLASSES = WTFCB_LANG_CORE_SMALL + 4 * 32,
};

typedef struct wtfcb_lang_core_block {
    uint32_t units; /* of 8 bytes behind this header */
    uint32_t unused;
    struct wtfcb_lang_core_block *next_free; /* while in a free list; else the block's first bytes */
} wtfcb_lang_core_block;

typedef struct wtfcb_lang_core_budget {
    size_t memory;                    /* bytes */
    uint64_t work;                    /* steps: operations and allocations, large ones by size; 0: no limit */
    uint64_t time_ns;                 /* processor time of this thread; 0: no limit */
    int (*stopped)(const void *user); /* asked every few hundred steps; NULL: never stopped */
    const void *user;
} wtfcb_lang_core_budget;

typedef struct wtfcb_lang_core_arena {
    char *next; /* free space of the chunk in use: [next, end) */
    char *end;
    int32_t fuel; /* steps until the brake is looked at */
    wtfcb_lang_core_block *free_lists[WTFCB_LANG_CORE_CLASSES];
    const wtfcb_allocator *allocator; /* borrowed */
    struct wtfcb_lang_core_chunk *used;
    struct wtfcb_lang_core_chunk *spare; /* kept for the next file */
    size_t spare_count;
    size_t taken; /* bytes of the chunks in `used` */
    uint64_t work;
    uint64_t began;      /* processor time of the thread at begin */
    uint64_t look_again; /* instant of wtfcb_base_now_coarse() before which the time cannot be used up */
    wtfcb_lang_core_budget budget;
    jmp_buf escape;
} wtfcb_lang_core_arena;

void wtfcb_lang_core_init(wtfcb_lang_core_arena *arena, const wtfcb_allocator *allocator);
void wtfcb_lang_core_free(wtfcb_lang_core_arena *arena);

/* Make the arena this thread's and arm the brake; the caller calls setjmp() on what is returned. */
jmp_buf *wtfcb_lang_core_begin(wtfcb_lang_core_arena *arena, const wtfcb_lang_core_budget *budget);

/* Throw away everything allocated since begin; some chunks are kept for the next file. */
void wtfcb_lang_core_end(wtfcb_lang_core_arena *arena);

/* Account for `steps` operations that allocated nothing; jumps when the budget is used up. */
void wtfcb_lang_core_spend(wtfcb_lang_core_arena *arena, uint64_t steps);

/* Look at the brake of the arena that is this thread's, if any, in work that allocates little. May jump. */
void wtfcb_lang_core_look(void);

/* The same for the arena that is this thread's; nothing without one. */
void wtfcb_lang_core_charge(uint64_t steps);

/* Leave the parse that is under way in this thread; without one, end the process. */
_Noreturn void wtfcb_lang_core_fail(void);

/*
 * Thread-local storage by the C library's faster model where that is safe; musl refuses it in libraries that are loaded at
 * run time, and a call for each assertion would be too dear.
 */
#if defined(__GLIBC__)
#define WTFCB_LANG_CORE_TLS __attribute__((tls_model("initial-exec")))
extern __attribute__((visibility("hidden"))) _Thread_local WTFCB_LANG_CORE_TLS uint32_t wtfcb_lang_core_ticks;
#define WTFCB_LANG_CORE_TICK(ticks) ((void)(wtfcb_lang_core_ticks += (ticks)))
#else
#define WTFCB_LANG_CORE_TLS
#define WTFCB_LANG_CORE_TICK(ticks) ((void)0)
#endif

/*
 * Instead of the core's ts_assert.h, which is kept out by its include guard. What an assertion counts for is a constant to
 * the compiler: a search of a table takes as long as six other assertions and what stands between them.
 */
#define TREE_SITTER_ASSERT_H_
#define WTFCB_LANG_CORE_TICKS_IN(function) (__builtin_strcmp(function, "ts_language_table_entry") == 0 ? 6u : 1u)
#define ts_assert(condition)                                                                                           \
    (WTFCB_LANG_CORE_TICK(WTFCB_LANG_CORE_TICKS_IN(__func__)), (condition) ? (void)0 : wtfcb_lang_core_fail())

/* Out-of-line parts and the functions that external scanners of grammars are given. */
void *wtfcb_lang_core_malloc(size_t size);
void *wtfcb_lang_core_calloc(size_t count, size_t size);
void *wtfcb_lang_core_realloc(void *bytes, size_t size);
void wtfcb_lang_core_release(void *bytes);

#endif
