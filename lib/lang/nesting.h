/*
 * How deep the brackets of a text nest: an estimate that costs less than a hundredth of a parse, made before it.
 *
 * Parsers take time and memory that grow faster than the nesting; a text of nothing but open brackets is the cheapest
 * way to make them slow.
 */
#ifndef WTFCB_LANG_NESTING_H
#define WTFCB_LANG_NESTING_H

#include <stddef.h>
#include <stdint.h>

/*
 * The deepest nesting of (, [ and { in a text of any language, those in strings and comments included. A closing bracket
 * of any kind ends one level; those without an opening one count for nothing, which is settled at each 64th
 * byte. Stops at the first nesting above `enough`. The same on every machine.
 */
uint64_t wtfcb_lang_nesting(const char *text, size_t length, uint64_t enough);

#endif
