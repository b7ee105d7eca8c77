/*
 * Parsers that were not built with us: objects that the tree-sitter CLI makes.
 *
 * Their external scanners take memory from libc, which knows nothing of our arena: when a parse ends, or is left by a
 * jump, the arena is thrown away and with it the only pointer to what the scanner holds. So the parser table is copied,
 * with a function of ours in the place of the one that creates the scanner's state; it notes the state for the thread,
 * and the end of the parse destroys it. What remains with such objects: what a scanner takes is not counted against
 * the file's memory limit, a block that it held in local variables alone when the parse was cut is lost, and an
 * assertion that fails in it ends the process.
 */
#ifndef WTFCB_LANG_FOREIGN_H
#define WTFCB_LANG_FOREIGN_H

#include <tree_sitter/api.h>

#include "base/arena.h"

/* The copy, in the arena; `language` itself if it has no external scanner. NULL when memory has run out. */
const TSLanguage *wtfcb_lang_foreign_wrap(wtfcb_base_arena *arena, const TSLanguage *language);

/* Around every parse with such a table, in the thread that parses; not nested. */
void wtfcb_lang_foreign_begin(const TSLanguage *language);
void wtfcb_lang_foreign_end(void);

#endif
