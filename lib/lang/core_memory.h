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
 * and a text that confuses them costs its own file and not the process. They are compiled with the function that reports
 * a failed assertion renamed.
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
    uint64_t work;                    /* steps: allocations and operations of the parser; 0: no limit */
    uint64_t time_ns;                 /* processor time of this thread; 0: no limit */
    int (*stopped)(const void *user); /* asked every few hundred steps; NULL: never stopped */
    const void *user;
} wtfcb_lang_core_budget;

typedef struct wtfcb_lang_core_arena {
    char *next; /* free space of the chunk in use: [next, end) */
    char *end;
    int32_t fuel; /* allocations until the brake is looked at */
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

/* Leave the parse that is under way in this thread; without one, end the process. */
_Noreturn void wtfcb_lang_core_fail(void);

/* What the core has in place of libc's __assert_fail(). */
_Noreturn void wtfcb_lang_core_assert_failed(const char *condition, const char *file, unsigned line,
                                             const char *function);

/* Out-of-line parts and the functions that external scanners of grammars are given. */
void *wtfcb_lang_core_malloc(size_t size);
void *wtfcb_lang_core_calloc(size_t count, size_t size);
void *wtfcb_lang_core_realloc(void *bytes, size_t size);
void wtfcb_lang_core_release(void *bytes);

#endif
