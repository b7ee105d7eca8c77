/*
 * The part of a grammar object that is ours; see grammar.h. Compiled once for each grammar with
 *
 *     WTFCB_GRAMMAR_ID      the grammar's name, as an identifier
 *     WTFCB_GRAMMAR_PARSER  the function in parser.c that returns the parser table
 *     WTFCB_GRAMMAR_DIGEST  the digest of the sources, as a string
 *
 * It also defines the four allocator pointers that an external scanner refers to when it is compiled with
 * TREE_SITTER_REUSE_ALLOCATOR, and what it calls when it cannot go on. They are hidden: each object has its own.
 */
#include "grammars/grammar.h"

#include <stdlib.h>

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define TEXT2(a) #a
#define TEXT(a) TEXT2(a)

#define HIDDEN __attribute__((visibility("hidden")))
#define EXPORTED __attribute__((visibility("default")))

const void *WTFCB_GRAMMAR_PARSER(void);

extern HIDDEN void *(*ts_current_malloc)(size_t size);
extern HIDDEN void *(*ts_current_calloc)(size_t count, size_t size);
extern HIDDEN void *(*ts_current_realloc)(void *block, size_t size);
extern HIDDEN void (*ts_current_free)(void *block);
HIDDEN _Noreturn void wtfcb_grammar_failed(void);
HIDDEN _Noreturn void wtfcb_grammar_assert_failed(const char *condition, const char *file, unsigned line,
                                                  const char *function);

void *(*ts_current_malloc)(size_t size) = malloc;
void *(*ts_current_calloc)(size_t count, size_t size) = calloc;
void *(*ts_current_realloc)(void *block, size_t size) = realloc;
void (*ts_current_free)(void *block) = free;

static int set_allocator(void *(*new_malloc)(size_t), void *(*new_calloc)(size_t, size_t),
                         void *(*new_realloc)(void *, size_t), void (*new_free)(void *))
{
    if (ts_current_malloc == new_malloc) return 1;
    if (ts_current_malloc != malloc) return 0;
    ts_current_malloc = new_malloc;
    ts_current_calloc = new_calloc;
    ts_current_realloc = new_realloc;
    ts_current_free = new_free;
    return 1;
}

static void (*on_failure)(void) = abort;

static void set_failure(void (*failed)(void))
{
    if (on_failure != failed) on_failure = failed;
}

void wtfcb_grammar_failed(void)
{
    on_failure();
    abort();
}

void wtfcb_grammar_assert_failed(const char *condition, const char *file, unsigned line, const char *function)
{
    (void)condition;
    (void)file;
    (void)line;
    (void)function;
    wtfcb_grammar_failed();
}

EXPORTED wtfcb_grammar_function JOIN(wtfcb_grammar_, WTFCB_GRAMMAR_ID);

const struct wtfcb_grammar *JOIN(wtfcb_grammar_, WTFCB_GRAMMAR_ID)(void)
{
    static const struct wtfcb_grammar grammar = {
        .size = sizeof(struct wtfcb_grammar),
        .abi = WTFCB_GRAMMAR_ABI,
        .name = TEXT(WTFCB_GRAMMAR_ID),
        .digest = WTFCB_GRAMMAR_DIGEST,
        .language = WTFCB_GRAMMAR_PARSER,
        .set_allocator = set_allocator,
        .set_failure = set_failure,
    };
    return &grammar;
}
