/*
 * Macros that stand where a grammar has no place for one: attributes in the head of a class, behind a list of
 * parameters, in front of a declaration, macros that open a namespace. A parser that reads blanks in their place sees
 * the declarations around them; offsets, lines and everything else stay the same, and the text itself is not changed.
 *
 * What is hidden is told from the words around it (see macros.c), never from a whole program: a word in capitals that
 * may be a type, a value or a call stays. Directives, comments and literals are not looked into.
 */
#ifndef WTFCB_LANG_MACROS_H
#define WTFCB_LANG_MACROS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/allocator.h>

typedef struct wtfcb_lang_hidden {
    uint32_t start;
    uint32_t end;
} wtfcb_lang_hidden;

/* Ranges in the order of the text, apart from each other; reused from file to file. Starts as all zero. */
typedef struct wtfcb_lang_macros {
    wtfcb_lang_hidden *ranges;
    size_t count;
    size_t capacity;
} wtfcb_lang_macros;

/* Find what to hide in C++. O(length), no recursion. False when memory has run out; the ranges are then of no use. */
bool wtfcb_lang_macros_find(wtfcb_lang_macros *macros, const wtfcb_allocator *allocator, const char *text,
                            uint32_t length);

void wtfcb_lang_macros_free(wtfcb_lang_macros *macros, const wtfcb_allocator *allocator);

/* The piece of text that a parser reads at an offset: up to the next hidden range, or blanks up to the end of one. */
const char *wtfcb_lang_macros_read(const wtfcb_lang_macros *macros, const char *text, uint32_t length, uint32_t byte,
                                   uint32_t *ret_length);

#endif
