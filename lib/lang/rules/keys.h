/*
 * Keys of data languages (JSON, YAML, TOML): which of them are symbols. Shared by rules_{json,yaml,toml}.c.
 *
 * A key is a symbol when it shows how a file is built, not when it is one of its data:
 *
 *   length of the file       levels of keys that are symbols
 *   up to 256 KiB            3
 *   up to 2 MiB              2
 *   more                     1
 *
 * Nothing inside a list is one, nothing in a map with more than 1,000 keys, and nothing in a file with more than 1,000
 * documents or tables. So a file of 2 MiB and more has at most 1,000 keys for each of its documents, and 10 MB of data never
 * become a million symbols. Long files with syntax errors have none in what could not be parsed: its levels are unknown.
 *
 * A key whose value is a map is a module, any other a property. All are public.
 */
#ifndef WTFCB_LANG_RULES_KEYS_H
#define WTFCB_LANG_RULES_KEYS_H

#include "lang/rules/table.h"

/* Define a key in the range of `node`; says what `node` opens. `map`: the value if that is a map, else a null node. */
void wtfcb_lang_rules_key(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, TSNode map);

/* Whether a node (a map, or a whole file) has too many children for its keys to be symbols. */
bool wtfcb_lang_rules_key_crowd(TSNode node);

#endif
