/*
 * The contract between the library and a grammar object.
 *
 * A grammar object is one tree-sitter parser, its external scanner if it has one, and grammar.c, built together into
 * <name>.so (loaded on first use) or libwtfcb-grammar-<name>.a (for static programs). It exports one function,
 * wtfcb_grammar_<name>(), which returns the struct below; everything else in it is local, so any number of grammars and
 * a host program's own tree-sitter can live in one process.
 *
 * The struct only ever grows at its end. A reader checks `abi` for equality and `size` before it touches a member that a
 * later version added. Everything it points to is immutable and lives as long as the object is mapped.
 */
#ifndef WTFCB_GRAMMARS_GRAMMAR_H
#define WTFCB_GRAMMARS_GRAMMAR_H

#include <stddef.h>
#include <stdint.h>

/* Changes only when an object built for one value cannot be used through the other. */
#define WTFCB_GRAMMAR_ABI 1

/* Name of the exported function: this prefix and the grammar's name. */
#define WTFCB_GRAMMAR_PREFIX "wtfcb_grammar_"

struct wtfcb_grammar {
    uint32_t size;      /* sizeof(struct wtfcb_grammar) of the object */
    uint32_t abi;       /* WTFCB_GRAMMAR_ABI of the object */
    const char *name;   /* "c", "python", ...: what the object's file is named after */
    const char *digest; /* hex SHA-256 of the sources the object was built from; part of every cache key */

    /* The parser table: a `const TSLanguage *`, kept untyped here so that this header needs no tree-sitter. */
    const void *(*language)(void);

    /*
     * Where the external scanner takes its memory from; libc until called. Applies to the whole object and is set once,
     * before the first parse, all four functions together. Asked again with the same functions it does nothing; with
     * others (a second copy of the library in one process) it refuses. Calls must not run at once. 1: set; 0: refused.
     */
    int (*set_allocator)(void *(*new_malloc)(size_t), void *(*new_calloc)(size_t, size_t),
                         void *(*new_realloc)(void *, size_t), void (*new_free)(void *));

    /*
     * What the external scanner calls when it cannot go on: an assertion does not hold, or its state outgrows what the
     * core has room for. Must not return; abort() until set. Set together with the allocator, under the same rules.
     */
    void (*set_failure)(void (*failed)(void));
};

typedef const struct wtfcb_grammar *wtfcb_grammar_function(void);

#endif
